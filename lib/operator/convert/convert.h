/*
 * A ServiceMeshControlPlane of maistra.io/v1, whose spec is values of Helm charts, as one of maistra.io/v2, and back.
 * Pure.
 *
 * Nothing is lost on the way. What v2 has no place for stays in spec.techPreview under its path of v1, as in Maistra.
 * All else in which an object would come back different (v1 says many things twice, v2 some that v1 can't) is noted in
 * an annotation of the converted object, each as "this was derived, that was said": what was said counts as long as the
 * derived value is the same, so a change made in either version wins over the note.
 */
#ifndef OPERATOR_CONVERT_H
#define OPERATOR_CONVERT_H

#include <cjson/cJSON.h>

#include "base/err.h"

#define CONVERT_V1 "maistra.io/v1"
#define CONVERT_V2 "maistra.io/v2"

/* On objects of v2: what they said in v1. On objects of v1: what they said in v2. */
#define CONVERT_NOTE_OF_V1 "maistra.io/said-in-v1"
#define CONVERT_NOTE_OF_V2 "maistra.io/said-in-v2"
#define CONVERT_NOTE_MAX_BYTES (96u << 10) /* all annotations of an object may have 256 KiB */

/* In spec.techPreview: a v1 spec that v2 could not hold by its types, whole, and why. As in Maistra. */
#define CONVERT_ERRORED "errored"

/*
 * The object in that apiVersion; of its metadata only annotations differ. The caller frees *ret. Errors: -EINVAL (no
 * ServiceMeshControlPlane, no known version), -EMSGSIZE (the note would be larger than CONVERT_NOTE_MAX_BYTES).
 */
int convert_smcp(const cJSON *object, const char *api_version, cJSON **ret, struct err *e);

/* The spec alone, without notes: what follows from the other version's. The caller frees it. */
cJSON *convert_spec_to_v2(const cJSON *v1_spec) __attribute__((returns_nonnull));
cJSON *convert_spec_to_v1(const cJSON *v2_spec) __attribute__((returns_nonnull));

#endif
