# Dossiers: all that justified one certificate, and what becomes of one that was
# edited. With Certificate Transparency; on a bed of its own.
use strict; use warnings FATAL => 'all';
use QW; use QW::Audit; use QW::Bed; use Test::More;

my $home = QW::Bed->new('dossier', 16300);
my ($dir, $src, $port) = ($home->{dir}, $ENV{QW_SRCDIR}, 16370);
my $log = "$src/t/lib/ctlog";
system($log, 'list', $dir, $port, qw(Alpha Beta Gamma)) == 0 or die;
$home->run_ready('log/ctlog', $log, 'serve', $dir, $port, "$dir/ca-test/root.pem");
$home->put('linter', "#!/bin/sh\ncat >/dev/null\n");
chmod 0755, "$dir/linter";
QW::Audit->equip($home, 16390, "    QwacmeCTLogList $dir/logs.json\n    QwacmeLinter exec:$dir/linter\n    QwacmeLimit orders-per-domain off\n    QwacmeFourEyes resume\n");
$home->start;

my $external = QW->new_external('dossier.test');
my $binding = QW->new_binding($external);
my $c = QW->new;
is($c->register(binding => $binding)->code, 201, 'an account');
my $stranger = QW->registered(external => QW->new_external('strange.test'));
my $pem = $c->issue('www.dossier.test', 'shop.dossier.test');
$stranger->issue('secret.strange.test');
my ($leaf) = $pem =~ /(.*?END CERTIFICATE-----\n)/s;
$home->put('leaf.pem', $leaf);
my ($serial) = `openssl x509 -in '$dir/leaf.pem' -noout -serial` =~ /=(\w+)/;

# the identity is verified anew, under another name: the certificate is by the old one
QW::ctl('account', 'verify', $external, '--organization', 'Exemple Nouveau SA', '--organization-identifier', 'NTRFR-542051180',
    '--country', 'FR', '--locality', 'Paris', '--street', "2 rue de l'Exemple", '--postal-code', '75001', '--profiles', 'qncp-w',
    '--verified-by', 'officer-2', '--verified-method', 'b', '--expires', '365d') or die $QW::ctl_text;
QW::ctl('domain', 'add', $external, 'unused.test', '--confirmed-by', 'operator-1') or die $QW::ctl_text;
# suspended, and resumed by two persons
my $request;
{
    my ($id) = $c->{kid} =~ m{([^/]+)$};
    QW::ctl('acme-account', 'suspend', $id, '--reason', 'a look') or die $QW::ctl_text;
    $request = QW::ctl_as('anna', 'acme-account', 'resume', $id, '--reason', 'was nothing') or die $QW::ctl_text;
    QW::ctl_as('bert', 'approval', 'approve', $request->{id}) or die $QW::ctl_text;
}
QW::ctl('certificate', 'revoke', $serial, '--reason', 'superseded') or die $QW::ctl_text;

my $made = QW::ctl('dossier', 'make', $serial, '--out', "$dir/dossier.json");
ok($made, 'RPT-04 a dossier') or diag $QW::ctl_text;
my $text = $home->slurp('dossier.json');
my $d = QW::decode($text)->{dossier};

