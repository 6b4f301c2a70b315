/* Keys of conditions are a table; values are checked by what they are compared with. */
#include "mesh/authz.h"

#include <errno.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/ip.h"
#include "route/match.h"

/* A DNS name with a port and wildcards fits. */
#define HOST_MAX_BYTES 300
#define NAMESPACE_MAX_BYTES 253

static const struct {
	const char *key; /* ending in "[": a name follows, and "]" */
	enum authz_attribute attribute;
} keys[] = {
	{"request.headers[", AUTHZ_HEADER},
	{"request.regex.headers[", AUTHZ_HEADER_REGEX},
	{"source.ip", AUTHZ_SOURCE_IP},
	{"remote.ip", AUTHZ_REMOTE_IP},
	{"source.namespace", AUTHZ_NAMESPACE},
	{"source.principal", AUTHZ_PRINCIPAL},
	{"request.auth.principal", AUTHZ_TOKEN_PRINCIPAL},
	{"request.auth.audiences", AUTHZ_TOKEN_AUDIENCE},
	{"request.auth.presenter", AUTHZ_TOKEN_PRESENTER},
	{"request.auth.claims[", AUTHZ_TOKEN_CLAIM},
	{"destination.ip", AUTHZ_DESTINATION_IP},
	{"destination.port", AUTHZ_PORT},
	{"connection.sni", AUTHZ_SNI},
};

/* What a header may be called (RFC 9110 5.6.2), or one of the pseudo headers. */
static bool is_header_name(struct slice name)
{
	if (name.len > 1 && name.ptr[0] == ':')
		name = slice_from(name, 1);
	return slice_is_token(name);
}

bool authz_claim_next(struct slice *rest, struct slice *ret)
{
	ptrdiff_t at;

	if (!rest->len)
		return false;
	for (at = 0; (size_t)at + 1 < rest->len; at++)
		if (rest->ptr[at] == ']' && rest->ptr[at + 1] == '[')
			break;
	if ((size_t)at + 1 >= rest->len) {
		*ret = *rest;
		*rest = slice_from(*rest, rest->len);
		return true;
	}
	*ret = slice_head(*rest, (size_t)at);
	*rest = slice_from(*rest, (size_t)at + 2);
	return true;
}

/* "a" or "a][b": names that are not empty and hold no brackets. */
static bool is_claim_path(struct slice rest)
{
	struct slice name;
	bool any = false;

	if (slice_ends(rest, SLICE("][")))
		return false;
	while (authz_claim_next(&rest, &name)) {
		if (!name.len || memchr(name.ptr, '[', name.len) || memchr(name.ptr, ']', name.len))
			return false;
		any = true;
	}
	return any;
}

enum authz_attribute authz_attribute_of(const char *key, struct slice *ret_name)
{
	const struct slice k = slice_str(key);

	*ret_name = slice_make("", 0);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const size_t n = strlen(keys[i].key);

		if (keys[i].key[n - 1] != '[') {
			if (slice_eq_str(k, keys[i].key))
				return keys[i].attribute;
			continue;
		}
		if (!slice_starts(k, slice_str(keys[i].key)) || k.ptr[k.len - 1] != ']' || k.len < n + 2)
			continue;
		*ret_name = slice_make(k.ptr + n, k.len - n - 1);
		if (keys[i].attribute == AUTHZ_TOKEN_CLAIM)
			return is_claim_path(*ret_name) ? AUTHZ_TOKEN_CLAIM : AUTHZ_UNKNOWN;
		return is_header_name(*ret_name) ? keys[i].attribute : AUTHZ_UNKNOWN;
	}
	return AUTHZ_UNKNOWN;
}

bool authz_needs_token(enum authz_attribute a)
{
	return a == AUTHZ_TOKEN_PRINCIPAL || a == AUTHZ_TOKEN_AUDIENCE || a == AUTHZ_TOKEN_PRESENTER ||
	       a == AUTHZ_TOKEN_CLAIM;
}

bool authz_needs_http(enum authz_attribute a)
{
	if (authz_needs_token(a))
		return true;
	switch (a) {
	case AUTHZ_HEADER:
	case AUTHZ_HEADER_REGEX:
	case AUTHZ_HOST:
	case AUTHZ_METHOD:
	case AUTHZ_PATH:
		return true;
	default:
		return false;
	}
}

/* An IPv4 range written as IPv6 must lie within what IPv4 is mapped to. */
static int check_range(const char *value, struct err *e)
{
	struct ip_range r;
	const int res = ip_range_parse(slice_str(value), &r, e);

	if (res == 0 && r.v6 && r.bits < 96 && ip_is_mapped(r.bytes))
		return err_set(e, -EINVAL, "\"%s\" is no range of IP addresses: it holds IPv4 and IPv6", value);
	return res;
}

static int check_length(const char *what, const char *value, size_t max, struct err *e)
{
	return strlen(value) > max
		       ? err_set(e, -EINVAL, "\"%.100s...\" is no %s: it has more than %zu bytes", value, what, max)
		       : 0;
}

int authz_check(enum authz_attribute a, const char *value, struct err *e)
{
	CLEANUP(arena_done) struct arena tmp = ARENA_INIT;
	const struct regex *re;
	uint64_t port;

	if (a == AUTHZ_UNKNOWN)
		return err_set(e, -ENOTSUP, "the attribute is not known");
	if (!value || !*value)
		return err_set(e, -EINVAL, "a value is empty");
	switch (a) {
	case AUTHZ_SOURCE_IP:
	case AUTHZ_REMOTE_IP:
	case AUTHZ_DESTINATION_IP:
		return check_range(value, e);
	case AUTHZ_PORT:
		return slice_to_u64(slice_str(value), 65535, &port) < 0
			       ? err_set(e, -EINVAL, "\"%s\" is no port number", value)
			       : 0;
	case AUTHZ_HEADER_REGEX:
		return regex_new(&tmp, slice_str(value), &re, e);
	case AUTHZ_HOST:
		return check_length("host", value, HOST_MAX_BYTES, e);
	case AUTHZ_NAMESPACE:
		return check_length("namespace", value, NAMESPACE_MAX_BYTES, e);
	default:
		return 0;
	}
}

int authz_dry_run(const struct api_object *o, struct err *e)
{
	static const char *const yes[] = {"1", "t", "T", "TRUE", "true", "True"};
	static const char *const no[] = {"0", "f", "F", "FALSE", "false", "False"};
	const char *text = api_object_annotation(o, "istio.io/dry-run");

	if (!text)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		if (strcmp(text, yes[i]) == 0)
			return 1;
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		if (strcmp(text, no[i]) == 0)
			return 0;
	return err_set(e, -EINVAL, "\"%s\" is neither true nor false", text);
}
