# QW.pm -- an ACME client for the suites that can break any one field, and the
# checks that every answer owes. Works on the test bed of the environment
# (t/lib/bed.sh), under Apache::Test and under plain prove alike.
#
#     my $c = QW->registered;                     # key, binding key, newAccount
#     my $r = $c->post($c->url('newOrder'), { identifiers => [...] });
#     QW::is_problem($r, 400, 'malformed', 'JWS-07 what it shows');
#     my $pem = $c->issue('www.exemple.test');    # the whole way
package QW;
use strict; use warnings FATAL => 'all';
use Crypt::Mac::HMAC qw(hmac);
use Crypt::PK::ECC (); use Crypt::PK::Ed25519 (); use Crypt::PK::RSA ();
use Digest::SHA qw(sha256);
use POSIX ();
use File::Path qw(make_path);
use JSON::PP ();
use LWP::UserAgent ();
use MIME::Base64 qw(encode_base64url decode_base64url encode_base64);
use Test::More ();
use Time::HiRes qw(time);

# The sanitizers are for httpd; preloaded into openssl, curl or ps they can
# stand still for ever.
delete $ENV{LD_PRELOAD};

my $json = JSON::PP->new->utf8->canonical->allow_nonref;
my %curve = (ES256 => 'secp256r1', ES384 => 'secp384r1', ES512 => 'secp521r1');
my %hash = (ES256 => 'SHA256', ES384 => 'SHA384', ES512 => 'SHA512', RS256 => 'SHA256');

sub b64 { encode_base64url($_[0], '') }
sub encode { $json->encode($_[0]) }
sub decode { $json->decode($_[0]) }

# ---- the bed ---------------------------------------------------------------
sub bed { $ENV{QW_BED} or die "no test bed: run by t/suite\n" }
sub base { $ENV{QW_URL} }

# qwacmectl with @args: its result decoded, or undef; its text in $QW::ctl_text,
# its exit code in $QW::ctl_exit. QW::AUTHORITY-like options may be among @args.
our ($ctl_text, $ctl_exit);
sub ctl {
    my @args = @_;
    my %default = ('--authority' => 'test', '--config' => bed() . '/qwacme.conf');
    delete @default{@args};
    my @command = (split(' ', $ENV{QW_CTL_ENV} || ''), $ENV{QW_CTL}, %default, '--json', @args);
    my $quoted = join ' ', map { (my $word = $_) =~ s/'/'\\''/g; "'$word'" } @command;
    $ctl_text = `$quoted 2>&1`;
    $ctl_exit = $? >> 8;
    return undef if $ctl_exit != 0;
    my $got = eval { decode($ctl_text) };
    return defined $got ? $got : {};
}

# A new external account of its own with @domains, each with all below it; its
# name. The first of @domains may be a hash: { profile => 'qevcp-w', options =>
# [more of account create] }.
my $accounts = 0;
sub new_external {
    my ($class, @domains) = @_;
    my $how = ref $domains[0] ? shift @domains : {};
    my $profile = $how->{profile} || 'qncp-w';
    my @ev = $profile ne 'qevcp-w' ? () : ('--business-category', 'Private Organization',
        '--serial-number', '542051180', '--jurisdiction-country', 'FR');
    my $name = sprintf 'x%d-%d', $$, ++$accounts;
    # an option is given once: those of $how go before these
    my %options = ('--organization', 'Exemple SA',
        '--organization-identifier', 'NTRFR-542051180', '--country', 'FR',
        '--locality', 'Paris', '--street', "1 rue de l'Exemple",
        '--postal-code', '75001', @ev, '--profiles', $profile, '--verified-by', 'officer-1',
        '--verified-method', 'a', '--expires', '365d', '--terms', '2026-11', @{ $how->{options} || [] });
    ctl('account', 'create', $name, map { ($_, $options{$_}) } sort keys %options)
        or die "account create: $ctl_text";
    for my $domain (@domains) {
        ctl('domain', 'add', $name, $domain, '--subtree', '--shared',
            (@ev ? () : '--wildcard'), '--confirmed-by', 'operator-1') or die "domain add: $ctl_text";
    }
    return $name;
}

