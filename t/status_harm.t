# What harms the signer's files and what comes late keeps nothing else from being
# told, and makes it sign no more than it has to. On a bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use Test::More;
use MIME::Base64 qw(decode_base64);

my $home = QW::Bed->new('status-harm', 16500);
my $bed = $home->{dir};
$home->configure(sub {
    s/(QwacmeKind test)/$1\n    QwacmeCRLDelay 0\n    QwacmeExpiredCertsOnCRL off/;
});
$home->start;
my $c = QW->registered;
my $days = 86400;

my $id = substr `openssl x509 -in '$bed/ca-test/issuing.pem' -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r`, 0, 16;
my $state = "$bed/state/status/$id";

my $count = 0;
sub issued {
    my $name = 'h' . ++$count . '.shop.test';
    my $r = $c->order($name);
    my $at = $r->header('Location');
    $c->prove($r);
    $r = $c->finalize($at, $c->csr([$name]));
    die $r->as_string unless ref $r->{json} && $r->{json}{status} eq 'valid';
    my ($b64) = $c->post($r->{json}{certificate})->content =~ /-----BEGIN CERTIFICATE-----\n(.*?)-----END/s;
    my $der = decode_base64($b64);
    $home->put('h.pem', "-----BEGIN CERTIFICATE-----\n$b64-----END CERTIFICATE-----\n");
    my ($serial) = `openssl x509 -in '$bed/h.pem' -noout -serial` =~ /=(\w+)/;
    return { der => $der, serial => lc $serial };
}

sub revoke { my ($cert) = @_; $c->post($c->url('revokeCert'), { certificate => QW::b64($cert->{der}), reason => 4 }) }
sub answer_file { my ($cert, $digest) = @_; "$state/ocsp/" . substr($cert->{serial}, -2) . "/$cert->{serial}.$digest" }
sub answered { my ($cert) = @_; scalar `openssl ocsp -respin '@{[answer_file($cert, 'sha256')]}' -noverify -resp_text 2>&1` }
sub crl { scalar `openssl crl -inform DER -in '$state/crl/full.crl' -noout -text 2>&1` }
sub is_listed { my ($cert) = @_; my $serial = uc $cert->{serial}; crl() =~ /Serial Number: 0?\Q$serial\E\n/ }
sub shown { my ($cert) = @_; QW::ctl('certificate', 'show', $cert->{serial}) }

# ---- one answer that cannot be written ----------------------------------------------
# The first of several that wait, as serials go: what is in its way is a folder.
my ($bad, @others) = sort { $a->{serial} cmp $b->{serial} } map { issued() } 1 .. 3;
for my $cert ($bad, @others) {
    QW->await(sub { -e answer_file($cert, 'sha256') }) or die 'no answer';
}
unlink answer_file($bad, 'sha1') or die;
mkdir answer_file($bad, 'sha1') or die;
QW::is_fine(revoke($_), 200, 'a certificate is revoked') for $bad, @others;
for my $cert (@others) {
    ok(QW->await(sub { answered($cert) =~ /Cert Status: revoked/ }), 'one that cannot be told of keeps no other from being told');
    ok(QW->await(sub { shown($cert)->{revocationPublished} }), 'nor from being published');
}
ok(QW->await(sub { is_listed($bad) }), 'the CRL has the one too: it waits for no answer');
ok(!shown($bad)->{revocationPublished}, 'but it is not published: an answer is missing');
like($home->slurp('log/error_log'), qr/QW0535.*\Q$bad->{serial}\E|QW0535.*(?:directory|cannot)/i, 'which the log says');
rmdir answer_file($bad, 'sha1') or die;
ok(QW->await(sub { shown($bad)->{revocationPublished} }, 30), 'when the way is free it is');

# ---- more of them than the signer takes at once -----------------------------------------
# A hundred and one that come first, as serials go, and whose answers cannot be written.
my $spki = `openssl x509 -in '$bed/ca-test/issuing.pem' -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r`;
$spki =~ s/ .*//s;
my $node = $home->value('SELECT id FROM qw_signer');
my @stuck = map { sprintf '01%030x', $_ } 1 .. 101;
for my $serial (@stuck) {
    my $dir = "$state/ocsp/" . substr($serial, -2);
    mkdir "$dir/$serial.sha1" or die "$dir: $!";
}
sub rows { my ($form) = @_; join ', ', map { sprintf $form, $_ } @stuck }
my $said = $home->sql('INSERT INTO qw_revocation (issuer, serial, authority, reason, requested_at, revoked_at, actor) VALUES '
    . rows("('$spki', '%s', 'test', 4, 1, 1, 'test')") . '; INSERT INTO qw_notice (node, issuer, serial) VALUES ' . rows("('$node', '$spki', '%s')"));
