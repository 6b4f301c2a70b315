/* Nodes and edges by key; what each of the two reporters says of an edge is kept apart until the end. */
#include "console/graph/graph.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/vec.h"
#include "msg/json.h"

enum reporter { BY_SOURCE, BY_DESTINATION, REPORTERS };

struct share {
	const char *name;
	double rate;
};

struct shares {
	struct share v[GRAPH_CODES_MAX];
	size_t n;
};

struct said {
	double rate, errors, sent, received;
	/* Times weigh by how many series they are of: one, but for types that join several. */
	double time[GRAPH_MEASURES], n[GRAPH_MEASURES];
	struct shares codes, flags;
};

struct node {
	const char *id, *ns, *workload, *app, *version, *service, *kind;
	double in, out, errors; /* of requests, at the end */
	bool shown;
};

struct edge {
	struct node *source, *target;
	const char *protocol;
	struct said by[REPORTERS];
	double mutual, plain; /* as the server saw it */
	bool joined;          /* with the service's workload */
};

struct graph {
	enum graph_type type;
	struct arena arena;
	struct map nodes, edges;
	VEC(struct node *) node_list;
	VEC(struct edge *) edge_list;
	size_t left_out;
};

struct graph *graph_new(enum graph_type type)
{
	struct graph *g = NEW(struct graph);

	g->type = type;
	return g;
}

void graph_free(struct graph *g)
{
	if (!g)
		return;
	map_done(&g->nodes);
	map_done(&g->edges);
	vec_done(&g->node_list);
	vec_done(&g->edge_list);
	arena_done(&g->arena);
	free(g);
}

size_t graph_left_out(const struct graph *g)
{
	return g->left_out;
}

bool graph_type_parse(struct slice text, enum graph_type *ret)
{
	static const char *const names[] = {
		[GRAPH_WORKLOAD] = "workload",
		[GRAPH_APP] = "app",
		[GRAPH_VERSIONED_APP] = "versionedApp",
		[GRAPH_SERVICE] = "service",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (slice_eq_str(text, names[i])) {
			*ret = (enum graph_type)i;
			return true;
		}
	return false;
}

/* ---- nodes ---- */

static bool is_set(const char *label)
{
	return *label && strcmp(label, "unknown") != 0;
}

struct end {
	const char *workload, *ns, *app, *version, *service, *service_ns;
};

static char *node_id(struct graph *g, const struct end *e, const char **kind)
{
	const bool workload = is_set(e->workload), service = is_set(e->service);

	*kind = "unknown";
	if (!workload && !service)
		return arena_strdup(&g->arena, "unknown");
	if ((g->type == GRAPH_SERVICE && service) || !workload) {
		*kind = "service";
		return arena_printf(&g->arena, "service/%s/%s", e->service_ns, e->service);
	}
	*kind = g->type == GRAPH_WORKLOAD || g->type == GRAPH_SERVICE ? "workload" : "app";
	if (g->type == GRAPH_APP && is_set(e->app))
		return arena_printf(&g->arena, "app/%s/%s", e->ns, e->app);
	if (g->type == GRAPH_VERSIONED_APP && is_set(e->app))
		return arena_printf(&g->arena, "app/%s/%s/%s", e->ns, e->app, e->version);
	return arena_printf(&g->arena, "workload/%s/%s", e->ns, e->workload);
}

static struct node *node_of(struct graph *g, const struct end *e)
{
	const char *kind, *id = node_id(g, e, &kind);
	struct node *n = map_get(&g->nodes, slice_str(id));
	const bool service = strcmp(kind, "service") == 0;

	if (n || g->node_list.n >= GRAPH_NODES_MAX) {
		if (n && !*n->service && is_set(e->service))
			n->service = arena_strdup(&g->arena, e->service);
		return n;
	}
	n = ARENA_NEW(&g->arena, struct node);
	*n = (struct node){
		.id = id,
		.kind = kind,
		.ns = arena_strdup(&g->arena, service ? e->service_ns : e->ns),
		.workload = arena_strdup(&g->arena, service || !is_set(e->workload) ? "" : e->workload),
		.app = arena_strdup(&g->arena, is_set(e->app) ? e->app : ""),
		.version = arena_strdup(&g->arena, is_set(e->version) && g->type != GRAPH_APP ? e->version : ""),
		.service = arena_strdup(&g->arena, is_set(e->service) ? e->service : ""),
	};
	map_set(&g->nodes, slice_str(id), n);
	vec_push(&g->node_list, n);
	return n;
}

/* ---- edges ---- */

static struct edge *edge_of(struct graph *g, struct node *source, struct node *target, const char *protocol)
{
	const char *key = arena_printf(&g->arena, "%s %s %s", source->id, target->id, protocol);
	struct edge *e = map_get(&g->edges, slice_str(key));

	if (e || g->edge_list.n >= GRAPH_EDGES_MAX)
		return e;
	e = ARENA_NEW(&g->arena, struct edge);
	*e = (struct edge){.source = source, .target = target, .protocol = arena_strdup(&g->arena, protocol)};
	map_set(&g->edges, slice_str(key), e);
	vec_push(&g->edge_list, e);
	return e;
}

static void add_share(struct graph *g, struct shares *s, const char *name, double rate)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].name, name) == 0 || i + 1 == GRAPH_CODES_MAX) {
			s->v[i].rate += rate;
			return;
		}
	s->v[s->n] = (struct share){s->n + 1 == GRAPH_CODES_MAX ? "other" : arena_strdup(&g->arena, name), rate};
	s->n++;
}

