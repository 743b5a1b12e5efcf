# What the signer tells of its certificates: OCSP answers signed ahead, CRLs and
# their numbers, and when a revocation counts as published. On a bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Bed; use Test::More;
use MIME::Base64 qw(decode_base64);
use POSIX qw(strftime);

my $home = QW::Bed->new('published', 15300);
my $bed = $home->{dir};
$home->configure(sub { s/(QwacmeKind test)/$1\n    QwacmeCRLDelay 0/ });
my $httpd = $home->start;
my $c = QW->registered;
my $days = 86400;

my $ca = "$bed/ca-test/issuing.pem";
my $roots = "$bed/ca-test/root.pem";
my $id = substr `openssl x509 -in '$ca' -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -r`, 0, 16;
my $state = "$bed/state/status/$id";

my $count = 0;
# A new certificate: { pem, file, serial, key }.
sub issued {
    my $name = 'p' . ++$count . '.shop.test';
    my %got = (file => "$bed/p$count.pem", key => "$bed/p$count.key");
    system("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $got{key} 2>/dev/null") == 0 or die;
    my $r = $c->order($name);
    my $at = $r->header('Location');
    $c->prove($r);
    $r = $c->finalize($at, $c->csr([$name], '-key', $got{key}));
    die $r->as_string unless ref $r->{json} && $r->{json}{status} eq 'valid';
    my $chain = $c->post($r->{json}{certificate})->content;
    ($got{pem}) = $chain =~ /(-----BEGIN CERT.*?-----END CERTIFICATE-----\n)/s;
    $home->put("p$count.pem", $got{pem});
    $got{serial} = lc((`openssl x509 -in $got{file} -noout -serial` =~ /=(\w+)/)[0]);
    return \%got;
}

sub revoke {
    my ($cert, $reason, @how) = @_;
    my ($b64) = $cert->{pem} =~ /-----BEGIN CERTIFICATE-----\n(.*?)-----END/s;
    my %payload = (certificate => QW::b64(decode_base64($b64)));
    $payload{reason} = $reason if defined $reason;
    return $c->post($c->url('revokeCert'), \%payload, @how);
}

sub answer_file { my ($cert, $digest) = @_; "$state/ocsp/" . substr($cert->{serial}, -2) . "/$cert->{serial}.$digest" }

# What openssl reads in the file, at $at seconds from now; '' if it refuses it.
sub ocsp {
    my ($cert, $digest, $at) = @_;
    my $file = answer_file($cert, $digest || 'sha1');
    return '' unless -e $file;
    my $when = time + ($at || 0);
    my $text = `openssl ocsp -respin '$file' -issuer '$ca' -$digest -cert '$cert->{file}' -CAfile '$roots' -attime $when 2>&1`;
    return $text;
}

# The same without verification, for another time.
sub ocsp_text { my ($cert) = @_; scalar `openssl ocsp -respin '@{[answer_file($cert, 'sha1')]}' -noverify -resp_text 2>&1` }

sub crl { scalar `openssl crl -inform DER -in '$state/crl/full.crl' -noout -text -CAfile '$ca' 2>&1` }
sub number { my ($n) = crl() =~ /CRL Number:\s+(\S+)/; $n }
# Text of the entry of $cert, or undef.
sub entry {
    my ($cert) = @_;
    my $serial = uc $cert->{serial};
    my ($entry) = crl() =~ /Serial Number: 0?\Q$serial\E\n(.*?)(?=    Serial Number|    Signature Algorithm)/s;
    return $entry;
}
sub shown { my ($cert) = @_; QW::ctl('certificate', 'show', $cert->{serial}) }

# ---- answers that are there before they are asked for ----------------------------
my $good = issued();
ok(QW->await(sub { -e answer_file($good, 'sha256') }), 'an answer is there soon after the certificate');
for my $digest (qw(sha1 sha256)) {
    my $text = ocsp($good, $digest);
    like($text, qr/: good/, "STA-05 $digest: good");
    like($text, qr/Response verify OK/, "$digest: openssl takes it");
}
my $text = ocsp_text($good);
like($text, qr/OCSP Archive Cutoff/, 'the answers reach back to the start of the CA');
my $responder = "$bed/responder.pem";
system("openssl x509 -inform DER -in '$state/responder.der' -out '$responder'") == 0 or die;
my $said = `openssl x509 -in '$responder' -noout -text`;
like($said, qr/OCSP Signing/, 'the responder is for OCSP');
like($said, qr/OCSP No Check/, 'and is not looked up itself');
unlike($said, qr/Subject Alternative Name|CRL Distribution|Authority Information/, 'nor says where');
like(`openssl verify -x509_strict -purpose any -CAfile '$roots' -untrusted '$ca' '$responder' 2>&1`, qr/: OK/, 'openssl takes it');
my @stat = stat "$state/responder-key.pem";
is($stat[2] & 0777, 0600, 'its key is for the signer alone');

