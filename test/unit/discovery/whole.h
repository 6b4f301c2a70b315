/*
 * All of discovery in memory: a fake API server, no connections, a clock that stands still. What is real: reflectors,
 * store, snapshot, views, xDS sessions, status, roots, webhooks, routes. Include once per test program.
 */
#ifndef TEST_WHOLE_H
#define TEST_WHOLE_H

#include "fake_grpc.h"
#include "fake_web.h"
#include "mini.h"

#include "base/base64.h"
#include "envoy/service/discovery/v3/discovery.pb-c.h"
#include "world.h"
#include "xds/pb.h"

typedef Envoy__Service__Discovery__V3__DiscoveryRequest xds_request;
typedef Envoy__Service__Discovery__V3__DiscoveryResponse xds_response;

#define ROLL(members)                                                                                                  \
	"{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: mesh}, "        \
	"status: "                                                                                                     \
	"{configuredMembers: [" members "]}}"

static struct discovery *d;

static struct {
	int certificates, metrics; /* calls of the owner's functions */
} owner;

static void owner_on_certificate(void *user, struct slice chain, struct slice key)
{
	(void)user;
	assert_true(chain.len && key.len);
	owner.certificates++;
}

static void owner_on_metrics(void *user, struct buf *out)
{
	(void)user;
	owner.metrics++;
	buf_append_str(out, "owner_metric 1\n");
}

/* A token "ns/sa" is that service account's. */
static bool token_reviews(struct kube_call *c)
{
	const char *token = json_str(c->req.body, "spec.token"), *slash = token ? strchr(token, '/') : NULL;
	CLEANUP(freep) char *text = NULL;

	if (c->req.kind != &api_kind_token_review)
		return false;
	text = slash ? mem_printf("{\"status\":{\"authenticated\":true,\"audiences\":[\"istio-ca\"],\"user\":{"
				  "\"username\":\"system:serviceaccount:%.*s:%s\"}}}",
				  (int)(slash - token), token, slash + 1)
		     : mem_strdup("{\"status\":{\"authenticated\":false}}");
	fake_kube_answer(c, KUBE_OK, cJSON_Parse(text));
	return true;
}

/* A JSON patch that sets caBundle is all that webhooks.c sends. */
static bool bundle_patches(struct kube_call *c)
{
	const cJSON *op;
	cJSON *now;

	if (c->req.verb != KUBE_JSON_PATCH)
		return false;
	now = cJSON_Duplicate(fake_kube_get(c->req.kind, NULL, c->req.name), true);
	cJSON_ArrayForEach(op, c->req.body)
	{
		int i = atoi(json_str(op, "path") + strlen("/webhooks/"));
		cJSON *hook = cJSON_GetArrayItem(json_get(now, "webhooks"), i);
		cJSON *config = json_get(hook, "clientConfig");

		cJSON_DeleteItemFromObject(config, "caBundle");
		cJSON_AddStringToObject(config, "caBundle", json_str(op, "value"));
	}
	fake_kube_put(now);
	fake_kube_answer(c, KUBE_OK, cJSON_Duplicate(now, true));
	return true;
}

/* Every service account may read secrets, but those called "poor". */
static bool access_reviews(struct kube_call *c)
{
	const char *user = json_str(c->req.body, "spec.user");
	const bool poor = user && strstr(user, ":poor");

	if (c->req.kind != &api_kind_subject_access_review)
		return false;
	assert_string_equal("list", json_str(c->req.body, "spec.resourceAttributes.verb"));
	assert_string_equal("secrets", json_str(c->req.body, "spec.resourceAttributes.resource"));
	fake_kube_answer(c, KUBE_OK,
			 cJSON_Parse(poor ? "{\"status\":{\"allowed\":false}}" : "{\"status\":{\"allowed\":true}}"));
	return true;
}

static bool whole_hook(struct kube_call *c)
{
	return token_reviews(c) || access_reviews(c) || bundle_patches(c);
}

