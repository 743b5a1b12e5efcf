# What reaches the ACME resources, byte by byte, and what httpd itself refuses
# below them: every answer is a problem document with a fresh nonce.
use strict; use warnings FATAL => 'all';
use IO::Socket::SSL ();
use QW; use Test::More;
use Time::HiRes qw(time);

my ($port) = QW::base() =~ /:(\d+)$/;
my $host = "localhost:$port";

sub dial {
    return IO::Socket::SSL->new(PeerAddr => '127.0.0.1', PeerPort => $port,
        SSL_ca_file => QW::bed() . '/tls/ca.pem', SSL_hostname => 'localhost',
        SSL_verifycn_name => 'localhost', Timeout => 20) || die "dial: $IO::Socket::SSL::SSL_ERROR";
}

# One answer from $socket: { code, headers, body, json }; undef at its end.
sub take {
    my ($socket, $no_body) = @_;
    my $head = '';
    local $SIG{ALRM} = sub { die "no answer in time\n" };
    alarm 30;
    while ($head !~ /\r\n\r\n/) {
        my $got = sysread $socket, $head, 1, length $head;
        last unless $got;
    }
    return alarm(0), undef if $head eq '';
    my %r = (code => $head =~ m{^HTTP/\S+ (\d+)} ? $1 : 0, headers => {});
    for my $line (split /\r\n/, $head) {
        $r{headers}{ lc $1 } = $2 if $line =~ /^([A-Za-z-]+): (.*)/;
    }
    my $left = $no_body || $r{code} < 200 || $r{code} == 204 ? 0 : $r{headers}{'content-length'};
    $r{body} = '';
    while (!defined $left || length $r{body} < $left) {
        my $got = sysread $socket, $r{body}, defined $left ? $left - length $r{body} : 4096, length $r{body};
        last unless $got;
    }
    alarm 0;
    $r{json} = eval { QW::decode($r{body}) };
    return \%r;
}

sub raw { my $socket = dial(); print $socket $_[0]; return take($socket) }

# A problem document of $code as every other, told by a raw answer.
sub refused {
    my ($r, $code, $name) = @_;
    my @faults;
    push @faults, "status $r->{code}" unless $r->{code} == $code;
    push @faults, 'no problem document'
        unless ($r->{headers}{'content-type'} || '') =~ m{^application/problem\+json};
    push @faults, 'no ACME error type' unless ref $r->{json} eq 'HASH'
        && ($r->{json}{type} || '') =~ /^urn:ietf:params:acme:error:(malformed|serverInternal)$/;
    push @faults, 'status member' unless ref $r->{json} eq 'HASH' && ($r->{json}{status} || 0) == $r->{code};
    push @faults, 'no nonce' unless ($r->{headers}{'replay-nonce'} || '') =~ /^[\w-]{8,}$/;
    push @faults, 'may be kept' unless ($r->{headers}{'cache-control'} || '') =~ /no-store/;
    return ok(!@faults, $name) || diag join "\n", @faults, explain $r;
}

sub request {
    my ($line, $body, @headers) = @_;
    push @headers, 'Content-Length: ' . length $body if defined $body && !grep { /^(Content-Length|Transfer)/ } @headers;
    return join("\r\n", $line, "Host: $host", @headers, '', '') . (defined $body ? $body : '');
}
my @jose = ('Content-Type: application/jose+json');

my $c = QW->new;

# ---- resources ---------------------------------------------------------------
for my $path ('directory', 'new-nonce') {
    my $r = $c->send('POST', QW::base() . "/acme/$path", 'garbage', 'Content-Type' => 'application/jose+json');
    QW::is_problem($r, 405, 'malformed', "DIR-12 POST on $path with garbage");
    is($r->header('Allow'), 'GET, HEAD', "DIR-12 what $path takes is told");
}
my $secret = QW->new(directory => $c->directory);
QW::is_problem($secret->post(QW::base() . '/acme/new-authz', {}, jwk => 1), 404, 'malformed',
    'DIR-06 newAuthz is switched off');
ok(!exists $c->directory->{newAuthz}, 'DIR-06 and not in the directory');
for my $path ('order/x', 'order/x/finalize', 'authz/x', 'chall/x', 'cert/x', 'acct/x', 'acct/x/orders') {
    my $r = $c->get(QW::base() . "/acme/$path");
    QW::is_problem($r, 405, 'malformed', "DIR-10 GET on $path");
    is($r->header('Allow'), 'POST', "DIR-10 GET on $path names POST");
}
for my $path ('directory', 'new-nonce', 'new-order', 'cert/x') {
    my $r = $c->send('OPTIONS', QW::base() . "/acme/$path", undef, Origin => 'https://exemple.test',
        'Access-Control-Request-Method' => 'POST');
    is($r->code, 204, "DIR-15 OPTIONS on $path");
    is($r->header('Access-Control-Allow-Origin'), '*', "DIR-15 $path may be asked from anywhere");
    is($r->header('Access-Control-Allow-Methods'), $path =~ /^(dir|new-n)/ ? 'GET, HEAD' : 'POST',
        "DIR-15 $path: only its own methods");
    like($r->header('Access-Control-Expose-Headers'), qr/\b$_\b/, "DIR-15 $path shows $_")
        for qw(Link Location Replay-Nonce);
}
refused(raw(request('TRACE /acme/new-order HTTP/1.1')), 405, 'DIR-11 TRACE, as httpd itself refuses it');

