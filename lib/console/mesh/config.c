/* Istio's objects: what was said of them in their status, and what they are about. */
#include <stdlib.h>
#include <string.h>

#include "api/networking/networking.h"
#include "base/buf.h"
#include "console/mesh/mesh_internal.h"
#include "msg/json.h"

const struct api_kind *const mesh_config_kinds[] = {
	&api_kind_virtual_service,
	&api_kind_destination_rule,
	&api_kind_gateway,
	&api_kind_service_entry,
	&api_kind_sidecar,
	&api_kind_workload_entry,
	&api_kind_workload_group,
	&api_kind_envoy_filter,
	&api_kind_proxy_config,
	&api_kind_peer_authentication,
	&api_kind_request_authentication,
	&api_kind_authorization_policy,
	&api_kind_telemetry,
	&api_kind_wasm_plugin,
};
const size_t mesh_n_config_kinds = ARRAY_LEN(mesh_config_kinds);

const struct api_kind *mesh_config_kind(struct slice kind)
{
	for (size_t i = 0; i < mesh_n_config_kinds; i++)
		if (slice_eq_str(kind, mesh_config_kinds[i]->kind))
			return mesh_config_kinds[i];
	return NULL;
}

/* ---- messages ---- */

/* "spec.http[0].route[1]": letters, digits, dots, brackets and the like, up to ": ". */
static size_t path_len(const char *s)
{
	const size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.[]_-/");

	return n && s[n] == ':' && s[n + 1] == ' ' && (strncmp(s, "spec", 4) == 0 || strncmp(s, "metadata", 8) == 0)
		       ? n
		       : 0;
}

void mesh_messages(const char *message, cJSON *list)
{
	while (message && *message) {
		const size_t n = path_len(message);
		const char *text = n ? message + n + 2 : message, *end = text;
		CLEANUP(buf_done) struct buf b = BUF_INIT;
		cJSON *o = cJSON_CreateObject();

		/* "; " parts messages only where a path follows. */
		do {
			end = strstr(end, "; ");
			end = end ? end + 2 : NULL;
		} while (end && !path_len(end));
		buf_append(&b, message, n);
		cJSON_AddStringToObject(o, "path", buf_str(&b));
		buf_clear(&b);
		buf_append(&b, text, end ? (size_t)(end - 2 - text) : strlen(text));
		cJSON_AddStringToObject(o, "text", buf_str(&b));
		cJSON_AddItemToArray(list, o);
		message = end;
	}
}

/* true, false, or null where nothing was said. */
static void put_condition(cJSON *o, const char *name, const cJSON *condition)
{
	const char *status = json_get_str(condition, "status");

	cJSON_AddItemToObject(o, name, !status ? cJSON_CreateNull() : cJSON_CreateBool(strcmp(status, "True") == 0));
}

static const cJSON *condition(const cJSON *object, const char *type)
{
	JSON_EACH(c, json_at(object, "status.conditions"))
	{
		const char *t = json_get_str(c, "type");

		if (t && strcmp(t, type) == 0)
			return c;
	}
	return NULL;
}

/* All that conditions say but that of a true Programmed, which counts proxies. */
static void put_messages(cJSON *o, const cJSON *c, cJSON *list)
{
	const char *reason = json_get_str(c, "reason"), *status = json_get_str(c, "status");
	const char *type = json_get_str(c, "type");
	const bool good = status && strcmp(status, "True") == 0;

	if (reason && strcmp(reason, "Conflicted") == 0)
		json_set_bool(o, "conflicted", true);
	if (type && !(good && strcmp(type, "Programmed") == 0))
		mesh_messages(json_get_str(c, "message"), list);
}

static cJSON *entry(const struct api_object *obj, const cJSON *json)
{
	const cJSON *programmed = condition(json, "Programmed");
	cJSON *o = cJSON_CreateObject(), *messages;
	const char *message = json_get_str(programmed, "message");

	cJSON_AddStringToObject(o, "kind", obj->kind->kind);
	cJSON_AddStringToObject(o, "apiVersion", json_get_str(json, "apiVersion"));
	cJSON_AddStringToObject(o, "namespace", api_object_namespace(obj));
	cJSON_AddStringToObject(o, "name", api_object_name(obj));
	put_condition(o, "accepted", condition(json, "Accepted"));
	put_condition(o, "programmed", programmed);
	put_condition(o, "resolved", condition(json, "ResolvedRefs"));
	cJSON_AddBoolToObject(o, "conflicted", false);
	if (message)
		cJSON_AddStringToObject(o, "proxies", message);
	messages = cJSON_AddArrayToObject(o, "messages");
	JSON_EACH(c, json_at(json, "status.conditions"))
	put_messages(o, c, messages);
	return o;
}

