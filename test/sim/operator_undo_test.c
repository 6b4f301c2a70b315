/*
 * Whatever was set in a ServiceMeshControlPlane leaves no trace: of each field a good value, one at the edge and a bad
 * one are written, one after the other, and taken back; the cluster then is as after a fresh install. Bad ones are
 * written past the admission that would refuse them.
 *
 *   operator_undo_test          some fields
 *   operator_undo_test all      every field
 *   operator_undo_test PATH     the fields whose path begins so
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/object.h"
#include "base/log.h"
#include "fake_clock.h"
#include "cluster_state.h"
#include "fake_cluster.h"
#include "operator/run/operator.h"
#include "operator/spec/spec.h"

#define OPERATOR_NS "openshift-operators"
#define STEP_MS 200
#define QUIET_MS 15000
#define PHASE_MS 600000
#define SAMPLES 24
#define DEPTH_MAX 8 /* of messages; what lies deeper is Kubernetes' own and passed on */

static struct loop *loop;
static struct mesh_operator *op;

/* A node: Deployments are ready as soon as they are written. */
static bool node_says(const struct api_kind *kind, cJSON *o)
{
	const cJSON *generation = json_at(o, "metadata.generation"), *replicas = json_at(o, "spec.replicas");
	const int n = cJSON_IsNumber(replicas) ? replicas->valueint : 1;
	CLEANUP(freep) char *text = NULL;
	cJSON *status;
	bool news;

	if (kind != &api_kind_deployment)
		return false;
	text = mem_printf("{\"observedGeneration\":%d,\"replicas\":%d,\"readyReplicas\":%d,\"conditions\":[{\"type\":"
			  "\"Available\",\"status\":\"True\"}]}",
			  generation ? generation->valueint : 1, n, n);
	status = cJSON_Parse(text);
	news = !cJSON_Compare(status, json_get(o, "status"), true);
	cJSON_DeleteItemFromObject(o, "status");
	cJSON_AddItemToObject(o, "status", status);
	return news;
}

static bool turn(void)
{
	loop_turn(loop, 0);
	return cluster_serve() > 0;
}

static void settle(void)
{
	int64_t quiet_ms = 0;

	for (int64_t ms = 0; ms < PHASE_MS && quiet_ms < QUIET_MS; ms += STEP_MS) {
		bool any = false;

		while (turn())
			any = true;
		quiet_ms = any ? 0 : quiet_ms + STEP_MS;
		fake_clock_advance(loop, STEP_MS, STEP_MS);
	}
}

#define NAMESPACE(name) "{apiVersion: v1, kind: Namespace, metadata: {name: " name "}}\n---\n"
#define SPEC "{\"version\":\"v2.6\",\"addons\":{\"prometheus\":{\"enabled\":true}}}"

static void begin(void)
{
	cluster.said = node_says;
	loop = loop_new();
	cluster_put(NAMESPACE("mesh") NAMESPACE("shop") NAMESPACE(OPERATOR_NS) NAMESPACE("x"));
	op = operator_new(loop, FAKE_CLIENT, &(struct operator_options){.ns = OPERATOR_NS, .identity = "me"});
	settle();
	cluster_put(
		"{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: basic, namespace: mesh}, "
		"spec: " SPEC "}\n---\n"
		"{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: mesh}, "
		"spec: {members: [shop]}}");
	settle();
}

static void write_spec(const cJSON *spec)
{
	cJSON *have = cluster_get(&api_kind_smcp, "mesh", "basic"), *now = cJSON_Duplicate(have, true);

	cJSON_ReplaceItemInObjectCaseSensitive(now, "spec", cJSON_Duplicate(spec, true));
	cluster_change(&api_kind_smcp, have, now);
	settle();
}

/* --- fields and their values --- */

struct undo {
	const char *only; /* beginning of paths; NULL = all */
	int every, n, bad;
	char *wanted;
	char path[512];
};

