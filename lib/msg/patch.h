/* Patches of JSON trees: JSON patch (RFC 6902) and JSON merge patch (RFC 7386). Pure. */
#ifndef MSG_PATCH_H
#define MSG_PATCH_H

#include <cjson/cJSON.h>

#include "base/err.h"

#define PATCH_OPS_MAX 10000

/* Applies the operations to *doc in place (the root may be replaced). -EINVAL: malformed; -ENOENT: a path that is not
 * there or a failed test. On error *doc is left half changed. */
int patch_json(cJSON **doc, const cJSON *ops, struct err *e);

/* Merges patch into target (taken); returns the result. */
cJSON *patch_merge(cJSON *target, const cJSON *patch);

#endif
