/* rig.h -- servers that a unit test talks to: programs of t/lib, started here,
 * gone with the test. */
#ifndef RIG_H
#define RIG_H

#include <apr_strings.h>
#include <apr_time.h>

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A port of this process: tests run side by side in one network. Below those
 * that the system gives to clients (from 32768), of which one may be it. */
static inline int rig_port(int n)
{
    return 10000 + (int)(getpid() % 2270) * 10 + n;
}

static char rig_made[] = "/tmp/qw-rig-XXXXXX";

static pid_t rig_pids[8];
static int rig_count;

static inline void rig_clean(void)
{
    for (int i = 0; i < rig_count; i++) {
        kill(rig_pids[i], SIGKILL);
        waitpid(rig_pids[i], NULL, 0);
    }
    if (fork() == 0) {
        execlp("rm", "rm", "-rf", rig_made, (char *)NULL);
        _exit(127);
    }
}

/* A folder of this test, gone with it. */
static inline const char *rig_dir(apr_pool_t *pool)
{
    static int made;

    if (!made && (mkdtemp(rig_made) == NULL || atexit(rig_clean) != 0))
        abort();
    made = 1;
    return apr_pstrdup(pool, rig_made);
}

static inline const char *rig_write(const char *name, const char *text,
                                    apr_pool_t *pool)
{
    const char *path = apr_pstrcat(pool, rig_dir(pool), "/", name, NULL);
    const char *fresh = apr_pstrcat(pool, path, ".new", NULL);
    FILE *file = fopen(fresh, "w");

    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0
        || rename(fresh, path) != 0)
        abort();
    return path;
}

static inline const char *rig_read(const char *name, apr_pool_t *pool)
{
    const char *path = apr_pstrcat(pool, rig_dir(pool), "/", name, NULL);
    char *text = apr_pcalloc(pool, 65536);
    FILE *file = fopen(path, "r");

    if (file == NULL)
        return "";
    text[fread(text, 1, 65535, file)] = '\0';
    fclose(file);
    return text;
}

/* Run ARGV and return when it has printed "ready"; 0 if it does not within
 * 20 s. It dies with this process. */
static inline int rig_start(const char *const *argv)
{
    int fds[2];
    pid_t pid;
    char text[256] = "";
    size_t have = 0;
    struct pollfd poller;
    apr_time_t deadline = apr_time_now() + apr_time_from_sec(20);

    fflush(NULL);
    if (pipe(fds) != 0)
        abort();
    if ((pid = fork()) == 0) {
        unsetenv("LD_PRELOAD");
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(fds[1], 1);
        close(fds[0]);
        close(fds[1]);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    close(fds[1]);
    if (pid < 0 || rig_count == sizeof rig_pids / sizeof *rig_pids)
        abort();
    rig_pids[rig_count++] = pid;
    poller = (struct pollfd){ .fd = fds[0], .events = POLLIN };
    while (strstr(text, "ready") == NULL && have < sizeof text - 1) {
        int left = (int)apr_time_as_msec(deadline - apr_time_now());
        ssize_t n;

        if (left <= 0 || poll(&poller, 1, left) <= 0)
            return 0;
        n = read(fds[0], text + have, sizeof text - 1 - have);
        if (n <= 0)
            return 0;
        have += (size_t)n;
    }
    return 1; /* the pipe stays open: the rig may print on */
}

/* t/lib/dnsd on rig_port(0), with "zone" and "log" of rig_dir(). */
static inline int rig_dns(apr_pool_t *pool)
{
    const char *argv[] = { QW_SRCDIR "/t/lib/dnsd", apr_itoa(pool, rig_port(0)),
                           apr_pstrcat(pool, rig_dir(pool), "/zone", NULL),
                           apr_pstrcat(pool, rig_dir(pool), "/log", NULL),
                           NULL };

    rig_write("log", "", pool);
    return rig_start(argv);
}

/* t/lib/httpliar on rig_port(2), with "plan" and "http.log" of rig_dir(). */
static inline int rig_http_plain(apr_pool_t *pool)
{
    const char *dir = rig_dir(pool);
    const char *argv[] = { QW_SRCDIR "/t/lib/httpliar",
                           apr_itoa(pool, rig_port(2)),
                           apr_pstrcat(pool, dir, "/plan", NULL),
                           apr_pstrcat(pool, dir, "/http.log", NULL), NULL };

    rig_write("http.log", "", pool);
    return rig_start(argv);
}

/* The same, and with TLS on rig_port(3), by "tls.pem". */
static inline int rig_http(apr_pool_t *pool)
{
    const char *dir = rig_dir(pool);
    const char *argv[] = { QW_SRCDIR "/t/lib/httpliar",
                           apr_itoa(pool, rig_port(2)),
                           apr_pstrcat(pool, dir, "/plan", NULL),
                           apr_pstrcat(pool, dir, "/http.log", NULL),
                           apr_itoa(pool, rig_port(3)),
                           apr_pstrcat(pool, dir, "/tls.pem", NULL),
                           NULL };

    rig_write("http.log", "", pool);
    return rig_start(argv);
}

#endif
