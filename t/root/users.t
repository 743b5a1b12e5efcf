#!/usr/bin/perl
# Users: httpd's children and the signer are not root and not each other, only
# the signer can read the CA's key, and no signer outlives its parent. Run by
# root, for only root can become others.
use strict; use warnings FATAL => 'all';
use File::Temp ();
use FindBin ();
use Test::More;
use Time::HiRes ();

plan skip_all => 'only root can become other users' if $> != 0;

# Two users without rights; httpd gets the signer's group, to share a folder.
my @signer = map { [$_, (getpwnam $_)[2, 3]] } grep { (getpwnam $_)[2] && (getpwnam $_)[3] }
    grep { defined getpwnam $_ } qw(sync daemon bin mail);
my @httpd = grep { defined getpwnam $_ } qw(nobody www-data apache);
plan skip_all => 'no two users without rights here' unless @signer && @httpd;
my ($signer, $uid, $gid) = @{ $signer[0] };
my ($httpd) = $httpd[0];

my $src = $ENV{QW_SRCDIR};
my $bed = File::Temp::tempdir('qwacme-users-XXXXXX', TMPDIR => 1, CLEANUP => 1);
chmod 0755, $bed;
my $port = 15_000;
my $ours = "QW_PORT=$port QW_HTTP01_PORT=15080 QW_ALPN_PORT=15443 QW_DNS_PORT=15353\n";
$ENV{QW_URL} = "https://localhost:$port";
$ENV{QW_BED} = $bed;
$ENV{QW_CTL} = "$ENV{QW_BUILDDIR}/qwacmectl";

sub bed {
    my ($commands) = @_;
    open my $sh, '|-', 'sh', '-s' or die $!;
    print $sh ". '$src/t/lib/bed.sh'\n$ours$commands\n";
    return close $sh;
}

sub change {
    my ($file, $how) = @_;
    local $_ = QW::slurp("$bed/$file");
    $how->();
    unlink "$bed/$file";
    QW::append("$bed/$file", $_);
}

bed("bed_make '$bed' sqlite3 prod && bed_register && bed_httpd_conf") or BAIL_OUT('no test bed');
require "$src/t/lib/QW.pm";

# A database that both may write, in a folder of their group.
mkdir "$bed/db";
rename $_, "$bed/db/" . s{.*/}{}r for glob "$bed/qwacme.db*";
chown scalar getpwnam $httpd, $gid, "$bed/db", glob "$bed/db/*";
chmod 02770, "$bed/db";
chmod 0660, glob "$bed/db/*";
chmod 0755, glob "$bed/ca-*";
change('qwacme.conf', sub {
    s/^(QwacmeDatabase sqlite3) .*/$1 $bed\/db\/qwacme.db/m;
    s/^(QwacmeStateDir.*)/$1\nQwacmeSignerUser $signer/m;
});
# The audit key is root's alone: the parent reads it.
system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout '$bed/audit.key' -out '$bed/audit.pem' "
    . "-days 30 -subj /CN=Audit >/dev/null 2>&1") == 0 or die;
chmod 0600, "$bed/audit.key";
change('qwacme.conf', sub { s{^(QwacmeStateDir.*)}{$1\nQwacmeAuditKey $bed/audit.pem $bed/audit.key\nQwacmeAuditInterval 1s}m });
change('httpd.conf', sub { $_ .= "User $httpd\nGroup #$gid\n" });

sub verdict {
    my $text = `'$ENV{QW_HTTPD}' -t -f '$bed/httpd.conf' 2>&1`;
    return ($? >> 8, $text);
}

my ($rc, $text) = verdict();
ok($rc != 0 && $text =~ /QwacmeStateDir: '.*cannot be written by the signer's user; chown it.*user $signer/,
    'a state folder of root is refused') or diag $text;
chown $uid, $gid, "$bed/state";
chmod 02770, "$bed/state";
($rc, $text) = verdict();
ok($rc != 0 && $text =~ /QwacmeIssuer: '.*issuing-key.pem' cannot be read.*name a key that.*user $signer/,
    'a key of root is refused') or diag $text;
system("'$ENV{QW_CTL}' blocklist import --output '$bed/weak-keys' '$ENV{QW_SRCDIR}/t/lib/weak' >/dev/null") == 0 or die;
chmod 0600, "$bed/weak-keys";
change('qwacme.conf', sub { $_ .= "QwacmeWeakKeys $bed/weak-keys\n" });
($rc, $text) = verdict();
ok($rc != 0 && $text =~ /QwacmeWeakKeys: '.*weak-keys' cannot be read.*user $signer/,
    'weak keys that the signer may not read are refused') or diag $text;
chmod 0644, "$bed/weak-keys";
chown $uid, $gid, glob "$bed/ca-*/issuing-key.pem";
($rc, $text) = verdict();
is($rc, 0, 'when each may what it needs, it is taken') or diag $text;
change('qwacme.conf', sub { s/^QwacmeSignerUser.*/QwacmeSignerUser qw-nobody-such/m });
($rc, $text) = verdict();
ok($rc != 0 && $text =~ /QwacmeSignerUser: 'qw-nobody-such' is no user/, 'a user that there is not is refused');
change('qwacme.conf', sub { s/^QwacmeSignerUser.*/QwacmeSignerUser $signer/m });

