# The portal on PostgreSQL as a role of its own (QwacmePortalDatabase), beside children
# of httpd that may write neither domain lists nor binding keys.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use QW::Passkey; use Test::More;

plan skip_all => 'roles are PostgreSQL\'s' if $ENV{QW_DB} ne 'pgsql';
my $home = QW::Bed->new('portal-roles', 17300, portal => 1);
my $psql = "$ENV{QW_PG_BINDIR}/psql -q -h '$ENV{QW_PG_SOCKET}' -U qwacme -d qwacme";
# Roles are the whole server's: another suite may have made them.
system("$psql -f $ENV{QW_SRCDIR}/schema/pgsql-roles.sql >$home->{dir}/log/roles.log 2>&1");
# httpd's children and the signer are one role here: the owner's; the portal is not.
(my $conf = $home->slurp('qwacme.conf')) =~ s{^(QwacmeDatabase pgsql "(.*) user=\w+(.*)")$}{$1\nQwacmePortalDatabase "$2 user=qwacme_portal$3"}m
    or die 'no database in the configuration';
$conf =~ s{(<QwacmeAuthority test>\n)}{$1QwacmeLimit logins-per-ip 100/1h\nQwacmeLimit invitations-per-ip 100/1h\n};
$home->put('portal-qwacme.conf', $conf);
(my $httpd = $home->slurp('httpd.conf')) =~ s{\Q$home->{dir}\E/qwacme\.conf}{$home->{dir}/portal-qwacme.conf};
$home->put('httpd.conf', $httpd);
$home->start;

my $ours = QW->new_external('ours.test');
my $id = QW::ctl('account', 'show', $ours)->{id};
my $olga = QW::Person->invited('Olga', 'operator', $ours);
my ($anne, $bea) = map { QW::Person->invited($_, 'officer') } 'Anne', 'Bea';
is($_->login->code, 303, "$_->{name} is in") for $olga, $anne, $bea;
is($olga->change($id, @$_)->code, 200, $_->[0]) for ['domain.add', name => 'x.test'], ['domain.remove', name => 'x.test'],
    ['binding.create', uses => 1, days => 1], ['terms.agree', version => '2026-11'], ['account.suspend', reason => 'x'];
my ($key) = grep { $_->{status} eq 'active' } @{ QW::ctl('binding', 'list', $ours) };
is($olga->change($id, 'binding.revoke', key => $key->{keyId})->code, 200, 'binding.revoke') or diag $olga->{last};
my %verified = (organization => 'Nouvelle SA', organization_identifier => 'NTRFR-542051180', country => 'FR',
    locality => 'Lyon', profiles => 'qncp-w', verified_method => 'a', verified_at => '2026-11-20', expires => '2027-11-20');
is($anne->change($id, 'account.resume', reason => 'x')->code, 200, 'asked to resume');
is($anne->change('', 'account.create', name => 'Neu', %verified)->code, 200, 'asked to register');
is($anne->change($id, 'account.verify', %verified)->code, 200, 'asked to verify');
my @waiting = $bea->get('approvals')->decoded_content =~ /name="approval" value="([^"]*)"><button/g;
is(scalar @waiting, 3, 'all wait');
is($bea->change('', 'approval.approve', approval => $_)->code, 200, 'approved') for @waiting;
is(QW::ctl('account', 'show', 'Neu')->{identity}{locality}, 'Lyon', 'registered');
is(QW::ctl('account', 'show', $ours)->{status}, 'active', 'resumed');
is($anne->change($id, 'operator.invite', name => 'Otto', mail => 'o@exemple.fr', language => 'fr')->code, 200, 'operator.invite');
is($anne->change($id, 'operator.remove', name => 'Otto')->code, 200, 'operator.remove');
cmp_ok($home->value("SELECT count(*) FROM pg_stat_activity WHERE usename = 'qwacme_portal'"), '>', 0, 'as that role');
my $asked = $olga->post('diagnose', { $olga->csrf, account => $id, name => 'ours.test' });
is($asked->code, 303, 'a diagnosis') or diag $asked->as_string;
my ($look) = $asked->header('Location') =~ m{/portal/(diagnosis/[\w-]+)};
ok(QW->await(sub { $olga->get($look)->decoded_content =~ /class="findings"/ }), 'and what it found');
is($olga->get("progress/$id")->code, 200, 'how far orders are');
is($olga->post('logout', { $olga->csrf })->code, 303, 'logout');
is($home->value("SELECT count(*) FROM qw_action WHERE signature = ''"), 0, 'every change has its signature');
# a runbook: what the role may do itself is done at once
{
    my $robbed = QW->new_external('robbed.test');
    my $at = QW::ctl('account', 'show', $robbed)->{id};
    my $rob = QW::Person->invited('Rob', 'operator', $robbed);
    my $c = QW->registered(external => $robbed);
    $c->issue('w.robbed.test');
    $c->issue('v.robbed.test');
    my ($row) = grep { join(' ', @{ $_->{names} }) eq 'v.robbed.test' } @{ QW::ctl('certificate', 'list', '--account', $robbed) };
    is($anne->change($at, 'certificate.revoke', serial => $row->{serial}, reason => 'keyCompromise')->code, 200, 'certificate.revoke');
    my $r = $anne->change($at, 'compromise.account', revoke => 'all');
    is($r->code, 200, 'compromise.account') or diag $r->as_string;
    my ($case) = @{ QW::ctl('case', 'list') };
    my $counts = QW::ctl('case', 'report', $case->{case})->{counts};
    is(join(' ', grep { !/ done$/ } sort keys %$counts), 'kill-authz planned', 'done but authorizations') or diag explain $counts;
    is($counts->{'revoke done'}, 1, 'revoked');
}
is($_->[0]->get($_->[1])->code, 200, $_->[1]) for [$anne, 'report'], [$bea, "report/$id"];
unlike($home->slurp('log/error_log'), qr/permission denied/, 'no right was missed');
done_testing();