is($home->value("SELECT count(*) FROM qw_notice WHERE answered = 0 AND serial LIKE '01%'"), 101, 'a hundred and one notices wait') or diag $said;
my $behind = issued();
QW->await(sub { -e answer_file($behind, 'sha256') }) or die 'no answer';
QW::is_fine(revoke($behind), 200, 'one behind them is revoked');
ok(QW->await(sub { answered($behind) =~ /Cert Status: revoked/ }, 30), 'it is told all the same');
ok(QW->await(sub { shown($behind)->{revocationPublished} }, 30), 'and published');
rmdir "$state/ocsp/" . substr($_, -2) . "/$_.sha1" or die for @stuck;
ok(QW->await(sub { $home->value("SELECT count(*) FROM qw_notice WHERE serial LIKE '01%'") eq '0' }, 60), 'with a free way all of them are');

# ---- an answer that was damaged -------------------------------------------------------
# Whoever asks for it is told, and the file is whole again; nobody waits for the sweep.
my $hurt = issued();
my $file = answer_file($hurt, 'sha1');
QW->await(sub { -e $file }) or die 'no answer';
my $whole = QW::slurp($file);
sub ask { scalar `openssl ocsp -issuer '$bed/ca-test/issuing.pem' -sha1 -serial 0x$hurt->{serial} -no_nonce -noverify -url http://localhost:@{[$home->{port} + 81]}/status/test/ocsp 2>&1` }
for my $harm (['half of it', substr $whole, 0, 100], ['nothing', ''], ['something else', 'x' x 300], ['that of another', QW::slurp(answer_file($behind, 'sha1'))]) {
    my ($what, $text) = @$harm;
    open my $out, '>', $file or die;
    print $out $text;
    close $out or die;
    like(ask(), qr/: good/, "a file with $what: the answer is told");
    is(`openssl ocsp -respin '$file' -noverify -resp_text 2>&1 | grep -ci 'Serial Number: $hurt->{serial}'`, "1\n", "a file with $what: it is written anew at once");
}
like($home->slurp('log/error_log'), qr/QW0500: status of 'test': file '\Q$file\E': is no answer/, 'the log says which file was damaged');
# ---- a CRL that cannot be written ------------------------------------------------------
# A folder is in its place: nobody may see half of one, nor another one.
{
    my $cert = issued();
    my ($metrics, $log) = ("http://localhost:$ENV{QW_STATUS_PORT}/metrics", sub { scalar(() = $home->slurp('log/error_log') =~ /QW0535/g) });
    my $number = sub { my ($name) = @_; $c->send('GET', $metrics)->content =~ /^qwacme_$name\{authority="test",issuer="$id"\} (\d+)/m ? $1 : -1 };
    my ($listed, $told) = ($number->('crl_number'), $log->());
    rename "$state/crl/full.crl", "$state/crl/kept" or die;
    mkdir "$state/crl/full.crl" or die;
    QW::is_fine(revoke($cert), 200, 'a certificate is revoked');
    ok(QW->await(sub { $log->() > $told }, 90), 'STA-08 that no CRL is made is told');
    is($number->('crl_number'), $listed, 'STA-08 by its number too');
    is($number->('revocations_unpublished'), 1, 'STA-08 and by what waits for it');
    ok(!shown($cert)->{revocationPublished}, 'STA-08 nothing counts as published');
    ok(QW->await(sub { answered($cert) =~ /Cert Status: revoked/ }), 'STA-08 OCSP does not wait for it');
    rmdir "$state/crl/full.crl" or die;
    ok(QW->await(sub { is_listed($cert) && $number->('revocations_unpublished') == 0 }, 90), 'STA-08 and then it is made');
    cmp_ok($number->('crl_number'), '>', $listed, 'STA-08 with a number of its own');
}

# ---- a revocation of what has expired long ago ---------------------------------------
# RFC5280-3.3: on one CRL; then no more is signed for it.
my $late = issued();
QW->clock(400 * $days);
$c->{nonces} = [];
QW::is_fine(revoke($late), 200, 'REV-11 an expired certificate is revoked');
ok(QW->await(sub { shown($late)->{revocationPublished} }), 'REV-11 it is published');
my $crls = sub { $home->value("SELECT count(*) FROM qw_attempt WHERE kind = 'crl'") };
# published, it waits for none; and what the year made due is the CRL that has it
ok(QW->await(sub { is_listed($late) }, 30), 'the CRL has it');
my $before = $crls->();
my $seen = $home->value('SELECT max(seen) FROM qw_signer');
QW->await(sub { $home->value('SELECT max(seen) FROM qw_signer') > $seen }, 45) or die 'no signer';
is($crls->(), $before, 'and no CRL after CRL is signed for it');
QW->clock(0);

done_testing();
