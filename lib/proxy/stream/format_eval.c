/* One function per group of commands; a value that is not there is empty and written as the caller wants it. */
#include "proxy/stream/format_eval.h"

#include <ctype.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "proxy/core/grpc.h"
#include "proxy/stream/reason.h"

static struct slice address(struct stream *s, const struct addr *a, bool port)
{
	char text[ADDR_TEXT_MAX];

	if (!a || !a->len)
		return slice_make("", 0);
	return stream_copy(s, slice_str(port ? addr_format(a, text) : addr_format_host(a, text)));
}

/* "2024-05-01T12:00:00.123Z", or strftime's. */
static struct slice start_time(struct stream *s, const struct format_part *p)
{
	int64_t wall = clock_wall_ns() - (clock_mono_ns() - s->start_ns);
	time_t seconds = wall / NS_PER_S;
	char text[128], pattern[96];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	if (p->arg.len && p->arg.len < sizeof(pattern)) {
		snprintf(pattern, sizeof(pattern), "%.*s", SLICE_ARG(p->arg));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* the format is the user's; strftime reads no arguments by it */
		return stream_copy(s, slice_make(text, strftime(text, sizeof(text), pattern, &tm)));
#pragma GCC diagnostic pop
	}
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	return stream_printf(s, "%s.%03dZ", text, (int)(wall % NS_PER_S / NS_PER_MS));
}

static struct slice request_header(struct stream *s, struct slice name)
{
	struct slice v;

	/* What the client sent, not what was made of it. */
	if (slice_eq_nocase(name, SLICE("x-envoy-original-path")))
		return s->original_path;
	if (slice_eq_nocase(name, SLICE("x-forwarded-for")))
		return s->forwarded_for;
	if (slice_eq_nocase(name, SLICE("x-request-id")))
		return s->request_id;
	v = stream_header(s, name);
	return v.ptr ? v : slice_make("", 0);
}

static struct slice response_header(struct stream *s, struct slice name)
{
	struct http_field *f;

	/* After the exchange the head's bytes may be gone; what logs ask for was kept. */
	if (slice_eq_nocase(name, SLICE("x-envoy-upstream-service-time")))
		return s->up_head_ns && stream_tells(s) ? stream_number(s, (s->up_head_ns - s->up_start_ns) / NS_PER_MS)
							: slice_make("", 0);
	if (slice_eq_nocase(name, SLICE(REASON_FIELD)))
		return stream_reason(s);
	if (s->finished)
		return stream_kept(s, name, false);
	f = http_find(&s->resp, name);
	return f ? http_field_value(f) : slice_make("", 0);
}

static struct slice either(struct stream *s, const struct format_part *p,
			   struct slice (*get)(struct stream *s, struct slice name))
{
	struct slice v = get(s, p->arg);

	if (!v.len && p->alt.len)
		v = get(s, p->alt);
	return p->max_bytes ? slice_head(v, p->max_bytes) : v;
}

static struct slice upstream(struct stream *s, enum format_command c)
{
	struct endpoint *e = stream_last_endpoint(s);

	if (c == FORMAT_UPSTREAM_HOST)
		return e ? address(s, &e->address, true) : slice_make("", 0);
	if (c == FORMAT_UPSTREAM_CLUSTER)
		return s->cluster ? slice_str(s->cluster->spec->alt_stat_name) : slice_make("", 0);
	if (c == FORMAT_UPSTREAM_CLUSTER_RAW)
		return s->cluster ? slice_str(s->cluster->spec->name) : slice_make("", 0);
	if (c == FORMAT_UPSTREAM_LOCAL_ADDRESS && s->upc) {
		struct addr a;

		if (socket_local_addr(s->upc->http.transport.fd, &a) == 0)
			return address(s, &a, true);
	}
	return slice_make("", 0);
}

static struct slice downstream(struct stream *s, enum format_command c)
{
	struct down *d = s->conn;
	struct tls *tls = d ? down_tls(d) : NULL;
	const struct tls_peer *peer = tls ? tls_peer(tls) : NULL;

