/* Inside the node: the container that a request names. */
#ifndef LAB_NODE_LOOKUP_INTERNAL_H
#define LAB_NODE_LOOKUP_INTERNAL_H

#include "lab/node/node_internal.h"

/* container may be NULL: the default one. -ENOENT (no pod), -EINVAL (no such container, or which one?). */
int node_find_container(struct node *n, const char *ns, const char *pod, const char *container,
			struct pod_container **ret, struct err *e);

#endif
