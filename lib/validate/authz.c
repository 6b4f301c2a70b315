/* Validation of AuthorizationPolicies: what a rule compares must be comparable, for a rule that matches nothing opens
 * or closes without a word. */
#include "validate/validate_internal.h"

#define DENIES_TCP                                                                                                     \
	"a DENY rule with attributes of HTTP alone denies all connections of plain TCP; name the ports that it is "    \
	"meant "                                                                                                       \
	"for"

#define ASKS_TCP                                                                                                       \
	"a CUSTOM rule with attributes of HTTP alone holds for all connections of plain TCP: a provider of gRPC is "   \
	"asked about them, where one of HTTP is named they are denied; name the ports that it is meant for"

typedef void value_fn(struct val *v, const char *path, const char *value);

/* One list of values that a source, an operation or a condition is compared with. */
struct value_list {
	const char *name;
	const char *const *v;
	size_t n;
	value_fn *check; /* or NULL */
};

#define VALUES(from, field, json, fn)                                                                                  \
	{                                                                                                              \
		json, (from)->field.v, (from)->field.n, fn                                                             \
	}

static void check_port_text(struct val *v, const char *path, const char *value)
{
	uint64_t port;

	if (slice_to_u64(slice_str(value), 65535, &port) < 0)
		val_error(v, path, "\"%s\" is no port number", value);
}

/* "a*" and "*a" and "*" are wildcards; a star elsewhere is none. Warned of: it is compared as it stands. */
static void check_wildcard(struct val *v, const char *path, const char *value)
{
	const char *star = strchr(value, '*');

	if (star && star != value && star[1])
		val_warn(v, path, "\"%s\": * counts at the beginning or the end of a value only", value);
}

/* Whether any of the lists has a value. */
static bool check_lists(struct val *v, const char *path, const struct value_list *lists, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < lists[i].n; k++) {
			const char *at = val_path(v, "%s.%s[%zu]", path, lists[i].name, k);

			if (!val_set(lists[i].v[k]))
				val_error(v, at, "an empty value is not allowed: it matches nothing");
			else if (lists[i].check)
				lists[i].check(v, at, lists[i].v[k]);
		}
		any |= lists[i].n > 0;
	}
	return any;
}

static void check_source(struct val *v, const char *path, size_t rule, const struct istio_authorization_source *s)
{
	const struct value_list lists[] = {
		VALUES(s, principals, "principals", check_wildcard),
		VALUES(s, not_principals, "notPrincipals", check_wildcard),
		VALUES(s, request_principals, "requestPrincipals", check_wildcard),
		VALUES(s, not_request_principals, "notRequestPrincipals", check_wildcard),
		VALUES(s, namespaces, "namespaces", check_wildcard),
		VALUES(s, not_namespaces, "notNamespaces", check_wildcard),
		VALUES(s, ip_blocks, "ipBlocks", val_subnet),
		VALUES(s, not_ip_blocks, "notIpBlocks", val_subnet),
		VALUES(s, remote_ip_blocks, "remoteIpBlocks", val_subnet),
		VALUES(s, not_remote_ip_blocks, "notRemoteIpBlocks", val_subnet),
	};

	if (!check_lists(v, path, lists, ARRAY_LEN(lists)))
		val_error(v, path, "`from.source` must not be empty, found at rule %zu", rule);
}

static void check_operation(struct val *v, const char *path, size_t rule, const struct istio_authorization_operation *o)
{
	const struct value_list lists[] = {
		VALUES(o, hosts, "hosts", check_wildcard),     VALUES(o, not_hosts, "notHosts", check_wildcard),
		VALUES(o, ports, "ports", check_port_text),    VALUES(o, not_ports, "notPorts", check_port_text),
		VALUES(o, methods, "methods", check_wildcard), VALUES(o, not_methods, "notMethods", check_wildcard),
		VALUES(o, paths, "paths", check_wildcard),     VALUES(o, not_paths, "notPaths", check_wildcard),
	};

	if (!check_lists(v, path, lists, ARRAY_LEN(lists)))
		val_error(v, path, "`to.operation` must not be empty, found at rule %zu", rule);
}

/* --- conditions --- */

enum key_form {
	KEY_PLAIN,
	KEY_INDEXED, /* name[key] */
};

/* Experimental filters' keys begin with their name. */
static const struct {
	const char *name;
	enum key_form form;
	value_fn *check;
} keys[] = {
	{"request.headers", KEY_INDEXED, check_wildcard},
	{"request.regex.headers", KEY_INDEXED, val_regex},
	{"request.auth.claims", KEY_INDEXED, check_wildcard},
	{"experimental.", KEY_INDEXED, check_wildcard},
	{"source.ip", KEY_PLAIN, val_subnet},
	{"remote.ip", KEY_PLAIN, val_subnet},
	{"source.namespace", KEY_PLAIN, check_wildcard},
	{"source.principal", KEY_PLAIN, check_wildcard},
	{"request.auth.principal", KEY_PLAIN, check_wildcard},
	{"request.auth.audiences", KEY_PLAIN, check_wildcard},
	{"request.auth.presenter", KEY_PLAIN, check_wildcard},
	{"destination.ip", KEY_PLAIN, val_subnet},
	{"destination.port", KEY_PLAIN, check_port_text},
	{"connection.sni", KEY_PLAIN, check_wildcard},
};

/* name[key], the key not empty. */
static bool indexed_ok(const char *key)
{
	const char *open = strchr(key, '[');

	return open && open != key && open[1] && open[2] && key[strlen(key) - 1] == ']';
}

