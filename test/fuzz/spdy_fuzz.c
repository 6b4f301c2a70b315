/* SPDY frames of a peer: nothing may crash, and memory stays bounded. */
#include "kube/spdy.h"

static void on_stream(void *arg, uint32_t id, const struct spdy_header *headers, size_t n, bool fin)
{
	struct spdy **s = arg;

	(void)headers, (void)n, (void)fin;
	spdy_reply(*s, id);
}

static void on_data(void *arg, uint32_t id, struct slice bytes, bool fin)
{
	struct spdy **s = arg;

	spdy_send(*s, id, bytes, fin);
}

static void on_reset(void *arg, uint32_t id, uint32_t status)
{
	(void)arg, (void)id, (void)status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct spdy_ops ops = {on_stream, on_data, on_reset};
	struct spdy *s;

	s = spdy_new(&ops, &s);
	spdy_feed(s, slice_make(data, size), NULL);
	spdy_free(s);
	return 0;
}
