/*
 * Templates by name. "sidecar" and "gateway" are built in; the injector's ConfigMap may add others, as YAML that is
 * laid over the pod, and say which ones a pod gets that asks for none (defaultTemplates) and which names stand for
 * several (aliases).
 */
#include <stdio.h>

#include "inject/internal.h"
#include "msg/yaml.h"

static const struct {
	const char *name;
	cJSON *(*make)(struct injection *x);
} built_in[] = {
	{"gateway", inject_gateway_template},
	{"sidecar", inject_sidecar_template},
};

static const cJSON *custom(const struct injection *x, const char *name)
{
	const cJSON *t = json_get(json_at(x->config, "templates"), name);

	return cJSON_IsString(t) ? t : NULL;
}

static bool exists(const struct injection *x, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(built_in); i++)
		if (strcmp(built_in[i].name, name) == 0)
			return true;
	return custom(x, name) != NULL;
}

static int refuse(const struct injection *x, const char *name, struct err *e)
{
	CLEANUP(buf_done) struct buf have = BUF_INIT;
	const cJSON *t;

	for (size_t i = 0; i < ARRAY_LEN(built_in); i++)
		buf_printf(&have, "%s%s", have.len ? " " : "", built_in[i].name);
	cJSON_ArrayForEach(t, json_at(x->config, "templates")) buf_printf(&have, " %s", t->string);
	return err_set(e, -EINVAL, "requested template \"%s\" not found; have [%s]", name, buf_str(&have));
}

struct names {
	const char **v;
	size_t n;
};

static int add(const struct injection *x, struct names *names, const char *name, int depth, struct err *e)
{
	const cJSON *alias = json_get(json_at(x->config, "aliases"), name), *one;
	int r = 0;

	if (alias && depth < TEMPLATE_ALIASES_DEPTH_MAX) {
		cJSON_ArrayForEach(one, alias)
		{
			if (r == 0 && cJSON_IsString(one))
				r = add(x, names, one->valuestring, depth + 1, e);
		}
		return r;
	}
	if (!exists(x, name))
		return refuse(x, name, e);
	if (names->n == TEMPLATES_MAX)
		return err_set(e, -EINVAL, "more than %d templates", TEMPLATES_MAX);
	names->v[names->n++] = name;
	return 0;
}

int inject_templates(struct injection *x, const char **v, size_t *n, struct err *e)
{
	const char *asked = inject_annotation(x, TEMPLATES_ANNOTATION);
	const cJSON *dflt = json_at(x->config, "defaultTemplates"), *one;
	struct names names = {.v = v};
	int r = 0;

	if (asked) {
		struct slice rest = slice_str(asked);

		while (rest.len && r == 0)
			r = add(x, &names, arena_slicedup(x->a, slice_trim(slice_split(&rest, ','))), 0, e);
	} else if (cJSON_GetArraySize(dflt)) {
		cJSON_ArrayForEach(one, dflt)
		{
			if (r == 0 && cJSON_IsString(one))
				r = add(x, &names, one->valuestring, 0, e);
		}
	} else {
		r = add(x, &names, "sidecar", 0, e);
	}
	*n = names.n;
	return r;
}

/* A template of the ConfigMap is the YAML of a part of a pod, with values to be filled in. */
static cJSON *parse(struct injection *x, const char *name, const char *template, struct err *e)
{
	CLEANUP(json_freep) cJSON *json = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct err why = ERR_INIT;
	int r = inject_fill_in(x, template, &text, &why);

	if (r == 0)
		r = yaml_parse(buf_slice(&text), &json, &why);
	if (r == -ENODATA)
		return cJSON_CreateObject();
	if (r < 0 || !cJSON_IsObject(json)) {
		err_set(e, -EINVAL, "injection template \"%s\": %s", name, r < 0 ? why.msg : "it is no part of a pod");
		return NULL;
	}
	return take(json);
}

cJSON *inject_template(struct injection *x, const char *name, struct err *e)
{
	const cJSON *own = custom(x, name);

	if (own)
		return parse(x, name, own->valuestring, e);
	for (size_t i = 0; i < ARRAY_LEN(built_in); i++) {
		CLEANUP(json_freep) cJSON *t = NULL;

		if (strcmp(built_in[i].name, name) != 0)
			continue;
		t = built_in[i].make(x);
		return inject_add_user_volumes(x, t, e) < 0 ? NULL : take(t);
	}
	refuse(x, name, e);
	return NULL;
}