	if (!d)
		return slice_make("", 0);
	switch (c) {
	case FORMAT_DOWNSTREAM_REMOTE_ADDRESS:
		return address(s, s->remote ? s->remote : &d->peer, true);
	case FORMAT_DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT:
		return address(s, s->remote ? s->remote : &d->peer, false);
	case FORMAT_DOWNSTREAM_DIRECT_REMOTE_ADDRESS:
		return address(s, &d->peer, true);
	case FORMAT_DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT:
		return slice_str(d->peer_text);
	case FORMAT_DOWNSTREAM_LOCAL_ADDRESS:
		return address(s, &d->local, true);
	case FORMAT_DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT:
		return address(s, &d->local, false);
	case FORMAT_DOWNSTREAM_LOCAL_PORT:
		return stream_number(s, addr_port(&d->local));
	case FORMAT_DOWNSTREAM_PEER_URI_SAN:
		return slice_str(d->principal);
	case FORMAT_DOWNSTREAM_LOCAL_URI_SAN:
		return d->secure ? slice_str(s->wc->config->node->principal) : slice_make("", 0);
	case FORMAT_DOWNSTREAM_PEER_SUBJECT:
		return slice_str(peer ? peer->subject : NULL);
	case FORMAT_DOWNSTREAM_TLS_VERSION:
		return slice_str(tls ? tls_version_name(tls) : NULL);
	case FORMAT_DOWNSTREAM_TLS_CIPHER:
		return slice_str(tls ? tls_cipher_name(tls) : NULL);
	case FORMAT_REQUESTED_SERVER_NAME:
		return slice_str(d->server_name);
	case FORMAT_CONNECTION_ID:
		return stream_number(s, (int64_t)d->id);
	default:
		return slice_make("", 0);
	}
}

/* The name, in letters as asked for, or the number. */
static struct slice grpc_status(struct stream *s, struct slice how)
{
	const char *name = grpc_status_name(s->grpc_status);
	struct slice out;
	char text[64], *to = text;

	if (s->grpc_status < 0)
		return slice_make("", 0);
	if (!name || slice_eq_nocase(how, SLICE("NUMBER")))
		return stream_number(s, s->grpc_status);
	if (!slice_eq_nocase(how, SLICE("SNAKE_STRING")))
		return slice_str(name);
	for (const char *c = name; *c; c++) {
		if (c != name && *c >= 'A' && *c <= 'Z' && !(c[-1] >= 'A' && c[-1] <= 'Z'))
			*to++ = '_';
		*to++ = (char)toupper((unsigned char)*c);
	}
	out = slice_make(text, (size_t)(to - text));
	return stream_copy(s, out);
}

static struct slice details(struct stream *s)
{
	const char *text = s->details ? s->details : outcome_row(s->outcome)->details;

	return s->retry_abandoned ? stream_printf(s, "%s{request_body_too_large_to_retry}", text) : slice_str(text);
}

static struct slice eval(struct stream *s, const struct format_part *p)
{
	char flags[RESPONSE_FLAGS_TEXT_MAX];

	switch (p->command) {
	case FORMAT_REQ:
		return either(s, p, request_header);
	case FORMAT_RESP:
		return either(s, p, response_header);
	case FORMAT_TRAILER:
		return stream_kept(s, p->arg, true);
	case FORMAT_START_TIME:
		return start_time(s, p);
	case FORMAT_PROTOCOL:
		if (s->no_request)
			return slice_make("", 0);
		return slice_str(http_version_str(s->req.version));
	case FORMAT_RESPONSE_CODE:
		return stream_number(s, s->status);
	case FORMAT_RESPONSE_CODE_DETAILS:
		if (s->no_request)
			return slice_make("", 0);
		return details(s);
	case FORMAT_RESPONSE_FLAGS:
		if (!s->flags)
			return SLICE("-");
		return stream_copy(s, slice_str(response_flags_format(s->flags, flags)));
	case FORMAT_BYTES_RECEIVED:
		return stream_number(s, (int64_t)s->request_bytes);
	case FORMAT_BYTES_SENT:
		return stream_number(s, (int64_t)s->response_bytes);
	case FORMAT_DURATION:
		return stream_number(s, (loop_now_ns(s->worker->loop) - s->start_ns) / NS_PER_MS);
	case FORMAT_REQUEST_DURATION:
		return s->request_end_ns ? stream_number(s, (s->request_end_ns - s->start_ns) / NS_PER_MS)
					 : slice_make("", 0);
	case FORMAT_RESPONSE_DURATION:
		return s->up_head_ns ? stream_number(s, (s->up_head_ns - s->start_ns) / NS_PER_MS) : slice_make("", 0);
	case FORMAT_UPSTREAM_TRANSPORT_FAILURE_REASON:
		return slice_str(s->failure);
	case FORMAT_UPSTREAM_HOST:
	case FORMAT_UPSTREAM_CLUSTER:
	case FORMAT_UPSTREAM_CLUSTER_RAW:
	case FORMAT_UPSTREAM_LOCAL_ADDRESS:
		return upstream(s, p->command);
	case FORMAT_GRPC_STATUS:
		return grpc_status(s, p->arg);
	case FORMAT_ROUTE_NAME:
		return slice_str(s->route ? s->route->name : NULL);
	case FORMAT_HOSTNAME:
		return slice_str(s->wc->config->node->name);
	default:
		return downstream(s, p->command);
	}
}