# ---- revocation -------------------------------------------------------------------
my $before = number();
ok($before, 'STA-07 a first CRL is there before any revocation');
like(crl(), qr/verify OK/, 'STA-07 openssl takes it');
my %reasons = (0 => undef, 1 => 'Key Compromise', 3 => 'Affiliation Changed', 4 => 'Superseded', 5 => 'Cessation Of Operation');
my %by;
for my $reason (sort keys %reasons) {
    my $cert = $by{$reason} = issued();
    QW::is_fine(revoke($cert, $reason + 0), 200, "REV-13 revoked for reason $reason");
    ok(QW->await(sub { shown($cert)->{revocationPublished} }), "REV-22 reason $reason: it is published");
    my $row = shown($cert);
    ok($row->{revocationRequested} le $row->{revocationPublished}, "REV-22 reason $reason: both times are kept");
    my $entry = entry($cert);
    ok(defined $entry, "REV-13 reason $reason: it is on the CRL");
    if (defined $reasons{$reason}) {
        like($entry, qr/Reason Code:\s+$reasons{$reason}/, "REV-13 reason $reason: the CRL says it");
        like(ocsp($cert, 'sha1'), qr/: revoked\n.*Reason: /s, "reason $reason: OCSP says it");
    }
    else {
        unlike($entry, qr/Reason/, 'REV-13 reason 0 is left out');
        unlike(ocsp($cert, 'sha1'), qr/Reason/, 'in OCSP too');
    }
    like(ocsp($cert, $_), qr/Response verify OK.*: revoked/s, "STA-06 reason $reason: revoked by $_") for qw(sha1 sha256);
}
cmp_ok(number(), '>', $before, 'STA-07 its number has grown');
my ($last, $next) = crl() =~ /Last Update: (.*?) GMT.*Next Update: (.*?) GMT/s;
my ($from, $to) = map { chomp(my $t = `date -u -d '$_' +%s`); $t } $last, $next;
cmp_ok($from, '<=', time, 'STA-07 it is not of the future');
cmp_ok($to - $from, '<=', 10 * $days, 'STA-07 and ends within ten days');
is(ocsp($good, 'sha1') =~ /: good/ ? 1 : 0, 1, 'what was not revoked is good');
is(QW::ctl('status', 'show')->[0]{unpublished}, 0, 'nothing waits');

# ---- the key is out, as it turns out later ---------------------------------------
my $first = shown($by{4})->{revocationPublished};
my $crl = shown($by{4})->{crlNumber};
my $key = do { my $pem = QW::slurp($by{4}{key}); Crypt::PK::ECC->new(\$pem) };
my $holder = QW->new(key => $key);
QW::is_fine($holder->post($holder->url('revokeCert'), { certificate => QW::b64(decode_base64(
    ($by{4}{pem} =~ /-----BEGIN CERTIFICATE-----\n(.*?)-----END/s)[0])) }, by => 'jwk'), 200, 'REV-16 by the key itself');
ok(QW->await(sub { entry($by{4}) =~ /Key Compromise/ }), 'REV-16 the CRL says keyCompromise');
ok(QW->await(sub { ocsp($by{4}, 'sha1') =~ /keyCompromise/ }), 'REV-16 OCSP too');
is(shown($by{4})->{revocationPublished}, $first, 'REV-16 it was published when it was first shown');
ok(QW->await(sub { (shown($by{4})->{crlNumber} || 0) > $crl }), 'REV-16 on a later CRL');

