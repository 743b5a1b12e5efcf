# An operator opens the account of production in the test authority too, and is its
# operator there, with a passkey and KeyIDs of that place.
use strict; use warnings FATAL => 'all';
use QW; use QW::Passkey; use Test::More;

my $account = QW->new_external('place.test');
my $from = QW::ctl('account', 'show', $account);
my $olga = QW::Person->invited("Olga P $$", 'operator', $account);
my $anne = QW::Person->invited("Anne P $$", 'officer');
$_->login for $olga, $anne;
my @other = ('--authority', 'other');
sub refused { my ($r, $status, $name) = @_; is($r->code, $status, $name) or diag $r->decoded_content }

# ---- where to -------------------------------------------------------------------------
my $page = $olga->get("account/$from->{id}")->decoded_content;
like($page, qr{name="to" value="other"}, 'the test authority is offered');
like($page, qr{/other/directory}, 'with its directory');
unlike($page, qr{name="to" value="test"}, 'not the one where the account is');
unlike($anne->get("account/$from->{id}")->decoded_content, qr{name="to"}, 'not to an officer');
refused($anne->change($from->{id}, 'account.copy', to => 'other'), 403, 'nor can an officer do it');
refused($olga->change($from->{id}, 'account.copy', to => 'test'), 400, 'not to where it is');
refused($olga->change($from->{id}, 'account.copy', to => 'none'), 400, 'not to nowhere');

# ---- there ------------------------------------------------------------------------------
my $r = $olga->change($from->{id}, 'account.copy', to => 'other');
refused($r, 200, 'the account is opened there');
my ($token) = $r->decoded_content =~ m{/portal-other/invite#([\w-]{43})};
my ($secret) = $r->decoded_content =~ m{<dd><code>([A-Z2-9]{4}(?:-[A-Z2-9]{4})+)</code>};
ok($token && $secret, 'with an invitation to its portal') or diag $r->decoded_content;
my $to = QW::ctl('account', 'show', $account, @other) or diag $QW::ctl_text;
is_deeply($to->{identity}, $from->{identity}, 'the same identity');
is_deeply([map { $_->{name} } @{ QW::ctl('domain', 'list', $account, @other) }],
    [map { $_->{name} } @{ QW::ctl('domain', 'list', $account) }], 'the same domains');
is(scalar @{ QW::ctl('binding', 'list', $account, @other) }, 0, 'no KeyID');
my $there = QW::Person->new(place => 'portal-other', invitation => { link => "#$token", secret => $secret });
is($there->accept->code, 303, 'the operator registers a passkey there');
is($there->login->code, 303, 'and enters');
$r = $there->change($to->{id}, 'binding.create', uses => 1, days => 3);
like($r->decoded_content, qr{/other/directory}, 'a KeyID of that place is shown') or diag $r->decoded_content;
refused($olga->change($from->{id}, 'account.copy', to => 'other'), 409, 'once only');

# ---- a namesake ----------------------------------------------------------------------------
my $second = QW->new_external('place2.test');
my $id = QW::ctl('account', 'show', $second)->{id};
QW::ctl('operator', 'invite', $account, "Nina P $$", '--mail', 'nina@elsewhere.test', @other) or die $QW::ctl_text;
my $nina = QW::Person->invited("Nina P $$", 'operator', $second);
$nina->login;
refused($nina->change($id, 'account.copy', to => 'other'), 409, 'somebody else of the same name does not get it');
ok(!QW::ctl('account', 'show', $second, @other), 'and nothing was made');

done_testing();
