/* identity.h -- the verified attributes that may stand in a certificate.
 * Threads: any. */
#ifndef QW_X509_IDENTITY_H
#define QW_X509_IDENTITY_H

#include "base/json.h"

/* Each NULL if not verified. UTF-8, NFC. Member names are also the JSON member
 * names under which the registry stores them and `qwacmectl` takes them. */
typedef struct {
    const char *organization;
    const char *organization_identifier; /* "NTRFR-130007669" */
    const char *country;                 /* ISO 3166-1 alpha-2 */
    const char *state;
    const char *locality;
    const char *street;
    const char *postal_code;
    const char *business_category;
    const char *serial_number; /* registration number, EV; of a natural
                                  person "PNOFR-...", EN319412-1-5.1.3 */
    const char *jurisdiction_country;
    const char *jurisdiction_state;
    const char *jurisdiction_locality;
    const char *given_name;
    const char *surname;
    const char *pseudonym;
    /* of a payment service provider, TS119495-5.1 */
    const char *psd2_roles; /* words: "PSP_AS PSP_PI" */
    const char *nca_name;   /* the competent authority's, in English */
    const char *nca_id;     /* "FR-ACPR" */
} qw_identity_t;

/* *IDENTITY in POOL from a JSON object of text members; unknown members are
 * INVALID_INPUT. */
qw_problem_t *qw_identity_parse(qw_identity_t **identity, const json_t *object,
                                apr_pool_t *pool) QW_MUST_CHECK;

/* The object of the members that are set, in POOL. */
json_t *qw_identity_json(const qw_identity_t *identity, apr_pool_t *pool);

/* Set member NAME (as in JSON) to VALUE, borrowed. 0 if there is none such. */
int qw_identity_set(qw_identity_t *identity, const char *name,
                    const char *value);

#endif
