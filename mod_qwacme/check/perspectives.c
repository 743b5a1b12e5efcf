#include "check/perspectives.h"

#include "base/world.h"
#include "base/json.h"
#include "base/text.h"
#include "base/world.h"
#include "check/mpic.h"
#include "model/dates.h"
#include "net/post_json.h"

#include <apr_strings.h>

#include <string.h>

enum { MAX_DETAILS = 2048 };

/* One question to all of them. */
typedef struct {
    qw_mpic_ask_t ask;
    qw_vote_t *votes;
    qw_post_t *posts; /* one per service */
    qw_quorum_e quorum;
} round_t;

typedef struct {
    const qw_authority_t *authority;
    int n, needed;
    apr_array_header_t *urls; /* of const char *: the services, each once */
    round_t dcv, caa;
} poll_t;

static const qw_perspective_t *perspective_at(const poll_t *p, int i)
{
    return &APR_ARRAY_IDX(p->authority->perspectives, i, qw_perspective_t);
}

static int perspectives_of(const poll_t *p, const char *url)
{
    int n = 0;

    for (int i = 0; i < p->n; i++)
        n += strcmp(perspective_at(p, i)->url, url) == 0;
    return n;
}

static void find_services(poll_t *p, apr_pool_t *pool)
{
    p->urls = apr_array_make(pool, p->n, sizeof(char *));
    for (int i = 0; i < p->n; i++) {
        const char *url = perspective_at(p, i)->url;

        if (!qw_text_in(p->urls, url))
            APR_ARRAY_PUSH(p->urls, const char *) = url;
    }
}

static void prepare(const poll_t *p, round_t *r, qw_post_t *posts,
                    apr_pool_t *pool)
{
    r->votes = apr_pcalloc(pool, sizeof(*r->votes) * (apr_size_t)p->n);
    for (int i = 0; i < p->n; i++)
        r->votes[i].perspective = perspective_at(p, i);
    r->posts = posts;
    for (int i = 0; i < p->urls->nelts; i++) {
        posts[i].url = APR_ARRAY_IDX(p->urls, i, const char *);
        posts[i].body =
            qw_mpic_question(&r->ask, perspectives_of(p, posts[i].url), pool);
    }
}

static void count(const poll_t *p, round_t *r, apr_pool_t *pool)
{
    for (int i = 0; i < p->urls->nelts; i++) {
        const qw_post_t *post = &r->posts[i];

        if (post->failure == NULL) {
            qw_mpic_count(r->votes, p->n, post->url, &post->reply, &r->ask,
                          pool);
            continue;
        }
        for (int k = 0; k < p->n; k++)
            if (strcmp(r->votes[k].perspective->url, post->url) == 0)
                r->votes[k].why = post->failure;
    }
    r->quorum = qw_quorum_judge(r->votes, p->n, p->needed);
}

static json_t *answer(const qw_vote_t *vote, apr_pool_t *pool)
{
    static const char *const words[] = { "silent", "no", "yes" };
    json_t *seen = json_object();

    json_object_set_new(seen, "perspective",
                        json_string(vote->perspective->code));
    json_object_set_new(seen, "region", json_string(vote->perspective->region));
    json_object_set_new(seen, "corroborates", json_string(words[vote->vote]));
    if (vote->why != NULL)
        json_object_set_new(seen, "why", json_string(vote->why));
    if (json_is_object(vote->details)
        && strlen(qw_json_dump(vote->details, pool)) <= MAX_DETAILS)
        json_object_set(seen, "details", (json_t *)vote->details);
    return seen;
}

static json_t *witness(const poll_t *p, const round_t *r, apr_pool_t *pool)
{
    json_t *seen = json_object(), *answers = json_array();

    json_object_set_new(seen, "quorum",
                        json_string(apr_psprintf(pool, "%d/%d",
                                                 qw_quorum_count(r->votes, p->n,
                                                                 QW_VOTE_YES),
                                                 p->n)));
    json_object_set_new(seen, "needed", json_integer(p->needed));
    json_object_set_new(seen, "attempt", json_string(r->ask.trace));
    for (int i = 0; i < p->n; i++)
        json_array_append_new(answers, answer(&r->votes[i], pool));
    json_object_set_new(seen, "answers", answers);
    return seen;
}

/* Why the first that says no does so; NULL if none does. */
static const char *first_no(const poll_t *p, const round_t *r)
{
    for (int i = 0; i < p->n; i++)
        if (r->votes[i].vote == QW_VOTE_NO)
            return r->votes[i].why;
    return NULL;
}

/* What the client is told names no perspective: an attacker shall not learn
 * whom to deceive. */
