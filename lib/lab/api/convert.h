/*
 * Objects in another version of their resource, where its definition names a webhook for that (apiextensions.k8s.io/v1
 * ConversionReview). Without one, versions differ in their apiVersion alone. On the lab's loop.
 */
#ifndef LAB_API_CONVERT_H
#define LAB_API_CONVERT_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

struct lab_api;
struct resource;
struct convert;

/* Whether a webhook must be asked. */
bool convert_needed(const struct resource *r, size_t from, size_t to);

/*
 * The answer: as many objects as were asked for, in their order, or NULL and a failure that says why. Both are
 * borrowed; members of the list may be detached.
 */
typedef void (*convert_done_fn)(void *arg, cJSON *objects, const cJSON *failure);

/*
 * Asks the webhook of the resource's definition for these objects (copied; at least one) in a version. Of what comes
 * back labels, annotations and all outside of the metadata count; it is pruned and gets its defaults. done is called
 * once, never inside this; what this returns is gone then.
 */
struct convert *convert_start(struct lab_api *api, struct resource *r, size_t to, const cJSON *const *objects, size_t n,
			      convert_done_fn done, void *arg);

/* done is not called. NULL is fine. */
void convert_cancel(struct convert *c);

#endif
