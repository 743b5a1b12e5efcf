#include "net/post_json.h"

#include "base/text.h"
#include "base/world.h"

#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <curl/curl.h>
#include <openssl/err.h>

#include <string.h>

enum { MAX_WAIT_MS = 1000, MAX_SHOWN_ERROR = 160, IDLE_MAX = 64 };

/* Multi handles that nobody uses; each has connections that are still open. */
static struct {
    apr_thread_mutex_t *mutex;
    CURLM *multis[IDLE_MAX];
    int n;
} idle;

static apr_status_t end_idle(void *unused)
{
    while (idle.n > 0)
        curl_multi_cleanup(idle.multis[--idle.n]);
    return APR_SUCCESS;
}

qw_problem_t *qw_post_init(apr_pool_t *pool)
{
    if (apr_thread_mutex_create(&idle.mutex, APR_THREAD_MUTEX_DEFAULT, pool)
        != APR_SUCCESS)
        return QW_FAIL(pool, SERVER_INTERNAL, "no mutex for connections");
    apr_pool_cleanup_register(pool, NULL, end_idle, apr_pool_cleanup_null);
    return NULL;
}

static CURLM *take_multi(void)
{
    CURLM *multi = NULL;

    apr_thread_mutex_lock(idle.mutex);
    if (idle.n > 0)
        multi = idle.multis[--idle.n];
    apr_thread_mutex_unlock(idle.mutex);
    return multi != NULL ? multi : curl_multi_init();
}

static void give_multi(CURLM *multi)
{
    apr_thread_mutex_lock(idle.mutex);
    if (idle.n < IDLE_MAX) {
        idle.multis[idle.n++] = multi;
        multi = NULL;
    }
    apr_thread_mutex_unlock(idle.mutex);
    curl_multi_cleanup(multi);
}

typedef struct {
    qw_post_t *post;
    const qw_post_how_t *how;
    CURL *curl;
    unsigned char *reply;
    apr_size_t len;
    CURLcode rc; /* CURL_LAST: not at its end */
    char error[CURL_ERROR_SIZE];
} exchange_t;

static size_t take_body(char *data, size_t size, size_t n, void *baton)
{
    exchange_t *x = baton;
    apr_size_t len = size * n;

    if (len > x->how->max_reply - x->len)
        return 0;
    memcpy(x->reply + x->len, data, len);
    x->len += len;
    return len;
}

static void set_blob(CURL *curl, CURLoption option, const char *text)
{
    struct curl_blob blob = { (void *)text, strlen(text), CURL_BLOB_NOCOPY };

    curl_easy_setopt(curl, option, &blob);
}

static void set_trust(CURL *curl, const qw_post_how_t *how)
{
    if (how->ca_path != NULL) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, how->ca_path);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
    if (how->identity != NULL) {
        set_blob(curl, CURLOPT_SSLCERT_BLOB, how->identity);
        set_blob(curl, CURLOPT_SSLKEY_BLOB, how->identity);
    }
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

static struct curl_slist *headers(const qw_post_how_t *how, apr_pool_t *pool)
{
    const char *type = how->type != NULL ? how->type : "application/json";
    struct curl_slist *list =
        curl_slist_append(NULL,
                          apr_pstrcat(pool, "Content-Type: ", type, NULL));

    list = curl_slist_append(list, "Expect:");
    if (how->api_key != NULL)
        list = curl_slist_append(list, apr_pstrcat(pool, "x-api-key: ",
                                                   how->api_key, NULL));
    return list;
}

static void set_request(exchange_t *x, struct curl_slist *list)
{
    CURL *curl = x->curl;

    curl_easy_setopt(curl, CURLOPT_URL, x->post->url);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "mod_qwacme");
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, x->post->body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE,
                     x->post->body_len > 0 ? (long)x->post->body_len : -1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, x->error);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, x);
    set_trust(curl, x->how);
}

static void note_ends(CURLM *multi)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        char *x = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &x);
        ((exchange_t *)(void *)x)->rc = message->data.result;
    }
}

static void run(CURLM *multi, apr_time_t deadline)
{
    int running = 1;

    while (curl_multi_perform(multi, &running) == CURLM_OK && running > 0) {
        apr_interval_time_t left = deadline - qw_world()->now();

        note_ends(multi);
        if (left <= 0)
            break;
        left = apr_time_as_msec(left) + 1;
        curl_multi_poll(multi, NULL, 0,
                        left < MAX_WAIT_MS ? (int)left : MAX_WAIT_MS, NULL);
    }
    note_ends(multi);
}

static void conclude(exchange_t *x, apr_pool_t *pool)
{
    qw_post_t *post = x->post;
    long status = 0;

    curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status);
    x->reply[x->len] = '\0';
    post->reply.data = x->reply;
    post->reply.len = x->len;
    if (x->rc == CURL_LAST)
        post->failure = "no answer in time";
    else if (x->rc == CURLE_WRITE_ERROR)
        post->failure = "its answer is too long";
    else if (x->rc != CURLE_OK)
        post->failure =
            qw_text_safe(x->error[0] != '\0' ? x->error
                                             : curl_easy_strerror(x->rc),
                         MAX_SHOWN_ERROR, pool);
    else if (status != 200)
        post->failure =
            apr_psprintf(pool, "it answered with HTTP status %ld", status);
}

static void start(exchange_t *x, CURLM *multi, qw_post_t *post,
                  const qw_post_how_t *how, struct curl_slist *list,
                  apr_pool_t *pool)
{
    post->failure = NULL;
    x->post = post;
    x->how = how;
    x->rc = CURL_LAST;
    x->reply = apr_palloc(pool, how->max_reply + 1);
    x->curl = curl_easy_init();
    if (x->curl == NULL)
        return;
    set_request(x, list);
    curl_multi_add_handle(multi, x->curl);
}

static void end(exchange_t *x, CURLM *multi, apr_pool_t *pool)
{
    if (x->curl == NULL) {
        x->post->failure = "no memory to ask it";
        return;
    }
    conclude(x, pool);
    curl_multi_remove_handle(multi, x->curl);
    curl_easy_cleanup(x->curl);
}

qw_problem_t *qw_post_json(qw_post_t *posts, int n, const qw_post_how_t *how,
                           apr_pool_t *pool)
{
    exchange_t *xs = apr_pcalloc(pool, sizeof(*xs) * (apr_size_t)n);
    struct curl_slist *list = headers(how, pool);
    CURLM *multi = take_multi();

    if (multi == NULL || list == NULL) {
        curl_slist_free_all(list);
        return QW_FAIL(pool, SERVER_INTERNAL, "libcurl cannot be used");
    }
    for (int i = 0; i < n; i++)
        start(&xs[i], multi, &posts[i], how, list, pool);
    run(multi, how->deadline);
    for (int i = 0; i < n; i++)
        end(&xs[i], multi, pool);
    give_multi(multi);
    curl_slist_free_all(list);
    ERR_clear_error();
    return NULL;
}
