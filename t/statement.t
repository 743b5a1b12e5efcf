# Statements: what accounts had and did in a time, against the rows themselves. On a
# bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Audit; use QW::Bed; use Test::More;

my $home = QW::Bed->new('statement', 16400);
my $dir = $home->{dir};
QW::Audit->equip($home, 16490, "    QwacmeLimit orders-per-domain off\n    QwacmeLimit orders-per-account off\n    QwacmeLimit orders-per-ip off\n");
$home->start;

my ($a, $b) = map { QW->new_external("$_.test") } qw(alpha beta);
my ($ca, $cb) = map { QW->registered(external => $_) } $a, $b;
$ca->issue("n$_.alpha.test") for 1 .. 3;
$cb->issue('www.beta.test');
my $middle = time + 1;
QW->await(sub { time > $middle });
my @of_a = map { $_->{serial} } grep { 1 } @{ QW::ctl('certificate', 'list', '--account', $a) };
QW::ctl('certificate', 'revoke', $of_a[0], '--reason', 'superseded') or die $QW::ctl_text;
$ca->issue('late.alpha.test');
QW::ctl('domain', 'add', $a, 'more.test', '--confirmed-by', '=cmd|calc', '--confirmed-at', '2026-01-02') or die $QW::ctl_text;
QW::ctl('domain', 'remove', $a, 'more.test') or die $QW::ctl_text;
{   # a validation that fails, and a name off the list
    my $r = $ca->order('fails.alpha.test');
    my $z = $ca->post($r->{json}{authorizations}[0])->{json};
    my ($ch) = grep { $_->{type} eq 'http-01' } @{ $z->{challenges} };
    QW->http01($ch->{token}, 'wrong');
    $ca->post($ch->{url}, {});
    QW->await(sub { $ca->post($r->{json}{authorizations}[0])->{json}{status} eq 'invalid' }) or fail('it fails');
}

sub make { QW::ctl('statement', 'make', @_) }
sub count { $home->value("SELECT count(*) FROM $_[0]") }
sub sum { my ($list, $what) = @_; my $n = 0; for (@$list) { $n += $_->{count} if $what->($_) } return $n }

# ---- the whole authority ----------------------------------------------------------------
my $all = make();
ok($all, 'a statement of the authority') or diag $QW::ctl_text;
is($all->{totals}{accounts}, count("qw_external WHERE authority = 'test'"), 'RPT-01 accounts');
is($all->{totals}{certificatesCreated}, count('qw_certificate'), 'RPT-01 certificates created');
is($all->{totals}{certificatesRevoked}, count('qw_revocation'), 'RPT-01 revoked');
is($all->{totals}{certificatesValid}, count('qw_certificate') - count('qw_revocation'), 'RPT-01 valid');
is($all->{totals}{certificatesExpiring}, 0, 'RPT-01 none that expires soon');
is($all->{totals}{domains}, count('qw_domain WHERE removed_by IS NULL'), 'RPT-01 domains in force');
is($all->{totals}{domainsAccepted}, count('qw_domain'), 'RPT-01 domains accepted');
is($all->{totals}{acmeAccounts}, count('qw_account'), 'RPT-01 ACME accounts');
is($all->{totals}{keyIds}, count('qw_binding'), 'RPT-01 KeyIDs');
is(sum($all->{actions}, sub { 1 }), count("qw_event WHERE authority = 'test'"), 'RPT-01 every event is somebody\'s action');
is_deeply($all->{failures}, [{ event => 'dcv.fail', cause => 'unauthorized', count => 1 }], 'RPT-01 failures by cause') or diag explain $all->{failures};

