# Targets that hang, and a process that may not have many open files: httpd still
# answers, and validations wait their turn. On a bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use Test::More;

my $home = QW::Bed->new('descriptors', 14600);
$home->configure(sub { s{(<QwacmeAuthority test>\n)}{$1    QwacmeValidationTimeout 15s\n} });
{
    local $ENV{QW_HTTPD_ENV} = 'prlimit --nofile=256 ' . ($ENV{QW_HTTPD_ENV} || '');
    $home->start;
}
like($home->slurp('log/error_log'), qr/QW0220: QwacmeValidationThreads 512 is too much for 256 open files/, 'the operator is told');

my $c = QW->registered;
QW->dns_line('*.hang.shop.test * TIMEOUT');
my @begun = map {
    my ($challenge) = grep { $_->{type} eq 'dns-01' } @{ $c->post($_)->{json}{challenges} };
    [$_, $challenge->{url}];
} @{ $c->order(map { "h$_.hang.shop.test" } 1 .. 100)->{json}{authorizations} };
my %codes;
$codes{ $c->post($_->[1], {})->code }++ for @begun;
is_deeply(\%codes, { 200 => 100 }, 'a hundred validations that hang are begun') or diag explain \%codes;
is(scalar(grep { QW->new->get("$ENV{QW_URL}/acme/directory")->is_success } 1 .. 50), 50, 'httpd answers');
is($c->post($begun[0][0])->{json}{status}, 'pending', 'while they hang');
QW->await(sub { $c->post($begun[0][0])->{json}{status} eq 'invalid' }, 60);
unlike($home->slurp('log/error_log'), qr/QW0215|Too many open files/, 'nothing lacks a descriptor');
done_testing();
