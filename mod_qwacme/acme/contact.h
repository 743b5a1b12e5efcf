/* contact.h -- contact URLs of an account, RFC8555-7.3. Threads: any. */
#ifndef QW_ACME_CONTACT_H
#define QW_ACME_CONTACT_H

#include "base/json.h"

/* *CONTACTS: JSON array as text in POOL, of the "contact" member of PAYLOAD;
 * NULL if it has none. UNSUPPORTED_CONTACT for other schemes than mailto,
 * INVALID_CONTACT for what is not one plain address, MALFORMED else. */
qw_problem_t *qw_contacts_read(const char **contacts, const json_t *payload,
                               apr_pool_t *pool) QW_MUST_CHECK;

#endif
