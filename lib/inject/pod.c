/*
 * From a pod to the JSON patch that puts the proxy into it, in four steps: undo an earlier injection, lay the templates
 * over the pod, lay the pod's own containers of the templates' names over these (what the user wrote counts), and put
 * everything in order.
 */
#include <stdio.h>
#include <stdlib.h>

#include "inject/internal.h"

void inject_warn(struct injection *x, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	cJSON_AddItemToArray(x->warnings, cJSON_CreateString(buf_str(&b)));
}

cJSON *inject_named(const cJSON *list, const char *name)
{
	cJSON *one;

	cJSON_ArrayForEach(one, list)
	{
		const char *n = json_str(one, "name");

		if (n && strcmp(n, name) == 0)
			return one;
	}
	return NULL;
}

static const char *const container_lists[] = {"containers", "initContainers"};

/* --- an earlier injection --- */

static void remove_named(cJSON *list, const cJSON *names)
{
	const cJSON *n;

	cJSON_ArrayForEach(n, names)
	{
		cJSON *one = cJSON_IsString(n) ? inject_named(list, n->valuestring) : NULL;

		if (one)
			cJSON_Delete(cJSON_DetachItemViaPointer(list, one));
	}
}

/* The probes that an earlier injection rewrote are known to the proxy that it added only. */
static void keep_probers(struct injection *x, const cJSON *spec)
{
	CLEANUP(json_freep) cJSON *probers = NULL;
	const char *text = NULL;

	for (size_t i = 0; i < ARRAY_LEN(container_lists) && !text; i++) {
		const cJSON *proxy = inject_named(json_get(spec, container_lists[i]), PROXY_CONTAINER);

		text = json_str(inject_named(json_at(proxy, "env"), "ISTIO_KUBE_APP_PROBERS"), "value");
	}
	if (text && json_parse(slice_str(text), JSON_OBJECT_MAX_BYTES, &probers, NULL) == 0 && cJSON_IsObject(probers))
		msg_merge_json(NULL, x->probers, probers);
}

static void undo(struct injection *x, cJSON *pod)
{
	static const char *const lists[] = {"containers", "initContainers", "volumes"};
	const char *status = inject_annotation(x, STATUS_ANNOTATION),
		   *kept = inject_annotation(x, OVERRIDES_ANNOTATION);
	CLEANUP(json_freep) cJSON *added = NULL;
	CLEANUP(json_freep) cJSON *own = NULL;
	cJSON *spec = json_object(pod, "spec");

	if (!status || json_parse(slice_str(status), JSON_OBJECT_MAX_BYTES, &added, NULL) < 0)
		return;
	keep_probers(x, spec);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		remove_named(json_get(spec, lists[i]), json_get(added, lists[i]));
	if (!kept || json_parse(slice_str(kept), JSON_OBJECT_MAX_BYTES, &own, NULL) < 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(container_lists); i++) {
		const cJSON *from = json_get(own, container_lists[i]), *one;

		cJSON_ArrayForEach(one, from)
			cJSON_AddItemToArray(json_array(spec, container_lists[i]), cJSON_Duplicate(one, true));
	}
}

/* --- the pod's own containers --- */

static void use_own(cJSON *pod, const cJSON *before, const char *list, cJSON *overrides)
{
	cJSON *now = json_get(json_at(pod, "spec"), list), *mine;
	const cJSON *c;

	cJSON_ArrayForEach(c, now)
	{
		const char *name = json_str(c, "name");
		const cJSON *own = name ? inject_named(json_get(json_at(before, "spec"), list), name) : NULL;

		if (!own)
			continue;
		mine = cJSON_Duplicate(own, true);
		if (json_str(mine, "image") && strcmp(json_str(mine, "image"), IMAGE_AUTO) == 0)
			cJSON_DeleteItemFromObjectCaseSensitive(mine, "image");
		cJSON_AddItemToArray(json_array(overrides, list), mine);
	}
}

