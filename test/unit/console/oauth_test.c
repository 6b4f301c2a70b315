/* What is pure of logins by OAuth: where browsers are sent and led back to, and what binds an answer to a browser. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/cleanup.h"
#include "console/access/oauth.h"
#include "msg/json.h"

static const uint8_t key[OAUTH_KEY_BYTES] = "one", other_key[OAUTH_KEY_BYTES] = "another";

static void servers(void **state)
{
	static const struct {
		const char *said;
		bool good, s256;
	} rows[] = {
		{"{\"authorization_endpoint\":\"https://o/a\",\"token_endpoint\":\"https://o/t\","
		 "\"code_challenge_methods_supported\":[\"plain\",\"S256\"]}",
		 true, true},
		{"{\"authorization_endpoint\":\"https://o/a\",\"token_endpoint\":\"https://o/t\","
		 "\"code_challenge_methods_supported\":[\"plain\"]}",
		 true, false},
		{"{\"authorization_endpoint\":\"https://o/a\",\"token_endpoint\":\"https://o/t\"}", true, false},
		{"{\"authorization_endpoint\":\"https://o/a\",\"token_endpoint\":\"http://o/t\"}", false, false},
		{"{\"authorization_endpoint\":\"javascript:a\",\"token_endpoint\":\"https://o/t\"}", false, false},
		{"{\"authorization_endpoint\":\"https://o/a\"}", false, false},
		{"{}", false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *said = json_literal(rows[i].said);
		struct oauth_server s = {0};

		assert_int_equal(oauth_server_read(said, &s, NULL) == 0, rows[i].good);
		assert_int_equal(s.s256, rows[i].s256);
		oauth_server_done(&s);
	}
}

/* A browser is led back to a Route of ours or nowhere. */
static void ways_back(void **state)
{
	static const char uris[] =
		"https://kiali.example/oauth/callback\nhttps://other.example:8443/oauth/callback\n\n";
	static const struct {
		const char *host, *uri;
	} rows[] = {
		{"kiali.example", "https://kiali.example/oauth/callback"},
		{"KIALI.example", "https://kiali.example/oauth/callback"},
		{"other.example:8443", "https://other.example:8443/oauth/callback"},
		{"other.example", NULL},
		{"kiali.example.evil.example", NULL},
		{"kiali.example:80", NULL},
		{"evil.example", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct slice uri = oauth_redirect_of(uris, slice_str(rows[i].host));

		if (!slice_eq(uri, slice_str(rows[i].uri)))
			fail_msg("%s: %.*s", rows[i].host, SLICE_ARG(uri));
	}
	assert_int_equal(oauth_redirect_of("nothing", SLICE("nothing")).len, 0);
	assert_int_equal(oauth_redirect_of("", SLICE("a")).len, 0);
}

static void local_paths(void **state)
{
	static const struct {
		const char *path;
		bool local;
	} rows[] = {
		{"/", true},
		{"/graph?namespaces=a,b#c", true},
		{"/a//b", true},
		{"", false},
		{"graph", false},
		{"//evil.example", false},
		{"/\\evil", false},
		{"/\t/evil", false},
		{"https://evil.example", false},
		{"/a\r\nb: c", false},
		{"/a b", false},
		{"javascript:alert(1)", false},
	};
	char text[OAUTH_THEN_MAX_BYTES + 2];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (oauth_is_local(slice_str(rows[i].path)) != rows[i].local)
			fail_msg("\"%s\": expected %d", rows[i].path, rows[i].local);
	memset(text, 'a', sizeof(text));
	text[0] = '/';
	assert_true(oauth_is_local(slice_make(text, OAUTH_THEN_MAX_BYTES)));
	assert_false(oauth_is_local(slice_make(text, OAUTH_THEN_MAX_BYTES + 1)));
}

/* Any change of a cookie is noticed, and a cookie of another process or of yesterday, too. */
static void cookies(void **state)
{
	struct oauth_login l, again = {0}, other;
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	char state_text[OAUTH_SECRET_LEN + 1];

	(void)state;
	oauth_login_begin(&l, SLICE("/graph?a=b"), 5);
	oauth_seal(key, &l, &text);
	assert_int_equal(oauth_open(key, buf_slice(&text), 5, &again), OAUTH_GOOD);
	assert_string_equal(again.then, "/graph?a=b");
	assert_string_equal(again.verifier, l.verifier);
	assert_int_equal(oauth_open(key, buf_slice(&text), 5 + OAUTH_LOGIN_NS, &again), OAUTH_LATE);
	assert_int_equal(oauth_open(other_key, buf_slice(&text), 5, &again), OAUTH_FORGED);
	for (size_t i = 0; i < text.len; i++) {
		text.ptr[i] ^= 1;
		assert_int_equal(oauth_open(key, buf_slice(&text), 5, &again), OAUTH_FORGED);
		text.ptr[i] ^= 1;
		assert_int_equal(oauth_open(key, slice_head(buf_slice(&text), i), 5, &again), OAUTH_FORGED);
	}
	/* What comes back is of this login alone, and tells nothing of the verifier. */
	oauth_state(key, &l, state_text);
	assert_string_not_equal(state_text, l.verifier);
	assert_true(oauth_state_is(key, &l, slice_str(state_text)));
	oauth_login_begin(&other, SLICE("/graph?a=b"), 5);
	assert_string_not_equal(l.verifier, other.verifier);
	assert_false(oauth_state_is(key, &other, slice_str(state_text)));
	assert_false(oauth_state_is(key, &l, slice_str(NULL)));
	assert_false(oauth_state_is(key, &l, slice_head(slice_str(state_text), 63)));
}

/* The challenge is that of RFC 7636, appendix B, the fields are those of RFC 6749. */
static void requests(void **state)
{
	const struct oauth_client c = {"kiali-a:b", "s%cret", "https://k/oauth/callback"};
	struct oauth_server s = {(char *)"https://o/authorize", (char *)"https://o/token", true};
	struct oauth_login l = {.verifier = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	(void)state;
	oauth_authorize_url(&s, &c, slice_str(c.redirects), key, &l, &out);
	assert_true(slice_starts(buf_slice(&out), SLICE("https://o/authorize?response_type=code&scope=user%3Afull&"
							"client_id=kiali-a%3Ab&redirect_uri="
							"https%3A%2F%2Fk%2Foauth%2Fcallback&state=")));
	assert_non_null(strstr(buf_str(&out), "&code_challenge_method=S256&code_challenge="
					      "_-BU_nrgy23GXDr5th1SCfQ5hR20PQulmXM33xVGaOs"));
	assert_null(strstr(buf_str(&out), l.verifier));
	buf_clear(&out);
	oauth_token_form(&s, slice_str(c.redirects), SLICE("a&b"), &l, &out);
	assert_string_equal(buf_str(&out),
			    "grant_type=authorization_code&code=a%26b&redirect_uri=https%3A%2F%2Fk%2Foauth%2Fcallback"
			    "&code_verifier=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	buf_clear(&out);
	s.s256 = false;
	s.authorize = (char *)"https://o/authorize?a=b";
	oauth_authorize_url(&s, &c, slice_str(c.redirects), key, &l, &out);
	assert_true(slice_starts(buf_slice(&out), SLICE("https://o/authorize?a=b&response_type=code")));
	oauth_token_form(&s, slice_str(c.redirects), SLICE("a&b"), &l, &out);
	assert_null(strstr(buf_str(&out), "code_"));
	buf_clear(&out);
	oauth_token_field(&c, &out);
	assert_string_equal(buf_str(&out), "authorization: Basic a2lhbGktYSUzQWI6cyUyNWNyZXQ=");
	buf_clear(&out);
	oauth_token_name(SLICE("sha256~abc"), &out);
	oauth_token_name(SLICE("abc"), &out);
	assert_string_equal(buf_str(&out), "sha256~ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
					   "sha256~ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers), cmocka_unit_test(ways_back), cmocka_unit_test(local_paths),
		cmocka_unit_test(cookies), cmocka_unit_test(requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
