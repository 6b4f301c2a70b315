/* What the parts of a description share. */
#ifndef CTL_DESCRIBE_DESCRIBE_INTERNAL_H
#define CTL_DESCRIBE_DESCRIBE_INTERNAL_H

#include "ctl/core/report.h"
#include "ctl/mesh/view.h"

#define DESCRIBED_RULES_MAX 64 /* DestinationRules of one service */
#define DESCRIBED_NAMES_MAX 5  /* pods that are named in one sentence */

/* One pod: the one that is described, or one behind the service. */
struct described_pod {
	const struct api_object *o; /* of the store */
	struct proxy proxy;
	bool proxied;    /* proxy is set */
	const char *why; /* it has none */
};

struct describing {
	struct ctl *c;
	struct mesh *m;
	struct arena a;
	bool service; /* a service is described, not a pod */
	VEC(struct described_pod) pods;
	VEC(const struct service *) services;
	struct map told;   /* "kind/ns/name" of objects that were named -> themselves */
	struct map warned; /* sentences: each is told once */
	size_t warnings;
};

/* --- describe.c --- */

/* One row; the place is the object's field, o NULL: none. */
void describe_say(struct describing *d, const char *what, const struct api_object *o, const char *path, const char *fmt,
		  ...) __attribute__((format(printf, 5, 6)));
/* The same for what is likely wrong. */
void describe_warn(struct describing *d, const struct api_object *o, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* --- services.c --- */

/* Services with their ports, and the DestinationRules of each with their subsets. */
void describe_services(struct describing *d);
/* Whether the subset of that name, in the service's DestinationRules, has one of the pods. False for one that there is
 * not, too; *ret_known says so. */
bool describe_subset_has_pods(struct describing *d, const struct service *s, const char *subset, bool *ret_known);

/* --- routes.c --- */

/* VirtualServices whose routes lead to the services, or away from their hosts, and where gateways show them. */
void describe_routes(struct describing *d);

/* --- policies.c --- */

/* Mutual TLS, policies, tokens and whatever else shaped what the proxies have. */
void describe_policies(struct describing *d);

#endif
