/* Wiring of the operator. */
#include "operator/run/operator.h"

#include <stdio.h>

#include "api/object.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/rand.h"
#include "base/version.h"
#include "kube/away.h"
#include "kube/client.h"
#include "kube/lease.h"
#include "kube/owner.h"
#include "kube/plan.h"
#include "kube/queue.h"
#include "kube/reflector.h"
#include "kube/served.h"
#include "msg/json.h"
#include "net/loop.h"
#include "operator/reconcile/members.h"
#include "operator/reconcile/reconcile.h"
#include "operator/render/render.h"
#include "operator/spec/spec.h"
#include "operator/webhook/webhook.h"

#define MANAGER "maistra-istio-operator"
#define LEASE_NAME "istio-operator-lock"
#define REFLECTORS_MAX 40
#define ABSENT_MAX 64
#define DEBOUNCE_MS 20
#define VERSION_RETRY_MS 1000
#define SECRET_BYTES 32

struct mesh_operator {
	struct loop *loop;
	struct kube_client *client;
	struct store *store;
	struct executor *executor;
	struct queue *queue;
	struct lease *lease;
	struct webhook *webhook; /* NULL: none */
	struct owner *owner;     /* the same */
	struct reflector *reflectors[REFLECTORS_MAX];
	size_t n_reflectors;
	struct reflector *profiles; /* the users' own */
	struct store_watch watch;
	struct timer debounce; /* then the concerned keys go into the queue */
	unsigned concerned;    /* reconcilers, as bits */
	struct served *served;
	struct served_watch presence;
	struct map failures; /* key text -> struct failure */
	struct list works;   /* struct work: plans that are being carried out */
	char *ns;
	const struct operator_images *images; /* NULL: the defaults */
	const struct render_cni *cni;
	enum addons_from addons;
	bool embedded, knows_cluster; /* whose it is, as its version says */
	struct kube_call *version;
	struct timer ask_again;
	bool leader;
};

/* Why the last plan for a key failed. */
struct failure {
	char message[ERR_MSG_MAX];
	char key[];
};

/* A key whose plan is being carried out. */
struct work {
	struct list link;
	struct mesh_operator *owner;
	struct store_key key;
	int64_t after_ms;
};

enum { RECONCILE_SMCP, RECONCILE_SMMR, RECONCILE_SMM };
#define ALL_RECONCILERS (~0u)

static const struct {
	const struct api_kind *kind;
	void (*reconcile)(struct store *s, const struct store_key *key, const struct reconcile_env *env,
			  struct plan *p);
} reconcilers[] = {
	[RECONCILE_SMCP] = {&api_kind_smcp, smcp_reconcile},
	[RECONCILE_SMMR] = {&api_kind_smmr, smmr_reconcile},
	[RECONCILE_SMM] = {&api_kind_smm, smm_reconcile},
};

/* Failures. */

static void failure_text(const struct store_key *key, char *out, size_t size)
{
	snprintf(out, size, "%s %s/%s", key->kind->kind, key->ns, key->name);
}

static const char *failure_get(const struct mesh_operator *o, const struct store_key *key)
{
	char text[640];
	const struct failure *f;

	failure_text(key, text, sizeof(text));
	f = map_get(&o->failures, slice_str(text));
	return f ? f->message : NULL;
}

static void failure_set(struct mesh_operator *o, const struct store_key *key, const char *message)
{
	char text[640];
	struct failure *f;

	failure_text(key, text, sizeof(text));
	free(map_remove(&o->failures, slice_str(text)));
	if (!message)
		return;
	f = mem_alloc(sizeof(*f) + strlen(text) + 1);
	strcpy(f->key, text);
	snprintf(f->message, sizeof(f->message), "%s", message);
	map_set(&o->failures, slice_str(f->key), f);
}

/* Running a key. */

/* What is not said again and again: status shows it. */
static bool worth_a_line(const struct mesh_operator *o, const struct store_key *key, const struct err *err)
{
	const char *before = failure_get(o, key);

	return err->code != -EAGAIN && err->code != -ECANCELED && !kube_client_away(o->client) &&
	       !(before && !strcmp(before, err->msg));
}

static void on_executed(void *arg, const struct err *err, bool retry)
{
	struct work *w = arg;
	struct mesh_operator *o = w->owner;

	/* A conflict is nothing but a newer version that is on its way; a plan given up is begun anew by the next
	 * leader. */
	if (err->code)
		log_write(worth_a_line(o, &w->key, err) ? LOG_WARN : LOG_DEBUG, "operator", "%s %s/%s: %s",
			  w->key.kind->kind, w->key.ns, w->key.name, err->msg);
	failure_set(o, &w->key, err->code && err->code != -EAGAIN && err->code != -ECANCELED ? err->msg : NULL);
	queue_done(o->queue, &w->key, retry ? QUEUE_RETRY : QUEUE_OK, w->after_ms);
	list_remove(&w->link);
	free(w);
}

static void fill_secret(char *out)
{
	uint8_t bytes[SECRET_BYTES];

	rand_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	explicit_bzero(bytes, sizeof(bytes));
}

