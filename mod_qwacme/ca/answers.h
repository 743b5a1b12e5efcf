/* answers.h -- OCSP answers of one issuer: signed ahead into files, or now.
 * Threads: one; the signer's. */
#ifndef QW_CA_ANSWERS_H
#define QW_CA_ANSWERS_H

#include "ca/issuing.h"
#include "ca/responder.h"
#include "model/status.h"

typedef struct {
    const qw_conf_t *conf;
    const qw_issuing_t *issuing;
    const qw_responder_t *responder; /* ready */
    int last;           /* the issuer has ended: answers are good for ever */
    apr_time_t *oldest; /* thisUpdate of the oldest that is left in a file, of
                           those looked at; 0: none yet; or NULL */
} qw_answers_t;

/* Answers are signed anew at this part of their validity: BR-4.9.9 asks for it
 * before the half, or 8 hours before the end. */
enum { QW_ANSWER_REFRESH = 4 };

/* The files of SERIAL, which is issued or revoked, say what it says and are not
 * old; they are written if need be. What was told as revoked is never told as
 * good: CONFLICT, and the files stay. */
qw_problem_t *qw_answers_write(const qw_answers_t *answers,
                               const qw_serial_t *serial,
                               apr_pool_t *pool) QW_MUST_CHECK;

/* What is asked for now. */
typedef struct {
    const char *digest;                /* "sha1", "sha256" */
    const apr_array_header_t *serials; /* of qw_serial_t *; one that is neither
                                          issued nor revoked is unknown */
    qw_bytes_t nonce;                  /* data NULL: none */
} qw_answers_question_t;

/* *DER: whole OCSP response in POOL. */
qw_problem_t *qw_answers_sign(qw_bytes_t *der, const qw_answers_t *answers,
                              const qw_answers_question_t *question,
                              apr_pool_t *pool) QW_MUST_CHECK;

#endif
