# An account of production as a new one of the test authority. On a bed of its own.
use strict; use warnings FATAL => 'all';
use JSON::PP (); use QW; use QW::Bed; use Test::More;

my $home = QW::Bed->new('copy', 16600);
$home->start;
# httpd serves the test authority; qwacmectl sees production beside it.
$home->configure(sub {
    my ($test) = /(<QwacmeAuthority test>.*?<\/QwacmeAuthority>\n)/s;
    (my $live = $test) =~ s/Authority test/Authority live/;
    $live =~ s/QwacmeKind test/QwacmeKind production/;
    $live =~ s/^ *QwacmeTest.*\n//mg;
    $live =~ s/(QwacmeProfiles .*)/$1 qncp-w-gen/;
    $_ .= $live;
});
my @live = ('--authority', 'live');
my @copy = ('account', 'copy-to-test', 'shop', @live);
sub refused { my ($why, $name, @args) = @_; ok(!QW::ctl(@args), $name); like($QW::ctl_text, $why, "$name: told why") }

QW::ctl('account', 'create', 'shop', '--organization', 'Exemple SA', '--organization-identifier', 'NTRFR-542051180',
    '--country', 'FR', '--locality', 'Paris', '--street', "1 rue de l'Exemple", '--postal-code', '75001',
    '--profiles', 'qncp-w qncp-w-gen', '--verified-by', 'officer-1', '--verified-method', 'a', '--expires', '365d',
    '--terms', '2026-11', @live) or die $QW::ctl_text;
QW::ctl('domain', 'add', 'shop', 'shop.example.com', '--subtree', '--wildcard', '--confirmed-by', 'op-1', @live) or die $QW::ctl_text;
QW::ctl('domain', 'add', 'shop', 'old.example.com', '--confirmed-by', 'op-1', @live) or die $QW::ctl_text;
QW::ctl('domain', 'remove', 'shop', 'old.example.com', @live) or die $QW::ctl_text;
my $key = QW::ctl('binding', 'create', 'shop', @live) or die $QW::ctl_text;
my $from = QW::ctl('account', 'show', 'shop', @live);

refused(qr/to: name the test authority/, 'DESIGN 6 no authority', @copy);
refused(qr/no authority 'none'/, 'DESIGN 6 one that is none', @copy, '--to', 'none');
refused(qr/'live' is a production authority/, 'DESIGN 6 to production', @copy, '--to', 'live');
refused(qr/no external account 'none'/, 'DESIGN 6 an account that is none', 'account', 'copy-to-test', 'none', @live, '--to', 'test');
ok(QW::ctl(@copy, '--to', 'test', '--dry-run'), 'what it would do can be seen');
refused(qr/no external account/, 'and is not done', 'account', 'show', 'shop');

ok(QW::ctl(@copy, '--to', 'test'), 'DESIGN 6 to the test authority') or diag $QW::ctl_text;
my $to = QW::ctl('account', 'show', 'shop') or die $QW::ctl_text;
isnt($to->{id}, $from->{id}, 'it is an account of its own');
is_deeply($to->{$_}, $from->{$_}, "with the same $_") for qw(name identity verifiedBy verifiedMethod verifiedAt expires);
is($to->{profiles}, 'qncp-w', 'and those profiles that are on offer there');
is_deeply($to->{domains}, $from->{domains}, 'the same domains');
is(scalar @{ $to->{domains} }, 1, 'not those that were removed');
is($to->{termsVersion}, undef, 'terms are asked for anew');
is_deeply([$to->{bindings}, $to->{acmeAccounts}], [[], []], 'KeyIDs and ACME accounts are not copied');
is_deeply(QW::ctl('account', 'show', 'shop', @live), $from, 'the one of production is as it was');
is($home->value("SELECT count(*) FROM qw_event WHERE authority = 'live' AND event = 'external.copy' AND subject_id = '$from->{id}'"), 1, 'an event there tells of it');
is($home->value("SELECT count(*) FROM qw_event WHERE detail LIKE '%$from->{id}%' AND authority = 'test'"), 0, 'nothing here leads to production');
is($home->value("SELECT count(*) FROM qw_event WHERE detail LIKE '%$to->{id}%' AND authority = 'live'"), 0, 'nor back');
refused(qr/taken|exists|already/, 'not twice', @copy, '--to', 'test');
refused(qr/'live' is a production authority/, 'DESIGN 6 never from test to production', 'account', 'copy-to-test', 'shop', '--to', 'live');
refused(qr/where the account is/, 'nor to where it is', 'account', 'copy-to-test', 'shop', '--to', 'test');

QW::is_problem(QW->new->register(binding => $key), 403, 'unauthorized', 'DESIGN 6 a KeyID of production is none here');
QW::is_problem(QW->new->register(external => 'shop', payload => { termsOfServiceAgreed => JSON::PP::false }), 403,
    'userActionRequired', 'who does not agree here has no ACME account');
QW::is_fine(QW->registered(external => 'shop')->order('www.shop.example.com'), 201, 'who does orders the same names');

QW::ctl('account', 'suspend', 'shop', '--reason', 'x', @live) or die $QW::ctl_text;
is(QW::ctl('account', 'show', 'shop')->{status}, 'active', 'a suspension is of one alone');
QW::ctl('account', 'close', 'shop', '--reason', 'x') or die $QW::ctl_text;
refused(qr/only an active one/, 'one that is suspended is not copied', @copy, '--to', 'test');
done_testing;
