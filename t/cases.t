# Cases: runbooks for compromises, mass revocation. Each is planned, confirmed, worked
# off, told; what was killed halfway is gone on with. On a bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use Test::More;
use Crypt::PK::ECC ();
use MIME::Base64 qw(decode_base64);
use Time::HiRes qw(time);

my $home = QW::Bed->new('cases', 14800);
$home->configure(sub { s/(QwacmeKind test)/$1\n    QwacmeCRLDelay 0/ });
my $httpd = $home->start;
my (@clients, $n);
sub clock { QW->clock($_[0]); $_->{nonces} = [] for @clients }
sub day { $_[0] * 86400 }

# A client of $external with certificates for @names.
sub client {
    my ($external, @names) = @_;
    my $binding = QW->new_binding($external);
    my $c = QW->registered(binding => $binding);
    push @clients, $c;
    $c->{external} = $external;
    $c->{keyId} = $binding->{keyId};
    ($c->{id}) = $c->{kid} =~ m{/([^/]+)$};
    $c->issue($_) for @names;
    return $c;
}

# qwacmectl as $who; result, or undef.
sub by { QW::ctl_as(@_) }

sub certificates { @{ QW::ctl('certificate', 'list', '--limit', 100000, @_) || die $QW::ctl_text } }
sub revoked { grep { $_->{status} eq 'revoked' } certificates(@_) }
sub refused {
    my ($pattern, $name, @args) = @_;
    is(QW::ctl(@args), undef, $name);
    like($QW::ctl_text, $pattern, "$name: it says why");
}

# The counts of a plan, and of the case by kind, however its items ended.
sub same_counts {
    my ($plan, $case, $name) = @_;
    my %by;
    for my $word (keys %{ $case->{counts} }) {
        my ($kind) = split ' ', $word;
        $by{$kind} += $case->{counts}{$word};
    }
    is_deeply(\%by, $plan->{counts}, $name) or diag explain [$plan->{counts}, $case->{counts}];
}

