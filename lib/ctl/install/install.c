/*
 * install, upgrade, uninstall. Objects are applied by the server (field manager "weftctl"), so that what others added
 * to them stays, in the order of the overlay; definitions are waited for before anything of their kinds, the operator
 * before a control plane.
 */
#include <stdio.h>
#include <string.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/version.h"
#include "ctl/install/install.h"
#include "ctl/install/install_internal.h"
#include "ctl/install/manifests.h"
#include "ctl/install/operator.h"
#include "ctl/install/precheck.h"
#include "ctl/core/report.h"
#include "msg/json.h"

#define MANAGER "weftctl"

enum ctl_status install_failed(struct ctl *c, const char *step, const struct err *e)
{
	ctl_report_step(c->report, step, "FAILED", "%s", e->msg);
	ctl_report_end(c->report, "%s failed: the cluster is as far as the steps above say.", step);
	return CTL_FAILED;
}

/* --- applying --- */

int install_apply(struct ctl *c, const cJSON *o, struct err *e)
{
	const struct api_kind *kind = api_kind_find(json_str_or_empty(o, "apiVersion"), json_str_or_empty(o, "kind"));
	const struct kube_request req = {.verb = KUBE_APPLY,
					 .kind = kind,
					 .ns = json_str(o, "metadata.namespace"),
					 .name = json_str(o, "metadata.name"),
					 .body = o,
					 .field_manager = MANAGER,
					 .force = true};

	if (c->o.dry_run) {
		ctl_report_step(c->report, json_str_or_empty(o, "kind"), "dry run", "%s%s%s", req.ns ? req.ns : "",
				req.ns ? "/" : "", req.name);
		return 0;
	}
	return ctl_call(c, &req, NULL, e) == KUBE_OK ? 0 : -EIO;
}

int install_apply_in_time(struct ctl *c, const cJSON *o, struct err *e)
{
	const int64_t end_ns = clock_mono_ns() + c->o.timeout_s * NS_PER_S;
	int r;

	while ((r = install_apply(c, o, e)) < 0 && clock_mono_ns() < end_ns)
		ctl_pause(c, CTL_POLL_MS);
	return r;
}

static bool is_definition(const cJSON *o)
{
	return !strcmp(json_str_or_empty(o, "kind"), "CustomResourceDefinition");
}

/* Applies the definitions, or all but them. Returns how many, or a negative code. */
static int apply_all(struct ctl *c, const cJSON *objects, bool definitions, struct err *e)
{
	int n = 0;

	JSON_EACH(o, objects)
	{
		if (is_definition(o) != definitions)
			continue;
		if (install_apply(c, o, e) < 0)
			return -EIO;
		n++;
	}
	return n;
}

/* --- waiting --- */

bool install_condition_holds(const cJSON *o, const char *type)
{
	JSON_EACH(it, json_at(o, "status.conditions"))
	{
		if (!strcmp(json_str_or_empty(it, "type"), type))
			return !strcmp(json_str_or_empty(it, "status"), "True");
	}
	return false;
}

static bool is_established(const cJSON *o)
{
	return install_condition_holds(o, "Established");
}

static bool is_rolled_out(const cJSON *o)
{
	const int64_t wanted = json_int(o, "spec.replicas", 1);

	return json_int(o, "status.observedGeneration", 0) >= json_int(o, "metadata.generation", 0) &&
	       json_int(o, "status.updatedReplicas", 0) == wanted &&
	       json_int(o, "status.availableReplicas", 0) == wanted && json_int(o, "status.replicas", 0) == wanted;
}

bool install_is_ready(const cJSON *o)
{
	return install_condition_holds(o, "Ready") &&
	       json_int(o, "status.observedGeneration", 0) >= json_int(o, "metadata.generation", 0);
}

int install_wait(struct ctl *c, const cJSON *what, install_ready_fn *ready, struct err *e)
{
	const struct api_kind *kind =
		api_kind_find(json_str_or_empty(what, "apiVersion"), json_str_or_empty(what, "kind"));
	const struct kube_request req = {.verb = KUBE_GET,
					 .kind = kind,
					 .ns = json_str(what, "metadata.namespace"),
					 .name = json_str(what, "metadata.name")};
	const int64_t end_ns = clock_mono_ns() + c->o.timeout_s * NS_PER_S;

	for (;;) {
		CLEANUP(json_freep) cJSON *o = NULL;

		if (ctl_call(c, &req, &o, e) == KUBE_OK && ready(o))
			return 0;
		if (clock_mono_ns() > end_ns)
			return err_set(e, -ETIMEDOUT, "%s %s is not ready after %lld s", kind->kind, req.name,
				       (long long)c->o.timeout_s);
		ctl_pause(c, CTL_POLL_MS);
	}
}

static const cJSON *find_kind(const cJSON *objects, const char *kind)
{
	JSON_EACH(o, objects)
	{
		if (!strcmp(json_str_or_empty(o, "kind"), kind))
			return o;
	}
	return NULL;
}

/* --- the parts of an installation --- */

static enum ctl_status install_definitions(struct ctl *c, const cJSON *objects)
{
	struct err e = ERR_INIT;
	const int n = apply_all(c, objects, true, &e);

