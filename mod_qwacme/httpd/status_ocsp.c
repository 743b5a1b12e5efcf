/* An OCSP request answered: from the file that the signer left, or by the signer
 * where there can be no file. RFC6960, RFC5019 */
#include "httpd/qwm.h"

#include "base/b64.h"
#include "base/file.h"
#include "ca/status_path.h"
#include "x509/ocsp_answer.h"
#include "x509/ocsp_request.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include <http_request.h>

#include <string.h>
#include <strings.h>

APLOG_USE_MODULE(qwacme);

enum {
    MALFORMED_REQUEST = 1, /* OCSPResponseStatus */
    TRY_LATER = 3,
    UNAUTHORIZED = 6,
    ANSWER_MOST = 8192, /* octets of one in a file */
    SERIAL_MOST = 40,   /* digits: 20 octets, RFC5280-4.1.2.2 */
    ASKING_MOST = 8,    /* requests of one child that wait for the signer */
    ETAG_OCTETS = 16
};

static volatile apr_uint32_t asking; /* the signer, in this child */

typedef struct {
    request_rec *r;
    const qwm_status_t *status;
    const qw_ocsp_request_t *request;
    const qw_issuer_t *issuer;
} call_t;

/* ---- answers on the wire --------------------------------------------------- */

static int send_der(request_rec *r, const qw_bytes_t *der)
{
    ap_set_content_type(r, "application/ocsp-response");
    ap_set_content_length(r, (apr_off_t)der->len);
    if (!r->header_only)
        ap_rwrite(der->data, (int)der->len, r);
    return OK;
}

/* RFC5019-6: errors, and what is answered to one client, are in no cache. */
static int send_once(request_rec *r, const qw_bytes_t *der)
{
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    return send_der(r, der);
}

static int send_error(request_rec *r, int status)
{
    return send_once(r, qw_ocsp_error(status));
}

/* The end of the signature tells one answer from any other. */
static const char *etag_of(const qw_ocsp_answer_t *answer, apr_pool_t *pool)
{
    apr_size_t len = answer->signature.len, n = ETAG_OCTETS;

    if (n > len)
        n = len;
    return apr_pstrcat(pool, "\"",
                       qw_hex_encode(answer->signature.data + len - n, n, pool),
                       "\"", NULL);
}

/* RFC5019-6.2 */
static int send_cached(request_rec *r, const qw_bytes_t *der,
                       const qw_ocsp_answer_t *answer, apr_interval_time_t left)
{
    int met;

    qwm_status_cache(r, left, "public, no-transform, must-revalidate");
    apr_table_setn(r->headers_out, "ETag", etag_of(answer, r->pool));
    ap_update_mtime(r, answer->this_update);
    ap_set_last_modified(r);
    if ((met = ap_meets_conditions(r)) != OK)
        return met;
    return send_der(r, der);
}

/* ---- where answers come from ------------------------------------------------ */

static void complain(const call_t *call, const char *path, const char *what)
{
    ap_log_rerror(APLOG_MARK, APLOG_ERR | APLOG_NOERRNO, 0, call->r,
                  "QW0500: status of '%s': file '%s': %s",
                  call->status->authority->name, path, what);
}

/* *DER and *ANSWER from the file at PATH; 0 if what is there is no answer to
 * this. */
static int read_answer(qw_bytes_t *der, qw_ocsp_answer_t **answer,
                       const call_t *call, const char *path)
{
    const char *serial = call->request->ids[0].serial;

    if (qw_ocsp_answer_read(answer, der, call->r->pool) == NULL
        && strcmp((*answer)->id.serial, serial) == 0)
        return 1;
    complain(call, path, "is no answer about this serial");
    return 0;
}

/* The answer in the file of the only certificate asked for; DECLINED if there is
 * none that is good now, and nothing sent: the signer, which is asked then, writes
 * a file that is missing, damaged or old. */
static int answer_from_file(const call_t *call)
{
    apr_pool_t *pool = call->r->pool;
    const qw_ocsp_id_t *id = &call->request->ids[0];
    const char *path = qw_status_ocsp_path(qwm_conf(), call->issuer, id->serial,
                                           id->digest, pool);
    char *text = apr_palloc(pool, ANSWER_MOST + 1), why[80];
    qw_bytes_t der = { (unsigned char *)text, ANSWER_MOST };
    qw_ocsp_answer_t *answer;
    apr_status_t rv = qw_file_read(text, &der.len, path, pool);
    apr_interval_time_t left;

    if (APR_STATUS_IS_ENOENT(rv) || APR_STATUS_IS_ENOTDIR(rv))
        return DECLINED;
    if (rv != APR_EOF) {
        complain(call, path,
                 rv == APR_SUCCESS ? "is too large"
                                   : apr_strerror(rv, why, sizeof(why)));
        return DECLINED;
    }
    if (!read_answer(&der, &answer, call, path))
        return DECLINED;
    left = answer->next_update - qw_authority_now(call->status->authority);
    if (left <= 0)
        return DECLINED;
    if (call->r->method_number != M_GET || call->request->nonce.data != NULL)
        return send_once(call->r, &der);
    return send_cached(call->r, &der, answer, left);
}