# ---- an ACME account ------------------------------------------------------------------------
my $ext = QW->new_external('cases.test');
my $c = client($ext, 'a.cases.test');
clock(day(2));
$c->issue('b.cases.test');
$c->issue('c.cases.test');
my $open = $c->order('open.cases.test');
{
    my $window = POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time + day(1)));
    my @ask = ('compromise', 'acme-account', $c->{id}, '--since', $window, '--revoke', 'window');
    my $plan = QW::ctl(@ask) or die $QW::ctl_text;
    is($plan->{dryRun}, JSON::PP::true, 'OPR-12 without --confirm it is a plan');
    is_deeply($plan->{counts}, { 'suspend-account' => 1, 'kill-authz' => 4, revoke => 2, list => 1 }, 'OPR-12 with all that hangs on the account') or diag explain $plan;
    my @flagged = grep { $_->{inWindow} && $_->{kind} =~ /revoke|list/ } @{ $plan->{list} };
    is(scalar @flagged, 2, 'OPR-13 certificates of the window are flagged');
    ok(@{ $plan->{next} } > 1, 'OPR-12 it says what people must do');
    is(scalar(revoked('--acme-account', $c->{id})), 0, 'OPR-12 a plan changes nothing');
    is_deeply(QW::ctl('case', 'list'), [], 'OPR-12 and opens no case');
    QW::is_fine($c->post($c->{kid}), 200, 'OPR-12 the account goes on');

    my $done = QW::ctl(@ask, '--confirm') or die $QW::ctl_text;
    like($done->{case}, qr/^\d{8}-[0-9A-Z]{8}$/, 'OPR-12 the case has a number that people can say');
    same_counts($plan, $done, 'OPR-12 what was done is what was planned');
    ok(!(grep { !/ done$/ } keys %{ $done->{counts} }), 'OPR-12 and all of it');
    is($done->{status}, 'open', 'OPR-12 the case stays open for people');
    is(scalar(revoked('--acme-account', $c->{id})), 2, 'OPR-12 those of the window are revoked');
    QW::is_problem($c->order('d.cases.test'), 403, 'unauthorized', 'OPR-12 the account is suspended');
    is($home->value("SELECT count(*) FROM qw_authz WHERE account_id = '$c->{id}' AND status IN ('pending', 'valid')"), 0, 'OPR-12 no authorization is left');
    is($home->value("SELECT count(*) FROM qw_order WHERE account_id = '$c->{id}' AND status IN ('pending', 'ready')"), 0, 'OPR-12 nor an order that could go on');
    my $report = QW::ctl('case', 'report', $done->{case}) or die $QW::ctl_text;
    is(scalar @{ $report->{list} }, 8, 'OPR-12 the report has each item');
    my @revoked = grep { $_->{kind} eq 'revoke' } @{ $report->{list} };
    is(scalar(grep { $_->{requestedAt} && $_->{revokedAt} && $_->{by} =~ /^ctl:/ && $_->{at} && $_->{label} =~ /^[0-9a-f]{32}$/ } @revoked), 2, 'REV-22 with serial, times and who') or diag explain \@revoked;
    my $published = sub { scalar grep { $_->{kind} eq 'revoke' && $_->{publishedAt} } @{ QW::ctl('case', 'report', $done->{case})->{list} } };
    is(QW->await(sub { $published->() == 2 }, 30), 1, 'REV-22 and when the world was told');
    $report = QW::ctl('case', 'report', $done->{case});
    ok($home->value("SELECT count(*) FROM qw_event WHERE event = 'certificate.revoke' AND actor LIKE 'ctl:%'") >= 2, 'OPR-15 each revocation is in the audit');
    QW::ctl('case', 'run', $done->{case}) or die $QW::ctl_text;
    is_deeply(QW::ctl('case', 'report', $done->{case})->{list}, $report->{list}, 'REV-25 running it again does nothing');

    my $again = QW::ctl(@ask, '--confirm') or die $QW::ctl_text;
    is_deeply($again->{counts}, { 'list done' => 4 }, 'OPR-12 the same runbook again finds nothing left') or diag explain $again;
    refused(qr/conclusion/, 'a case is closed with a conclusion', 'case', 'close', $done->{case});
    QW::ctl('case', 'note', $done->{case}, "called <script>alert(1)</script>\e[31m") or die $QW::ctl_text;
    my $shown = QW::ctl('case', 'show', $done->{case}) or die $QW::ctl_text;
    is(scalar(grep { $_->{event} eq 'case.note' } @{ $shown->{events} }), 1, 'OPR-12 notes are kept');
    is(QW::ctl('case', 'close', $done->{case}, '--conclusion', 'a stolen laptop')->{status}, 'closed', 'OPR-12 it is closed');
    refused(qr/closed/, 'OPR-12 and then not run', 'case', 'run', $done->{case});
    refused(qr/closed/, 'OPR-12 nor closed again', 'case', 'close', $done->{case}, '--conclusion', 'x');
    refused(qr/no case/, 'a case that is none', 'case', 'show', '20261126-AAAAAAAA');
    refused(qr/no ACME account/, 'an account that is none', 'compromise', 'acme-account', 'A' x 22);
    refused(qr/nothing was planned.*[\s\S]*00ff/, 'a serial that is not of the account', 'compromise', 'acme-account', $c->{id}, '--revoke', '00ff');
    refused(qr/window/, 'a window without times', 'compromise', 'acme-account', $c->{id}, '--revoke', 'window');
    refused(qr/until/, 'a window that ends before it begins', 'compromise', 'acme-account', $c->{id}, '--since', '2026-12-02', '--until', '2026-12-01');
    my ($one) = grep { $_->{status} eq 'issued' } certificates('--acme-account', $c->{id});
    my $chosen = QW::ctl('compromise', 'acme-account', $c->{id}, '--revoke', uc $one->{serial}) or die $QW::ctl_text;
    is($chosen->{counts}{revoke}, 1, 'OPR-12 one serial is chosen');
}

