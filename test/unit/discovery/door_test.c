/* Who sees which page of the monitoring port: each page and each caller. */
#include "mini.h"

#include "lib/discovery/door.c"
#undef TOKEN_MAX_BYTES
#include "lib/discovery/http.c"

/* --- a web server without connections --- */

static struct {
	struct slice auth;
	struct arena arena;
	int status; /* 0 = not answered */
	int replies;
	bool challenged;
	char body[65536];
} web;

struct slice web_header(const struct web_request *r, const char *name)
{
	(void)r;
	return strcmp(name, "authorization") == 0 ? web.auth : (struct slice){NULL, 0};
}

bool web_query(struct web_request *r, const char *name, struct slice *ret)
{
	(void)r;
	*ret = SLICE("catalog-1.shop");
	return strcmp(name, "proxyID") == 0;
}

struct arena *web_arena(struct web_request *r)
{
	(void)r;
	return &web.arena;
}

void web_add_header(struct web_request *r, const char *name, const char *value)
{
	(void)r;
	web.challenged |= !strcmp(name, "WWW-Authenticate") && !strcmp(value, "Bearer");
}

void web_reply(struct web_request *r, int status, const char *type, struct slice body)
{
	(void)r, (void)type;
	web.status = status;
	web.replies++;
	snprintf(web.body, sizeof(web.body), "%.*s", SLICE_ARG(body));
}

void web_reply_text(struct web_request *r, int status, const char *text)
{
	web_reply(r, status, "text/plain", slice_str(text));
}

/* --- callers --- */

struct scene {
	struct discovery *d;
	struct http h;
	struct web_request r;
};

static void scene_init(struct scene *s)
{
	*s = (struct scene){.d = mini_new(NULL)};
	mini_members(s->d);
	fake_kube.log = (free(fake_kube.log), NULL);
	s->d->ca = discovery_authority_new(s->d, NULL);
	s->h.d = s->d;
	s->h.door = discovery_door_new(s->d);
}

static void scene_done(struct scene *s)
{
	discovery_door_free(s->h.door);
	mini_free(s->d);
	arena_done(&web.arena);
}

static void ask(struct scene *s, const char *peer, const char *auth, const char *path)
{
	web.auth = auth ? slice_str(auth) : (struct slice){NULL, 0};
	web.status = web.replies = 0;
	web.challenged = false;
	s->r = (struct web_request){.method = SLICE("GET"), .path = slice_str(path)};
	assert_int_equal(0, addr_parse(slice_str(peer), 40000, &s->r.peer));
	on_monitoring(&s->h, &s->r);
}

static const struct page {
	const char *path;
	bool open;
	int status; /* for who may see it */
} all_pages[] = {
	{"/metrics", true, 200},
	{"/version", true, 200},
	{"/debug/syncz", false, 200},
	{"/debug/connections", false, 200},
	{"/debug/config_dump", false, 404}, /* nobody of that name is connected */
	{"/debug/registryz", false, 200},
	{"/debug/endpointz", false, 200},
	{"/debug/no-such-page", false, 404},
	{"/debug/", false, 404},
	{"/debug", false, 404},
	{"/else", true, 404},
};

