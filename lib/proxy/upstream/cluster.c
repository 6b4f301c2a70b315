/* Endpoints are matched by their key when a set changes; what is gone lives on until its last exchange ends. */
#include "proxy/upstream/cluster.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "proxy/upstream/health.h"
#include "proxy/upstream/pool.h"
#include "proxy/upstream/shared.h"
#include "proxy/upstream/subset.h"
#include "proxy/telemetry/stats.h"

/* How often another endpoint is looked for where some are still cold. */
#define SLOW_START_ATTEMPTS 16

static void start_sweep(struct cluster *c);

static void cluster_unref(struct cluster *c)
{
	if (--c->refs)
		return;
	config_cluster_spec_unref(c->spec);
	free(c);
}

struct endpoint *endpoint_get(struct endpoint *e)
{
	assert(e->refs > 0);
	e->refs++;
	return e;
}

/* A dynamic one is not found any more. */
static void unlink_dynamic(struct endpoint *e)
{
	if (list_linked(&e->link))
		map_remove(&e->cluster->by_address, slice_make(e->address_key, sizeof(e->address_key)));
	list_remove(&e->link);
}

void endpoint_put(struct endpoint *e)
{
	if (!e || --e->refs)
		return;
	unlink_dynamic(e);
	shared_host_put(e->cluster->shared, e->common);
	tls_resume_done(&e->resume);
	config_endpoints_unref(e->set);
	config_cluster_spec_unref(e->spec);
	cluster_unref(e->cluster);
	free(e);
}

static struct endpoint *endpoint_new(struct cluster *c, const struct addr *a, uint64_t key)
{
	struct endpoint *e = NEW(struct endpoint);

	c->refs++;
	*e = (struct endpoint){.refs = 1, .cluster = c, .address = *a, .key = key, .index = ENDPOINT_NO_INDEX};
	list_init(&e->link);
	list_init(&e->idle);
	list_init(&e->busy);
	list_init(&e->shared);
	list_init(&e->opening);
	list_init(&e->waiting);
	return e;
}

/* Connections of one are as good as those of the other. */
static bool same_transport(const struct config_transport *a, const struct config_transport *b)
{
	if (a->proxy_version != b->proxy_version)
		return false;
	return a == b || (!a->tls && !b->tls) || (a->tls && b->tls && a->tls->hash == b->tls->hash);
}

static void endpoint_configure(struct endpoint *e, struct config_endpoints *set, const struct config_endpoint *config)
{
	const struct config_cluster_spec *spec = e->cluster->spec;
	bool other = e->transport &&
		     (!same_transport(e->transport, config->transport) || e->spec->auto_sni != spec->auto_sni ||
		      e->spec->auto_san_validation != spec->auto_san_validation);

	config_endpoints_unref(e->set);
	config_cluster_spec_unref(e->spec);
	e->set = config_endpoints_ref(set);
	e->spec = config_cluster_spec_ref(e->cluster->spec);
	e->config = config;
	e->transport = config->transport;
	e->peer = stats_peer_of_endpoint(e->cluster->worker, config);
	if (other)
		pool_close_idle(e);
}

/* ---- sets ---- */

/* By what the configuration says, what all workers have seen, and the checks. */
static bool is_healthy(const struct cluster *c, const struct config_endpoint *ce, const struct endpoint *e)
{
	if (!ce->healthy || (c->spec->outlier.on && atomic_load_explicit(&e->common->ejected, memory_order_relaxed)))
		return false;
	return !c->spec->health || ce->unchecked ||
	       atomic_load_explicit(&e->common->check, memory_order_relaxed) == SHARED_WELL;
}

static struct balance_host host_of(const struct config_endpoint *ce, const struct endpoint *e)
{
	return (struct balance_host){
		.weight = ce->weight ? ce->weight : 1,
		.locality = ce->locality,
		.locality_weight = ce->locality_weight,
		.priority = ce->priority,
		.key = ce->key,
		.healthy = is_healthy(e->cluster, ce, e),
		.degraded = ce->degraded,
		.active = e->active,
	};
}