cJSON *mesh_config_object(const struct mesh_view *v, const struct api_kind *kind, const char *ns, const char *name)
{
	const struct api_object *obj = v->sees(v->arg, ns) ? store_get(v->store, kind, ns, name) : NULL;
	cJSON *json, *o;

	if (!obj)
		return NULL;
	json = api_object_to_json(obj);
	o = entry(obj, json);
	cJSON_AddItemToObject(o, "object", json);
	return o;
}

/* ---- what it is about ---- */

bool mesh_is_host(const char *host, const char *from, const char *ns, const char *service)
{
	const size_t n = strlen(service);
	const char *rest;

	if (!host || strncmp(host, service, n) != 0)
		return false;
	rest = host + n;
	if (!*rest)
		return strcmp(from, ns) == 0;
	if (*rest++ != '.' || strncmp(rest, ns, strlen(ns)) != 0)
		return false;
	rest += strlen(ns);
	return !*rest || strcmp(rest, ".svc") == 0 || strncmp(rest, ".svc.", 5) == 0;
}

static bool vs_names(const struct istio_virtual_service *vs, const char *from, const char *ns, const char *service)
{
	for (size_t i = 0; i < vs->spec->hosts.n; i++)
		if (mesh_is_host(vs->spec->hosts.v[i], from, ns, service))
			return true;
	for (size_t i = 0; i < vs->spec->http.n; i++)
		for (size_t k = 0; k < vs->spec->http.v[i].route.n; k++)
			if (vs->spec->http.v[i].route.v[k].destination &&
			    mesh_is_host(vs->spec->http.v[i].route.v[k].destination->host, from, ns, service))
				return true;
	return false;
}

/* What an object has to be about: a service, or whatever has the labels in its namespace. */
struct subject {
	const char *ns, *service;
	const struct str_map *labels;
};

/* VirtualServices and DestinationRules name hosts. */
static bool names_service(const struct api_object *o, const struct subject *about)
{
	const struct istio_virtual_service *vs = API_VALUE(o, virtual_service, istio_virtual_service);
	const struct istio_destination_rule *rule = API_VALUE(o, destination_rule, istio_destination_rule);
	const char *from = api_object_namespace(o);

	if (vs && vs->spec)
		return vs_names(vs, from, about->ns, about->service);
	return rule && rule->spec && mesh_is_host(rule->spec->host, from, about->ns, about->service);
}

static bool selects(const cJSON *json, const struct str_map *labels)
{
	const cJSON *selector = json_at(json, "spec.selector.matchLabels");
	bool all = selector != NULL;

	JSON_EACH(x, selector)
	{
		const char *have = str_map_get(labels, x->string);

		all &= have && cJSON_IsString(x) && strcmp(have, x->valuestring) == 0;
	}
	return all;
}

/* The object as JSON if it is about it (NULL: about anything), else NULL. Of a thousand objects hardly one is. */
static cJSON *json_about(const struct api_object *o, const struct subject *about)
{
	cJSON *json;

	if (about && (about->service ? !names_service(o, about) : strcmp(api_object_namespace(o), about->ns) != 0))
		return NULL;
	json = api_object_to_json(o);
	if (!about || about->service || selects(json, about->labels))
		return json;
	cJSON_Delete(json);
	return NULL;
}

static void add_entries(const struct mesh_view *v, const struct subject *about, cJSON *list)
{
	for (size_t k = 0; k < mesh_n_config_kinds; k++) {
		const struct store_range all = store_list(v->store, mesh_config_kinds[k], NULL);

		for (size_t i = 0; i < all.n; i++) {
			CLEANUP(json_freep) cJSON *json = NULL;

			if (!v->sees(v->arg, api_object_namespace(all.v[i])))
				continue;
			json = json_about(all.v[i], about);
			if (json)
				cJSON_AddItemToArray(list, entry(all.v[i], json));
		}
	}
}

cJSON *mesh_config(const struct mesh_view *v)
{
	cJSON *list = cJSON_CreateArray();

	add_entries(v, NULL, list);
	return list;
}

void mesh_config_about(const struct mesh_view *v, const char *ns, const char *service, const struct str_map *labels,
		       cJSON *list)
{
	add_entries(v, &(struct subject){ns, service, labels}, list);
}
