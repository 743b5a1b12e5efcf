#include "ca/status.h"

#include "base/log.h"
#include "base/text.h"
#include "base/world.h"
#include "ca/status_part.h"
#include "ca/status_path.h"
#include "x509/ocsp_answer.h"

#include <apr_file_io.h>
#include <apr_strings.h>

#include <string.h>

#define SECOND    (apr_time_from_sec(1))
#define BEAT      (apr_time_from_sec(30))
#define PAUSE     (apr_time_from_sec(5))   /* after a problem */
#define JUMP      (apr_time_from_sec(300)) /* of a test clock */
#define LOG_EVERY (apr_time_from_sec(60))
#define FORGOTTEN (apr_time_from_sec(7 * 86400))

struct qw_status_t {
    const qw_ca_t *ca;
    apr_array_header_t *parts; /* of qw_part_t * */
    apr_time_t started, beat_due;
    apr_pool_t *pool;
};

/* ---- setting up ---- */

static qw_problem_t *make_folder(const char *path, apr_pool_t *pool)
{
    apr_fileperms_t perms = APR_FPROT_UREAD | APR_FPROT_UWRITE
                            | APR_FPROT_UEXECUTE | APR_FPROT_GREAD
                            | APR_FPROT_GEXECUTE | APR_FPROT_WREAD
                            | APR_FPROT_WEXECUTE;
    apr_status_t rv = apr_dir_make_recursive(path, perms, pool);
    char buf[120];

    return rv == APR_SUCCESS ? NULL
                             : QW_FAIL(pool, INVALID_INPUT, "%s: %s", path,
                                       apr_strerror(rv, buf, sizeof(buf)));
}

static qw_problem_t *make_folders(const qw_ca_t *ca, const qw_issuer_t *issuer,
                                  apr_pool_t *pool)
{
    const char *dir = qw_status_dir(ca->conf, issuer, pool);

    QW_TRY(make_folder(apr_pstrcat(pool, dir, "/crl", NULL), pool));
    for (int i = 0; i < 256; i++)
        QW_TRY(make_folder(apr_psprintf(pool, "%s/ocsp/%02x", dir, i), pool));
    return NULL;
}

static qw_problem_t *add_part(qw_status_t *s, const qw_issuing_t *issuing)
{
    qw_part_t *p = apr_pcalloc(s->pool, sizeof(*p));
    apr_pool_t *scratch;

    p->ca = s->ca;
    p->pool = s->pool;
    p->issuing = issuing;
    p->shown = apr_hash_make(s->pool);
    p->logged = "";
    apr_pool_create(&p->making_pool, s->pool);
    apr_pool_create(&scratch, s->pool);
    QW_TRY(make_folders(s->ca, issuing->issuer, scratch));
    apr_pool_destroy(scratch);
    QW_TRY(qw_responder_make(&p->responder, s->ca, issuing, s->pool));
    APR_ARRAY_PUSH(s->parts, qw_part_t *) = p;
    return NULL;
}

qw_problem_t *qw_status_make(qw_status_t **status, const qw_ca_t *ca,
                             apr_pool_t *pool)
{
    qw_status_t *s = apr_pcalloc(pool, sizeof(*s));

    s->ca = ca;
    s->pool = pool;
    s->started = qw_world()->now();
    s->parts = apr_array_make(pool, 4, sizeof(qw_part_t *));
    for (int i = 0; i < ca->issuings->nelts; i++)
        QW_TRY(add_part(s, APR_ARRAY_IDX(ca->issuings, i, qw_issuing_t *)));
    *status = s;
    return NULL;
}

apr_time_t qw_part_now(const qw_part_t *p)
{
    return qw_authority_now(p->issuing->authority);
}

const char *qw_part_id(const qw_part_t *p)
{
    return p->issuing->issuer->spki_hash;
}

qw_answers_t qw_part_answers(qw_part_t *p)
{
    qw_answers_t a = { p->ca->conf, p->issuing, p->responder, p->ended,
                       &p->meeting };

    return a;
}

/* ---- steps ---- */

/* The same again is logged once a minute. */
static void tell(qw_part_t *p, const qw_problem_t *prob, apr_pool_t *pool)
{
    apr_time_t now = qw_world()->now();
    const char *name = qw_problem_name(prob->code);

    p->retry_due = now + PAUSE;
    if (strcmp(name, p->logged) == 0 && !qw_is_due(p->log_due, LOG_EVERY))
        return;
    p->logged = name;
    p->log_due = now + LOG_EVERY;
    qw_log_problem("QW0535", prob, pool);
}

