/* The three patches of the API: JSON patch (RFC 6902), JSON merge patch (RFC 7386), strategic merge patch. Pure. */
#ifndef LAB_OBJECT_PATCH_H
#define LAB_OBJECT_PATCH_H

#include <cjson/cJSON.h>

#include "base/err.h"
#include "lab/object/schema.h"

#define PATCH_OPS_MAX 10000

/* Applies the operations to *doc in place (the root may be replaced). -EINVAL: malformed; -ENOENT: a path that is not
 * there or a failed test. On error *doc is left half changed. */
int patch_json(cJSON **doc, const cJSON *ops, struct err *e);

/* Merges patch into target (taken); returns the result. */
cJSON *patch_merge(cJSON *target, const cJSON *patch);

/* Merges by the schema's patch keys and the patch's $-directives; target is taken. NULL with e set on a bad patch
 * (-EINVAL). */
cJSON *patch_strategic(const struct schema *s, cJSON *target, const cJSON *patch, struct err *e);

#endif
