/* Tokens of requests: where they are looked for, what is refused in which words, what goes on, and keys from afar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "loopback/rig.c"

#include "issuer.h"
#include "proxy/filter/jwt_cache.h"

#define ISS "\"iss\": \"https://id.example\", \"sub\": \"ann\", \"aud\": \"shop\""
#define LOCAL "issuer: 'https://id.example', local_jwks: {inline_string: '%s'}"
#define FILTER(providers, rest)                                                                                        \
	"{name: envoy.filters.http.jwt_authn, typed_config: {'@type': "                                                \
	"type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication, providers: {" providers     \
	"}, " rest "}}, "
#define RULE(requires) "rules: [{match: {prefix: /}, requires: {" requires "}}]"
#define P RULE("provider_name: p")
#define P_OR_NONE RULE("requires_any: {requirements: [{provider_name: p}, {allow_missing: {}}]}")
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static struct rig r;
static struct issuer issuer, other;
static char seen[16384], got[16384];

/* %s in the filter is the issuer's key set. */
static void start_with(const char *filter, const char *around, const char *more)
{
	CLEANUP(freep) char *text = NULL;

	if (asprintf(&text, filter, issuer.jwks, other.jwks) < 0)
		abort();
	rig_start(&r, rig_http_yaml(&(struct rig_http){.filters = text, .around = around, .more = more}));
}

static void start(const char *filter)
{
	start_with(filter, NULL, NULL);
}

/* The status; what the origin saw is in seen, the answer in got. */
static int ask(const char *request)
{
	int client = rig_request(&r, request), up = rig_accept(&r);

	seen[0] = 0;
	if (up >= 0) {
		snprintf(seen, sizeof(seen), "%s", loopback_got(up));
		rig_send(&r, up, OK);
	}
	snprintf(got, sizeof(got), "%s", loopback_got(client));
	assert_true(strlen(got) > 9);
	rig_close(&r, client);
	if (up >= 0)
		rig_close(&r, up);
	return atoi(got + 9);
}

static int get(const char *target, const char *fields)
{
	CLEANUP(freep) char *text = NULL;

	if (asprintf(&text, "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n", target, fields) < 0)
		abort();
	return ask(text);
}