static void loopback_sees_all(void **state)
{
	static const char *const peers[] = {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"};
	struct scene s;

	(void)state;
	scene_init(&s);
	for (size_t k = 0; k < ARRAY_LEN(peers); k++) {
		for (size_t i = 0; i < ARRAY_LEN(all_pages); i++) {
			ask(&s, peers[k], NULL, all_pages[i].path);
			assert_int_equal(all_pages[i].status, web.status);
		}
	}
	assert_null(fake_kube.log);
	scene_done(&s);
}

static void strangers_get_401(void **state)
{
	static const struct {
		const char *peer, *auth;
	} callers[] = {
		{"10.244.0.9", NULL},         {"::ffff:10.244.0.9", NULL}, {"fd00::1", NULL},        {"128.0.0.1", ""},
		{"10.244.0.9", "Basic YTpi"}, {"10.244.0.9", "Bearer "},   {"10.244.0.9", "bearer"},
	};
	struct scene s;

	(void)state;
	scene_init(&s);
	for (size_t k = 0; k < ARRAY_LEN(callers); k++) {
		for (size_t i = 0; i < ARRAY_LEN(all_pages); i++) {
			ask(&s, callers[k].peer, callers[k].auth, all_pages[i].path);
			assert_int_equal(all_pages[i].open ? all_pages[i].status : 401, web.status);
			assert_int_equal(!all_pages[i].open, web.challenged);
		}
	}
	assert_null(fake_kube.log);
	s.r = (struct web_request){.method = SLICE("POST"), .path = SLICE("/debug/syncz")};
	on_monitoring(&s.h, &s.r);
	assert_int_equal(405, web.status);
	scene_done(&s);
}

/* What the API server says of "Bearer good", and of everything else. */
static bool reviews(struct kube_call *c)
{
	const char *token = json_str(c->req.body, "spec", "token", NULL);
	const char *user = json_str(c->req.body, "spec", "user", NULL);
	const char *path = json_str(c->req.body, "spec", "nonResourceAttributes", "path", NULL);
	char text[256];

	if (c->req.kind == &api_kind_token_review) {
		assert_null(cJSON_GetObjectItem(cJSON_GetObjectItem(c->req.body, "spec"), "audiences"));
		snprintf(text, sizeof(text),
			 "{\"status\":{\"authenticated\":%s,\"user\":{\"username\":\"%s\","
			 "\"groups\":[\"admins\"]}}}",
			 strcmp(token, "forged") ? "true" : "false", token);
		fake_kube_answer(c, KUBE_OK, cJSON_Parse(text));
		return true;
	}
	if (c->req.kind != &api_kind_subject_access_review)
		return false;
	assert_string_equal("get", json_str(c->req.body, "spec", "nonResourceAttributes", "verb", NULL));
	assert_string_equal("admins", cJSON_GetArrayItem(json_at(c->req.body, "spec", "groups", NULL), 0)->valuestring);
	assert_true(strncmp(path, "/debug", 6) == 0);
	if (strcmp(user, "broken") == 0) {
		fake_kube_answer(c, KUBE_NETWORK, NULL);
		return true;
	}
	snprintf(text, sizeof(text), "{\"status\":{\"allowed\":%s,\"denied\":%s}}",
		 strcmp(user, "poor") ? "true" : "false", strcmp(user, "denied") ? "false" : "true");
	fake_kube_answer(c, KUBE_OK, cJSON_Parse(text));
	return true;
}

static void tokens_are_reviewed(void **state)
{
	static const struct {
		const char *auth;
		bool allowed;
	} callers[] = {
		{"Bearer good", true},    {"Bearer forged", false}, {"Bearer poor", false},
		{"Bearer denied", false}, {"Bearer broken", false},
	};
	struct scene s;

	(void)state;
	scene_init(&s);
	fake_kube.hook = reviews;
	for (size_t k = 0; k < ARRAY_LEN(callers); k++) {
		for (size_t i = 0; i < ARRAY_LEN(all_pages); i++) {
			if (all_pages[i].open)
				continue;
			ask(&s, "10.244.0.9", callers[k].auth, all_pages[i].path);
			assert_int_equal(0, web.status);
			fake_kube_serve();
			assert_int_equal(1, web.replies);
			assert_int_equal(callers[k].allowed ? all_pages[i].status : 401, web.status);
			assert_null(s.r.on_gone);
		}
	}
	scene_done(&s);
}

static void a_caller_may_leave(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s);
	ask(&s, "10.244.0.9", "Bearer good", "/debug/syncz");
	assert_int_equal(1, s.h.door->waiting);
	s.r.on_gone(&s.r);
	assert_int_equal(0, s.h.door->waiting);
	assert_null(fake_kube_call());
	scene_done(&s);
}

static void few_are_asked_about_at_once(void **state)
{
	struct scene s;
	struct web_request v[DOOR_WAITING_MAX];

	(void)state;
	scene_init(&s);
	for (size_t i = 0; i < DOOR_WAITING_MAX; i++) {
		ask(&s, "10.244.0.9", "Bearer good", "/debug/syncz");
		assert_int_equal(0, web.status);
		v[i] = s.r;
	}
	ask(&s, "10.244.0.9", "Bearer good", "/debug/syncz");
	assert_int_equal(503, web.status);
	for (size_t i = 0; i < DOOR_WAITING_MAX; i++)
		v[i].on_gone(&v[i]);
	ask(&s, "10.244.0.9", "Bearer good", "/debug/syncz");
	assert_int_equal(0, web.status);
	s.r.on_gone(&s.r);
	scene_done(&s);
}

static void health_is_open(void **state)
{
	static const struct {
		const char *path;
		bool ready;
		int status;
	} rows[] = {
		{"/ready", false, 503},   {"/ready", true, 200},       {"/healthz", true, 200},
		{"/healthz", false, 503}, {"/debug/syncz", true, 404}, {"/", true, 404},
	};
	struct scene s;

	(void)state;
	scene_init(&s);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		s.d->ready = rows[i].ready;
		s.r = (struct web_request){.method = SLICE("GET"), .path = slice_str(rows[i].path)};
		on_health(&s.h, &s.r);
		assert_int_equal(rows[i].status, web.status);
	}
	scene_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loopback_sees_all),           cmocka_unit_test(strangers_get_401),
		cmocka_unit_test(tokens_are_reviewed),         cmocka_unit_test(a_caller_may_leave),
		cmocka_unit_test(few_are_asked_about_at_once), cmocka_unit_test(health_is_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