static inline struct discovery_config whole_config(void)
{
	return (struct discovery_config){
		.ns = "mesh",
		.revision = "basic",
		.pod_name = "istiod-basic-0",
		.domain = "cluster.local",
		.cluster_id = "Kubernetes",
		.member_roll = "default",
		.mutating_webhook = "istiod-basic-mesh",
		.validating_webhook = "istio-validator-basic-mesh",
		.host = "0.0.0.0",
		.grpc_port = 15010,
		.tls_port = 15012,
		.http_port = 8080,
		.monitoring_port = 15014,
		.routes = true,
		.max_connection_age_ms = 42000,
		.on_certificate = owner_on_certificate,
		.on_metrics = owner_on_metrics,
	};
}

/* A root that is quickly made. */
static inline void whole_put_root(void)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	CLEANUP(buf_done) struct buf cert = BUF_INIT;
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	CLEANUP(freep) char *yaml = NULL;

	assert_int_equal(0, pki_ca_new_root("cluster.local", SLICE(""), PKI_KEY_P256, fake_wall_ns / NS_PER_S,
					    3650ll * 86400, &ca, NULL));
	base64_encode(pki_ca_cert_pem(ca), &cert);
	base64_encode(pki_ca_key_pem(ca), &key);
	yaml = mem_printf("{apiVersion: v1, kind: Secret, metadata: {name: istio-ca-secret, namespace: mesh}, data: "
			  "{ca-cert.pem: '%s', ca-key.pem: '%s'}}",
			  buf_str(&cert), buf_str(&key));
	mini_put(yaml);
}

/* Starts a mesh of "mesh", "shop" and "stock" with the services of world_shop, and waits until it is ready. */
static inline void whole_start(const struct discovery_config *cfg)
{
	struct err e = ERR_INIT;
	struct loop *l = loop_new();

	memset(&owner, 0, sizeof(owner));
	fake_kube.hook = whole_hook;
	whole_put_root();
	mini_put(ROLL("shop, stock"));
	mini_put(world_shop);
	d = discovery_new(l, FAKE_CLIENT, cfg, &e);
	if (!d)
		fail_msg("%s", e.msg);
	mini_pass(d, 1000);
	assert_true(discovery_ready(d));
}

static inline int whole_setup(void **state)
{
	const struct discovery_config cfg = whole_config();

	(void)state;
	whole_start(&cfg);
	return 0;
}

static inline int whole_teardown(void **state)
{
	struct loop *l = d->loop;

	(void)state;
	discovery_free(d);
	loop_free(l);
	arena_done(&fake_web.arena);
	memset(&fake_web, 0, sizeof(fake_web));
	assert_int_equal(0, fake_kube_reset());
	return 0;
}

/* --- proxies --- */

struct peer {
	const char *name, *ns, *sa; /* of the node; sa NULL = not said */
	const char *type;           /* NULL = sidecar */
	const char *app;            /* label; NULL = catalog */
	const char *agent;          /* "weft-proxy"; NULL = not said */
	const char *group, *ip;     /* WorkloadGroup and address; NULL = none, 10.244.0.5 */
	bool probed;                /* it has a probe */
	struct grpc_call *call;
	struct arena arena; /* of decoded answers */
};

