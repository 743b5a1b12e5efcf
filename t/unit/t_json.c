#include "base/json.h"

#include "told.h"

#include <apr_general.h>
#include <apr_strings.h>

static apr_pool_t *pool;

static qw_problem_t *parse(const char *text)
{
    json_t *root;

    return qw_json_parse(&root, text, strlen(text), "order", pool);
}

static const char *repeat(const char *what, int times)
{
    apr_size_t len = strlen(what);
    char *out = apr_palloc(pool, len * (apr_size_t)times + 1), *o = out;

    while (times-- > 0) {
        memcpy(o, what, len);
        o += len;
    }
    *o = '\0';
    return out;
}

static const struct {
    const char *text, *why;
} refused[] = {
    { "", "nothing" },
    { " ", "white space alone" },
    { "{", "an object that does not end" },
    { "{\"a\":1,}", "a comma too many" },
    { "{'a':1}", "single quotes" },
    { "{a:1}", "a name without quotes" },
    { "[1] 2", "a second value" },
    { "{}{}", "a second object" },
    { "{} x", "bytes after the end" },
    { "{\"a\":1,\"a\":1}", "JWS-13: a duplicate member" },
    { "{\"url\":1,\"\\u0075rl\":2}", "J-09: a duplicate by escape" },
    { "{\"a\":{\"b\":1,\"b\":2}}", "a duplicate further in" },
    { "{\"a\":\"\\u0000\"}", "J-12: NUL by escape" },
    { "{\"a\\u0000b\":1}", "NUL by escape in a name" },
    { "{\"a\":\"\xff\"}", "JWS-41: no UTF-8" },
    { "{\"a\":\"\xc0\xaf\"}", "J-13: overlong UTF-8" },
    { "{\"a\":\"\xed\xa0\x80\"}", "J-13: a surrogate" },
    { "{\"a\":\"\\ud800\"}", "J-13: a surrogate by escape" },
    { "\xef\xbb\xbf{}", "J-13: a byte order mark" },
    { "{\"a\":\"\n\"}", "a raw newline in a string" },
    { "{\"a\":1e400}", "J-10: a number beyond double" },
    { "{\"a\":9223372036854775808}", "J-10: 2^63" },
    { "{\"a\":01}", "a leading zero" },
    { "{\"a\":NaN}", "NaN" },
    { "// x\n{}", "a comment" },
};

static void test_strict(void)
{
    json_t *root;
    unsigned i;

    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        told(parse(refused[i].text), MALFORMED, "order: ", refused[i].why);
    told(qw_json_parse(&root, "{}\0", 3, "order", pool), MALFORMED,
         "order: ", "J-12: NUL after the end");
    told(qw_json_parse(&root, "{\"a\":\"b\0c\"}", 11, "order", pool), MALFORMED,
         "order: ", "J-12: raw NUL in a string");
    fine(parse(" {\"a\" : [ 1, -0, 2.5, true, null, \"\\u00e9\" ] }\r\n"),
         "white space, numbers and escapes are well");
    fine(parse("\"text\""), "a value may be no object");
    told(qw_json_parse_object(&root, "[]", 2, "payload", pool), MALFORMED,
         "payload: not a JSON object", "where an object is asked for");
    told(qw_json_parse_object(&root, "\"\"", 2, "payload", pool), MALFORMED,
         "payload: not a JSON object", "a string is none");
}

static void test_bounds(void)
{
    const char *text;

    text = apr_pstrcat(pool, repeat("[", 16), repeat("]", 16), NULL);
    fine(parse(text), "16 deep");
    text = apr_pstrcat(pool, repeat("[", 17), repeat("]", 17), NULL);
    told(parse(text), MALFORMED, "nested deeper than 16", "17 deep");
    text = apr_pstrcat(pool, repeat("{\"a\":", 17), "1", repeat("}", 17), NULL);
    told(parse(text), MALFORMED, "nested deeper than 16", "17 objects deep");
    told(parse(repeat("[", 60000)), MALFORMED, "nested deeper than 16",
         "J-11: 60000 brackets, none closed");
    fine(parse(apr_pstrcat(pool, "\"", repeat("[{", 40), "\"", NULL)),
         "brackets in a string are no depth");
    fine(parse(apr_pstrcat(pool, "\"\\\"", repeat("[", 40), "\"", NULL)),
         "nor after an escaped quote");
    told(parse(apr_pstrcat(pool, "[\"\\\\\",", repeat("[", 16), "1",
                           repeat("]", 17), NULL)),
         MALFORMED, "nested deeper", "an escaped backslash ends no string");
    text =
        apr_pstrcat(pool, "\"", repeat("a", QW_JSON_MAX_BYTES - 2), "\"", NULL);
    fine(parse(text), "65536 bytes");
    text = apr_pstrcat(pool, text, " ", NULL);
    told(parse(text), MALFORMED, "more than 65536 bytes", "one byte more");
}

