/*
 * The OpenAPI documents that kubectl asks for: version 2 as JSON and as protobuf (gnostic's openapi.v2.Document, the
 * only form its client reads), version 3 per group and version. kubectl takes from them: explain, client-side
 * validation, patch merge keys, and whether a resource supports fieldValidation and dryRun. Pure.
 */
#ifndef LAB_VIEW_OPENAPI_H
#define LAB_VIEW_OPENAPI_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/buf.h"

#define OPENAPI_V2_PROTO "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"

/* A served version of a resource. Everything borrowed. */
struct openapi_kind {
	const char *group, *version, *kind, *plural;
	bool namespaced;
	const cJSON *schema; /* structural schema (OpenAPI v3) of the whole object */
};

/* A new version 2 document. */
cJSON *openapi_v2(const struct openapi_kind *kinds, size_t n);

/* Appends the protobuf form of a version 2 document made by openapi_v2. */
void openapi_v2_proto(const cJSON *document, struct buf *out);

/* A new index of the version 3 documents: "apis/apps/v1" -> serverRelativeURL with a hash of what it holds. */
cJSON *openapi_v3_index(const struct openapi_kind *kinds, size_t n);

/* A new version 3 document of one group and version, or NULL when no kind is in it. */
cJSON *openapi_v3(const struct openapi_kind *kinds, size_t n, const char *group, const char *version);

#endif
