# Configurations that cannot work: each is refused by `httpd -t` with the directive, the
# value and the cure.
use strict; use warnings FATAL => 'all';
use File::Path qw(make_path);
use QW; use Test::More;

my $bed = QW::bed();
my $dir = "$bed/config-t";
make_path($dir);
my $good = QW::slurp("$bed/qwacme.conf");
my $place = "<Location /acme>\n    SetHandler qwacme-acme\n    QwacmeUse test\n</Location>\n"
    . "<Location /other>\n    SetHandler qwacme-acme\n    QwacmeUse other\n</Location>\n";

sub put {
    my ($file, $text, $mode) = @_;
    open my $f, '>', "$dir/$file" or die "$dir/$file: $!";
    print $f $text;
    close $f or die;
    chmod $mode || 0600, "$dir/$file";
    return "$dir/$file";
}

# Exit code and text of `httpd -t`.
sub try {
    my ($conf, $places) = @_;
    my $file = put('httpd.conf', <<CONF . $conf . ($places || $place), 0644);
ServerRoot $bed
ServerName localhost
Include $bed/base.conf
Listen 127.0.0.1:8599
TypesConfig /dev/null
ErrorLog $dir/error_log
PidFile $dir/httpd.pid
CONF
    my @env = split ' ', $ENV{QW_HTTPD_ENV} || '';
    my $command = join ' ', map { "'$_'" } @env, $ENV{QW_HTTPD}, '-t', '-f', $file;
    my $text = `$command 2>&1`;
    return ($? >> 8, $text);
}

# The good one with $change applied to the text of authority "test", or to all.
sub changed {
    my ($change) = @_;
    local $_ = $good;
    $change->();
    return $_;
}

my ($rc, $text) = try($good);
is($rc, 0, 'OPS-01 the good configuration is taken') or diag $text;
unlike($text, qr/QW0/, 'OPS-01 without a word');

put('empty', '');
put('clock', "0\n");
put('clock-late', "1000000000\n");
put('seal-open', QW::slurp("$bed/seal.key"), 0644);
put('seal-bad', "1 tooshort\n");
put('key-open', QW::slurp("$bed/ca-test/issuing-key.pem"), 0644);
put('database-open', '', 0666);
make_path("$dir/open");
chmod 0777, "$dir/open";
my $ctl = join ' ', map { "'$_'" } split(' ', $ENV{QW_CTL_ENV} || ''), $ENV{QW_CTL};
system("$ctl blocklist import --output $dir/weak $ENV{QW_SRCDIR}/t/lib/weak >/dev/null") == 0 or die;
my $weak = QW::slurp("$dir/weak");
put('weak-cut', substr $weak, 0, -1);
put('weak-damaged', substr($weak, 0, -1) . chr(ord(substr $weak, -1) ^ 1));
put('weak-open', $weak, 0666);
my $leaf = "$bed/tls/server.pem";
# An issuing CA for TLS clients too; clocks before the end of the one in use.
QW::ctl('ca', 'init-demo', "$dir/wide", '--profiles', 'qevcp-w-psd2', '--organization-identifier', 'NTRFR-1') or die $QW::ctl_text;
my $wide = "$dir/wide/issuing.pem $dir/wide/issuing-key.pem";
my ($end) = `openssl x509 -in $bed/ca-test/issuing.pem -noout -enddate` =~ /=(.*)/;
put('clock-day', `date -u -d '$end' +%s` - time - 86000 . "\n");
put('clock-month', `date -u -d '$end' +%s` - time - 30 * 86400 . "\n");

