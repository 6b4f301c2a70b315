/*
 * Clusters: one for each visible service port and subset, the inbound ports of a sidecar, and the fixed ones for
 * traffic that no service claims. Automatic mutual TLS is decided per endpoint by a transport socket match.
 */
#include "compile/telemetry.h"
#include "compile/tls.h"

#define TYPE(x) ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DISCOVERY_TYPE__##x

static void set_type(pb_cluster *c, int type)
{
	c->cluster_discovery_type_case = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__CLUSTER_DISCOVERY_TYPE_TYPE;
	c->type = type;
}

static Google__Protobuf__Value *service_value(struct arena *a, const struct service *svc)
{
	Google__Protobuf__Struct *s = pb_struct(a);

	pb_struct_set_string(a, s, "host", svc->host);
	pb_struct_set_string(a, s, "name", svc->entry ? svc->host : svc->name);
	pb_struct_set_string(a, s, "namespace", svc->ns);
	return pb_value_struct(a, s);
}

/* What telemetry and istioctl read: which service and rule a cluster stands for. */
static pb_metadata *cluster_metadata(struct gen *g, const struct service *svc, uint16_t port, const char *subset,
				     const struct mesh_object *rule)
{
	struct arena *a = g->arena;
	Google__Protobuf__Struct *s = pb_struct(a);
	Google__Protobuf__Value **services = arena_calloc(a, 1, sizeof(*services));

	services[0] = service_value(a, svc->alias ? svc->alias : svc);
	if (rule)
		pb_struct_set_string(
			a, s, "config",
			arena_printf(a, "/apis/networking.istio.io/v1alpha3/namespaces/%s/destination-rule/%s",
				     rule->ns, rule->name));
	if (port)
		pb_struct_set(a, s, "default_original_port", pb_value_number(a, port));
	pb_struct_set(a, s, "services", pb_value_list(a, services, 1));
	if (subset && *subset)
		pb_struct_set_string(a, s, "subset", subset);
	if (svc->external)
		pb_struct_set(a, s, "external", pb_value_bool(a, true));
	return pb_metadata_set(a, NULL, "istio", s);
}

static int cmp_str(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The SPIFFE identities behind a service port, each once and in order, under every name that the mesh goes by. */
static void identities(struct gen *g, const struct service *svc, uint16_t port, struct tls_peers *ret)
{
	const struct endpoint_set set = snapshot_endpoints(g->snap, svc, port);
	const struct mesh_config *m = gen_mesh(g);
	const char **v = ARENA_NEW_N(g->arena, const char *, svc->n_sans + set.n * m->n_trust_domains);
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < svc->n_sans; i++)
		v[n++] = svc->sans[i];
	for (size_t i = 0; i < set.n; i++) {
		const struct endpoint *e = &set.v[i];

		for (size_t k = 0; e->service_account && e->tls && k < m->n_trust_domains; k++)
			v[n++] = arena_printf(g->arena, "spiffe://%s/ns/%s/sa/%s", m->trust_domains[k], e->ns,
					      e->service_account);
	}
	if (n)
		qsort(v, n, sizeof(*v), cmp_str);
	for (size_t i = 0; i < n; i++)
		if (!kept || strcmp(v[kept - 1], v[i]) != 0)
			v[kept++] = v[i];
	ret->names = v;
	ret->n_names = kept;
}

static pb_transport_socket *mutual_socket(struct gen *g, const struct service *svc, const struct service_port *p,
					  const char *subset, const struct istio_client_tls_settings *tls, bool http2)
{
	struct tls_peers peers = gen_mesh_peers(g);
	const char *sni = tls && tls->sni ? tls->sni
					  : arena_printf(g->arena, "outbound_.%u_.%s_.%s", p->port,
							 subset ? subset : "", (svc->alias ? svc->alias : svc)->host);

	if (svc->external)
		peers.n_trust_domains = 0; /* another mesh, perhaps: its roots decide */
	if (tls && tls->subject_alt_names.n) {
		peers.names = tls->subject_alt_names.v;
		peers.n_names = tls->subject_alt_names.n;
	} else {
		identities(g, svc, p->port, &peers);
	}
	return tls_socket(g->arena, tls_upstream_mutual(g->arena, sni, http2, &peers));
}

