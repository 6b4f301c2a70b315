/*
 * A peer of HTTP/2 over a descriptor of the loopback, as client or as server: a session that writes down what it hears.
 * To be included once, by a test that includes loopback.c.
 *
 *   struct h2_peer c = h2_peer_connect("10.0.0.9:8080");
 *   struct h2_stream *st = h2_peer_get(&c, "/a");
 *   h2_peer_run(&c, &r);                                  until neither the proxy nor the peer has anything to do
 *   assert_heard(&c, "1:200 1:'hello' 1:end ");
 */
#ifndef TEST_H2_PEER_H
#define TEST_H2_PEER_H

#include "h2/h2.h"
#include "loopback/rig.h"

struct h2_peer {
	int fd;
	struct h2_session *s;
	struct h2_stream *last; /* the stream that the last head came on, while it is open */
	struct buf heard;       /* words, each with the number of its stream */
	bool keep;              /* received bytes are not given back: the window stays shut */
	size_t got_bytes;       /* of bodies */
	struct buf body;        /* the first of them, whatever stream they came on */
	bool verbose;           /* fields of heads, too */
};

static inline void h2_peer_on_headers(void *user, struct h2_stream *s, enum h2_headers kind, const struct h2_header *v,
				      size_t n, bool end)
{
	struct h2_peer *p = user;
	static const char *const kinds[] = {"", "", "interim:", "trailers:"};

	p->last = s;
	buf_printf(&p->heard, "%u:%s", h2_id(s), kinds[kind]);
	for (size_t i = 0; i < n; i++) {
		const bool pseudo = v[i].name.ptr[0] == ':';

		if (slice_eq_str(v[i].name, ":scheme") || slice_eq_str(v[i].name, ":authority"))
			continue;
		if (pseudo)
			buf_printf(&p->heard, "%.*s", SLICE_ARG(v[i].value));
		else if (p->verbose || kind == H2_TRAILERS)
			buf_printf(&p->heard, "[%.*s=%.*s]", SLICE_ARG(v[i].name), SLICE_ARG(v[i].value));
	}
	buf_printf(&p->heard, "%s ", end ? "." : "");
}

static inline void h2_peer_on_data(void *user, struct h2_stream *s, struct slice bytes)
{
	struct h2_peer *p = user;

	p->got_bytes += bytes.len;
	if (p->body.len < 1024)
		buf_append(&p->body, bytes.ptr, bytes.len);
	if (bytes.len < 100)
		buf_printf(&p->heard, "%u:'%.*s' ", h2_id(s), SLICE_ARG(bytes));
	if (!p->keep)
		h2_consume(s, bytes.len);
}

static inline void h2_peer_on_end(void *user, struct h2_stream *s)
{
	buf_printf(&((struct h2_peer *)user)->heard, "%u:end ", h2_id(s));
}

static inline void h2_peer_on_close(void *user, struct h2_stream *s, uint32_t error)
{
	struct h2_peer *p = user;

	if (error)
		buf_printf(&p->heard, "%u:%s ", h2_id(s), h2_error_str(error));
	if (p->last == s)
		p->last = NULL;
}

static inline void h2_peer_on_goaway(void *user, uint32_t last_id, uint32_t error)
{
	(void)last_id;
	buf_printf(&((struct h2_peer *)user)->heard, "goaway%s%s ", error ? ":" : "", error ? h2_error_str(error) : "");
}

static const struct h2_ops h2_peer_ops = {.on_headers = h2_peer_on_headers,
					  .on_data = h2_peer_on_data,
					  .on_end = h2_peer_on_end,
					  .on_close = h2_peer_on_close,
					  .on_goaway = h2_peer_on_goaway};

static inline void h2_peer_start(struct h2_peer *p, int fd, bool server, const struct h2_settings *settings)
{
	*p = (struct h2_peer){.fd = fd};
	p->s = h2_new(server, settings, &h2_peer_ops, p);
}

static inline void h2_peer_stop(struct h2_peer *p)
{
	h2_free(p->s);
	buf_done(&p->body);
	buf_done(&p->heard);
}

/* True when something moved. */
static inline bool h2_peer_step(struct h2_peer *p)
{
	size_t n;
	const char *got = loopback_got_bytes(p->fd, &n);
	struct slice out;
	bool moved = n > 0;

	if (n)
		(void)h2_recv(p->s, slice_make(got, n), NULL);
	while ((out = h2_output(p->s)).len) {
		loopback_send_bytes(p->fd, out.ptr, out.len);
		h2_output_done(p->s, out.len);
		moved = true;
	}
	return moved;
}

/* Until nothing moves; b may be NULL. */
static inline void h2_peer_run(struct rig *r, struct h2_peer *a, struct h2_peer *b)
{
	bool moved;

	do {
		moved = h2_peer_step(a);
		if (b)
			moved |= h2_peer_step(b);
		rig_run(r);
		moved |= h2_peer_step(a) || (b && h2_peer_step(b));
	} while (moved);
}

static inline struct h2_stream *h2_peer_ask(struct h2_peer *p, const char *method, const char *path, bool end,
					    const struct h2_header *more, size_t n_more)
{
	struct h2_header v[32] = {
		{SLICE(":method"), slice_str(method), false},
		{SLICE(":scheme"), SLICE("http"), false},
		{SLICE(":path"), slice_str(path), false},
		{SLICE(":authority"), SLICE("a"), false},
	};
	struct h2_stream *st = NULL;

	for (size_t i = 0; i < n_more; i++)
		v[4 + i] = more[i];
	assert_int_equal(h2_request(p->s, v, 4 + n_more, end, NULL, &st), 0);
	return st;
}

static inline struct h2_stream *h2_peer_get(struct h2_peer *p, const char *path)
{
	return h2_peer_ask(p, "GET", path, true, NULL, 0);
}

static inline void h2_peer_answer(struct h2_stream *st, const char *status, const char *body)
{
	struct h2_header v = {SLICE(":status"), slice_str(status), false};

	assert_int_equal(h2_respond(st, H2_RESPONSE, &v, 1, !body), 0);
	if (body)
		h2_write(st, slice_str(body), true);
}

#define assert_peer_heard(p, text)                                                                                     \
	do {                                                                                                           \
		assert_string_equal(buf_str(&(p)->heard), text);                                                       \
		buf_clear(&(p)->heard);                                                                                \
	} while (0)

#endif
