/* Services, and the DestinationRules of each. */
#include <string.h>

#include "ctl/describe/describe_internal.h"

/* --- subsets --- */

static const struct str_map *labels_of(const struct described_pod *p)
{
	return &p->o->meta->labels;
}

static size_t count_matching(const struct describing *d, const struct str_map *labels)
{
	size_t n = 0;

	for (size_t i = 0; i < d->pods.n; i++)
		n += meta_labels_contain(labels_of(&d->pods.v[i]), labels);
	return n;
}

static const char *labels_text(struct describing *d, const struct str_map *labels)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	for (size_t i = 0; i < labels->n; i++)
		buf_printf(&out, "%s%s=%s", i ? "," : "", labels->v[i].key, labels->v[i].value);
	return arena_strdup(&d->a, labels->n ? buf_str(&out) : "any labels");
}

static const char *tls_text(struct describing *d, const struct istio_traffic_policy *p)
{
	if (!p || !p->tls)
		return "";
	return arena_printf(&d->a, ", TLS mode %s",
			    msg_enum_name(&istio_client_tls_settings_tl_smode_names, p->tls->mode));
}

static void tell_subset(struct describing *d, const struct mesh_destination_rule *r, size_t i)
{
	const struct istio_subset *s = &r->spec->subsets.v[i];
	const size_t n = count_matching(d, &s->labels);
	const char *path = arena_printf(&d->a, "spec.subsets[%zu]", i);
	const char *labels = labels_text(d, &s->labels), *tls = tls_text(d, s->traffic_policy);

	if (!d->service)
		describe_say(d, "subset", r->o.obj, path, "%s (%s): %s%s", s->name, labels,
			     n ? "the pod is in it" : "not this pod", tls);
	else
		describe_say(d, "subset", r->o.obj, path, "%s (%s): %zu of %zu pods%s", s->name, labels, n, d->pods.n,
			     tls);
	if (d->service && !n)
		describe_warn(d, r->o.obj, path, "no pod has the labels of subset %s: requests to it get 503, flag UH",
			      s->name);
}

static size_t rules_of(const struct describing *d, const struct service *s, const struct mesh_destination_rule **ret)
{
	return snapshot_destination_rules(d->m->snap, s->ns, s, ret, DESCRIBED_RULES_MAX);
}

bool describe_subset_has_pods(struct describing *d, const struct service *s, const char *subset, bool *ret_known)
{
	const struct mesh_destination_rule *rules[DESCRIBED_RULES_MAX];
	const size_t n = rules_of(d, s, rules);

	*ret_known = false;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < rules[i]->spec->subsets.n; k++) {
			const struct istio_subset *x = &rules[i]->spec->subsets.v[k];

			if (!x->name || strcmp(x->name, subset) != 0)
				continue;
			*ret_known = true;
			return count_matching(d, &x->labels) > 0;
		}
	return false;
}

/* --- DestinationRules --- */

static void tell_port_settings(struct describing *d, const struct mesh_destination_rule *r)
{
	const struct istio_traffic_policy *p = r->spec->traffic_policy;

	for (size_t i = 0; p && i < p->port_level_settings.n; i++) {
		const struct istio_traffic_policy_port_traffic_policy *x = &p->port_level_settings.v[i];

		if (x->tls && x->port)
			describe_say(d, "", r->o.obj,
				     arena_printf(&d->a, "spec.trafficPolicy.portLevelSettings[%zu].tls", i),
				     "port %u: TLS mode %s", x->port->number,
				     msg_enum_name(&istio_client_tls_settings_tl_smode_names, x->tls->mode));
	}
}

static bool is_strict(const struct describing *d, const struct described_pod *p, const struct service *s)
{
	for (size_t i = 0; p->proxied && i < s->n_ports; i++)
		if (snapshot_mtls_mode(d->m->snap, p->proxy.ns, &p->proxy.labels, s->ports[i].target_port) ==
		    MTLS_STRICT)
			return true;
	return false;
}