# [what is wrong, change, texts that stand in the answer ...]
my @wrong = (
    ['an unknown directive', sub { $_ .= "QwacmeNothing on\n" }, 'QwacmeNothing'],
    ['a directive outside of its authority', sub { $_ .= "QwacmeKind test\n" },
        'QwacmeKind', 'put it into <QwacmeAuthority NAME>'],
    ['a server directive in an authority', sub { s/(QwacmeKind test)/$1\nQwacmeStateDir \/x/ },
        'QwacmeStateDir', 'put it after </QwacmeAuthority>'],
    ['a directive in a virtual host',
        sub { $_ .= "<VirtualHost *:1>\nQwacmeSealKey /x\n</VirtualHost>\n" },
        'QwacmeSealKey', 'VirtualHost'],
    ['an authority twice', sub { s/QwacmeAuthority other>/QwacmeAuthority test>/ },
        'QwacmeAuthority', "'test'", 'choose another name'],
    ['an authority without a name', sub { s/<QwacmeAuthority other>/<QwacmeAuthority>/ },
        'QwacmeAuthority', 'give it a name'],
    ['an authority of a bad name', sub { s/<QwacmeAuthority other>/<QwacmeAuthority O!>/ },
        'QwacmeAuthority', "'O!'", 'lower-case letters'],
    ['a mail address for reports that is none', sub { s/(QwacmeKind test)/$1\nQwacmeReportAddress abuse/ },
        'QwacmeReportAddress', "'abuse'", 'mail address'],
    ['a mail address for reports with more behind it', sub { s/(QwacmeKind test)/$1\nQwacmeReportAddress a\@b.test?cc=x/ },
        'QwacmeReportAddress', "'a\@b.test?cc=x'", 'mail address'],
    ['a mail server by another scheme', sub { $_ = "QwacmeMailServer http://localhost\n$_" },
        'QwacmeMailServer', "'http://localhost'", 'smtp://HOST:PORT'],
    ['a password in the URL of a mail server', sub { $_ = "QwacmeMailServer smtp://u:p\@localhost\n$_" },
        'QwacmeMailServer', 'QwacmeMailUser'],
    ['a mail server with half of TLS', sub { $_ = "QwacmeMailServer smtp://m.test tls=maybe\n$_" },
        'QwacmeMailServer', "'tls=maybe'", 'tls=required'],
    ['a mail server whose TLS is no question', sub { $_ = "QwacmeMailServer smtps://m.test tls=never\n$_" },
        'QwacmeMailServer', "'tls=never'", 'smtps:// is TLS'],
    ['a mail server without a sender', sub { $_ = "QwacmeMailServer smtp://m.test\n$_" },
        'QwacmeMailFrom is missing', 'write the address'],
    ['a sender without a mail server', sub { $_ = "QwacmeMailFrom a\@b.test\n$_" },
        'QwacmeMailServer is missing', 'smtp://HOST:PORT'],
    ['a sender that is none', sub { $_ = "QwacmeMailServer smtp://m.test\nQwacmeMailFrom nobody\n$_" },
        'QwacmeMailFrom', "'nobody'", 'mail address'],
    ['a password in the configuration', sub { $_ = "QwacmeMailUser u s3cret\n$_" },
        'QwacmeMailUser', 'name a file that holds the password'],
    ['a password in clear over a wire', sub { $_ = "QwacmeMailServer smtp://m.test tls=never\nQwacmeMailFrom a\@b.test\nQwacmeMailUser u $dir/empty\n$_" },
        'QwacmeMailServer', 'password', 'remove tls=never'],
    ['a password that is not there', sub { $_ = "QwacmeMailServer smtps://m.test\nQwacmeMailFrom a\@b.test\nQwacmeMailUser u $dir/none\n$_" },
        'QwacmeMailUser', "$dir/none", 'holds the password'],
    ['a password that all can read', sub { $_ = "QwacmeMailServer smtps://m.test\nQwacmeMailFrom a\@b.test\nQwacmeMailUser u $dir/seal-open\n$_" },
        'QwacmeMailUser', "$dir/seal-open"],
    ['roots of a mail server that are not there', sub { $_ = "QwacmeMailServer smtps://m.test\nQwacmeMailFrom a\@b.test\nQwacmeMailCACertificateFile $dir/none\n$_" },
        'QwacmeMailCACertificateFile', "$dir/none", 'root certificates'],
    ['reminders out of order', sub { s/(QwacmeKind test)/$1\nQwacmeReminders 7d 30d/ },
        'QwacmeReminders', "'30d'", 'the longest first'],
    ['a reminder that is no time', sub { s/(QwacmeKind test)/$1\nQwacmeReminders soon/ },
        'QwacmeReminders', "'soon'", '30d 14d 7d 1d'],
    ['a reminder minutes before', sub { s/(QwacmeKind test)/$1\nQwacmeReminders 30d 5m/ },
        'QwacmeReminders', "'5m'", 'from 1h to 365d'],
    ['no database', sub { s/^QwacmeDatabase.*\n//m },
        'QwacmeDatabase is missing', 'write QwacmeDatabase'],
    ['a database of another kind', sub { s/^QwacmeDatabase \S+/QwacmeDatabase mysql/m },
        'QwacmeDatabase', "'mysql'", 'write sqlite3 or pgsql'],
    ['a database without parameters', sub { s/^QwacmeDatabase.*/QwacmeDatabase sqlite3/m },
        'QwacmeDatabase', 'write QwacmeDatabase sqlite3 FILE'],
    ['a folder by a relative path', sub { s/^QwacmeStateDir.*/QwacmeStateDir state/m },
        'QwacmeStateDir', "'state'", "start it with '/'"],
    ['a database that is not there',
        sub { s/^QwacmeDatabase.*/QwacmeDatabase sqlite3 $dir\/none.db/m },
        'QwacmeDatabase', "$dir/none.db", 'qwacmectl schema create'],
    ['a database without schema',
        sub { s/^QwacmeDatabase.*/QwacmeDatabase sqlite3 $dir\/empty/m },
        'QwacmeDatabase', "$dir/empty", 'qwacmectl schema create'],
    ['a database that everyone can write',
        sub { s/^QwacmeDatabase.*/QwacmeDatabase sqlite3 $dir\/database-open/m },
        'OPS-12 QwacmeDatabase', "$dir/database-open", 'chmod o-w'],
    ['a server that is not there',
        sub { s/^QwacmeDatabase.*/QwacmeDatabase pgsql "host=$dir dbname=x password=geheim"/m },
        'QwacmeDatabase', "'pgsql'", 'seen as'],
    ['no state folder', sub { s/^QwacmeStateDir.*/QwacmeStateDir $dir\/none/m },
        'QwacmeStateDir', "$dir/none", 'make it'],
    ['a state folder that everyone can write', sub { s/^QwacmeStateDir.*/QwacmeStateDir $dir\/open/m },
        'OPS-12 QwacmeStateDir', "$dir/open", 'chmod o-w'],
    ['no seal key', sub { s/^QwacmeSealKey.*/QwacmeSealKey $dir\/none/m },
        'QwacmeSealKey', "$dir/none", 'qwacmectl seal-key create'],
    ['a seal key that everyone can read', sub { s/^QwacmeSealKey.*/QwacmeSealKey $dir\/seal-open/m },
        'OPS-12 QwacmeSealKey', "$dir/seal-open", 'chmod'],
    ['a seal key that is too short', sub { s/^QwacmeSealKey.*/QwacmeSealKey $dir\/seal-bad/m },
        'QwacmeSealKey', "$dir/seal-bad", 'qwacmectl seal-key create'],
    ['a signer without user', sub { $_ = "QwacmeSignerUser qw-nobody-such\n$_" },
        'QwacmeSignerUser', "'qw-nobody-such'", 'create it'],
    ['no state folder named', sub { s/^QwacmeStateDir.*//m },
        'QwacmeStateDir is missing', 'name a folder'],
    ['no seal key named', sub { s/^QwacmeSealKey.*//m },
        'QwacmeSealKey is missing', 'make a file'],
    ['a number that is none', sub { $_ = "QwacmeValidationThreads many\n$_" },
        'QwacmeValidationThreads', "'many'", 'a number from 1 to 4096'],
    ['a kind that is none', sub { s/QwacmeKind test/QwacmeKind staging/ },
        'QwacmeKind', "'staging'", 'write production or test'],
    ['a base URL by http', sub { s/QwacmeBaseURL https:/QwacmeBaseURL http:/ },
        'QwacmeBaseURL', "'http://", 'https URL'],
    ['a base URL with a slash at its end', sub { s{(QwacmeBaseURL \S+)}{$1/} },
        'QwacmeBaseURL', "/acme/'", 'leave that off'],
    ['a base URL inside another', sub { s{(QwacmeBaseURL \S+)/other}{$1/acme/other} },
        'QwacmeBaseURL', '/acme/other', 'choose paths apart'],
    ['no base URL', sub { s/QwacmeBaseURL.*// }, 'QwacmeBaseURL is missing', 'write the https URL'],
    ['no issuer', sub { s/QwacmeIssuer .*// }, 'QwacmeIssuer is missing', 'name the certificate chain'],
    ['an issuer without key', sub { s/(QwacmeIssuer \S+) \S+/$1/ },
        'QwacmeIssuer', 'write QwacmeIssuer CHAIN-FILE KEY-FILE-OR-URI'],
    ['an issuer in an empty file', sub { s{QwacmeIssuer \S+}{QwacmeIssuer $dir/empty} },
        'QwacmeIssuer', "$dir/empty"],
    ['an issuer that is not there', sub { s{QwacmeIssuer \S+}{QwacmeIssuer $dir/none} },
        'QwacmeIssuer', "$dir/none", 'check the path'],
    ['an issuer that is no CA', sub { s{QwacmeIssuer \S+}{QwacmeIssuer $leaf} },
        'QwacmeIssuer', $leaf, 'CA'],
    ['a key that is not there', sub { s{(QwacmeIssuer \S+) \S+}{$1 $dir/none} },
        'QwacmeIssuer', "$dir/none", 'name a key'],
    ['a key that everyone can read', sub { s{(QwacmeIssuer \S+) \S+}{$1 $dir/key-open} },
        'OPS-12 QwacmeIssuer', "$dir/key-open", 'chmod o-r'],
    ['the key of another certificate', sub { s{(QwacmeIssuer \S+) \S+}{$1 $bed/tls/server.key} },
        'QwacmeIssuer', 'tls/server.key', 'name the key of'],
    ['a key URI of no scheme', sub { s{(QwacmeIssuer \S+) \S+}{$1 token=a} },
        'QwacmeIssuer', "'token=a'", 'pkcs11:'],
    ['one key for two authorities', sub { s/ca-other/ca-test/g },
        'TST-02 QwacmeIssuer', 'ca-test/issuing', 'its own'],
    ['one issuing key under two names',
        sub { s{QwacmeIssuer \S+ca-other/issuing.pem}{QwacmeIssuer $bed/ca-test/issuing.pem} },
        'TST-02 QwacmeIssuer', "'test' (test)", 'a key of its own'],
    ['the key of an issuer that signs no more',
        sub { s{(QwacmeIssuer \S+ca-other)}{QwacmeIssuer $bed/ca-test/issuing.pem none\n    $1} },
        'TST-02 QwacmeIssuer', "'test' (test)", 'a key of its own'],
    ['one issuing key twice', sub { s{(QwacmeIssuer \S+ca-test\S+)}{$1 none\n    $1} },
        'QwacmeIssuer', 'ca-test/issuing.pem', 'QwacmeAlternateChain'],
    ['no issuer that signs', sub { s{(QwacmeIssuer \S+) \S+}{$1 none} },
        'QwacmeIssuer', 'none of them has a key', 'name that'],
    ['an issuer that expired', sub { s{QwacmeTestClock \S+}{QwacmeTestClock $dir/clock-late} },
        'QwacmeIssuer', 'expired at', 'configure the next'],
    ['a PIN in the configuration',
        sub { s{(QwacmeIssuer \S+) \S+}{$1 pkcs11:object=a?pin-value=geheim} },
        'QwacmeIssuer', 'pin-value', 'name a file'],
    ['two that sign, and one URL',
        sub { s{(QwacmeIssuer \S+ca-other)}{QwacmeIssuer $bed/ca-test/root.pem $bed/ca-test/root-key.pem\n    $1}; s{%\{issuer\}}{issuing}g },
        'QwacmeIssuerURL', 'and 2 sign', 'write %{issuer}'],
    ['two authorities with one OCSP responder', sub { s{status/other/ocsp}{status/test/ocsp} },
        'QwacmeOCSPURL', '/status/test/ocsp', "QwacmeOCSPURL of the authority 'other'", 'choose another'],
    ['the same in other words', sub { s{localhost(:\d+)/status/other/ocsp}{LOCALHOST$1/status/test/ocsp/} },
        'QwacmeOCSPURL', '/status/test/ocsp', "QwacmeOCSPURL of the authority 'other'", 'choose another'],
    ['two authorities with one CRL', sub { s{%\{issuer\}.crl}{ca.crl}g; s{status/other/ca}{status/test/ca} },
        'QwacmeCRLURL', '/status/test/ca.crl', "QwacmeCRLURL of the authority 'other'", 'choose another'],
    ['a CRL where the issuer is', sub { s{%\{issuer\}.crl}{%{issuer}.cer} },
        'QwacmeIssuerURL', '.cer', "QwacmeCRLURL of the authority 'test'", 'choose another'],
    ['a key of OCSP that is the issuing key', sub { s{(QwacmeKind test)}{$1\nQwacmeOCSPKey $bed/ca-test/issuing-key.pem} },
        'QwacmeOCSPKey', 'ca-test/issuing-key.pem', "an issuing key of the authority 'test'", 'a key of its own'],
    ['the same by another name', sub { s{(QwacmeKind test)}{$1\nQwacmeOCSPKey $bed/ca-test/../ca-test/issuing-key.pem} },
        'QwacmeOCSPKey', 'is the issuing key', 'a key of its own'],
    ['one key of OCSP for two authorities', sub { s{(QwacmeKind)}{QwacmeOCSPKey $bed/tls/server.key\n$1}g },
        'TST-02 QwacmeOCSPKey', 'tls/server.key', "a key of the authority 'other'", 'a key of its own'],
    ['a key of OCSP for an issuer that is none', sub { s{(QwacmeKind test)}{$1\nQwacmeOCSPKey $bed/tls/server.key issuer=$bed/none.pem} },
        'QwacmeOCSPKey', 'issuer=', 'of no QwacmeIssuer', 'write one'],
    ['two keys of OCSP for one issuer', sub { s{(QwacmeKind test)}{$1\nQwacmeOCSPKey $bed/tls/server.key\nQwacmeOCSPKey pkcs11:object=a} },
        'QwacmeOCSPKey', "'pkcs11:object=a'", 'a second key', 'issuer=CHAIN'],
    ['no place of a key of OCSP', sub { s{(QwacmeKind test)}{$1\nQwacmeOCSPKey none} },
        'QwacmeOCSPKey', "'none'", 'pkcs11:'],
    ['a key of OCSP that is not there', sub { s{(QwacmeKind test)}{$1\nQwacmeOCSPKey $dir/none} },
        'QwacmeOCSPKey', "$dir/none", 'name a key'],
    ['a key of OCSP that everyone can read', sub { s{(QwacmeKind test)}{$1\nQwacmeOCSPKey $dir/key-open} },
        'OPS-12 QwacmeOCSPKey', "$dir/key-open", 'chmod o-r'],
    ['a PIN of OCSP in the configuration', sub { s{(QwacmeKind test)}{$1\nQwacmeOCSPKey pkcs11:object=a?pin-value=geheim} },
        'QwacmeOCSPKey', 'pin-value', 'name a file'],
    ['an alternate chain of another issuer',
        sub { s{(QwacmeKind test)}{$1\nQwacmeAlternateChain $bed/ca-other/issuing.pem} },
        'QwacmeAlternateChain', 'ca-other/issuing.pem', 'same issuing CA'],
    ['a profile that is none', sub { s/QwacmeProfiles qevcp-w/QwacmeProfiles qevcp-x/ },
        'QwacmeProfiles', "'qevcp-x'", 'choose from'],
    ['a list of logs that is none', sub { s/(QwacmeKind test)/$1\nQwacmeCTLogList $dir\/empty/ }, 'QwacmeCTLogList', "$dir/empty"],
    ['a list of logs that is not there', sub { s/(QwacmeKind test)/$1\nQwacmeCTLogList $dir\/none/ }, 'QwacmeCTLogList', "$dir/none"],
    ['a round of asking logs too long', sub { s/(QwacmeKind test)/$1\nQwacmeCTTimeout 1h/ }, 'QwacmeCTTimeout', "'1h'"],
    ['a deadline of logs too short', sub { s/(QwacmeKind test)/$1\nQwacmeCTDeadline 1s/ }, 'QwacmeCTDeadline', "'1s'"],
    ['a linter of no scheme', sub { s/(QwacmeKind test)/$1\nQwacmeLinter lint/ }, 'QwacmeLinter', "'lint'", 'exec:/PROGRAM'],
    ['a linter by a relative path', sub { s/(QwacmeKind test)/$1\nQwacmeLinter exec:lint/ }, 'QwacmeLinter', "'exec:lint'", 'absolute path'],
    ['profiles of browsers and of others from one CA', sub { s/QwacmeProfiles.*/QwacmeProfiles qevcp-w qncp-w-gen/ },
        'QwacmeProfiles', "'qevcp-w' is for browsers", "'qncp-w-gen' an authority of its own"],
    ['a CA that may not issue for the profile', sub { s/QwacmeProfiles.*/QwacmeProfiles 2-qwac/ },
        'QWC-14 QwacmeIssuer', 'ca-test/issuing.pem', 'TLS certificate binding', 'profile 2-qwac needs'],
    ['a CA that may issue for others', sub { s{QwacmeIssuer .*}{QwacmeIssuer $wide} },
        'QWC-14 QwacmeIssuer', 'wide/issuing.pem', 'not dedicated', 'TLS client authentication', 'issued without it'],
    ['a CA in its last day', sub { s{QwacmeTestClock .*}{QwacmeTestClock $dir/clock-day} },
        'QWC-17 QwacmeIssuer', 'ca-test/issuing.pem', 'in less than a day', 'configure the next'],
    ['a profile twice', sub { s/QwacmeProfiles.*/QwacmeProfiles qncp-w qncp-w/ },
        'QwacmeProfiles', "'qncp-w'", 'named twice'],
    ['no profile', sub { s/QwacmeProfiles.*// }, 'QwacmeProfiles is missing', 'name at least one'],
    ['a challenge that is none', sub { s/(QwacmeKind test)/$1\nQwacmeChallenges http-02/ },
        'QwacmeChallenges', "'http-02'", 'choose from http-01'],
    ['terms by http', sub { s/(QwacmeTerms \S+) https:/$1 http:/ },
        'QwacmeTerms', "'http://", 'https URL'],
    ['no CAA identity', sub { s/QwacmeCAAIdentities.*// },
        'QwacmeCAAIdentities is missing', 'write the domain name'],
    ['a CAA identity in capitals', sub { s/QwacmeCAAIdentities.*/QwacmeCAAIdentities CA.TEST/ },
        'QwacmeCAAIdentities', "'CA.TEST'", 'lower-case'],
    ['no terms', sub { s/QwacmeTerms.*// }, 'QwacmeTerms is missing', 'write the version'],
    ['no URL of the issuer', sub { s/QwacmeIssuerURL.*// },
        'QwacmeIssuerURL is missing', 'write the http URL'],
    ['no URL of revocation', sub { s/Qwacme(OCSP|CRL)URL.*//g },
        'QwacmeCRLURL or QwacmeOCSPURL is missing', 'write the http URL'],
    ['a disclosure statement in no language', sub { s/QwacmePDS en/QwacmePDS english/ },
        'QwacmePDS', "'english'", 'two lower-case letters'],
    ['no English disclosure statement', sub { s/QwacmePDS en/QwacmePDS fr/ },
        'QwacmePDS en is missing', 'in English'],
    ['an OCSP URL by https', sub { s/QwacmeOCSPURL http:/QwacmeOCSPURL https:/ },
        'QwacmeOCSPURL', "'https://", 'http URL'],
    ['a validity above the maximum', sub { s/(QwacmeKind test)/$1\nQwacmeValidityDays 201/ },
        'QwacmeValidityDays', '201', 'write less'],
    ['a validity of 400 days', sub { s/(QwacmeKind test)/$1\nQwacmeValidityDays 400/ },
        'QwacmeValidityDays', "'400'", 'from 1 to 398'],
    ['a time in weeks', sub { s/(QwacmeKind test)/$1\nQwacmeOrderLifetime 2w/ },
        'QwacmeOrderLifetime', "'2w'", 'write 90s, 30m, 12h or 7d'],
    ['a switch that is half on', sub { s/(QwacmeKind test)/$1\nQwacmePreAuthorization maybe/ },
        'QwacmePreAuthorization', "'maybe'", "'on' nor 'off'"],
    ['a resolver by name', sub { s/QwacmeResolver \S+/QwacmeResolver ns.example/ },
        'QwacmeResolver', "'ns.example'", 'address'],
    (map { my ($what, $file, @says) = @$_;
        ["a list of weak keys $what", sub { $_ .= "QwacmeWeakKeys $dir/$file\n" }, 'QwacmeWeakKeys', "$dir/$file", @says] }
        ['that is not there', 'none', 'blocklist import'], ['that is cut', 'weak-cut', 'cut short', 'blocklist import'],
        ['that is damaged', 'weak-damaged', 'was damaged', 'blocklist import'], ['of another kind', 'key-open', 'no list of keys', 'blocklist import'],
        ['that is empty', 'empty', 'no list of keys', 'blocklist import'], ['that is open to all', 'weak-open', 'chmod o-w']),
    ['an audit key that is not there', sub { $_ .= "QwacmeAuditKey $leaf $dir/none\n" }, 'QwacmeAuditKey', "$dir/none", 'PEM file'],
    ['an audit key of another certificate', sub { $_ .= "QwacmeAuditKey $leaf $bed/ca-test/issuing-key.pem\n" },
        'QwacmeAuditKey', 'issuing-key.pem', "is not the key of the first certificate in '$leaf'"],
    ['an audit key that everyone can read', sub { $_ .= "QwacmeAuditKey $bed/ca-test/issuing.pem $dir/key-open\n" },
        'QwacmeAuditKey', "$dir/key-open", 'chmod o-r'],
    ['an audit key that is none', sub { $_ .= "QwacmeAuditKey $leaf $dir/empty\n" }, 'QwacmeAuditKey', "$dir/empty", 'no private key'],
    ['an audit certificate that is none', sub { $_ .= "QwacmeAuditKey $dir/empty $bed/ca-test/issuing-key.pem\n" },
        "$dir/empty", 'no certificate in PEM form'],
    ['timestamps of nothing', sub { $_ .= "QwacmeTimestampURL http://tsa.test/\n" }, 'QwacmeAuditKey is missing', 'QwacmeTimestampURL has nothing'],
    ['roots of timestamps that are not there', sub { $_ .= "QwacmeAuditKey $bed/ca-test/issuing.pem $bed/ca-test/issuing-key.pem\nQwacmeTimestampURL http://tsa.test/ $dir/none\n" },
        'QwacmeTimestampURL', "$dir/none"],
    ['a seal every day', sub { $_ .= "QwacmeAuditInterval 1d\n" }, 'QwacmeAuditInterval', "'1d'"],
    ['a trust anchor that is not there', sub { s{(QwacmeKind test)}{$1\nQwacmeTrustAnchor $dir/none} },
        'QwacmeTrustAnchor', "$dir/none", 'install'],
    ['an action of four eyes that is none', sub { s{(QwacmeKind test)}{$1\nQwacmeFourEyes resume suspend} },
        'QwacmeFourEyes', "'suspend'", 'bulk-revoke, register, domain, officer and recovery'],
    ['none and some actions', sub { s{(QwacmeKind test)}{$1\nQwacmeFourEyes none resume} }, 'QwacmeFourEyes', "'none'", 'alone'],
    ['a portal at an address', sub { s{QwacmePortalURL .*/portal$}{QwacmePortalURL https://192.0.2.1:8443/p}m },
        'QwacmePortalURL', "'https://192.0.2.1:8443/p'", 'write a host name'],
    ['sessions that idle for longer than they last', sub { s/(QwacmeKind test)/$1\nQwacmePortalSession 9h 8h/ },
        'QwacmePortalSession', "'9h'", 'the longer time second'],
    ['sessions of a second', sub { s/(QwacmeKind test)/$1\nQwacmePortalSession 1s/ },
        'QwacmePortalSession', "'1s'", 'from 60 to 86400'],
    ['a model that is none', sub { s/(QwacmeKind test)/$1\nQwacmePasskeyAAGUIDs yubikey/ },
        'QwacmePasskeyAAGUIDs', "'yubikey'", 'write it as'],
    ['models that nobody vouches for', sub { s/(QwacmeKind test)/$1\nQwacmePasskeyAAGUIDs ee882879-721c-4913-9775-3dfcce97072a/ },
        'QwacmePasskeyAAGUIDs', 'name the makers\' roots'],
    ['roots of makers that are not there', sub { s{(QwacmeKind test)}{$1\nQwacmePasskeyRoots $dir/none} },
        'QwacmePasskeyRoots', "$dir/none", 'name a PEM file'],
    (map { my ($what, $lines, $directive, @said) = @$_; ["a portal by httpd's login: $what", sub { s/(QwacmeKind test)/$1\n$lines/ }, $directive, @said] }
        ['of no kind', 'QwacmePortalAuth magic', 'QwacmePortalAuth', "'magic'", 'neither webauthn nor env'],
        ['of nobody', 'QwacmePortalAuth env', 'QwacmePortalAuth', "'env'", 'SSL_CLIENT_S_DN_CN'],
        ['of everybody', 'QwacmePortalAuth env OIDC_CLAIM_iss=x', 'QwacmePortalAuth', "'OIDC_CLAIM_iss=x'", 'names the person first'],
        ['passkeys and more', 'QwacmePortalAuth webauthn REMOTE_USER', 'QwacmePortalAuth', "'REMOTE_USER'", 'write webauthn alone'],
        ['by a header', 'QwacmePortalAuth env HTTP_X_USER', 'QwacmePortalAuth', "'HTTP_X_USER'", 'comes from the request'],
        ['by a header in other letters', 'QwacmePortalAuth env REMOTE_USER http_x_acr=high', 'QwacmePortalAuth', "'http_x_acr'", 'comes from the request'],
        ['by the query', 'QwacmePortalAuth env QUERY_STRING', 'QwacmePortalAuth', "'QUERY_STRING'", 'comes from the request'],
        ['by an address', 'QwacmePortalAuth env REMOTE_ADDR', 'QwacmePortalAuth', "'REMOTE_ADDR'", 'comes from the request'],
        ['a secret as evidence', 'QwacmePortalAuth env REMOTE_USER OIDC_access_token', 'QwacmePortalAuth', "'OIDC_access_token'", 'is a secret'],
        ['no name', 'QwacmePortalAuth env "a b"', 'QwacmePortalAuth', "'a b'", 'no name of a variable'],
        ['no value', 'QwacmePortalAuth env REMOTE_USER OIDC_CLAIM_acr=', 'QwacmePortalAuth', "'OIDC_CLAIM_acr='", 'has no value'],
        ['without a second login', 'QwacmePortalAuth env REMOTE_USER', 'QwacmePortalStepUp', 'is missing'],
        ['a second login for passkeys', 'QwacmePortalStepUp auth-time=connection', 'QwacmePortalStepUp', 'write QwacmePortalAuth env'],
        ['a second login at no time', 'QwacmePortalStepUp OIDC_CLAIM_acr=high', 'QwacmePortalStepUp', "'OIDC_CLAIM_acr=high'", 'auth-time=VARIABLE'],
        ['a second login for too long', 'QwacmePortalStepUp auth-time=X max-age=2h', 'QwacmePortalStepUp', "'2h'", 'from 10 to 3600'],
        ['no way back', 'QwacmePortalStepUp auth-time=X location=/again', 'QwacmePortalStepUp', "'/again'", '%{return}'],
        ['a second login by http', 'QwacmePortalStepUp auth-time=X location=http://idp.test/%{return}', 'QwacmePortalStepUp', "'http://idp.test/%{return}'", 'https'],
        ['no place for it', "QwacmePortalAuth env REMOTE_USER\nQwacmePortalStepUp auth-time=X", 'QwacmePortalStepUp', 'location is missing'],
        ['another place for a connection', "QwacmePortalAuth env REMOTE_USER SSL_CLIENT_VERIFY=SUCCESS\nQwacmePortalStepUp auth-time=connection location=/x%{return}", 'QwacmePortalStepUp', 'location: a new connection'],
        ['a certificate that nobody verified', "QwacmePortalAuth env SSL_CLIENT_S_DN_CN\nQwacmePortalStepUp auth-time=connection", 'QwacmePortalAuth', 'add SSL_CLIENT_VERIFY=SUCCESS'],
        ['a certificate that anybody verified', "QwacmePortalAuth env SSL_CLIENT_S_DN_CN SSL_CLIENT_VERIFY=SUCCESS SSL_CLIENT_VERIFY=GENEROUS\nQwacmePortalStepUp auth-time=connection", 'QwacmePortalAuth', 'no other value'],
        ['a connection without a certificate', "QwacmePortalAuth env REMOTE_USER\nQwacmePortalStepUp auth-time=connection", 'QwacmePortalAuth', 'add SSL_CLIENT_VERIFY=SUCCESS'],
        ['models of passkeys', "QwacmePortalAuth env REMOTE_USER\nQwacmePortalStepUp auth-time=X location=/x%{return}\nQwacmePasskeyAAGUIDs ee882879-721c-4913-9775-3dfcce97072a\nQwacmePasskeyRoots /x", 'QwacmePasskeyAAGUIDs', 'nobody has a passkey']),
    ['a role of the portal on SQLite', sub { s/^QwacmeDatabase.*/QwacmeDatabase sqlite3 $bed\/x.db\nQwacmePortalDatabase "user=qwacme_portal"/m },
        'QwacmePortalDatabase', 'write QwacmeDatabase pgsql'],
    ['a dry run that is half on', sub { s/(QwacmeKind test)/$1\nQwacmeDryRun maybe/ },
        'QwacmeDryRun', "'maybe'", 'on'],
    ['a rejection of all nonces', sub { s/(QwacmeKind test)/$1\nQwacmeTestNonceRejection 100/ },
        'QwacmeTestNonceRejection', "'100'", 'from 0 to 99'],
    ['a validation that is too slow', sub { s/(QwacmeKind test)/$1\nQwacmeTestSlowValidation 2m/ },
        'QwacmeTestSlowValidation', "'2m'", '60'],
    ['a test clock that is not there', sub { s{QwacmeTestClock \S+}{QwacmeTestClock $dir/none} },
        'QwacmeTestClock', "$dir/none", "write '0'"],
);
# In production every switch of the tests is refused, each by its name.
my %switch = (QwacmeFourEyes => 'none', QwacmeTestClock => "$dir/clock", QwacmeTestHTTPPort => 8080,
    QwacmeTestTLSPort => 8443, QwacmeTestPrivateTargets => 'on', QwacmeTestInsecureDNS => 'on',
    QwacmeTestNonceRejection => 5, QwacmeTestSlowValidation => '3s');
for my $name (sort keys %switch) {
    push @wrong, ["$name in production", sub {
        s/QwacmeKind test/QwacmeKind production/;
        s/^ *Qwacme(?:Test|FourEyes).*\n//mg;
        s/(QwacmeKind production)/$1\n$name $switch{$name}/;
    }, "TST-03 $name", "'$switch{$name}'", 'remove it'];
}

{
    my $perspectives = join '', map { "\nQwacmePerspective p$_ https://p$_.test/mpic " . ($_ % 2 ? 'RIPE' : 'ARIN') } 1 .. 6;
    my $live = sub {
        s/^ *QwacmeTest.*\n//mg;
        s/QwacmeKind test/QwacmeKind production$perspectives\nQwacmePerspectiveAPIKeyFile $bed\/seal.key/;
    };
    like((try(changed($live)))[1], qr/QW0453: QwacmeAuditKey is missing: .* 'test'/, 'RPT-03 production without an audit key is warned');
    unlike((try(changed(sub { $live->(); $_ .= "QwacmeAuditKey $bed/ca-test/issuing.pem $bed/ca-test/issuing-key.pem\n" })))[1], qr/QW0453/, 'RPT-03 with one it is not');
}

my $few = "<Location /acme>\n    SetHandler qwacme-acme\n    QwacmeUse %s\n</Location>\n";
my @misplaced = (
    ['an authority that is none', sprintf($few, 'live'), 'QwacmeUse', "'live'", 'write one of: test, other'],
    ['a page for reports without authority', $place . "<Location /report>\nSetHandler qwacme-report\n</Location>\n",
        'SetHandler', "'qwacme-report'", 'add QwacmeUse'],
    ['a page for reports of an authority that is none', $place . "<Location /report>\nSetHandler qwacme-report\nQwacmeUse live\n</Location>\n",
        'QwacmeUse', "'live'", 'write one of: test, other'],
    ['a path that is not its own', sprintf($few, 'other'), 'QwacmeUse', "'other'", 'make the two paths equal'],
    ['a handler without authority', "<Location /acme>\nSetHandler qwacme-acme\n</Location>\n",
        'SetHandler', "'qwacme-acme'", 'add QwacmeUse'],
    ['an authority without handler', "<Location /acme>\nQwacmeUse test\n</Location>\n",
        'QwacmeUse', 'httpd.conf:', 'add SetHandler'],
    ['a status service without authority', "<Location /ocsp>\nSetHandler qwacme-status\n</Location>\n",
        'SetHandler', "'qwacme-status'", 'add QwacmeUse'],
    ['the status of an authority that is none', "<Location /ocsp>\nSetHandler qwacme-status\nQwacmeUse live\n</Location>\n",
        'QwacmeUse', "'live'", 'write one of: test, other'],
    ['metrics of an authority that is none', "<Location /metrics>\nSetHandler qwacme-metrics\nQwacmeUse live\n</Location>\n",
        'QwacmeUse', "'live'", 'write one of: test, other'],
    ['a portal at a path that is not its own', sprintf($few, 'test') . "<Location /people>\nSetHandler qwacme-portal\nQwacmeUse test\n</Location>\n",
        'QwacmePortalURL', '<Location /people>', 'make the two paths equal'],
    ['a portal of nobody', "<Location /portal>\nSetHandler qwacme-portal\n</Location>\n",
        'SetHandler', "'qwacme-portal'", 'add QwacmeUse'],
    ['an authority in a folder', "<Directory /acme>\nQwacmeUse test\n</Directory>\n",
        'QwacmeUse', "'test'", 'put it into <Location'],
);

sub refused {
    my ($what, $conf, $places, @texts) = @_;
    my $case = $texts[0] =~ s/^((?:OPS|TST|QWC)-\d+) // ? $1 : 'OPS-01';
    my ($exit, $answer) = try($conf, $places);
    my @missing = grep { index($answer, $_) < 0 } @texts;
    ok($exit != 0 && !@missing, "$case refused: $what")
        or diag "exit $exit, not said: @missing\n$answer";
    return $answer;
}

for my $case (@wrong) {
    my ($what, $change, @texts) = @$case;
    my $answer = refused($what, changed($change), undef, @texts);
    unlike($answer, qr/geheim/, 'OPS-01 a password is not shown') if $what =~ /server that|PIN/;
}
refused('it stands ' . $_->[0], $good, @$_[1 .. $#$_]) for @misplaced;

refused('a portal without its URL', changed(sub { s/QwacmePortalURL.*\n// }), sprintf($few, 'test')
    . "<Location /portal>\nSetHandler qwacme-portal\nQwacmeUse test\n</Location>\n", 'SetHandler', 'write where its portal is');
($rc, $text) = try($good, sprintf($few, 'test'));
is($rc, 0, 'OPS-01 an authority may serve nowhere');
like($text, qr/'other' serves nowhere; add/, 'OPS-01 but that is told');

($rc, $text) = try(changed(sub { s{QwacmeTestClock .*}{QwacmeTestClock $dir/clock-month} }));
is($rc, 0, 'QWC-17 a CA that ends before its certificates would is taken') or diag $text;
like($text, qr/QW0341: .*ca-test.*they end with it/, 'QWC-17 but that is told');
($rc, $text) = try(changed(sub { s{QwacmeIssuer .*}{QwacmeIssuer $wide}; s/QwacmeProfiles.*/QwacmeProfiles qevcp-w qevcp-w-psd2/ }));
is($rc, 0, 'QWC-14 a CA for TLS clients too, where a profile is for them') or diag $text;

ok(@wrong + @misplaced >= 25, 'OPS-01 ' . (@wrong + @misplaced) . ' wrong configurations');
done_testing();
