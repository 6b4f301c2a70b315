/* compile: what weftd would send to one proxy. */
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "ctl/core/report.h"
#include "ctl/mesh/load.h"
#include "ctl/mesh/view.h"
#include "msg/json.h"

struct compiling {
	struct ctl *c;
	struct mesh *m;
	struct mesh_view v;
	cJSON *out; /* of the forms for machines; NULL: a table */
};

static bool is_wanted(const struct compiling *k, enum xds_type t)
{
	return !k->c->o.types || k->c->o.types & 1u << t;
}

static void show_row(struct compiling *k, const char *type, const char *name, const char *version, size_t bytes)
{
	cJSON *row = cJSON_CreateObject();
	char text[24];

	snprintf(text, sizeof(text), "%zu", bytes);
	json_set_str(row, "type", type);
	json_set_str(row, "bytes", bytes ? text : "");
	json_set_str(row, "version", version);
	json_set_str(row, "name", name);
	ctl_report_add(k->c->report, row);
}

static void show_set(struct compiling *k, enum xds_type t)
{
	const struct xds_set *set = k->v.result.sets[t];
	cJSON *list = k->out ? cJSON_AddArrayToObject(k->out, mesh_type_name(t)) : NULL;

	for (size_t i = 0; set && i < set->n; i++) {
		if (list)
			cJSON_AddItemToArray(list, mesh_resource_json(set->v[i]));
		else
			show_row(k, mesh_type_name(t), set->v[i]->name.ptr, set->v[i]->version, set->v[i]->bytes.len);
	}
}

/* --- secrets: their names and where they come from, never what is in them --- */

static const char *secret_from(struct compiling *k, const char *name)
{
	const char *own = strncmp(name, "kubernetes://", 13) ? NULL : name + 13;
	const size_t len = own ? strlen(own) : 0;
	const char *ns = k->v.proxy.ns;
	const char *base;

	if (!own)
		return "the proxy itself";
	if (store_get(k->m->store, &api_kind_secret, ns, own))
		return arena_printf(&k->v.arena, "Secret %s/%s", ns, own);
	base = len > 7 && !strcmp(own + len - 7, "-cacert") ? arena_slicedup(&k->v.arena, slice_make(own, len - 7))
							    : NULL;
	if (base && store_get(k->m->store, &api_kind_secret, ns, base))
		return arena_printf(&k->v.arena, "Secret %s/%s", ns, base);
	return arena_printf(&k->v.arena, "missing: there is no Secret %s/%s", ns, own);
}

static void show_secret(struct compiling *k, cJSON *list, const char *name)
{
	const char *from = secret_from(k, name);
	cJSON *o;

	if (!list) {
		show_row(k, "secrets", arena_printf(&k->v.arena, "%s (%s)", name, from), "", 0);
		return;
	}
	o = cJSON_CreateObject();
	json_set_str(o, "name", name);
	json_set_str(o, "from", from);
	cJSON_AddItemToArray(list, o);
}

static void show_secrets(struct compiling *k)
{
	cJSON *list = k->out ? cJSON_AddArrayToObject(k->out, "secrets") : NULL;
	const char *const *names;
	size_t n;

	names = build_local_secrets(k->v.build, &n);
	for (size_t i = 0; i < n; i++)
		show_secret(k, list, names[i]);
	names = build_wanted(k->v.build, XDS_SECRET, &n);
	for (size_t i = 0; i < n; i++)
		show_secret(k, list, names[i]);
}

/* --- what could not be carried out --- */