# ---- what is in it ---------------------------------------------------------------------
is($d->{certificate}{pem}, $leaf, 'RPT-04 the certificate');
is($d->{identity}{version}, 1, 'RPT-04 the version of the identity as of the issuance');
is($d->{identity}{attributes}{organization} // $d->{identity}{attributes}{organizationName}, 'Exemple SA', 'RPT-04 with its attributes')
    or diag explain $d->{identity};
is("$d->{identity}{verifiedBy} $d->{identity}{verifiedMethod}", 'officer-1 a', 'RPT-04 who verified it, and how');
is_deeply([map { [@$_{qw(name confirmedBy covers)}] } @{ $d->{domains} }],
    [['dossier.test', 'operator-1', [sort qw(www.dossier.test shop.dossier.test)]]], 'RPT-04 the entry that covered the names, who confirmed it')
    or diag explain $d->{domains};
is($d->{bindingKey}{keyId}, $binding->{keyId}, 'RPT-04 the binding key by its id');
is($d->{acmeAccount}{thumbprint}, $c->thumbprint, 'RPT-04 the ACME account');
is(scalar @{ $d->{authorizations} }, 2, 'RPT-04 the authorizations');
for my $z (@{ $d->{authorizations} }) {
    my ($valid) = grep { $_->{status} eq 'valid' } @{ $z->{challenges} };
    ok($valid->{evidence}{method} && $valid->{evidence}{brVersion} && $valid->{evidence}{caa}, "RPT-04 evidence for $z->{name}: method, version of the rules, CAA")
        or diag explain $z;
    ok($valid->{evidence}{perspectives} && $valid->{evidence}{caa}{lookups}[0]{dnssec}, 'RPT-04 and perspectives, and DNSSEC');
}
ok($d->{order}{csr} && $d->{order}{id}, 'RPT-04 order and CSR');
is_deeply([map { "$_->{kind} $_->{status}" } @{ $d->{attempts} }], ['precert issued', 'cert issued'], 'RPT-04 the ledger, with TBS');
cmp_ok(scalar @{ $d->{scts} }, '>=', 2, 'RPT-04 the SCTs');
is(scalar @{ $d->{gate} }, 2, 'RPT-04 the decisions of the gate');
is(ref $d->{gate}[0]{lint}, 'ARRAY', 'RPT-04 what the linter said');
is_deeply([map { [@$_{qw(id requestedBy decidedBy)}] } @{ $d->{approvals} }], [[$request->{id}, 'ctl:anna', 'ctl:bert']], 'RPT-04 approvals, who asked and who approved')
    or diag explain $d->{approvals};
is("$d->{revocation}{reason} $d->{revocation}{actor}" =~ s/:.*//r, '4 ctl', 'RPT-04 the revocation');
my %events;
for my $stretch (@{ $d->{chain} }) { $events{ $_->{event}{event} }++ for grep { $_->{event} } @{ $stretch->{records} } }
for my $event (qw(external.create external.verify domain.add binding.create account.create order.create dcv.pass certificate.sign certificate.issue certificate.revoke approval.approve)) {
    ok($events{$event}, "RPT-04 the event $event in the chain") or diag join ' ', sort keys %events;
}
unlike($text, qr/strange|stranger/, 'nothing of other subscribers');
unlike($text, qr/\Q$binding->{macKey}\E|"protected"|eyJhbGci|eyJub25j|sealed/, 'RPT-05 no secret');

# ---- it verifies by itself ---------------------------------------------------------------
my @with = ('--certificate', "$dir/audit.pem", '--timestamp-roots', "$dir/tsa/good-root.pem");
sub verify { QW::ctl('dossier', 'verify', "$dir/$_[0]", @with) }
my $seen = verify('dossier.json');
ok($seen && @{ $seen->{checked} } == 12 && !@{ $seen->{findings} }, 'RPT-04 it verifies, with nothing but the certificate') or diag $QW::ctl_text;
QW::Audit::key($dir, 'strange');
ok(!QW::ctl('dossier', 'verify', "$dir/dossier.json", '--certificate', "$dir/strange.pem"), 'not with another certificate');
ok(!QW::ctl('dossier', 'verify', "$dir/dossier.json", '--certificate', "$dir/audit.pem", '--timestamp-roots', "$dir/tsa/stranger-root.pem"), 'nor with other roots of timestamps')
    if $text =~ /"timestamp"/;

# signed anew by somebody with the audit key: each part is looked at for itself
sub resigned {
    my ($name, $says, $change) = @_;
    QW::Audit->resign($home, 'resigned.json', $text, $change);
    ok(!verify('resigned.json'), "RPT-04 $name") or diag $QW::ctl_text;
    like($QW::ctl_text, $says, 'is said to be wrong');
}
{
    (my $edited = $text) =~ s/officer-1/officer-9/;
    $home->put('edited.json', $edited);
    ok(!verify('edited.json'), 'RPT-04 an edited dossier');
    like($QW::ctl_text, qr/"signature: /, 'is said to be');
    $home->put('edited.json', '[]');
    ok(!verify('edited.json'), 'what is none');
}
my $other = QW::ctl('certificate', 'list')->[-1];
my $foreign = QW::ctl('certificate', 'show', $other->{id})->{pem};
my ($cert) = grep { $_->{kind} eq 'cert' } @{ $d->{attempts} };
resigned('another certificate', qr/certificate: it is another/, sub { $_[0]{certificate}{pem} = $foreign });
resigned('other bytes in the ledger', qr/ledger: /, sub { my ($t) = grep { $_->{kind} eq 'cert' } @{ $_[0]{attempts} }; $t->{tbs} =~ s/(.{100})./$1A/; });
resigned('another issuer', qr/certificate: its chain/, sub { $_[0]{certificate}{chain} = $leaf });
resigned('another request', qr/request: /, sub { $_[0]{order}{csr} = QW::b64($c->csr(['www.dossier.test'])) });
resigned('no SCTs', qr/SCTs: /, sub { $_[0]{scts} = [] });
resigned('the key of another log', qr/SCTs: /, sub { my @k = map { $_->{key} } @{ $_[0]{scts} }; $_[0]{scts}[$_]{key} = $k[$_ - 1] for 0 .. $#k });
resigned('no precertificate', qr/SCTs: its precertificate is missing/, sub { $_[0]{attempts} = [grep { $_->{kind} eq 'cert' } @{ $_[0]{attempts} }] });
resigned('a name off the list', qr/names: /, sub { $_[0]{domains}[0]{covers} = ['www.dossier.test'] });
resigned('no evidence', qr/names: there is no evidence/, sub { $_->{status} = 'pending' for map { @{ $_->{challenges} } } @{ $_[0]{authorizations} } });
resigned('another identity', qr/identity: /, sub { $_[0]{identity}{version} = 2 });
resigned('an edited event', qr/chain: /, sub { for my $s (@{ $_[0]{chain} }) { for (@{ $s->{records} }) { if ($_->{event}) { $_->{event}{actor} = 'x'; return } } } });
resigned('an event less', qr/chain: /, sub { shift @{ $_[0]{chain}[0]{records} } });
resigned('a checkpoint of somebody else', qr/chain: /, sub { $_[0]{chain}[0]{signature} = QW::decode($text)->{signature} });
resigned('no event', qr/chain: no event/, sub { $_[0]{chain} = [] });
resigned('a decision about something else', qr/gate: /, sub { $_->{event} = 'x' for @{ $_[0]{gate} } });
resigned('no decision', qr/gate: there is no decision/, sub { $_[0]{gate} = [] });

ok(!QW::ctl('dossier', 'make', 'ab' x 16), 'there is none of a serial that is none');
like($QW::ctl_text, qr/has no certificate/, 'and that is said');
done_testing();
