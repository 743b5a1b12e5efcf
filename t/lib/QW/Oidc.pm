# QW/Oidc.pm -- a test bed whose portal stands behind mod_auth_openidc and an OpenID
# provider of the test's own (t/lib/oidc), which is another site.
#
#     plan skip_all => '...' unless QW::Oidc->is_there;
#     my $home = QW::Oidc->bed('portal-oidc', 17600);
#     QW::Oidc->who($home, sub => 'olga');
#     $home->start;
package QW::Oidc;
use strict; use warnings FATAL => 'all';
use QW (); use QW::Bed ();

my ($folder) = grep { -e "$_/mod_auth_openidc.so" } '/usr/lib/apache2/modules', '/usr/lib64/httpd/modules', '/usr/lib/httpd/modules';

sub is_there { defined $folder }

sub bed {
    my ($class, $name, $port, %how) = @_;
    my $home = QW::Bed->new($name, $port, %how);
    my $idp_port = $port + 90;
    my $idp = "https://127.0.0.1:$idp_port";
    $home->configure(sub { s{(<QwacmeAuthority test>\n)}{$1    QwacmePortalAuth env OIDC_CLAIM_sub OIDC_CLAIM_iss=$idp
    QwacmePortalStepUp auth-time=OIDC_CLAIM_auth_time max-age=2m OIDC_CLAIM_acr=high "location=/portal/oidc?iss=https%3A%2F%2F127.0.0.1%3A$idp_port&target_link_uri=%{return}&auth_request_params=prompt%3Dlogin%26acr_values%3Dhigh"
} });
    my ($base, $rest) = $home->slurp('httpd.conf') =~ /^(.*?^Include [^\n]*base\.conf\n)(.*)$/ms or die 'httpd.conf';
    my $modules = join '', map { "LoadModule ${_}_module $folder/mod_$_.so\n" } 'auth_basic', 'authz_user', 'auth_openidc';
    $rest =~ s{</VirtualHost>}{
OIDCProviderIssuer $idp
OIDCProviderAuthorizationEndpoint $idp/authorize
OIDCProviderTokenEndpoint $idp/token
OIDCProviderTokenEndpointAuth client_secret_basic
OIDCProviderJwksUri $idp/jwks
OIDCCABundlePath $home->{dir}/tls/ca.pem
OIDCClientID portal
OIDCClientSecret secret-of-the-client
OIDCCryptoPassphrase passphrase-of-the-cookies
OIDCRedirectURI $ENV{QW_URL}/portal/oidc
OIDCScope openid
OIDCPassClaimsAs environment
<Location /portal>
AuthType openid-connect
Require valid-user
SetHandler qwacme-portal
QwacmeUse test
</Location>
</VirtualHost>};
    $home->put('httpd.conf', $base . $modules . $rest);
    $home->run_ready('oidc.out', "$ENV{QW_SRCDIR}/t/lib/oidc", $idp_port, $home->{dir});
    return $home;
}

# Who is at the browser, as the provider knows: sub, acr, auth_time.
sub who {
    my ($class, $home, %who) = @_;
    $home->put('oidc-who', QW::encode({ acr => 'low', auth_time => time - 3600, %who }));
}

1;
