/* What goes into the archive. */
#ifndef CTL_BUNDLE_COLLECT_H
#define CTL_BUNDLE_COLLECT_H

#include "base/map.h"
#include "ctl/bundle/archive.h"
#include "ctl/core/core.h"

struct collecting {
	struct ctl *c;
	struct bundle *b;
	struct arena a;
	cJSON *pods;           /* of all namespaces; NULL: they may not be read */
	struct map namespaces; /* of the mesh: where control planes, operators and proxies are */
};

/* Objects of the mesh, and events. Never Secrets. */
void collect_objects(struct collecting *k);
/* What weftd, gateways and the chosen pods' proxies say of themselves, and their logs. */
void collect_pods(struct collecting *k);

/* Finds pods and namespaces; before the others. */
void collect_begin(struct collecting *k);

#endif