static struct endpoint *take_old(struct map *old, const struct config_endpoint *ce)
{
	return map_remove(old, slice_make(&ce->key, sizeof(ce->key)));
}

static void index_old(struct cluster *c, struct map *old)
{
	for (size_t i = 0; i < c->n_hosts; i++) {
		struct endpoint *e = c->hosts[i];
		struct endpoint *twin = map_set(old, slice_make(&e->key, sizeof(e->key)), e);

		if (twin) {
			/* A stream may hold it still: it must not count against the place of another. */
			twin->index = ENDPOINT_NO_INDEX;
			endpoint_put(twin);
		}
	}
}

static void drop_old(struct map *old)
{
	struct map_entry *entry;

	for (size_t i = 0; (entry = map_next(old, &i));) {
		struct endpoint *e = entry->value;

		e->index = ENDPOINT_NO_INDEX;
		pool_close_idle(e);
		endpoint_put(e);
	}
	map_done(old);
}

/* Each worker counts those that it has ejected itself: together they are all. */
static void count_ejected(struct cluster *c)
{
	c->counters.ejections_active = 0;
	for (size_t i = 0; i < c->n_hosts; i++) {
		const struct shared_host *h = c->hosts[i]->common;

		c->counters.ejections_active +=
			atomic_load_explicit(&h->ejected, memory_order_relaxed) && h->ejector == c->worker->index;
	}
}

/* Something has changed of what all workers know. */
static void catch_up(struct cluster *c)
{
	const unsigned epoch = atomic_load_explicit(&c->shared->epoch, memory_order_acquire);

	if (epoch == c->epoch)
		return;
	c->epoch = epoch;
	for (size_t i = 0; i < c->n_hosts; i++) {
		const bool healthy = is_healthy(c, c->hosts[i]->config, c->hosts[i]);

		balance_set_healthy(&c->balance, i, healthy);
		subsets_set_healthy(c->subsets, i, healthy);
	}
	count_ejected(c);
}

