/* What will not work, and why: of a cluster, and of the objects of an existing mesh. */
#ifndef CTL_PRECHECK_H
#define CTL_PRECHECK_H

#include "ctl/core/core.h"
#include "ctl/core/report.h"

/*
 * Runs all checks of the cluster and adds a row for each to the report (of ctl_report_steps()): "ok", "warning" or
 * "FAILED"; only_bad leaves those out that are neither. Returns how many failed.
 */
int precheck_cluster(struct ctl *c, bool only_bad);

/* What becomes of an object. */
enum verdict {
	VERDICT_CARRIED, /* all of it is carried out */
	VERDICT_DIFFERS, /* works, but not all of it, or not as there */
	VERDICT_REFUSED, /* is refused, or nothing of it is carried out */
	VERDICT_COUNT,
};

/* "carried out", "differs", "refused". */
const char *verdict_str(enum verdict v);

/* Called with each thing that is to be said of an object; path may be "". Both live during the call only. */
typedef void judge_fn(void *arg, enum verdict v, const char *path, const char *text);

/*
 * Judges one object of an existing mesh, as it stands in a file or comes from a cluster. Pure. Returns false for one
 * that has nothing to do with a mesh, and then says nothing; *ret is the worst that was said.
 */
bool judge_object(const cJSON *o, judge_fn *on_finding, void *arg, enum verdict *ret);

#endif
