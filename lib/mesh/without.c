/*
 * A snapshot with some configuration objects left out, for views whose proxies refuse what those make. The other
 * indexes are shared; the lists of policies are copied, so that numbers and texts are those of the index they come
 * from.
 */
#include "mesh/snapshot_internal.h"

struct without {
	const struct policy_index *old;
	struct policy_index *x;
	mesh_skip_fn skip;
	void *arg;
};

/* Who may do nothing at all: a DENY of everything for the same workloads. */
static void close_authz(struct arena *a, struct mesh_authz *z)
{
	struct istio_authorization_policy_spec *s = ARENA_NEW(a, struct istio_authorization_policy_spec);

	s->selector = z->spec->selector;
	s->targetRef = z->spec->targetRef;
	s->action = ISTIO_AUTHORIZATION_POLICY_ACTION_DENY;
	s->rules.v = ARENA_NEW_N(a, struct istio_authorization_rule, 1);
	s->rules.n = 1;
	z->spec = s;
}

/* Whose tokens are all bad: the same rules without keys. */
static void close_request_auth(struct arena *a, struct mesh_request_auth *r)
{
	struct istio_request_authentication_spec *s = ARENA_NEW(a, struct istio_request_authentication_spec);

	*s = *r->spec;
	s->jwt_rules.v = ARENA_NEW_N(a, struct istio_jwt_rule, s->jwt_rules.n);
	for (size_t i = 0; i < s->jwt_rules.n; i++) {
		s->jwt_rules.v[i] = (struct istio_jwt_rule){.issuer = r->spec->jwt_rules.v[i].issuer,
							    .jwks = "{\"keys\":[]}",
							    .from_headers = r->spec->jwt_rules.v[i].from_headers,
							    .from_params = r->spec->jwt_rules.v[i].from_params,
							    .from_cookies = r->spec->jwt_rules.v[i].from_cookies};
	}
	r->spec = s;
}

static void close_peer_auth(struct arena *a, struct mesh_peer_auth *p)
{
	struct istio_peer_authentication_spec *s = ARENA_NEW(a, struct istio_peer_authentication_spec);

	s->selector = p->spec->selector;
	s->mtls = ARENA_NEW(a, struct istio_peer_authentication_mutual_tls);
	s->mtls->mode = ISTIO_PEER_AUTHENTICATION_MUTUAL_TLS_MODE_STRICT;
	p->spec = s;
}

static struct istio_traffic_policy *only_tls(struct arena *a, const struct istio_traffic_policy *p)
{
	struct istio_traffic_policy *t;

	if (!p)
		return NULL;
	t = ARENA_NEW(a, struct istio_traffic_policy);
	t->tls = p->tls;
	t->port_level_settings.v =
		ARENA_NEW_N(a, struct istio_traffic_policy_port_traffic_policy, p->port_level_settings.n);
	for (size_t i = 0; i < p->port_level_settings.n; i++) {
		t->port_level_settings.v[i].port = p->port_level_settings.v[i].port;
		t->port_level_settings.v[i].tls = p->port_level_settings.v[i].tls;
	}
	t->port_level_settings.n = p->port_level_settings.n;
	return t;
}

static void close_rule(struct arena *a, struct mesh_destination_rule *d)
{
	struct istio_destination_rule_spec *s = ARENA_NEW(a, struct istio_destination_rule_spec);

	*s = *d->spec;
	s->traffic_policy = only_tls(a, s->traffic_policy);
	s->subsets.v = ARENA_NEW_N(a, struct istio_subset, s->subsets.n);
	for (size_t i = 0; i < s->subsets.n; i++) {
		s->subsets.v[i] = d->spec->subsets.v[i];
		s->subsets.v[i].traffic_policy = only_tls(a, s->subsets.v[i].traffic_policy);
	}
	d->spec = s;
}

/* Copies a list; `closed` tells what becomes of an element that is skipped: a statement that mends it, or continue. */
#define COPY(w, list, closed)                                                                                          \
	do {                                                                                                           \
		for (size_t i_ = 0; i_ < (w)->old->list.n; i_++) {                                                     \
			__typeof__((w)->old->list.v[0]) one = (w)->old->list.v[i_];                                    \
			if ((w)->skip((w)->arg, &one.o)) {                                                             \
				closed;                                                                                \
			}                                                                                              \
			vec_push(&(w)->x->list, one);                                                                  \
		}                                                                                                      \
	} while (0)

static struct policy_index *policies_without(struct without *w)
{
	struct policy_index *x = w->x = NEW(struct policy_index);
	struct arena *a = &x->head.arena;

	x->head.refs = 1;
	x->base = (struct policy_index *)w->old;
	x->base->head.refs++;
	x->n_objects = w->old->n_objects;
	x->asks_client_labels = w->old->asks_client_labels;
	x->asks_place = w->old->asks_place;
	x->asks_node = w->old->asks_node;
	for (size_t i = 0; i < w->old->near_labels.n; i++)
		vec_push(&x->near_labels, w->old->near_labels.v[i]); /* the base has them */
	COPY(w, virtual_services, continue);
	COPY(w, destination_rules, close_rule(a, &one));
	COPY(w, gateways, continue);
	COPY(w, sidecars, continue);
	COPY(w, peer_auths, close_peer_auth(a, &one));
	policies_index_peer_auths(x);
	COPY(w, authz, close_authz(a, &one));
	COPY(w, request_auths, close_request_auth(a, &one));
	COPY(w, envoy_filters, continue);
	COPY(w, telemetries, continue);
	return x;
}

struct snapshot *snapshot_without(const struct snapshot *s, mesh_skip_fn skip, void *arg)
{
	struct without w = {.old = s->policies, .skip = skip, .arg = arg};
	struct snapshot *now = NEW(struct snapshot);

	*now = *s;
	now->refs = 1;
	now->mesh = mesh_config_ref(s->mesh);
	now->keys = mesh_keys_ref(s->keys);
	now->services->head.refs++;
	now->endpoints->head.refs++;
	now->workloads->head.refs++;
	now->policies = policies_without(&w);
	now->moved = NULL;
	now->moved_pods = NULL;
	now->n_moved = now->n_moved_pods = 0;
	now->moved_all = true;
	return now;
}
