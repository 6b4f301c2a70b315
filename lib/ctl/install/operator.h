/* The operator that is in the cluster, and by which overlay it got there. */
#ifndef CTL_OPERATOR_H
#define CTL_OPERATOR_H

#include "ctl/core/core.h"

/* ns is NULL where there is none. */
struct operator_found {
	char *ns, *image;    /* owned */
	const char *overlay; /* the one that it is most like; static */
};

/* Looks for it in all namespaces. 0 also where there is none; a negative code when the cluster does not say. */
int operator_find(struct ctl *c, struct operator_found *ret, struct err *e);
/* Frees the texts. */
void operator_found_done(struct operator_found *f);

/* Whether a Deployment is Weft's operator, and not another mesh's of the same name. */
bool operator_is_ours(const cJSON *deployment);

/* The first container's image; "" where there is none. */
const char *operator_image(const cJSON *deployment);

/* Whether the overlay puts the operator into another namespace than this one. */
bool operator_overlay_elsewhere(const char *overlay, const char *ns);

#endif