static int bearer(const char *token)
{
	CLEANUP(freep) char *field = NULL;

	if (asprintf(&field, "Authorization: Bearer %s\r\n", token) < 0)
		abort();
	return get("/a?b=c", field);
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

static void assert_refused(int status, int expected, const char *body)
{
	assert_int_equal(status, expected);
	assert_has(got, body);
	assert_string_equal(seen, "");
}

static void good_and_bad(void **state)
{
	CLEANUP(freep) char *changed = NULL;

	(void)state;
	start(FILTER("p: {" LOCAL ", audiences: [shop, stock]}", P));
	assert_int_equal(bearer(issuer_token(&issuer, 600, ISS)), 200);
	assert_null(strstr(seen, "uthorization")); /* the token is not the upstream's */
	assert_refused(get("/a?b=c", ""), 401, "\r\n\r\nJwt is missing");
	assert_has(got, "www-authenticate: Bearer realm=\"http://a/a?b=c\"\r\n");
	assert_has(rig_log(&r), "401 UAEX jwt_authn_access_denied{Jwt_is_missing}\n");
	assert_refused(bearer("garbage"), 401, "two dots and 3 sections");
	assert_has(got, "www-authenticate: Bearer realm=\"http://a/a?b=c\", error=\"invalid_token\"\r\n");
	assert_refused(bearer(issuer_token(&other, 600, ISS)), 401, "Jwt verification fails");
	assert_refused(bearer(issuer_token(&issuer, -120, ISS)), 401, "Jwt is expired");
	/* Clocks differ by up to a minute. */
	assert_int_equal(bearer(issuer_token(&issuer, -30, ISS)), 200);
	assert_refused(bearer(issuer_token(&issuer, 600, "\"nbf\": 99999999999, " ISS)), 401, "Jwt not yet valid");
	assert_refused(bearer(issuer_token(&issuer, 600, "\"iss\": \"https://id.example\", \"aud\": \"x\"")), 403,
		       "Audiences in Jwt are not allowed");
	assert_refused(bearer(issuer_token(&issuer, 600, "\"iss\": \"https://id.example/\"")), 401,
		       "Jwt issuer is not configured");
	/* One letter of the signature. */
	changed = strdup(issuer_token(&issuer, 600, ISS));
	changed[strlen(changed) - 10] = changed[strlen(changed) - 10] == 'A' ? 'B' : 'A';
	assert_refused(bearer(changed), 401, "Jwt verification fails");
	rig_stop(&r);
}

static void everywhere_and_every_one(void **state)
{
	const char *good = issuer_token(&issuer, 600, ISS);
	char text[8192];

	(void)state;
	start(FILTER("p: {" LOCAL ", from_headers: [{name: X-Token, value_prefix: 'JWT '}], from_params: [t], "
		     "from_cookies: [c]}",
		     P));
	snprintf(text, sizeof(text), "x-token: jwt %s\r\n", good);
	assert_int_equal(get("/", text), 200);
	assert_null(strstr(seen, "x-token"));
	snprintf(text, sizeof(text), "/p?a=1&t=%s&z=2", good);
	assert_int_equal(get(text, ""), 200);
	assert_has(seen, "GET /p?a=1&z=2 HTTP/1.1\r\n");
	snprintf(text, sizeof(text), "/p?t=%s", good);
	assert_int_equal(get(text, ""), 200);
	assert_has(seen, "GET /p HTTP/1.1\r\n");
	snprintf(text, sizeof(text), "Cookie: a=b; c=%s\r\n", good);
	assert_int_equal(get("/", text), 200);
	/* Not where it is not looked for. */
	snprintf(text, sizeof(text), "Authorization: Bearer %s\r\n", good);
	assert_refused(get("/", text), 401, "Jwt is missing");
	/* A good one beside a bad one is no excuse. */
	snprintf(text, sizeof(text), "x-token: JWT %s\r\nx-token: JWT bad\r\n", good);
	assert_refused(get("/", text), 401, "two dots");
	snprintf(text, sizeof(text), "/p?t=%s&t=bad", good);
	assert_refused(get(text, ""), 401, "two dots");
	rig_stop(&r);
}

static void what_goes_on(void **state)
{
	(void)state;
	start(FILTER("p: {" LOCAL
		     ", forward: true, forward_payload_header: X-Payload, pad_forward_payload_header: true, "
		     "claim_to_headers: [{header_name: x-sub, claim_name: sub}, {header_name: x-n, "
		     "claim_name: a.n}, {header_name: x-list, claim_name: l}, {header_name: x-evil, "
		     "claim_name: evil}, {header_name: x-no, claim_name: no.where}]}",
		     P_OR_NONE));
	assert_int_equal(bearer(issuer_token(&issuer, 600,
					     ISS ", \"a\": {\"n\": 7}, \"l\": [1], \"evil\": \"a\\r\\nx-role: root\"")),
			 200);
	assert_has(seen, "\r\nAuthorization: Bearer ");
	assert_has(seen, "\r\nx-payload: ey");
	assert_has(seen, "\r\nx-sub: ann\r\n");
	assert_has(seen, "\r\nx-n: 7\r\n");
	assert_has(seen, "\r\nx-list: WzFd\r\n");
	assert_null(strstr(seen, "x-role"));
	assert_null(strstr(seen, "x-no"));
	/* Nobody else says what a token says. */
	assert_int_equal(get("/", "X-Sub: root\r\nx-payload: e30\r\nx-no: 1\r\n"), 200);
	assert_null(strcasestr(seen, "x-sub"));
	assert_null(strcasestr(seen, "x-payload"));
	assert_null(strcasestr(seen, "x-no"));
	rig_stop(&r);
}

#define Q "q: {issuer: two, local_jwks: {inline_string: '%s'}}"
#define SECOND "\"iss\": \"two\", \"sub\": \"bob\""

static void needs(void **state)
{
	static const struct {
		const char *need;
		int none, first, second, bad;
	} rows[] = {
		{P, 401, 200, 401, 401},
		{P_OR_NONE, 200, 200, 401, 401},
		{RULE("requires_any: {requirements: [{provider_name: p}, {provider_name: q}]}"), 401, 200, 200, 401},
		{RULE("requires_all: {requirements: [{provider_name: p}, {provider_name: q}]}"), 401, 401, 401, 401},
		{RULE("requires_any: {requirements: [{provider_name: p}, {allow_missing_or_failed: {}}]}"), 200, 200,
		 200, 200},
		{RULE("allow_missing: {}"), 200, 200, 200, 401},
		{RULE("allow_missing_or_failed: {}"), 200, 200, 200, 200},
		{RULE("provider_and_audiences: {provider_name: p, audiences: [shop]}"), 401, 200, 401, 401},
		{RULE("provider_and_audiences: {provider_name: p, audiences: [stock]}"), 401, 403, 401, 401},
		{"requirement_map: {n: {provider_name: q}}, rules: [{match: {path: /a}, requirement_name: n}]", 401,
		 401, 200, 401},
		{"rules: [{match: {prefix: /elsewhere}, requires: {provider_name: p}}]", 200, 200, 200, 200},
		{"rules: [{match: {prefix: /a}}, {match: {prefix: /}, requires: {provider_name: p}}]", 200, 200, 200,
		 200},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(freep) char *filter = NULL;

		if (asprintf(&filter, FILTER("p: {%s}, %s", "%s"), LOCAL, Q, rows[i].need) < 0)
			abort();
		start(filter);
		if (get("/a", "") != rows[i].none || bearer(issuer_token(&issuer, 600, ISS)) != rows[i].first ||
		    bearer(issuer_token(&other, 600, SECOND)) != rows[i].second || bearer("bad.bad.bad") != rows[i].bad)
			fail_msg("%s: got\n%s", rows[i].need, got);
		rig_stop(&r);
	}
}

static void of_routes(void **state)
{
	static const char off[] = "typed_per_filter_config: {envoy.filters.http.jwt_authn: {'@type': "
				  "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig, ";
	char around[512];

	(void)state;
	snprintf(around, sizeof(around), "%sdisabled: true}}", off);
	start_with(FILTER("p: {" LOCAL "}", P), around, NULL);
	assert_int_equal(bearer("bad"), 200);
	rig_stop(&r);
	snprintf(around, sizeof(around), "%srequirement_name: n}}", off);
	start_with(FILTER("p: {" LOCAL "}", "requirement_map: {n: {provider_name: p}}"), around, NULL);
	assert_int_equal(bearer("bad"), 401);
	rig_stop(&r);
	/* What nobody knows lets nobody in. */
	start_with(FILTER("p: {" LOCAL "}", "requirement_map: {m: {provider_name: p}}"), around, NULL);
	assert_int_equal(bearer(issuer_token(&issuer, 600, ISS)), 401);
	rig_stop(&r);
	/* A browser asks first, without a token. */
	start(FILTER("p: {" LOCAL "}", P ", bypass_cors_preflight: true"));
	assert_int_equal(
		ask("OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: b\r\nAccess-Control-Request-Method: PUT\r\n\r\n"), 200);
	assert_int_equal(ask("OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n"), 401);
	rig_stop(&r);
	start(FILTER("p: {" LOCAL "}", P ", strip_failure_response: true"));
	assert_int_equal(bearer("bad"), 401);
	assert_null(strstr(got, "www-authenticate"));
	assert_null(strstr(got, "Jwt"));
	rig_stop(&r);
}

#define RBAC(policies)                                                                                                 \
	"{name: envoy.filters.http.rbac, typed_config: {'@type': "                                                     \
	"type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC, rules: {policies: {" policies "}}}}, "
#define CLAIM(path, value)                                                                                             \
	"{permissions: [{any: true}], principals: [{metadata: {filter: envoy.filters.http.jwt_authn, path: [{key: "    \
	"p}" path "], value: {" value "}}}]}"

static void policies_of_claims(void **state)
{
	static const struct {
		const char *policy, *claims;
		bool hit;
	} rows[] = {
		{CLAIM(", {key: sub}", "string_match: {exact: ann}"), ISS, true},
		{CLAIM(", {key: sub}", "string_match: {exact: bob}"), ISS, false},
		{CLAIM(", {key: g}", "list_match: {one_of: {string_match: {exact: b}}}"), ISS ", \"g\": [\"a\", \"b\"]",
		 true},
		{CLAIM(", {key: g}", "list_match: {one_of: {string_match: {exact: b}}}"), ISS ", \"g\": \"b\"", false},
		{CLAIM(", {key: g}", "string_match: {exact: b}"), ISS ", \"g\": [\"b\"]", false},
		{CLAIM(", {key: scope}", "list_match: {one_of: {string_match: {exact: b}}}"),
		 ISS ", \"scope\": \"a b\"", true},
		{CLAIM(", {key: a}, {key: b}", "string_match: {prefix: x}"), ISS ", \"a\": {\"b\": \"xy\"}", true},
		{CLAIM(", {key: a}, {key: B}", "string_match: {prefix: x}"), ISS ", \"a\": {\"b\": \"xy\"}", false},
		{CLAIM(", {key: a}", "present_match: true"), ISS ", \"a\": {}", true},
		{CLAIM(", {key: a}", "bool_match: true"), ISS ", \"a\": true", true},
		{CLAIM(", {key: a}", "double_match: {range: {start: 1, end: 3}}"), ISS ", \"a\": 2", true},
		{CLAIM(", {key: a}", "double_match: {range: {start: 1, end: 3}}"), ISS ", \"a\": 3", false},
		{CLAIM(", {key: a}", "or_match: {value_matchers: [{null_match: {}}, {bool_match: false}]}"),
		 ISS ", \"a\": null", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(freep) char *filter = NULL;

		if (asprintf(&filter, "%s" RBAC("x: %s"),
			     FILTER("p: {" LOCAL ", payload_in_metadata: p, normalize_payload_in_metadata: "
				    "{space_delimited_claims: [scope]}}",
				    P_OR_NONE),
			     rows[i].policy) < 0)
			abort();
		start(filter);
		if (bearer(issuer_token(&issuer, 600, rows[i].claims)) != (rows[i].hit ? 200 : 403))
			fail_msg("%s: %s: %s", rows[i].policy, rows[i].claims, got);
		assert_int_equal(get("/", ""), 403);
		rig_stop(&r);
	}
}

/* ---- keys from afar ---- */

#define REMOTE                                                                                                         \
	"p: {issuer: 'https://id.example', remote_jwks: {http_uri: {uri: 'http://keys.example/jwks?a', cluster: "      \
	"keys, timeout: 2s}, cache_duration: 60s}}"

static int keys_at;

static void start_remote(void)
{
	start_with(FILTER(REMOTE, P), NULL, rig_cluster_yaml("keys", "10.0.0.2:80", NULL));
	keys_at = loopback_listen("10.0.0.2:80");
}

static int send_bearer(const char *token)
{
	char text[8192];

	snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n", token);
	return rig_request(&r, text);
}

static void serve_keys(int fd, const char *set)
{
	char text[2048];

	snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(set), set);
	rig_send(&r, fd, text);
}

static void keys_are_fetched_once(void **state)
{
	const char *good = issuer_token(&issuer, 3600, ISS);
	int a, b, fd;

	(void)state;
	start_remote();
	a = send_bearer(good);
	b = send_bearer(good);
	fd = rig_accept_at(&r, keys_at);
	assert_string_equal(loopback_got(fd), "GET /jwks?a HTTP/1.1\r\nhost: keys.example\r\n\r\n");
	assert_int_equal(rig_accept_at(&r, keys_at), -1);
	assert_int_equal(rig_accept(&r), -1); /* nobody passes before they are there */
	serve_keys(fd, issuer.jwks);
	for (int i = 0; i < 2; i++) {
		const int up = rig_accept(&r);

		rig_send(&r, up, OK);
		rig_close(&r, up);
	}
	assert_has(loopback_got(a), "200 OK");
	assert_has(loopback_got(b), "200 OK");
	assert_int_equal(bearer(good), 200);
	/* Who does not bring a token costs no fetch; old keys are asked for anew. */
	rig_advance(&r, 61000);
	assert_int_equal(get("/", ""), 401);
	assert_string_equal(loopback_got(fd), "");
	a = send_bearer(good);
	assert_has(loopback_got(fd), "GET /jwks?a");
	serve_keys(fd, other.jwks);
	assert_has(loopback_got(a), "HTTP/1.1 401");
	rig_stop(&r);
}

static void without_keys_nobody_passes(void **state)
{
	const char *good = issuer_token(&issuer, 3600, ISS);
	int a, fd;

	(void)state;
	start_remote();
	a = send_bearer(good);
	fd = rig_accept_at(&r, keys_at);
	rig_send(&r, fd, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
	assert_has(loopback_got(a), "Jwks remote fetch is failed");
	/* Not at once again, however many ask. */
	(void)loopback_got(fd);
	assert_int_equal(bearer(good), 401);
	assert_string_equal(loopback_got(fd), "");
	rig_advance(&r, 1100);
	a = send_bearer(good);
	assert_has(loopback_got(fd), "GET /jwks?a");
	rig_advance(&r, 2100);
	assert_has(loopback_got(a), "Jwks remote fetch is failed");
	rig_advance(&r, 1100);
	a = send_bearer(good);
	fd = rig_accept_at(&r, keys_at);
	serve_keys(fd, "{\"keys\": [{\"kty\": \"oct\", \"k\": \"AAAA\"}]}");
	assert_has(loopback_got(a), "Jwks remote fetch is failed");
	/* Who goes away while he waits leaves nothing behind, nor does the worker. */
	rig_advance(&r, 1100);
	a = send_bearer(good);
	loopback_abort(a);
	rig_run(&r);
	(void)send_bearer(good);
	rig_stop(&r);
}

static void verified_once(void **state)
{
	struct worker *w = &r.worker;
	CLEANUP(jwk_set_freep) struct jwk_set *keys = NULL, *others = NULL;
	struct jwt_entry *a, *b;
	char text[4096];

	(void)state;
	start(FILTER("p: {" LOCAL "}", P));
	assert_int_equal(jwk_set_parse(slice_str(issuer.jwks), &keys, NULL), 0);
	assert_int_equal(jwk_set_parse(slice_str(other.jwks), &others, NULL), 0);
	snprintf(text, sizeof(text), "%s", issuer_token(&issuer, 600, ISS));
	assert_int_equal(jwt_cache_get(w, slice_str(text), &a), JWT_OK);
	assert_int_equal(jwt_cache_verify(w, a, others), JWT_WRONG_SIGNATURE);
	assert_int_equal(jwt_cache_get(w, slice_str(text), &b), JWT_OK);
	assert_ptr_not_equal(a, b); /* what is bad is not kept */
	jwt_entry_put(b);
	assert_int_equal(jwt_cache_verify(w, a, keys), JWT_OK);
	assert_int_equal(jwt_cache_get(w, slice_str(text), &b), JWT_OK);
	assert_ptr_equal(a, b);
	assert_true(b->verified);
	/* Good with these keys is not good with any. */
	assert_int_equal(jwt_cache_verify(w, b, others), JWT_WRONG_SIGNATURE);
	jwt_entry_put(b);
	/* The least recently used goes when there are too many. */
	for (int i = 0; i <= JWT_CACHE_TOKENS; i++) {
		char claims[256];

		snprintf(claims, sizeof(claims), ISS ", \"n\": %d", i);
		assert_int_equal(jwt_cache_get(w, slice_str(issuer_token(&issuer, 600, claims)), &b), JWT_OK);
		assert_int_equal(jwt_cache_verify(w, b, keys), JWT_OK);
		jwt_entry_put(b);
	}
	assert_false(list_linked(&a->link));
	jwt_entry_put(a);
	rig_stop(&r);
}

static int setup(void **state)
{
	(void)state;
	issuer_init(&issuer);
	issuer_init(&other);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	issuer_done(&issuer);
	issuer_done(&other);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_and_bad),
		cmocka_unit_test(everywhere_and_every_one),
		cmocka_unit_test(what_goes_on),
		cmocka_unit_test(needs),
		cmocka_unit_test(of_routes),
		cmocka_unit_test(policies_of_claims),
		cmocka_unit_test(keys_are_fetched_once),
		cmocka_unit_test(without_keys_nobody_passes),
		cmocka_unit_test(verified_once),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
