#include "ca/answers.h"

#include "base/file.h"
#include "base/log.h"
#include "ca/status_path.h"
#include "x509/ocsp_answer.h"

#include <apr_strings.h>

#include <string.h>

enum { FILE_MOST = 8192, UNKNOWN_HOURS = 8 };

static const char *const digests[] = { "sha1", "sha256" };
enum { DIGESTS = sizeof(digests) / sizeof(digests[0]) };

static qw_ocsp_single_t single_of(const qw_serial_t *serial)
{
    qw_ocsp_single_t single = { QW_OCSP_UNKNOWN, 0, 0, serial->number };

    if (serial->revoked_at != 0) {
        single.status = QW_OCSP_REVOKED;
        single.revoked_at = serial->revoked_at;
        single.reason = (int)serial->reason;
    }
    else if (serial->issued)
        single.status = QW_OCSP_GOOD;
    return single;
}

static apr_time_t whole_seconds(apr_time_t t)
{
    return apr_time_from_sec(apr_time_sec(t));
}

/* Of a serial that was not issued nothing is promised for long. */
static apr_time_t end_of(const qw_answers_t *a, apr_time_t now, int unknown)
{
    if (unknown)
        return now + apr_time_from_sec((apr_time_t)UNKNOWN_HOURS * 3600);
    return a->last ? QW_TIME_NEVER : now + a->issuing->authority->ocsp_validity;
}

qw_problem_t *qw_answers_sign(qw_bytes_t *der, const qw_answers_t *a,
                              const qw_answers_question_t *q, apr_pool_t *pool)
{
    apr_time_t now = whole_seconds(qw_authority_now(a->issuing->authority));
    int i, n = q->serials->nelts, unknown = 0;
    qw_ocsp_single_t *singles = apr_palloc(pool, sizeof(*singles) * (size_t)n);
    qw_ocsp_answer_in_t in = { 0 };
    qw_bytes_t tbs;

    for (i = 0; i < n; i++) {
        singles[i] =
            single_of(APR_ARRAY_IDX(q->serials, i, const qw_serial_t *));
        unknown |= singles[i].status == QW_OCSP_UNKNOWN;
    }
    in.digest = q->digest;
    in.issuer = a->issuing->issuer;
    in.singles = singles;
    in.n = n;
    in.responder_key_hash = qw_responder_key_hash(a->responder);
    in.produced_at = in.this_update = now;
    in.next_update = end_of(a, now, unknown);
    in.archive_cutoff = a->issuing->issuer->not_before;
    in.nonce = q->nonce;
    QW_TRY(qw_ocsp_answer_make(&tbs, &in, pool));
    return qw_responder_sign(der, a->responder, &tbs, pool);
}

/* ---- files ---- */

/* NULL if there is none about SERIAL: what is damaged is written anew. */
static qw_ocsp_answer_t *read_old(const char *path, const char *serial,
                                  apr_pool_t *pool)
{
    char *text = apr_palloc(pool, FILE_MOST + 1);
    apr_size_t len = FILE_MOST;
    qw_ocsp_answer_t *facts;
    qw_bytes_t der;

    if (qw_file_read(text, &len, path, pool) != APR_EOF)
        return NULL;
    der.data = (unsigned char *)text;
    der.len = len;
    return qw_ocsp_answer_read(&facts, &der, pool) == NULL
                   && strcmp(facts->id.serial, serial) == 0
               ? facts
               : NULL;
}

static int says(const qw_ocsp_answer_t *old, const qw_ocsp_single_t *now)
{
    return old->status == now->status
           && (now->status != QW_OCSP_REVOKED
               || (old->reason > 0 ? old->reason : 0)
                      == (now->reason > 0 ? now->reason : 0));
}

static int is_fresh(const qw_answers_t *a, const qw_ocsp_answer_t *old)
{
    const qw_authority_t *authority = a->issuing->authority;
    apr_interval_time_t age = qw_authority_now(authority) - old->this_update;

    if (a->last)
        return old->next_update == QW_TIME_NEVER;
    return age >= 0 && age < authority->ocsp_validity / QW_ANSWER_REFRESH;
}

static qw_problem_t *check_old(const qw_ocsp_answer_t *old,
                               const qw_ocsp_single_t *now, apr_pool_t *pool)
{
    if (old == NULL || old->status != QW_OCSP_REVOKED
        || now->status == QW_OCSP_REVOKED)
        return NULL;
    return QW_FAIL_BECAUSE(pool, CONFLICT, now->serial,
                           "a certificate was told as revoked, and the "
                           "database does not know it; restore what it lost");
}

static void note_oldest(const qw_answers_t *a, apr_time_t this_update)
{
    if (a->oldest != NULL && (*a->oldest == 0 || this_update < *a->oldest))
        *a->oldest = this_update;
}

static qw_problem_t *replace(const char *path, const qw_answers_t *a,
                             const qw_serial_t *serial, const char *digest,
                             apr_pool_t *pool)
{
    qw_answers_question_t question = { .digest = digest };
    apr_array_header_t *serials = apr_array_make(pool, 1, sizeof(void *));
    qw_file_how_t how = { 0644, 0, 0 };
    qw_bytes_t der;

    APR_ARRAY_PUSH(serials, const qw_serial_t *) = serial;
    question.serials = serials;
    how.changed = whole_seconds(qw_authority_now(a->issuing->authority));
    QW_TRY(qw_answers_sign(&der, a, &question, pool));
    QW_TRY(qw_file_replace(path, &der, &how, pool));
    note_oldest(a, how.changed);
    return NULL;
}

static qw_problem_t *write_one(const qw_answers_t *a, const qw_serial_t *serial,
                               const char *digest, apr_pool_t *pool)
{
    const char *path = qw_status_ocsp_path(a->conf, a->issuing->issuer,
                                           serial->number, digest, pool);
    const qw_ocsp_answer_t *old = read_old(path, serial->number, pool);
    qw_ocsp_single_t single = single_of(serial);
    qw_problem_t *prob = check_old(old, &single, pool);

    if (prob == NULL
        && (old == NULL || !says(old, &single) || !is_fresh(a, old))) {
        prob = replace(path, a, serial, digest, pool);
        if (prob == NULL)
            return NULL;
    }
    if (old != NULL)
        note_oldest(a, old->this_update);
    return prob;
}

qw_problem_t *qw_answers_write(const qw_answers_t *a, const qw_serial_t *serial,
                               apr_pool_t *pool)
{
    for (int i = 0; i < DIGESTS; i++)
        QW_TRY(write_one(a, serial, digests[i], pool));
    return NULL;
}
