# Configurations that cannot work: httpd -t refuses each, naming directive, value
# and cure. What a good one is, the first test shows.
use strict; use warnings FATAL => 'all';
use QW; use Test::More;

my $bed = QW::bed();
my $dir = "$bed/config";
mkdir $dir;
mkdir "$dir/open" and chmod 0777, "$dir/open";
QW::append("$dir/empty.pem", '');
QW::append("$dir/short.key", "k1 AAAA\n");

my %server = (
    QwacmeDatabase => $ENV{QW_DB} . ' "' . $ENV{QW_DBPARAMS} . '"',
    QwacmeStateDir => "$bed/state", QwacmeSealKey => "$bed/seal.key");
my %authority = (
    QwacmeKind => 'test', QwacmeBaseURL => 'https://localhost/acme',
    QwacmeIssuer => "$bed/ca-test/issuing.pem $bed/ca-test/issuing-key.pem",
    QwacmeIssuerURL => 'http://localhost/ca.cer', QwacmeCRLURL => 'http://localhost/ca.crl',
    QwacmeProfiles => 'qevcp-w qncp-w', QwacmeTerms => '1 https://localhost/terms',
    QwacmeCAAIdentities => 'ca.test', QwacmePDS => 'en https://localhost/pds');

# The verdict on the good configuration with %change (undef: without it) and, at
# the end, $more.
sub verdict {
    my ($change, $more) = @_;
    my (%s, %a) = ();
    %s = %server; %a = %authority;
    for my $name (keys %$change) {
        my $set = exists $server{$name} ? \%s : \%a;
        $set->{$name} = $change->{$name};
    }
    my $text = "Include $bed/base.conf\nServerName localhost\nListen 127.0.0.1:1\n"
        . "PidFile $dir/pid\nErrorLog /dev/stderr\nMutex file:$dir\n";
    $text .= "$_ $s{$_}\n" for grep { defined $s{$_} } sort keys %s;
    $text .= "<QwacmeAuthority test>\n";
    $text .= "$_ $a{$_}\n" for grep { defined $a{$_} } sort keys %a;
    $text .= "</QwacmeAuthority>\n" . ($more || '');
    unlink "$dir/t.conf";
    QW::append("$dir/t.conf", $text);
    my $out = `$ENV{QW_HTTPD_ENV} $ENV{QW_HTTPD} -d $dir -f $dir/t.conf -t 2>&1`;
    return ($? >> 8, $out);
}

sub refused {
    my ($name, $pattern, $change, $more) = @_;
    my ($rc, $out) = verdict($change, $more);
    ok($rc != 0 && $out =~ $pattern, "refused: $name") or diag("rc $rc, wanted $pattern:\n$out");
}

my ($rc, $out) = verdict({});
is($rc, 0, 'a configuration that can work is taken') or diag($out);

# one wrong value
refused('a database that there is not', qr/QwacmeDatabase: 'mysql'.*sqlite3 or pgsql/,
    { QwacmeDatabase => 'mysql /x' });
