/* Lists of revoked certificates, in pieces. */
#include "tap.h"
#include "status_golden.h"

#include "x509/crl.h"

/* All pieces together. */
typedef struct {
    qw_bytes_t tbs, der;
} list_t;

static qw_bytes_t join(const qw_bytes_t *a, const qw_bytes_t *b,
                       const qw_bytes_t *c, apr_pool_t *p)
{
    unsigned char *data = apr_palloc(p, a->len + b->len + c->len);
    qw_bytes_t all = { data, a->len + b->len + c->len };

    memcpy(data, a->data, a->len);
    if (b->len > 0)
        memcpy(data + a->len, b->data, b->len);
    memcpy(data + a->len + b->len, c->data, c->len);
    return all;
}

/* Signed by KEY, or with SIGNATURE if KEY is NULL. */
static int put_together(list_t *list, const qw_crl_in_t *in,
                        const qw_bytes_t *entries, EVP_PKEY *key,
                        qw_bytes_t signature, apr_pool_t *p)
{
    qw_bytes_t head, tail, start, end;

    if (qw_crl_frame(&head, &tail, in, p) != NULL)
        return 0;
    list->tbs = join(&head, entries, &tail, p);
    if (key != NULL)
        signature = status_sign(key, in->issuer->digest, &list->tbs, p);
    if (qw_crl_wrap(&start, &end, list->tbs.len, &in->issuer->sig_alg,
                    &signature, p)
        != NULL)
        return 0;
    list->der = join(&start, &list->tbs, &end, p);
    return 1;
}

static X509_CRL *parse(const qw_bytes_t *der)
{
    const unsigned char *at = der->data;

    return d2i_X509_CRL(NULL, &at, (long)der->len);
}

static qw_bytes_t entries_of(const json_t *row, apr_pool_t *p)
{
    json_t *entry;
    apr_size_t i;
    qw_der_t out;

    qw_der_start(&out, p);
    json_array_foreach(status_member(row, "entries"), i, entry)
    {
        ok(qw_crl_entry(&out, status_text(entry, "serial"),
                        status_time(entry, "revoked_at"),
                        (int)status_int(entry, "reason"))
               || i > 3,
           "an entry");
    }
    return qw_der_bytes(&out);
}

static void facts(const json_t *row, const qw_crl_in_t *in,
                  const qw_bytes_t *der, apr_pool_t *p)
{
    const char *name = status_text(row, "name");
    qw_crl_facts_t *f = NULL;

    ok(qw_crl_read(&f, der, p) == NULL, "%s is read", name);
    if (f == NULL)
        return;
    ok(f->number == in->number && f->this_update == in->this_update
           && f->next_update == in->next_update
           && f->expired_since == in->expired_since
           && f->entries == json_array_size(status_member(row, "entries"))
           && f->is_final == (strcmp(name, "the last one") == 0)
           && qw_bytes_equal(&f->issuer, &in->issuer->subject),
       "%s says what went in", name);
    is_str(f->aki, status_show(&in->issuer->ski, p), "the issuer's key");
    is_str(f->idp_url ? f->idp_url : "", in->idp_url ? in->idp_url : "",
           "the point");
    ok(der->data[f->tbs_at] == 0x30
           && f->tbs_at + f->tbs_len + f->sig_alg.len + f->signature.len + 5
                  >= der->len,
       "and where the signed octets are");
}

