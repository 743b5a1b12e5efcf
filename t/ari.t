# Renewal information (RFC 9773) and profiles: the window and what moves it,
# incidents, orders that replace a certificate. On a bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use Test::More;
use MIME::Base64 qw(decode_base64);
use POSIX ();
use Time::Local qw(timegm);

my $home = QW::Bed->new('ari', 14600);
$home->configure(sub {
    s{(<QwacmeAuthority test>\n)}{$1    QwacmeLimit orders-per-domain 2/5h\n};
    s{QwacmePortalURL .*/portal$}{QwacmePortalURL https://portal.test/}m;
});
my $httpd = $home->start;
my ($now, @clients) = (0);
sub clock { $now = $_[0]; QW->clock($now); $_->{nonces} = [] for @clients }
sub now { time + $now }
sub day { $_[0] * 86400 }

# A client of an external account of its own, with that limit only where a test
# is about it.
sub client {
    my ($domain, %how) = @_;
    my $external = QW->new_external(\%how, $domain);
    $how{limited} or QW::ctl(qw(limit set orders-per-domain), $domain, qw(off --comment t --expires 900d)) or die $QW::ctl_text;
    my $c = QW->registered(external => $external);
    $c->{external} = $external;
    push @clients, $c;
    return $c;
}

# Of a certificate of $c for @names: { der, id, serial, before, after }.
sub certificate {
    my ($c, @names) = @_;
    my ($b64) = $c->issue(@names) =~ /-----BEGIN CERTIFICATE-----\n(.*?)-----END/s;
    my $file = QW::bed() . '/ari.der';
    open my $f, '>:raw', $file or die;
    print $f decode_base64($b64);
    close $f or die;
    my $text = `openssl x509 -inform DER -in $file -noout -serial -dateopt iso_8601 -dates -ext authorityKeyIdentifier`;
    my ($serial) = $text =~ /^serial=(\w+)/m;
    my ($aki) = $text =~ /^\s+((?:[0-9A-F]{2}:)+[0-9A-F]{2})$/m;
    my ($before, $after) = map { seconds($_) } $text =~ /^not(?:Before|After)=(\S+ \S+)$/mg;
    $aki =~ s/://g;
    return { der => decode_base64($b64), serial => $serial, before => $before, after => $after,
        id => join '.', map { QW::b64(pack 'H*', $_) } $aki, $serial };
}

sub seconds {
    my ($y, $mon, $d, $h, $m, $s) = $_[0] =~ /^(\d+)-(\d+)-(\d+)[T ](\d+):(\d+):(\d+)Z$/ or die "no time: $_[0]";
    return timegm($s, $m, $h, $d, $mon - 1, $y);
}

my $any = QW->new;
sub look { my ($id) = @_; $any->get($any->url('renewalInfo') . "/$id") }

# (start, end) of the window, checked for form.
sub window {
    my ($cert, $name) = @_;
    my $r = look($cert->{id});
    is($r->code, 200, "$name: renewalInfo") or diag $r->as_string;
    my $w = $r->{json}{suggestedWindow};
    return map { seconds($w->{$_}) } qw(start end);
}

sub replace {
    my ($c, $cert, @names) = @_;
    my %more = ref $names[-1] ? %{ pop @names } : ();
    return $c->order(@names, { replaces => ref $cert ? $cert->{id} : $cert, %more });
}

# ---- the directory ---------------------------------------------------------------------------
like($any->url('renewalInfo'), qr{^\Q$ENV{QW_URL}\E/acme/renewal-info$}, 'DIR-01 it names renewalInfo');
my $profiles = $any->directory->{meta}{profiles};
is_deeply([sort keys %$profiles], ['qevcp-w', 'qncp-w'], 'DIR-02 the profiles on offer');
ok(!(grep { !length } values %$profiles), 'DIR-02 each is described');

# ---- the window ------------------------------------------------------------------------------
my $c = client('ari.test');
my $cert = certificate($c, 'a.ari.test');
{
    my $r = look($cert->{id});
    is($r->code, 200, 'ARI renewalInfo is there for anybody') or diag $r->as_string;
    like($r->header('Content-Type'), qr{^application/json}, 'ARI as JSON');
    is_deeply([sort keys %{ $r->{json} }], ['suggestedWindow'], 'ARI a window and nothing to explain');
    like($r->header('Cache-Control'), qr/no-cache/, 'ARI-15 no cache keeps it from the next poll');
    my @waits = map { look($cert->{id})->header('Retry-After') } 1 .. 12;
    ok(!(grep { $_ < 6 * 3600 * 0.8 || $_ > 6 * 3600 * 1.2 } @waits), 'ARI six hours, a fifth more or less') or diag "@waits";
    my %different = map { $_ => 1 } @waits;
    cmp_ok(scalar keys %different, '>', 6, 'ARI not in step') or diag "@waits";
    my ($start, $end) = window($cert, 'ARI');
    my $life = $cert->{after} - $cert->{before};
    cmp_ok($start, '>=', $cert->{before} + 0.66 * $life, 'ARI in the last third of its lifetime');
    cmp_ok($end, '<=', $cert->{before} + 0.91 * $life, 'ARI well before its end');
    cmp_ok($end - $start, '>', 0.1 * $life, 'ARI with room for a client to choose');
    is_deeply([window($cert, 'ARI')], [$start, $end], 'ARI the same each time');
    my %starts = map { (window(certificate($c, "w$_.ari.test"), 'ARI'))[0] => 1 } 1 .. 4;
    is(scalar keys %starts, 4, 'ARI each certificate its own');
    is($any->send('HEAD', $any->url('renewalInfo') . "/$cert->{id}")->code, 200, 'ARI HEAD');
    clock(day(365));
    is_deeply([window($cert, 'ARI expired')], [$start, $end], 'ARI of an expired certificate it is past');
    clock(0);
}
# ---- what is no certificate --------------------------------------------------------------------
{
    my ($aki, $serial) = split /\./, $cert->{id};
    QW::is_problem(look('AAAA.' . $serial), 404, 'malformed', 'ARI-03 the key of another CA');
    QW::is_problem(look("$aki." . QW::b64("\x01" x 16)), 404, 'malformed', 'ARI-03 a serial that is none');
    QW::is_problem(look('aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE'), 404, 'malformed', 'ARI-03 the example of RFC 9773');
    QW::is_problem($any->get($any->url('renewalInfo')), 404, 'malformed', 'ARI-04 no certID');
    QW::is_problem($any->get($any->url('renewalInfo') . '/'), 404, 'malformed', 'ARI-04 an empty one');
    my %bad = ('no dot' => $aki . $serial, 'two dots' => "$aki.$serial.$serial", 'no serial' => "$aki.", 'no key' => ".$serial",
        padded => "$aki.$serial==", 'no base64url' => "$aki.!!", 'a serial of zeros' => "$aki.AA", 'a negative serial' => "$aki.gA",
        'a needless zero' => "$aki." . QW::b64(pack 'H*', "00$cert->{serial}"), 'a long one' => "$aki." . 'A' x 400);
    for my $what (sort keys %bad) {
        QW::is_problem(look($bad{$what}), 400, 'malformed', "ARI-03 malformed: $what");
    }
    for my $method (qw(POST PUT DELETE)) {
        for my $url ($any->url('renewalInfo'), $any->url('renewalInfo') . "/$cert->{id}") {
            my $r = $any->send($method, $url, '{}', 'Content-Type' => 'application/jose+json');
            QW::is_problem($r, 405, 'malformed', "ARI-12 $method");
            is($r->header('Allow'), 'GET, HEAD', "ARI-12 $method: what is allowed");
        }
    }
    QW::is_problem($any->get(($any->url('renewalInfo') =~ s{/acme/}{/other/}r) . "/$cert->{id}"), 404, 'malformed', 'ARI-03 nor at another place')
        if $any->get("$ENV{QW_URL}/other/directory")->code == 200;
}

# ---- revoked --------------------------------------------------------------------------------------
sub is_past {
    my ($cert, $name) = @_;
    my ($start, $end) = window($cert, $name);
    cmp_ok($start, '<', $end, "$name: a window");
    cmp_ok($end, '<', now(), "$name: wholly in the past");
    return;
}
{
    my $by_acme = certificate($c, 'b.ari.test');
    QW::is_fine($c->post($c->url('revokeCert'), { certificate => QW::b64($by_acme->{der}) }), 200, 'ARI-05 revoked by its account');
    is_past($by_acme, 'ARI-05 by ACME');
    my $by_ctl = certificate($c, 'd.ari.test');
    ok(QW::ctl('certificate', 'revoke', $by_ctl->{serial}, '--reason', 'superseded'), 'ARI-05 revoked by the operator') or diag $QW::ctl_text;
    is_past($by_ctl, 'ARI-05 by qwacmectl');
    clock(-day(1));
    is_past($by_ctl, 'ARI-05 even if the clock was set back');
    clock(0);
}

# ---- incidents ------------------------------------------------------------------------------------
{
    my @fleet = map { certificate($c, "i$_.ari.test") } 1 .. 5;
    my $spared = pop @fleet;
    my @before = window($fleet[0], 'ARI-06');
    my $list = QW::bed() . '/serials';
    my $write = sub { open my $f, '>', $list or die; print $f @_; close $f or die };
    my $load = sub { QW::ctl('incident', 'load', @_) };
    my $url = 'https://status.test/incident-7';
    $write->(lc($fleet[0]{serial}) . "\n", '0' x 31 . "1\n");
    ok(!$load->('i7', $list, '--url', $url), 'ARI-06 a list with a serial that is none is not loaded');
    like($QW::ctl_text, qr/0000001/, 'ARI-06 which one');
    is_deeply(QW::ctl(qw(incident list)), [], 'ARI-06 and nothing is');
    $write->("# MPIC, 2026-11\n\n", (map { "$_->{serial}\n" } @fleet[0 .. 1]), lc(join ':', $fleet[2]{serial} =~ /../g), "  # the third\n");
    ok(!$load->('i7', $list), 'ARI-06 an incident is explained');
    ok(!$load->('i7', $list, '--url', 'http://status.test/'), 'ARI-06 by https');
    ok(!$load->('i 7', $list, '--url', $url), 'ARI-06 and has a name');
    ok(!$load->('i7', "$list-none", '--url', $url), 'ARI-06 and a file');
    ok($load->('i7', $list, '--url', $url, '--dry-run'), 'ARI-15 dry run') or diag $QW::ctl_text;
    is_deeply([window($fleet[0], 'ARI-15')], \@before, 'ARI-15 changes nothing');
    ok($load->('i7', $list, '--url', $url), 'ARI-06 ARI-15 a list is loaded') or diag $QW::ctl_text;
    for my $i (0 .. 2) {
        is_past($fleet[$i], "ARI-15 member $i of the fleet");
        is(look($fleet[$i]{id})->{json}{explanationURL}, $url, "ARI-06 member $i is told why");
    }
    cmp_ok((window($_, 'ARI-15'))[0], '>', now(), 'ARI-15 the others wait') for $fleet[3], $spared;
    $write->("$fleet[3]{serial}\n$fleet[0]{serial}\n");
    ok(!$load->('i7', $list, '--url', "$url-other"), 'ARI-15 one incident has one explanation');
    my $got = $load->('i7', $list);
    is_deeply([map { "$_->{name} $_->{status} $_->{certificates}" } @$got], ['i7 in force 4'], 'ARI-15 more of them, each once') or diag $QW::ctl_text;
    is_past($fleet[3], 'ARI-15 one more');
    $write->("$fleet[0]{serial}\n");
    clock(60);
    ok($load->('i8', $list, '--url', "$url-8"), 'ARI-15 in two incidents') or diag $QW::ctl_text;
    is(look($fleet[0]{id})->{json}{explanationURL}, "$url-8", 'ARI-15 the newer explains it');
    ok(QW::ctl(qw(incident clear i8)), 'ARI-15 an incident is cleared') or diag $QW::ctl_text;
    ok(!QW::ctl(qw(incident clear i8)), 'ARI-15 once');
    ok(!QW::ctl(qw(incident clear i9)), 'ARI-15 if there is one');
    is(look($fleet[0]{id})->{json}{explanationURL}, $url, 'ARI-15 the other goes on');
    ok(!$load->('i8', $list, '--url', "$url-8"), 'ARI-15 a cleared one does not come back');
    ok(QW::ctl(qw(incident clear i7)), 'ARI-15 the last one too') or diag $QW::ctl_text;
    is_deeply([window($fleet[0], 'ARI-15')], \@before, 'ARI-15 then the window is what it was');
    my @events = map { $_->{event} } @{ QW::ctl(qw(event list --limit 200)) };
    is(scalar(grep { /^incident\.load$/ } @events), 3, 'ARI-15 who loaded is on record');
    is(scalar(grep { /^incident\.clear$/ } @events), 2, 'ARI-15 and who cleared');
    clock(0);
}

# ---- before it cannot be renewed any more ------------------------------------------------------------
{
    my $verified = POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time - day(340)));
    my $old = client('ari-old.test', options => ['--verified-at', $verified, '--expires', '800d']);
    my $first = certificate($old, 'www.ari-old.test');
    my $lapse = time + day(398 - 340);
    my ($start, $end) = window($first, 'ARI identity');
    cmp_ok($end, '<=', $lapse - day(1) + 60, 'ARI a day before the identity is too old');
    cmp_ok($end, '>=', $lapse - day(1) - 60, 'ARI but no sooner');
    cmp_ok($start, '<', $end - day(5), 'ARI with room');
    clock(day(50));
    my $second = certificate($old, 'www.ari-old.test', { replaces => $first->{id} });
    ok($second, 'ARI in that window it is renewed');
    cmp_ok((window($second, 'ARI'))[0], '>', $lapse + day(30), 'ARI and not again and again for the same reason');
    clock(day(60));
    my $r = replace($old, $second, 'www.ari-old.test');
    QW::is_problem($r, 403, 'userActionRequired', 'ARI-13 renewal does not pass by the age of the identity');
    is($r->{json}{instance}, 'https://portal.test/', 'ARI-13 it says where to go');
    clock(0);
    my $short = client('ari-short.test', options => ['--expires', '70d']);
    ($start, $end) = window(certificate($short, 'www.ari-short.test'), 'ARI account');
    cmp_ok(abs($end - (time + day(69))), '<', 60, 'ARI a day before the end of the external account');
}

