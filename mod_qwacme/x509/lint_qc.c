/* lint_qc.c -- the part of the lint that reads qualified certificate
 * statements. */
#include "x509/lint_ext.h"

#include "x509/profile_row.h"

#include <string.h>

/* Each reads what follows the statement's identifier: its finding, or NULL. */
typedef const char *(*check_fn)(qw_der_in_t *info, const qw_tbs_in_t *in);

static const char *nothing(qw_der_in_t *info, const qw_tbs_in_t *in)
{
    (void)info;
    (void)in;
    return NULL;
}

static const char *type_web(qw_der_in_t *info, const qw_tbs_in_t *in)
{
    qw_der_in_t types;

    (void)in;
    if (!qw_der_enter(info, QW_DER_SEQUENCE, &types)
        || !qw_lint_next_is_oid(&types, QW_OID_QC_TYPE_WEB) || types.len > 0)
        return "QcType is not web alone";
    return NULL;
}

static const char *pds(qw_der_in_t *info, const qw_tbs_in_t *in)
{
    qw_der_in_t list, place;
    int i, english = 0;

    if (!qw_der_enter(info, QW_DER_SEQUENCE, &list))
        return "QcPDS without locations";
    for (i = 0; i < in->pds->nelts; i++) {
        const qw_tbs_pds_t *want = &APR_ARRAY_IDX(in->pds, i, qw_tbs_pds_t);

        if (!qw_der_enter(&list, QW_DER_SEQUENCE, &place)
            || !qw_lint_next_is_text(&place, QW_DER_IA5, want->url)
            || !qw_lint_next_is_text(&place, QW_DER_PRINTABLE, want->language)
            || place.len > 0 || strncmp(want->url, "https:", 6) != 0)
            return "QcPDS is not what is configured";
        english |= strcmp(want->language, "en") == 0;
    }
    if (!english)
        return "QcPDS without English";
    return list.len == 0 ? NULL : "QcPDS has more than is configured";
}

/* "TTTCC-" before something, the scheme being one of three letters. */
static int has_syntax(const char *number)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    return number != NULL && strspn(number, letters) == 5 && number[5] == '-'
           && number[6] != '\0';
}

/* Which person's syntax is promised, and that the number has it. */
static const char *semantics(qw_der_in_t *info, const qw_tbs_in_t *in)
{
    int legal = (in->profile->statements & QW_STATES_LEGAL) != 0;
    const char *number = legal ? in->identity->organization_identifier
                               : in->identity->serial_number;
    qw_der_in_t list;

    if (!qw_der_enter(info, QW_DER_SEQUENCE, &list)
        || !qw_lint_next_is_oid(&list, legal ? QW_OID_SEMANTICS_LEGAL
                                             : QW_OID_SEMANTICS_NATURAL)
        || list.len > 0)
        return "the semantics are not those of the profile's person";
    return has_syntax(number) ? NULL
                              : "a number without the syntax that is promised";
}

/* What stands for a role, by object identifier. TS119495-5.1 */
static const char *role_name(const qw_bytes_t *id)
{
    static const struct {
        qw_oid_e oid;
        const char *name;
    } names[] = { { QW_OID_PSP_UNSPECIFIED, "Unspecified" },
                  { QW_OID_PSP_AS, "PSP_AS" },
                  { QW_OID_PSP_PI, "PSP_PI" },
                  { QW_OID_PSP_AI, "PSP_AI" },
                  { QW_OID_PSP_IC, "PSP_IC" } };
    qw_oid_e oid = qw_oid_find(id);
    apr_size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].oid == oid)
            return names[i].name;
    }
    return NULL;
}

/* The names of the roles, one space between them, are what was verified. */
static const char *roles(qw_der_in_t *list, const qw_tbs_in_t *in)
{
    const char *at = in->identity->psd2_roles, *name;
    qw_der_in_t role;
    qw_bytes_t id;

    if (at == NULL || list->len == 0)
        return "PSD2 without roles";
    while (list->len > 0) {
        if (!qw_der_enter(list, QW_DER_SEQUENCE, &role)
            || !qw_der_next(&role, QW_DER_OID, &id, NULL)
            || (name = role_name(&id)) == NULL
            || !qw_lint_next_is_text(&role, QW_DER_UTF8, name) || role.len > 0)
            return "a PSD2 role whose name is not its identifier's";
        if (strncmp(at, name, strlen(name)) != 0)
            return "a PSD2 role that was not verified";
        at += strlen(name);
        if (list->len > 0 && *at++ != ' ')
            return "a PSD2 role that was not verified";
    }
    return *at == '\0' ? NULL : "a PSD2 role is missing";
}

/* The number in the subject is one of the authority that is named here. */
static const char *psd2(qw_der_in_t *info, const qw_tbs_in_t *in)
{
    const char *name = in->identity->nca_name, *id = in->identity->nca_id;
    const char *number = in->identity->organization_identifier;
    const char *finding;
    qw_der_in_t all, list;

    if (name == NULL || id == NULL || number == NULL)
        return "PSD2 without competent authority or number";
    if (!qw_der_enter(info, QW_DER_SEQUENCE, &all)
        || !qw_der_enter(&all, QW_DER_SEQUENCE, &list))
        return "no list of PSD2 roles";
    if ((finding = roles(&list, in)) != NULL)
        return finding;
    if (!qw_lint_next_is_text(&all, QW_DER_UTF8, name)
        || !qw_lint_next_is_text(&all, QW_DER_UTF8, id) || all.len > 0)
        return "the competent authority is not the verified one";
    if (strncmp(number, "PSD", 3) != 0
        || strncmp(number + 3, id, strlen(id)) != 0
        || number[3 + strlen(id)] != '-')
        return "the number is not one of the competent authority";
    return NULL;
}

/* In this order; BIT of the profile's statements. */
static const struct {
    qw_oid_e oid;
    unsigned bit;
    check_fn check;
} known[] = {
    { QW_OID_QC_COMPLIANCE, QW_STATES_COMPLIANCE, nothing },
    { QW_OID_QC_TYPE, QW_STATES_WEB, type_web },
    { QW_OID_QC_PDS, QW_STATES_PDS, pds },
    { QW_OID_QC_SYNTAX_V2, QW_STATES_LEGAL | QW_STATES_NATURAL, semantics },
    { QW_OID_PSD2_STATEMENT, QW_STATES_PSD2, psd2 },
};

/* A promise of a number's syntax without the number would be empty. */
static int is_wanted(unsigned bit, const qw_tbs_in_t *in)
{
    unsigned states = in->profile->statements & bit;

    if (states == QW_STATES_LEGAL)
        return in->identity->organization_identifier != NULL;
    if (states == QW_STATES_NATURAL)
        return in->identity->serial_number != NULL;
    return states != 0;
}

const char *qw_lint_statements(qw_der_in_t *value, const qw_tbs_in_t *in)
{
    qw_der_in_t list, statement;
    const char *finding;
    apr_size_t i;

    if (!qw_der_enter(value, QW_DER_SEQUENCE, &list))
        return "no list of statements";
    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (!is_wanted(known[i].bit, in))
            continue;
        if (!qw_der_enter(&list, QW_DER_SEQUENCE, &statement)
            || !qw_lint_next_is_oid(&statement, known[i].oid))
            return "a statement of the profile is missing";
        finding = known[i].check(&statement, in);
        if (finding != NULL)
            return finding;
        if (statement.len > 0)
            return "a statement says more than it should";
    }
    return list.len == 0 ? NULL : "more statements than the profile has";
}
