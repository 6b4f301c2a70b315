/* analyze: the objects, the analyzers over them, and what they found. */
#include "ctl/analyze/analyze.h"

#include <fnmatch.h>
#include <string.h>

#include "ctl/analyze/analyze_internal.h"
#include "ctl/core/report.h"
#include "ctl/mesh/load.h"

/* --- the objects --- */

/* The cluster's own: nothing of a mesh is there. */
static bool is_ignored(const char *ns)
{
	static const char *const names[] = {"kube-system", "kube-public", "kube-node-lease", "local-path-storage"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(names[i], ns))
			return true;
	return false;
}

struct collecting {
	struct analysis *x;
	struct map last;  /* kind -> the last item of it */
	struct map known; /* "kind/ns/name" -> its item */
};

static void add_item(struct collecting *k, const cJSON *json, const struct source_object *source)
{
	const char *kind = json_str_or_empty(json, "kind"), *ns = json_str_or_empty(json, "metadata.namespace");
	const char *name = json_str_or_empty(json, "metadata.name");
	const char *key = arena_printf(&k->x->a, "%s/%s/%s", kind, ns, name);
	struct item *i = map_get(&k->known, slice_str(key)), *last;

	if (!*name || is_ignored(ns))
		return;
	if (i) {
		i->json = json;
		i->source = source;
		return;
	}
	i = ARENA_NEW(&k->x->a, struct item);
	*i = (struct item){json, kind, ns, name, source, NULL};
	map_set(&k->known, slice_str(key), i);
	last = map_get(&k->last, slice_str(kind));
	if (last)
		last->next = i;
	else
		map_set(&k->x->kinds, slice_str(kind), i);
	map_set(&k->last, slice_str(kind), i);
}

static void delete_document(void *doc)
{
	cJSON_Delete(doc);
}

/* What nobody wrote, and the operator or istioctl would take for given. */
static void add_made(struct collecting *k, cJSON *json)
{
	arena_on_done(&k->x->a, delete_document, json);
	add_item(k, json, NULL);
}

static void add_rendered(struct collecting *k)
{
	static const struct api_kind *const kinds[] = {&api_kind_namespace, &api_kind_service, &api_kind_deployment,
						       &api_kind_config_map, &api_kind_mutating_webhook_configuration};

	for (size_t n = 0; n < ARRAY_LEN(kinds); n++) {
		const struct store_range all = store_list(k->x->m->store, kinds[n], NULL);

		for (size_t i = 0; i < all.n; i++)
			if (!mesh_source(k->x->m, kinds[n], api_object_namespace(all.v[i]), api_object_name(all.v[i])))
				add_made(k, api_object_to_json(all.v[i]));
	}
}

/* Without a control plane among the files the default ingress gateway is taken to be there, as istioctl does. */
static void add_gateway(struct collecting *k)
{
	static const char pod[] =
		"{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"istio-ingressgateway\","
		"\"labels\":{\"istio\":\"ingressgateway\"}},\"spec\":{\"containers\":[{\"name\":"
		"\"istio-proxy\"}]}}";
	static const char service[] =
		"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"istio-ingressgateway\"},\"spec\":"
		"{"
		"\"selector\":{\"istio\":\"ingressgateway\"},\"ports\":[{\"port\":80},{\"port\":443},{\"port\":31400},"
		"{\"port\":15443}]}}";
	const char *const texts[] = {pod, service};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		cJSON *o = json_literal(texts[i]);

		json_set_str(json_get(o, "metadata"), "namespace", k->x->m->plane.ns);
		if (analysis_find(k->x, json_str(o, "kind"), k->x->m->plane.ns, "istio-ingressgateway"))
			cJSON_Delete(o);
		else
			add_made(k, o);
	}
}

static void collect(struct analysis *x, bool offline)
{
	struct collecting k = {.x = x};

	for (size_t i = 0; i < x->m->set.objects.n; i++) {
		const struct source_object *s = &x->m->set.objects.v[i];
		const char *kind = json_str_or_empty(s->json, "kind");

		if (api_kind_find(json_str_or_empty(s->json, "apiVersion"), kind) || !strcmp(kind, "DeploymentConfig"))
			add_item(&k, s->json, s);
	}
	add_rendered(&k);
	if (offline && !x->m->plane.smcp)
		add_gateway(&k);
	map_done(&k.last);
	map_done(&k.known);
}

/* --- which findings count --- */

/* "IST0102=Namespace foo", "IST0118=*" */
static bool is_suppressed(struct analysis *x, const struct ctl *c, const struct finding *f)
{
	const char *own = json_get_str(item_annotations(f->item), "galley.istio.io/analyze-suppress");
	const char *name =
		arena_printf(&x->a, "%s %s%s%s", f->item->kind, f->item->name, *f->item->ns ? "." : "", f->item->ns);
	struct slice rest = slice_str(own);

	while (rest.len) {
		const struct slice code = slice_trim(slice_split(&rest, ','));

		if (slice_eq_str(code, "*") || slice_eq_str(code, f->message->code))
			return true;
	}
	for (size_t i = 0; i < c->o.n_suppressed; i++) {
		const char *text = c->o.suppressed[i], *eq = strchr(text, '=');
		const size_t n = eq ? (size_t)(eq - text) : strlen(text);

		if (strlen(f->message->code) == n && !strncmp(text, f->message->code, n) &&
		    (!eq || fnmatch(eq + 1, name, 0) == 0))
			return true;
	}
	return false;
}