static void one(const json_t *row, const qw_issuer_t *issuer, apr_pool_t *p)
{
    const char *name = status_text(row, "name");
    qw_bytes_t want = status_octets(row, "der", p), entries, tbs;
    qw_crl_in_t in = { issuer,
                       status_time(row, "this_update"),
                       status_time(row, "next_update"),
                       status_int(row, "number"),
                       status_text(row, "idp_url"),
                       status_time(row, "expired_since"),
                       0 };
    unsigned char hash[EVP_MAX_MD_SIZE];
    qw_bytes_t digest = { hash, 32 };
    qw_crl_facts_t *f = NULL;
    list_t list = { { NULL, 0 }, { NULL, 0 } };
    X509_CRL *crl;

    entries = entries_of(row, p);
    in.entries_len = entries.len;
    if (qw_crl_read(&f, &want, p) != NULL) {
        ok(0, "%s: the reference is read", name);
        return;
    }
    ok(put_together(&list, &in, &entries, NULL, f->signature, p), "%s is made",
       name);
    is_str(status_show(&list.der, p), status_show(&want, p),
           "and comes to the reference's octets");
    facts(row, &in, &list.der, p);
    tbs.data = want.data + f->tbs_at;
    tbs.len = (apr_size_t)f->tbs_len;
    EVP_Q_digest(NULL, issuer->digest, NULL, tbs.data, tbs.len, hash, NULL);
    ok(qw_digest_verify(issuer, &digest, &f->signature, p) == NULL,
       "%s: the reference's signature is good over the hash", name);
    digest.len = 33;
    ok(qw_digest_verify(issuer, &digest, &f->signature, p) != NULL,
       "not over one that is longer");
    digest.len = 32;
    hash[7] ^= 1;
    ok(status_broke(qw_digest_verify(issuer, &digest, &f->signature, p),
                    "does not verify"),
       "and not over another");
    digest.len = 20;
    ok(qw_digest_verify(issuer, &digest, &f->signature, p) != NULL,
       "nor over one that is cut");
    crl = parse(&list.der);
    ok(crl != NULL && X509_CRL_verify(crl, issuer->key) == 1
           && X509_CRL_get_version(crl) == 1,
       "%s: OpenSSL takes it", name);
    X509_CRL_free(crl);
}

/* DER with an element more at its end. */
static int reads_with_more(const qw_bytes_t *der, apr_pool_t *p)
{
    qw_der_in_t in = *der, content;
    qw_bytes_t other;
    qw_crl_facts_t *f;
    apr_size_t seq;
    qw_der_t out;

    qw_der_enter(&in, QW_DER_SEQUENCE, &content);
    qw_der_start(&out, p);
    seq = qw_der_open(&out, QW_DER_SEQUENCE);
    qw_der_raw(&out, &content);
    qw_der_put(&out, QW_DER_NULL, NULL, 0);
    qw_der_close(&out, seq);
    other = qw_der_bytes(&out);
    return qw_crl_read(&f, &other, p) == NULL;
}

/* Every beginning of DER, and every list with one octet of its frame changed,
 * is refused or reads as something. */
static void malformed(const json_t *row, apr_pool_t *p)
{
    qw_bytes_t der = status_octets(row, "der", p), other;
    unsigned char *longer = apr_pcalloc(p, der.len + 1);
    qw_crl_facts_t *f;
    apr_pool_t *round;
    apr_size_t at, taken = 0;

    apr_pool_create(&round, p);
    for (at = 0; at < der.len; at++) {
        other = status_cut(&der, at, round);
        taken += qw_crl_read(&f, &other, round) == NULL;
        other = status_flip(&der, at, round);
        (void)!qw_crl_read(&f, &other, round);
        apr_pool_clear(round);
    }
    ok(taken == 0, "no beginning of %s is taken", status_text(row, "name"));
    memcpy(longer, der.data, der.len);
    other.data = longer;
    other.len = der.len + 1;
    ok(qw_crl_read(&f, &other, p) != NULL, "nothing may follow");
    ok(!reads_with_more(&der, p), "nor stand behind the signature");
}

static int refuses(const qw_crl_in_t *in, const char *cause, apr_pool_t *p)
{
    qw_bytes_t head, tail;

    return status_broke(qw_crl_frame(&head, &tail, in, p), cause);
}