static const char members[] =
    "{\"s\":\"x\",\"o\":{\"i\":1},\"a\":[1],\"n\":-7,\"r\":1.0,\"t\":true,"
    "\"f\":false,\"z\":null}";

static void test_members(void)
{
    json_t *root, *value;
    const char *text;
    apr_int64_t number;
    int flag;

    fine(parse(members), "an object with every type");
    fine(qw_json_parse_object(&root, members, strlen(members), "m", pool),
         "the same as object");
    fine(qw_json_text(&text, root, "s", QW_REQUIRED, pool), "a string");
    is_str(text, "x", "its value");
    fine(qw_json_object(&value, root, "o", QW_REQUIRED, pool), "an object");
    ok(json_is_object(value), "its value");
    fine(qw_json_array(&value, root, "a", QW_REQUIRED, pool), "an array");
    ok(json_is_array(value), "its value");
    fine(qw_json_int(&number, root, "n", QW_REQUIRED, pool), "a number");
    ok(number == -7, "its value");
    fine(qw_json_bool(&flag, root, "t", QW_REQUIRED, pool), "a truth");
    ok(flag == 1, "true");
    fine(qw_json_bool(&flag, root, "f", QW_REQUIRED, pool), "another");
    ok(flag == 0, "false");
}

static void test_other_types(void)
{
    json_t *root, *value;
    const char *text;
    apr_int64_t number;
    int flag;

    fine(qw_json_parse_object(&root, members, strlen(members), "m", pool),
         "the members again");
    told(qw_json_text(&text, root, "n", QW_REQUIRED, pool), MALFORMED,
         "n: not a string", "JWS-46: a number is no string");
    told(qw_json_text(&text, root, "z", QW_OPTIONAL, pool), MALFORMED,
         "z: not a string", "null is not absent");
    told(qw_json_object(&value, root, "a", QW_REQUIRED, pool), MALFORMED,
         "a: not an object", "an array is no object");
    told(qw_json_array(&value, root, "o", QW_REQUIRED, pool), MALFORMED,
         "o: not an array", "an object is no array");
    told(qw_json_int(&number, root, "r", QW_REQUIRED, pool), MALFORMED,
         "r: not an integer", "J-10: 1.0 is no integer");
    told(qw_json_bool(&flag, root, "n", QW_REQUIRED, pool), MALFORMED,
         "n: not true or false", "a number is no truth");
    told(qw_json_text(&text, root, "none", QW_REQUIRED, pool), MALFORMED,
         "none: missing", "a required member that is absent");
}

static void test_absent(void)
{
    json_t *root = qw_json_new_object(pool), *value = root;
    const char *text = "x";
    apr_int64_t number = 7;
    int flag = 7;

    fine(qw_json_text(&text, root, "n", QW_OPTIONAL, pool), "an absent string");
    ok(text == NULL, "becomes NULL");
    fine(qw_json_object(&value, root, "n", QW_OPTIONAL, pool), "an object");
    ok(value == NULL, "becomes NULL");
    fine(qw_json_int(&number, root, "n", QW_OPTIONAL, pool), "a number");
    ok(number == 0, "becomes 0");
    fine(qw_json_bool(&flag, root, "n", QW_OPTIONAL, pool), "a truth");
    ok(flag == 0, "becomes 0");
}

static void test_dump(void)
{
    json_t *root = qw_json_new_object(pool), *list = qw_json_new_array(pool);

    json_object_set_new(root, "b", json_string("\xc3\xa9\n\""));
    json_object_set_new(root, "a", json_integer(1));
    json_object_set(root, "c", list);
    is_str(qw_json_dump(root, pool),
           "{\"a\":1,\"b\":\"\xc3\xa9\\n\\\"\",\"c\":[]}",
           "compact, and sorted by name");
    json_array_append_new(list, json_null());
    is_str(qw_json_dump(list, pool), "[null]", "an array");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_strict();
    test_bounds();
    test_members();
    test_other_types();
    test_absent();
    test_dump();
    apr_pool_destroy(pool);
    apr_terminate();
    return done_testing();
}
