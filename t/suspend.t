# Suspension of an ACME account, of its KeyID and of its external account: at once, on
# every node, at every stage, what is under way included. On a bed of its own.
use strict; use warnings FATAL => 'all';
use IO::Socket::INET;
use MIME::Base64 qw(decode_base64);
use QW; use QW::Bed; use Test::More;

my $home = QW::Bed->new('suspend', 15700);
my ($bed, $src) = ($home->{dir}, $ENV{QW_SRCDIR});
my ($http_port, $log_port, $node_port) = (15770, 15771, 15772);
my $plan = "$bed/failpoints";
my $log = "$src/t/lib/ctlog";

# ---- what can be held in flight --------------------------------------------------------
sub hold { $home->put('hold', '') }
sub let_go { unlink "$bed/hold" }
sub asked { my ($what) = @_; QW->await(sub { -e "$bed/asked-$what" }) or die "$what was not asked"; unlink "$bed/asked-$what" }

# The web server of names that are validated: answers once nothing holds it.
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $http_port, Listen => 20, ReuseAddr => 1) or die $!;
my $server_pid = fork // die;
if (!$server_pid) {
    $SIG{CHLD} = 'IGNORE';
    while (my $conn = $server->accept) {
        next if fork;
        my ($path) = (readline($conn) || '') =~ m{^GET (/\S+)};
        while (defined(my $line = readline $conn)) { last if $line =~ /^\r?\n/ }
        $home->put('asked-http', '');
        QW->await(sub { !-e "$bed/hold" }, 60);
        my $text = -e "$bed/wk$path" ? $home->slurp("wk$path") : '';
        print $conn "HTTP/1.1 200 OK\r\nContent-Length: " . length($text) . "\r\nConnection: close\r\n\r\n$text";
        POSIX::_exit(0);
    }
    POSIX::_exit(0);
}
close $server;
push @{ $home->{pids} }, $server_pid;

# The linter of what will be signed: the same.
$home->put('linter', "#!/bin/sh\ncat >/dev/null\n: >'$bed/asked-lint'\nwhile [ -e '$bed/hold' ]; do sleep 0.02; done\n");
chmod 0755, "$bed/linter";

system($log, 'list', $bed, $log_port, qw(Alpha Beta Gamma)) == 0 or die;
$home->run_ready('log/ctlog', $log, 'serve', $bed, $log_port, "$bed/ca-test/root.pem");
sub logs { my ($mode) = @_; $home->put("mode-$_", $mode) for 1 .. 3 }

$home->configure(sub {
    s{QwacmeTestHTTPPort \d+}{QwacmeTestHTTPPort $http_port};
    s{(<QwacmeAuthority test>\n)}{$1    QwacmeLinter exec:$bed/linter
    QwacmeAuthorizationReuse 1d
    QwacmePreAuthorization on
    QwacmeLimit failures-per-name 2/1h
    QwacmeLimit orders-per-account off
    QwacmeLimit orders-per-domain off
    QwacmeLimit accounts-per-ip off
};
});
my $httpd = do { local $ENV{QWACME_FAILPOINTS} = $plan; $home->put('failpoints', ''); $home->start };

# ---- who is suspended, and how -------------------------------------------------------------
my @kinds = qw(acme-account binding account);
my $n = 0;

# A client in an external account of its own; its KeyID may be used again.
sub member {
    my $c = QW->new;
    $c->{domain} = 'x' . ++$n . '.stop.test';
    $c->{external} = QW->new_external($c->{domain});
    $c->{binding} = QW->new_binding($c->{external}, '--uses', 9);
    my $r = $c->register(binding => $c->{binding});
    die $r->as_string unless $r->code == 201;
    $c->{which} = { 'acme-account' => $c->{kid} =~ s{.*/}{}r, binding => $c->{binding}{keyId}, account => $c->{external} };
    return $c;
}
sub name { my ($c) = @_; 'n' . ++$n . ".$c->{domain}" }
sub suspend { my ($c, $kind) = @_; QW::ctl($kind, 'suspend', $c->{which}{$kind}, '--reason', 'test') or die $QW::ctl_text }
sub resume { my ($c, $kind) = @_; QW->resume($kind, $c->{which}{$kind}) }
sub stopped { my ($r, $name) = @_; QW::is_problem($r, 403, 'unauthorized', $name) && is($r->{json}{instance}, 'https://localhost:15700/portal', "$name: it says where to go") }
sub status { my ($at) = @_; $home->value("SELECT status FROM qw_order WHERE id = '" . ($at =~ s{.*/}{}r) . "'") }
sub signed { my ($at) = @_; $home->value("SELECT count(*) FROM qw_attempt WHERE order_id = '" . ($at =~ s{.*/}{}r) . "'") }
sub der { my ($c, $order) = @_; decode_base64(($c->post($order->{certificate})->content =~ /-----BEGIN CERTIFICATE-----\n(.*?)-----END/s)[0]) }