# ---- an external account ------------------------------------------------------------------------
{
    my $external = QW->new_external('taken.test');
    my @two = map { client($external, "w$_.taken.test") } 1, 2;
    my $plan = QW::ctl('compromise', 'external-account', $external, '--revoke', 'all') or die $QW::ctl_text;
    my $case = QW::ctl('compromise', 'external-account', $external, '--revoke', 'all', '--confirm') or die $QW::ctl_text;
    same_counts($plan, $case, 'OPR-11 what was done is what was planned');
    is($case->{counts}{'suspend-account done'}, 2, 'OPR-11 all its ACME accounts');
    is($case->{counts}{'suspend-external done'}, 1, 'OPR-11 and itself');
    is($case->{counts}{'suspend-binding done'}, 2, 'OPR-11 and its KeyIDs');
    is($case->{counts}{'revoke done'}, 2, 'OPR-11 and what was chosen of its certificates');
    QW::is_problem($two[0]->order('x.taken.test'), 403, 'unauthorized', 'OPR-11 no more orders');
    ok($case->{due}, 'OPR-11 a clock runs');
    my $resume = sub {
        my $asked = by('one', 'account', 'resume', $external, '--reason', 'found') or die $QW::ctl_text;
        my $got = by('two', 'approval', 'approve', $asked->{id});
        my $why = $QW::ctl_text;
        by('one', 'approval', 'reject', $asked->{id}, '--reason', 'too early') or die $QW::ctl_text unless $got;
        return $got ? '' : $why;
    };
    like($resume->(), qr/verif/, 'OPR-11 it does not resume without a new verification');
    clock(day(3));
    my @verify = ('account', 'verify', $external, '--organization', 'Exemple SA', '--organization-identifier', 'NTRFR-542051180',
        '--country', 'FR', '--locality', 'Paris', '--street', "1 rue de l'Exemple", '--postal-code', '75001',
        '--verified-by', 'officer-2', '--verified-method', 'a', '--expires', '365d');
    QW::ctl(@verify, '--verified-at', POSIX::strftime('%Y-%m-%d', gmtime(time - day(1)))) or die $QW::ctl_text;
    like($resume->(), qr/verif/, 'OPR-11 nor after one that is older than the case');
    QW::ctl(@verify) or die $QW::ctl_text;
    is($resume->(), '', 'OPR-11 nor by one person');
    is(QW::ctl('account', 'show', $external)->{status}, 'active', 'OPR-11 then it resumes');
    refused(qr/no external account/, 'an external account that is none', 'compromise', 'external-account', 'nobody');
}

# ---- a key ------------------------------------------------------------------------------------------
my $dir = QW::bed();
sub key_file {
    my $file = "$dir/key-" . ++$n . '.pem';
    system("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $file 2>/dev/null") == 0 or die;
    return $file;
}
{
    my $external = QW->new_external('key.test');
    my $k = client($external);
    my $key = key_file();
    $k->issue_with("k$_.key.test", $key) for 1 .. 3;
    my ($first) = certificates('--acme-account', $k->{id});
    QW::ctl('certificate', 'revoke', $first->{serial}, '--reason', 'superseded') or die $QW::ctl_text;
    my $hash = $home->value("SELECT spki_hash FROM qw_certificate WHERE id = '$first->{id}'");
    my $plan = QW::ctl('compromise', 'key', $key) or die $QW::ctl_text;
    is_deeply(QW::ctl('compromise', 'key', $hash), $plan, 'REV-25 a key is named by file or by hash');
    is_deeply($plan->{counts}, { 'block-key' => 1, revoke => 3 }, 'BR-4.9.1.1 its certificates, also one revoked for less') or diag explain $plan;
    my $case = QW::ctl('compromise', 'key', $key, '--confirm') or die $QW::ctl_text;
    is_deeply($case->{counts}, { 'block-key done' => 1, 'revoke done' => 3 }, 'BR-4.9.1.1 all are revoked') or diag explain $case;
    is(scalar(grep { $_->{reason} eq 'keyCompromise' } certificates('--acme-account', $k->{id})), 3, 'BR-4.9.1.1 for keyCompromise');
    my $r = $k->order('k9.key.test');
    my $ready = $k->prove($r);
    QW::is_problem($k->post($ready->{json}{finalize}, { csr => QW::b64($k->csr(['k9.key.test'], '-key', $key)) }), 400, 'badCSR', 'BR-4.9.1.1 the key is blocked');
    refused(qr/give a file/, 'a hash that no certificate has', 'compromise', 'key', '0' x 64);
    # the key of ACME accounts, in two authorities
    my $pem = "$dir/account.pem";
    open my $f, '>', $pem or die;
    print $f $k->{key}->export_key_pem('public');
    close $f or die;
    my $account = QW::ctl('compromise', 'key', $pem, '--confirm') or die $QW::ctl_text;
    is_deeply($account->{counts}, { 'block-key done' => 1, 'suspend-account done' => 1 }, 'BR-4.9.1.1 an account with the key is suspended') or diag explain $account;
}

