/* diff: two meshes, proxy by proxy. */
#include "ctl/diff/diff.h"

#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/diff/diff_internal.h"
#include "ctl/mesh/load.h"
#include "msg/json.h"

#define WORKLOADS_SHOWN 4 /* in one row of the table */

void diff_say(struct comparison *k, const char *what, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct diff_row *r;
	const char *key;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	key = arena_printf(k->a, "%s|%s", what, buf_str(&text));
	r = map_get(k->told, slice_str(key));
	if (!r) {
		r = ARENA_NEW(k->a, struct diff_row);
		r->what = what;
		r->text = arena_strdup(k->a, buf_str(&text));
		r->workloads = "";
		map_set(k->told, slice_str(key), r);
		*k->last = r;
		k->last = &r->next;
	}
	if (r->last == k->workload)
		return;
	r->last = k->workload;
	if (r->n++ < WORKLOADS_SHOWN || k->c->o.format != CTL_TABLE)
		r->workloads = arena_printf(k->a, "%s%s%s", r->workloads, *r->workloads ? ", " : "", k->workload);
}

/* --- both meshes --- */

struct side {
	struct mesh m;
	struct proxy *proxies;
	size_t n;
};

static void side_done(struct side *s)
{
	free(s->proxies);
	mesh_done(&s->m);
}

static const char *workload_name(struct arena *a, const struct proxy *p)
{
	return arena_printf(a, "%s/%s", p->ns, p->workload);
}

static const struct proxy *find(const struct side *s, const struct proxy *p)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->proxies[i].ns, p->ns) && !strcmp(s->proxies[i].workload, p->workload))
			return &s->proxies[i];
	return NULL;
}

/* Objects of the change that are taken away: those of the mesh with their names. */
static void take_away(struct source_set *mesh, const struct source_set *change)
{
	for (size_t i = mesh->objects.n; i-- > 0;) {
		const cJSON *o = mesh->objects.v[i].json;

		for (size_t k = 0; k < change->objects.n; k++) {
			const cJSON *x = change->objects.v[k].json;

			if (strcmp(json_str_or_empty(o, "kind"), json_str_or_empty(x, "kind")) != 0 ||
			    strcmp(json_str_or_empty(o, "metadata.name"), json_str_or_empty(x, "metadata.name")) != 0 ||
			    strcmp(json_str_or_empty(o, "metadata.namespace"),
				   json_str_or_empty(x, "metadata.namespace")) != 0)
				continue;
			vec_remove(&mesh->objects, i);
			break;
		}
	}
}

/* The mesh, and with it the change: files[0]. */
static int read_side(struct ctl *c, struct side *s, bool changed, struct err *e)
{
	const struct mesh_options o = {.ns = c->o.ns, .plane_ns = c->o.plane_ns, .mesh_config = c->o.mesh_config};
	CLEANUP(source_done) struct source_set change = {0};
	const char *first = c->o.files[0];
	int r;

	mesh_init(&s->m, &o);
	memmove(c->o.files, c->o.files + 1, --c->o.n_files * sizeof(c->o.files[0]));
	r = mesh_read(c, &s->m, e);
	memmove(c->o.files + 1, c->o.files, c->o.n_files++ * sizeof(c->o.files[0]));
	c->o.files[0] = first;
	if (r == 0 && changed && !c->o.remove)
		r = source_tree(&s->m.set, first, e);
	if (r == 0 && changed && c->o.remove) {
		r = source_tree(&change, first, e);
		take_away(&s->m.set, &change);
	}
	if (r == 0)
		r = mesh_build(&s->m, e);
	if (r == 0)
		s->n = mesh_proxies(&s->m, &s->proxies);
	return r;
}

/* --- proxy by proxy --- */

static void compare_both(struct comparison *k, struct side *old, struct side *now, const struct proxy *p,
			 const struct proxy *q)
{
	k->workload = workload_name(k->a, p);
	k->old = ARENA_NEW(k->a, struct mesh_view);
	k->now = ARENA_NEW(k->a, struct mesh_view);
	mesh_view_make(&old->m, p, k->old);
	mesh_view_make(&now->m, q, k->now);
	diff_resources(k);
	diff_routes(k);
	diff_policies(k);
	mesh_view_done(k->old);
	mesh_view_done(k->now);
}