# ---- replaces ---------------------------------------------------------------------------------------
{
    my $r = replace($c, $cert, 'a.ari.test', 'n.ari.test');
    QW::is_fine($r, 201, 'ARI-08 an order that replaces, with one name in common');
    is($r->{json}{replaces}, $cert->{id}, 'ARI-08 it says so');
    my $at = $r->header('Location');
    is($c->post($at)->{json}{replaces}, $cert->{id}, 'ARI-08 each time');
    QW::is_problem(replace($c, $cert, 'a.ari.test'), 409, 'alreadyReplaced', 'ARI-09 not while another order is open');
    $c->post($r->{json}{authorizations}[0], { status => 'deactivated' });
    is($c->post($at)->{json}{status}, 'invalid', 'ARI-11 that order fails');
    $r = replace($c, $cert, 'a.ari.test');
    QW::is_fine($r, 201, 'ARI-11 the certificate is free again');
    my $second = $r->header('Location');
    clock(2 * 86400);
    QW::is_fine(replace($c, $cert, 'a.ari.test'), 201, 'ARI-11 and when that one has expired');
    is($c->post($second)->{json}{status}, 'invalid', 'ARI-11 which stays invalid');
    clock(5 * 86400);
    my $next = certificate($c, 'a.ari.test', { replaces => $cert->{id} });
    QW::is_problem(replace($c, $cert, 'a.ari.test'), 409, 'alreadyReplaced', 'ARI-09 not after a certificate was issued for it');
    clock(90 * 86400);
    QW::is_problem(replace($c, $cert, 'a.ari.test'), 409, 'alreadyReplaced', 'ARI-09 for ever');
    clock(0);

    my ($aki, $serial) = split /\./, $next->{id};
    for my $bad ('', 'x', "$aki.", ".$serial", "$aki.$serial.", "$next->{id}==") {
        QW::is_problem(replace($c, $bad, 'a.ari.test'), 400, 'malformed', "ARI-08 replaces '" . substr($bad, 0, 12) . "' is malformed");
    }
    QW::is_problem($c->order('a.ari.test', { replaces => 7 }), 400, 'malformed', 'ARI-08 replaces a number');
    my $unknown = replace($c, "$aki." . QW::b64("\x02" x 16), 'a.ari.test');
    QW::is_problem($unknown, 404, 'malformed', 'ARI-08 an unknown certificate');
    QW::is_problem(replace($c, 'AAAA.' . $serial, 'a.ari.test'), 404, 'malformed', 'ARI-08 of an unknown CA');
    my $sibling = QW->registered(external => $c->{external});
    push @clients, $sibling;
    my $foreign = replace($sibling, $next, 'a.ari.test');
    QW::is_problem($foreign, 404, 'malformed', 'ARI-08 a certificate of another ACME account');
    is($foreign->content, $unknown->content, 'ARI-08 looks like an unknown one');
    QW::is_problem(replace($c, $next, 'z.ari.test'), 400, 'malformed', 'ARI-08 no name in common');
    QW::is_problem(replace($c, $next, 'a.ari.test', 'unlisted.test'), 400, 'rejectedIdentifier', 'ARI-13 renewal does not pass by the domain list');
    QW::is_problem(replace($c, $next, 'a.ari.test', { profile => 'qevcp-w' }), 400, 'invalidProfile', 'ORD-32 nor by the profiles');

    my $url = $c->url('newOrder');
    my @answers = $c->at_once(map { [$url, $c->jws($url, { replaces => $next->{id},
        identifiers => [{ type => 'dns', value => 'a.ari.test' }] })] } 1 .. 20);
    is(scalar(grep { $_->{code} == 201 } @answers), 1, 'ARI-09 of twenty at once one is taken') or diag explain \@answers;
    is(scalar(grep { $_->{code} == 409 && $_->{json}{type} =~ /:alreadyReplaced$/ } @answers), 19, 'ARI-09 and the others are told') or diag explain \@answers;
    my ($won) = grep { $_->{code} == 201 } @answers;
    is($c->order('a.ari.test')->header('Location'), $won->{at}, 'ORD-28 whose answer was lost finds the order without replaces');

    # the predecessor is revoked while its successor is made
    my $order = $c->prove($c->order('a.ari.test'));
    my ($done, $revoked) = $c->at_once(
        [$order->{json}{finalize}, $c->jws($order->{json}{finalize}, { csr => QW::b64($c->csr(['a.ari.test'])) })],
        [$c->url('revokeCert'), $c->jws($c->url('revokeCert'), { certificate => QW::b64($next->{der}), reason => 4 })]);
    is($done->{code}, 200, 'REV-24 finalized') or diag explain $done;
    is($revoked->{code}, 200, 'REV-24 and revoked at the same time') or diag explain $revoked;
    QW->await(sub { $c->post($won->{at})->{json}{status} eq 'valid' });
    is($c->post($won->{at})->{json}{status}, 'valid', 'REV-24 the order is valid');
    is(QW::ctl('certificate', 'show', $next->{serial})->{status}, 'revoked', 'REV-24 the other is revoked');
    is_past($next, 'ARI-05 REV-24 what was replaced and revoked');
}

