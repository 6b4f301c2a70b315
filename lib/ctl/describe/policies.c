/* What lets requests in, and what else the proxies were made of. */
#include <string.h>

#include "ctl/describe/describe_internal.h"

/* For whom, where there are several workloads. */
static const char *for_whom(struct describing *d, const struct described_pod *p, bool alone)
{
	return alone ? "" : arena_printf(&d->a, "%s/%s: ", p->proxy.ns, p->proxy.workload);
}

static void say_mode(struct describing *d, const struct described_pod *p, uint16_t port, const char *whom)
{
	static const char *const modes[] = {"PERMISSIVE", "DISABLE", "PERMISSIVE", "STRICT"};
	const char *which = port ? arena_printf(&d->a, "port %u: ", port) : "";
	const struct mesh_peer_auth *by;
	bool of_port;
	const enum mtls_mode mode =
		snapshot_mtls_source(d->m->snap, p->proxy.ns, &p->proxy.labels, port, &by, &of_port);

	if (port && !of_port)
		return;
	if (by)
		describe_say(d, "mutual TLS", by->o.obj,
			     of_port ? arena_printf(&d->a, "spec.portLevelMtls.%u", port) : "spec.mtls.mode",
			     "%s%s%s, by PeerAuthentication %s/%s", whom, which, modes[mode], by->o.ns, by->o.name);
	else
		describe_say(d, "mutual TLS", NULL, "", "%s%s, as no PeerAuthentication says otherwise", whom,
			     modes[mode]);
}

static void tell_mtls(struct describing *d, const struct described_pod *p, const char *whom)
{
	uint16_t *ports;
	const size_t n = snapshot_mtls_ports(d->m->snap, p->proxy.ns, &p->proxy.labels, &d->a, &ports);

	say_mode(d, p, 0, whom);
	for (size_t i = 0; i < n; i++)
		say_mode(d, p, ports[i], whom);
}

static void tell_authz(struct describing *d, const struct mesh_object *o, const char *whom)
{
	const struct mesh_authz *z = (const struct mesh_authz *)o;
	static const char *const actions[] = {"ALLOW", "DENY", "AUDIT", "CUSTOM"};

	describe_say(d, "policy", o->obj, "spec", "%sAuthorizationPolicy %s/%s: %s, %zu rules%s", whom, o->ns, o->name,
		     (size_t)z->spec->action < ARRAY_LEN(actions) ? actions[z->spec->action] : "", z->spec->rules.n,
		     z->spec->action == ISTIO_AUTHORIZATION_POLICY_ACTION_ALLOW && !z->spec->rules.n
			     ? ", so nobody is let in"
			     : "");
}

static void tell_tokens(struct describing *d, const struct mesh_object *o, const char *whom)
{
	const struct mesh_request_auth *r = (const struct mesh_request_auth *)o;
	CLEANUP(buf_done) struct buf issuers = BUF_INIT;

	for (size_t i = 0; i < r->spec->jwt_rules.n; i++)
		buf_printf(&issuers, "%s%s", i ? ", " : "",
			   r->spec->jwt_rules.v[i].issuer ? r->spec->jwt_rules.v[i].issuer : "");
	describe_say(d, "tokens", o->obj, "spec.jwtRules", "%sRequestAuthentication %s/%s: issuers %s", whom, o->ns,
		     o->name, issuers.len ? buf_str(&issuers) : "none");
}

/* Of a gateway's proxy also what it shows. */
static void tell_use(struct describing *d, const struct mesh_object *o, const char *whom, bool gateway)
{
	static const struct api_kind *const others[] = {&api_kind_sidecar, &api_kind_envoy_filter, &api_kind_telemetry,
							&api_kind_gateway, &api_kind_virtual_service};
	const size_t n = ARRAY_LEN(others) - (gateway ? 0 : 2);
	const struct api_kind *kind = o->obj->kind;

	if (kind == &api_kind_authorization_policy)
		tell_authz(d, o, whom);
	else if (kind == &api_kind_request_authentication)
		tell_tokens(d, o, whom);
	for (size_t i = 0; i < n; i++)
		if (kind == others[i])
			describe_say(d, "configuration", o->obj, "spec", "%s%s %s/%s", whom, kind->kind, o->ns,
				     o->name);
}

static const struct api_object *told(struct describing *d, const struct compile_note *n)
{
	return map_get(&d->told, slice_str(arena_printf(&d->a, "%s/%s/%s", n->kind->kind, n->ns, n->name)));
}

/* What of the objects that were named is not carried out as written. */
static void tell_notes(struct describing *d, const struct mesh_view *v)
{
	for (size_t i = 0; i < v->result.n_notes; i++) {
		const struct compile_note *n = &v->result.notes[i];
		const struct api_object *o = told(d, n);

		if (o)
			describe_warn(d, o, arena_strdup(&d->a, n->path), "%s %s/%s: %s", n->kind->kind, n->ns, n->name,
				      n->text);
	}
	for (size_t i = 0; i < v->refusals.n; i++)
		describe_warn(d, NULL, "", "the proxy would refuse %s", v->refusals.v[i].text);
}

static void tell_workload(struct describing *d, const struct described_pod *p, bool alone)
{
	const char *whom = for_whom(d, p, alone);
	struct mesh_view v;

	if (p->proxy.type == PROXY_SIDECAR)
		tell_mtls(d, p, whom);
	mesh_view_make(d->m, &p->proxy, &v);
	for (size_t i = 0; i < v.result.n_uses; i++)
		tell_use(d, v.result.uses[i].object, whom, p->proxy.type == PROXY_ROUTER);
	tell_notes(d, &v);
	mesh_view_done(&v);
}

static bool is_first_of_workload(const struct describing *d, size_t at)
{
	const struct proxy *p = &d->pods.v[at].proxy;

	for (size_t i = 0; i < at; i++)
		if (d->pods.v[i].proxied && !strcmp(d->pods.v[i].proxy.workload, p->workload) &&
		    !strcmp(d->pods.v[i].proxy.ns, p->ns))
			return false;
	return d->pods.v[at].proxied;
}

void describe_policies(struct describing *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->pods.n; i++)
		n += is_first_of_workload(d, i);
	for (size_t i = 0; i < d->pods.n; i++)
		if (is_first_of_workload(d, i))
			tell_workload(d, &d->pods.v[i], n == 1);
}
