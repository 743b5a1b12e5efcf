# What clients send that mean no good, or nothing: to every handler, by raw sockets where a
# library would not send it. On a bed of its own.
use strict; use warnings FATAL => 'all';
use IO::Select (); use IO::Socket::INET; use IO::Socket::SSL ();
use QW; use QW::Bed; use Test::More;

my $home = QW::Bed->new('hostile', 17800);
my ($bed, $ca) = ($home->{dir}, "$home->{dir}/ca-test");
$home->configure(sub { s{(<QwacmeAuthority test>\n)}{$1    QwacmeReportAddress abuse\@exemple.test\n} });
my $conf = $home->slurp('httpd.conf');
$conf =~ s{(</VirtualHost>)}{  <Location /report>\n    SetHandler qwacme-report\n    QwacmeUse test\n  </Location>\n  <Location /mpic>\n    SetHandler qwacme-perspective\n    QwacmeUse here\n  </Location>\n$1};
$conf .= "<QwacmeLocalPerspective here>\n    QwacmeKind test\n    QwacmeResolver 127.0.0.1\@17853\n    QwacmeTestPrivateTargets on\n    QwacmeTestInsecureDNS on\n</QwacmeLocalPerspective>\n";
$home->put('httpd.conf', $conf);
$home->start;
my $c = QW->registered(external => QW->new_external('hostile.test'));
my $status = "http://localhost:$ENV{QW_STATUS_PORT}";
my %port = (https => 17800, http => $ENV{QW_STATUS_PORT});

# The code and all of the answer to $octets, sent as they are; 0 if the server hung up.
sub raw {
    my ($how, $octets) = @_;
    my $s = $how eq 'https' ? IO::Socket::SSL->new(PeerAddr => "127.0.0.1:$port{https}", SSL_verify_mode => 0, Timeout => 10)
        : IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port{http}", Timeout => 10);
    $s or die "$how: $@ $IO::Socket::SSL::SSL_ERROR";
    local $SIG{PIPE} = 'IGNORE';
    syswrite $s, $octets;
    my $all = '';
    while (IO::Select->new($s)->can_read(20)) { sysread($s, $all, 65536, length $all) or last }
    return ($all =~ m{^HTTP/1\.1 (\d+)} ? $1 : 0, $all);
}
sub request { my ($method, $path, @headers) = @_; join "\r\n", "$method $path HTTP/1.1", 'Host: localhost', 'Connection: close', @headers, '', '' }

# ---- methods ---------------------------------------------------------------------------
my %allows = ("$ENV{QW_URL}/report" => 'GET HEAD POST', "$ENV{QW_URL}/mpic" => 'POST', "$status/metrics" => 'GET HEAD',
    "$status/status/test/ocsp" => 'GET HEAD POST', "$ENV{QW_URL}/acme/new-order" => 'POST', "$ENV{QW_URL}/acme/directory" => 'GET HEAD');
