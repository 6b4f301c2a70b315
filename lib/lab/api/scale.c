/* The scale subresource: a view of an object's replicas as autoscaling/v1 Scale. */
#include <stdio.h>

#include "base/cleanup.h"
#include "lab/api/op.h"

/* ".spec.replicas" without the dot. */
static const char *bare(const char *path)
{
	return path && *path == '.' ? path + 1 : path ? path : "";
}

static void print_selector(const cJSON *selector, struct buf *out)
{
	const cJSON *labels = json_get(selector, "matchLabels");

	JSON_EACH(l, labels ? labels : selector)
	if (cJSON_IsString(l))
		buf_printf(out, "%s%s=%s", out->len ? "," : "", l->string, l->valuestring);
}

cJSON *scale_of(const struct resource *r, size_t version, const cJSON *obj)
{
	static const char *const meta_fields[] = {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"};
	const struct resource_version *v = &r->versions[version];
	CLEANUP(buf_done) struct buf selector = BUF_INIT;
	cJSON *s = cJSON_CreateObject(), *meta, *status;

	json_set_str(s, "kind", "Scale");
	json_set_str(s, "apiVersion", "autoscaling/v1");
	meta = json_object(s, "metadata");
	for (size_t i = 0; i < ARRAY_LEN(meta_fields); i++)
		json_copy_member(meta, json_get(obj, "metadata"), meta_fields[i]);
	int64_t replicas = json_int(obj, bare(v->scale_spec), 0);

	json_object(s, "spec");
	if (replicas)
		json_set_int(json_object(s, "spec"), "replicas", replicas);
	status = json_object(s, "status");
	json_set_int(status, "replicas", json_int(obj, bare(v->scale_status), 0));
	if (!r->custom)
		print_selector(json_at(obj, "spec.selector"), &selector);
	else if (v->scale_selector && json_str(obj, bare(v->scale_selector)))
		buf_append_str(&selector, json_str(obj, bare(v->scale_selector)));
	if (selector.len)
		json_set_str(status, "selector", buf_str(&selector));
	return s;
}

static cJSON *negative(int64_t replicas, const char *name)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct problems p = {.arena = &a};

	problem_invalid(&p, "spec.replicas", arena_printf(&a, "%lld", (long long)replicas),
			"must be greater than or equal to 0");
	return status_invalid("autoscaling", "Scale", name ? name : "", &p);
}

cJSON *scale_apply(const struct resource *r, size_t version, cJSON *obj, const cJSON *scale)
{
	struct slice rest = slice_str(bare(r->versions[version].scale_spec));
	int64_t replicas = json_int(scale, "spec.replicas", 0);
	const char *rv = json_str(scale, "metadata.resourceVersion");
	char key[128];
	cJSON *at = obj;

	if (replicas < 0)
		return negative(replicas, json_str(obj, "metadata.name"));
	for (;;) {
		struct slice part = slice_split(&rest, '.');

		snprintf(key, sizeof(key), "%.*s", SLICE_ARG(part));
		if (!rest.len)
			break;
		at = json_object(at, key);
	}
	json_set_int(at, key, replicas);
	if (rv)
		json_set_str(json_object(obj, "metadata"), "resourceVersion", rv);
	return NULL;
}
