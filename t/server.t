# The life of the server: each MPM, graceful restarts, a signer that dies, and an
# end that leaves nothing behind. On a bed and an httpd of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use Test::More;
use Time::HiRes qw(time);

plan skip_all => 'the same on either database' if $ENV{QW_DB} ne 'sqlite3';

my $home = QW::Bed->new('server', 14300, db => 'sqlite3');
my $bed = $home->{dir};
my $modules = QW::slurp("$bed/base.conf");
my $settings = QW::slurp("$bed/httpd.conf");

sub running { my ($pid) = @_; return kill 0, $pid }

# Processes of the server, the signer among them.
sub children {
    my ($pid) = @_;
    return split ' ', `ps -o pid= --ppid $pid`;
}

sub signer { my $pid = `fuser '$bed/state/signer.lock' 2>/dev/null`; return $pid =~ /(\d+)/ ? $1 : 0 }

# The signer of now, once it is another than $before.
sub new_signer {
    my ($before) = @_;
    return QW->await(sub { my $now = signer(); $now && $now != $before && -S "$bed/state/signer.sock" && $now }, 30);
}

my $count = 0;
sub issues {
    my ($c, $name) = @_;
    my $pem = eval { $c->issue('n' . ++$count . '.shop.test') };
    return ok(defined $pem && $pem =~ /BEGIN CERTIFICATE/, $name) || diag $@;
}

for my $mpm (qw(event worker prefork)) {
    (my $conf = $modules) =~ s/mpm_event/mpm_$mpm/g;
    $home->put('base.conf', $conf);
    $conf = $settings;
    $conf =~ s/^ThreadsPerChild.*\n//m if $mpm eq 'prefork';
    $home->put('httpd.conf', $conf);
    $home->put('log/error_log', '');

    my $pid = $home->start;
    my $c = QW->registered;
    issues($c, "OPS-02 $mpm: a certificate");

    # a graceful restart, while someone works
    my $signer = signer();
    my @nonces = map { $c->nonce } 1 .. 5;
    push @nonces, $c->get($c->url('newNonce'))->header('Replay-Nonce') for 1 .. 5;
    $c->{nonces} = []; # these are for someone else
    kill 'USR1', $pid;
    my ($served, $failed) = (0, 0);
    my $next;
    my $visitor = QW->new;
    $visitor->{ua}->conn_cache(undef); # an old connection may end under a request
    while (!$next) {
        my $r = $visitor->get("$ENV{QW_URL}/acme/directory");
        $r->is_success ? $served++ : $failed++;
        my $now = signer();
        $next = $now if $now && $now != $signer && -S "$bed/state/signer.sock";
        last if $served + $failed > 20_000;
    }
    ok($next, "OPS-02 $mpm: a graceful restart starts a signer of the new configuration");
    is($failed, 0, "OPS-02 $mpm: and no request is lost");
    my $old = QW->new(key => $c->{key}, kid => $c->{kid});
    my @answers = map { $old->post($c->{kid}, undef, nonce => $_) } @nonces;
    is(join(' ', map { $_->code } @answers), join(' ', map { 200 } @nonces),
        "OPS-02 $mpm: nonces from before are good after it") or diag $answers[0]->as_string;
    my $again = grep { ($old->post($c->{kid}, undef, nonce => $_)->{json}{type} || '') =~ /badNonce/ } @nonces;
    is($again, scalar @nonces, "OPS-02 $mpm: once");
    issues($c, "OPS-02 $mpm: a certificate after it");

    # the signer dies
    $signer = signer();
    die 'no signer is found' if !$signer; # 0 would be ourselves
    kill 'KILL', $signer;
    ok(new_signer($signer), "OPS-02 $mpm: a signer that died is started again");
    issues($c, "OPS-02 $mpm: a certificate from the new one");

    # a restart while the key is away
    if ($mpm eq 'event') {
        my $key = "$bed/ca-test/issuing-key.pem";
        rename $key, "$key.away" or die;
        $signer = signer();
        kill 'USR1', $pid;
        ok(QW->await(sub { QW::slurp("$bed/log/error_log") =~ /QW0261: restarting all the same: QwacmeIssuer: '\Q$key\E'/ }),
            'OPS-10 a restart without the key: that is told');
        ok(QW->await(sub { $c->get("$ENV{QW_URL}/acme/directory")->is_success }), 'OPS-10 the server goes on');
        rename "$key.away", $key or die;
        ok(new_signer($signer), 'OPS-10 the signer is back with the key');
        issues($c, 'OPS-10 and issues');
    }

    # the end
    my @all = ($pid, children($pid));
    my $start = time;
    $home->end($pid);
    cmp_ok(time - $start, '<', 8, "OPS-02 $mpm: the server ends in time");
    ok(QW->await(sub { !grep { running($_) } @all }, 5), "OPS-02 $mpm: with all its processes");
    ok(!-e "$bed/state/signer.sock", "OPS-02 $mpm: and leaves no socket");
    my @crashes = grep { /exit signal|Segmentation|did not exit|sanitizer/i && !/signal Killed/ }
        split /\n/, QW::slurp("$bed/log/error_log");
    is("@crashes", '', "OPS-02 $mpm: nothing crashed or had to be killed");
}
done_testing();