static void check_condition(struct val *v, const char *path, const struct istio_authorization_condition *c)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const bool indexed = keys[i].form == KEY_INDEXED;
		const struct value_list lists[] = {
			VALUES(c, values, "values", keys[i].check),
			VALUES(c, not_values, "notValues", keys[i].check),
		};

		if (indexed ? strncmp(c->key, keys[i].name, strlen(keys[i].name)) != 0
			    : strcmp(c->key, keys[i].name) != 0)
			continue;
		if (indexed && !indexed_ok(c->key))
			val_error(v, path, "\"%s\": the key must be written as %s[name]", c->key, keys[i].name);
		check_lists(v, path, lists, ARRAY_LEN(lists));
		return;
	}
	val_error(v, path, "unknown attribute: %s", c->key);
}

static void check_when(struct val *v, const char *path, const struct istio_authorization_rule *r)
{
	for (size_t k = 0; k < r->when.n; k++) {
		const struct istio_authorization_condition *c = &r->when.v[k];
		const char *at = val_path(v, "%s.when[%zu]", path, k);

		if (!val_set(c->key))
			val_error(v, at, "`key` must not be empty");
		else if (!c->values.n && !c->not_values.n)
			val_error(v, at, "at least one of `values` or `notValues` must be set for key %s", c->key);
		else
			check_condition(v, at, c);
	}
}

/* --- rules --- */

static bool names_connection(const struct istio_authorization_source *s)
{
	return s->principals.n || s->not_principals.n || s->namespaces.n || s->not_namespaces.n || s->ip_blocks.n ||
	       s->not_ip_blocks.n || s->remote_ip_blocks.n || s->not_remote_ip_blocks.n;
}

/* What of a rule holds for connections of plain TCP, too. */
static void warn_denies_tcp(struct val *v, const char *path, const struct istio_authorization_rule *r, bool custom)
{
	bool from = false, to = false, connection = false, port = false;

	for (size_t k = 0; k < r->from.n; k++) {
		from |= r->from.v[k].source != NULL;
		connection |= r->from.v[k].source && names_connection(r->from.v[k].source);
	}
	for (size_t k = 0; k < r->to.n; k++) {
		const struct istio_authorization_operation *op = r->to.v[k].operation;

		to |= op != NULL;
		port |= op && (op->ports.n || op->not_ports.n);
	}
	if ((from && !to && !connection) || (to && !port))
		val_warn(v, path, custom ? ASKS_TCP : DENIES_TCP);
}

static void check_rule(struct val *v, size_t i, const struct istio_authorization_rule *r)
{
	const char *path = val_path(v, "spec.rules[%zu]", i);

	for (size_t k = 0; k < r->from.n; k++) {
		static const struct istio_authorization_source none;

		check_source(v, val_path(v, "%s.from[%zu].source", path, k), i,
			     r->from.v[k].source ? r->from.v[k].source : &none);
	}
	for (size_t k = 0; k < r->to.n; k++) {
		static const struct istio_authorization_operation none;

		check_operation(v, val_path(v, "%s.to[%zu].operation", path, k), i,
				r->to.v[k].operation ? r->to.v[k].operation : &none);
	}
	check_when(v, path, r);
}

#define ASKED_FIRST "an authorizer is asked before tokens are looked at: it can look at them itself"

/* What only a token says is not known where CUSTOM decides whom to ask about. */
static void check_token(struct val *v, const char *path, const struct istio_authorization_rule *r)
{
	for (size_t k = 0; k < r->from.n; k++) {
		const struct istio_authorization_source *s = r->from.v[k].source;

		if (s && s->request_principals.n)
			val_error(v, val_path(v, "%s.from[%zu].source.requestPrincipals", path, k), ASKED_FIRST);
		if (s && s->not_request_principals.n)
			val_error(v, val_path(v, "%s.from[%zu].source.notRequestPrincipals", path, k), ASKED_FIRST);
	}
	for (size_t k = 0; k < r->when.n; k++)
		if (r->when.v[k].key && strncmp(r->when.v[k].key, "request.auth.", 13) == 0)
			val_error(v, val_path(v, "%s.when[%zu].key", path, k), ASKED_FIRST);
}

void val_authorization_policy(struct val *v, const struct api_object *o)
{
	const struct istio_authorization_policy_spec *spec =
		API_VALUE(o, authorization_policy, istio_authorization_policy)->spec;
	const bool custom = spec && spec->action == ISTIO_AUTHORIZATION_POLICY_ACTION_CUSTOM;
	const bool deny = spec && spec->action == ISTIO_AUTHORIZATION_POLICY_ACTION_DENY;

	if (!spec)
		return;
	val_targets(v, spec->selector, spec->targetRef);
	if ((custom || deny) && !spec->rules.n)
		val_error(v, "spec.rules",
			  "%s action without `rules` is meaningless as it will never be triggered, "
			  "add an empty rule `{}` if you want it be triggered for every request",
			  custom ? "CUSTOM" : "DENY");
	if (custom && (!spec->provider || !val_set(spec->provider->name)))
		val_error(v, "spec.provider", "`provider.name` must not be empty");
	if (!custom && spec->provider)
		val_error(v, "spec.provider", "`provider` must not be with non CUSTOM action, found %s",
			  msg_enum_name(&istio_authorization_policy_action_names, spec->action));
	for (size_t i = 0; i < spec->rules.n; i++) {
		const char *path = val_path(v, "spec.rules[%zu]", i);

		check_rule(v, i, &spec->rules.v[i]);
		if (custom)
			check_token(v, path, &spec->rules.v[i]);
		if (deny || custom)
			warn_denies_tcp(v, path, &spec->rules.v[i], custom);
	}
}
