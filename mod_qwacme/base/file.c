#include "base/file.h"

apr_status_t qw_file_read(char *text, apr_size_t *len, const char *path,
                          apr_pool_t *pool)
{
    apr_file_t *file;
    apr_status_t rv =
        apr_file_open(&file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool);

    if (rv != APR_SUCCESS)
        return rv;
    rv = apr_file_read_full(file, text, *len, len);
    apr_file_close(file);
    text[*len] = '\0';
    return rv;
}