static int by_level(const void *a, const void *b)
{
	const struct finding *f = a, *g = b;
	int r = (int)g->message->level - (int)f->message->level;

	if (!r)
		r = strcmp(f->message->code, g->message->code);
	if (!r)
		r = strcmp(f->item->ns, g->item->ns);
	if (!r)
		r = strcmp(f->item->name, g->item->name);
	return r ? r : strcmp(f->path, g->path);
}

/* --- telling --- */

static void tell(struct analysis *x, struct ctl *c, const struct finding *f)
{
	cJSON *row = cJSON_CreateObject(), *object;
	const char *place = source_place(f->item->source, f->path, &x->a);

	json_set_str(row, "level", message_level_str(f->message->level));
	json_set_str(row, "code", f->message->code);
	json_set_str(row, "type", f->message->name);
	json_set_str(row, "analyzer", f->analyzer);
	json_set_str(row, "place", place);
	json_set_str(row, "resource", arena_printf(&x->a, "%s %s", f->item->kind, item_name(x, f->item)));
	object = cJSON_AddObjectToObject(row, "object");
	json_set_str(object, "kind", f->item->kind);
	json_set_str(object, "namespace", f->item->ns);
	json_set_str(object, "name", f->item->name);
	json_set_str(row, "path", f->path);
	json_set_int(row, "line", source_line(f->item->source, f->path));
	json_set_str(row, "message", f->text);
	ctl_report_add(c->report, row);
}

static enum ctl_status conclude(struct analysis *x, struct ctl *c)
{
	size_t n[LEVEL_ERROR_MESSAGE + 1] = {0};
	bool bad = false;

	if (x->findings.n)
		qsort(x->findings.v, x->findings.n, sizeof(x->findings.v[0]), by_level);
	for (size_t i = 0; i < x->findings.n; i++) {
		const struct finding *f = &x->findings.v[i];

		if (is_suppressed(x, c, f))
			continue;
		bad |= (int)f->message->level >= c->o.failure_level;
		n[f->message->level]++;
		if ((int)f->message->level >= c->o.output_level)
			tell(x, c, f);
	}
	if (n[0] + n[1] + n[2])
		ctl_report_end(c->report, "%zu errors, %zu warnings, %zu hints in %zu objects.", n[LEVEL_ERROR_MESSAGE],
			       n[LEVEL_WARNING_MESSAGE], n[LEVEL_INFO_MESSAGE], x->m->set.objects.n);
	else
		ctl_report_end(c->report, "Nothing is wrong with %zu objects.", x->m->set.objects.n);
	return bad ? CTL_ANALYZED : CTL_OK;
}

static enum ctl_status list_analyzers(struct ctl *c)
{
	static const struct ctl_column columns[] = {{"ANALYZER", "name", 52}, {"", "about", 0}};

	c->report = ctl_report_new(c->out, c->o.format, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < analyzers_count; i++) {
		cJSON *row = cJSON_CreateObject();

		json_set_str(row, "name", analyzers[i].name);
		json_set_str(row, "about", analyzers[i].about);
		ctl_report_add(c->report, row);
	}
	ctl_report_end(c->report, "%zu analyzers.", analyzers_count);
	return CTL_OK;
}

static enum ctl_status analyze(struct ctl *c, struct mesh *m)
{
	static const struct ctl_column columns[] = {{"LEVEL", "level", 7},
						    {"CODE", "code", 7},
						    {"WHERE", "place", 24},
						    {"OBJECT", "resource", 32},
						    {"", "message", 0}};
	struct analysis x = {.m = m};
	enum ctl_status status;

	collect(&x, !c->o.all);
	for (size_t i = 0; i < analyzers_count; i++) {
		x.analyzer = analyzers[i].name;
		analyzers[i].run(&x);
	}
	c->report = ctl_report_new(c->out, c->o.format, columns, ARRAY_LEN(columns));
	status = conclude(&x, c);
	vec_done(&x.findings);
	map_done(&x.kinds);
	arena_done(&x.a);
	return status;
}

enum ctl_status ctl_analyze(struct ctl *c)
{
	const struct mesh_options o = {.ns = c->o.ns, .plane_ns = c->o.plane_ns, .mesh_config = c->o.mesh_config};
	CLEANUP(mesh_done) struct mesh m = {0};
	struct err e = ERR_INIT;
	int r = 0;

	if (c->o.list)
		return list_analyzers(c);
	if (!c->o.n_files && !c->o.n_arguments && !c->o.all) {
		fprintf(c->err, "%s analyze: it wants FILE..., -f FILE or -A\n", c->name);
		return CTL_USAGE;
	}
	mesh_init(&m, &o);
	r = mesh_read(c, &m, &e);
	for (size_t i = 0; r == 0 && i < c->o.n_arguments; i++)
		r = source_tree(&m.set, c->o.arguments[i], &e);
	if (r == 0)
		r = mesh_prepare(&m, &e);
	if (r < 0) {
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
		return CTL_FAILED;
	}
	for (size_t i = 0; i < m.set.remarks.n; i++)
		fprintf(c->err, "%s: %s\n", m.set.remarks.v[i].path, m.set.remarks.v[i].text);
	return analyze(c, &m);
}
