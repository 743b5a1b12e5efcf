/* value.h -- forms of values in the configuration. Threads: any. */
#ifndef QW_CONF_VALUE_H
#define QW_CONF_VALUE_H

#include "conf/setters.h"

/* "QwacmeX: 'value' WHAT" in the setting's pool. */
const char *qw_value_bad(const qw_setting_t *s, const char *value,
                         const char *what);

/* 1 if VALUE starts with SCHEME ("https://") and a host, and has only
 * characters that a URL may have. */
int qw_value_is_url(const char *value, const char *scheme);

/* 1 if VALUE is labels of lower-case letters, digits and hyphens. */
int qw_value_is_domain(const char *value);

#endif
