#!/usr/bin/perl
# The portal in Chromium, in both languages, by mouse, keyboard and telephone: from the
# invitation to a certificate that certbot gets with the KeyID which the page showed.
use strict; use warnings FATAL => 'all'; use utf8;
use lib "$ENV{QW_SRCDIR}/t/lib";
use QW; use QW::Browser; use Test::More;
binmode $_, ':utf8' for *STDOUT, *STDERR, Test::More->builder->output, Test::More->builder->failure_output;

my $dir = "$ENV{QW_BUILDDIR}/run/portal/browser";
my $sh = sub {
    open my $shell, '|-', 'sh', '-s' or die $!;
    print $shell '. "$QW_SRCDIR/t/lib/bed.sh"', "\n", $_[0];
    return close $shell;
};
$sh->("rm -rf '$dir'; mkdir -p '$dir'; QW_PORTALS='portal:test portal-other:other' "
    . "&& bed_make '$dir' sqlite3 prod && bed_register && bed_httpd_conf && bed_start") or die 'no test bed';
%ENV = (%ENV, QW::slurp("$dir/env") =~ /^(\w+)='(.*?)';/mg);
diag($ENV{QW_AXE} ? 'axe-core looks at each page' : 'axe-core is not here: the pages are tested without it');
END { $sh->(". '$dir/env'; bed_stop") if $sh }

my ($pin) = `openssl x509 -in $dir/tls/server.pem -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | base64` =~ /(\S+)/;
QW::Browser->start($dir, 9515);

# No complaint of the browser (its policy above all), no barrier, at two sizes.
sub is_clean {
    my ($b, $name) = @_;
    is_deeply([$b->complaints], [], "the browser has no complaint: $name");
    for my $size ([1000, 900, 'desk'], [360, 740, 'telephone']) {
        my ($width, $height, $where) = @$size;
        $b->size($width, $height);
        is_deeply([$b->barriers], [], "no barrier, $where: $name");
        $b->shot("$name-$where");
    }
    $b->size(1000, 900);
}

my %said = (
    en => { login => 'Log in', account => 'External account', done => 'The change was signed and made', refused => 'could not be used',
        cure => 'Cure:', no_client => 'No ACME client has used', downloaded => 'The client downloaded it', report => 'Report' },
    fr => { login => 'Connexion', account => 'Compte externe', done => 'La modification a été signée', refused => 'n’a pas pu être utilisée',
        cure => 'Remède :', no_client => 'Aucun client ACME n’a encore utilisé', downloaded => 'Le client l’a téléchargé', report => 'Rapport' });