# ---- one account, in a time ----------------------------------------------------------------
my $one = make($a);
my ($acc) = @{ $one->{accounts} };
is(scalar @{ $one->{accounts} }, 1, 'one account alone');
is("$acc->{certificatesCreated} $acc->{certificatesRevoked} $acc->{certificatesValid}", '4 1 3', 'RPT-01 its certificates');
is_deeply([sort map { $_->{serial} } @{ $acc->{certificates} }], [sort map { $_->{serial} } @{ QW::ctl('certificate', 'list', '--account', $a) }], 'RPT-01 each by its serial');
my ($more) = grep { $_->{name} eq 'more.test' } @{ $acc->{domainList} };
is("$more->{state} $more->{confirmedBy} $more->{confirmedAt}", 'removed =cmd|calc 2026-01-02T00:00:00Z', 'RPT-01 a domain, who confirmed it and when, UTC');
is(sum($acc->{actions}, sub { $_[0]{event} eq 'certificate.issue' }), 4, 'RPT-01 its actions');
is(sum($acc->{actions}, sub { $_[0]{actor} =~ /^ctl:/ && $_[0]{event} eq 'certificate.revoke' }), 1, 'RPT-01 by person');
is(sum($acc->{failures}, sub { 1 }), 1, 'RPT-01 its failures');
ok(!grep({ $_->{event} =~ /^limit/ } @{ $acc->{actions} }), 'nothing of others');
my $split = POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $middle);
my ($early, $late) = (make($a, '--to', $split), make($a, '--from', $split));
is("@{[ map { $early->{totals}{$_} } qw(certificatesCreated certificatesRevoked certificatesValid) ]}", '3 0 3', 'RPT-01 until a time, as of then');
is("@{[ map { $late->{totals}{$_} } qw(certificatesCreated certificatesRevoked certificatesValid) ]}", '1 1 3', 'RPT-01 from a time on');
is(sum($early->{accounts}[0]{actions}, sub { 1 }) + sum($late->{accounts}[0]{actions}, sub { 1 }), sum($acc->{actions}, sub { 1 }), 'no event is in both, or in neither');
QW->clock(80 * 86400);
is(make($a)->{totals}{certificatesExpiring}, 3, 'RPT-01 what expires within 30 days');
QW->clock(0);
ok(!make('nobody'), 'no such account');
ok(!make($a, '--from', '2030-01-01'), 'no time before its start');
like($QW::ctl_text, qr/from: .*is not before/, 'says so');
ok(!make($a, '--format', 'pdf'), 'no such format');

# ---- forms -----------------------------------------------------------------------------------
ok(make($a, '--format', 'csv', '--out', "$dir/a.csv", '--sealed', "$dir/a.csv.p7m"), 'as CSV, sealed') or diag $QW::ctl_text;
my $csv = $home->slurp('a.csv');
like($csv, qr/^"account","section","item","detail","state","by","from","until","count"\r\n/, 'RFC 4180');
like($csv, qr/^"\Q$a\E","domain","more\.test","","removed","'=cmd\|calc","2026-01-02T00:00:00Z"/m, 'OPR-17 a cell that begins as a formula is neutralised');
unlike($csv, qr/(^|,)"[=+\-@\t\r]/m, 'OPR-17 no other is left');
my @certs = $csv =~ /^"\Q$a\E","certificate","(\w+)"/mg;
is_deeply([sort @certs], [sort map { $_->{serial} } @{ $acc->{certificates} }], 'RPT-01 the same certificates as JSON');
my $opened = `openssl cms -verify -inform DER -in '$dir/a.csv.p7m' -CAfile '$dir/audit.pem' -purpose any 2>/dev/null`;
is($?, 0, 'RPT-01 openssl verifies the sealed copy');
is($opened, $csv, 'which holds the statement');
{
    my $sealed = $home->slurp('a.csv.p7m');
    $sealed =~ s/removed/in fact/;
    $home->put('edited.p7m', $sealed);
    `openssl cms -verify -inform DER -in '$dir/edited.p7m' -CAfile '$dir/audit.pem' -purpose any 2>/dev/null`;
    isnt($?, 0, 'not if it was edited');
}
ok(make('--format', 'json', '--out', "$dir/all.json"), 'as JSON');
is_deeply(QW::decode($home->slurp('all.json'))->{totals}, make()->{totals}, 'the same');
ok(make('--out', "$dir/all.txt"), 'for people');
like($home->slurp('all.txt'), qr/^certificatesCreated +5$/m, 'with its totals');

# ---- while certificates are issued --------------------------------------------------------------
# the end is in the future, and accounts between the two make the reading long
QW->new_external("between$_.test") for 1 .. 15;
my @pids;
for my $client ($ca, $cb) {
    my $pid = fork;
    die $! unless defined $pid;
    if (!$pid) {
        my $domain = $client == $ca ? 'alpha' : 'beta';
        @$client{qw(nonces ua)} = ([], QW->new->{ua});
        $client->issue("m$_.$domain.test") for 1 .. 15;
        POSIX::_exit(0);
    }
    push @pids, $pid;
}
my ($looks, $odd, $failed) = (0, 0, 0);
while (@pids) {
    my $s = make('--to', '2100-01-01') or die $QW::ctl_text;
    my $issued = sum($s->{actions}, sub { $_[0]{event} eq 'certificate.issue' });
    my $of_accounts = 0;
    $of_accounts += sum($_->{actions}, sub { $_[0]{event} eq 'certificate.issue' }) for @{ $s->{accounts} };
    $looks++;
    if ($s->{totals}{certificatesCreated} != $issued || $issued != $of_accounts) {
        $odd++;
        diag "$s->{totals}{certificatesCreated} certificates, $issued events, $of_accounts of accounts";
    }
    @pids = grep { waitpid($_, POSIX::WNOHANG()) == 0 || ($failed += $? != 0, 0)[1] } @pids;
}
is($failed, 0, 'certificates were issued');
cmp_ok($looks, '>', 3, 'while statements were made');
is($odd, 0, 'RPT-02 each of one snapshot');
done_testing();
