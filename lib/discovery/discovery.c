/* Start and end of discovery; from changes of the store to snapshots. */
#include "discovery/discovery.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/core/config.h"
#include "base/clock.h"
#include "discovery/credentials.h"
#include "discovery/internal.h"
#include "discovery/keys.h"
#include "kube/plan.h"
#include "net/tls.h"

#define TRIM_MS 3000 /* after sessions came or went, and answers to them are forgotten */

static const char *const grpc_alpn[] = {"h2"};

/* --- mesh configuration --- */

static void on_unknown(void *arg, const char *path)
{
	(void)arg;
	log_warn("mesh", "mesh configuration: unknown field %s", path);
}

/* Settings that change nothing here are told once per load. */
static void on_told(void *arg, const char *path, const char *note)
{
	(void)arg;
	log_warn("mesh", "mesh configuration: %s %s", path, note);
}

static char *mesh_map_name(const struct discovery *d)
{
	return d->cfg.mesh_map ? mem_strdup(d->cfg.mesh_map) : mem_printf("istio-%s", d->cfg.revision);
}

static const char *mesh_text(struct discovery *d, const char *key)
{
	CLEANUP(freep) char *name = mesh_map_name(d);
	const struct api_object *o = store_get(d->store, &api_kind_config_map, d->cfg.ns, name);
	const struct core_config_map *m = o ? API_VALUE(o, config_map, core_config_map) : NULL;

	return m ? str_map_get(&m->data, key) : NULL;
}

static void load_mesh(struct discovery *d)
{
	const struct mesh_settings s = {
		.root_namespace = d->cfg.ns,
		.domain = d->cfg.domain,
		.cluster_id = d->cfg.cluster_id,
		.revision = d->cfg.revision,
		.sniff_inbound = d->cfg.sniff_inbound,
		.sniff_outbound = d->cfg.sniff_outbound,
		.tls = {(int)d->cfg.tls.min, (int)d->cfg.tls.max, d->cfg.tls.ciphers, d->cfg.tls.groups},
	};
	struct mesh_config *m = NULL;
	struct err e = ERR_INIT;

	d->revision_of = mesh_text(d, "revisionOf") != NULL;
	if (mesh_config_new(slice_str(mesh_text(d, "mesh")), &s, on_unknown, NULL, &m, &e) < 0) {
		log_error("mesh", "%s; the settings before are kept", e.msg);
		return;
	}
	msg_told(&istio_mesh_config_desc, &m->spec, "", on_told, NULL);
	mesh_config_unref(d->mesh);
	d->mesh = m;
}

/* --- readiness --- */

static int start_tls(struct discovery *d, struct tls_ctx **ret, struct err *e)
{
	const struct tls_params p = {
		.server = true,
		.cert_pem = discovery_authority_cert(d->ca),
		.key_pem = discovery_authority_key(d->ca),
		.roots_pem = discovery_authority_roots(d->ca),
		.verify = TLS_VERIFY_OPTIONAL,
		.min_version = d->cfg.tls.min,
		.max_version = d->cfg.tls.max,
		.ciphers = d->cfg.tls.ciphers,
		.groups = d->cfg.tls.groups,
		.alpn = grpc_alpn,
		.n_alpn = 1,
		.no_tickets =
			true, /* making one costs as much as resuming it would save: the certificate is decoded again */
	};

	return tls_ctx_new(&p, ret, e);
}

static int listen_on(struct discovery *d, uint16_t port, struct tls_ctx *tls, struct err *e)
{
	struct addr a;

	if (addr_parse(slice_str(d->cfg.host), port, &a) < 0)
		return err_set(e, -EINVAL, "%s is no address", d->cfg.host);
	return grpc_server_listen(d->grpc, &a, tls, e);
}

