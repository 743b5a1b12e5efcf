/* Lists of keys as others publish them. */
#include "x509/keylist.h"
#include "x509/keylist_file.h"

#include "base/b64.h"
#include "base/text.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

typedef struct {
    qw_keylist_make_t *make;
    qw_keylist_found_t *found;
    apr_array_header_t *keys; /* of EVP_PKEY *: PEM goes there; or NULL */
    const char *where;
    const char *at, *end; /* what is left */
    int line;
    apr_pool_t *pool;
    apr_pool_t *scratch; /* of one line or key */
} reader_t;

static qw_problem_t *refuse(const reader_t *r, const char *what)
{
    return QW_FAIL(r->pool, INVALID_INPUT, "%s:%d: %s", r->where, r->line,
                   what);
}

/* ---- badkeys' blocklist.dat ---------------------------------------------- */

enum { RECORD = 16 }; /* 15 octets of hash, and the number of a list */

static int is_records(const qw_bytes_t *file)
{
    const unsigned char *at = file->data;
    apr_size_t i;

    if (file->len == 0 || file->len % RECORD != 0)
        return 0;
    for (i = RECORD; i < file->len; i += RECORD, at += RECORD)
        if (memcmp(at, at + RECORD, RECORD - 1) > 0)
            return 0;
    return 1;
}

static void take_records(reader_t *r, const qw_bytes_t *file)
{
    apr_size_t i;

    for (i = 0; i < file->len; i += RECORD) {
        qw_keylist_add(r->make, QW_KEYHASH_NUMBER_SHA256, file->data + i);
        r->found->hashes++;
    }
}

/* ---- lines ---------------------------------------------------------------- */

/* Digits of a line, what kind of hash they are, and how many octets of what
 * was written come before it. */
static const struct {
    apr_size_t digits;
    qw_keyhash_e kind;
    apr_size_t skip;
} forms[] = {
    { 20, QW_KEYHASH_MODULUS_SHA1, 0 },  /* openssl-blacklist */
    { 40, QW_KEYHASH_MODULUS_SHA1, 10 }, /* the whole SHA-1 */
    { 30, QW_KEYHASH_NUMBER_SHA256, 0 }, /* badkeys */
    { 32, QW_KEYHASH_NUMBER_SHA256, 0 }, /* and the number of a list */
    { 64, QW_KEYHASH_SPKI_SHA256, 0 },   /* pwnedkeys */
};

static qw_problem_t *take_hash(reader_t *r, const char *word)
{
    apr_size_t digits = strlen(word), i;
    qw_bytes_t octets;

    for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (digits != forms[i].digits
            || !qw_hex_decode(&octets, word, r->scratch))
            continue;
        qw_keylist_add(r->make, forms[i].kind, octets.data + forms[i].skip);
        r->found->hashes++;
        return NULL;
    }
    return refuse(r, apr_psprintf(r->pool,
                                  "'%s' is no hash of a key: those have 20 or "
                                  "40, 30 or 32, or 64 hex digits",
                                  qw_text_safe(word, 80, r->pool)));
}

static qw_problem_t *take_modulus(reader_t *r, const char *hex)
{
    unsigned char hash[QW_KEYHASH_MOST];
    qw_bytes_t number;

    if (*hex == '\0' || !qw_hex_decode(&number, hex, r->scratch))
        return refuse(r, "Modulus= is not followed by hex digits");
    qw_keyhash_number(hash, QW_KEYHASH_NUMBER_SHA256, &number, r->scratch);
    qw_keylist_add(r->make, QW_KEYHASH_NUMBER_SHA256, hash);
    r->found->keys++;
    return NULL;
}

static qw_problem_t *take_line(reader_t *r, char *line)
{
    static const char modulus[] = "Modulus=", between[] = " \t\r,[]\"";
    char *last, *word;

    line[strcspn(line, "#")] = '\0';
    for (word = apr_strtok(line, between, &last); word != NULL;
         word = apr_strtok(NULL, between, &last)) {
        if (strncmp(word, modulus, sizeof(modulus) - 1) == 0)
            QW_TRY(take_modulus(r, word + sizeof(modulus) - 1));
        else
            QW_TRY(take_hash(r, word));
    }
    return NULL;
}

/* ---- PEM ------------------------------------------------------------------- */

static EVP_PKEY *of_certificate(const unsigned char *der, long len,
                                apr_pool_t *pool)
{
    X509 *cert = qw_own_X509(pool, d2i_X509(NULL, &der, len));

    return cert != NULL ? qw_own_EVP_PKEY(pool, X509_get_pubkey(cert)) : NULL;
}

