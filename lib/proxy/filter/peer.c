/*
 * Who is on the other side. Sidecars tell each other in two headers (x-envoy-peer-metadata: base64 of a protobuf
 * Struct, x-envoy-peer-metadata-id: the node's id), in the request and in the response; neither reaches an application.
 * A connection's peer seldom changes, so the text is only decoded when it differs from the last one.
 */
#include "base/hash.h"
#include "proxy/filter/table.h"

/* Whether it is another text than the last one of the connection, which is known by its hash alone. */
static bool differs(uint64_t *last, struct slice text)
{
	uint64_t hash = hash_bytes(text);

	if (hash == *last)
		return false;
	*last = hash;
	return true;
}

static void strip(struct http_head *h)
{
	http_remove_id(h, HTTP_NAME_PEER_METADATA);
	http_remove_id(h, HTTP_NAME_PEER_METADATA_ID);
}

static void read_request(struct stream *s)
{
	struct slice text = http_get_id(&s->req, HTTP_NAME_PEER_METADATA);
	struct down *d = s->conn;

	if (text.len && differs(&d->source_hash, text))
		d->source = stats_peer_of_header(s->worker, text);
	s->source = text.len ? d->source : NULL;
	s->answer_peer = s->req.known & (1u << HTTP_NAME_PEER_METADATA_ID);
}

static void on_answer(struct stream *s, const struct config_http_filter *at, struct http_head *h)
{
	struct slice text = http_get_id(h, HTTP_NAME_PEER_METADATA);
	struct up *up = s->upc;

	(void)at;
	if (!s->learn_peer)
		return;
	if (text.len && differs(&up->peer_hash, text))
		up->peer = stats_peer_of_header(s->worker, text);
	if (text.len && up->peer)
		s->destination = up->peer;
	strip(h);
}

static enum filter_result on_request(struct stream *s, const struct config_http_filter *at)
{
	const struct filter_peer_metadata *f = at->config;

	if (!f)
		return FILTER_CONTINUE;
	if (f->discover_downstream)
		read_request(s);
	s->answer_peer &= f->propagate_downstream;
	s->tell_peer = f->propagate_upstream;
	s->learn_peer = f->discover_upstream;
	strip(&s->req);
	return FILTER_CONTINUE;
}

const struct filter_ops filter_peer_ops = {.on_request = on_request, .on_answer = on_answer};
