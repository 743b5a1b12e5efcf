# The report at the portal: whose it is, that it says what the rows say, as page, CSV,
# JSON and sealed. On a bed of its own.
use strict; use warnings FATAL => 'all'; use utf8;
use QW; use QW::Audit; use QW::Bed; use QW::Passkey; use Test::More;

my $home = QW::Bed->new('report-page', 16700, portal => 1);
my $dir = $home->{dir};
QW::Audit->equip($home, 16790, "    QwacmeLimit orders-per-domain off\n");
my $httpd_pid = $home->start;

my ($ours, $theirs) = map { QW->new_external("$_.test") } qw(ours theirs);
my %id = map { ($_ => QW::ctl('account', 'show', $_)->{id}) } $ours, $theirs;
my $olga = QW::Person->invited('Olga <b>', 'operator', $ours);
my $anne = QW::Person->invited('Anne', 'officer');
my $aude = QW::Person->invited('Aude', 'auditor');
is($_->login->code, 303, "$_->{name} is in") for $olga, $anne, $aude;
is($olga->change($id{$ours}, 'domain.add', name => 'more.test')->code, 200, 'a domain is confirmed');
QW::ctl('domain', 'add', $ours, 'formula.test', '--confirmed-by', '=cmd|calc') or die $QW::ctl_text;
my $c = QW->registered(external => $ours);
$c->issue("n$_.ours.test") for 1 .. 2;
QW->registered(external => $theirs)->issue('www.theirs.test');
my ($first) = map { $_->{serial} } @{ QW::ctl('certificate', 'list', '--account', $ours) };
QW::ctl('certificate', 'revoke', $first, '--reason', 'superseded') or die $QW::ctl_text;
{   # one validation fails
    my $r = $c->order('fails.ours.test');
    my $z = $c->post($r->{json}{authorizations}[0])->{json};
    my ($ch) = grep { $_->{type} eq 'http-01' } @{ $z->{challenges} };
    QW->http01($ch->{token}, 'wrong');
    $c->post($ch->{url}, {});
    QW->await(sub { $c->post($r->{json}{authorizations}[0])->{json}{status} eq 'invalid' }) or fail('it fails');
}

sub report { my ($who, $at, $query) = @_; $who->get("report$at" . ($query ? "?$query" : '')) }
sub value { my ($text, $what) = @_; ($text =~ m{<th scope="row">\Q$what\E</th><td>(\d+)</td>})[0] }

# ---- whose it is ------------------------------------------------------------------------
is(report(QW::Person->new, "/$id{$ours}")->code, 303, 'RPT-07 nobody without login');
my $r = report($olga, "/$id{$ours}");
is($r->code, 200, 'RPT-07 an operator has that of the own account') or diag $r->as_string;
for (["/$id{$theirs}", 'of another one'], ['/' . 'A' x 22, 'of none'], ['', 'of the authority']) {
    for my $form ('', 'form=csv', 'form=json.p7m') {
        my $no = report($olga, $_->[0], $form);
        is($no->code, 403, "RPT-07 not $_->[1] $form");
        unlike($no->decoded_content, qr/theirs/, 'nothing is told');
    }
}
is(report($olga, "/$id{$theirs}")->decoded_content, report($olga, '/' . 'A' x 22)->decoded_content, 'RPT-07 nor whether it is there');
for my $who ($anne, $aude) {
    is(report($who, "/$id{$_}")->code, 200, "RPT-07 $who->{name} has that of $_") for $ours, $theirs;
    is(report($who, '')->code, 200, "RPT-07 $who->{name} has that of the authority");
    is(report($who, '/' . 'A' x 22)->code, 404, 'there is none of no account');
}

