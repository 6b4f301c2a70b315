/* HTTP/1 of fake peers: lenient in what it reads, literal in what it writes. Apart from lib/h1, which it is to judge.
 */
#include <stdlib.h>

#include "peer.h"

/* ---- reading ---- */

static ptrdiff_t find_text(struct slice in, const char *text)
{
	const char *at = in.len ? memmem(in.ptr, in.len, text, strlen(text)) : NULL;

	return at ? at - in.ptr : -1;
}

/* Lines "name: value" as fields; views. */
#define PARSE_FIELDS(lines, out)                                                                                       \
	do {                                                                                                           \
		struct slice rest_ = (lines);                                                                          \
		while (rest_.len) {                                                                                    \
			struct slice line_ = slice_split(&rest_, '\n');                                                \
			const ptrdiff_t colon_ = slice_find(line_, ':');                                               \
			if (line_.len && line_.ptr[line_.len - 1] == '\r')                                             \
				line_.len--;                                                                           \
			if (colon_ > 0)                                                                                \
				vec_push((out), ((struct field){slice_head(line_, (size_t)colon_),                     \
								slice_trim(slice_from(line_, (size_t)colon_ + 1))}));  \
		}                                                                                                      \
	} while (0)

static const struct field *field_of(const struct heard *m, const char *name)
{
	for (size_t i = 0; i < m->fields.n; i++)
		if (slice_eq_nocase(m->fields.v[i].name, slice_str(name)))
			return &m->fields.v[i];
	return NULL;
}

/* "GET /path HTTP/1.1" -> "GET /path"; "HTTP/1.1 200 OK" -> "200" */
static char *start_of(struct slice line, bool request)
{
	if (request) {
		const ptrdiff_t space = slice_rfind(line, ' ');

		return mem_printf("%.*s", (int)(space < 0 ? (ptrdiff_t)line.len : space), line.ptr);
	}
	(void)slice_split(&line, ' ');
	return mem_printf("%.*s", SLICE_ARG(slice_head(line, 3)));
}

/* The method of the request that this response is for. */
static bool head_only(const struct peer *p, const struct exchange *x)
{
	const char *s = x->message.start;

	if (p->server)
		return false;
	return strcmp(x->method, "HEAD") == 0 || s[0] == '1' || strcmp(s, "204") == 0 || strcmp(s, "304") == 0 ||
	       (strcmp(x->method, "CONNECT") == 0 && s[0] == '2');
}

static void frame_body(struct peer *p, struct exchange *x)
{
	const struct field *te = field_of(&x->message, "transfer-encoding"),
			   *cl = field_of(&x->message, "content-length");
	uint64_t n = 0;

	x->chunked_in = x->until_end = false;
	x->body_left = 0;
	if (head_only(p, x)) {
		x->message.complete = true;
		return;
	}
	x->chunked_in = te && slice_eq_nocase(te->value, SLICE("chunked"));
	if (cl && !x->chunked_in && slice_to_u64(cl->value, UINT32_MAX, &n) == 0)
		x->body_left = n;
	x->until_end = !cl && !x->chunked_in && !p->server;
	x->message.complete = !x->chunked_in && !x->until_end && !n;
}

static bool take_head(struct peer *p, struct exchange *x)
{
	const ptrdiff_t end = find_text(buf_slice(&p->in), "\r\n\r\n");
	struct slice lines, first;

	if (end < 0)
		return false;
	message_done(&x->message);
	buf_append(&x->message.head, p->in.ptr, (size_t)end + 2);
	buf_consume(&p->in, (size_t)end + 4);
	lines = buf_slice(&x->message.head);
	first = slice_split(&lines, '\n');
	first.len--;
	x->message.start = start_of(first, p->server);
	x->message.has_head = true;
	PARSE_FIELDS(lines, &x->message.fields);
	if (p->server) {
		struct slice rest = first, method = slice_split(&rest, ' ');

		free(x->method);
		x->method = mem_printf("%.*s", SLICE_ARG(method));
	}
	frame_body(p, x);
	return true;
}

static void take_trailers(struct peer *p, struct exchange *x)
{
	const ptrdiff_t end =
		slice_starts(buf_slice(&p->in), SLICE("\r\n")) ? -2 : find_text(buf_slice(&p->in), "\r\n\r\n");

	if (end == -1)
		return;
	if (end > 0) {
		buf_append(&x->message.trailer_lines, p->in.ptr, (size_t)end + 2);
		PARSE_FIELDS(buf_slice(&x->message.trailer_lines), &x->message.trailers);
	}
	buf_consume(&p->in, (size_t)(end + 4));
	x->message.complete = true;
}

#define LAST_CHUNK SIZE_MAX