sub challenge {
    my ($c, $r) = @_;
    my $authz = $r->{json}{authorizations}[0];
    my ($ch) = grep { $_->{type} eq 'http-01' } @{ $c->post($authz)->{json}{challenges} };
    QW->http01($ch->{token}, $c->key_authorization($ch->{token}));
    return ($ch->{url}, $authz);
}

# An order that is proven: where it is, and what finalizes it.
sub ready {
    my ($c) = @_;
    my $name = name($c);
    my $r = $c->order($name);
    my $order = $c->prove($r)->{json};
    is($order->{status}, 'ready', 'an order is ready') or diag explain $order;
    return ($r->header('Location'), $order->{finalize}, { csr => QW::b64($c->csr([$name])) });
}

# POST while this test goes on; what is returned waits for the answer.
sub meanwhile {
    my ($c, $url, $payload) = @_;
    my $body = $c->jws($url, $payload);
    my $file = "$bed/meanwhile-" . ++$n;
    my $pid = fork // die;
    if (!$pid) {
        my $r = QW->new(key => $c->{key})->post($url, undef, body => $body);
        open my $out, '>', $file or POSIX::_exit(1);
        print $out QW::encode({ code => $r->code, json => $r->{json} });
        close $out;
        POSIX::_exit(0);
    }
    return sub { waitpid $pid, 0; QW::decode(QW::slurp($file)) };
}

