/* SPIFFE identities as text. */
#include <stdio.h>

#include "pki/spiffe.h"

static bool part_ok(struct slice s)
{
	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= ' ' || (unsigned char)s.ptr[i] > 126 || strchr("/%?#", s.ptr[i]))
			return false;
	return true;
}

int spiffe_format(char *out, size_t size, struct slice trust_domain, struct slice ns, struct slice sa)
{
	int n;

	if (!part_ok(trust_domain) || !part_ok(ns) || !part_ok(sa))
		return -EINVAL;
	n = snprintf(out, size, "spiffe://%.*s/ns/%.*s/sa/%.*s", SLICE_ARG(trust_domain), SLICE_ARG(ns), SLICE_ARG(sa));
	if (n < 0 || (size_t)n >= size || n > SPIFFE_MAX)
		return -EMSGSIZE;
	return n;
}

int spiffe_parse(struct slice uri, struct spiffe *ret)
{
	struct slice scheme = SLICE("spiffe://");
	struct slice rest, domain, ns, sa;

	if (uri.len > SPIFFE_MAX || !slice_starts(uri, scheme))
		return -EINVAL;
	rest = slice_from(uri, scheme.len);
	domain = slice_split(&rest, '/');
	if (!slice_eq_str(slice_split(&rest, '/'), "ns"))
		return -EINVAL;
	ns = slice_split(&rest, '/');
	if (!slice_eq_str(slice_split(&rest, '/'), "sa"))
		return -EINVAL;
	sa = rest;
	if (!part_ok(domain) || !part_ok(ns) || !part_ok(sa))
		return -EINVAL;
	*ret = (struct spiffe){domain, ns, sa};
	return 0;
}
