/* The table of transitions. */
#include "proxy/stream/state.h"

#include <assert.h>

#include "proxy/stream/stream_internal.h"

_Static_assert((int)STREAM_STATES == (int)WORKER_STREAM_STATES, "the worker counts them all");

#define TO(state) (1u << STREAM_##state)

static const struct {
	const char *name;
	unsigned next;
} states[STREAM_STATES] = {
	[STREAM_WAITING] = {"waiting", TO(FILTERING) | TO(ANSWERING) | TO(ENDED)},
	[STREAM_FILTERING] = {"filtering", TO(PAUSED) | TO(TRYING) | TO(ANSWERING) | TO(ENDED)},
	[STREAM_PAUSED] = {"paused", TO(FILTERING) | TO(ANSWERING) | TO(ENDED)},
	/* Once more at once: the endpoint had closed the connection before it saw the request. */
	[STREAM_TRYING] = {"trying", TO(TRYING) | TO(BACKING_OFF) | TO(ANSWERING) | TO(TUNNELLING) | TO(ENDED)},
	[STREAM_BACKING_OFF] = {"backing_off", TO(TRYING) | TO(ANSWERING) | TO(ENDED)},
	/* With another head: the first was too large to be sent. */
	[STREAM_ANSWERING] = {"answering", TO(ANSWERING) | TO(LEAVING) | TO(ENDED)},
	[STREAM_TUNNELLING] = {"tunnelling", TO(ANSWERING) | TO(LEAVING) | TO(ENDED)},
	[STREAM_LEAVING] = {"leaving", TO(ENDED)},
	[STREAM_ENDED] = {"ended", 0},
};

const char *stream_state_str(enum stream_state state)
{
	return states[state].name;
}

void stream_become(struct stream *s, enum stream_state to)
{
	struct worker *w = s->worker;

	assert(states[s->state].next & 1u << to);
	assert(w->streams[s->state] > 0);
	w->streams[s->state]--;
	if (to != STREAM_ENDED)
		w->streams[to]++;
	s->state = (uint8_t)to;
}
