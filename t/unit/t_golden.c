/* Certificates of every profile against references by another implementation
 * (t/golden/make), field by field; strict OpenSSL takes each. */
#include "tap.h"
#include "x509_golden.h"

#include "base/text.h"

#include <apr_general.h>

#define DIR QW_SRCDIR "/t/golden/"

static const char *slurp(const char *name, apr_pool_t *p)
{
    char *text = apr_pcalloc(p, 65536);
    FILE *f = fopen(apr_pstrcat(p, DIR, name, NULL), "r");

    if (f == NULL)
        return "";
    text[fread(text, 1, 65535, f)] = '\0';
    fclose(f);
    return text;
}

static json_t *member(const json_t *object, const char *name)
{
    return json_object_get(object, name);
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(member(object, name));
}

static apr_array_header_t *pds_of(const json_t *all, apr_pool_t *p)
{
    apr_array_header_t *list = apr_array_make(p, 2, sizeof(qw_tbs_pds_t));
    json_t *entry;
    apr_size_t i;

    json_array_foreach(member(all, "pds"), i, entry)
    {
        qw_tbs_pds_t row = { json_string_value(json_array_get(entry, 0)),
                             json_string_value(json_array_get(entry, 1)) };

        APR_ARRAY_PUSH(list, qw_tbs_pds_t) = row;
    }
    return list;
}

/* What makes certificate NAME of inputs.json; the rest is the reference's. */
static qw_tbs_in_t read_in(const json_t *all, const char *name,
                           const qw_issuer_t *issuer, apr_pool_t *p)
{
    const json_t *entry = member(member(all, "certificates"), name);
    const char *pem = slurp(apr_pstrcat(p, name, ".pem", NULL), p);
    qw_bytes_t der = golden_der(pem, p);
    golden_parts_t parts = golden_parts(&der);
    apr_array_header_t *names = apr_array_make(p, 2, sizeof(const char *));
    qw_identity_t *identity = NULL;
    qw_tbs_in_t in = { 0 };
    json_t *each;
    apr_size_t i;

    json_array_foreach(member(entry, "names"), i, each)
        APR_ARRAY_PUSH(names, const char *) = json_string_value(each);
    if (qw_identity_parse(&identity, member(entry, "identity"), p) != NULL
        || !qw_text_parse_time(&in.not_before, text_of(all, "at")))
        ok(0, "%s: inputs.json", name);
    in.profile = qw_profile_find(apr_pstrmemdup(p, name, strcspn(name, ".")));
    in.identity = identity;
    in.names = names;
    in.spki = parts.spki;
    in.serial = parts.serial;
    in.days = (int)json_integer_value(member(all, "days"));
    in.issuer = issuer;
    in.ocsp_url = text_of(all, "ocsp");
    in.issuer_url = text_of(all, "issuer");
    in.crl_url = text_of(all, "crl");
    in.pds = pds_of(all, p);
    return in;
}

/* Elements of OURS and THEIRS one by one, down to DEPTH. */
static void same(const qw_bytes_t *ours, const qw_bytes_t *theirs,
                 const char *name, int depth, apr_pool_t *p)
{
    qw_der_in_t a = *ours, b = *theirs, deep_a, deep_b;
    qw_bytes_t one, other;
    int n = 0;

    while (qw_der_next(&b, -1, &other, &deep_b)) {
        const char *what = apr_psprintf(p, "%s.%d", name, n++);

        if (!qw_der_next(&a, -1, &one, &deep_a)) {
            ok(0, "%s is missing", what);
            return;
        }
        if (depth > 0 && one.data[0] == other.data[0] && (one.data[0] & 0x20))
            same(&deep_a, &deep_b, what, depth - 1, p);
        else
            is_str(qw_hex_encode(one.data, one.len, p),
                   qw_hex_encode(other.data, other.len, p), what);
    }
    ok(a.len == 0, "%s has %d elements", name, n);
}

static X509 *x509(const qw_bytes_t *der, apr_pool_t *p)
{
    const unsigned char *at = der->data;

    return qw_own_X509(p, d2i_X509(NULL, &at, (long)der->len));
}

