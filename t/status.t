# The status service: issuing certificate, CRL and OCSP at the URLs that certificates
# name. Requests are made here, byte by byte; answers are read by openssl and by
# Python's cryptography. On a bed of its own.
use strict; use warnings FATAL => 'all';
use File::Path qw(make_path);
use HTTP::Date ();
use HTTP::Request ();
use LWP::UserAgent ();
use MIME::Base64 qw(encode_base64);
use POSIX ();
use QW; use QW::Bed; use Test::More;
use Time::HiRes ();

# of the suite's own server, where there are two authorities
my ($shared, $shared_bed) = ("http://localhost:$ENV{QW_STATUS_PORT}/status", QW::bed());

my $home = QW::Bed->new('status', 15200);
my $bed = $home->{dir};
my $ca = "$bed/ca-test";
my $base = "http://localhost:$ENV{QW_STATUS_PORT}/status/test";
$home->configure(sub { s{(QwacmeCRLURL .*%\{issuer\})(.*)}{$1-%{period}$2\n    QwacmeCRLPeriod 7\n    QwacmeCRLDelay 0} });
# one child
$home->put('httpd.conf', $home->slurp('httpd.conf') =~ s/^(StartServers|ServerLimit) .*/$1 1/mgr =~ s/^(MaxRequestWorkers) .*/$1 25/mr);
my $pid = $home->start;
my $ua = LWP::UserAgent->new(keep_alive => 4, timeout => 30, max_redirect => 0);

sub run_ok { my ($command) = @_; my $text = `$command 2>&1`; $? == 0 or die "$command: $text"; return $text }
my $id = substr((split ' ', run_ok("openssl x509 -in '$ca/issuing.pem' -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum"))[0], 0, 16);
my $files = "$bed/state/status/$id";

# ---- making requests, reading answers ----------------------------------------------------
sub der {
    my ($tag, @parts) = @_;
    my $content = join '', @parts;
    my $n = length $content;
    return chr($tag) . ($n < 128 ? chr $n : $n < 256 ? "\x81" . chr $n : "\x82" . pack 'n', $n) . $content;
}
my %oid = (sha1 => '2b0e03021a', sha256 => '608648016503040201', sha512 => '608648016503040203');

# Hashes of the issuer's name and key as openssl writes them.
my %hashes;
for my $digest (qw(sha1 sha256 sha512)) {
    run_ok("openssl ocsp -$digest -issuer '$ca/issuing.pem' -serial 0x01 -no_nonce -reqout '$bed/probe.der'");
    my $n = { sha1 => 20, sha256 => 32, sha512 => 64 }->{$digest};
    $hashes{$digest} = [$home->slurp('probe.der') =~ /\x04\Q${\ chr $n}\E(.{$n})\x04\Q${\ chr $n}\E(.{$n})/s];
}
sub cert_id {
    my ($serial, $digest, @hash) = @_;
    @hash = @{ $hashes{$digest} } unless @hash;
    return der(0x30, der(0x30, der(0x06, pack 'H*', $oid{$digest}), "\x05\x00"), (map { der(0x04, $_) } @hash), der(0x02, pack 'H*', $serial));
}
# Serials (hex) or cert_id()s; of a nonce of so many octets.
sub request {
    my ($ids, %how) = @_;
    my @list = map { der(0x30, /^[0-9a-f]+$/ ? cert_id($_, $how{digest} || 'sha1') : $_) } ref $ids ? @$ids : $ids;
    my $nonce = !defined $how{nonce} ? '' : der(0xa2, der(0x30, der(0x30, der(0x06, pack 'H*', '2b0601050507300102'), der(0x04, der(0x04, 'n' x $how{nonce})))));
    return der(0x30, der(0x30, der(0x30, @list), $nonce));
}
sub send_ {
    my ($method, $url, $body, @headers) = @_;
    return $ua->request(HTTP::Request->new($method, $url, \@headers, $body));
}
sub get { my ($der, @headers) = @_; return send_('GET', "$base/ocsp/" . encode_base64($der, ''), undef, @headers) }
sub post { my ($der, @headers) = @_; return send_('POST', "$base/ocsp", $der, 'Content-Type' => 'application/ocsp-request', @headers) }
my %error = (malformedRequest => 1, internalError => 2, tryLater => 3, unauthorized => 6);
sub is_error {
    my ($r, $what, $name) = @_;
    is($r->code, 200, "$name: HTTP goes well") or diag $r->as_string;
    is($r->header('Content-Type'), 'application/ocsp-response', "$name: as an OCSP answer");
    is(unpack('H*', $r->content), "30030a010$error{$what}", "$name: $what");
    is($r->header('Cache-Control'), 'no-store', "$name: in no cache");
    return;
}
# What openssl reads in an answer about $serial, once it has verified it.
sub status {
    my ($r, $serial, @options) = @_;
    return 'HTTP ' . $r->code unless $r->code == 200;
    $home->put('answer.der', $r->content);
    my $text = `openssl ocsp @options -issuer '$ca/issuing.pem' -serial 0x$serial -no_nonce -respin '$bed/answer.der' -CAfile '$ca/root.pem' -verify_other '$ca/issuing.pem' 2>&1`;
    return $text =~ /^Response verify OK$/m && $text =~ /^0x\w+: (\w+)$/m ? $1 : $text;
}