	if (n < 0)
		return install_failed(c, "definitions", &e);
	JSON_EACH(o, objects)
	{
		if (!c->o.dry_run && is_definition(o) && install_wait(c, o, is_established, &e) < 0)
			return install_failed(c, "definitions", &e);
	}
	ctl_report_step(c->report, "definitions", "ok", "%d", n);
	return CTL_OK;
}

static enum ctl_status install_operator(struct ctl *c, const char *overlay, const cJSON *objects)
{
	const cJSON *deployment = find_kind(objects, "Deployment");
	struct err e = ERR_INIT;

	if (apply_all(c, objects, false, &e) < 0)
		return install_failed(c, "operator", &e);
	if (!c->o.dry_run && install_wait(c, deployment, is_rolled_out, &e) < 0)
		return install_failed(c, "operator", &e);
	ctl_report_step(c->report, "operator", "ok", "overlay %s, namespace %s, image %s", overlay,
			json_str_or_empty(deployment, "metadata.namespace"), operator_image(deployment));
	return CTL_OK;
}

static enum ctl_status install_instance(struct ctl *c)
{
	CLEANUP(json_freep) cJSON *objects = NULL;
	const cJSON *smcp;
	struct err e = ERR_INIT;

	if (manifests_instance(c->o.control_plane, &objects, &e) < 0)
		return install_failed(c, "control plane", &e);
	smcp = find_kind(objects, "ServiceMeshControlPlane");
	JSON_EACH(o, objects)
	{
		if (install_apply_in_time(c, o, &e) < 0)
			return install_failed(c, "control plane", &e);
	}
	if (!c->o.dry_run && install_wait(c, smcp, install_is_ready, &e) < 0)
		return install_failed(c, "control plane", &e);
	ctl_report_step(c->report, "control plane", "ok", "%s in namespace %s",
			json_str_or_empty(smcp, "metadata.name"), json_str_or_empty(smcp, "metadata.namespace"));
	return CTL_OK;
}

static enum ctl_status apply_overlay(struct ctl *c, const char *overlay)
{
	const struct manifests_images images = {c->o.registry, c->o.tag};
	CLEANUP(json_freep) cJSON *objects = NULL;
	struct err e = ERR_INIT;
	enum ctl_status status;

	if (manifests_operator(overlay, &images, &objects, &e) < 0)
		return install_failed(c, "overlay", &e);
	status = install_definitions(c, objects);
	return status == CTL_OK ? install_operator(c, overlay, objects) : status;
}

/* The cluster's checks, as rows of this report; only what will not work is shown. */
static enum ctl_status check(struct ctl *c)
{
	if (c->o.skip_precheck)
		return CTL_OK;
	if (precheck_cluster(c, true) == 0)
		return CTL_OK;
	ctl_report_end(c->report, "Nothing was changed. --skip-precheck begins all the same.");
	return CTL_REFUSED;
}

static enum ctl_status begin(struct ctl *c, struct operator_found *ret)
{
	struct err e = ERR_INIT;

	c->report = ctl_report_steps(c->out, c->o.format);
	if (ctl_connect(c, &e) < 0 || operator_find(c, ret, &e) < 0)
		return install_failed(c, "connection", &e);
	return CTL_OK;
}

static void finish(struct ctl *c, const char *did)
{
	ctl_report_end(c->report, "%s %s%s.", did, weft_version,
		       c->o.dry_run ? " (nothing was changed: a dry run)" : "");
}

enum ctl_status ctl_install(struct ctl *c)
{
	struct operator_found was = {0};
	enum ctl_status status = begin(c, &was);
	const char *overlay;

	if (status == CTL_OK)
		status = check(c);
	if (status != CTL_OK)
		return status;
	overlay = c->o.overlay        ? c->o.overlay
		  : was.overlay       ? was.overlay
		  : ctl_has_routes(c) ? "openshift"
				      : "kubernetes";
	if (was.ns && operator_overlay_elsewhere(overlay, was.ns)) {
		ctl_report_end(c->report,
			       "An operator runs in namespace %s already; overlay %s would make a second one.", was.ns,
			       overlay);
		operator_found_done(&was);
		return CTL_REFUSED;
	}
	status = apply_overlay(c, overlay);
	if (status == CTL_OK && c->o.control_plane)
		status = install_instance(c);
	if (status == CTL_OK)
		finish(c, "Installed");
	operator_found_done(&was);
	return status;
}

enum ctl_status ctl_upgrade(struct ctl *c)
{
	struct operator_found was = {0};
	enum ctl_status status = begin(c, &was);

	if (status == CTL_OK && c->o.revision)
		status = install_revision(c);
	if (status != CTL_OK || c->o.revision) {
		operator_found_done(&was);
		return status;
	}
	if (!was.ns) {
		ctl_report_end(c->report, "No operator is installed; %s install installs one.", c->name);
		return CTL_REFUSED;
	}
	ctl_report_step(c->report, "found", "ok", "namespace %s, image %s", was.ns, was.image);
	status = check(c);
	if (status == CTL_OK && c->o.overlay && operator_overlay_elsewhere(c->o.overlay, was.ns)) {
		ctl_report_end(c->report, "Overlay %s is for another namespace than %s.", c->o.overlay, was.ns);
		status = CTL_REFUSED;
	}
	if (status == CTL_OK)
		status = apply_overlay(c, c->o.overlay ? c->o.overlay : was.overlay);
	if (status == CTL_OK)
		finish(c, "Upgraded to");
	operator_found_done(&was);
	return status;
}
