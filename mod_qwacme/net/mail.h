/* mail.h -- one mail to one person, handed to a mail server (RFC 5321).
 * Threads: any, after qw_http_init(). */
#ifndef QW_NET_MAIL_H
#define QW_NET_MAIL_H

#include "base/problem.h"

/* Who takes our mail. */
typedef struct {
    const char *url;      /* "smtp://host:port" or "smtps://host:port" */
    int tls;              /* smtp: 1 if only after STARTTLS, with a certificate
                             that CA_PATH trusts for the host; 0: without */
    const char *user;     /* or NULL */
    const char *password; /* a secret */
    const char *ca_path;  /* PEM file of the roots; NULL: the system's */
    apr_time_t deadline;  /* absolute, real clock */
} qw_mail_server_t;

typedef struct {
    const char *from, *to; /* plain addresses */
    const char *subject;   /* UTF-8; what cannot be shown becomes a space */
    const char *text;      /* UTF-8, lines that end with "\n", no "\r" */
    const char *language;  /* "en" */
    const char *id;        /* of the Message-ID, before its '@': the same one
                              if the same mail is sent again */
    apr_time_t at;         /* of the Date */
} qw_mail_t;

/* 1 if TEXT is an address that mail can be sent to by plain SMTP: printable
 * ASCII, one '@', none of the characters that end or quote an address. */
int qw_mail_is_address(const char *text);

/* TEXT as the value of an unstructured header, in POOL: as it is if it is short
 * printable ASCII, else as encoded words of RFC 2047, each on a line of its own.
 * No value of TEXT can begin another header. */
const char *qw_mail_header_text(const char *text, apr_pool_t *pool);

/* WHEN in POOL as RFC5322-3.3 writes it: "Thu, 26 Nov 2026 15:04:05 +0000". */
const char *qw_mail_date(apr_time_t when, apr_pool_t *pool);

/* Hand MAIL to SERVER, as one part of text/plain in quoted-printable, marked as
 * made by a program (RFC3834-5). INVALID_INPUT for addresses that are none;
 * CONNECTION, with the server's words in its detail, if it did not take it by the
 * deadline: then it may have, if the connection broke at the very end. */
qw_problem_t *qw_mail_send(const qw_mail_server_t *server,
                           const qw_mail_t *mail,
                           apr_pool_t *pool) QW_MUST_CHECK;

#endif
