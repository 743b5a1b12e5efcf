#include "ca/ct.h"

#include "base/b64.h"
#include "base/text.h"
#include "base/world.h"
#include "net/post_json.h"

#include <apr_strings.h>

#include <string.h>

#define SHORT_LIVED (apr_time_from_sec((apr_int64_t)180 * 86400))

enum { FEW = 2, MANY = 3, ANSWER_MAX = 16384 };

int qw_ct_wanted(const qw_authority_t *authority, const qw_profile_t *profile)
{
    return authority->ct_logs->nelts > 0 && qw_profile_needs_ct(profile);
}

/* The last second counts. */
int qw_ct_needed(apr_time_t not_before, apr_time_t not_after)
{
    return not_after + apr_time_from_sec(1) - not_before <= SHORT_LIVED ? FEW
                                                                        : MANY;
}

static const qw_ct_log_t *log_at(const qw_authority_t *authority, int i)
{
    return &APR_ARRAY_IDX(authority->ct_logs, i, qw_ct_log_t);
}

static const qw_ct_log_t *find_log(const qw_authority_t *authority,
                                   const char *id)
{
    for (int i = 0; i < authority->ct_logs->nelts; i++)
        if (strcmp(log_at(authority, i)->id, id) == 0)
            return log_at(authority, i);
    return NULL;
}

apr_array_header_t *qw_ct_choose(const qw_authority_t *authority,
                                 const apr_array_header_t *stored,
                                 const qw_sct_entry_t *entry, int needed,
                                 apr_pool_t *pool)
{
    apr_array_header_t *chosen =
        apr_array_make(pool, needed, sizeof(qw_bytes_t));
    apr_array_header_t *operators =
        apr_array_make(pool, needed, sizeof(char *));

    for (int i = 0; i < stored->nelts && chosen->nelts < needed; i++) {
        const qw_sct_t *s = APR_ARRAY_IDX(stored, i, qw_sct_t *);
        const qw_ct_log_t *log = find_log(authority, s->log_id);
        qw_bytes_t sct;

        if (log == NULL || qw_text_in(operators, log->operator_name)
            || !qw_b64url_decode(&sct, s->sct, pool)
            || qw_sct_verify(&sct, log->id, &log->key, entry, pool) != NULL)
            continue;
        APR_ARRAY_PUSH(chosen, qw_bytes_t) = sct;
        APR_ARRAY_PUSH(operators, const char *) = log->operator_name;
    }
    return chosen;
}

/* ---- asking ---- */

int qw_ct_log_takes(const qw_ct_log_t *log, apr_time_t not_after)
{
    return log->from <= not_after
           && (log->until == 0 || not_after < log->until);
}

/* Each once: two workers may have asked two logs of one operator, and a log may
 * have changed hands. */
static apr_array_header_t *operators_of(const qw_authority_t *authority,
                                        const apr_array_header_t *stored,
                                        apr_pool_t *pool)
{
    apr_array_header_t *operators = apr_array_make(pool, 4, sizeof(char *));

    for (int i = 0; i < stored->nelts; i++) {
        const qw_ct_log_t *log =
            find_log(authority, APR_ARRAY_IDX(stored, i, qw_sct_t *)->log_id);

        if (log != NULL && !qw_text_in(operators, log->operator_name))
            APR_ARRAY_PUSH(operators, const char *) = log->operator_name;
    }
    return operators;
}

/* One log each of MOST operators that have given nothing yet; where to start
 * moves from round to round, past logs that do not answer. */
static apr_array_header_t *pick(const qw_ct_submission_t *s,
                                apr_array_header_t *operators, int most,
                                apr_pool_t *pool)
{
    apr_array_header_t *logs = apr_array_make(pool, most, sizeof(void *));
    int n = s->authority->ct_logs->nelts;

    for (int i = 0; i < n && logs->nelts < most; i++) {
        const qw_ct_log_t *log = log_at(s->authority, (s->round + i) % n);

        if (!qw_ct_log_takes(log, s->not_after)
            || qw_text_in(operators, log->operator_name))
            continue;
        APR_ARRAY_PUSH(operators, const char *) = log->operator_name;
        APR_ARRAY_PUSH(logs, const qw_ct_log_t *) = log;
    }
    return logs;
}

