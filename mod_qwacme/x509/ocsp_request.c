#include "x509/ocsp_request.h"

#include "base/b64.h"
#include "x509/oid.h"

#include <apr_lib.h>
#include <string.h>

/* Base64 of the most octets, each character percent-encoded, and some. */
enum { MOST_PATH = 5 * QW_OCSP_MOST_OCTETS };

#define REFUSED(pool, why)                                                     \
    QW_FAIL((pool), MALFORMED, "the OCSP request %s", (why))

/* The octets of the nonce of an extension's value. RFC9654-2.1 */
static const char *take_nonce(qw_bytes_t *nonce, const qw_bytes_t *value)
{
    qw_der_in_t in = *value;
    qw_bytes_t octets;

    if (nonce->data != NULL)
        return "has two nonces";
    if (!qw_der_next(&in, QW_DER_OCTET_STRING, NULL, &octets) || in.len > 0)
        return "has a nonce that is no OCTET STRING";
    if (octets.len < 1 || octets.len > QW_OCSP_MOST_NONCE)
        return "has a nonce that is not of 1 to 128 octets";
    *nonce = octets;
    return NULL;
}

/* RFC5280-4.1.2.9: one Extension; critical is written only if it is true. */
static const char *next_extension(qw_der_in_t *list, qw_bytes_t *nonce)
{
    qw_bytes_t known = qw_oid_der(QW_OID_OCSP_NONCE), id, flag, value;
    qw_der_in_t body;
    int critical;

    if (!qw_der_enter(list, QW_DER_SEQUENCE, &body)
        || !qw_der_next(&body, QW_DER_OID, &id, NULL))
        return "has an extension that is none";
    critical = qw_der_next(&body, QW_DER_BOOLEAN, NULL, &flag);
    if ((critical && flag.data[0] == 0)
        || !qw_der_next(&body, QW_DER_OCTET_STRING, NULL, &value)
        || body.len > 0)
        return "has an extension that is none";
    if (nonce != NULL && qw_bytes_equal(&id, &known))
        return take_nonce(nonce, &value);
    return critical ? "has a critical extension that is not known" : NULL;
}

/* TAGGED: the content of an explicit tag. NONCE is NULL where none belongs. */
static const char *read_extensions(qw_der_in_t tagged, qw_bytes_t *nonce)
{
    const char *wrong = NULL;
    qw_der_in_t list;

    if (!qw_der_enter(&tagged, QW_DER_SEQUENCE, &list) || tagged.len > 0
        || list.len == 0)
        return "has extensions that are none";
    while (list.len > 0 && wrong == NULL)
        wrong = next_extension(&list, nonce);
    return wrong;
}

static const char *read_single(qw_ocsp_id_t *id, qw_der_in_t *list,
                               apr_pool_t *pool)
{
    qw_der_in_t body, tagged;

    if (!qw_der_enter(list, QW_DER_SEQUENCE, &body)
        || !qw_ocsp_id_next(id, &body, pool))
        return "names no certificate";
    if (body.len == 0)
        return NULL;
    if (!qw_der_enter(&body, QW_DER_CONTEXT_OF + 0, &tagged) || body.len > 0)
        return "names a certificate with more than extensions";
    return read_extensions(tagged, NULL);
}

static const char *read_list(qw_ocsp_request_t *request, qw_der_in_t list,
                             apr_pool_t *pool)
{
    qw_ocsp_id_t *ids = apr_pcalloc(pool, QW_OCSP_MOST_IDS * sizeof(*ids));
    const char *wrong = NULL;

    if (list.len == 0)
        return "names no certificate";
    while (list.len > 0 && wrong == NULL) {
        if (request->n == QW_OCSP_MOST_IDS)
            return "names more than 16 certificates";
        wrong = read_single(&ids[request->n++], &list, pool);
    }
    request->ids = ids;
    return wrong;
}

