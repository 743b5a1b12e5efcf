# Storm.pm -- CYCLES kill -9 of children and signer under load; afterwards every
# signature that was made is accounted for, no serial was used twice, and every
# order ended valid or goes on.
package Storm;
use strict; use warnings FATAL => 'all';
use Bed; use QW; use Test::More;
use POSIX ();
use Time::HiRes ();

my $clients = 4;

# Orders, one after the other, whatever breaks; their URLs go to a file.
sub client {
    my ($dir, $i, $c) = @_;
    my $parent = getppid;
    open my $out, '>>', "$dir/orders-$i" or die;
    $out->autoflush(1);
    my $n = 0;
    until (-e "$dir/stop" || getppid != $parent) {
        my $name = "s$i-" . ++$n . '.shop.test';
        my $at;
        eval {
            local $SIG{ALRM} = sub { die "slow\n" };
            alarm 30;
            my $r = $c->order($name);
            die "order\n" unless $r->code == 201;
            $at = $r->header('Location');
            print $out "$at $name\n";
            $r = $c->prove($r);
            die "prove\n" unless ref $r->{json} && ($r->{json}{status} || '') eq 'ready';
            $c->post("$at/finalize", { csr => QW::b64($c->csr([$name])) });
        };
        alarm 0;
        $c->{nonces} = [] if $@;
    }
    POSIX::_exit(0);
}

# Where the signer can be struck in the middle of its work.
my @places = map { "signer.$_" } qw(tx1.before tx1.after sign.before sign.after spool.before
    spool.after tx2.before tx2.after reply.before);

sub total { my ($killed) = @_; my $n = 0; $n += $_ for values %$killed; return $n }

# $count kills under load: of the signer, when it is there, at a random time or
# at a random failpoint, or of the process that holds its key in a token; of a
# child otherwise.
sub storm {
    my ($count) = @_;
    my %killed = (signer => 0, child => 0, failpoint => 0, holder => 0);
    my ($struck, $last, $since) = (0, 0, time);
    while (total(\%killed) < $count) {
        ($last, $since) = (total(\%killed), time) if total(\%killed) != $last;
        die "nobody to kill\n" . Bed->log_end if time - $since > 120;
        select undef, undef, undef, 0.03 + rand 0.15;
        if ($struck && Bed->plan_left eq '') { $killed{failpoint}++; $struck = 0 }
        my $signer = Bed->signer;
        if ($signer && !$struck && rand() < 0.5) {
            my @holders = Bed->holders($signer);
            if (@holders && rand() < 0.3) {
                kill 'KILL', @holders;
                $killed{holder}++;
            }
            elsif (rand() < 0.6) {
                Bed->plan($places[rand @places] . ' kill');
                $struck = 1;
            }
            else {
                kill 'KILL', $signer;
                $killed{signer}++;
            }
            next;
        }
        my @children = grep { $_ != $signer } Bed->children;
        next if @children < 2 || rand() < 0.5;
        kill 'KILL', $children[rand @children];
        $killed{child}++;
    }
    Bed->plan();
    return \%killed;
}

sub order_goes_on {
    my ($c, $at, $name) = @_;
    my $status = '';
    QW->await(sub {
        my $r = eval { $c->post($at) };
        return 0 unless $r && ref $r->{json};
        $status = $r->{json}{status} || $r->code;
        return 1 if $status =~ /^(valid|invalid|404)$/;
        if ($status eq 'ready') { Table::finalize($c, $at, $name) }
        if ($status eq 'pending') { eval { my $o = $c->post($at); $o->header(Location => $at); $c->prove($o) } }
        return 0;
    }, 120);
    return $status;
}