static qw_problem_t *renew(int *more, qw_part_t *p, apr_pool_t *pool)
{
    int was_ready = qw_responder_is_ready(p->responder, qw_part_now(p));

    (void)more;
    if (p->finished)
        return NULL;
    QW_TRY(qw_responder_renew(p->responder, pool));
    if (!was_ready)
        p->sweep_due = 0; /* for what was missed meanwhile */
    return NULL;
}

/* In this order, and none waits for another to go well: answers need a
 * responder, CRLs the issuing key, and the clock runs in any case. */
static const struct {
    qw_problem_t *(*run)(int *more, qw_part_t *part, apr_pool_t *pool);
    int answers; /* needs a responder */
} jobs[] = {
    { renew, 0 },         { qw_part_notices, 1 }, { qw_part_recent, 1 },
    { qw_part_sweep, 1 }, { qw_part_crls, 0 },    { qw_part_published, 0 },
    { qw_part_clock, 0 },
};

static void work(int *more, qw_part_t *p, apr_pool_t *pool)
{
    qw_problem_t *first = NULL;

    for (unsigned i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
        qw_problem_t *prob;

        if (jobs[i].answers
            && !qw_responder_is_ready(p->responder, qw_part_now(p)))
            continue;
        prob = jobs[i].run(more, p, pool);
        if (first == NULL)
            first = prob;
    }
    if (first != NULL)
        tell(p, first, pool);
}

/* A clock that was moved makes every answer due. */
static void look_at_clock(qw_part_t *p)
{
    apr_time_t now = qw_part_now(p);

    if (p->looked_at != 0
        && (now < p->looked_at - SECOND || now > p->looked_at + JUMP)) {
        p->sweep_due = 0;
        p->recent = 0;
    }
    p->looked_at = now;
}

static int step(qw_part_t *p, apr_pool_t *pool)
{
    apr_time_t now = qw_world()->now();
    int more = 0;

    if (p->issuing->key == NULL || !qw_is_due(p->retry_due, PAUSE)
        || !qw_is_due(p->poll_due, SECOND))
        return 0;
    look_at_clock(p);
    work(&more, p, pool);
    p->poll_due = more ? 0 : now + SECOND;
    return more && qw_is_due(p->retry_due, PAUSE);
}

static qw_problem_t *beat(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    qw_status_t *s = baton;
    apr_time_t now = qw_world()->now();

    QW_TRY(qw_signer_seen(db, s->ca->node, s->started, now, pool));
    return qw_signer_purge(db, now - FORGOTTEN, pool);
}

int qw_status_step(qw_status_t *s, apr_pool_t *scratch)
{
    apr_time_t now = qw_world()->now();
    int more = 0;

    if (qw_is_due(s->beat_due, BEAT)) {
        qw_problem_t *prob = qw_store_write(s->ca->store, beat, s, scratch);

        if (prob != NULL) {
            qw_log_problem("QW0536", prob, scratch);
            return 0;
        }
        s->beat_due = now + BEAT;
    }
    for (int i = 0; i < s->parts->nelts; i++)
        more |= step(APR_ARRAY_IDX(s->parts, i, qw_part_t *), scratch);
    return more;
}

/* ---- what is asked for right now ---- */

static qw_part_t *part_of(const qw_status_t *s, const qw_issuing_t *issuing)
{
    for (int i = 0; i < s->parts->nelts; i++)
        if (APR_ARRAY_IDX(s->parts, i, qw_part_t *)->issuing == issuing)
            return APR_ARRAY_IDX(s->parts, i, qw_part_t *);
    return NULL;
}

typedef struct {
    const qw_status_ask_t *ask;
    apr_array_header_t *serials; /* of qw_serial_t * */
} state_t;

static qw_problem_t *look_up(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    state_t *state = baton;

    for (int i = 0; i < state->ask->serials->nelts; i++) {
        qw_serial_t *serial;

        QW_TRY(
            qw_serial_get(&serial, db, state->ask->issuing->issuer->spki_hash,
                          APR_ARRAY_IDX(state->ask->serials, i, const char *),
                          pool));
        APR_ARRAY_PUSH(state->serials, qw_serial_t *) = serial;
    }
    return NULL;
}

/* Whoever asks next is answered from the file; if that cannot be written, this
 * one is answered all the same, unless it would be told good after revoked. */
