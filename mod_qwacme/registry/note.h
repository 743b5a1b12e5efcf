/* note.h -- the registry's own audit events. Threads: as qw_db_t. */
#ifndef QW_REGISTRY_NOTE_H
#define QW_REGISTRY_NOTE_H

#include "registry/registry.h"

/* EVENT about SUBJECT_ID of SUBJECT_KIND, by the actor of R, now. */
qw_problem_t *qw_registry_note(const qw_registry_t *r, const char *event,
                               const char *subject_kind, const char *subject_id,
                               const json_t *detail) QW_MUST_CHECK;

#endif
