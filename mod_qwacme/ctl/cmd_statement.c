/* statement make */
#include "ctl/ctl.h"

#include "audit/statement.h"
#include "base/text.h"
#include "ctl/evidence.h"

#include <apr_strings.h>

#include <stdio.h>
#include <string.h>

/* From the start, until now; what is valid later is not known yet. */
static qw_problem_t *read_times(qw_statement_t *asked, const qwc_call_t *call)
{
    apr_time_t now = qw_authority_now(call->authority);

    QW_TRY(qwc_time(&asked->from, call, "from", NULL));
    QW_TRY(qwc_time(&asked->until, call, "to", NULL));
    if (asked->until == 0)
        asked->until = now;
    if (asked->from >= asked->until)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "from: '%s' is not before '%s', the end",
                       qw_text_time(asked->from, call->pool),
                       qw_text_time(asked->until, call->pool));
    asked->as_of = asked->until < now ? asked->until : now;
    return NULL;
}

static qw_problem_t *to_text(const char **text, const json_t *made,
                             const char *format, apr_pool_t *pool)
{
    if (format == NULL || strcmp(format, "text") == 0)
        *text = qw_statement_text(made, pool);
    else if (strcmp(format, "csv") == 0)
        *text = qw_statement_csv(made, pool);
    else if (strcmp(format, "json") == 0)
        *text = apr_pstrcat(pool, qw_json_dump(made, pool), "\n", NULL);
    else
        return QW_FAIL(pool, INVALID_INPUT,
                       "format: '%s' is not json, csv or text",
                       qw_text_safe(format, 16, pool));
    return NULL;
}

/* The statement and the audit key's signature over it, in one file. */
static qw_problem_t *seal(const char *text, const char *path,
                          const qwc_call_t *call)
{
    qw_bytes_t content = { (const unsigned char *)text, strlen(text) };
    qw_bytes_t signature;
    qw_sealer_t *sealer;
    FILE *file;
    int failed;

    QW_TRY(qwc_sealer(&sealer, call));
    QW_TRY(qw_cms_sign(&signature, sealer->signer, &content, 1, call->pool));
    QW_TRY(qwc_create_file(&file, path, call->pool));
    failed = fwrite(signature.data, 1, signature.len, file) != signature.len;
    failed |= fclose(file) != 0;
    if (!failed)
        return NULL;
    remove(path);
    return QW_FAIL(call->pool, INVALID_INPUT, "%s: cannot be written", path);
}

qw_problem_t *qwc_statement_make(qwc_call_t *call)
{
    const char *out = qwc_option(call, "out");
    const char *sealed = qwc_option(call, "sealed"), *text;
    qw_statement_t asked = { .authority = call->authority };
    qw_external_t *external;
    json_t *made;

    QW_TRY(read_times(&asked, call));
    if (call->args->nelts > 0) {
        QW_TRY(qwc_external(&external, call, 0));
        asked.external = external;
    }
    QW_TRY(qw_statement_make(&made, call->registry.db, &asked, call->pool));
    QW_TRY(to_text(&text, made, qwc_option(call, "format"), call->pool));
    if (out != NULL)
        QW_TRY(qwc_write_file(out, text, call->pool));
    if (sealed != NULL)
        QW_TRY(seal(text, sealed, call));
    call->result = made;
    call->text = text;
    return NULL;
}
