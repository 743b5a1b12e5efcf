# The chain of events: what is sealed, signed, timestamped and exported; and that
# nothing can be changed, taken away, put in or moved unseen. On a bed of its own.
use strict; use warnings FATAL => 'all';
use Digest::SHA qw(sha256_hex);
use File::Copy qw(copy);
use QW; use QW::Audit; use QW::Bed; use Test::More;

my $home = QW::Bed->new('audit', 16200);
my $dir = $home->{dir};
QW::Audit->equip($home, 16290, "    QwacmeFourEyes none\n");
my $httpd = $home->start;
my $sqlite = $ENV{QW_DB} eq 'sqlite3';

sub verify { QW::ctl('audit', 'verify', @_) }
sub sealed { $home->value('SELECT count(*) FROM qw_seal_entry') }
sub checkpoints { $home->value('SELECT count(*) FROM qw_checkpoint') }
sub findings {
    my ($json) = $QW::ctl_text =~ /^(\{.*^\})$/ms;
    return $json ? @{ QW::decode($json)->{findings} } : ();
}

# ---- sealing ---------------------------------------------------------------------------
my $external = QW->new_external('audit.test');
my $binding = QW->new_binding($external);
my $c = QW->new;
my $r = $c->register(binding => $binding);
is($r->code, 201, 'an account') or diag $r->as_string;
my @eab = map { $_->{signature}, $_->{payload}, $_->{protected} } $c->eab(kid => $binding->{keyId}, mac => $binding->{macKey});
$c->issue('www.audit.test');
QW->await(sub { !$home->value('SELECT count(*) FROM qw_seal_queue') }) or fail('the queue empties');
is(sealed(), $home->value('SELECT count(*) FROM qw_event'), 'RPT-03 httpd seals every event, each once');
QW->await(sub { $home->value('SELECT count(timestamp) FROM qw_checkpoint') > 0 }) or fail('a timestamp');
my $all = verify();
ok($all && !@{ $all->{findings} } && $all->{records} == sealed() && $all->{timestamps} > 0, 'RPT-03 the chain is whole') or diag $QW::ctl_text;
like($home->slurp('log/tsa'), qr{^good application/timestamp-query \d+$}m, 'a query as RFC 3161 has it');

# one that is committed late, with an earlier time
my $later = 3600;
QW->clock($later);
QW::ctl('account', 'suspend', $external, '--reason', 'ahead') or die $QW::ctl_text;
QW::ctl('audit', 'seal') or die $QW::ctl_text;
QW->clock(0);
QW::ctl('account', 'resume', $external, '--reason', 'behind') or die $QW::ctl_text;
QW::ctl('audit', 'seal') or die $QW::ctl_text;
is($home->value("SELECT count(*) FROM qw_seal_entry a JOIN qw_event x ON x.id = a.event_id JOIN qw_seal_entry b ON b.seq = a.seq + 1 JOIN qw_event y ON y.id = b.event_id WHERE x.at > y.at"),
    1, 'an earlier time does not keep an event out');
is(QW::ctl('audit', 'seal')->{sealed}, 0, 'nothing is sealed twice');

# many at once, while httpd seals
{
    my @pids;
    for my $i (1 .. 4) {
        my $pid = fork;
        die $! unless defined $pid;
        if (!$pid) {
            for (1 .. 5) {
                QW::ctl('domain', 'add', $external, "n$i-$_.audit.test", '--confirmed-by', 'operator-1') or POSIX::_exit(1);
                QW::ctl('audit', 'seal') or POSIX::_exit(2);
            }
            POSIX::_exit(0);
        }
        push @pids, $pid;
    }
    my @rc = map { waitpid $_, 0; $? >> 8 } @pids;
    is("@rc", '0 0 0 0', 'sealers at the same time');
    is(sealed(), $home->value('SELECT count(*) FROM qw_event'), 'leave nothing out');
    $all = verify();
    ok($all && !@{ $all->{findings} }, 'and have one chain') or diag $QW::ctl_text;
}

