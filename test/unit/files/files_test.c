/* All of it over a folder and a real client: what is listed and watched, what may be written, what lives on. */
#include "folder.h"

#include "api/object.h"
#include "kube/reflector.h"
#include "kube/store.h"

#define TURNS_MAX 2000

static struct loop *loop;
static struct files *f;

static void start(void)
{
	const struct files_config c = {.dir = config, .state = kept, .ns = "mesh"};
	struct err e = ERR_INIT;

	f = files_new(loop, &c, &e);
	if (!f)
		fail_msg("%s", e.msg);
}

static int setup(void **state)
{
	folder_setup(state);
	loop = loop_new();
	return 0;
}

static int teardown(void **state)
{
	files_free(take(f));
	loop_free(loop);
	return folder_teardown(state);
}

static void restart(void)
{
	files_free(take(f));
	start();
}

/* Turns until it is so. */
#define UNTIL(condition)                                                                                               \
	do {                                                                                                           \
		int turns_ = 0;                                                                                        \
		while (!(condition) && turns_++ < TURNS_MAX)                                                           \
			loop_turn(loop, 10);                                                                           \
		assert_true(condition);                                                                                \
	} while (0)

static struct {
	bool done;
	enum kube_reason reason;
	cJSON *body;
	char text[ERR_MSG_MAX];
} got;

static void on_done(void *arg, struct kube_result *r)
{
	(void)arg;
	got.done = true;
	got.reason = r->reason;
	cJSON_Delete(got.body);
	got.body = take(r->body);
	snprintf(got.text, sizeof(got.text), "%s", r->err.msg);
}

static enum kube_reason call(struct kube_request req, const char *body)
{
	CLEANUP(json_freep) cJSON *json = body ? json_literal(body) : NULL;

	req.body = json;
	got.done = false;
	kube_call_start(files_client(f), &req, on_done, NULL);
	UNTIL(got.done);
	return got.reason;
}

static int forget(void **state)
{
	cJSON_Delete(take(got.body));
	return teardown(state);
}

static bool is_told(const char *what)
{
	CLEANUP(freep) char *text = kept_text("refused.yaml");

	return strstr(text, what) != NULL;
}

/* The namespaces and names of a kind in the store, "shop/a shop/b ". */
static const char *stored(const struct store *s, const struct api_kind *kind)
{
	static char text[400];
	const struct store_range r = store_list(s, kind, NULL);

	*text = 0;
	for (size_t i = 0; i < r.n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s/%s ", api_object_namespace(r.v[i]),
			 api_object_name(r.v[i]));
	return text;
}

static void a_reflector_follows_the_files(void **state)
{
	const struct reflector_options o = {.kind = &api_kind_service_entry};
	struct store *s = store_new();
	struct reflector *r;

	(void)state;
	put_file("a.yaml", ENTRY("a", "a.example"));
	start();
	r = reflector_new(loop, files_client(f), s, &o);
	UNTIL(!strcmp(stored(s, o.kind), "shop/a "));
	put_file("b.yaml", ENTRY("b", "b.example"));
	UNTIL(!strcmp(stored(s, o.kind), "shop/a shop/b "));
	drop_file("a.yaml");
	UNTIL(!strcmp(stored(s, o.kind), "shop/b "));
	reflector_free(r, false);
	store_free(s);
}

static void more_removals_than_are_remembered_are_a_new_list(void **state)
{
	const struct reflector_options o = {.kind = &api_kind_service_entry};
	struct store *s = store_new();
	struct reflector *r;

	(void)state;
	put_file("a.yaml", ENTRY("a", "a.example"));
	start();
	r = reflector_new(loop, files_client(f), s, &o);
	UNTIL(!strcmp(stored(s, o.kind), "shop/a "));
	for (int i = 0; i < FILES_DEPARTED_MAX + 10; i++) {
		cJSON *json = json_literal("{\"metadata\":{\"namespace\":\"shop\",\"name\":\"x\"}}");

		memory_remove(&f->memory, memory_put(&f->memory, &api_kind_gateway, json, NULL, 0));
	}
	drop_file("a.yaml");
	UNTIL(!strcmp(stored(s, o.kind), ""));
	assert_int_equal(FILES_DEPARTED_MAX, f->memory.departed.n);
	reflector_free(r, false);
	store_free(s);
}

