#include "tap.h"
#include "x509_golden.h"

#include "x509/cert.h"
#include "x509/der.h"

#include <apr_general.h>
#include <openssl/err.h>

static void facts(apr_pool_t *p)
{
    qw_bytes_t der = golden_der(golden_qevcp_w_pem, p);
    golden_parts_t parts = golden_parts(&der);
    const unsigned char *at = der.data;
    X509 *cert = qw_own_X509(p, d2i_X509(NULL, &at, (long)der.len));
    qw_issuer_t *issuer = golden_issuer(p);
    unsigned char hash[32];
    qw_cert_facts_t *facts = NULL;

    ok(qw_cert_parse(&facts, &der, p) == NULL, "a certificate parses");
    is_str(facts->serial, "2d5a08c6788e85eba1a7aca735f43813", "serial");
    ok(qw_bytes_equal(&facts->issuer, &issuer->subject), "issuer");
    is_str(facts->aki, "5a56606438c298c6039f518ef167d877ac04b522",
           "authority key identifier");
    ok(qw_bytes_equal(&facts->spki, &parts.spki), "SPKI");
    X509_digest(cert, EVP_sha256(), hash, NULL);
    is_str(facts->fingerprint, qw_hex_encode(hash, 32, p), "fingerprint");
    ok(facts->not_before == apr_time_from_sec(1795435200)
           && facts->not_after
                  == apr_time_from_sec(1795435200 + 199 * 86400 - 1),
       "validity");
    der = golden_der(golden_ca_pem, p);
    ok(qw_cert_parse(&facts, &der, p) == NULL && facts->aki == NULL,
       "a certificate without authority key identifier");
}

static void bad_octets(apr_pool_t *p)
{
    qw_bytes_t der = golden_der(golden_qevcp_w_pem, p), bad = der;
    unsigned char *copy = apr_pmemdup(p, der.data, der.len);
    apr_size_t i, refused = 0, mute = 0, parsed = 0;
    qw_cert_facts_t *facts = NULL;
    qw_problem_t *problem;
    apr_pool_t *round;
    const char *text;

    apr_pool_create(&round, p);
    bad.data = copy;
    for (i = 0; i < der.len; i++) {
        bad.len = i;
        problem = qw_cert_parse(&facts, &bad, round);
        refused += problem != NULL && problem->code == QW_E_MALFORMED;
        apr_pool_clear(round);
    }
    ok(refused == der.len, "cut anywhere it is malformed");
    bad.len = der.len;
    for (i = 0; i < der.len * 8; i++) {
        copy[i / 8] ^= (unsigned char)(1 << i % 8);
        if (qw_cert_parse(&facts, &bad, round) == NULL) {
            parsed++;
            mute += qw_cert_describe(&text, &bad, round) != NULL;
        }
        copy[i / 8] ^= (unsigned char)(1 << i % 8);
        apr_pool_clear(round);
    }
    ok(parsed > 0 && mute == 0, "with a bit flipped, what parses is described");
    ok(ERR_peek_error() == 0, "nothing is left in the error queue");
}

static void says(const char *text, const char *line)
{
    ok(strstr(text, line) != NULL, "%.*s", (int)strcspn(line, "\n"), line);
    if (strstr(text, line) == NULL)
        printf("# is not in:\n# %s\n", text);
}

static void described(apr_pool_t *p)
{
    static const char *const lines[] = {
        "Subject\n"
        "  Country                  FR\n"
        "  Locality                 Paris\n"
        "  Organization             Soci\xc3\xa9t\xc3\xa9 Exemple SA\n"
        "  Business category        Private Organization\n"
        "  Jurisdiction country     FR\n"
        "  Registration number      130007669\n"
        "  Organization identifier  NTRFR-130007669\n"
        "Issuer\n",
        "  Common name              Example QTSP QWAC ACME CA 1\n",
        "  Serial number            2d5a08c6788e85eba1a7aca735f43813\n",
        "  Valid from               2026-11-23T12:00:00Z\n",
        "  Valid to                 2027-06-10T11:59:59Z (199 days)\n",
        "  Key                      P-256\n",
        "  Signed with              ECDSA with SHA-256\n",
        "  Key usage                digitalSignature\n",
        "  Extended key usage       TLS server authentication "
        "(1.3.6.1.5.5.7.3.1)\n",
        "  Names                    www.example.fr\n"
        "                           example.fr\n",
        "  Policies                 CA/Browser Forum: extended validation "
        "(2.23.140.1.1)\n"
        "                           ETSI EN 319 411-2: QEVCP-w "
        "(0.4.0.194112.1.4)\n",
        "  QcCompliance             a qualified certificate under eIDAS\n"
        "  QcType                   website authentication "
        "(0.4.0.1862.1.6.3)\n"
        "  QcPDS                    en: https://pki.example/pds_en.pdf\n"
        "  QcPDS                    fr: https://pki.example/pds_fr.pdf\n",
        "  Registration (EVG)       scheme NTR, country FR, number "
        "130007669\n",
        "  Status by OCSP           http://ocsp.pki.example/\n",
        "  Status by CRL            http://crl.pki.example/qwac1.crl\n",
        "  Issuer's certificate     http://aia.pki.example/qwac1.cer\n"
    };
    qw_bytes_t der = golden_der(golden_qevcp_w_pem, p);
    const char *text = "";
    apr_size_t i;

    ok(qw_cert_describe(&text, &der, p) == NULL, "a QWAC is described");
    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        says(text, lines[i]);
    der = golden_der(golden_ca_pem, p);
    ok(qw_cert_describe(&text, &der, p) == NULL, "so is a CA");
    says(text, "  Basic constraints        CA, path length 0\n");
    says(text, "  Key usage                digitalSignature, keyCertSign, "
               "cRLSign\n");
    der.len--;
    ok(qw_cert_describe(&text, &der, p) != NULL, "and half of one is not");
}

int main(void)
{
    apr_pool_t *p;

    apr_initialize();
    apr_pool_create(&p, NULL);
    facts(p);
    bad_octets(p);
    described(p);
    apr_pool_destroy(p);
    return done_testing();
}
