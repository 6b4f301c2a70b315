/*
 * pods/exec over SPDY/3.1: the client opens one stream per channel, named by the header streamtype. The command's
 * output waits until all that the request promised are open.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/rest/exec_internal.h"
#include "kube/spdy.h"

#define CHANNELS 5

struct exec_spdy {
	struct exec_session *session;
	struct spdy *spdy;
	uint32_t ids[CHANNELS]; /* by channel; 0 = not open */
	bool wanted[CHANNELS];
	bool ready;
};

static bool flush(struct exec_spdy *x)
{
	struct buf *out = spdy_out(x->spdy);
	size_t waiting = out->len ? web_stream_send(x->session->stream, WEB_BINARY, buf_slice(out)) : 0;

	buf_clear(out);
	return waiting > WEB_QUEUE_HIGH_BYTES;
}

static bool put(struct exec_session *s, enum channel ch, struct slice bytes)
{
	if (s->spdy->ids[ch])
		spdy_send(s->spdy->spdy, s->spdy->ids[ch], bytes, ch == CHANNEL_STATUS);
	return flush(s->spdy);
}

static void finish(struct exec_session *s)
{
	static const enum channel last[] = {CHANNEL_OUT, CHANNEL_ERR};

	for (size_t i = 0; i < ARRAY_LEN(last); i++)
		if (s->spdy->ids[last[i]])
			spdy_send(s->spdy->spdy, s->spdy->ids[last[i]], (struct slice){"", 0}, true);
	flush(s->spdy);
	web_stream_close(s->stream, 0, "");
}

static void pause_input(struct exec_session *s, bool paused)
{
	web_stream_pause(s->stream, paused);
}

static const struct exec_transport transport = {.send = put, .finish = finish, .pause = pause_input};

static int channel_of(struct slice type)
{
	static const char *const names[CHANNELS] = {"stdin", "stdout", "stderr", "error", "resize"};

	for (int i = 0; i < CHANNELS; i++)
		if (slice_eq_str(type, names[i]))
			return i;
	return -1;
}

static void check_ready(struct exec_spdy *x)
{
	for (int i = 0; i < CHANNELS; i++)
		if (x->wanted[i] && !x->ids[i])
			return;
	x->ready = true;
	exec_room(x->session);
}

static void on_stream(void *arg, uint32_t id, const struct spdy_header *headers, size_t n, bool fin)
{
	struct exec_spdy *x = arg;
	int ch = -1;

	(void)fin;
	for (size_t i = 0; i < n; i++)
		if (slice_eq_str(headers[i].name, "streamtype"))
			ch = channel_of(headers[i].value);
	if (ch < 0 || x->ids[ch]) {
		spdy_reset(x->spdy, id, SPDY_REFUSED_STREAM);
		return;
	}
	x->ids[ch] = id;
	spdy_reply(x->spdy, id);
	if (!x->ready)
		check_ready(x);
}

static void on_stream_data(void *arg, uint32_t id, struct slice bytes, bool fin)
{
	struct exec_spdy *x = arg;

	if (id == x->ids[CHANNEL_IN]) {
		exec_input(x->session, bytes);
		if (fin)
			exec_input_end(x->session);
	} else if (id == x->ids[CHANNEL_RESIZE] && bytes.len) {
		exec_resize(x->session, bytes);
	}
}

static void on_reset(void *arg, uint32_t id, uint32_t status)
{
	struct exec_spdy *x = arg;

	(void)status;
	if (id == x->ids[CHANNEL_IN])
		exec_input_end(x->session);
}

static const struct spdy_ops spdy_ops = {.on_stream = on_stream, .on_data = on_stream_data, .on_reset = on_reset};

static void on_data(struct web_stream *stream, enum web_opcode op, struct slice data)
{
	struct exec_spdy *x = web_stream_user(stream);
	struct err e = ERR_INIT;
	int r = spdy_feed(x->spdy, data, &e);

	(void)op;
	flush(x);
	if (r < 0)
		web_stream_close(stream, 0, "");
}

static void on_close(struct web_stream *stream)
{
	struct exec_spdy *x = web_stream_user(stream);

	exec_session_free(x->session);
	spdy_free(x->spdy);
	free(x);
}

static void on_room(struct web_stream *stream)
{
	struct exec_spdy *x = web_stream_user(stream);

	if (x->ready)
		exec_room(x->session);
}

static const struct web_stream_ops stream_ops = {.on_data = on_data, .on_close = on_close, .on_room = on_room};

/* One of the offered versions; the framing of channels is the same in all since v4. */
static bool offers(const struct web_request *r, const char *protocol)
{
	for (size_t i = 0; i < r->head->n_fields; i++)
		if (slice_eq_nocase(http_field_name(&r->head->fields[i]), SLICE("x-stream-protocol-version")) &&
		    slice_eq_str(http_field_value(&r->head->fields[i]), protocol))
			return true;
	return false;
}

void pod_exec_spdy(struct lab_api *api, struct web_request *r, const char *ns, const char *name)
{
	static const char protocol[] = "v4.channel.k8s.io";
	struct exec_session *s;
	struct exec_spdy *x;

	if (!offers(r, protocol)) {
		rest_reply_status(r, status_new(403, "Forbidden", "none of the offered stream protocols is known"));
		return;
	}
	s = exec_session_new(api, r, ns, name, &transport);
	if (!s)
		return;
	x = NEW(struct exec_spdy);
	x->session = s;
	x->spdy = spdy_new(&spdy_ops, x);
	x->wanted[CHANNEL_STATUS] = true;
	x->wanted[CHANNEL_IN] = exec_flag(r, "stdin");
	x->wanted[CHANNEL_OUT] = exec_flag(r, "stdout");
	x->wanted[CHANNEL_RESIZE] = exec_flag(r, "tty");
	x->wanted[CHANNEL_ERR] = exec_flag(r, "stderr") && !exec_flag(r, "tty");
	s->spdy = x;
	s->blocked = true;
	web_add_header(r, "X-Stream-Protocol-Version", protocol);
	s->stream = web_upgrade(r, "SPDY/3.1", NULL, &stream_ops, x);
	if (s->stream)
		return;
	exec_session_free(s);
	spdy_free(x->spdy);
	free(x);
}
