/*
 * HTTP/2 of fake peers, frame by frame (RFC 9113): what a scenario writes leaves as it stands, whatever windows and
 * states say. Heads are written with literals only and read by nghttp2's decoder. SETTINGS and PING are acknowledged
 * and windows opened as data comes, unless the peer has been told to stop reading.
 */
#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <stdlib.h>

#include "h2/h2.h"
#include "peer.h"

#define FRAME_HEAD 9

enum frame_type {
	DATA,
	HEADERS,
	PRIORITY,
	RST_STREAM,
	SETTINGS,
	PUSH_PROMISE,
	PING,
	GOAWAY,
	WINDOW_UPDATE,
	CONTINUATION
};

enum frame_flag { END_STREAM = 1, ACK = 1, END_HEADERS = 4, PADDED = 8, HAS_PRIORITY = 32 };

static const char *const type_names[] = {"DATA",         "HEADERS", "PRIORITY", "RST_STREAM",    "SETTINGS",
					 "PUSH_PROMISE", "PING",    "GOAWAY",   "WINDOW_UPDATE", "CONTINUATION"};

static const char *const setting_names[] = {"",
					    "HEADER_TABLE_SIZE",
					    "ENABLE_PUSH",
					    "MAX_CONCURRENT_STREAMS",
					    "INITIAL_WINDOW_SIZE",
					    "MAX_FRAME_SIZE",
					    "MAX_HEADER_LIST_SIZE",
					    "",
					    "ENABLE_CONNECT_PROTOCOL"};

/* ---- writing ---- */

static void put_u32(struct buf *out, uint32_t v)
{
	const char bytes[] = {(char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v};

	buf_append(out, bytes, sizeof(bytes));
}

static void put_frame(struct buf *out, unsigned type, unsigned flags, uint32_t stream, struct slice payload)
{
	const char head[] = {(char)(payload.len >> 16), (char)(payload.len >> 8), (char)payload.len, (char)type,
			     (char)flags};

	buf_append(out, head, sizeof(head));
	put_u32(out, stream);
	buf_append_slice(out, payload);
}

static void send_frame(struct peer *p, unsigned type, unsigned flags, uint32_t stream, struct slice payload)
{
	put_frame(&p->out, type, flags, stream, payload);
}

/* A number with a prefix of seven bits (RFC 7541, section 5.1), then the text. */
static void put_text(struct buf *out, struct slice text)
{
	size_t n = text.len;

	if (n < 127) {
		buf_append_char(out, (char)n);
	} else {
		buf_append_char(out, 127);
		for (n -= 127; n >= 128; n /= 128)
			buf_append_char(out, (char)(n % 128 + 128));
		buf_append_char(out, (char)n);
	}
	buf_append_slice(out, text);
}

/* Literal, without indexing, a new name (section 6.2.2). */
static void put_field(struct buf *out, struct slice name, struct slice value, bool as_is)
{
	CLEANUP(buf_done) struct buf small = BUF_INIT;

	for (size_t i = 0; i < name.len; i++)
		buf_append_char(&small, !as_is && name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? (char)(name.ptr[i] + 32)
											   : name.ptr[i]);
	buf_append_char(out, 0);
	put_text(out, buf_slice(&small));
	put_text(out, value);
}

static bool is_pseudo(const struct item *it)
{
	return it->kind == ITEM_FIELD && it->name.len && it->name.ptr[0] == ':';
}

/* The pseudo fields of "GET /path", but for those that are written out or called off. */
static void put_request_line(struct peer *p, struct buf *out, const struct pattern *m)
{
	struct slice rest = m->start, method = slice_split(&rest, ' ');
	const struct item *host = pattern_item(m, "host");
	const struct {
		const char *name;
		struct slice value;
	} rows[] = {
		{":method", method},
		{":scheme", p->tls ? SLICE("https") : SLICE("http")},
		{":path", rest},
		{":authority", host && host->kind == ITEM_FIELD ? host->value : SLICE("a")},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!pattern_item(m, rows[i].name) && !(i == 3 && host && host->kind == ITEM_ABSENT))
			put_field(out, slice_str(rows[i].name), rows[i].value, false);
}

static void put_items(struct buf *out, const struct item *v, size_t n, bool pseudo, bool as_is)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == ITEM_FIELD && is_pseudo(&v[i]) == pseudo &&
		    (as_is || !slice_eq_nocase(v[i].name, SLICE("host"))))
			put_field(out, v[i].name, v[i].value, as_is);
}

