/* Files of names: one on a line, A-labels in lower case; '#' starts a comment. */
#include "conf/setters.h"
#include "conf/value.h"

#include "base/text.h"

#include <apr_file_io.h>
#include <apr_hash.h>
#include <apr_strings.h>

#include <string.h>

enum { LINE_MAX_BYTES = 1024 };

/* LINE without comment and white space around it. */
static char *trim(char *line)
{
    static const char blank[] = " \t\r\n";
    apr_size_t len;

    line += strspn(line, blank);
    len = strcspn(line, "#");
    while (len > 0 && strchr(blank, line[len - 1]) != NULL)
        len--;
    line[len] = '\0';
    return line;
}

static const char *read_names(apr_hash_t *names, apr_file_t *file,
                              const qw_setting_t *s)
{
    char line[LINE_MAX_BYTES];
    int number = 0;

    while (apr_file_gets(line, sizeof line, file) == APR_SUCCESS) {
        char *name = trim(line);

        number++;
        if (*name == '\0')
            continue;
        if (!qw_value_is_domain(name))
            return apr_psprintf(s->pool,
                                "%s: %s:%d: '%s' is not a domain name in "
                                "lower-case ASCII",
                                s->name, s->argv[0], number,
                                qw_text_safe(name, 64, s->pool));
        apr_hash_set(names, apr_pstrdup(s->pool, name), APR_HASH_KEY_STRING,
                     "");
    }
    return NULL;
}

const char *qw_set_names(const qw_setting_t *s)
{
    apr_hash_t *names = apr_hash_make(s->pool);
    apr_file_t *file;
    apr_status_t rv;
    const char *error;
    char why[120];

    if (s->argv[0][0] != '/')
        return qw_value_bad(s, s->argv[0],
                            "is not an absolute path; start it with '/'");
    rv = apr_file_open(&file, s->argv[0], APR_READ | APR_BUFFERED, 0, s->pool);
    if (rv != APR_SUCCESS)
        return apr_psprintf(s->pool, "%s: '%s': %s", s->name, s->argv[0],
                            apr_strerror(rv, why, sizeof(why)));
    error = read_names(names, file, s);
    apr_file_close(file);
    *(apr_hash_t **)s->member = names;
    return error;
}