/* Endpoints with a proxy get mutual TLS, the others plain text. */
static void auto_mtls(struct gen *g, pb_cluster *c, const struct service *svc, const struct service_port *p,
		      const char *subset, bool http2)
{
	struct arena *a = g->arena;
	pb_tsmatch *istio = pb_tsmatch_new(a), *plain = pb_tsmatch_new(a);
	Google__Protobuf__Struct *want = pb_struct(a);

	pb_struct_set_string(a, want, "tlsMode", "istio");
	istio->name = pb_str("tlsMode-istio");
	istio->match = want;
	istio->transport_socket = mutual_socket(g, svc, p, subset, NULL, http2);
	plain->name = pb_str("tlsMode-disabled");
	plain->match = pb_struct(a);
	plain->transport_socket = tls_socket(a, NULL);
	PB_ADD(a, c, transport_socket_matches, istio);
	PB_ADD(a, c, transport_socket_matches, plain);
}

/* An address that is none of its endpoints is dialled all the same. */
static bool is_dialled(const struct service *svc)
{
	return svc->resolution == RESOLUTION_PASSTHROUGH && !svc->headless;
}

/* Adds to what our proxies alone are told of the cluster. */
static void tell_weft(struct gen *g, pb_cluster *c, const char *key, const char *value)
{
	for (size_t i = 0; c->metadata && i < c->metadata->n_filter_metadata; i++)
		if (strcmp(c->metadata->filter_metadata[i]->key, "weft") == 0) {
			pb_struct_set_string(g->arena, c->metadata->filter_metadata[i]->value, key, value);
			return;
		}
	Google__Protobuf__Struct *s = pb_struct(g->arena);

	pb_struct_set_string(g->arena, s, key, value);
	c->metadata = pb_metadata_set(g->arena, c->metadata, "weft", s);
}

#define POD_SOCKET "weft-pods"

/*
 * An address that is dialled as it is may be a pod's: those of which our proxies know that they take mutual TLS get it.
 * Whose the address is nobody has said, so any identity of the mesh will do. No rule applies: it is no service.
 */
static void mutual_by_address(struct gen *g, pb_cluster *c)
{
	struct arena *a = g->arena;
	const struct tls_peers peers = gen_mesh_peers(g);
	pb_tsmatch *m = pb_tsmatch_new(a);

	if (!gen_wants_pods(g))
		return;
	m->name = pb_str(POD_SOCKET);
	m->match = pb_struct(a);
	pb_struct_set_string(a, m->match, "weft", "pods");
	m->transport_socket = tls_socket(a, tls_upstream_mutual(a, "", false, &peers));
	PB_ADD(a, c, transport_socket_matches, m);
	tell_weft(g, c, "pods", POD_SOCKET);
}

/* Without endpoints there is nothing to tell one address from another by: all speak mutual TLS, or none does. */
static bool all_mutual(struct gen *g, const struct service *svc, const struct service_port *p)
{
	const struct endpoint_set set = snapshot_endpoints(g->snap, svc, p->port);

	for (size_t i = 0; i < set.n; i++)
		if (!gen_endpoint_mutual(g, svc, &set.v[i]))
			return false;
	return set.n > 0;
}

