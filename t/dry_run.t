# Dry runs: every check of an order and no signature; and the knobs of test
# authorities that try clients. On a bed of its own.
use strict; use warnings FATAL => 'all';
use MIME::Base64 qw(decode_base64);
use QW; use QW::Bed; use Test::More;
use Time::HiRes qw(time);

my $home = QW::Bed->new('dry-run', 16500);
my ($bed, $src, $port) = ($home->{dir}, $ENV{QW_SRCDIR}, 16570);
$home->put('lint-mode', 'clean');
$home->run_ready('log/pkimetal', 'python3', "$src/t/lib/pkimetal", $bed, $port);
$home->configure(sub {
    s{(<QwacmeAuthority test>\n)}{$1    QwacmeDryRun on
    QwacmeAuthorizationReuse 1d
    QwacmeLinter http://127.0.0.1:$port pkilint zlint
    QwacmeLimit orders-per-domain 1/1d 1
};
});
my $httpd = $home->start;
my $external = QW->new_external('dry.test');
my $c = QW->registered(external => $external);
my $profiles = $c->directory->{meta}{profiles};
is_deeply([sort keys %$profiles], [qw(qevcp-w qevcp-w.dry-run qncp-w qncp-w.dry-run)], 'TST-04 each profile is offered for dry runs');
like($profiles->{'qncp-w.dry-run'}, qr/^Dry run, nothing is issued: \Q$profiles->{'qncp-w'}\E$/, 'and says what it is');

my $dry = { profile => 'qncp-w.dry-run' };
my $ledger = sub { join ' ', map { $home->value("SELECT count(*) FROM $_") } qw(qw_attempt qw_certificate qw_sct qw_revocation) };
my $before = $ledger->();
sub id { $_[0] =~ s{.*/}{}r }
sub events { my ($event, $at) = @_; $home->value("SELECT count(*) FROM qw_event WHERE event = '$event' AND subject_id = '" . id($at) . "'") }

# A dry run of $name until it is ready.
sub ready {
    my ($name, %more) = @_;
    my $r = $c->order($name, { %$dry, %more });
    QW::is_fine($r, 201, "TST-04 an order of a dry run for $name");
    is($r->{json}{profile}, 'qncp-w.dry-run', 'which says that it is one');
    is($c->prove($r)->{json}{status}, 'ready', 'its names are validated');
    return $r->header('Location');
}

my $at = ready('a.dry.test');
my $r = $c->finalize($at, $c->csr(['a.dry.test']));
QW::is_fine($r, 200, 'TST-04 finalize is answered');
is($r->{json}{status}, 'invalid', 'TST-04 and the order ends');
is($r->{json}{error}{detail}, 'dry run: everything would have been issued', 'TST-04 with a problem that says so');
is($r->{json}{error}{type}, QW::base() . '/acme/problem/dry-run', 'TST-04 of a type of ours, as RFC8555-6.7 wants it');
ok(!exists $r->{json}{certificate}, 'TST-04 there is no certificate');
is($ledger->(), $before, 'TST-04 nothing is in the ledger, nor with logs');
is($home->value("SELECT count(*) FROM qw_job WHERE kind = 'publish'"), 0, 'TST-04 nothing is to be published');
my $detail = QW::decode($home->value("SELECT detail FROM qw_event WHERE event = 'order.dry-run' AND subject_id = '" . id($at) . "'"));
like($detail->{tbs}, qr/^[0-9a-f]{64}$/, 'TST-04 an event keeps the hash of what would have been signed');
is($detail->{profile}, 'qncp-w', 'and under which profile');
is((split ' ', $home->slurp('linted'))[0], 'etsi_leaf_tlsserver_qncpwoveidas', 'TST-04 linters saw it, as of the real profile');
is(events('certificate.sign', $at), 0, 'nothing says that anything was signed');
QW::is_problem($c->post($r->{json}{finalize}, { csr => QW::b64($c->csr(['a.dry.test'])) }), 403, 'orderNotReady', 'TST-04 it is over');

