/*
 * EnvoyFilters that are carried out: rate limits, in the two shapes that Istio's users write.
 *
 *   local    HTTP_FILTER INSERT_BEFORE envoy.filters.http.local_ratelimit
 *   global   HTTP_FILTER INSERT_BEFORE envoy.filters.http.ratelimit, and CLUSTER ADD of the service that it asks
 *   both     VIRTUAL_HOST or HTTP_ROUTE MERGE of rate_limits and of typed_per_filter_config of these filters
 *
 * What else an EnvoyFilter says is told by its field. Pure; admission, status and the generators ask the same function.
 */
#ifndef MESH_RATE_PATCH_H
#define MESH_RATE_PATCH_H

#include "api/networking/sidecar.h"

#define RATE_FILTER_LOCAL "envoy.filters.http.local_ratelimit"
#define RATE_FILTER_GLOBAL "envoy.filters.http.ratelimit"

enum rate_patch_kind {
	RATE_PATCH_NONE, /* not carried out */
	RATE_PATCH_FILTER,
	RATE_PATCH_VIRTUAL_HOST,
	RATE_PATCH_ROUTE,
	RATE_PATCH_CLUSTER,
};

/* Told of a field below the patch ("patch.value.name") for which the patch is not carried out; fields that never are
 * carried out are told of by their rows. */
typedef void rate_patch_fn(void *arg, const char *field, const char *text);

/*
 * What the patch of that number in the spec is. on_problem (may be NULL) is told why it is none; field and text live
 * during the call.
 */
enum rate_patch_kind rate_patch_of(const struct istio_envoy_filter_spec *spec, size_t number, rate_patch_fn *on_problem,
				   void *arg);

/* A configuration by its type: an Any as JSON, or one that holds a TypedStruct. */
struct rate_config {
	const char *type;    /* "envoy.extensions.filters.http.ratelimit.v3.RateLimit"; NULL = it is none */
	const cJSON *fields; /* its fields, perhaps with "@type" beside them */
};
struct rate_config rate_config_of(const cJSON *any);

/* A member by its name in either form, snake_case given; NULL = there is none. */
const cJSON *rate_member(const cJSON *o, const char *snake);

/* The cluster that the patch's filter asks; NULL when it asks none. Borrowed. */
const char *rate_patch_service(const struct istio_envoy_filter_envoy_config_object_patch *p);

#endif