static void set_tls(struct gen *g, pb_cluster *c, const struct service *svc, const struct service_port *p,
		    const char *subset, const struct gen_rules *rules, const struct gen_policy *policy, bool http2)
{
	const struct istio_client_tls_settings *t = policy->tls;

	if (!t) {
		if (!gen_mesh(g)->auto_mtls || svc->external)
			return;
		if (c->type == TYPE(EDS))
			auto_mtls(g, c, svc, p, subset, http2);
		else if (all_mutual(g, svc, p))
			c->transport_socket = mutual_socket(g, svc, p, subset, NULL, http2);
		if (c->type == TYPE(EDS) && is_dialled(svc))
			mutual_by_address(g, c);
		return;
	}
	if (t->mode == ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_ISTIO_MUTUAL)
		c->transport_socket = mutual_socket(g, svc, p, subset, t, http2);
	else if (t->mode != ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_DISABLE)
		c->transport_socket = gen_rule_tls(g, rules, t, http2);
}

static void add_protocol_options(struct gen *g, pb_cluster *c, pb_upstream_http *u)
{
	Envoy__Config__Cluster__V3__Cluster__TypedExtensionProtocolOptionsEntry *e =
		PB_NEW(g->arena, Envoy__Config__Cluster__V3__Cluster__TypedExtensionProtocolOptionsEntry,
		       envoy__config__cluster__v3__cluster__typed_extension_protocol_options_entry);

	e->key = pb_str("envoy.extensions.upstreams.http.v3.HttpProtocolOptions");
	e->value = PB_ANY(g->arena, u);
	PB_ADD(g->arena, c, typed_extension_protocol_options, e);
}

void gen_speak_http2(struct gen *g, pb_cluster *c)
{
	add_protocol_options(g, c, gen_upstream_http(g, &(const struct gen_policy){0}, PROTOCOL_HTTP2));
}

static void set_eds(struct gen *g, pb_cluster *c)
{
	set_type(c, TYPE(EDS));
	c->eds_cluster_config = pb_eds_config_new(g->arena);
	c->eds_cluster_config->eds_config = pb_ads(g->arena);
	c->eds_cluster_config->service_name = c->name;
}

/*
 * The client has chosen the address: a pod of a headless service, anything that an entry without resolution covers.
 * Ours finds the endpoint of that address, so that it knows how to talk to it; Envoy has the address alone. Gateways
 * know of no such choice.
 */
static void set_chosen(struct gen *g, pb_cluster *c, const struct service *svc)
{
	const char *original = svc->resolution == RESOLUTION_EDS ? "first" : is_dialled(svc) ? "dial" : "only";

	if (g->proxy->type == PROXY_ROUTER && gen_has_endpoints(svc)) {
		set_eds(g, c);
		return;
	}
	if (!g->proxy->weft || !gen_has_endpoints(svc)) {
		set_type(c, TYPE(ORIGINAL_DST));
		return;
	}
	set_eds(g, c);
	tell_weft(g, c, "original_dst", original);
}

static bool asks_passthrough(const struct gen_policy *p)
{
	return p->lb && p->lb->simple && *p->lb->simple == ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_PASSTHROUGH;
}

bool gen_client_chooses(const struct gen *g, const struct service *svc, const struct gen_policy *policy)
{
	return g->proxy->type != PROXY_ROUTER &&
	       (svc->resolution == RESOLUTION_PASSTHROUGH || asks_passthrough(policy));
}

static void set_discovery(struct gen *g, pb_cluster *c, const struct service *svc, const struct service_port *p,
			  const struct istio_subset *subset, const struct gen_policy *policy)
{
	if (asks_passthrough(policy)) {
		set_chosen(g, c, svc);
		return;
	}
	switch (svc->resolution) {
	case RESOLUTION_EDS:
		set_eds(g, c);
		break;
	case RESOLUTION_PASSTHROUGH:
		set_chosen(g, c, svc);
		break;
	case RESOLUTION_DNS:
	case RESOLUTION_DNS_ROUND_ROBIN:
		set_type(c, svc->resolution == RESOLUTION_DNS ? TYPE(STRICT_DNS) : TYPE(LOGICAL_DNS));
		c->load_assignment = gen_load_assignment(g, c->name, svc, p, subset, policy);
		c->dns_lookup_family = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DNS_LOOKUP_FAMILY__V4_ONLY;
		c->respect_dns_ttl = true;
		c->dns_refresh_rate = pb_duration_ns(g->arena, gen_mesh(g)->spec.dns_refresh_rate
								       ? *gen_mesh(g)->spec.dns_refresh_rate
								       : 60000000000);
		break;
	}
}