/* {"a":{"b":VALUE}} over the spec that is always there; "0" is in a list. */
static cJSON *spec_with(const char *path, const char *value)
{
	cJSON *spec = cJSON_Parse(SPEC), *at = spec;
	CLEANUP(freep) char *copy = mem_strdup(path);
	char *name, *rest = copy;

	while ((name = strsep(&rest, "/"))) {
		const bool last = !rest, in_list = rest && strncmp(rest, "0", 1) == 0 && (rest[1] == '/' || !rest[1]);
		cJSON *next = last ? cJSON_Parse(value) : NULL;

		if (!next && cJSON_IsObject(at) && json_get(at, name) && !last) {
			at = json_get(at, name);
			continue;
		}
		if (!next)
			next = in_list ? cJSON_CreateArray() : cJSON_CreateObject();
		if (cJSON_IsArray(at))
			cJSON_AddItemToArray(at, next);
		else if (json_get(at, name))
			cJSON_ReplaceItemInObjectCaseSensitive(at, name, next);
		else
			cJSON_AddItemToObject(at, name, next);
		at = next;
	}
	return spec;
}

static void try_field(struct undo *u, const char *const *values, size_t n)
{
	CLEANUP(json_freep) cJSON *fresh = cJSON_Parse(SPEC);
	CLEANUP(freep) char *got = NULL;
	char text[1200];

	if (u->only ? strncmp(u->path, u->only, strlen(u->only)) != 0 : u->n++ % u->every != 0)
		return;
	u->n += u->only != NULL;
	for (size_t i = 0; i < n; i++) {
		CLEANUP(json_freep) cJSON *spec = spec_with(u->path, values[i]);

		write_spec(spec);
	}
	write_spec(fresh);
	got = state_without_history();
	if (!strcmp(got, u->wanted))
		return;
	first_difference(u->wanted, got, text, sizeof(text));
	print_error("spec.%s leaves something behind:\n%s\n", u->path, text);
	u->bad++;
	free(u->wanted); /* the next ones have nothing to do with it */
	u->wanted = take(got);
}

static void walk(struct undo *u, const struct msg_desc *d, int depth);

static void try_words(struct undo *u, const struct msg_enum *words)
{
	CLEANUP(freep) char *first = mem_printf("\"%s\"", words->values[0].name);
	CLEANUP(freep) char *last = mem_printf("\"%s\"", words->values[words->n - 1].name);
	const char *const values[] = {first, last, "\"no such word\"", "7"};

	try_field(u, values, ARRAY_LEN(values));
}

static void try_scalar(struct undo *u, const struct msg_field *f)
{
	static const char *const flags[] = {"true", "false", "\"perhaps\""},
				 *const texts[] = {"\"x\"", "\"7s\"", "\"\"", "7"},
				 *const numbers[] = {"1", "0", "2147483647", "-1", "\"many\""},
				 *const amounts[] = {"\"100m\"", "\"0\"", "\"lots\""},
				 *const either[] = {"1", "\"50%\"", "true"},
				 *const maps[] = {"{\"k\":\"1\"}", "{}", "{\"k\":{}}"},
				 *const objects[] = {"{\"k\":{\"l\":[1]}}", "{}", "\"x\""};

	if (f->enums)
		try_words(u, f->enums);
	else if (f->type == MSG_BOOL)
		try_field(u, flags, ARRAY_LEN(flags));
	else if (f->type == MSG_STRING)
		try_field(u, texts, ARRAY_LEN(texts));
	else if (f->type == MSG_QUANTITY)
		try_field(u, amounts, ARRAY_LEN(amounts));
	else if (f->type == MSG_INT_OR_STR)
		try_field(u, either, ARRAY_LEN(either));
	else if (f->type == MSG_STR_MAP)
		try_field(u, maps, ARRAY_LEN(maps));
	else if (f->type == MSG_JSON)
		try_field(u, objects, ARRAY_LEN(objects));
	else
		try_field(u, numbers, ARRAY_LEN(numbers));
}