/* As Istio's consoles count them: 4xx and 5xx, requests without an answer, and statuses of gRPC above 0. */
static bool is_error(const char *code, const char *grpc)
{
	if (*grpc && strcmp(grpc, "0") != 0)
		return true;
	return *code == '4' || *code == '5' || strcmp(code, "0") == 0;
}

static void add_requests(struct graph *g, struct edge *e, enum reporter by, const void *sample, graph_label_fn *label,
			 double value)
{
	const char *code = label(sample, "response_code"), *grpc = label(sample, "grpc_response_status");
	const char *flags = label(sample, "response_flags");

	e->by[by].rate += value;
	if (is_error(code, grpc))
		e->by[by].errors += value;
	add_share(g, &e->by[by].codes, *code ? code : "-", value);
	if (*flags && strcmp(flags, "-") != 0)
		add_share(g, &e->by[by].flags, flags, value);
}

static void add_value(struct graph *g, struct edge *e, enum reporter by, enum graph_measure m, const void *sample,
		      graph_label_fn *label, double value)
{
	const char *policy = label(sample, "connection_security_policy");
	const bool traffic = m == GRAPH_REQUESTS || m == GRAPH_TCP_SENT || m == GRAPH_TCP_RECEIVED;

	if (traffic && by == BY_DESTINATION)
		*(strcmp(policy, "mutual_tls") == 0 ? &e->mutual : &e->plain) += value;
	if (m == GRAPH_REQUESTS)
		add_requests(g, e, by, sample, label, value);
	else if (m == GRAPH_TCP_SENT)
		e->by[by].sent += value;
	else if (m == GRAPH_TCP_RECEIVED)
		e->by[by].received += value;
	else {
		e->by[by].time[m] += value;
		e->by[by].n[m]++;
	}
}

void graph_add(struct graph *g, enum graph_measure m, const void *sample, graph_label_fn *label, double value)
{
	const bool tcp = m == GRAPH_TCP_SENT || m == GRAPH_TCP_RECEIVED;
	const char *said = label(sample, "request_protocol");
	const char *protocol = tcp ? "tcp" : strcmp(said, "grpc") == 0 ? "grpc" : "http";
	const struct end source = {
		.workload = label(sample, "source_workload"),
		.ns = label(sample, "source_workload_namespace"),
		.app = label(sample, "source_canonical_service"),
		.version = label(sample, "source_canonical_revision"),
		.service = "",
		.service_ns = "",
	};
	const struct end target = {
		.workload = label(sample, "destination_workload"),
		.ns = label(sample, "destination_workload_namespace"),
		.app = label(sample, "destination_canonical_service"),
		.version = label(sample, "destination_canonical_revision"),
		.service = label(sample, "destination_service_name"),
		.service_ns = label(sample, "destination_service_namespace"),
	};
	struct node *from, *to;
	struct edge *e;

	if (!isfinite(value) || value <= 0)
		return;
	from = node_of(g, &source);
	to = node_of(g, &target);
	e = from && to ? edge_of(g, from, to, protocol) : NULL;
	if (e)
		add_value(g, e, strcmp(label(sample, "reporter"), "destination") == 0 ? BY_DESTINATION : BY_SOURCE, m,
			  sample, label, value);
	else
		g->left_out++;
}

/* ---- what reached no workload ---- */

/* The one workload that was seen behind a service; NULL when there are none, or several. */
static struct node *only_workload(const struct graph *g, const struct node *service)
{
	struct node *found = NULL;

	for (size_t i = 0; i < g->node_list.n; i++) {
		struct node *n = g->node_list.v[i];

		if (n == service || strcmp(n->kind, "service") == 0 || strcmp(n->service, service->service) != 0 ||
		    strcmp(n->ns, service->ns) != 0)
			continue;
		if (found)
			return NULL;
		found = n;
	}
	return found;
}

static void join_shares(struct graph *g, struct shares *to, const struct shares *from)
{
	for (size_t i = 0; i < from->n; i++)
		add_share(g, to, from->v[i].name, from->v[i].rate);
}

/* Averages by how many requests each is of; quantiles stay those of what arrived. */
static void join_said(struct graph *g, struct said *to, const struct said *from)
{
	const double all = to->rate + from->rate, n = to->n[GRAPH_AVERAGE], m = from->n[GRAPH_AVERAGE];

	if (m > 0 && all > 0) {
		const double own = n > 0 ? to->time[GRAPH_AVERAGE] / n : 0;

		to->time[GRAPH_AVERAGE] = (own * to->rate + from->time[GRAPH_AVERAGE] / m * from->rate) / all;
		to->n[GRAPH_AVERAGE] = 1;
	}
	to->rate = all;
	to->errors += from->errors;
	to->sent += from->sent;
	to->received += from->received;
	join_shares(g, &to->codes, &from->codes);
	join_shares(g, &to->flags, &from->flags);
}

