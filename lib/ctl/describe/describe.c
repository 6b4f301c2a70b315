/* describe: the pod or service, then the parts. */
#include "ctl/describe/describe.h"

#include <stdarg.h>
#include <string.h>

#include "ctl/describe/describe_internal.h"
#include "ctl/live/live.h"
#include "ctl/mesh/load.h"
#include "ctl/mesh/place.h"
#include "msg/json.h"

#define LABEL_REVISION "istio.io/rev"
#define PROXY_CONTAINER "istio-proxy"

const char *const ctl_describe_words[] = {"pod", "service", NULL};

/* --- rows --- */

static void add_row(struct describing *d, const char *what, const struct api_object *o, const char *path,
		    const char *text)
{
	cJSON *row = cJSON_CreateObject();

	json_set_str(row, "what", what);
	json_set_str(row, "place", o ? mesh_place(d->m, o, path, &d->a) : "");
	json_set_str(row, "text", text);
	if (o) {
		cJSON_AddItemToObject(row, "object", mesh_named(o, path));
		map_set(&d->told,
			slice_str(arena_printf(&d->a, "%s/%s/%s", o->kind->kind, api_object_namespace(o),
					       api_object_name(o))),
			(void *)o);
	}
	ctl_report_add(d->c->report, row);
}

void describe_say(struct describing *d, const char *what, const struct api_object *o, const char *path, const char *fmt,
		  ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	add_row(d, what, o, path, buf_str(&text));
}

void describe_warn(struct describing *d, const struct api_object *o, const char *path, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (map_set(&d->warned, slice_str(arena_strdup(&d->a, buf_str(&text))), d))
		return;
	d->warnings++;
	add_row(d, "Warning", o, path, buf_str(&text));
}

/* --- pods --- */

static void add_pod(struct describing *d, const struct api_object *o)
{
	struct described_pod p = {.o = o};
	struct err why = ERR_INIT;

	p.proxied = mesh_proxy_of(d->m, o, &p.proxy, &why) == 0;
	p.why = p.proxied ? "" : arena_strdup(&d->a, why.msg);
	vec_push(&d->pods, p);
}

static bool is_ready(const struct core_pod *k)
{
	for (size_t i = 0; k->status && i < k->status->conditions.n; i++)
		if (k->status->conditions.v[i].type && !strcmp(k->status->conditions.v[i].type, "Ready"))
			return k->status->conditions.v[i].status && !strcmp(k->status->conditions.v[i].status, "True");
	return false;
}

static const char *ports_text(struct describing *d, const struct core_pod *k)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	for (size_t i = 0; k->spec && i < k->spec->containers.n; i++)
		for (size_t n = 0; strcmp(k->spec->containers.v[i].name, PROXY_CONTAINER) != 0 &&
				   n < k->spec->containers.v[i].ports.n;
		     n++) {
			const struct core_container_port *p = &k->spec->containers.v[i].ports.v[n];

			buf_printf(&out, "%s%d%s%s (%s)", out.len ? ", " : "", p->container_port, p->name ? " " : "",
				   p->name ? p->name : "", k->spec->containers.v[i].name);
		}
	return arena_strdup(&d->a, out.len ? buf_str(&out) : "none is declared");
}

static void tell_pod(struct describing *d, const struct described_pod *p)
{
	const struct core_pod *k = API_VALUE(p->o, pod, core_pod);
	const char *revision = api_object_label(p->o, LABEL_REVISION);

	describe_say(d, "pod", p->o, "", "%s/%s at %s, service account %s", api_object_namespace(p->o),
		     api_object_name(p->o), k->status && k->status->pod_ip ? k->status->pod_ip : "no address",
		     k->spec && k->spec->service_account_name ? k->spec->service_account_name : "default");
	describe_say(d, "revision", NULL, "", "%s", revision ? revision : d->m->plane.revision);
	describe_say(d, "ports", p->o, "spec.containers", "%s", ports_text(d, k));
	if (p->proxied)
		describe_say(d, "proxy", NULL, "", "%s of workload %s",
			     p->proxy.type == PROXY_ROUTER ? "a gateway" : "a sidecar", p->proxy.workload);
	else
		describe_warn(d, p->o, "", "%s: what the mesh's objects say counts for its clients alone", p->why);
	if (!is_ready(k))
		describe_warn(d, p->o, "status.conditions", "the pod is not ready: it gets no requests");
}

static void tell_sync(struct describing *d, const struct described_pod *p)
{
	CLEANUP(json_freep) cJSON *row = NULL;
	struct err e = ERR_INIT;
	const int r = live_sync_find(
		d->c, arena_printf(&d->a, "%s.%s", api_object_name(p->o), api_object_namespace(p->o)), &row, &e);

	if (r < 0)
		describe_say(d, "proxy status", NULL, "", "weftd was not asked: %s", e.msg);
	else if (!row)
		describe_warn(d, p->o, "", "the proxy is connected to no control plane");
	else if (live_sync_is_stale(row))
		describe_warn(d, p->o, "",
			      "the proxy has not taken what %s sent it: weftctl proxy-status shows which types",
			      json_str_or_empty(row, "istiod"));
	else
		describe_say(d, "proxy status", NULL, "", "has what %s sent it", json_str_or_empty(row, "istiod"));
}

/* --- finding --- */

