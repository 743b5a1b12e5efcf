/* diagnosis.h -- who may have a name looked at without an order, and how often.
 * Threads: as qw_db_t. */
#ifndef QW_GATE_DIAGNOSIS_H
#define QW_GATE_DIAGNOSIS_H

#include "registry/registry.h"

/* *ID of a diagnosis of the name TEXT (U-labels may be in it), which waits for a
 * worker from R's transaction on, with its event. It is kept for an hour.
 * INVALID_INPUT: no name; UNAUTHORIZED: not on EXTERNAL's list (LST-01), so
 * nobody is asked anything; CONFLICT: EXTERNAL is not active, or another diagnosis
 * of it is under way; RATE_LIMITED: diagnoses-per-account. */
qw_problem_t *qw_diagnosis_ask(const char **id, const qw_registry_t *r,
                               const qw_external_t *external,
                               const char *text) QW_MUST_CHECK;

#endif
