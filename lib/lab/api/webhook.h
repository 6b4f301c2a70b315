/* Where a webhook is, as a WebhookClientConfig says it: of admission and of conversion. */
#ifndef LAB_API_WEBHOOK_H
#define LAB_API_WEBHOOK_H

#include <cjson/cJSON.h>

#include "base/arena.h"
#include "base/slice.h"

struct lab_api;

struct webhook_target {
	const char *url;
	const char *connect_to; /* as http_call_options has it; NULL: the URL says it */
	struct slice ca_pem;    /* empty: the system's authorities */
};

/* Strings live in the arena. NULL, or why it cannot be reached; url is set then, too, where it is known. */
const char *webhook_find(struct lab_api *api, const cJSON *client_config, int timeout_s, struct arena *a,
			 struct webhook_target *ret);

/* What every call of one sends; NULL-ended. */
extern const char *const webhook_headers[];

#endif
