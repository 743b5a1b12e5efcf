#include "dns/name.h"

#include "base/text.h"

#include <apr_strings.h>
#include <idn2.h>
#include <libpsl.h>

#include <pthread.h>
#include <string.h>

enum { MAX_NAME = 253, MAX_LABEL = 63, MAX_SHOWN = 128 };

/* Last labels that no public CA may certify: RFC6761, RFC6762, RFC7686,
 * RFC8375, RFC9476, and ICANN's .internal. */
static const char *const special_tlds[] = { "alt",       "arpa",    "example",
                                            "internal",  "invalid", "local",
                                            "localhost", "onion",   "test",
                                            NULL };

/* Reading the list costs more than half a millisecond and it never changes
 * while the process lives, so this one constant is made at first use. */
static pthread_once_t suffixes_once = PTHREAD_ONCE_INIT;
static const psl_ctx_t *suffixes_read;

static void read_suffixes(void)
{
    suffixes_read = psl_latest(NULL);
    if (suffixes_read == NULL)
        suffixes_read = psl_builtin();
}

/* BR-1.6.1 "registry-controlled": the list's ICANN part. What is not listed
 * at all is no suffix. */
static int is_public_suffix(const char *name)
{
    pthread_once(&suffixes_once, read_suffixes);
    return suffixes_read != NULL
           && psl_is_public_suffix2(suffixes_read, name,
                                    PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE);
}

static int is_special(const char *tld)
{
    for (int i = 0; special_tlds[i] != NULL; i++) {
        if (strcmp(tld, special_tlds[i]) == 0)
            return 1;
    }
    return 0;
}