static void on_run(void *arg, const struct store_key *key)
{
	struct mesh_operator *o = arg;
	const struct api_kind *absent[ABSENT_MAX];
	char secret[2 * SECRET_BYTES + 1];
	struct reconcile_env env = {
		.version = weft_version + (weft_version[0] == 'v'), /* as OpenShift writes it */
		.ns = o->ns,
		.now_s = clock_wall_ns() / NS_PER_S,
		.absent = absent,
		.n_absent = MIN(served_absent_count(o->served), (size_t)ABSENT_MAX),
		.last_error = failure_get(o, key),
		.images = o->images,
		.cni = o->cni,
		.addons = o->addons,
		.embedded = o->embedded,
		.fresh_secret = secret,
	};
	struct work *w;
	struct plan p;

	if (!o->leader) {
		queue_done(o->queue, key, QUEUE_OK, 0);
		return;
	}
	for (size_t i = 0; i < env.n_absent; i++)
		absent[i] = served_absent_at(o->served, i);
	fill_secret(secret);
	w = NEW(struct work);
	plan_init(&p);
	for (size_t i = 0; i < ARRAY_LEN(reconcilers); i++)
		if (reconcilers[i].kind == key->kind)
			reconcilers[i].reconcile(o->store, key, &env, &p);
	*w = (struct work){.owner = o, .key = *key, .after_ms = p.after_ms};
	list_append(&o->works, &w->link);
	executor_run(o->executor, &p, on_executed, w);
	plan_done(&p);
	explicit_bzero(secret, sizeof(secret));
}

/*
 * Which object changed hardly matters: there are few control planes and rolls, and a run that finds nothing to do is
 * cheap. Bursts of changes are taken together.
 */

static bool runs(const struct mesh_operator *o)
{
	return o->leader && o->knows_cluster && operator_ready(o);
}

static void on_debounced(struct timer *t)
{
	struct mesh_operator *o = CONTAINER_OF(t, struct mesh_operator, debounce);

	if (!runs(o))
		return;
	for (size_t i = 0; i < ARRAY_LEN(reconcilers); i++) {
		struct store_range all = store_list(o->store, reconcilers[i].kind, NULL);

		for (size_t k = 0; k < all.n && o->concerned & 1u << i; k++)
			queue_add(o->queue, &(struct store_key){all.v[k]->kind, api_object_namespace(all.v[k]),
								api_object_name(all.v[k])});
	}
	o->concerned = 0;
}

static void enqueue(struct mesh_operator *o, unsigned concerned)
{
	o->concerned |= concerned;
	if (!timer_active(&o->debounce))
		timer_start(o->loop, &o->debounce, DEBOUNCE_MS, on_debounced);
}

/* Members care only for meshes, rolls and themselves: of a thousand each is looked at alone. */
static unsigned concerned_by(struct mesh_operator *o, const struct store_key *key)
{
	if (key->kind == &api_kind_smcp || key->kind == &api_kind_smmr)
		return ALL_RECONCILERS;
	if (key->kind == &api_kind_smm && !runs(o))
		return 1u << RECONCILE_SMMR | 1u << RECONCILE_SMM;
	if (key->kind == &api_kind_smm) {
		queue_add(o->queue, key);
		return 1u << RECONCILE_SMMR;
	}
	return 1u << RECONCILE_SMCP | 1u << RECONCILE_SMMR;
}

static bool is_webhooks(const struct api_kind *kind)
{
	return kind == &api_kind_mutating_webhook_configuration || kind == &api_kind_validating_webhook_configuration;
}

static void on_change(struct store_watch *w, const struct store_key *key)
{
	struct mesh_operator *o = CONTAINER_OF(w, struct mesh_operator, watch);

	if (o->webhook && key->name && is_webhooks(key->kind))
		webhook_check_bundles(o->webhook);
	enqueue(o, key->name ? concerned_by(o, key) : ALL_RECONCILERS);
}

static void on_lease(void *arg, bool leader)
{
	struct mesh_operator *o = arg;

	o->leader = leader;
	if (!leader)
		executor_stop(o->executor); /* another one writes now */
	enqueue(o, ALL_RECONCILERS);
}

/* A kind appeared, or is gone. */
static void on_presence(struct served_watch *w, const struct api_kind *kind)
{
	(void)kind;
	enqueue(CONTAINER_OF(w, struct mesh_operator, presence), ALL_RECONCILERS);
}

/* All kinds of the mesh, whether the operator writes them or only weftd reads them: status says which are absent. */
static void want_kinds(struct mesh_operator *o)
{
	o->served = served_new(o->loop, o->client);
	o->presence.fn = on_presence;
	served_subscribe(o->served, &o->presence);
	for (size_t i = 0; i < api_kinds_count(); i++)
		if (api_kind_at(i)->flags & (API_CUSTOM | API_FOREIGN))
			served_want(o->served, api_kind_at(i));
}

static void reflect(struct mesh_operator *o, const struct api_kind *kind, const char *selector)
{
	struct reflector_options options = {
		.kind = kind, .label_selector = selector, .served = api_kind_optional(kind) ? o->served : NULL};

	o->reflectors[o->n_reflectors++] = reflector_new(o->loop, o->client, o->store, &options);
}