static EVP_PKEY *of_request(const unsigned char *der, long len,
                            apr_pool_t *pool)
{
    X509_REQ *req = qw_own_X509_REQ(pool, d2i_X509_REQ(NULL, &der, len));

    return req != NULL ? qw_own_EVP_PKEY(pool, X509_REQ_get_pubkey(req)) : NULL;
}

static EVP_PKEY *of_public(const unsigned char *der, long len, apr_pool_t *pool)
{
    return qw_own_EVP_PKEY(pool, d2i_PUBKEY(NULL, &der, len));
}

static EVP_PKEY *of_rsa_public(const unsigned char *der, long len,
                               apr_pool_t *pool)
{
    return qw_own_EVP_PKEY(pool, d2i_PublicKey(EVP_PKEY_RSA, NULL, &der, len));
}

static EVP_PKEY *of_private(const unsigned char *der, long len,
                            apr_pool_t *pool)
{
    return qw_own_EVP_PKEY(pool, d2i_AutoPrivateKey(NULL, &der, len));
}

static const struct {
    const char *label;
    EVP_PKEY *(*key)(const unsigned char *der, long len, apr_pool_t *pool);
} labels[] = {
    { PEM_STRING_X509, of_certificate },
    { PEM_STRING_X509_TRUSTED, of_certificate },
    { PEM_STRING_X509_REQ, of_request },
    { PEM_STRING_X509_REQ_OLD, of_request },
    { PEM_STRING_PUBLIC, of_public },
    { PEM_STRING_RSA_PUBLIC, of_rsa_public },
    { PEM_STRING_RSA, of_private },
    { PEM_STRING_ECPRIVATEKEY, of_private },
    { PEM_STRING_DSA, of_private },
    { PEM_STRING_PKCS8INF, of_private },
};

/* A header is that of encryption: who publishes a key writes none. */
static qw_problem_t *take_der(reader_t *r, const char *label,
                              const char *header, const qw_bytes_t *der)
{
    unsigned char hash[QW_KEYHASH_MOST];
    EVP_PKEY *key = NULL;
    apr_size_t i;

    if (strcmp(label, PEM_STRING_ECPARAMETERS) == 0)
        return NULL;
    for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
        if (strcmp(label, labels[i].label) == 0 && *header == '\0')
            key = labels[i].key(der->data, (long)der->len,
                                r->keys != NULL ? r->pool : r->scratch);
    ERR_clear_error();
    if (key == NULL)
        return refuse(r, apr_psprintf(r->pool,
                                      "PEM of '%s' is no key, certificate or "
                                      "request, or is encrypted",
                                      qw_text_safe(label, 40, r->pool)));
    if (r->keys != NULL) {
        APR_ARRAY_PUSH(r->keys, EVP_PKEY *) = key;
        return NULL;
    }
    if (!qw_keyhash(hash, QW_KEYHASH_NUMBER_SHA256, key, r->scratch)) {
        r->found->skipped++;
        return NULL;
    }
    qw_keylist_add(r->make, QW_KEYHASH_NUMBER_SHA256, hash);
    r->found->keys++;
    return NULL;
}

/* The PEM that begins at TEXT. */
static qw_problem_t *take_pem(reader_t *r, const char *text, apr_size_t len)
{
    BIO *bio = qw_own_BIO(r->scratch, BIO_new_mem_buf(text, (int)len));
    char *label = NULL, *header = NULL;
    unsigned char *der = NULL;
    qw_problem_t *prob;
    long der_len = 0;

    if (bio == NULL
        || PEM_read_bio(bio, &label, &header, &der, &der_len) != 1) {
        ERR_clear_error();
        return refuse(r, "is no PEM that can be read");
    }
    {
        qw_bytes_t bytes = { der, (apr_size_t)der_len };

        prob = take_der(r, label, header, &bytes);
    }
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_clear_free(der, (size_t)der_len);
    return prob;
}

/* ---- all of a text ---------------------------------------------------------- */

#define BEGIN "-----BEGIN "

enum { LINE_MOST = 16384, PEM_MOST = 65536 };

/* The next line in SCRATCH, without its end; NULL at the end of all, or if it
 * is longer than any that means something. */
static char *next_line(reader_t *r)
{
    const char *end = memchr(r->at, '\n', (size_t)(r->end - r->at)), *start;

    start = r->at;
    if (end == NULL)
        end = r->end;
    r->at = end < r->end ? end + 1 : end;
    r->line++;
    if (end - start > LINE_MOST)
        return NULL;
    return apr_pstrmemdup(r->scratch, start, (apr_size_t)(end - start));
}

