/* What the comparisons share. */
#ifndef CTL_DIFF_DIFF_INTERNAL_H
#define CTL_DIFF_DIFF_INTERNAL_H

#include "ctl/core/report.h"
#include "ctl/mesh/view.h"

/* One workload's proxy in both meshes. */
struct comparison {
	struct ctl *c;
	struct arena *a;  /* of the whole comparison: what is told lives in it */
	struct map *told; /* sentence -> struct diff_row *: equal ones of several proxies are one row */
	struct diff_row **last;
	const char *workload; /* "shop/cart" */
	struct mesh_view *old, *now;
	const char *const *callers; /* identities of the mesh's workloads, in both */
	size_t n_callers;
};

/* What is told, in the order in which it was found. */
struct diff_row {
	struct diff_row *next;
	const char *what; /* "sent", "goes", "denied", "allowed" */
	const char *text;
	const char *workloads; /* joined by ", " */
	const char *last;      /* the one that told it last */
	size_t n;
};

/* One difference of this workload. */
void diff_say(struct comparison *k, const char *what, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Resources that come, change and go. */
void diff_resources(struct comparison *k);
/* Requests that go elsewhere. */
void diff_routes(struct comparison *k);
/* Requests that are no longer let in, or newly. */
void diff_policies(struct comparison *k);

#endif
