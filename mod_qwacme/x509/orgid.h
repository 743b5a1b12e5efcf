/* orgid.h -- organizationIdentifier (EN319412-1-5.1.4, EVG-7.1.4.2.8).
 * Threads: any. */
#ifndef QW_X509_ORGID_H
#define QW_X509_ORGID_H

#include "base/problem.h"

typedef struct {
    const char *scheme;    /* "NTR", "VAT", "PSD", "LEI", "EOR", "EXC", "XX:" */
    const char *country;   /* "FR" */
    const char *state;     /* "HE" of NTRDE+HE-..., NULL if none */
    const char *reference; /* may hold hyphens */
} qw_orgid_t;

/* *ORGID in POOL; INVALID_INPUT that says what is wrong with TEXT. */
qw_problem_t *qw_orgid_parse(qw_orgid_t *orgid, const char *text,
                             apr_pool_t *pool) QW_MUST_CHECK;

/* INVALID_INPUT unless TEXT is the serialNumber of a natural person: PNO, TIN,
 * IDC or PAS, a country, a hyphen and a number (EN319412-1-5.1.3). National
 * schemes "XX:" would need a statement of who registered them. */
qw_problem_t *qw_person_number_check(const char *text,
                                     apr_pool_t *pool) QW_MUST_CHECK;

/* 1 if CODE is assigned in ISO 3166-1 alpha-2, upper case. */
int qw_country_is(const char *code);

#endif