/* A workload of one side alone: what it gets, or got, is no difference of anything. */
static void tell_alone(struct comparison *k, const struct proxy *p, bool is_new)
{
	k->workload = workload_name(k->a, p);
	diff_say(k, "sent", "the workload %s", is_new ? "is new: all that it gets" : "is gone");
}

/* Who may call: the identities of all workloads in either mesh. */
static void list_callers(struct comparison *k, const struct side *const sides[2])
{
	CLEANUP(map_done) struct map seen = {0};
	const char **v = ARENA_NEW_N(k->a, const char *, sides[0]->n + sides[1]->n);

	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < sides[s]->n; i++) {
			const struct proxy *p = &sides[s]->proxies[i];
			const char *name = arena_printf(k->a, "spiffe://%s/ns/%s/sa/%s",
							sides[s]->m.config->trust_domain, p->ns, p->service_account);

			if (!map_set(&seen, slice_str(name), (void *)name))
				v[k->n_callers++] = name;
		}
	k->callers = v;
}

static void compare_all(struct comparison *k, struct side *old, struct side *now)
{
	const struct side *const sides[] = {old, now};

	list_callers(k, sides);
	for (size_t i = 0; i < old->n; i++) {
		const struct proxy *other = find(now, &old->proxies[i]);

		if (other)
			compare_both(k, old, now, &old->proxies[i], other);
		else
			tell_alone(k, &old->proxies[i], false);
	}
	for (size_t i = 0; i < now->n; i++)
		if (!find(old, &now->proxies[i]))
			tell_alone(k, &now->proxies[i], true);
}

/* --- telling --- */

static size_t show(struct ctl *c, struct arena *a, const struct diff_row *rows, const char *what)
{
	size_t n = 0;

	for (const struct diff_row *r = rows; r; r = r->next) {
		cJSON *row;

		if (strcmp(r->what, what) != 0)
			continue;
		row = cJSON_CreateObject();
		json_set_str(row, "what", r->what);
		json_set_str(row, "workloads",
			     r->n > WORKLOADS_SHOWN && c->o.format == CTL_TABLE
				     ? arena_printf(a, "%s and %zu more", r->workloads, r->n - WORKLOADS_SHOWN)
				     : r->workloads);
		json_set_str(row, "text", r->text);
		ctl_report_add(c->report, row);
		n++;
	}
	return n;
}

static enum ctl_status tell(struct ctl *c, struct arena *a, const struct diff_row *rows)
{
	static const struct ctl_column columns[] = {
		{"WHAT", "what", 7}, {"WORKLOAD", "workloads", 28}, {"", "text", 0}};
	size_t denied, allowed, goes, sent;

	c->report = ctl_report_new(c->out, c->o.format, columns, ARRAY_LEN(columns));
	denied = show(c, a, rows, "denied");
	allowed = show(c, a, rows, "allowed");
	goes = show(c, a, rows, "goes");
	sent = show(c, a, rows, "sent");
	if (denied + allowed + goes + sent)
		ctl_report_end(c->report,
			       "%zu kinds of requests would be denied that are let in now, %zu let in that are denied "
			       "now, %zu go "
			       "elsewhere; %zu changes of resources.",
			       denied, allowed, goes, sent);
	else
		ctl_report_end(c->report, "No proxy gets anything else.");
	return denied ? CTL_REFUSED : CTL_OK;
}

enum ctl_status ctl_diff(struct ctl *c)
{
	CLEANUP(side_done) struct side old = {0}, now = {0};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(map_done) struct map told = {0};
	struct diff_row *rows = NULL;
	struct comparison k = {.c = c, .a = &a, .told = &told, .last = &rows};
	struct err e = ERR_INIT;

	if (!c->o.n_files) {
		fprintf(c->err, "%s diff: it wants -f CHANGE, and -f MESH or -A\n", c->name);
		return CTL_USAGE;
	}
	if (c->o.n_files == 1)
		c->o.all = true;
	if (read_side(c, &old, false, &e) < 0 || read_side(c, &now, true, &e) < 0) {
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
		return CTL_FAILED;
	}
	mesh_tell(c, &now.m);
	compare_all(&k, &old, &now);
	return tell(c, &a, rows);
}
