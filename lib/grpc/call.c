/*
 * Calls of both roles. A call is over when its stream is (grpc_call_on_close) or, without a stream, by the task `over`;
 * on_done is called in these two places alone. Memory stays while a callback is on the stack (busy).
 */
#include "grpc/grpc_internal.h"

#include <assert.h>
#include <stdio.h>

#include "base/mem.h"
#include "grpc/channel.h"
#include "grpc/compress.h"

static void call_free(struct grpc_call *c)
{
	timer_stop(&c->deadline);
	task_cancel(&c->over);
	list_remove(&c->link);
	assert(c->busy == 0 && !c->stream);
	grpc_reader_done(&c->reader);
	buf_done(&c->message);
	buf_done(&c->waiting);
	buf_done(&c->inflated);
	arena_done(&c->arena);
	free(c->text);
	free(c);
}

static void enter(struct grpc_call *c)
{
	c->busy++;
}

/* Returns false when the call is gone. */
static bool leave(struct grpc_call *c)
{
	assert(c->busy > 0);
	if (--c->busy > 0 || !c->freed)
		return true;
	call_free(c);
	return false;
}

struct grpc_call *grpc_call_new(struct loop *l, const char *path)
{
	struct grpc_call *c = NEW(struct grpc_call);

	c->loop = l;
	c->path = arena_strdup(&c->arena, path);
	c->status = -1;
	c->reader.max = GRPC_MESSAGE_MAX_DEFAULT;
	list_init(&c->link);
	return c;
}

void grpc_call_drop(struct grpc_call *c)
{
	c->done = true;
	c->freed = true;
	if (c->stream)
		h2_set_user(c->stream, NULL);
	c->stream = NULL;
	c->conn = NULL;
	list_remove(&c->link);
	timer_stop(&c->deadline);
	task_cancel(&c->over);
	if (c->busy == 0)
		call_free(c);
}

static void set_status(struct grpc_call *c, int status, const char *text)
{
	if (c->status >= 0)
		return;
	c->status = status;
	c->text = text && *text ? mem_strdup(text) : NULL;
}

/* Calls on_done and frees; the call has no stream any more. */
static void done(struct grpc_call *c)
{
	enter(c);
	c->stream = NULL;
	c->conn = NULL;
	c->freed = true;
	timer_stop(&c->deadline);
	list_remove(&c->link);
	if (!c->done) {
		c->done = true;
		if (c->ops && c->ops->on_done)
			c->ops->on_done(c, c->status, c->text ? c->text : "");
	}
	leave(c);
}

static void on_over(struct task *t)
{
	done(CONTAINER_OF(t, struct grpc_call, over));
}

void grpc_call_end_later(struct grpc_call *c, int status, const char *text)
{
	set_status(c, status, text);
	list_remove(&c->link);
	c->finished = true;
	task_defer(c->loop, &c->over, on_over);
}

/* Ends a call early from this side: its stream is reset, or it never had one. */
static void give_up(struct grpc_call *c, int status, const char *text)
{
	if (c->done || c->finished)
		return;
	set_status(c, status, text);
	if (!c->stream) {
		grpc_call_end_later(c, status, text);
		return;
	}
	c->finished = true;
	h2_reset(c->stream, H2_CANCEL);
	grpc_conn_kick(c->conn);
}

static void fail(struct grpc_call *c, int status, const char *text)
{
	if (c->server)
		grpc_call_finish(c, status, text);
	else
		give_up(c, status, text);
}

static void on_deadline(struct timer *t)
{
	fail(CONTAINER_OF(t, struct grpc_call, deadline), GRPC_DEADLINE_EXCEEDED, "deadline exceeded");
}

void grpc_call_set_deadline(struct grpc_call *c, int64_t ns)
{
	c->deadline_ns = loop_now_ns(c->loop) + ns;
	timer_start_ns(c->loop, &c->deadline, ns, on_deadline);
}

void grpc_call_keep_metadata(struct grpc_call *c, const struct h2_header *v, size_t n)
{
	struct grpc_pair *all = ARENA_NEW_N(&c->arena, struct grpc_pair, MIN(n + c->n_metadata, GRPC_METADATA_MAX));
	size_t kept = MIN(c->n_metadata, GRPC_METADATA_MAX);

	if (kept)
		memcpy(all, c->metadata, kept * sizeof(*all));
	for (size_t i = 0; i < n && kept < GRPC_METADATA_MAX; i++) {
		if (v[i].name.len == 0 || v[i].name.ptr[0] == ':')
			continue;
		all[kept].name = arena_slicedup(&c->arena, v[i].name);
		all[kept].value = slice_make(arena_slicedup(&c->arena, v[i].value), v[i].value.len);
		kept++;
	}
	assert(kept <= GRPC_METADATA_MAX);
	c->metadata = all;
	c->n_metadata = kept;
}

