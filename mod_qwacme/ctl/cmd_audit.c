/* audit seal | head | verify | export */
#include "ctl/ctl.h"

#include "audit/export.h"
#include "audit/sealer.h"
#include "base/file.h"
#include "base/text.h"
#include "ctl/evidence.h"
#include "x509/timestamp.h"

#include <apr_strings.h>

#include <errno.h>
#include <string.h>

qw_problem_t *qwc_audit_seal(qwc_call_t *call)
{
    qw_sealer_t *sealer;
    int n;

    QW_TRY(qw_sealer_make(&sealer, call->conf, call->pool));
    QW_TRY(qw_audit_seal(&n, sealer, call->store, call->pool));
    call->result = qw_json_new_object(call->pool);
    json_object_set_new(call->result, "sealed", json_integer(n));
    return NULL;
}

/* ---- what to keep elsewhere ---- */

static qw_problem_t *read_newest(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    return qw_checkpoint_newest(baton, db, pool);
}

qw_problem_t *qwc_audit_head(qwc_call_t *call)
{
    const char *out = qwc_option(call, "out");
    qw_checkpoint_t *newest;

    QW_TRY(qw_store_read(call->store, read_newest, &newest, call->pool));
    if (newest == NULL)
        return QW_FAIL(call->pool, NOT_FOUND,
                       "there is no checkpoint yet; name a QwacmeAuditKey and "
                       "run qwacmectl audit seal");
    call->result = qw_checkpoint_json(newest, call->pool);
    if (out == NULL)
        return NULL;
    return qwc_write_file(out,
                          apr_pstrcat(call->pool,
                                      qw_json_dump(call->result, call->pool),
                                      "\n", NULL),
                          call->pool);
}

/* ---- verify ---- */

static qw_problem_t *read_kept(qw_walk_know_t *know, const qwc_call_t *call)
{
    const char *path = qwc_option(call, "checkpoint"), *text;
    qw_checkpoint_t *kept;
    json_t *object;

    if (path == NULL)
        return NULL;
    QW_TRY(qwc_read_file(&text, path, call->pool));
    QW_TRY(qw_json_parse_object(&object, text, strlen(text), path, call->pool));
    QW_TRY(qw_checkpoint_of(&kept, object, call->pool));
    if (know->trusted != NULL
        && qw_checkpoint_verify(kept, know->trusted, call->pool) != NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "checkpoint: '%s' is not signed by a trusted audit key",
                       path);
    know->kept = kept;
    return NULL;
}

static qw_problem_t *read_knowledge(qw_walk_know_t *know, qwc_call_t *call)
{
    const qw_conf_t *conf = call->conf;
    const char *roots = qwc_option(call, "timestamp-roots");

    QW_TRY(qwc_trusted(&know->trusted, call));
    know->timestamp_roots = QW_TIMESTAMP_ANYONE;
    if (conf != NULL && conf->timestamp_url != NULL)
        know->timestamp_roots = conf->timestamp_roots != NULL
                                    ? conf->timestamp_roots
                                    : QW_TIMESTAMP_SYSTEM;
    if (roots != NULL)
        know->timestamp_roots = roots;
    know->head = qwc_option(call, "head");
    if (know->head != NULL && strlen(know->head) != QW_CHAIN_HASH)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "head: '%s' is no hash of 64 hex digits",
                       qw_text_safe(know->head, 80, call->pool));
    return read_kept(know, call);
}

static qw_problem_t *walk_database(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    return qw_walk_database(baton, db, pool);
}

static qw_problem_t *walk_file(qw_walk_t *walk, const qw_walk_know_t *know,
                               const qwc_call_t *call)
{
    FILE *file = fopen(qwc_arg(call, 0), "re");

    if (file == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT, "%s: cannot be opened",
                       qwc_arg(call, 0));
    qw_export_walk(walk, file, know->trusted, call->pool);
    fclose(file);
    return NULL;
}

static qw_problem_t *show(const qw_walked_t *walked, const qw_walk_know_t *know,
                          qwc_call_t *call)
{
    json_t *findings = qw_json_new_array(call->pool);

    for (int i = 0; i < walked->findings->nelts; i++)
        json_array_append_new(findings,
                              json_string(APR_ARRAY_IDX(walked->findings, i,
                                                        const char *)));
    call->result = qw_json_new_object(call->pool);
    json_object_set_new(call->result, "first", json_integer(walked->first));
    json_object_set_new(call->result, "last", json_integer(walked->last));
    json_object_set_new(call->result, "records", json_integer(walked->records));
    json_object_set_new(call->result, "checkpoints",
                        json_integer(walked->checkpoints));
    json_object_set_new(call->result, "timestamps",
                        json_integer(walked->timestamps));
    json_object_set_new(call->result, "withoutCheckpoint",
                        json_integer(walked->last - walked->covered));
    qw_put_text(call->result, "signatures",
                know->trusted != NULL ? "checked"
                                      : "not checked: name a certificate");
    qw_put_text(call->result, "head", walked->hash);
    json_object_set(call->result, "findings", findings);
    if (walked->findings->nelts > 0)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "the audit log has %d finding(s)",
                       walked->findings->nelts);
    return NULL;
}

/* Of an export, the configuration is not needed: nor is this host. */
qw_problem_t *qwc_audit_verify(qwc_call_t *call)
{
    int is_file = call->args->nelts > 0;
    qw_walk_know_t know = { 0 };
    qw_walk_t *walk;

    if (!is_file)
        QW_TRY(qwc_open_store(call));
    QW_TRY(read_knowledge(&know, call));
    if (is_file && know.trusted == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "certificate: name the file with that of the audit key");
    walk = qw_walk_make(&know, call->pool);
    QW_TRY(is_file
               ? walk_file(walk, &know, call)
               : qw_store_read(call->store, walk_database, walk, call->pool));
    return show(qw_walk_end(walk), &know, call);
}

/* ---- export ---- */

static qw_problem_t *write_export(qw_db_t *db, void *baton, apr_pool_t *pool)
{
    return qw_export_write(baton, db, pool);
}

static qw_problem_t *write_to(qw_export_t *x, const char *path,
                              qwc_call_t *call)
{
    qw_problem_t *prob;
    int failed;

    QW_TRY(qwc_create_file(&x->file, path, call->pool));
    prob = qw_store_read(call->store, write_export, x, call->pool);
    failed = ferror(x->file);
    failed |= fclose(x->file) != 0;
    if (prob == NULL && failed)
        prob =
            QW_FAIL(call->pool, INVALID_INPUT, "%s: cannot be written", path);
    if (prob != NULL)
        remove(path);
    return prob;
}

qw_problem_t *qwc_audit_export(qwc_call_t *call)
{
    qw_export_t x = { 0 };
    qw_sealer_t *sealer;

    QW_TRY(qwc_sealer(&sealer, call));
    QW_TRY(qwc_time(&x.from, call, "from", NULL));
    QW_TRY(qwc_time(&x.until, call, "to", NULL));
    x.signer = sealer->signer;
    x.now = qw_world()->now();
    QW_TRY(write_to(&x, qwc_arg(call, 0), call));
    call->result = qw_json_new_object(call->pool);
    qw_put_text(call->result, "file", qwc_arg(call, 0));
    json_object_set_new(call->result, "first", json_integer(x.first));
    json_object_set_new(call->result, "last", json_integer(x.last));
    return NULL;
}
