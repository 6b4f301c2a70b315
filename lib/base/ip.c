/* What inet_pton takes is an address; everything else is a name. */
#include "base/ip.h"

#include <errno.h>
#include <string.h>

#include <arpa/inet.h>

static bool parse(struct slice text, struct ip_range *ret)
{
	char copy[INET6_ADDRSTRLEN];

	if (!text.len || text.len >= sizeof(copy) || memchr(text.ptr, 0, text.len))
		return false;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = 0;
	ret->address = text;
	ret->v6 = inet_pton(AF_INET6, copy, ret->bytes) == 1;
	ret->bits = ret->v6 ? 128 : 32;
	return ret->v6 || inet_pton(AF_INET, copy, ret->bytes) == 1;
}

bool ip_is(struct slice text)
{
	struct ip_range unused;

	return parse(text, &unused);
}

int ip_range_parse(struct slice text, struct ip_range *ret, struct err *e)
{
	const ptrdiff_t slash = slice_find(text, '/');
	const struct slice length = slash < 0 ? slice_make("", 0) : slice_from(text, (size_t)slash + 1);
	struct ip_range r = {.bits = 0};
	uint64_t bits;

	if (!parse(slash < 0 ? text : slice_head(text, (size_t)slash), &r))
		return err_set(e, -EINVAL, "\"%.*s\" is no IP address", SLICE_ARG(text));
	if (slash >= 0 && (slice_to_u64(length, r.bits, &bits) < 0 || (length.len > 1 && length.ptr[0] == '0')))
		return err_set(e, -EINVAL, "\"%.*s\" is no range of IP addresses: the length must be 0 to %u",
			       SLICE_ARG(text), r.bits);
	if (slash >= 0)
		r.bits = (unsigned)bits;
	*ret = r;
	return 0;
}

static const uint8_t mapped[IP_MAPPED_BYTES] = {[10] = 0xff, [11] = 0xff};

bool ip_is_mapped(const uint8_t *v6)
{
	return memcmp(v6, mapped, sizeof(mapped)) == 0;
}

void ip_as_v6(const uint8_t *bytes, bool v6, uint8_t *ret)
{
	if (v6) {
		memcpy(ret, bytes, 16);
		return;
	}
	memcpy(ret, mapped, sizeof(mapped));
	memcpy(ret + sizeof(mapped), bytes, 4);
}
