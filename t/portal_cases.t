# Runbooks at the portal that are about no external account, which certificates they
# revoke, what people do next, and a case that was broken off. On PostgreSQL as the
# portal's own role. On a bed of its own.
use strict; use warnings FATAL => 'all';
use POSIX ();
use QW; use QW::Bed; use QW::Passkey; use Test::More;

my $home = QW::Bed->new('portal-cases', 17500, portal => 1);
my $plan = "$home->{dir}/failpoints";
my $pgsql = $ENV{QW_DB} eq 'pgsql';
if ($pgsql) {
    my $psql = "$ENV{QW_PG_BINDIR}/psql -q -h '$ENV{QW_PG_SOCKET}' -U qwacme -d qwacme";
    # Roles are the whole server's: another suite may have made them.
    system("$psql -f $ENV{QW_SRCDIR}/schema/pgsql-roles.sql >$home->{dir}/log/roles.log 2>&1");
    $home->put('portal-qwacme.conf', $home->slurp('qwacme.conf')
        =~ s{^(QwacmeDatabase pgsql "(.*) user=\w+(.*)")$}{$1\nQwacmePortalDatabase "$2 user=qwacme_portal$3"}mr);
}
my $included = $pgsql ? 'portal-qwacme.conf' : 'qwacme.conf';
$home->put('httpd.conf', $home->slurp('httpd.conf')
    =~ s{\Q$home->{dir}\E/qwacme\.conf}{$home->{dir}/$included}r);
$home->put('failpoints', '');
{
    local $ENV{QWACME_FAILPOINTS} = $plan;
    $home->{httpd} = $home->start;
}

my $anne = QW::Person->invited('Anne', 'officer');
my $aldo = QW::Person->invited('Aldo', 'auditor');
my $olga = QW::Person->invited('Olga', 'operator', QW->new_external('olga.test'));
is($_->login->code, 303, "$_->{name} is in") for $anne, $aldo, $olga;