# ---- timestamps --------------------------------------------------------------------------
for my $mode (qw(down garbage other stranger)) {
    $home->put('tsa-mode', $mode);
    my $before = checkpoints();
    QW::ctl('account', 'suspend', $external, '--reason', $mode) or die $QW::ctl_text;
    QW::ctl('account', 'resume', $external, '--reason', $mode) or die $QW::ctl_text;
    ok(QW->await(sub { checkpoints() > $before }), "a timestamp service that is $mode keeps no checkpoint off");
    my $log = -s "$dir/log/error_log";
    QW->await(sub { substr($home->slurp('log/error_log'), $log) =~ /QW0452/ }) or fail("$mode: a warning");
    is($home->value('SELECT count(timestamp) FROM qw_checkpoint WHERE seq = (SELECT max(seq) FROM qw_checkpoint)'), 0, "$mode: that is none");
}
$home->put('tsa-mode', 'good');
QW->await(sub { $home->value('SELECT count(timestamp) FROM qw_checkpoint WHERE seq = (SELECT max(seq) FROM qw_checkpoint)') })
    or fail('it is asked again');

# ---- exports -------------------------------------------------------------------------------
$c->issue('shop.audit.test');
QW::ctl('audit', 'seal') or die $QW::ctl_text;
my $done = QW::ctl('audit', 'export', "$dir/all.jsonl");
is($done && $done->{last}, sealed(), 'an export of everything') or diag $QW::ctl_text;
is((stat "$dir/all.jsonl")[2] & 0777, 0600, 'for its owner alone');
ok(!QW::ctl('audit', 'export', "$dir/all.jsonl"), 'it overwrites nothing');
my @offline = ('--certificate', "$dir/audit.pem", '--timestamp-roots', "$dir/tsa/good-root.pem");
my $seen = verify("$dir/all.jsonl", @offline);
ok($seen && $seen->{records} == sealed() && $seen->{first} == 1 && $seen->{timestamps} > 0, 'RPT-03 it verifies alone') or diag $QW::ctl_text;
ok(!verify("$dir/all.jsonl"), 'not without a certificate');
QW::Audit::key($dir, 'strange');
ok(!verify("$dir/all.jsonl", '--certificate', "$dir/strange.pem"), 'nor with another');
ok(!verify("$dir/all.jsonl", '--certificate', "$dir/audit.pem", '--timestamp-roots', "$dir/tsa/stranger-root.pem"), 'nor with timestamps of strangers');
$home->put('both.pem', $home->slurp('strange.pem') . $home->slurp('audit.pem'));
ok(verify("$dir/all.jsonl", '--certificate', "$dir/both.pem"), 'an older key is trusted behind the new one') or diag $QW::ctl_text;

my $text = $home->slurp('all.jsonl');
my %secret = (macKey => $binding->{macKey}, map { ("nonce $_" => $_) } @{ $c->{nonces} });
$secret{"EAB $_"} = $eab[$_] for 0 .. 1;
$secret{'a JWS'} = '"signature":"ey';
for my $what (sort keys %secret) { ok(index($text, $secret{$what}) < 0, "RPT-05 no $what in it") }
unlike($text, qr/macKey|"protected"|eyJhbGci|eyJub25j|[Cc]ookie|PRIVATE/, 'RPT-05 nor anything like them');
like($text, qr/account\.create.*\Q$binding->{keyId}\E|\Q$binding->{keyId}\E/, 'the KeyID is');

