#include "dns/resolve.h"

#include "base/text.h"
#include "base/world.h"
#include "dns/packet.h"

#include <apr_strings.h>
#include <ldns/ldns.h>
#include <unbound.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

struct qw_resolver_t {
    struct ub_ctx *context;
    int insecure;
};

/* One question on its way. */
typedef struct {
    qw_answer_t *answer;
    int id;
    int done;
    int error;
    struct ub_result *result;
} flight_t;

enum { MAX_REASON = 200 };

/* The library makes and destroys locks of the whole process with each context
 * and takes no lock for it; contexts are otherwise apart. */
static pthread_mutex_t contexts_lock = PTHREAD_MUTEX_INITIALIZER;

static apr_status_t delete_context(void *data)
{
    pthread_mutex_lock(&contexts_lock);
    ub_ctx_delete(data);
    pthread_mutex_unlock(&contexts_lock);
    return APR_SUCCESS;
}

enum { PORT_FIRST = 1024, PORT_WINDOW = 4095 };

typedef int (*setter_fn)(struct ub_ctx *context, const char *value);

static int never_ask(struct ub_ctx *context, const char *netblock)
{
    return ub_ctx_set_option(context, "do-not-query-address:", netblock);
}

/* SET called with each of WORDS, which may be NULL, until one fails. */
static int set_each(struct ub_ctx *context, const apr_array_header_t *words,
                    setter_fn set)
{
    int rc = 0;

    for (int i = 0; words != NULL && i < words->nelts && rc == 0; i++)
        rc = set(context, APR_ARRAY_IDX(words, i, const char *));
    return rc;
}

/* A context keeps lists of all ports it may ask from, half a megabyte. It gets a
 * window of them, in a place that nobody can know: an answer is as hard to guess
 * as before, for a context asks about one name and is gone. */
static int set_ports(struct ub_ctx *context, apr_pool_t *pool)
{
    unsigned char bytes[2] = { 0 };
    int first, rc;

    if (qw_random(bytes, sizeof bytes, pool) != NULL)
        return UB_INITFAIL;
    first = PORT_FIRST
            + ((bytes[0] << 8) | bytes[1]) % (65536 - PORT_FIRST - PORT_WINDOW);
    rc = ub_ctx_set_option(context, "outgoing-port-avoid:", "1-65535");
    if (rc != 0)
        return rc;
    return ub_ctx_set_option(context, "outgoing-port-permit:",
                             apr_psprintf(pool, "%d-%d", first,
                                          first + PORT_WINDOW));
}

static int set_options(struct ub_ctx *context)
{
    static const char *const options[][2] = {
        { "trust-anchor-signaling:", "no" },
        { "use-caps-for-id:", "yes" },
        { "rrset-roundrobin:", "no" },
    };
    int rc = ub_ctx_async(context, 1);

    for (size_t i = 0; i < sizeof options / sizeof options[0] && rc == 0; i++)
        rc = ub_ctx_set_option(context, options[i][0], options[i][1]);
    return rc;
}

/* Does this machine's routing table lead to ADDRESS, a root server's? Nothing is
 * sent. */
static int has_route(int family, const char *address)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(53) };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
                               .sin6_port = htons(53) };
    int is_v4 = family == AF_INET;
    const struct sockaddr *to =
        is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), found;

    if (fd < 0)
        return 0;
    inet_pton(family, address,
              is_v4 ? (void *)&v4.sin_addr : (void *)&v6.sin6_addr);
    found = connect(fd, to, is_v4 ? sizeof v4 : sizeof v6) == 0;
    close(fd);
    return found;
}

/* Where one of the two leads nowhere, half of a delegation's addresses would
 * fail at once, and now and then so many in a row that the library gives up. */
static int set_families(struct ub_ctx *context)
{
    int v4 = has_route(AF_INET, "192.36.148.17");
    int v6 = has_route(AF_INET6, "2001:7fe::53");

    if (v4 && !v6)
        return ub_ctx_set_option(context, "do-ip6:", "no");
    if (v6 && !v4)
        return ub_ctx_set_option(context, "do-ip4:", "no");
    return 0;
}

