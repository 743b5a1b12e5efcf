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

/* Pass over a head and what belongs to it alone; *ITEMS that follow inside of it,
 * none of a kind that has no inside. */
static int pass_head(apr_uint64_t *items, input_t *in)
{
    enum { BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6 };
    apr_uint64_t argument;
    unsigned major;

    *items = 0;
    if (!read_head(&major, &argument, in))
        return 0;
    if (major >= BYTES && major <= MAP && argument > left(in))
        return 0;
    if (major == BYTES || major == TEXT)
        in->at += argument;
    if (major == ARRAY)
        *items = argument;
    if (major == MAP)
        *items = 2 * argument;
    if (major == TAG)
        *items = 1;
    return 1;
}

/* The items that are owed are counted level by level. */
static int skim(input_t *in)
{
    apr_uint64_t owed[DEPTH_MOST + 1] = { 1 }, items;
    int depth = 0;

    while (depth >= 0) {
        if (owed[depth] == 0) {
            depth--;
            continue;
        }
        owed[depth]--;
        if (!pass_head(&items, in))
            return 0;
        if (items == 0)
            continue;
        if (depth == DEPTH_MOST)
            return 0;
        owed[++depth] = items;
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
