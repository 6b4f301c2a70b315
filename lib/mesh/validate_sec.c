/* Validation of PeerAuthentications and AuthorizationPolicies. */
#include "mesh/validate_internal.h"

#include <stdlib.h>

static void check_selector(struct val *v, const struct istio_workload_selector *s)
{
	for (size_t i = 0; s && i < s->match_labels.n; i++) {
		const struct str_pair *p = &s->match_labels.v[i];

		if (!*p->key)
			val_error(v, "spec.selector", "empty key is not supported in selector: \"%s=%s\"", p->key,
				  p->value);
		if (strchr(p->key, '*') || strchr(p->value, '*'))
			val_error(v, "spec.selector", "wildcard is not supported in selector: \"%s=%s\"", p->key,
				  p->value);
	}
}

void val_peer_authentication(struct val *v, const struct api_object *o)
{
	const struct istio_peer_authentication_spec *spec =
		API_VALUE(o, peer_authentication, istio_peer_authentication)->spec;

	if (!spec)
		return;
	check_selector(v, spec->selector);
	if (spec->port_level_mtls.n && (!spec->selector || !spec->selector->match_labels.n))
		val_error(v, "spec.portLevelMtls", "mesh/namespace peer authentication cannot have port level mTLS");
	for (size_t i = 0; i < spec->port_level_mtls.n; i++) {
		const long port = strtol(spec->port_level_mtls.v[i].key, NULL, 10);

		if (port == 0)
			val_error(v, "spec.portLevelMtls", "port cannot be 0");
		else
			val_port(v, "spec.portLevelMtls", (uint32_t)port);
	}
}

static bool key_known(const char *k)
{
	static const char *const exact[] = {
		"source.ip",
		"remote.ip",
		"source.namespace",
		"source.principal",
		"request.auth.principal",
		"request.auth.audiences",
		"request.auth.presenter",
		"destination.ip",
		"destination.port",
		"connection.sni",
	};
	static const char *const prefixes[] = {"request.headers[", "request.auth.claims[", "request.regex.headers[",
					       "experimental.envoy.filters."};

	for (size_t i = 0; i < ARRAY_LEN(exact); i++)
		if (strcmp(k, exact[i]) == 0)
			return true;
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (strncmp(k, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

static bool source_empty(const struct istio_authorization_source *s)
{
	return !(s->principals.n || s->not_principals.n || s->request_principals.n || s->not_request_principals.n ||
		 s->namespaces.n || s->not_namespaces.n || s->ip_blocks.n || s->not_ip_blocks.n ||
		 s->remote_ip_blocks.n || s->not_remote_ip_blocks.n);
}

static bool operation_empty(const struct istio_authorization_operation *x)
{
	return !(x->hosts.n || x->not_hosts.n || x->ports.n || x->not_ports.n || x->methods.n || x->not_methods.n ||
		 x->paths.n || x->not_paths.n);
}

static void check_rule(struct val *v, size_t i, const struct istio_authorization_rule *r)
{
	const char *path = val_path(v, "spec.rules[%zu]", i);

	for (size_t k = 0; k < r->from.n; k++)
		if (!r->from.v[k].source || source_empty(r->from.v[k].source))
			val_error(v, path, "`from.source` must not be empty, found at rule %zu", i);
	for (size_t k = 0; k < r->to.n; k++)
		if (!r->to.v[k].operation || operation_empty(r->to.v[k].operation))
			val_error(v, path, "`to.operation` must not be empty, found at rule %zu", i);
	for (size_t k = 0; k < r->when.n; k++) {
		const struct istio_authorization_condition *c = &r->when.v[k];
		const char *at = val_path(v, "%s.when[%zu]", path, k);

		if (!c->key || !*c->key)
			val_error(v, at, "`key` must not be empty");
		else if (!c->values.n && !c->not_values.n)
			val_error(v, at, "at least one of `values` or `notValues` must be set for key %s", c->key);
		else if (!key_known(c->key))
			val_error(v, at, "unknown attribute: %s", c->key);
	}
}

void val_authorization_policy(struct val *v, const struct api_object *o)
{
	const struct istio_authorization_policy_spec *spec =
		API_VALUE(o, authorization_policy, istio_authorization_policy)->spec;
	const bool custom = spec && spec->action == ISTIO_AUTHORIZATION_POLICY_ACTION_CUSTOM;

	if (!spec)
		return;
	check_selector(v, spec->selector);
	if ((custom || spec->action == ISTIO_AUTHORIZATION_POLICY_ACTION_DENY) && !spec->rules.n)
		val_error(v, "spec.rules",
			  "%s action without `rules` is meaningless as it will never be triggered, "
			  "add an empty rule `{}` if you want it be triggered for every request",
			  custom ? "CUSTOM" : "DENY");
	if (custom && (!spec->provider || !spec->provider->name || !*spec->provider->name))
		val_error(v, "spec.provider", "`provider.name` must not be empty");
	if (!custom && spec->provider)
		val_error(v, "spec.provider", "`provider` must not be with non CUSTOM action, found %s",
			  msg_enum_name(&istio_authorization_policy_action_names, spec->action));
	if (custom)
		val_error(v, "spec.action", "CUSTOM is not carried out: external authorization is not supported");
	for (size_t i = 0; i < spec->rules.n; i++)
		check_rule(v, i, &spec->rules.v[i]);
}
