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
	const cJSON *labels = jx_get(selector, "matchLabels");

	JX_EACH(l, labels ? labels : selector)
	if (cJSON_IsString(l))
		buf_printf(out, "%s%s=%s", out->len ? "," : "", l->string, l->valuestring);
}

cJSON *scale_of(const struct resource *r, size_t version, const cJSON *obj)
{
	static const char *const meta_fields[] = {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"};
	const struct resource_version *v = &r->versions[version];
	CLEANUP(buf_done) struct buf selector = BUF_INIT;
	cJSON *s = cJSON_CreateObject(), *meta, *status;

	jx_set_str(s, "kind", "Scale");
	jx_set_str(s, "apiVersion", "autoscaling/v1");
	meta = jx_object(s, "metadata");
	for (size_t i = 0; i < ARRAY_LEN(meta_fields); i++)
		jx_copy_member(meta, jx_get(obj, "metadata"), meta_fields[i]);
	const cJSON *want = jx_path(obj, bare(v->scale_spec));

	jx_object(s, "spec");
	if (want)
		jx_set_int(jx_object(s, "spec"), "replicas", jx_int(obj, bare(v->scale_spec), 0));
	status = jx_object(s, "status");
	jx_set_int(status, "replicas", jx_int(obj, bare(v->scale_status), 0));
	if (!r->custom)
		print_selector(jx_path(obj, "spec.selector"), &selector);
	else if (v->scale_selector && jx_str(obj, bare(v->scale_selector)))
		buf_append_str(&selector, jx_str(obj, bare(v->scale_selector)));
	if (selector.len)
		jx_set_str(status, "selector", buf_str(&selector));
	return s;
}

cJSON *scale_apply(const struct resource *r, size_t version, cJSON *obj, const cJSON *scale)
{
	struct slice rest = slice_str(bare(r->versions[version].scale_spec));
	int64_t replicas = jx_int(scale, "spec.replicas", 0);
	const char *rv = jx_str(scale, "metadata.resourceVersion");
	char key[128];
	cJSON *at = obj;

	if (replicas < 0)
		return status_bad_request("spec.replicas: Invalid value: %lld: must be greater than or equal to 0",
					  (long long)replicas);
	for (;;) {
		struct slice part = slice_split(&rest, '.');

		snprintf(key, sizeof(key), "%.*s", SLICE_ARG(part));
		if (!rest.len)
			break;
		at = jx_object(at, key);
	}
	jx_set_int(at, key, replicas);
	if (rv)
		jx_set_str(jx_object(obj, "metadata"), "resourceVersion", rv);
	return NULL;
}
