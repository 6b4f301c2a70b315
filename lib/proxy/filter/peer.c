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

/* What is asked of this exchange. */
struct own {
	bool answer; /* the client sent its metadata: answer with ours */
	bool tell;   /* the upstream is told who we are */
	bool learn;  /* and asked who it is */
};

static void read_request(struct filter *f, struct own *own)
{
	struct http_head *h = filter_request(f);
	struct slice text = http_get_id(h, HTTP_NAME_PEER_METADATA);
	struct down *d = filter_client(f);

	if (text.len && differs(&d->source_hash, text))
		d->source = stats_peer_of_header(filter_worker(f), text);
	filter_set_source(f, text.len ? d->source : NULL);
	own->answer = h->known & (1u << HTTP_NAME_PEER_METADATA_ID);
}

static enum filter_result on_headers(struct filter *f, bool end)
{
	const struct filter_peer_metadata *m = f->at->config;
	struct own *own = f->own;

	(void)end;
	if (!m)
		return FILTER_CONTINUE;
	if (m->discover_downstream)
		read_request(f, own);
	own->answer &= m->propagate_downstream;
	own->tell = m->propagate_upstream;
	own->learn = m->discover_upstream;
	strip(filter_request(f));
	return FILTER_CONTINUE;
}

static void introduce(struct filter *f, struct http_head *h)
{
	const struct config_node *node = filter_node(f);

	http_set(h, SLICE("x-envoy-peer-metadata"), slice_str(node->peer_metadata_header));
	http_set(h, SLICE("x-envoy-peer-metadata-id"), slice_str(node->id));
}

/* Only a peer that is known to be in the mesh is told who we are. */
static void on_try(struct filter *f)
{
	struct own *own = f->own;

	if (!own->tell)
		return;
	if (filter_to_mesh(f))
		introduce(f, filter_request(f));
	else
		strip(filter_request(f));
}

static void on_answer(struct filter *f, struct http_head *h)
{
	struct slice text = http_get_id(h, HTTP_NAME_PEER_METADATA);
	struct up *up = filter_upstream(f);
	struct own *own = f->own;

	if (!own->learn)
		return;
	if (text.len && differs(&up->peer_hash, text))
		up->peer = stats_peer_of_header(filter_worker(f), text);
	if (text.len && up->peer)
		filter_set_destination(f, up->peer);
	strip(h);
}

static void on_response(struct filter *f, struct http_head *h)
{
	struct own *own = f->own;

	if (own->answer)
		introduce(f, h);
}

const struct filter_ops filter_peer_ops = {
	.own_bytes = sizeof(struct own),
	.on_headers = on_headers,
	.on_try = on_try,
	.on_answer = on_answer,
	.on_response = on_response,
};
