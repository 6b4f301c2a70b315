/* Addresses as Kubernetes' library has them: URLs that are absolute (or absolute paths), IPs and ranges as questions.
 */
#include "base/cleanup.h"
#include "cel/ast_internal.h"
#include "net/socket.h"

struct url {
	struct slice scheme, host, path; /* host: with its port */
};

static bool is_scheme(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		const char c = s.ptr[i];
		const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.')))
			return false;
	}
	return s.len > 0;
}

/* RFC 3986 as far as url.ParseRequestURI of Go takes it: "scheme://host/path" or "/path". */
static bool parse(struct slice s, struct url *ret)
{
	const ptrdiff_t colon = slice_find(s, ':');
	size_t end;

	*ret = (struct url){0};
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == 0x7f)
			return false;
	if (!slice_starts(s, SLICE("/"))) {
		if (colon <= 0 || !is_scheme(slice_head(s, (size_t)colon)))
			return false;
		ret->scheme = slice_head(s, (size_t)colon);
		s = slice_from(s, (size_t)colon + 1);
		if (!slice_starts(s, SLICE("//")))
			return s.len > 0;
		s = slice_from(s, 2);
		for (end = 0; end < s.len && !strchr("/?#", s.ptr[end]);)
			end++;
		ret->host = slice_head(s, end);
		s = slice_from(s, end);
	}
	for (end = 0; end < s.len && s.ptr[end] != '?' && s.ptr[end] != '#';)
		end++;
	ret->path = slice_head(s, end);
	return true;
}

static struct cel_value is_url(struct cel_run *r, const struct cel_value *v, size_t n)
{
	struct url u;

	(void)n;
	return v->kind == CEL_STRING ? cel_bool(parse(v->s, &u)) : cel_no_overload(r, "isURL()");
}

static struct cel_value to_url(struct cel_run *r, const struct cel_value *v, size_t n)
{
	struct url u;

	(void)n;
	if (v->kind != CEL_STRING)
		return cel_no_overload(r, "url()");
	if (!parse(v->s, &u))
		return cel_error(r, "URL parse error: '%.*s'", SLICE_ARG(v->s));
	return (struct cel_value){.kind = CEL_URL, .s = v->s};
}

static bool of_url(const struct cel_value *v, struct url *ret)
{
	return v->kind == CEL_URL && parse(v->s, ret);
}

static struct cel_value scheme(struct cel_run *r, const struct cel_value *v, size_t n)
{
	struct url u;

	(void)n;
	return of_url(v, &u) ? cel_string(u.scheme) : cel_no_overload(r, "getScheme()");
}

static struct cel_value host(struct cel_run *r, const struct cel_value *v, size_t n)
{
	struct url u;

	(void)n;
	return of_url(v, &u) ? cel_string(u.host) : cel_no_overload(r, "getHost()");
}

static struct cel_value path(struct cel_run *r, const struct cel_value *v, size_t n)
{
	struct url u;

	(void)n;
	return of_url(v, &u) ? cel_string(u.path) : cel_no_overload(r, "getEscapedPath()");
}

/* Where the port begins, at its colon: behind the bracket of an IPv6 address. */
static size_t port_at(struct slice host)
{
	const ptrdiff_t colon = slice_rfind(host, ':'), bracket = slice_rfind(host, ']');

	return colon >= 0 && colon > bracket ? (size_t)colon : host.len;
}

static struct cel_value hostname(struct cel_run *r, const struct cel_value *v, size_t n)
{
	struct slice h;
	struct url u;

	(void)n;
	if (!of_url(v, &u))
		return cel_no_overload(r, "getHostname()");
	h = slice_head(u.host, port_at(u.host));
	if (h.len > 1 && h.ptr[0] == '[' && h.ptr[h.len - 1] == ']')
		h = slice_make(h.ptr + 1, h.len - 2);
	return cel_string(h);
}

static struct cel_value port(struct cel_run *r, const struct cel_value *v, size_t n)
{
	struct url u;

	(void)n;
	return of_url(v, &u) ? cel_string(slice_from(u.host, port_at(u.host) + 1)) : cel_no_overload(r, "getPort()");
}

static struct cel_value is_ip(struct cel_run *r, const struct cel_value *v, size_t n)
{
	struct addr a;

	(void)n;
	return v->kind == CEL_STRING ? cel_bool(addr_parse(v->s, 0, &a) == 0) : cel_no_overload(r, "isIP()");
}

static struct cel_value is_cidr(struct cel_run *r, const struct cel_value *v, size_t n)
{
	struct slice bits, ip;
	struct addr a;
	uint64_t number;

	(void)n;
	if (v->kind != CEL_STRING)
		return cel_no_overload(r, "isCIDR()");
	bits = v->s;
	ip = slice_split(&bits, '/');
	return cel_bool(addr_parse(ip, 0, &a) == 0 && bits.len &&
			slice_to_u64(bits, slice_find(ip, ':') >= 0 ? 128 : 32, &number) == 0);
}

const struct cel_function cel_url_functions[] = {
	{"isURL", false, 1, 1, is_url},        {"url", false, 1, 1, to_url},
	{"getScheme", true, 1, 1, scheme},     {"getHost", true, 1, 1, host},
	{"getHostname", true, 1, 1, hostname}, {"getPort", true, 1, 1, port},
	{"getEscapedPath", true, 1, 1, path},  {"isIP", false, 1, 1, is_ip},
	{"isCIDR", false, 1, 1, is_cidr},      {0},
};