/* True when something was taken. body_left counts the chunk with its line end. */
static bool take_chunk(struct peer *p, struct exchange *x)
{
	if (x->body_left == LAST_CHUNK) {
		take_trailers(p, x);
		return false;
	}
	if (!x->body_left) {
		const ptrdiff_t end = find_text(buf_slice(&p->in), "\r\n");

		if (end < 0)
			return false;
		x->body_left = strtoul(p->in.ptr, NULL, 16);
		buf_consume(&p->in, (size_t)end + 2);
		x->body_left = x->body_left ? x->body_left + 2 : LAST_CHUNK;
		return true;
	}
	size_t n = MIN(x->body_left, p->in.len), data = x->body_left > 2 ? MIN(n, x->body_left - 2) : 0;

	buf_append(&x->message.body, p->in.ptr, data);
	buf_consume(&p->in, n);
	x->body_left -= n;
	return n > 0;
}

bool h1_take_body(struct exchange *x)
{
	struct peer *p = x->peer;

	if (x->message.complete)
		return true;
	if (x->chunked_in) {
		while (!x->message.complete && take_chunk(p, x))
			;
		return x->message.complete;
	}
	size_t n = x->until_end ? p->in.len : MIN(x->body_left, p->in.len);

	buf_append(&x->message.body, p->in.ptr, n);
	buf_consume(&p->in, n);
	x->body_left -= x->until_end ? 0 : n;
	x->message.complete = x->until_end ? p->ended : !x->body_left;
	return x->message.complete;
}

bool h1_take(struct peer *p, struct exchange *x, bool whole)
{
	if (!x->message.has_head && !take_head(p, x))
		return false;
	h1_take_body(x);
	return !whole || x->message.complete;
}

/* ---- writing ---- */

static bool has_item(const struct pattern *m, const char *name)
{
	return pattern_item(m, name) != NULL;
}

/* A request without a body has none; a response has always a length unless its status forbids one. */
static bool wants_length(const struct pattern *m, bool request)
{
	const struct slice status = slice_head(m->start, 3);

	if (has_item(m, "content-length") || has_item(m, "transfer-encoding"))
		return false;
	if (request)
		return m->has_body;
	return status.ptr[0] != '1' && !slice_eq_str(status, "204") && !slice_eq_str(status, "304");
}

static void put_chunk(struct buf *out, struct slice bytes)
{
	if (!bytes.len)
		return;
	buf_printf(out, "%zx\r\n", bytes.len);
	buf_append_slice(out, bytes);
	buf_append_str(out, "\r\n");
}

static void put_items(struct buf *out, const struct item *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].kind != ITEM_FIELD)
			continue;
		buf_append_slice(out, v[i].name);
		buf_append_str(out, ": ");
		buf_append_slice(out, v[i].value);
		buf_append_str(out, "\r\n");
	}
}

static void put_start(struct buf *out, const struct pattern *m, bool request)
{
	const bool has_reason = slice_find(m->start, ' ') >= 0, has_version = find_text(m->start, " HTTP/") > 0;

	if (request)
		buf_printf(out, "%.*s%s\r\n", SLICE_ARG(m->start), has_version ? "" : " HTTP/1.1");
	else
		buf_printf(out, "HTTP/1.1 %.*s%s\r\n", SLICE_ARG(m->start), has_reason ? "" : " X");
	if (request && !has_item(m, "host"))
		buf_append_str(out, "Host: a\r\n");
}

void h1_send(struct peer *p, const struct pattern *m, bool request, bool whole, struct exchange *x)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	const struct item *te = pattern_item(m, "transfer-encoding");

	x->chunked_out = te && te->kind == ITEM_FIELD && slice_eq_nocase(te->value, SLICE("chunked"));
	put_start(&out, m, request);
	put_items(&out, m->items.v, m->items.n);
	if (whole && wants_length(m, request) && !(!request && x->method && strcmp(x->method, "CONNECT") == 0))
		buf_printf(&out, "Content-Length: %zu\r\n", m->body.len);
	buf_append_str(&out, "\r\n");
	if (whole && x->chunked_out) {
		put_chunk(&out, m->body);
		buf_append_str(&out, "0\r\n");
		put_items(&out, m->trailers.v, m->trailers.n);
		buf_append_str(&out, "\r\n");
	} else if (whole) {
		buf_append_slice(&out, m->body);
	}
	peer_send(p, buf_slice(&out));
}

void h1_data(struct exchange *x, struct slice bytes)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	if (x->chunked_out)
		put_chunk(&out, bytes);
	else
		buf_append_slice(&out, bytes);
	peer_send(x->peer, buf_slice(&out));
}

void h1_end(struct exchange *x, const struct pattern *trailers)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	if (!x->chunked_out)
		return;
	buf_append_str(&out, "0\r\n");
	put_items(&out, trailers->items.v, trailers->items.n);
	buf_append_str(&out, "\r\n");
	peer_send(x->peer, buf_slice(&out));
}
