#include "portal/case_next.h"

#include "model/case.h"

#include <string.h>

enum { STEPS_MOST = 4 };

static const struct {
    const char *kind;
    int n;
    qw_message_e steps[STEPS_MOST];
} all[] = {
    { QW_CASE_ACME_ACCOUNT,
      3,
      { QW_M_NEXT_ACME_TELL, QW_M_NEXT_ACME_KEY, QW_M_NEXT_ACME_ASK } },
    { QW_CASE_EXTERNAL_ACCOUNT,
      4,
      { QW_M_NEXT_EXTERNAL_VERIFY, QW_M_NEXT_EXTERNAL_DOMAINS,
        QW_M_NEXT_EXTERNAL_OPERATORS, QW_M_NEXT_EXTERNAL_RESUME } },
    { QW_CASE_KEY, 2, { QW_M_NEXT_KEY_TELL, QW_M_NEXT_KEY_PROOF } },
    { QW_CASE_BINDING, 2, { QW_M_NEXT_BINDING_ASK, QW_M_NEXT_BINDING_NEW } },
    { QW_CASE_MIS_ISSUANCE,
      3,
      { QW_M_NEXT_MIS_CALL, QW_M_NEXT_MIS_EARLY, QW_M_NEXT_MIS_REPORT } },
    { QW_CASE_CA_DRILL, 1, { QW_M_NEXT_DRILL } },
};

const qw_message_e *qw_case_next(int *n, const char *kind)
{
    for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(all[i].kind, kind) == 0) {
            *n = all[i].n;
            return all[i].steps;
        }
    *n = 0;
    return all[0].steps;
}
