/* Reading httpd's configuration files without httpd. */
#include "conf/conf.h"

#include "base/text.h"

#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include <glob.h>
#include <string.h>

enum { MAX_DEPTH = 20, MAX_LINE = 8192, MAX_WORDS = 64 };

typedef struct {
    qw_conf_t *conf;
    qw_authority_t *authority; /* of the open section, or NULL */
    const char *root;          /* ServerRoot, or the first file's folder */
    const char *file;
    int line;
    int depth;
    apr_pool_t *pool;
} reader_t;

static qw_problem_t *read_file(reader_t *r, const char *path);

static qw_problem_t *broke(const reader_t *r, const char *text)
{
    return QW_FAIL(r->pool, INVALID_INPUT, "%s:%d: %s", r->file, r->line, text);
}

/* The next word of *LINE as httpd cuts them: quotes hold words together, a
 * backslash lets a quote through. NULL at the end. */
static const char *next_word(char **line, apr_pool_t *pool)
{
    char *in = *line, *out, *word, quote = '\0';

    while (apr_isspace(*in))
        in++;
    if (*in == '\0')
        return NULL;
    if (*in == '"' || *in == '\'')
        quote = *in++;
    word = out = apr_palloc(pool, strlen(in) + 1);
    while (*in != '\0' && (quote != '\0' ? *in != quote : !apr_isspace(*in))) {
        if (*in == '\\' && (in[1] == '\\' || (quote != '\0' && in[1] == quote)))
            in++;
        *out++ = *in++;
    }
    *out = '\0';
    *line = *in != '\0' ? in + 1 : in;
    return word;
}

static const char *under_root(const reader_t *r, const char *path)
{
    return path[0] == '/' ? path
                          : apr_pstrcat(r->pool, r->root, "/", path, NULL);
}

static qw_problem_t *include(reader_t *r, const char *pattern, int optional)
{
    reader_t inner = *r;
    qw_problem_t *prob = NULL;
    glob_t hits;
    size_t i;

    if (r->depth >= MAX_DEPTH)
        return broke(r, "Include goes round in a circle");
    if (glob(under_root(r, pattern), GLOB_MARK, NULL, &hits) != 0) {
        globfree(&hits);
        if (optional || strpbrk(pattern, "*?[") != NULL)
            return NULL;
        return broke(r, apr_psprintf(r->pool, "Include %s: no such file",
                                     qw_text_safe(pattern, 256, r->pool)));
    }
    inner.depth++;
    for (i = 0; i < hits.gl_pathc && prob == NULL; i++) {
        const char *path = apr_pstrdup(r->pool, hits.gl_pathv[i]);

        if (path[strlen(path) - 1] == '/')
            prob = include(&inner, apr_pstrcat(r->pool, path, "*", NULL), 1);
        else
            prob = read_file(&inner, path);
    }
    globfree(&hits);
    r->authority = inner.authority;
    r->root = inner.root;
    return prob;
}

static const struct {
    const char *open, *close;
    const char *(*add)(qw_authority_t **authority, qw_conf_t *conf,
                       const char *name, apr_pool_t *pool);
} sections[] = { { "<QwacmeAuthority", "</QwacmeAuthority>",
                   qw_conf_add_authority },
                 { "<QwacmeLocalPerspective", "</QwacmeLocalPerspective>",
                   qw_conf_add_perspective } };

enum { SECTIONS = sizeof(sections) / sizeof(sections[0]) };

static qw_problem_t *open_section(reader_t *r, int which, const char *name)
{
    const char *error;

    if (r->authority != NULL)
        return broke(r, apr_pstrcat(r->pool, sections[which].open,
                                    "> inside another section", NULL));
    if (name == NULL)
        return broke(r, apr_pstrcat(r->pool, sections[which].open,
                                    "> without a name", NULL));
    error = sections[which].add(&r->authority, r->conf,
                                apr_pstrndup(r->pool, name, strcspn(name, ">")),
                                r->pool);
    return error != NULL ? broke(r, error) : NULL;
}

static qw_problem_t *set(reader_t *r, const char *name, char *rest)
{
    const char *argv[MAX_WORDS], *error;
    int argc = 0;

    while (argc < MAX_WORDS
           && (argv[argc] = next_word(&rest, r->pool)) != NULL) {
        if (strstr(argv[argc], "${") != NULL)
            return broke(r,
                         apr_psprintf(r->pool,
                                      "%s: '%s' has a variable, which only "
                                      "httpd knows; write the value",
                                      qw_text_safe(name, 64, r->pool),
                                      qw_text_safe(argv[argc], 128, r->pool)));
        argc++;
    }
    error = qw_conf_set(r->conf, r->authority, name, argc, argv, r->pool);
    return error != NULL ? broke(r, error) : NULL;
}

static qw_problem_t *take_line(reader_t *r, char *line)
{
    const char *name = next_word(&line, r->pool);

    if (name == NULL || name[0] == '#')
        return NULL;
    for (int i = 0; i < SECTIONS; i++) {
        if (strcasecmp(name, sections[i].open) == 0)
            return open_section(r, i, next_word(&line, r->pool));
        if (strcasecmp(name, sections[i].close) == 0) {
            r->authority = NULL;
            return NULL;
        }
    }
    if (strncasecmp(name, "Qwacme", 6) == 0)
        return set(r, name, line);
    if (strcasecmp(name, "Include") == 0
        || strcasecmp(name, "IncludeOptional") == 0) {
        const char *pattern = next_word(&line, r->pool);

        return pattern != NULL ? include(r, pattern, name[7] != '\0') : NULL;
    }
    if (strcasecmp(name, "ServerRoot") == 0)
        r->root = next_word(&line, r->pool);
    return NULL;
}

/* One line, with those that a final backslash joins to it; 0 at the end. */
static int next_line(char *line, apr_file_t *file, int *number)
{
    apr_size_t len = 0;

    line[0] = '\0';
    while (len + 1 < MAX_LINE
           && apr_file_gets(line + len, (int)(MAX_LINE - len), file)
                  == APR_SUCCESS) {
        ++*number;
        len += strlen(line + len);
        while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
            line[--len] = '\0';
        if (len == 0 || line[len - 1] != '\\')
            return 1;
        line[--len] = '\0';
    }
    return len > 0;
}

static qw_problem_t *read_file(reader_t *r, const char *path)
{
    char line[MAX_LINE];
    apr_file_t *file;
    qw_problem_t *prob = NULL;
    apr_status_t rv =
        apr_file_open(&file, path, APR_READ | APR_BUFFERED, 0, r->pool);

    if (rv != APR_SUCCESS)
        return QW_FAIL(r->pool, INVALID_INPUT, "%s: %s", path,
                       apr_strerror(rv, line, sizeof(line)));
    r->file = path;
    r->line = 0;
    while (prob == NULL && next_line(line, file, &r->line))
        prob = take_line(r, line);
    apr_file_close(file);
    return prob;
}

qw_problem_t *qw_conf_read(qw_conf_t **conf, const char *path, apr_pool_t *pool)
{
    const char *slash = strrchr(path, '/');
    reader_t r = { NULL };

    r.conf = qw_conf_make(pool);
    r.pool = pool;
    r.root = slash != NULL
                 ? apr_pstrmemdup(pool, path, (apr_size_t)(slash - path))
                 : ".";
    QW_TRY(read_file(&r, path));
    if (r.authority != NULL)
        return broke(&r, apr_psprintf(pool, "the section of '%s' is not closed",
                                      r.authority->name));
    *conf = r.conf;
    return NULL;
}
