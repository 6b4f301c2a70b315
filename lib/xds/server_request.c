/* What peers of ADS sessions say. */
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "envoy/service/discovery/v3/discovery.pb-c.h"
#include "xds/pb.h"
#include "xds/server_internal.h"
#include "xds/wire.h"

typedef Envoy__Service__Discovery__V3__DiscoveryRequest request_sotw;
typedef Envoy__Service__Discovery__V3__DeltaDiscoveryRequest request_delta;

static bool connect_session(struct xds_session *s, const Envoy__Config__Core__V3__Node *node)
{
	const struct xds_server_params *p = &s->server->p;
	const char *text = NULL;
	int status;

	if (!node || !node->id || !*node->id) {
		grpc_call_finish(s->call, GRPC_INVALID_ARGUMENT, "missing node information");
		return false;
	}
	pb_pack(&node->base, &s->node);
	s->node_id = arena_strdup(&s->arena, node->id);
	status = p->ops->on_connect ? p->ops->on_connect(p->user, s, node, &text) : GRPC_OK;
	if (status != GRPC_OK) {
		grpc_call_finish(s->call, status, text);
		return false;
	}
	s->connected = true;
	return true;
}

static enum ads_action apply(struct xds_session *s, enum xds_type type, const struct ads_request *r)
{
	const struct xds_server_params *p = &s->server->p;
	enum ads_action action;

	if (!s->subs[type]) {
		s->subs[type] = NEW(struct ads_sub);
		*s->subs[type] = (struct ads_sub){.type = type, .pool = &s->server->names};
	}
	action = ads_request(s->subs[type], r);
	xds_sub_changed(s, type);
	if (action == ADS_REFUSE) {
		xds_session_close(s, GRPC_RESOURCE_EXHAUSTED, "too many names in one subscription");
		return action;
	}
	if (p->ops->on_ack && *r->nonce && action != ADS_STALE)
		p->ops->on_ack(p->user, s, type, action == ADS_NACK ? r->error : NULL);
	if (action != ADS_ACK || s->held_back || xds_session_due(s, type))
		xds_session_push_types(s, xds_bit(type));
	return action;
}

static enum ads_action apply_url(struct xds_session *s, const char *type_url, const struct ads_request *r)
{
	const struct xds_server_params *p = &s->server->p;
	const enum xds_type type = xds_type_from_url(type_url);

	if (type != XDS_TYPE_NONE)
		return apply(s, type, r);
	log_debug("xds", "request for a type that is not served: %s", type_url);
	if (p->ops->on_other)
		p->ops->on_other(p->user, s, type_url, r->error);
	return ADS_STALE;
}

static enum xds_type type_of(struct slice url)
{
	for (int i = 0; i < XDS_TYPE_COUNT; i++)
		if (slice_eq_str(url, xds_type_url(i)))
			return (enum xds_type)i;
	return XDS_TYPE_NONE;
}

static const char *error_text(const Google__Rpc__Status *status)
{
	if (!status)
		return NULL;
	return *status->message ? status->message : "refused";
}

/* What can be seen of a request without decoding it. */
struct glance {
	char nonce[17]; /* of ours; another one is cut and matches none */
	enum xds_type type;
	uint64_t names; /* hash of all that a DiscoveryRequest names, in order; 0 = cannot be told */
	bool plain;     /* there is nothing else of consequence in it, and it is not broken */
};

/* Fields of both kinds of requests; 0 = there is none. */
struct fields {
	unsigned names, type, nonce, ignored;
};

static void keep_nonce(struct glance *g, struct slice nonce)
{
	const size_t n = MIN(nonce.len, sizeof(g->nonce) - 1);

	memcpy(g->nonce, nonce.ptr, n);
	g->nonce[n] = 0;
}

static struct glance look_at(struct slice message, const struct fields *at)
{
	struct glance g = {.type = XDS_TYPE_NONE, .names = 1, .plain = true};
	struct wire_field f;
	int r;