static void serve(struct discovery *d)
{
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *tls = NULL;
	struct err e = ERR_INIT;

	if (start_tls(d, &tls, &e) < 0) {
		log_error("tls", "%s", e.msg);
		return;
	}
	if (d->tls_listener >= 0) {
		grpc_server_set_tls(d->grpc, d->tls_listener, tls);
		return;
	}
	d->tls_listener = listen_on(d, d->cfg.tls_port, tls, &e);
	if (d->tls_listener < 0) {
		log_error("tls", "%s", e.msg);
		return;
	}
	if (listen_on(d, d->cfg.grpc_port, NULL, &e) < 0)
		log_error("grpc", "%s", e.msg);
	d->ready = true;
	discovery_trim_soon(d);
	log_info("discovery", "ready after %lld ms",
		 (long long)((loop_now_ns(d->loop) - d->stats.started_ns) / NS_PER_MS));
	discovery_status_kick(d->status);
	discovery_routes_kick(d->routes); /* they wait for readiness, and the snapshot may have been there before it */
}

static void maybe_serve(struct discovery *d)
{
	if (d->snap && discovery_authority_loaded(d->ca) && !d->ready)
		serve(d);
}

static void on_authority(struct discovery *d)
{
	if (d->cfg.on_certificate)
		d->cfg.on_certificate(d->cfg.user, discovery_authority_cert(d->ca), discovery_authority_key(d->ca));
	discovery_roots_kick(d->roots);
	discovery_webhooks_kick(d->webhooks);
	if (d->ready)
		serve(d);
	else
		maybe_serve(d);
}

/* --- memory --- */

static void on_trim(struct timer *t)
{
	struct discovery *d = CONTAINER_OF(t, struct discovery, trim);

	if (list_empty(&d->views))
		compile_cache_clear(&d->cache); /* whoever comes makes it anew */
	malloc_trim(0);
}

void discovery_trim_soon(struct discovery *d)
{
	if (!timer_active(&d->trim))
		timer_start(d->loop, &d->trim, TRIM_MS, on_trim);
}

/* --- snapshots --- */

static bool is_member(void *arg, const char *ns)
{
	return discovery_members_has(arg, ns);
}

static void set_version(struct discovery *d)
{
	char at[CLOCK_TEXT_MAX];

	snprintf(d->version, sizeof(d->version), "%s/%llu", clock_format_s(clock_wall_ns() / NS_PER_S, at),
		 (unsigned long long)d->snap->version);
}

/* Is something else of clients' places asked for than before? */
static bool other_places(const struct snapshot *old, const struct snapshot *now)
{
	return old && (old->policies->asks_place != now->policies->asks_place ||
		       old->policies->asks_node != now->policies->asks_node);
}

static void rebuild(struct discovery *d)
{
	const int64_t start_ns = clock_mono_ns();
	const unsigned changed = d->changed;
	struct snapshot *old = d->snap;
	bool moved;

	compile_cache_clear(&d->cache);
	d->snap = snapshot_build(d->store, old, changed, &d->changes, d->mesh, is_member, d->members);
	moved = d->changes.places || other_places(old, d->snap);
	mesh_changes_taken(&d->changes);
	discovery_keys_follow(d->keys, d->snap);
	snapshot_set_keys(d->snap, discovery_keys_now(d->keys));
	discovery_delta_free(d->delta);
	d->delta = old ? discovery_delta_new(old, d->snap) : NULL;
	d->changed = 0;
	d->built_ns = loop_now_ns(d->loop);
	set_version(d);
	if (moved)
		discovery_ads_places(d);
	discovery_count_triggers(d, changed);
	discovery_views_refresh(d);
	snapshot_unref(old);
	d->stats.snapshot_ns = clock_mono_ns() - start_ns;
	maybe_serve(d);
	discovery_status_snapshot(d->status, changed);
	discovery_routes_kick(d->routes);
}

static void on_quiet(struct timer *t)
{
	struct discovery *d = CONTAINER_OF(t, struct discovery, debounce);

	if (!store_synced(d->store, NULL) && !d->snap) {
		timer_start(d->loop, &d->debounce, DEBOUNCE_QUIET_MS, on_quiet);
		return;
	}
	if (!d->snap || d->changed)
		rebuild(d);
}

