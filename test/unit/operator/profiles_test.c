/* Profiles: which one counts, and the users' own, from a ConfigMap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/object.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "operator/spec/spec.h"

#define V2(spec) "{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, spec: " spec "}"

static const char templates[] =
	"apiVersion: v1\n"
	"kind: ConfigMap\n"
	"metadata: {name: smcp-templates, namespace: ops}\n"
	"data:\n"
	"  red: '" V2(
		"{cluster: {name: red, network: red}, proxy: {concurrency: 1}}") "'\n"
										 "  blue.yaml: '" V2(
											 "{profiles: [red], cluster: "
											 "{name: blue}}") "'\n"
													  "  small: "
													  "'" V2("{clu"
														 "ster"
														 ": "
														 "{nam"
														 "e: "
														 "litt"
														 "le}"
														 "}") "'\n"
														      "  ring: '" V2(
															      "{profiles: [ring]}") "'\n"
																		    "  odd: '" V2(
																			    "{tracing: {type: Stackdriver}, frobnicate: 1}") "'\n"
																									     "  wrong: '" V2(
																										     "{proxy: {concurrency: many}}") "'\n"
																														     "  alien: '{apiVersion: v1, kind: Pod, spec: {}}'\n"
																														     "  broken: '{'\n";

static const struct {
	const char *spec;
	const char *name, *network; /* spec.cluster in the end; NULL = none */
	const char *error, *told;   /* NULL = none */
} rows[] = {
	{"{}", NULL, NULL, NULL, NULL},
	{"{profiles: [red]}", "red", "red", NULL, NULL},
	{"{profiles: [blue]}", "blue", "red", NULL, NULL},
	{"{profiles: [blue, red]}", "red", "red", NULL, NULL},
	{"{profiles: [red], cluster: {name: own}}", "own", "red", NULL, NULL},
	{"{profiles: [default, red]}", "red", "red", NULL, NULL},
	/* one of the name of a built-in one, also where that is included by a built-in one */
	{"{profiles: [small]}", "little", NULL, NULL, NULL},
	{"{profiles: [none]}", NULL, NULL, "spec.profiles: there is no profile \"none\"", NULL},
	{"{profiles: [ring]}", NULL, NULL, "profile \"ring\" includes itself", NULL},
	{"{profiles: [odd]}", "little", NULL, NULL, "profile \"odd\": spec.tracing.type: "},
	{"{profiles: [odd]}", "little", NULL, NULL, "profile \"odd\": spec.frobnicate: there is no such field"},
	{"{profiles: [wrong]}", NULL, NULL, "profile \"wrong\": proxy.concurrency", NULL},
	{"{profiles: [alien]}", NULL, NULL, "profile \"alien\": is no ServiceMeshControlPlane", NULL},
	{"{profiles: [broken]}", NULL, NULL, "profile \"broken\"", NULL},
};

static const char *or_none(const char *s)
{
	return s ? s : "none";
}

static void check(size_t i, const struct spec_profiles *p)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(json_freep) cJSON *json = NULL;
	CLEANUP(json_freep) cJSON *applied = NULL;
	const struct maistra_smcp_spec *own, *spec;
	struct err e = ERR_INIT;

	assert_int_equal(yaml_parse(slice_str(rows[i].spec), &json, NULL), 0);
	own = msg_new_from_json(&maistra_smcp_spec_desc, json, &a, &e);
	spec = spec_resolve(own, p, &a, &applied, &e);
	if (!spec != !!rows[i].error || (!spec && !strstr(e.msg, rows[i].error)))
		fail_msg("%s: %s", rows[i].spec, e.msg);
	if (!spec)
		return;
	if (i) {
		assert_string_equal(or_none(AT1(spec->cluster, name)), or_none(rows[i].name));
		assert_string_equal(or_none(AT1(spec->cluster, network)), or_none(rows[i].network));
	}
	/* the last base, whatever is named */
	assert_string_equal(AT3(spec->proxy, networking, dns, refresh_rate), "300s");
	if (rows[i].told && !strstr(buf_str(p->told), rows[i].told))
		fail_msg("%s: told %s", rows[i].spec, buf_str(p->told));
	if (!rows[i].told && p->told->len)
		fail_msg("%s: told %s", rows[i].spec, buf_str(p->told));
}

static void profiles(void **state)
{
	struct store *s = store_new();
	CLEANUP(json_freep) cJSON *json = NULL;
	struct api_object *o = NULL;

	(void)state;
	assert_null(spec_user_profiles(s, "ops"));
	assert_int_equal(yaml_parse(slice_str(templates), &json, NULL), 0);
	assert_int_equal(api_object_decode(json, NULL, NULL, &o, NULL), 0);
	store_put(s, o);
	assert_null(spec_user_profiles(s, "mesh"));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf told = BUF_INIT;

		check(i, &(struct spec_profiles){.users = spec_user_profiles(s, "ops"), .told = &told});
	}
	store_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(profiles)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