static qw_problem_t *read_answer(qw_sct_t **fresh, const qw_post_t *post,
                                 const qw_ct_log_t *log,
                                 const qw_ct_submission_t *s, apr_pool_t *pool)
{
    qw_sct_t *made = apr_pcalloc(pool, sizeof(*made));
    json_t *answer;
    qw_bytes_t sct;

    if (post->failure != NULL)
        return QW_FAIL(pool, UNAVAILABLE, "%s", post->failure);
    QW_TRY(qw_json_parse_object(&answer, (const char *)post->reply.data,
                                post->reply.len, "its answer", pool));
    QW_TRY(qw_sct_parse(&sct, answer, pool));
    QW_TRY(qw_sct_verify(&sct, log->id, &log->key, s->entry, pool));
    made->attempt_id = s->attempt_id;
    made->log_id = log->id;
    made->sct = qw_b64url_encode(sct.data, sct.len, pool);
    made->at = qw_world()->now();
    *fresh = made;
    return NULL;
}

static qw_post_t *posts_to(const apr_array_header_t *logs,
                           const qw_ct_submission_t *s, apr_pool_t *pool)
{
    qw_post_t *posts =
        apr_pcalloc(pool, sizeof(*posts) * (apr_size_t)(logs->nelts + 1));
    const char *body = apr_pstrcat(pool, "{\"chain\":", s->chain, "}", NULL);

    for (int i = 0; i < logs->nelts; i++) {
        posts[i].url =
            apr_pstrcat(pool, APR_ARRAY_IDX(logs, i, qw_ct_log_t *)->url,
                        "/ct/v1/add-pre-chain", NULL);
        posts[i].body = body;
    }
    return posts;
}

static void take_answers(apr_array_header_t *fresh, const char **why,
                         const apr_array_header_t *logs, const qw_post_t *posts,
                         const qw_ct_submission_t *s, apr_pool_t *pool)
{
    for (int i = 0; i < logs->nelts; i++) {
        const qw_ct_log_t *log = APR_ARRAY_IDX(logs, i, qw_ct_log_t *);
        qw_sct_t *sct;
        qw_problem_t *prob = read_answer(&sct, &posts[i], log, s, pool);

        if (prob == NULL)
            APR_ARRAY_PUSH(fresh, qw_sct_t *) = sct;
        else
            *why = apr_pstrcat(pool, *why != NULL ? *why : "",
                               *why != NULL ? "; " : "", log->description, ": ",
                               prob->detail, NULL);
    }
}

qw_problem_t *qw_ct_submit(apr_array_header_t **fresh, const char **why,
                           const qw_ct_submission_t *s,
                           const apr_array_header_t *stored, int needed,
                           apr_pool_t *pool)
{
    apr_array_header_t *operators = operators_of(s->authority, stored, pool);
    int missing = needed - operators->nelts;
    qw_post_how_t how = { .max_reply = ANSWER_MAX,
                          .deadline =
                              qw_world()->now() + s->authority->ct_timeout };
    apr_array_header_t *logs;
    qw_post_t *posts;

    *fresh = apr_array_make(pool, needed + 1, sizeof(qw_sct_t *));
    *why = NULL;
    if (missing <= 0)
        return NULL;
    logs = pick(s, operators, missing + 1, pool);
    posts = posts_to(logs, s, pool);
    if (logs->nelts > 0)
        QW_TRY(qw_post_json(posts, logs->nelts, &how, pool));
    take_answers(*fresh, why, logs, posts, s, pool);
    if (logs->nelts < missing && *why == NULL)
        *why = "the log list has too few logs of other operators for it";
    return NULL;
}
