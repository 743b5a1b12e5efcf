# Bed.pm -- a test bed with the test build of everything, whose processes are
# there to be killed. Failpoints by plan(), signatures counted by witnessed().
package Bed;
use strict; use warnings FATAL => 'all';
use lib "$ENV{QW_SRCDIR}/t/lib";
use QW ();

my $dir;

# Run a line of shell with bed.sh loaded.
sub sh {
    my ($line) = @_;
    my $rc = system('sh', '-c', '. "$QW_SRCDIR/t/lib/bed.sh"; ' . $line);
    die "bed: '$line' failed ($rc)\n" if $rc != 0;
}

# With logs => 1, precertificates are logged by three logs; more => lines for the
# authority.
sub start {
    my ($class, $name, $db, %how) = @_;
    $dir = "$ENV{QW_BUILDDIR}/run/kill/$name-$db" . ($how{token} ? '-token' : '');
    $ENV{QWACME_FAILPOINTS} = "$dir/failpoints";
    $ENV{QWACME_SIGN_WITNESS} = "$dir/witness";
    $ENV{BED} = $dir;
    $ENV{DB} = $db;
    sh('rm -rf "$BED"; mkdir -p "$BED"; : >"$BED/failpoints"; : >"$BED/witness"; '
        . 'bed_make "$BED" "$DB" san && bed_register && '
        . ($how{token} ? 'bed_token "$QW_BUILDDIR/.libs/p11shim.so" && ' : '') . 'bed_httpd_conf && bed_http01_start');
    start_logs() if $how{logs};
    add_to_authority($how{more}) if $how{more};
    sh('. "$BED/env"; bed_start');
    open my $f, '<', "$dir/env" or die "$dir/env: $!";
    while (<$f>) {
        $ENV{$1} = $2 if /^(\w+)='(.*)'; export/;
    }
    return $dir;
}

sub add_to_authority {
    my ($lines) = @_;
    local @ARGV = ("$dir/qwacme.conf");
    local $^I = '';
    while (<>) {
        s{(<QwacmeAuthority test>\n)}{$1$lines};
        print;
    }
}

my $logs;

sub start_logs {
    my $tool = "$ENV{QW_SRCDIR}/t/lib/ctlog";
    system($tool, 'list', $dir, 14690, qw(Alpha Beta Gamma)) == 0 or die;
    $logs = fork;
    die unless defined $logs;
    if (!$logs) {
        open STDOUT, '>', "$dir/log/ctlog" or die;
        open STDERR, '>&', \*STDOUT or die;
        exec $tool, 'serve', $dir, 14690, "$dir/ca-test/root.pem" or die;
    }
    add_to_authority("    QwacmeCTLogList $dir/logs.json\n");
}

sub stop {
    return unless $dir;
    kill 'TERM', $logs if $logs;
    my $d = $dir;
    undef $dir;
    sh('. "$BED/env"; bed_stop; bed_sanitizer_reports');
}
END { my $rc = $?; eval { stop() }; $? = $rc || ($@ ? 1 : 0) }

# The lines of the plan of failpoints, "name action [count]".
sub plan {
    my ($class, @lines) = @_;
    open my $f, '>', "$dir/failpoints" or die;
    print $f map { "$_\n" } @lines;
    close $f or die;
}
sub plan_left { QW::slurp("$dir/failpoints") }

# Hashes of what was signed, in the order in which it was.
sub witnessed { split /\n/, QW::slurp("$dir/witness") }

# The same as the token counts it: what it was given to sign is that hash.
sub counted { map { /^sign (\w+)/ } split /\n/, QW::slurp("$dir/p11.count") }

# Processes that hold keys for the signer $pid.
sub holders { my ($class, $pid) = @_; return split ' ', `ps -o pid= --ppid $pid` }

# Process that holds the signer's lock; 0 while there is none.
sub signer {
    for my $pid (children()) {
        for my $fd (glob "/proc/$pid/fd/*") {
            return $pid if (readlink($fd) || '') eq "$dir/state/signer.lock"
                && -S "$dir/state/signer.sock";
        }
    }
    return 0;
}

sub parent { my $p = QW::slurp("$dir/httpd-started.pid"); chomp $p; $p }

# Processes of httpd below its parent.
sub children {
    my $parent = parent();
    my @found;
    for my $stat (glob '/proc/[0-9]*/stat') {
        open my $f, '<', $stat or next;
        my $line = <$f>;
        push @found, $1 if defined $line && $line =~ /^(\d+) \(.*\) \S (\d+)/ && $2 == $parent;
    }
    return @found;
}

# The end of the server's log.
sub log_end {
    my @lines = split /^/, QW::slurp("$dir/log/error_log");
    return join '', splice @lines, @lines > 40 ? -40 : 0;
}

# Wait until another signer than $old answers.
sub await_signer {
    my ($class, $old) = @_;
    QW->await(sub { my $s = signer(); $s && $s != $old }, 40) or die "no signer came back\n" . log_end();
}

sub kill_signer {
    my ($class) = @_;
    my $old = signer();
    kill 'KILL', $old if $old;
    Bed->await_signer($old);
}

# What `ledger verify` says: its result, with findings.
sub verify { QW::ctl('ledger', 'verify'); return eval { QW::decode($QW::ctl_text =~ /^(\{.*?^\})/ms ? $1 : $QW::ctl_text) } || { findings => [$QW::ctl_text] } }

1;
