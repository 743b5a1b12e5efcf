/* client.h -- a small ACME client for load: ES256, keep-alive, one thread. */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include "base/own.h"

#include <curl/curl.h>

typedef struct {
    const char *directory; /* URL */
    const char *ca_file;   /* of the server's TLS certificate */
    const char *kid;       /* of the binding key, or NULL */
    const char *mac_key;   /* base64url */
} bench_server_t;

typedef struct {
    const bench_server_t *server;
    CURL *curl;
    EVP_PKEY *key;     /* account key */
    json_t *directory; /* the directory object */
    char *kid;         /* account URL; NULL until registered */
    char *nonce;       /* the next one; NULL: fetch */
    char *location;    /* Location of the last answer */
    char *thumbprint;
    long status;    /* of the last answer */
    json_t *answer; /* of the last answer, or NULL */
    char *text;     /* body of the last answer */
    apr_size_t text_len;
    long requests;     /* made so far */
    apr_pool_t *pool;  /* for the life of the client */
    apr_pool_t *round; /* cleared after each issuance */
} bench_client_t;

/* 1 if CLIENT is ready: key, connection, directory. */
int bench_client_init(bench_client_t *client, const bench_server_t *server,
                      apr_pool_t *pool);

/* POST PAYLOAD (NULL: POST-as-GET) to URL, signed by the account; badNonce is
 * answered by one more try. 1 if the status is WANT. */
int bench_post(bench_client_t *client, const char *url, json_t *payload,
               long want);

/* newAccount with a binding if the server has one. */
int bench_register(bench_client_t *client);

/* One certificate for NAME by http-01: newOrder to download. */
int bench_issue(bench_client_t *client, const char *name);

/* ---- the http-01 responder (responder.c) --------------------------------- */

/* Serve /.well-known/acme-challenge/TOKEN on 127.0.0.1:PORT from a thread: the
 * answer to any token is TOKEN "." the thumbprint of the client that owns the
 * name in the Host header ("c<N>-..."). */
int bench_responder_start(int port, bench_client_t *clients, int n);

#endif
