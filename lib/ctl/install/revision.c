/*
 * upgrade --revision: a second ServiceMeshControlPlane beside one that is there. It gets that one's authority, its
 * settings and the policies of its namespace, which count for the whole mesh; the operator gives it the same members.
 * Nothing that runs is changed: namespaces move when somebody labels them.
 */
#include <string.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "ctl/core/report.h"
#include "ctl/install/install.h"
#include "ctl/install/install_internal.h"
#include "msg/json.h"
#include "operator/reconcile/revisions.h"
#include "operator/render/render.h"
#include "operator/spec/spec.h"

struct plane {
	const char *ns, *name;
	cJSON *json; /* owned */
};

/* What counts for the whole mesh when it is in the control plane's namespace. */
static const struct api_kind *const mesh_wide[] = {
	&api_kind_peer_authentication, &api_kind_request_authentication, &api_kind_authorization_policy,
	&api_kind_telemetry,           &api_kind_destination_rule,       &api_kind_sidecar,
	&api_kind_envoy_filter,        &api_kind_proxy_config,           &api_kind_wasm_plugin,
};

/* --- the control plane that is there --- */

static bool is_chosen(const struct ctl *c, const cJSON *smcp)
{
	if (c->o.plane_ns)
		return !strcmp(json_str_or_empty(smcp, "metadata.namespace"), c->o.plane_ns);
	return strcmp(json_str_or_empty(smcp, "metadata.name"), c->o.revision) != 0;
}

/* The one that -i names, or the only one. */
static int find_plane(struct ctl *c, struct plane *ret, struct err *e)
{
	CLEANUP(json_freep) cJSON *list = NULL;
	const cJSON *found = NULL;
	int n = 0;

	if (ctl_list(c, &api_kind_smcp, NULL, &list, e) != KUBE_OK)
		return -EIO;
	JSON_EACH(o, list)
	if (is_chosen(c, o)) {
		found = o;
		n++;
	}
	if (n != 1)
		return err_set(e, -ENOENT,
			       n ? "there are %d control planes: name one (-i NAMESPACE)"
				 : "there is no control plane that it could stand beside",
			       n);
	if (json_at(found, "spec.techPreview." SPEC_REVISION_OF))
		return err_set(e, -EINVAL, "the control plane in %s is a revision itself: name the one that it names",
			       json_str_or_empty(found, "metadata.namespace"));
	ret->json = cJSON_DetachItemViaPointer(list, (cJSON *)found);
	ret->ns = json_str_or_empty(ret->json, "metadata.namespace");
	ret->name = json_str_or_empty(ret->json, "metadata.name");
	return 0;
}

/* --- what is copied --- */

/* The object for another namespace, without what the API server made of it. */
static cJSON *copy_to(const cJSON *o, const struct api_kind *kind, const char *ns)
{
	static const char *const kept[] = {"type", "data", "spec"};
	char version[API_VERSION_TEXT_MAX];
	cJSON *copy = cJSON_CreateObject(), *meta;

	cJSON_AddStringToObject(copy, "apiVersion", api_kind_api_version(kind, version));
	cJSON_AddStringToObject(copy, "kind", kind->kind);
	meta = cJSON_AddObjectToObject(copy, "metadata");
	cJSON_AddStringToObject(meta, "name", json_str_or_empty(o, "metadata.name"));
	cJSON_AddStringToObject(meta, "namespace", ns);
	if (json_at(o, "metadata.labels"))
		cJSON_AddItemToObject(meta, "labels", cJSON_Duplicate(json_at(o, "metadata.labels"), true));
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (json_get(o, kept[i]))
			cJSON_AddItemToObject(copy, kept[i], cJSON_Duplicate(json_get(o, kept[i]), true));
	return copy;
}

static int apply_copy(struct ctl *c, const cJSON *o, const struct api_kind *kind, const char *ns, struct err *e)
{
	CLEANUP(json_freep) cJSON *copy = copy_to(o, kind, ns);

	return install_apply(c, copy, e);
}

/* A plugged-in authority, or the root that the control plane made. None: another authority signs. */
static int copy_authority(struct ctl *c, const struct plane *p, const char *ns, struct err *e)
{
	static const char *const names[] = {"cacerts", "istio-ca-secret"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct kube_request req = {
			.verb = KUBE_GET, .kind = &api_kind_secret, .ns = p->ns, .name = names[i]};
		CLEANUP(json_freep) cJSON *secret = NULL;
		const enum kube_reason reason = ctl_call(c, &req, &secret, e);

		if (reason == KUBE_NOT_FOUND)
			continue;
		if (reason != KUBE_OK || apply_copy(c, secret, req.kind, ns, e) < 0)
			return -EIO;
		ctl_report_step(c->report, "authority", "ok", "Secret %s, as in namespace %s", names[i], p->ns);
		return 0;
	}
	ctl_report_step(c->report, "authority", "ok", "none in namespace %s: another one signs for the mesh", p->ns);
	return 0;
}

