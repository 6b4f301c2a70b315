/* PROXY headers, also seen in pieces: what is decided early must stay decided; what was read is written again. */
#include <stdlib.h>
#include <string.h>

#include "net/proxy_protocol.h"

/* Whatever was told is told again in the same words, by either version. */
static void again(const struct proxy_header *h, unsigned version)
{
	char out[PROXY_OUT_MAX_BYTES];
	struct proxy_header back;
	size_t n = proxy_write(version, &h->source, &h->destination, out);

	if (proxy_parse(slice_make(out, n), &back) != PROXY_OK || back.len != n)
		abort();
	if (back.known && (!addr_eq(&back.source, &h->source) || !addr_eq(&back.destination, &h->destination)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proxy_header part, whole;
	enum proxy_parse r = PROXY_MORE;

	for (size_t n = 0; n <= size && r == PROXY_MORE; n++)
		r = proxy_parse(slice_make(data, n), &part);
	if (r != PROXY_MORE && proxy_parse(slice_make(data, size), &whole) != r)
		abort();
	if (r != PROXY_OK)
		return 0;
	if (part.len > size || part.len != whole.len)
		abort();
	if (part.known) {
		again(&part, 1);
		again(&part, 2);
	}
	return 0;
}