static struct slice ip_bytes(const struct addr *a)
{
	if (a->sa.sa_family == AF_INET)
		return slice_make((const char *)&a->in4.sin_addr, sizeof(a->in4.sin_addr));
	if (a->sa.sa_family != AF_INET6)
		return slice_make(NULL, 0);
	if (IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return slice_make((const char *)&a->in6.sin6_addr + 12, 4);
	return slice_make((const char *)&a->in6.sin6_addr, sizeof(a->in6.sin6_addr));
}

/* The port is that of the service, which a client of a headless one writes whatever the pod listens on. */
static void index_by_ip(struct cluster *c)
{
	map_done(&c->by_ip);
	c->by_ip = (struct map){0};
	for (size_t i = 0; c->spec->original && i < c->n_hosts; i++) {
		const struct slice ip = ip_bytes(&c->hosts[i]->address);

		if (ip.len && !map_get(&c->by_ip, ip))
			map_set(&c->by_ip, ip, c->hosts[i]);
	}
}

static void set_endpoints(struct cluster *c, struct config_endpoints *set)
{
	struct balance_host *hosts = mem_calloc(set->n + 1, sizeof(*hosts));
	struct endpoint **fresh = mem_calloc(set->n + 1, sizeof(struct endpoint *));
	struct balance_settings settings = c->spec->balance;
	struct map old = {0};

	index_old(c, &old);
	for (size_t i = 0; i < set->n; i++) {
		const struct config_endpoint *ce = &set->v[i];
		struct endpoint *e = take_old(&old, ce);

		if (!e) {
			e = endpoint_new(c, &ce->address, ce->key);
			e->common = shared_host_get(c->shared, ce->key, c->spec->health && !ce->unchecked,
						    loop_now_ns(c->worker->loop));
		}
		endpoint_configure(e, set, ce);
		e->index = i;
		fresh[i] = e;
		hosts[i] = host_of(ce, e);
	}
	drop_old(&old);
	free(c->hosts);
	c->hosts = fresh;
	c->n_hosts = set->n;
	if (set->overprovisioning_percent)
		settings.overprovisioning_percent = set->overprovisioning_percent;
	balance_done(&c->balance);
	balance_init(&c->balance, &settings, hosts, set->n);
	subsets_free(c->subsets);
	c->subsets = c->spec->subsets ? subsets_new(c->spec, &settings, set, hosts) : NULL;
	free(hosts);
	config_endpoints_unref(c->endpoints);
	c->endpoints = config_endpoints_ref(set);
	index_by_ip(c);
	count_ejected(c);
	start_sweep(c);
	if (health_is_ours(c->worker, c->slot))
		health_update(c);
}

static void drop_dynamic(struct cluster *c)
{
	struct endpoint *e, *next;

	LIST_EACH_SAFE (e, next, &c->dynamic, link) {
		endpoint_get(e);
		pool_close_idle(e);
		if (c->worker->ending)
			pool_close_opening(e);
		unlink_dynamic(e);
		endpoint_put(e);
	}
	map_done(&c->by_address);
}

/* How an address is spoken to that no endpoint has. */
static const struct config_transport *transport_to(const struct cluster *c, const struct addr *a)
{
	const struct config_cluster_spec *s = c->spec;

	return s->to_pods && config_pods_mutual(c->pods, a) ? s->to_pods : &s->transports[s->n_transports - 1];
}

/* Where that is otherwise now, what was opened before takes no further exchange. */
static void set_pods(struct cluster *c, struct config_pods *pods)
{
	struct endpoint *e;

	config_pods_unref(c->pods);
	c->pods = pods ? config_pods_ref(pods) : NULL;
	LIST_EACH (e, &c->dynamic, link) {
		const struct config_transport *t = transport_to(c, &e->address);

		if (t == e->transport)
			continue;
		e->transport = t;
		pool_close_idle(e);
	}
}

static void set_spec(struct cluster *c, struct config_cluster_spec *spec)
{
	config_cluster_spec_unref(c->spec);
	c->spec = config_cluster_spec_ref(spec);
	c->service = stats_service_of_cluster(c->worker, spec);
	drop_dynamic(c);
	shared_renew(c->shared, spec->hash);
}

static struct cluster *cluster_new(struct worker *w, uint32_t slot)
{
	struct cluster *c = NEW(struct cluster);

	c->worker = w;
	c->users = c->refs = 1;
	c->slot = slot;
	c->breaker = breaker_of(w->all, slot);
	c->shared = shared_of(w->all, slot);
	list_init(&c->checks);
	list_init(&c->dynamic);
	return c;
}

static struct cluster **slot_of(struct worker *w, uint32_t slot)
{
	if (slot >= w->n_clusters) {
		size_t n = MAX((size_t)slot + 1, w->n_clusters * 2);

		w->clusters = mem_realloc(w->clusters, n * sizeof(struct cluster *));
		memset(w->clusters + w->n_clusters, 0, (n - w->n_clusters) * sizeof(struct cluster *));
		w->n_clusters = n;
	}
	assert(slot < w->n_clusters);
	return &w->clusters[slot];
}

struct cluster *cluster_get(struct worker *w, const struct config *config, uint32_t slot)
{
	struct config_cluster cc = config_cluster_get(config, slot);
	struct cluster **at, *c;
	bool spec_changed;