/* Only containers that a template has too are merged; the others are the application's. */
static void lay_own_over(cJSON *pod, const cJSON *before, const cJSON *templates)
{
	CLEANUP(json_freep) cJSON *overrides = cJSON_CreateObject();
	CLEANUP(json_freep) cJSON *shared = cJSON_Duplicate(templates, true);

	for (size_t i = 0; i < ARRAY_LEN(container_lists); i++)
		use_own(shared, before, container_lists[i], overrides);
	if (!overrides->child)
		return;
	msg_merge_json(&core_pod_spec_desc, json_object(pod, "spec"), overrides);
	{
		CLEANUP(buf_done) struct buf text = BUF_INIT;
		cJSON *annotations = json_object(json_object(pod, "metadata"), "annotations");

		json_print(overrides, &text);
		cJSON_DeleteItemFromObjectCaseSensitive(annotations, OVERRIDES_ANNOTATION);
		cJSON_AddStringToObject(annotations, OVERRIDES_ANNOTATION, buf_str(&text));
	}
}

/* --- order --- */

static void move(cJSON *list, const char *name, bool first)
{
	cJSON *one = inject_named(list, name);

	if (!one)
		return;
	cJSON_DetachItemViaPointer(list, one);
	if (first)
		cJSON_InsertItemInArray(list, 0, one);
	else
		cJSON_AddItemToArray(list, one);
}

/* What starts after the redirection has no network until the proxy runs: the application's init containers come first,
 * unless the proxy is an init container itself. */
static void put_in_order(const struct injection *x, cJSON *pod)
{
	cJSON *init = json_at(pod, "spec.initContainers");

	move(json_at(pod, "spec.containers"), PROXY_CONTAINER, x->hold);
	if (inject_named(init, PROXY_CONTAINER)) {
		move(init, PROXY_CONTAINER, true);
		move(init, INIT_CONTAINER, true);
	} else {
		move(init, INIT_CONTAINER, false);
	}
	move(init, VALIDATION_CONTAINER, true); /* before anything takes the proxy's port, or wants the network */
}

/* --- what was done --- */

static void add_names(cJSON *to, const char *key, const cJSON *list)
{
	const cJSON *one;
	cJSON *out;

	if (!cJSON_GetArraySize(list)) {
		cJSON_AddNullToObject(to, key);
		return;
	}
	out = cJSON_AddArrayToObject(to, key);
	cJSON_ArrayForEach(one, list) cJSON_AddItemToArray(out, cJSON_CreateString(json_str(one, "name")));
}

/* {"initContainers":[...],"containers":[...],"volumes":[...],"imagePullSecrets":null,"revision":"..."} */
static void set_status(const struct injection *x, cJSON *pod, const cJSON *templates)
{
	static const char *const lists[] = {"initContainers", "containers", "volumes", "imagePullSecrets"};
	CLEANUP(json_freep) cJSON *o = cJSON_CreateObject();
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	cJSON *annotations = json_object(json_object(pod, "metadata"), "annotations");

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		add_names(o, lists[i], json_get(json_at(templates, "spec"), lists[i]));
	cJSON_AddStringToObject(o, "revision", x->i->cfg.revision);
	json_print(o, &b);
	cJSON_DeleteItemFromObjectCaseSensitive(annotations, STATUS_ANNOTATION);
	cJSON_AddStringToObject(annotations, STATUS_ANNOTATION, buf_str(&b));
}

static void add_configured_annotations(const struct injection *x, cJSON *pod)
{
	const cJSON *more = json_at(x->config, "injectedAnnotations"), *m;
	cJSON *to = json_object(json_object(pod, "metadata"), "annotations");

	cJSON_ArrayForEach(m, more)
	{
		if (!cJSON_IsString(m))
			continue;
		cJSON_DeleteItemFromObjectCaseSensitive(to, m->string);
		cJSON_AddStringToObject(to, m->string, m->valuestring);
	}
}

/* --- all of it --- */

struct chosen {
	const char *v[TEMPLATES_MAX];
	size_t n;
};

static bool is_chosen(const struct chosen *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->v[i], name) == 0)
			return true;
	return false;
}

