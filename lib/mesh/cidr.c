/* Networks and addresses, compared bit by bit. */
#include "mesh/cidr.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/slice.h"

static bool parse_address(struct cidr *c)
{
	c->n_bytes = 4;
	if (inet_pton(AF_INET, c->address, c->bytes) == 1)
		return true;
	c->n_bytes = 16;
	return inet_pton(AF_INET6, c->address, c->bytes) == 1;
}

bool cidr_parse(const char *text, struct cidr *ret)
{
	struct slice rest = slice_str(text), address = slice_split(&rest, '/');
	struct cidr c = {0};
	uint64_t bits;

	if (!address.len || address.len >= sizeof(c.address))
		return false;
	memcpy(c.address, address.ptr, address.len);
	if (!parse_address(&c))
		return false;
	bits = c.n_bytes * 8;
	if (text[address.len] == '/' && slice_to_u64(rest, bits, &bits) < 0)
		return false;
	c.prefix_bits = (unsigned)bits;
	*ret = c;
	return true;
}

bool cidr_covers(const char *outer, const char *inner)
{
	struct cidr n, a;
	unsigned whole, rest;

	if (!cidr_parse(outer, &n) || !cidr_parse(inner, &a) || n.n_bytes != a.n_bytes || a.prefix_bits < n.prefix_bits)
		return false;
	whole = n.prefix_bits / 8;
	rest = n.prefix_bits % 8;
	if (memcmp(n.bytes, a.bytes, whole) != 0)
		return false;
	return !rest || (n.bytes[whole] >> (8 - rest)) == (a.bytes[whole] >> (8 - rest));
}

bool cidr_has(const char *network, const char *ip)
{
	return !strchr(ip, '/') && cidr_covers(network, ip);
}
