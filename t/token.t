# The issuing key in a token, SoftHSM by the pkcs11 engine, behind a module that
# fails, hangs or loses it: what clients and administrators are told, and that
# it all goes on without a restart. On a bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use QW::Token; use Test::More;
use Time::HiRes qw(time);

plan skip_all => 'no SoftHSM, or no headers of PKCS#11' unless QW::Token->is_here;

my $home = QW::Bed->new('token', 14900);
my $bed = $home->{dir};
my $pin = '48151623';
QW::Token->equip($home, $pin);
sub run_ok { QW::Token::run_ok(@_) }
my $key = "$bed/ca-test/issuing-key.pem";
run_ok("openssl pkcs8 -topk8 -nocrypt -in '$key' -out '$bed/key.p8'");
QW::Token->import_key($home, "$bed/key.p8", 'issuing', '01');
unlink $key;
# another authority, whose key is in a file: an outage is not its business
run_ok("'$ENV{QW_CTL}' ca init-demo '$bed/ca-file' --organization 'Exemple Confiance' --country FR --organization-identifier NTRFR-123456789 --key RSA-2048");
$home->configure(sub {
    s{\Q$key\E}{"pkcs11:token=qwac;object=issuing;type=private" credential:hsm-pin for=ecdsa\n    QwacmeIssuer $bed/ca-file/issuing.pem $bed/ca-file/issuing-key.pem};
    $_ = "QwacmeKeyWait 2\n$_";
});
my $pid = $home->start;
my $c = QW->registered;

my $count = 0;
sub ready {
    my $name = 't' . ++$count . '.shop.test';
    my $r = $c->order($name);
    my $at = $r->header('Location');
    $r = $c->prove($r);
    die $r->as_string unless $r->{json}{status} eq 'ready';
    return ($at, $name);
}
sub finalize {
    my ($at, $name, @key) = @_;
    return $c->post("$at/finalize", { csr => QW::b64($c->csr([$name], @key)) });
}
sub status { my ($at) = @_; return $c->post($at)->{json}{status} }
sub health { QW::ctl('signer', 'health'); return ($QW::ctl_exit, $QW::ctl_text) }
sub signatures { scalar grep { /^sign / } split /\n/, $home->slurp('count') }
sub logins { scalar grep { /^login / } split /\n/, $home->slurp('count') }
sub plan_ { $home->put('plan', $_[0]) }
sub signer { my $p = `fuser '$bed/state/signer.lock' 2>/dev/null`; return $p =~ /(\d+)/ ? $1 : 0 }
my $signer = signer();

is_deeply([(health())[0]], [0], 'OPS-10 the signer is healthy') or diag $QW::ctl_text;
# the OCSP responder's certificate and the first CRL are signed in it too
ok(QW->await(sub { glob "$bed/state/status/*/crl/full.crl" }), 'OPS-10 a CRL signed in the token');
my $signed = signatures();
my ($at, $name) = ready();
is(finalize($at, $name)->{json}{status}, 'valid', 'OPS-10 a certificate signed in the token');
is(signatures() - $signed, 1, 'OPS-10 by one signature');

# ---- away ----------------------------------------------------------------------------
sub answers_503 {
    my ($what) = @_;
    my $r = finalize($at, $name);
    QW::is_problem($r, 503, 'serverInternal', "FIN-26 $what: 503");
    like($r->header('Retry-After') || '', qr/^\d+$/, "FIN-26 $what: Retry-After");
    is(status($at), 'ready', "FIN-26 $what: the order is ready again");
    my ($exit, $text) = health();
    ok($exit == 3 && $text =~ /test: issuer [0-9a-f]{16}: /, "OPS-10 $what: health says whose key it is") or diag $text;
    return $text;
}
sub recovers {
    my ($what) = @_;
    my $begun = time;
    my $r;
    QW->await(sub { $r = finalize($at, $name); $r->code == 200 }, 20);
    is($r->{json}{status}, 'valid', "OPS-10 $what: issues again") or diag $r->as_string;
    cmp_ok(time - $begun, '<', 12, "OPS-10 $what: soon");
    is((health())[0], 0, "OPS-10 $what: healthy");
    is(signer(), $signer, "OPS-10 $what: by the same signer");
}
sub attempts { $home->value('SELECT count(*) FROM qw_attempt') }

