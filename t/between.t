# What is changed while a certificate is being made: between the look that the gate takes
# and the record of it, and between that record and the signature's. On a bed of its own.
use strict; use warnings FATAL => 'all';
use MIME::Base64 qw(decode_base64);
use QW; use QW::Bed; use Test::More;

my $home = QW::Bed->new('between', 17900);
my $bed = $home->{dir};
$home->configure(sub { s/(<QwacmeAuthority test>\n)/$1    QwacmeLimit orders-per-account off\n    QwacmeLimit orders-per-domain off\n    QwacmeLimit accounts-per-ip off\n/ });
my $httpd = do { local $ENV{QWACME_FAILPOINTS} = "$bed/failpoints"; $home->put('failpoints', ''); $home->start };
my $n = 0;

sub key_file {
    my $file = "$bed/key-" . ++$n . '.pem';
    system("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $file 2>/dev/null") == 0 or die;
    return $file;
}
# A client in an external account of its own with an order that is proven, and its key.
sub ready {
    my $c = QW->new;
    my $name = 'x' . ++$n . '.between.test';
    $c->{external} = QW->new_external($name);
    $c->{binding} = QW->new_binding($c->{external}, '--uses', 9);
    my $r = $c->register(binding => $c->{binding});
    die $r->as_string unless $r->code == 201;
    $c->{key_file} = key_file();
    $r = $c->order($name);
    $c->{order} = $r->header('Location') =~ s{.*/}{}r;
    $c->{finalize} = $c->prove($r)->{json}{finalize};
    $c->{payload} = { csr => QW::b64($c->csr([$name], '-key', $c->{key_file})) };
    $c->{which} = { 'acme-account' => $c->{kid} =~ s{.*/}{}r, binding => $c->{binding}{keyId}, account => $c->{external} };
    return $c;
}

# $do->() in a process of its own: what asks whether it has ended, and what waits for what
# it returns.
sub meanwhile {
    my ($do) = @_;
    my $file = "$bed/meanwhile-" . ++$n;
    my $pid = fork // die;
    if (!$pid) {
        alarm 120; # nobody waits for longer, nor does it outlive the suite
        my $got = $do->();
        open my $out, '>', "$file.new" or POSIX::_exit(1);
        print $out QW::encode({ got => $got });
        close $out;
        rename "$file.new", $file;
        POSIX::_exit(0);
    }
    return (sub { -e $file }, sub { waitpid $pid, 0; QW::decode(QW::slurp($file))->{got} });
}
sub finalize {
    my ($c) = @_;
    my $body = $c->jws($c->{finalize}, $c->{payload});
    return meanwhile(sub { QW->new(key => $c->{key})->post($c->{finalize}, undef, body => $body)->code });
}
sub signed { $home->value("SELECT count(*) FROM qw_attempt WHERE order_id = '$_[0]{order}'") }
sub revoked_for { $home->value("SELECT r.reason FROM qw_certificate c JOIN qw_revocation r ON r.serial = c.serial WHERE c.order_id = '$_[0]{order}'") }
# Its answer: how many certificates are told to have the key.
sub block {
    my ($c) = @_;
    return meanwhile(sub { my $got = QW::ctl('blocklist', 'add', $c->{key_file}, '--reason', 'found on a stick'); $got ? scalar @{ $got->[0]{certificates} } : $QW::ctl_text });
}

# ---- a key that is blocked while its certificate is signed: in the test build ------------
SKIP: {
    skip 'failpoints are in the test build', 1 unless $ENV{QW_BUILD} eq 'san';
    my $c = ready();
    $home->put('failpoints', "signer.sign.before delay:3000 1\n");
    my ($ended, $answer) = finalize($c);
    QW->await(sub { $home->slurp('failpoints') eq '' }) or die 'the failpoint was not reached';
    my (undef, $blocked) = block($c);
    is($blocked->(), 0, 'a key is blocked, of which there is no certificate');
    is($home->value("SELECT count(*) FROM qw_certificate WHERE order_id = '$c->{order}'"), 0, 'while its certificate is signed');
    is($answer->(), 200, 'REV-18 what was begun is ended');
    is(revoked_for($c), 1, 'REV-18 and revoked in that moment, for keyCompromise');
    is($home->value("SELECT actor FROM qw_event WHERE event = 'certificate.revoke' ORDER BY at DESC LIMIT 1"), 'signer', 'REV-18 the audit says by whom');
}

# ---- several at once: a database that has them wait -----------------------------------------
SKIP: {
    skip 'one writer at a time has nothing between', 1 if $ENV{QW_DB} eq 'sqlite3';

    # A session that holds what $sql locks until it is let go.
    my $hold = sub {
        my ($sql) = @_;
        open my $psql, '|-', "$ENV{QW_PG_BINDIR}/psql -h '$ENV{QW_PG_SOCKET}' -U qwacme -d qwacme -Atq >$bed/held 2>&1" or die $!;
        $psql->autoflush;
        unlink "$bed/holds";
        print $psql "BEGIN;\n$sql;\n\\! touch $bed/holds\n";
        QW->await(sub { -e "$bed/holds" }) or die $home->slurp('held');
        return sub { print $psql "ROLLBACK;\n"; close $psql };
    };
    my $waits = sub { $home->value("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted") };

    for my $kind (qw(acme-account binding account)) {
        my $c = ready();
        my $let_go = $hold->("SELECT 1 FROM qw_order WHERE id = '$c->{order}' FOR UPDATE");
        my (undef, $answer) = finalize($c);
        QW->await(sub { $waits->() == 1 }) or die 'the signer does not wait for its order';
        my ($ended, $stopped) = meanwhile(sub { QW::ctl($kind, 'suspend', $c->{which}{$kind}, '--reason', 'test') ? 'ok' : $QW::ctl_text });
        QW->await(sub { $ended->() || $waits->() == 2 });
        ok(!$ended->(), "LIM-20 $kind: a suspension waits for what the gate has let pass");
        $let_go->();
        is($stopped->(), 'ok', "LIM-20 $kind: and comes after it");
        is(signed($c), 1, "LIM-20 $kind: which is on record by then");
        is($answer->(), 200, "LIM-20 $kind: and is signed");

        $c = ready();
        $let_go = $hold->('LOCK TABLE qw_event IN EXCLUSIVE MODE');
        ($ended, $stopped) = meanwhile(sub { QW::ctl($kind, 'suspend', $c->{which}{$kind}, '--reason', 'test') ? 'ok' : $QW::ctl_text });
        QW->await(sub { $waits->() == 1 }) or die 'the suspension does not wait for the log';
        (undef, $answer) = finalize($c);
        QW->await(sub { $waits->() == 2 }) or die 'the signer does not wait';
        $let_go->();
        is($stopped->(), 'ok', "LIM-20 $kind: what is being suspended");
        is($answer->(), 403, "LIM-20 $kind: is waited for, and gets nothing signed");
        is(signed($c), 0, "LIM-20 $kind: nothing is on record");
    }
    {
        my $c = ready();
        my $let_go = $hold->('LOCK TABLE qw_certificate IN SHARE MODE');
        my (undef, $answer) = finalize($c);
        QW->await(sub { $waits->() == 1 }) or die 'the signer does not wait for its table';
        my ($ended, $blocked) = block($c);
        QW->await(sub { $ended->() || $waits->() == 2 });
        ok(!$ended->(), 'REV-18 blocking a key waits for a certificate that is about to be recorded');
        $let_go->();
        is($blocked->(), 1, 'REV-18 and then tells of it');
        is($answer->(), 200, 'REV-18 which is issued');
    }
}
done_testing();
