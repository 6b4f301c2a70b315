/* Unary calls of a client: one request, one response or a status. */
#include "grpc/channel.h"

static void on_message(struct grpc_call *c, struct slice message)
{
	struct grpc_unary *u = grpc_call_user(c);

	buf_clear(&u->response);
	buf_append_slice(&u->response, message);
	u->answered = true;
}

static void on_done(struct grpc_call *c, int status, const char *text)
{
	struct grpc_unary *u = grpc_call_user(c);
	struct buf response = u->response;

	u->call = NULL;
	u->response = (struct buf)BUF_INIT;
	if (status == GRPC_OK && !u->answered)
		u->fn(u, GRPC_INTERNAL, "the server sent no response", slice_make(NULL, 0));
	else
		u->fn(u, status, text, status == GRPC_OK ? buf_slice(&response) : slice_make(NULL, 0));
	buf_done(&response);
}

static const struct grpc_call_ops ops = {.on_message = on_message, .on_done = on_done};

void grpc_unary_start(struct grpc_channel *ch, struct grpc_unary *u, const char *method, const struct grpc_metadata *v,
		      size_t n, struct slice request, int64_t deadline_ms)
{
	u->answered = false;
	u->response = (struct buf)BUF_INIT;
	u->call = grpc_channel_call(ch, method, v, n, deadline_ms, &ops, u);
	grpc_call_send(u->call, request);
	grpc_call_half_close(u->call);
}

void grpc_unary_cancel(struct grpc_unary *u)
{
	if (!u->call)
		return;
	grpc_call_cancel_silent(u->call);
	u->call = NULL;
	buf_done(&u->response);
}