/* The weights of localities count, which the endpoints have. */
static void weigh_localities(struct gen *g, pb_cluster *c)
{
	if (!c->common_lb_config)
		c->common_lb_config = pb_common_lb_new(g->arena);
	c->common_lb_config->locality_config_specifier_case =
		ENVOY__CONFIG__CLUSTER__V3__CLUSTER__COMMON_LB_CONFIG__LOCALITY_CONFIG_SPECIFIER_LOCALITY_WEIGHTED_LB_CONFIG;
	c->common_lb_config->locality_weighted_lb_config = pb_locality_lb_new(g->arena);
}

/* Who the server is, asked for on plain TCP connections of mutual TLS. */
static void add_tcp_exchange(struct gen *g, pb_cluster *c)
{
	pb_cluster_filter *f = pb_cluster_filter_new(g->arena);
	pb_tcp_exchange *x = pb_tcp_exchange_new(g->arena);

	if (!g->proxy->stats_filters)
		return;
	x->protocol = pb_str("istio-peer-exchange");
	f->name = pb_str("istio.metadata_exchange");
	f->typed_config = PB_ANY(g->arena, x);
	PB_ADD(g->arena, c, filters, f);
}

static void add_outbound(struct gen *g, const struct service *svc, const struct service_port *p,
			 const struct gen_rules *rules, const struct istio_subset *subset)
{
	struct arena *a = g->arena;
	const char *subset_name = subset ? subset->name : "";
	const struct gen_policy policy = gen_resolve_policy(rules, p->port, subset);
	pb_cluster *c = pb_cluster_new(a);
	pb_upstream_http *u = NULL;

	if (!gen_rule_tls_possible(g, rules, policy.tls))
		return;
	c->name = pb_str(gen_cluster_name(a, p->port, subset_name, svc->host));
	c->metadata = cluster_metadata(g, svc, p->port, subset_name, rules->n ? &rules->v[0]->o : NULL);
	set_discovery(g, c, svc, p, subset, &policy);
	gen_apply_policy(g, c, &policy);
	if (gen_shares_out(g, svc, &policy))
		weigh_localities(g, c);
	if (protocol_may_be_http(p->protocol))
		u = gen_upstream_http(g, &policy, p->protocol);
	if (!protocol_is_http(p->protocol))
		add_tcp_exchange(g, c);
	if (u)
		add_protocol_options(g, c, u);
	set_tls(g, c, svc, p, subset_name, rules, &policy,
		u && u->explicit_http_config && u->explicit_http_config->http2_protocol_options);
	gen_add(g, c->name, c);
}

static void add_service(struct gen *g, const struct service *svc)
{
	struct gen_rules rules;

	gen_find_rules(g, svc, &rules);
	for (size_t i = 0; i < svc->n_ports; i++) {
		add_outbound(g, svc, &svc->ports[i], &rules, NULL);
		for (size_t j = 0; j < rules.n_subsets; j++)
			add_outbound(g, svc, &svc->ports[i], &rules, rules.subsets[j]);
	}
}

static pb_cluster *original_dst(struct gen *g, const char *name)
{
	pb_cluster *c = pb_cluster_new(g->arena);

	c->name = pb_str(name);
	set_type(c, TYPE(ORIGINAL_DST));
	c->lb_policy = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_POLICY__CLUSTER_PROVIDED;
	c->connect_timeout = pb_duration_ns(g->arena, gen_mesh(g)->connect_timeout_ns);
	c->circuit_breakers = gen_default_breakers(g->arena);
	return c;
}