static void refused(const qw_issuer_t *issuer, apr_pool_t *p)
{
    const qw_crl_in_t good = { issuer, 0, apr_time_from_sec(86400), 1, NULL,
                               0,      0 };
    qw_bytes_t none = { NULL, 0 }, start, end;
    qw_crl_in_t in = good;
    qw_der_t out;

    in.number = -1;
    ok(refuses(&in, "number", p), "a negative number");
    in = good;
    in.next_update = 0;
    ok(refuses(&in, "times", p), "a next update that is not later");
    in = good;
    in.idp_url = "https://crl.example/1.crl";
    ok(refuses(&in, "http://", p), "a point that is not http");
    in = good;
    in.entries_len = 0x7fffffff;
    ok(refuses(&in, "2^31", p), "2^31 octets");
    ok(status_broke(qw_crl_wrap(&start, &end, 1, &issuer->sig_alg, &none, p),
                    "empty"),
       "an empty signature");
    qw_der_start(&out, p);
    ok(!qw_crl_entry(&out, "zz", 0, 0) && !qw_crl_entry(&out, "", 0, 0),
       "a serial that is no hex, or none");
    ok(!qw_crl_entry(&out, "01", 0, 7) && !qw_crl_entry(&out, "01", 0, 11),
       "reasons that do not exist");
    ok(!qw_crl_entry(&out, "010203040506070809101112131415161718192021", 0, 0),
       "a serial of 21 octets");
}

/* What the revocation check of OpenSSL says of the responder's certificate. */
static int check(const status_ca_t *ca, const qw_bytes_t *der, apr_pool_t *p)
{
    X509_STORE *store = qw_own_X509_STORE(p, X509_STORE_new());
    X509_STORE_CTX *ctx = qw_own_X509_STORE_CTX(p, X509_STORE_CTX_new());
    X509_CRL *crl = parse(der);
    int error;

    X509_STORE_add_cert(store, ca->issuer->cert);
    X509_STORE_add_crl(store, crl);
    X509_STORE_CTX_init(ctx, store, status_x509(&ca->responder, p), NULL);
    X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_CRL_CHECK
                                      | X509_V_FLAG_X509_STRICT
                                      | X509_V_FLAG_PARTIAL_CHAIN);
    X509_STORE_CTX_set_time(ctx, 0,
                            (time_t)apr_time_sec(ca->issuer->not_before) + 60);
    X509_verify_cert(ctx);
    error = X509_STORE_CTX_get_error(ctx);
    X509_CRL_free(crl);
    ERR_clear_error();
    return error;
}

static void checking(const char *type, apr_pool_t *p)
{
    qw_bytes_t none = { NULL, 0 }, entries;
    list_t list = { { NULL, 0 }, { NULL, 0 } };
    qw_cert_facts_t *leaf;
    status_ca_t ca;
    qw_crl_in_t in = { 0 };
    qw_der_t out;

    ok(status_ca(&ca, type, p) && status_responder(&ca, p)
           && qw_cert_parse(&leaf, &ca.responder, p) == NULL,
       "a CA with a key %s", type);
    in.issuer = ca.issuer;
    in.this_update = ca.issuer->not_before;
    in.next_update = in.this_update + apr_time_from_sec(86400);
    ok(put_together(&list, &in, &none, ca.key, none, p)
           && check(&ca, &list.der, p) == X509_V_OK,
       "%s: not on the empty list", type);
    qw_der_start(&out, p);
    ok(qw_crl_entry(&out, "4a00", in.this_update, 4), "another serial");
    entries = qw_der_bytes(&out);
    in.entries_len = entries.len;
    ok(put_together(&list, &in, &entries, ca.key, none, p)
           && check(&ca, &list.der, p) == X509_V_OK,
       "%s: not on another's list", type);
    ok(qw_crl_entry(&out, leaf->serial, in.this_update, 9), "its serial");
    entries = qw_der_bytes(&out);
    in.entries_len = entries.len;
    ok(put_together(&list, &in, &entries, ca.key, none, p)
           && check(&ca, &list.der, p) == X509_V_ERR_CERT_REVOKED,
       "%s: revoked once it is there", type);
    in.next_update = QW_TIME_NEVER;
    ok(put_together(&list, &in, &entries, ca.key, none, p)
           && check(&ca, &list.der, p) == X509_V_ERR_CERT_REVOKED,
       "%s: and for ever", type);
}

