/* The patches of the API: those of msg/patch.h, and the strategic merge patch. Pure. */
#ifndef LAB_OBJECT_PATCH_H
#define LAB_OBJECT_PATCH_H

#include <cjson/cJSON.h>

#include "base/err.h"
#include "lab/object/schema.h"
#include "msg/patch.h"

/* Merges by the schema's patch keys and the patch's $-directives; target is taken. NULL with e set on a bad patch
 * (-EINVAL). */
cJSON *patch_strategic(const struct schema *s, cJSON *target, const cJSON *patch, struct err *e);

#endif