# ---- at every resource ---------------------------------------------------------------------
for my $kind (@kinds) {
    my $c = member();
    my ($at, $finalize, $csr) = ready($c);
    my $order = $c->finalize($at, decode_base64($csr->{csr} =~ tr{-_}{+/}r))->{json};
    is($order->{status}, 'valid', "$kind: an order is issued");
    my $der = der($c, $order);
    ($at, $finalize, $csr) = ready($c);
    my $open = $c->order(name($c));
    my ($challenge, $authz) = challenge($c, $open);

    suspend($c, $kind);
    stopped($c->order(name($c)), "LIM-20 $kind: newOrder");
    stopped($c->post($c->url('newAuthz'), { identifier => { type => 'dns', value => name($c) } }), "LIM-20 $kind: newAuthz");
    stopped($c->post($finalize, $csr), "LIM-20 $kind: finalize");
    stopped($c->post($challenge, {}), "LIM-20 $kind: challenge");
    stopped($c->post($challenge), "LIM-20 $kind: a look at a challenge");
    stopped($c->post($authz), "LIM-20 $kind: authorization");
    stopped($c->post($authz, { status => 'deactivated' }), "LIM-20 $kind: deactivation of an authorization");
    stopped($c->post($at), "LIM-20 $kind: order");
    stopped($c->post($order->{certificate}), "LIM-20 $kind: certificate");
    stopped($c->post($c->{kid}), "LIM-20 $kind: account");
    stopped($c->post($c->{kid}, { contact => [] }), "LIM-20 $kind: contacts");
    stopped($c->post($c->{kid}, { contact => [], status => 'valid' }), "LIM-20 $kind: contacts of a valid account");
    stopped($c->post("$c->{kid}/orders"), "LIM-20 $kind: orders");
    my $url = $c->url('keyChange');
    my $key = QW->new;
    stopped($c->post($url, $key->jws($url, { account => $c->{kid}, oldKey => $c->jwk }, jwk => 1, nonce => undef)), "LIM-20 $kind: keyChange");
    stopped($c->post($c->url('newAccount'), { onlyReturnExisting => JSON::PP::true() }, jwk => 1), "LIM-20 $kind: newAccount, with its key");
    my $other = QW->new->register(binding => $c->{binding});
    if ($kind eq 'acme-account') { QW::is_fine($other, 201, 'LIM-20 another account of that KeyID goes on') }
    elsif ($kind eq 'binding') {
        stopped($other, 'LIM-20 a suspended KeyID makes no account');
        like($other->{json}{detail}, qr/KeyID is suspended/, 'LIM-20 and says why');
        QW::is_problem(QW->new->register(binding => { %{ $c->{binding} }, macKey => 'A' x 43 }), 403, 'unauthorized', 'EAB-21 a wrong MAC');
        unlike(QW->new->register(binding => { %{ $c->{binding} }, macKey => 'A' x 43 })->{json}{detail}, qr/suspended/, 'EAB-21 is not told why');
    }
    else { QW::is_problem($other, 403, 'unauthorized', 'LIM-20 a suspended external account gets no ACME account') }
    is(status($at), 'ready', "LIM-20 $kind: its orders stay what they are");
    is(QW::ctl('certificate', 'list', '--account', $c->{external})->[0]{status}, 'issued', "$kind: BR-4.9.13 certificates are not touched");
    QW::is_fine($c->post($c->url('revokeCert'), { certificate => QW::b64($der), reason => 4 }), 200, "REV-19 $kind: it may revoke its own");

    resume($c, $kind);
    QW::is_fine($c->post($c->{kid}), 200, "LIM-21 $kind: it goes on");
    is($c->finalize($at, decode_base64($csr->{csr} =~ tr{-_}{+/}r))->{json}{status}, 'valid', "LIM-21 $kind: what was ready is issued");

    suspend($c, $kind);
    QW::is_fine($c->post($c->{kid}, { status => 'deactivated' }), 200, "LIM-20 $kind: it may give itself up");
    QW::is_problem($c->post($c->url('revokeCert'), { certificate => QW::b64($der) }), 401, 'unauthorized', "REV-20 $kind: that is for good");
    resume($c, $kind);
    QW::is_problem($c->post($c->{kid}), 401, 'unauthorized', "REV-20 $kind: also once it is resumed");
}

# ---- after it --------------------------------------------------------------------------------
for my $kind (@kinds) {
    my $c = member();
    my $name = name($c);
    $c->prove($c->order($name));
    my $r = $c->order($name, { profile => 'qncp-w' });
    is($r->{json}{status}, 'ready', "$kind: a name that was proven is not asked for again");
    my $before = $r->{json}{authorizations}[0];
    my $pending = $c->order(name($c));
    my ($open) = map { $_->{value} } @{ $pending->{json}{identifiers} };
    suspend($c, $kind);
    resume($c, $kind);
    $r = $c->order($name);
    is($r->{json}{status}, 'pending', "LIM-21 $kind: after a suspension it is") or diag explain $r->{json};
    isnt($r->{json}{authorizations}[0], $before, "LIM-21 $kind: by an authorization of its own");
    my $again = $c->order($open);
    isnt($again->header('Location'), $pending->header('Location'), "LIM-21 $kind: an open order is not taken up");
    isnt($again->{json}{authorizations}[0], $pending->{json}{authorizations}[0], "LIM-21 $kind: nor its authorization");
    $c->prove($r);
    is($c->order($name)->{json}{authorizations}[0], $r->{json}{authorizations}[0], "LIM-21 $kind: what is proven after it is used again");
}
{
    my $c = member();
    my $second = QW->registered(binding => $c->{binding});
    suspend($c, 'binding');
    stopped($second->post($second->{kid}), 'LIM-20 every ACME account of a KeyID stops');
    ok(!QW::ctl('binding', 'suspend', $c->{which}{binding}, '--reason', 'test'), 'a KeyID is not suspended twice');
    like($QW::ctl_text, qr/is suspended/, 'and says why');
    ok(!QW::ctl('binding', 'suspend', $c->{which}{binding}), 'nor without a reason');
    QW::ctl('binding', 'revoke', $c->{which}{binding}) or die $QW::ctl_text;
    stopped($second->post($second->{kid}), 'to revoke a suspended KeyID lets nobody go');
    ok(!QW::ctl('binding', 'resume', $c->{which}{binding}, '--reason', 'test'), 'and cannot be undone');
    is(scalar(grep { $_->{event} =~ /^(binding|account)\.(suspend|revoke)$/ } @{ QW::ctl('event', 'list', '--limit', 4) }), 4, 'all of it is on record');
}