/* The application sees its own proxy as 127.0.0.6, which the redirection leaves alone. */
static void bind_inbound(struct gen *g, pb_cluster *c)
{
	if (strcmp(g->proxy->interception, "TPROXY") == 0)
		return;
	c->upstream_bind_config = pb_bind_config_new(g->arena);
	c->upstream_bind_config->source_address = pb_socket_address_new(g->arena);
	c->upstream_bind_config->source_address->address = pb_str("127.0.0.6");
	c->upstream_bind_config->source_address->port_specifier_case =
		ENVOY__CONFIG__CORE__V3__SOCKET_ADDRESS__PORT_SPECIFIER_PORT_VALUE;
}

/* Limits of what comes in: the ingress listener's, the Sidecar's, else those that the service's rule sets for clients.
 */
static const struct istio_connection_pool_settings *inbound_pool(struct gen *g, const struct inbound *in)
{
	struct gen_rules rules;

	if (in->ingress && in->ingress->connection_pool)
		return in->ingress->connection_pool;
	if (g->scope && g->scope->spec->inbound_connection_pool)
		return g->scope->spec->inbound_connection_pool;
	if (!in->svc)
		return NULL;
	gen_find_rules(g, in->svc, &rules);
	return gen_resolve_policy(&rules, in->port->port, NULL).pool;
}

static void add_inbound(struct gen *g, const struct inbound *in)
{
	pb_cluster *c = original_dst(g, gen_inbound_name(g->arena, in->target));
	pb_upstream_http *u;
	const struct gen_policy only_pool = {.pool = inbound_pool(g, in)};

	bind_inbound(g, c);
	if (in->ingress && !gen_ingress_endpoint(g, in, c))
		return;
	if (only_pool.pool)
		gen_apply_policy(g, c, &only_pool);
	u = gen_upstream_http(g, &only_pool, in->port->protocol);
	if (u)
		add_protocol_options(g, c, u);
	if (in->svc)
		c->metadata = cluster_metadata(g, in->svc, 0, NULL, NULL);
	gen_add(g, c->name, c);
}

/* What no service claims: as the client speaks, to where it goes. */
static void add_stranger(struct gen *g)
{
	pb_cluster *c = original_dst(g, "PassthroughCluster");

	if (gen_allow_any(g))
		mutual_by_address(g, c);
	if (c->n_transport_socket_matches)
		add_tcp_exchange(g, c);
	add_protocol_options(g, c, gen_upstream_http(g, &(const struct gen_policy){0}, PROTOCOL_AUTO));
	gen_add(g, c->name, c);
}

static void add_fixed(struct gen *g)
{
	pb_cluster *black = pb_cluster_new(g->arena), *c;

	black->name = pb_str("BlackHoleCluster");
	set_type(black, TYPE(STATIC));
	black->connect_timeout = pb_duration_ns(g->arena, gen_mesh(g)->connect_timeout_ns);
	gen_add(g, black->name, black);
	if (g->proxy->type != PROXY_SIDECAR)
		return;
	add_stranger(g);
	c = original_dst(g, "InboundPassthroughClusterIpv4");
	bind_inbound(g, c);
	gen_add(g, c->name, c);
}

void gen_outbound_clusters(struct gen *g)
{
	for (size_t i = 0; i < g->n_reachable; i++)
		add_service(g, g->reachable[i]);
	gen_collector_clusters(g);
	add_fixed(g);
}

void gen_single_clusters(struct gen *g)
{
	add_service(g, g->single);
}

void gen_inbound_clusters(struct gen *g)
{
	struct inbound *in;
	const size_t n = gen_inbounds(g, &in);

	for (size_t i = 0; i < n; i++)
		add_inbound(g, &in[i]);
	gen_patch_clusters(g);
}