# ---- media types -------------------------------------------------------------
for my $type (undef, 'application/json', 'text/plain', 'application/jose', 'application/jose+jsonx') {
    my $r = $c->post($c->url('newOrder'), {}, jwk => 1, type => $type);
    QW::is_problem($r, 415, 'malformed', ($type ? "DIR-18 $type" : 'DIR-17 no Content-Type'));
}
for my $type ('application/jose+json; charset=utf-8', 'Application/JOSE+JSON') {
    my $r = QW->new(directory => $c->directory)->register(type => $type);
    $r = $c->post($c->url('newAccount'), { onlyReturnExisting => JSON::PP::true }, jwk => 1, type => $type);
    QW::is_problem($r, 400, 'accountDoesNotExist', "DIR-19 $type is taken");
}
for my $coding ('gzip', 'deflate', 'br') {
    my $r = $c->post($c->url('newAccount'), {}, jwk => 1, headers => ['Content-Encoding' => $coding]);
    QW::is_problem($r, 415, 'malformed', "DIR-23 a body of coding $coding");
}
my $r = $c->post($c->url('newAccount'), { onlyReturnExisting => JSON::PP::true }, jwk => 1,
    headers => ['Replay-Nonce' => 'x' x 40]);
QW::is_problem($r, 400, 'accountDoesNotExist', 'DIR-24 a Replay-Nonce of the client is ignored');

# ---- transport ---------------------------------------------------------------
my ($plain) = QW::slurp(QW::bed() . '/t/conf/ssl.conf') =~ /By mistake without TLS\.\nListen \S+:(\d+)/;
ok($plain, 'DIR-16 there is a host without TLS');
for my $method (qw(GET POST)) {
    $r = $c->send($method, "http://localhost:$plain/acme/" . ($method eq 'GET' ? 'directory' : 'new-order'),
        $method eq 'POST' ? '{}' : undef, 'Content-Type' => 'application/jose+json');
    is($r->code, 403, "DIR-16 $method without TLS is refused");
    like($r->content, qr/https only/, "DIR-16 $method: and told why");
}

my $socket = dial();
print $socket request('POST /acme/new-order HTTP/1.1', undef, 'Content-Type: text/plain',
    'Expect: 100-continue', 'Content-Length: 1000');
$r = take($socket);
refused($r, 415, 'DIR-25 Expect: 100-continue: refused before a byte of the body');
ok(!defined take($socket), 'DIR-25 and the connection ends');

my $start = time;
$socket = dial();
print $socket request('POST /acme/new-order HTTP/1.1', '{', @jose, 'Content-Length: 1000');
is($c->get(QW::base() . '/acme/directory')->code, 200, 'DIR-26 beside a slow body others are served');
$r = take($socket);
refused($r, 408, 'DIR-26 a body that does not come');
cmp_ok(time - $start, '<', 20, 'DIR-26 is not waited for');

for my $agent (undef, '') {
    $r = raw(request('GET /acme/directory HTTP/1.1', undef, defined $agent ? 'User-Agent: ' : ()));
    is($r->{code}, 200, 'DIR-27 ' . (defined $agent ? 'an empty' : 'no') . ' User-Agent is taken');
}
$r = raw(request('GET /acme/directory HTTP/1.0'));
my $first = $r->{json};
is($r->{code}, 200, 'DIR-28 HTTP/1.0');
$socket = dial();
print $socket request('GET /acme/directory HTTP/1.1') x 3;
is_deeply(take($socket)->{json}, $first, "DIR-28 pipelined, answer $_") for 1 .. 3;
my $h2 = `curl -s --http2 --cacert '@{[ QW::bed() ]}/tls/ca.pem' -w '%{http_version} %{http_code}' '@{[ QW::base() ]}/acme/directory'`;
SKIP: {
    skip 'DIR-28 this curl speaks no HTTP/2', 1 if $h2 !~ / 200$/ || $h2 =~ /1\.1 200$/;
    my ($body) = $h2 =~ /^(.*)2 200$/s;
    is_deeply(QW::decode($body), $first, 'DIR-28 HTTP/2');
}
my $curl = sub { `curl -s --http2 -o /dev/null -D - --cacert '@{[ QW::bed() ]}/tls/ca.pem' $_[0]` };
like($curl->("-X POST -d x '@{[ QW::base() ]}/acme/new-order'"), qr{^HTTP/2 415.*replay-nonce: }si,
    'DIR-28 a problem by HTTP/2');
like($curl->("'@{[ QW::base() ]}/acme/nothing'"), qr{^HTTP/2 404.*problem\+json}si,
    'DIR-28 another by HTTP/2');