/* For how long nothing must change before a snapshot is built. */
static int64_t quiet_ms(const struct discovery *d, int64_t now_ns)
{
	if (!d->snap || d->changed & ~(unsigned)(CHANGE_ENDPOINT | CHANGE_POD))
		return DEBOUNCE_QUIET_MS;
	return now_ns - d->built_ns > DEBOUNCE_ALONE_MS * NS_PER_MS ? DEBOUNCE_FIRST_MS : DEBOUNCE_ENDPOINTS_MS;
}

static void debounce(struct discovery *d, unsigned change)
{
	const int64_t now_ns = loop_now_ns(d->loop);
	int64_t left_ms;

	if (!d->changed || !timer_active(&d->debounce))
		d->changed_ns = now_ns;
	d->changed |= change;
	left_ms = DEBOUNCE_MAX_MS - (now_ns - d->changed_ns) / NS_PER_MS;
	timer_start(d->loop, &d->debounce, MAX(0, MIN(quiet_ms(d, now_ns), left_ms)), on_quiet);
}

static void on_keys_changed(struct discovery *d)
{
	debounce(d, CHANGE_KEYS);
}

static void count(struct discovery *d, unsigned change)
{
	if (change & (CHANGE_ENDPOINT | CHANGE_POD))
		d->stats.updates_eds++;
	else if (change & CHANGE_SERVICE)
		d->stats.updates_svc++;
	else
		d->stats.updates_config++;
}

static void on_config_map(struct discovery *d, const struct store_key *key)
{
	CLEANUP(freep) char *mesh_map = mesh_map_name(d);

	if (key->name && strcmp(key->name, "istio-ca-root-cert") == 0)
		discovery_roots_kick(d->roots);
	if (!key->name) /* the mesh's own is known, or that there is none */
		timer_start(d->loop, &d->membership, 0, d->on_membership);
	if (strcmp(key->ns, d->cfg.ns) != 0 || !key->name || strcmp(key->name, mesh_map) != 0)
		return;
	load_mesh(d);
	timer_start(d->loop, &d->membership, 0, d->on_membership); /* its selectors may be others */
	debounce(d, CHANGE_MESH);
}

static void on_change(struct store_watch *w, const struct store_key *key)
{
	struct discovery *d = CONTAINER_OF(w, struct discovery, watch);
	unsigned change = mesh_change_of(key->kind);

	if (key->name)
		discovery_count_event(d, key->kind);
	if (key->kind == &api_kind_config_map)
		on_config_map(d, key);
	if (key->kind == &api_kind_smmr || key->kind == &api_kind_namespace) {
		timer_start(d->loop, &d->membership, 0, d->on_membership);
		return;
	}
	if (key->kind == &api_kind_mutating_webhook_configuration ||
	    key->kind == &api_kind_validating_webhook_configuration)
		discovery_webhooks_kick(d->webhooks);
	if (key->kind == &api_kind_route)
		discovery_routes_kick(d->routes);
	if (key->kind == &api_kind_secret && key->name)
		discovery_credentials_forget(d->credentials, key->ns, key->name);
	if (key->kind == &api_kind_secret)
		discovery_status_credentials(d->status);
	discovery_status_object(d->status, key);
	discovery_registration_object(d->registration, key);
	if (discovery_intent_same(d, key) || (!key->name && d->snap))
		return;
	mesh_changes_note(&d->changes, d->store, key);
	if (d->changes.places) /* all that a node means to the mesh */
		change |= CHANGE_ENDPOINT;
	if (change)
		count(d, change);
	if (change || !d->snap)
		debounce(d, change);
}

/* Reflectors come and go outside of the store's announcement. */
static void on_membership(struct timer *t)
{
	struct discovery *d = CONTAINER_OF(t, struct discovery, membership);

	const bool changed = discovery_members_update(d->members);

	discovery_roots_kick(d->roots);
	if (!changed)
		return;
	discovery_ads_drop_strangers(d);
	debounce(d, CHANGE_MESH);
}

