/* The chain of events: its form, which others must be able to make again; and the
 * signatures over it. */
#include "tap.h"

#include "audit/chain.h"
#include "audit/statement.h"
#include "audit/walk.h"
#include "x509/cms.h"
#include "x509/timestamp.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <openssl/pem.h>

#include <stdlib.h>
#include <unistd.h>

static const qw_event_t event = { "AAAAAAAAAAAAAAAAAAAAAA",
                                  "live",
                                  1764000000000001,
                                  "external.create",
                                  "ctl:anna",
                                  "external",
                                  "x",
                                  "{\"a\":\"\xc3\xa9\"}" };

static void form(apr_pool_t *p)
{
    json_t *object = qw_chain_event(&event, p);
    const char *digest = qw_chain_digest(object, p);

    is_str(qw_json_dump(object, p),
           "{\"actor\":\"ctl:anna\",\"at\":1764000000000001,\"authority\":"
           "\"live\",\"detail\":\"{\\\"a\\\":\\\"\xc3\xa9\\\"}\",\"event\":"
           "\"external.create\",\"id\":\"AAAAAAAAAAAAAAAAAAAAAA\","
           "\"subject\":\"x\",\"subjectKind\":\"external\"}",
           "an event's object");
    is_str(digest,
           "ec2c39db0f5bc29098f21b251ea6ae211525d29091e7da79045c06f31e452345",
           "its digest, as Python makes it");
    is_str(qw_chain_link(qw_chain_start, 1, digest, p),
           "73a0800002ff9b538edce16cb158cf63207dca0affaac88910fe77395d8f9841",
           "the hash of record 1");
}

/* ---- a walk without a database ---- */

typedef struct {
    qw_seal_entry_t entry;
    json_t *event;
} record_t;

enum { RECORDS = 6 };

static void make(record_t *records, apr_pool_t *p)
{
    const char *hash = qw_chain_start;

    for (int i = 0; i < RECORDS; i++) {
        qw_event_t e = event;

        e.at += i;
        records[i].event = qw_chain_event(&e, p);
        hash =
            qw_chain_link(hash, i + 1, qw_chain_digest(records[i].event, p), p);
        records[i].entry.seq = i + 1;
        records[i].entry.event_id = e.id;
        records[i].entry.hash = hash;
    }
}

static const qw_walked_t *walk(const record_t *records, int n,
                               const qw_walk_know_t *know, apr_pool_t *p)
{
    qw_walk_t *w = qw_walk_make(know, p);

    for (int i = 0; i < n; i++)
        if (records[i].entry.seq > 0)
            qw_walk_record(w, &records[i].entry, records[i].event, p);
    return qw_walk_end(w);
}

static const char *only(const qw_walked_t *walked)
{
    return walked->findings->nelts == 1
               ? APR_ARRAY_IDX(walked->findings, 0, const char *)
               : "";
}

static void walks(apr_pool_t *p)
{
    qw_walk_know_t know = { NULL, NULL, NULL, NULL };
    record_t r[RECORDS];
    const qw_walked_t *walked;

    make(r, p);
    walked = walk(r, RECORDS, &know, p);
    ok(walked->findings->nelts == 0 && walked->records == RECORDS
           && walked->first == 1 && walked->last == RECORDS,
       "a whole chain");
    know.head = r[2].entry.hash;
    ok(walk(r, RECORDS, &know, p)->findings->nelts == 0, "its head is in it");
    ok(walk(r, 2, &know, p)->findings->nelts == 1, "[RPT-03] or was cut off");
    know.head = NULL;
    for (int i = 0; i < RECORDS; i++) {
        const char *name = apr_psprintf(p, "record %d ", i + 1);

        make(r, p);
        json_object_set_new(r[i].event, "actor", json_string("x"));
        ok(strncmp(only(walk(r, RECORDS, &know, p)), name, strlen(name)) == 0,
           "[RPT-03] an edit of event %d is named, and nothing else", i + 1);
        make(r, p);
        r[i].entry.hash = qw_chain_digest(r[i].event, p);
        ok(strncmp(only(walk(r, RECORDS, &know, p)), name, strlen(name)) == 0,
           "[RPT-03] an edit of hash %d is named, and nothing else", i + 1);
        make(r, p);
        r[i].event = NULL;
        ok(strstr(only(walk(r, RECORDS, &know, p)), "is gone") != NULL,
           "[RPT-03] event %d is missed", i + 1);
    }
    make(r, p);
    r[2].entry.seq = 0;
    is_str(only(walk(r, RECORDS, &know, p)), "record 3 is missing",
           "[RPT-03] a record is missed");
    make(r, p);
    r[2].entry.seq = r[3].entry.seq = 0;
    is_str(only(walk(r, RECORDS, &know, p)), "records 3 to 4 are missing",
           "[RPT-03] two are");
}

