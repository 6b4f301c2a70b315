/* Watches over shared connections. Where the server turns out to speak HTTP/1.1 alone, libcurl has them. */
#include "base/clock.h"
#include "kube/client_state_internal.h"
#include "net/loop.h"

static struct kube_call *call_of(struct kube_stream *s)
{
	return CONTAINER_OF(s, struct kube_call, stream);
}

static void on_bytes(struct kube_stream *s, struct slice bytes)
{
	struct kube_call *call = call_of(s);

	if (kube_call_take(call, s->status, bytes))
		return;
	kube_streams_cancel(s);
	timer_stop(&call->deadline);
	if (!call->cancelled)
		kube_call_finish(call, s->status, 0, "the answer is no good");
}

static void on_end(struct kube_stream *s, enum kube_stream_end end, const char *why)
{
	struct kube_call *call = call_of(s);
	struct kube_client *c = call->client;

	timer_stop(&call->deadline);
	if (end == KUBE_STREAM_NO_H2) {
		c->no_http2 = true;
		list_remove(&call->link);
		list_append(&c->pending, &call->link);
		task_defer(c->loop, &c->task, kube_client_work);
		return;
	}
	kube_call_finish(call, s->status, s->retry_after_s, end == KUBE_STREAM_DONE ? NULL : why);
}

static void on_deadline(struct timer *t)
{
	struct kube_call *call = CONTAINER_OF(t, struct kube_call, deadline);

	kube_streams_cancel(&call->stream);
	kube_call_finish(call, 0, 0, "the server did not end the watch in time");
}

bool kube_watch_run(struct kube_call *call)
{
	struct kube_client *c = call->client;

	if (!call->watch || c->no_http2)
		return false;
	if (!c->streams)
		c->streams = kube_streams_new(c->loop, &c->config);
	if (!c->streams) {
		c->no_http2 = true;
		return false;
	}
	call->stream.path = call->url + call->path_at;
	call->stream.on_bytes = on_bytes;
	call->stream.on_end = on_end;
	kube_streams_start(c->streams, &call->stream);
	timer_start(c->loop, &call->deadline, call->timeout_ms + KUBE_WATCH_GRACE_MS, on_deadline);
	return true;
}