# An answer that openssl makes in the place of the signer's, about what was never issued.
sub answer_file { my ($serial, $digest) = @_; return "$files/ocsp/" . substr($serial, -2) . "/$serial.$digest" }
sub make_answer {
    my ($serial, $digest, %how) = @_;
    my $file = answer_file($serial, $digest);
    make_path($file =~ s{/[^/]+$}{}r);
    $home->put('index.txt', ($how{revoked} ? "R\t491231235959Z\t$how{revoked}Z,superseded\t" : "V\t491231235959Z\t\t") . uc($serial) . "\tunknown\t/CN=x\n");
    $home->put('request.der', request($serial, digest => $digest));
    my $options = join ' ', '-resp_key_id', '-resp_no_certs', '-ndays', $how{days} || 4;
    run_ok("openssl ocsp -index '$bed/index.txt' -CA '$ca/issuing.pem' -rsigner '$ca/issuing.pem' -rkey '$ca/issuing-key.pem' $options -reqin '$bed/request.der' -respout '$file.new'");
    rename "$file.new", $file or die $!;
    return $file;
}

# ---- the issuing certificate --------------------------------------------------------------
{
    my $url = "$base/$id.cer";
    my $r = send_('GET', $url);
    is($r->code, 200, 'STA the issuing certificate is there') or diag $r->as_string;
    is($r->header('Content-Type'), 'application/pkix-cert', 'STA as such');
    run_ok("openssl x509 -in '$ca/issuing.pem' -outform DER -out '$bed/issuing.der'");
    is($r->content, $home->slurp('issuing.der'), 'STA octet by octet');
    like($r->header('Cache-Control'), qr/^max-age=3600\b/, 'STA caches keep it');
    is(send_('GET', $url, undef, 'If-None-Match' => $r->header('ETag'))->code, 304, 'STA and ask whether it has changed');
    my $head = send_('HEAD', $url);
    is($head->code . $head->content, '200', 'STA HEAD');
    is($head->header('Content-Length'), length $r->content, 'STA HEAD says how long it is');
    for my $method (qw(POST PUT DELETE)) {
        $r = send_($method, $url, 'x');
        is($r->code, 405, "STA $method is refused");
        like($r->header('Allow'), qr/^(?=.*GET)(?=.*HEAD)(?!.*POST)/, "STA $method: what is not");
    }
    is(send_('GET', "$base/$_")->code, 404, "STA nothing at '$_'") for '', 'x', "$id.cer/", "$id.cert", "\U$id\E.cer", '0' x 16 . '.cer', "../test", "$id.cer/../x";
}

