#include "net/mail.h"

#include "base/text.h"
#include "base/world.h"

#include <apr_base64.h>
#include <apr_strings.h>
#include <curl/curl.h>
#include <openssl/err.h>

#include <string.h>

enum {
    ADDRESS_MOST = 254,
    PLAIN_MOST = 60, /* characters of a header that stays as it is */
    WORD_BYTES = 42, /* of text in one encoded word: 75 characters */
    SHOWN_ERROR = 160,
    SHOWN_REPLY = 200
};

int qw_mail_is_address(const char *text)
{
    const char *at = strchr(text, '@');
    apr_size_t len = strlen(text);

    if (at == NULL || at == text || at[1] == '\0' || strchr(at + 1, '@')
        || len > ADDRESS_MOST || strpbrk(text, "<>()[],;:\\\"") != NULL)
        return 0;
    for (apr_size_t i = 0; i < len; i++)
        if (text[i] <= ' ' || text[i] > '~')
            return 0;
    return 1;
}

/* ---- headers ------------------------------------------------------------------ */

static int is_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7f;
}

static const char *without_controls(const char *text, apr_pool_t *pool)
{
    char *copy = apr_pstrdup(pool, text);

    for (char *c = copy; *c != '\0'; c++)
        if (is_control(*c))
            *c = ' ';
    return copy;
}

static int is_plain(const char *text)
{
    if (strlen(text) > PLAIN_MOST || strstr(text, "=?") != NULL)
        return 0;
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            return 0;
    return 1;
}

/* RFC2047-5: a character is not split between two words. */
static apr_size_t word_length(const char *text)
{
    apr_size_t len = strlen(text);

    if (len <= WORD_BYTES)
        return len;
    len = WORD_BYTES;
    while (len > 1 && ((unsigned char)text[len] & 0xc0) == 0x80)
        len--;
    return len;
}

const char *qw_mail_header_text(const char *given, apr_pool_t *pool)
{
    const char *text = without_controls(given, pool), *out = "";

    if (is_plain(text))
        return text;
    while (*text != '\0') {
        apr_size_t len = word_length(text);
        char *coded =
            apr_palloc(pool, (apr_size_t)apr_base64_encode_len((int)len));

        apr_base64_encode(coded, text, (int)len);
        out = apr_pstrcat(pool, out, *out != '\0' ? "\r\n " : "", "=?UTF-8?B?",
                          coded, "?=", NULL);
        text += len;
    }
    return out;
}

const char *qw_mail_date(apr_time_t when, apr_pool_t *pool)
{
    char *date = apr_palloc(pool, APR_RFC822_DATE_LEN);

    apr_rfc822_date(date, when);
    return apr_pstrcat(pool, apr_pstrmemdup(pool, date, 25), " +0000", NULL);
}

static struct curl_slist *headers(const qw_mail_t *m, apr_pool_t *pool)
{
    const char *const lines[] = {
        apr_pstrcat(pool, "Date: ", qw_mail_date(m->at, pool), NULL),
        apr_pstrcat(pool, "From: ", m->from, NULL),
        apr_pstrcat(pool, "To: ", m->to, NULL),
        apr_pstrcat(pool, "Subject: ", qw_mail_header_text(m->subject, pool),
                    NULL),
        apr_pstrcat(pool, "Message-ID: <", m->id, strchr(m->from, '@'), ">",
                    NULL),
        apr_pstrcat(pool, "Content-Language: ", m->language, NULL),
        "Auto-Submitted: auto-generated",
    };
    struct curl_slist *list = NULL;

    for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        list = curl_slist_append(list, lines[i]);
    return list;
}

/* RFC5322-2.1: lines end with CRLF; what stands alone would be encoded. */
static const char *with_crlf(const char *text, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, strlen(text) * 2 + 1), *at = out;

    for (; *text != '\0'; text++) {
        if (*text == '\n')
            *at++ = '\r';
        *at++ = *text;
    }
    *at = '\0';
    return out;
}

/* ---- the exchange ------------------------------------------------------------- */

typedef struct {
    CURL *curl;
    curl_mime *mime;
    struct curl_slist *headers, *to;
    char reply[SHOWN_REPLY + 1]; /* the last refusal of the server */
    char error[CURL_ERROR_SIZE];
} exchange_t;

/* What the server says comes as headers do, its goodbye too. */
static size_t take_reply(char *data, size_t size, size_t n, void *baton)
{
    exchange_t *x = baton;
    apr_size_t len = size * n < SHOWN_REPLY ? size * n : SHOWN_REPLY;

    if (len == 0 || (data[0] != '4' && data[0] != '5'))
        return size * n;
    memcpy(x->reply, data, len);
    x->reply[len] = '\0';
    x->reply[strcspn(x->reply, "\r\n")] = '\0';
    return size * n;
}