# ---- others that may not act: closed, past its lifetime, given up ----------------------------
{
    my $ended = sub {
        my ($c, $code, $what) = @_;
        my ($at, $finalize, $csr) = @{ $c->{ready} };
        my ($change, $key) = ($c->url('keyChange'), QW->new);
        my @tries = (newOrder => [$c->url('newOrder'), { identifiers => [{ type => 'dns', value => name($c) }] }],
            newAuthz => [$c->url('newAuthz'), { identifier => { type => 'dns', value => name($c) } }],
            finalize => [$finalize, $csr], challenge => [$c->{challenge}, {}], 'a look at a challenge' => [$c->{challenge}], authorization => [$c->{authz}],
            'deactivation of an authorization' => [$c->{authz}, { status => 'deactivated' }], order => [$at], orders => ["$c->{kid}/orders"],
            certificate => [$c->{certificate}], account => [$c->{kid}], contacts => [$c->{kid}, { contact => [] }],
            keyChange => [$change, $key->jws($change, { account => $c->{kid}, oldKey => $c->jwk }, jwk => 1, nonce => undef)],
            'newAccount with its key' => [$c->url('newAccount'), { onlyReturnExisting => JSON::PP::true() }, jwk => 1]);
        while (my ($verb, $post) = splice @tries, 0, 2) {
            QW::is_problem($c->post(@$post), $code, 'unauthorized', "LIM-20 $what: $verb");
        }
        is(status($at), $code == 401 ? 'invalid' : 'ready', "LIM-20 $what: orders stay what they are, unless they were given up");
    };
    my $make = sub {
        my $c = member();
        my ($at, $finalize, $csr) = ready($c);
        my $order = $c->finalize($at, decode_base64($csr->{csr} =~ tr{-_}{+/}r))->{json};
        $c->{certificate} = $order->{certificate};
        $c->{der} = der($c, $order);
        $c->{ready} = [ready($c)];
        @$c{qw(challenge authz)} = challenge($c, $c->order(name($c)));
        return $c;
    };
    my ($closed, $past) = map { $make->() } 1, 2;
    QW::ctl('account', 'close', $closed->{external}, '--reason', 'test') or die $QW::ctl_text;
    $ended->($closed, 403, 'closed');
    QW::is_problem(QW->new->register(binding => $closed->{binding}), 403, 'unauthorized', 'LIM-20 closed: no ACME account');
    my @verify = ('--organization', 'Exemple SA', '--organization-identifier', 'NTRFR-542051180', '--country', 'FR', '--locality', 'Paris',
        '--street', '1 rue', '--postal-code', '75001', '--verified-by', 'officer-2', '--verified-method', 'a', '--expires', '365d');
    for my $command ([qw(binding create)], [qw(domain add), 'more.test', '--confirmed-by', 'x'], [qw(account agree), '--terms', '2026-11'], [qw(account suspend), '--reason', 'x'],
        [qw(account resume), '--reason', 'x'], [qw(account close), '--reason', 'x'], [qw(account verify), @verify]) {
        my ($noun, $verb, @more) = @$command;
        is(QW::ctl($noun, $verb, $closed->{external}, @more), undef, "closed: $noun $verb is refused");
        like($QW::ctl_text, qr/closed|not suspended/, "closed: $noun $verb says why");
    }
    is(QW::ctl('account', 'show', $closed->{external})->{identityVersion}, 1, 'closed: its identity is what it was');
    QW::is_fine($closed->post($closed->url('revokeCert'), { certificate => QW::b64($closed->{der}), reason => 4 }), 200, 'REV-19 closed: it may revoke its own');
    QW::is_fine($closed->post($closed->{kid}, { status => 'deactivated' }), 200, 'LIM-20 closed: it may give itself up');
    $ended->($closed, 401, 'given up');
    QW::is_problem($closed->post($closed->url('revokeCert'), { certificate => QW::b64($closed->{der}) }), 401, 'unauthorized', 'REV-20 given up: it revokes nothing');
    QW::is_problem($closed->post($closed->{kid}, { status => 'deactivated' }), 401, 'unauthorized', 'REV-20 given up: nor does it twice');

    # its lifetime ends before its orders do
    $home->sql("UPDATE qw_external SET expires = created + 1 WHERE name = '$past->{external}'");
    $ended->($past, 403, 'past its lifetime');
    QW::is_problem(QW->new->register(binding => $past->{binding}), 403, 'unauthorized', 'LIM-20 past its lifetime: no ACME account');
    QW::is_fine($past->post($past->url('revokeCert'), { certificate => QW::b64($past->{der}), reason => 4 }), 200, 'REV-19 past its lifetime: it may revoke its own');
    QW::ctl('account', 'verify', $past->{external}, @verify) or die $QW::ctl_text;
    QW::is_fine($past->post($past->{kid}), 200, 'LIM-21 verified anew, it goes on');
}

