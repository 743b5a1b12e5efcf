#include "ca/witness.h"

#ifdef QW_TEST_BUILD

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { HASH_BYTES = 32 };

void qw_witness(const unsigned char *hash)
{
    const char *path = getenv("QWACME_SIGN_WITNESS");
    char line[2 * HASH_BYTES + 2];
    int i, fd;

    if (path == NULL)
        return;
    for (i = 0; i < HASH_BYTES; i++)
        snprintf(line + 2 * i, 3, "%02x", hash[i]);
    line[sizeof(line) - 2] = '\n';
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, line, sizeof(line) - 1) != sizeof(line) - 1
        || fsync(fd) != 0)
        abort(); /* a witness that does not see is worse than none */
    close(fd);
}

#else
typedef int qw_witness_none_t;
#endif