static void selectors_choose(void **state)
{
	(void)state;
	put_file("a.yaml",
		 "{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: mesh}, type: helm.sh/release.v1}\n"
		 "---\n{apiVersion: v1, kind: Secret, metadata: {name: b, namespace: mesh}, type: Opaque}\n"
		 "---\n{apiVersion: v1, kind: Secret, metadata: {name: c, namespace: shop}, type: Opaque}");
	start();
	call((struct kube_request){.verb = KUBE_LIST,
				   .kind = &api_kind_secret,
				   .ns = "mesh",
				   .field_selector = "type!=helm.sh/release.v1"},
	     NULL);
	assert_int_equal(1, cJSON_GetArraySize(json_get(got.body, "items")));
	assert_string_equal("b", json_str(json_get(got.body, "items")->child, "metadata.name"));
}

static void namespaces_are_those_of_objects(void **state)
{
	static const struct kube_request req = {.verb = KUBE_GET, .kind = &api_kind_namespace, .name = "shop"};

	(void)state;
	put_file("a.yaml", ENTRY("a", "a.example"));
	start();
	assert_int_equal(KUBE_OK, call(req, NULL));
	put_file("ns.yaml", "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {mesh: 'yes'}}}");
	UNTIL(call(req, NULL) == KUBE_OK && json_get(json_at(got.body, "metadata.labels"), "mesh"));
	drop_file("ns.yaml");
	drop_file("a.yaml");
	UNTIL(call(req, NULL) == KUBE_NOT_FOUND);
	assert_int_equal(
		KUBE_OK,
		call((struct kube_request){.verb = KUBE_GET, .kind = &api_kind_namespace, .name = "mesh"}, NULL));
}

static void the_first_file_has_an_object(void **state)
{
	static const struct kube_request req = {
		.verb = KUBE_GET, .kind = &api_kind_service_entry, .ns = "shop", .name = "a"};

	(void)state;
	put_file("a.yaml", ENTRY("a", "first.example"));
	put_file("b.yaml", ENTRY("a", "second.example"));
	start();
	assert_int_equal(KUBE_OK, call(req, NULL));
	assert_string_equal("first.example", json_at(got.body, "spec.hosts")->child->valuestring);
	assert_true(is_told("place: b.yaml:1") && is_told("is in a.yaml:1, too"));
	drop_file("a.yaml");
	UNTIL(call(req, NULL) == KUBE_OK &&
	      !strcmp("second.example", json_at(got.body, "spec.hosts")->child->valuestring));
	assert_int_equal(2, json_int(got.body, "metadata.generation", 0));
	UNTIL(!is_told("b.yaml"));
}

static void users_objects_are_not_ours_to_write(void **state)
{
	static const struct kube_request at = {.kind = &api_kind_service_entry, .ns = "shop", .name = "a"};
	struct kube_request req = at;

	(void)state;
	put_file("a.yaml", ENTRY("a", "a.example"));
	start();
	req.verb = KUBE_MERGE_PATCH;
	assert_int_equal(KUBE_FORBIDDEN, call(req, "{\"spec\":{\"hosts\":[\"evil.example\"]}}"));
	assert_non_null(strstr(got.text, "a.yaml:1"));
	req.verb = KUBE_UPDATE;
	assert_int_equal(KUBE_FORBIDDEN, call(req, "{\"spec\":{}}"));
	req.verb = KUBE_DELETE;
	assert_int_equal(KUBE_FORBIDDEN, call(req, NULL));
	req.verb = KUBE_CREATE;
	assert_int_equal(KUBE_ALREADY_EXISTS, call(req, "{\"metadata\":{\"name\":\"a\"}}"));
}

