/* blocklist import | stat: the file of QwacmeWeakKeys */
#include "ctl/ctl.h"

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_mmap.h>
#include <apr_strings.h>

#include <string.h>

typedef struct {
    qw_keylist_make_t *make;
    qw_keylist_found_t found;
    int files;
} import_t;

static qw_problem_t *broke(const char *path, apr_status_t rv, apr_pool_t *pool)
{
    char why[120];

    return QW_FAIL(pool, INVALID_INPUT, "%s: %s", path,
                   apr_strerror(rv, why, sizeof(why)));
}

/* What comes out of a pipe has no size. */
static qw_problem_t *read_pipe(qw_bytes_t *bytes, apr_file_t *file,
                               apr_pool_t *pool)
{
    BIO *all = qw_own_BIO(pool, BIO_new(BIO_s_mem()));
    char part[8192], *data;
    apr_size_t len;

    do {
        len = sizeof(part);
        (void)apr_file_read_full(file, part, len, &len);
        if (len > 0 && BIO_write(all, part, (int)len) != (int)len)
            return QW_FAIL(pool, INVALID_INPUT, "a list is too long");
    } while (len == sizeof(part));
    bytes->len = (apr_size_t)BIO_get_mem_data(all, &data);
    bytes->data = (unsigned char *)data;
    return NULL;
}

/* *BYTES of the file at PATH, until POOL goes. */
static qw_problem_t *map_file(qw_bytes_t *bytes, const char *path,
                              apr_pool_t *pool)
{
    apr_file_t *file;
    apr_finfo_t info;
    apr_mmap_t *map;
    apr_status_t rv =
        apr_file_open(&file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool);

    if (rv == APR_SUCCESS)
        rv = apr_file_info_get(&info, APR_FINFO_SIZE | APR_FINFO_TYPE, file);
    if (rv != APR_SUCCESS)
        return broke(path, rv, pool);
    if (info.filetype != APR_REG)
        return read_pipe(bytes, file, pool);
    bytes->data = (const unsigned char *)"";
    bytes->len = (apr_size_t)info.size;
    if (info.size == 0)
        return NULL;
    rv = apr_mmap_create(&map, file, 0, bytes->len, APR_MMAP_READ, pool);
    if (rv != APR_SUCCESS)
        return broke(path, rv, pool);
    bytes->data = map->mm;
    return NULL;
}

static qw_problem_t *import_file(import_t *i, const char *path,
                                 apr_pool_t *pool)
{
    qw_bytes_t bytes;

    QW_TRY(map_file(&bytes, path, pool));
    QW_TRY(qw_keylist_read(i->make, &i->found, &bytes, path, pool));
    i->files++;
    return NULL;
}

/* What it says outlives the folder's pool. */
static qw_problem_t *kept(const qw_problem_t *prob, apr_pool_t *pool)
{
    return prob != NULL ? QW_FAIL(pool, INVALID_INPUT, "%s", prob->detail)
                        : NULL;
}

static qw_problem_t *import_folder(import_t *i, const char *path,
                                   apr_pool_t *pool);

static qw_problem_t *import_path(import_t *i, const char *path,
                                 apr_pool_t *pool)
{
    qw_problem_t *prob;
    apr_finfo_t info;
    apr_pool_t *own;
    apr_status_t rv = apr_stat(&info, path, APR_FINFO_TYPE, pool);

    if (rv != APR_SUCCESS)
        return broke(path, rv, pool);
    apr_pool_create(&own, pool);
    prob = kept(info.filetype == APR_DIR ? import_folder(i, path, own)
                                         : import_file(i, path, own),
                pool);
    apr_pool_destroy(own);
    return prob;
}

/* In a folder other things stand beside keys. */
static int is_key_file(const char *name)
{
    static const char *const ends[] = { ".pem", ".key", ".pub",
                                        ".crt", ".cer", ".csr" };
    const char *dot = strrchr(name, '.');
    unsigned i;

    for (i = 0; dot != NULL && i < sizeof(ends) / sizeof(ends[0]); i++)
        if (strcmp(dot, ends[i]) == 0)
            return 1;
    return 0;
}

