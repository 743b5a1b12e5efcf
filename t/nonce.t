# Replay nonces.
use strict; use warnings FATAL => 'all';
use QW; use Test::More;
use File::Path qw(make_path);
use POSIX ();

my $c = QW->registered;
my $r = $c->send('HEAD', $c->url('newNonce'));
is($r->code, 200, 'NON-01 HEAD newNonce');
like($r->header('Replay-Nonce'), qr/^[A-Za-z0-9_-]{22,}$/, 'NON-01 a nonce, base64url');
like($r->header('Cache-Control'), qr/no-store/, 'NON-01 not to be stored');
ok(scalar(grep { /rel="index"/ } $r->header('Link')), 'NON-01 Link to the index');
$r = $c->get($c->url('newNonce'));
is($r->code, 204, 'NON-01 GET newNonce');

my %seen;
for (1 .. 1000) {
    my $n = $c->send('HEAD', $c->url('newNonce'))->header('Replay-Nonce');
    $seen{$n}++;
}
is(scalar keys %seen, 1000, 'NON-04 a thousand are distinct');

sub look { my (%how) = @_; $c->post($c->{kid}, undef, %how) }

my $nonce = $c->nonce;
QW::is_fine(look(nonce => $nonce), 200, 'NON-05 a nonce is good once');
QW::is_problem(look(nonce => $nonce), 400, 'badNonce', 'NON-05 and not twice');
QW::is_fine(look(), 200, 'NON-05 NON-12 the fresh one of the refusal is usable');
QW::is_problem(look(nonce => undef), 400, 'badNonce', 'NON-07 no nonce');
QW::is_problem(look(nonce => 'A' x 48), 400, 'badNonce', 'NON-09 never issued');
QW::is_problem(look(nonce => 'x'), 400, 'badNonce', 'NON-09 no form of a nonce');
{
    my $forged = $c->nonce;
    substr($forged, 12, 1) = substr($forged, 12, 1) eq 'A' ? 'B' : 'A';
    QW::is_problem(look(nonce => $forged), 400, 'badNonce', 'NON-09 one character changed');
}

my $old = $c->nonce;
QW->clock(2 * 3600);
QW::is_problem(look(nonce => $old), 400, 'badNonce', 'NON-11 older than its lifetime');
QW::is_fine(look(), 200, 'NON-12 the fresh one is of the new time');
QW->clock(0);
$c->{nonces} = [];

$nonce = $c->nonce;
QW::is_problem(look(nonce => $nonce, signature => 'x' x 64), 400, 'malformed', 'NON-13 a bad signature');
QW::is_problem(look(nonce => $nonce), 400, 'badNonce', 'NON-13 has spent its nonce');

{
    my $other = QW->new(place => 'other');
    QW::is_problem(look(nonce => $other->nonce), 400, 'badNonce', 'NON-18 a nonce of another directory');
}

# Two at once with the same nonce, from two processes: one is served.
my $dir = QW::bed() . "/nonce-$$";
make_path($dir);
my %wins;
for my $round (1 .. 20) {
    my $body = $c->jws($c->{kid}, undef);
    my @pids;
    for my $who (0, 1) {
        my $pid = fork;
        die unless defined $pid;
        if (!$pid) {
            my $code = QW->new(key => $c->{key})->post($c->{kid}, undef, body => $body)->code;
            open my $f, '>', "$dir/$round-$who" or die;
            print $f $code;
            close $f;
            POSIX::_exit(0);
        }
        push @pids, $pid;
    }
    waitpid $_, 0 for @pids;
    $wins{ scalar grep { QW::slurp("$dir/$round-$_") == 200 } 0, 1 }++;
}
is_deeply(\%wins, { 1 => 20 }, 'NON-06 exactly one of two wins, each time');
done_testing();
