/* What op.c (the walk of a write) and op_build.c (the object that it makes) share. */
#ifndef LAB_API_OP_INTERNAL_H
#define LAB_API_OP_INTERNAL_H

#include "lab/api/op.h"
#include "lab/object/fields.h"

static inline const struct resource_version *op_version(const struct op *op)
{
	return &op->res->versions[op->version];
}

/* metadata.KEY of an object, or NULL. */
static inline const char *op_meta_str(const cJSON *obj, const char *key)
{
	return json_str(json_get(obj, "metadata"), key);
}

/* Whether the op is on this subresource. */
bool op_is_sub(const struct op *op, const char *name);

/* Who writes, for the bookkeeping of fields; now is the caller's. */
struct manager op_manager_of(struct op *op, const char *now);

/* The new object before admission, in op->obj. NULL or a failure. */
cJSON *op_build(struct op *op);

/* Names, namespaces and kinds of body and path must agree; resourceVersion and uid must be those of the old object. */
cJSON *op_check_identity(struct op *op);
cJSON *op_check_preconditions(struct op *op);

/* Metadata that the server gives a new object, and that stays as it is in an old one. */
void op_meta_of_new(struct op *op);
void op_meta_of_old(struct op *op);

/* Status belongs to the status subresource, all else to the main one. */
void op_split_status(struct op *op);

/* Changes of the specification count. */
void op_count_generation(struct op *op);

#endif
