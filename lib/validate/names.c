/* Validation: names, addresses, ports and labels. */
#include "base/ip.h"
#include "mesh/protocol.h"
#include "validate/validate_internal.h"

#define LABEL_MAX 63
#define DOMAIN_MAX 255
#define LABEL_PREFIX_MAX 253

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool label_ok(struct slice s)
{
	if (!s.len || s.len > LABEL_MAX || !is_alnum(s.ptr[0]) || !is_alnum(s.ptr[s.len - 1]))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_alnum(s.ptr[i]) && s.ptr[i] != '-')
			return false;
	return true;
}

bool val_is_label(const char *s)
{
	return label_ok(slice_str(s));
}

static bool is_number(struct slice s)
{
	uint64_t n;

	return slice_to_u64(s, UINT64_MAX, &n) == 0;
}

/* Labels from here to the end; the very last may be empty when there are others. */
static bool labels_ok(struct slice s, struct slice *bad)
{
	const ptrdiff_t dot = slice_rfind(s, '.');

	*bad = dot < 0 ? s : slice_from(s, (size_t)dot + 1);
	if (is_number(*bad))
		return false;
	if (dot > 0 && !bad->len)
		s.len--;
	for (;;) {
		const ptrdiff_t at = slice_find(s, '.');

		*bad = at < 0 ? s : slice_head(s, (size_t)at);
		if (!label_ok(*bad))
			return false;
		if (at < 0)
			return true;
		s = slice_from(s, (size_t)at + 1);
	}
}

static bool fqdn_ok(const char *s, struct slice *bad)
{
	*bad = slice_str(s);
	return val_set(s) && strlen(s) <= DOMAIN_MAX && labels_ok(slice_str(s), bad);
}

/* The first label may begin with "*" or "*-"; its whole length counts. */
static bool wildcard_label_ok(struct slice s)
{
	if (s.len > LABEL_MAX)
		return false;
	if (s.len && s.ptr[0] == '*') {
		s = slice_from(s, 1);
		if (!s.len)
			return true;
		if (s.ptr[0] == '-')
			s = slice_from(s, 1);
	}
	return label_ok(s);
}

static bool domain_ok(const char *s, struct slice *bad)
{
	const struct slice all = slice_str(s);
	const ptrdiff_t dot = slice_find(all, '.');

	*bad = dot < 0 ? all : slice_head(all, (size_t)dot);
	if (!all.len || all.len > DOMAIN_MAX || !wildcard_label_ok(*bad))
		return false;
	if (dot < 0)
		return true;
	if ((size_t)dot + 1 == all.len)
		return true; /* "name." */
	return labels_ok(slice_from(all, (size_t)dot + 1), bad);
}

bool val_is_fqdn(const char *s)
{
	struct slice bad;

	return fqdn_ok(s, &bad);
}

bool val_is_domain(const char *s)
{
	struct slice bad;

	return domain_ok(s, &bad);
}

/* Of IPv6 with a zone behind it, too. */
bool val_is_ip(const char *s)
{
	const struct slice text = slice_str(s);
	const ptrdiff_t zone = slice_find(text, '%');

	if (zone < 0)
		return ip_is(text);
	return text.len > (size_t)zone + 1 && slice_find(text, ':') >= 0 && ip_is(slice_head(text, (size_t)zone));
}

bool val_is_partial_wildcard(const char *host)
{
	return strchr(host, '*') && host[1] && strncmp(host, "*.", 2) != 0;
}

static void say_domain(struct val *v, const char *path, const char *host, struct slice bad)
{
	if (!val_set(host))
		val_error(v, path, "empty domain name not allowed");
	else if (strlen(host) > DOMAIN_MAX)
		val_error(v, path, "domain name \"%.*s...\" too long (max %d)", 60, host, DOMAIN_MAX);
	else if (is_number(bad))
		val_error(v, path, "domain name \"%s\" invalid (top level domain \"%.*s\" cannot be all-numeric)", host,
			  SLICE_ARG(bad));
	else
		val_error(v, path, "domain name \"%s\" invalid (label \"%.*s\" invalid)", host, SLICE_ARG(bad));
}

void val_domain(struct val *v, const char *path, const char *host)
{
	struct slice bad;

	if (!domain_ok(host, &bad))
		say_domain(v, path, host, bad);
}

