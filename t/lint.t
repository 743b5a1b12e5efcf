# Linters of others' making: what they see is what is signed; nothing is signed that
# they refuse, or of which they do not speak. On a bed of its own.
use strict; use warnings FATAL => 'all';
use MIME::Base64 qw(decode_base64);
use QW; use QW::Bed; use Test::More;

my $home = QW::Bed->new('lint', 14800);
my ($bed, $src, $port) = ($home->{dir}, $ENV{QW_SRCDIR}, 14870);
$home->put('lint-mode', 'clean');
$home->run_ready('log/pkimetal', 'python3', "$src/t/lib/pkimetal", $bed, $port);
$home->configure(sub {
    s{(<QwacmeAuthority test>\n)}{$1    QwacmeLinter http://127.0.0.1:$port pkilint zlint
    QwacmeLimit orders-per-account off
    QwacmeLimit orders-per-domain off
};
});
$home->put('state-of-linter', '');
my $httpd = $home->start;
my $c = QW->registered(external => QW->new_external('lint.test'));
my $count = 0;

sub ready {
    my $name = 'n' . ++$count . '.lint.test';
    my $r = $c->order($name);
    my $order = $c->prove($r)->{json};
    is($order->{status}, 'ready', 'an order is ready');
    return ($r->header('Location'), $order->{finalize}, { csr => QW::b64($c->csr([$name])) });
}
sub attempts { $home->value("SELECT count(*) FROM qw_attempt WHERE order_id = '" . ($_[0] =~ s{.*/}{}r) . "'") }
sub events { @{ QW::ctl('event', 'list', '--limit', 1000)->{events} || [] } }

# Refused at first, then, once the linter says something else, issued.
sub refused_then_issued {
    my ($what, $code, $spoil, $cure) = @_;
    my ($at, $finalize, $csr) = ready();
    $spoil->();
    my $r = $c->post($finalize, $csr);
    QW::is_problem($r, $code, 'serverInternal', "FIN-29 $what");
    unlike($r->content, qr/finding of the linter|pkilint|zlint|127\.0\.0\.1/, "FIN-29 $what: the client is not told what");
    is(attempts($at), 0, "FIN-29 $what: nothing is signed");
    is($c->post($at)->{json}{status}, 'ready', "FIN-29 $what: the order stays ready");
    $cure->();
    is($c->finalize($at, decode_base64($csr->{csr} =~ tr{-_}{+/}r))->{json}{status}, 'valid', "FIN-33 $what: later it is issued");
}
sub mode { my ($mode) = @_; sub { $home->put('lint-mode', $mode) } }

# ---- pkimetal -------------------------------------------------------------------------
{
    my ($at, $finalize, $csr) = ready();
    is($c->finalize($at, decode_base64($csr->{csr} =~ tr{-_}{+/}r))->{json}{status}, 'valid', 'what linters pass is issued');
    my ($profile, $tbs) = split ' ', $home->slurp('linted');
    is($profile, 'etsi_leaf_tlsserver_qncpwoveidas', 'they are told the profile');
    my $signed = $home->value("SELECT tbs FROM qw_attempt WHERE kind = 'cert'");
    is($tbs =~ tr{+/}{-_}r =~ s/=+$//r, $signed, 'what they saw is what was signed, octet by octet');
}
mode('warning')->();
{
    my ($at, $finalize, $csr) = ready();
    is($c->finalize($at, decode_base64($csr->{csr} =~ tr{-_}{+/}r))->{json}{status}, 'valid', 'a warning refuses nothing');
    my $id = $at =~ s{.*/}{}r;
    like($home->value("SELECT detail FROM qw_event WHERE event = 'certificate.sign' AND subject_id = '$id'"), qr/an unknown extension/, 'and is on record');
}
refused_then_issued("a linter's answer is: $_", 500, mode($_), mode('clean')) for qw(error unknown);
like($home->value("SELECT detail FROM qw_event WHERE event = 'certificate.lint' LIMIT 1"), qr/a finding of the linter/, 'FIN-29 the officer reads the finding');
like($home->slurp('log/error_log'), qr/certificate\.lint of order/, 'FIN-29 and the log says where');
refused_then_issued("pkimetal is $_", 503, mode($_), mode('clean')) for qw(fatal unused partial busy garbage);
{
    my ($at, $finalize, $csr) = ready();
    my ($other, $finalize2, $csr2) = ready();
    mode('slow')->();
    my @both = $c->at_once([$finalize, $c->jws($finalize, $csr)], [$finalize2, $c->jws($finalize2, $csr2)]);
    is(scalar(grep { $_->{code} == 503 } @both), 2, 'FIN-29 one that does not answer in time') or diag explain \@both;
    is(attempts($at) + attempts($other), 0, 'FIN-29 leaves nothing signed');
    mode('clean')->();
}

# ---- a program ---------------------------------------------------------------------------
my $program = "$bed/linter";
sub program {
    my ($text) = @_;
    return sub {
        $home->put('linter.new', "#!/bin/sh\n$text\n");
        chmod 0755, "$program.new";
        rename "$program.new", $program or die;
    };
}
$home->end($httpd);
my $good = program("openssl x509 -inform DER -noout -serial >'$bed/seen' && exit 0; exit 3");
$good->();
$home->configure(sub { s{QwacmeLinter .*}{QwacmeLinter exec:$program} });
$home->start;
$c->{nonces} = [];
{
    my ($at, $finalize, $csr) = ready();
    is($c->finalize($at, decode_base64($csr->{csr} =~ tr{-_}{+/}r))->{json}{status}, 'valid', 'a program passes it');
    my ($serial) = $home->slurp('seen') =~ /serial=(\w+)/;
    is(lc $serial, $home->value("SELECT serial FROM qw_certificate ORDER BY created DESC LIMIT 1"), 'which saw the certificate to come');
}
refused_then_issued('a program finds something', 500, program("cat >/dev/null; echo 'finding of the linter'; exit 1"), $good);
refused_then_issued('a program fails', 503, program('exit 2'), $good);
refused_then_issued('a program is killed', 503, program('kill -9 $$'), $good);
refused_then_issued('a program says too much', 503, program('while :; do echo finding; done'), $good);
refused_then_issued('a program is gone', 503, sub { unlink $program }, $good);
my $verified = QW::ctl('ledger', 'verify');
is($verified->{signing}, 0, 'nothing is left open') or diag $QW::ctl_text;
done_testing();