static void show_note(struct compiling *k, const struct compile_note *n, cJSON *list)
{
	const char *place = mesh_note_place(k->m, n, &k->v.arena);
	cJSON *o;

	if (!list) {
		fprintf(k->c->err, "%s: %s %s/%s: %s%s%s\n", place, n->kind->kind, n->ns, n->name, n->path,
			*n->path ? ": " : "", n->text);
		return;
	}
	o = cJSON_CreateObject();
	json_set_str(o, "kind", n->kind->kind);
	json_set_str(o, "namespace", n->ns);
	json_set_str(o, "name", n->name);
	json_set_str(o, "place", place);
	json_set_str(o, "path", n->path);
	json_set_str(o, "reason", n->reason == COMPILE_CONFLICTED ? "Conflicted" : "Invalid");
	json_set_str(o, "message", n->text);
	cJSON_AddItemToArray(list, o);
}

static void show_notes(struct compiling *k)
{
	cJSON *list = k->out ? cJSON_AddArrayToObject(k->out, "notes") : NULL;

	for (size_t i = 0; i < k->v.result.n_notes; i++)
		show_note(k, &k->v.result.notes[i], list);
}

static void show_refusals(struct compiling *k)
{
	cJSON *list = k->out && k->v.refusals.n ? cJSON_AddArrayToObject(k->out, "refused") : NULL;

	for (size_t i = 0; i < k->v.refusals.n; i++) {
		const struct mesh_refusal *x = &k->v.refusals.v[i];
		CLEANUP(freep)
		char *text =
			mem_printf("the proxy would refuse %s; weftd leaves the object out that makes it so", x->text);

		if (list)
			cJSON_AddItemToArray(list, cJSON_CreateString(text));
		else
			fprintf(k->c->err, "%s\n", text);
	}
}

static cJSON *proxy_json(const struct proxy *p)
{
	cJSON *o = cJSON_CreateObject();

	json_set_str(o, "id", p->id);
	json_set_str(o, "type", p->type == PROXY_ROUTER ? "router" : "sidecar");
	json_set_str(o, "workload", p->workload);
	json_set_str(o, "namespace", p->ns);
	json_set_str(o, "serviceAccount", p->service_account);
	json_set_str(o, "proxy", p->user_agent);
	return o;
}

static void show(struct compiling *k)
{
	static const struct ctl_column columns[] = {
		{"TYPE", "type", 9}, {"BYTES", "bytes", 6}, {"VERSION", "version", 16}, {"NAME", "name", 0}};
	const bool table = k->c->o.format == CTL_TABLE;

	if (table)
		k->c->report = ctl_report_new(k->c->out, CTL_TABLE, columns, ARRAY_LEN(columns));
	else
		k->out = cJSON_CreateObject();
	if (k->out)
		cJSON_AddItemToObject(k->out, "proxy", proxy_json(&k->v.proxy));
	for (size_t i = 0; mesh_view_types[i] != XDS_TYPE_NONE; i++)
		if (is_wanted(k, mesh_view_types[i]))
			show_set(k, mesh_view_types[i]);
	if (is_wanted(k, XDS_SECRET))
		show_secrets(k);
	show_notes(k);
	show_refusals(k);
	if (k->out)
		ctl_print(k->c, k->out);
	cJSON_Delete(k->out);
}

enum ctl_status ctl_compile(struct ctl *c)
{
	CLEANUP(mesh_done) struct mesh m = {0};
	struct compiling k = {.c = c, .m = &m};
	struct err e = ERR_INIT;
	struct proxy p;
	bool refused;

	if (!c->o.proxy || (!c->o.n_files && !c->o.all)) {
		fprintf(c->err, "%s compile: it wants --proxy NAME.NAMESPACE, and -f FILE or -A\n", c->name);
		return CTL_USAGE;
	}
	if (mesh_load(c, &m, &e) < 0 || mesh_proxy(&m, c->o.proxy, &p, &e) < 0) {
		mesh_tell(c, &m);
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
		return CTL_FAILED;
	}
	mesh_tell(c, &m);
	mesh_view_make(&m, &p, &k.v);
	show(&k);
	refused = k.v.refusals.n || m.n_bad;
	mesh_view_done(&k.v);
	return refused ? CTL_REFUSED : CTL_OK;
}