# ---- refusals come out as they would ---------------------------------------------
QW::is_problem($c->order('a.elsewhere.test', $dry), 400, 'rejectedIdentifier', 'TST-04 a name that is not listed');
QW::is_problem($c->order('a.dry.test', { profile => 'qevcp-w.dry-run' }), 400, 'invalidProfile', 'TST-04 a profile of others');
QW::is_problem($c->order('a.dry.test', { profile => '.dry-run' }), 400, 'invalidProfile', 'TST-04 a dry run of nothing');
QW::is_problem($c->order('a.dry.test', { profile => 'qncp-w.dry-run.dry-run' }), 400, 'invalidProfile', 'TST-04 a dry run of a dry run');
QW::is_problem($c->order('a.dry.test', { %$dry, replaces => QW::b64('a' x 20) . '.' . QW::b64('a' x 16) }), 404, 'malformed', 'TST-04 what it replaces must be there');
{
    my $url = ready('b.dry.test');
    my $order = $c->post($url)->{json};
    QW::is_problem($c->post($order->{finalize}, { csr => QW::b64($c->csr(['c.dry.test'])) }), 400, 'badCSR', 'TST-04 a CSR for other names');
    is($c->post($url)->{json}{status}, 'ready', 'another CSR can cure that');
    $home->put('lint-mode', 'error');
    QW::is_problem($c->post($order->{finalize}, { csr => QW::b64($c->csr(['b.dry.test'])) }), 500, 'serverInternal', 'TST-04 what linters refuse');
    $home->put('lint-mode', 'clean');
    QW::ctl('domain', 'remove', $external, 'dry.test') or die $QW::ctl_text;
    QW::is_problem($c->post($order->{finalize}, { csr => QW::b64($c->csr(['b.dry.test'])) }), 403, 'unauthorized', 'TST-04 what the gate refuses');
    is($c->post($url)->{json}{error}{type}, 'urn:ietf:params:acme:error:unauthorized', 'ends the order with that');
    is(events('order.dry-run', $url), 0, 'TST-04 a refusal is no dry run that passed');
    QW::ctl('domain', 'add', $external, 'dry.test', '--subtree', '--confirmed-by', 'o') or die $QW::ctl_text;
}

# ---- a certificate is not kept from anybody ----------------------------------------
{
    my $pem = $c->issue('a.dry.test');
    like($pem, qr/BEGIN CERTIFICATE/, 'TST-04 dry runs do not count against orders-per-domain');
    QW::is_problem($c->order('z.dry.test'), 429, 'rateLimited', 'but orders do');
    QW::is_fine($c->order('z.dry.test', $dry), 201, 'and a dry run is free of them');
    my $open = $c->order('z.dry.test', $dry)->header('Location');
    is($c->order('z.dry.test', $dry)->header('Location'), $open, 'asked again it is the same order');
    $home->put('leaf.pem', $pem);
    my ($serial) = `openssl x509 -in $bed/leaf.pem -noout -serial` =~ /=(\w+)/;
    my ($aki) = `openssl x509 -in $bed/leaf.pem -noout -ext authorityKeyIdentifier` =~ /((?:[0-9A-F]{2}:){19}[0-9A-F]{2})/;
    my $cert_id = QW::b64(pack 'H*', $aki =~ tr/://dr) . '.' . QW::b64(pack 'H*', $serial);
    my $url = ready('a.dry.test', replaces => $cert_id);
    is($c->finalize($url, $c->csr(['a.dry.test']))->{json}{status}, 'invalid', 'TST-04 a dry run of a renewal');
    QW::is_fine($c->order('a.dry.test', $dry), 201, 'another one');
    QW::is_fine($c->order('a.dry.test', { replaces => $cert_id }), 201, 'TST-04 leaves the certificate to be replaced');
}

# ---- switched off --------------------------------------------------------------------
my $pending = ready('d.dry.test');
$home->end($httpd);
$home->configure(sub { s/QwacmeDryRun on/QwacmeDryRun off/ });
$httpd = $home->start;
$c->{nonces} = [];
QW::is_problem($c->order('e.dry.test', $dry), 400, 'invalidProfile', 'TST-04 off: no dry run is taken');
$r = $c->finalize($pending, $c->csr(['d.dry.test']));
is($r->{json}{type}, 'urn:ietf:params:acme:error:invalidProfile', 'TST-04 off: one that was taken ends refused');
$home->end($httpd);

# ---- knobs ---------------------------------------------------------------------------
$home->configure(sub { s{QwacmeDryRun off}{QwacmeTestNonceRejection 20\nQwacmeTestSlowValidation 2s} });
$httpd = $home->start;
$c->{nonces} = [];
{
    my @nonces = map { $c->send('HEAD', $c->url('newNonce'))->header('Replay-Nonce') } 1 .. 50;
    my @answers = map { $c->post($c->{kid}, undef, nonce => $_) } @nonces;
    my @refused = grep { $_->code == 400 } @answers;
    is(scalar @refused, 10, 'TST-03 so many nonces are refused');
    QW::is_problem($refused[0], 400, 'badNonce', 'TST-03 with badNonce and a fresh one');
    is(scalar(grep { $_->code == 200 } @answers), 40, 'TST-03 the others are good');
    my ($i) = grep { $answers[$_]->code == 400 } 0 .. $#answers;
    is($c->post($c->{kid}, undef, nonce => $nonces[$i])->code, 400, 'TST-03 what was refused stays so');
}
$home->end($httpd);
$home->configure(sub { s/^ *QwacmeTestNonceRejection.*\n//m; s/^ *QwacmeLimit orders-per-domain.*\n//m });
$home->start;
$c->{nonces} = [];
{
    $r = $c->order('slow.dry.test');
    my $start = time;
    is($c->prove($r)->{json}{status}, 'ready', 'TST-03 a slow validation comes to its end');
    cmp_ok(time - $start, '>=', 2, 'TST-03 not before its time');
}
done_testing;
