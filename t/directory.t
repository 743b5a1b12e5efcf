# The directory and what httpd itself answers below it.
use strict; use warnings FATAL => 'all';
use QW; use Test::More;

my $c = QW->new;
my $r = $c->get(QW::base() . '/acme/directory');
is($r->code, 200, 'DIR-01 the directory is there');
like($r->header('Content-Type'), qr{^application/json}, 'DIR-01 as JSON');
for my $name (qw(newNonce newAccount newOrder revokeCert keyChange renewalInfo)) {
    like($r->{json}{$name}, qr{^https://localhost:\d+/acme/}, "DIR-01 it names $name");
}
my $meta = $r->{json}{meta};
ok($meta->{externalAccountRequired}, 'DIR-02 an external account is required');
like($meta->{termsOfService}, qr{^https://}, 'DIR-02 terms of service by https');
is_deeply($meta->{caaIdentities}, ['ca.test'], 'DIR-02 CAA identities');
ok($meta->{website}, 'DIR-02 website');
is(ref $meta->{profiles}, 'HASH', 'DIR-02 profiles with a description each');

$r = $c->get(QW::base() . '/acme/directory', Host => 'evil.example');
unlike($r->content, qr/evil/, 'DIR-07 the Host header makes no URL');
$r = $c->get(QW::base() . '/acme/directory', 'X-Forwarded-Host' => 'evil.example',
    'X-Forwarded-Proto' => 'http');
unlike($r->content, qr/evil|http:/, 'DIR-08 nor does a forwarding header');
is($c->get(QW::base() . '/acme/directory')->content,
    $c->get(QW::base() . '/acme/directory')->content, 'DIR-09 it is stable');

for my $name (qw(newAccount newOrder revokeCert keyChange)) {
    $r = $c->get($c->url($name));
    QW::is_problem($r, 405, 'malformed', "DIR-10 GET on $name");
    is($r->header('Allow'), 'POST', "DIR-10 GET on $name names POST");
}
for my $method (qw(HEAD PUT DELETE PATCH)) {
    $r = $c->send($method, $c->url('newOrder'), $method eq 'HEAD' ? undef : '{}');
    is($r->code, 405, "DIR-11 $method on newOrder");
}
for my $path ('nothing', 'order', 'order/', 'acct/../x') {
    $r = $c->get(QW::base() . "/acme/$path");
    ok($r->code == 404 || $r->code == 405, "DIR-13 $path is not there") or diag $r->as_string;
    like($r->header('Content-Type'), qr{problem\+json}, "DIR-13 $path: as a problem document");
}
for my $path ('%00', 'order%2fx', '..%2f..%2fx', '%c0%ae%c0%ae/') {
    $r = $c->get(QW::base() . "/acme/$path");
    ok($r->code == 404 || $r->code == 400, "DIR-14 $path reaches nothing") or diag $r->as_string;
}
done_testing();
