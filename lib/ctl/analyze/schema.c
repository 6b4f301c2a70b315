/* What admission says: errors refuse, warnings do not. */
#include <string.h>

#include "ctl/analyze/analyze_internal.h"
#include "validate/validate.h"

struct judging {
	struct analysis *x;
	const struct item *i;
};

static void on_error(void *arg, const char *path, const char *text)
{
	const struct judging *j = arg;

	analysis_say(j->x, IST0106, j->i, path, "%s%s%s", path, *path ? ": " : "", text);
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static void on_warning(void *arg, const char *path, const char *text)
{
	const struct judging *j = arg;
	const enum message_id id = begins(text, VALIDATE_UNUSED_RULE)    ? IST0130
				   : begins(text, VALIDATE_UNUSED_MATCH) ? IST0131
									 : IST0133;

	analysis_say(j->x, id, j->i, path, "%s%s%s", path, *path ? ": " : "", text);
}

static void on_unsupported(void *arg, const char *path, const char *text)
{
	const struct judging *j = arg;

	analysis_say(j->x, IST0133, j->i, path, "%s%s%s", path, *path ? ": " : "", text);
}

static void on_unknown(void *arg, const char *path)
{
	const struct judging *j = arg;

	analysis_say(j->x, IST0106, j->i, path, "%s: there is no such field", path);
}

static void judge(struct analysis *x, const struct item *i)
{
	struct judging j = {x, i};
	struct api_object *o = NULL;
	struct err e = ERR_INIT;

	if (!i->source)
		return;
	if (api_object_decode(i->json, on_unknown, &j, &o, &e) < 0) {
		analysis_say(x, IST0106, i, "", "%s", e.msg);
		return;
	}
	validate_object(o, on_error, on_warning, &j);
	validate_unsupported(o, on_unsupported, &j);
	api_object_unref(o);
}

void analyze_schema(struct analysis *x)
{
	for (size_t k = 0; k < api_kinds_count(); k++)
		if (api_kind_at(k)->flags & API_CUSTOM && strstr(api_kind_at(k)->group, "istio.io"))
			EACH_ITEM (i, x, api_kind_at(k)->kind)
				judge(x, i);
}
