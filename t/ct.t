# Certificate Transparency: precertificates, logs that lie, are slow or dead, what
# is embedded, and orders that wait. On a bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use Test::More;

my $home = QW::Bed->new('ct', 15000);
my ($bed, $src, $port) = ($home->{dir}, $ENV{QW_SRCDIR}, 15070);
my @operators = qw(Alpha Beta Gamma Alpha Delta);
my $log = "$src/t/lib/ctlog";
system($log, 'list', $bed, $port, @operators) == 0 or die;
$home->run_ready('log/ctlog', $log, 'serve', $bed, $port, "$bed/ca-test/root.pem");
$home->configure(sub {
    s{(<QwacmeAuthority test>\n)}{$1    QwacmeCTLogList $bed/logs.json
    QwacmeCTTimeout 2s
    QwacmeCTDeadline 1h
    QwacmeLimit orders-per-account off
    QwacmeLimit orders-per-domain off
    QwacmeLimit orders-per-ip off
};
});
my $httpd = $home->start;
my $external = QW->new_external('log.test');
my $c = QW->registered(external => $external);

sub modes { my ($mode, @n) = @_; $home->put("mode-$_", $mode) for @n }
sub submitted { my ($n) = @_; -e "$bed/submitted-$n" ? split(/\n/, $home->slurp("submitted-$n")) : () }
my $count = 0;

# An order that is proven, finalized once: where it is, and that answer.
sub finalize {
    my ($name) = @_;
    my $r = $c->order($name ||= 'n' . ++$count . '.log.test');
    my $at = $r->header('Location');
    my $order = $c->prove($r)->{json};
    is($order->{status}, 'ready', 'an order is ready') or diag explain $order;
    return ($at, $c->post($order->{finalize}, { csr => QW::b64($c->csr([$name])) }));
}
sub settled { my ($at, $seconds) = @_; QW->await(sub { my $o = $c->post($at)->{json}; $o->{status} ne 'processing' && $o }, $seconds || 30) }
sub attempts { split /\n/, $home->value("SELECT kind || ' ' || status FROM qw_attempt WHERE order_id = '$_[0]' ORDER BY created, kind DESC") }
sub order_id { my ($at) = @_; $at =~ s{.*/}{}r }

# The SCTs of a valid order's certificate, verified by code that is not ours.
sub scts {
    my ($order) = @_;
    my $pem = $c->post($order->{certificate})->content;
    $home->put('leaf.pem', $pem =~ /(.*?END CERTIFICATE-----\n)/s);
    my @lines = map { [split] } `'$log' check '$bed' '$bed/leaf.pem' '$bed/ca-test/issuing.pem' 2>&1`;
    is($?, 0, 'every SCT verifies') or diag map { "@$_\n" } @lines;
    unlike(`openssl x509 -in '$bed/leaf.pem' -noout -text`, qr/CT Precertificate Poison/, 'no poison is left');
    is(system("openssl verify -x509_strict -CAfile '$bed/ca-test/root.pem' -untrusted '$bed/ca-test/issuing.pem' '$bed/leaf.pem' >/dev/null"), 0, 'openssl takes it');
    return @lines;
}

# ---- the usual way -------------------------------------------------------------------
{
    my ($at, $r) = finalize();
    QW::is_fine($r, 200, 'FIN-02 finalize');
    like($r->{json}{status}, qr/^(processing|valid)$/, 'the order waits for logs');
    ok($r->{json}{status} eq 'valid' || $r->header('Retry-After') >= 1, 'with a time to ask again');
    my $order = settled($at);
    is($order->{status}, 'valid', 'and is valid') or diag explain $order;
    my @scts = scts($order);
    is(scalar @scts, 2, 'two SCTs up to 180 days');
    isnt($scts[0][0], $scts[1][0], 'of different operators');
    my %signed = map { ((split)[2] => 1) } map { submitted($_) } 1 .. 5;
    ok($signed{ $scts[0][2] }, 'FIN-31 the precertificate said the same, octet by octet');
    is_deeply([attempts(order_id($at))], ['precert issued', 'cert issued'], 'both are in the ledger');
    is($home->value("SELECT count(DISTINCT serial) FROM qw_attempt WHERE order_id = '" . order_id($at) . "'"), 1, 'with one serial');
    is(scalar(grep { /\b\Q@{[ (split ' ', (submitted($scts[0][1]))[-1])[1] ]}\E/ } submitted($scts[0][1])), 1, 'a log is asked once');
}

