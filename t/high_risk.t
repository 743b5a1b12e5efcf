# Names of high risk: a review by a second officer, or nothing. On a bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use Test::More;

my $home = QW::Bed->new('high-risk', 14700);
$home->put('high-risk', "# banks\n  bank.test   # and all below\n\npay.shop.test\n");
$home->configure(sub { s{(<QwacmeAuthority test>\n)}{$1    QwacmeHighRiskNames $home->{dir}/high-risk\n} });
$home->start;

my $external = QW->new_external('plain.test');
ok(!QW::ctl('domain', 'add', $external, $_, '--subtree', '--confirmed-by', 'o-1'), "$_ is not listed without a review")
    for qw(bank.test www.bank.test);
like($QW::ctl_text, qr/QwacmeHighRiskNames.*--reviewed-by/s, 'it says why, and what to do');
ok(!QW::ctl('domain', 'add', $external, 'bank.test', '--confirmed-by', 'o-1', '--reviewed-by', 'o-1'), 'nor with one by the same person');
ok(QW::ctl('domain', 'add', $external, 'bank.test', '--subtree', '--confirmed-by', 'o-1', '--reviewed-by', 'o-2'), 'with one it is');
my ($entry) = grep { $_->{name} eq 'bank.test' } @{ QW::ctl('domain', 'list', $external) };
is($entry->{reviewedBy}, 'o-2', 'and the list tells by whom');
my $c = QW->registered(external => $external);
QW::is_fine($c->order('www.bank.test'), 201, 'such a name can be ordered');
QW::is_fine($c->order('xbank.test.plain.test'), 201, 'a name that only looks like it needs nothing');

# an entry that was made for other names below it
my $shop = QW->registered(external => QW->new_external('shop.test'));
QW::is_fine($shop->order('www.shop.test'), 201, 'a name beside it');
my $r = $shop->order('pay.shop.test', 'www.shop.test');
QW::is_problem($r, 400, 'rejectedIdentifier', 'not by an entry above it without a review');
is_deeply([map { $_->{identifier}{value} } @{ $r->{json}{subproblems} }], ['pay.shop.test'], 'that name alone');
like($r->{json}{subproblems}[0]{detail}, qr/high risk/, 'for that reason');
QW::is_problem($shop->order('*.pay.shop.test'), 400, 'rejectedIdentifier', 'nor a wildcard of it');
is(QW->dns_asked('pay.shop.test'), 0, 'LST-01 and the DNS is not asked');

# a name that comes into the file while an order for it is under way
my $made = $shop->order('late.shop.test');
is($shop->prove($made)->{json}{status}, 'ready', 'an order is ready');
$home->put('high-risk', "late.shop.test\n");
kill USR1 => $home->slurp('httpd.pid');
QW->await(sub { $home->slurp('log/error_log') =~ /resuming normal operations(?s:.*)resuming normal operations/ });
$shop->{nonces} = [];
my $answer = QW->await(sub {
    my $r = $shop->post($made->{json}{finalize}, { csr => QW::b64($shop->csr(['late.shop.test'])) });
    $r->code < 500 && $r->code != 400 && $r;
});
QW::is_problem($answer, 403, 'unauthorized', 'LST-10 it is not signed any more');
is($shop->post($made->header('Location'))->{json}{status}, 'invalid', 'LST-10 and its order is over');

# files that cannot be read
for my $case (["Bank.test\n", qr/high-risk:1: 'Bank.test' is not/], ["ok.test\n\n a b \n", qr/high-risk:3:/]) {
    $home->put('high-risk', $case->[0]);
    my $said = `$ENV{QW_HTTPD_ENV} $ENV{QW_HTTPD} -t -f '$home->{dir}/httpd.conf' 2>&1`;
    like($said, $case->[1], 'httpd -t names file and line');
}
done_testing();