static qw_problem_t *missed(const poll_t *p, const round_t *r, apr_pool_t *pool)
{
    int no = qw_quorum_count(r->votes, p->n, QW_VOTE_NO);
    int yes = qw_quorum_count(r->votes, p->n, QW_VOTE_YES);
    const char *why = first_no(p, r);

    if (yes >= p->needed || why == NULL)
        return QW_FAIL(pool, UNAUTHORIZED,
                       "secondary validation: the network perspectives that "
                       "agree with this server are all in one region");
    if (r == &p->caa)
        return QW_FAIL(pool, CAA,
                       "secondary validation: for %d of %d network "
                       "perspectives, CAA does not let this CA issue; one "
                       "says: %s",
                       no, p->n, why);
    return QW_FAIL(pool, UNAUTHORIZED,
                   "secondary validation: %d of %d network perspectives do not "
                   "see what this server saw; one says: %s",
                   no, p->n, why);
}

/* For the operator: who did not answer, and why not. */
static const char *silent_ones(const poll_t *p, apr_pool_t *pool)
{
    const char *text = "QwacmePerspective: too few answered";

    for (int i = 0; i < p->n; i++) {
        const qw_vote_t *vote = &p->dcv.votes[i];

        if (vote->vote != QW_VOTE_SILENT)
            vote = &p->caa.votes[i];
        if (vote->vote == QW_VOTE_SILENT)
            text = apr_pstrcat(pool, text, "; ", vote->perspective->code, ": ",
                               vote->why, NULL);
    }
    return text;
}

static qw_problem_t *judge(const poll_t *p, apr_pool_t *pool)
{
    if (p->dcv.quorum == QW_QUORUM_MISSED)
        return missed(p, &p->dcv, pool);
    if (p->caa.quorum == QW_QUORUM_MISSED)
        return missed(p, &p->caa, pool);
    if (p->dcv.quorum == QW_QUORUM_MET && p->caa.quorum == QW_QUORUM_MET)
        return NULL;
    return QW_FAIL_BECAUSE(pool, UNAVAILABLE, silent_ones(p, pool),
                           "secondary validation: too few network perspectives "
                           "answered; it will be tried again");
}

static qw_problem_t *ask_all(poll_t *p, apr_pool_t *pool)
{
    const qw_authority_t *a = p->authority;
    apr_size_t n = (apr_size_t)p->urls->nelts;
    qw_post_t *posts = apr_pcalloc(pool, 2 * n * sizeof(*posts));
    qw_post_how_t how = { .ca_path = a->perspective_ca,
                          .identity = a->perspective_identity,
                          .api_key = a->perspective_api_key,
                          .max_reply = QW_MPIC_ANSWER_MAX,
                          .deadline =
                              qw_world()->now() + a->perspective_timeout };

    prepare(p, &p->dcv, posts, pool);
    prepare(p, &p->caa, posts + n, pool);
    QW_TRY(qw_post_json(posts, 2 * (int)n, &how, pool));
    count(p, &p->dcv, pool);
    count(p, &p->caa, pool);
    return NULL;
}

/* Checked at the start too; but the day may come while we run. */
static qw_problem_t *enough(const poll_t *p, apr_pool_t *pool)
{
    int least = qw_rule(QW_RULE_PERSPECTIVES, qw_authority_now(p->authority));

    if (p->authority->kind == QW_KIND_TEST || p->n >= least)
        return NULL;
    return QW_FAIL_BECAUSE(pool, SERVER_INTERNAL,
                           apr_psprintf(pool,
                                        "QwacmePerspective: %d of them, from "
                                        "today on at least %d are needed",
                                        p->n, least),
                           "too few network perspectives are configured");
}

qw_problem_t *qw_corroborate(json_t *evidence, const qw_corroboration_t *what,
                             apr_pool_t *pool)
{
    const qw_authority_t *a = what->dcv->authority;
    poll_t p = { .authority = a, .n = a->perspectives->nelts };
    const char *domain = what->dcv->domain;
    json_t *seen = json_object();

    json_object_set_new(evidence, "perspectives", seen);
    QW_TRY(enough(&p, pool));
    if (p.n == 0)
        return NULL;
    p.needed = a->quorum > 0 ? a->quorum : qw_perspectives_least(p.n);
    p.dcv.ask = (qw_mpic_ask_t){ .check = "dcv", .target = domain };
    p.dcv.ask.type = what->type;
    p.dcv.ask.dcv = what->dcv;
    p.caa.ask = (qw_mpic_ask_t){ .check = "caa", .target = domain };
    p.caa.ask.caa_identities = a->caa_identities;
    if (what->wildcard)
        p.caa.ask.target = apr_pstrcat(pool, "*.", domain, NULL);
    QW_TRY(qw_id_make(&p.dcv.ask.trace, pool));
    p.caa.ask.trace = p.dcv.ask.trace;
    find_services(&p, pool);
    QW_TRY(ask_all(&p, pool));
    json_object_set_new(seen, "dcv", witness(&p, &p.dcv, pool));
    json_object_set_new(seen, "caa", witness(&p, &p.caa, pool));
    return judge(&p, pool);
}
