/* What the judges of single kinds say it through. */
#ifndef CTL_JUDGE_INTERNAL_H
#define CTL_JUDGE_INTERNAL_H

#include "ctl/install/precheck.h"

struct judging {
	judge_fn *fn;
	void *arg;
	enum verdict worst;
};

/* Says one thing; path and the text live during the call. */
void judge_say(struct judging *j, enum verdict v, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* One kind each; pure. */
void judge_known(struct judging *j, const cJSON *o);
void judge_installation(struct judging *j, const cJSON *o);
/* A mesh configuration at this path ("spec.meshConfig", "data.mesh"). */
void judge_mesh_config(struct judging *j, const cJSON *config, const char *prefix);

#endif
