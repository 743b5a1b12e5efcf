#include "base/failpoint.h"

#ifdef QW_TEST_BUILD

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { MOST = 4096 };

/* The plan without one passage of the line at AT; 1 and *ACTION if NAME is in
 * it. Rewrites PLAN in place. */
static int take(char *plan, const char *name, char action[64])
{
    char out[MOST] = "", *line, *save = NULL, copy[MOST];
    int hit = 0;

    snprintf(copy, sizeof(copy), "%s", plan);
    for (line = strtok_r(copy, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        char who[64] = "", what[64] = "";
        int count = 1;

        if (sscanf(line, "%63s %63s %d", who, what, &count) < 2)
            continue;
        if (!hit && count > 0 && strcmp(who, name) == 0) {
            hit = 1;
            count--;
            snprintf(action, 64, "%s", what);
        }
        if (count > 0)
            snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s %s %d\n",
                     who, what, count);
    }
    snprintf(plan, MOST, "%s", out);
    return hit;
}

static int consult(const char *path, const char *name, char action[64])
{
    int fd = open(path, O_RDWR | O_CLOEXEC), hit = 0;
    char plan[MOST];
    ssize_t len;

    if (fd < 0)
        return 0;
    flock(fd, LOCK_EX);
    len = read(fd, plan, sizeof(plan) - 1);
    if (len > 0) {
        plan[len] = '\0';
        hit = take(plan, name, action);
    }
    if (hit && ftruncate(fd, 0) == 0
        && pwrite(fd, plan, strlen(plan), 0) != (ssize_t)strlen(plan))
        fprintf(stderr, "failpoint: the plan could not be rewritten\n");
    close(fd);
    return hit;
}

int qw_failpoint_hit(const char *name)
{
    const char *path = getenv("QWACME_FAILPOINTS");
    char action[64] = "";

    if (path == NULL || !consult(path, name, action))
        return 0;
    if (strcmp(action, "kill") == 0)
        raise(SIGKILL);
    if (strncmp(action, "delay:", 6) == 0) {
        /* lint: usleep, the delay is what the test asks for */
        usleep((useconds_t)strtoul(action + 6, NULL, 10) * 1000);
        return 0;
    }
    return strcmp(action, "fail") == 0;
}

#else
/* ISO C forbids an empty translation unit. */
typedef int qw_failpoint_none_t;
#endif
