/* References of configuration objects, and fields that are not carried out. */
#include <stdarg.h>
#include <stdio.h>

#include "mesh/authz.h"
#include "mesh/host.h"
#include "mesh/rate_patch.h"
#include "validate/validate.h"

struct report {
	validate_fn fn;
	void *arg;
	int n;
	struct arena arena;
};

__attribute__((format(printf, 3, 4))) static void tell(struct report *r, const char *path, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->n++;
	if (r->fn)
		r->fn(r->arg, path, text);
}

/* --- references --- */

struct refs {
	struct report r;
	const struct snapshot *s;
	const struct mesh_virtual_service *vs;
};

static bool has_subset(const struct refs *x, const struct service *svc, const char *subset)
{
	const struct mesh_destination_rule *rules[16];
	const size_t n = snapshot_destination_rules(x->s, x->vs->o.ns, svc, rules, 16);

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < rules[i]->spec->subsets.n; j++)
			if (rules[i]->spec->subsets.v[j].name && strcmp(rules[i]->spec->subsets.v[j].name, subset) == 0)
				return true;
	return false;
}

static void check_destination(struct refs *x, const char *path, const struct istio_destination *d)
{
	struct arena *a = &x->r.arena;
	const struct service *svc;
	const char *host;

	if (!d || !d->host)
		return;
	host = host_resolve(a, d->host, x->vs->o.ns, x->s->mesh->domain);
	svc = snapshot_service_seen(x->s, host, x->vs->o.ns);
	if (!svc) {
		tell(&x->r, arena_printf(a, "%s.host", path), "host %s is not known in the mesh", host);
		return;
	}
	if (d->port && d->port->number && !service_port(svc, (uint16_t)d->port->number))
		tell(&x->r, arena_printf(a, "%s.port.number", path), "%s has no port %u", host, d->port->number);
	if (d->subset && *d->subset && !has_subset(x, svc, d->subset))
		tell(&x->r, arena_printf(a, "%s.subset", path), "no DestinationRule defines subset %s of %s", d->subset,
		     host);
}

/* As written: delegates tell their own. */
static void check_http(struct refs *x)
{
	const struct istio_virtual_service_spec *spec =
		API_VALUE(x->vs->o.obj, virtual_service, istio_virtual_service)->spec;
	struct arena *a = &x->r.arena;

	for (size_t i = 0; i < spec->http.n; i++) {
		const struct istio_http_route *h = &spec->http.v[i];

		for (size_t j = 0; j < h->route.n; j++)
			check_destination(x, arena_printf(a, "spec.http[%zu].route[%zu].destination", i, j),
					  h->route.v[j].destination);
		check_destination(x, arena_printf(a, "spec.http[%zu].mirror", i), h->mirror);
		for (size_t j = 0; j < h->mirrors.n; j++)
			check_destination(x, arena_printf(a, "spec.http[%zu].mirrors[%zu].destination", i, j),
					  h->mirrors.v[j].destination);
	}
}

static void check_l4(struct refs *x)
{
	const struct istio_virtual_service_spec *spec = x->vs->spec;
	struct arena *a = &x->r.arena;

	for (size_t i = 0; i < spec->tcp.n; i++)
		for (size_t j = 0; j < spec->tcp.v[i].route.n; j++)
			check_destination(x, arena_printf(a, "spec.tcp[%zu].route[%zu].destination", i, j),
					  spec->tcp.v[i].route.v[j].destination);
	for (size_t i = 0; i < spec->tls.n; i++)
		for (size_t j = 0; j < spec->tls.v[i].route.n; j++)
			check_destination(x, arena_printf(a, "spec.tls[%zu].route[%zu].destination", i, j),
					  spec->tls.v[i].route.v[j].destination);
}

/* "ns/name" */
static bool has_gateway(const struct refs *x, const char *full)
{
	CLEANUP(freep) char *ns = mem_strdup(full);
	char *name = strchr(ns, '/');

	if (!name)
		return false;
	*name++ = 0;
	return snapshot_object(x->s, &api_kind_gateway, ns, name);
}

static void check_gateways(struct refs *x)
{
	for (size_t i = 0; i < x->vs->n_gateways; i++) {
		if (strcmp(x->vs->gateways[i], "mesh") != 0 && !has_gateway(x, x->vs->gateways[i]))
			tell(&x->r, arena_printf(&x->r.arena, "spec.gateways[%zu]", i), "Gateway %s does not exist",
			     x->vs->gateways[i]);
	}
}

