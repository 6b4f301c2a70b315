/* What admission.c (asking webhooks) and admission_match.c (which ones) share. */
#ifndef LAB_API_ADMISSION_INTERNAL_H
#define LAB_API_ADMISSION_INTERNAL_H

#include "lab/api/op.h"

#define HOOK_GROUP "admissionregistration.k8s.io"

/* Webhooks are not asked about themselves, nor about reviews. */
bool admission_exempt(const struct op *op);

/* "CREATE", "UPDATE" or "DELETE". */
const char *admission_operation(const struct op *op);

/* Whether a rule of the webhook names this version. */
bool admission_hook_names(const cJSON *hook, const char *version);

/* Whether it can be shown the object as it is at hand: it names that version, or versions differ in name alone. */
bool admission_hook_reads(const cJSON *hook, const struct op *op);

/* Whether the op, as it is now, concerns this webhook of a configuration. */
bool admission_hook_matches(const cJSON *hook, struct op *op);

#endif