sub run {
    my ($class, $db, %how) = @_;
    require Table;
    my $cycles = $ENV{CYCLES} || ($db eq 'sqlite3' && !$how{token} ? 200 : 100);
    $ENV{QW_CHILDREN} = 4;
    my $dir = Bed->start('storm', $db, logs => 1, %how);
    my @clients = map { QW->registered } 1 .. $clients;
    my @pids;
    for my $i (0 .. $#clients) {
        my $pid = fork;
        die unless defined $pid;
        client($dir, $i, $clients[$i]) unless $pid;
        push @pids, $pid;
    }
    my $killed = storm($cycles);
    open my $f, '>', "$dir/stop" or die;
    close $f;
    waitpid $_, 0 for @pids;
    cmp_ok(total($killed), '>=', $cycles, 'K-01 K-05 killed '
        . join ', ', map { "$killed->{$_} by $_" } sort keys %$killed);
    Bed->await_signer(0);

    my (%ended, $orders);
    for my $i (0 .. $#clients) {
        $clients[$i]{nonces} = [];
        for my $line (split /\n/, QW::slurp("$dir/orders-$i")) {
            my ($at, $name) = split / /, $line;
            $orders++;
            $ended{ order_goes_on($clients[$i], $at, $name) }++;
        }
    }
    diag("$orders orders: " . join ', ', map { "$ended{$_} $_" } sort keys %ended);
    is(($ended{valid} || 0) + ($ended{404} || 0) + ($ended{invalid} || 0), $orders, 'K-01 every order ends') or diag explain \%ended;
    is($ended{invalid} || 0, 0, 'K-01 no order is lost by a crash of ours');

    my $v = Bed->verify;
    is_deeply([grep { !/torn|changed/ } @{ $v->{findings} }], [], 'K-01 the ledger agrees with itself') or diag explain $v;
    is($v->{signing}, 0, 'K-01 nothing is left open');
    my %seen;
    $seen{$_}++ for Bed->witnessed;
    my $signed = keys %seen;
    is_deeply([grep { $_ > 1 } values %seen], [], 'K-01 nothing was signed twice');
    my @rows = $class->attempts($db);
    my %known = map { $_->[0] => 1 } @rows;
    is_deeply([grep { !$known{$_} } keys %seen], [], "K-01 each of $signed signatures is accounted for");
    if ($how{token}) {
        my %token;
        $token{$_}++ for Bed->counted;
        is_deeply([grep { $_ > 1 } values %token], [], 'K-41 the token signed nothing twice');
        is_deeply([grep { !$known{$_} } keys %token], [], 'K-41 each of ' . keys(%token) . ' signatures that the token counted is accounted for');
        # the other authority has its key in a file
        my %ours = map { $_->[0] => $_->[3] } grep { $_->[2] eq 'test' } @rows;
        is_deeply([grep { $ours{$_} && !$token{$_} } keys %seen], [], 'K-41 and we know of none that it does not');
        is_deeply([grep { $ours{$_} eq 'issued' && !$token{$_} } keys %ours], [], 'K-41 no certificate without one');
    }
    my %serials;
    $serials{ $_->[1] }++ for @rows;
    is_deeply([grep { $_ > 1 } values %serials], [], 'K-01 no serial twice, but of a precertificate and its certificate');
    diag("$v->{attempts} attempts: $v->{issued} issued, $v->{orphan} orphans; $signed signatures");
    Bed->stop;
    done_testing();
}

# [hash of what was to be signed, serial, authority, status] of every attempt.
sub attempts {
    my ($class, $db) = @_;
    my $sql = 'SELECT tbs_hash, kind || serial, authority, status FROM qw_attempt';
    my @lines = $db eq 'sqlite3' ? `sqlite3 -cmd '.timeout 20000' -separator ' ' "$ENV{QW_BED}/qwacme.db" "$sql"`
        : `"$ENV{QW_PG_BINDIR}/psql" -h "$ENV{QW_PG_SOCKET}" -U qwacme -At -F ' ' -c "$sql" qwacme`;
    die 'the ledger cannot be read' if $? != 0;
    return map { chomp; [split / /] } @lines;
}

1;
