/* Istio's configuration: to be looked at, and to be written with the user's own token. */
#include <stdlib.h>
#include <string.h>

#include "api/kind.h"
#include "console/run/console_internal.h"
#include "msg/json.h"
#include "msg/yaml.h"

struct one_namespace {
	struct call *call;
	const char *ns; /* NULL = all */
};

static bool sees_one(void *arg, const char *ns)
{
	const struct one_namespace *o = arg;

	return (!o->ns || strcmp(o->ns, ns) == 0) && access_sees(o->call->user, ns);
}

void api_config(struct call *c)
{
	const struct slice ns = exchange_argument(c->x, "namespace");
	struct one_namespace one = {c, ns.len ? arena_slicedup(&c->x->arena, ns) : NULL};
	cJSON *o;

	if (!call_has_mesh(c, "configuration is"))
		return;
	if (one.ns && !access_sees(c->user, one.ns)) {
		call_fail(c, 403, "%s may not get pods in %s", access_name(c->user), one.ns);
		return;
	}
	const struct mesh_view v = {mesh_store(c->console->mesh), sees_one, &one};

	o = cJSON_CreateObject();
	cJSON_AddItemToObject(o, "objects", mesh_config(&v));
	cJSON_AddStringToObject(o, "trouble", mesh_trouble(c->console->mesh));
	call_reply(c, o);
}

void api_config_object(struct call *c)
{
	const struct api_kind *kind = mesh_config_kind(c->parts[0]);
	CLEANUP(buf_done) struct buf yaml = BUF_INIT;
	cJSON *o;

	if (!call_has_mesh(c, "configuration is"))
		return;
	const struct mesh_view v = call_view(c);

	o = kind ? mesh_config_object(&v, kind, call_part(c, 1), call_part(c, 2)) : NULL;
	if (!o) {
		call_fail(c, 404, "there is no %.*s %.*s/%.*s, or it is not yours to see", SLICE_ARG(c->parts[0]),
			  SLICE_ARG(c->parts[1]), SLICE_ARG(c->parts[2]));
		return;
	}
	yaml_print(json_get(o, "object"), &yaml);
	cJSON_AddStringToObject(o, "yaml", buf_str(&yaml));
	call_reply(c, o);
}

/* ---- writing ---- */

static void on_written(void *arg, struct kube_result *r)
{
	struct call *c = arg;
	cJSON *o;

	if (!call_kube_took(c, r))
		return;
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "resourceVersion", json_str_or_empty(r->body, "metadata.resourceVersion"));
	call_reply(c, o);
}

/* The kind, and a client with the user's token; NULL: answered. */
static struct kube_client *writer(struct call *c, const struct api_kind **kind)
{
	*kind = mesh_config_kind(c->parts[0]);
	if (!*kind) {
		call_fail(c, 404, "%.*s is none of Istio's kinds", SLICE_ARG(c->parts[0]));
		return NULL;
	}
	if (access_client(c->user))
		return access_client(c->user);
	call_fail(c, 403, "log in with a token of your own to change anything: it decides what you may");
	return NULL;
}

static bool is_what_the_path_says(const cJSON *o, struct call *c)
{
	const char *kind = json_get_str(o, "kind"), *ns = json_str(o, "metadata.namespace");
	const char *name = json_str(o, "metadata.name");

	return kind && ns && name && slice_eq_str(c->parts[0], kind) && slice_eq_str(c->parts[1], ns) &&
	       slice_eq_str(c->parts[2], name);
}

void api_config_write(struct call *c)
{
	const struct api_kind *kind;
	struct kube_client *client = writer(c, &kind);
	CLEANUP(json_freep) cJSON *body = NULL;
	struct err e = ERR_INIT;

	if (!client)
		return;
	if (c->x->body.len > JSON_OBJECT_MAX_BYTES || yaml_parse(buf_slice(&c->x->body), &body, &e) < 0) {
		call_fail(c, 400, "the object is not understood: %s", *e.msg ? e.msg : "it is too large");
		return;
	}
	if (!is_what_the_path_says(body, c)) {
		call_fail(c, 400, "kind, metadata.namespace and metadata.name must stay %.*s, %.*s and %.*s",
			  SLICE_ARG(c->parts[0]), SLICE_ARG(c->parts[1]), SLICE_ARG(c->parts[2]));
		return;
	}
	json_remove(body, "status");
	c->kube = kube_call_start(client,
				  &(struct kube_request){
					  .verb = c->x->method == EXCHANGE_PUT ? KUBE_UPDATE : KUBE_CREATE,
					  .kind = kind,
					  .ns = call_part(c, 1),
					  .name = call_part(c, 2),
					  .body = body,
					  .field_manager = "weft-console",
					  .dry_run = slice_eq_str(exchange_argument(c->x, "dryRun"), "true"),
				  },
				  on_written, c);
}

void api_config_delete(struct call *c)
{
	const struct api_kind *kind;
	struct kube_client *client = writer(c, &kind);

	if (client)
		c->kube = kube_call_start(client,
					  &(struct kube_request){
						  .verb = KUBE_DELETE,
						  .kind = kind,
						  .ns = call_part(c, 1),
						  .name = call_part(c, 2),
					  },
					  on_written, c);
}
