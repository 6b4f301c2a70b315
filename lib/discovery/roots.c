/* ConfigMap istio-ca-root-cert in every namespace of the mesh: what proxies trust before they have a certificate. */
#include <stdlib.h>

#include "api/core/core.h"
#include "discovery/internal.h"

#define ROOT_MAP "istio-ca-root-cert"
#define ROOT_KEY "root-cert.pem"

struct roots {
	struct discovery *d;
	struct queue *queue;
	struct task task;
	VEC(struct run *) running;
};

struct run {
	struct roots *r;
	struct kube_call *call;
	struct store_key key;
};

static bool current(const struct roots *r, const char *ns)
{
	const struct api_object *o = store_get(r->d->store, &api_kind_config_map, ns, ROOT_MAP);
	const struct core_config_map *m = o ? API_VALUE(o, config_map, core_config_map) : NULL;
	const char *have = m ? str_map_get(&m->data, ROOT_KEY) : NULL;

	return have && slice_eq(slice_str(have), discovery_authority_roots(r->d->ca));
}

/* Revisions of a mesh share a root; while it is renewed their texts may differ. */
static bool is_ours(const struct roots *r, const char *ns)
{
	return discovery_members_lists(r->d->members, ns) && discovery_members_writes(r->d->members, ns);
}

static void end(struct run *x)
{
	for (size_t i = 0; i < x->r->running.n; i++) {
		if (x->r->running.v[i] == x) {
			vec_remove(&x->r->running, i);
			break;
		}
	}
	free(x);
}

static void on_done(void *arg, struct kube_result *res)
{
	struct run *x = arg;
	const bool gone = res->reason == KUBE_NOT_FOUND || res->reason == KUBE_FORBIDDEN;

	if (res->reason != KUBE_OK)
		log_write(kube_client_away(x->r->d->kube) ? LOG_DEBUG : LOG_WARN, "roots", "%s", res->err.msg);
	queue_done(x->r->queue, &x->key,
		   res->reason == KUBE_OK || (gone && !is_ours(x->r, x->key.ns)) ? QUEUE_OK : QUEUE_RETRY, 0);
	end(x);
}

static void run(void *arg, const struct store_key *key)
{
	struct roots *r = arg;
	cJSON *body, *meta, *labels, *data;
	CLEANUP(buf_done) struct buf pem = BUF_INIT;
	struct kube_request req = {.verb = KUBE_APPLY,
				   .kind = &api_kind_config_map,
				   .ns = key->ns,
				   .name = ROOT_MAP,
				   .force = true,
				   .field_manager = "istiod"};
	struct run *x;

	if (!is_ours(r, key->ns) || current(r, key->ns)) {
		queue_done(r->queue, key, QUEUE_OK, 0);
		return;
	}
	body = cJSON_CreateObject();
	cJSON_AddStringToObject(body, "apiVersion", "v1");
	cJSON_AddStringToObject(body, "kind", "ConfigMap");
	meta = cJSON_AddObjectToObject(body, "metadata");
	cJSON_AddStringToObject(meta, "name", ROOT_MAP);
	cJSON_AddStringToObject(meta, "namespace", key->ns);
	labels = cJSON_AddObjectToObject(meta, "labels");
	cJSON_AddStringToObject(labels, "istio.io/config", "true");
	data = cJSON_AddObjectToObject(body, "data");
	buf_append_slice(&pem, discovery_authority_roots(r->d->ca));
	cJSON_AddStringToObject(data, ROOT_KEY, buf_str(&pem));
	x = NEW(struct run);
	*x = (struct run){.r = r, .key = *key};
	vec_push(&r->running, x);
	req.body = body;
	x->call = kube_call_start(r->d->kube, &req, on_done, x);
	cJSON_Delete(body);
}

static void add(void *arg, const char *ns)
{
	struct roots *r = arg;

	if (is_ours(r, ns) && !current(r, ns))
		queue_add(r->queue, &(struct store_key){&api_kind_config_map, ns, ROOT_MAP});
}

struct settled {
	const struct roots *r;
	bool all;
};

static void ask(void *arg, const char *ns)
{
	struct settled *s = arg;

	s->all &= current(s->r, ns);
}

bool discovery_roots_settled(const struct roots *r)
{
	struct settled s = {r, true};

	if (r->d->members)
		discovery_members_each(r->d->members, ask, &s);
	return s.all;
}

static void look(struct task *t)
{
	struct roots *r = CONTAINER_OF(t, struct roots, task);

	if (discovery_authority_ca(r->d->ca) && r->d->members) /* else the authority that signs writes them */
		discovery_members_each(r->d->members, add, r);
}

struct roots *discovery_roots_new(struct discovery *d)
{
	struct roots *r = NEW(struct roots);

	r->d = d;
	r->queue = queue_new(d->loop, 0, run, r);
	queue_follow(r->queue, d->kube);
	return r;
}

void discovery_roots_free(struct roots *r)
{
	if (!r)
		return;
	task_cancel(&r->task);
	for (size_t i = 0; i < r->running.n; i++) {
		kube_call_cancel(r->running.v[i]->call);
		free(r->running.v[i]);
	}
	vec_done(&r->running);
	queue_free(r->queue);
	free(r);
}

void discovery_roots_kick(struct roots *r)
{
	task_defer(r->d->loop, &r->task, look);
}
