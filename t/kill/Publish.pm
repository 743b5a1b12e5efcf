# Publish.pm -- the signer killed while it publishes: at each of its places once,
# and at random under a flow of revocations. A watcher reads the files as a client
# would: a CRL number stands for one CRL, and only grows; what was told as revoked
# is never told as good again.
package Publish;
use strict; use warnings FATAL => 'all';
use Bed; use QW; use Table; use Test::More;
use Digest::SHA qw(sha256_hex);
use MIME::Base64 qw(decode_base64);
use POSIX ();

my @places = qw(status.tx1.before status.tx1.after status.sign.before status.sign.after
    signer.spool.before signer.spool.after status.install.before status.rename.before
    status.install.after status.tx2.before status.tx2.after);

my ($dir, $state, $n);

# ---- the watcher --------------------------------------------------------------------

# The number, as openssl prints it; undef if the file is no CRL.
sub number {
    my ($file) = @_;
    my ($number) = `openssl crl -inform DER -in '$file' -noout -crlnumber 2>/dev/null` =~ /=(\w+)/;
    return defined $number ? hex64($number) : undef;
}
sub hex64 { my ($hex) = @_; no warnings 'portable'; return hex $hex }

# Look until $dir/stop is there; what was wrong goes to $dir/watched.
sub watch {
    my %at = (number => 0, hash => '');
    my (%revoked, @wrong, %hash_of);
    my $looks = 0;
    my $parent = getppid;
    until (-e "$dir/stop" || getppid != $parent) {
        $looks++;
        my $file = "$state/crl/full.crl";
        # a copy: it may be replaced between two reads
        my $bytes = eval { QW::slurp($file) };
        my $hash = defined $bytes ? sha256_hex($bytes) : '';
        if (defined $bytes && $hash ne $at{hash}) {
            put("$dir/seen.crl", $bytes);
            my $number = number("$dir/seen.crl");
            push @wrong, 'no CRL' unless defined $number;
            push @wrong, "number $number after $at{number}" if defined $number && $number <= $at{number};
            %at = (number => $number, hash => $hash) if defined $number;
        }
        for my $answer (glob "$state/ocsp/*/*.sha1") {
            my $der = eval { QW::slurp($answer) };
            next unless defined $der;
            # RevokedInfo is [1], good is [0] NULL, right before thisUpdate
            my $is_good = $der =~ /\x80\x00\x18\x0f\d{14}Z/;
            my $is_revoked = $der =~ /\xa1[\x11\x16]\x18\x0f\d{14}Z/;
            push @wrong, "$answer says nothing" unless $is_good || $is_revoked;
            push @wrong, "$answer is good again" if $is_good && $revoked{$answer};
            $revoked{$answer} = 1 if $is_revoked;
        }
        select undef, undef, undef, 0.01;
    }
    put("$dir/watched", join "\n", "$looks looks, CRL $at{number}, " . keys(%revoked) . ' revoked', @wrong);
    POSIX::_exit(0);
}

sub put {
    my ($file, $text) = @_;
    open my $f, '>', $file or die "$file: $!";
    print $f $text;
    close $f or die;
}

# ---- certificates that are revoked ---------------------------------------------------

# DER of a fresh one.
sub issued {
    my ($c) = @_;
    my $name = 'q' . ++$n . '.shop.test';
    my $r = $c->order($name);
    my $at = $r->header('Location');
    $r = $c->prove($r);
    $r = Table::finalize($c, $at, $name);
    my $url = $r->{json}{certificate};
    QW->await(sub {
        my $o = $c->post($at);
        Table::finalize($c, $at, $name) if ($o->{json}{status} || '') eq 'ready';
        $url = $o->{json}{certificate};
    }, 60) unless $url;
    my ($b64) = $c->post($url)->content =~ /-----BEGIN CERTIFICATE-----\n(.*?)-----END/s;
    return decode_base64($b64);
}