/* R stands after a line "-----BEGIN"; it is moved after the "-----END". */
static qw_problem_t *take_block(reader_t *r, const char *start)
{
    const char *line;

    do {
        if (r->at == r->end || r->at - start > PEM_MOST)
            return refuse(r, "PEM has no end");
        line = next_line(r);
        if (line == NULL)
            return refuse(r, "is no PEM that can be read");
    } while (strncmp(line, "-----END", 8) != 0);
    return take_pem(r, start, (apr_size_t)(r->at - start));
}

/* Every number of a JSON list may stand on one line: it is cut at commas. */
static qw_problem_t *take_long_line(reader_t *r, const char *start,
                                    const char *end)
{
    while (start < end) {
        const char *comma = memchr(start, ',', (size_t)(end - start));
        apr_size_t len;

        if (comma == NULL)
            comma = end;
        len = (apr_size_t)(comma - start);
        if (len > LINE_MOST)
            return refuse(r, "is too long for a hash");
        QW_TRY(take_line(r, apr_pstrmemdup(r->scratch, start, len)));
        apr_pool_clear(r->scratch);
        start = comma < end ? comma + 1 : end;
    }
    return NULL;
}

/* Around PEM anything may stand. */
static int has_pem(const reader_t *r)
{
    return memmem(r->at, (size_t)(r->end - r->at), BEGIN, sizeof(BEGIN) - 1)
           != NULL;
}

static qw_problem_t *take_text(reader_t *r)
{
    int only_pem = has_pem(r);

    while (r->at < r->end) {
        const char *start = r->at;
        char *line;

        apr_pool_clear(r->scratch);
        line = next_line(r);
        if (line != NULL && strncmp(line, BEGIN, sizeof(BEGIN) - 1) == 0)
            QW_TRY(take_block(r, start));
        else if (only_pem)
            continue;
        else if (line == NULL)
            QW_TRY(take_long_line(r, start, r->at));
        else
            QW_TRY(take_line(r, line));
    }
    return NULL;
}

/* No octet above MOST, and no control character but white space. */
static int is_text(const qw_bytes_t *file, unsigned char most)
{
    apr_size_t i;

    for (i = 0; i < file->len; i++) {
        unsigned char c = file->data[i];

        if (c > most || (c < ' ' && strchr("\t\r\n\f", c) == NULL) || c == 0)
            return 0;
    }
    return 1;
}

static qw_problem_t *take_ours(reader_t *r, const qw_bytes_t *file)
{
    qw_keylist_t *list;
    int k;

    QW_TRY(qw_keylist_parse(&list, file, r->where, r->pool));
    qw_keylist_add_list(r->make, list);
    for (k = 0; k < QW_KEYHASH_KINDS; k++)
        r->found->hashes += qw_keylist_count(list, (qw_keyhash_e)k);
    return NULL;
}

static void start(reader_t *r, const qw_bytes_t *file, const char *where,
                  apr_pool_t *pool)
{
    memset(r, 0, sizeof(*r));
    r->where = where;
    r->at = (const char *)file->data;
    r->end = r->at + file->len;
    r->pool = pool;
    apr_pool_create(&r->scratch, pool);
}

qw_problem_t *qw_keylist_read(qw_keylist_make_t *make,
                              qw_keylist_found_t *found, const qw_bytes_t *file,
                              const char *where, apr_pool_t *pool)
{
    qw_problem_t *prob = NULL;
    reader_t r;

    start(&r, file, where, pool);
    r.make = make;
    r.found = found;
    if (qw_keylist_is_ours(file))
        prob = take_ours(&r, file);
    else if (is_text(file, 0x7e) || (!is_records(file) && is_text(file, 0xff)))
        prob = take_text(&r); /* of people with accents, too */
    else if (is_records(file))
        take_records(&r, file);
    else
        prob = refuse(&r, "is neither text nor a list of keys");
    apr_pool_destroy(r.scratch);
    return prob;
}

qw_problem_t *qw_keylist_keys(apr_array_header_t **keys, const qw_bytes_t *file,
                              const char *where, apr_pool_t *pool)
{
    qw_problem_t *prob;
    reader_t r;

    start(&r, file, where, pool);
    r.keys = apr_array_make(pool, 1, sizeof(EVP_PKEY *));
    prob = has_pem(&r) && is_text(file, 0xff)
               ? take_text(&r)
               : QW_FAIL(pool, INVALID_INPUT,
                         "%s: no PEM of a key, certificate or request in it",
                         where);
    apr_pool_destroy(r.scratch);
    *keys = r.keys;
    return prob;
}