static void checkpoints(apr_pool_t *p)
{
    qw_checkpoint_t c = { 7, 3, qw_chain_start, 9, "c2ln", "dG9r" }, *got;
    json_t *object = qw_checkpoint_json(&c, p);

    ok(qw_checkpoint_of(&got, object, p) == NULL && got->seq == 7
           && got->previous == 3 && got->at == 9
           && strcmp(got->timestamp, "dG9r") == 0,
       "a checkpoint, and back");
    json_object_set_new(object, "more", json_true());
    ok(qw_checkpoint_of(&got, object, p) != NULL, "not with more in it");
    json_object_del(object, "more");
    json_object_del(object, "signature");
    ok(qw_checkpoint_of(&got, object, p) != NULL, "nor with less");
}

/* ---- signatures ---- */

/* A key and its certificate in DIR; the DER of that. */
static qw_bytes_t new_key(const char *dir, const char *name, apr_pool_t *p)
{
    EVP_PKEY *key = qw_own_EVP_PKEY(p, EVP_EC_gen("P-256"));
    X509 *cert = qw_own_X509(p, X509_new());
    unsigned char *der = NULL;
    qw_bytes_t bytes = { NULL, 0 };
    FILE *file;
    int len;

    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(cert));
    X509_gmtime_adj(X509_getm_notBefore(cert), -7200);
    X509_gmtime_adj(X509_getm_notAfter(cert), -3600);
    X509_set_pubkey(cert, key);
    X509_sign(cert, key, EVP_sha256());
    file = fopen(apr_pstrcat(p, dir, "/", name, ".pem", NULL), "w");
    PEM_write_X509(file, cert);
    fclose(file);
    file = fopen(apr_pstrcat(p, dir, "/", name, ".key", NULL), "w");
    PEM_write_PKCS8PrivateKey(file, key, EVP_aes_128_cbc(), "secret", 6, NULL,
                              NULL);
    fclose(file);
    len = i2d_X509(cert, &der);
    bytes.data = apr_pmemdup(p, der, (apr_size_t)len);
    bytes.len = (apr_size_t)len;
    OPENSSL_free(der);
    return bytes;
}

static qw_problem_t *load(qw_cms_signer_t **signer, const char *dir,
                          const char *cert, const char *key, const char *pin,
                          apr_pool_t *p)
{
    return qw_cms_signer_load(signer, apr_pstrcat(p, dir, "/", cert, NULL),
                              apr_pstrcat(p, dir, "/", key, NULL),
                              pin != NULL ? apr_pstrcat(p, dir, "/", pin, NULL)
                                          : NULL,
                              p);
}

static void pin_file(const char *dir, const char *name, const char *text,
                     apr_pool_t *p)
{
    FILE *file = fopen(apr_pstrcat(p, dir, "/", name, NULL), "w");

    fputs(text, file);
    fclose(file);
}

static void signatures(const char *dir, apr_pool_t *p)
{
    apr_array_header_t *trusted = apr_array_make(p, 2, sizeof(qw_bytes_t));
    qw_bytes_t one = new_key(dir, "one", p), two = new_key(dir, "two", p);
    qw_bytes_t text = { (const unsigned char *)"text", 4 }, signature, cut;
    qw_cms_signer_t *signer;
    unsigned char *longer;

    pin_file(dir, "pin", "secret\n", p);
    pin_file(dir, "wrong", "public\n", p);
    ok(load(&signer, dir, "one.pem", "one.key", NULL, p) != NULL,
       "a key under a passphrase, without it");
    ok(load(&signer, dir, "one.pem", "one.key", "wrong", p) != NULL,
       "with another");
    ok(load(&signer, dir, "one.pem", "two.key", "pin", p) != NULL,
       "the key of another certificate");
    ok(load(&signer, dir, "one.pem", "one.key", "pin", p) == NULL, "the key");
    ok(qw_cms_sign(&signature, signer, &text, 0, p) == NULL, "it signs");
    APR_ARRAY_PUSH(trusted, qw_bytes_t) = two;
    ok(qw_cms_verify(&signature, &text, trusted, p) != NULL,
       "a certificate inside of it proves nothing");
    APR_ARRAY_PUSH(trusted, qw_bytes_t) = one;
    ok(qw_cms_verify(&signature, &text, trusted, p) == NULL,
       "the signature verifies, though its certificate has expired");
    text.data = (const unsigned char *)"next";
    ok(qw_cms_verify(&signature, &text, trusted, p) != NULL,
       "not over something else");
    text.data = (const unsigned char *)"text";
    for (apr_size_t i = 0; i < signature.len; i += 7) {
        cut = (qw_bytes_t){ signature.data, i };
        if (qw_cms_verify(&cut, &text, trusted, p) == NULL)
            ok(0, "cut after %d octets it verifies", (int)i);
    }
    ok(1, "nor if it is cut");
    longer = apr_pcalloc(p, signature.len + 1);
    memcpy(longer, signature.data, signature.len);
    cut = (qw_bytes_t){ longer, signature.len + 1 };
    ok(qw_cms_verify(&cut, &text, trusted, p) != NULL,
       "nor with something behind it");
}