/* A rule that asks for plain text where a pod takes mutual TLS alone, or the other way round. */
static void check_tls(struct describing *d, const struct mesh_destination_rule *r, const struct service *s)
{
	const struct istio_traffic_policy *p = r->spec->traffic_policy;
	const int mode = p && p->tls ? p->tls->mode : ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_SIMPLE;

	for (size_t i = 0; i < d->pods.n; i++) {
		const struct described_pod *x = &d->pods.v[i];
		const char *name = api_object_name(x->o);

		if (mode == ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_ISTIO_MUTUAL && !x->proxied)
			describe_warn(d, r->o.obj, "spec.trafficPolicy.tls",
				      "it asks for ISTIO_MUTUAL, and pod %s has no proxy to take it", name);
		else if (mode == ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_DISABLE && is_strict(d, x, s))
			describe_warn(d, r->o.obj, "spec.trafficPolicy.tls",
				      "it asks for plain text, and STRICT mutual TLS of pod %s refuses that", name);
	}
}

static void tell_rule(struct describing *d, const struct service *s, const struct mesh_destination_rule *r)
{
	const char *tls = tls_text(d, r->spec->traffic_policy);
	size_t in = 0;

	describe_say(d, "destination rule", r->o.obj, "spec", "DestinationRule %s/%s for %s%s", r->o.ns, r->o.name,
		     r->host,
		     *tls                      ? tls
		     : d->m->config->auto_mtls ? ", TLS by what the pod takes"
					       : ", plain text");
	tell_port_settings(d, r);
	for (size_t i = 0; i < r->spec->subsets.n; i++) {
		in += count_matching(d, &r->spec->subsets.v[i].labels) > 0;
		tell_subset(d, r, i);
	}
	if (!d->service && r->spec->subsets.n && !in)
		describe_warn(d, r->o.obj, "spec.subsets",
			      "the pod is in no subset: it gets nothing of routes that name one");
	check_tls(d, r, s);
}

/* --- ports --- */

static bool pod_listens(const struct describing *d, const struct service_port *p)
{
	if (!p->target_name)
		return true;
	for (size_t i = 0; i < d->pods.n; i++) {
		const struct workload *w = snapshot_workload(d->m->snap, api_object_namespace(d->pods.v[i].o),
							     api_object_name(d->pods.v[i].o));

		for (size_t k = 0; w && k < w->n_ports; k++)
			if (!strcmp(w->ports[k].name, p->target_name))
				return true;
	}
	return false;
}

static void tell_port(struct describing *d, const struct service *s, const struct service_port *p)
{
	const char *path = arena_printf(&d->a, "spec.ports[%zu]", p->index);

	describe_say(d, "port", s->obj, path, "%u%s%s speaks %s%s%s", p->port, *p->name ? " " : "", p->name,
		     protocol_str(p->protocol), p->target_name ? ", leads to the pod's port " : "",
		     p->target_name   ? p->target_name
		     : p->target_port ? arena_printf(&d->a, ", leads to the pod's port %u", p->target_port)
				      : "");
	if (p->undeclared)
		describe_warn(d, s->obj, path,
			      "port %u: its name \"%s\" says no protocol, so it is found out or taken for TCP; write "
			      "http-%s, or appProtocol",
			      p->port, p->name, *p->name ? p->name : "web");
	if (d->pods.n && !pod_listens(d, p))
		describe_warn(d, s->obj, path, "no container has a port named \"%s\": nobody is reached there",
			      p->target_name);
}

static void tell_service(struct describing *d, const struct service *s)
{
	const struct mesh_destination_rule *rules[DESCRIBED_RULES_MAX];
	const size_t n = rules_of(d, s, rules);

	describe_say(d, "service", s->obj, "", "%s%s%s", s->host, s->headless ? ", headless" : "",
		     s->entry ? ", of a ServiceEntry" : "");
	for (size_t i = 0; i < s->n_ports; i++)
		tell_port(d, s, &s->ports[i]);
	for (size_t i = 0; i < n; i++)
		tell_rule(d, s, rules[i]);
}

void describe_services(struct describing *d)
{
	for (size_t i = 0; i < d->services.n; i++)
		tell_service(d, d->services.v[i]);
	if (!d->services.n && !d->service)
		describe_warn(d, d->pods.v[0].o, "metadata.labels",
			      "no Service selects the pod: nobody in the mesh reaches it by a name");
}
