/* The sessions: who they are, which view they see, and what their acknowledgements tell. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "discovery/internal.h"

#define SECRETS_RETRY_MS 1000
#define HEALTH_TYPE "type.googleapis.com/istio.v1.HealthInformation"
#define DETECTION_TYPE "type.googleapis.com/weft.mesh.v1.DetectionTimeouts"

/* --- secrets: a gateway gets those that its service account may read itself --- */

static void ask_for_secrets(struct session *s);

static void on_ask_again(struct timer *t)
{
	ask_for_secrets(CONTAINER_OF(t, struct session, ask_again));
}

static void on_access(void *arg, struct kube_result *res)
{
	struct session *s = arg;

	s->asking = NULL;
	if (res->reason != KUBE_OK) {
		log_warn("ads", "%s: access review failed: %s; trying again", s->proxy.id, res->err.msg);
		timer_start(s->d->loop, &s->ask_again, SECRETS_RETRY_MS, on_ask_again);
		return;
	}
	s->secrets = discovery_review_allowed(res) ? SECRETS_ALLOWED : SECRETS_DENIED;
	if (s->secrets == SECRETS_DENIED)
		log_warn("ads", "%s: service account %s/%s may not list secrets: it gets none", s->proxy.id,
			 s->proxy.ns, s->proxy.service_account);
	xds_session_push(s->xds);
	discovery_status_credentials(s->d->status);
}

static void ask_for_secrets(struct session *s)
{
	s->asking = discovery_review_secrets(s->d, s->proxy.ns, s->proxy.service_account, on_access, s);
}

/* --- who it is --- */

static void on_who(void *arg, const struct auth_result *who)
{
	struct session *s = arg;
	const struct proxy *p = &s->proxy;
	struct err e = ERR_INIT;

	s->auth = NULL;
	if (!who->ok) {
		log_warn("ads", "%s: authentication failure: %s", p->id, who->text);
		xds_session_close(s->xds, GRPC_UNAUTHENTICATED, "authentication failure");
		return;
	}
	if (strcmp(who->ns, p->ns) != 0 ||
	    (*p->service_account && strcmp(who->service_account, p->service_account) != 0)) {
		log_warn("ads", "%s: authorization failed: no identities ([%s/%s]) matched %s/%s", p->id, who->ns,
			 who->service_account, p->ns, p->service_account);
		xds_session_close(s->xds, GRPC_PERMISSION_DENIED, "authorization failed: no identities matched");
		return;
	}
	if (!who->member) {
		xds_session_close(s->xds, GRPC_PERMISSION_DENIED, "the namespace has left the mesh");
		return;
	}
	s->proxy.service_account = arena_strdup(xds_session_arena(s->xds), who->service_account);
	if (discovery_registration_open(s->d->registration, s, &e) < 0) {
		xds_session_close(s->xds, GRPC_FAILED_PRECONDITION, e.msg);
		return;
	}
	s->trusted = true;
	if (p->type == PROXY_ROUTER)
		ask_for_secrets(s);
	discovery_view_of(s->d, s, discovery_view_get(s->d, p));
	log_info("ads", "connected %s type=%s version=%s", p->id, p->type == PROXY_ROUTER ? "router" : "sidecar",
		 *p->istio_version ? p->istio_version : p->user_agent);
	xds_session_push(s->xds);
	xds_session_node_done(s->xds);
	discovery_trim_soon(s->d);
	discovery_status_sessions(s->d->status, s->view, ~0u);
	discovery_detection_look(s->d, s);
}

void discovery_ads_places(struct discovery *d)
{
	struct session *s;

	LIST_EACH (s, &d->sessions, link) {
		struct view *v = s->view ? discovery_view_get(d, &s->proxy) : NULL;

		if (!v)
			continue;
		if (v == s->view) {
			discovery_view_put(d, v);
			continue;
		}
		discovery_view_of(d, s, v);
		xds_session_push(s->xds);
		discovery_status_sessions(d->status, v, ~0u);
	}
}

static int on_connect(void *user, struct xds_session *x, const Envoy__Config__Core__V3__Node *node, const char **text)
{
	struct discovery *d = user;
	struct session *s;
	struct err e = ERR_INIT;

	if (!d->ready) {
		*text = "server is not ready to serve discovery information";
		return GRPC_UNAVAILABLE;
	}
	if (xds_server_sessions(d->xds) > PROXIES_MAX) {
		*text = "too many proxies";
		return GRPC_RESOURCE_EXHAUSTED;
	}
	s = ARENA_NEW(xds_session_arena(x), struct session);
	if (discovery_node_parse(node, xds_session_arena(x), &s->proxy, &e) < 0) {
		*text = arena_strdup(xds_session_arena(x), e.msg);
		return GRPC_INVALID_ARGUMENT;
	}
	if (!discovery_members_has(d->members, s->proxy.ns)) {
		*text = arena_printf(xds_session_arena(x), "namespace %s is not a member of the mesh", s->proxy.ns);
		return GRPC_PERMISSION_DENIED;
	}
	s->d = d;
	s->xds = x;
	s->pushed_ns = loop_now_ns(d->loop);
	list_append(&d->sessions, &s->link);
	xds_session_set_user(x, s);
	s->auth = discovery_auth_start(d, xds_session_call(x), on_who, s);
	return GRPC_OK;
}

