/* Conditions of status objects: set by type; the time of the last transition changes only with the status. Pure. */
#ifndef OPERATOR_CONDITION_H
#define OPERATOR_CONDITION_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

/* One condition to set. Borrowed. */
struct condition {
	const char *type, *status, *reason, *message;
	const char *since; /* lastTransitionTime of the same type and status that is known; NULL: now */
};

/* Appends the condition to a JSON list. */
void condition_add(cJSON *list, const struct condition *c, int64_t now_s);

#endif