/* What is wrong with the LEN bytes of LABEL, or NULL. */
static const char *label_fault(const char *label, apr_size_t len)
{
    char text[MAX_LABEL + 1];
    uint8_t *again = NULL;
    int rc;

    if (len == 0)
        return "a label is empty";
    if (len > MAX_LABEL)
        return "a label is longer than 63 characters";
    for (apr_size_t i = 0; i < len; i++) {
        char c = label[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return "only letters, digits and hyphens may stand in a label";
    }
    if (label[0] == '-' || label[len - 1] == '-')
        return "a label begins or ends with a hyphen";
    if (len < 4 || label[2] != '-' || label[3] != '-')
        return NULL;

    apr_cpystrn(text, label, len + 1);
    rc = idn2_register_u8(NULL, (const uint8_t *)text, &again, 0);
    idn2_free(again);
    return rc == IDN2_OK
               ? NULL
               : "a label has \"--\" third and fourth but is no IDNA A-label";
}

static const char *labels_fault(const char *name)
{
    const char *label = name;

    for (;;) {
        apr_size_t len = strcspn(label, ".");
        const char *fault = label_fault(label, len);

        if (fault != NULL)
            return fault;
        if (label[len] == '\0')
            return NULL;
        label += len + 1;
    }
}

/* Whether somebody can hold NAME at all. */
static const char *suffix_fault(const char *name, int allow_test_tld)
{
    const char *dot = strrchr(name, '.');
    const char *tld = dot == NULL ? name : dot + 1;

    if (strspn(tld, "0123456789") == strlen(tld))
        return "it is an address or ends in a number, not a domain name";
    if (dot == NULL)
        return "it has a single label";
    if (allow_test_tld && strcmp(tld, "test") == 0)
        return NULL;
    if (is_special(tld))
        return "its top-level domain is reserved, no public CA may certify it";
    if (!is_public_suffix(tld))
        return "its top-level domain is not in the public suffix list";
    if (is_public_suffix(name))
        return "it is a public suffix, under which others register names";
    return NULL;
}

/* Fill NAME from lower-case TEXT, or say what is wrong with it. */
static const char *name_fault(qw_name_t *name, const char *text,
                              int allow_test_tld, apr_pool_t *pool)
{
    int wildcard = text[0] == '*' && text[1] == '.';
    const char *rest = wildcard ? text + 2 : text;
    const char *fault;

    if (*rest == '\0')
        return "it is empty";
    if (strlen(text) > MAX_NAME)
        return "it is longer than 253 characters";
    if (strchr(rest, '*') != NULL)
        return "\"*\" may only stand alone as the leftmost label";
    if ((fault = labels_fault(rest)) != NULL)
        return fault;
    if ((fault = suffix_fault(rest, allow_test_tld)) != NULL)
        return fault;
    name->name = apr_pstrdup(pool, rest);
    name->wildcard = wildcard;
    return NULL;
}

qw_problem_t *qw_name_parse(qw_name_t *name, const char *text,
                            int allow_test_tld, apr_pool_t *pool)
{
    qw_name_t parsed = { NULL, 0 };
    const char *fault =
        name_fault(&parsed, qw_text_lower(text, pool), allow_test_tld, pool);

    if (fault != NULL)
        return QW_FAIL(pool, REJECTED_IDENTIFIER, "%s: %s",
                       qw_text_safe(text, MAX_SHOWN, pool), fault);
    *name = parsed;
    return NULL;
}

/* TEXT without the blanks around it. */
static const char *trimmed(const char *text, apr_pool_t *pool)
{
    static const char blanks[] = " \t\r\n";
    apr_size_t len;

    text += strspn(text, blanks);
    len = strlen(text);
    while (len > 0 && strchr(blanks, text[len - 1]) != NULL)
        len--;
    return apr_pstrmemdup(pool, text, len);
}

/* *ASCII in POOL: A-labels of what a human typed, "*." kept in front. UTS46
 * mapping, because people type capitals; the strict rules judge its result. */
static const char *to_ascii(const char **ascii, const char *text,
                            apr_pool_t *pool)
{
    int wildcard = strncmp(text, "*.", 2) == 0;
    uint8_t *converted = NULL;
    int rc;

    if (!qw_text_is_utf8(text, strlen(text)))
        return "it is not UTF-8";
    rc = idn2_lookup_u8((const uint8_t *)text + (wildcard ? 2 : 0), &converted,
                        IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (rc != IDN2_OK)
        return idn2_strerror(rc);
    *ascii = apr_pstrcat(pool, wildcard ? "*." : "", converted, NULL);
    idn2_free(converted);
    return NULL;
}

static int is_ascii(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text >= 0x80)
            return 0;
    }
    return 1;
}

qw_problem_t *qw_name_from_user(qw_name_t *name, const char *text,
                                int allow_test_tld, apr_pool_t *pool)
{
    qw_name_t parsed = { NULL, 0 };
    const char *ascii = trimmed(text, pool);
    const char *fault = NULL;

    if (!is_ascii(ascii))
        fault = to_ascii(&ascii, ascii, pool);
    if (fault == NULL)
        fault = name_fault(&parsed, qw_text_lower(ascii, pool), allow_test_tld,
                           pool);
    if (fault != NULL)
        return QW_FAIL(pool, INVALID_INPUT, "domain name %s: %s",
                       qw_text_safe(text, MAX_SHOWN, pool), fault);
    *name = parsed;
    return NULL;
}

int qw_name_covers(const char *base, int subtree, const char *name)
{
    apr_size_t base_len = strlen(base), name_len = strlen(name);

    if (strcmp(base, name) == 0)
        return 1;
    return subtree && name_len > base_len + 1
           && name[name_len - base_len - 1] == '.'
           && strcmp(name + name_len - base_len, base) == 0;
}

const char *qw_name_registered(const char *name, apr_pool_t *pool)
{
    const char *at, *dot;

    if (strncmp(name, "*.", 2) == 0)
        name += 2;
    at = name;
    /* the longest name below a suffix that is one label more than it */
    while ((dot = strchr(at, '.')) != NULL && strchr(dot + 1, '.') != NULL
           && !is_public_suffix(dot + 1))
        at = dot + 1;
    return apr_pstrdup(pool, at);
}