# The same as another person.
sub ctl_as {
    my ($user, @args) = @_;
    local $ENV{QWACME_TEST_USER} = $user;
    return ctl(@args);
}

# Let what was suspended act again, by two persons: account, acme-account or binding,
# and which.
sub resume {
    my ($class, $noun, $which) = @_;
    my $asked = ctl_as('anna', $noun, 'resume', $which, '--reason', 'test') or die "$noun resume: $ctl_text";
    return ctl_as('bert', 'approval', 'approve', $asked->{id}) || die "approve: $ctl_text";
}

# { keyId, macKey } of a new binding key.
sub new_binding {
    my ($class, $external, @options) = @_;
    return ctl('binding', 'create', $external || 'exemple', @options)
        || die "binding create: $ctl_text";
}

sub append {
    my ($file, $text) = @_;
    open my $f, '>>', $file or die "$file: $!";
    print $f $text;
    close $f or die "$file: $!";
}

sub slurp {
    my ($file) = @_;
    open my $f, '<', $file or die "$file: $!";
    local $/;
    return scalar <$f>;
}

# What the DNS of the bed answers from now on; what it was asked.
sub dns_line { append(bed() . '/dns.zone', "$_[1]\n") }
sub dns_asked {
    my ($class, $name) = @_;
    return scalar grep { /(^|\.)\Q$name\E / } split /\n/, slurp(bed() . '/dns.log');
}

# Where the bed's web server looks for HTTP-01 answers.
sub http01 {
    my ($class, $token, $text) = @_;
    my $dir = bed() . '/wk/.well-known/acme-challenge';
    make_path($dir);
    open my $f, '>', "$dir/$token" or die "$dir/$token: $!";
    print $f $text;
    close $f or die;
}

# Seconds that the authorities' clock is ahead.
sub clock {
    my ($class, $seconds) = @_;
    my $file = bed() . '/clock';
    open my $f, '>', "$file.new" or die "$file: $!";
    print $f "$seconds\n";
    close $f or die;
    rename "$file.new", $file or die "$file: $!";
}

# Wait until $see->() is true, at most $seconds; its value.
sub await {
    my ($class, $see, $seconds) = @_;
    my $end = time + ($seconds || 20);
    while (1) {
        my $got = $see->();
        return $got if $got || time > $end;
        select undef, undef, undef, 0.02;
    }
}

# ---- a client ----------------------------------------------------------------
sub new {
    my ($class, %how) = @_;
    my $self = bless { place => 'acme', alg => 'ES256', %how }, $class;
    $self->{key} ||= new_key($self->{alg});
    $self->{ua} = LWP::UserAgent->new(keep_alive => 4, timeout => 60,
        max_redirect => 0, agent => 'qw-suite/1',
        ssl_opts => { SSL_ca_file => bed() . '/tls/ca.pem', verify_hostname => 1 });
    return $self;
}

sub registered {
    my ($class, %how) = @_;
    my $self = $class->new(%how);
    my $r = $self->register(%how);
    die 'newAccount: ' . $r->as_string unless $r->code == 201;
    return $self;
}

sub new_key {
    my ($alg) = @_;
    if ($curve{$alg}) {
        my $pk = Crypt::PK::ECC->new;
        $pk->generate_key($curve{$alg});
        return $pk;
    }
    if ($alg eq 'EdDSA') {
        my $pk = Crypt::PK::Ed25519->new;
        $pk->generate_key;
        return $pk;
    }
    my $pk = Crypt::PK::RSA->new;
    my ($bits) = $alg =~ /^RS256-(\d+)$/;
    $pk->generate_key(($bits || 2048) / 8, 65537);
    return $pk;
}

sub jwk {
    my ($self, $key) = @_;
    my $jwk = ($key || $self->{key})->export_key_jwk('public', 1);
    delete $jwk->{kid};
    return $jwk;
}

