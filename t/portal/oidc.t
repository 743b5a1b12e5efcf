#!/usr/bin/perl
# The portal in Chromium behind mod_auth_openidc: the browser keeps the session's cookie
# from what another site led to, and comes back to it all the same.
use strict; use warnings FATAL => 'all'; use utf8;
use lib "$ENV{QW_SRCDIR}/t/lib";
use QW; use QW::Browser; use QW::Oidc; use Test::More;
binmode $_, ':utf8' for *STDOUT, *STDERR, Test::More->builder->output, Test::More->builder->failure_output;
plan skip_all => 'no mod_auth_openidc' unless QW::Oidc->is_there;

$ENV{QW_BED} = "$ENV{QW_BUILDDIR}/run/portal";
@ENV{qw(QW_DB QW_BUILD)} = qw(sqlite3 prod);
system("rm -rf '$ENV{QW_BED}/oidc'; mkdir -p '$ENV{QW_BED}'");
my $home = QW::Oidc->bed('oidc', 17700);
QW::Oidc->who($home, sub => 'olga');
$home->start;
my ($pin) = `openssl x509 -in $home->{dir}/tls/server.pem -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | base64` =~ /(\S+)/;
QW::Browser->start($home->{dir}, 9516);

sub is_clean {
    my ($b, $name) = @_;
    is_deeply([$b->complaints], [], "the browser has no complaint: $name");
    for my $size ([1000, 900, 'desk'], [360, 740, 'telephone']) {
        $b->size(@$size[0, 1]);
        is_deeply([$b->barriers], [], "no barrier, $size->[2]: $name");
        $b->shot("$name-$size->[2]");
    }
    $b->size(1000, 900);
}

for my $lang ('en', 'fr') {
    my $account = QW->new_external("$lang.test");
    QW::Oidc->who($home, sub => "olga-$lang");
    my $invite = QW::ctl('operator', 'invite', $account, "Olga $lang", '--mail', 'o@exemple.fr', '--language', $lang) or die $QW::ctl_text;
    my $b = QW::Browser->new($home->{dir}, lang => $lang, spki => $pin);
    $b->go("$ENV{QW_URL}/portal/login");
    $b->go($invite->{link});
    $b->fill('#secret', $invite->{secret});
    $b->click('main button');
    like($b->text('.change'), qr/OIDC_CLAIM_sub=olga-$lang/, "$lang: the login that is bound");
    is_clean($b, "$lang-register");
    $b->click('main button');
    is_clean($b, "$lang-login");
    $b->click('main button');
    like($b->text('main'), qr/\Q$account\E/, "$lang: in");
    $b->click('main table a');
    $b->fill('#domain-name', "www.more-$lang.test");
    $b->click('form:has(#domain-name) button');
    like($b->text('.change'), qr/www\.more-$lang\.test/, "$lang: the change in words");
    is_clean($b, "$lang-shown");
    $b->click('main a.button');
    like($b->url, qr{^https://127\.0\.0\.1:}, "$lang: at the provider, another site");
    $b->press('button');
    QW->await(sub { $b->url =~ m{/portal/confirm/} && $b->run('return document.readyState') eq 'complete' }, 20);
    like($b->url, qr{^$ENV{QW_URL}/portal/confirm/}, "$lang: and back, with the session");
    like($b->text('.change'), qr/www\.more-$lang\.test/, "$lang: the same words again");
    is_clean($b, "$lang-confirm");
    $b->click('main button');
    ok((grep { $_->{name} eq "www.more-$lang.test" } @{ QW::ctl('domain', 'list', $account) }), "$lang: confirmed");
    like($b->text('[role=status]'), $lang eq 'en' ? qr/confirmed/ : qr/confirmée/, "$lang: and not called signed");
    is_clean($b, "$lang-done");
    $b->click('header .who a');
    like($b->text('main'), qr/olga-$lang/, "$lang: one's own login");
    is_clean($b, "$lang-me");
}
done_testing();
