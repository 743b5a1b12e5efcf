/* clockshim.c -- preloaded, for tests: the clock of the system, which somebody sets
 * while a server runs.
 *
 * QW_CLOCK_OFFSET: file, read every 50 ms, with the seconds that the clock is
 * ahead (or, negative, behind). Waits until a time of that clock end when it says
 * so; the monotonic clock is left alone. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { SLICE_MS = 50 };

typedef int gettime_fn(clockid_t clock, struct timespec *ts);
typedef int wait_fn(pthread_cond_t *cond, pthread_mutex_t *mutex,
                    const struct timespec *end);

static gettime_fn *real_gettime;
static wait_fn *real_wait;
static long offset, looked_ms = -SLICE_MS;

__attribute__((constructor)) static void find(void)
{
    real_gettime = (gettime_fn *)dlsym(RTLD_NEXT, "clock_gettime");
    real_wait =
        (wait_fn *)dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (real_wait == NULL)
        real_wait = (wait_fn *)dlsym(RTLD_NEXT, "pthread_cond_timedwait");
}

static long behind(void)
{
    const char *path = getenv("QW_CLOCK_OFFSET");
    struct timespec now;
    char text[32] = "";
    long ms;
    int fd;

    real_gettime(CLOCK_MONOTONIC, &now);
    ms = now.tv_sec * 1000 + now.tv_nsec / 1000000;
    if (path == NULL
        || ms - __atomic_load_n(&looked_ms, __ATOMIC_RELAXED) < SLICE_MS)
        return __atomic_load_n(&offset, __ATOMIC_RELAXED);
    __atomic_store_n(&looked_ms, ms, __ATOMIC_RELAXED);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0)
        __atomic_store_n(&offset, atol(text), __ATOMIC_RELAXED);
    if (fd >= 0)
        close(fd);
    return __atomic_load_n(&offset, __ATOMIC_RELAXED);
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
    int rc;

    if (real_gettime == NULL)
        find();
    rc = real_gettime(clock, ts);
    if (rc == 0 && clock == CLOCK_REALTIME)
        ts->tv_sec += behind();
    return rc;
}

int gettimeofday(struct timeval *tv, void *zone)
{
    struct timespec ts;

    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &ts) != 0)
        return -1;
    tv->tv_sec = ts.tv_sec;
    tv->tv_usec = ts.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *to)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    if (to != NULL)
        *to = ts.tv_sec;
    return ts.tv_sec;
}

static int is_over(const struct timespec *end)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec > end->tv_sec
           || (now.tv_sec == end->tv_sec && now.tv_nsec >= end->tv_nsec);
}

int pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                           const struct timespec *end)
{
    while (!is_over(end)) {
        struct timespec slice;
        int rc;

        real_gettime(CLOCK_REALTIME, &slice);
        slice.tv_nsec += SLICE_MS * 1000000L;
        slice.tv_sec += slice.tv_nsec / 1000000000L;
        slice.tv_nsec %= 1000000000L;
        rc = real_wait(cond, mutex, &slice);
        if (rc != ETIMEDOUT)
            return rc;
    }
    return ETIMEDOUT;
}
