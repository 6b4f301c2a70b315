/* What the checks of a cluster share, and those that stand in a file of their own. */
#ifndef CTL_PRECHECK_INTERNAL_H
#define CTL_PRECHECK_INTERNAL_H

#include "base/buf.h"
#include "ctl/install/precheck.h"

#define PRECHECK_NAMES_SHOWN 6 /* in one sentence */

enum level { LEVEL_OK, LEVEL_WARNING, LEVEL_FAILED };

struct checking {
	struct ctl *c;
	const char *name; /* of the check under way */
	bool only_bad;
	int failed;
};

/* What the check under way found: one row of the report. */
void precheck_say(struct checking *k, enum level level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Names in a sentence: the first ones, and how many more. Zeroed = none. */
struct precheck_names {
	struct buf text;
	size_t n;
};

/* Adds one; ns may be NULL. */
void precheck_names_add(struct precheck_names *n, const char *ns, const char *name);
/* The names, once all were added; lives as long as n. */
const char *precheck_names_str(struct precheck_names *n);
/* Frees the text. */
void precheck_names_done(struct precheck_names *n);

/* All objects of a kind, for cJSON_Delete; NULL where the kind is not served, or after saying why it could not be read.
 */
cJSON *precheck_list(struct checking *k, const struct api_kind *kind);
/* An object's labels, or NULL. */
const cJSON *precheck_labels(const cJSON *o);

/* One check each: other meshes' operators and control planes, their webhooks, Routes, members that forbid sidecars,
 * whether Services get addresses, applications that listen where sidecars do. */
void precheck_meshes(struct checking *k);
void precheck_webhooks(struct checking *k);
void precheck_routes(struct checking *k);
void precheck_pod_security(struct checking *k);
void precheck_load_balancer(struct checking *k);
void precheck_ports(struct checking *k);

#endif