/* Whom to ask. A forwarder is trusted with its address; name servers that
 * strangers named are not. */
static int set_servers(struct ub_ctx *context, const qw_resolver_conf_t *conf)
{
    int forwarding = conf->forwarders != NULL && conf->forwarders->nelts > 0;
    int rc = 0;

    if (forwarding || conf->never_ask == NULL)
        rc = ub_ctx_set_option(context, "do-not-query-localhost:", "no");
    if (rc == 0 && forwarding)
        return set_each(context, conf->forwarders, ub_ctx_set_fwd);
    if (rc == 0)
        rc = set_families(context);
    return rc != 0 ? rc : set_each(context, conf->never_ask, never_ask);
}

static const char *anchor(const qw_resolver_conf_t *conf)
{
    return conf->trust_anchor != NULL ? conf->trust_anchor : QW_TRUST_ANCHOR;
}

/* Everything must be set before the context is finalized, which the last call
 * does: a forwarder added later would be ignored in silence. */
static int configure(struct ub_ctx *context, const qw_resolver_conf_t *conf,
                     apr_pool_t *pool)
{
    int rc;

    ub_ctx_debugout(context, NULL);
    errno = 0; /* an ERANGE that is left over, the library takes for its own */
    rc = set_options(context);
    if (rc == 0)
        rc = set_ports(context, pool);
    if (rc == 0)
        rc = set_servers(context, conf);
    if (rc == 0 && !conf->insecure)
        rc = ub_ctx_add_ta_file(context, anchor(conf));
    if (rc != 0)
        return rc;
    /* The library answers .test by itself; whether it may be asked at all is
     * decided by qw_name_parse(). Finalizes. */
    return ub_ctx_zone_remove(context, "test.");
}

qw_problem_t *qw_resolver_make(qw_resolver_t **resolver,
                               const qw_resolver_conf_t *conf, apr_pool_t *pool)
{
    qw_resolver_t *made = apr_pcalloc(pool, sizeof(*made));
    int rc;

    made->insecure = conf->insecure;
    pthread_mutex_lock(&contexts_lock);
    made->context = ub_ctx_create();
    rc =
        made->context != NULL ? configure(made->context, conf, pool) : UB_NOMEM;
    pthread_mutex_unlock(&contexts_lock);
    if (made->context != NULL)
        apr_pool_cleanup_register(pool, made->context, delete_context,
                                  apr_pool_cleanup_null);
    if (rc != 0)
        return QW_FAIL_BECAUSE(
            pool, SERVER_INTERNAL,
            apr_psprintf(pool,
                         "libunbound: %s; trust anchor %s, %d forwarders: "
                         "check QwacmeTrustAnchor and QwacmeResolver",
                         ub_strerror(rc),
                         conf->insecure ? "not used" : anchor(conf),
                         conf->forwarders ? conf->forwarders->nelts : 0),
            "the resolver cannot be started");
    *resolver = made;
    return NULL;
}

static void landed(void *data, int error, struct ub_result *result)
{
    flight_t *flight = data;

    flight->done = 1;
    flight->error = error;
    flight->result = result;
}

/* The library starts its thread at the first question. That thread must leave
 * signals to httpd's own. */
static void take_off(const qw_resolver_t *resolver, flight_t *flight)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    flight->error = ub_resolve_async(resolver->context, flight->answer->name,
                                     flight->answer->type, LDNS_RR_CLASS_IN,
                                     flight, landed, &flight->id);
    flight->done = flight->error != 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static int all_done(const flight_t *flights, int n)
{
    for (int i = 0; i < n; i++) {
        if (!flights[i].done)
            return 0;
    }
    return 1;
}

/* Until all have landed or DEADLINE; who is late is called back. */
static void await(const qw_resolver_t *resolver, flight_t *flights, int n,
                  apr_time_t deadline)
{
    struct pollfd poller = { .fd = ub_fd(resolver->context), .events = POLLIN };

    while (!all_done(flights, n)) {
        apr_interval_time_t left = deadline - qw_world()->now();

        if (left <= 0)
            break;
        if (poll(&poller, 1, (int)apr_time_as_msec(left) + 1) > 0
            && ub_process(resolver->context) != 0)
            break;
    }
    for (int i = 0; i < n; i++) {
        if (!flights[i].done)
            ub_cancel(resolver->context, flights[i].id);
    }
}