static qw_problem_t *keep(const qw_answers_t *a, const qw_serial_t *serial,
                          apr_pool_t *pool)
{
    qw_problem_t *prob = serial->issued || serial->revoked_at != 0
                             ? qw_answers_write(a, serial, pool)
                             : NULL;

    return prob == NULL || prob->code == QW_E_CONFLICT ? prob : NULL;
}

qw_problem_t *qw_status_answer(qw_bytes_t *der, qw_status_t *s,
                               const qw_status_ask_t *ask, apr_pool_t *pool)
{
    qw_part_t *p = part_of(s, ask->issuing);
    state_t state = { ask, apr_array_make(pool, 1, sizeof(qw_serial_t *)) };
    qw_answers_question_t question = { ask->digest, state.serials, ask->nonce };
    qw_answers_t a;

    if (p == NULL || !qw_responder_is_ready(p->responder, qw_part_now(p)))
        return QW_FAIL(pool, UNAVAILABLE,
                       "the issuer has no OCSP responder now; try again later");
    QW_TRY(qw_store_read(s->ca->store, look_up, &state, pool));
    a = qw_part_answers(p);
    for (int i = 0; i < state.serials->nelts; i++)
        QW_TRY(keep(&a, APR_ARRAY_IDX(state.serials, i, qw_serial_t *), pool));
    return qw_answers_sign(der, &a, &question, pool);
}

/* ---- health ---- */

static const char *add_text(const char *all, const qw_part_t *p,
                            const char *what, apr_pool_t *pool)
{
    return apr_pstrcat(pool, all, *all != '\0' ? "; " : "",
                       p->issuing->authority->name, ": issuer ",
                       p->issuing->issuer->id, ": ", what, NULL);
}

typedef struct {
    qw_part_t *part;
    apr_array_header_t *crls; /* of qw_crl_t * */
} crls_t;

static qw_problem_t *list_crls(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    crls_t *c = baton;

    return qw_crl_list(&c->crls, db, qw_part_id(c->part), pool);
}

/* One is signed anew when a quarter of its validity is over. */
static const char *look_at_answers(const char *all, const qw_part_t *p,
                                   apr_pool_t *pool)
{
    const qw_authority_t *a = p->issuing->authority;

    if (p->ended || p->oldest == 0
        || qw_part_now(p) - p->oldest <= a->ocsp_validity / 2)
        return all;
    return add_text(all, p,
                    apr_pstrcat(pool, "its oldest OCSP answer was signed ",
                                qw_text_time(p->oldest, pool), NULL),
                    pool);
}

static const char *look_at_ages(const char *all, const crls_t *c,
                                apr_pool_t *pool)
{
    apr_time_t now = qw_part_now(c->part);

    for (int i = 0; i < c->crls->nelts; i++) {
        const qw_crl_t *crl = APR_ARRAY_IDX(c->crls, i, const qw_crl_t *);

        if (crl->next_update != QW_TIME_NEVER
            && now - crl->this_update
                   > c->part->issuing->authority->crl_validity / 2)
            all = add_text(all, c->part,
                           apr_pstrcat(pool, "its CRL ", crl->period,
                                       " was made ",
                                       qw_text_time(crl->this_update, pool),
                                       NULL),
                           pool);
    }
    if (!c->part->finished && qw_responder_away(c->part->responder) != NULL)
        all = add_text(all, c->part,
                       apr_pstrcat(pool, "its OCSP key is away: ",
                                   qw_responder_away(c->part->responder), NULL),
                       pool);
    else if (!c->part->ended
             && qw_responder_not_after(c->part->responder)
                    < now + c->part->issuing->authority->ocsp_validity)
        all =
            add_text(all, c->part, "its OCSP responder is near its end", pool);
    return look_at_answers(all, c->part, pool);
}

const char *qw_status_health(qw_status_t *s, apr_pool_t *pool)
{
    const char *all = "";

    for (int i = 0; i < s->parts->nelts; i++) {
        qw_part_t *p = APR_ARRAY_IDX(s->parts, i, qw_part_t *);
        crls_t c = { .part = p };
        qw_problem_t *prob;

        if (p->issuing->key == NULL)
            continue;
        prob = qw_store_read(s->ca->store, list_crls, &c, pool);
        all = prob != NULL ? add_text(all, p, prob->detail, pool)
                           : look_at_ages(all, &c, pool);
    }
    return *all != '\0' ? all : NULL;
}
