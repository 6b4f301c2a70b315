/*
 * A ClientHello, looked at and not touched: record layer (a hello may be spread over several records), handshake
 * header, then the extensions server_name, ALPN and supported_versions.
 */
#include <string.h>

#include "net/tls.h"

#define RECORD_HEADER 5
#define RECORD_HANDSHAKE 22
#define HANDSHAKE_HEADER 4
#define CLIENT_HELLO 1

enum { EXT_SERVER_NAME = 0, EXT_ALPN = 16, EXT_SUPPORTED_VERSIONS = 43 };

/* A cursor; once it ran over the end, everything read is empty and `bad` stays. */
struct cursor {
	struct slice rest;
	bool bad;
};

static struct slice take_bytes(struct cursor *c, size_t n)
{
	struct slice s = slice_head(c->rest, n);

	if (c->bad || c->rest.len < n) {
		c->bad = true;
		return slice_make(NULL, 0);
	}
	c->rest = slice_from(c->rest, n);
	return s;
}

static uint32_t take_number(struct cursor *c, size_t bytes)
{
	struct slice s = take_bytes(c, bytes);
	uint32_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n = n << 8 | (unsigned char)s.ptr[i];
	return n;
}

/* A vector with a length of `bytes` bytes before it. */
static struct cursor take_vector(struct cursor *c, size_t bytes)
{
	struct cursor inner = {take_bytes(c, take_number(c, bytes)), false};

	inner.bad = c->bad;
	return inner;
}

static void server_name(struct cursor body, struct tls_hello *ret)
{
	struct cursor names = take_vector(&body, 2);

	while (!names.bad && names.rest.len) {
		uint32_t type = take_number(&names, 1);
		struct cursor name = take_vector(&names, 2);

		if (!names.bad && type == 0 && ret->server_name.len == 0)
			ret->server_name = name.rest;
	}
}

static void alpn(struct cursor body, struct tls_hello *ret)
{
	struct cursor names = take_vector(&body, 2);

	while (!names.bad && names.rest.len && ret->n_alpn < TLS_ALPN_MAX) {
		struct cursor name = take_vector(&names, 1);

		if (!names.bad)
			ret->alpn[ret->n_alpn++] = name.rest;
	}
}

static void versions(struct cursor body, struct tls_hello *ret)
{
	struct cursor list = take_vector(&body, 1);

	while (!list.bad && list.rest.len >= 2) {
		uint32_t v = take_number(&list, 2);

		if (v <= 0x0304 && v > ret->version) /* greased and future values are no versions */
			ret->version = (uint16_t)v;
	}
}

static bool parse_body(struct slice body, struct tls_hello *ret)
{
	struct cursor c = {body, false};
	struct cursor exts;

	ret->version = (uint16_t)take_number(&c, 2);
	take_bytes(&c, 32); /* random */
	take_vector(&c, 1); /* session id */
	take_vector(&c, 2); /* cipher suites */
	take_vector(&c, 1); /* compression */
	if (c.bad)
		return false;
	if (c.rest.len == 0)
		return true;
	exts = take_vector(&c, 2);
	while (!exts.bad && exts.rest.len) {
		uint32_t type = take_number(&exts, 2);
		struct cursor ext = take_vector(&exts, 2);

		if (exts.bad)
			return false;
		if (type == EXT_SERVER_NAME)
			server_name(ext, ret);
		else if (type == EXT_ALPN)
			alpn(ext, ret);
		else if (type == EXT_SUPPORTED_VERSIONS)
			versions(ext, ret);
	}
	return !exts.bad;
}

static unsigned at(struct slice s, size_t i)
{
	return i < s.len ? (unsigned char)s.ptr[i] : 0;
}

/* 22, 3, minor, length; then 1 = ClientHello. Any prefix of that may still become one. */
static bool may_be_hello(struct slice s)
{
	if (s.len > 0 && at(s, 0) != RECORD_HANDSHAKE)
		return false;
	if (s.len > 1 && at(s, 1) != 3)
		return false;
	if (s.len > 2 && at(s, 2) > 4)
		return false;
	return s.len <= RECORD_HEADER || at(s, RECORD_HEADER) == CLIENT_HELLO;
}

int tls_hello_parse(struct slice bytes, struct tls_hello *ret)
{
	size_t record, need;

	memset(ret, 0, sizeof(*ret));
	if (!may_be_hello(bytes))
		return 1;
	if (bytes.len < RECORD_HEADER + HANDSHAKE_HEADER)
		return 0;
	record = at(bytes, 3) << 8 | at(bytes, 4);
	need = (size_t)at(bytes, 6) << 16 | at(bytes, 7) << 8 | at(bytes, 8);
	if (need > TLS_HELLO_MAX_BYTES)
		return 1;
	ret->is_tls = true;
	/* A hello that is split over records cannot be viewed in place; it is TLS all the same. */
	if (record < HANDSHAKE_HEADER + need)
		return 1;
	if (bytes.len < RECORD_HEADER + HANDSHAKE_HEADER + need) {
		ret->is_tls = false;
		return 0;
	}
	if (!parse_body(slice_make(bytes.ptr + RECORD_HEADER + HANDSHAKE_HEADER, need), ret))
		memset(ret, 0, sizeof(*ret));
	return 1;
}
