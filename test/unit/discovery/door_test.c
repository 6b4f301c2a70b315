/* Who sees which page of the monitoring port: each page and each caller. */
#include "fake_web.h"
#include "mini.h"

#include "lib/discovery/door.c"

/* --- callers --- */

#define HEALTH 8080
#define MONITORING 15014

struct scene {
	struct discovery *d;
	struct web_request r;
};

static void scene_init(struct scene *s)
{
	*s = (struct scene){.d = mini_new(NULL)};
	mini_members(s->d);
	s->d->cfg.http_port = HEALTH;
	s->d->cfg.monitoring_port = MONITORING;
	fake_web.proxy = SLICE("catalog-1.shop");
	fake_kube.log = (free(fake_kube.log), NULL);
	s->d->ca = discovery_authority_new(s->d, NULL);
	s->d->http = discovery_http_new(s->d, NULL);
	assert_non_null(s->d->http);
}

static void scene_done(struct scene *s)
{
	discovery_http_free(s->d->http);
	mini_free(s->d);
	arena_done(&fake_web.arena);
	memset(&fake_web, 0, sizeof(fake_web));
}

static void ask(struct scene *s, const char *peer, const char *auth, const char *path)
{
	fake_web_ask(&s->r, MONITORING, "GET", peer, auth, path);
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
	{"/debug/configz", false, 200},
	{"/debug/", false, 200},
	{"/debug", false, 200},
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
			assert_int_equal(all_pages[i].status, fake_web.status);
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
			assert_int_equal(all_pages[i].open ? all_pages[i].status : 401, fake_web.status);
			assert_int_equal(!all_pages[i].open, fake_web.challenged);
		}
	}
	assert_null(fake_kube.log);
	assert_int_equal(405, fake_web_ask(&s.r, MONITORING, "POST", "10.244.0.9", NULL, "/debug/syncz"));
	scene_done(&s);
}

/* What the API server says of "Bearer good", and of everything else. */
static bool reviews(struct kube_call *c)
{
	const char *token = json_str(c->req.body, "spec.token");
	const char *user = json_str(c->req.body, "spec.user");
	const char *path = json_str(c->req.body, "spec.nonResourceAttributes.path");
	char text[256];

	if (c->req.kind == &api_kind_token_review) {
		assert_null(json_get(json_get(c->req.body, "spec"), "audiences"));
		snprintf(text, sizeof(text),
			 "{\"status\":{\"authenticated\":%s,\"user\":{\"username\":\"%s\","
			 "\"groups\":[\"admins\"]}}}",
			 strcmp(token, "forged") ? "true" : "false", token);
		fake_kube_answer(c, KUBE_OK, cJSON_Parse(text));
		return true;
	}
	if (c->req.kind != &api_kind_subject_access_review)
		return false;
	assert_string_equal("get", json_str(c->req.body, "spec.nonResourceAttributes.verb"));
	assert_string_equal("admins", cJSON_GetArrayItem(json_at(c->req.body, "spec.groups"), 0)->valuestring);
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
			assert_int_equal(0, fake_web.status);
			fake_kube_serve();
			assert_int_equal(1, fake_web.replies);
			assert_int_equal(callers[k].allowed ? all_pages[i].status : 401, fake_web.status);
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
	assert_non_null(fake_kube_call());
	s.r.on_gone(&s.r);
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
		assert_int_equal(0, fake_web.status);
		v[i] = s.r;
	}
	ask(&s, "10.244.0.9", "Bearer good", "/debug/syncz");
	assert_int_equal(503, fake_web.status);
	for (size_t i = 0; i < DOOR_WAITING_MAX; i++)
		v[i].on_gone(&v[i]);
	ask(&s, "10.244.0.9", "Bearer good", "/debug/syncz");
	assert_int_equal(0, fake_web.status);
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
		assert_int_equal(rows[i].status, fake_web_ask(&s.r, HEALTH, "GET", "10.244.0.9", NULL, rows[i].path));
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
