# Dossiers of what people confirmed by logins that httpd saw, and of a domain list that
# needs two persons. On a bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Audit; use QW::Bed; use QW::Env; use Test::More;
use Digest::SHA qw(sha256_hex);

my $home = QW::Bed->new('dossier-env', 19200);
my $dir = $home->{dir};
QW::Audit->equip($home, 19290, "    QwacmeFourEyes register domain\n");
Env->equip($home);
$home->start;

my %identity = (organization => 'Exemple SA', organization_identifier => 'NTRFR-542051180', country => 'FR', locality => 'Lyon',
    street => '1 rue', postal_code => '69001', profiles => 'qncp-w', verified_method => 'a', verified_at => '2026-11-20', expires => '2027-11-20');
sub in { my $p = Env->person(@_); is($p->accept->code, 303, "$_[0] is bound"); is($p->login->code, 303, 'and in'); return $p }
sub waiting { ($_[0]->get('approvals')->decoded_content =~ /name="approval" value="([^"]*)"/)[0] }
sub did { my ($p, @what) = @_; my $r = $p->change(@what); is($r->code, 200, "$what[1]: confirmed") or diag $r->as_string; return $r->decoded_content }

my ($anne, $bea) = map { in($_, lc, 'officer') } 'Anne', 'Bea';
did($anne, '', 'account.create', name => 'Neu', %identity);
did($bea, '', 'approval.approve', approval => waiting($bea));
my $id = QW::ctl('account', 'show', 'Neu')->{id};
my $olga = in('Olga', 'olga', 'operator', 'Neu');
did($olga, $id, 'terms.agree', version => '2026-11');
did($olga, $id, 'domain.add', name => 'neu.test', subtree => 'yes');
did($anne, '', 'approval.approve', approval => waiting($anne));
my $shown = did($olga, $id, 'binding.create', uses => 2, days => 9);
my ($kid) = $shown =~ /id="kid"[^>]*>([^<]+)/;
my ($mac) = $shown =~ /id="mac-key"[^>]*>([^<]+)/;
my $c = QW->new;
is($c->register(binding => { keyId => $kid, macKey => $mac })->code, 201, 'an ACME account');
$c->issue('www.neu.test');
my ($serial) = map { $_->{serial} } @{ QW::ctl('certificate', 'list') };
ok(QW::ctl('dossier', 'make', $serial, '--out', "$dir/dossier.json"), 'a dossier') or diag $QW::ctl_text;
my $text = $home->slurp('dossier.json');
my $d = QW::decode($text)->{dossier};

# ---- what is in it ---------------------------------------------------------------------
sub says { QW::decode($_[0]{action}) }
sub action { my ($in, $do, $of) = @_; (grep { says($_)->{do} eq $do && (!$of || $_->{person} eq $of) } @{ $in->{signedActions} })[0] }
is(join(' ', sort map { says($_)->{do} } @{ $d->{signedActions} }), 'account.create approval.approve approval.approve binding.create domain.add',
    'RPT-04 what people confirmed for this certificate');
is(scalar(grep { QW::decode($_->{proof})->{action} eq sha256_hex($_->{action}) } @{ $d->{signedActions} }), 5, 'RPT-04 each with its proof');
is(join(' ', sort map { $_->{subject} } @{ $d->{passkeys} }), 'OIDC_CLAIM_sub=anne OIDC_CLAIM_sub=bea OIDC_CLAIM_sub=olga', 'RPT-04 and whose login it was');
my ($asked) = grep { $_->{action} eq 'domain' } @{ $d->{approvals} };
my ($wanted, $allowed) = (action($d, 'domain.add')->{id}, action($d, 'approval.approve', $anne->{id})->{id});
is_deeply([@{ $d->{domains}[0] }{qw(signedAction reviewAction)}], [$wanted, $allowed], 'RPT-04 a domain names who wanted it and who allowed it');
is_deeply([@$asked{qw(requestAction signedAction)}], [$wanted, $allowed], 'RPT-04 and so does what was asked');

# ---- it verifies by itself ---------------------------------------------------------------
my @with = ('--certificate', "$dir/audit.pem", '--timestamp-roots', "$dir/tsa/good-root.pem");
sub verify { QW::ctl('dossier', 'verify', "$dir/$_[0]", @with) }
my $seen = verify('dossier.json');
ok($seen && !@{ $seen->{findings} }, 'RPT-04 it verifies') or diag $QW::ctl_text;

sub resigned {
    my ($name, $says, $change) = @_;
    QW::Audit->resign($home, 'resigned.json', $text, $change);
    ok(!verify('resigned.json'), "RPT-04 $name") or diag $QW::ctl_text;
    like($QW::ctl_text, $says, 'is said');
}
sub forge { my ($o, %new) = @_; $o->{proof} = QW::encode({ %{ QW::decode($o->{proof}) }, %new }) }
my $of = qr/signatures: action [\w-]+: /;
resigned('no proof', $of, sub { delete action($_[0], 'domain.add')->{proof} });
resigned('no object', $of, sub { action($_[0], 'domain.add')->{proof} = '[' });
resigned('the proof of another action', qr/${of}the proof is of something else/, sub { action($_[0], 'domain.add')->{proof} = action($_[0], 'binding.create')->{proof} });
resigned('another confirmation', qr/${of}the proof is of something else/, sub { action($_[0], 'domain.add')->{nonce} .= 'x' });
resigned('another subject', qr/${of}the proof is of another login/, sub { forge(action($_[0], 'domain.add'), subject => 'OIDC_CLAIM_sub=anne') });
resigned('another authenticator', qr/${of}the proof is of another login/, sub { forge(action($_[0], 'domain.add'), authenticator => 'x') });
resigned('a login from before', qr/${of}the login was before/, sub { forge(action($_[0], 'domain.add'), authenticated => '2026-01-01T00:00:00Z') });
resigned('other variables', qr/${of}its event is of another proof/, sub { forge(action($_[0], 'domain.add'), variables => {}) });
resigned('another id', qr/${of}no event in the chain/, sub { action($_[0], 'domain.add')->{id} = 'x' });
resigned('other words, with a proof of them', qr/${of}its event is of another proof/, sub {
    my $o = action($_[0], 'domain.add');
    $o->{action} = QW::encode({ %{ says($o) }, name => 'evil.test' });
    forge($o, action => sha256_hex($o->{action}));
});
resigned('a login that was bound to another subject', qr/passkeys: login \S+ was registered of another subject/, sub { $_->{subject} = 'OIDC_CLAIM_sub=x' for $_[0]{passkeys}[0] });
resigned('a request for another name', qr/actions: .*what was signed is another/, sub { $_->{request}{name} = 'evil.test' for grep { $_->{action} eq 'domain' } @{ $_[0]{approvals} } });
resigned('an entry that another one allowed', qr/actions: domains neu\.test: what was signed is an action of another person/, sub { $_[0]{domains}[0]{reviewedBy} = "portal:$bea->{id}" });
resigned('an entry by another approval', qr/actions: domains neu\.test: what was signed is another/, sub {
    @{ $_[0]{domains}[0] }{qw(reviewedBy reviewAction)} = ("portal:$bea->{id}", action($_[0], 'approval.approve', $bea->{id})->{id}) });
is((grep { $_->{signature} ne 'good' } @{ QW::ctl('action', 'verify', 'Neu') }), 0, 'action verify says the same of the database');
unlike($home->slurp('log/error_log'), qr/permission denied/, 'no right was missed');
done_testing();