static void a_status_is_ours_and_for_people(void **state)
{
	struct kube_request req = {.verb = KUBE_MERGE_PATCH,
				   .kind = &api_kind_service_entry,
				   .ns = "shop",
				   .name = "a",
				   .subresource = "status"};
	CLEANUP(freep) char *text = NULL;

	(void)state;
	put_file("a.yaml", ENTRY("a", "a.example"));
	start();
	assert_int_equal(KUBE_OK, call(req, "{\"status\":{\"observedGeneration\":7},\"spec\":{\"hosts\":[]}}"));
	assert_int_equal(7, json_int(got.body, "status.observedGeneration", 0));
	assert_int_equal(1, cJSON_GetArraySize(json_at(got.body, "spec.hosts")));
	text = kept_text("status/shop/ServiceEntry.a.yaml");
	assert_non_null(strstr(text, "observedGeneration: 7"));
	assert_non_null(strstr(text, "file: a.yaml:1"));
	put_file("a.yaml", ENTRY("a", "b.example"));
	req.verb = KUBE_GET;
	req.subresource = NULL;
	UNTIL(call(req, NULL) == KUBE_OK && json_int(got.body, "metadata.generation", 0) == 2);
	assert_int_equal(7, json_int(got.body, "status.observedGeneration", 0));
	drop_file("a.yaml");
	UNTIL(call(req, NULL) == KUBE_NOT_FOUND);
	free(text);
	text = kept_text("status/shop/ServiceEntry.a.yaml");
	assert_string_equal("", text);
}

#define GROUP                                                                                                          \
	"{apiVersion: networking.istio.io/v1beta1, kind: WorkloadGroup, metadata: {name: web, namespace: shop}, "      \
	"spec: {template: {serviceAccount: web}}}"

static void register_machine(void)
{
	static const struct kube_request group = {
		.verb = KUBE_GET, .kind = &api_kind_workload_group, .ns = "shop", .name = "web"};
	static const struct kube_request entry = {.verb = KUBE_CREATE, .kind = &api_kind_workload_entry, .ns = "shop"};
	CLEANUP(freep) char *body = NULL;

	assert_int_equal(KUBE_OK, call(group, NULL));
	body = mem_printf("{\"apiVersion\":\"networking.istio.io/v1beta1\",\"kind\":\"WorkloadEntry\",\"metadata\":{"
			  "\"name\":\"web-1\",\"ownerReferences\":[{\"apiVersion\":\"networking.istio.io/v1beta1\","
			  "\"kind\":\"WorkloadGroup\",\"name\":\"web\",\"uid\":\"%s\"}]},"
			  "\"spec\":{\"address\":\"10.0.0.1\"}}",
			  json_str(got.body, "metadata.uid"));
	assert_int_equal(KUBE_OK, call(entry, body));
}

static const struct kube_request machine = {
	.verb = KUBE_GET, .kind = &api_kind_workload_entry, .ns = "shop", .name = "web-1"};

static void what_was_registered_lives_on(void **state)
{
	struct kube_request health = machine;

	(void)state;
	put_file("a.yaml", GROUP);
	start();
	register_machine();
	health.verb = KUBE_MERGE_PATCH;
	health.subresource = "status";
	assert_int_equal(KUBE_OK, call(health, "{\"status\":{\"observedGeneration\":3}}"));
	restart();
	assert_int_equal(KUBE_OK, call(machine, NULL));
	assert_string_equal("10.0.0.1", json_str(got.body, "spec.address"));
	assert_int_equal(3, json_int(got.body, "status.observedGeneration", 0));
	health = machine;
	health.verb = KUBE_DELETE;
	health.precondition_uid = "another";
	assert_int_equal(KUBE_CONFLICT, call(health, NULL));
	health.precondition_uid = NULL;
	assert_int_equal(KUBE_OK, call(health, NULL));
	restart();
	assert_int_equal(KUBE_NOT_FOUND, call(machine, NULL));
}

static void it_goes_with_its_group(void **state)
{
	(void)state;
	put_file("a.yaml", GROUP);
	start();
	register_machine();
	put_file("a.yaml", "---\n");
	UNTIL(call(machine, NULL) == KUBE_NOT_FOUND);
	restart();
	assert_int_equal(KUBE_NOT_FOUND, call(machine, NULL));
}

static void a_write_for_another_version_is_a_conflict(void **state)
{
	struct kube_request req = machine;

	(void)state;
	put_file("a.yaml", GROUP);
	start();
	register_machine();
	req.verb = KUBE_MERGE_PATCH;
	assert_int_equal(KUBE_CONFLICT,
			 call(req, "{\"metadata\":{\"resourceVersion\":\"1\",\"labels\":{\"a\":\"b\"}}}"));
	assert_int_equal(KUBE_OK, call(req, "{\"metadata\":{\"labels\":{\"a\":\"b\"},\"uid\":\"mine\"}}"));
	assert_string_equal("b", json_str(got.body, "metadata.labels.a"));
	assert_string_not_equal("mine", json_str(got.body, "metadata.uid"));
}