# ---- limits -----------------------------------------------------------------------------------------
{
    my $l = client('limited.test', limited => 1);
    my $one = certificate($l, 'a.limited.test');
    QW::is_fine($l->order('b.limited.test'), 201, 'ARI-13 the second order of a domain');
    QW::is_problem($l->order('c.limited.test'), 429, 'rateLimited', 'ARI-13 the third is one too many');
    my $two = certificate($l, 'a.limited.test', { replaces => $one->{id} });
    ok($two, 'ARI-13 but not a renewal');
    is($l->order('c.limited.test')->header('Retry-After') > 3600, 1, 'ARI-13 which cost the others nothing');
    QW::ctl('domain', 'add', $l->{external}, 'second.test', '--subtree', '--confirmed-by', 'o') or die $QW::ctl_text;
    QW::is_fine($l->order("$_.second.test"), 201, 'ARI-13 another domain') for 1 .. 2;
    QW::is_problem(replace($l, $two, 'a.limited.test', 'a.second.test'), 429, 'rateLimited', 'ARI-13 what it did not have before counts');
    QW::is_fine(replace($l, $two, 'a.limited.test', 'c.limited.test'), 201, 'ARI-09 a refused order replaces nothing');
}

# ---- profiles ------------------------------------------------------------------------------------------
{
    my $ready = $c->prove($c->order('p.ari.test'));
    is($ready->{json}{status}, 'ready', 'ORD-34 an order under qncp-w is ready');
    $home->configure(sub { s/QwacmeProfiles qevcp-w qncp-w/QwacmeProfiles qevcp-w/ });
    $home->end($httpd);
    $httpd = $home->start;
    $_->{nonces} = [] for @clients;
    $c->{directory} = undef;
    is_deeply([keys %{ $c->directory->{meta}{profiles} }], ['qevcp-w'], 'DIR-02 qncp-w is no longer offered');
    QW::is_problem($c->post($ready->{json}{finalize}, { csr => QW::b64($c->csr(['p.ari.test'])) }), 400, 'invalidProfile',
        'ORD-34 nor does an order get it that was made before');
    (my $at = $ready->{json}{finalize}) =~ s{/finalize$}{};
    my $order = $c->post($at)->{json};
    is($order->{status}, 'invalid', 'ORD-34 that order is over');
    like($order->{error}{type}, qr/:invalidProfile$/, 'ORD-34 and says why');
    QW::is_problem($c->order('p.ari.test', { profile => 'qncp-w' }), 400, 'invalidProfile', 'ORD-31 nor a new one');
    QW::is_problem($c->order('p.ari.test'), 400, 'invalidProfile', 'ORD-33 nor one by default');
    is(look($cert->{id})->code, 200, 'ARI certificates under it still have their window');
}
done_testing();