# ---- a binding key -----------------------------------------------------------------------------------
{
    my $external = QW->new_external('bound.test');
    my $binding = QW->new_binding($external, '--uses', 3);
    my @accounts = map { my $a = QW->registered(binding => $binding); push @clients, $a; $a } 1, 2;
    my $other = client($external, 'o.bound.test');
    my $since = POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time + day(3) + 3600));
    clock(day(4));
    push @accounts, QW->registered(binding => $binding);
    push @clients, $accounts[-1];
    $accounts[2]->issue('third.bound.test');
    my $case = QW::ctl('compromise', 'binding', $binding->{keyId}, '--since', $since, '--confirm') or die $QW::ctl_text;
    is_deeply($case->{counts}, { 'revoke-binding done' => 1, 'suspend-account done' => 1, 'list done' => 1 }, 'SEED accounts that it bound since') or diag explain $case;
    QW::is_problem($accounts[2]->order('x.bound.test'), 403, 'unauthorized', 'SEED the one since is suspended');
    QW::is_fine($accounts[0]->order('x.bound.test'), 201, 'SEED those before are not');
    QW::is_fine($other->order('y.bound.test'), 201, 'SEED nor those of another KeyID');
}

# ---- mis-issuance -------------------------------------------------------------------------------------
{
    my $external = QW->new_external('mis.test');
    my $m = client($external, map { "m$_.mis.test" } 1 .. 3);
    my @serials = map { $_->{serial} } certificates('--acme-account', $m->{id});
    $home->put('serials', join "\n", '# of the incident', uc $serials[0], join(':', $serials[1] =~ /../g), '');
    my @ask = ('compromise', 'mis-issuance', "$home->{dir}/serials", '--url', 'https://exemple.fr/i');
    refused(qr/revoke-at/, 'a deadline is asked for', @ask);
    refused(qr/url/, 'and a page that explains it', @ask[0 .. 2], '--revoke-at', '5d');
    my $plan = QW::ctl(@ask, '--revoke-at', '5d') or die $QW::ctl_text;
    my $case = QW::ctl(@ask, '--revoke-at', '5d', '--confirm') or die $QW::ctl_text;
    same_counts($plan, $case, 'OPR what was planned');
    is_deeply($case->{counts}, { 'recall done' => 2, 'revoke planned' => 2 }, 'ARI clients renew first') or diag explain $case;
    is(scalar(revoked('--acme-account', $m->{id})), 0, 'ARI nothing is revoked yet');
    my ($incident) = grep { $_->{name} eq $case->{case} } @{ QW::ctl('incident', 'list') };
    is($incident->{certificates}, 2, 'ARI the incident has the case\'s number');
    refused(qr/not done/, 'it is not closed before', 'case', 'close', $case->{case}, '--conclusion', 'x');
    clock(day(4) + day(5) + 60);
    QW->await(sub { revoked('--acme-account', $m->{id}) == 2 }, 30);
    is(scalar(revoked('--acme-account', $m->{id})), 2, 'BR-4.9.1.1 at the deadline httpd revokes them');
    my $report = QW::ctl('case', 'report', $case->{case});
    is_deeply($report->{counts}, { 'recall done' => 2, 'revoke done' => 2 }, 'BR-4.9.1.1 and it is in the report');
    is((grep { $_->{kind} eq 'revoke' } @{ $report->{list} })[0]{by}, "case:$case->{case}", 'BR-4.9.1.1 done by the case');
    $home->put('serials', "$serials[2]\n");
    my $early = QW::ctl(@ask, '--revoke-at', '24h', '--confirm') or die $QW::ctl_text;
    is(QW::ctl('case', 'run', $early->{case}, '--early')->{counts}{'revoke done'}, 1, 'BR-4.9.1.1 or sooner by hand');
    $home->put('serials', "$serials[2]\n00aa\n");
    refused(qr/nothing was planned[\s\S]*00aa/, 'serials that are none', @ask, '--revoke-at', '24h');
}