$r = $c->get(QW::base() . '/acme/nothing', 'Accept-Language' => 'fr');
is($r->header('Content-Language'), 'en', 'DIR-29 the language of a problem is told');

# ---- bodies --------------------------------------------------------------------
my $big = 'x' x 70_000;
refused(raw(request('POST /acme/new-account HTTP/1.1', $big, @jose)), 413, 'DIR-20 a body above 64 KiB');
refused(raw(request('POST /acme/new-account HTTP/1.1', undef, @jose, 'Content-Length: 10000000000')),
    413, 'DIR-20 refused by its length alone');
refused(raw(request('POST /acme/new-account HTTP/1.1',
    join('', map { sprintf "%x\r\n%s\r\n", 10_000, 'x' x 10_000 } 1 .. 7) . "0\r\n\r\n",
    @jose, 'Transfer-Encoding: chunked')), 413, 'DIR-22 the same in chunks');
refused(raw(request('POST /acme/new-account HTTP/1.1', "zz\r\n", @jose, 'Transfer-Encoding: chunked')),
    400, 'DIR-22 chunks that are none');

# ---- what httpd itself refuses -------------------------------------------------
refused(raw("GET /acme/directory HTTP/1.1\r\n\r\n"), 400, 'DIR-13 no Host');
refused(raw("GET /acme/\x01 HTTP/1.1\r\nHost: $host\r\n\r\n"), 400, 'DIR-14 a control character');
refused(raw(request('POST /acme/new-order HTTP/1.1', '{}', @jose, 'Content-Length: x')), 400,
    'DIR-13 a length that is none');
refused(raw('GET /acme/' . 'x' x 9000 . " HTTP/1.1\r\nHost: $host\r\n\r\n"), 414, 'DIR-13 a line too long');
refused(raw(request('GET /acme/directory HTTP/1.1', undef, 'X-Long: ' . 'x' x 9000)), 400,
    'DIR-13 a header too long');
refused(raw(request('GET /acme/%00 HTTP/1.1')), 404, 'DIR-14 an encoded NUL');
refused(raw(request('GET /acme/order%2f..%2fdirectory HTTP/1.1')), 404, 'DIR-14 encoded slashes');
refused(raw(request('GET /acme//directory HTTP/1.1')), 404, 'DIR-14 two slashes');
refused(raw(request('GET /acme/x/../directory HTTP/1.1')), 404, 'DIR-14 dots');
refused(raw(request('GET /acme/%c0%ae%c0%ae/directory HTTP/1.1')), 404, 'DIR-14 overlong UTF-8');
refused(raw(request('BREW /acme/new-order HTTP/1.1')), 405, 'DIR-13 a method that there is not');
$r = raw(request('GET /elsewhere HTTP/1.1'));
unlike($r->{headers}{'content-type'} || '', qr/problem/, 'DIR-13 other paths keep their own errors');
ok(!$r->{headers}{'replay-nonce'}, 'DIR-13 and get no nonce');

# ---- one connection -------------------------------------------------------------
$socket = dial();
my $kept = 0;
for my $try (1 .. 5) {
    my $jws = $c->jws($c->url('newAccount'), {}, jwk => 1, nonce => 'AAAA' . 'x' x 40);
    print $socket request('POST /acme/new-account HTTP/1.1', $jws, @jose);
    $r = take($socket) or last;
    $kept++ if $r->{json}{type} =~ /badNonce/ && $r->{headers}{'replay-nonce'}
        && ($r->{headers}{connection} || '') !~ /close/i;
}
is($kept, 5, 'NON-05 five badNonce on one connection');
my $jws = $c->jws($c->url('newAccount'), { onlyReturnExisting => JSON::PP::true }, jwk => 1,
    nonce => $r->{headers}{'replay-nonce'});
print $socket request('POST /acme/new-account HTTP/1.1', $jws, @jose);
$r = take($socket);
like($r->{json}{type}, qr/accountDoesNotExist/, 'NON-05 the nonce of a badNonce is good, on the same connection');
print $socket request('POST /acme/new-account HTTP/1.1', '{}', @jose, 'Connection: close');
$r = take($socket);
is($r->{headers}{connection}, 'close', 'NON-05 a client that wants to close may');
ok(!defined take($socket), 'NON-05 and it is closed');
$socket = dial();
print $socket request('POST /acme/nothing HTTP/1.1', $big, @jose) . request('GET /acme/directory HTTP/1.1');
$r = take($socket);
refused($r, 404, 'DIR-22 a body that nobody reads');
my $next = eval { take($socket) };
ok(!defined $next || $next->{code} == 200, 'DIR-22 is not taken for the next request');

# ---- what is told ----------------------------------------------------------------
for my $url ('/acme/directory', '/acme/nothing', '/acme/new-order') {
    $r = $c->get(QW::base() . $url);
    unlike($r->headers_as_string . $r->content, qr{X-Powered|SELECT|/work|/tmp|\.c:\d|qwacme\.db}i,
        "DIR-30 $url tells nothing of our insides");
}
done_testing();
