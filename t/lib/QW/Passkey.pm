# QW/Passkey.pm -- an authenticator in software, which can break any one field of
# what it makes, and a person with a browser who uses it.
#
#     my $olga = QW::Person->invited('Olga', 'operator', $account);   # accepts
#     $olga->login;
#     my $r = $olga->change($account_id, 'domain.add', name => 'a.test');
package QW::Passkey;
use strict; use warnings FATAL => 'all';
use Crypt::PK::ECC ();
use Digest::SHA qw(sha256);
use JSON::PP ();

my $json = JSON::PP->new->utf8->canonical;

sub new {
    my ($class, %how) = @_;
    my $key = Crypt::PK::ECC->new;
    $key->generate_key('secp256r1');
    return bless { key => $key, id => join('', map { chr int rand 256 } 1 .. 32), count => 0,
        rp => 'localhost', origin => QW::base(), %how }, $class;
}

sub head {
    my ($major, $n) = @_;
    return chr($major << 5 | $n) if $n < 24;
    return chr($major << 5 | 24) . chr $n if $n < 256;
    return chr($major << 5 | 25) . pack 'n', $n;
}
sub bytes { head(2, length $_[0]) . $_[0] }
sub text { head(3, length $_[0]) . $_[0] }
sub map_of { head(5, @_ / 2) . join '', @_ }

sub cose {
    my ($self) = @_;
    my $raw = $self->{key}->export_key_raw('public');    # 04, x, y
    return map_of(chr 1, chr 2, chr 3, chr 0x26, chr 0x20, chr 1,
        chr 0x21, bytes(substr $raw, 1, 32), chr 0x22, bytes(substr $raw, 33, 32));
}

# %how may replace type, origin, challenge, rp, flags, count, key.
sub client_data {
    my ($self, $type, $challenge, %how) = @_;
    return $json->encode({ type => "webauthn.$type", challenge => $challenge, origin => $self->{origin},
        crossOrigin => JSON::PP::false, %{ $how{client} || {} } });
}

sub data {
    my ($self, $flags, %how) = @_;
    my $count = exists $how{count} ? $how{count} : ++$self->{count};
    return sha256($how{rp} || $self->{rp}) . chr(exists $how{flags} ? $how{flags} : $flags) . pack 'N', $count;
}

# A packed statement over $bytes by $key, which the certificates (DER) of @chain vouch
# for; by the new key itself if there are none.
sub packed {
    my ($bytes, $key, @chain) = @_;
    my @x5c = @chain ? (text('x5c'), head(4, scalar @chain) . join('', map { bytes($_) } @chain)) : ();
    return map_of(text('alg'), chr 0x26, text('sig'), bytes($key->sign_message($bytes, 'SHA256')), @x5c);
}

# %how may give aaguid (hexadecimal), and attest => [key, DER of certificates ...].
sub make {
    my ($self, $challenge, %how) = @_;
    my $aaguid = pack 'H*', ($how{aaguid} || '0' x 32) =~ s/-//gr;
    my $data = $self->data(0x45, %how) . $aaguid . pack('n', length $self->{id}) . $self->{id} . $self->cose;
    my $client = $self->client_data('create', $challenge, %how);
    my ($format, $statement) = $how{attest} ? ('packed', packed($data . sha256($client), @{ $how{attest} })) : ('none', map_of());
    return (client_data => QW::b64($client),
        attestation => QW::b64(map_of(text('fmt'), text($format), text('attStmt'), $statement, text('authData'), bytes($data))),
        transports => 'internal');
}

sub sign {
    my ($self, $challenge, %how) = @_;
    my $data = $self->data(0x05, %how);
    my $client = $self->client_data('get', $challenge, %how);
    return (credential => QW::b64($self->{id}), client_data => QW::b64($client),
        authenticator_data => QW::b64($data),
        signature => QW::b64(($how{key} || $self->{key})->sign_message($data . sha256($client), 'SHA256')));
}

package QW::Person;
use strict; use warnings FATAL => 'all';
use HTTP::Request ();
use LWP::UserAgent ();
use URI::Escape qw(uri_escape_utf8);

sub new {
    my ($class, %how) = @_;
    my $self = bless { place => 'portal', %how }, $class;
    $self->{ua} = LWP::UserAgent->new(keep_alive => 4, timeout => 60, max_redirect => 0,
        agent => 'qw-suite/1', ssl_opts => { SSL_ca_file => QW::bed() . '/tls/ca.pem', verify_hostname => 1 });
    $self->{passkey} ||= QW::Passkey->new;
    return $self;
}