static int strict(const qw_bytes_t *der, const qw_tbs_in_t *in, apr_pool_t *p)
{
    qw_bytes_t root = golden_der(slurp("root.pem", p), p);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    STACK_OF(X509) *chain = sk_X509_new_null();
    int rc;

    X509_STORE_add_cert(store, x509(&root, p));
    sk_X509_push(chain, in->issuer->cert);
    X509_STORE_CTX_init(ctx, store, x509(der, p), chain);
    X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_X509_STRICT);
    X509_STORE_CTX_set_time(ctx, 0, (time_t)apr_time_sec(in->not_before));
    rc = X509_verify_cert(ctx);
    if (rc != 1)
        printf("# %s\n",
               X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
    sk_X509_free(chain);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    return rc == 1;
}

static void compare(const char *name, const qw_tbs_in_t *in, apr_pool_t *p)
{
    const char *pem = slurp(apr_pstrcat(p, name, ".pem", NULL), p);
    qw_bytes_t want = golden_der(pem, p), tbs, der;
    golden_parts_t parts = golden_parts(&want);
    qw_problem_t *problem = qw_tbs_make(&tbs, in, p);

    ok(problem == NULL, "%s is made", name);
    if (problem != NULL) {
        printf("# %s\n", qw_problem_for_log(problem, p));
        return;
    }
    same(&tbs, &parts.tbs, name, 4, p);
    problem = qw_tbs_lint(&tbs, in, p);
    ok(problem == NULL, "%s passes the lint", name);
    if (problem != NULL)
        printf("# %s\n", problem->cause);
    ok(qw_cert_assemble(&der, &tbs, in->issuer, &parts.signature, p) == NULL
           && qw_bytes_equal(&der, &want)
           && qw_cert_verify(&der, &tbs, in->issuer, p) == NULL,
       "%s is the reference, signature and all", name);
    ok(strict(&der, in, p), "%s: OpenSSL takes it, strictly", name);
}

/* The lint sees every bit, whatever the profile. */
static void flip(const char *name, const qw_tbs_in_t *in, apr_pool_t *p)
{
    qw_bytes_t tbs, bad;
    unsigned char *copy;
    apr_size_t i, seen = 0;
    apr_pool_t *scratch;

    if (qw_tbs_make(&tbs, in, p) != NULL)
        return;
    apr_pool_create(&scratch, p);
    bad.data = copy = apr_pmemdup(p, tbs.data, tbs.len);
    bad.len = tbs.len;
    for (i = 0; i < 8 * tbs.len; i++) {
        copy[i / 8] ^= (unsigned char)(1 << i % 8);
        seen += qw_tbs_lint(&bad, in, scratch) != NULL;
        copy[i / 8] ^= (unsigned char)(1 << i % 8);
        apr_pool_clear(scratch);
    }
    ok(seen == 8 * tbs.len, "%s: the lint sees a flip of any bit", name);
}

/* 1 if the TBS of IN holds the octets HEX. */
static int holds(const qw_tbs_in_t *in, const char *hex, apr_pool_t *p)
{
    qw_bytes_t tbs;

    return qw_tbs_make(&tbs, in, p) == NULL
           && strstr(qw_hex_encode(tbs.data, tbs.len, p), hex) != NULL;
}

/* The statement of a certificate that another provider issued. */
static void psd2_in_the_field(const json_t *all, const qw_issuer_t *issuer,
                              apr_pool_t *p)
{
    qw_tbs_in_t in = read_in(all, "qncp-w-gen-psd2", issuer, p);
    qw_identity_t bank = *in.identity;

    bank.psd2_roles = "PSP_AI";
    bank.nca_name = "The Netherlands Bank";
    bank.nca_id = "NL-DNB";
    bank.organization_identifier = "PSDNL-DNB-B0001";
    in.identity = &bank;
    ok(holds(&in,
             "303d06060400819827023033301330110607040081982701030c065053505f41"
             "490c14546865204e65746865726c616e64732042616e6b0c064e4c2d444e42",
             p),
       "QWC-07 the PSD2 statement, octet by octet");
}