#define FRAME_PAYLOAD_MAX 16384

/* In as many frames as it takes. */
static void send_block(struct peer *p, uint32_t stream, struct slice block, bool end)
{
	unsigned type = HEADERS, flags = end ? END_STREAM : 0;

	do {
		struct slice part = slice_head(block, FRAME_PAYLOAD_MAX);

		block = slice_from(block, part.len);
		send_frame(p, type, flags | (block.len ? 0 : END_HEADERS), stream, part);
		type = CONTINUATION;
		flags = 0;
	} while (block.len);
	peer_step(p);
}

void h2p_headers(struct peer *p, uint32_t stream, const struct pattern *m, bool end)
{
	CLEANUP(buf_done) struct buf block = BUF_INIT;

	if (p->server)
		put_field(&block, SLICE(":status"), slice_head(m->start, 3), false);
	else
		put_request_line(p, &block, m);
	put_items(&block, m->items.v, m->items.n, true, false);
	put_items(&block, m->items.v, m->items.n, false, false);
	send_block(p, stream, buf_slice(&block), end);
}

static struct exchange *exchange_of(struct peer *p, uint32_t stream)
{
	for (size_t i = 0; i < p->exchanges.n; i++)
		if (p->exchanges.v[i]->stream == stream)
			return p->exchanges.v[i];
	return NULL;
}

static struct exchange *exchange_add(struct peer *p, uint32_t stream)
{
	struct exchange *x = NEW(struct exchange);

	x->peer = p;
	x->stream = stream;
	vec_push(&p->exchanges, x);
	return x;
}

struct exchange *h2p_request(struct peer *p, const struct pattern *m, bool end)
{
	struct exchange *x = exchange_add(p, p->next_stream);

	p->next_stream += 2;
	h2p_headers(p, x->stream, m, end);
	return x;
}

void h2p_data(struct exchange *x, struct slice bytes, bool end)
{
	do {
		struct slice part = slice_head(bytes, FRAME_PAYLOAD_MAX);

		bytes = slice_from(bytes, part.len);
		send_frame(x->peer, DATA, end && !bytes.len ? END_STREAM : 0, x->stream, part);
	} while (bytes.len);
	peer_step(x->peer);
}

void h2p_trailers(struct exchange *x, const struct pattern *m)
{
	CLEANUP(buf_done) struct buf block = BUF_INIT;
	const bool apart = m->trailers.n > 0;

	put_items(&block, apart ? m->trailers.v : m->items.v, apart ? m->trailers.n : m->items.n, false, false);
	send_block(x->peer, x->stream, buf_slice(&block), true);
}

void h2p_reset(struct exchange *x, uint32_t error)
{
	CLEANUP(buf_done) struct buf payload = BUF_INIT;

	put_u32(&payload, error);
	send_frame(x->peer, RST_STREAM, 0, x->stream, buf_slice(&payload));
	peer_step(x->peer);
}

/* ---- frames as scenarios write them ---- */

static int parse_flags(struct slice text, unsigned *ret, struct err *e)
{
	static const struct {
		const char *name;
		unsigned bit;
	} rows[] = {{"END_STREAM", END_STREAM}, {"ACK", ACK}, {"END_HEADERS", END_HEADERS}, {"PADDED", PADDED},
		    {"PRIORITY", HAS_PRIORITY}, {"-", 0}};

	*ret = 0;
	while (text.len) {
		struct slice word = slice_split(&text, ',');
		size_t i = 0;

		while (i < ARRAY_LEN(rows) && !slice_eq_str(word, rows[i].name))
			i++;
		if (i == ARRAY_LEN(rows))
			return err_set(e, -EINVAL, "unknown flag '%.*s'", SLICE_ARG(word));
		*ret |= rows[i].bit;
	}
	return 0;
}

