/* The graph of the last seconds, from the proxies themselves: what a page lays over what Prometheus knew last. */
#include <stdio.h>
#include <string.h>

#include "console/run/console_internal.h"
#include "msg/json.h"

/* One more than may be asked is enough to know that they are too many. */
static bool add_pod(void *arg, const struct mesh_proxy *p)
{
	struct call *c = arg;
	struct arena *a = &c->x->arena;

	if (c->n_pods > LIVE_PODS_MAX)
		return false;
	c->pods[c->n_pods++] = (struct live_pod){
		arena_strdup(a, p->ns),
		arena_strdup(a, p->name),
		arena_strdup(a, p->ip),
		arena_strdup(a, p->workload),
	};
	return true;
}

static void collect_pods(struct call *c)
{
	const struct mesh_view v = call_view(c);
	struct slice rest = slice_str(c->namespaces);

	c->pods = arena_alloc(&c->x->arena, (LIVE_PODS_MAX + 1) * sizeof(*c->pods));
	while (rest.len)
		mesh_each_proxy(&v, arena_slicedup(&c->x->arena, slice_split(&rest, '|')), add_pod, c);
}

/* Workloads all of whose proxies are known: what they do not tell of did not happen. */
static void add_covered(struct call *c, cJSON *out)
{
	cJSON *list = cJSON_AddArrayToObject(out, "covered");

	for (size_t i = 0; i < c->n_pods; i++) {
		bool known = *c->pods[i].workload != '\0', first = true;

		for (size_t k = 0; k < c->n_pods; k++) {
			const char *why;

			if (strcmp(c->pods[i].ns, c->pods[k].ns) != 0 ||
			    strcmp(c->pods[i].workload, c->pods[k].workload) != 0)
				continue;
			first &= k >= i;
			known &= live_state_of(c->console->live, &c->pods[k], &why) == LIVE_KNOWN;
		}
		if (known && first)
			cJSON_AddItemToArray(list, cJSON_CreateString(arena_printf(&c->x->arena, "%s/%s", c->pods[i].ns,
										   c->pods[i].workload)));
	}
}

static void add_states(struct call *c, cJSON *out, size_t left_out)
{
	CLEANUP(buf_done) struct buf hint = BUF_INIT;
	size_t known = 0, lost = 0;

	for (size_t i = 0; i < c->n_pods; i++) {
		const char *why;
		const enum live_state s = live_state_of(c->console->live, &c->pods[i], &why);

		known += s == LIVE_KNOWN;
		if (!*why)
			continue;
		if (!lost++)
			buf_printf(&hint, "%s in %s is not heard of (%s)", c->pods[i].name, c->pods[i].ns, why);
	}
	if (lost > 1)
		buf_printf(&hint, ", and %zu more are not", lost - 1);
	if (left_out)
		buf_printf(&hint, "%s%zu series had no room: choose fewer namespaces", hint.len ? "; " : "", left_out);
	json_set_int(out, "proxies", (int64_t)c->n_pods);
	json_set_int(out, "known", (int64_t)known);
	cJSON_AddStringToObject(out, "hint", buf_str(&hint));
}

static void on_live(void *arg)
{
	struct call *c = arg;
	const struct mesh_view v = call_view(c);
	struct graph *g = graph_new(c->type);
	size_t left_out;
	cJSON *json;

	c->question = NULL;
	left_out = live_add(c->console->live, c->pods, c->n_pods, g);
	graph_join(g);
	json = graph_json(g, call_keeps, c);
	graph_free(g);
	mesh_badges(&v, json);
	add_covered(c, json);
	add_states(c, json, left_out);
	call_reply(c, json);
}

static void reply_too_many(struct call *c)
{
	cJSON *o = cJSON_CreateObject();
	char hint[160];

	snprintf(hint, sizeof(hint),
		 "more than %u proxies are on screen, which is more than are asked: choose fewer namespaces",
		 LIVE_PODS_MAX);
	cJSON_AddArrayToObject(o, "nodes");
	cJSON_AddArrayToObject(o, "edges");
	cJSON_AddArrayToObject(o, "covered");
	json_set_int(o, "proxies", (int64_t)c->n_pods);
	json_set_int(o, "known", 0);
	cJSON_AddStringToObject(o, "hint", hint);
	call_reply(c, o);
}

void api_live(struct call *c)
{
	const struct slice text = exchange_argument(c->x, "type");

	if (!call_has_mesh(c, "it is"))
		return;
	c->type = GRAPH_WORKLOAD;
	if (text.len && !graph_type_parse(text, &c->type)) {
		call_fail(c, 400, "type: must be workload, app, versionedApp or service, is \"%.*s\"", SLICE_ARG(text));
		return;
	}
	if (!call_wants_namespaces(c))
		return;
	collect_pods(c);
	if (c->n_pods > LIVE_PODS_MAX)
		reply_too_many(c);
	else
		c->question = live_ask(c->console->live, c->pods, c->n_pods, on_live, c);
}