/* Certificate C[0] with the octets C[1] as C[2] is found to be C[3]. */
static void smuggled(const char *const *c, const json_t *all,
                     const qw_issuer_t *issuer, apr_pool_t *p)
{
    qw_tbs_in_t in = read_in(all, c[0], issuer, p);
    qw_bytes_t tbs, bad = { NULL, 0 };
    qw_problem_t *problem;
    char *text, *at;

    if (qw_tbs_make(&tbs, &in, p) != NULL)
        return;
    text = apr_pstrdup(p, qw_hex_encode(tbs.data, tbs.len, p));
    at = strstr(text, c[1]);
    if (at == NULL)
        ok(0, "%s has no %s", c[0], c[1]);
    else
        memcpy(at, c[2], strlen(c[2]));
    problem = qw_hex_decode(&bad, text, p) ? qw_tbs_lint(&bad, &in, p) : NULL;
    is_str(problem != NULL ? problem->cause : "fine", c[3], c[3]);
}

static void smuggling(const json_t *all, const qw_issuer_t *issuer,
                      apr_pool_t *p)
{
    static const char *const cases[][4] = {
        { "qncp-w-gen-psd2", "81982701040c06", "81982701010c06",
          "a PSD2 role whose name is not its identifier's" },
        { "qncp-w-gen-psd2", "81982701040c065053505f4943",
          "81982701030c065053505f4149", "a PSD2 role that was not verified" },
        { "qevcp-w-psd2", "0c0746522d41435052", "0c0744452d41435052",
          "the competent authority is not the verified one" },
        { "qncp-w-gen", "008bec490102", "008bec490101",
          "the semantics are not those of the profile's person" },
        { "qncp-w-gen-np", "008bec490101", "008bec490102",
          "the semantics are not those of the profile's person" },
        { "2-qwac", "060704008bec430100", "060704008bec430101",
          "the extended key usage is not the profile's" },
        { "qevcp-w-psd2", "060704008198270301", "060704008198270302",
          "the policies are not the profile's" },
        { "qncp-w",
          "06060400"
          "8e460101",
          "06060400"
          "8e460104",
          "a statement of the profile is missing" },
    };
    apr_size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        smuggled(cases[i], all, issuer, p);
}

/* The lint holds roles, authority and number against each other by itself. */
static void disagreement(const json_t *all, const qw_issuer_t *issuer,
                         apr_pool_t *p)
{
    qw_tbs_in_t in = read_in(all, "qncp-w-gen-psd2", issuer, p);
    qw_identity_t bank = *in.identity;
    qw_bytes_t tbs;
    qw_problem_t *problem;

    if (qw_tbs_make(&tbs, &in, p) != NULL)
        return;
    in.identity = &bank;
    bank.psd2_roles = "PSP_IC PSP_AI";
    problem = qw_tbs_lint(&tbs, &in, p);
    is_str(problem != NULL ? problem->cause : "fine", "a PSD2 role is missing",
           "QWC-07 a role less");
    bank.psd2_roles = NULL;
    problem = qw_tbs_lint(&tbs, &in, p);
    is_str(problem != NULL ? problem->cause : "fine", "PSD2 without roles",
           "QWC-07 no role");
}

int main(void)
{
    const qw_profile_t *profile;
    qw_issuer_t *issuer = NULL;
    apr_time_t at = 0;
    json_t *all = NULL, *entry;
    const char *name, *text;
    apr_pool_t *p;
    int i;

    apr_initialize();
    apr_pool_create(&p, NULL);
    text = slurp("inputs.json", p);
    if (qw_json_parse_object(&all, text, strlen(text), "inputs", p) != NULL
        || !qw_text_parse_time(&at, text_of(all, "at"))
        || qw_issuer_load(&issuer, DIR "issuing.pem", at, p) != NULL) {
        ok(0, "t/golden is readable");
        return done_testing();
    }
    for (i = 0; (profile = qw_profile_at(i)) != NULL; i++)
        ok(member(member(all, "certificates"), qw_profile_name(profile))
               != NULL,
           "there is a reference of %s", qw_profile_name(profile));
    json_object_foreach(member(all, "certificates"), name, entry)
    {
        qw_tbs_in_t in = read_in(all, name, issuer, p);

        compare(name, &in, p);
        flip(name, &in, p);
    }
    psd2_in_the_field(all, issuer, p);
    smuggling(all, issuer, p);
    disagreement(all, issuer, p);
    apr_pool_destroy(p);
    return done_testing();
}