my @lines = split /\n/, $text;
my @marks = grep { $lines[$_] =~ /^\{"checkpoint"/ } 0 .. $#lines;
cmp_ok(scalar @marks, '>', 5, 'several checkpoints');
{
    my ($t) = map { QW::decode($lines[$_])->{checkpoint}{at} / 1e6 } $marks[2];
    my $from = POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime int($t) + 1);
    my $part = QW::ctl('audit', 'export', "$dir/part.jsonl", '--from', $from);
    ok($part && $part->{first} > 1 && $part->{last} == $done->{last}, 'an export from a time on') or diag $QW::ctl_text;
    ok(verify("$dir/part.jsonl", @offline), 'verifies alone') or diag $QW::ctl_text;
    ok(!QW::ctl('audit', 'export', "$dir/none.jsonl", '--from', '2099-01-01') && !-e "$dir/none.jsonl", 'none of the future');
}
sub try_lines {
    my ($name, @with) = @_;
    $home->put('tampered.jsonl', join '', map { "$_\n" } @with);
    ok(!verify("$dir/tampered.jsonl", @offline), "RPT-03 an export $name") or diag $QW::ctl_text;
    return join "\n", findings();
}
{
    my ($a) = grep { $lines[$_] =~ /account\.create/ } 0 .. $#lines;
    my $seq = QW::decode($lines[$a])->{seq};
    like(try_lines('with a line edited', map { my $l = $_; $l =~ s/account\.create/account.delete/; $l } @lines), qr/record $seq /, 'names it');
    like(try_lines('with a line less', @lines[grep { $_ != $a } 0 .. $#lines]), qr/record $seq is missing/, 'names it');
    like(try_lines('with two lines swapped', @lines[0 .. $a - 1, $a + 1, $a, $a + 2 .. $#lines]), qr/record $seq\b/, 'names it');
    like(try_lines('without its last line', @lines[0 .. $#lines - 1]), qr/cut/, 'says so');
    like(try_lines('that was cut at a checkpoint', @lines[0 .. $marks[3]]), qr/cut/, 'says so');
    like(try_lines('whose start was cut', @lines[$marks[1] .. $#lines]), qr/records 1 to \d+ were exported/, 'says so');
    like(try_lines('with a space more', map { my $l = $_; $l =~ s/account\.create",/account.create", /; $l } @lines), qr/line \d+/, 'names it');
    like(try_lines('with something at its end', @lines, $lines[0]), qr/behind the end/, 'says so');
    like(try_lines('that is none', 'hello'), qr/line 1/, 'says so');
    like(try_lines('that is empty'), qr/cut/, 'says so');
}

# ---- the tail, and what was kept elsewhere -----------------------------------------------
ok(QW::ctl('audit', 'head', '--out', "$dir/kept.json"), 'a checkpoint to keep');
my $head = QW::decode($home->slurp('kept.json'))->{checkpoint}{hash};
ok(verify('--checkpoint', "$dir/kept.json", '--head', $head), 'is in the chain') or diag $QW::ctl_text;
ok(!verify('--head', 'ab' x 32), 'a head that is not, is missed');
ok(verify("$dir/all.jsonl", @offline, '--head', $head), 'in an export too') or diag $QW::ctl_text;

if (!$sqlite) {
    $home->value("SET session_replication_role = replica; UPDATE qw_event SET actor = 'x' WHERE id = (SELECT event_id FROM qw_seal_entry WHERE seq = 5)");
    ok(!verify(), 'RPT-03 an edit is found');
    like(join("\n", findings()), qr/^record 5 /, 'RPT-03 and named');
    done_testing();
    exit;
}

# ---- two hundred ways to tamper with it ----------------------------------------------------
$home->end($httpd);
QW::ctl('audit', 'seal');
unlink "$dir/kept.json";
QW::ctl('audit', 'head', '--out', "$dir/kept.json") or die $QW::ctl_text;
my @rows = map { [split /\|/] } split /\n/, $home->sql('SELECT seq, event_id, hash FROM qw_seal_entry ORDER BY seq');
my @signed = split /\n/, $home->sql('SELECT seq FROM qw_checkpoint ORDER BY seq');
my @triggers = split /\n/, $home->sql("SELECT name FROM sqlite_master WHERE type = 'trigger'");
my $conf = $home->slurp('qwacme.conf');
(my $other = $conf) =~ s{\Q$dir\E/qwacme\.db}{$dir/tampered.db};
$home->put('tampered.conf', $other);

sub tampered {
    my ($sql) = @_;
    unlink map { "$dir/tampered.db$_" } '', '-wal', '-shm', '-lock';
    system('sqlite3', '-cmd', '.timeout 20000', "$dir/qwacme.db", ".backup $dir/tampered.db") == 0 or die;
    open my $to, '|-', 'sqlite3', "$dir/tampered.db" or die;
    print $to 'BEGIN;', map({ "DROP TRIGGER $_;\n" } @triggers), "$sql;\nCOMMIT;\n";
    close $to or die "sqlite3: $sql";
    return verify('--config', "$dir/tampered.conf", '--checkpoint', "$dir/kept.json");
}
sub one { $rows[int rand @rows] }
# the chain as somebody would write it anew from record $from on, whose event changed
sub rewritten {
    my ($from) = @_;
    my $sql = "UPDATE qw_event SET actor = 'nobody' WHERE id = '$rows[$from - 1][1]';";
    my $hash = $from > 1 ? $rows[$from - 2][2] : '0' x 64;
    for my $row (@rows[$from - 1 .. $#rows]) {
        my ($e) = @{ QW::decode(`sqlite3 -cmd '.timeout 20000' -json '$dir/qwacme.db' "SELECT * FROM qw_event WHERE id = '$row->[1]'"`) };
        $e->{actor} = 'nobody' if $row->[0] == $from;
        my $digest = sha256_hex(QW::encode({ %$e{qw(id authority at event actor detail)},
            subject => $e->{subject_id}, subjectKind => $e->{subject_kind} }));
        $hash = sha256_hex("$hash\n$row->[0]\n$digest\n");
        $sql .= "UPDATE qw_seal_entry SET hash = '$hash' WHERE seq = $row->[0];";
    }
    return $sql;
}

my @columns = qw(id authority at event actor subject_kind subject_id detail);
# each: SQL, and what a finding must say
my @ways = (
    sub { my $r = one(); my $c = $columns[int rand @columns];
        my $value = $c eq 'at' ? 'at + 1' : "$c || 'x'";
        ("UPDATE qw_event SET $c = $value WHERE id = '$r->[1]'", qr/^record $r->[0] .*\Q$r->[1]\E/m) },
    sub { my $r = one(); my $flip = substr($r->[2], 0, 63) . ($r->[2] =~ /0$/ ? '1' : '0');
        ("UPDATE qw_seal_entry SET hash = '$flip' WHERE seq = $r->[0]", qr/^record $r->[0] .*\Q$r->[1]\E/m) },
    sub { my $r = one(); ("DELETE FROM qw_event WHERE id = '$r->[1]'", qr/^record $r->[0] \(event \Q$r->[1]\E\): its event is gone/m) },
    sub { my $r = one(); ("DELETE FROM qw_seal_entry WHERE seq = $r->[0]", qr/^event \Q$r->[1]\E is in no record/m) },
    sub { my $r = $rows[int rand(@rows - 1)];
        ("DELETE FROM qw_seal_entry WHERE seq = $r->[0]; DELETE FROM qw_event WHERE id = '$r->[1]'", qr/^record $r->[0] is missing/m) },
    sub { my $id = 'put-in-' . int rand 1e9;
        ("INSERT INTO qw_event SELECT '$id', authority, at, event, actor, subject_kind, subject_id, detail FROM qw_event WHERE id = '" . one()->[1] . "'",
            qr/^event \Q$id\E is in no record/m) },
    sub { my ($p, $q) = (one(), one()); $q = $rows[$p->[0] % @rows] if $p == $q;
        ("UPDATE qw_seal_entry SET event_id = 'x' WHERE seq = $p->[0]; UPDATE qw_seal_entry SET event_id = '$p->[1]' WHERE seq = $q->[0]; "
            . "UPDATE qw_seal_entry SET event_id = '$q->[1]' WHERE seq = $p->[0]", qr/^record $p->[0] .*(?s:.*)|^record $q->[0] /m, $p->[0], $q->[0]) },
    sub { my ($p, $q) = (one(), one()); $q = $rows[$p->[0] % @rows] if $p == $q;
        ("UPDATE qw_seal_entry SET seq = 999999 WHERE seq = $p->[0]; UPDATE qw_seal_entry SET seq = $p->[0] WHERE seq = $q->[0]; "
            . "UPDATE qw_seal_entry SET seq = $q->[0] WHERE seq = 999999", qr/^record /m, $p->[0], $q->[0]) },
    sub { my $n = 1 + int rand 9; my $first = @rows - $n + 1;
        ("DELETE FROM qw_event WHERE id IN (SELECT event_id FROM qw_seal_entry WHERE seq >= $first); DELETE FROM qw_seal_entry WHERE seq >= $first",
            qr/^records $first to \d+ are missing: they had a checkpoint/m) },
    sub { my $n = 1 + int rand 9; my $first = @rows - $n + 1;
        ("DELETE FROM qw_event WHERE id IN (SELECT event_id FROM qw_seal_entry WHERE seq >= $first); DELETE FROM qw_seal_entry WHERE seq >= $first; "
            . "DELETE FROM qw_checkpoint WHERE seq >= $first", qr/^record @{[ scalar @rows ]}, of the checkpoint which was kept, is not here/m) },
    sub { my $seq = $signed[int rand @signed]; my $set = (qw(at=at+1 previous=previous-1), "signature='AAAA'", "hash='" . 'ab' x 32 . "'")[int rand 4];
        $set = 'at=at-1' if $set =~ /previous/ && $seq == $signed[0];
        ("UPDATE qw_checkpoint SET $set WHERE seq = $seq", qr/^checkpoint $seq\b/m) },
    sub { my $i = int rand(@signed - 1); ("DELETE FROM qw_checkpoint WHERE seq = $signed[$i]", qr/^checkpoint $signed[$i + 1] follows that of record $signed[$i]/m) },
    sub { my $r = one(); my ($mark) = grep { $_ >= $r->[0] } @signed;
        (rewritten($r->[0]), qr/^record $mark is another than its checkpoint says/m) },
    sub { my ($seq) = split /\n/, $home->sql('SELECT seq FROM qw_checkpoint WHERE timestamp IS NOT NULL ORDER BY random() LIMIT 1');
        ("UPDATE qw_checkpoint SET timestamp = substr(timestamp, 1, length(timestamp) - 8) || 'AAAAAAAA' WHERE seq = $seq", qr/^checkpoint $seq: its timestamp/m) },
    sub { my $r = one(); ("INSERT INTO qw_seal_queue VALUES (1, '$r->[1]')", qr/^event \Q$r->[1]\E waits/m) },
);
ok(tampered('SELECT 1'), 'without tampering there is nothing to find') or diag $QW::ctl_text;
my $seed = $ENV{QW_SEED} || time;
srand $seed;
note "QW_SEED=$seed";
my ($found, $named) = (0, 0);
# Each way is tried many times once; the test build, which is slow, tries each one.
my $times = $ENV{QW_BUILD} eq 'san' ? 2 * @ways : 200;
for my $i (1 .. $times) {
    my ($sql, $says, @seqs) = $ways[$i % @ways]->();
    my $quiet = tampered($sql);
    my $findings = join "\n", findings();
    if ($quiet || $QW::ctl_exit != 1) { diag "not found (QW_SEED=$seed): $sql\n$QW::ctl_text"; next }
    $found++;
    if ($findings =~ $says && !grep { $findings !~ /^record $_ /m } @seqs) { $named++ }
    else { diag "not named (QW_SEED=$seed): ", substr($sql, 0, 200), "\n$findings" }
}
is($found, $times, "RPT-03 tampering at $times places, each found");
is($named, $times, 'RPT-03 and named');

# a cut of everything behind the last checkpoint that is left, found by a head
unlink "$dir/kept.json";
{
    my $first = $signed[-2] + 1;
    tampered("DELETE FROM qw_checkpoint WHERE seq >= $first; DELETE FROM qw_event WHERE id IN (SELECT event_id FROM qw_seal_entry WHERE seq >= $first); DELETE FROM qw_seal_entry WHERE seq >= $first");
    ok(verify('--config', "$dir/tampered.conf"), 'a cut at a checkpoint leaves a whole chain,');
    ok(!verify('--config', "$dir/tampered.conf", '--head', $rows[-1][2]), 'RPT-03 but not the head that was kept');
}
done_testing();