static void timestamps(apr_pool_t *p)
{
    static const unsigned char refused[] = { 0x30, 0x05, 0x30, 0x03,
                                             0x02, 0x01, 0x02 };
    qw_bytes_t data = { (const unsigned char *)"data", 4 }, query, again, token;
    qw_bytes_t answer = { refused, sizeof(refused) };
    apr_time_t at;

    ok(qw_timestamp_query(&query, &data, p) == NULL
           && qw_timestamp_query(&again, &data, p) == NULL,
       "a query");
    ok(query.len != again.len || memcmp(query.data, again.data, query.len) != 0,
       "with another nonce each time");
    ok(qw_timestamp_answer(&token, &answer, &query, QW_TIMESTAMP_ANYONE, p)
           != NULL,
       "an answer that grants nothing");
    ok(qw_timestamp_answer(&token, &query, &query, QW_TIMESTAMP_ANYONE, p)
           != NULL,
       "one that is none");
    ok(qw_timestamp_verify(&at, &query, &data, QW_TIMESTAMP_ANYONE, p) != NULL,
       "a token that is none");
}

/* ---- CSV ---- */

static void csv(apr_pool_t *p)
{
    static const char *const names[] = { "=1",  "+1",  "-1",           "@x",
                                         "\tx", "\rx", "x\xe2\x80\xae" };
    json_t *made = qw_json_new_object(p), *list = json_array();

    json_object_set_new(made, "actions", list);
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        json_array_append_new(list, json_pack("{s:s}", "event", names[i]));
    json_array_append_new(list, json_pack("{s:s}", "event", "a\"=b"));
    is_str(
        strchr(qw_statement_csv(made, p), '\n') + 1,
        "\"\",\"action\",\"'=1\",\"\",\"\",\"\",\"\",\"\",\"\"\r\n"
        "\"\",\"action\",\"'+1\",\"\",\"\",\"\",\"\",\"\",\"\"\r\n"
        "\"\",\"action\",\"'-1\",\"\",\"\",\"\",\"\",\"\",\"\"\r\n"
        "\"\",\"action\",\"'@x\",\"\",\"\",\"\",\"\",\"\",\"\"\r\n"
        "\"\",\"action\",\"\\x09x\",\"\",\"\",\"\",\"\",\"\",\"\"\r\n"
        "\"\",\"action\",\"\\x0Dx\",\"\",\"\",\"\",\"\",\"\",\"\"\r\n"
        "\"\",\"action\",\"x\\xE2\\x80\\xAE\",\"\",\"\",\"\",\"\",\"\",\"\"\r\n"
        "\"\",\"action\",\"a\"\"=b\",\"\",\"\",\"\",\"\",\"\",\"\"\r\n",
        "[OPR-17] what a spreadsheet would run is text");
}

int main(void)
{
    char dir[] = "/tmp/qw-chain-XXXXXX";
    static const char *const files[] = { "one.pem", "one.key", "two.pem",
                                         "two.key", "pin",     "wrong" };
    apr_pool_t *p;

    apr_initialize();
    apr_pool_create(&p, NULL);
    if (mkdtemp(dir) == NULL)
        return 1;
    form(p);
    walks(p);
    checkpoints(p);
    signatures(dir, p);
    timestamps(p);
    csv(p);
    for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        unlink(apr_pstrcat(p, dir, "/", files[i], NULL));
    rmdir(dir);
    apr_pool_destroy(p);
    return done_testing();
}