/* --- receiving --- */

static void bad_message(struct grpc_call *c, int error)
{
	char text[64];

	if (error == -EMSGSIZE) {
		snprintf(text, sizeof(text), "message is larger than %zu bytes", c->reader.max);
		fail(c, GRPC_RESOURCE_EXHAUSTED, text);
	} else if (error == -ENOTSUP && c->server) {
		c->told_encodings = true;
		fail(c, GRPC_UNIMPLEMENTED, "compressed messages are not supported");
	} else if (error == -ENOTSUP) {
		fail(c, GRPC_INTERNAL, "a message is compressed in a way that was not offered");
	} else {
		fail(c, GRPC_INTERNAL, "broken message");
	}
}

static void tell_end(struct grpc_call *c)
{
	if (!c->end_seen || c->end_told || c->finished)
		return;
	c->end_told = true;
	if (!grpc_reader_empty(&c->reader))
		fail(c, GRPC_INTERNAL, "message cut short");
	else if (c->server && c->ops && c->ops->on_half_close)
		c->ops->on_half_close(c);
}

/* As grpc_reader_next, and decompressed. */
static int next_message(struct grpc_call *c, struct slice *message)
{
	int r = grpc_reader_next(&c->reader, message);

	if (r != 1 || !c->reader.compressed)
		return r;
	if (!grpc_encoding_listed(grpc_call_metadata(c, "grpc-encoding")))
		return -ENOTSUP;
	if (c->leaves_packed)
		return r;
	r = grpc_decompress(*message, c->reader.max, &c->inflated);
	*message = buf_slice(&c->inflated);
	return r < 0 ? r : 1;
}

/* Hands over what is complete; the window moves only when it was taken. */
static void deliver(struct grpc_call *c)
{
	struct slice message;
	int r = 0;

	while (!c->paused && !c->done && !c->finished && (r = next_message(c, &message)) == 1) {
		if (c->ops && c->ops->on_message)
			c->ops->on_message(c, message);
		buf_done(&c->inflated);
	}
	if (c->done || c->finished)
		return;
	if (r < 0) {
		bad_message(c, r);
		return;
	}
	if (c->paused)
		return;
	if (c->stream) {
		h2_consume(c->stream, c->held);
		grpc_conn_kick(c->conn);
	}
	c->held = 0;
	tell_end(c);
}

void grpc_call_on_data(struct grpc_call *c, struct slice bytes)
{
	if (c->finished || c->done) {
		h2_consume(c->stream, bytes.len);
		return;
	}
	enter(c);
	c->held += bytes.len;
	grpc_reader_add(&c->reader, bytes);
	deliver(c);
	leave(c);
}

static int number(struct slice s)
{
	uint64_t n;

	return slice_to_u64(s, 100000, &n) == 0 ? (int)n : -1;
}

static struct slice header(const struct h2_header *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq_str(v[i].name, name))
			return v[i].value;
	return slice_make(NULL, 0);
}

void grpc_call_on_headers(struct grpc_call *c, enum h2_headers kind, const struct h2_header *v, size_t n)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct slice status = header(v, n, "grpc-status");
	int http = number(header(v, n, ":status"));

	if (c->server || kind == H2_INFORMATIONAL)
		return;
	grpc_call_keep_metadata(c, v, n);
	if (status.len) {
		grpc_text_decode(header(v, n, "grpc-message"), &text);
		set_status(c, number(status) < 0 ? GRPC_UNKNOWN : number(status), buf_str(&text));
	} else if (kind == H2_RESPONSE && http != 200) {
		buf_printf(&text, "the server answered HTTP status %d", http);
		give_up(c, grpc_status_from_http(http), buf_str(&text));
	}
}

void grpc_call_on_end(struct grpc_call *c)
{
	enter(c);
	c->end_seen = true;
	if (!c->paused)
		tell_end(c);
	/* the server is through: nothing that we might still send counts */
	if (!c->server && !c->half_closed && c->stream)
		h2_reset(c->stream, H2_NO_ERROR);
	leave(c);
}

void grpc_call_on_room(struct grpc_call *c)
{
	if (!c->blocked || c->finished || c->done)
		return;
	c->blocked = false;
	enter(c);
	if (c->ops && c->ops->on_writable)
		c->ops->on_writable(c);
	leave(c);
}

