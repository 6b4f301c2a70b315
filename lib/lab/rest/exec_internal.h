/*
 * pods/exec: one running command and its client, whatever carries the channels: WebSocket messages (podexec.c) or SPDY
 * streams (podexec_spdy.c).
 */
#ifndef LAB_REST_EXEC_INTERNAL_H
#define LAB_REST_EXEC_INTERNAL_H

#include "lab/node/node.h"
#include "lab/rest/rest_internal.h"

enum channel { CHANNEL_IN, CHANNEL_OUT, CHANNEL_ERR, CHANNEL_STATUS, CHANNEL_RESIZE, CHANNEL_CLOSE = 255 };

struct exec_session;

struct exec_transport {
	/* Sends bytes of a channel; returns true when nothing more should come until exec_room. */
	bool (*send)(struct exec_session *s, enum channel ch, struct slice bytes);
	/* All was sent: ends the connection. */
	void (*finish)(struct exec_session *s);
	void (*pause)(struct exec_session *s, bool paused);
};

struct exec_session {
	struct lab_api *api;
	const struct exec_transport *transport;
	struct web_stream *stream;
	struct node_exec *exec;
	struct task work;
	struct buf in; /* what the command did not take yet */
	bool blocked, in_closed, status_sent;
	struct exec_spdy *spdy; /* podexec_spdy.c's */
};

/* Starts the command that the request names. NULL after answering the request with a failure. */
struct exec_session *exec_session_new(struct lab_api *api, struct web_request *r, const char *ns, const char *pod,
				      const struct exec_transport *transport);
void exec_session_free(struct exec_session *s);

/* From the client: input, its end, the terminal's size as JSON; room to send. */
void exec_input(struct exec_session *s, struct slice bytes);
void exec_input_end(struct exec_session *s);
void exec_resize(struct exec_session *s, struct slice json);
void exec_room(struct exec_session *s);

/* exec with Upgrade: SPDY/3.1, as kubectl up to 1.30 asks for it. */
void pod_exec_spdy(struct lab_api *api, struct web_request *r, const char *ns, const char *name);

/* Whether a query parameter says true. */
bool exec_flag(struct web_request *r, const char *name);

#endif
