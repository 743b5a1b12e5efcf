# Table.pm -- the crash table: each failpoint of an issuance, killed, failed and
# delayed once. What reconcile finds and does is one row each.
package Table;
use strict; use warnings FATAL => 'all';
use Bed; use QW; use Test::More;

# failpoint => [signed?, adopted?] when the signer dies there
my @rows = (
    ['signer.tx1.before', 0, 0],
    ['signer.tx1.after', 0, 0],
    ['signer.sign.before', 0, 0],
    ['signer.sign.after', 1, 0],
    ['signer.spool.before', 1, 0],
    ['signer.spool.torn', 1, 0],
    ['signer.spool.after', 1, 1],
    ['signer.tx2.before', 1, 1],
    ['signer.tx2.after', 1, 1],
    ['signer.reply.before', 1, 1],
);
my $n = 0;

sub ready {
    my ($c) = @_;
    my $name = 'k' . ++$n . '.shop.test';
    my $r = $c->order($name);
    my $at = $r->header('Location');
    $r = $c->prove($r);
    die $r->as_string unless ($r->{json}{status} || '') eq 'ready';
    return ($at, $name);
}

sub finalize {
    my ($c, $at, $name) = @_;
    return $c->post("$at/finalize", { csr => QW::b64($c->csr([$name])) });
}

# The order may be finalized again if need be, and becomes valid.
sub goes_on {
    my ($c, $at, $name, $what) = @_;
    my $status;
    QW->await(sub {
        $status = $c->post($at)->{json}{status} || '';
        finalize($c, $at, $name) if $status eq 'ready';
        $status eq 'valid';
    }, 30);
    is($status, 'valid', "$what: the order becomes valid");
}

# Attempts at certificates by status, and signatures made for them: the signer has
# its own time for CRLs and answers.
sub counts {
    require Storm;
    my %n = (issued => 0, orphan => 0, signing => 0, signed => 0);
    my %other;
    for my $row (Storm->attempts($ENV{QW_DB})) {
        my ($hash, $what, $authority, $status) = @$row;
        if ($what =~ /^cert/) { $n{$status}++ }
        else { $other{$hash} = 1 }
    }
    $n{signed} = grep { !$other{$_} } Bed->witnessed;
    return \%n;
}

sub killed {
    my ($c, $row) = @_;
    my ($name, $signed, $adopted) = @$row;
    my ($at, $dns) = ready($c);
    my $before = counts();
    my $old = Bed->signer;
    Bed->plan($name eq 'signer.spool.torn' ? "$name fail" : "$name kill");
    finalize($c, $at, $dns);
    Bed->await_signer($old);
    is(Bed->plan_left, '', "K-02 $name was reached");
    my $after;
    QW->await(sub { ($after = counts())->{signing} == 0 }, 40);
    is($after->{signed} - $before->{signed}, $signed, "K-02 killed at $name: signatures made");
    is($after->{issued} - $before->{issued}, $adopted, "K-02 killed at $name: adopted");
    my $orphans = $name eq 'signer.tx1.before' ? 0 : 1 - $adopted;
    is($after->{orphan} - $before->{orphan}, $orphans, "K-02 killed at $name: orphans");
    is($after->{signing}, 0, "K-02 killed at $name: nothing left open");
    goes_on($c, $at, $dns, "K-02 killed at $name");
}

sub failed {
    my ($c, $row) = @_;
    my ($name) = @$row;
    my ($at, $dns) = ready($c);
    my $before = counts();
    Bed->plan("$name fail");
    my $r = finalize($c, $at, $dns);
    is(Bed->plan_left, '', "K-02 $name was reached");
    ok($r->code == 200 || $r->code == 503, "K-02 failed at $name: 200 or 503") or diag $r->as_string;
    ok($r->header('Retry-After'), "FIN-26 failed at $name: Retry-After") if $r->code == 503;
    goes_on($c, $at, $dns, "K-02 failed at $name");
    is(counts()->{issued} - $before->{issued}, 1, "K-02 failed at $name: one certificate");
}

sub delayed {
    my ($c, $row) = @_;
    my ($name) = @$row;
    my ($at, $dns) = ready($c);
    Bed->plan("$name delay:300");
    my $r = finalize($c, $at, $dns);
    is($r->code, 200, "K-02 delayed at $name: 200") or diag $r->as_string;
    goes_on($c, $at, $dns, "K-02 delayed at $name");
}

# Killed again while it settles what the first crash left.
sub compound {
    my ($c) = @_;
    for my $case (['signer.sign.after', 'reconcile.orphan'], ['signer.spool.after', 'reconcile.adopt']) {
        my ($at, $dns) = ready($c);
        my $old = Bed->signer;
        Bed->plan("$case->[0] kill", "$case->[1] kill");
        finalize($c, $at, $dns);
        QW->await(sub { Bed->plan_left eq '' }, 40);
        is(Bed->plan_left, '', "K-04 $case->[1] was reached");
        Bed->await_signer($old);
        goes_on($c, $at, $dns, "K-04 killed at $case->[0] and then at $case->[1]");
    }
}

sub run {
    my ($class, $db) = @_;
    Bed->start('table', $db);
    Bed->await_signer(0);
    my $c = QW->registered;
    killed($c, $_) for @rows;
    failed($c, $_) for grep { $_->[0] !~ /torn|reply/ } @rows;
    delayed($c, $_) for grep { $_->[0] !~ /torn/ } @rows;
    compound($c);
    my $v = Bed->verify;
    is_deeply([grep { !/torn|changed/ } @{ $v->{findings} }], [], 'the ledger agrees with itself') or diag explain $v;
    my %seen;
    $seen{$_}++ for Bed->witnessed;
    is_deeply([grep { $_ > 1 } values %seen], [], 'nothing was signed twice');
    my @unknown = grep { $v->{attempts} < keys %seen } 1;
    is_deeply(\@unknown, [], 'there is an attempt for each signature');
    Bed->stop;
    done_testing();
}

1;