# ---- logs that lie, are slow, or dead ---------------------------------------------------
for my $mode (qw(down forged other garbage greedy slow)) {
    modes($mode, 1, 4);
    my ($at) = finalize();
    my $order = settled($at);
    is($order->{status}, 'valid', "an operator whose logs are $mode is passed by") or diag explain $order;
    ok(!grep({ $_->[0] eq 'Alpha' } scts($order)), "$mode: none of theirs is embedded");
}
modes('good', 1, 4);

# ---- a precertificate is no certificate -----------------------------------------------------
{
    my ($at) = finalize();
    settled($at);
    my $id = order_id($at);
    my $precert = $home->value("SELECT der FROM qw_attempt WHERE order_id = '$id' AND kind = 'precert'");
    my $r = $c->post($c->url('revokeCert'), { certificate => $precert });
    QW::is_problem($r, 404, 'malformed', 'REV-08 revokeCert does not know a precertificate');
    is($home->value("SELECT count(*) FROM qw_revocation r JOIN qw_attempt t ON t.serial = r.serial WHERE t.order_id = '$id'"), 0, 'REV-08 and its certificate goes on');
}

# ---- a key that is blocked before the logs have answered --------------------------------
{
    modes('down', 1 .. 5);
    my $key = "$bed/lost.pem";
    system("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $key 2>/dev/null") == 0 or die;
    my $name = 'lost.log.test';
    my $r = $c->order($name);
    my $at = $r->header('Location');
    my $order = $c->prove($r)->{json};
    $c->post($order->{finalize}, { csr => QW::b64($c->csr([$name], '-key', $key)) });
    QW->await(sub { (attempts(order_id($at)))[0] });
    ok(QW::ctl('blocklist', 'add', $key, '--reason', 'found on a stick'), 'a key is blocked') or diag $QW::ctl_text;
    modes('good', 1 .. 5);
    $order = settled($at, 60);
    is("$order->{status} $order->{error}{type}", 'invalid urn:ietf:params:acme:error:badCSR', 'REV-18 its certificate is refused') or diag explain $order;
    is_deeply([attempts(order_id($at))], ['precert issued'], 'REV-18 and never signed');
    my $of = "FROM qw_revocation r JOIN qw_attempt t ON t.issuer = r.issuer AND t.serial = r.serial WHERE t.order_id = '" . order_id($at) . "'";
    is($home->value("SELECT r.reason || ' ' || r.actor $of"), '1 publisher', 'REV-18 the precertificate is revoked, for keyCompromise');
}
modes('static', 2, 3);
{
    my ($at) = finalize();
    ok(grep({ $_->[0] =~ /Beta|Gamma/ } scts(settled($at))), 'extensions of the static API are kept');
}
modes('good', 2, 3);

