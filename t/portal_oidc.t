# The portal behind mod_auth_openidc and an OpenID provider: invitation, login, a change
# that is confirmed by logging in again with a higher acr, and what goes wrong with it.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use QW::Oidc; use QW::Passkey; use Test::More;

# A browser at the portal: it has cookies, follows redirects, and after another site has
# been on the way it brings none that are SameSite=Strict.
package Browser;
use parent -norequire, 'QW::Person';
use HTTP::Request ();
use URI ();

sub once {
    my ($self, $method, $url, $form, $strict) = @_;
    my $request = HTTP::Request->new($method => $url, [Accept => 'text/html']);
    if ($form) {
        $request->header('Content-Type' => 'application/x-www-form-urlencoded', Origin => QW::base());
        $request->content(join '&', map { "$_=" . URI::Escape::uri_escape_utf8($form->{$_}) } sort keys %$form);
    }
    my $jar = $self->{jar} ||= {};
    $request->header(Cookie => join '; ', map { "$_=$jar->{$_}" } grep { $strict || !/^__Host-qwacme/ } sort keys %$jar)
        if index($url, QW::base() . '/') == 0;
    my $r = $self->{ua}->request($request);
    for ($r->header('Set-Cookie')) {
        my ($name, $value, $rest) = /^([^=]+)=([^;]*)(.*)/ or next;
        $rest =~ /Max-Age=0|expires=Thu, 01.Jan.1970/i || $value eq '' ? delete $jar->{$name} : ($jar->{$name} = $value);
    }
    return $r;
}

sub send {
    my ($self, $method, $path, $form) = @_;
    my $url = $path =~ m{^https?:} ? $path : $path =~ m{^/} ? QW::base() . $path : QW::base() . "/portal/$path";
    my ($strict, $r) = 1;
    for (1 .. 8) {
        $r = $self->once($method, $url, $form, $strict);
        last unless $r->code =~ /^30[237]$/;
        ($method, $form, $url) = ('GET', undef, URI->new_abs($r->header('Location'), $url)->as_string);
        $strict &&= index($url, QW::base() . '/') == 0;
    }
    $self->{url} = $url;
    return $r;
}

sub login { $_[0]->post('login', {}) }

package main;

plan skip_all => 'no mod_auth_openidc' unless QW::Oidc->is_there;
my $home = QW::Oidc->bed('portal-oidc', 17600);
sub who { QW::Oidc->who($home, @_) }
who(sub => 'olga');
$home->start;

my $ours = QW->new_external('ours.test');
my $id = QW::ctl('account', 'show', $ours)->{id};
sub names { join ' ', map { $_->{name} } @{ QW::ctl('domain', 'list', $ours) } }
my $olga = Browser->invited('Olga', 'operator', $ours, wait => 1);
$olga->get('login');
is($olga->login->code, 403, 'who is at the provider, but not invited, does not enter');
my $r = $olga->post('invite', { $olga->secrets });
like($r->decoded_content, qr/OIDC_CLAIM_sub=olga/, 'the provider\'s subject is shown');
my ($fields) = $olga->form($r, 'register');
is($olga->post('register', $fields)->code, 200, 'and bound') or diag $r->as_string;
like($olga->login->decoded_content, qr/\Q$ours\E/, 'login');

$r = $olga->propose($id, 'domain.add', name => 'new.test');
my ($link) = $r->decoded_content =~ m{href="(/portal/oidc\?[^"]*)"};
ok($link, 'a change leads to the provider') or diag $r->as_string;
$link =~ s/&amp;/&/g;
my ($shown) = $link =~ /return%2F([\w-]{22})/;
unlike($olga->get("confirm/$shown")->decoded_content, qr/action="[^"]*sign"/, 'without it there is no button');
$r = $olga->get($link);
is($olga->{url}, QW::base() . "/portal/return/$shown", 'there and back');
my ($next) = $r->decoded_content =~ m{content="0; url=([^"]*)"};
is($next, "/portal/confirm/$shown", 'and on, for the cookie does not come along from another site');
$r = $olga->get($next);
($fields) = $olga->form($r, 'sign');
ok($fields->{confirmation}, 'now there is a button') or diag $r->as_string;
is($olga->post('sign', $fields)->code, 200, 'which confirms');
like(names(), qr/new\.test/, 'the change is made');
my ($action) = @{ QW::ctl('action', 'list', $ours) };
is($action->{proof}{variables}{OIDC_CLAIM_acr}, 'high', 'with the acr of the second login as evidence');

# That login was for that change.
$r = $olga->propose($id, 'domain.add', name => 'more.test');
($shown) = $r->decoded_content =~ /return%2F([\w-]{22})/;
unlike($olga->get("confirm/$shown")->decoded_content, qr/action="[^"]*sign"/, 'the next change needs a login of its own');
is($olga->post('sign', { %$fields, confirmation => $shown, action => $fields->{action} =~ s/new/more/r })->code, 403, 'and is not confirmed without');
unlike(names(), qr/more\.test/, 'nor made');

# Somebody else logs in at the provider, in Olga's browser.
who(sub => 'mallory');
($link) = $r->decoded_content =~ m{href="(/portal/oidc\?[^"]*)"};
$olga->get($link =~ s/&amp;/&/gr);
my $stolen = $olga->{jar}{'__Host-qwacme'};
unlike($olga->get("confirm/$shown")->decoded_content, qr/action="[^"]*sign"/, 'another subject does not confirm');
is($home->value("SELECT count(*) FROM qw_session"), 0, 'and ends the session');
ok($stolen, 'which was there');
is($olga->login->code, 403, 'nor does it enter');
done_testing();