/* Services that select the pod, and those of ServiceEntries that lead to its address. */
static bool leads_to(const struct describing *d, const struct service *s, const struct api_object *pod)
{
	const struct core_pod *k = API_VALUE(pod, pod, core_pod);
	const char *ip = k->status && k->status->pod_ip ? k->status->pod_ip : "";

	if (!s->entry)
		return s->selector.n && !strcmp(s->ns, api_object_namespace(pod)) &&
		       meta_labels_contain(&pod->meta->labels, &s->selector);
	for (size_t i = 0; i < s->n_ports; i++) {
		const struct endpoint_set set = snapshot_endpoints(d->m->snap, s, s->ports[i].port);

		for (size_t n = 0; n < set.n; n++)
			if (!strcmp(set.v[n].address, ip))
				return true;
	}
	return false;
}

static int find_pod(struct describing *d, const char *name, struct err *e)
{
	const struct service_index *all = d->m->snap->services;
	const struct api_object *o;
	const int r = mesh_pod(d->m, name, &o, e);

	if (r < 0)
		return r;
	add_pod(d, o);
	for (size_t i = 0; i < all->v.n; i++)
		if (leads_to(d, &all->v.v[i], o))
			vec_push(&d->services, &all->v.v[i]);
	return 0;
}

/* By name and namespace, or by a host that a ServiceEntry has. */
static const struct service *service_named(struct describing *d, const char *text, struct err *e)
{
	const struct service_index *all = d->m->snap->services;
	const char *ns, *name;

	for (size_t i = 0; i < all->v.n; i++)
		if (!strcmp(all->v.v[i].host, text))
			return &all->v.v[i];
	if (ctl_split_name(text, d->m->o.ns, &d->a, &ns, &name, e) < 0)
		return NULL;
	for (size_t i = 0; i < all->v.n; i++)
		if (!strcmp(all->v.v[i].ns, ns) && !strcmp(all->v.v[i].name, name))
			return &all->v.v[i];
	err_set(e, -ENOENT, "there is no service %s in namespace %s, or it is no member of the mesh", name, ns);
	return NULL;
}

static int find_service(struct describing *d, const char *name, struct err *e)
{
	const struct service *s = service_named(d, name, e);
	const struct store_range pods = store_list(d->m->store, &api_kind_pod, NULL);

	if (!s)
		return -ENOENT;
	vec_push(&d->services, s);
	for (size_t i = 0; i < pods.n; i++)
		if (leads_to(d, s, pods.v[i]))
			add_pod(d, pods.v[i]);
	return 0;
}

/* --- the whole --- */

static void tell_pods(struct describing *d)
{
	CLEANUP(buf_done) struct buf names = BUF_INIT;
	size_t bare = 0;

	for (size_t i = 0; i < d->pods.n; i++) {
		bare += !d->pods.v[i].proxied;
		if (i < DESCRIBED_NAMES_MAX)
			buf_printf(&names, "%s%s", i ? ", " : "", api_object_name(d->pods.v[i].o));
	}
	describe_say(d, "pods", NULL, "", "%zu: %s%s", d->pods.n, d->pods.n ? buf_str(&names) : "none",
		     d->pods.n > DESCRIBED_NAMES_MAX ? ", ..." : "");
	if (!d->pods.n && d->services.v[0]->selector.n)
		describe_warn(d, d->services.v[0]->obj, "spec.selector", "it selects no pod");
	for (size_t i = 0; bare && i < d->pods.n; i++)
		if (!d->pods.v[i].proxied)
			describe_warn(d, d->pods.v[i].o, "", "%s", d->pods.v[i].why);
}

static void tell_all(struct describing *d)
{
	if (d->service)
		tell_pods(d);
	else
		tell_pod(d, &d->pods.v[0]);
	if (!d->service && d->pods.v[0].proxied && d->c->o.all)
		tell_sync(d, &d->pods.v[0]);
	describe_services(d);
	describe_routes(d);
	describe_policies(d);
	ctl_report_end(d->c->report, "%zu warnings.", d->warnings);
}

static void done(struct describing *d)
{
	map_done(&d->told);
	map_done(&d->warned);
	vec_done(&d->pods);
	vec_done(&d->services);
	arena_done(&d->a);
}

enum ctl_status ctl_describe(struct ctl *c)
{
	static const struct ctl_column columns[] = {{"", "what", 16}, {"WHERE", "place", 24}, {"", "text", 0}};
	CLEANUP(mesh_done) struct mesh m = {0};
	CLEANUP(done) struct describing d = {.c = c, .m = &m};
	struct err e = ERR_INIT;
	int r;

	d.service = c->o.n_arguments && !strcmp(c->o.arguments[0], "service");
	if (c->o.n_arguments != 2 || (!d.service && strcmp(c->o.arguments[0], "pod") != 0)) {
		fprintf(c->err, "%s describe: it wants pod|service NAME.NAMESPACE\n", c->name);
		return CTL_USAGE;
	}
	if (!c->o.n_files)
		c->o.all = true;
	r = mesh_load(c, &m, &e);
	if (r == 0)
		r = d.service ? find_service(&d, c->o.arguments[1], &e) : find_pod(&d, c->o.arguments[1], &e);
	mesh_tell(c, &m);
	if (r < 0) {
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
		return CTL_FAILED;
	}
	c->report = ctl_report_new(c->out, c->o.format, columns, ARRAY_LEN(columns));
	tell_all(&d);
	return CTL_OK;
}