sub thumbprint { my ($self) = @_; b64(sha256(encode($self->jwk))) }

sub sign_as {
    my ($alg, $key, $bytes) = @_;
    return $key->sign_message_rfc7518($bytes, $hash{$alg}) if $curve{$alg};
    return $key->sign_message($bytes) if $alg eq 'EdDSA';
    return $key->sign_message($bytes, $hash{RS256}, 'v1.5');
}

# The flattened JWS of $payload (undef: POST-as-GET; a string: its bytes). %how:
# protected => {...} merged in (undef: member removed), alg, key, kid, jwk => 1,
# nonce, url, flat => sub { change the flattened object }, signature => bytes.
sub jws {
    my ($self, $url, $payload, %how) = @_;
    my $alg = $how{alg} || $self->{alg};
    $alg =~ s/-\d+$//;
    my %protected = (alg => $alg, url => $how{url} || $url,
        nonce => exists $how{nonce} ? $how{nonce} : $self->nonce);
    if ($how{jwk} || !(defined $how{kid} || defined $self->{kid})) {
        $protected{jwk} = $self->jwk($how{key});
    }
    else {
        $protected{kid} = defined $how{kid} ? $how{kid} : $self->{kid};
    }
    for my $name (keys %{ $how{protected} || {} }) {
        if (defined $how{protected}{$name}) { $protected{$name} = $how{protected}{$name} }
        else { delete $protected{$name} }
    }
    delete $protected{nonce} unless defined $protected{nonce};
    my $body = !defined $payload ? '' : ref $payload ? encode($payload) : $payload;
    my %flat = (
        protected => b64(defined $how{protected_raw} ? $how{protected_raw} : encode(\%protected)),
        payload => b64($body));
    my $signed = "$flat{protected}.$flat{payload}";
    $flat{signature} = b64(defined $how{signature} ? $how{signature}
        : sign_as($alg, $how{key} || $self->{key}, $signed));
    $how{flat}->(\%flat) if $how{flat};
    return encode(\%flat);
}

sub post {
    my ($self, $url, $payload, %how) = @_;
    my $body = defined $how{body} ? $how{body} : $self->jws($url, $payload, %how);
    return $self->send('POST', $url, $body,
        'Content-Type' => exists $how{type} ? $how{type} : 'application/jose+json',
        @{ $how{headers} || [] });
}

# The answer, with its JSON (if it is any) as {json}; keeps the fresh nonce.
sub send {
    my ($self, $method, $url, $body, @headers) = @_;
    my $request = HTTP::Request->new($method => $url);
    while (my ($name, $value) = splice @headers, 0, 2) {
        $request->header($name => $value) if defined $value;
    }
    $request->content($body) if defined $body;
    my $r = $self->{ua}->request($request);
    my $nonce = $r->header('Replay-Nonce');
    push @{ $self->{nonces} }, $nonce if defined $nonce;
    $r->{json} = eval { decode($r->content) } if ($r->header('Content-Type') || '') =~ /json/;
    return $r;
}

# What many clients get that POST at the same time: for each [URL, BODY] its
# status, Location and JSON.
sub at_once {
    my ($self, @posts) = @_;
    my $dir = bed() . "/at-once-$$-" . ++$self->{rounds};
    make_path($dir);
    my @pids;
    for my $i (0 .. $#posts) {
        my $pid = fork;
        die "fork: $!" unless defined $pid;
        if (!$pid) {
            my $r = QW->new(key => $self->{key})->post($posts[$i][0], undef, body => $posts[$i][1]);
            open my $out, '>', "$dir/$i" or POSIX::_exit(1);
            print $out encode({ code => $r->code, at => scalar $r->header('Location'), json => $r->{json} });
            close $out;
            POSIX::_exit(0);
        }
        push @pids, $pid;
    }
    waitpid $_, 0 for @pids;
    return map { decode(slurp("$dir/$_")) } 0 .. $#posts;
}