refused('a database without parameters', qr/QwacmeDatabase.*sqlite3 FILE/, { QwacmeDatabase => 'sqlite3' });
refused('a folder by a relative path', qr/QwacmeStateDir: 'state'.*start it with/, { QwacmeStateDir => 'state' });
refused('a folder that is not there', qr{QwacmeStateDir: '/nonexistent'.*make it}, { QwacmeStateDir => '/nonexistent' });
refused('a folder that everyone can write to', qr{QwacmeStateDir: '.*/open'.*chmod}, { QwacmeStateDir => "$dir/open" });
refused('a seal key that is not there', qr{/nonexistent}, { QwacmeSealKey => '/nonexistent' });
refused('a seal key of too few bytes', qr{short\.key}, { QwacmeSealKey => "$dir/short.key" });
refused('a kind that there is not', qr/QwacmeKind: 'prod'.*production or test/, { QwacmeKind => 'prod' });
refused('a base URL without TLS', qr/QwacmeBaseURL: 'http:.*https URL/, { QwacmeBaseURL => 'http://localhost/acme' });
refused('a base URL with a final slash', qr/QwacmeBaseURL.*leave that off/, { QwacmeBaseURL => 'https://localhost/acme/' });
refused('an issuer without key', qr/QwacmeIssuer.*CHAIN-FILE KEY-FILE/, { QwacmeIssuer => '/x.pem' });
refused('an issuer that is not there', qr{/nonexistent\.pem}, { QwacmeIssuer => '/nonexistent.pem /nonexistent.key' });
refused('an issuer in an empty file', qr/empty\.pem/, { QwacmeIssuer => "$dir/empty.pem $dir/empty.pem" });
refused('an issuer that is no CA', qr/server\.pem/, { QwacmeIssuer => "$bed/tls/server.pem $bed/tls/server.key" });
refused('a profile that there is not', qr/QwacmeProfiles: 'dv'/, { QwacmeProfiles => 'dv' });
refused('a profile twice', qr/QwacmeProfiles: 'qncp-w' is named twice/, { QwacmeProfiles => 'qncp-w qncp-w' });
refused('a challenge that there is not', qr/QwacmeChallenges: 'http-02'.*choose/, { QwacmeChallenges => 'http-02' });
refused('terms without TLS', qr/QwacmeTerms: 'http:/, { QwacmeTerms => '1 http://localhost/' });
refused('a statement in no language', qr/QwacmePDS: 'English'.*two lower-case/, { QwacmePDS => 'English https://localhost/' });
refused('revocation told by https', qr/QwacmeCRLURL: 'https:/, { QwacmeCRLURL => 'https://localhost/' });
refused('a validity of 400 days', qr/QwacmeValidityDays: '400'.*1 to 398/, { QwacmeValidityDays => 400 });
refused('a time without meaning', qr/QwacmeOrderLifetime: '1w'.*7d/, { QwacmeOrderLifetime => '1w' });
refused('a switch that is neither', qr/QwacmePreAuthorization: 'yes'.*'on' nor 'off'/, { QwacmePreAuthorization => 'yes' });
refused('a resolver by name', qr/QwacmeResolver: 'ns\.test'/, { QwacmeResolver => 'ns.test' });
refused('a CAA identity in capitals', qr/QwacmeCAAIdentities: 'CA\.TEST'/, { QwacmeCAAIdentities => 'CA.TEST' });
refused('a directive that there is not', qr/QwacmeNothing/, {}, "QwacmeNothing on\n");
refused('a directive in the wrong place', qr/QwacmeKind.*put it into/, {}, "QwacmeKind test\n");
refused('a use of no authority', qr/QwacmeUse|nobody/, {},
    "<Location /x>\nSetHandler qwacme-acme\nQwacmeUse nobody\n</Location>\n");

# one missing
for my $name (sort keys %server) {
    refused("without $name", qr/$name is missing; \w/, { $name => undef });
}
for my $name (qw(QwacmeBaseURL QwacmeIssuer QwacmeProfiles QwacmeTerms QwacmeCAAIdentities
        QwacmePDS QwacmeIssuerURL QwacmeCRLURL)) {
    refused("without $name", qr/$name.* is missing; \w/, { $name => undef });
}

# against itself, and against today's rules
refused('a validity above today\'s maximum', qr/QwacmeValidityDays: 201 is above 200/, { QwacmeValidityDays => 201 });
my $second = sub {
    my (%b) = (%authority, @_);
    "<QwacmeAuthority second>\n" . join('', map { "$_ $b{$_}\n" } sort keys %b) . "</QwacmeAuthority>\n";
};
refused('two authorities with one key', qr/QwacmeIssuer.*give each its own/, {},
    $second->(QwacmeBaseURL => 'https://localhost/second'));
system('cp', "$bed/ca-test/issuing-key.pem", "$dir/copy.pem");
refused('production and test with one key under two names', qr/QwacmeIssuer.*share/, {},
    $second->(QwacmeKind => 'production', QwacmeBaseURL => 'https://localhost/second',
        QwacmeIssuer => "$bed/ca-test/issuing.pem $dir/copy.pem"));
refused('two authorities in one place', qr/QwacmeBaseURL.*choose paths apart/, {},
    $second->(QwacmeBaseURL => 'https://localhost/acme/second',
        QwacmeIssuer => "$bed/ca-other/issuing.pem $bed/ca-other/issuing-key.pem"));
refused('one name twice', qr/QwacmeAuthority: 'test' is there twice/, {}, "<QwacmeAuthority test>\n</QwacmeAuthority>\n");
for my $override (['QwacmeTestPrivateTargets', 'on'], ['QwacmeTestInsecureDNS', 'on'],
        ['QwacmeTestHTTPPort', 8080], ['QwacmeTestTLSPort', 8443], ['QwacmeTestClock', "$bed/clock"]) {
    refused("TST-03 $override->[0] in production", qr/$override->[0]: only a test authority/,
        { QwacmeKind => 'production', @$override });
}
refused('a database without tables', qr/QwacmeDatabase: sqlite3 .*new\.db/,
    { QwacmeDatabase => "sqlite3 $dir/new.db" }) if $ENV{QW_DB} eq 'sqlite3';
done_testing();
