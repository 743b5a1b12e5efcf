# Download of certificates.
use strict; use warnings FATAL => 'all';
use QW; use Test::More;

my $c = QW->registered;
my $r = $c->order('crt.shop.test');
my $at = $r->header('Location');
$c->prove($r);
$r = $c->finalize($at, $c->csr(['crt.shop.test']));
my $url = $r->{json}{certificate};

$r = $c->post($url);
QW::is_fine($r, 200, 'CRT-01 the certificate is served');
is($r->header('Content-Type'), 'application/pem-certificate-chain', 'CRT-01 as a PEM chain');
my @pems = $r->content =~ /(-----BEGIN CERTIFICATE-----\n.*?-----END CERTIFICATE-----\n)/sg;
is(join('', @pems), $r->content, 'CRT-09 nothing but certificates in it');
ok(@pems >= 2, 'CRT-01 the leaf and its issuer');
my $dir = QW::bed();
open my $f, '>', "$dir/crt-$$.pem" or die;
print $f $r->content;
close $f;
like(`openssl x509 -in $dir/crt-$$.pem -noout -ext subjectAltName`, qr/crt\.shop\.test/, 'CRT-01 the leaf is first');
unlike($r->content, qr/\r/, 'CRT-09 line ends are LF');
ok(!(grep { length > 64 } map { split /\n/ } @pems), 'CRT-09 lines have 64 columns');
like($r->content, qr/\n\z/, 'CRT-09 and the last one ends');
{
    open my $out, '>', "$dir/issuer-$$.pem" or die;
    print $out $pems[-1];
    close $out;
    my $text = `openssl x509 -in $dir/issuer-$$.pem -noout -subject -issuer`;
    my ($subject, $issuer) = $text =~ /subject=(.*)\nissuer=(.*)\n/;
    isnt($subject, $issuer, 'CRT-01 no root');
}
ok(!(grep { /rel="alternate"/ } $r->header('Link')), 'CRT-04 no alternate where none is configured');
is($c->post($url)->content, $r->content, 'CRT-01 it is the same each time');

$r = $c->post($url, undef, headers => [Accept => 'application/pkix-cert']);
ok($r->code == 200 || $r->code == 406, 'CRT-03 another form: PEM or 406') or diag $r->as_string;
for my $index (99, -1, 'abc') {
    $r = $c->post("$url/$index");
    ok($r->code == 404 || $r->code == 400, "CRT-05 chain $index is not there") or diag $r->as_string;
}
my $other = QW->registered;
my $foreign = $other->post($url);
QW::is_problem($foreign, 404, 'malformed', 'CRT-06 a foreign certificate is not there');
(my $unknown = $url) =~ s/[^\/]+$/AAAAAAAAAAAAAAAAAAAAAA/;
$r = $other->post($unknown);
QW::is_problem($r, 404, 'malformed', 'CRT-07 nor is an unknown one');
is($r->content, $foreign->content, 'CRT-06 CRT-07 and they look the same');
QW::is_problem($c->get($url), 405, 'malformed', 'DIR-10 GET on a certificate');
done_testing();