static void set_server(exchange_t *x, const qw_mail_server_t *s)
{
    apr_interval_time_t left = s->deadline - qw_world()->now();

#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(x->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
#else
    curl_easy_setopt(x->curl, CURLOPT_PROTOCOLS,
                     (long)(CURLPROTO_SMTP | CURLPROTO_SMTPS));
#endif
    curl_easy_setopt(x->curl, CURLOPT_URL, s->url);
    curl_easy_setopt(x->curl, CURLOPT_PROXY, "");
    curl_easy_setopt(x->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(x->curl, CURLOPT_TIMEOUT_MS,
                     left <= 0 ? 1L : (long)apr_time_as_msec(left) + 1);
    curl_easy_setopt(x->curl, CURLOPT_USE_SSL,
                     (long)(s->tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    curl_easy_setopt(x->curl, CURLOPT_SSLVERSION,
                     (long)CURL_SSLVERSION_TLSv1_2);
    if (s->ca_path != NULL) {
        curl_easy_setopt(x->curl, CURLOPT_CAINFO, s->ca_path);
        curl_easy_setopt(x->curl, CURLOPT_CAPATH, NULL);
    }
    if (s->user == NULL)
        return;
    curl_easy_setopt(x->curl, CURLOPT_USERNAME, s->user);
    curl_easy_setopt(x->curl, CURLOPT_PASSWORD, s->password);
}

/* 1 if all of it could be made. */
static int set_mail(exchange_t *x, const qw_mail_t *m, apr_pool_t *pool)
{
    const char *from = apr_pstrcat(pool, "<", m->from, ">", NULL);
    curl_mimepart *part;

    x->headers = headers(m, pool);
    x->to = curl_slist_append(NULL, apr_pstrcat(pool, "<", m->to, ">", NULL));
    x->mime = curl_mime_init(x->curl);
    part = curl_mime_addpart(x->mime);
    if (x->headers == NULL || x->to == NULL || part == NULL
        || curl_mime_data(part, with_crlf(m->text, pool), CURL_ZERO_TERMINATED)
               != CURLE_OK
        || curl_mime_type(part, "text/plain; charset=utf-8") != CURLE_OK
        || curl_mime_encoder(part, "quoted-printable") != CURLE_OK)
        return 0;
    curl_easy_setopt(x->curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(x->curl, CURLOPT_MAIL_RCPT, x->to);
    curl_easy_setopt(x->curl, CURLOPT_HTTPHEADER, x->headers);
    curl_easy_setopt(x->curl, CURLOPT_MIMEPOST, x->mime);
    curl_easy_setopt(x->curl, CURLOPT_HEADERFUNCTION, take_reply);
    curl_easy_setopt(x->curl, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(x->curl, CURLOPT_ERRORBUFFER, x->error);
    return 1;
}

static qw_problem_t *failed(const exchange_t *x, CURLcode rc,
                            const qw_mail_server_t *s, apr_pool_t *pool)
{
    const char *why = x->error[0] != '\0' ? x->error : curl_easy_strerror(rc);

    return QW_FAIL(pool, CONNECTION, "%s did not take it: %s%s%s", s->url,
                   qw_text_safe(why, SHOWN_ERROR, pool),
                   x->reply[0] != '\0' ? ": " : "",
                   qw_text_safe(x->reply, SHOWN_REPLY, pool));
}

static qw_problem_t *run(exchange_t *x, const qw_mail_server_t *server,
                         const qw_mail_t *mail, apr_pool_t *pool)
{
    CURLcode rc;

    if (x->curl == NULL || !set_mail(x, mail, pool))
        return QW_FAIL(pool, SERVER_INTERNAL, "libcurl cannot be used");
    set_server(x, server);
    rc = curl_easy_perform(x->curl);
    return rc == CURLE_OK ? NULL : failed(x, rc, server, pool);
}

qw_problem_t *qw_mail_send(const qw_mail_server_t *server,
                           const qw_mail_t *mail, apr_pool_t *pool)
{
    exchange_t x = { 0 };
    qw_problem_t *prob;

    if (!qw_mail_is_address(mail->from) || !qw_mail_is_address(mail->to))
        return QW_FAIL(pool, INVALID_INPUT,
                       "'%s' is no address that mail can be sent to",
                       qw_text_safe(qw_mail_is_address(mail->from) ? mail->to
                                                                   : mail->from,
                                    64, pool));
    x.curl = curl_easy_init();
    prob = run(&x, server, mail, pool);
    curl_easy_cleanup(x.curl);
    curl_mime_free(x.mime);
    curl_slist_free_all(x.headers);
    curl_slist_free_all(x.to);
    ERR_clear_error();
    return prob;
}
