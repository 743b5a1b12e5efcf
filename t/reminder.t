# Reminders by mail of what runs out: each clock at each of its times, once, in the
# language of who reads it; a mail server that refuses, is away, or dies; nodes that
# die. On a bed of its own.
use strict; use warnings FATAL => 'all'; use utf8;
use QW; use QW::Bed; use QW::Passkey; use Test::More;
use Encode qw(decode encode_utf8);
use MIME::QuotedPrint qw(decode_qp);
use Time::HiRes qw(time);

my $port = 17400;
my $home = QW::Bed->new('reminder', $port, portal => 1);
my $bed = $home->{dir};
my $smtp_port = $port + 25;
my $from = 'qwacme@exemple.fr';
$home->put('mail.password', "pa55w0rd-of-mail\n");
chmod 0600, "$bed/mail.password";
$home->put('smtpd-mode', "good\n");
my $server = <<CONF;
QwacmeMailServer smtp://localhost:$smtp_port tls=required
QwacmeMailUser qwacme $bed/mail.password
QwacmeMailCACertificateFile $bed/tls/ca.pem
QwacmeMailFrom $from
CONF
$home->configure(sub { $_ = $server . $_ });

my $smtpd;
sub smtpd { unlink "$bed/log/smtpd.out"; $smtpd = $home->run_ready('log/smtpd.out', "$ENV{QW_SRCDIR}/t/lib/smtpd", $bed, $smtp_port, @_) }
sub mode { $home->put('smtpd-mode', "$_[0]\n") }
smtpd();

