#include "x509/keylist.h"
#include "x509/keylist_file.h"

#include <apr_file_io.h>
#include <apr_mmap.h>
#include <apr_strings.h>
#include <openssl/sha.h>
#include <string.h>

struct qw_keylist_t {
    struct {
        const unsigned char *entries;
        apr_size_t count;
    } sections[QW_KEYHASH_KINDS];
};

static apr_uint64_t number(const unsigned char *at, int octets)
{
    apr_uint64_t n = 0;

    while (octets-- > 0)
        n = n << 8 | *at++;
    return n;
}

static qw_problem_t *refuse(const char *path, const char *what,
                            apr_pool_t *pool)
{
    return QW_FAIL(pool, INVALID_INPUT,
                   "'%s' %s; make it anew with 'qwacmectl blocklist import'",
                   path, what);
}

static int is_rising(const unsigned char *entries, apr_size_t count,
                     apr_size_t width)
{
    apr_size_t i;

    for (i = 1; i < count; i++, entries += width)
        if (memcmp(entries, entries + width, width) >= 0)
            return 0;
    return 1;
}

/* One row of the table of sections; its entries begin at *BODY. NULL, or what
 * is wrong. */
static const char *take_section(qw_keylist_t *list, const unsigned char *row,
                                qw_bytes_t *body)
{
    apr_uint64_t kind = number(row, 4), width = number(row + 4, 4);
    apr_uint64_t count = number(row + 8, 8);

    if (kind >= QW_KEYHASH_KINDS
        || width != (apr_uint64_t)qw_keyhash_width((qw_keyhash_e)kind))
        return "holds a kind of hashes that this version does not know";
    if (list->sections[kind].entries != NULL)
        return "holds a kind of hashes twice";
    if (count > body->len / width)
        return "is cut short";
    list->sections[kind].entries = body->data;
    list->sections[kind].count = (apr_size_t)count;
    body->data += count * width;
    body->len -= (apr_size_t)(count * width);
    if (!is_rising(list->sections[kind].entries, (apr_size_t)count,
                   (apr_size_t)width))
        return "holds hashes that are not in order";
    return NULL;
}

static const char *take_sections(qw_keylist_t *list, const qw_bytes_t *file,
                                 int sections)
{
    const unsigned char *row = file->data + KEYLIST_HEAD;
    qw_bytes_t body = { row + (apr_size_t)sections * KEYLIST_ROW,
                        file->len - KEYLIST_HEAD
                            - (apr_size_t)sections * KEYLIST_ROW };
    const char *fault = NULL;

    for (; sections > 0 && fault == NULL; sections--, row += KEYLIST_ROW)
        fault = take_section(list, row, &body);
    if (fault == NULL && body.len > 0)
        fault = "has octets after its end";
    return fault;
}

static int is_whole(const qw_bytes_t *file)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];

    SHA256(file->data + KEYLIST_HEAD, file->len - KEYLIST_HEAD, hash);
    return memcmp(hash, file->data + KEYLIST_HASH_AT, sizeof(hash)) == 0;
}

qw_problem_t *qw_keylist_parse(qw_keylist_t **list, const qw_bytes_t *file,
                               const char *path, apr_pool_t *pool)
{
    qw_keylist_t *parsed = apr_pcalloc(pool, sizeof(*parsed));
    const char *fault;
    apr_uint64_t sections;

    if (!qw_keylist_is_ours(file))
        return refuse(path, "is no list of keys of version 1", pool);
    if (file->len < KEYLIST_HEAD)
        return refuse(path, "is cut short", pool);
    sections = number(file->data + KEYLIST_SECTIONS_AT, 4);
    if (sections > QW_KEYHASH_KINDS
        || number(file->data + KEYLIST_SECTIONS_AT + 4, 4) != 0)
        return refuse(path, "has no head of version 1", pool);
    if (file->len - KEYLIST_HEAD < sections * KEYLIST_ROW)
        return refuse(path, "is cut short", pool);
    fault = take_sections(parsed, file, (int)sections);
    if (fault == NULL && !is_whole(file))
        fault = "was damaged: its SHA-256 is not that of its head";
    if (fault != NULL)
        return refuse(path, fault, pool);
    *list = parsed;
    return NULL;
}

qw_problem_t *qw_keylist_open(qw_keylist_t **list, const char *path,
                              apr_pool_t *pool)
{
    apr_file_t *file;
    apr_finfo_t info;
    apr_mmap_t *map;
    qw_bytes_t bytes;
    char why[120];
    apr_status_t rv =
        apr_file_open(&file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool);

    if (rv != APR_SUCCESS)
        return refuse(path,
                      apr_psprintf(pool, "cannot be read (%s)",
                                   apr_strerror(rv, why, sizeof(why))),
                      pool);
    rv = apr_file_info_get(&info, APR_FINFO_SIZE | APR_FINFO_TYPE, file);
    if (rv != APR_SUCCESS || info.filetype != APR_REG || info.size == 0)
        rv = APR_EINVAL;
    else
        rv = apr_mmap_create(&map, file, 0, (apr_size_t)info.size,
                             APR_MMAP_READ, pool);
    apr_file_close(file); /* the map stays */
    if (rv != APR_SUCCESS)
        return refuse(path, "is no list of keys of version 1", pool);
    bytes.data = map->mm;
    bytes.len = map->size;
    return qw_keylist_parse(list, &bytes, path, pool);
}

int qw_keylist_has_hash(const qw_keylist_t *list, qw_keyhash_e kind,
                        const unsigned char *hash)
{
    apr_size_t width = (apr_size_t)qw_keyhash_width(kind), low = 0,
               high = list->sections[kind].count;

    while (low < high) {
        apr_size_t middle = low + (high - low) / 2;
        int order =
            memcmp(hash, list->sections[kind].entries + middle * width, width);

        if (order == 0)
            return 1;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return 0;
}

int qw_keylist_has(const qw_keylist_t *list, EVP_PKEY *key, qw_keyhash_e *kind,
                   apr_pool_t *pool)
{
    unsigned char hash[QW_KEYHASH_MOST];
    int k;

    for (k = 0; k < QW_KEYHASH_KINDS; k++) {
        if (list->sections[k].count == 0
            || !qw_keyhash(hash, (qw_keyhash_e)k, key, pool)
            || !qw_keylist_has_hash(list, (qw_keyhash_e)k, hash))
            continue;
        if (kind != NULL)
            *kind = (qw_keyhash_e)k;
        return 1;
    }
    return 0;
}

apr_size_t qw_keylist_count(const qw_keylist_t *list, qw_keyhash_e kind)
{
    return list->sections[kind].count;
}

void qw_keylist_add_list(qw_keylist_make_t *make, const qw_keylist_t *list)
{
    apr_size_t i;
    int k;

    for (k = 0; k < QW_KEYHASH_KINDS; k++)
        for (i = 0; i < list->sections[k].count; i++)
            qw_keylist_add(
                make, (qw_keyhash_e)k,
                list->sections[k].entries
                    + i * (apr_size_t)qw_keyhash_width((qw_keyhash_e)k));
}
