/*
 * Admission of maistra.io's kinds: what is refused, what is filled in, and which rights the user must have for it.
 * Pure; the rights are checked by the caller (webhook.c).
 */
#ifndef OPERATOR_ADMISSION_H
#define OPERATOR_ADMISSION_H

#include "api/cluster/admission.h"
#include "base/buf.h"
#include "base/vec.h"
#include "kube/store.h"

#define ADMISSION_MESSAGE_MAX 1024
#define OPERATOR_SERVICE_ACCOUNT "istio-operator" /* in its namespace, as all ways of installing it have it */

/* A right that the user must have. Strings are in the arena. */
struct admission_right {
	const char *group, *resource, *verb;
	const char *ns; /* NULL = in all namespaces */
	const char *name;
};

struct admission_verdict {
	bool allowed;
	int code;                            /* HTTP status of a refusal */
	char message[ADMISSION_MESSAGE_MAX]; /* why; or, when rights are missing, how it begins */
	cJSON *patch;                        /* JSON patch of a mutation, NULL = nothing; owned */
	struct buf warnings;                 /* lines for the user */
	VEC(struct admission_right) rights;  /* all needed for the request to be allowed */
};

struct admission_input {
	const struct store *store;
	const char *operator_ns;
	const struct admission_request *request;
	struct arena *arena;
};

/* Frees the patch, the warnings and the rights; v is empty afterwards. */
void admission_verdict_done(struct admission_verdict *v);

/* What the validating webhooks say. */
void admission_validate(const struct admission_input *in, struct admission_verdict *ret);

/* What the mutating webhooks say: always allowed, perhaps with a patch. */
void admission_mutate(const struct admission_input *in, struct admission_verdict *ret);

#endif
