/* What the executor and the tests need of plans. */
#ifndef KUBE_PLAN_INTERNAL_H
#define KUBE_PLAN_INTERNAL_H

#include "kube/plan.h"

/* The merge patch that makes `want` of `have`, members that are only in `have` removed; NULL when they are equal. */
cJSON *plan_merge_diff(const cJSON *have, const cJSON *want);

/* Whether a merge patch would change `have` (NULL = an empty object). */
bool plan_merge_changes(const cJSON *have, const cJSON *patch);

#endif