/* Version 1 is left out by who writes DER, but may stand there. */
static int is_version_1(qw_der_in_t *body)
{
    qw_bytes_t number;
    qw_der_in_t tagged;

    if (!qw_der_enter(body, QW_DER_CONTEXT_OF + 0, &tagged))
        return 1;
    return qw_der_next(&tagged, QW_DER_INTEGER, NULL, &number)
           && tagged.len == 0 && number.len == 1 && number.data[0] == 0;
}

static const char *read_tbs(qw_ocsp_request_t *request, qw_der_in_t body,
                            apr_pool_t *pool)
{
    qw_der_in_t tagged, list;
    const char *wrong;

    if (!is_version_1(&body))
        return "is not of version 1";
    if (qw_der_enter(&body, QW_DER_CONTEXT_OF + 1, &tagged)
        && (!qw_der_next(&tagged, -1, NULL, NULL) || tagged.len > 0))
        return "has a requestor that is no name";
    if (!qw_der_enter(&body, QW_DER_SEQUENCE, &list))
        return "has no list";
    wrong = read_list(request, list, pool);
    if (wrong != NULL || body.len == 0)
        return wrong;
    if (!qw_der_enter(&body, QW_DER_CONTEXT_OF + 2, &tagged) || body.len > 0)
        return "goes on after its list";
    return read_extensions(tagged, &request->nonce);
}

/* RFC6960-4.1.2: signing is the client's choice, and so is our not looking. */
static int skip_signature(qw_der_in_t *all)
{
    qw_der_in_t tagged;

    if (all->len == 0)
        return 1;
    return qw_der_enter(all, QW_DER_CONTEXT_OF + 0, &tagged) && all->len == 0
           && qw_der_next(&tagged, QW_DER_SEQUENCE, NULL, NULL)
           && tagged.len == 0;
}

qw_problem_t *qw_ocsp_request_parse(qw_ocsp_request_t **request,
                                    const qw_bytes_t *der, apr_pool_t *pool)
{
    qw_ocsp_request_t *parsed = apr_pcalloc(pool, sizeof(*parsed));
    qw_der_in_t in = *der, all, tbs;
    const char *wrong;

    if (der->len > QW_OCSP_MOST_OCTETS)
        return REFUSED(pool, "is longer than 4096 octets");
    if (!qw_der_is_strict(der) || !qw_der_enter(&in, QW_DER_SEQUENCE, &all)
        || !qw_der_enter(&all, QW_DER_SEQUENCE, &tbs) || !skip_signature(&all))
        return REFUSED(pool, "is not one OCSPRequest in strict DER");
    wrong = read_tbs(parsed, tbs, pool);
    if (wrong != NULL)
        return REFUSED(pool, wrong);
    *request = parsed;
    return NULL;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)apr_tolower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-encoding of PATH undone; NULL if it is none, or stands for a NUL. */
static const char *unescape(const char *path, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, strlen(path) + 1), *out = text;

    while (*path != '\0') {
        if (*path != '%') {
            *out++ = *path++;
            continue;
        }
        if (digit(path[1]) < 0 || digit(path[2]) < 0)
            return NULL;
        *out = (char)(digit(path[1]) * 16 + digit(path[2]));
        if (*out++ == '\0')
            return NULL;
        path += 3;
    }
    *out = '\0';
    return text;
}

int qw_ocsp_request_of_path(qw_bytes_t *der, const char *path, apr_pool_t *pool)
{
    const char *text;
    qw_bytes_t bytes;

    path += strspn(path, "/"); /* base64 of a SEQUENCE begins with M */
    if (strlen(path) > MOST_PATH)
        return 0;
    text = unescape(path, pool);
    if (text == NULL || !qw_b64_decode(&bytes, text, pool) || bytes.len == 0
        || bytes.len > QW_OCSP_MOST_OCTETS)
        return 0;
    *der = bytes;
    return 1;
}