# ---- OCSP -----------------------------------------------------------------------------------
my $good = '5a' . '11' x 15;
{
    for my $digest (qw(sha1 sha256)) {
        make_answer($good, $digest);
        my $r = post(request($good, digest => $digest));
        is(status($r, $good, "-$digest"), 'good', "STA $digest by POST");
        is($r->header('Content-Type'), 'application/ocsp-response', "STA $digest as an OCSP answer");
        is($r->header('Cache-Control'), 'no-store', "STA $digest a POST's answer is in no cache");
        is(status(get(request($good, digest => $digest)), $good, "-$digest"), 'good', "STA $digest by GET");
        is(post(request($good, digest => $digest))->content, $home->slurp(answer_file($good, $digest) =~ s{^\Q$bed\E/}{}r), "STA $digest what is in its file");
    }
    my $revoked = '5b' . '22' x 15;
    make_answer($revoked, 'sha1', revoked => '261101000000');
    is(status(get(request($revoked)), $revoked), 'revoked', 'STA a revoked one');
    is(status(send_('POST', "$base/ocsp/", request($good), 'Content-Type' => 'application/ocsp-request'), $good), 'good', 'STA with a slash at the end');
}
# how base64 is written in a path
{
    my ($slashes, $plus);
    for my $n (1 .. 4000) {
        my $serial = sprintf '5c%030x', $n * 0xfffff;
        my $b64 = encode_base64(request($serial), '');
        $slashes ||= $serial if $b64 =~ m{//};
        $plus ||= $serial if $b64 =~ /\+/ && $b64 =~ m{/};
    }
    # the hashes of an issuer decide about most of the path: slashes are made by hand
    $slashes ||= '5c' . 'ff' x 15;
    for my $serial (grep { $_ } $slashes, $plus) {
        make_answer($serial, 'sha1');
        my $b64 = encode_base64(request($serial), '');
        like($b64, $serial eq $slashes ? qr{//} : qr/\+/, 'STA a path with what makes trouble');
        my %path = (plain => $b64, escaped => $b64 =~ s{([+/=])}{sprintf '%%%02X', ord $1}ger,
            'in lower case' => $b64 =~ s{([+/=])}{sprintf '%%%02x', ord $1}ger, 'all escaped' => $b64 =~ s{(.)}{sprintf '%%%02X', ord $1}ger);
        for my $how (sort keys %path) {
            is(status(send_('GET', "$base/ocsp/$path{$how}"), $serial), 'good', "STA GET, $how");
            is(status(send_('GET', "$base/ocsp//$path{$how}"), $serial), 'good', "STA GET, $how, behind two slashes");
        }
    }
}
# caches
{
    my $der = request($good);
    my $r = get($der);
    my %control = map { /^(\S+?)=(.*)/ ? ($1 => $2) : ($_ => 1) } split /, */, $r->header('Cache-Control');
    is_deeply([sort keys %control], [sort qw(max-age public no-transform must-revalidate)], 'STA RFC 5019 caches keep an answer') or diag $r->as_string;
    is($control{'max-age'}, 3600, 'STA for an hour');
    my $expires = HTTP::Date::str2time($r->header('Expires')) - HTTP::Date::str2time($r->header('Date'));
    is($expires, 3600, 'STA RFC 5019 Expires says the same');
    my $age = time - HTTP::Date::str2time($r->header('Last-Modified'));
    cmp_ok($age, '>=', 0, 'STA RFC 5019 Last-Modified');
    cmp_ok($age, '<', 600, 'STA is thisUpdate');
    is(get($der, 'If-None-Match' => $r->header('ETag'))->code, 304, 'STA 304 by ETag');
    is(get($der, 'If-Modified-Since' => $r->header('Last-Modified'))->code, 304, 'STA 304 by time');
    is(get($der, 'If-None-Match' => '"x"')->code, 200, 'STA another ETag');
    my $unchanged = get($der, 'If-None-Match' => $r->header('ETag'));
    is($unchanged->header('Cache-Control'), $r->header('Cache-Control'), 'STA 304 is kept as long');
    my $head = send_('HEAD', "$base/ocsp/" . encode_base64($der, ''));
    is($head->code . $head->content, '200', 'STA HEAD');
    is($head->header($_), $r->header($_), "STA HEAD $_") for qw(Content-Length Content-Type ETag Last-Modified);
    make_answer($good, 'sha1');
    isnt(get($der)->header('ETag'), $r->header('ETag'), 'STA a new answer has another ETag');
    # the signer would make all anew, of a time to come
    with_signer_stopped(sub {
        QW->clock(4 * 86400 - 1200);
        my ($left) = get($der)->header('Cache-Control') =~ /max-age=(\d+)/;
        cmp_ok($left, '<=', 1200, 'STA never beyond nextUpdate');
        cmp_ok($left, '>', 1000, 'STA up to it');
        QW->clock(4 * 86400 + 60);
        is_error(get($der), 'tryLater', 'STA GET never a stale answer');
        is_error(post($der), 'tryLater', 'STA POST never a stale answer');
        QW->clock(0);
    });
}
# what is no request
{
    my $der = request($good);
    is_error(get('x'), 'malformedRequest', 'STA GET of no request');
    is_error(send_('GET', "$base/ocsp/!!!"), 'malformedRequest', 'STA GET of no base64');
    is_error(send_('GET', "$base/ocsp"), 'malformedRequest', 'STA GET of nothing');
    is_error(post(''), 'malformedRequest', 'STA POST of nothing');
    is_error(post("$der\x00"), 'malformedRequest', 'STA POST with more behind it');
    is_error(post(substr $der, 0, -1), 'malformedRequest', 'STA POST cut off');
    is_error(post(request([])), 'malformedRequest', 'STA POST of no certificate');
    is_error(post(request($good, nonce => 129)), 'malformedRequest', 'STA RFC 9654 a nonce of 129 octets');
    is_error(post(request($good, nonce => 0)), 'malformedRequest', 'STA RFC 9654 a nonce of none');
    is(post('x' x 4097)->code, 413, 'STA more than 4 KiB');
    is(post('x' x 1_000_000)->code, 413, 'STA much more');
    is_error(post('x' x 4096), 'malformedRequest', 'STA up to 4 KiB is read');
    is(send_('POST', "$base/ocsp", $der, 'Content-Type' => $_)->code, 415, "STA POST of '$_'") for 'text/plain', 'application/ocsp-requests';
    is(status(send_('POST', "$base/ocsp", $der, 'Content-Type' => 'Application/OCSP-Request; x=y'), $good), 'good', 'STA the type in other letters');
    for my $method (qw(PUT DELETE OPTIONS)) {
        my $r = send_($method, "$base/ocsp", $der);
        is($r->code, 405, "STA $method is refused");
        like($r->header('Allow'), qr/^(?=.*GET)(?=.*POST)(?!.*PUT)/, "STA $method: what is not");
    }
}
# another CA
{
    is_error(post(request(cert_id($good, 'sha1', 'n' x 20, 'k' x 20))), 'unauthorized', 'STA another CA');
    is_error(get(request(cert_id($good, 'sha1', $hashes{sha1}[0], 'k' x 20))), 'unauthorized', 'STA another key of the same name');
    is_error(post(request(cert_id($good, 'sha512'))), 'unauthorized', 'STA hashes that nobody uses');
    is_error(post(request([cert_id($good, 'sha1'), cert_id($good, 'sha256')])), 'unauthorized', 'STA two kinds of hashes at once');
    is_error(post(request([cert_id($good, 'sha1'), cert_id($good, 'sha1', 'n' x 20, 'k' x 20)])), 'unauthorized', 'STA another CA beside ours');
}
# a file that is not what it should be
{
    # of no certificate: the signer makes none, and does not tell one of it
    my $serial = '5d' . '33' x 15;
    my $file = make_answer($serial, 'sha1');
    rename $file, "$file.real";
    my $other = answer_file($good, 'sha1');
    run_ok("cp '$other' '$file'");
    is(status(post(request($serial)), $serial), 'unknown', 'STA the answer about another serial: the signer is asked');
    run_ok("head -c 100 '$file.real' >'$file'");
    is(status(post(request($serial)), $serial), 'unknown', 'STA half an answer: the signer is asked');
    run_ok("cat '$file.real' >'$file'; head -c 9000 /dev/zero >>'$file'");
    is(status(post(request($serial)), $serial), 'unknown', 'STA too long an answer: the signer is asked');
    like($home->slurp('log/error_log'), qr/QW0500: status of 'test': file '\Q$file\E': is no answer about this serial/, 'STA the log says which file');
    rename "$file.real", $file;
    is(status(post(request($serial)), $serial), 'good', 'STA the right one');
}
# ---- authorities apart ------------------------------------------------------------------------
{
    my %cer;
    for my $name (qw(test other)) {
        my $pem = "$shared_bed/ca-$name/issuing.pem";
        $cer{$name} = substr((split ' ', run_ok("openssl x509 -in '$pem' -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum"))[0], 0, 16) . '.cer';
        run_ok("openssl ocsp -issuer '$pem' -serial 0x01 -no_nonce -reqout '$bed/$name.der'");
    }
    for my $name (qw(test other)) {
        my ($not) = grep { $_ ne $name } qw(test other);
        is(send_('GET', "$shared/$name/$cer{$name}")->code, 200, "STA-12 '$name' shows its own certificate");
        is(send_('GET', "$shared/$name/$cer{$not}")->code, 404, "STA-12 '$name' shows not that of '$not'");
        my $r = send_('POST', "$shared/$name/ocsp", $home->slurp("$not.der"), 'Content-Type' => 'application/ocsp-request');
        is_error($r, 'unauthorized', "STA-12 '$name' knows nothing of '$not'");
        is(send_('GET', "$shared/$not/../$name/$cer{$name}")->code, 200, "STA-12 '$name' by a way round");
    }
}

# ---- an OCSP URL without a path; files and other services beside it ---------------------------
{
    my $root = "http://localhost:" . ($ENV{QW_STATUS_PORT} + 1);
    my $before = $home->slurp('qwacme.conf');
    my $httpd = $home->slurp('httpd.conf');
    run_ok("'$ENV{QW_CTL}' ca init-demo '$bed/ca-old' --organization 'Exemple Confiance' --country FR --organization-identifier NTRFR-123456789");
    my $old = substr((split ' ', run_ok("openssl x509 -in '$bed/ca-old/issuing.pem' -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum"))[0], 0, 16);
    run_ok("openssl ocsp -issuer '$bed/ca-old/issuing.pem' -serial 0x01 -no_nonce -reqout '$bed/old.der'");
    is_error(post($home->slurp('old.der')), 'unauthorized', 'STA an issuer that is not configured');
    $home->configure(sub { s{(QwacmeIssuer \S+ \S+)}{$1\n    QwacmeIssuer $bed/ca-old/issuing.pem none}; s{(QwacmeOCSPURL http://localhost):.*}{$1/}; s{(QwacmeCRLURL) .*}{$1 http://localhost/%{issuer}-%{period}.crl} });
    my ($modules) = $home->slurp('base.conf') =~ m{"(\S+)/mod_alias\.so"};
    my $cache = join '', map { "LoadModule ${_}_module \"$modules/mod_$_.so\"\n" } grep { -e "$modules/mod_$_.so" } qw(cache cache_socache);
    make_path("$bed/htdocs/MEUx");
    $home->put("htdocs/$_", "a page\n") for qw(index.html MEUx/page.html);
    $home->put('httpd.conf', $httpd . $cache . "Listen 127.0.0.1:" . ($ENV{QW_STATUS_PORT} + 1) . "\n<VirtualHost 127.0.0.1:" . ($ENV{QW_STATUS_PORT} + 1) . ">\n"
        . "<Location />\nSetHandler qwacme-status\nQwacmeUse test\n</Location>\n<Location /MEUx>\nSetHandler default-handler\n</Location>\n"
        . "<IfModule mod_cache_socache.c>\nCacheEnable socache /\nCacheSocache shmcb:$bed/state/cache(512000)\nCacheHeader on\nCacheIgnoreNoLastMod on\n</IfModule>\n</VirtualHost>\n");
    $home->end($pid);
    $pid = $home->start;
    my $b64 = encode_base64(request($good), '');
    is(status(send_('GET', "$root/$b64"), $good), 'good', 'STA an URL without a path: GET');
    is(status(send_('GET', "$root/" . ($b64 =~ s{([+/=])}{sprintf '%%%02X', ord $1}ger)), $good), 'good', 'STA an URL without a path: escaped');
    is(status(send_('POST', "$root/", request($good), 'Content-Type' => 'application/ocsp-request'), $good), 'good', 'STA an URL without a path: POST, and not index.html');
    is_error(send_('GET', "$root/"), 'malformedRequest', 'STA an URL without a path: GET of nothing');
    SKIP: {
        skip 'no mod_cache_socache', 3 unless $cache =~ /cache_socache/;
        my $other = encode_base64(request('5b' . '22' x 15), '');
        is(status(send_('GET', "$root/$other"), '5b' . '22' x 15), 'revoked', 'STA a cache takes no answer for that of another');
        my $r = send_('GET', "$root/" . ($b64 =~ s{([A-Z])}{sprintf '%%%02x', ord $1}ger));
        is(status($r, $good), 'good', 'STA a cache has it');
        like($r->header('X-Cache'), qr/^HIT/, 'STA once for every spelling') or diag $r->as_string;
    }
    is(send_('GET', "$root/MEUx/page.html")->content, "a page\n", 'STA what is beside it stays');
    is(send_('GET', "$base/$old.cer")->code, 200, 'STA a retired issuer is shown');
    my $r = send_('POST', "$root/", $home->slurp('old.der'), 'Content-Type' => 'application/ocsp-request');
    is($r->code, 200, 'STA a retired issuer: OCSP');
    unlike(unpack('H*', $r->content), qr/^30030a0106$/, 'STA a retired issuer is ours');
    is(send_('GET', "$root/favicon.ico")->code, 404, 'STA nothing else');
    $home->put('qwacme.conf', $before);
    $home->put('httpd.conf', $httpd);
    $home->end($pid);
    $pid = $home->start;
}

# ---- what the signer tells of certificates ------------------------------------------------------
sub serial_of {
    my ($pem, $file) = @_;
    $home->put($file || 'leaf.pem', $pem);
    return run_ok("openssl x509 -in '$bed/" . ($file || 'leaf.pem') . "' -noout -serial") =~ /=(\w+)/ ? lc $1 : die;
}
sub nonce_in { my ($r) = @_; return $r->content =~ /\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x02\x04(?:[\x00-\x7f]|\x81.)\x04(?:[\x00-\x7f]|\x81.)(n+)/s ? length $1 : 0 }
my $c = QW->registered;
my $serial = serial_of($c->issue('www.exemple.test'));
my $never = '5e' . '44' x 15;
{
    like(run_ok("openssl x509 -in '$bed/leaf.pem' -noout -ocsp_uri"), qr/^\Q$base\E\/ocsp$/m, 'STA the certificate says where');
    for my $digest (qw(sha1 sha256)) {
        is(status(get(request($serial, digest => $digest)), $serial, "-$digest"), 'good', "STA $digest a new certificate is good at once");
        ok(QW->await(sub { -e answer_file($serial, $digest) }), "STA $digest its answer is in a file");
        my $r = get(request($serial, digest => $digest));
        like($r->header('Cache-Control'), qr/^max-age=3600/, "STA $digest and in caches");
        is(status($r, $serial, "-$digest"), 'good', "STA $digest signed ahead");
        is(status(post(request($never, digest => $digest)), $never, "-$digest"), 'unknown', "STA-04 $digest a serial that was not issued is unknown");
        $r = get(request($never, digest => $digest));
        is(status($r, $never, "-$digest"), 'unknown', "STA-04 $digest by GET");
        is($r->header('Cache-Control'), 'no-store', "STA-04 $digest in no cache, it may be issued yet");
        for my $n (1, 32, 128) {
            $r = post(request($serial, digest => $digest, nonce => $n));
            is(status($r, $serial, "-$digest"), 'good', "STA RFC 9654 $digest a nonce of $n octets");
            is(nonce_in($r), $n, "STA RFC 9654 $digest comes back");
            is($r->header('Cache-Control'), 'no-store', "STA RFC 9654 $digest to one client");
        }
        for my $nonce (qw(-nonce -no_nonce)) {
            my $text = `openssl ocsp -$digest -issuer '$ca/issuing.pem' -cert '$bed/leaf.pem' $nonce -url '$base/ocsp' -CAfile '$ca/root.pem' 2>&1`;
            like($text, qr/^Response verify OK$/m, "STA openssl ocsp -$digest $nonce verifies it") or diag $text;
            like($text, qr/: good$/m, "STA openssl ocsp -$digest $nonce finds it good");
            unlike($text, qr/WARNING/, "STA openssl ocsp -$digest $nonce misses nothing");
        }
    }
    my $both = post(request([$serial, $never]));
    is(status($both, $serial), 'good', 'STA several at once: one');
    is(status($both, $never), 'unknown', 'STA several at once: another');
    is(run_ok("python3 '$ENV{QW_SRCDIR}/t/lib/ocspclient' '$base/ocsp' '$bed/leaf.pem' '$ca/issuing.pem' GOOD"), "ok\n", 'STA another client: good');
}
# [what $do returns, seconds] of $n processes that do it at the same time.
sub at_once {
    my ($n, $do) = @_;
    my @readers;
    for (1 .. $n) {
        my $pid = open my $reader, '-|';
        die $! unless defined $pid;
        if (!$pid) {
            $ua = LWP::UserAgent->new(timeout => 30);
            my $start = Time::HiRes::time();
            my $got = $do->();
            syswrite STDOUT, "$got " . (Time::HiRes::time() - $start);
            POSIX::_exit(0);
        }
        push @readers, $reader;
    }
    return map { my $line = <$_>; close $_; [split ' ', $line || '0 0'] } @readers;
}
sub with_signer_stopped {
    my ($do) = @_;
    my ($signer) = `fuser '$bed/state/signer.lock' 2>/dev/null` =~ /(\d+)/ or die 'no signer';
    kill STOP => $signer;
    $do->();
    kill CONT => $signer;
    return;
}
with_signer_stopped(sub {
    my $r = get(request($serial));
    is(status($r, $serial), 'good', 'STA without the signer: what was signed ahead');
    $r = post(request($serial, nonce => 32));
    is(status($r, $serial), 'good', 'STA without the signer: a nonce is not waited for');
    is(nonce_in($r), 0, 'STA without the signer: there is none then');
    is($r->header('Cache-Control'), 'no-store', 'STA without the signer: in no cache');
    is_error(post(request($never)), 'tryLater', 'STA without the signer: a serial without a file');
    is_error(post(request($never, nonce => 32)), 'tryLater', 'STA without the signer: such a one with a nonce');
    is_error(post(request([$serial, $never])), 'tryLater', 'STA without the signer: several');
    # of one child, 8 may wait
    my @waits = at_once(24, sub { post(request($serial, nonce => 32))->code });
    is(scalar(grep { $_->[0] eq '200' } @waits), 24, 'STA without the signer: many at once are answered');
    cmp_ok(scalar(grep { $_->[1] < 1.5 } @waits), '>=', 12, 'STA without the signer: only so many of them wait') or diag join ' ', map { $_->[1] } @waits;
});
is(status(post(request($never)), $never), 'unknown', 'STA the signer is back');

# ---- the CRL ---------------------------------------------------------------------------------------
{
    my $url = "$base/$id-full.crl";
    my $r = send_('GET', $url);
    is($r->code, 200, 'STA the CRL') or diag $r->as_string;
    is($r->header('Content-Type'), 'application/pkix-crl', 'STA the CRL as such');
    is($r->content, $home->slurp("state/status/$id/crl/full.crl"), 'STA the CRL octet by octet');
    like($r->header('Cache-Control'), qr/^max-age=3600, public$/, 'STA the CRL in caches, for an hour');
    is(HTTP::Date::str2time($r->header('Expires')) - HTTP::Date::str2time($r->header('Date')), 3600, 'STA the CRL: Expires says the same');
    is(send_('GET', $url, undef, 'If-None-Match' => $r->header('ETag'))->code, 304, 'STA the CRL: 304 by ETag');
    is(send_('GET', $url, undef, 'If-Modified-Since' => $r->header('Last-Modified'))->code, 304, 'STA the CRL: 304 by time');
    my $part = send_('GET', $url, undef, Range => 'bytes=0-3');
    is($part->code . $part->content, '206' . substr($r->content, 0, 4), 'STA the CRL: a part of it');
    my $head = send_('HEAD', $url);
    is($head->code . $head->content, '200', 'STA the CRL: HEAD');
    is($head->header('Content-Length'), length $r->content, 'STA the CRL: HEAD says how long it is');
    is(send_('POST', $url, 'x')->code, 405, 'STA the CRL: it is only read');
    is(send_('GET', "$base/$id$_")->code, 404, "STA the CRL: nothing at '$_'")
        for '-full.crl/x', '.crl', '-.crl', '-full', '-2026110.crl', '-19700101.crl', '-202611012.crl', '-..%2fcrl%2ffull.crl', '-full.crl.crl';
    my ($of_period) = run_ok("openssl x509 -in '$bed/leaf.pem' -noout -ext crlDistributionPoints") =~ /URI:(\S+)/;
    like($of_period, qr/^\Q$base\E\/$id-\d{8}\.crl$/, 'STA the CRL of a certificate is that of its period');
    $r = send_('GET', $of_period);
    is($r->code, 200, 'STA that CRL is there') or diag $r->as_string;
    $home->put('period.crl', $r->content);
    like(run_ok("openssl crl -inform DER -in '$bed/period.crl' -CAfile '$ca/issuing.pem' -noout -text"), qr/verify OK.*Full Name:\s+URI:\Q$of_period\E/s, 'STA it is signed, and says which it is');
    with_signer_stopped(sub {
        QW->clock(7 * 86400 - 600);
        my ($left) = send_('GET', $url)->header('Cache-Control') =~ /max-age=(\d+)/;
        cmp_ok($left, '<=', 600, 'STA the CRL: never beyond nextUpdate');
        QW->clock(7 * 86400 + 60);
        $r = send_('GET', $url);
        is($r->code . $r->header('Cache-Control'), '200max-age=0, public', 'STA the CRL: a stale one, in no cache, is for the client to judge');
        QW->clock(0);
    });

    ok(QW::ctl('certificate', 'revoke', $serial, '--reason', 'superseded'), 'STA-06 one is revoked') or diag $QW::ctl_text;
    ok(QW->await(sub { status(get(request($serial)), $serial) eq 'revoked' }), 'STA-06 OCSP tells it') or diag status(get(request($serial)), $serial);
    is(status(post(request($serial, nonce => 32)), $serial), 'revoked', 'STA-06 with a nonce');
    is(status(get(request($serial, digest => 'sha256')), $serial, '-sha256'), 'revoked', 'STA-06 by SHA-256');
    ok(QW->await(sub { $home->put('period.crl', send_('GET', $of_period)->content); run_ok("openssl crl -inform DER -in '$bed/period.crl' -CAfile '$ca/issuing.pem' -noout -text") =~ /verify OK.*Serial Number: \U$serial\E/s }, 30), 'STA-06 and the CRL of its period');
    (my $full = $of_period) =~ s/\d{8}\.crl$/full.crl/;
    ok(QW->await(sub { $home->put('full.crl', send_('GET', $full)->content); run_ok("openssl crl -inform DER -in '$bed/full.crl' -CAfile '$ca/issuing.pem' -noout -text") =~ /verify OK.*Serial Number: \U$serial\E/s }, 30), 'STA-06 and the full one soon after');
    is(run_ok("python3 '$ENV{QW_SRCDIR}/t/lib/ocspclient' '$base/ocsp' '$bed/leaf.pem' '$ca/issuing.pem' REVOKED"), "ok\n", 'STA-06 another client: revoked');

    # the full one was made by a node whose clock is ahead: its number is, too
    my $later = serial_of($c->issue('www.exemple.test'), 'later.pem');
    my $ahead = $home->value("SELECT number FROM qw_crl WHERE period = ''") + 3_600_000_000;
    $home->sql("UPDATE qw_crl SET number = $ahead, listed = $ahead WHERE period = ''");
    ok(QW->await(sub { $home->value("SELECT listed FROM qw_crl WHERE period = ''") > $ahead }, 30), 'STA-06 a CRL of that node is followed by one of this');
    ok(QW::ctl('certificate', 'revoke', $later), 'STA-06 then one is revoked') or diag $QW::ctl_text;
    ok(QW->await(sub { $home->put('full.crl', send_('GET', $full)->content); run_ok("openssl crl -inform DER -in '$bed/full.crl' -noout -text") =~ /Serial Number: \U$later\E/ }, 30), 'STA-06 which is on the full one soon, whoever made the CRLs before');
}
# ---- metrics -----------------------------------------------------------------------------------
sub metrics {
    my ($url) = @_;
    my $r = send_('GET', $url || "http://localhost:$ENV{QW_STATUS_PORT}/metrics");
    return ($r, { $r->content =~ /^(\w+(?:\{[^}]*\})?) (-?\d+)$/mg });
}
{
    my $pem = $c->issue('shop.test');
    $c->order('m.shop.test');
    my ($r, $m) = metrics();
    is($r->code, 200, 'OPS-08 metrics') or diag $r->as_string;
    like($r->header('Content-Type'), qr{^text/plain; version=0.0.4}, 'OPS-08 as Prometheus reads them');
    is($r->header('Cache-Control'), 'no-store', 'OPS-08 of now');
    my $issuer = qq({authority="test",issuer="$id"});
    is($m->{qwacme_database_up}, 1, 'OPS-08 the database answers');
    is($m->{qwacme_signer_up}, 1, 'OPS-08 the signer is well');
    is($m->{qwacme_issuance_halted}, 0, 'OPS-08 nothing is halted');
    is($m->{"qwacme_certificates_issued_total$issuer"}, 3, 'OPS-08 certificates') or diag $r->content;
    is($m->{"qwacme_certificates_revoked_total$issuer"}, 2, 'OPS-08 of them revoked');
    cmp_ok($m->{"qwacme_crl_number$issuer"}, '>=', 1, 'OPS-08 the number of the CRL') or diag $r->content;
    cmp_ok($m->{"qwacme_crl_next_update_seconds$issuer"}, '>', time, 'OPS-08 until when it is good');
    ok(QW->await(sub { exists((metrics())[1]{"qwacme_ocsp_oldest_this_update_seconds$issuer"}) }), 'OPS-08 the age of OCSP answers');
    (undef, $m) = metrics();
    my $oldest = $m->{"qwacme_ocsp_oldest_this_update_seconds$issuer"};
    is($m->{"qwacme_ocsp_next_update_seconds$issuer"}, $oldest + 4 * 86400, 'OPS-08 and until when the oldest is good');
    cmp_ok($m->{qwacme_ocsp_refused_total}, '>=', 1, 'OPS-08 requests that found too many waiting') or diag $r->content;
    is($m->{'qwacme_orders_open{authority="test",status="pending"}'}, 1, 'OPS-08 an open order');
    cmp_ok($m->{"qwacme_issuer_not_after_seconds$issuer"}, '>', time, 'OPS-08 when the CA ends');
    my %typed = $r->content =~ /^# TYPE (\w+) (\w+)$/mg;
    my @untyped = grep { my ($name) = /^(\w+)/; !$typed{$name} } keys %$m;
    is("@untyped", '', 'OPS-08 each has a type');
    unlike($r->content, qr/exemple|shop|NTRFR/i, 'OPS-08 and nobody a name');
    ok(QW::ctl('certificate', 'revoke', serial_of($pem, 'second.pem'), '--reason', 'superseded'), 'OPS-08 one is revoked') or diag $QW::ctl_text;
    (undef, $m) = metrics();
    is($m->{"qwacme_certificates_revoked_total$issuer"}, 3, 'OPS-08 and counted');
    ok(QW->await(sub { (undef, $m) = metrics(); $m->{"qwacme_revocations_unpublished$issuer"} == 0 }, 90), 'OPS-08 and published in the end') or diag explain $m;
    is(send_('POST', "http://localhost:$ENV{QW_STATUS_PORT}/metrics", 'x')->code, 405, 'OPS-08 they are only read');
}
{
    $home->put('state/halted', "a test\n");
    is((metrics())[1]{qwacme_issuance_halted}, 1, 'OPS-08 issuance is halted');
    unlink "$bed/state/halted";
    my @of = map { my %seen; $seen{$_} = 1 for send_('GET', ($shared =~ s{/status}{}r) . $_)->content =~ /authority="(\w+)"/g; join ' ', sort keys %seen } '/metrics', '/metrics/other';
    is_deeply(\@of, ['other test', 'other'], 'OPS-08 of all authorities, or of one');
}
# ---- without the database ---------------------------------------------------------------------------
SKIP: {
    skip 'a file does not go away', 1 unless $ENV{QW_DB} eq 'pgsql';
    my $order = [$c->url('newOrder'), $c->jws($c->url('newOrder'), { identifiers => [{ type => 'dns', value => 'y.shop.test' }] })];
    my $account = [$c->url('newAccount'), QW->new->jws($c->url('newAccount'), { onlyReturnExisting => JSON::PP::true() }, jwk => 1)];
    my $revoke = [$c->url('revokeCert'), $c->jws($c->url('revokeCert'), { certificate => QW::b64('x') })];
    $home->sh(". '$bed/env'; \"\$QW_SRCDIR/t/lib/pg\" stop \"\$QW_BED/pg\" \"\$QW_PG_BINDIR\"");
    my ($r, $m) = metrics();
    is($r->code, 200, 'OPS-08 without the database');
    is($m->{qwacme_database_up}, 0, 'OPS-08 that is what they say');
    ok(!(grep { /authority=/ } keys %$m), 'OPS-08 and nothing that they do not know');
    is(status(get(request($serial)), $serial), 'revoked', 'STA without the database: OCSP');
    for my $what (['newOrder', $order], ['newAccount', $account], ['revokeCert', $revoke]) {
        my $r = $c->post($what->[1][0], undef, body => $what->[1][1]);
        QW::is_problem($r, 503, 'serverInternal', "LIM-22 without the database: $what->[0]");
        ok($r->header('Retry-After'), "LIM-22 $what->[0]: it is to be tried again");
        unlike($r->content, qr/pgsql|socket|connect|SQL|qw_/i, "LIM-22 $what->[0]: and no more is told");
    }
    is($c->get("$ENV{QW_URL}/acme/directory")->code, 200, 'LIM-22 without the database: the directory');
    is(send_('GET', "$base/$id-full.crl")->code, 200, 'STA without the database: the CRL');
}
done_testing;