	if (!cc.spec)
		return NULL;
	at = slot_of(w, slot);
	c = *at;
	/* A stream that began before a swap must not bring the old set back. */
	if (c && config != w->current->config)
		return c;
	if (!c)
		c = *at = cluster_new(w, slot);
	spec_changed = c->spec != cc.spec;
	if (spec_changed)
		set_spec(c, cc.spec);
	if (c->spec->to_pods && c->pods != config->pods)
		set_pods(c, config->pods);
	if (spec_changed || c->endpoints != cc.endpoints)
		set_endpoints(c, cc.endpoints);
	return c;
}

struct cluster *cluster_use(struct cluster *c)
{
	if (c)
		c->users++;
	return c;
}

void cluster_leave(struct cluster *c)
{
	struct map none = {0};

	if (!c || --c->users)
		return;
	timer_stop(&c->sweep);
	health_stop(c);
	subsets_free(take(c->subsets));
	for (size_t i = 0; c->worker->ending && i < c->n_hosts; i++)
		pool_close_opening(c->hosts[i]);
	drop_dynamic(c);
	map_done(&c->by_ip);
	index_old(c, &none);
	drop_old(&none);
	balance_done(&c->balance);
	free(c->hosts);
	c->hosts = NULL;
	c->n_hosts = 0;
	config_endpoints_unref(take(c->endpoints));
	config_pods_unref(take(c->pods));
	cluster_unref(c);
}

/* ---- choosing ---- */

/* IPv6, in which IPv4 is a part of it (RFC 4291 2.5.5.2), and the port. An original destination is no Unix socket. */
static void put_address_key(const struct addr *a, char *out)
{
	const uint16_t port = addr_port(a);

	if (a->sa.sa_family == AF_INET) {
		memset(out, 0, 10);
		memset(out + 10, 0xff, 2);
		memcpy(out + 12, &a->in4.sin_addr, sizeof(a->in4.sin_addr));
	} else {
		memcpy(out, &a->in6.sin6_addr, sizeof(a->in6.sin6_addr));
	}
	memcpy(out + 16, &port, sizeof(port));
}

static struct endpoint *pick_original(struct cluster *c, const struct addr *dst)
{
	const struct config_cluster_spec *spec = c->spec;
	char key[sizeof(((struct endpoint *)NULL)->address_key)];
	struct endpoint *e;
	struct addr a;

	if (!dst || !dst->len)
		return NULL;
	a = *dst;
	if (spec->original_dst_port)
		addr_set_port(&a, spec->original_dst_port);
	put_address_key(&a, key);
	e = map_get(&c->by_address, slice_make(key, sizeof(key)));
	if (e)
		return endpoint_get(e);
	e = endpoint_new(c, &a, 0);
	memcpy(e->address_key, key, sizeof(key));
	map_set(&c->by_address, slice_make(e->address_key, sizeof(e->address_key)), e);
	e->spec = config_cluster_spec_ref(c->spec);
	e->transport = transport_to(c, &a);
	list_prepend(&c->dynamic, &e->link);
	return e;
}

static bool was_tried(const void *ctx, size_t i)
{
	const struct cluster_ask *ask = ctx;

	for (size_t k = 0; k < ask->n_avoid; k++)
		if (ask->avoid[k]->index == i)
			return true;
	return false;
}

/* The endpoint that the client has chosen; *ret_bound: no other will do. */
static struct endpoint *pick_chosen(struct cluster *c, const struct cluster_ask *ask, bool *ret_bound)
{
	struct endpoint *e = ask->original_dst ? map_get(&c->by_ip, ip_bytes(ask->original_dst)) : NULL;