/* *DER by the signer, which only some may keep busy; 0 if there is none. */
static int ask_signer(qw_bytes_t *der, const call_t *call)
{
    apr_pool_t *pool = call->r->pool;
    const qw_ocsp_request_t *request = call->request;
    qw_status_question_t question = { .issuer = call->issuer->spki_hash,
                                      .digest = request->ids[0].digest,
                                      .nonce = request->nonce };
    apr_array_header_t *serials =
        apr_array_make(pool, request->n, sizeof(char *));
    qw_problem_t *prob = NULL;
    int i, may;

    question.serials = serials;
    for (i = 0; i < request->n; i++)
        APR_ARRAY_PUSH(serials, const char *) = request->ids[i].serial;
    may = apr_atomic_inc32(&asking) < ASKING_MOST;
    if (may)
        prob = qw_signer_status(der, qwm_status_signer(),
                                call->status->authority, &question, pool);
    else
        apr_atomic_inc32(qwm_parent()->refused);
    apr_atomic_dec32(&asking);
    if (prob != NULL)
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, call->r,
                      "QW0501: status of '%s': not by the signer: %s",
                      call->status->authority->name,
                      qw_problem_for_log(prob, pool));
    return may && prob == NULL;
}

static int answer_by_signer(const call_t *call)
{
    qw_bytes_t der;
    int rc;

    if (ask_signer(&der, call))
        return send_once(call->r, &der);
    if (call->request->n != 1 || call->request->nonce.data == NULL)
        return send_error(call->r, TRY_LATER);
    rc = answer_from_file(call);
    return rc == DECLINED ? send_error(call->r, TRY_LATER) : rc;
}

/* ---- what is asked ---------------------------------------------------------- */

/* The issuer that every id of REQUEST names; NULL if there is no such one, or
 * they are not hashed alike. */
static const qw_issuer_t *issuer_of(const qw_ocsp_request_t *request,
                                    const qw_issuer_t *issuer)
{
    int i;

    for (i = 0; i < request->n; i++) {
        const qw_ocsp_id_t *id = &request->ids[i];

        if (id->digest == NULL || strlen(id->serial) > SERIAL_MOST
            || strcmp(id->digest, request->ids[0].digest) != 0
            || !qw_issuer_is_ocsp(issuer, id))
            return NULL;
    }
    return issuer;
}

static const qw_issuer_t *find_issuer(const qw_ocsp_request_t *request,
                                      const qwm_status_t *status,
                                      const qwm_shown_t *responder)
{
    const qw_issuer_t *found = NULL;
    int i;

    if (responder->issuer != NULL)
        return issuer_of(request, responder->issuer);
    for (i = 0; found == NULL && i < status->issuers->nelts; i++)
        found = issuer_of(request,
                          APR_ARRAY_IDX(status->issuers, i, qw_issuer_t *));
    return found;
}

static int answer(request_rec *r, const qwm_status_t *status,
                  const qwm_shown_t *responder, const qw_bytes_t *der)
{
    call_t call = { .r = r, .status = status };
    qw_ocsp_request_t *request;
    int rc;

    if (qw_ocsp_request_parse(&request, der, r->pool) != NULL)
        return send_error(r, MALFORMED_REQUEST);
    call.request = request;
    call.issuer = find_issuer(request, status, responder);
    if (call.issuer == NULL)
        return send_error(r, UNAUTHORIZED);
    if (request->n > 1 || request->nonce.data != NULL)
        return answer_by_signer(&call);
    rc = answer_from_file(&call);
    return rc == DECLINED ? answer_by_signer(&call) : rc;
}

int qwm_ocsp_get(request_rec *r, const qwm_status_t *status,
                 const qwm_shown_t *responder, const qw_bytes_t *der)
{
    if (der == NULL || der->data == NULL)
        return send_error(r, MALFORMED_REQUEST);
    return answer(r, status, responder, der);
}

static int is_request_type(const char *type)
{
    static const char wanted[] = "application/ocsp-request";
    apr_size_t len = sizeof(wanted) - 1;

    return type != NULL && strncasecmp(type, wanted, len) == 0
           && (type[len] == '\0' || type[len] == ';' || type[len] == ' ');
}

int qwm_ocsp_post(request_rec *r, const qwm_status_t *status,
                  const qwm_shown_t *responder)
{
    qwm_body_t body = { r, QWM_BODY_UNREAD };
    qw_request_t reader = { .baton = &body, .pool = r->pool };
    const char *text;
    qw_bytes_t der;
    qw_problem_t *prob;

    if (!is_request_type(apr_table_get(r->headers_in, "Content-Type")))
        return HTTP_UNSUPPORTED_MEDIA_TYPE;
    prob = qwm_read_body(&text, &der.len, &reader, QW_OCSP_MOST_OCTETS);
    if (prob != NULL)
        return qw_problem_http(prob->code);
    der.data = (const unsigned char *)text;
    return answer(r, status, responder, &der);
}