# ---- clocks ---------------------------------------------------------------------------------------------
{
    my $log = sub { scalar grep { /QW0420: case \Q$_[0]\E/ && /$_[1]/ } split /\n/, $home->slurp('log/error_log') };
    my $now = day(10);
    clock($now);
    my $case = QW::ctl(qw(report add www.late.test --problem misuse --contact me@example.test --text), "it\nphishes") or die $QW::ctl_text;
    is($case->{kind}, 'problem-report', 'BR-4.9.5 a report by telephone is a case');
    is(scalar @{ QW::ctl('report', 'list') }, 1, 'BR-4.9.5 and listed');
    is($log->($case->{case}, 'due'), 0, 'BR-4.9.5 its clock has begun');
    for my $step ([12, 'is due:', 1], [20, 'is due soon', 1], [24, 'OVERDUE', 1]) {
        clock($now + $step->[0] * 3600 + 1);
        ok(QW->await(sub { $log->($case->{case}, $step->[1]) }, 30), "REV-22 after $step->[0] h the log says $step->[1]");
        is($log->($case->{case}, $step->[1]), 1, 'REV-22 once, for all children');
    }
    QW::ctl('case', 'close', $case->{case}, '--conclusion', 'not ours') or die $QW::ctl_text;
    is_deeply(QW::ctl('report', 'list'), [], 'BR-4.9.5 a closed one is not listed');
    is(scalar @{ QW::ctl('report', 'list', '--all') }, 1, 'BR-4.9.5 but kept');
    refused(qr/problem/, 'BR-4.9.5 a problem of no kind', qw(report add x.test --problem nonsense --text t));
    refused(qr/text/, 'BR-4.9.5 a report without text', qw(report add x.test));
    clock($now);
}

# ---- mass revocation ------------------------------------------------------------------------------------
{
    my $external = QW->new_external('mass.test');
    my $m = client($external, 'a.mass.test', 'b.sub.mass.test', 'sub.mass.test');
    my @all = certificates('--account', $external);
    $home->put('serials', join '', map { "$_->{serial}\n" } @all);
    refused(qr/choose/, 'REV-25 a selection is asked for', qw(certificate bulk-revoke));
    refused(qr/choose/, 'REV-25 and only one', qw(certificate bulk-revoke --domain mass.test --account), $external);
    my $issuer = $home->value("SELECT issuer FROM qw_certificate WHERE id = '$all[0]{id}'");
    my %wanted = (
        "--account $external" => 3, "--acme-account $m->{id}" => 3, '--domain sub.mass.test' => 2, '--domain MASS.test' => 3,
        '--domain ass.test' => 0, "--serials $home->{dir}/serials" => 3,
        '--key ' . $home->value("SELECT spki_hash FROM qw_certificate WHERE id = '$all[0]{id}'") => 1);
    for my $how (sort keys %wanted) {
        my $plan = QW::ctl('certificate', 'bulk-revoke', split ' ', $how) or die $QW::ctl_text;
        is($plan->{counts}{revoke} || 0, $wanted{$how}, "REV-25 $how");
    }
    my $whole = QW::ctl('certificate', 'bulk-revoke', '--issuer', substr $issuer, 0, 16) or die $QW::ctl_text;
    cmp_ok($whole->{counts}{revoke}, '>=', 3, 'REV-25 a whole issuer');
    is($whole->{counts}{revoke}, scalar(grep { $_->{status} eq 'issued' } certificates()), 'REV-25 all that is not revoked');
    refused(qr/issuer/, 'REV-25 too little of an issuer', qw(certificate bulk-revoke --issuer ab));

    my $plan = QW::ctl('certificate', 'bulk-revoke', '--account', $external, '--reason', 'cessationOfOperation') or die $QW::ctl_text;
    my $case = by('one', 'certificate', 'bulk-revoke', '--account', $external, '--reason', 'cessationOfOperation', '--confirm') or die $QW::ctl_text;
    is(scalar(revoked('--account', $external)), 0, 'REV-25 opened, but not run');
    refused(qr/second person/, 'REV-25 not without a second person', 'case', 'run', $case->{case});
    for my $same ('one', 'ONE') {
        is(by($same, 'approval', 'approve', $case->{approval}), undef, "REV-25 which $same is not");
    }
    by('two', 'approval', 'approve', $case->{approval}) or die $QW::ctl_text;
    my $t = time;
    my $done = by('one', 'case', 'run', $case->{case}, '--rate', 2) or die $QW::ctl_text;
    cmp_ok(time - $t, '>=', 1, 'REV-25 the rate is kept');
    same_counts($plan, $done, 'REV-25 the count is that of the plan');
    is(scalar(grep { $_->{reason} eq 'cessationOfOperation' } revoked('--account', $external)), 3, 'REV-25 all are revoked');
    is(QW::ctl('certificate', 'bulk-revoke', '--account', $external)->{counts}{revoke} || 0, 0, 'REV-25 nothing is left to revoke');
    is($done->{approvedBy}, 'ctl:two', 'REV-25 the second person is on record');
}