static bool is_clean(unsigned char c, bool json)
{
	return c >= 0x20 && c != 0x7f && !(json && (c == '"' || c == '\\'));
}

/* Log lines are lines: what a client sends cannot begin a new one. */
static void append_clean(struct buf *out, struct slice v, bool json)
{
	while (v.len) {
		unsigned char c;
		size_t n = 0;

		while (n < v.len && is_clean((unsigned char)v.ptr[n], json))
			n++;
		buf_append(out, v.ptr, n);
		if (n == v.len)
			return;
		c = (unsigned char)v.ptr[n];
		if (c == '"' || c == '\\')
			buf_append(out, (char[]){'\\', (char)c}, 2);
		else
			buf_printf(out, json ? "\\u%04x" : "\\x%02x", c);
		v = slice_from(v, n + 1);
	}
}

static bool is_number(enum format_command c)
{
	return c == FORMAT_RESPONSE_CODE || c == FORMAT_BYTES_RECEIVED || c == FORMAT_BYTES_SENT ||
	       c == FORMAT_DURATION || c == FORMAT_REQUEST_DURATION || c == FORMAT_RESPONSE_DURATION;
}

/* Whether a text in quotes goes on behind this part of a line. */
static bool goes_on(struct slice literal, bool inside)
{
	for (size_t i = 0; i < literal.len; i++) {
		if (literal.ptr[i] == '\\')
			i++;
		else if (literal.ptr[i] == '"')
			inside = !inside;
	}
	return inside;
}

/* inside: it is part of a text in quotes. */
static void append_json(struct buf *out, const struct format_part *p, struct slice v, bool inside)
{
	if (inside) {
		append_clean(out, v.len ? v : SLICE("-"), true);
		return;
	}
	if (!v.len) {
		buf_append_str(out, "null");
		return;
	}
	if (!is_number(p->command))
		buf_append_char(out, '"');
	append_clean(out, v, true);
	if (!is_number(p->command))
		buf_append_char(out, '"');
}

void format_eval(struct stream *s, const struct format *f, enum format_empty empty, struct buf *out)
{
	bool inside = false;

	for (size_t i = 0; i < f->n; i++) {
		const struct format_part *p = &f->parts[i];
		struct slice v;

		if (p->command == FORMAT_LITERAL) {
			if (empty == FORMAT_EMPTY_AS_NULL)
				inside = goes_on(p->arg, inside);
			buf_append_slice(out, p->arg);
			continue;
		}
		v = eval(s, p);
		if (empty == FORMAT_EMPTY_AS_NULL)
			append_json(out, p, v, inside);
		else if (v.len)
			append_clean(out, v, false);
		else if (empty == FORMAT_EMPTY_AS_DASH)
			buf_append_char(out, '-');
	}
}

/* Parts of nearly all formats. */
#define FEW_PARTS 8

static struct slice part_value(struct stream *s, const struct format_part *p)
{
	return p->command == FORMAT_LITERAL ? p->arg : eval(s, p);
}

struct slice format_value(struct stream *s, const struct format *f)
{
	struct slice few[FEW_PARTS], *v = few;
	size_t len = 0;
	char *text, *to;

	if (f->n == 1)
		return part_value(s, &f->parts[0]);
	if (f->n > FEW_PARTS)
		v = (struct slice *)(void *)stream_alloc_aligned(s, f->n * sizeof(*v));
	for (size_t i = 0; i < f->n; i++) {
		v[i] = part_value(s, &f->parts[i]);
		len += v[i].len;
	}
	to = text = stream_alloc(s, len);
	for (size_t i = 0; i < f->n; i++)
		if (v[i].len)
			to = mempcpy(to, v[i].ptr, v[i].len);
	return slice_make(text, len);
}
