#include "tap.h"

#include "base/b64.h"
#include "x509/profile_row.h"
#include "x509/subject.h"

#include <apr_general.h>
#include <apr_strings.h>
#include "base/own.h"

/* DER of IDENTITY in hex, and as OpenSSL reads it. */
static const char *der(const qw_identity_t *identity, const char *common_name,
                       apr_pool_t *p)
{
    qw_bytes_t bytes;
    qw_der_t d;

    qw_der_start(&d, p);
    qw_subject_put(&d, identity, common_name);
    bytes = qw_der_bytes(&d);
    return qw_hex_encode(bytes.data, bytes.len, p);
}

static const char *order_of(const char *hex, apr_pool_t *p)
{
    qw_bytes_t bytes;
    const unsigned char *at;
    X509_NAME *name;
    char line[1024];

    if (!qw_hex_decode(&bytes, hex, p))
        return NULL;
    at = bytes.data;
    name = qw_own_X509_NAME(p, d2i_X509_NAME(NULL, &at, (long)bytes.len));
    if (name == NULL || at != bytes.data + bytes.len)
        return NULL;
    X509_NAME_oneline(name, line, sizeof(line));
    return apr_pstrdup(p, line);
}

static void order(apr_pool_t *p)
{
    qw_identity_t all = { .organization = "o",
                          .organization_identifier = "oi",
                          .country = "FR",
                          .state = "st",
                          .locality = "l",
                          .street = "sa",
                          .postal_code = "pc",
                          .business_category = "bc",
                          .serial_number = "sn",
                          .jurisdiction_country = "DE",
                          .jurisdiction_state = "jst",
                          .jurisdiction_locality = "jl",
                          .given_name = "gn",
                          .surname = "sur",
                          .pseudonym = "ps" };

    is_str(order_of(der(&all, "a.example", p), p),
           "/C=FR/ST=st/L=l/postalCode=pc/street=sa/O=o/SN=sur/GN=gn"
           "/CN=a.example/businessCategory=bc/jurisdictionC=DE"
           "/jurisdictionST=jst/jurisdictionL=jl/serialNumber=sn"
           "/organizationIdentifier=oi/pseudonym=ps",
           "the order of BR 7.1.4.2, then what has no order");
    is_str(order_of(der(&all, NULL, p), p),
           "/C=FR/ST=st/L=l/postalCode=pc/street=sa/O=o/SN=sur/GN=gn"
           "/businessCategory=bc/jurisdictionC=DE/jurisdictionST=jst"
           "/jurisdictionL=jl/serialNumber=sn/organizationIdentifier=oi"
           "/pseudonym=ps",
           "without commonName");
}

static void octets(apr_pool_t *p)
{
    qw_identity_t identity = { .country = "FR",
                               .organization = "\xc5\x81\xc3\xb3\xce\xa9" };

    is_str(der(&identity, NULL, p),
           "301e310b3009060355040613024652310f300d060355040a0c06c581c3b3cea9",
           "PrintableString and UTF8String, the letters unchanged");
    identity.organization = "<>'\"\\";
    is_str(der(&identity, NULL, p),
           "301d310b3009060355040613024652310e300c060355040a0c053c3e27225c",
           "no letter has a meaning");
}

static void common_name(apr_pool_t *p)
{
    qw_profile_t with = { .name = "x", .flags = QW_PROFILE_COMMON_NAME };
    qw_profile_t without = { .name = "x" };
    apr_array_header_t *names = apr_array_make(p, 3, sizeof(const char *));
    const char *name = "?";
    char deep[80];

    memset(deep, 'a', 61);
    memcpy(deep + 61, ".example", 9);
    APR_ARRAY_PUSH(names, const char *) = "*.example.fr";
    APR_ARRAY_PUSH(names, const char *) = deep;
    ok(qw_subject_common_name(&name, &with, names, p) != NULL,
       "neither a wildcard nor more than 64 characters");
    APR_ARRAY_PUSH(names, const char *) = "b.example.fr";
    ok(qw_subject_common_name(&name, &with, names, p) == NULL, "the next one");
    is_str(name, "b.example.fr", "is taken");
    ok(qw_subject_common_name(&name, &without, names, p) == NULL
           && name == NULL,
       "none where the profile has none");
}

int main(void)
{
    apr_pool_t *p;

    apr_initialize();
    apr_pool_create(&p, NULL);
    order(p);
    octets(p);
    common_name(p);
    apr_pool_destroy(p);
    return done_testing();
}
