/* acmeload -- certificates per second of an ACME server, and what each cost it.
 *
 *   acmeload --directory URL --ca FILE [--eab KID:MACKEY] --clients C --orders N
 *            --domain D --http-port P --pid SERVER
 *
 * C clients share N orders for names c<i>-<n>.D, proven by http-01 on port P.
 * Prints one JSON object; server CPU is that of SERVER and its descendants. */
#include "client.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    bench_server_t server;
    const char *domain;
    int clients, orders, http_port, warmup;
    long pid;
} options_t;

typedef struct {
    bench_client_t *client;
    pthread_t thread;
    int number;
} worker_t;

static options_t opt = { .clients = 1, .orders = 100, .warmup = 2 };
static int next_order, failed;
static double *latency;
static pthread_barrier_t start, begin;

static double now(void)
{
    return (double)apr_time_now() / 1e6;
}

static void *work(void *baton)
{
    worker_t *w = baton;
    char name[256];
    int n;

    for (n = 0; n < opt.warmup; n++) {
        snprintf(name, sizeof(name), "c%d-w%d.%s", w->number, n, opt.domain);
        if (!bench_issue(w->client, name))
            __atomic_add_fetch(&failed, 1, __ATOMIC_RELAXED);
    }
    pthread_barrier_wait(&start);
    pthread_barrier_wait(&begin);
    for (;;) {
        double t = now();

        n = __atomic_fetch_add(&next_order, 1, __ATOMIC_RELAXED);
        if (n >= opt.orders)
            return NULL;
        snprintf(name, sizeof(name), "c%d-%d.%s", w->number, n, opt.domain);
        if (!bench_issue(w->client, name))
            __atomic_add_fetch(&failed, 1, __ATOMIC_RELAXED);
        latency[n] = now() - t;
    }
}

/* Parent and CPU ticks (its own and of its waited-for children) of PID. */
static long ticks_of(long pid, long *parent)
{
    char path[64], buf[1024], *p;
    unsigned long u, s;
    long cu, cs, ppid;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    f = fopen(path, "re");
    *parent = 0;
    if (f == NULL)
        return 0;
    buf[fread(buf, 1, sizeof(buf) - 1, f)] = '\0';
    fclose(f);
    p = strrchr(buf, ')');
    if (p == NULL
        || sscanf(p + 2,
                  "%*c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld",
                  &ppid, &u, &s, &cu, &cs)
               != 5)
        return 0;
    *parent = ppid;
    return (long)(u + s) + cu + cs;
}

static double cpu_of_tree(long root)
{
    long total, parent;
    DIR *dir = opendir("/proc");
    struct dirent *e;

    total = ticks_of(root, &parent);
    while (dir != NULL && (e = readdir(dir)) != NULL) {
        long pid = strtol(e->d_name, NULL, 10), up = pid, t;

        if (pid <= 0 || pid == root)
            continue;
        t = ticks_of(pid, &up);
        while (up > 1 && up != root)
            (void)ticks_of(up, &up);
        if (up == root)
            total += t;
    }
    if (dir != NULL)
        closedir(dir);
    return (double)total / (double)sysconf(_SC_CLK_TCK);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void report(double seconds, double cpu, long requests)
{
    qsort(latency, (size_t)opt.orders, sizeof(*latency), by_size);
    printf("{\"clients\":%d,\"orders\":%d,\"failed\":%d,\"perSecond\":%.1f,"
           "\"serverCpuMs\":%.3f,\"p50Ms\":%.1f,\"p99Ms\":%.1f,"
           "\"requestsPerOrder\":%.1f}\n",
           opt.clients, opt.orders, failed, opt.orders / seconds,
           cpu * 1000 / opt.orders, latency[opt.orders / 2] * 1000,
           latency[(opt.orders * 99) / 100] * 1000,
           (double)requests / opt.orders);
}

static int split_eab(char *text)
{
    char *colon = strchr(text, ':');

    if (colon == NULL)
        return 0;
    *colon = '\0';
    opt.server.kid = text;
    opt.server.mac_key = colon + 1;
    return 1;
}

static int read_options(int argc, char **argv)
{
    int i;

    for (i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--directory") == 0)
            opt.server.directory = argv[i + 1];
        else if (strcmp(argv[i], "--ca") == 0)
            opt.server.ca_file = argv[i + 1];
        else if (strcmp(argv[i], "--eab") == 0 && split_eab(argv[i + 1]))
            continue;
        else if (strcmp(argv[i], "--domain") == 0)
            opt.domain = argv[i + 1];
        else if (strcmp(argv[i], "--clients") == 0)
            opt.clients = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--orders") == 0)
            opt.orders = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--http-port") == 0)
            opt.http_port = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--pid") == 0)
            opt.pid = atol(argv[i + 1]);
        else
            return 0;
    }
    return opt.server.directory != NULL && opt.server.ca_file != NULL
           && opt.domain != NULL && opt.clients > 0 && opt.orders > 0;
}

static int set_up(worker_t *workers, bench_client_t *clients, apr_pool_t *pool)
{
    int i;

    for (i = 0; i < opt.clients; i++) {
        apr_pool_t *own;

        apr_pool_create(&own, NULL); /* one tree for each thread */
        if (!bench_client_init(&clients[i], &opt.server, own)
            || !bench_register(&clients[i]))
            return 0;
        workers[i].client = &clients[i];
        workers[i].number = i;
    }
    return bench_responder_start(opt.http_port, clients, opt.clients)
           && pool != NULL;
}

static long requests_so_far(const bench_client_t *clients)
{
    long n = 0;
    int i;

    for (i = 0; i < opt.clients; i++)
        n += clients[i].requests;
    return n;
}

static void run(worker_t *workers, bench_client_t *clients)
{
    double t, cpu;
    long requests;
    int i;

    pthread_barrier_init(&start, NULL, (unsigned)opt.clients + 1);
    pthread_barrier_init(&begin, NULL, (unsigned)opt.clients + 1);
    for (i = 0; i < opt.clients; i++)
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    pthread_barrier_wait(&start);
    requests = requests_so_far(clients);
    cpu = cpu_of_tree(opt.pid);
    t = now();
    pthread_barrier_wait(&begin);
    for (i = 0; i < opt.clients; i++)
        pthread_join(workers[i].thread, NULL);
    t = now() - t;
    report(t, cpu_of_tree(opt.pid) - cpu, requests_so_far(clients) - requests);
}

int main(int argc, char **argv)
{
    bench_client_t *clients;
    worker_t *workers;
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    curl_global_init(CURL_GLOBAL_ALL);
    if (!read_options(argc, argv)) {
        fprintf(stderr, "acmeload: see the head of acmeload.c\n");
        return 2;
    }
    clients = calloc((size_t)opt.clients, sizeof(*clients));
    workers = calloc((size_t)opt.clients, sizeof(*workers));
    latency = calloc((size_t)opt.orders, sizeof(*latency));
    if (!set_up(workers, clients, pool)) {
        fprintf(stderr, "acmeload: the server does not let us in\n");
        return 1;
    }
    run(workers, clients);
    return failed != 0;
}