static int lay_templates_over(struct injection *x, const struct chosen *c, cJSON *pod, cJSON *templates, struct err *e)
{
	for (size_t i = 0; i < c->n; i++) {
		CLEANUP(json_freep) cJSON *t = inject_template(x, c->v[i], e);

		if (!t)
			return -EINVAL;
		msg_merge_json(&core_pod_desc, pod, t);
		msg_merge_json(&core_pod_desc, templates, t);
	}
	return 0;
}

/* A native sidecar is an init container, wherever the pod's owner wrote its overrides. */
static void move_own_proxy(const struct injection *x, cJSON *pod)
{
	cJSON *spec = json_object(pod, "spec"), *own = inject_named(json_array(spec, "containers"), PROXY_CONTAINER);

	if (x->native && own)
		cJSON_AddItemToArray(json_array(spec, "initContainers"),
				     cJSON_DetachItemViaPointer(json_array(spec, "containers"), own));
}

static int make_pod(struct injection *x, cJSON *pod, struct err *e)
{
	CLEANUP(json_freep) cJSON *templates = cJSON_CreateObject();
	CLEANUP(json_freep) cJSON *before = NULL;
	struct chosen chosen = {0};
	int r = inject_templates(x, chosen.v, &chosen.n, e);

	if (r < 0)
		return r;
	if (is_chosen(&chosen, "gateway")) /* there is no application that its proxy could come before */
		x->native = x->hold = false;
	move_own_proxy(x, pod);
	inject_probes(x, pod);
	before = cJSON_Duplicate(pod, true);
	r = lay_templates_over(x, &chosen, pod, templates, e);
	if (r < 0)
		return r;
	lay_own_over(pod, before, templates);
	put_in_order(x, pod);
	add_configured_annotations(x, pod);
	set_status(x, pod, templates);
	return 0;
}

/* Nobody will fill in the image: the pod will hang, so the user hears of it now. */
static void warn_of_auto(struct injection *x)
{
	for (size_t i = 0; i < x->pod->spec->containers.n; i++) {
		const struct core_container *c = &x->pod->spec->containers.v[i];

		if (c->name && c->image && strcmp(c->image, IMAGE_AUTO) == 0)
			inject_warn(x,
				    "container '%s' has the image '" IMAGE_AUTO
				    "', but no proxy is injected into this pod; "
				    "label it sidecar.istio.io/inject=true",
				    c->name);
	}
}

static const struct core_pod *decode(struct arena *a, const cJSON *json, struct err *e)
{
	struct core_pod *pod = msg_new_from_json(&core_pod_desc, json, a, e);

	if (pod && !pod->spec) {
		err_set(e, -EINVAL, "the pod has no spec");
		return NULL;
	}
	if (pod && !pod->metadata)
		pod->metadata = ARENA_NEW(a, struct meta_object);
	return pod;
}

static int run(struct injection *x, const cJSON *json, cJSON **ret, struct err *e)
{
	CLEANUP(json_freep) cJSON *pod = NULL;
	int r = inject_read_settings(x, e);

	if (r < 0)
		return r;
	if (!inject_wanted(x)) {
		warn_of_auto(x);
		return 0;
	}
	r = inject_check_annotations(x, e);
	if (r == 0)
		r = inject_read_proxy_config(x, e);
	if (r < 0)
		return r;
	inject_warn_unknown_annotations(x);
	pod = cJSON_Duplicate(json, true);
	undo(x, pod);
	x->pod = decode(x->a, pod, e);
	r = x->pod ? make_pod(x, pod, e) : -EINVAL;
	if (r == 0)
		*ret = inject_diff(json, pod);
	return r;
}

int inject_pod(const struct inject *i, const cJSON *json, const char *ns, cJSON **ret, cJSON **ret_warnings,
	       struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(json_freep) cJSON *warnings = cJSON_CreateArray();
	struct injection x = {.i = i, .a = &a, .ns = ns, .warnings = warnings};
	int r;

	*ret = NULL;
	*ret_warnings = NULL;
	x.pod = decode(&a, json, e);
	if (!x.pod)
		return -EINVAL;
	r = run(&x, json, ret, e);
	if (warnings->child)
		*ret_warnings = take(warnings);
	return r;
}
