/*
 * Random configuration objects, made from the rows that describe the kinds: valid ones and invalid ones, with values
 * from small pools so that hosts, ports, subsets and gateways of several objects meet. Of a seed always the same.
 */
#ifndef TEST_RANDOM_OBJECT_H
#define TEST_RANDOM_OBJECT_H

#include "api/kind.h"
#include "base/rand.h"

/* One object of the kind with a random spec; its creation time is 2024-01-01 plus so many seconds. Freed with
 * cJSON_Delete. */
cJSON *random_object(struct rand *r, const struct api_kind *kind, const char *ns, const char *name, unsigned second);

#endif