/* Routes can be made, or no longer. */
static void on_presence(struct served_watch *w, const struct api_kind *kind)
{
	struct discovery *d = CONTAINER_OF(w, struct discovery, presence);

	if (kind == &api_kind_route)
		discovery_routes_kick(d->routes);
}

/* --- lifetime --- */

struct discovery *discovery_new(struct loop *l, struct kube_client *c, const struct discovery_config *cfg,
				struct err *e)
{
	struct discovery *d = NEW(struct discovery);

	d->loop = l;
	d->kube = c;
	d->cfg = *cfg;
	d->tls_listener = -1;
	d->on_membership = on_membership;
	d->keys_changed = on_keys_changed;
	d->stats.started_ns = loop_now_ns(l);
	list_init(&d->views);
	list_init(&d->sessions);
	d->served = served_new(l, c);
	d->presence.fn = on_presence;
	served_subscribe(d->served, &d->presence);
	d->store = store_new();
	load_mesh(d);
	d->watch.fn = on_change;
	store_subscribe(d->store, &d->watch);
	d->grpc = grpc_server_new(l, &(struct grpc_server_params){.max_age_ms = cfg->max_connection_age_ms});
	discovery_ads_serve(d);
	discovery_issue_serve(d);
	d->status = discovery_status_new(d);
	d->credentials = discovery_credentials_new(d);
	d->registration = discovery_registration_new(d);
	d->roots = discovery_roots_new(d);
	d->webhooks = discovery_webhooks_new(d);
	d->routes = discovery_routes_new(d);
	d->events = executor_new(d->kube, d->store, "istiod");
	d->members = discovery_members_new(d);
	d->ca = discovery_authority_new(d, on_authority);
	d->http = discovery_http_new(d, e);
	d->keys = discovery_keys_new(d);
	timer_start(l, &d->debounce, DEBOUNCE_QUIET_MS, on_quiet);
	if (!d->http || !d->keys) {
		if (!d->keys)
			err_set(e, -ENOMEM, "out of memory");
		discovery_free(d);
		return NULL;
	}
	return d;
}

void discovery_free(struct discovery *d)
{
	if (!d)
		return;
	discovery_http_free(d->http);
	discovery_keys_free(d->keys);
	store_unsubscribe(&d->watch);
	timer_stop(&d->debounce);
	timer_stop(&d->membership);
	xds_server_free(d->xds);
	grpc_server_free(d->grpc);
	timer_stop(&d->refresh);
	timer_stop(&d->trim); /* begun by the last session that went */
	discovery_registration_free(d->registration);
	discovery_authority_free(d->ca);
	discovery_routes_free(d->routes);
	discovery_detection_free(d);
	executor_free(d->events);
	discovery_webhooks_free(d->webhooks);
	discovery_roots_free(d->roots);
	discovery_credentials_free(d->credentials);
	discovery_status_free(d->status);
	discovery_members_free(d->members);
	served_free(d->served);
	compile_cache_clear(&d->cache);
	discovery_delta_free(d->delta);
	snapshot_unref(d->snap);
	mesh_config_unref(d->mesh);
	for (size_t i = 0; i < XDS_TYPE_COUNT; i++)
		discovery_followed_done(&d->followed[i]);
	xds_pool_done(&d->pool);
	mesh_changes_done(&d->changes);
	map_done(&d->view_keys);
	store_free(d->store);
	discovery_intents_done(d);
	vec_done(&d->stats.events);
	free(d->tokens);
	free(d);
}

struct store *discovery_store(struct discovery *d)
{
	return d->store;
}

bool discovery_ready(const struct discovery *d)
{
	return d->ready;
}

void discovery_drain(struct discovery *d)
{
	grpc_server_drain(d->grpc);
	discovery_status_release(d->status);
}
