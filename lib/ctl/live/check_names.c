/* Sentences about objects. */
#include <string.h>

#include "base/cleanup.h"
#include "ctl/live/check.h"
#include "msg/json.h"

#define NAMES_SHOWN 5

void check_add_name(struct check_names *n, const cJSON *o, const char *more)
{
	const char *ns = json_str(o, "metadata.namespace");

	if (n->n++ < NAMES_SHOWN)
		buf_printf(&n->text, "%s%s%s%s%s%s", n->n > 1 ? ", " : "", ns ? ns : "", ns ? "/" : "",
			   json_str_or_empty(o, "metadata.name"), *more ? ": " : "", more);
}

enum check_level check_conclude(struct check_names *n, enum check_level bad, struct buf *out, const char *what,
				const char *advice, size_t all, const char *fine)
{
	const enum check_level level = n->n ? bad : CHECK_OK;

	if (n->n) {
		buf_printf(out, "%s: %s", what, buf_str(&n->text));
		if (n->n > NAMES_SHOWN)
			buf_printf(out, " and %zu more", n->n - NAMES_SHOWN);
		buf_printf(out, ". %s", advice);
	} else {
		buf_printf(out, "%zu %s", all, fine);
	}
	buf_done(&n->text);
	return level;
}

const cJSON *check_proxy_of(const cJSON *pod)
{
	static const char *const lists[] = {"spec.containers", "spec.initContainers"};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		JSON_EACH(c, json_at(pod, lists[i]))
	if (!strcmp(json_str_or_empty(c, "name"), "istio-proxy"))
		return c;
	return NULL;
}

bool check_is_over(const cJSON *pod)
{
	const char *phase = json_str_or_empty(pod, "status.phase");

	return !strcmp(phase, "Succeeded") || !strcmp(phase, "Failed") || json_str(pod, "metadata.deletionTimestamp");
}

bool check_is(const cJSON *o, const char *condition)
{
	JSON_EACH(c, json_at(o, "status.conditions"))
	if (!strcmp(json_str_or_empty(c, "type"), condition))
		return !strcmp(json_str_or_empty(c, "status"), "True");
	return false;
}

const cJSON *check_named(const cJSON *list, const char *path, const char *value)
{
	JSON_EACH(o, list)
	if (value && !strcmp(json_str_or_empty(o, path), value))
		return o;
	return NULL;
}
