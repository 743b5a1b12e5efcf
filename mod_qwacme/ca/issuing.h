/* issuing.h -- what it takes to issue for one authority: certificate, key,
 * spool. Made by the signer; qwacmectl makes it without the key.
 * Threads: one. */
#ifndef QW_CA_ISSUING_H
#define QW_CA_ISSUING_H

#include "ca/key.h"
#include "ca/known.h"
#include "ca/spool.h"
#include "conf/conf.h"
#include "store/store.h"

typedef struct {
    const qw_authority_t *authority;
    const qw_issuer_conf_t *conf;
    const char *issuer_url, *crl_url, *ocsp_url; /* for its certificates */
    qw_issuer_t *issuer;
    qw_key_t *key; /* NULL in qwacmectl, and of an issuer that signs no more */
    qw_spool_t *spool;
} qw_issuing_t;

typedef struct {
    const qw_conf_t *conf;
    qw_store_t *store;
    const char *node;             /* id of this node, for the ledger */
    qw_keyring_t *ring;           /* NULL in qwacmectl */
    apr_array_header_t *issuings; /* of qw_issuing_t *, as configured */
    qw_known_keys_t *known;       /* NULL in qwacmectl */
} qw_ca_t;

/* *CA in POOL for every issuer of every authority of CONF; with their keys if
 * WITH_KEYS, whether they can be used yet or not. */
qw_problem_t *qw_ca_open(qw_ca_t **ca, const qw_conf_t *conf, qw_store_t *store,
                         const char *node, int with_keys,
                         apr_pool_t *pool) QW_MUST_CHECK;

/* *NODE: name of this node in the ledger, in POOL; made once and kept in the
 * file "node" of the state directory, so that a signer knows after a crash which
 * attempts were its own. */
qw_problem_t *qw_ca_node(const char **node, const qw_conf_t *conf,
                         apr_pool_t *pool) QW_MUST_CHECK;

/* *ISSUING of AUTHORITY that signs for the subscriber key KEY: the first, as
 * configured, that has a private key, is valid now and takes keys of that kind.
 * NOT_FOUND: no such authority; BAD_CSR: none takes such keys; UNAVAILABLE: none
 * of those that do is valid now. An issuer whose key is away is no reason to go
 * on to the next: which CA signs does not depend on chance. */
qw_problem_t *qw_ca_choose(qw_issuing_t **issuing, const qw_ca_t *ca,
                           const char *authority, const EVP_PKEY *key,
                           apr_pool_t *pool) QW_MUST_CHECK;

/* The issuing of AUTHORITY whose issuer's key is ISSUER (spki_hash), whether it
 * signs or not; NULL if there is none. */
qw_issuing_t *qw_ca_issuing(const qw_ca_t *ca, const char *authority,
                            const char *issuer);

/* Stop all issuance of this node until a person clears it: WHY is kept in the
 * file "halted" of the state directory and logged as an error. */
void qw_ca_halt(const qw_ca_t *ca, const char *why, apr_pool_t *pool);

/* *WHY issuance is halted, or NULL. */
const char *qw_ca_halted(const qw_conf_t *conf, apr_pool_t *pool);

/* Clear a halt. NOT_FOUND if there is none. */
qw_problem_t *qw_ca_resume(const qw_conf_t *conf,
                           apr_pool_t *pool) QW_MUST_CHECK;

#endif