for my $case (['a device that was removed', 'all fail 0x32'], ['a session that is lost', 'C_FindObjectsInit fail 0xb3'],
    ['a user who is logged out', 'C_FindObjectsInit fail 0x101']) {
    my ($what, $plan) = @$case;
    ($at, $name) = ready();
    my $before = attempts();
    select undef, undef, undef, 1.1;
    plan_($plan);
    like(answers_503($what), qr/PKCS#11/, "OPS-10 $what: and why");
    is(attempts(), $before, "OPS-10 $what: nothing was written down for it");
    run_ok("openssl genrsa -out '$bed/rsa.pem' 2048") unless -e "$bed/rsa.pem";
    my @other = ready();
    is(finalize(@other, '-key', "$bed/rsa.pem")->{json}{status}, 'valid', "OPS-10 $what: the other issuer issues");
    plan_('');
    recovers($what);
}

# ---- lost in the middle ------------------------------------------------------------------
($at, $name) = ready();
plan_('C_Sign fail 0x30');
answers_503('a signature that fails');
plan_('');
recovers('a signature that fails');
($at, $name) = ready();
rename "$bed/tokens", "$bed/away" or die;
mkdir "$bed/tokens";
answers_503('a token that is gone');
rmdir "$bed/tokens";
rename "$bed/away", "$bed/tokens" or die;
recovers('a token that is gone');

# ---- slow, and for ever --------------------------------------------------------------------
($at, $name) = ready();
plan_('C_Sign delay 700');
is(finalize($at, $name)->{json}{status}, 'valid', 'OPS-10 a slow token is waited for');
($at, $name) = ready();
plan_('C_Sign hang');
my $begun = time;
my $r = finalize($at, $name);
cmp_ok(time - $begun, '<', 8, 'OPS-10 one that hangs is not');
QW::is_problem($r, 503, 'serverInternal', 'FIN-26 a token that hangs: 503');
is(status($at), 'ready', 'FIN-26 a token that hangs: the order is ready again');
like((health())[1], qr/no answer from the token/, 'OPS-10 a token that hangs: health says so');
plan_('all hang');
my @other = ready();
is(finalize(@other, '-key', "$bed/rsa.pem")->{json}{status}, 'valid', 'OPS-10 a token that hangs holds up no other issuer');
plan_('');
recovers('a token that hangs');

# ---- killed ---------------------------------------------------------------------------------
($at, $name) = ready();
my ($holder) = split ' ', `ps -o pid= --ppid $signer`;
ok($holder, 'the key is held by a process of its own');
kill KILL => $holder;
recovers('a library that crashed');

# ---- the PIN ----------------------------------------------------------------------------------
($at, $name) = ready();
select undef, undef, undef, 1.1;
plan_('all fail 0x32');
answers_503('a token that comes back with another PIN');
$home->put('credentials/hsm-pin', "62951413\n");
my $logins = logins();
plan_('');
QW->await(sub { (health())[1] =~ /refused this PIN/ }, 20);
like((health())[1], qr/refused this PIN/, 'OPS-10 a wrong PIN is told');
finalize($at, $name) for 1 .. 5;
is(logins(), $logins + 1, 'OPS-10 and tried once, for tokens lock');
$home->put('credentials/hsm-pin', "$pin\n");
recovers('the right PIN');

for my $p ($pin, '62951413') {
    unlike($home->slurp('log/error_log') . $home->slurp('log/httpd.out'), qr/$p/, 'OPS-10 no PIN in the logs');
    unlike(scalar `ps axww -o args`, qr/$p/, 'nor in the list of processes');
    my ($modules) = $home->slurp('base.conf') =~ m{^LoadModule mpm_\w+ "?(.*)/mod_mpm}m;
    my $dump = `$ENV{QW_HTTPD_ENV} '$ENV{QW_HTTPD}' -C 'LoadModule info_module $modules/mod_info.so' -f '$bed/httpd.conf' -DDUMP_CONFIG -t 2>&1`;
    unlike($dump, qr/$p/, 'nor in what httpd shows of its configuration');
    like($dump, qr/credential:hsm-pin/, 'which names the credential');
}

# Each signature of the token is of an attempt, and none was made twice.
my @signed = map { /^sign (\w+)/ } split /\n/, $home->slurp('count');
my %times;
$times{$_}++ for @signed;
is_deeply([grep { $_ > 1 } values %times], [], 'nothing was signed twice');
my @unknown = grep { !$home->value("SELECT count(*) FROM qw_attempt WHERE tbs_hash = '$_'") } keys %times;
is_deeply(\@unknown, [], 'each of the ' . @signed . ' signatures of the token is in the ledger');
QW::ctl('ledger', 'verify');
is($QW::ctl_exit, 0, 'OPS-09 the ledger agrees with itself') or diag $QW::ctl_text;
done_testing();