# ---- a CRL for each issuing period, on every node ------------------------------------------
# Both nodes show the same CRLs; what is revoked counts as published when both do.
sub restart { $home->end($httpd); $httpd = $home->start; $c->{nonces} = [] }
$home->configure(sub {
    s{QwacmeCRLURL .*}{QwacmeCRLURL http://pki.exemple.fr/%{issuer}-%{period}.crl};
    s/(QwacmeKind test)/$1\n    QwacmeCRLPeriod 30/;
});
restart();
my $today = int(time / $days);
my $period = strftime '%Y%m%d', gmtime($days * ($today - $today % 30));
my $piece = "$state/crl/$period.crl";
ok(QW->await(sub { -e $piece }), 'there is a CRL for the period of now');
my $part = issued();
like(`openssl x509 -in '$part->{file}' -noout -ext crlDistributionPoints`, qr{/$id-$period\.crl}, 'certificates name it');
my @nodes = ("$bed/state");
if ($ENV{QW_DB} ne 'sqlite3') {
    for my $file (qw(qwacme.conf httpd.conf)) {
        (my $text = $home->slurp($file)) =~ s{\Q$bed/state\E}{$bed/state-2}g;
        $text =~ s{\Q$bed/qwacme.conf\E}{$bed/node-2-qwacme.conf}g;
        $text =~ s{\b15300\b}{15390}g if $file eq 'httpd.conf';
        $text =~ s{\b15381\b}{15391}g if $file eq 'httpd.conf';
        $text =~ s{(httpd\.pid|httpd-started\.pid|error_log|access_log)}{node-2-$1}g if $file eq 'httpd.conf';
        $home->put("node-2-$file", $text);
    }
    mkdir "$bed/state-2" or die;
    $home->httpd('node-2-httpd.conf', 'log/node-2.out');
    ok(QW->await(sub { -S "$bed/state-2/signer.sock" }, 30), 'a second node') or diag $home->slurp('log/node-2.out');
    push @nodes, "$bed/state-2";
}
my $other = $by{5};
my $full = number();
QW::is_fine(revoke($part, 4), 200, 'a certificate of the period is revoked');
ok(QW->await(sub { shown($part)->{revocationPublished} }, 30), 'and published');
for my $node (@nodes) {
    my $text = `openssl crl -inform DER -in '$node/status/$id/crl/$period.crl' -noout -text -CAfile '$ca' 2>&1`;
    like($text, qr/verify OK/, 'each node has the CRL of the period');
    like($text, qr/Issuing Distribution Point: critical\n\s+Full Name:\n\s+URI:\S+-$period\.crl/, 'it says which part it is');
    like($text, qr/\Q@{[uc $part->{serial}]}\E/, 'with the certificate');
    unlike($text, qr/\Q@{[uc $other->{serial}]}\E/, 'and without that of before');
    my $answer = "$node/status/$id/ocsp/" . substr($part->{serial}, -2) . "/$part->{serial}.sha256";
    like(`openssl ocsp -respin '$answer' -noverify -resp_text 2>&1`, qr/Cert Status: revoked/, 'each node answers revoked');
}
is(QW::slurp("$nodes[0]/status/$id/crl/$period.crl"), QW::slurp("$nodes[-1]/status/$id/crl/$period.crl"), 'the same CRL everywhere');
is($home->value('SELECT count(*) FROM qw_notice'), 0, 'no node has anything to do');
$home->configure(sub { s/ *QwacmeCRLPeriod 30\n//; s{-%\{period\}}{} });
if (@nodes > 1) {
    my ($pid) = grep { $_ != $httpd } grep { `ps -o args= -p $_` =~ /node-2/ } @{ $home->{pids} };
    $home->end($pid);
}
restart();

# ---- files that went ------------------------------------------------------------------
unlink "$state/crl/full.crl" or die;
ok(QW->await(sub { -e "$state/crl/full.crl" }), 'a CRL that was deleted is made again');

# ---- no signature outside of the ledger -------------------------------------------
my $ledger = QW::ctl('ledger', 'verify');
ok($ledger && !@{ $ledger->{findings} }, 'CRLs and responders are in the ledger') or diag $QW::ctl_text;
my $kinds = join ' ', split /\n/, $home->value('SELECT DISTINCT kind FROM qw_attempt ORDER BY kind');
is($kinds, 'cert crl ocsp', 'all three kinds of signatures');
is($home->value("SELECT count(*) FROM qw_attempt WHERE kind = 'crl' AND length(tbs) > 100"), 0, 'of a CRL the digest');

# ---- 24 hours ----------------------------------------------------------------------------
# A node that is alive and shows nothing holds every publication up.
{
    $home->value("INSERT INTO qw_signer (id, started, seen) VALUES ('elsewhere', 1, 9000000000000000)");
    my $late = issued();
    QW::is_fine(revoke($late, 5), 200, 'a certificate is revoked');
    ok(QW->await(sub { defined entry($late) }), 'this node shows it');
    ok(!shown($late)->{revocationPublished}, 'REV-22 it is not published while another node does not');
    is(QW::ctl('status', 'show')->[0]{unpublished}, 1, 'REV-22 which status tells');
    my $lines = sub { my ($level) = @_; scalar grep { /:$level\].*QW0534/ } split /\n/, $home->slurp('log/error_log') };
    is($lines->('warn'), 0, 'REV-22 nobody is warned at once');
    QW->clock(13 * 3600);
    ok(QW->await(sub { $lines->('warn') }), 'REV-22 after 12 hours somebody is warned');
    is($lines->('error'), 0, 'REV-22 but not yet of the end');
    QW->clock(21 * 3600);
    # a warning an hour: a signer that starts tells at once
    kill 'KILL', `fuser '$bed/state/signer.lock' 2>/dev/null` =~ /(\d+)/;
    ok(QW->await(sub { $lines->('error') }, 30), 'REV-22 after 20 hours it is an error');
    QW->clock(0);
    $home->value('UPDATE qw_signer SET seen = 1'); # this node says again that it is there
    ok(QW->await(sub { shown($late)->{revocationPublished} }, 40), 'REV-22 a node that is not seen any more holds nothing up');
}

# ---- nobody is told good who was told revoked -------------------------------------
if ($ENV{QW_DB} eq 'sqlite3') {
    $home->value('DROP TRIGGER qw_revocation_stays; DROP TRIGGER qw_revocation_move;'
        . " CREATE TABLE lost AS SELECT * FROM qw_revocation WHERE serial = '$by{3}{serial}';"
        . " DELETE FROM qw_revocation WHERE serial = '$by{3}{serial}'");
    QW->clock(400);
    ok(QW->await(sub { $home->slurp('log/error_log') =~ /QW0533/ }), 'a database that forgot a revocation is noticed');
    like(ocsp_text($by{3}), qr/Cert Status: revoked/, 'the answer stays revoked');
    $home->value('INSERT INTO qw_revocation SELECT * FROM lost; DROP TABLE lost');
    QW->clock(0);
}

# ---- a year later -------------------------------------------------------------------
my $year = 400 * $days;
QW->clock($year);
ok(QW->await(sub { ocsp_text($good) =~ /This Update: .* @{[strftime '%Y', gmtime time + $year]} GMT/ }), 'after 400 days answers are new');
like(ocsp_text($good), qr/Cert Status: good/, 'STA-02 of what was good');
ok(QW->await(sub { ocsp_text($by{3}) =~ /Cert Status: revoked\n.*This Update: .* @{[strftime '%Y', gmtime time + $year]} GMT/s }),
    'STA-02 and of what was revoked');
like(ocsp($by{3}, 'sha1', $year), qr/Response verify OK.*^revoked/ms, 'by a responder that is valid then');
ok(QW->await(sub { crl() =~ /Last Update: .* @{[strftime '%Y', gmtime time + $year]} GMT/ }), 'the CRL too');
ok(defined entry($by{3}), 'STA-02 it is still on the CRL');
like(crl(), qr/2\.5\.29\.60/, 'which says that it stays there');

# ---- the end of an issuer -----------------------------------------------------------
QW->clock(0);
ok(!QW::ctl('issuer', 'end', $id), 'an issuer does not end while a certificate lives');
like($QW::ctl_text, qr/its last certificate expires/, 'it says until when');
my $end = 100 * $days;
QW->clock($end);
ok(QW::ctl('issuer', 'end', $id), 'it ends afterwards') or diag $QW::ctl_text;
ok(QW->await(sub { crl() =~ /Next Update: Dec 31 23:59:59 9999/ }), 'CSS-6.3.9-06 its last CRL is for ever');
ok(QW->await(sub { ocsp_text($good) =~ /Next Update: Dec 31 23:59:59 9999/ }), 'CSS-6.3.10-11 its last answers are');
ok(QW->await(sub { ocsp_text($by{3}) =~ /revoked.*Next Update: Dec 31 23:59:59 9999/s }), 'also of what was revoked');
my $final = number();
ok(!QW::ctl('issuer', 'end', $id), 'not twice');
$c->{nonces} = [];
my $r = $c->order('late.shop.test');
is($r->code, 201, 'an order is taken') or diag $r->as_string;
my $at = $r->header('Location');
$c->prove($r);
$r = $c->finalize($at, $c->csr(['late.shop.test']));
QW::is_problem($r, 403, 'unauthorized', 'it signs no more certificates');
QW->clock($end + 30 * $days);
ok(QW->await(sub { my $s = QW::ctl('status', 'show'); $s && $s->[0]{ended} }), 'status says so');
is(number(), $final, 'nor CRLs');
QW->clock(0);

done_testing();