static void check_virtual_service(struct refs *x, const struct api_object *o)
{
	const struct mesh_object *m = snapshot_object(x->s, o->kind, api_object_namespace(o), api_object_name(o));

	if (!m)
		return;
	x->vs = CONTAINER_OF(m, struct mesh_virtual_service, o);
	for (size_t i = 0; i < x->vs->n_problems; i++)
		tell(&x->r, x->vs->problems[i].path, "%s", x->vs->problems[i].text);
	check_gateways(x);
	check_http(x);
	check_l4(x);
}

static void check_rule(struct refs *x, const struct api_object *o)
{
	const struct istio_destination_rule *d = API_VALUE(o, destination_rule, istio_destination_rule);
	const char *host;

	if (!d->spec || !d->spec->host)
		return;
	host = host_resolve(&x->r.arena, d->spec->host, api_object_namespace(o), x->s->mesh->domain);
	if (!host_is_wildcard(host) && !snapshot_service(x->s, host))
		tell(&x->r, "spec.host", "host %s is not known in the mesh", host);
}

static void check_gateway(struct refs *x, const struct api_object *o)
{
	const struct istio_gateway *g = API_VALUE(o, gateway, istio_gateway);

	for (size_t i = 0; g->spec && i < x->s->workloads->v.n; i++)
		if (meta_labels_contain(&x->s->workloads->v.v[i].labels, &g->spec->selector))
			return;
	tell(&x->r, "spec.selector", "no pod of the mesh has these labels");
}

int validate_refs(const struct snapshot *s, const struct api_object *o, validate_fn on_problem, void *arg)
{
	struct refs x = {.r = {.fn = on_problem, .arg = arg}, .s = s};

	if (o->kind == &api_kind_virtual_service)
		check_virtual_service(&x, o);
	else if (o->kind == &api_kind_destination_rule)
		check_rule(&x, o);
	else if (o->kind == &api_kind_gateway)
		check_gateway(&x, o);
	arena_done(&x.r.arena);
	return x.r.n;
}

/* --- fields that are not carried out --- */

static void unsupported_http(struct report *r, size_t i, const struct istio_http_route *h)
{
	struct arena *a = &r->arena;

	if (h->retries && h->retries->retry_remote_localities && *h->retries->retry_remote_localities)
		tell(r, arena_printf(a, "spec.http[%zu].retries.retryRemoteLocalities", i),
		     "retries choose among all localities already; the field has no effect");
}

static void unsupported_gateway(struct report *r, const struct istio_gateway_spec *spec)
{
	for (size_t i = 0; i < spec->servers.n; i++) {
		const struct istio_server_tls_settings *t = spec->servers.v[i].tls;

		if (!t)
			continue;
		if (t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_AUTO_PASSTHROUGH)
			tell(r, arena_printf(&r->arena, "spec.servers[%zu].tls.mode", i),
			     "AUTO_PASSTHROUGH is not carried out");
	}
}

static void unsupported_authz(struct report *r, const struct api_object *o)
{
	const struct istio_authorization_policy_spec *spec =
		API_VALUE(o, authorization_policy, istio_authorization_policy)->spec;

	if (!spec)
		return;
	if (authz_dry_run(o, NULL) == 1 && spec->action == ISTIO_AUTHORIZATION_POLICY_ACTION_CUSTOM)
		tell(r, "metadata.annotations[istio.io/dry-run]",
		     "who decides is not asked without effect; the policy is left out");
	if (spec->action == ISTIO_AUTHORIZATION_POLICY_ACTION_AUDIT)
		tell(r, "spec.action", "AUDIT is not carried out");
}

static void unsupported_lb(struct report *r, const char *path, const struct istio_load_balancer_settings *lb)
{
	const bool shares = lb && !lb->consistent_hash &&
			    (!lb->simple || (*lb->simple != ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_RANDOM &&
					     *lb->simple != ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_PASSTHROUGH));

	if (lb && lb->warmup_duration_secs && *lb->warmup_duration_secs > 0 && !shares)
		tell(r, arena_printf(&r->arena, "%s.loadBalancer.warmupDurationSecs", path),
		     "has no effect: only ROUND_ROBIN and LEAST_REQUEST give endpoints shares");
}