my $pid;
END {
    my $result = $?;
    kill 'TERM', $pid if $pid;
    bed(". '$bed/env'; bed_stop") if $bed && -e "$bed/env";
    $? = $result;
}
bed('bed_http01_start && bed_start') or BAIL_OUT('no httpd');
$pid = QW::slurp("$bed/httpd.pid") + 0;

# uid of each child of the server
sub users {
    my %users;
    for my $child (split ' ', `ps -o pid= --ppid $pid`) {
        my ($user) = (eval { QW::slurp("/proc/$child/status") } || '') =~ /^Uid:\s+(\d+\s+\d+\s+\d+\s+\d+)/m;
        push @{ $users{$user} }, $child if defined $user;
    }
    return \%users;
}

my $users = users();
my $four = join "\t", ($uid) x 4;
is(scalar @{ $users->{$four} || [] }, 1, 'one process is the signer\'s user, and nothing else');
ok(!grep({ /\b0\b/ } keys %$users), 'none but the parent is root');
my ($signing) = @{ $users->{$four} || [0] };
like(QW::slurp("/proc/$signing/status"), qr/^CapEff:\s+0+$/m, 'the signer has no capability');

my $c = QW->registered;
ok(eval { $c->issue('www.exemple.test') }, 'a certificate is issued') or diag $@;
ok(QW->await(sub { `sqlite3 -readonly '$bed/db/qwacme.db' 'SELECT count(*) FROM qw_checkpoint'` > 0 }), 'checkpoints are signed by a key that only root can read');
my ($other) = map { @{ $users->{$_} } } grep { $_ ne $four } keys %$users;
my $is_httpd = QW::slurp("/proc/$other/status") =~ /^Uid:\s+(\d+)/m && $1 == getpwnam $httpd;
ok($is_httpd, "the others are httpd's user");
my $reads = system('setpriv', "--reuid=$httpd", "--regid=$gid", '--clear-groups', 'test', '-r', "$bed/ca-test/issuing-key.pem");
ok($reads != 0, "httpd's user cannot read the key of the CA");

# Two persons: root is nobody, behind sudo it is who called that; whoever is not root
# is himself.
{
    my ($id) = $c->{kid} =~ m{([^/]+)$};
    local $ENV{SUDO_USER} = '';
    my @resume = ('acme-account', 'resume', $id, '--reason', 'test');
    QW::ctl('acme-account', 'suspend', $id, '--reason', 'test') or die $QW::ctl_text;
    ok(!QW::ctl(@resume) && $QW::ctl_text =~ /'ctl:root' does not say who you are/, 'root does not ask for a resume');
    $ENV{SUDO_USER} = 'anna';
    my $asked = QW::ctl(@resume) or diag $QW::ctl_text;
    is($asked->{requestedBy}, 'ctl:anna', 'who called sudo does');
    ok(!QW::ctl('approval', 'approve', $asked->{id}), 'and does not approve it');
    {
        local $ENV{QW_CTL_ENV} = "setpriv --reuid=$httpd --regid=$gid --clear-groups env SUDO_USER=bert";
        my $done = QW::ctl('approval', 'approve', $asked->{id}, '--dry-run');
        is($done && $done->{decidedBy}, "ctl:$httpd", 'who is not root is not whom he names') or diag $QW::ctl_text;
    }
    $ENV{SUDO_USER} = 'bert';
    ok(QW::ctl('approval', 'approve', $asked->{id}), 'another one behind sudo does') or diag $QW::ctl_text;
}

# A stranger is not heard.
my $asks = sub {
    my @as = @_;
    return system(@as, $^X, '-MSocket', '-e', <<'P', "$bed/state/signer.sock") >> 8;
socket my $s, AF_UNIX, SOCK_SEQPACKET, 0 or exit 4;
connect $s, pack_sockaddr_un($ARGV[0]) or exit 5;
$SIG{PIPE} = 'IGNORE';
alarm 10;
send $s, '{"op":"health"}', 0 or exit 3;
recv $s, my $answer, 65536, 0;
exit(length $answer ? 0 : 3);
P
};
chmod 02771, "$bed/state";
my ($stranger) = grep { defined getpwnam $_ && $_ ne $httpd && $_ ne $signer } qw(games lp mail bin daemon);
is($asks->('setpriv', "--reuid=$httpd", "--regid=$gid", '--clear-groups'), 0, "httpd's user is heard by the signer");
is($asks->('setpriv', "--reuid=$stranger", "--regid=$gid", '--clear-groups'), 3, 'another user is not');

kill 'USR1', $pid;
my $next = QW->await(sub { my ($now) = @{ users()->{$four} || [] }; $now && $now != $signing && -S "$bed/state/signer.sock" && $now });
ok($next, 'after a graceful restart the signer is that user again');
ok(eval { $c->issue('www.exemple.test') }, 'and issues') or diag $@;
my @all = map { @$_ } values %{ users() };
kill 'KILL', $pid;
$pid = 0;
ok(QW->await(sub { !kill 0, $next }), 'a signer does not outlive its parent');
kill 'KILL', $_ for @all;
done_testing();