static struct xds_set *on_set(void *user, struct xds_session *x, enum xds_type type, const struct ads_sub *sub)
{
	struct discovery *d = user;
	struct session *s = xds_session_user(x);

	(void)sub;
	if (!s || !s->trusted || !d->snap)
		return NULL;
	discovery_view_update(d, s->view);
	if (type == XDS_NAME_TABLE)
		discovery_view_names(d, s->view);
	if (type == XDS_SECRET)
		return s->secrets == SECRETS_ALLOWED ? s->view->secrets : NULL;
	return s->view->result.sets[type];
}

static void converged(struct discovery *d, struct session *s)
{
	discovery_observe(&d->stats.convergence, discovery_push_bounds_s,
			  (double)(loop_now_ns(d->loop) - s->pushed_ns) / NS_PER_S);
	s->pushed_ns = 0;
}

static void on_sent(void *user, struct xds_session *x, enum xds_type type, size_t bytes, int64_t took_ns)
{
	struct discovery *d = user;

	(void)x;
	discovery_observe(&d->stats.push_time[type], discovery_push_bounds_s, (double)took_ns / NS_PER_S);
	discovery_observe(&d->stats.config_bytes[type], discovery_size_bounds, (double)bytes);
}

/* What changed did not concern the proxy: it waits for nothing. */
static void on_settled(void *user, struct xds_session *x)
{
	struct session *s = xds_session_user(x);

	(void)user;
	if (s && s->view)
		s->pushed_ns = 0;
}

/* The view is made anew for all who share it. */
static void remake(struct discovery *d, struct view *v)
{
	v->again = true;
	discovery_ads_push(d, v, ~0u);
}

/* What a proxy said about what it was sent, for what its view is made without. */
static void learn(struct discovery *d, struct session *s, enum xds_type type, const char *error)
{
	const struct ads_sub *sub = xds_session_sub(s->xds, type);

	if (!s->view || !s->view->snap)
		return;
	if (error ? discovery_left_refused(d, s->view, type, sub->seen_hash, error)
		  : ads_synced(sub) && discovery_left_taken(d, s->view, type, sub->seen_hash))
		remake(d, s->view);
}

static void on_ack(void *user, struct xds_session *x, enum xds_type type, const char *error)
{
	struct discovery *d = user;
	struct session *s = xds_session_user(x);

	if (!s)
		return;
	d->stats.pushes[type]++;
	if (error) {
		d->stats.rejects[type]++;
		log_warn("ads", "%s: ACK ERROR %s: %.300s", s->proxy.id, xds_type_short(type), error);
	}
	learn(d, s, type, error);
	if (s->pushed_ns && xds_session_synced(x))
		converged(d, s);
	if (s->view)
		discovery_status_sessions(d->status, s->view, 1u << type);
}

static void on_disconnect(void *user, struct xds_session *x)
{
	struct discovery *d = user;
	struct session *s = xds_session_user(x);

	if (!s)
		return;
	log_info("ads", "disconnected %s", s->proxy.id);
	discovery_auth_cancel(s->auth);
	kube_call_cancel(s->asking);
	timer_stop(&s->ask_again);
	list_remove(&s->link);
	discovery_registration_close(d->registration, s);
	discovery_detection_forget(d, s);
	if (s->view)
		discovery_status_sessions(d->status, s->view, ~0u);
	discovery_view_of(d, s, NULL);
	discovery_trim_soon(d);
}

/* Envoy has no word for it: Istio's agents report probes of workloads outside of Kubernetes as requests of a type. */
static void on_other(void *user, struct xds_session *x, const char *type_url, const char *error)
{
	struct discovery *d = user;
	struct session *s = xds_session_user(x);

	if (s && strcmp(type_url, HEALTH_TYPE) == 0)
		discovery_registration_health(d->registration, s, error);
	else if (s && strcmp(type_url, DETECTION_TYPE) == 0)
		discovery_detection_report(d, s, error ? error : "");
}

static const char *on_version(void *user)
{
	return ((const struct discovery *)user)->version;
}

int discovery_ads_serve(struct discovery *d)
{
	static const struct xds_server_ops ops = {.on_connect = on_connect,
						  .set = on_set,
						  .on_sent = on_sent,
						  .on_settled = on_settled,
						  .on_ack = on_ack,
						  .on_other = on_other,
						  .on_disconnect = on_disconnect};
	CLEANUP(freep)
	char *id = mem_printf("{\"Component\":\"istiod\",\"ID\":\"%s\",\"Info\":{\"version\":\"1.20.8\"}}",
			      d->cfg.pod_name);
	const struct xds_server_params p = {.ops = &ops, .user = d, .identifier = id, .version = on_version};

	d->xds = xds_server_new(d->loop, d->grpc, &p);
	return 0;
}

void discovery_ads_drop_strangers(struct discovery *d)
{
	struct session *s, *tmp;

	LIST_EACH_SAFE (s, tmp, &d->sessions, link)
		if (!discovery_members_has(d->members, s->proxy.ns))
			xds_session_close(s->xds, GRPC_PERMISSION_DENIED, "the namespace has left the mesh");
}

void discovery_ads_push(struct discovery *d, struct view *v, unsigned types)
{
	struct session *s;

	LIST_EACH (s, &v->sessions, of_view) {
		if (!s->pushed_ns)
			s->pushed_ns = loop_now_ns(d->loop);
		xds_session_push_types(s->xds, types);
	}
}
