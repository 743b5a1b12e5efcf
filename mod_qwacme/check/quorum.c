#include "check/quorum.h"

#include <string.h>

int qw_quorum_count(const qw_vote_t *votes, int n, qw_vote_e vote)
{
    int found = 0;

    for (int i = 0; i < n; i++)
        found += votes[i].vote == vote;
    return found;
}

/* Is NEEDED met if votes that are YES or ALSO agree? */
static int is_met(const qw_vote_t *votes, int n, int needed, qw_vote_e yes,
                  qw_vote_e also)
{
    const char *region = NULL;
    int agree = 0, apart = 0;

    for (int i = 0; i < n; i++) {
        if (votes[i].vote != yes && votes[i].vote != also)
            continue;
        agree++;
        if (region == NULL)
            region = votes[i].perspective->region;
        else if (strcmp(region, votes[i].perspective->region) != 0)
            apart = 1;
    }
    return agree >= needed && (needed < 2 || apart);
}

qw_quorum_e qw_quorum_judge(const qw_vote_t *votes, int n, int needed)
{
    if (is_met(votes, n, needed, QW_VOTE_YES, QW_VOTE_YES))
        return QW_QUORUM_MET;
    if (is_met(votes, n, needed, QW_VOTE_YES, QW_VOTE_SILENT))
        return QW_QUORUM_OPEN;
    return QW_QUORUM_MISSED;
}
