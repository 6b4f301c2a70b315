/* The options of requests (metav1.CreateOptions, ListOptions ...) as they stand in the query, checked in Kubernetes'
 * words. */
#include "lab/rest/rest_internal.h"

static void unsupported(struct problems *p, const char *field, const char *value, const char *supported)
{
	problem_add(p, field, "FieldValueNotSupported", "Unsupported value: %s: supported values: %s", value,
		    supported);
}

static const char *quoted(struct problems *p, const char *value)
{
	return arena_printf(p->arena, "\"%s\"", value);
}

static bool is_one_of(const char *value, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(value, *list) == 0)
			return true;
	return false;
}

static void check_dry_run(const char *value, struct problems *p)
{
	if (value && *value && strcmp(value, "All") != 0)
		unsupported(p, "dryRun", arena_printf(p->arena, "[\"%s\"]", value), "\"All\"");
}

static cJSON *result(const char *kind, const struct problems *p)
{
	return p->n ? status_invalid("meta.k8s.io", kind, "", p) : NULL;
}

cJSON *options_check_write(struct web_request *r, enum verb verb)
{
	static const char *const kinds[] = {
		[VERB_CREATE] = "CreateOptions", [VERB_UPDATE] = "UpdateOptions", [VERB_PATCH] = "PatchOptions"};
	static const char *const validations[] = {"", "Ignore", "Strict", "Warn", NULL};
	struct problems p = {.arena = web_arena(r)};
	const char *validation = rest_query(r, "fieldValidation");

	check_dry_run(rest_query(r, "dryRun"), &p);
	if (validation && !is_one_of(validation, validations))
		unsupported(&p, "fieldValidation", quoted(&p, validation), "\"\", \"Ignore\", \"Strict\", \"Warn\"");
	return result(kinds[verb], &p);
}

cJSON *options_check_delete(struct web_request *r, const char *propagation)
{
	static const char *const policies[] = {"Foreground", "Background", "Orphan", NULL};
	struct problems p = {.arena = web_arena(r)};

	check_dry_run(rest_query(r, "dryRun"), &p);
	if (propagation && !is_one_of(propagation, policies))
		unsupported(&p, "propagationPolicy", quoted(&p, propagation),
			    "\"Foreground\", \"Background\", \"Orphan\", \"nil\"");
	return result("DeleteOptions", &p);
}

static void forbidden(struct problems *p, const char *field, const char *why)
{
	problem_add(p, field, "FieldValueForbidden", "Forbidden: %s", why);
}

static void check_watch_match(struct problems *p, bool initial, const char *match)
{
	if (!initial && match)
		forbidden(p, "resourceVersionMatch",
			  "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
	if (initial && (!match || strcmp(match, "NotOlderThan") != 0))
		forbidden(p, "resourceVersionMatch",
			  "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
}

static void check_list_match(struct problems *p, const char *match, const char *version, const char *next)
{
	static const char *const matches[] = {"Exact", "NotOlderThan", NULL};

	if (!version)
		forbidden(p, "resourceVersionMatch",
			  "resourceVersionMatch is forbidden unless resourceVersion is provided");
	if (next)
		forbidden(p, "resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
	if (!is_one_of(match, matches))
		unsupported(p, "resourceVersionMatch", quoted(p, match), "\"Exact\", \"NotOlderThan\", \"\"");
	else if (strcmp(match, "Exact") == 0 && version && strcmp(version, "0") == 0)
		forbidden(p, "resourceVersionMatch",
			  "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
}

static const char *text_or_null(struct web_request *r, const char *name)
{
	const char *v = rest_query(r, name);

	return v && *v ? v : NULL;
}

cJSON *options_check_list(struct web_request *r, bool watch)
{
	struct problems p = {.arena = web_arena(r)};
	const char *match = text_or_null(r, "resourceVersionMatch"), *initial = text_or_null(r, "sendInitialEvents");

	if (watch)
		check_watch_match(&p, initial != NULL, match);
	else if (match)
		check_list_match(&p, match, text_or_null(r, "resourceVersion"), text_or_null(r, "continue"));
	if (!watch && initial)
		forbidden(&p, "sendInitialEvents", "sendInitialEvents is forbidden for list");
	return result("ListOptions", &p);
}
