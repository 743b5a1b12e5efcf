/* The http-01 responder of the load generator: one thread, no parsing to speak
 * of, so that it costs little beside the server that is measured. */
#include "client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
    int listener;
    bench_client_t *clients;
    int n;
} here;

static void answer(int fd)
{
    static const char path[] = "GET /.well-known/acme-challenge/";
    char buf[4096], body[256], reply[512];
    ssize_t len = read(fd, buf, sizeof(buf) - 1);
    char *host, *token = buf + sizeof(path) - 1;
    long who;

    if (len <= 0)
        return;
    buf[len] = '\0';
    host = strstr(buf, "Host: c");
    if (strncmp(buf, path, sizeof(path) - 1) != 0 || host == NULL)
        return;
    who = strtol(host + 7, NULL, 10);
    if (who < 0 || who >= here.n)
        return;
    token[strcspn(token, " ")] = '\0';
    snprintf(body, sizeof(body), "%.100s.%s", token,
             here.clients[who].thumbprint);
    len = snprintf(reply, sizeof(reply),
                   "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                   "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                   strlen(body), body);
    if (write(fd, reply, (size_t)len) != len)
        fprintf(stderr, "responder: short write\n");
}

static void *serve(void *unused)
{
    for (;;) {
        int fd = accept(here.listener, NULL, NULL);

        if (fd < 0)
            continue;
        answer(fd);
        close(fd);
    }
    return unused;
}

int bench_responder_start(int port, bench_client_t *clients, int n)
{
    struct sockaddr_in addr = { .sin_family = AF_INET,
                                .sin_port = htons((unsigned short)port),
                                .sin_addr = { htonl(INADDR_LOOPBACK) } };
    pthread_t thread;
    int on = 1;

    here.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    here.clients = clients;
    here.n = n;
    setsockopt(here.listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    return bind(here.listener, (struct sockaddr *)&addr, sizeof(addr)) == 0
           && listen(here.listener, 256) == 0
           && pthread_create(&thread, NULL, serve, NULL) == 0;
}