# ---- nobody answers ------------------------------------------------------------------------
{
    modes('down', 1 .. 5);
    my ($at, $r) = finalize();
    is($r->{json}{status}, 'processing', 'FIN-30 without logs the order is processing');
    my $id = order_id($at);
    my $serial = $home->value("SELECT serial FROM qw_attempt WHERE order_id = '$id' AND kind = 'precert'");
    QW->await(sub { $home->slurp('log/error_log') =~ /QW0218.*\Q$serial\E/ }) or fail('the log says so');
    ok(!QW::ctl('certificate', 'show', $serial), 'there is no certificate yet');
    my $again = $c->post($c->post($at)->{json}{finalize}, { csr => QW::b64($c->csr(["n$count.log.test"])) });
    QW::is_problem($again, 403, 'orderNotReady', 'FIN-03 nor a second precertificate');

    # killed and started again, children and signer
    # the parent first: it would make another child, which kept the port
    my @children = split ' ', `ps -o pid= --ppid $httpd`;
    kill KILL => $httpd;
    kill KILL => @children, -$httpd;
    waitpid $httpd, 0;
    QW->await(sub { !grep { kill 0 => $_ } split ' ', `cat '$bed/httpd.pid' 2>/dev/null` });
    modes('good', 1 .. 5);
    $httpd = $home->start;
    $c->{nonces} = [];
    my $order = settled($at, 60);
    is($order->{status}, 'valid', 'after kill -9 it is issued') or diag explain $order;
    is(scalar(@{ [ scts($order) ] }), 2, 'with its SCTs');
    is_deeply([attempts($id)], ['precert issued', 'cert issued'], 'by the same precertificate');
    is($home->value("SELECT serial FROM qw_certificate WHERE order_id = '$id'"), $serial, 'and serial');
}
{
    modes('down', 1 .. 5);
    my ($at) = finalize();
    is($c->post($at)->{json}{status}, 'processing', 'FIN-30 another one waits');
    QW->clock(3601);
    $c->{nonces} = [];
    my $order = settled($at, 60);
    is($order->{status}, 'invalid', 'FIN-30 until its deadline');
    is($order->{error}{type}, 'urn:ietf:params:acme:error:serverInternal', 'FIN-30 as a fault of ours');
    is_deeply([attempts(order_id($at))], ['precert issued'], 'FIN-30 the precertificate is on record');
    my $serial = $home->value("SELECT serial FROM qw_attempt WHERE order_id = '" . order_id($at) . "'");
    my $revoked = QW::ctl('certificate', 'revoke', uc $serial, '--reason', 'superseded');
    ok($revoked, 'and can be revoked') or diag $QW::ctl_text;
    is($revoked->[0]{status}, 'revoked', 'which it then is') if $revoked;
    is($home->value("SELECT count(*) FROM qw_revocation WHERE serial = '$serial' AND reason = 4"), 1, 'on record');
    ok(!QW::ctl('certificate', 'revoke', $serial, '--reason', 'superseded'), 'once');
    QW->clock(0);
    $c->{nonces} = [];
}

# ---- the next issuer -----------------------------------------------------------------------
{
    system("'$ENV{QW_CTL}' ca init-demo '$bed/ca-new' --organization 'Exemple Confiance' --country FR"
        . " --organization-identifier NTRFR-123456789 >/dev/null") == 0 or die;
    my $before = $home->slurp('qwacme.conf');
    my $restart = sub {
        my ($old_key) = @_;
        modes('down', 1 .. 5);
        my ($at) = finalize();
        $home->configure(sub {
            s{(QwacmeIssuer \S+) \S+}{QwacmeIssuer $bed/ca-new/issuing.pem $bed/ca-new/issuing-key.pem\n    $1 $old_key};
        });
        $home->end($httpd);
        modes('good', 1 .. 5);
        $httpd = $home->start;
        $c->{nonces} = [];
        my $order = settled($at, 60);
        $home->put('qwacme.conf', $before);
        return ($at, $order);
    };
    my ($at, $order) = $restart->("$bed/ca-test/issuing-key.pem");
    is($order->{status}, 'valid', 'the certificate of a precertificate') or diag explain $order;
    scts($order);
    is($home->value("SELECT count(DISTINCT issuer) FROM qw_attempt WHERE order_id = '" . order_id($at) . "'"), 1, 'is of the same issuer');
    $home->end($httpd);
    $httpd = $home->start;
    $c->{nonces} = [];
    ($at, $order) = $restart->('none');
    is($order->{status}, 'invalid', 'unless that one signs no more') or diag explain $order;
    like($order->{error}{detail}, qr/signs no more/, 'which is told');
    is_deeply([attempts(order_id($at))], ['precert issued'], 'and nothing else was signed');
    $home->end($httpd);
    $httpd = $home->start;
    $c->{nonces} = [];
}