sub get { my ($self, $url, @headers) = @_; $self->send('GET', $url, undef, @headers) }

sub nonce {
    my ($self) = @_;
    my $nonces = $self->{nonces} ||= [];
    $self->send('HEAD', $self->url('newNonce')) unless @$nonces;
    return pop @$nonces;
}

sub directory {
    my ($self) = @_;
    return $self->{directory} ||= $self->get(base() . "/$self->{place}/directory")->{json};
}

sub url { my ($self, $name) = @_; $self->directory->{$name} }

# EAB of $jwk: %how may replace kid, mac (43 characters), alg, url, payload,
# protected => {...}, signature.
sub eab {
    my ($self, %how) = @_;
    my $alg = $how{alg} || 'HS256';
    my %protected = (alg => $alg, kid => $how{kid},
        url => $how{url} || $self->url('newAccount'), %{ $how{protected} || {} });
    delete $protected{$_} for grep { !defined $protected{$_} } keys %protected;
    my %flat = (protected => b64(encode(\%protected)),
        payload => b64(encode($how{payload} || $self->jwk)));
    (my $digest = $alg) =~ s/^HS/SHA/;
    $digest = 'SHA256' unless $digest =~ /^SHA(256|384|512)$/;
    $flat{signature} = b64(defined $how{signature} ? $how{signature}
        : hmac($digest, decode_base64url($how{mac}), "$flat{protected}.$flat{payload}"));
    return \%flat;
}

# newAccount with a new binding key of $how{external}, or with $how{binding}.
sub register {
    my ($self, %how) = @_;
    my $binding = $how{binding} || QW->new_binding($how{external});
    my %payload = (termsOfServiceAgreed => JSON::PP::true,
        contact => ['mailto:ops@exemple.test'],
        externalAccountBinding => $self->eab(kid => $binding->{keyId}, mac => $binding->{macKey}),
        %{ $how{payload} || {} });
    my $r = $self->post($self->url('newAccount'), \%payload, jwk => 1);
    $self->{kid} = $r->header('Location') if $r->is_success;
    return $r;
}

sub order {
    my ($self, @names) = @_;
    my %more = ref $names[-1] ? %{ pop @names } : ();
    return $self->post($self->url('newOrder'),
        { identifiers => [map { { type => 'dns', value => $_ } } @names], %more });
}

sub key_authorization { my ($self, $token) = @_; $token . '.' . $self->thumbprint }

# Prove control of each authorization of the order in answer $r; its last look.
sub prove {
    my ($self, $r) = @_;
    my $at = $r->header('Location');
    for my $url (@{ $r->{json}{authorizations} }) {
        my $authz = $self->post($url)->{json};
        next if $authz->{status} eq 'valid';
        my ($type) = $authz->{wildcard} ? 'dns-01' : 'http-01';
        my ($challenge) = grep { $_->{type} eq $type } @{ $authz->{challenges} };
        my $text = $self->key_authorization($challenge->{token});
        if ($type eq 'dns-01') {
            QW->dns_line("_acme-challenge.$authz->{identifier}{value} TXT " . b64(sha256($text)));
        }
        else {
            QW->http01($challenge->{token}, $text);
        }
        $self->post($challenge->{url}, {});
        QW->await(sub { $self->post($url)->{json}{status} !~ /^(pending|processing)$/ });
    }
    return $self->post($at);
}

# DER of a CSR for @names with a fresh key; $options are openssl req's.
sub csr {
    my ($self, $names, @options) = @_;
    my $san = join ',', map { "DNS:$_" } @$names;
    my $dir = bed() . "/csr-$$";
    make_path($dir);
    my @key = grep({ $_ eq '-key' } @options) ? ()
        : (qw(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout), "$dir/key.pem");
    my @subject = grep({ $_ eq '-subj' } @options) ? () : ('-subj', '/');
    open my $stderr, '>&', \*STDERR or die;
    open STDERR, '>', "$dir/log" or die;
    my $rc = system('openssl', 'req', '-new', @key, @subject, '-addext', "subjectAltName=$san",
        '-outform', 'DER', '-out', "$dir/csr.der", @options);
    open STDERR, '>&', $stderr or die;
    die 'openssl req: ' . slurp("$dir/log") if $rc != 0;
    return slurp("$dir/csr.der");
}

