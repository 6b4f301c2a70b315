/* What the commands that install share. Internal to this folder. */
#ifndef CTL_INSTALL_INTERNAL_H
#define CTL_INSTALL_INTERNAL_H

#include <cjson/cJSON.h>

#include "ctl/core/core.h"

/* Whether it is so; asked again until it is. */
typedef bool install_ready_fn(const cJSON *o);

/* Ends the report: a step did not come about. CTL_FAILED. */
enum ctl_status install_failed(struct ctl *c, const char *step, const struct err *e);
/* Applies one object, or says so (--dry-run). 0 or a negative code with the reason. */
int install_apply(struct ctl *c, const cJSON *o, struct err *e);
/* The same, again and again while the step's time lasts: the operator's webhook is not there at once. */
int install_apply_in_time(struct ctl *c, const cJSON *o, struct err *e);
/* Reads the object until ready says so. 0, or a negative code with the reason. */
int install_wait(struct ctl *c, const cJSON *what, install_ready_fn *ready, struct err *e);
/* Whether a condition of the object is True. */
bool install_condition_holds(const cJSON *o, const char *type);
/* Of a ServiceMeshControlPlane: Ready, as it is now. */
bool install_is_ready(const cJSON *o);

/* revision.c: a second control plane beside one that is there (upgrade --revision). */
enum ctl_status install_revision(struct ctl *c);

#endif
