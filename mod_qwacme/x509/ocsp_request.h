/* ocsp_request.h -- what a client asks of an OCSP responder. Threads: any. */
#ifndef QW_X509_OCSP_REQUEST_H
#define QW_X509_OCSP_REQUEST_H

#include "base/problem.h"
#include "x509/ocsp_id.h"

enum {
    QW_OCSP_MOST_OCTETS = 4096, /* of a request */
    QW_OCSP_MOST_IDS = 16,
    QW_OCSP_MOST_NONCE = 128 /* RFC9654-2.1 */
};

typedef struct {
    const qw_ocsp_id_t *ids;
    int n;            /* 1 to QW_OCSP_MOST_IDS */
    qw_bytes_t nonce; /* 1 to 128 octets, inside of the OCTET STRING; data NULL:
                         none was sent */
} qw_ocsp_request_t;

/* *REQUEST in POOL of the OCSPRequest DER, borrowing its octets. RFC6960-4.1.1
 * A signature is not looked at, nor who asks. MALFORMED for more than 4096
 * octets, anything but one request of version 1 in strict DER, more than 16
 * certificates, a nonce that is empty or longer than 128 octets or stands twice,
 * and for a critical extension other than the nonce. */
qw_problem_t *qw_ocsp_request_parse(qw_ocsp_request_t **request,
                                    const qw_bytes_t *der,
                                    apr_pool_t *pool) QW_MUST_CHECK;

/* 1 and *DER in POOL from the PATH of a GET below the responder's URL, with or
 * without slashes before it: base64 of the request in which any octet may be
 * percent-encoded. RFC6960-A.1, RFC5019-5 0 if it is none or would decode to
 * more than 4096 octets. PATH is as the client wrote it (unparsed): two slashes
 * may stand in base64. */
int qw_ocsp_request_of_path(qw_bytes_t *der, const char *path,
                            apr_pool_t *pool);

#endif