static void walk_field(struct undo *u, const struct msg_field *f, int depth)
{
	static const char *const whole[] = {"{}", "[]", "[{}]", "\"x\""};
	const size_t len = strlen(u->path);
	const bool components = f->type == MSG_MAP && strcmp(f->name, "components") == 0;

	snprintf(u->path + len, sizeof(u->path) - len, "%s%s%s%s", len ? "/" : "", f->name,
		 f->flags & MSG_LIST ? "/0" : "",
		 f->type != MSG_MAP ? ""
		 : components       ? "/pilot"
				    : "/more");
	if (f->type == MSG_MESSAGE || f->type == MSG_MAP) {
		try_field(u, whole, ARRAY_LEN(whole));
		if (depth < DEPTH_MAX)
			walk(u, f->desc, depth + 1);
	} else {
		try_scalar(u, f);
	}
	u->path[len] = 0;
}

static void walk(struct undo *u, const struct msg_desc *d, int depth)
{
	for (size_t i = 0; i < d->n_fields; i++)
		walk_field(u, &d->fields[i], depth);
}

/* Counts them first, to take some from everywhere. */
static int fields(void)
{
	struct undo u = {.every = INT32_MAX, .n = 1};

	walk(&u, &maistra_smcp_spec_desc, 0);
	return u.n;
}

#define PROFILE(spec)                                                                                                  \
	"{apiVersion: v1, kind: ConfigMap, metadata: {name: smcp-templates, namespace: " OPERATOR_NS "}, data: {red: " \
	"'{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, spec: {" spec "}}'}}"

/* A user's profile counts at once, and what it no longer says goes, though nobody touched the mesh. */
static void profiles_change(void **state_)
{
	CLEANUP(json_freep) cJSON *spec = cJSON_Parse(SPEC);
	CLEANUP(freep) char *before = NULL;
	CLEANUP(freep) char *changed = NULL;
	CLEANUP(freep) char *after = NULL;

	(void)state_;
	cluster_put(PROFILE("proxy: {concurrency: 3}"));
	begin();
	cJSON_AddItemToArray(cJSON_AddArrayToObject(spec, "profiles"), cJSON_CreateString("red"));
	write_spec(spec);
	before = state_without_history();
	assert_non_null(strstr(before, "concurrency: 3"));
	cluster_put(
		PROFILE("proxy: {concurrency: 4}, runtime: {components: {pilot: {pod: {tolerations: [{key: odd}]}}}}"));
	settle();
	changed = state_without_history();
	assert_non_null(strstr(changed, "concurrency: 4"));
	assert_non_null(strstr(changed, "\"tolerations\":[{\"key\":\"odd\"}]"));
	cluster_put(PROFILE("proxy: {concurrency: 3}"));
	settle();
	after = state_without_history();
	assert_string_equal(before, after);
	operator_free(op);
	loop_free(loop);
	assert_int_equal(0, cluster_reset());
}

static const char *argument;

static void nothing_stays(void **state_)
{
	const int all = fields();
	struct undo u = {.every = argument ? 1 : MAX(1, all / SAMPLES)};

	(void)state_;
	u.only = argument && strcmp(argument, "all") != 0 ? argument : NULL;
	begin();
	u.wanted = state_without_history();
	walk(&u, &maistra_smcp_spec_desc, 0);
	print_message("%d fields, %d looked at, %d left something behind\n", all, u.only ? u.n : u.n / u.every, u.bad);
	operator_free(op);
	loop_free(loop);
	assert_int_equal(0, cluster_reset());
	free(u.wanted);
	assert_int_equal(0, u.bad);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(profiles_change), cmocka_unit_test(nothing_stays)};

	log_set_level(LOG_NONE);
	argument = argc > 1 ? argv[1] : NULL;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
