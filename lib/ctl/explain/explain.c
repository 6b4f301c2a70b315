/* explain: the request from proxy to proxy, until it is answered or reaches who listens. */
#include "ctl/explain/explain.h"

#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/explain/explain_internal.h"
#include "ctl/explain/happened.h"
#include "ctl/mesh/load.h"
#include "ctl/mesh/place.h"
#include "msg/json.h"

/* --- steps --- */

static cJSON *row_of(struct explaining *x, const char *step, const char *place, const char *text)
{
	cJSON *row = cJSON_CreateObject();

	json_set_str(row, "number", *step ? arena_printf(&x->a, "%d", ++x->n) : "");
	json_set_str(row, "step", step);
	json_set_str(row, "place", place);
	json_set_str(row, "text", text);
	return row;
}

void explain_step(struct explaining *x, const char *step, const char *place, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	ctl_report_add(x->c->report, row_of(x, step, place, buf_str(&text)));
}

void explain_object(struct explaining *x, const char *step, const struct api_object *o, const char *path,
		    const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	cJSON *row;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	row = row_of(x, step, mesh_place(x->m, o, path, &x->a), buf_str(&text));
	cJSON_AddItemToObject(row, "object", mesh_named(o, path));
	ctl_report_add(x->c->report, row);
}

void explain_end(struct explaining *x, bool reached, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	va_list ap;

	if (x->outcome)
		return;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	x->outcome = arena_strdup(&x->a, buf_str(&text));
	x->reached = reached;
}

/* --- from proxy to proxy --- */

/* The proxy before the pod at that address; false: there is none, or the pod is not the mesh's. */
static bool proxy_at(struct explaining *x, const struct addr *a, struct proxy *ret)
{
	const struct workload *w = explain_workload_at(x->m, a);
	const struct api_object *o = w ? store_get(x->m->store, &api_kind_pod, w->ns, w->name) : NULL;

	return o && mesh_proxy_of(x->m, o, ret, NULL) == 0;
}

static const char *identity(struct explaining *x, const struct proxy *p)
{
	return arena_printf(&x->a, "spiffe://%s/ns/%s/sa/%s", x->m->config->trust_domain, p->ns, p->service_account);
}

static void tell_proxy(struct explaining *x, const struct proxy *p, const char *what)
{
	explain_step(x, p->type == PROXY_ROUTER ? "gateway" : what, "", "%s/%s", p->ns, p->name);
}

/* Where nothing more is known of the way: who is there. */
static void arrive_at(struct explaining *x, const struct departure *out, bool inbound)
{
	const struct service *s = explain_service_at(x->m, &out->to);
	char text[ADDR_TEXT_MAX];

	addr_format(&out->to, text);
	if (!inbound && s && !explain_workload_at(x->m, &out->to))
		explain_end(x, false, "the connection is refused: %s has no port %u", s->host, addr_port(&out->to));
	else
		explain_end(x, true, "it reaches %s%s", text,
			    inbound || explain_workload_at(x->m, &out->to) ? "" : ", outside of the mesh's proxies");
}

/* One proxy; *p is who it is, *in how it comes there. True: it goes on, and both are those of the next one. */
static bool pass(struct explaining *x, struct proxy *p, struct arrival *in)
{
	const bool inbound = in->inbound;
	struct departure out = {0};
	struct mesh_view v;
	struct proxy next;
	bool on;

	p->places = true;
	mesh_view_make(x->m, p, &v);
	on = explain_hop(x, &v, in, &out) && !x->outcome;
	if (on && (inbound || !proxy_at(x, &out.to, &next))) {
		arrive_at(x, &out, inbound);
		on = false;
	}
	if (on) {
		*in = (struct arrival){.to = out.to,
				       .inbound = next.type == PROXY_SIDECAR,
				       .tls = out.tls || (in->tls && !out.mutual),
				       .sni = slice_str(arena_slicedup(&x->a, out.tls ? out.sni : in->sni)),
				       .principal = out.mutual ? identity(x, p) : NULL};
		addr_parse(slice_str(p->ip), 40000, &in->from);
		*p = next;
		tell_proxy(x, p, "server");
	}
	mesh_view_done(&v);
	return on;
}

static void follow(struct explaining *x, struct proxy *p, struct arrival *in)
{
	for (int i = 0; pass(x, p, in); i++)
		if (i == EXPLAIN_HOPS_MAX) {
			explain_end(x, false, "it passes more than %d proxies", EXPLAIN_HOPS_MAX);
			return;
		}
}

/* --- where it begins --- */

/* A gateway's port, as the Service before it has it. */
static uint16_t gateway_port(const struct mesh *m, const struct proxy *p, uint16_t port)
{
	for (size_t i = 0; i < m->snap->services->v.n; i++) {
		const struct service *s = &m->snap->services->v.v[i];
		const struct service_port *sp = service_port(s, port);
		struct endpoint_set set;

		if (s->entry || strcmp(s->ns, p->ns) != 0 || !s->selector.n || !sp ||
		    !meta_labels_contain(&p->labels, &s->selector))
			continue;
		set = snapshot_endpoints(m->snap, s, port);
		return sp->target_port ? sp->target_port : set.n ? set.v[0].port : port;
	}
	return port;
}

