/*
 * Every object that the operator renders against what an API server keeps of it: read into its structs, defaults filled
 * in, written again. Nothing of that is drift. And what one field manager owns as a whole is rendered with its
 * defaults, so that whoever applies it, on either side, owns the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "kube/plan.h"
#include "lab/object/schema.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "rendered.h"

/* As the API server would give it back. */
static struct api_object *kept(const struct api_object *o)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(json_freep) cJSON *json = api_object_to_json(o), *schema = msg_schema(o->kind->desc);
	const struct schema *s = schema_compile(&a, schema);
	struct api_object *out = NULL;
	struct err e = ERR_INIT;

	if (o->kind->flags & API_BUILT_IN)
		msg_keep_json(o->kind->desc, json);
	schema_default(s, json);
	/* as items of a list are, and with what the server adds */
	json_remove(json, "apiVersion");
	json_remove(json, "kind");
	json_set_str(json_object(json, "metadata"), "resourceVersion", "1");
	if (api_object_from_json(o->kind, json, &out, &e) < 0)
		fail_msg("%s %s: %s", o->kind->kind, api_object_name(o), e.msg);
	return out;
}

/* Members that only one manager can own, rendered without what the server fills in. */
static void find_partial(const struct schema *s, const cJSON *said, const cJSON *had, const char *where)
{
	JSON_EACH(m, had)
	{
		const struct schema *ms = cJSON_IsArray(had) ? s->items : schema_member(s, m->string);
		const cJSON *own = said;
		char path[320];

		if (!ms)
			continue;
		if (cJSON_IsArray(had)) {
			int at = 0;

			JSON_EACH(before, had)
			{
				if (before == m)
					break;
				at++;
			}
			own = cJSON_GetArrayItem(said, at);
		} else {
			own = json_get(said, m->string);
		}
		if (!own)
			continue;
		snprintf(path, sizeof(path), "%s.%s", where, m->string ? m->string : "*");
		if (ms->map_atomic && !json_equal(own, m)) {
			CLEANUP(freep) char *is = json_to_text(own), *kept_text = json_to_text(m);

			fail_msg("%s is %s, kept is %s", path, is, kept_text);
		}
		find_partial(ms, own, m, path);
	}
}

static void check(const struct api_object *o)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(api_object_unrefp) struct api_object *have = kept(o);
	CLEANUP(json_freep)
	cJSON *schema = msg_schema(o->kind->desc), *said = api_object_to_json(o), *had = api_object_to_json(have);

	if (!plan_covers(o, have)) {
		CLEANUP(freep) char *is = json_to_text(said), *was = json_to_text(had);

		fail_msg("%s %s drifts for ever:\n%s\nkept:\n%s", o->kind->kind, api_object_name(o), is, was);
	}
	find_partial(schema_compile(&a, schema), said, had, o->kind->kind);
}

static void test_rendered(void **state)
{
	static const char *const specs[] = {
		RENDERED_PLAIN,
		RENDERED_EVERYTHING,
		/* what an API server writes otherwise */
		"{version: v2.6, cluster: {network: ''}, proxy: {runtime: {container: {resources: {limits: {cpu: "
		"1000m, "
		"memory: 1024Mi}}, env: {EMPTY: ''}}}}, gateways: {ingress: {runtime: {container: {env: {E: ''}, "
		"resources: {requests: {cpu: 0.5, memory: '1000000'}}}, pod: {priorityClassName: ''}}}}}",
		"{version: v2.6, gateways: {ingress: {service: {type: NodePort, ports: [{name: http2, port: 80, "
		"targetPort: 8080, nodePort: 30080}]}}}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(specs); i++) {
		for (int routes = 0; routes < 2; routes++) {
			struct rendered_mesh m = rendered_mesh(specs[i], routes);

			for (size_t k = 0; k < m.out.objects.n; k++)
				check(m.out.objects.v[k].obj);
			rendered_mesh_done(&m);
		}
	}
}

/* What people apply by hand, first by the client and later by the server, conflicts with nothing. */
static int on_doc(void *arg, cJSON *doc, struct err *e)
{
	struct api_object *o = NULL;
	int r = api_object_decode(doc, NULL, NULL, &o, e);

	(void)arg;
	cJSON_Delete(doc);
	if (r == 0)
		check(o);
	api_object_unref(o);
	return r;
}

static void test_deployed(void **state)
{
	static const char *const files[] = {"deploy/operator/base/deployment.yaml", "deploy/operator/base/rbac.yaml",
					    "deploy/operator/base/webhooks.yaml"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT;
		struct err e = ERR_INIT;

		assert_int_equal(file_read(files[i], 1 << 20, &text, &e), 0);
		if (yaml_each(buf_slice(&text), on_doc, NULL, &e) < 0)
			fail_msg("%s: %s", files[i], e.msg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rendered), cmocka_unit_test(test_deployed)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