# ---- a validation that is under way ---------------------------------------------------------
for my $kind (@kinds) {
    my $c = member();
    my $name = name($c);
    for my $round (1 .. 3) { # more than the limit of failures
        my $r = $c->order($name);
        my ($challenge, $authz) = challenge($c, $r);
        hold();
        $c->post($challenge, {});
        asked('http');
        suspend($c, $kind);
        let_go();
        my $id = $authz =~ s{.*/}{}r;
        is(QW->await(sub { my $s = $home->value("SELECT status FROM qw_authz WHERE id = '$id'"); $s ne 'pending' && $s }), 'invalid',
            "LIM-20 $kind: a validation under way proves nothing");
        is(status($r->header('Location')), 'invalid', "LIM-20 $kind: and its order is over");
        resume($c, $kind);
        like($c->post($challenge)->{json}{error}{detail}, qr/suspended|not active/, "LIM-20 $kind: which the client is told");
    }
    is($c->prove($c->order($name))->{json}{status}, 'ready', "LIM-20 $kind: and which counts as no failure of the name");
}

# ---- a certificate that is under way ----------------------------------------------------------
for my $kind (@kinds) {
    my $c = member();
    my ($at, $finalize, $csr) = ready($c);
    hold();
    my $answer = meanwhile($c, $finalize, $csr);
    asked('lint');
    suspend($c, $kind);
    let_go();
    my $got = $answer->();
    is($got->{code}, 403, "LIM-20 $kind: finalize under way is refused where it would be signed") or diag explain $got;
    is(signed($at), 0, "LIM-20 $kind: nothing is signed");
    is(status($at), 'ready', "LIM-20 $kind: and the order is where it was");
    resume($c, $kind);
    is($c->finalize($at, decode_base64($csr->{csr} =~ tr{-_}{+/}r))->{json}{status}, 'valid', "LIM-21 $kind: for later");
}

# ---- a precertificate that is under way ----------------------------------------------------------
$home->end($httpd);
$home->configure(sub { s{(<QwacmeAuthority test>\n)}{$1    QwacmeCTLogList $bed/logs.json\n    QwacmeCTTimeout 60s\n} });
$httpd = do { local $ENV{QWACME_FAILPOINTS} = $plan; $home->start };
for my $kind (@kinds) {
    my $c = member();
    for my $mode (qw(down held)) {
        logs($mode);
        my ($at, $finalize, $csr) = ready($c);
        $home->put('hold-log', '');
        $c->post($finalize, $csr);
        asked('log') if $mode eq 'held';
        is(status($at), 'processing', "$kind, logs $mode: a precertificate is to be logged");
        suspend($c, $kind);
        logs('good') if $mode eq 'down';
        unlink "$bed/hold-log";
        is(QW->await(sub { my $s = status($at); $s ne 'processing' && $s }, 30), 'invalid', "LIM-20 $kind, logs $mode: its certificate is refused");
        is(signed($at), 1, "LIM-20 $kind, logs $mode: and never signed");
        my $id = $at =~ s{.*/}{}r;
        is($home->value("SELECT count(*) FROM qw_sct s JOIN qw_attempt t ON t.id = s.attempt_id WHERE t.order_id = '$id'"), 0,
            "LIM-20 $kind: no log is asked any more") if $mode eq 'down';
        resume($c, $kind);
        like($c->post($at)->{json}{error}{detail}, qr/suspended|not active/, "LIM-20 $kind, logs $mode: the client is told why");
    }
}
logs('good');