/* More than three octets of length say, and by way of a file. */
static void large(const qw_issuer_t *issuer, apr_pool_t *p)
{
    enum { MANY = 500000 };
    qw_crl_in_t in = { issuer, 0, QW_TIME_NEVER, 7, NULL, 0, 0 };
    qw_bytes_t signature = status_fill(70, p), head, tail, start, end, one_;
    char template[] = "/tmp/t_crl.XXXXXX";
    qw_crl_facts_t *f = NULL;
    qw_problem_t *problem;
    qw_der_t out;
    FILE *file;
    int i, fd;

    qw_der_start(&out, p);
    ok(qw_crl_entry(&out, "4a0102030405060708090a0b0c0d0e0f", 0, 0), "one");
    one_ = qw_der_bytes(&out);
    in.entries_len = one_.len * MANY;
    ok(qw_crl_frame(&head, &tail, &in, p) == NULL
           && qw_crl_wrap(&start, &end, head.len + in.entries_len + tail.len,
                          &issuer->sig_alg, &signature, p)
                  == NULL
           && in.entries_len > 0xffffff,
       "a list of more than 16 MiB");
    fd = mkstemp(template);
    file = fdopen(fd, "w");
    fwrite(start.data, 1, start.len, file);
    fwrite(head.data, 1, head.len, file);
    for (i = 0; i < MANY; i++)
        fwrite(one_.data, 1, one_.len, file);
    fwrite(tail.data, 1, tail.len, file);
    fwrite(end.data, 1, end.len, file);
    fclose(file);
    problem = qw_crl_read_file(&f, template, p);
    ok(problem == NULL && f->entries == MANY && f->number == 7 && f->is_final
           && qw_bytes_equal(&f->signature, &signature)
           && f->tbs_at == start.len
           && f->tbs_len == head.len + in.entries_len + tail.len,
       "is read from its file");
    ok(truncate(template, 1000) == 0
           && (problem = qw_crl_read_file(&f, template, p)) != NULL
           && problem->code == QW_E_MALFORMED,
       "not if it is cut");
    ok(truncate(template, 0) == 0
           && (problem = qw_crl_read_file(&f, template, p)) != NULL
           && problem->code == QW_E_MALFORMED,
       "nor empty");
    unlink(template);
    problem = qw_crl_read_file(&f, template, p);
    ok(problem != NULL && problem->code == QW_E_NOT_FOUND, "nor without one");
    problem = qw_crl_read_file(&f, "/", p);
    ok(problem != NULL && problem->code != QW_E_NOT_FOUND, "nor a directory");
}

int main(void)
{
    static const char *const types[] = { "P-256", "P-384", "RSA-2048" };
    apr_pool_t *p, *round;
    json_t *all, *row;
    apr_size_t i, j;

    setvbuf(stdout, NULL, _IOLBF, 0);
    apr_initialize();
    apr_pool_create(&p, NULL);
    apr_pool_create(&round, p);
    all = status_all(p);
    for (i = 0; i < 2; i++) {
        qw_issuer_t *issuer = status_issuer(status_kinds[i], p);

        ok(issuer != NULL, "the issuer of %s", status_kinds[i]);
        if (issuer == NULL)
            break;
        json_array_foreach(status_member(status_member(all, status_kinds[i]),
                                         "crls"),
                           j, row)
        {
            one(row, issuer, round);
            if (j > 0)
                malformed(row, round);
            apr_pool_clear(round);
        }
        if (i == 0) {
            refused(issuer, p);
            large(issuer, p);
        }
    }
    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        checking(types[i], p);
    ok(ERR_peek_error() == 0, "the error queue is empty");
    apr_pool_destroy(p);
    return done_testing();
}