for my $url (sort keys %allows) {
    my ($path) = $url =~ m{^https?://[^/]+(.*)};
    for my $method (qw(PUT DELETE PATCH PROPFIND FOO GET POST)) {
        next if $allows{$url} =~ /\b$method\b/;
        my $r = $c->send($method, $url, $method =~ /^P/ ? 'x' : undef);
        is($r->code, 405, "DIR-10 $method $path is refused");
        is(join(' ', sort grep { $_ ne 'TRACE' } split /, */, $r->header('Allow') || ''), $allows{$url}, "DIR-10 $method $path: Allow says what is not");
    }
}

# ---- conditions ---------------------------------------------------------------------------
my ($issuer) = map { s{.*/}{}r } glob "$bed/state/status/*";
my $cer = "/status/test/$issuer.cer";
{
    my $r = $c->send('GET', $status . $cer);
    is($r->code, 200, 'STA the issuing certificate') or diag $r->as_string;
    my %answers = ('If-Match: "x"' => 412, "If-Match: @{[ $r->header('ETag') ]}" => 200, 'If-None-Match: *' => 304, 'If-None-Match: "x"' => 200,
        'If-Modified-Since: nonsense' => 200, 'Range: bytes=9999-' => 416, 'Range: nonsense' => 200);
    is((raw('http', request('GET', $cer, $_)))[0], $answers{$_}, "RFC 9110 $_") for sort keys %answers;
}

# ---- paths ----------------------------------------------------------------------------------
# What is under another name must not be answered by a name that hides it.
my %same = ("/status/test//$issuer.cer" => 200, "/status//test/$issuer.cer" => 200, "/status/test/%2e/$issuer.cer" => 200);
my %none = map { $_ => 1 } "$cer%00", "$cer%2e", "$cer/", "/status/test/$issuer-..%2f..%2fcrl%2ffull.crl", "/status/test/$issuer-%2e%2e.crl",
    '/status/test/..%2f..%2fmetrics', '/status/test/%2e%2e/other/ocsp', '/status/test/ocsp/%00', "/status/test/\xff\xfe", '/metrics%00';
my @refused = ("$cer/../../../../../../etc/passwd", '*', 'status/test/ocsp', '/status/test/ocsp/%', '/status/test/ocsp/%zz', "/status/test/ocsp\0", "/metrics\t");
is((raw('http', request('GET', $_)))[0], $same{$_}, "STA $_") for sort keys %same;
is((raw('http', request('GET', $_)))[0], 404, 'STA nothing at ' . quotemeta) for sort keys %none;
is((raw('http', request('GET', $_)))[0], 400, 'STA no request: ' . quotemeta) for @refused;
is((raw('http', request('GET', '/status/test/ocsp/' . 'x' x 70_000)))[0], 414, 'STA 70 kB of a path');
for my $path ('/acme//directory', '//acme/directory', '/acme/./directory', '/acme/%2e%2e/acme/directory', '/acme/directory/', '/acme/directory?x', '/acme/directory%2f',
    '/acme/directory%00', '/acme/acct/..%2fdirectory', '/acme/directory;x', "/acme/\xff") {
    my ($code, $all) = raw('https', request('GET', $path));
    is($code, 404, 'DIR-01 no resource has a second name: ' . quotemeta $path);
    like($all, qr{^Content-Type: application/problem\+json\r$}m, 'DIR-01 which a problem says: ' . quotemeta $path);
}
unlike((raw('https', request('GET', 'https://evil.example/acme/directory')))[1], qr/evil/, 'DIR-07 a target of another host changes no URL');

# ---- bodies ------------------------------------------------------------------------------------
sub der {
    my ($tag, @parts) = @_;
    my $content = join '', @parts;
    my $n = length $content;
    return chr($tag) . ($n < 128 ? chr $n : $n < 256 ? "\x81" . chr $n : $n < 65536 ? "\x82" . pack 'n', $n : "\x83" . substr pack('N', $n), 1) . $content;
}
my @hashes = do {
    system("openssl ocsp -issuer '$ca/issuing.pem' -serial 0x01 -no_nonce -reqout '$bed/probe.der'") == 0 or die;
    $home->slurp('probe.der') =~ /\x04\x14(.{20})\x04\x14(.{20})/s;
};
my $number = 0;
sub id { der(0x30, der(0x30, der(0x30, der(0x06, pack 'H*', '2b0e03021a'), "\x05\x00"), (map { der(0x04, $_) } @hashes), der(0x02, pack 'CN', 1, ++$number))) }
sub ocsp { my ($list, @more) = @_; der(0x30, der(0x30, der(0x30, @$list), @more)) }
sub post {
    my ($body) = @_;
    my $r = $c->send('POST', "$status/status/test/ocsp", $body, 'Content-Type' => 'application/ocsp-request');
    return $r->code == 200 ? unpack 'H*', substr $r->content, 0, 5 : $r->code;
}
my $malformed = '30030a0101';
like(post(ocsp([map { id() } 1 .. 16])), qr/^3082/, 'STA sixteen certificates at once');
is(post(ocsp([map { id() } 1 .. 17])), $malformed, 'STA seventeen');
is(post(ocsp([map { id() } 1 .. 10_000])), 413, 'STA ten thousand');
is(post(ocsp([id()]) . "\0" x 3), $malformed, 'STA octets behind it');
is(post("\x30\x80" . ocsp([id()]) =~ s/^\x30.//sr . "\0\0"), $malformed, 'STA BER: an indefinite length');
is(post("\x30\x81\x53" . substr ocsp([id()]), 2), $malformed, 'STA BER: a length in more octets than it needs');
is(post("\x30\x84\xff\xff\xff\xff" . substr ocsp([id()]), 2), $malformed, 'STA a length beyond its end');
is(post("\x30\x89" . "\xff" x 9), $malformed, 'STA a length of nine octets');
is(post("\x30\x82" x 2000), $malformed, 'STA two thousand nested sequences');
is(post(ocsp([id()], der(0xa2, der(0x30, der(0x30, der(0x06, pack 'H*', '2b0601050507300102'), der(0x04, der(0x04, 'n' x $_))))))), $malformed, "STA a nonce of $_ octets") for 0, 129, 3000;

my @form = ('Content-Type: application/ocsp-request');
my %bodies = ('a negative length' => [400, 'Content-Length: -1'], 'a length beyond all' => [400, 'Content-Length: 99999999999999999999'],
    'a chunk beyond all' => [413, 'Transfer-Encoding: chunked'], 'a coding that is none' => [400, 'Transfer-Encoding: gzip']);
for my $name (sort keys %bodies) {
    my ($code, @headers) = @{ $bodies{$name} };
    is((raw('http', request('POST', '/status/test/ocsp', @form, @headers) . "ffffffffffffffff\r\nx"))[0], $code, "RFC 9112 $name");
}
{   # a client that says more than it sends, and leaves: nobody waits for it
    my @left = map { my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port{http}") or die $@; syswrite $s, request('POST', '/status/test/ocsp', @form, 'Content-Length: 4000') . 'x'; $s } 1 .. 20;
    like(post(ocsp([id()])), qr/^3082/, 'STA while twenty others are slow');
    undef @left;
}
is((raw('https', request('POST', '/report', 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: 70000')))[0], 413, 'OPR-16 a form of 70 kB');
my $form = 'subject=%00&problem=misuse&contact=a%40b.test&text=%E2%80%AE%1b%5B31m%00';
unlike((raw('https', request('POST', '/report', 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: ' . length $form) . $form))[1], qr/\e|\0/, 'OPR-16 no NUL and no escape comes back');

# ---- afterwards ------------------------------------------------------------------------------------
is($c->send('GET', "$status/metrics")->code, 200, 'the server goes on');
unlike($home->slurp('log/error_log'), qr/exit signal|AddressSanitizer|runtime error/, 'none of its processes fell');
unlike($home->slurp('log/error_log'), qr/[\x00-\x08\x0e-\x1f\x7f]|\xe2\x80\xae/, 'the log has nothing that a terminal would obey');
done_testing();