/* What its owner wrote into the control plane's namespace. */
static int copy_policies(struct ctl *c, const struct plane *p, const char *ns, struct err *e)
{
	int n = 0;

	for (size_t i = 0; i < ARRAY_LEN(mesh_wide); i++) {
		CLEANUP(json_freep) cJSON *list = NULL;
		const enum kube_reason reason = ctl_list(c, mesh_wide[i], NULL, &list, e);

		if (reason == KUBE_NOT_FOUND)
			continue;
		if (reason != KUBE_OK)
			return -EIO;
		JSON_EACH(o, list)
		{
			if (strcmp(json_str_or_empty(o, "metadata.namespace"), p->ns) != 0 ||
			    json_get_str(json_at(o, "metadata.labels"), LABEL_OWNER))
				continue;
			if (apply_copy(c, o, mesh_wide[i], ns, e) < 0)
				return -EIO;
			n++;
		}
	}
	ctl_report_step(c->report, "policies", "ok", "%d of namespace %s, which count for the whole mesh", n, p->ns);
	return 0;
}

/* Gateways in namespaces of others are the first control plane's until it goes: of two that make one, neither would
 * have it. */
static void leave_gateways(struct ctl *c, cJSON *spec)
{
	static const char *const lists[] = {"gateways.additionalIngress", "gateways.additionalEgress"};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		cJSON *gateway;

		cJSON_ArrayForEach(gateway, json_at(spec, lists[i]))
		{
			if (!json_get_str(gateway, "namespace"))
				continue;
			json_set_bool(gateway, "enabled", false);
			ctl_report_step(c->report, "gateway", "left out",
					"%s in namespace %s is made by the control plane that is there: enable it when "
					"that one goes",
					gateway->string, json_get_str(gateway, "namespace"));
		}
	}
}

static cJSON *revision_of(struct ctl *c, const struct plane *p, const char *ns)
{
	CLEANUP(freep) char *of = mem_printf("%s/%s", p->ns, p->name);
	cJSON *o = copy_to(p->json, &api_kind_smcp, ns), *spec = json_object(o, "spec");

	json_set_str(json_get(o, "metadata"), "name", c->o.revision);
	cJSON_DeleteItemFromObjectCaseSensitive(json_get(o, "metadata"), "labels");
	json_set_str(spec, "version", c->o.plane_version ? c->o.plane_version : SPEC_DEFAULT_VERSION);
	json_set_str(json_object(spec, "techPreview"), SPEC_REVISION_OF, of);
	leave_gateways(c, spec);
	return o;
}

/* --- the whole --- */

static bool is_joined(const cJSON *o)
{
	return install_is_ready(o) && install_condition_holds(o, CONDITION_REVISION);
}

static int apply_namespace(struct ctl *c, const char *ns, struct err *e)
{
	CLEANUP(json_freep) cJSON *o = json_literal("{\"apiVersion\":\"v1\",\"kind\":\"Namespace\"}");

	cJSON_AddStringToObject(cJSON_AddObjectToObject(o, "metadata"), "name", ns);
	return install_apply(c, o, e);
}

static int make(struct ctl *c, const struct plane *p, const char *ns, struct err *e)
{
	CLEANUP(json_freep) cJSON *smcp = NULL;
	int r = apply_namespace(c, ns, e);

	if (r == 0)
		r = copy_authority(c, p, ns, e);
	if (r == 0)
		r = copy_policies(c, p, ns, e);
	if (r < 0)
		return r;
	smcp = revision_of(c, p, ns);
	r = install_apply_in_time(c, smcp, e);
	if (r == 0 && !c->o.dry_run)
		r = install_wait(c, smcp, is_joined, e);
	if (r == 0)
		ctl_report_step(c->report, "control plane", "ok", "%s in namespace %s, version %s, one mesh with %s/%s",
				c->o.revision, ns, json_str_or_empty(smcp, "spec.version"), p->ns, p->name);
	return r;
}

enum ctl_status install_revision(struct ctl *c)
{
	const char *ns = c->o.ns ? c->o.ns : c->o.revision;
	struct plane p = {0};
	struct err e = ERR_INIT;
	int r = find_plane(c, &p, &e);

	if (r == 0 && (!strcmp(ns, p.ns) || !strcmp(c->o.revision, p.name)))
		r = err_set(&e, -EINVAL, "a revision needs another name, and another namespace (-n), than %s in %s",
			    p.name, p.ns);
	if (r == 0)
		r = make(c, &p, ns, &e);
	cJSON_Delete(p.json);
	if (r < 0)
		return install_failed(c, "revision", &e);
	ctl_report_end(
		c->report,
		"Nothing has moved. For each namespace: kubectl label namespace NAME istio.io/rev=%s --overwrite; "
		"kubectl -n NAME rollout restart deployment.",
		c->o.revision);
	return CTL_OK;
}
