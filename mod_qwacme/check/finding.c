#include "check/finding.h"

#include <string.h>

static const struct {
    const char *name;
    qw_mood_e mood;
} all[QW_FINDINGS] = {
#define QW_FINDING(code, name, mood) { name, QW_MOOD_##mood },
#include "check/findings.def"
};

const char *qw_finding_name(qw_finding_e finding)
{
    return all[finding].name;
}

int qw_finding_find(qw_finding_e *finding, const char *name)
{
    for (int i = 0; i < QW_FINDINGS; i++)
        if (strcmp(all[i].name, name) == 0) {
            *finding = (qw_finding_e)i;
            return 1;
        }
    return 0;
}

qw_mood_e qw_finding_mood(qw_finding_e finding)
{
    return all[finding].mood;
}

const char *qw_mood_word(qw_mood_e mood)
{
    static const char *const words[] = { "good", "fair", "bad" };

    return words[mood];
}