# The answer to METHOD at PATH below the portal; the cookie jar is one cookie.
sub send {
    my ($self, $method, $path, $form, %headers) = @_;
    my $request = HTTP::Request->new($method => QW::base() . "/$self->{place}/$path");
    if ($form) {
        $request->header('Content-Type' => 'application/x-www-form-urlencoded', Origin => QW::base());
        $request->content(join '&', map { "$_=" . uri_escape_utf8($form->{$_}) } sort keys %$form);
    }
    $request->header(Cookie => "__Host-qwacme=$self->{cookie}") if $self->{cookie};
    for my $name (keys %headers) {
        defined $headers{$name} ? $request->header($name => $headers{$name}) : $request->remove_header($name);
    }
    my $r = $self->{ua}->request($request);
    for my $cookie ($r->header('Set-Cookie')) {
        $self->{cookie} = $1 if $cookie =~ /^__Host-qwacme=([^;]*)/;
    }
    return $r;
}

sub get { my ($self, $path, %headers) = @_; $self->send('GET', $path, undef, %headers) }
sub post { my ($self, $path, $form, %headers) = @_; $self->send('POST', $path, $form, %headers) }

# The hidden fields of the form to $where on the page in answer $r, and the
# challenge that a passkey answers there.
sub form {
    my ($class, $r, $where) = @_;
    my ($head, $body) = $r->decoded_content =~ m{(<form [^>]*action="[^"]*/\Q$where\E"[^>]*>)(.*?)</form>}s
        or return ({}, undef);
    my %fields;
    while ($body =~ /<input ([^>]*)>/g) {
        my $input = $1;
        my ($name) = $input =~ /name="([^"]*)"/;
        my ($value) = $input =~ /value="([^"]*)"/;
        $value //= '';
        $value =~ s/&quot;/"/g; $value =~ s/&#39;/'/g; $value =~ s/&lt;/</g; $value =~ s/&gt;/>/g; $value =~ s/&amp;/&/g;
        $fields{$name} = $value if $input =~ /type="hidden"/;
    }
    my ($challenge) = $head =~ /data-challenge="([^"]*)"/;
    return (\%fields, $challenge);
}

# One who was invited by qwacmectl and has accepted. $role: officer, auditor,
# operator (of $account). %how: mail, language.
sub invited {
    my ($class, $name, $role, $account, %how) = @_;
    my $self = $class->new(%how);
    my @authority = $how{authority} ? ('--authority', $how{authority}) : ();
    my $got = $role eq 'operator'
        ? QW::ctl('operator', 'invite', $account, $name, '--mail', $how{mail} || 'o@exemple.fr', '--language', $how{language} || 'en', @authority)
        : QW::ctl('officer', 'invite', $name, '--mail', $how{mail} || 'officer@qtsp.fr', '--role', $role, @authority,
            $how{user} ? ('--user', $how{user}) : ());
    die "invite: $QW::ctl_text" unless $got;
    $self->{name} = $name;
    $self->{id} = $got->{person};
    $self->{invitation} = $got;
    $self->accept unless $how{wait};
    return $self;
}

sub secrets {
    my ($self) = @_;
    my ($token) = $self->{invitation}{link} =~ /#(.*)/;
    return (token => $token, secret => $self->{invitation}{secret});
}

sub accept {
    my ($self, %how) = @_;
    my $r = $self->post('invite', { $self->secrets });
    die 'invite: ' . $r->as_string unless $r->code == 200;
    my ($fields, $challenge) = $self->form($r, 'register');
    $r = $self->post('register', { %$fields, $self->{passkey}->make($challenge, %how) });
    die 'register: ' . $r->as_string unless $r->code == 303 || $how{fails};
    return $r;
}

# %how as QW::Passkey::sign; change => sub { of the fields }, headers => {}.
sub login {
    my ($self, %how) = @_;
    my ($fields, $challenge) = $self->form($self->get('login'), 'login');
    my %form = (%$fields, $self->{passkey}->sign($challenge, %how));
    $how{change}->(\%form) if $how{change};
    return $self->{last} = $self->post('login', \%form, %{ $how{headers} || {} });
}

# What stands in every form of a session.
sub csrf {
    my ($self) = @_;
    my ($csrf) = $self->get('')->decoded_content =~ /name="csrf" value="([^"]*)"/;
    return (csrf => $csrf // '');
}

sub propose {
    my ($self, $account, $do, %members) = @_;
    return $self->post('propose', { $self->csrf, do => $do, account => $account, %members });
}

# The fields of a signed change. forge => sub { of the fields }: changed before it
# is signed, so that the signature fits.
sub signed {
    my ($self, $r, %how) = @_;
    my ($fields, $challenge) = $self->form($r, 'sign');
    return undef unless defined $challenge;
    if ($how{forge}) {
        $how{forge}->($fields);
        $challenge = QW::b64(Digest::SHA::sha256("$fields->{nonce}$fields->{action}"));
    }
    my %form = (%$fields, $self->{passkey}->sign($challenge, %how));
    $how{change}->(\%form) if $how{change};
    return \%form;
}

# Propose and sign; the last answer.
sub change {
    my ($self, $account, $do, %members) = @_;
    my $r = $self->propose($account, $do, %members);
    my $form = $self->signed($r);
    return $form ? $self->post('sign', $form) : $r;
}

1;
