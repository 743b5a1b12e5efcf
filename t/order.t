# newOrder: identifiers, the domain list, profiles; orders; pre-authorization.
use strict; use warnings FATAL => 'all';
use QW; use Test::More;

my $c = QW->registered;
my $r = $c->order('ord.shop.test');
QW::is_fine($r, 201, 'ORD-01 a listed name');
my $at = $r->header('Location');
like($at, qr{/order/[A-Za-z0-9_-]{22}$}, 'ORD-01 ORD-37 Location, not to be guessed');
is($r->{json}{status}, 'pending', 'ORD-01 pending');
like($r->{json}{expires}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 'ORD-01 expires');
is(scalar @{ $r->{json}{authorizations} }, 1, 'ORD-01 one authorization');
is($r->{json}{finalize}, "$at/finalize", 'ORD-01 finalize');
is_deeply($r->{json}{identifiers}, [{ type => 'dns', value => 'ord.shop.test' }], 'ORD-01 identifiers');

sub raw { my ($identifiers, %more) = @_; $c->post($c->url('newOrder'), { identifiers => $identifiers, %more }) }
for my $bad (['missing', undef], ['empty', []], ['a string', 'x'], ['an object', {}], ['null inside', [undef]],
    ['a string inside', ['x']], ['no type', [{ value => 'a.shop.test' }]], ['no value', [{ type => 'dns' }]],
    ['empty value', [{ type => 'dns', value => '' }]], ['value a number', [{ type => 'dns', value => 1 }]]) {
    $r = defined $bad->[1] ? raw($bad->[1]) : $c->post($c->url('newOrder'), {});
    QW::is_problem($r, 400, 'malformed', "ORD-02 ORD-03 identifiers $bad->[0]");
}
QW::is_problem(raw([{ type => 'ip', value => '192.0.2.1' }]), 400, 'unsupportedIdentifier', 'ORD-04 type ip');
for my $bad ('192.0.2.1', '2001:db8::1', '[2001:db8::1]', 'localhost', 'a.local', 'a.internal', 'a.invalid', 'a.example',
    'shop', 'a.shop.test:80', 'https://a.shop.test', 'a.shop.test/x', 'a#b.shop.test', 'a@shop.test', 'a b.shop.test',
    "a\n.shop.test", 'a$(id).shop.test', 'a' x 64 . '.shop.test', join('.', ('a' x 60) x 5) . '.shop.test', 'a..shop.test',
    '.shop.test', 'a.shop.test.', '-a.shop.test', 'a-.shop.test', 'ab--c.shop.test', "\x{e9}.shop.test", 'xn--.shop.test',
    'xn--a.shop.test', 'a_b.shop.test', '*.*.shop.test', 'a.*.test', '*a.shop.test', '*', '*.test', '1.2.0.192.in-addr.arpa',
    'a.onion', '1.2.3') {
    $r = $c->order($bad);
    ok($r->code == 400 && $r->{json}{type} =~ /:(rejectedIdentifier|malformed)$/,
        'ORD-06 ORD-07 ORD-09 ORD-10 ORD-11 ORD-17 ORD-24 ORD-25 ' . join '', map { ord($_) < 32 || ord($_) > 126 ? '?' : $_ } split //, substr $bad, 0, 40)
        or diag $r->as_string;
    ok(index($r->{json}{detail} || '', "\n") < 0, 'ORD-09 and is not echoed raw') if $bad =~ /\n/;
}
$r = $c->order('OrD2.Shop.TEST');
is_deeply($r->{json}{identifiers}, [{ type => 'dns', value => 'ord2.shop.test' }], 'ORD-13 lower case');
$r = $c->order('ord3.shop.test', 'ORD3.shop.test', 'ord3.shop.test');
is(scalar @{ $r->{json}{authorizations} }, 1, 'ORD-14 each name once');
QW::is_problem($c->order(map { "n$_.shop.test" } 1 .. 101), 400, 'malformed', 'ORD-19 too many names');
QW::is_problem($c->order(map { "n$_." . 'x' x 60 . '.' . 'y' x 60 . '.shop.test' } 1 .. 90), 400, 'malformed', 'ORD-20 names too long together');
QW::is_problem($c->order('www.www.www.shop.test'), 400, 'rejectedIdentifier', 'ORD-21 LIM-25 a label again and again');
QW::is_fine($c->order('www.www.shop.test'), 201, 'ORD-21 twice is no loop');
for my $member (qw(notBefore notAfter)) {
    QW::is_problem(raw([{ type => 'dns', value => 'a.shop.test' }], $member => '2026-12-01T00:00:00Z'), 400, 'malformed', "ORD-26 $member");
}
$r = $c->order('ord.shop.test');
is($r->header('Location'), $at, 'ORD-28 the same order again is the same order');
isnt(QW->registered->order('ord.shop.test')->header('Location'), $at, 'ORD-28 but not for another account');

# ---- wildcards ---------------------------------------------------------------------
$r = $c->order('*.w.shop.test');
QW::is_fine($r, 201, 'ORD-16 a wildcard where the list and the profile allow it');
is_deeply($r->{json}{identifiers}, [{ type => 'dns', value => '*.w.shop.test' }], 'ORD-16 kept in the order');
my $authz = $c->post($r->{json}{authorizations}[0])->{json};
is($authz->{identifier}{value}, 'w.shop.test', 'ORD-16 without "*." in the authorization');
ok($authz->{wildcard}, 'ORD-16 which says wildcard');
is_deeply([map { $_->{type} } @{ $authz->{challenges} }], ['dns-01'], 'ORD-16 H01-24 ALP-11 by dns-01 alone');
{
    my $ev = QW->new_external({ profile => 'qevcp-w' }, 'ev.test');
    my $e = QW->registered(external => $ev);
    QW::is_problem($e->order('*.ev.test'), 400, 'rejectedIdentifier', 'ORD-15 no wildcard under qevcp-w');
    $r = $e->order('a.ev.test');
    is($r->{json}{profile}, 'qevcp-w', 'ORD-33 the default profile of the external account');
    QW::is_problem($e->order('b.ev.test', { profile => 'qncp-w' }), 400, 'invalidProfile', 'ORD-32 a profile that it may not use');
}
QW::is_problem($c->order('p.shop.test', { profile => 'nonsense' }), 400, 'invalidProfile', 'ORD-31 an unknown profile');
$r = $c->order('p.shop.test', { profile => 'qncp-w' });
is($r->{json}{profile}, 'qncp-w', 'ORD-33 the profile is told');

# ---- foreign and unknown ---------------------------------------------------------------
my $other = QW->registered;
my $foreign = $other->post($at);
QW::is_problem($foreign, 404, 'malformed', 'ORD-36 a foreign order');
(my $unknown = $at) =~ s/[^\/]+$/AAAAAAAAAAAAAAAAAAAAAA/;
is($other->post($unknown)->content, $foreign->content, 'ORD-36 looks like one that is not there');
for my $id ('1', '-1', '9223372036854775808', 'abcdef') {
    (my $url = $at) =~ s/[^\/]+$/$id/;
    QW::is_problem($c->post($url), 404, 'malformed', "ORD-37 order $id");
}

# ---- expiry ----------------------------------------------------------------------------
{
    my $o = $c->order('late.shop.test');
    my $where = $o->header('Location');
    QW->clock(2 * 86400);
    $c->{nonces} = [];
    $r = $c->post($where);
    is($r->{json}{status}, 'invalid', 'ORD-35 an order past its time is invalid');
    QW::is_problem($c->post($o->{json}{finalize}, { csr => QW::b64($c->csr(['late.shop.test'])) }), 403, 'orderNotReady', 'FIN-04 and is not finalized');
    QW->clock(0);
    $c->{nonces} = [];
}

# ---- the domain list -----------------------------------------------------------------------
my $asked = QW->dns_asked('evil-shop.test') + QW->dns_asked('unlisted.test');
for my $bad ('unlisted.test', 'evil-shop.test', 'shop.test.evil.test', 'xshop.test', 'sub.www.exemple.test') {
    $r = $c->order($bad);
    QW::is_problem($r, 400, 'rejectedIdentifier', "LST-01 LST-04 $bad");
    is($r->{json}{subproblems}[0]{identifier}{value}, $bad, 'LST-01 named in a subproblem');
}
is(QW->dns_asked('evil-shop.test') + QW->dns_asked('unlisted.test'), $asked, 'LST-01 nobody was asked for them');
QW::is_fine($c->order('www.exemple.test'), 201, 'LST-02 an exact entry');
QW::is_fine($c->order('a.b.c.shop.test'), 201, 'LST-03 a name below a subtree entry');
$r = $c->order('a.shop.test', 'unlisted.test', 'b.shop.test');
QW::is_problem($r, 400, 'rejectedIdentifier', 'LST-09 one of three is not listed');
is_deeply([map { $_->{identifier}{value} } @{ $r->{json}{subproblems} }], ['unlisted.test'], 'LST-09 ORD-22 only that one is named');
{
    my $mine = QW->new_external('theirs.test');
    $r = $c->order('theirs.test');
    my $r2 = $c->order('nobodys.test');
    (my $a = $r->content) =~ s/theirs/X/g;
    (my $b = $r2->content) =~ s/nobodys/X/g;
    is($a, $b, "LST-07 a name on another's list is as unlisted as any");
    QW::ctl('domain', 'add', $mine, "b\xc3\xbccher.test", '--confirmed-by', 'o') or diag $QW::ctl_text;
    my $m = QW->registered(external => $mine);
    QW::is_fine($m->order('xn--bcher-kva.test'), 201, 'LST-05 listed as a U-label, ordered as an A-label');
}

# ---- pre-authorization ------------------------------------------------------------------------
ok(!$c->directory->{newAuthz}, 'DIR-06 newAuthz is not offered unless configured');
QW::is_problem($c->post(QW::base() . '/acme/new-authz', { identifier => { type => 'dns', value => 'a.shop.test' } }), 404, 'malformed', 'DIR-06 nor there');
# ---- names that others stand for, or have ------------------------------------------------
{
    my $c = QW->registered(external => QW->new_external('wild.test'));
    my $r = $c->order('*.wild.test', 'wild.test', 'www.wild.test');
    QW::is_problem($r, 400, 'malformed', 'ORD-18 a name beside a wildcard that stands for it');
    like($r->{json}{detail}, qr/www\.wild\.test/, 'ORD-18 it says which');
    QW::is_fine($c->order('*.wild.test', 'wild.test', 'a.b.wild.test'), 201, 'ORD-18 the base, and what is two labels below, are others');
}
{
    my ($one, $two) = map { QW->new_external($_) } 'one-of-two.test', 'two-of-two.test';
    ok(!QW::ctl('domain', 'add', $two, 'one-of-two.test', '--confirmed-by', 'o'), 'LST-08 a name of another account');
    like($QW::ctl_text, qr/'\Q$one\E' too.*--shared/s, 'LST-08 it says whose, and what to do');
    ok(QW::ctl('domain', 'add', $two, 'one-of-two.test', '--confirmed-by', 'o', '--shared'), 'LST-08 with approval');
    my ($event) = grep { $_->{event} eq 'domain.add' && $_->{detail}{name} eq 'one-of-two.test' } @{ QW::ctl('event', 'list', '--limit', 20) };
    is($event->{detail}{shared}, JSON::PP::true(), 'LST-08 which is on record');
    QW::is_fine(QW->registered(external => $_)->order('one-of-two.test'), 201, 'LST-08 and both may order it') for $one, $two;
}
done_testing();
