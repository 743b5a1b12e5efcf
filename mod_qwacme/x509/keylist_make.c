/* Lists of keys, on their way into a file. */
#include "x509/keylist.h"
#include "x509/keylist_file.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <openssl/sha.h>

#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 1024 };

typedef struct {
    unsigned char *entries; /* of malloc: a pool would keep each size of it */
    apr_size_t count, room, width;
} pile_t;

struct qw_keylist_make_t {
    pile_t piles[QW_KEYHASH_KINDS];
};

static apr_status_t clear(void *data)
{
    qw_keylist_make_t *make = data;
    int k;

    for (k = 0; k < QW_KEYHASH_KINDS; k++)
        free(make->piles[k].entries);
    return APR_SUCCESS;
}

qw_keylist_make_t *qw_keylist_make(apr_pool_t *pool)
{
    qw_keylist_make_t *make = apr_pcalloc(pool, sizeof(*make));
    int k;

    for (k = 0; k < QW_KEYHASH_KINDS; k++)
        make->piles[k].width = (apr_size_t)qw_keyhash_width((qw_keyhash_e)k);
    apr_pool_cleanup_register(pool, make, clear, apr_pool_cleanup_null);
    return make;
}

void qw_keylist_add(qw_keylist_make_t *make, qw_keyhash_e kind,
                    const unsigned char *hash)
{
    pile_t *p = &make->piles[kind];

    if (p->count == p->room) {
        p->room = p->room == 0 ? ROOM_FIRST : p->room * 2;
        p->entries = realloc(p->entries, p->room * p->width);
        if (p->entries == NULL)
            abort(); /* as pools do */
    }
    memcpy(p->entries + p->count++ * p->width, hash, p->width);
}

static int compare(const void *a, const void *b, void *width)
{
    return memcmp(a, b, *(apr_size_t *)width);
}

static void sort(pile_t *p)
{
    apr_size_t i, kept = 0;

    if (p->count == 0)
        return;
    qsort_r(p->entries, p->count, p->width, compare, &p->width);
    for (i = 1; i < p->count; i++) {
        const unsigned char *next = p->entries + i * p->width;

        if (memcmp(p->entries + kept * p->width, next, p->width) != 0)
            memmove(p->entries + ++kept * p->width, next, p->width);
    }
    p->count = kept + 1;
}

static unsigned char *put(unsigned char *at, apr_uint64_t n, int octets)
{
    while (octets-- > 0)
        *at++ = (unsigned char)(n >> (8 * octets));
    return at;
}

static apr_size_t size_of(qw_keylist_make_t *make, int *sections)
{
    apr_size_t size = KEYLIST_HEAD;
    int k;

    *sections = 0;
    for (k = 0; k < QW_KEYHASH_KINDS; k++) {
        pile_t *p = &make->piles[k];

        sort(p);
        *sections += p->count > 0;
        size += p->count > 0 ? KEYLIST_ROW + p->count * p->width : 0;
    }
    return size;
}

qw_bytes_t qw_keylist_bytes(qw_keylist_make_t *make, apr_pool_t *pool)
{
    int sections, k;
    apr_size_t size = size_of(make, &sections);
    unsigned char *file = apr_pcalloc(pool, size), *row, *body;
    qw_bytes_t bytes = { file, size };

    memcpy(file, KEYLIST_MAGIC, KEYLIST_MAGIC_LEN);
    put(file + KEYLIST_SECTIONS_AT, (apr_uint64_t)sections, 4);
    row = file + KEYLIST_HEAD;
    body = row + (apr_size_t)sections * KEYLIST_ROW;
    for (k = 0; k < QW_KEYHASH_KINDS; k++) {
        const pile_t *p = &make->piles[k];

        if (p->count == 0)
            continue;
        row = put(row, (apr_uint64_t)k, 4);
        row = put(row, p->width, 4);
        row = put(row, p->count, 8);
        memcpy(body, p->entries, p->count * p->width);
        body += p->count * p->width;
    }
    SHA256(file + KEYLIST_HEAD, size - KEYLIST_HEAD, file + KEYLIST_HASH_AT);
    return bytes;
}

static apr_status_t write_file(const char *path, const qw_bytes_t *bytes,
                               apr_pool_t *pool)
{
    apr_file_t *file;
    apr_status_t rv =
        apr_file_open(&file, path,
                      APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_TRUNCATE,
                      APR_FPROT_UREAD | APR_FPROT_UWRITE | APR_FPROT_GREAD
                          | APR_FPROT_WREAD,
                      pool);

    if (rv != APR_SUCCESS)
        return rv;
    rv = apr_file_write_full(file, bytes->data, bytes->len, NULL);
    if (rv == APR_SUCCESS)
        rv = apr_file_sync(file);
    apr_file_close(file);
    return rv;
}

qw_problem_t *qw_keylist_write(qw_keylist_make_t *make, const char *path,
                               apr_pool_t *pool)
{
    qw_bytes_t bytes = qw_keylist_bytes(make, pool);
    const char *new_path = apr_pstrcat(pool, path, ".new", NULL);
    apr_status_t rv = write_file(new_path, &bytes, pool);
    char why[120];

    if (rv == APR_SUCCESS)
        rv = apr_file_rename(new_path, path, pool);
    if (rv == APR_SUCCESS)
        return NULL;
    (void)apr_file_remove(new_path, pool);
    return QW_FAIL(pool, INVALID_INPUT, "%s: %s", path,
                   apr_strerror(rv, why, sizeof(why)));
}