static void begin_at_proxy(struct explaining *x, struct proxy *p)
{
	struct arrival in = {.tls = !strcmp(x->rq.scheme, "https"), .sni = {0}};
	struct addr self;

	tell_proxy(x, p, "client");
	if (in.tls)
		in.sni = slice_str(x->rq.host);
	if (p->type == PROXY_ROUTER) {
		addr_parse(slice_str(p->ip), gateway_port(x->m, p, x->rq.port), &in.to);
		addr_parse(SLICE("203.0.113.9"), 40000, &in.from);
	} else {
		explain_name(x, p->ns, p, &in.to);
		if (addr_parse(slice_str(p->ip), 40000, &self) == 0)
			in.from = self;
	}
	follow(x, p, &in);
}

/* A pod without a proxy talks to the address itself, in plain text. */
static void begin_plain(struct explaining *x, const struct api_object *pod, const char *why)
{
	const struct core_pod *k = API_VALUE(pod, pod, core_pod);
	struct arrival in = {.tls = !strcmp(x->rq.scheme, "https")};
	const struct service *s;
	struct endpoint_set set = {0};
	struct proxy next;
	char text[ADDR_TEXT_MAX];

	explain_step(x, "client", "", "%s", why);
	explain_name(x, api_object_namespace(pod), NULL, &in.to);
	s = explain_service_at(x->m, &in.to);
	if (s)
		set = snapshot_endpoints(x->m->snap, s->alias ? s->alias : s, addr_port(&in.to));
	if (set.n)
		addr_parse(slice_str(set.v[0].address), set.v[0].port, &in.to);
	if (s && !set.n) {
		explain_end(x, false, "the connection is refused: %s has no endpoint on port %u", s->host, x->rq.port);
		return;
	}
	explain_step(x, "endpoint", "", "%s, chosen by the node", addr_format(&in.to, text));
	addr_parse(slice_str(k->status && k->status->pod_ip ? k->status->pod_ip : "203.0.113.9"), 40000, &in.from);
	if (!proxy_at(x, &in.to, &next)) {
		explain_end(x, true, "it reaches %s, without any proxy", text);
		return;
	}
	in.inbound = next.type == PROXY_SIDECAR;
	tell_proxy(x, &next, "server");
	follow(x, &next, &in);
}

static int begin(struct explaining *x, struct err *e)
{
	const struct api_object *pod;
	struct err why = ERR_INIT;
	struct proxy p;
	int r = mesh_pod(x->m, x->c->o.workload, &pod, e);

	if (r < 0)
		return r;
	if (mesh_proxy_of(x->m, pod, &p, &why) == 0)
		begin_at_proxy(x, &p);
	else
		begin_plain(x, pod, why.msg);
	return 0;
}

static enum ctl_status explain(struct ctl *c, struct explaining *x)
{
	static const struct ctl_column columns[] = {
		{"", "number", 2}, {"STEP", "step", 10}, {"WHERE", "place", 24}, {"", "text", 0}};
	struct err e = ERR_INIT;

	if (explain_request(x, c->o.arguments[0], c->o.arguments[1], c->o.headers, c->o.n_headers, &e) < 0) {
		fprintf(c->err, "%s explain: %s\n", c->name, e.msg);
		return CTL_USAGE;
	}
	if (mesh_load(c, x->m, &e) < 0) {
		mesh_tell(c, x->m);
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
		return CTL_FAILED;
	}
	mesh_tell(c, x->m);
	c->report = ctl_report_new(c->out, c->o.format, columns, ARRAY_LEN(columns));
	if (begin(x, &e) < 0) {
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
		return CTL_FAILED;
	}
	ctl_report_end(c->report, "%s %s: %s.", c->o.arguments[0], c->o.arguments[1],
		       x->outcome ? x->outcome : "it goes nowhere");
	return x->reached ? CTL_OK : CTL_REFUSED;
}

enum ctl_status ctl_explain(struct ctl *c)
{
	CLEANUP(mesh_done) struct mesh m = {0};
	struct explaining x = {.c = c, .m = &m};
	enum ctl_status status;

	if (c->o.log_line)
		return explain_log(c, c->o.log_line);
	if (c->o.request_id)
		return explain_request_id(c, c->o.request_id);
	if (c->o.n_arguments != 2 || !c->o.workload || (!c->o.n_files && !c->o.all)) {
		fprintf(c->err,
			"%s explain: it wants METHOD URL --from WORKLOAD, and -f FILE or -A; or --log LINE; or "
			"--request-id ID\n",
			c->name);
		return CTL_USAGE;
	}
	status = explain(c, &x);
	arena_done(&x.a);
	return status;
}