sub walk {
    my ($lang, $domain) = @_;
    my $say = $said{$lang};
    my $account = QW->new_external("base-$lang.test");
    my $b = QW::Browser->new($dir, lang => $lang, spki => $pin);
    my $invite = QW::ctl('operator', 'invite', $account, "Person $lang", '--mail', 'o@exemple.fr', '--language', $lang) or die $QW::ctl_text;

    # the invitation
    $b->go($invite->{link});
    unlike($b->url, qr/#./, "$lang: the link's secret leaves the address");
    is_clean($b, "$lang-invite");
    $b->fill('#secret', lc $invite->{secret});
    $b->click('main button');
    is_clean($b, "$lang-register");
    $b->verified(0);
    $b->press('main button');
    QW->await(sub { $b->text('main') =~ /\Q$say->{refused}\E/ });
    like($b->text('main'), qr/\Q$say->{refused}\E/, "$lang: OPR-03 nothing without user verification");
    $b->verified(1);
    $b->click('main button');
    like($b->text('h1'), qr/^\Q$say->{login}\E$/, "$lang: a passkey is registered, now log in");
    is_clean($b, "$lang-login");

    # by keyboard alone: skip link, header, then the button
    $b->run('document.body.focus()');
    my $old = $b->find('html');
    for (1 .. 12) {
        $b->keys("\x{e004}");
        last if $b->run('return document.activeElement.matches("main button")');
    }
    ok($b->run('return document.activeElement.matches("main button") && getComputedStyle(document.activeElement).outlineStyle !== "none"'),
        "$lang: the keyboard comes to the button, and shows where it is");
    $b->keys("\x{e007}");
    QW->await(sub { !eval { $b->do(GET => "/element/$old/name"); 1 } });
    like($b->text('main'), qr/\Q$account\E/, "$lang: logged in by keyboard");
    is($b->run('return document.documentElement.lang'), $lang, "$lang: in the person's language");
    is_clean($b, "$lang-home");

    # the account and its five steps
    $b->click('main table a');
    like($b->text('h1'), qr/^\Q$say->{account}\E$/, "$lang: the account");
    is(scalar(my @open = $b->all('.steps .open')), 2, "$lang: two steps of five are open");
    is_clean($b, "$lang-account");
    $b->fill('#domain-name', $domain);
    $b->press('input[name=subtree]');
    $b->click('form:has(#domain-name) button');
    like($b->text('.change'), qr/\Q$domain\E/, "$lang: the change in words");
    is_clean($b, "$lang-confirm");
    $b->click('main button');
    like($b->text('[role=status]'), qr/\Q$say->{done}\E/, "$lang: signed");
    is_clean($b, "$lang-done");
    $b->click('main a');

    # a look at the name, without an order
    $b->click("main td button[aria-label\$='$domain']");
    ok(QW->await(sub { eval { $b->all('.findings > li') } }, 30), "$lang: the page of the diagnosis has come to its findings by itself");
    like($b->text('.findings'), qr/\Q$domain\E.*\Q$say->{cure}\E/s, "$lang: in words, with cures");
    is_clean($b, "$lang-diagnosis");
    $b->click('main > p:last-child a');
    is_clean($b, "$lang-account-diagnosed");
    $b->run('document.querySelector("td form").scrollIntoView()');
    $b->shot("$lang-account-domains");

    # a binding key, and certbot with it
    $b->click('form:has(#binding-uses) button');
    $b->click('main button');
    my ($kid, $mac) = map { $b->text($_) } '#kid', '#mac-key';
    like("$kid $mac", qr/^[\w-]{22} [\w-]{43}$/, "$lang: KeyID and MAC key");
    is_clean($b, "$lang-key");

    # the page that shows what the client does, loading itself anew
    $b->click('main a[href*=progress]');
    $b->click('main a[href*=progress]:not([href*=auto])');
    like($b->text('[role=status]'), qr/\Q$say->{no_client}\E/, "$lang: no client yet, and the page rests when told to");
    is_clean($b, "$lang-progress-begin");
    $b->click('main a[href*="auto=1"]');
    my $bot = "$dir/certbot-$lang";
    my $text = `REQUESTS_CA_BUNDLE=$dir/tls/ca.pem certbot certonly --server $ENV{QW_URL}/acme/directory -n --standalone --http-01-port $ENV{QW_HTTP01_PORT} -d www.$domain --eab-kid '$kid' --eab-hmac-key '$mac' --agree-tos -m ops\@exemple.fr --no-eff-email --config-dir $bot --work-dir $bot/work --logs-dir $bot/logs 2>&1`;
    is($?, 0, "$lang: certbot gets a certificate with what the page showed") or diag $text;
    like(`openssl x509 -in $bot/live/www.$domain/cert.pem -noout -subject`, qr/Exemple SA/, "$lang: for the verified identity");
    like(QW->await(sub { my $text = eval { $b->text('main') } || ''; $text =~ /\Q$say->{downloaded}\E/ && $text }, 30), qr/www\.\Q$domain\E.*http-01/s,
        "$lang: the page has come to the certificate by itself");
    is_clean($b, "$lang-progress");
    $b->click('main > p:last-child a');
    is(scalar(@open = $b->all('.steps .open')), 0, "$lang: all five steps are done");
    is_clean($b, "$lang-complete");

    # the report of the account
    $b->click("main a[href*='/report/']");
    like($b->text('h1'), qr/^\Q$say->{report}\E$/, "$lang: the report");
    like($b->text('main'), qr/www\.\Q$domain\E/, "$lang: with the certificate");
    is($b->run('return [...document.querySelectorAll("svg.chart")].every(s => s.getAttribute("role") == "img" && document.getElementById(s.getAttribute("aria-labelledby")).textContent && s.nextElementSibling.matches("table") && [...s.querySelectorAll("rect")].some(r => r.getBoundingClientRect().width > 50))') ? 1 : 0, 1,
        "$lang: each chart is drawn, has a name and its table");
    is_clean($b, "$lang-report");
    $b->run('document.querySelector("#report-from").value = "2020-01-01"; document.querySelector("#report-to").value = "2020-02-01"');
    $b->click('main form button');
    like($b->text('main'), qr/2020-01-01T00:00:00Z/, "$lang: of another time");

    # out, and back is no way in
    $b->click('header button');
    like($b->text('h1'), qr/^\Q$say->{login}\E$/, "$lang: logged out");
    $b->go("$ENV{QW_URL}/portal/");
    like($b->text('h1'), qr/^\Q$say->{login}\E$/, "$lang: for good");
    return $b;
}

my $en = walk('en', 'english.test');
walk('fr', 'francais.test');

# Languages are chosen by hand too.
$en->click('a[lang=fr]');
is($en->text('h1'), 'Connexion', 'the other language');
$en->go("$ENV{QW_URL}/portal/login");
is($en->text('h1'), 'Connexion', 'and it stays');

# An officer.
my $invite = QW::ctl('officer', 'invite', 'Anne', '--mail', 'a@exemple.fr') or die $QW::ctl_text;
my $anne = QW::Browser->new($dir, lang => 'en', spki => $pin);
$anne->go($invite->{link});
$anne->fill('#secret', $invite->{secret});
$anne->click('main button') for 1 .. 2;
$anne->click('main button');
is(scalar(my @rows = $anne->all('main tbody tr')), 3, 'an officer sees every account');
$anne->click('main table a');
is_clean($anne, 'officer-account');
$anne->fill('#operator-name', 'Oscar');
$anne->fill('#operator-mail', 'oscar@exemple.fr');
$anne->click('form:has(#operator-name) button');
$anne->click('main button');
like($anne->text('.secrets'), qr{/portal/invite#[\w-]{43}.*[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}}s, 'and invites an operator');

$anne->go("$ENV{QW_URL}/portal/new");
is_clean($anne, 'officer-new');
$anne->fill('#new-name', 'Nouvelle');
$anne->fill("#verify-$_->[0]", $_->[1]) for ['organization', 'Nouvelle SA'], ['organization_identifier', 'NTRFR-542051180'],
    ['country', 'FR'], ['locality', 'Lyon'], ['profiles', 'qncp-w'];
$anne->click('main button');
is_clean($anne, 'officer-register');
$anne->click('main button');
like($anne->text('[role=status]'), qr/Another officer has to approve/, 'an officer asks for an external account');
$anne->go("$ENV{QW_URL}/portal/approvals");
is_clean($anne, 'approvals');
$invite = QW::ctl('officer', 'invite', 'Bea', '--mail', 'b@exemple.fr', '--language', 'fr') or die $QW::ctl_text;
my $bea = QW::Browser->new($dir, lang => 'fr', spki => $pin);
$bea->go($invite->{link});
$bea->fill('#secret', $invite->{secret});
$bea->click('main button') for 1 .. 3;
$bea->go("$ENV{QW_URL}/portal/approvals");
$bea->click('main form button');
is_clean($bea, 'approve');
$bea->click('main button');
ok(QW::ctl('account', 'show', 'Nouvelle'), 'another one approves it');
$anne->go("$ENV{QW_URL}/portal/me");
is_clean($anne, 'passkeys');
$anne->go("$ENV{QW_URL}/portal/report");
is_clean($anne, 'officer-report');

# A key is out: from the start page to the report, by what certbot got.
$anne->go("$ENV{QW_URL}/portal/");
$anne->click('main a[href$="/compromise"]');
is_clean($anne, 'compromise');
$anne->fill('#compromised-key', QW::slurp("$dir/certbot-en/live/www.english.test/cert.pem"));
$anne->click('form:has(#compromised-key) button');
like($anne->text('main'), qr/Dry run.*block a key: 1.*revoke a certificate: 1.*www\.english\.test/s, 'a compromised key: the plan first');
is_clean($anne, 'compromise-plan');
$anne->click('main form[data-passkey] button');
like($anne->text('main'), qr/block a key\s+done.*revoke a certificate\s+done.*What people do next/s, 'signed, done, and told what people do next');
is_clean($anne, 'compromise-done');
$bea->go("$ENV{QW_URL}/portal/compromise");
is_clean($bea, 'fr-compromise');
$bea->click('main table a');
like($bea->text('main'), qr/bloquer une clé.*Prévenir chaque abonné/s, 'the case in French');
is_clean($bea, 'fr-compromise-case');
$anne->go("$ENV{QW_URL}/portal/");
$anne->click('main table a');
$anne->press('main details summary');
is_clean($anne, 'officer-account-window');

# Another site that frames or posts gets nothing: its page is the other authority's
# portal, which is another origin only by its path; so a data: page does it.
my $evil = QW::Browser->new($dir, lang => 'en', spki => $pin);
$evil->go("data:text/html,<form method=post action='$ENV{QW_URL}/portal/logout'><button>x</button></form>");
$evil->click('button');
is($evil->text('h1'), 'This was refused', 'CSRF: a form of another site is refused');
done_testing();
