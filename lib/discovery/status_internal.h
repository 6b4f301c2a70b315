/* What the parts of status share. Internal to this folder. */
#ifndef DISCOVERY_STATUS_INTERNAL_H
#define DISCOVERY_STATUS_INTERNAL_H

#include "discovery/internal.h"

#define STATUS_MESSAGE_MAX 1024

struct condition {
	const char *type, *reason; /* static */
	bool ok;
	char message[STATUS_MESSAGE_MAX];
};

enum { ACCEPTED, RESOLVED, PROGRAMMED, CONDITIONS };

/* --- status_judge.c: what is so --- */
/* Finds objects, notes and acknowledgements by key; made anew when what it stands on changed. */
struct judge *status_judge_new(struct discovery *d);
/* NULL is fine. */
void status_judge_free(struct judge *j);
/* Sessions came, went or acknowledged. */
void status_judge_sessions_changed(struct judge *j);
/* The result of a view changed, or a view went away. */
void status_judge_views_changed(struct judge *j);
/* What became of an object. */
void status_judge(struct judge *j, const struct api_object *o, struct condition c[CONDITIONS]);

/* --- status_write.c: what is written --- */
/* Whether the object's status says anything else than the conditions. */
bool status_differs(const struct api_object *o, const struct condition c[CONDITIONS]);
/* The merge patch that makes it say so, conditions of others kept; the caller frees it. */
cJSON *status_patch(const struct api_object *o, const struct condition c[CONDITIONS]);

#endif
