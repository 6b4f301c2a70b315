/*
 * Namespaces that are wanted later: each is listed by itself and merged with what the watch brings meanwhile. A watch
 * event about an object makes the list's word on it void: the list may be older, and where it is newer the watch will
 * say so, too. A failure is cured by listing everything.
 */
#include "base/mem.h"
#include "kube/reflector_internal.h"
#include "msg/json.h"

struct join {
	struct list link;
	struct reflector *reflector;
	struct kube_call *call; /* NULL: waits for the list that is being read */
	char *continue_token;
	struct map touched; /* name -> itself */
	char ns[];
};

static void list_page(struct join *j);

static void join_free(struct join *j)
{
	struct map_entry *e;

	kube_call_cancel(j->call);
	for (size_t i = 0; (e = map_next(&j->touched, &i));)
		free(e->value);
	map_done(&j->touched);
	list_remove(&j->link);
	free(j->continue_token);
	free(j);
}

static void take_page(struct join *j, const cJSON *body)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, json_get(body, "items"))
	{
		const char *name = json_str(item, "metadata.name");

		if (name && !map_get(&j->touched, slice_str(name)))
			reflector_put(j->reflector, item);
	}
}

static void on_page(void *arg, struct kube_result *res)
{
	struct join *j = arg;
	struct reflector *r = j->reflector;
	const char *more = json_str(res->body, "metadata.continue");

	j->call = NULL;
	if (res->reason != KUBE_OK) {
		kube_call_cancel(take(r->call));
		reflector_join_stop(r);
		reflector_relist(r, res->retry_after_ms);
		return;
	}
	take_page(j, res->body);
	if (!more || !*more) {
		join_free(j);
		return;
	}
	free(j->continue_token);
	j->continue_token = mem_strdup(more);
	list_page(j);
}

static void list_page(struct join *j)
{
	const struct reflector *r = j->reflector;
	const struct kube_request req = {
		.verb = KUBE_LIST,
		.kind = r->kind,
		.ns = j->ns,
		.label_selector = r->label_selector,
		.field_selector = r->field_selector,
		.continue_token = j->continue_token,
	};

	j->call = kube_call_start(r->client, &req, on_page, j);
}

static void on_joined(struct task *t)
{
	struct reflector *r = CONTAINER_OF(t, struct reflector, join);

	if (r->state != REFLECTOR_LISTING)
		reflector_join_start(r);
}

void reflector_join(struct reflector *r, const char *ns)
{
	struct join *j;

	LIST_EACH (j, &r->joins, link)
		if (!strcmp(j->ns, ns))
			return;
	if (!r->resource_version && !r->continue_token)
		return; /* a list is due or its first page under way, or there is nothing to be listed */
	j = mem_alloc(sizeof(*j) + strlen(ns) + 1);
	j->reflector = r;
	strcpy(j->ns, ns);
	list_append(&r->joins, &j->link);
	task_defer(r->loop, &r->join, on_joined); /* how many there are shows at the end of the turn */
}

void reflector_join_start(struct reflector *r)
{
	struct join *j;
	size_t n = 0;

	LIST_EACH (j, &r->joins, link)
		n++;
	if (n > REFLECTOR_JOINS_MAX) {
		reflector_list_now(r);
		return;
	}
	LIST_EACH (j, &r->joins, link)
		if (!j->call)
			list_page(j);
}

void reflector_join_touch(struct reflector *r, const cJSON *object)
{
	const char *ns = json_str(object, "metadata.namespace"), *name = json_str(object, "metadata.name");
	struct join *j;

	LIST_EACH (j, &r->joins, link) {
		char *copy;

		if (!ns || !name || strcmp(j->ns, ns) != 0 || map_get(&j->touched, slice_str(name)))
			continue;
		copy = mem_strdup(name);
		map_set(&j->touched, slice_str(copy), copy);
	}
}

void reflector_join_refilter(struct reflector *r)
{
	struct join *j, *tmp;

	LIST_EACH_SAFE (j, tmp, &r->joins, link)
		if (!r->wanted(r->wanted_arg, j->ns))
			join_free(j);
}

void reflector_join_stop(struct reflector *r)
{
	struct join *j, *tmp;

	task_cancel(&r->join);
	LIST_EACH_SAFE (j, tmp, &r->joins, link)
		join_free(j);
}