static qw_problem_t *import_folder(import_t *i, const char *path,
                                   apr_pool_t *pool)
{
    apr_pool_t *each;
    apr_finfo_t info;
    apr_dir_t *dir;
    apr_status_t rv = apr_dir_open(&dir, path, pool);
    qw_problem_t *prob = NULL;

    if (rv != APR_SUCCESS)
        return broke(path, rv, pool);
    apr_pool_create(&each, pool);
    while (prob == NULL
           && apr_dir_read(&info, APR_FINFO_NAME | APR_FINFO_TYPE, dir)
                  == APR_SUCCESS) {
        if (info.name[0] == '.'
            || (info.filetype != APR_DIR && !is_key_file(info.name)))
            continue;
        apr_pool_clear(each);
        prob =
            kept(import_path(i, apr_pstrcat(each, path, "/", info.name, NULL),
                             each),
                 pool);
    }
    apr_dir_close(dir);
    apr_pool_destroy(each);
    return prob;
}

/* *PATH of the option, or of the configuration. */
static qw_problem_t *list_path(const char **path, qwc_call_t *call,
                               const char *wanted)
{
    *path = wanted;
    if (wanted != NULL)
        return NULL;
    QW_TRY(qwc_read_conf(call));
    *path = call->conf->weak_keys;
    if (*path == NULL)
        return QW_FAIL(call->pool, INVALID_INPUT,
                       "the configuration has no QwacmeWeakKeys: add it, or "
                       "name a file");
    return NULL;
}

static qw_problem_t *describe(json_t **result, const char *path,
                              apr_pool_t *pool)
{
    json_t *entries = qw_json_new_object(pool);
    qw_keylist_t *list;
    int k;

    QW_TRY(qw_keylist_open(&list, path, pool));
    for (k = 0; k < QW_KEYHASH_KINDS; k++)
        json_object_set_new(
            entries, qw_keyhash_name((qw_keyhash_e)k),
            json_integer((json_int_t)qw_keylist_count(list, (qw_keyhash_e)k)));
    *result = qw_json_new_object(pool);
    qw_put_text(*result, "file", path);
    json_object_set(*result, "entries", entries);
    return NULL;
}

qw_problem_t *qwc_blocklist_stat(qwc_call_t *call)
{
    const char *path;

    QW_TRY(list_path(&path, call,
                     call->args->nelts > 0 ? qwc_arg(call, 0) : NULL));
    return describe(&call->result, path, call->pool);
}

qw_problem_t *qwc_keylist_begin(qw_keylist_make_t **make, const char **path,
                                qwc_call_t *call)
{
    apr_finfo_t info;
    qw_keylist_t *old;

    *make = qw_keylist_make(call->pool);
    QW_TRY(list_path(path, call, qwc_option(call, "output")));
    if (qwc_option(call, "replace") != NULL
        || apr_stat(&info, *path, APR_FINFO_TYPE, call->pool) != APR_SUCCESS)
        return NULL;
    QW_TRY(qw_keylist_open(&old, *path, call->pool));
    qw_keylist_add_list(*make, old);
    return NULL;
}

qw_problem_t *qwc_keylist_end(qw_keylist_make_t *make, const char *path,
                              qwc_call_t *call)
{
    QW_TRY(qw_keylist_write(make, path, call->pool));
    return describe(&call->result, path, call->pool);
}

qw_problem_t *qwc_blocklist_import(qwc_call_t *call)
{
    import_t i = { NULL, { 0, 0, 0 }, 0 };
    const char *path;
    int n;

    QW_TRY(qwc_keylist_begin(&i.make, &path, call));
    for (n = 0; n < call->args->nelts; n++)
        QW_TRY(import_path(&i, qwc_arg(call, n), call->pool));
    QW_TRY(qwc_keylist_end(i.make, path, call));
    json_object_set_new(call->result, "files", json_integer(i.files));
    json_object_set_new(call->result, "hashes",
                        json_integer((json_int_t)i.found.hashes));
    json_object_set_new(call->result, "keys",
                        json_integer((json_int_t)i.found.keys));
    json_object_set_new(call->result, "skipped",
                        json_integer((json_int_t)i.found.skipped));
    return NULL;
}