sub id_of { QW::ctl('account', 'show', $_[0])->{id} }
sub account_of { $_[0]{kid} =~ m{([^/]+)$}; $1 }
sub certificates { @{ QW::ctl('certificate', 'list', '--limit', 10000, @_) || die $QW::ctl_text } }
sub revoked { scalar grep { $_->{status} eq 'revoked' } certificates(@_) }
sub cases { scalar @{ QW::ctl('case', 'list', '--limit', 10000) } }
sub report { QW::ctl('case', 'report', $_[0]) || die $QW::ctl_text }
sub case_in { my ($id) = $_[0]->decoded_content =~ m{/portal/case/([0-9A-Z-]{17})"}; $id }
sub counts { my $text = $_[0]->decoded_content; my %n; $n{$1} = $2 while $text =~ m{<li>([^<:]+): (\d+)</li>}g; return \%n }
sub is_refused {
    my ($r, $code, $name, $why) = @_;
    is($r->code, $code, $name) or diag $r->as_string;
    like($r->decoded_content, $why, "$name: it says why") if $why;
}
sub utc { my ($form, $t) = @_; POSIX::strftime($form, gmtime $t) }
sub done {
    my ($r, $name) = @_;
    is($r->code, 200, $name) or diag $r->as_string;
    my $id = case_in($r);
    ok($id, "$name: a case");
    return $id;
}
sub client {
    my ($external, @names) = @_;
    my $c = QW->registered(binding => QW->new_binding($external));
    $c->issue($_) for @names;
    return $c;
}
sub openssl { my $text = `openssl $_[0] 2>/dev/null`; die "openssl $_[0]" if $?; return $text }
sub new_key { my $file = "$home->{dir}/$_[0].pem"; openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $file"); return $file }

# What the page and the command say to do next, in the same words.
sub same_next {
    my ($case, $next, $name) = @_;
    my $text = $anne->get("case/$case")->decoded_content;
    my ($list) = $text =~ m{<ol class="next">(.*?)</ol>}s;
    my @said = map { s/&#39;/'/gr =~ s/&amp;/&/gr } ($list // '') =~ m{<li>(.*?)</li>}g;
    is_deeply(\@said, [map { utf8::decode(my $s = $_); $s } @$next], $name) or diag explain [\@said, $next];
    my ($french) = $anne->get("case/$case?lang=fr")->decoded_content =~ m{<ol class="next">(.*?)</ol>}s;
    is(scalar(() = ($french // '') =~ /<li>/g), scalar @$next, "$name, in French too");
    isnt($french, $list, "$name, in other words");
    $anne->get('?lang=en');
}

# ---- who may ------------------------------------------------------------------------------
{
    my $page = $anne->get('compromise');
    is($page->code, 200, 'an officer has the page') or diag $page->as_string;
    like($page->decoded_content, qr/value="\Q$_\E"/, "with $_") for qw(compromise.key compromise.misissued compromise.drill);
    is($aldo->get('compromise')->code, 200, 'an auditor sees what is open');
    unlike($aldo->get('compromise')->decoded_content, qr/propose/, 'and does nothing');
    is($olga->get('compromise')->code, 404, 'OPR-05 for an operator it is not there');
    for my $who ($aldo, $olga) {
        is_refused($who->propose('', $_), 403, "$_ is not for $who->{name}") for qw(compromise.key compromise.misissued compromise.drill case.run);
    }
    like($anne->get('')->decoded_content, qr{href="[^"]*/portal/compromise"}, 'it is found from the start');
}

# ---- a key -----------------------------------------------------------------------------------
{
    my $external = QW->new_external('key.test');
    my $c = client($external, 'other.key.test');
    my $key = new_key('leaked');
    $c->issue_with("k$_.key.test", $key) for 1 .. 3;
    my $hash = openssl("pkey -in $key -pubout -outform DER") ? `openssl pkey -in $key -pubout -outform DER | openssl dgst -sha256 -r` =~ s/ .*//sr : '';
    my %pem = (
        'a public key' => openssl("pkey -in $key -pubout"),
        'a request' => openssl("req -new -key $key -subj /CN=x"),
        'a certificate' => openssl("req -x509 -new -key $key -subj /CN=x"),
        'a hash' => uc "  $hash\n");
    my $before = cases();
    for my $what (sort keys %pem) {
        my $r = $anne->propose('', 'compromise.key', key => $pem{$what});
        is_deeply(counts($r), { 'block a key' => 1, 'revoke a certificate' => 3 }, "BR-4.9.1.1 $what names the key") or diag $r->as_string;
        like($r->decoded_content, qr/<strong>\Q$hash\E</, 'and it is named in words');
    }
    is(cases(), $before, 'OPR-12 a dry run opens nothing');
    my $r = $anne->propose('', 'compromise.key', key => QW::slurp($key));
    is_refused($r, 400, 'a private key is not taken', qr/private key/);
    unlike($r->decoded_content, qr/BEGIN/, 'nor shown');
    is_refused($anne->propose('', 'compromise.key', key => $pem{'a public key'} . openssl('pkey -pubout -in ' . new_key('second'))), 400, 'nor are two', qr/one at a time/);
    is_refused($anne->propose('', 'compromise.key', key => 'nonsense'), 400, 'nor nonsense', qr/key/);
    is_refused($anne->propose('', 'compromise.key', key => '0' x 64), 404, 'nor a hash that no certificate has', qr/no certificate has/);
    my $unused = openssl('pkey -pubout -in ' . new_key('unused'));
    is_refused($anne->propose('', 'compromise.key', key => $unused), 409, 'OPR nor, by an officer of tests, is one that nothing here uses', qr/no account and no good certificate of test.*all authorities; use qwacmectl/);
    my $case = done($anne->change('', 'compromise.key', key => $pem{'a request'}), 'OPR-12 signed');
    is_deeply(report($case)->{counts}, { 'block-key done' => 1, 'revoke done' => 3 }, 'BR-4.9.1.1 done') or diag explain report($case);
    is(revoked('--account', $external), 3, 'BR-4.9.1.1 its certificates and no other');
    is(scalar(grep { ($_->{reason} // '') eq 'keyCompromise' } certificates('--account', $external)), 3, 'for keyCompromise');
    my $ready = $c->prove($c->order('k9.key.test'));
    QW::is_problem($c->post($ready->{json}{finalize}, { csr => QW::b64($c->csr(['k9.key.test'], '-key', $key)) }), 400, 'badCSR', 'BR-4.9.1.1 the key is blocked');
    same_next($case, QW::ctl('compromise', 'key', $hash)->{next}, 'OPR-12 the page and the command say the same of a key');
    # a key of an account
    my $victim = client($external);
    my $account = $victim->{key}->export_key_pem('public');
    is_deeply(report(done($anne->change('', 'compromise.key', key => $account), 'of an account'))->{counts},
        { 'block-key done' => 1, 'suspend-account done' => 1 }, 'BR-4.9.1.1 an account of the key is suspended');
}

# ---- mis-issuance ------------------------------------------------------------------------------
my $now = 0;
sub clock { $now = $_[0]; QW->clock($now) }
{
    my $external = QW->new_external('mis.test');
    my $c = client($external, map { "m$_.mis.test" } 1 .. 3);
    my @serials = map { $_->{serial} } certificates('--account', $external);
    my %good = (serials => "# of the incident\n" . uc($serials[0]) . "\n" . join(':', $serials[1] =~ /../g) . "\n$serials[0]\n",
        url => 'https://exemple.fr/i', revoke_at => utc('%Y-%m-%dT%H:%M', time + 3600));
    my @ask = ('', 'compromise.misissued');
    is_refused($anne->propose(@ask, %good, @{ $_->[0] }), 400, $_->[1], $_->[2]) for
        [[url => 'http://exemple.fr/i'], 'ARI a page without https explains nothing', qr/url/],
        [[url => ''], 'ARI nor does none', qr/url/],
        [[revoke_at => ''], 'BR-4.9.1.1 a deadline is asked for', qr/revoke-at/],
        [[revoke_at => utc('%Y-%m-%dT%H:%M', time - 3600)], 'BR-4.9.1.1 in the future', qr/revoke-at/],
        [[revoke_at => 'soon'], 'a time that is none', qr/soon/],
        [[serials => ''], 'serials are asked for', qr/serials/],
        [[serials => "$serials[0]\n00aa\n"], 'serials that are none', qr/nothing was planned/],
        [[serials => join "\n", map { sprintf '%032x', $_ } 1 .. 1001], 'more serials than a form holds', qr/1001.*qwacmectl compromise mis-issuance/];
    my $r = $anne->propose(@ask, %good);
    is_deeply(counts($r), { 'have a certificate renewed' => 2, 'revoke a certificate' => 2 }, 'ARI the plan, each once') or diag $r->as_string;
    like($r->decoded_content, qr/\Q$_\E/, 'with each serial') for @serials[0, 1];
    my $case = done($anne->change(@ask, %good), 'OPR-12 signed');
    is_deeply(report($case)->{counts}, { 'recall done' => 2, 'revoke planned' => 2 }, 'ARI clients renew first');
    is((grep { $_->{name} eq $case } @{ QW::ctl('incident', 'list') })[0]{certificates}, 2, 'ARI by an incident with the number of the case');
    unlike($anne->get("case/$case")->decoded_content, qr/value="case\.run"/, 'before its time there is nothing to go on with');
    is_refused($anne->propose('', 'case.run', case => $case), 409, 'nor is it asked for', qr/nothing of case/);
    $home->put('serials', join "\n", @serials[0, 1]);
    same_next($case, QW::ctl('compromise', 'mis-issuance', "$home->{dir}/serials", '--url', $good{url}, '--revoke-at', '1h')->{next}, 'OPR-12 of mis-issuance');
    clock(3700);
    ok(QW->await(sub { revoked('--account', $external) == 2 }, 60), 'BR-4.9.1.1 at the deadline httpd revokes them') or diag explain report($case);
    clock(0);
}

# ---- which certificates --------------------------------------------------------------------------
{
    my $external = QW->new_external('window.test');
    my $at = id_of($external);
    my $c = client($external, 'a.window.test');
    clock(2 * 86400);
    $c->{nonces} = [];
    $c->issue('b.window.test');
    clock(4 * 86400);
    $c->{nonces} = [];
    $c->issue('c.window.test');
    clock(0);
    my @ask = ($at, 'compromise.acme', acme => account_of($c));
    my %window = (since => utc('%Y-%m-%dT%H:%M', time + 86400), until => utc('%Y-%m-%dT%H:%M:%S', time + 3 * 86400));
    my %serial = map { $_->{names}[0] => $_->{serial} } certificates('--account', $external);
    is_refused($anne->propose(@ask, revoke => 'window'), 400, 'OPR-13 a window has times', qr/window/);
    is_refused($anne->propose(@ask, since => 'yesterday'), 400, 'OPR-13 which can be read', qr/yesterday/);
    is_refused($anne->propose(@ask, since => $window{until}, until => $window{since}), 400, 'OPR-13 in their order', qr/until/);
    is_refused($anne->propose(@ask, revoke => 'serials'), 400, 'OPR-13 single ones are named', qr/serials/);
    is_refused($anne->propose(@ask, revoke => 'serials', serials => '00aa'), 400, 'OPR-13 as certificates of the account', qr/nothing was planned/);
    is_refused($anne->propose(@ask, revoke => 'all', serials => $serial{'a.window.test'}), 400, 'OPR-13 or not at all', qr/serials/);
    is_refused($anne->propose(@ask, revoke => 'some'), 400, 'OPR-13 a choice that is none', qr/some/);
    my $r = $anne->propose(@ask, revoke => 'window', %window);
    is(counts($r)->{'revoke a certificate'}, 1, 'OPR-13 one is in the window') or diag $r->as_string;
    like($r->decoded_content, qr{\Q$serial{'b.window.test'}\E</code></th><td>[^<]*</td><td>revoke a certificate, in the window<}, 'OPR-13 and marked');
    like($r->decoded_content, qr/those of the suspected window/, 'OPR-13 and said in words');
    my ($since) = $r->decoded_content =~ m{<dt>Since \(UTC\)</dt><dd>(.*?)</dd>};
    is($since, "$window{since}:00Z", 'OPR-13 with its times, in UTC');
    my $case = done($anne->change(@ask, revoke => 'window', %window), 'OPR-13 signed');
    is(join(' ', map { $_->{names}[0] } grep { $_->{status} eq 'revoked' } certificates('--account', $external)), 'b.window.test', 'OPR-13 it alone is revoked');
    is(report($case)->{options}{since}, $since, 'OPR-13 the case says how they were chosen');
    like($anne->get("case/$case")->decoded_content, qr/revoke a certificate, in the window/, 'OPR-13 and the page of the case marks it');
    same_next($case, QW::ctl('compromise', 'acme-account', account_of($c))->{next}, 'OPR-12 of an ACME account');
    done($anne->change(@ask, revoke => 'serials', serials => uc($serial{'c.window.test'}) . "\n"), 'OPR-13 a single one');
    is(join(' ', sort map { $_->{names}[0] } grep { $_->{status} eq 'revoked' } certificates('--account', $external)), 'b.window.test c.window.test', 'OPR-13 and no other');
    my ($kid) = map { $_->{keyId} } @{ QW::ctl('binding', 'list', $external) };
    $case = done($anne->change($at, 'compromise.binding', key => $kid, since => utc('%Y-%m-%dT%H:%M', time + 86400)), 'OPR-13 a KeyID');
    is_deeply(report($case)->{counts}, { 'revoke-binding done' => 1 }, 'OPR-13 accounts that it bound before are left alone') or diag explain report($case);
    same_next($case, QW::ctl('compromise', 'binding', $kid)->{next}, 'OPR-12 of a KeyID');
    $case = done($anne->change($at, 'compromise.account', revoke => 'serials', serials => $serial{'a.window.test'}), 'OPR-13 an external account');
    is(revoked('--account', $external), 3, 'OPR-13 with the last of them');
    same_next($case, QW::ctl('compromise', 'external-account', $external)->{next}, 'OPR-12 of an external account');
}

# A certificate that came between the plan and what it did.
{
    my $external = QW->new_external('missed.test');
    my $c = client($external, 'a.missed.test');
    my $case = done($anne->change(id_of($external), 'compromise.acme', acme => account_of($c), revoke => 'all'), 'OPR-13 an account');
    my $page = sub { $anne->get("case/$case")->decoded_content };
    unlike($page->(), qr/issued since it was planned/, 'OPR-13 all of it was planned');
    QW->resume('acme-account', account_of($c)); # as if what follows came before it was suspended
    settle();
    $c->{nonces} = [];
    $c->issue('b.missed.test');
    like($page->(), qr/issued since it was planned, which it knows nothing of: <strong>1</, 'OPR-13 one came later: the case says so');
    done($anne->change(id_of($external), 'compromise.acme', acme => account_of($c), revoke => 'all'), 'OPR-13 the runbook again');
    is(revoked('--account', $external), 2, 'OPR-13 finds it');
    unlike($page->(), qr/issued since it was planned/, 'OPR-13 and nothing is left to say');
}

# Nothing that has a time is left: a child's work would meet what is planned below.
sub settle {
    clock($now + 120);
    ok(QW->await(sub { $home->value("SELECT count(*) FROM qw_case_item WHERE status = 'planned' AND not_before > 0") eq '0' }, 60), 'children end what is left to them');
}
settle();

# ---- limits ------------------------------------------------------------------------------------------
# Rows of $table like that with $id, $n of them; $set: column => value for some.
sub copy {
    my ($table, $id, $n, $columns, %set) = @_;
    my @columns = split ' ', $columns;
    my $values = join ', ', map { $set{$_} // ($_ eq 'id' ? "x.id || '-' || i.n" : "x.$_") } @columns;
    my $text = $home->sql("INSERT INTO $table (" . join(', ', @columns) . ") WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < $n) SELECT $values FROM $table x, i WHERE x.id = '$id'");
    die $text if $text =~ /error/i;
}
{
    my $external = QW->new_external('many.test');
    my $at = id_of($external);
    my $c = client($external);
    my $order = $c->order('a.many.test');
    my $authz = $home->value("SELECT id FROM qw_authz WHERE account_id = '" . account_of($c) . "'");
    copy('qw_authz', $authz, 4998, 'id authority account_id external_id name wildcard status created expires');
    my @ask = ($at, 'compromise.acme', acme => account_of($c));
    is(counts($anne->propose(@ask))->{'void an authorization'}, 4999, '5000 items are planned');
    copy('qw_authz', $authz, 1, 'id authority account_id external_id name wildcard status created expires', name => "'b.many.test'", id => "'one-more'");
    is_refused($anne->propose(@ask), 409, '5001 are too many for one request', qr/5001 items are too many.*\(5000\).*qwacmectl compromise acme-account/);
}

# ---- broken off ------------------------------------------------------------------------------------------
sub events { $home->value("SELECT count(*) FROM qw_event WHERE event = 'certificate.revoke' AND subject_id IN (SELECT id FROM qw_certificate WHERE external_id = '$_[0]')") }

# At the portal goes on what was killed anywhere.
{
    my $external = QW->new_external('kill.test');
    my $c = client($external);
    my $key = new_key('killed');
    $c->issue_with("k$_.kill.test", $key) for 1 .. 6;
    my $pid = fork // die;
    if (!$pid) {
        open STDOUT, '>', '/dev/null'; open STDERR, '>', '/dev/null';
        exec split(' ', $ENV{QW_CTL_ENV} || ''), $ENV{QW_CTL}, '--config', "$home->{dir}/qwacme.conf", '--authority', 'test', 'compromise', 'key', $key, '--confirm', '--rate', 1;
    }
    QW->await(sub { revoked('--account', $external) >= 1 }, 60);
    kill KILL => $pid;
    waitpid $pid, 0;
    my ($case) = map { $_->{case} } @{ QW::ctl('case', 'list', '--limit', 1) };
    my $left = report($case)->{counts}{'revoke planned'};
    ok($left, 'REV-25 killed in the middle') or diag explain report($case);
    my $page = $anne->get("case/$case")->decoded_content;
    like($page, qr/due now: <strong>$left</, 'REV-25 the page says what is not done');
    like($page, qr/name="do" value="case\.run".*Go on with this case/s, 'REV-25 and has a button');
    unlike($aldo->get("case/$case")->decoded_content, qr/case\.run/, 'REV-25 for officers alone');
    like($anne->get('compromise')->decoded_content, qr{/case/\Q$case\E"}, 'it is among the open cases');
    my $r = $anne->propose('', 'case.run', case => $case);
    like($r->decoded_content, qr/Go on with the case <strong>\Q$case\E</, 'REV-25 it is shown in words');
    is(revoked('--account', $external), 6 - $left, 'OPR-12 and not done by that');
    my $form = $anne->signed($r);
    is($anne->post('sign', { %$form })->code, 200, 'REV-25 signed');
    is_deeply(report($case)->{counts}, { 'block-key done' => 1, 'revoke done' => 6 }, 'REV-25 it is gone on with') or diag explain report($case);
    is_refused($anne->post('sign', { %$form }), 403, 'OPR-03 a signature is used once');
    is_refused($anne->propose('', 'case.run', case => $case), 409, 'REV-25 then nothing is left', qr/nothing of case/);
    unlike($anne->get("case/$case")->decoded_content, qr/case\.run/, 'REV-25 nor is there a button');
    is(events(id_of($external)), 6, 'REV-25 each is revoked once');
    is_refused($anne->propose('', 'case.run', case => '20261126-AAAAAAAA'), 404, 'a case that is none', qr/no case/);
    QW::ctl('case', 'close', $case, '--conclusion', 'settled') or die $QW::ctl_text;
    is_refused($anne->propose('', 'case.run', case => $case), 409, 'one that is closed', qr/closed/);
}

# Two persons, where two are asked for.
{
    my $external = QW->new_external('bulk.test');
    my $c = client($external, 'a.bulk.test');
    my $bulk = QW::ctl_as('one', 'certificate', 'bulk-revoke', '--account', $external, '--confirm') or die $QW::ctl_text;
    unlike($anne->get("case/$bulk->{case}")->decoded_content, qr/case\.run/, 'REV-25 what waits for a second person has no button');
    is_refused($anne->propose('', 'case.run', case => $bulk->{case}), 409, 'REV-25 nor is it run', qr/second person/);
    QW::ctl_as('two', 'approval', 'approve', $bulk->{approval}) or die $QW::ctl_text;
    is($anne->change('', 'case.run', case => $bulk->{case})->code, 200, 'REV-25 once it was approved it is');
    is(revoked('--account', $external), 1, 'REV-25 and revokes');
}

SKIP: {
    skip 'failpoints are in the test build', 1 unless $ENV{QW_BUILD} eq 'san';
    # the process dies
    my $external = QW->new_external('dies.test');
    my $at = id_of($external);
    client($external, 'a.dies.test', 'b.dies.test');
    my @ask = ($at, 'compromise.account', revoke => 'all');
    my $form = $anne->signed($anne->propose(@ask));
    $home->put('failpoints', "case.work kill 1\n");
    isnt($anne->post('sign', $form)->code, 200, 'REV-25 the process dies in the middle');
    is($home->slurp('failpoints'), '', 'REV-25 in its work');
    my ($case) = map { $_->{case} } @{ QW::ctl('case', 'list', '--limit', 1) };
    is(join(' ', grep { !/ planned$/ } keys %{ report($case)->{counts} }), '', 'REV-25 the case is whole, and nothing of it done');
    is(QW::ctl('account', 'show', $external)->{status}, 'active', 'REV-25 the account goes on');
    is($anne->change('', 'case.run', case => $case)->code, 200, 'REV-25 it is gone on with');
    is(join(' ', grep { !/ done$/ } keys %{ report($case)->{counts} }), 'kill-authz planned', 'REV-25 all of it but authorizations') or diag explain report($case);
    is(events($at), 2, 'REV-25 each certificate is revoked once');
    settle();
    is(join(' ', grep { !/ done$/ } keys %{ report($case)->{counts} }), '', 'REV-25 which a child ends');

    # its time is over
    $external = QW->new_external('slow.test');
    $at = id_of($external);
    my ($kid) = map { $_->{keyId} } QW->new_binding($external);
    copy('qw_binding', $kid, 300, 'id authority external_id sealed algs status max_uses expires created created_by');
    $form = $anne->signed($anne->propose($at, 'compromise.account'));
    $home->put('failpoints', "case.work delay:9000 1\n");
    my $r = $anne->post('sign', $form);
    $case = done($r, 'what takes too long ends in time');
    my $counts = report($case)->{counts};
    ok($counts->{'suspend-binding planned'} && $counts->{'suspend-binding done'}, 'after one batch') or diag explain $counts;
    like($r->decoded_content, qr/Not done yet.*case\.run/s, 'the answer says so, and how to go on');
    like($home->slurp('log/error_log'), qr/QW0560: case \Q$case\E of authority test is not done: .*too long/, 'and the log');
    is($anne->change('', 'case.run', case => $case)->code, 200, 'going on');
    is(join(' ', grep { !/ done$/ } keys %{ report($case)->{counts} }), '', 'ends it') or diag explain report($case);
}

# ---- a drill ------------------------------------------------------------------------------------------------
{
    my $r = $anne->propose('', 'compromise.drill');
    my $left = grep { $_->{status} eq 'issued' } certificates();
    is(counts($r)->{'revoke a certificate'}, $left, 'OPR a drill is a plan first') or diag $r->as_string;
    my $case = done($anne->change('', 'compromise.drill'), 'OPR a drill');
    is(scalar(grep { $_->{status} eq 'issued' } certificates()), 0, 'OPR nothing is left');
    same_next($case, QW::ctl('compromise', 'ca-drill')->{next}, 'OPR-12 of a drill');
}
# ---- production ------------------------------------------------------------------------------------------------
{
    $home->end($home->{httpd});
    my $perspectives = join '', map { "\nQwacmePerspective p$_ https://p$_.test/mpic " . ($_ % 2 ? 'RIPE' : 'ARIN') } 1 .. 6;
    for my $file ('qwacme.conf', $pgsql ? $included : ()) {
        $home->put($file, $home->slurp($file) =~ s/^\s*QwacmeTest.*\n//mgr =~ s/^(\s*QwacmeProfiles) .*$/$1 qncp-w-gen/mr
            =~ s/QwacmeKind test/QwacmeKind production$perspectives\nQwacmePerspectiveAPIKeyFile $home->{dir}\/seal.key/r);
    }
    $home->start;
    $anne->login;
    my $page = $anne->get('compromise')->decoded_content;
    unlike($page, qr/value="compromise\.drill"/, 'OPR no drill in production');
    like($page, qr/This authority is for production: a drill is for test authorities/, 'OPR the page says why');
    is($anne->propose('', 'compromise.key', key => openssl("pkey -pubout -in $home->{dir}/unused.pem"))->code, 200, 'OPR an officer of production can block any key');
    is_refused($anne->propose('', 'compromise.drill'), 400, 'OPR nor is one taken', qr/production; a drill is for test authorities/);
}
unlike($home->slurp('log/error_log'), qr/permission denied/, 'no right was missed');
done_testing();