static void unsupported_policy(struct report *r, const char *path, const struct istio_traffic_policy *t)
{
	if (!t)
		return;
	unsupported_lb(r, path, t->load_balancer);
	for (size_t i = 0; i < t->port_level_settings.n; i++)
		unsupported_lb(r, arena_printf(&r->arena, "%s.portLevelSettings[%zu]", path, i),
			       t->port_level_settings.v[i].load_balancer);
}

static void unsupported_rule(struct report *r, const struct istio_destination_rule_spec *spec)
{
	unsupported_policy(r, "spec.trafficPolicy", spec->traffic_policy);
	for (size_t i = 0; i < spec->subsets.n; i++)
		unsupported_policy(r, arena_printf(&r->arena, "spec.subsets[%zu].trafficPolicy", i),
				   spec->subsets.v[i].traffic_policy);
}

/* Of one patch of an EnvoyFilter. */
struct patch_report {
	struct report *r;
	size_t number;
};

static void on_patch(void *arg, const char *field, const char *text)
{
	struct patch_report *p = arg;

	tell(p->r, arena_printf(&p->r->arena, "spec.configPatches[%zu].%s", p->number, field), "%s", text);
}

static void unsupported_patches(struct report *r, const struct istio_envoy_filter_spec *spec)
{
	for (size_t i = 0; i < spec->config_patches.n; i++) {
		struct patch_report p = {r, i};

		rate_patch_of(spec, i, on_patch, &p);
	}
}

static bool kind_is_served(const struct api_kind *k)
{
	return k == &api_kind_virtual_service || k == &api_kind_destination_rule || k == &api_kind_gateway ||
	       k == &api_kind_service_entry || k == &api_kind_sidecar || k == &api_kind_peer_authentication ||
	       k == &api_kind_authorization_policy || k == &api_kind_request_authentication ||
	       k == &api_kind_workload_entry || k == &api_kind_workload_group || k == &api_kind_proxy_config ||
	       k == &api_kind_envoy_filter || k == &api_kind_telemetry;
}

static void on_told(void *arg, const char *path, const char *note)
{
	tell(arg, path, "%s", note);
}

/* What the rows themselves mark as told. */
static void unsupported_rows(struct report *r, const struct api_object *o)
{
	const struct msg_field *spec = msg_field_find(o->kind->desc, "spec");

	if (spec && spec->type == MSG_MESSAGE)
		msg_told(spec->desc, *(void *const *)((const char *)o->value + spec->offset), "spec", on_told, r);
}

/* What only some values of a field mean. */
static void unsupported_values(struct report *r, const struct api_object *o)
{
	if (o->kind == &api_kind_virtual_service) {
		const struct istio_virtual_service_spec *spec =
			API_VALUE(o, virtual_service, istio_virtual_service)->spec;

		for (size_t i = 0; spec && i < spec->http.n; i++)
			unsupported_http(r, i, &spec->http.v[i]);
	} else if (o->kind == &api_kind_authorization_policy) {
		unsupported_authz(r, o);
	} else if (o->kind == &api_kind_envoy_filter) {
		if (API_VALUE(o, envoy_filter, istio_envoy_filter)->spec)
			unsupported_patches(r, API_VALUE(o, envoy_filter, istio_envoy_filter)->spec);
	} else if (o->kind == &api_kind_destination_rule) {
		if (API_VALUE(o, destination_rule, istio_destination_rule)->spec)
			unsupported_rule(r, API_VALUE(o, destination_rule, istio_destination_rule)->spec);
	} else if (o->kind == &api_kind_gateway) {
		if (API_VALUE(o, gateway, istio_gateway)->spec)
			unsupported_gateway(r, API_VALUE(o, gateway, istio_gateway)->spec);
	}
}

int validate_unsupported(const struct api_object *o, validate_fn on_problem, void *arg)
{
	struct report r = {.fn = on_problem, .arg = arg};

	if (!kind_is_served(o->kind)) {
		tell(&r, "spec", "%s is not enforced yet", o->kind->kind);
		arena_done(&r.arena);
		return r.n;
	}
	unsupported_rows(&r, o);
	unsupported_values(&r, o);
	arena_done(&r.arena);
	return r.n;
}
