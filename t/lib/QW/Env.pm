# QW/Env.pm -- a person who has no passkey: modules of httpd say who is there, as
# mod_auth_openidc does. $self->{env} is what they would say; SetEnvIf takes it from headers
# that tests alone send.
package Env;
use strict; use warnings FATAL => 'all';
use QW (); use QW::Passkey ();
use parent -norequire, 'QW::Person';

# Let $bed (QW::Bed), which has not started, have a portal at /portal where that is so;
# more $lines of its authority.
sub equip {
    my ($class, $bed, $lines) = @_;
    my ($modules) = $bed->slurp('base.conf') =~ m{"(.*)/mod_ssl\.so"} or die 'where are the modules?';
    my $claims = join "\n", "LoadModule setenvif_module $modules/mod_setenvif.so",
        map({ "SetEnvIf X-Test-$_->[0] (.+) $_->[1]=\$1" } ['sub', 'OIDC_CLAIM_sub'], ['acr', 'OIDC_CLAIM_acr'], ['time', 'OIDC_CLAIM_auth_time']),
        'SetEnvIf X-Test-sub . OIDC_CLAIM_iss=https://idp.test';
    my $place = "<Location /portal>\nSetHandler qwacme-portal\nQwacmeUse test\n</Location>\n";
    $bed->configure(sub { s{(<QwacmeAuthority test>\n)}{$1    QwacmePortalAuth env OIDC_CLAIM_sub OIDC_CLAIM_iss=https://idp.test OIDC_CLAIM_acr=high OIDC_CLAIM_acr=substantial
    QwacmePortalStepUp auth-time=OIDC_CLAIM_auth_time max-age=2m "location=/again?prompt=login&to=%{return}" OIDC_CLAIM_acr=high
@{[ $lines || '' ]}} });
    $bed->put('httpd.conf', $bed->slurp('httpd.conf') =~ s{(<VirtualHost 127.0.0.1:$ENV{QW_PORT}>)}{$claims\n$1}r =~ s{</VirtualHost>}{$place</VirtualHost>}r);
}

sub send {
    my ($self, $method, $path, $form, %headers) = @_;
    my %env = map { ("X-Test-$_" => $self->{env}{$_}) } keys %{ $self->{env} || {} };
    return $self->SUPER::send($method, $path, $form, %env, %headers);
}

sub login { my ($self, %headers) = @_; $self->post('login', {}, %headers) }

sub accept {
    my ($self, %how) = @_;
    my $r = $self->post('invite', { $self->secrets });
    return $r if $r->code != 200;
    my ($fields) = $self->form($r, 'register');
    return $self->post('register', { %$fields, %{ $how{fields} || {} } });
}

# One who is invited as $sub: not yet accepted.
sub person {
    my ($class, $name, $sub, @how) = @_;
    return $class->invited($name, @how > 1 ? @how : ($how[0], undef), wait => 1, env => { sub => $sub, acr => 'high', time => time - 3600 });
}

# A login from now on, which takes two seconds.
my $later = 0;
sub now { time + $later }
sub again { my ($self) = @_; QW->clock($later += 2); $self->{env}{time} = now(); return $self }

# What the page that shows a change leads to: the id that waits.
sub shown { my ($r) = @_; return ($r->decoded_content =~ m{(?:%2Freturn%2F|name="confirmation" value=")([\w-]{22})})[0] }

# The fields of the button, once the person has logged in again.
sub button {
    my ($self, $r) = @_;
    my $id = shown($r) or return undef;
    my ($fields) = $self->form($self->again->get("confirm/$id"), 'sign');
    return $fields;
}

sub change {
    my ($self, $account, $do, %members) = @_;
    my $r = $self->propose($account, $do, %members);
    my $fields = $self->button($r);
    return $fields ? $self->post('sign', $fields) : $r;
}

1;
