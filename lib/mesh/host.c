/* Host name arithmetic. */
#include <string.h>

#include "mesh/host.h"

const char *host_resolve(struct arena *a, const char *host, const char *ns, const char *domain)
{
	if (!host)
		return "";
	if (!*host || strchr(host, '.') || strchr(host, ':') || strchr(host, '*'))
		return host;
	return arena_printf(a, "%s.%s.svc.%s", host, ns, domain);
}

const char *gateway_resolve(struct arena *a, const char *gateway, const char *ns)
{
	struct slice rest = slice_str(gateway), name;

	if (strcmp(gateway, "mesh") == 0)
		return gateway;
	if (strncmp(gateway, "./", 2) == 0)
		return arena_printf(a, "%s/%s", ns, gateway + 2);
	if (strchr(gateway, '/'))
		return gateway;
	name = slice_split(&rest, '.');
	if (rest.len) {
		const struct slice own = slice_split(&rest, '.');

		return arena_printf(a, "%.*s/%.*s", SLICE_ARG(own), SLICE_ARG(name));
	}
	return arena_printf(a, "%s/%s", ns, gateway);
}

bool host_is_wildcard(const char *host)
{
	return host[0] == '*';
}

static bool ends_with(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && strcasecmp(s + n - m, suffix) == 0;
}

bool host_subset_of(const char *host, const char *pattern)
{
	if (!host_is_wildcard(pattern))
		return strcasecmp(host, pattern) == 0;
	if (host_is_wildcard(host) && strlen(host) < strlen(pattern))
		return false;
	return ends_with(host_is_wildcard(host) ? host + 1 : host, pattern + 1);
}

bool host_overlap(const char *a, const char *b)
{
	return host_subset_of(a, b) || host_subset_of(b, a);
}

int host_cmp_specific(const char *a, const char *b)
{
	const bool wa = host_is_wildcard(a), wb = host_is_wildcard(b);
	size_t na, nb;

	if (wa != wb)
		return wa ? 1 : -1;
	if (!wa)
		return strcasecmp(a, b);
	na = strlen(a);
	nb = strlen(b);
	if (na != nb)
		return na > nb ? -1 : 1;
	return strcasecmp(a, b);
}