static int parse_type(struct slice text, unsigned *ret, struct err *e)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < ARRAY_LEN(type_names); i++) {
		if (!slice_eq_str(text, type_names[i]))
			continue;
		*ret = i;
		return 0;
	}
	if (slice_to_u64(text, 255, &n) < 0)
		return err_set(e, -EINVAL, "unknown type of frame '%.*s'", SLICE_ARG(text));
	*ret = (unsigned)n;
	return 0;
}

/* Fields of a HEADERS frame, as they stand: upper case, pseudo fields anywhere, none added. */
static int put_written(struct arena *a, struct slice fields, struct buf *payload, struct err *e)
{
	struct pattern m;
	int r = pattern_parse(a, fields, &m, e);

	for (size_t i = 0; r == 0 && i < m.items.n; i++)
		if (m.items.v[i].kind == ITEM_FIELD)
			put_field(payload, m.items.v[i].name, m.items.v[i].value, true);
	pattern_done(&m);
	return r;
}

int h2p_frame(struct peer *p, struct arena *a, struct slice text, struct err *e)
{
	CLEANUP(buf_done) struct buf payload = BUF_INIT;
	struct slice type_word = slice_split(&text, ' '), stream_word = slice_split(&text, ' '),
		     flags_word = slice_split(&text, ' '), bytes;
	unsigned type = 0, flags = 0;
	uint64_t stream = 0;
	int r = parse_type(type_word, &type, e);

	if (r == 0)
		r = slice_to_u64(stream_word, UINT32_MAX, &stream);
	if (r == 0)
		r = parse_flags(flags_word, &flags, e);
	text = slice_trim(text);
	if (r == 0 && text.len && text.ptr[0] == '"' && (r = text_quoted(a, &text, &bytes, e)) == 0)
		buf_append_slice(&payload, bytes);
	if (r == 0 && text.len)
		r = put_written(a, text, &payload, e);
	if (r < 0)
		return r;
	if (type == HEADERS && !p->server && !exchange_of(p, (uint32_t)stream))
		exchange_add(p, (uint32_t)stream)->method = mem_strdup("");
	if (stream >= p->next_stream && !p->server)
		p->next_stream = (uint32_t)stream + 2 - (uint32_t)(1 - stream % 2);
	send_frame(p, type, flags, (uint32_t)stream, buf_slice(&payload));
	peer_step(p);
	return 0;
}

/* ---- reading ---- */

struct hpack {
	nghttp2_hd_inflater *inflater;
};