static void close_status(struct grpc_call *c, uint32_t error)
{
	if (c->server) {
		if (error != H2_NO_ERROR || !c->finished) {
			c->status = -1;
			set_status(c, GRPC_CANCELLED, c->conn->dead ? c->conn->why : h2_error_str(error));
		} else {
			c->status = GRPC_OK;
		}
		return;
	}
	if (c->conn->dead)
		set_status(c, GRPC_UNAVAILABLE, c->conn->why);
	else if (error != H2_NO_ERROR)
		set_status(c, grpc_status_from_h2(error), h2_error_str(error));
	else
		set_status(c, GRPC_INTERNAL, "the server sent no status");
}

void grpc_call_on_close(struct grpc_call *c, uint32_t error)
{
	enter(c);
	if (!c->server && c->paused && c->status == GRPC_OK) { /* complete: nothing to hold back any more */
		c->paused = false;
		deliver(c);
	}
	close_status(c, error);
	c->stream = NULL;
	done(c);
	leave(c);
}

void grpc_call_set_max_message(struct grpc_call *c, size_t bytes)
{
	c->reader.max = bytes;
}

void grpc_call_pause(struct grpc_call *c, bool paused)
{
	bool restart = c->paused && !paused;

	c->paused = paused;
	if (!restart || c->busy)
		return;
	enter(c);
	deliver(c);
	leave(c);
}

void grpc_call_cancel(struct grpc_call *c)
{
	give_up(c, GRPC_CANCELLED, "cancelled");
}

void grpc_call_cancel_silent(struct grpc_call *c)
{
	struct h2_stream *stream = c->stream;
	struct grpc_conn *conn = c->conn;

	grpc_call_drop(c);
	if (!stream)
		return;
	h2_reset(stream, H2_CANCEL);
	grpc_conn_kick(conn);
}

int grpc_call_open(struct grpc_call *c, struct grpc_conn *conn)
{
	struct h2_header v[GRPC_METADATA_MAX + 8];
	char timeout[GRPC_TIMEOUT_TEXT_MAX];
	size_t n = 0;
	int r;

	v[n++] = (struct h2_header){SLICE(":method"), SLICE("POST"), false};
	v[n] = (struct h2_header){.name = SLICE(":scheme")};
	v[n + 1] = (struct h2_header){.name = SLICE(":authority")};
	grpc_channel_names(c->channel, &v[n].value, &v[n + 1].value);
	n += 2;
	v[n++] = (struct h2_header){SLICE(":path"), slice_str(c->path), false};
	v[n++] = (struct h2_header){SLICE("te"), SLICE("trailers"), false};
	v[n++] = (struct h2_header){SLICE("content-type"), SLICE(GRPC_CONTENT_TYPE), false};
	v[n++] = (struct h2_header){SLICE("user-agent"), SLICE("weft"), false};
	if (c->reader.takes_compressed)
		v[n++] = (struct h2_header){SLICE("grpc-accept-encoding"), SLICE(GRPC_ENCODING), false};
	if (c->deadline_ns) {
		grpc_timeout_format(MAX(c->deadline_ns - loop_now_ns(c->loop), 1), timeout);
		v[n++] = (struct h2_header){SLICE("grpc-timeout"), slice_str(timeout), false};
	}
	for (size_t i = 0; i < c->n_request; i++)
		v[n++] =
			(struct h2_header){slice_str(c->request[i].name), c->request[i].value, c->request_sensitive[i]};
	r = h2_request(conn->h2, v, n, false, c, &c->stream);
	if (r < 0)
		return r;
	list_remove(&c->link);
	c->conn = conn;
	if (c->waiting.len || c->half_closed)
		h2_write(c->stream, buf_slice(&c->waiting), c->half_closed);
	buf_done(&c->waiting);
	grpc_conn_kick(conn);
	return 0;
}

/* --- access --- */

void grpc_call_leave_compressed(struct grpc_call *c)
{
	c->leaves_packed = true;
}

bool grpc_call_compressed(const struct grpc_call *c)
{
	return c->reader.compressed;
}

void grpc_call_set_user(struct grpc_call *c, void *user)
{
	c->user = user;
}

void *grpc_call_user(const struct grpc_call *c)
{
	return c->user;
}

void grpc_call_set_ops(struct grpc_call *c, const struct grpc_call_ops *ops)
{
	c->ops = ops;
}

struct slice grpc_call_metadata(const struct grpc_call *c, const char *name)
{
	for (size_t i = 0; i < c->n_metadata; i++)
		if (strcmp(c->metadata[i].name, name) == 0)
			return c->metadata[i].value;
	return slice_make(NULL, 0);
}

const char *grpc_call_path(const struct grpc_call *c)
{
	return c->path;
}

struct tls *grpc_call_tls(const struct grpc_call *c)
{
	return c->conn ? c->conn->t.tls : NULL;
}

const struct addr *grpc_call_peer_addr(const struct grpc_call *c)
{
	static const struct addr none;

	return c->conn ? &c->conn->peer : &none;
}