void val_domain_or_ip(struct val *v, const char *path, const char *host)
{
	if (!val_is_ip(host))
		val_domain(v, path, host);
}

void val_fqdn(struct val *v, const char *path, const char *host)
{
	struct slice bad;

	if (!fqdn_ok(host, &bad))
		say_domain(v, path, host, bad);
}

void val_ip(struct val *v, const char *path, const char *text)
{
	if (!val_is_ip(text))
		val_error(v, path, "\"%s\" is no IP address", text ? text : "");
}

void val_subnet(struct val *v, const char *path, const char *text)
{
	struct ip_range range;

	if (!strchr(text, '/'))
		val_ip(v, path, text);
	else if (ip_range_parse(slice_str(text), &range, NULL) < 0)
		val_error(v, path, "\"%s\" is no network such as 10.0.0.0/8", text);
}

void val_unix(struct val *v, const char *path, const char *text)
{
	const size_t n = strlen(text);

	if (!n)
		val_error(v, path, "unix:// needs the path of a socket");
	else if (text[0] != '@' && (text[0] != '/' || text[n - 1] == '/'))
		val_error(v, path, "unix://%s: the socket's path must begin with / and name a file", text);
}

void val_port(struct val *v, const char *path, uint32_t port)
{
	if (port < 1 || port > 65535)
		val_error(v, path, "port number %u must be in the range 1..65535", port);
}

void val_port_name(struct val *v, const char *path, const char *name)
{
	if (!val_is_label(name))
		val_error(v, path, "port name \"%s\" must be a DNS label of at most %d characters", name ? name : "",
			  LABEL_MAX);
}

/* Letters, digits, "-", "_" and "."; letters or digits at both ends. */
static bool qualified_ok(struct slice s)
{
	if (!s.len || s.len > LABEL_MAX || !is_alnum(s.ptr[0]) || !is_alnum(s.ptr[s.len - 1]))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_alnum(s.ptr[i]) && !strchr("-_.", s.ptr[i]))
			return false;
	return true;
}

static bool label_key_ok(const char *key)
{
	const char *slash = strchr(key, '/');
	struct slice prefix = slice_str(key);

	if (!slash)
		return qualified_ok(prefix);
	prefix.len = (size_t)(slash - key);
	if (!prefix.len || prefix.len > LABEL_PREFIX_MAX)
		return false;
	for (;;) {
		const ptrdiff_t dot = slice_find(prefix, '.');

		if (!label_ok(dot < 0 ? prefix : slice_head(prefix, (size_t)dot)))
			return false;
		if (dot < 0)
			return qualified_ok(slice_str(slash + 1));
		prefix = slice_from(prefix, (size_t)dot + 1);
	}
}

void val_labels(struct val *v, const char *path, const struct str_map *labels)
{
	for (size_t i = 0; i < labels->n; i++) {
		const struct str_pair *p = &labels->v[i];

		if (!label_key_ok(p->key))
			val_error(v, path, "\"%s\" is no key of a label", p->key);
		if (*p->value && !qualified_ok(slice_str(p->value)))
			val_error(v, path, "\"%s\" is no value of the label %s", p->value, p->key);
	}
}

static void check_gateway_name(struct val *v, const char *path, const char *name)
{
	const char *slash = strchr(name, '/');
	const char *ns = slash ? arena_printf(&v->arena, "%.*s", (int)(slash - name), name) : NULL;
	struct slice rest = slice_str(name), first, second;

	if (!slash) {
		val_fqdn(v, path, name);
		first = slice_split(&rest, '.');
		second = slice_split(&rest, '.');
		if (second.len)
			val_warn(v, path,
				 "using legacy gatewayName format \"%s\"; prefer the <namespace>/<name> format: "
				 "\"%.*s/%.*s\"",
				 name, SLICE_ARG(second), SLICE_ARG(first));
		return;
	}
	if (!*ns || !slash[1])
		val_error(v, path, "config namespace and gateway name cannot be empty");
	else if (!val_is_label(ns))
		val_error(v, path, "invalid value for namespace: \"%s\"", ns);
	else if (!val_is_label(slash + 1))
		val_error(v, path, "invalid value for gateway name: \"%s\"", slash + 1);
}

void val_gateway_names(struct val *v, const char *path, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_gateway_name(v, val_path(v, "%s[%zu]", path, i), names[i]);
}
