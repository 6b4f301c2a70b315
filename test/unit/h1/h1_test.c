/* Messages as tables: what is taken, what is refused, byte by byte and at once, and what is written again. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "h1/h1.h"
#include "http/class.h"

static struct http_head head;

#define OK "GET / HTTP/1.1\r\nHost: a\r\n"

static const struct {
	const char *name, *text;
	int expected; /* 1 = parsed, 0 = incomplete, else the error */
} requests[] = {
	{"plain", OK "\r\n", 1},
	{"one empty line before", "\r\n" OK "\r\n", 1},
	{"two empty lines before", "\r\n\r\n" OK "\r\n", HTTP_ERR_SYNTAX},
	{"incomplete", OK, 0},
	{"1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 1},
	{"no Host", "GET / HTTP/1.1\r\n\r\n", HTTP_ERR_HOST},
	{"two Hosts", OK "Host: a\r\n\r\n", HTTP_ERR_HOST},
	{"Host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", HTTP_ERR_HOST},
	{"Host with userinfo", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", HTTP_ERR_HOST},
	{"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", HTTP_ERR_SYNTAX},
	{"bare LF after a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", HTTP_ERR_SYNTAX},
	{"bare LF at the end", OK "\n", HTTP_ERR_SYNTAX},
	{"CR in a value", OK "X: a\rb\r\n\r\n", HTTP_ERR_FIELD},
	{"folded field", OK "X: a\r\n b\r\n\r\n", HTTP_ERR_FIELD},
	{"space before the colon", OK "X : a\r\n\r\n", HTTP_ERR_FIELD},
	{"no colon", OK "X\r\n\r\n", HTTP_ERR_FIELD},
	{"empty name", OK ": a\r\n\r\n", HTTP_ERR_FIELD},
	{"name with a space", OK "X Y: a\r\n\r\n", HTTP_ERR_FIELD},
	{"name with a slash", OK "X/Y: a\r\n\r\n", HTTP_ERR_FIELD},
	{"control character in a value", OK "X: 0123456789abcdef\001\r\n\r\n", HTTP_ERR_FIELD},
	{"delete character in a value", OK "X: 0123456789abcdef01234\177\r\n\r\n", HTTP_ERR_FIELD},
	{"tab in a value", OK "X: a\tb\r\n\r\n", 1},
	{"obs-text in a value", OK "X: \xc3\xa9\r\n\r\n", 1},
	{"lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", HTTP_ERR_SYNTAX},
	{"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", HTTP_ERR_VERSION},
	{"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", HTTP_ERR_VERSION},
	{"HTTP/1.10", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", HTTP_ERR_SYNTAX},
	{"HTTP/0.9", "GET /\r\n\r\n", HTTP_ERR_SYNTAX},
	{"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_ERR_SYNTAX},
	{"tab as separator", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_ERR_SYNTAX},
	{"space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_ERR_SYNTAX},
	{"fragment in the target", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_ERR_SYNTAX},
	{"method with a colon", "GE:T / HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_ERR_SYNTAX},
	{"leading space", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_ERR_SYNTAX},
	{"length", OK "Content-Length: 5\r\n\r\n", 1},
	{"length twice", OK "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", HTTP_ERR_LENGTH},
	{"length list", OK "Content-Length: 5, 5\r\n\r\n", HTTP_ERR_LENGTH},
	{"length +5", OK "Content-Length: +5\r\n\r\n", HTTP_ERR_LENGTH},
	{"length -5", OK "Content-Length: -5\r\n\r\n", HTTP_ERR_LENGTH},
	{"length 0x5", OK "Content-Length: 0x5\r\n\r\n", HTTP_ERR_LENGTH},
	{"length 1_0", OK "Content-Length: 1_0\r\n\r\n", HTTP_ERR_LENGTH},
	{"length empty", OK "Content-Length: \r\n\r\n", HTTP_ERR_LENGTH},
	{"length too long", OK "Content-Length: 99999999999999999999\r\n\r\n", HTTP_ERR_LENGTH},
	{"chunked", OK "Transfer-Encoding: chunked\r\n\r\n", 1},
	{"Chunked", OK "Transfer-Encoding: Chunked\r\n\r\n", 1},
	{"chunked and length", OK "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", HTTP_ERR_FRAMING},
	{"length and chunked", OK "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_ERR_FRAMING},
	{"chunked in 1.0", "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_ERR_FRAMING},
	{"chunked twice", OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_ERR_CODING},
	{",chunked", OK "Transfer-Encoding: ,chunked\r\n\r\n", HTTP_ERR_CODING},
	{"gzip, chunked", OK "Transfer-Encoding: gzip, chunked\r\n\r\n", HTTP_ERR_CODING},
	{"identity", OK "Transfer-Encoding: identity\r\n\r\n", HTTP_ERR_CODING},
	{"xchunked", OK "Transfer-Encoding: xchunked\r\n\r\n", HTTP_ERR_CODING},
	{"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 1},
	{"CONNECT with length", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", HTTP_ERR_FRAMING},
};

/* At once, and byte by byte: both must agree. */
static int parse(const char *text, size_t len, bool slowly)
{
	struct h1_parser p = {0};
	ssize_t n = 0;

	for (size_t i = slowly ? 1 : len; i <= len && n == 0; i++)
		n = h1_parse_request(&p, text, i, &head);
	return n > 0 ? 1 : (int)n;
}

static void test_requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(requests); i++)
		for (int slowly = 0; slowly < 2; slowly++) {
			int got = parse(requests[i].text, strlen(requests[i].text), slowly);

			if (got != requests[i].expected)
				fail_msg("%s%s: expected %d, got %d", requests[i].name, slowly ? " (slowly)" : "",
					 requests[i].expected, got);
		}
}

static void test_nul(void **state)
{
	static const char in_name[] = OK "X\0Y: a\r\n\r\n", in_value[] = OK "X: a\0b\r\n\r\n";

	(void)state;
	assert_int_equal(parse(in_name, sizeof(in_name) - 1, false), HTTP_ERR_FIELD);
	assert_int_equal(parse(in_value, sizeof(in_value) - 1, false), HTTP_ERR_FIELD);
}

static void test_limits(void **state)
{
	char *big = malloc(HTTP_HEAD_MAX_BYTES + 1000);
	size_t n;

	(void)state;
	n = (size_t)sprintf(big, OK "X: ");
	memset(big + n, 'a', HTTP_HEAD_MAX_BYTES);
	assert_int_equal(parse(big, HTTP_HEAD_MAX_BYTES + 100, false), HTTP_ERR_TOO_LARGE);
	n = (size_t)sprintf(big, OK);
	for (int i = 0; i < HTTP_FIELDS_MAX; i++)
		n += (size_t)sprintf(big + n, "X: %d\r\n", i);
	n += (size_t)sprintf(big + n, "\r\n");
	assert_int_equal(parse(big, n, false), HTTP_ERR_TOO_LARGE);
	for (int over = 0; over < 2; over++) {
		n = (size_t)sprintf(big, OK "Connection: a");
		for (int i = 1; i < HTTP_CONNECTION_NAMES_MAX / 2; i++)
			n += (size_t)sprintf(big + n, ",b");
		n += (size_t)sprintf(big + n, "\r\nConnection: c");
		for (int i = 1; i < HTTP_CONNECTION_NAMES_MAX / 2 + over; i++)
			n += (size_t)sprintf(big + n, ",b");
		n += (size_t)sprintf(big + n, "\r\n\r\n");
		assert_int_equal(parse(big, n, false), over ? HTTP_ERR_TOO_LARGE : 1);
	}
	free(big);
}

static const struct {
	const char *name, *text;
	enum http_method method;
	int framing; /* or a negative error */
	bool keep;
} responses[] = {
	{"length", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", HTTP_GET, HTTP_BODY_LENGTH, true},
	{"no reason", "HTTP/1.1 200\r\nContent-Length: 3\r\n\r\n", HTTP_GET, HTTP_BODY_LENGTH, true},
	{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_GET, HTTP_BODY_OPEN, true},
	{"until close", "HTTP/1.1 200 OK\r\n\r\n", HTTP_GET, HTTP_BODY_CLOSE, false},
	{"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", HTTP_HEAD, HTTP_BODY_NONE, true},
	{"204", "HTTP/1.1 204 No Content\r\n\r\n", HTTP_GET, HTTP_BODY_NONE, true},
	{"304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", HTTP_GET, HTTP_BODY_NONE, true},
	{"101", "HTTP/1.1 101 Switching Protocols\r\n\r\n", HTTP_GET, HTTP_BODY_TUNNEL, true},
	{"CONNECT", "HTTP/1.1 200 OK\r\n\r\n", HTTP_CONNECT, HTTP_BODY_TUNNEL, true},
	{"close", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n", HTTP_GET, HTTP_BODY_LENGTH,
	 false},
	{"1.0", "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n", HTTP_GET, HTTP_BODY_LENGTH, false},
	{"1.0 keep", "HTTP/1.0 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n", HTTP_GET,
	 HTTP_BODY_LENGTH, true},
	{"status 99", "HTTP/1.1 099 OK\r\n\r\n", HTTP_GET, HTTP_ERR_SYNTAX, false},
	{"status 600", "HTTP/1.1 600 OK\r\n\r\n", HTTP_GET, HTTP_ERR_SYNTAX, false},
	{"status 20x", "HTTP/1.1 20x OK\r\n\r\n", HTTP_GET, HTTP_ERR_SYNTAX, false},
	{"bare LF", "HTTP/1.1 200 OK\nContent-Length: 3\r\n\r\n", HTTP_GET, HTTP_ERR_SYNTAX, false},
	{"both", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_GET,
	 HTTP_ERR_FRAMING, false},
};

static void test_responses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(responses); i++) {
		struct h1_parser p = {0};
		const char *text = responses[i].text;
		ssize_t n = h1_parse_response(&p, text, strlen(text), responses[i].method, &head);
		int got = n > 0 ? head.framing : (int)n;

		if (got != responses[i].framing || (n > 0 && head.keep_alive != responses[i].keep))
			fail_msg("%s: expected %d, got %d (keep %d)", responses[i].name, responses[i].framing, got,
				 head.keep_alive);
	}
}

static const struct {
	const char *name, *text, *data;
	int rest; /* bytes left behind the body, or -1 for an error, -2 for incomplete */
} chunked[] = {
	{"one", "5\r\nhello\r\n0\r\n\r\n", "hello", 0},
	{"two", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\nGET", "hello world", 3},
	{"upper case", "A\r\n0123456789\r\n0\r\n\r\n", "0123456789", 0},
	{"extension", "5;a=b\r\nhello\r\n0;x\r\n\r\n", "hello", 0},
	{"trailer", "0\r\nX: y\r\nZ: \r\n\r\n", "", 0},
	{"leading zeros", "0005\r\nhello\r\n0\r\n\r\n", "hello", 0},
	{"incomplete", "5\r\nhel", "hel", -2},
	{"empty size", "\r\nhello", "", -1},
	{"sign", "+5\r\nhello\r\n0\r\n\r\n", "", -1},
	{"0x", "0x5\r\nhello\r\n0\r\n\r\n", "", -1},
	{"space before", " 5\r\nhello\r\n0\r\n\r\n", "", -1},
	{"space after", "5 \r\nhello\r\n0\r\n\r\n", "", -1},
	{"overflow", "fffffffffffffffff\r\n", "", -1},
	{"bare LF after size", "5\nhello\r\n0\r\n\r\n", "", -1},
	{"CR in extension", "5;a\rb\r\nhello\r\n0\r\n\r\n", "", -1},
	{"data too long", "5\r\nhelloX\r\n0\r\n\r\n", "hello", -1},
	{"bare LF after data", "5\r\nhello\n0\r\n\r\n", "hello", -1},
	{"bare LF at the end", "0\r\n\n", "", -1},
	{"trailer without colon", "0\r\nX\r\n\r\n", "", -1},
	{"trailer folded", "0\r\nX: y\r\n z\r\n\r\n", "", -1},
};

/* Feeds the text in steps; returns rest as in the table, data in out. */
static int decode(const char *text, size_t step, char *out)
{
	size_t len = strlen(text), at = 0, got = 0;
	struct h1_body b;

	h1_body_init(&b, HTTP_BODY_OPEN, 0);
	while (at < len && !b.done) {
		size_t n = MIN(step, len - at);
		char *copy = malloc(n);
		struct slice data;
		ssize_t taken;

		memcpy(copy, text + at, n);
		taken = h1_body_decode(&b, copy, n, &data);
		if (taken >= 0) {
			memcpy(out + got, data.ptr ? data.ptr : "", data.len);
			got += data.len;
			at += (size_t)taken;
		}
		free(copy);
		out[got] = 0;
		if (taken < 0)
			return -1;
	}
	return b.done ? (int)(len - at) : -2;
}

static void test_chunked(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chunked); i++)
		for (size_t step = 1; step < 64; step += step < 4 ? 1 : 20) {
			char out[256] = "";
			int rest = decode(chunked[i].text, step, out);

			if (rest != chunked[i].rest || (rest != -1 && strcmp(out, chunked[i].data) != 0))
				fail_msg("%s (step %zu): expected %d '%s', got %d '%s'", chunked[i].name, step,
					 chunked[i].rest, chunked[i].data, rest, out);
		}
}

/* What is not changed is written as it came; what names one hop only is not. */
static void test_write(void **state)
{
	static const char text[] = "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\n"
				   "ACCEPT:*/*  \r\nTE: trailers\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n";
	struct h1_parser p = {0};
	char out[1024];

	(void)state;
	assert_int_equal(h1_parse_request(&p, text, sizeof(text) - 1, &head), sizeof(text) - 1);
	assert_false(head.keep_alive);
	http_remove_hop_fields(&head);
	http_set(&head, SLICE("x-new"), SLICE("v"));
	assert_true(sizeof(out) > h1_head_bound(&head));
	*h1_write_request(out, &head) = 0;
	assert_string_equal(out,
			    "GET /x HTTP/1.1\r\nHost: a\r\nACCEPT:*/*  \r\nX-Forwarded-For: 1.1.1.1\r\nx-new: v\r\n");
}

/* Naming a field in Connection must not strip what security relies on. */
/* What could not be added is known to whoever sends the head, however many calls later. */
static void test_overflow(void **state)
{
	static char long_name[UINT16_MAX + 2];

	(void)state;
	http_clear(&head);
	for (int i = 0; i < HTTP_FIELDS_MAX + HTTP_FIELDS_SPARE; i++) {
		http_add(&head, SLICE("a"), SLICE("b"));
		assert_false(head.overflow);
	}
	http_add(&head, SLICE("a"), SLICE("b"));
	assert_true(head.overflow);
	http_remove(&head, SLICE("a"));
	assert_true(head.overflow);
	http_clear(&head);
	assert_false(head.overflow);
	http_set(&head, SLICE(""), SLICE("b"));
	assert_true(head.overflow);
	http_clear(&head);
	memset(long_name, 'a', sizeof(long_name) - 1);
	http_add(&head, slice_str(long_name), SLICE("b"));
	assert_true(head.overflow);
	/* A value that no head has room for is not cut. */
	http_clear(&head);
	http_add(&head, SLICE("a"), slice_make(long_name, UINT16_MAX));
	assert_false(head.overflow);
	assert_int_equal(http_field_value(http_find(&head, SLICE("a"))).len, UINT16_MAX);
	http_set(&head, SLICE("a"), slice_str(long_name));
	assert_true(head.overflow);
	assert_null(http_find(&head, SLICE("a")));
	/* And parsing begins anew. */
	assert_int_equal(parse(OK "\r\n", strlen(OK "\r\n"), false), 1);
	assert_false(head.overflow);
}

static void test_hop_protection(void **state)
{
	static const char text[] = "GET /x HTTP/1.1\r\nHost: a\r\nConnection: host, x-forwarded-for, authorization\r\n"
				   "X-Forwarded-For: 1\r\nAuthorization: b\r\n\r\n";
	struct h1_parser p = {0};

	(void)state;
	assert_true(h1_parse_request(&p, text, sizeof(text) - 1, &head) > 0);
	http_remove_hop_fields(&head);
	assert_non_null(http_find_id(&head, HTTP_NAME_HOST));
	assert_non_null(http_find_id(&head, HTTP_NAME_FORWARDED_FOR));
	assert_non_null(http_find_id(&head, HTTP_NAME_AUTHORIZATION));
	assert_null(http_find_id(&head, HTTP_NAME_CONNECTION));
}

static void test_names(void **state)
{
	(void)state;
	assert_int_equal(http_name_find(SLICE("HOST")), HTTP_NAME_HOST);
	assert_int_equal(http_name_find(SLICE("x-envoy-peer-metadata-id")), HTTP_NAME_PEER_METADATA_ID);
	assert_int_equal(http_name_find(SLICE("X-Envoy-Retry-On")), HTTP_NAME_ENVOY);
	assert_int_equal(http_name_find(SLICE("transfer-encoding")), HTTP_NAME_TRANSFER_ENCODING);
	assert_int_equal(http_name_find(SLICE("x-forwarded-proto")), HTTP_NAME_FORWARDED_PROTO);
	assert_int_equal(http_name_find(SLICE("server")), HTTP_NAME_SERVER);
	assert_int_equal(http_name_find(SLICE("te")), HTTP_NAME_TE);
	assert_int_equal(http_name_find(SLICE("x")), HTTP_NAME_OTHER);
}

/* The parser's table and the rest of the tree agree on what a name may hold. */
static void test_tokens(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		const char text = (char)c;

		assert_int_equal(slice_is_token(slice_make(&text, 1)), (http_class[c] & HTTP_CLASS_TOKEN) != 0);
	}
	assert_false(slice_is_token(SLICE("")));
	assert_false(slice_is_token(SLICE("a b")));
}

/* Many bytes are looked at together: a bad one is found wherever it stands, whatever the length. */
static void values_of_every_length(void **state)
{
	static const char bad[] = {1, 0x1f, 0x7f};
	struct http_head h = {0};

	(void)state;
	for (size_t n = 1; n < 40; n++) {
		for (size_t at = 0; at < n; at++) {
			for (size_t k = 0; k < sizeof(bad) + 2; k++) {
				char text[128], value[64];
				struct h1_parser p = {0};
				ssize_t r;

				memset(value, 'v', n);
				value[n] = 0;
				value[at] = k < sizeof(bad) ? bad[k] : k == sizeof(bad) ? '\xff' : 'w';
				snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n", value);
				r = h1_parse_request(&p, text, strlen(text), &h);
				if (k < sizeof(bad))
					assert_int_equal(r, HTTP_ERR_FIELD);
				else
					assert_int_equal(r, strlen(text));
			}
		}
	}
}

/* Each known name, in small letters, capitals, and with one letter wrong anywhere. */
static void names_in_any_case(void **state)
{
	static const char *const names[] = {"te",
					    "host",
					    "cookie",
					    "upgrade",
					    "location",
					    "connection",
					    "user-agent",
					    "content-type",
					    "authorization",
					    "x-forwarded-for",
					    "proxy-connection",
					    "transfer-encoding",
					    "x-envoy-peer-metadata",
					    "x-forwarded-client-cert",
					    "x-envoy-peer-metadata-id"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const size_t n = strlen(names[i]);
		const enum http_name id = http_name_find(slice_str(names[i]));
		char text[32];

		assert_int_not_equal(id, HTTP_NAME_OTHER);
		for (size_t k = 0; k < n; k++)
			text[k] = (char)toupper((unsigned char)names[i][k]);
		assert_int_equal(http_name_find(slice_make(text, n)), id);
		for (size_t k = 0; k < n; k++) {
			memcpy(text, names[i], n);
			text[k] = '_';
			assert_int_not_equal(http_name_find(slice_make(text, n)), id);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_every_length),
		cmocka_unit_test(names_in_any_case),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_responses),
		cmocka_unit_test(test_chunked),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_hop_protection),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_tokens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
