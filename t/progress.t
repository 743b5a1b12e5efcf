# How far the newest orders of an account are, as its people see it: each name, what was
# seen of it, the cure, what became of it; and the last of the five steps.
use strict; use warnings FATAL => 'all'; use utf8;
use QW; use QW::Passkey; use Test::More;
binmode $_, ':utf8' for Test::More->builder->output, Test::More->builder->failure_output;

my $ours = QW->new_external('progress.test');
my $theirs = QW->new_external('other-progress.test');
my ($id) = map { QW::ctl('account', 'show', $_)->{id} } $ours;
my $olga = QW::Person->invited("Olga $$", 'operator', $ours);
my $otto = QW::Person->invited("Otto $$", 'operator', $theirs);
is($_->login->code, 303, 'in') for $olga, $otto;
my $at = "progress/$id";

# The page as plain text.
sub page {
    my ($query) = @_;
    my $text = $olga->get($at . ($query || ''))->decoded_content;
    $text =~ s/^.*<main[^>]*>//s;
    $text =~ s/<[^>]*>//g;
    return $text =~ s/\s+/ /gr;
}
sub reloads { $olga->get("$at?auto=1")->decoded_content =~ /http-equiv="refresh"/ }
sub step { $olga->get("account/$id")->decoded_content =~ /<li class="(\w+)">An ACME client used it and got the first certificate/ ? $1 : 'none' }

is($otto->get($at)->code, 404, 'OPR-05 another operator sees nothing');
is(QW::Person->new->get($at)->code, 303, 'nor does nobody');
like(page(), qr/No ACME client has used the binding key yet/, 'at the start');
like(page('?lang=fr'), qr/Aucun client ACME n’a encore utilisé la clé/, 'in French');
$olga->get("$at?lang=en");
ok(reloads(), 'it loads itself anew');
my $r = $olga->change($id, 'binding.create', uses => 1, days => 1);
like($r->decoded_content, qr{href="/portal/\Q$at\E\?auto=1"}, 'the page of the binding key leads there');

my $c = QW->registered(external => $ours);
(my $acme = $c->{kid}) =~ s{.*/}{};
like(page(), qr/No ACME client has ordered a certificate yet/, 'the client has registered');
is(step(), 'open', 'the fifth step is open');

# ---- CAA forbids
QW->dns_line('bad.progress.test A 127.0.0.1');
QW->dns_line('bad.progress.test CAA 0 issue "other.test"');
$r = $c->order('bad.progress.test');
like(page(), qr/Certificate for bad\.progress\.test/, 'the order');
like(page(), qr/done Ordered by the ACME account \Q$acme\E, which the KeyID [\w-]{22} bound/, 'who made it, by which KeyID');
like(page(), qr/to be done bad\.progress\.test: the client has not answered a challenge yet\. It can choose one of these: .*http-01/, 'its name waits');
is($c->prove($r)->{json}{status}, 'invalid', 'which fails');
like(page(), qr/failed bad\.progress\.test: control was not shown by http-01/, 'and is said to');
like(page(), qr/DNS: bad\.progress\.test A: 127\.0\.0\.1 \(DNSSEC: unchecked\).*Connection to http:\S+ \(127\.0\.0\.1\): HTTP 200.*CAA: the records at bad\.progress\.test decided/, 'what was seen');
like(page(), qr/do not let this CA issue: issue other\.test is not for this CA ?Cure: Add a CAA record/, 'the problem and its cure');
like(page(), qr/failed The order failed; the client has to make a new one/, 'the order');
ok(!reloads(), 'nothing more is to come');
is(step(), 'open', 'the step stays open');

# ---- a certificate
$r = $c->order('good.progress.test');
my $order = $r->header('Location');
ok(reloads(), 'another order');
is($c->prove($r)->{json}{status}, 'ready', 'which is proven');
like(page(), qr/done good\.progress\.test: control was shown by http-01/, 'and is said to be');
like(page(), qr/CAA: no record; any authority may issue/, 'with its CAA');
like(page(), qr/to be done All names are proven\. The client has to send its certificate request/, 'the client\'s turn');
$r = $c->finalize($order, $c->csr(['good.progress.test']));
is($r->{json}{status}, 'valid', 'signed');
my ($serial) = map { $_->{serial} } @{ QW::ctl('certificate', 'list', '--account', $ours) };
like(page(), qr/done The client sent its certificate request \(finalize\)\. ?done Signed: serial number \Q$serial\E, good until \d{4}-/, 'said to be');
like(page(), qr/to be done The client has not downloaded it yet/, 'not downloaded');
is(step(), 'done', 'the fifth step is done');
ok(reloads(), 'the download is still to come');
is($c->post($r->{json}{certificate})->code, 200, 'downloaded') for 1 .. 2;
like(page(), qr/done The client downloaded it: \d{4}-\d\d-\d\d \d\d:\d\d UTC/, 'said to be');
ok(!reloads(), 'that was all');
like($olga->get("account/$id")->decoded_content, qr/Certificate for <strong>good\.progress\.test/, 'the account\'s page has it too');
unlike($olga->get("account/$id")->decoded_content, qr/http-equiv="refresh"/, 'and never loads itself anew: it has forms');

# ---- a page that is left open is no visit: the session ends
$c->order('third.progress.test');
QW->clock(600);
is($olga->get("$at?auto=7")->code, 200, 'loaded by itself after ten minutes');
QW->clock(1000);
is($olga->get("$at?auto=8")->code, 303, 'does not keep the session');
QW->clock(0);
done_testing();