static inline void peer_send(struct peer *p, const char *type_url, const char *name, const char *nonce,
			     const char *error)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	xds_request *r = PB_NEW(&a, xds_request, envoy__service__discovery__v3__discovery_request);
	Envoy__Config__Core__V3__Node *n = PB_NEW(&a, Envoy__Config__Core__V3__Node, envoy__config__core__v3__node);
	Google__Protobuf__Struct *labels = pb_struct(&a);
	Google__Protobuf__Value *v = PB_NEW(&a, Google__Protobuf__Value, google__protobuf__value);

	n->id = arena_printf(&a, "%s~%s~%s.%s~%s.svc.cluster.local", p->type ? p->type : "sidecar",
			     p->ip ? p->ip : "10.244.0.5", p->name, p->ns, p->ns);
	n->metadata = pb_struct(&a);
	if (p->agent)
		n->user_agent_name = (char *)p->agent;
	pb_struct_set_string(&a, n->metadata, "NAMESPACE", p->ns);
	pb_struct_set_string(&a, n->metadata, "ISTIO_VERSION", "1.20.8");
	if (p->sa)
		pb_struct_set_string(&a, n->metadata, "SERVICE_ACCOUNT", p->sa);
	if (p->group)
		pb_struct_set_string(&a, n->metadata, "AUTO_REGISTER_GROUP", p->group);
	if (p->probed) {
		Google__Protobuf__Struct *config = pb_struct(&a);

		pb_struct_set(&a, config, "readinessProbe", pb_value_struct(&a, pb_struct(&a)));
		pb_struct_set(&a, n->metadata, "PROXY_CONFIG", pb_value_struct(&a, config));
	}
	pb_struct_set_string(&a, labels, "app", p->app ? p->app : "catalog");
	if (p->type)
		pb_struct_set_string(&a, labels, "istio", "ingressgateway");
	v->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_STRUCT_VALUE;
	v->struct_value = labels;
	pb_struct_set(&a, n->metadata, "LABELS", v);
	r->node = n;
	r->type_url = arena_strdup(&a, type_url);
	r->response_nonce = arena_strdup(&a, nonce);
	if (name) {
		r->resource_names = ARENA_NEW_N(&a, char *, 1);
		r->resource_names[0] = arena_strdup(&a, name);
		r->n_resource_names = 1;
	}
	if (error) {
		r->error_detail = PB_NEW(&a, Google__Rpc__Status, google__rpc__status);
		r->error_detail->message = arena_strdup(&a, error);
	}
	p->call->ops->on_message(p->call, pb_pack_arena(&a, &r->base));
}

/* Connects and asks for clusters and listeners; auth is a token or NULL, uri a client certificate's name or NULL. */
static inline void peer_open(struct peer *p, const char *auth, const char *uri)
{
	p->call = fake_call_open("/StreamAggregatedResources", auth, uri);
	peer_send(p, xds_type_url(XDS_CLUSTER), NULL, "", NULL);
	if (!p->call->finished)
		peer_send(p, xds_type_url(XDS_LISTENER), NULL, "", NULL);
	mini_settle(d);
	if (p->call->finished)
		fake_call_over(p->call);
}

static inline void peer_close(struct peer *p)
{
	fake_call_close(p->call);
	arena_done(&p->arena);
}

/* The last answer of a type, NULL when there was none. */
static inline const xds_response *peer_got(struct peer *p, enum xds_type type)
{
	for (size_t i = p->call->sent.n; i-- > 0;) {
		const xds_response *r =
			pb_unpack(&p->arena, &envoy__service__discovery__v3__discovery_response__descriptor,
				  buf_slice(&p->call->sent.v[i]));

		assert_non_null(r);
		if (strcmp(r->type_url, xds_type_url(type)) == 0)
			return r;
	}
	return NULL;
}

/* Acknowledges, or with an error refuses, the last answer of a type. */
static inline void peer_ack(struct peer *p, enum xds_type type, const char *error)
{
	const xds_response *r = peer_got(p, type);

	assert_non_null(r);
	peer_send(p, xds_type_url(type), NULL, r->nonce, error);
	mini_settle(d);
}

static inline const struct istio_condition *condition(const struct api_kind *kind, const char *ns, const char *name,
						      const char *type)
{
	static struct istio_condition c;
	const cJSON *list = json_at(fake_kube_get(kind, ns, name), "status.conditions"), *x;

	cJSON_ArrayForEach(x, list)
	{
		if (strcmp(json_str(x, "type"), type) != 0)
			continue;
		c = (struct istio_condition){.type = json_str(x, "type"),
					     .status = json_str(x, "status"),
					     .reason = json_str(x, "reason"),
					     .message = json_str(x, "message")};
		return &c;
	}
	return NULL;
}

#endif
