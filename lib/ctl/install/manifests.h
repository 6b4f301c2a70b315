/* What is installed: the overlays of deploy/, embedded, as trees. */
#ifndef CTL_MANIFESTS_H
#define CTL_MANIFESTS_H

#include <cjson/cJSON.h>

#include "base/err.h"

/* Where the images are in the overlays as they are written. */
#define MANIFESTS_REGISTRY "quay.io/weft"

/* Names of the overlays, NULL-terminated. */
extern const char *const ctl_operator_overlays[];
extern const char *const ctl_instance_overlays[];

struct manifests_images {
	const char *registry, *tag; /* NULL: as written */
};

/*
 * The objects of an overlay, in the order in which they are applied; a list that the caller frees. Images of ours are
 * named as asked for. -ENOENT for an overlay that there is not.
 */
int manifests_operator(const char *overlay, const struct manifests_images *images, cJSON **ret, struct err *e);
/* The same for an instance, which names no image unless it is asked for others than those written. */
int manifests_instance(const char *overlay, cJSON **ret, struct err *e);

/* The reference of one image of ours, renamed; others come back as they are. malloc'ed. */
char *manifests_image(const char *reference, const struct manifests_images *images);

#endif
