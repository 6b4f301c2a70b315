/* Validation of configuration objects: dispatch by kind and what the kinds share. */
#include <stdarg.h>
#include <stdio.h>

#include "mesh/authz.h"
#include "validate/validate_internal.h"

void val_error(struct val *v, const char *path, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	v->n++;
	if (v->on_error)
		v->on_error(v->arg, path, text);
}

void val_warn(struct val *v, const char *path, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (v->on_warning)
		v->on_warning(v->arg, path, text);
}

ptrdiff_t val_twice(struct map *seen, const char *key, size_t i)
{
	const void *before = map_get(seen, slice_str(key));

	if (before)
		return (ptrdiff_t)before - 1;
	map_set(seen, slice_str(key), (void *)(i + 1)); /* NULL is no value */
	return -1;
}

/* "." is the object's own namespace. */
static const char *export_key(const char *entry, const char *ns)
{
	return strcmp(entry, ".") == 0 && *ns ? ns : entry;
}

static void check_export_entry(struct val *v, const char *entry, bool hidden)
{
	if (strcmp(entry, "~") == 0 && !hidden)
		val_error(v, "spec.exportTo", "\"~\" is for ServiceEntries only");
	else if (strcmp(entry, ".") != 0 && strcmp(entry, "*") != 0 && strcmp(entry, "~") != 0 && !val_is_label(entry))
		val_error(v, "spec.exportTo", "\"%s\" is neither \".\" nor \"*\" nor the name of a namespace", entry);
}

void val_export_to(struct val *v, const char *const *list, size_t n, const char *ns, bool hidden)
{
	CLEANUP(map_done) struct map seen = {0};

	for (size_t i = 0; i < n; i++) {
		const ptrdiff_t twice = val_twice(&seen, export_key(list[i], ns), i);

		check_export_entry(v, list[i], hidden);
		if (strcmp(list[i], "*") == 0 && n > 1)
			val_error(v, "spec.exportTo",
				  "cannot have both public (*) and non-public exportTo values for a resource");
		if (strcmp(list[i], "~") == 0 && n > 1)
			val_error(v, "spec.exportTo", "\"~\" exports to nobody: it must be the only entry");
		if (twice >= 0 && strcmp(list[i], list[twice]) == 0)
			val_error(v, "spec.exportTo", "duplicate entries in exportTo for entry %s", list[i]);
		else if (twice >= 0)
			val_error(v, "spec.exportTo", "duplicate entries in exportTo: . and current namespace %s", ns);
	}
}

/* --- the metadata --- */

static void check_dry_run(struct val *v, const struct api_object *o)
{
	static const char path[] = "metadata.annotations[istio.io/dry-run]";
	const struct istio_authorization_policy_spec *spec;
	struct err e = ERR_INIT;

	if (o->kind != &api_kind_authorization_policy) {
		val_error(v, path, "only an AuthorizationPolicy can be tried out without effect");
		return;
	}
	spec = API_VALUE(o, authorization_policy, istio_authorization_policy)->spec;
	if (spec && spec->action != ISTIO_AUTHORIZATION_POLICY_ACTION_ALLOW &&
	    spec->action != ISTIO_AUTHORIZATION_POLICY_ACTION_DENY)
		val_error(v, path, "a policy with action %s can't be tried out without effect; ALLOW and DENY can",
			  msg_enum_name(&istio_authorization_policy_action_names, spec->action));
	else if (authz_dry_run(o, &e) < 0)
		val_error(v, path, "%s", e.msg);
}

static void check_metadata(struct val *v, const struct api_object *o)
{
	if (str_map_get(&o->meta->annotations, "istio.io/dry-run"))
		check_dry_run(v, o);
	if (str_map_get(&o->meta->annotations, "internal.istio.io/webhook-always-reject"))
		val_error(v, "metadata.annotations[internal.istio.io/webhook-always-reject]",
			  "an object with this annotation is always refused");
}

static const struct {
	const struct api_kind *kind;
	void (*check)(struct val *v, const struct api_object *o);
} checks[] = {
	{&api_kind_virtual_service, val_virtual_service},
	{&api_kind_destination_rule, val_destination_rule},
	{&api_kind_gateway, val_gateway},
	{&api_kind_service_entry, val_service_entry},
	{&api_kind_sidecar, val_sidecar},
	{&api_kind_peer_authentication, val_peer_authentication},
	{&api_kind_authorization_policy, val_authorization_policy},
	{&api_kind_request_authentication, val_request_authentication},
	{&api_kind_envoy_filter, val_envoy_filter},
	{&api_kind_telemetry, val_telemetry},
	{&api_kind_wasm_plugin, val_wasm_plugin},
	{&api_kind_proxy_config, val_proxy_config},
	{&api_kind_workload_entry, val_workload_entry},
	{&api_kind_workload_group, val_workload_group},
};

int validate_object(const struct api_object *o, validate_fn on_error, validate_fn on_warning, void *arg)
{
	struct val v = {.on_error = on_error, .on_warning = on_warning, .arg = arg};

	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		if (checks[i].kind == o->kind) {
			check_metadata(&v, o);
			checks[i].check(&v, o);
		}
	}
	arena_done(&v.arena);
	return v.n;
}