static void ask_version(struct timer *t);

/* The embedded cluster has no images of others, and serves this machine alone. */
static void on_version(void *arg, struct kube_result *r)
{
	struct mesh_operator *o = arg;
	const char *version = json_get_str(r->body, "gitVersion");

	o->version = NULL;
	if (r->reason != KUBE_OK || !version) {
		timer_start(o->loop, &o->ask_again, VERSION_RETRY_MS, ask_version);
		return;
	}
	o->embedded = slice_ends(slice_str(version), SLICE("+weft"));
	o->knows_cluster = true;
	enqueue(o, ALL_RECONCILERS);
}

/*
 * What is ours. Of webhooks all are watched: our own, whose authority we write, have their installer's name there
 * (Helm, kustomize), and there are few in any cluster.
 */
static const char *selector_of(const struct api_kind *kind)
{
	return is_webhooks(kind) ? NULL : LABEL_MANAGED_BY "=" MANAGED_BY;
}

static void ask_version(struct timer *t)
{
	struct mesh_operator *o = CONTAINER_OF(t, struct mesh_operator, ask_again);

	o->version =
		kube_call_start(o->client, &(struct kube_request){.verb = KUBE_GET, .path = "/version"}, on_version, o);
}

/* What we make for ourselves goes with the operator, whoever takes that away. */
static void on_owner(void *arg, const cJSON *reference)
{
	struct mesh_operator *o = arg;

	if (o->lease)
		lease_set_owner(o->lease, reference);
	if (o->webhook)
		webhook_set_owner(o->webhook, reference);
}

static bool on_ready(void *arg)
{
	return operator_ready(arg);
}

struct mesh_operator *operator_new(struct loop *l, struct kube_client *c, const struct operator_options *options)
{
	struct mesh_operator *o = NEW(struct mesh_operator);

	o->loop = l;
	o->client = c;
	o->ns = mem_strdup(options->ns);
	o->images = options->images;
	o->cni = options->cni;
	o->addons = options->addons;
	ask_version(&o->ask_again);
	list_init(&o->works);
	o->store = store_new();
	o->executor = executor_new(c, o->store, MANAGER);
	o->queue = queue_new(l, 0, on_run, o);
	queue_follow(o->queue, c);
	o->watch.fn = on_change;
	store_subscribe(o->store, &o->watch);
	want_kinds(o);
	reflect(o, &api_kind_smcp, NULL);
	reflect(o, &api_kind_smmr, NULL);
	reflect(o, &api_kind_smm, NULL);
	reflect(o, &api_kind_namespace, NULL);
	for (size_t i = 0; i < operator_owned_kinds_n; i++)
		reflect(o, operator_owned_kinds[i], selector_of(operator_owned_kinds[i]));
	reflect(o, &api_kind_pod, LABEL_ADDON);
	o->profiles =
		reflector_new(l, c, o->store,
			      &(struct reflector_options){.kind = &api_kind_config_map,
							  .ns = o->ns,
							  .field_selector = "metadata.name=" SPEC_PROFILES_CONFIG_MAP});
	if (options->webhooks)
		o->webhook =
			webhook_new(l, c, o->store,
				    &(struct webhook_options){
					    .ns = o->ns, .ready = on_ready, .arg = o, .cert_dir = options->cert_dir});
	if (options->leader_election)
		o->lease = lease_new(l, c, o->ns, LEASE_NAME, options->identity, on_lease, o);
	else
		o->leader = true;
	if (options->pod)
		o->owner = owner_new(l, c, o->ns, options->pod, on_owner, o);
	return o;
}

void operator_stop(struct mesh_operator *o, void (*on_stopped)(void *arg), void *arg)
{
	o->leader = false;
	executor_stop(o->executor); /* whoever gets the lease writes from then on */
	if (o->lease)
		lease_release(o->lease, on_stopped, arg);
	else
		on_stopped(arg);
}

void operator_free(struct mesh_operator *o)
{
	struct map_entry *e;

	if (!o)
		return;
	owner_free(o->owner);
	lease_free(o->lease);
	webhook_free(o->webhook);
	executor_free(o->executor);
	while (!list_empty(&o->works)) { /* plans that were cut short */
		struct work *w = LIST_FIRST(&o->works, struct work, link);

		list_remove(&w->link);
		free(w);
	}
	queue_free(o->queue);
	store_unsubscribe(&o->watch);
	timer_stop(&o->debounce);
	timer_stop(&o->ask_again);
	kube_call_cancel(o->version);
	for (size_t i = 0; i < o->n_reflectors; i++)
		reflector_free(o->reflectors[i], false);
	reflector_free(o->profiles, false);
	served_free(o->served);
	store_free(o->store);
	for (size_t i = 0; (e = map_next(&o->failures, &i));)
		free(e->value);
	map_done(&o->failures);
	free(o->ns);
	free(o);
}

bool operator_ready(const struct mesh_operator *o)
{
	return served_settled(o->served) && store_synced(o->store, NULL) && reflector_synced(o->profiles);
}