# ---- between the look at the account and the deed: in the test build ------------------------------
SKIP: {
    skip 'failpoints are in the test build', 1 unless $ENV{QW_BUILD} eq 'san';
    for my $what (qw(challenge key-change new-authz contacts authz new-order)) {
        my $c = member();
        my $open = $c->order(name($c));
        my ($challenge, $authz) = challenge($c, $open);
        my $key = QW->new;
        my $change = $c->url('keyChange');
        my %post = (challenge => [$challenge, {}],
            'key-change' => [$change, $key->jws($change, { account => $c->{kid}, oldKey => $c->jwk }, jwk => 1, nonce => undef)],
            'new-authz' => [$c->url('newAuthz'), { identifier => { type => 'dns', value => name($c) } }],
            'new-order' => [$c->url('newOrder'), { identifiers => [{ type => 'dns', value => name($c) }] }],
            contacts => [$c->{kid}, { contact => [] }], authz => [$authz, { status => 'deactivated' }]);
        $home->put('failpoints', "acme.verb.before delay:6000 1\n");
        my $answer = meanwhile($c, @{ $post{$what} });
        QW->await(sub { $home->slurp('failpoints') eq '' }) or die 'the failpoint was not reached';
        suspend($c, $kinds[$n % 3]);
        my $got = $answer->();
        is($got->{code}, 403, "LIM-20 $what: the account is looked at again where it is done") or diag explain $got;
    }
}

# ---- two nodes on one database ----------------------------------------------------------------------
SKIP: {
    skip 'one node alone has a database in a file', 1 if $ENV{QW_DB} eq 'sqlite3';
    for my $file (qw(httpd.conf qwacme.conf)) {
        my $text = $home->slurp($file);
        $text =~ s{\b15700\b}{$node_port}g if $file eq 'httpd.conf';
        $text =~ s{\b15781\b}{15782}g if $file eq 'httpd.conf'; # where the status is
        $text =~ s{\Q$bed/qwacme.conf}{$bed/2-qwacme.conf};
        $text =~ s{\Q$bed/state}{$bed/state-2}g;
        $text =~ s{\Q$bed/httpd.pid}{$bed/httpd-2.pid};
        $text =~ s{\Q$bed/log/error_log}{$bed/log/error_log-2};
        $home->put("2-$file", $text);
    }
    mkdir "$bed/state-2", 0700 or die;
    $home->httpd('2-httpd.conf', 'log/httpd-2.out');
    my $send = \&QW::send;
    no warnings 'redefine';
    my $port;
    local *QW::send = sub { my ($c, $method, $url, @more) = @_; $url =~ s{:15700/}{:$port/} if $port; $send->($c, $method, $url, @more) };
    my $probe = QW->new;
    # nonces are good where they come from
    my $node = sub { my ($which, $c) = @_; $port = $which == 2 ? $node_port : undef; $c->{nonces} = [] };
    $node->(2, $probe);
    QW->await(sub { $probe->get("$ENV{QW_URL}/acme/directory")->is_success && -S "$bed/state-2/signer.sock" }, 30)
        or die $home->slurp('log/httpd-2.out') . $home->slurp('log/error_log-2');
    for my $kind (@kinds) {
        $node->(1, $probe);
        my $c = member();
        my ($at, $finalize, $csr) = ready($c);
        $node->(2, $c);
        QW::is_fine($c->post($c->{kid}), 200, "$kind: another node knows the account");
        suspend($c, $kind);
        stopped($c->post($c->{kid}), "LIM-20 $kind: the next request to another node is refused");
        stopped($c->post($finalize, $csr), "LIM-20 $kind: finalize there too");
        $node->(1, $c);
        stopped($c->order(name($c)), "LIM-20 $kind: and here");
        $node->(2, $c);
        resume($c, $kind);
        QW::is_fine($c->post($c->{kid}), 200, "LIM-21 $kind: both go on");
    }
}
done_testing();
