#include "x509/qcstatements.h"

#include "base/text.h"
#include "x509/ext.h"
#include "x509/profile_row.h"
#include "x509/psd2.h"

#include <string.h>

/* QcCompliance without information; QcType of one object identifier, web:
 * EN319412-5-4.2.1, EN319412-5-4.2.3. */
static const unsigned char compliance[] = { 0x30, 0x08, 0x06, 0x06, 0x04,
                                            0x00, 0x8e, 0x46, 0x01, 0x01 };
static const unsigned char type_web[] = { 0x30, 0x13, 0x06, 0x06, 0x04, 0x00,
                                          0x8e, 0x46, 0x01, 0x06, 0x30, 0x09,
                                          0x06, 0x07, 0x04, 0x00, 0x8e, 0x46,
                                          0x01, 0x06, 0x03 };

static int is_language(const char *text)
{
    return text[0] >= 'a' && text[0] <= 'z' && text[1] >= 'a' && text[1] <= 'z'
           && text[2] == '\0';
}

static const qw_tbs_pds_t *entry(const apr_array_header_t *pds, int i)
{
    return &APR_ARRAY_IDX(pds, i, qw_tbs_pds_t);
}

static int is_first_of_language(const apr_array_header_t *pds, int n)
{
    int i;

    for (i = 0; i < n; i++) {
        if (strcmp(entry(pds, i)->language, entry(pds, n)->language) == 0)
            return 0;
    }
    return 1;
}

qw_problem_t *qw_qcstatements_check_pds(const apr_array_header_t *pds,
                                        apr_pool_t *pool)
{
    int i, english = 0;

    for (i = 0; i < pds->nelts; i++) {
        const qw_tbs_pds_t *p = entry(pds, i);
        const char *language = qw_text_safe(p->language, 16, pool);

        if (!is_language(p->language))
            return QW_FAIL(pool, INVALID_INPUT,
                           "PDS language \"%s\" is not two lower-case letters "
                           "of ISO 639-1",
                           language);
        if (!is_first_of_language(pds, i))
            return QW_FAIL(pool, INVALID_INPUT,
                           "PDS language \"%s\" is given twice", language);
        /* EN319412-5-4.3.4: QCS-4.3.4-03 */
        if (!qw_ext_is_url(p->url, "https://"))
            return QW_FAIL(pool, INVALID_INPUT,
                           "PDS location \"%s\" is not an https URL",
                           qw_text_safe(p->url, 256, pool));
        english |= strcmp(p->language, "en") == 0;
    }
    if (!english)
        return QW_FAIL(pool, INVALID_INPUT,
                       "no PDS location for language en is given; an English "
                       "one is required");
    return NULL;
}

static void put_pds(qw_der_t *der, const apr_array_header_t *pds)
{
    qw_bytes_t id = qw_oid_der(QW_OID_QC_PDS);
    apr_size_t statement = qw_der_open(der, QW_DER_SEQUENCE), list, location;
    int i;

    qw_der_raw(der, &id);
    list = qw_der_open(der, QW_DER_SEQUENCE);
    for (i = 0; i < pds->nelts; i++) {
        location = qw_der_open(der, QW_DER_SEQUENCE);
        qw_der_text(der, QW_DER_IA5, entry(pds, i)->url);
        qw_der_text(der, QW_DER_PRINTABLE, entry(pds, i)->language);
        qw_der_close(der, location);
    }
    qw_der_close(der, list);
    qw_der_close(der, statement);
}

/* Which syntax the subject's number has. RFC3739-3.2.6.1 */
static void put_semantics(qw_der_t *der, qw_oid_e semantics)
{
    qw_bytes_t id = qw_oid_der(QW_OID_QC_SYNTAX_V2);
    qw_bytes_t which = qw_oid_der(semantics);
    apr_size_t statement = qw_der_open(der, QW_DER_SEQUENCE);

    qw_der_raw(der, &id);
    qw_der_put(der, QW_DER_SEQUENCE, which.data, which.len);
    qw_der_close(der, statement);
}

void qw_qcstatements_put(qw_der_t *der, const qw_tbs_in_t *in)
{
    const qw_bytes_t first = { compliance, sizeof(compliance) };
    const qw_bytes_t second = { type_web, sizeof(type_web) };
    const qw_profile_t *profile = in->profile;
    apr_size_t statements = qw_der_open(der, QW_DER_SEQUENCE);

    if (qw_profile_states(profile, in->identity, QW_STATES_COMPLIANCE))
        qw_der_raw(der, &first);
    if (qw_profile_states(profile, in->identity, QW_STATES_WEB))
        qw_der_raw(der, &second);
    if (qw_profile_states(profile, in->identity, QW_STATES_PDS))
        put_pds(der, in->pds);
    if (qw_profile_states(profile, in->identity, QW_STATES_LEGAL))
        put_semantics(der, QW_OID_SEMANTICS_LEGAL);
    if (qw_profile_states(profile, in->identity, QW_STATES_NATURAL))
        put_semantics(der, QW_OID_SEMANTICS_NATURAL);
    if (qw_profile_states(profile, in->identity, QW_STATES_PSD2))
        qw_psd2_put(der, in->identity);
    qw_der_close(der, statements);
}
