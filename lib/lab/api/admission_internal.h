/* What admission.c (asking webhooks) and admission_match.c (which ones) share. */
#ifndef LAB_API_ADMISSION_INTERNAL_H
#define LAB_API_ADMISSION_INTERNAL_H

#include "lab/api/op.h"

#define HOOK_GROUP "admissionregistration.k8s.io"

/* Webhooks are not asked about themselves, nor about reviews. */
bool admission_exempt(const struct op *op);

/* "CREATE", "UPDATE" or "DELETE". */
const char *admission_operation(const struct op *op);

/* Whether the op, as it is now, concerns this webhook of a configuration. */
bool admission_hook_matches(const cJSON *hook, struct op *op);

#endif