# ---- approved, and nobody runs it ------------------------------------------------------------------
{
    my ($now) = $home->slurp('clock') =~ /(\d+)/;
    my $external = QW->new_external('unrun.test');
    client($external, 'a.unrun.test', 'b.unrun.test');
    my $open = sub {
        my $case = by('one', 'certificate', 'bulk-revoke', '--account', $external, '--confirm') or die $QW::ctl_text;
        is(by('two', 'approval', 'approve', $case->{approval})->{status}, 'approved', 'approved, and not done before it is run');
        return $case;
    };
    my $status = sub { $home->value("SELECT status FROM qw_approval WHERE id = '$_[0]{approval}'") };
    my $case = $open->();
    clock($now + day(7) - 60);
    is($status->($case), 'approved', 'for seven days it stays so');
    clock($now + day(7) + 60);
    is(QW::ctl('approval', 'show', $case->{approval})->{status}, 'expired', 'then the approval is over');
    refused(qr/case \Q$case->{case}\E: the approval of ctl:two, .* has expired: nothing was done within seven days; close it \('qwacmectl case close .*open it anew/,
        'it is not run any more', 'case', 'run', $case->{case});
    ok(QW->await(sub { $status->($case) eq 'expired' }, 60), 'the approval expires by itself');
    clock($now);
    refused(qr/has expired/, 'for good', 'case', 'run', $case->{case});
    is(scalar(revoked('--account', $external)), 0, 'nothing was revoked');
    by('one', 'case', 'close', $case->{case}, '--skip', '--conclusion', 'nobody ran it') or die $QW::ctl_text;
    $case = $open->();
    ok(by('one', 'case', 'run', $case->{case}), 'the cure: anew') or diag $QW::ctl_text;
    is($status->($case), 'done', 'a run makes use of the approval');
    is(scalar(revoked('--account', $external)), 2, 'all are revoked');
    clock($now + day(8));
    is_deeply(by('one', 'case', 'run', $case->{case})->{counts}, { 'revoke done' => 2 }, 'what was begun is gone on with at any time');
    clock($now);
}

# ---- killed in the middle -----------------------------------------------------------------------------
{
    my $external = QW->new_external('kill.test');
    my $k = client($external, map { "k$_.kill.test" } 1 .. 12);
    my $case = by('one', 'certificate', 'bulk-revoke', '--account', $external, '--confirm') or die $QW::ctl_text;
    by('two', 'approval', 'approve', $case->{approval}) or die $QW::ctl_text;
    my $pid = fork;
    if (!$pid) {
        open STDOUT, '>', '/dev/null'; open STDERR, '>', '/dev/null';
        exec split(' ', $ENV{QW_CTL_ENV} || ''), $ENV{QW_CTL}, '--config', "$home->{dir}/qwacme.conf", 'case', 'run', $case->{case}, '--rate', 3;
    }
    QW->await(sub { revoked('--account', $external) >= 2 });
    kill KILL => $pid;
    waitpid $pid, 0;
    my $half = revoked('--account', $external);
    ok($half >= 2 && $half < 12, 'REV-25 killed in the middle') or diag $half;
    my $counts = QW::ctl('case', 'report', $case->{case})->{counts};
    is($counts->{'revoke done'}, $half, 'REV-25 an item is done with its revocation, or neither is');
    is($counts->{'revoke planned'}, 12 - $half, 'REV-25 the rest is planned');
    is_deeply(QW::ctl('case', 'run', $case->{case})->{counts}, { 'revoke done' => 12 }, 'REV-25 another run ends it');
    is(scalar(revoked('--account', $external)), 12, 'REV-25 all are revoked');
    is($home->value("SELECT count(*) FROM qw_event WHERE event = 'certificate.revoke' AND subject_id IN (SELECT id FROM qw_certificate WHERE external_id = (SELECT id FROM qw_external WHERE name = '$external'))"), 12, 'REV-25 each once');

    # what cannot be done does not hold up the rest
    my @two = map { client($external, "two$_.kill.test") } 1, 2;
    my $c2 = by('one', 'certificate', 'bulk-revoke', '--account', $external, '--confirm') or die $QW::ctl_text;
    by('two', 'approval', 'approve', $c2->{approval}) or die $QW::ctl_text;
    my ($gone) = grep { $_->{status} eq 'issued' } certificates('--account', $external);
    QW::ctl('certificate', 'revoke', $gone->{serial}) or die $QW::ctl_text;
    is_deeply(QW::ctl('case', 'run', $c2->{case})->{counts}, { 'revoke done' => 1, 'revoke skipped' => 1 }, 'REV-25 what another has revoked is skipped');

    # two at once
    my $m = client($external, map { "at$_.kill.test" } 1 .. 8);
    my $c3 = by('one', 'certificate', 'bulk-revoke', '--account', $external, '--confirm') or die $QW::ctl_text;
    by('two', 'approval', 'approve', $c3->{approval}) or die $QW::ctl_text;
    my @pids = map {
        my $pid = fork;
        if (!$pid) {
            QW::ctl('case', 'run', $c3->{case}, '--rate', 20);
            POSIX::_exit($QW::ctl_exit);
        }
        $pid;
    } 1, 2;
    my @exits = map { waitpid $_, 0; $? >> 8 } @pids;
    is_deeply(\@exits, [0, 0], 'REV-25 two runs at once');
    is_deeply(QW::ctl('case', 'report', $c3->{case})->{counts}, { 'revoke done' => 8 }, 'REV-25 do each item once');

    # four at once, of which two are killed in the middle
    my $m4 = client($external, map { "four$_.kill.test" } 1 .. 24);
    my $c4 = by('one', 'certificate', 'bulk-revoke', '--account', $external, '--confirm') or die $QW::ctl_text;
    by('two', 'approval', 'approve', $c4->{approval}) or die $QW::ctl_text;
    my $done = sub { $home->value("SELECT count(*) FROM qw_case_item WHERE case_id = '$c4->{case}' AND status = 'done'") };
    @pids = map {
        my $pid = fork;
        if (!$pid) {
            open STDOUT, '>', '/dev/null'; open STDERR, '>', '/dev/null';
            exec split(' ', $ENV{QW_CTL_ENV} || ''), $ENV{QW_CTL}, '--config', "$home->{dir}/qwacme.conf", 'case', 'run', $c4->{case}, '--rate', 4;
        }
        $pid;
    } 1 .. 4;
    QW->await(sub { $done->() >= 4 });
    kill KILL => @pids[0, 2];
    cmp_ok($done->(), '<', 24, 'REV-25 two of four runs are killed in the middle');
    @exits = map { waitpid $_, 0; $? } @pids;
    is_deeply([@exits[1, 3]], [0, 0], 'REV-25 the other two go on to the end') or diag "@exits";
    is_deeply(QW::ctl('case', 'report', $c4->{case})->{counts}, { 'revoke done' => 24 }, 'REV-25 all is done');
    is($home->value("SELECT count(*) FROM qw_event WHERE event = 'certificate.revoke' AND subject_id IN (SELECT id FROM qw_certificate WHERE account_id = '$m4->{id}')"), 24, 'REV-25 each once');
}

# ---- the plan on paper, and a drill --------------------------------------------------------------------
{
    my $text = `$ENV{QW_CTL} --config $home->{dir}/qwacme.conf compromise ca-drill 2>&1`;
    like($text, qr/Nothing was written/, 'OPR a drill is a plan first');
    my $before = grep { $_->{status} eq 'issued' } certificates();
    my $lines = () = $text =~ /^..revoke /mg;
    is($lines, $before, 'OPR the list has a line for each');
    my $plan = QW::ctl(qw(compromise ca-drill)) or die $QW::ctl_text;
    my $done = QW::ctl(qw(compromise ca-drill --confirm)) or die $QW::ctl_text;
    same_counts($plan, $done, 'OPR a drill does what it planned');
    is(scalar(grep { $_->{status} eq 'issued' } certificates()), 0, 'OPR nothing is left');
    $home->configure(sub { s/QwacmeKind test/QwacmeKind production/; s/^\s*QwacmeTest.*\n//mg });
    refused(qr/production/, 'OPR no drill in production', qw(compromise ca-drill));
}
done_testing();