sub revoke { my ($c, $der) = @_; return $c->post($c->url('revokeCert'), { certificate => QW::b64($der) }) }

sub serial_of {
    my ($der) = @_;
    put("$dir/one.der", $der);
    return lc((`openssl x509 -inform DER -in '$dir/one.der' -noout -serial` =~ /=(\w+)/)[0]);
}

sub is_published { my ($serial) = @_; return (QW::ctl('certificate', 'show', $serial) || {})->{revocationPublished} }

sub on_crl {
    my ($serial) = @_;
    return `openssl crl -inform DER -in '$state/crl/full.crl' -noout -text` =~ /Serial Number: 0?\Q@{[uc $serial]}\E\n/;
}

# ---- each place once -----------------------------------------------------------------

sub struck {
    my ($c, $place) = @_;
    my $der = issued($c);
    my $serial = serial_of($der);
    my $old = Bed->signer;
    Bed->plan("$place kill");
    is(revoke($c, $der)->code, 200, "K-47 $place: revoked");
    QW->await(sub { Bed->plan_left eq '' }, 20);
    is(Bed->plan_left, '', "K-47 $place was reached");
    Bed->await_signer($old);
    ok(QW->await(sub { is_published($serial) }, 30), "K-47 killed at $place: it is published");
    ok(on_crl($serial), "K-47 killed at $place: it is on the CRL");
    is(Bed->verify->{signing}, 0, "K-47 killed at $place: nothing is left open");
}

# Killed at random while certificates are revoked one after the other.
sub storm {
    my ($c, $kills) = @_;
    my @ders = map { issued($c) } 1 .. $kills;
    my @serials = map { serial_of($_) } @ders;
    for my $der (@ders) {
        my $r = eval { revoke($c, $der) };
        $c->{nonces} = [] unless $r;
        select undef, undef, undef, rand 0.4;
        my $signer = Bed->signer or next;
        kill 'KILL', $signer;
    }
    Bed->await_signer(0);
    my @missing = grep { my $serial = $_; !QW->await(sub { is_published($serial) }, 30) } @serials;
    is_deeply(\@missing, [], "K-01 after $kills kills each revocation is published");
    my @absent = grep { !on_crl($_) } @serials;
    is_deeply(\@absent, [], 'K-01 and on the CRL');
}

sub run {
    my ($class, $db) = @_;
    $dir = Bed->start('publish', $db, more => "    QwacmeCRLDelay 0\n");
    my $c = QW->registered;
    my $spki = `openssl x509 -in '$dir/ca-test/issuing.pem' -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r`;
    $state = "$dir/state/status/" . substr $spki, 0, 16;
    my $watcher = fork;
    die unless defined $watcher;
    watch() unless $watcher;
    struck($c, $_) for @places;
    storm($c, $ENV{KILLS} || 25);
    put("$dir/stop", '');
    waitpid $watcher, 0;
    my ($sum, @wrong) = split /\n/, QW::slurp("$dir/watched");
    diag($sum);
    is_deeply(\@wrong, [], 'no CRL number came twice, nobody was told good after revoked');
    my $v = Bed->verify;
    is_deeply([grep { !/torn|changed/ } @{ $v->{findings} }], [], 'the ledger agrees with itself') or diag explain $v;
    my %seen;
    $seen{$_}++ for Bed->witnessed;
    is_deeply([grep { $_ > 1 } values %seen], [], 'nothing was signed twice');
    require Storm;
    my @rows = Storm->attempts($db);
    my %known = map { $_->[0] => 1 } @rows;
    is_deeply([grep { !$known{$_} } keys %seen], [], 'each of ' . keys(%seen) . ' signatures is accounted for');
    my %serials;
    $serials{ $_->[1] }++ for @rows;
    is_deeply([grep { $_ > 1 } values %serials], [], 'no CRL number was taken twice');
    Bed->stop;
    done_testing();
}

1;