/* A name becomes a file's. */
static void names_lead_nowhere_else(void **state)
{
	static const char *const names[] = {"../../evil", "a/b", "", ".hidden", "A"};

	(void)state;
	start();
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(freep)
		char *body = mem_printf("{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"%s\"}}",
					names[i]);

		assert_int_equal(
			KUBE_INVALID,
			call((struct kube_request){.verb = KUBE_CREATE, .kind = &api_kind_secret, .ns = "mesh"}, body));
	}
}

#define ROOT                                                                                                           \
	"{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"istio-ca-secret\"},\"data\":{\"a\":\"Yg=" \
	"=\"}}"

static void a_root_lives_on_for_its_owner_alone(void **state)
{
	static const struct kube_request req = {
		.verb = KUBE_GET, .kind = &api_kind_secret, .ns = "mesh", .name = "istio-ca-secret"};
	CLEANUP(freep) char *path = mem_printf("%s/objects/secret.mesh.istio-ca-secret.json", kept);
	struct stat st;

	(void)state;
	start();
	assert_int_equal(
		KUBE_OK,
		call((struct kube_request){.verb = KUBE_CREATE, .kind = &api_kind_secret, .ns = "mesh"}, ROOT));
	assert_int_equal(0, stat(path, &st));
	assert_int_equal(0600, st.st_mode & 0777);
	assert_int_equal(0, stat(kept, &st));
	assert_int_equal(0700, st.st_mode & 0777);
	restart();
	assert_int_equal(KUBE_OK, call(req, NULL));
	assert_string_equal("Yg==", json_str(got.body, "data.a"));
	/* who writes one of the same name is told, and does not take its place */
	put_file("a.yaml",
		 "{apiVersion: v1, kind: Secret, metadata: {name: istio-ca-secret, namespace: mesh}, data: {a: Yw==}}");
	UNTIL(is_told("weftd keeps an object of this name itself"));
	assert_int_equal(KUBE_OK, call(req, NULL));
	assert_string_equal("Yg==", json_str(got.body, "data.a"));
}

/* A root that cannot be read must not become another one. */
static void what_is_kept_badly_is_no_start(void **state)
{
	const struct files_config c = {.dir = config, .state = kept, .ns = "mesh"};
	CLEANUP(freep) char *path = mem_printf("%s/objects/secret.mesh.istio-ca-secret.json", kept);
	struct err e = ERR_INIT;

	(void)state;
	start();
	call((struct kube_request){.verb = KUBE_CREATE, .kind = &api_kind_secret, .ns = "mesh"}, ROOT);
	files_free(take(f));
	assert_int_equal(0, file_put(path, SLICE("{"), 0600, NULL));
	assert_null(files_new(loop, &c, &e));
	assert_non_null(strstr(e.msg, "istio-ca-secret"));
}

static void the_state_has_one_owner(void **state)
{
	const struct files_config c = {.dir = config, .state = kept, .ns = "mesh"};
	struct err e = ERR_INIT;

	(void)state;
	start();
	assert_null(files_new(loop, &c, &e));
	assert_non_null(strstr(e.msg, "another process"));
}

static void without_its_folder_there_is_no_start(void **state)
{
	const struct files_config c = {.dir = "/nonexistent", .state = kept, .ns = "mesh"};
	struct err e = ERR_INIT;

	(void)state;
	assert_null(files_new(loop, &c, &e));
	assert_non_null(strstr(e.msg, "/nonexistent"));
}

static void a_broken_file_counts_as_before_the_restart(void **state)
{
	static const struct kube_request req = {
		.verb = KUBE_GET, .kind = &api_kind_service_entry, .ns = "shop", .name = "a"};

	(void)state;
	put_file("a.yaml", ENTRY("a", "a.example"));
	start();
	put_file("a.yaml", "a: [");
	UNTIL(is_told("place: a.yaml:"));
	restart();
	assert_int_equal(KUBE_OK, call(req, NULL));
	drop_file("a.yaml");
	restart();
	assert_int_equal(KUBE_NOT_FOUND, call(req, NULL));
	put_file("a.yaml", "a: [");
	restart();
	assert_int_equal(KUBE_NOT_FOUND, call(req, NULL));
}