# ---- what it says ------------------------------------------------------------------------
my $page = $r->decoded_content;
is(value($page, 'created'), 2, 'RPT-01 created');
is(value($page, 'revoked'), 1, 'RPT-01 revoked');
is(value($page, 'valid'), 1, 'RPT-01 valid');
is(value($page, 'valid, ends within 30 days'), 0, 'RPT-01 none about to end');
is(value($page, 'dcv.fail unauthorized'), 1, 'RPT-01 a failure by its cause');
like($page, qr/Olga &lt;b&gt;/, 'RPT-01 people by name, escaped');
unlike($page, qr/Olga <b>|portal:/, 'and not by id');
like($page, qr{<td>more\.test</td><td>in force</td><td>Olga &lt;b&gt;</td><td>\d{4}-}, 'RPT-01 a domain, who confirmed it and when');
like($page, qr/<svg class="chart" role="img" aria-labelledby="([^"]+)"[^>]*><title id="\1">/, 'a chart has a role and a title');
unlike($page, qr/ style=|<style|<script>/, 'nothing inline');
like($r->header('Content-Security-Policy'), qr/default-src 'none'/, 'under the policy');
like(report($aude, '')->decoded_content, qr{report/$id{$ours}">\Q$ours\E</a></th><td>2</td><td>1</td><td>1</td>}, 'RPT-01 the authority by account');
like(report($olga, "/$id{$ours}", 'lang=fr')->decoded_content, qr{<h1>Rapport</h1>.*Certificats créés, par mois}s, 'in French');
report($olga, "/$id{$ours}", 'lang=en');

# ---- files --------------------------------------------------------------------------------
my ($at, $query) = $page =~ m{/portal/(report/[\w-]+)\?form=json&amp;(from=[^"]*)"} or fail('a link to JSON');
$query =~ s/&amp;/&/g;
sub file { my $f = $olga->get("$at?form=$_[0]&$query"); is($f->code, 200, "as $_[0]") or diag $f->as_string; return $f }
my $json = file('json');
my ($from, $to) = $query =~ /from=(.*)&to=(.*)/;
my $told = QW::decode($json->content);
is_deeply($told, QW::ctl('statement', 'make', $ours, '--from', $from, '--to', $to), 'RPT-01 what qwacmectl says of the same time') if $told->{asOf} eq $told->{to};
is_deeply([map { $told->{totals}{"certificates$_"} } qw(Created Revoked Valid)], [2, 1, 1], 'RPT-01 the same numbers');
my ($month) = keys %{ $told->{months} };
is_deeply($told->{months}{$month}, { certificatesCreated => 2, certificatesRevoked => 1 }, 'and by month');
my $csv = file('csv');
is($csv->header('Content-Type'), 'text/csv; charset=utf-8; header=present', 'CSV');
is($csv->header('Content-Disposition'), qq{attachment; filename="report-$id{$ours}.csv"}, 'is a file');
like($csv->content, qr/"'=cmd\|calc"/, 'OPR-17 a formula is none');
unlike($csv->content, qr/(^|,)"[=+\-@\t\r]/m, 'OPR-17 no other is left');
for my $form ('json', 'csv') {
    my $f = file("$form.p7m");
    $home->put('sealed.p7m', $f->content);
    my $opened = `openssl cms -verify -inform DER -in '$dir/sealed.p7m' -CAfile '$dir/audit.pem' -purpose any 2>/dev/null`;
    is($?, 0, "the sealed $form verifies");
    is($opened, ($form eq 'csv' ? $csv : $json)->content, 'and is the report') if $form eq 'csv';
    (my $edited = $f->content) =~ s/ours/OURS/;
    $home->put('edited.p7m', $edited);
    `openssl cms -verify -inform DER -in '$dir/edited.p7m' -CAfile '$dir/audit.pem' -purpose any 2>/dev/null`;
    isnt($?, 0, 'not if it was edited');
}
is($_->header('Cache-Control'), 'no-store', 'no cache keeps it') for $r, $csv, file('csv.p7m');
is($olga->get("$at?form=pdf")->code, 404, 'no such form');

# ---- the time ---------------------------------------------------------------------------------
is(value(report($olga, "/$id{$ours}", 'from=2020-01-01&to=2020-02-01')->decoded_content, 'created'), 0, 'RPT-01 a time before');
is(report($olga, "/$id{$ours}", 'from=2030-01-01')->code, 400, 'no time before its start');
is(report($olga, "/$id{$ours}", 'to=1970-01-01')->code, 400, 'nor one that ended when time began');
is(report($olga, "/$id{$ours}", 'from=yesterday')->code, 400, 'no date');
like(report($olga, "/$id{$ours}", 'from=%3Cb%3E')->decoded_content, qr/&lt;b&gt;/, 'which is said, escaped');
is($olga->post("report/$id{$ours}", { $olga->csrf })->code, 405, 'it is only read');

# ---- on a server without an audit key ----------------------------------------------------------
$home->configure(sub { s/^Qwacme(AuditKey|TimestampURL) .*\n//mg });
$home->end($httpd_pid);
$home->start;
unlike(report($olga, "/$id{$ours}")->decoded_content, qr/p7m/, 'no sealed copy is offered without QwacmeAuditKey');
is(report($olga, "/$id{$ours}", 'form=csv.p7m')->code, 404, 'nor made');
done_testing();
