/* What a burst of connections left behind. */
#include <malloc.h>

#include "proxy/listener/listener.h"
#include "proxy/stream/stream.h"

#define TRIM_MS 5000
/* Asking the allocator to give pages back is worth its walk from here on. */
#define TRIM_BYTES 262144

static void on_trim(struct timer *t)
{
	struct worker *w = CONTAINER_OF(t, struct worker, trim);
	size_t freed = buffers_trim(&w->buffers) + streams_trim(w);

	if (freed >= TRIM_BYTES)
		malloc_trim(0);
	if (w->n_free_streams || !buffers_empty(&w->buffers) || !list_empty(&w->downs))
		timer_start(w->loop, t, TRIM_MS, on_trim);
}

void worker_trim_later(struct worker *w)
{
	if (!timer_active(&w->trim))
		timer_start(w->loop, &w->trim, TRIM_MS, on_trim);
}