	while ((r = wire_next(&message, &f)) == 1) {
		if (f.number == at->names)
			g.names = hash_more(g.names, f.bytes) | 1;
		else if (f.number == at->type)
			g.type = type_of(f.bytes);
		else if (f.number == at->nonce)
			keep_nonce(&g, f.bytes);
		else if (f.number != at->ignored)
			g.plain = false;
	}
	g.plain &= r == 0 && g.type != XDS_TYPE_NONE;
	if (r < 0)
		g.names = 0;
	return g;
}

/*
 * An acknowledgement repeats all names, a thousand and more, which are those of the request before: then they need not
 * be read. Who makes two lists of names with one hash harms its own subscription.
 */
static bool acknowledge_same(struct xds_session *s, const struct glance *g)
{
	const struct ads_request r = {.same = true, .nonce = g->nonce};
	const struct ads_sub *sub = g->plain ? xds_sub_of(s, g->type) : NULL;

	if (!s->connected || !sub || !sub->active || sub->asked_hash != g->names || !*g->nonce)
		return false;
	apply(s, g->type, &r);
	return true;
}

/* In delta it names nothing. */
static bool acknowledge_delta(struct xds_session *s, struct slice message)
{
	static const struct fields at = {.type = 2, .nonce = 6};
	const struct glance g = look_at(message, &at);
	const struct ads_request r = {.delta = true, .nonce = g.nonce};

	if (!g.plain || !s->connected || !xds_sub_of(s, g.type)->active || !*g.nonce)
		return false;
	apply(s, g.type, &r);
	return true;
}

static void on_sotw(struct xds_session *s, struct slice message, struct arena *a)
{
	static const struct fields at = {.names = 3, .type = 4, .nonce = 5, .ignored = 1};
	const struct glance g = look_at(message, &at);
	const request_sotw *m;
	enum ads_action action;
	struct ads_request r;

	if (acknowledge_same(s, &g))
		return;
	m = pb_unpack(a, &envoy__service__discovery__v3__discovery_request__descriptor, message);
	if (!m) {
		grpc_call_finish(s->call, GRPC_INVALID_ARGUMENT, "no valid DiscoveryRequest");
		return;
	}
	if (!s->connected && !connect_session(s, m->node))
		return;
	r = (struct ads_request){.nonce = m->response_nonce,
				 .error = error_text(m->error_detail),
				 .subscribe = (const char *const *)m->resource_names,
				 .n_subscribe = m->n_resource_names};
	action = apply_url(s, m->type_url, &r);
	if (action == ADS_SUBSCRIBE || action == ADS_ACK)
		s->subs[g.type]->asked_hash = g.names;
}

static void on_delta(struct xds_session *s, struct slice message, struct arena *a)
{
	const request_delta *m =
		pb_unpack(a, &envoy__service__discovery__v3__delta_discovery_request__descriptor, message);
	struct ads_version *initial;
	struct ads_request r;

	if (!m) {
		grpc_call_finish(s->call, GRPC_INVALID_ARGUMENT, "no valid DeltaDiscoveryRequest");
		return;
	}
	if (!s->connected && !connect_session(s, m->node))
		return;
	initial = ARENA_NEW_N(a, struct ads_version, m->n_initial_resource_versions);
	for (size_t i = 0; i < m->n_initial_resource_versions; i++)
		initial[i] = (struct ads_version){m->initial_resource_versions[i]->key,
						  m->initial_resource_versions[i]->value};
	r = (struct ads_request){.delta = true,
				 .nonce = m->response_nonce,
				 .error = error_text(m->error_detail),
				 .subscribe = (const char *const *)m->resource_names_subscribe,
				 .n_subscribe = m->n_resource_names_subscribe,
				 .unsubscribe = (const char *const *)m->resource_names_unsubscribe,
				 .n_unsubscribe = m->n_resource_names_unsubscribe,
				 .initial = initial,
				 .n_initial = m->n_initial_resource_versions};
	apply_url(s, m->type_url, &r);
}

void xds_session_receive(struct xds_session *s, struct slice message)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	if (!s->delta)
		on_sotw(s, message, &a);
	else if (!acknowledge_delta(s, message))
		on_delta(s, message, &a);
}
