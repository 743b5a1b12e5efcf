#include "model/person.h"

#include <apr_strings.h>

#include <string.h>

#define PORTAL "portal:"

const char *qw_person_actor(const char *id, apr_pool_t *pool)
{
    return apr_pstrcat(pool, PORTAL, id, NULL);
}

const char *qw_actor_person(const char *actor)
{
    static const apr_size_t len = sizeof(PORTAL) - 1;

    return strncmp(actor, PORTAL, len) == 0 ? actor + len : NULL;
}