# What the server took so far; of each: header names and values, text.
my %mails;
sub mails {
    for my $file (glob "$bed/mail/*.eml") {
        next if $mails{$file};
        my ($head, $body) = split /\r?\n\r?\n/, $home->slurp('mail/' . ($file =~ s{.*/}{}r)), 2;
        my %m = (head => $head, raw => $body, number => $file =~ /(\d+)\.eml$/);
        (my $unfolded = $head) =~ s/\r?\n[ \t]+/ /g;
        push @{ $m{lc $1} }, $2 while $unfolded =~ /^([^:\r\n]+): *([^\r\n]*)/mg;
        $m{Subject} = decode('MIME-Header', $m{subject}[0]);
        my ($part) = $body =~ /\r?\n\r?\n(.*?)\r?\n--/s;
        $m{text} = decode('UTF-8', decode_qp($part // ''));
        $mails{$file} = \%m;
    }
    return values %mails;
}
sub sent_to { my ($to, $match) = @_; grep { $_->{'x-to'}[0] eq $to && $_->{Subject} =~ $match } mails() }

my $day = 86400;
my $now = 0;
sub clock { $now = $_[0] * $day; QW->clock($now) }
sub rows { @{ QW::ctl('reminder', 'list', '--limit', 10000) || die $QW::ctl_text } }
sub date { POSIX::strftime('%Y-%m-%d', gmtime(time + $_[0] * $day)) }

# ---- who ---------------------------------------------------------------------------------------
my $httpd = $home->start;
my $external = QW->new_external({ options => ['--verified-at', date(-298), '--expires', '160d'] }, 'runs-out.test');
my $id = QW::ctl('account', 'show', $external)->{id};
my $olga = QW::Person->invited('Olga', 'operator', $external, mail => 'olga@exemple.fr');
my $odile = QW::Person->invited('Odile', 'operator', $external, mail => 'odile@exemple.fr', language => 'fr');
QW::Person->invited('Invited', 'operator', $external, mail => 'invited@exemple.fr', wait => 1);
my $anne = QW::Person->invited('Anne', 'officer', undef, mail => 'anne@exemple.fr');
my $client = QW->registered(external => $external, binding => QW->new_binding($external, '--expires', '50d'));
my $binding = QW->new_binding($external, '--expires', '50d');
my @operators = qw(olga@exemple.fr odile@exemple.fr ops@exemple.test);
my @all = (@operators, 'anne@exemple.fr');

sub mine { grep { $_->{account} eq $id } rows() }

# ---- where people look ----------------------------------------------------------------------------
{
    my %clock = map { ($_->{clock} => $_) } @{ QW::ctl('account', 'show', $external)->{clocks} };
    is($clock{account}{days}, 160, 'account show: the lifetime');
    ok(abs($clock{identity}{days} - 100) <= 1, 'the identity, 398 days after its verification') or diag explain \%clock;
    is($clock{binding}{days}, 50, 'the binding key that can still bind');
    is($clock{binding}{of}, $binding->{keyId}, 'and which; none of one that was used');
    is(scalar keys %clock, 3, 'and no terms, which are agreed to');
    $olga->login; $odile->login; $anne->login;
    like($olga->get("account/$id")->decoded_content, qr{Binding key <code>\Q$binding->{keyId}\E</code></dt><dd>runs out in <strong>50</strong> days}, 'the account\'s page says it');
    like($odile->get("account/$id")->decoded_content, qr{expire dans <strong>160</strong> jours}, 'in French too');
    unlike($anne->get('')->decoded_content, qr/within 30 days/, 'nothing is near');
    my $metrics = QW->new->get("http://localhost:$ENV{QW_STATUS_PORT}/metrics")->content;
    for my $kind (qw(account identity binding)) {
        my ($at) = $metrics =~ /^qwacme_clock_soonest_seconds\{authority="test",clock="$kind"\} (\d+)/m;
        cmp_ok($at || 0, '>', time, "a metric of the next: $kind");
    }
}

# ---- each clock at each time -----------------------------------------------------------------------
# At day $at: one mail about $clock to each of @to, $ahead before.
sub reminded {
    my ($at, $clock, $ahead, @to) = @_;
    clock($at);
    my @rows;
    my $good = QW->await(sub {
        @rows = grep { $_->{clock} eq $clock && ($_->{ahead} // '') eq $ahead } mine();
        return @rows >= @to && !grep { $_->{status} eq 'open' } @rows;
    }, 60);
    ok($good && !grep({ $_->{status} ne 'sent' } @rows), "$clock, $ahead before: sent") or diag explain \@rows;
    is_deeply([sort map { $_->{mail} } @rows], [sort @to], 'once to each') or diag explain \@rows;
}
sub total { scalar grep { $_->{status} eq 'sent' } rows() }

reminded(20.1, 'binding', '30d', @operators);
$anne->login;
like($anne->get('')->decoded_content, qr{within 30 days.*$external.*\Q$binding->{keyId}\E.*runs out in <strong>30</strong> days}s, 'officers see it on their first page');
{
    my ($en) = sent_to('olga@exemple.fr', qr/binding key/);
    my ($fr) = sent_to('odile@exemple.fr', qr/clé de liaison/);
    is($en->{Subject}, "A binding key of external account $external ends in 30 days", 'in English');
    is($fr->{Subject}, "Une clé de liaison du compte externe $external expire dans 30 jours", 'in French');
    like($en->{text}, qr/\Q$binding->{keyId}\E.*Organization: Exemple SA.*account's page: https\S+$id.*test authority/s, 'it says which, whose and where');
    is(() = $en->{raw} =~ /=0[AD]/g, 0, 'in lines, not in one') or diag $en->{raw};
    like($fr->{text}, qr/utilisable jusqu’au \d{4}-.*Organisation : Exemple SA/s, 'and in French');
    is(scalar(sent_to('ops@exemple.test', qr/binding key/)), 1, 'contacts of ACME accounts too, in the language of the first operator');
    is($en->{'x-from'}[0], $from, 'the envelope is ours');
    is_deeply($en->{from}, [$from], 'and the header');
    is_deeply($en->{to}, ['olga@exemple.fr'], 'to one alone');
    is_deeply($en->{'x-tls'}, ['1'], 'over TLS');
    is_deeply($en->{'x-user'}, ['qwacme'], 'by name and password');
    is_deeply($en->{'auto-submitted'}, ['auto-generated'], 'RFC 3834: a program wrote it');
    like($en->{'message-id'}[0], qr/^<[\w-]{22}\@exemple\.fr>$/, 'with an id');
    like($en->{date}[0], qr/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/, 'and a date');
    is_deeply($fr->{'content-language'}, ['fr'], 'and its language');
    unlike("$fr->{head}$fr->{raw}", qr/[^\x00-\x7f]/, 'in ASCII on the wire');
    unlike($fr->{raw}, qr/[^\r\n]{79}/, 'in lines that everything takes');
    is(scalar(grep { $_->{event} eq 'reminder.send' } @{ QW::ctl('event', 'list', '--subject', $id) }), 3, 'the audit has each');
    unlike($home->slurp('log/error_log'), qr/pa55w0rd/, 'the password is in no log');
}
reminded(36.1, 'binding', '14d', @operators);
reminded(43.1, 'binding', '7d', @operators);
reminded(49.1, 'binding', '1d', @operators);
like((sent_to('olga@exemple.fr', qr/within a day/))[0]{Subject} || '', qr/binding key/, 'the last one');
reminded(70.1, 'identity', '30d', @all);
reminded(86.1, 'identity', '14d', @all);
reminded(93.1, 'identity', '7d', @all);
reminded(99.1, 'identity', '1d', @all);
reminded(130.1, 'account', '30d', @operators);
is(scalar(sent_to($_, qr/./)), 9, "$_ got nine so far") for @operators;
is(scalar(sent_to('anne@exemple.fr', qr/./)), 4, 'an officer those about identities');

# ---- the server refuses, is away, comes back ---------------------------------------------------------
sub failed {
    my ($pattern, $name) = @_;
    my @rows;
    ok(QW->await(sub { @rows = grep { ($_->{why} || '') =~ $pattern && $_->{status} eq 'open' } mine(); @rows > 0 }, 60), $name) or diag explain [mine()];
}
sub hurry { $home->sql("UPDATE qw_reminder SET due = 1 WHERE status = 'open' AND lease_until = 0") }
mode('refuse');
clock(146.1);
failed(qr/550 5.1.1 nobody/, 'a refusal is kept with the server\'s words');
mode('later');
hurry();
failed(qr/451/, 'so is one for now');
$home->end($smtpd);
hurry();
failed(qr/connect/i, 'so is a server that is away');
cmp_ok((sort { $b <=> $a } map { $_->{tries} } mine())[0], '>=', 2, 'tries are counted');
like($home->slurp('log/error_log'), qr/QW0442: reminder \S+: account of external account \S+: not sent, again in \d+[smh]/, 'the log says when it is tried again');
# one is held by a node that died before it sent it
is($home->value("SELECT count(*) FROM qw_reminder WHERE status = 'open'"), 3, 'three wait');
my $held = $home->value("SELECT max(id) FROM qw_reminder WHERE status = 'open'");
my $later = int((time + 86400) * 1e6);
$home->sql("UPDATE qw_reminder SET owner = 'dead/1', lease_until = $later WHERE id = '$held'");
mode('good');
smtpd();
ok(QW->await(sub { hurry(); 2 == grep { $_->{status} eq 'sent' && $_->{clock} eq 'account' && $_->{ahead} eq '14d' } mine() }, 60), 'it is back: they are sent') or diag explain [mine()];
is($home->value("SELECT status FROM qw_reminder WHERE id = '$held'"), 'open', 'but not what another node holds');
$home->sql("UPDATE qw_reminder SET lease_until = 1, due = 1 WHERE id = '$held'");
reminded(146.1, 'account', '14d', @operators);

# ---- who has left while it waited ---------------------------------------------------------------------
{
    mode('refuse');
    my $gone = QW->new_external('gone.test');
    my $gone_id = QW::ctl('account', 'show', $gone)->{id};
    QW::Person->invited($_, 'operator', $gone, mail => lc "$_\@exemple.fr") for qw(Gus Gil);
    my $lost = QW->registered(external => $gone, binding => QW->new_binding($gone));
    QW->new_binding($gone, '--expires', '10d');
    clock(149.3);
    my $waiting = sub { grep { $_->{account} eq $gone_id } rows() };
    ok(QW->await(sub { $waiting->() == 3 && grep { $_->{why} } $waiting->() }, 60), 'three are not taken') or diag explain [$waiting->()];
    ok(QW::ctl('operator', 'remove', $gone, 'Gus'), 'an operator is removed') or diag $QW::ctl_text;
    ok(QW::ctl('acme-account', 'suspend', $lost->{kid} =~ s{.*/}{}r, '--reason', 'its key is lost'), 'an ACME account is suspended') or diag $QW::ctl_text;
    mode('good');
    ok(QW->await(sub { hurry(); !grep { $_->{status} eq 'open' } $waiting->() }, 60), 'the server is back');
    is_deeply({ map { $_->{mail} => $_->{status} } $waiting->() }, { 'gus@exemple.fr' => 'void', 'gil@exemple.fr' => 'sent', 'ops@exemple.test' => 'void' },
        'who is removed gets nothing, nor do contacts that the holder of a suspended account may have written') or diag explain [$waiting->()];
    is(scalar(sent_to('gus@exemple.fr', qr/./)), 0, 'indeed');
}

# ---- a node that is killed between claim and mail -------------------------------------------------------
SKIP: {
    skip 'failpoints are of the test build', 4 if ($ENV{QW_BUILD} || '') ne 'san';
    $home->end($httpd);
    local $ENV{QWACME_FAILPOINTS} = "$bed/failpoints";
    $home->put('failpoints', '');
    $httpd = $home->start;
    $home->put('failpoints', "remind.claimed kill 1\n");
    clock(153.1);
    ok(QW->await(sub { $home->slurp('failpoints') eq '' }, 60), 'a child is killed when it holds one');
    QW->await(sub { $home->sql("UPDATE qw_reminder SET lease_until = 1 WHERE lease_until > 1 AND status = 'open' AND tries = 1"); !grep { $_->{status} eq 'open' } mine() }, 60);
}
reminded(153.1, 'account', '7d', @operators);
is(scalar(sent_to($_, qr/^(External account|Le compte externe) \Q$external\E (ends|expire) (in|dans) 7/)), 1, "$_ got it once") for @operators;

# ---- names that would be headers ------------------------------------------------------------------------
my $chr = $ENV{QW_DB} eq 'sqlite3' ? 'char' : 'chr';
$home->sql(encode_utf8("UPDATE qw_external SET name = 'Häß' || $chr(13) || $chr(10) || 'Bcc: victim\@evil.example' || $chr(13) || $chr(10) || $chr(13) || $chr(10) || 'body', "
    . "identity = '{\\\"organization\\\":\\\"Evil\\\\r\\\\nBcc: victim\@evil.example\\\"}', identity_version = identity_version + 1 WHERE id = '$id'"));
reminded(159.1, 'account', '1d', @operators);
{
    my ($m) = sent_to('olga@exemple.fr', qr/Häß/);
    ok($m, 'a name with letters of any script is shown as it is') or diag explain [map { $_->{Subject} } mails()];
    is($m->{bcc}, undef, 'and is no header');
    is_deeply($m->{'x-to'}, ['olga@exemple.fr'], 'nor a recipient');
    like($m->{Subject}, qr/^External account Häß  Bcc: victim/, 'it stays in its line');
    like($m->{text}, qr/^Organization: Evil  Bcc: victim/m, 'as does an organization');
}

my $busy = QW->new_external('busy.test');
my $busy_id = QW::ctl('account', 'show', $busy)->{id};
QW::Person->invited('Bob', 'operator', $busy, mail => 'bob@exemple.fr');

# ---- two nodes, terms --------------------------------------------------------------------------------------
$home->end($httpd);
$home->configure(sub { s/QwacmeTerms 2026-11/QwacmeTerms 2027-05/ });
if ($ENV{QW_DB} ne 'sqlite3') {
    for my $file (qw(qwacme.conf httpd.conf)) {
        (my $text = $home->slurp($file)) =~ s{\Q$bed/state\E}{$bed/state-2}g;
        $text =~ s{\Q$bed/qwacme.conf\E}{$bed/node-2-qwacme.conf}g;
        $text =~ s{\b$port\b}{@{[$port + 90]}}g if $file eq 'httpd.conf';
        $text =~ s{\b@{[$port + 81]}\b}{@{[$port + 91]}}g if $file eq 'httpd.conf';
        $text =~ s{(httpd\.pid|httpd-started\.pid|error_log|access_log)}{node-2-$1}g if $file eq 'httpd.conf';
        $home->put("node-2-$file", $text);
    }
    mkdir "$bed/state-2", 0700 or die;
    $home->httpd('node-2-httpd.conf', 'log/node-2.out');
}
$httpd = $home->start;
ok(QW->await(sub { -S "$bed/state-2/signer.sock" }, 30), 'a second node') || diag $home->slurp('log/node-2.out') if $ENV{QW_DB} ne 'sqlite3';
reminded(159.2, 'terms', '', @all);
my ($terms) = sent_to('anne@exemple.fr', qr/terms of service 2027-05/);
like($terms->{text}, qr{Terms of service: https://localhost/terms}, 'terms nobody agreed to, with where they are');
like((sent_to('odile@exemple.fr', qr/conditions/))[0]{Subject}, qr/conditions d’utilisation 2027-05 non acceptées/, 'in French');
QW->new_binding($busy, '--expires', '15d') for 1 .. 10;
clock(160.7);
my $many = sub { scalar grep { $_->{account} eq $busy_id && $_->{clock} eq 'binding' && $_->{status} eq 'sent' } rows() };
ok(QW->await(sub { $many->() == 10 }, 60), 'ten at the same time') or diag explain [rows()];
QW->await(sub { !grep { $_->{status} eq 'open' } rows() }, 60);
is(scalar(mails()), total(), 'as many mails as reminders: none was sent twice') or diag explain [map { "$_->{'x-to'}[0] $_->{Subject}" } mails()];
my %ids;
$ids{ $_->{'message-id'}[0] }++ for mails();
is((grep { $_ > 1 } values %ids), 0, 'each has its id');

# ---- what a provider can try --------------------------------------------------------------------------------
{
    my $test = sub { QW::ctl('reminder', 'test', '--to', 'try@exemple.fr', @_) };
    ok($test->('--language', 'fr'), 'reminder test') or diag $QW::ctl_text;
    is(scalar(sent_to('try@exemple.fr', qr/^Essai des rappels$/)), 1, 'a mail arrives');
    my $refused = sub { my ($pattern, $name) = @_; is($test->(), undef, $name); like($QW::ctl_text, $pattern, 'it says why'); unlike($QW::ctl_text, qr/pa55w0rd|wr0ng/, 'without the password') };
    is(QW::ctl('reminder', 'test', '--to', "a\@b.test\nBcc: x\@y.test"), undef, 'an address with a line in it');
    $home->put('mail.password', "wr0ng\n");
    # the server reads the same file: it is asked with what it was told at first
    $home->configure(sub { s{(QwacmeMailUser) \w+}{$1 stranger} });
    $refused->(qr/denied|535|login/i, 'a user that is none');
    $home->configure(sub { s{(QwacmeMailUser) \w+}{$1 qwacme}; s{(QwacmeMailCACertificateFile) \S+}{$1 $bed/ca-test/root.pem} });
    $refused->(qr/certificate/i, 'a server whose certificate nobody vouches for');
    $home->configure(sub { s{(QwacmeMailCACertificateFile) \S+}{$1 $bed/tls/ca.pem} });
    $home->end($smtpd);
    smtpd('plain');
    $refused->(qr/STARTTLS|SSL/i, 'a server without TLS, which is required');
    $home->configure(sub { s{ tls=required}{}; s{^QwacmeMailUser.*\n}{}m });
    ok($test->(), 'on this machine it may be without') or diag $QW::ctl_text;

    # TLS from the first octet, and a password that systemd hands over
    $home->end($smtpd);
    smtpd('tls');
    $home->put('mail.password', "0f-systemd\n");
    mkdir "$bed/credentials", 0700 or die;
    $home->configure(sub { s{smtp://}{smtps://}; s{^(QwacmeMailFrom)}{QwacmeMailUser qwacme credential:mail\n$1}m });
    {
        local $ENV{CREDENTIALS_DIRECTORY};
        delete $ENV{CREDENTIALS_DIRECTORY};
        $refused->(qr/credential:mail.*LoadCredential=mail:FILE/, 'a credential without systemd');
    }
    local $ENV{CREDENTIALS_DIRECTORY} = "$bed/credentials";
    $refused->(qr{credentials/mail}, 'a credential that was not handed over');
    $home->put('credentials/mail', "wr0ng\n");
    $refused->(qr/denied|535|login/i, 'smtps:// with a wrong one');
    $home->put('credentials/mail', "0f-systemd\n");
    my $before = () = sent_to('try@exemple.fr', qr/^Test of reminders$/);
    ok($test->(), 'smtps:// with the right one') or diag $QW::ctl_text;
    is(scalar(sent_to('try@exemple.fr', qr/^Test of reminders$/)), $before + 1, 'a mail arrives');
    my ($last) = sort { $b->{number} <=> $a->{number} } sent_to('try@exemple.fr', qr/^Test of reminders$/);
    is_deeply([$last->{'x-tls'}, $last->{'x-user'}], [['1'], ['qwacme']], 'by TLS, as that user');
    $home->configure(sub { s{(QwacmeMailCACertificateFile) \S+}{$1 $bed/ca-test/root.pem} });
    $refused->(qr/certificate/i, 'smtps:// whose certificate nobody vouches for');
}
done_testing;
