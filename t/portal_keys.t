# KeyIDs at the portal, named and expired by their operator; problems explained in the
# language of the page.
use strict; use warnings FATAL => 'all'; use utf8;
use QW; use QW::Passkey; use Test::More;

my $name = QW->new_external('keys.test');
my $shop = QW::ctl('account', 'show', $name)->{id};
my $olga = QW::Person->invited("Keys $$", 'operator', $name);
$olga->login;
sub events { my ($subject, $event) = @_; grep { $_->{event} eq $event } @{ QW::ctl('event', 'list', '--subject', $subject) } }

# ---- KeyIDs (OPR-10) -------------------------------------------------------------------------
{
    my ($kid, $mac) = $olga->change($shop, 'binding.create', uses => 2, days => 30)->decoded_content =~ m{id="kid">([\w-]+)<.*?id="mac-key">([\w-]+)<}s;
    ok($kid, 'a KeyID');
    my $user = QW->registered(binding => { keyId => $kid, macKey => $mac });
    (my $account = $user->{kid}) =~ s{.*/}{};
    is($olga->change($shop, 'binding.rename', key => $kid, label => 'Web <farm>')->code, 200, 'OPR-10 it is named');
    like($olga->get("account/$shop")->decoded_content, qr{<code>\Q$kid\E</code> Web &lt;farm&gt;.*?1 / 2.*?<code>\Q$account\E</code> <time}s,
        'OPR-10 and listed, with who used it when');
    my ($listed) = grep { $_->{keyId} eq $kid } @{ QW::ctl('binding', 'list', $name) };
    is($listed->{label}, 'Web <farm>', 'OPR-10 by command too');
    is($olga->propose($shop, 'binding.rename', key => $kid, label => 'x' x 65)->code, 400, 'no longer name');
    is($olga->change($shop, 'binding.expire', key => $kid)->code, 200, 'OPR-10 it expires');
    is($olga->propose($shop, 'binding.expire', key => $kid)->code, 409, 'once');
    like($olga->get("account/$shop")->decoded_content, qr{<code>\Q$kid\E</code>.*?<td>expired</td>}s, 'OPR-10 which is shown');
    ok(!eval { QW->registered(binding => { keyId => $kid, macKey => $mac }); 1 }, 'and it binds nothing any more');
    QW::is_fine($user->post($user->{kid}), 200, 'who was bound goes on');
    is($olga->change($shop, 'binding.revoke', key => $kid, cascade => '')->code, 200, 'OPR-10 it is revoked');
    is($olga->propose(QW::ctl('account', 'show', QW->new_external('their.test'))->{id}, 'binding.rename', key => $kid, label => 'x')->code, 404, 'OPR-05 none of another account');
    my ($event) = events($kid, 'binding.rename');
    is($event->{detail}{to}, 'Web <farm>', 'with an event');
}

# ---- problems in the language of the page -------------------------------------------------------
{
    my $page = QW::Person->new->get('nothing', 'Accept-Language' => 'fr')->decoded_content;
    like($page, qr{<p>Cet élément n’existe pas[^<]*</p><p lang="en">}, 'a problem is explained in French, its detail stays');
}
done_testing();
