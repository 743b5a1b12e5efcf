/* The table of directives, and what it sets. */
#include "conf/conf.h"
#include "conf/setters.h"
#include "conf/value.h"

#include "base/text.h"

#include <apr_strings.h>

#include <stddef.h>
#include <string.h>

#define MEMBER_OF_SERVER(member)    offsetof(qw_conf_t, member)
#define MEMBER_OF_AUTHORITY(member) offsetof(qw_authority_t, member)
#define MEMBER_OF_LOCATION(member)  0

static const struct row_t {
    qw_directive_t directive;
    qw_setter_fn *set;
    apr_size_t member;
    apr_int64_t low, high;
} rows[] = {
#define QW_DIRECTIVE(name, scope, min, max, setter, member, low, high, usage)  \
    { { #name, QW_CONF_##scope, min, max, usage },                             \
      qw_set_##setter,                                                         \
      MEMBER_OF_##scope(member),                                               \
      low,                                                                     \
      high },
#include "conf/directives.def"
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

qw_conf_t *qw_conf_make(apr_pool_t *pool)
{
    qw_conf_t *conf = apr_pcalloc(pool, sizeof(*conf));

    conf->db_connections = 10;
    conf->db_wait = apr_time_from_sec(5);
    conf->validation_threads = 512;
    conf->signer_wait = apr_time_from_sec(10);
    conf->audit_interval = apr_time_from_sec(60);
    conf->key_wait = apr_time_from_sec(8);
    conf->authorities = apr_array_make(pool, 2, sizeof(qw_authority_t *));
    conf->local_perspectives =
        apr_array_make(pool, 1, sizeof(qw_authority_t *));
    return conf;
}

const qw_directive_t *qw_directive_at(int n)
{
    return n >= 0 && n < ROWS ? &rows[n].directive : NULL;
}

static const struct row_t *find_row(const char *name)
{
    int i;

    for (i = 0; i < ROWS; i++)
        if (strcasecmp(rows[i].directive.name, name) == 0)
            return &rows[i];
    return NULL;
}

/* NULL if the directive may stand here with that many arguments. */
static const char *misplaced(const qw_directive_t *d,
                             const qw_authority_t *authority, int argc,
                             apr_pool_t *pool)
{
    if (d->scope == QW_CONF_AUTHORITY && authority == NULL)
        return apr_psprintf(pool,
                            "%s stands outside of an authority; put it into "
                            "<QwacmeAuthority NAME> ... </QwacmeAuthority>",
                            d->name);
    if (d->scope != QW_CONF_AUTHORITY && authority != NULL)
        return apr_psprintf(pool,
                            "%s stands in the authority '%s'; put it after "
                            "</QwacmeAuthority>",
                            d->name, authority->name);
    if (argc < d->min_args || (d->max_args >= 0 && argc > d->max_args))
        return apr_psprintf(pool, "%s has %d arguments; write %s %s", d->name,
                            argc, d->name, d->help);
    return NULL;
}

const char *qw_conf_set(qw_conf_t *conf, qw_authority_t *authority,
                        const char *name, int argc, const char *const *argv,
                        apr_pool_t *pool)
{
    const struct row_t *row = find_row(name);
    const char *error;
    qw_setting_t s = { NULL };
    char *object;

    if (row == NULL)
        return apr_psprintf(pool, "%s: there is no such directive",
                            qw_text_safe(name, 64, pool));
    error = misplaced(&row->directive, authority, argc, pool);
    if (error != NULL)
        return error;
    object = authority != NULL ? (char *)authority : (char *)conf;
    s.name = row->directive.name;
    s.member = object + row->member;
    s.low = row->low;
    s.high = row->high;
    s.conf = conf;
    s.authority = authority;
    s.argc = argc;
    s.argv = argv;
    s.pool = pool;
    return row->set(&s);
}

static int is_authority_name(const char *name)
{
    apr_size_t n = strlen(name);

    return n >= 1 && n <= 32
           && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static qw_authority_t *find(const apr_array_header_t *list, const char *name)
{
    int i;

    for (i = 0; i < list->nelts; i++) {
        qw_authority_t *a = APR_ARRAY_IDX(list, i, qw_authority_t *);

        if (strcmp(a->name, name) == 0)
            return a;
    }
    return NULL;
}

static const char *add(qw_authority_t **authority, apr_array_header_t *list,
                       const qw_conf_t *conf, const char *section,
                       const char *name, apr_pool_t *pool)
{
    if (!is_authority_name(name))
        return apr_psprintf(pool,
                            "%s: '%s' is no name; write 1 to 32 lower-case "
                            "letters, digits and hyphens",
                            section, qw_text_safe(name, 64, pool));
    if (find(conf->authorities, name) != NULL
        || find(conf->local_perspectives, name) != NULL)
        return apr_psprintf(pool,
                            "%s: '%s' is there twice; choose another name",
                            section, name);
    *authority = qw_authority_make(apr_pstrdup(pool, name), pool);
    APR_ARRAY_PUSH(list, qw_authority_t *) = *authority;
    return NULL;
}

const char *qw_conf_add_authority(qw_authority_t **authority, qw_conf_t *conf,
                                  const char *name, apr_pool_t *pool)
{
    static const char *const challenges[] = { "http-01", "dns-01",
                                              "tls-alpn-01" };
    const char *error =
        add(authority, conf->authorities, conf, "QwacmeAuthority", name, pool);
    unsigned i;

    if (error != NULL)
        return error;
    for (i = 0; i < sizeof(challenges) / sizeof(challenges[0]); i++)
        APR_ARRAY_PUSH((*authority)->challenges, const char *) = challenges[i];
    return NULL;
}

const char *qw_conf_add_perspective(qw_authority_t **local, qw_conf_t *conf,
                                    const char *name, apr_pool_t *pool)
{
    const char *error = add(local, conf->local_perspectives, conf,
                            "QwacmeLocalPerspective", name, pool);

    /* half of what a primary waits for it */
    if (error == NULL)
        (*local)->validation_timeout = (*local)->perspective_timeout / 2;
    return error;
}

qw_authority_t *qw_conf_authority(const qw_conf_t *conf, const char *name)
{
    return find(conf->authorities, name);
}

qw_authority_t *qw_conf_perspective(const qw_conf_t *conf, const char *name)
{
    return find(conf->local_perspectives, name);
}