/*
 * A request that its client's proxy answered itself (a fault, an open circuit) names a service and no workload. Where
 * the service has one workload it is drawn there, as that is whom it was meant for.
 */
void graph_join(struct graph *g)
{
	const size_t n = g->edge_list.n;

	for (size_t i = 0; g->type != GRAPH_SERVICE && i < n; i++) {
		struct edge *e = g->edge_list.v[i], *to;
		struct node *workload;

		if (e->joined || strcmp(e->target->kind, "service") != 0)
			continue;
		workload = only_workload(g, e->target);
		to = workload ? edge_of(g, e->source, workload, e->protocol) : NULL;
		if (!to)
			continue;
		for (size_t r = 0; r < REPORTERS; r++)
			join_said(g, &to->by[r], &e->by[r]);
		e->joined = true;
	}
}

/* ---- JSON ---- */

static double round6(double v)
{
	return round(v * 1e6) / 1e6;
}

static void put_number(cJSON *o, const char *name, double v)
{
	cJSON_AddNumberToObject(o, name, round6(v));
}

static void put_shares(cJSON *o, const char *name, const struct shares *s)
{
	cJSON *x = cJSON_AddObjectToObject(o, name);

	for (size_t i = 0; i < s->n; i++)
		put_number(x, s->v[i].name, s->v[i].rate);
}

static const struct said *believed(const struct edge *e)
{
	const struct said *s = &e->by[BY_SOURCE];

	return s->rate + s->sent + s->received > 0 ? s : &e->by[BY_DESTINATION];
}

static cJSON *edge_json(const struct edge *e)
{
	static const struct {
		const char *name;
		enum graph_measure m;
	} times[] = {{"avg", GRAPH_AVERAGE}, {"p50", GRAPH_P50}, {"p95", GRAPH_P95}, {"p99", GRAPH_P99}};
	const struct said *s = believed(e);
	const double secured = e->mutual + e->plain;
	const bool tcp = strcmp(e->protocol, "tcp") == 0;
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "source", e->source->id);
	cJSON_AddStringToObject(o, "target", e->target->id);
	cJSON_AddStringToObject(o, "protocol", e->protocol);
	put_number(o, "rate", tcp ? s->sent + s->received : s->rate);
	put_number(o, "errorRate", s->rate > 0 ? s->errors / s->rate : 0);
	for (size_t i = 0; !tcp && i < ARRAY_LEN(times); i++)
		if (s->n[times[i].m] > 0)
			put_number(o, times[i].name, s->time[times[i].m] / s->n[times[i].m]);
	cJSON_AddBoolToObject(o, "mtls", secured > 0 && e->mutual >= secured);
	put_number(o, "mtlsShare", secured > 0 ? e->mutual / secured : 0);
	if (!tcp) {
		put_shares(o, "codes", &s->codes);
		put_shares(o, "flags", &s->flags);
	}
	return o;
}

static cJSON *node_json(const struct node *n)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "id", n->id);
	cJSON_AddStringToObject(o, "kind", n->kind);
	cJSON_AddStringToObject(o, "namespace", n->ns);
	cJSON_AddStringToObject(o, "workload", n->workload);
	cJSON_AddStringToObject(o, "app", n->app);
	cJSON_AddStringToObject(o, "version", n->version);
	cJSON_AddStringToObject(o, "service", n->service);
	put_number(o, "in", n->in);
	put_number(o, "out", n->out);
	put_number(o, "errorRate", n->in > 0 ? n->errors / n->in : 0);
	return o;
}

static void count_in(const struct edge *e)
{
	const struct said *s = believed(e);

	e->source->out += s->rate;
	e->target->in += s->rate;
	e->target->errors += s->errors;
	e->source->shown = e->target->shown = true;
}

static bool has_traffic(const struct edge *e)
{
	const struct said *s = believed(e);

	return !e->joined && s->rate + s->sent + s->received > 0;
}

cJSON *graph_json(const struct graph *g, bool (*keep)(void *arg, const char *source_ns, const char *target_ns),
		  void *arg)
{
	cJSON *o = cJSON_CreateObject(), *nodes = cJSON_AddArrayToObject(o, "nodes");
	cJSON *edges = cJSON_AddArrayToObject(o, "edges");

	for (size_t i = 0; i < g->node_list.n; i++) {
		struct node *n = g->node_list.v[i];

		n->in = n->out = n->errors = 0;
		n->shown = false;
	}
	for (size_t i = 0; i < g->edge_list.n; i++) {
		const struct edge *e = g->edge_list.v[i];

		if (!has_traffic(e) || (keep && !keep(arg, e->source->ns, e->target->ns)))
			continue;
		count_in(e);
		cJSON_AddItemToArray(edges, edge_json(e));
	}
	for (size_t i = 0; i < g->node_list.n; i++)
		if (g->node_list.v[i]->shown)
			cJSON_AddItemToArray(nodes, node_json(g->node_list.v[i]));
	return o;
}
