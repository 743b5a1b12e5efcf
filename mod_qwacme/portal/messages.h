/* messages.h -- what the portal says, in two languages. Threads: any. */
#ifndef QW_PORTAL_MESSAGES_H
#define QW_PORTAL_MESSAGES_H

#include <apr_pools.h>

typedef enum { QW_ENGLISH, QW_FRENCH, QW_LANGUAGES } qw_language_e;

typedef enum {
#define QW_MESSAGE(key, english, french) QW_M_##key,
#include "portal/messages.def"
    QW_MESSAGES
} qw_message_e;

/* Text of MESSAGE; plain UTF-8, to be escaped. Never NULL. "$1" to "$3" in it
 * stand for what is said about. */
const char *qw_message(qw_message_e message, qw_language_e language);

/* "en" or "fr". */
const char *qw_language_code(qw_language_e language);

/* *LANGUAGE of CODE; 0 if there is none. */
int qw_language_find(qw_language_e *language, const char *code);

/* The one that an Accept-Language header (or NULL) likes best; English if it
 * likes none. */
qw_language_e qw_language_accepted(const char *header, apr_pool_t *pool);

#endif