static const char *rcode_name(int rcode)
{
    const ldns_lookup_table *row = ldns_lookup_by_id(ldns_rcodes, rcode);

    return row != NULL ? row->name : "an unknown response code";
}

/* NAME as we write names: without the final dot. */
static const char *plain_name(const char *name, apr_pool_t *pool)
{
    apr_size_t len = strlen(name);

    if (len > 1 && name[len - 1] == '.')
        len--;
    return qw_text_safe(apr_pstrmemdup(pool, name, len), 255, pool);
}

/* What makes FLIGHT a failure, or NULL. */
static const char *failure(const flight_t *flight, apr_pool_t *pool)
{
    const struct ub_result *result = flight->result;

    if (!flight->done)
        return "no answer in time";
    if (flight->error != 0 || result == NULL)
        return ub_strerror(flight->error);
    if (result->bogus)
        return apr_pstrcat(pool, "DNSSEC validation failed: ",
                           qw_text_safe(result->why_bogus != NULL
                                            ? result->why_bogus
                                            : "bogus",
                                        MAX_REASON, pool),
                           NULL);
    if (result->rcode != LDNS_RCODE_NOERROR
        && result->rcode != LDNS_RCODE_NXDOMAIN)
        return rcode_name(result->rcode);
    return NULL;
}

static void fill_in(const qw_resolver_t *resolver, const flight_t *flight,
                    apr_pool_t *pool)
{
    const struct ub_result *result = flight->result;
    qw_answer_t *answer = flight->answer;

    answer->values = apr_array_make(pool, 4, sizeof(qw_bytes_t));
    answer->canonical = answer->name;
    answer->failure = failure(flight, pool);
    if (answer->failure != NULL)
        return;
    answer->nxdomain = result->nxdomain;
    answer->dnssec = resolver->insecure ? QW_DNSSEC_UNCHECKED
                     : result->secure   ? QW_DNSSEC_SECURE
                                        : QW_DNSSEC_INSECURE;
    if (result->canonname != NULL)
        answer->canonical = plain_name(result->canonname, pool);
    answer->failure = qw_packet_read(answer, result->answer_packet,
                                     (apr_size_t)result->answer_len, pool);
}

qw_problem_t *qw_resolver_ask(qw_resolver_t *resolver, qw_answer_t *answers,
                              int n, apr_time_t deadline, apr_pool_t *pool)
{
    flight_t *flights = apr_pcalloc(pool, sizeof(*flights) * (apr_size_t)n);
    const qw_answer_t *failed = NULL;

    for (int i = 0; i < n; i++) {
        flights[i].answer = &answers[i];
        take_off(resolver, &flights[i]);
    }
    await(resolver, flights, n, deadline);
    for (int i = n - 1; i >= 0; i--) {
        fill_in(resolver, &flights[i], pool);
        ub_resolve_free(flights[i].result);
        if (answers[i].failure != NULL)
            failed = &answers[i];
    }
    if (failed != NULL)
        return QW_FAIL(pool, DNS, "DNS lookup of %s %s: %s", failed->name,
                       qw_rr_name(failed->type), failed->failure);
    return NULL;
}

const char *qw_rr_name(qw_rr_e type)
{
    switch (type) {
    case QW_RR_A:
        return "A";
    case QW_RR_TXT:
        return "TXT";
    case QW_RR_AAAA:
        return "AAAA";
    case QW_RR_CAA:
        return "CAA";
    }
    return "?";
}

const char *qw_dnssec_name(qw_dnssec_e state)
{
    switch (state) {
    case QW_DNSSEC_UNCHECKED:
        return "unchecked";
    case QW_DNSSEC_INSECURE:
        return "insecure";
    case QW_DNSSEC_SECURE:
        return "secure";
    }
    return "?";
}
