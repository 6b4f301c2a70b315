/* What the router changes in messages that pass: forwarding fields, hop-by-hop fields, the chunks of bodies. */
#include "lab/net/router_conn_internal.h"

#include "base/cleanup.h"

static void add_forwarded(struct conn *c, struct http_head *h)
{
	struct slice host = http_get_id(h, HTTP_NAME_HOST), before = http_get_id(h, HTTP_NAME_FORWARDED_FOR);
	size_t at[5];
	const char *base;

	buf_clear(&c->forwarded);
	at[0] = c->forwarded.len;
	if (before.len)
		buf_printf(&c->forwarded, "%.*s, ", SLICE_ARG(before));
	buf_append_str(&c->forwarded, c->peer);
	at[1] = c->forwarded.len;
	buf_append_slice(&c->forwarded, host);
	at[2] = c->forwarded.len;
	buf_printf(&c->forwarded, "%u", (unsigned)(c->over_tls ? c->router->tls_port : c->router->port));
	at[3] = c->forwarded.len;
	buf_printf(&c->forwarded, "for=%s;host=%.*s;proto=%s", c->peer, SLICE_ARG(host),
		   c->over_tls ? "https" : "http");
	at[4] = c->forwarded.len;
	base = c->forwarded.ptr;
	http_set(h, SLICE("x-forwarded-for"), slice_make(base + at[0], at[1] - at[0]));
	http_set(h, SLICE("x-forwarded-host"), slice_make(base + at[1], at[2] - at[1]));
	http_set(h, SLICE("x-forwarded-port"), slice_make(base + at[2], at[3] - at[2]));
	http_set(h, SLICE("x-forwarded-proto"), c->over_tls ? SLICE("https") : SLICE("http"));
	http_set(h, SLICE("forwarded"), slice_make(base + at[3], at[4] - at[3]));
}

void router_write_request(struct conn *c, struct http_head *h)
{
	struct slice upgrade = h->upgrade ? http_get_id(h, HTTP_NAME_UPGRADE) : slice_make(NULL, 0);
	char *to, *end;

	http_remove_hop_fields(h);
	add_forwarded(c, h);
	if (upgrade.len) {
		http_add(h, SLICE("connection"), SLICE("Upgrade"));
		http_add(h, SLICE("upgrade"), upgrade);
	}
	if (h->framing == HTTP_BODY_OPEN)
		http_add(h, SLICE("transfer-encoding"), SLICE("chunked"));
	buf_clear(&c->head_copy);
	to = buf_reserve(&c->head_copy, h1_head_bound(h) + 2);
	end = h1_write_request(to, h);
	c->head_copy.len = (size_t)(end - to);
	buf_append_str(&c->head_copy, "\r\n");
}

/* Moves body bytes; chunked ones get chunk heads of ours. */
enum relay router_relay_body(struct h1_body *b, struct buf *from, struct buf *to, bool chunked)
{
	size_t taken = 0;

	while (!b->done && taken < from->len && to->len < RELAY_MAX_BYTES) {
		struct slice data = {NULL, 0};
		ssize_t n = h1_body_decode(b, from->ptr + taken, from->len - taken, &data);

		if (n < 0)
			return RELAY_BROKEN;
		if (data.len && chunked) {
			char head[H1_CHUNK_HEAD_MAX];

			buf_append(to, head, (size_t)(h1_write_chunk_head(head, data.len) - head));
		}
		buf_append_slice(to, data);
		if (data.len && chunked)
			buf_append_str(to, "\r\n");
		taken += (size_t)n;
		if (n == 0)
			break;
	}
	if (taken)
		buf_consume(from, taken);
	if (b->done && chunked && taken)
		buf_append_str(to, "0\r\n\r\n");
	return taken ? RELAY_MOVED : RELAY_NOTHING;
}

void router_write_response(struct conn *c, struct http_head *h)
{
	struct slice upgrade = http_get_id(h, HTTP_NAME_UPGRADE);
	char *to, *end;

	c->chunked_out = h->framing == HTTP_BODY_OPEN && c->client_minor > 0;
	if (h->framing == HTTP_BODY_CLOSE || (h->framing == HTTP_BODY_OPEN && !c->chunked_out))
		c->client_keeps = false;
	http_remove_hop_fields(h);
	if (h->status == 101) {
		http_add(h, SLICE("connection"), SLICE("Upgrade"));
		http_add(h, SLICE("upgrade"), upgrade);
	} else if (!c->client_keeps && h->status >= 200) {
		http_add(h, SLICE("connection"), SLICE("close"));
	} else if (c->client_minor == 0) {
		http_add(h, SLICE("connection"), SLICE("keep-alive"));
	}
	if (c->chunked_out)
		http_add(h, SLICE("transfer-encoding"), SLICE("chunked"));
	to = buf_reserve(&c->client.out, h1_head_bound(h) + 2);
	end = h1_write_response(to, h);
	c->client.out.len += (size_t)(end - to);
	buf_append_str(&c->client.out, "\r\n");
}