# Finalize the order at $at with $csr; the order when it is no longer moving.
sub finalize {
    my ($self, $at, $csr) = @_;
    my $order = $self->post($at)->{json};
    my $r = $self->post($order->{finalize}, { csr => b64($csr) });
    return $r unless $r->is_success;
    QW->await(sub {
        $r = $self->post($at);
        ($r->{json}{status} || '') ne 'processing';
    });
    return $r;
}

# The whole way; the PEM chain, or death with the answer that was no success.
sub issue {
    my ($self, @names) = @_;
    my $r = $self->order(@names);
    die 'newOrder: ' . $r->as_string unless $r->code == 201;
    my $at = $r->header('Location');
    my @plain = grep { !ref } @names;
    $r = $self->prove($r);
    die 'not ready: ' . $r->as_string unless ($r->{json}{status} || '') eq 'ready';
    $r = $self->finalize($at, $self->csr(\@plain));
    die 'not valid: ' . $r->as_string unless ($r->{json}{status} || '') eq 'valid';
    my $pem = $self->post($r->{json}{certificate})->content;
    return $pem;
}

# The same for one name with the key in the file $key.
sub issue_with {
    my ($self, $name, $key) = @_;
    my $r = $self->order($name);
    my $at = $r->header('Location');
    $self->prove($r);
    $r = $self->finalize($at, $self->csr([$name], '-key', $key));
    die $r->as_string unless $r->{json}{status} eq 'valid';
}

# ---- checks --------------------------------------------------------------------
# Every answer to a POST owes these, whatever happened.
sub envelope_faults {
    my ($r) = @_;
    my @faults;
    push @faults, 'no Replay-Nonce' unless ($r->header('Replay-Nonce') || '') =~ /^[A-Za-z0-9_-]{8,}$/;
    push @faults, 'Cache-Control is not no-store' unless ($r->header('Cache-Control') || '') =~ /no-store/;
    push @faults, 'no Link to the index' unless grep { /rel="index"/ } $r->header('Link');
    return @faults;
}

# A problem document of $status and ACME error $type, in the envelope.
sub is_problem {
    my ($r, $status, $type, $name) = @_;
    my $p = $r->{json};
    my @faults;
    push @faults, 'status is ' . $r->code unless $r->code == $status;
    push @faults, 'Content-Type is ' . ($r->header('Content-Type') || 'missing')
        unless ($r->header('Content-Type') || '') =~ m{^application/problem\+json};
    if (ref $p eq 'HASH') {
        push @faults, 'type is ' . ($p->{type} || 'missing')
            unless ($p->{type} || '') eq "urn:ietf:params:acme:error:$type";
        push @faults, 'status member is ' . ($p->{status} // 'missing')
            unless ($p->{status} // '') eq $r->code;
        push @faults, 'detail is no plain sentence'
            unless defined $p->{detail} && length $p->{detail} <= 500
            && $p->{detail} !~ /[\x00-\x1f\x7f]/;
    }
    else {
        push @faults, 'the body is no JSON object';
    }
    push @faults, envelope_faults($r) if $r->request->method eq 'POST';
    return Test::More::ok(!@faults, $name)
        || Test::More::diag(join "\n", @faults, $r->as_string);
}

# Success with $status, in the envelope.
sub is_fine {
    my ($r, $status, $name) = @_;
    my @faults;
    push @faults, 'status is ' . $r->code unless $r->code == $status;
    push @faults, envelope_faults($r) if $r->request->method eq 'POST';
    return Test::More::ok(!@faults, $name)
        || Test::More::diag(join "\n", @faults, $r->as_string);
}

1;
