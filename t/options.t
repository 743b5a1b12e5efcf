# What an authority offers when it is told to: pre-authorization, reuse of valid
# authorizations, another chain, short pages. The authority "other" is told so.
use strict; use warnings FATAL => 'all';
use QW; use Test::More;

my $name = "options-$$";
QW::ctl('account', 'create', $name, '--organization', 'Exemple SA', '--organization-identifier', 'NTRFR-542051180',
    '--country', 'FR', '--locality', 'Paris', '--profiles', 'qncp-w', '--verified-by', 'o', '--verified-method', 'a',
    '--terms', '2026-11', '--authority', 'other') or die $QW::ctl_text;
QW::ctl('domain', 'add', $name, 'pre.test', '--subtree', '--wildcard', '--confirmed-by', 'o', '--authority', 'other') or die $QW::ctl_text;
my $binding = QW::ctl('binding', 'create', $name, '--uses', 9, '--authority', 'other') or die $QW::ctl_text;
my $c = QW->registered(place => 'other', binding => $binding);

# ---- pre-authorization, RFC 8555 section 7.4.1 ----------------------------------------
sub new_authz { $c->post($c->url('newAuthz'), { identifier => { type => 'dns', value => $_[0] } }) }
ok($c->url('newAuthz'), 'PRE-01 newAuthz is in the directory');
my $r = new_authz('a.pre.test');
QW::is_fine($r, 201, 'PRE-01 newAuthz for a listed name');
my $at = $r->header('Location');
is($r->{json}{status}, 'pending', 'PRE-01 pending');
$r = new_authz('a.pre.test');
QW::is_fine($r, 200, 'PRE-02 again');
is($r->header('Location'), $at, 'PRE-02 the same one');
QW::is_problem(new_authz('*.pre.test'), 400, 'malformed', 'PRE-03 no wildcard');
QW::is_problem(new_authz('unlisted.test'), 400, 'rejectedIdentifier', 'PRE-01 no unlisted name');
QW::is_problem($c->post($c->url('newAuthz'), {}), 400, 'malformed', 'PRE-01 no identifier');
$r = $c->order('a.pre.test');
is_deeply($r->{json}{authorizations}, [$at], 'PRE-01 an order finds the authorization that is there');
my $first = $r->header('Location');
$c->prove($r);
is($c->post($first)->{json}{status}, 'ready', 'PRE-01 and is ready when it is met');
$r = $c->finalize($first, $c->csr(['a.pre.test']));
is($r->{json}{status}, 'valid', 'PRE-01 and gets its certificate');
{
    (my $id = $c->{kid}) =~ s{.*/}{};
    my $other = QW->registered(place => 'other', binding => $binding);
    (my $other_id = $other->{kid}) =~ s{.*/}{};
    QW::ctl('acme-account', 'suspend', $other_id, '--reason', 't', '--authority', 'other') or die $QW::ctl_text;
    QW::is_problem($other->post($other->url('newAuthz'), { identifier => { type => 'dns', value => 'b.pre.test' } }),
        403, 'unauthorized', 'PRE-05 not by a suspended account');
}

# ---- reuse --------------------------------------------------------------------------------
$r = $c->order('a.pre.test', 'b.pre.test');
my %status = map { my $a = $c->post($_)->{json}; ($a->{identifier}{value} => $a->{status}) } @{ $r->{json}{authorizations} };
is_deeply(\%status, { 'a.pre.test' => 'valid', 'b.pre.test' => 'pending' }, 'AUZ-18 a valid authorization is used again');
$r = $c->order('a.pre.test');
is($r->{json}{status}, 'ready', 'AUZ-18 an order of such names alone is ready at once');
{
    my $sibling = QW->registered(place => 'other', binding => $binding);
    $r = $sibling->order('a.pre.test');
    is($r->{json}{status}, 'pending', 'AUZ-18 but not for another account');
}
$r = $c->order('*.a.pre.test');
is($c->post($r->{json}{authorizations}[0])->{json}{status}, 'pending', 'AUZ-19 nor for a wildcard of it');
{
    $r = $c->post($at, { status => 'deactivated' });
    QW::is_fine($r, 200, 'AUZ-14 a valid authorization is deactivated');
    $r = $c->order('a.pre.test');
    is($c->post($r->{json}{authorizations}[0])->{json}{status}, 'pending', 'AUZ-14 and not used again');
}

# ---- another chain ---------------------------------------------------------------------------
my $url = $c->post($first)->{json}{certificate};
$r = $c->post($url);
my ($alternate) = map { /<([^>]+)>;\s*rel="alternate"/ ? $1 : () } $r->header('Link');
ok($alternate, 'CRT-04 Link rel="alternate"');
my $other = $c->post($alternate);
QW::is_fine($other, 200, 'CRT-04 which can be fetched');
isnt($other->content, $r->content, 'CRT-04 and is another chain');
is((split /(?<=END CERTIFICATE-----\n)/, $other->content)[0], (split /(?<=END CERTIFICATE-----\n)/, $r->content)[0], 'CRT-04 of the same certificate');
QW::is_problem($c->post("$url/2"), 404, 'malformed', 'CRT-05 there is no third');

# ---- pages ------------------------------------------------------------------------------------
my @orders = map { $c->order("p$_.pre.test")->header('Location') } 1 .. 7;
my (@found, $pages);
for (my $page = "$c->{kid}/orders"; $page; ) {
    $r = $c->post($page);
    cmp_ok(scalar @{ $r->{json}{orders} }, '<=', 3, 'UPD-15 no page is longer than configured');
    push @found, @{ $r->{json}{orders} };
    $c->order("late$pages.pre.test") if ++$pages < 4;
    ($page) = map { /<([^>]+)>;\s*rel="next"/ ? $1 : () } $r->header('Link');
    last if $pages > 30;
}
my %times;
$times{$_}++ for @found;
is(scalar(grep { ($times{$_} || 0) != 1 } @orders), 0, 'UPD-15 every order once, while others are added');
QW::is_problem($c->post("$c->{kid}/orders/x"), 404, 'malformed', 'UPD-15 no page of that name');

# ---- separate in everything -----------------------------------------------------------------------
my $test = QW->registered;
(my $there = $test->{kid}) =~ s{/acme/}{/other/};
QW::is_problem($c->post($there), 403, 'unauthorized', 'SEED an account of the other directory is not here');
(my $moved = $url) =~ s{/other/}{/acme/};
QW::is_problem($test->post($moved), 404, 'malformed', 'SEED nor its certificate there');
done_testing();
