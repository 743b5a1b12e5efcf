#include "portal/cbor.h"

enum {
    DEPTH_MOST = 8,
    HEAD = 37,       /* hash, flags and counter */
    FLAGS = 32,      /* where they stand */
    ATTESTED = 0x40, /* one of them: a credential follows */
    EXTENDED = 0x80, /* extensions follow */
    ID = 18          /* model and length before a credential's id */
};

typedef struct {
    const unsigned char *at, *end;
} input_t;

static apr_size_t left(const input_t *in)
{
    return (apr_size_t)(in->end - in->at);
}

/* *ARGUMENT of the head at IN, which is passed over. RFC8949-3 */
static int read_head(unsigned *major, apr_uint64_t *argument, input_t *in)
{
    unsigned info, more;

    if (left(in) < 1)
        return 0;
    *major = *in->at >> 5;
    info = *in->at++ & 0x1f;
    *argument = info;
    if (info < 24)
        return 1;
    if (info > 27)
        return 0;
    more = 1u << (info - 24);
    if (left(in) < more)
        return 0;
    for (*argument = 0; more > 0; more--)
        *argument = *argument << 8 | *in->at++;
    return 1;
}

/* An item is a head, and as many items again as its kind and argument say: so
 * the items that are owed are counted level by level. */
static int skim(input_t *in)
{
    apr_uint64_t owed[DEPTH_MOST + 1] = { 1 }, argument;
    int depth = 0;
    unsigned major;

    while (depth >= 0) {
        if (owed[depth] == 0) {
            depth--;
            continue;
        }
        owed[depth]--;
        if (!read_head(&major, &argument, in))
            return 0;
        if (major == 2 || major == 3) {
            if (argument > left(in))
                return 0;
            in->at += argument;
        }
        if (major < 4 || major == 7)
            continue;
        if (argument > left(in) || depth == DEPTH_MOST)
            return 0;
        owed[++depth] = major == 4 ? argument : major == 5 ? 2 * argument : 1;
    }
    return 1;
}

apr_size_t qw_cbor_skim(const unsigned char *data, apr_size_t len)
{
    input_t in = { data, data + len };

    return skim(&in) ? (apr_size_t)(in.at - data) : 0;
}

/* Pass over one item. */
static int pass(input_t *in)
{
    apr_size_t n = qw_cbor_skim(in->at, left(in));

    in->at += n;
    return n > 0;
}

/* WEBAUTHN-6.1 */
int qw_authenticator_data_is_plain(const qw_bytes_t *data, int with_key)
{
    input_t in = { data->data, data->data + data->len };
    int flags;

    if (data->len < HEAD)
        return 0;
    flags = data->data[FLAGS];
    in.at += HEAD;
    if (((flags & ATTESTED) != 0) != with_key)
        return 0;
    if (with_key) {
        apr_size_t id;

        if (left(&in) < ID)
            return 0;
        id = (apr_size_t)(in.at[ID - 2] << 8 | in.at[ID - 1]);
        in.at += ID;
        if (left(&in) < id)
            return 0;
        in.at += id;
        if (!pass(&in))
            return 0;
    }
    if ((flags & EXTENDED) != 0 && !pass(&in))
        return 0;
    return in.at == in.end;
}