# ---- a signer elsewhere that took it up and does not come back ----------------------------------
{
    modes('down', 1 .. 5);
    my $name = 'elsewhere.log.test';
    my ($at) = finalize($name);
    my $id = order_id($at);
    my $job = "FROM qw_job WHERE subject_id = (SELECT id FROM qw_attempt WHERE order_id = '$id' AND kind = 'precert')";
    my $rounds = sub { my ($n) = @_; my $from = $home->value("SELECT returns $job");
        QW->await(sub { my $now = $home->value("SELECT returns $job"); $now eq '' || $now >= $from + $n }, 30) };
    QW->await(sub { $home->value("INSERT INTO qw_attempt (id, authority, order_id, kind, issuer, serial, tbs, tbs_hash, profile_hash, identity_version, status, node, lease_until, created)"
        . " SELECT substr(id, 1, 20) || 'zz', authority, order_id, 'cert', issuer, serial, tbs, tbs_hash, profile_hash, identity_version, 'signing', 'elsewhere', 9000000000000000, created FROM qw_attempt WHERE order_id = '$id' RETURNING status") });
    is_deeply([attempts($id)], ['precert issued', 'cert signing'], 'its certificate is being signed');
    QW->clock(3601);
    $c->{nonces} = [];
    $rounds->(1);
    is($c->post($at)->{json}{status}, 'processing', 'its deadline fails no order that may have a certificate');
    modes('good', 1 .. 5);
    QW->clock(0);
    $c->{nonces} = [];
    $rounds->(2);
    is($home->value("SELECT count(*) $job"), 1, 'nor is it forgotten');
    QW->await(sub { $home->value("UPDATE qw_attempt SET lease_until = 1 WHERE order_id = '$id' AND kind = 'cert' RETURNING status") });
    ok(QW::ctl('ledger', 'reconcile'), 'the attempt is written off') or diag $QW::ctl_text;
    is($c->post($at)->{json}{status}, 'ready', 'the order is ready again');
    $c->post($c->post($at)->{json}{finalize}, { csr => QW::b64($c->csr([$name])) });
    is(settled($at)->{status}, 'valid', 'and issued with another precertificate');
}

# ---- an order that is given up while a signer begins ---------------------------------------
SKIP: {
    skip 'one writer at a time', 3 if $ENV{QW_DB} eq 'sqlite3';
    modes('down', 1 .. 5);
    my ($at) = finalize();
    my $id = order_id($at);
    $home->run('log/giving-up', "$ENV{QW_PG_BINDIR}/psql", '-h', $ENV{QW_PG_SOCKET}, '-U', 'qwacme', '-d', 'qwacme', '-c',
        "UPDATE qw_order SET status = 'invalid' WHERE id = '$id' RETURNING (SELECT 'x' FROM pg_sleep(8))");
    QW->await(sub { $home->value("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") }) or die;
    modes('good', 1 .. 5);
    my $order = settled($at, 30);
    is($order->{status}, 'invalid', 'an order is given up');
    is_deeply([attempts($id)], ['precert issued'], 'by a signer too, which waited for that');
}

