/*
 * Where an exchange stands. One function moves it, and knows every way there is: what is not in its table is a fault in
 * the program. How many stand where is counted in the worker.
 *
 *   WAITING -> FILTERING <-> PAUSED
 *                  |-> TRYING <-> BACKING_OFF
 *                         |-> ANSWERING | TUNNELLING -> LEAVING -> ENDED
 *
 * From anywhere before it, a reply made here leads to ANSWERING, and the end of the client to ENDED.
 */
#ifndef PROXY_STREAM_STATE_H
#define PROXY_STREAM_STATE_H

#include <stdbool.h>

struct stream;

enum stream_state {
	STREAM_WAITING,     /* for the request's head */
	STREAM_FILTERING,   /* the filters look at the request, one after the other */
	STREAM_PAUSED,      /* a filter waits for an event of its own */
	STREAM_TRYING,      /* a try is under way: endpoint, connection, request, until the answer's head */
	STREAM_BACKING_OFF, /* a try failed; the next waits for its time */
	STREAM_ANSWERING,   /* a response's head has gone to the client, ours or the upstream's */
	STREAM_TUNNELLING,  /* it opened a tunnel: both sides carry what they like */
	STREAM_LEAVING,     /* the client has all; the upstream's connection is still to be given back */
	STREAM_ENDED,       /* both legs are off: freed at the end of the turn */
	STREAM_STATES
};

/* The state's name in small letters; static. */
const char *stream_state_str(enum stream_state state);

/* The only way from one state to another. */
void stream_become(struct stream *s, enum stream_state to);

#endif