static void a_plugged_in_authority_is_files(void **state)
{
	CLEANUP(freep) char *text = NULL;

	(void)state;
	put_file("a.yaml", "{apiVersion: v1, kind: Secret, metadata: {name: cacerts, namespace: mesh}, data: "
			   "{ca-cert.pem: Y2VydA==, ca-key.pem: a2V5}}");
	start();
	text = kept_text("cacerts/ca-key.pem");
	assert_string_equal("key", text);
	drop_file("a.yaml");
	UNTIL((free(text), text = kept_text("cacerts/ca-key.pem"), !*text));
}

static void the_roots_are_a_file(void **state)
{
	static const struct kube_request req = {
		.verb = KUBE_APPLY, .kind = &api_kind_config_map, .ns = "mesh", .name = "istio-ca-root-cert"};
	CLEANUP(freep) char *text = NULL;

	(void)state;
	start();
	assert_int_equal(KUBE_OK, call(req, "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":"
					    "\"istio-ca-root-cert\"},\"data\":{\"root-cert.pem\":\"PEM\"}}"));
	text = kept_text("root-cert.pem");
	assert_string_equal("PEM", text);
}

static const char *user_of(const char *token)
{
	CLEANUP(freep) char *body = mem_printf("{\"spec\":{\"token\":\"%s\",\"audiences\":[\"istio-ca\"]}}", token);

	assert_int_equal(KUBE_OK,
			 call((struct kube_request){.verb = KUBE_CREATE, .kind = &api_kind_token_review}, body));
	return json_true(got.body, "status.authenticated") ? json_str_or_empty(got.body, "status.user.username") : "";
}

static void tokens_are_reviewed(void **state)
{
	CLEANUP(buf_done) struct buf token = BUF_INIT;

	(void)state;
	start();
	assert_int_equal(0, files_make_token(kept, "shop/web", 60, &token, NULL));
	assert_string_equal("system:serviceaccount:shop:web", user_of(buf_str(&token)));
	assert_true(json_has_str(json_at(got.body, "status.audiences"), "istio-ca"));
	assert_string_equal("", user_of("anything"));
	assert_non_null(json_str(got.body, "status.error"));
	assert_null(json_at(got.body, "status.user"));
}

static void rights_are_reviewed(void **state)
{
	static const struct kube_request req = {.verb = KUBE_CREATE, .kind = &api_kind_subject_access_review};
	static const struct kube_request own = {.verb = KUBE_CREATE, .kind = &api_kind_self_subject_access_review};
	static const char spec[] = "{\"spec\":{\"user\":\"system:serviceaccount:edge:edge\",\"resourceAttributes\":{"
				   "\"namespace\":\"edge\",\"verb\":\"list\",\"resource\":\"secrets\"}}}";

	(void)state;
	start();
	assert_int_equal(KUBE_OK, call(req, spec));
	assert_false(json_true(got.body, "status.allowed"));
	assert_int_equal(KUBE_OK, call(own, spec));
	assert_true(json_true(got.body, "status.allowed"));
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, forget)
	const struct CMUnitTest tests[] = {
		CASE(a_reflector_follows_the_files),
		CASE(more_removals_than_are_remembered_are_a_new_list),
		CASE(selectors_choose),
		CASE(namespaces_are_those_of_objects),
		CASE(the_first_file_has_an_object),
		CASE(users_objects_are_not_ours_to_write),
		CASE(a_status_is_ours_and_for_people),
		CASE(what_was_registered_lives_on),
		CASE(it_goes_with_its_group),
		CASE(a_write_for_another_version_is_a_conflict),
		CASE(names_lead_nowhere_else),
		CASE(a_root_lives_on_for_its_owner_alone),
		CASE(what_is_kept_badly_is_no_start),
		CASE(the_state_has_one_owner),
		CASE(without_its_folder_there_is_no_start),
		CASE(a_broken_file_counts_as_before_the_restart),
		CASE(a_plugged_in_authority_is_files),
		CASE(the_roots_are_a_file),
		CASE(tokens_are_reviewed),
		CASE(rights_are_reviewed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