# ---- by their key: what was promised counts as issued ----------------------------------------
# BR-4.9.1.1, BR-7.1.2.9
sub promised {
    my ($key, $name) = @_;
    my $r = $c->order($name);
    my $at = $r->header('Location');
    $c->post($c->prove($r)->{json}{finalize}, { csr => QW::b64($c->csr([$name], '-key', $key)) });
    my $id = order_id($at);
    QW->await(sub { ((attempts($id))[0] || '') eq 'precert issued' }) or die 'no precertificate';
    return $home->value("SELECT serial FROM qw_attempt WHERE order_id = '$id'");
}
sub reason { $home->value("SELECT reason FROM qw_revocation WHERE serial = '$_[0]'") }
{
    modes('down', 1 .. 5);
    system("openssl ecparam -genkey -name prime256v1 -noout -out '$bed/out-$_.pem'") == 0 or die for 1 .. 3;
    my @serials = map { promised("$bed/out-1.pem", "out-$_.log.test") } 1, 2;
    my ($hash) = `openssl pkey -in '$bed/out-1.pem' -pubout -outform DER | openssl dgst -sha256 -r` =~ /^(\w+)/;
    my $plan = QW::ctl('compromise', 'key', $hash);
    ok($plan, 'BR-4.9.1.1 a key is out, and only precertificates have it') or diag $QW::ctl_text;
    like($QW::ctl_text, qr/\Q$_\E/, 'BR-7.1.2.9 the plan has them') for @serials;
    ok(QW::ctl('compromise', 'key', $hash, '--confirm'), 'it is done') or diag $QW::ctl_text;
    is(reason($_), 1, 'BR-7.1.2.9 each is revoked for it') for @serials;

    @serials = map { promised("$bed/out-2.pem", "out-$_.log.test") } 3, 4;
    ok(QW::ctl('certificate', 'revoke', $serials[0], '--reason', 'keyCompromise'), 'one is revoked, its key blocked') or diag $QW::ctl_text;
    is(reason($_), 1, 'BR-7.1.2.9 so is what else was promised to the key') for @serials;
    like($QW::ctl_text, qr/\Q$_\E/i, 'and told') for @serials;

    my $serial = promised("$bed/out-3.pem", 'out-5.log.test');
    my $blocked = QW::ctl('blocklist', 'add', "$bed/out-3.pem", '--reason', 'seen');
    is_deeply($blocked && $blocked->[0]{certificates}, [$serial], 'BR-4.9.1.1 a key that is blocked: what was promised to it is told') or diag $QW::ctl_text;
    modes('good', 1 .. 5);
}

# ---- what changes meanwhile -------------------------------------------------------------------
{
    modes('down', 1 .. 5);
    my ($at) = finalize();
    my $serial = $home->value("SELECT serial FROM qw_attempt WHERE order_id = '" . order_id($at) . "'");
    ok(QW::ctl('certificate', 'revoke', $serial, '--reason', 'keyCompromise'), 'a precertificate is revoked') or diag $QW::ctl_text;
    modes('good', 1 .. 5);
    is(settled($at, 60)->{status}, 'invalid', 'its certificate is not issued');
    is_deeply([attempts(order_id($at))], ['precert issued'], 'nor signed');
}
{
    modes('down', 1 .. 5);
    my ($at) = finalize();
    ok(QW::ctl('account', 'verify', $external, '--organization', 'Exemple Autre SA', '--organization-identifier', 'NTRFR-542051180',
        '--country', 'FR', '--locality', 'Paris', '--street', "1 rue de l'Exemple", '--postal-code', '75001', '--profiles', 'qncp-w',
        '--verified-by', 'officer-1', '--verified-method', 'a', '--expires', '365d'), 'the identity is verified anew') or diag $QW::ctl_text;
    modes('good', 1 .. 5);
    my $order = settled($at, 60);
    is($order->{status}, 'invalid', 'a certificate of the old one is not issued');
    is_deeply([attempts(order_id($at))], ['precert issued'], 'nor signed');
}
{
    modes('down', 1 .. 5);
    my ($gone) = finalize('gone.log.test');
    my ($revoked) = finalize('revoked.log.test');
    ok(QW::ctl('domain', 'remove', $external, 'log.test'), 'the name leaves the list') or diag $QW::ctl_text;
    modes('good', 1 .. 5);
    my $order = settled($gone, 60);
    is($order->{status}, 'invalid', 'LST-10 it is not issued');
    is($order->{error}{type}, 'urn:ietf:params:acme:error:unauthorized', 'LST-10 and told why');
    settled($revoked, 60);
    ok(!$home->value("SELECT count(*) FROM qw_attempt WHERE kind = 'cert' AND order_id IN ('" . order_id($gone) . "', '" . order_id($revoked) . "')"), 'LST-10 nothing was signed');
}
# the issuer that was there for a while has CRLs of its own in the ledger
$home->configure(sub { s{(QwacmeIssuer .*)}{$1\n    QwacmeIssuer $bed/ca-new/issuing.pem none} });
my $verified = QW::ctl('ledger', 'verify');
ok($verified, 'the ledger agrees with the spool') or diag $QW::ctl_text;
is($verified->{signing}, 0, 'nothing is left open');
done_testing();
