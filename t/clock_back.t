# Somebody sets the clock of the system back by a day while all runs: what is done
# every so often, and who waits until a time, does not sleep for that day. On a bed
# of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use Test::More;
use MIME::Base64 qw(decode_base64);

my $shim = "$ENV{QW_BUILDDIR}/.libs/clockshim.so";
my $home = QW::Bed->new('clock-back', 18700);
my $bed = $home->{dir};
$home->put('offset', "86400\n"); # what was made today is valid after it, too
$ENV{QW_CLOCK_OFFSET} = "$bed/offset";
$ENV{QW_HTTPD_ENV} =~ s/LD_PRELOAD=\S+\K/:$shim/ or $ENV{QW_HTTPD_ENV} .= " env LD_PRELOAD=$shim";
$home->configure(sub { s/(QwacmeKind test)/$1\n    QwacmeCRLDelay 0/ });
$home->start;
my $c = QW->registered;
my $id = substr `openssl x509 -in '$bed/ca-test/issuing.pem' -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r`, 0, 16;

my $count = 0;
sub issued {
    my $name = 'b' . ++$count . '.shop.test';
    my $r = $c->order($name);
    my $at = $r->header('Location');
    $c->prove($r);
    $r = $c->finalize($at, $c->csr([$name]));
    return unless ref $r->{json} && $r->{json}{status} eq 'valid';
    my ($b64) = $c->post($r->{json}{certificate})->content =~ /-----BEGIN CERTIFICATE-----\n(.*?)-----END/s;
    $home->put('b.pem', "-----BEGIN CERTIFICATE-----\n$b64-----END CERTIFICATE-----\n");
    my ($serial) = `openssl x509 -in '$bed/b.pem' -noout -serial` =~ /=(\w+)/;
    return { der => decode_base64($b64), serial => lc $serial };
}
sub answer { my ($cert) = @_; scalar `openssl ocsp -respin '$bed/state/status/$id/ocsp/@{[substr $cert->{serial}, -2]}/$cert->{serial}.sha256' -noverify -resp_text 2>&1` }
sub shown { my ($cert) = @_; QW::ctl('certificate', 'show', $cert->{serial}) }
sub seen { $home->value('SELECT max(seen) FROM qw_signer') }

my $cert = issued();
ok($cert && QW->await(sub { answer($cert) =~ /Cert Status: good/ }), 'a certificate, and its answer');
my $before = seen();

$home->put('offset', "0\n");
ok(QW->await(sub { seen() < $before - 80000 * 1e6 }, 60), 'the clock was set back: the signer says that it is there') or diag seen();
$c->{nonces} = [];
my $r = $c->post($c->url('revokeCert'), { certificate => QW::b64($cert->{der}), reason => 4 });
QW::is_fine($r, 200, 'a certificate is revoked');
ok(QW->await(sub { answer($cert) =~ /Cert Status: revoked/ }, 20), 'OCSP tells it') or diag answer($cert);
ok(QW->await(sub { shown($cert)->{revocationPublished} }, 20), 'so does a CRL');

# a validation is done by a worker, and jobs that nobody was woken for by its looks
my $next = issued();
ok($next, 'an order is proven, and issued') or diag $r->as_string;
ok($next && QW->await(sub { answer($next) =~ /Cert Status: good/ }, 20), 'its answer is there soon');
# the chores of httpd's children: one of them says that its node is there
my $node = sub { $home->value('SELECT max(seen) FROM qw_node') };
my $last = $node->();
ok(QW->await(sub { $node->() ne $last }, 90), 'the chores go on') or diag $last;
done_testing();