void h2p_begin(struct peer *p)
{
	p->hpack = NEW(struct hpack);
	if (nghttp2_hd_inflate_new(&p->hpack->inflater))
		abort();
	p->begun = true;
	if (!p->server)
		buf_append_str(&p->out, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
	send_frame(p, SETTINGS, 0, 0, (struct slice){NULL, 0});
}

void h2p_done(struct peer *p)
{
	if (p->hpack)
		nghttp2_hd_inflate_del(p->hpack->inflater);
	free(p->hpack);
	p->hpack = NULL;
}

static void set_start(struct heard *m, const nghttp2_nv *nv)
{
	const struct slice name = slice_make(nv->name, nv->namelen);
	char *old = m->start;

	if (slice_eq_str(name, ":method"))
		m->start = mem_printf("%.*s %s", (int)nv->valuelen, (char *)nv->value, old ? old : "");
	else if (slice_eq_str(name, ":path"))
		m->start = mem_printf("%s%.*s", old ? old : "", (int)nv->valuelen, (char *)nv->value);
	else if (slice_eq_str(name, ":status"))
		m->start = mem_printf("%.*s", (int)nv->valuelen, (char *)nv->value);
	else
		return;
	free(old);
}

static void read_field(struct buf *lines, const nghttp2_nv *nv)
{
	buf_printf(lines, "%.*s", (int)nv->namelen, (char *)nv->name);
	buf_append_char(lines, 0);
	buf_append(lines, nv->value, nv->valuelen);
	buf_append_char(lines, '\n');
}

/* Name, NUL, value, line end: views into lines, which grow no more. */
#define FIELDS_OF(lines, out)                                                                                          \
	do {                                                                                                           \
		struct slice rest_ = buf_slice(lines);                                                                 \
		while (rest_.len) {                                                                                    \
			struct slice value_ = slice_split(&rest_, '\n'), name_ = slice_split(&value_, 0);              \
			vec_push((out), ((struct field){name_, value_}));                                              \
		}                                                                                                      \
	} while (0)

/* Decodes the block into lines, and into the message's start when it is a head. False when it cannot be decoded. */
static bool inflate_block(struct peer *p, struct buf *lines, struct heard *head)
{
	const uint8_t *at = (const uint8_t *)buf_str(&p->block);
	size_t left = p->block.len;
	int flags = 0;

	for (;;) {
		nghttp2_nv nv;
		const ssize_t n = nghttp2_hd_inflate_hd2(p->hpack->inflater, &nv, &flags, at, left, 1);

		if (n < 0)
			return false;
		at += n;
		left -= (size_t)n;
		if (flags & NGHTTP2_HD_INFLATE_EMIT) {
			set_start(head, &nv);
			read_field(lines, &nv);
		}
		if (flags & NGHTTP2_HD_INFLATE_FINAL)
			break;
		if (!(flags & NGHTTP2_HD_INFLATE_EMIT) && !left)
			break;
	}
	nghttp2_hd_inflate_end_headers(p->hpack->inflater);
	return true;
}

static void take_head(struct exchange *x, struct heard *got, struct buf *lines)
{
	if (got->start && got->start[0] == '1' && !x->peer->server) {
		buf_append(&x->interim, got->start, 3);
		message_done(got);
		buf_done(lines);
		return;
	}
	free(x->message.start);
	x->message.start = got->start ? got->start : mem_strdup("");
	buf_done(&x->message.head);
	x->message.head = *lines;
	x->message.has_head = true;
	FIELDS_OF(&x->message.head, &x->message.fields);
}

static void take_block(struct peer *p)
{
	struct exchange *x = exchange_of(p, p->block_stream);
	struct buf lines = BUF_INIT;
	struct heard got = {0};

	if (!x)
		x = exchange_add(p, p->block_stream);
	if (!inflate_block(p, &lines, &got))
		abort();
	if (!x->message.has_head) {
		take_head(x, &got, &lines);
	} else {
		free(got.start);
		x->message.trailer_lines = lines;
		FIELDS_OF(&x->message.trailer_lines, &x->message.trailers);
	}
	if (!x->method && x->message.start)
		x->method = mem_printf("%.*s", (int)strcspn(x->message.start, " "), x->message.start);
	if (p->block_flags & END_STREAM)
		x->message.complete = true;
	buf_clear(&p->block);
}

static uint32_t get_u32(const char *at)
{
	const uint8_t *b = (const uint8_t *)at;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void take_data(struct peer *p, unsigned flags, uint32_t stream, struct slice payload)
{
	struct exchange *x = exchange_of(p, stream);
	CLEANUP(buf_done) struct buf n = BUF_INIT;

	if (!x)
		return;
	if (flags & PADDED)
		payload = slice_head(slice_from(payload, 1), payload.len - 1 - (uint8_t)payload.ptr[0]);
	buf_append_slice(&x->message.body, payload);
	if (flags & END_STREAM)
		x->message.complete = true;
	if (!payload.len)
		return;
	put_u32(&n, (uint32_t)payload.len);
	send_frame(p, WINDOW_UPDATE, 0, 0, buf_slice(&n));
	if (!x->message.complete)
		send_frame(p, WINDOW_UPDATE, 0, stream, buf_slice(&n));
}

static void take_headers(struct peer *p, unsigned type, unsigned flags, uint32_t stream, struct slice payload)
{
	if (type == HEADERS) {
		p->block_stream = stream;
		p->block_flags = (uint8_t)flags;
		if (flags & HAS_PRIORITY)
			payload = slice_from(payload, 5);
	}
	buf_append_slice(&p->block, payload);
	if (flags & END_HEADERS)
		take_block(p);
}

static char *describe_settings(struct slice payload)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	buf_append_str(&out, "SETTINGS");
	for (; payload.len >= 6; payload = slice_from(payload, 6)) {
		const unsigned id = (unsigned)(uint8_t)payload.ptr[0] << 8 | (uint8_t)payload.ptr[1];

		buf_printf(&out, " %s=%u", id < ARRAY_LEN(setting_names) ? setting_names[id] : "?",
			   get_u32(payload.ptr + 2));
	}
	return buf_take_str(&out);
}

/* "RST_STREAM 1 CANCEL", "GOAWAY PROTOCOL_ERROR", "PING ACK", "WINDOW_UPDATE 0 100", "DATA 1 5 END_STREAM" */
static char *describe(unsigned type, unsigned flags, uint32_t stream, struct slice payload)
{
	const char *name = type < ARRAY_LEN(type_names) ? type_names[type] : "?";
	const bool has_stream_end = type <= HEADERS;

	if (type == SETTINGS)
		return flags & ACK ? mem_strdup("SETTINGS ACK") : describe_settings(payload);
	if (type == PING)
		return mem_strdup(flags & ACK ? "PING ACK" : "PING");
	if (type == GOAWAY && payload.len >= 8)
		return mem_printf("GOAWAY %s %u", h2_error_str(get_u32(payload.ptr + 4)), get_u32(payload.ptr));
	if (type == RST_STREAM && payload.len == 4)
		return mem_printf("RST_STREAM %u %s", stream, h2_error_str(get_u32(payload.ptr)));
	if (type == WINDOW_UPDATE && payload.len == 4)
		return mem_printf("WINDOW_UPDATE %u %u", stream, get_u32(payload.ptr));
	return mem_printf("%s %u %zu%s", name, stream, payload.len,
			  has_stream_end && flags & END_STREAM ? " END_STREAM" : "");
}

static void take_frame(struct peer *p, unsigned type, unsigned flags, uint32_t stream, struct slice payload)
{
	struct exchange *x = exchange_of(p, stream);

	vec_push(&p->frames, describe(type, flags, stream, payload));
	if (type == DATA)
		take_data(p, flags, stream, payload);
	else if (type == HEADERS || type == CONTINUATION)
		take_headers(p, type, flags, stream, payload);
	else if (type == SETTINGS && !(flags & ACK))
		send_frame(p, SETTINGS, ACK, 0, (struct slice){NULL, 0});
	else if (type == PING && !(flags & ACK))
		send_frame(p, PING, ACK, 0, payload);
	else if (type == RST_STREAM && x && payload.len == 4) {
		x->was_reset = true;
		x->error = get_u32(payload.ptr);
	}
}

void h2p_take(struct peer *p)
{
	if (!p->begun)
		h2p_begin(p);
	while (p->in.len >= FRAME_HEAD) {
		const uint8_t *b = (const uint8_t *)p->in.ptr;
		const size_t len = (size_t)b[0] << 16 | (size_t)b[1] << 8 | b[2];

		if (p->in.len < FRAME_HEAD + len)
			break;
		take_frame(p, b[3], b[4], get_u32(p->in.ptr + 5) & 0x7fffffff, slice_make(p->in.ptr + FRAME_HEAD, len));
		buf_consume(&p->in, FRAME_HEAD + len);
	}
}
