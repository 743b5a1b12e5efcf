/* finding.h -- what a diagnosis can find. Threads: any. */
#ifndef QW_CHECK_FINDING_H
#define QW_CHECK_FINDING_H

/* GOOD; FAIR: it stands in the way of one challenge type, or may; BAD: of every
 * certificate for the name. */
typedef enum { QW_MOOD_GOOD, QW_MOOD_FAIR, QW_MOOD_BAD } qw_mood_e;

typedef enum {
#define QW_FINDING(code, name, mood) QW_F_##code,
#include "check/findings.def"
    QW_FINDINGS
} qw_finding_e;

/* "dns-secure"; and back: 0 if there is none of that name. */
const char *qw_finding_name(qw_finding_e finding);
int qw_finding_find(qw_finding_e *finding, const char *name);

qw_mood_e qw_finding_mood(qw_finding_e finding);

/* "good", "fair", "bad". */
const char *qw_mood_word(qw_mood_e mood);

#endif