	*ret_bound = false;
	if (e)
		return endpoint_get(e);
	if (!ask->original_dst || ask->any_endpoint || c->spec->original == CONFIG_ORIGINAL_FIRST)
		return NULL;
	*ret_bound = true;
	return c->spec->original == CONFIG_ORIGINAL_DIAL ? pick_original(c, ask->original_dst) : NULL;
}

/* The part of its share that an endpoint gets, which has just come: it grows with time. */
static double warmth(const struct cluster *c, const struct endpoint *e)
{
	const struct config_cluster_spec *s = c->spec;
	const int64_t since = atomic_load_explicit(&e->common->since_ns, memory_order_relaxed);
	const int64_t age = loop_now_ns(c->worker->loop) - since;
	const double least = s->slow_start_min_percent / 100.0;
	double part;

	if (age >= s->slow_start_ns)
		return 1;
	part = pow((double)MAX(age, (int64_t)1) / (double)s->slow_start_ns, 1 / s->slow_start_aggression);
	return MAX(part, least);
}

static size_t pick_host(struct cluster *c, const struct cluster_ask *ask, const struct balance_ask *how)
{
	static const struct route_labels none;
	size_t i;

	if (!c->subsets)
		return balance_pick(&c->balance, how, &c->worker->rand);
	i = subsets_pick(c->subsets, ask->subset ? ask->subset : &none, how, &c->worker->rand);
	return i == SUBSETS_ANY ? balance_pick(&c->balance, how, &c->worker->rand) : i;
}

/* Who is still cold is passed over as often as it is cold. */
static size_t pick_warm(struct cluster *c, const struct cluster_ask *ask, const struct balance_ask *how)
{
	size_t i = pick_host(c, ask, how);

	for (int k = 0; k < SLOW_START_ATTEMPTS && c->spec->slow_start_ns && i != BALANCE_NONE; k++) {
		if (rand_below(&c->worker->rand, 1u << 20) < warmth(c, c->hosts[i]) * (1u << 20))
			break;
		i = pick_host(c, ask, how);
	}
	return i;
}

struct endpoint *cluster_pick(struct cluster *c, const struct cluster_ask *ask)
{
	struct balance_ask how = {.hash = ask->hash, .has_hash = ask->has_hash};
	struct endpoint *e;
	bool bound;
	size_t i;

	if (c->spec->type == CONFIG_CLUSTER_ORIGINAL_DST)
		return pick_original(c, ask->original_dst);
	if (c->spec->original) {
		e = pick_chosen(c, ask, &bound);
		if (e || bound)
			return e;
	}
	if (ask->n_avoid) {
		how.avoid = was_tried;
		how.ctx = ask;
		how.attempts = ask->avoid_attempts;
	}
	catch_up(c);
	i = pick_warm(c, ask, &how);
	assert(i == BALANCE_NONE || i < c->n_hosts);
	return i == BALANCE_NONE ? NULL : endpoint_get(c->hosts[i]);
}

void endpoint_count(struct endpoint *e, int delta)
{
	assert(delta >= 0 || e->active >= (uint32_t)-delta);
	e->active = (uint32_t)((int)e->active + delta);
	if (e->index == ENDPOINT_NO_INDEX)
		return;
	e->cluster->balance.hosts[e->index].active = e->active;
	subsets_set_active(e->cluster->subsets, e->index, e->active);
}

/* ---- outlier detection ---- */

void endpoint_report(struct endpoint *e, enum outlier_result result)
{
	struct cluster *c = e->cluster;
	const struct outlier_settings *s = &c->spec->outlier;

	if (!s->on || e->index == ENDPOINT_NO_INDEX)
		return;
	if (shared_report(c->shared, e->common, s, result, loop_now_ns(c->worker->loop), c->worker->index,
			  &c->worker->rand))
		c->counters.ejections_total++;
	catch_up(c);
}

static void on_sweep(struct timer *t)
{
	struct cluster *c = CONTAINER_OF(t, struct cluster, sweep);

	c->counters.ejections_total += shared_sweep(c->shared, &c->spec->outlier, loop_now_ns(c->worker->loop),
						    c->worker->index, &c->worker->rand);
	catch_up(c);
	start_sweep(c);
}

static void start_sweep(struct cluster *c)
{
	timer_stop(&c->sweep);
	if (c->spec->outlier.on && c->n_hosts)
		timer_start_ns(c->worker->loop, &c->sweep, c->spec->outlier.interval_ns, on_sweep);
}
