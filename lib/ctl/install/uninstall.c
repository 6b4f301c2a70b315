/*
 * uninstall: the meshes first, by their own operator, which takes back what it made in every namespace; then the
 * operator and, if asked for, the definitions. Objects that another owns are not looked at.
 */
#include <stdio.h>
#include <string.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "ctl/install/install.h"
#include "ctl/install/manifests.h"
#include "ctl/install/operator.h"
#include "ctl/core/report.h"
#include "msg/json.h"

static enum ctl_status failed(struct ctl *c, const char *step, const struct err *e)
{
	ctl_report_step(c->report, step, "FAILED", "%s", e->msg);
	ctl_report_end(c->report, "Stopped there; what stands above is gone.");
	return CTL_FAILED;
}

static void tell(struct ctl *c, const cJSON *o, const char *result)
{
	const char *ns = json_str(o, "metadata.namespace");

	ctl_report_step(c->report, json_str_or_empty(o, "kind"), result, "%s%s%s", ns ? ns : "", ns ? "/" : "",
			json_str_or_empty(o, "metadata.name"));
}

static struct kube_request request_for(const cJSON *o, enum kube_verb verb)
{
	return (struct kube_request){
		.verb = verb,
		.kind = api_kind_find(json_str_or_empty(o, "apiVersion"), json_str_or_empty(o, "kind")),
		.ns = json_str(o, "metadata.namespace"),
		.name = json_str(o, "metadata.name")};
}

/* Deletes, and waits until it is gone; what is not there is fine. */
static int remove_object(struct ctl *c, const cJSON *o, struct err *e)
{
	const struct kube_request del = request_for(o, KUBE_DELETE), get = request_for(o, KUBE_GET);
	const int64_t end_ns = clock_mono_ns() + c->o.timeout_s * NS_PER_S;
	enum kube_reason reason;

	if (!c->o.yes) {
		tell(c, o, "would go");
		return 0;
	}
	reason = ctl_call(c, &del, NULL, e);
	if (reason == KUBE_NOT_FOUND)
		return 0;
	if (reason != KUBE_OK)
		return -EIO;
	while ((reason = ctl_call(c, &get, NULL, e)) != KUBE_NOT_FOUND) {
		if (clock_mono_ns() > end_ns)
			return err_set(e, -ETIMEDOUT, "%s %s is still there after %lld s: see its finalizers",
				       del.kind->kind, del.name, (long long)c->o.timeout_s);
		ctl_pause(c, CTL_POLL_MS);
	}
	tell(c, o, "gone");
	return 0;
}

/* Rolls before members: a roll makes the member of a namespace that it names anew. */
static int remove_meshes(struct ctl *c, struct err *e)
{
	static const struct api_kind *const kinds[] = {&api_kind_smmr, &api_kind_smm, &api_kind_smcp};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		CLEANUP(json_freep) cJSON *found = NULL;
		const enum kube_reason reason = ctl_list(c, kinds[i], NULL, &found, e);

		if (reason != KUBE_OK && reason != KUBE_NOT_FOUND)
			return -EIO;
		JSON_EACH(o, found)
		{
			if (remove_object(c, o, e) < 0)
				return -EIO;
		}
	}
	return 0;
}

/* A namespace that came with the operator may hold others' objects: it is left. */
static bool goes(const struct ctl *c, const cJSON *o)
{
	const char *kind = json_str_or_empty(o, "kind");

	if (!strcmp(kind, "CustomResourceDefinition"))
		return c->o.definitions;
	return strcmp(kind, "Namespace") != 0;
}

/* In the order opposite to that in which they were applied. */
static int remove_overlay(struct ctl *c, const char *overlay, struct err *e)
{
	CLEANUP(json_freep) cJSON *objects = NULL;

	if (manifests_operator(overlay, &(struct manifests_images){0}, &objects, e) < 0)
		return -EIO;
	for (int i = cJSON_GetArraySize(objects) - 1; i >= 0; i--) {
		const cJSON *o = cJSON_GetArrayItem(objects, i);

		if (goes(c, o) && remove_object(c, o, e) < 0)
			return -EIO;
	}
	return 0;
}

enum ctl_status ctl_uninstall(struct ctl *c)
{
	struct operator_found was = {0};
	struct err e = ERR_INIT;
	int r;

	c->report = ctl_report_steps(c->out, c->o.format);
	if (ctl_connect(c, &e) < 0 || operator_find(c, &was, &e) < 0)
		return failed(c, "connection", &e);
	if (!was.ns) {
		ctl_report_end(c->report, "No operator of Weft is installed; nothing was changed.");
		return CTL_REFUSED;
	}
	r = remove_meshes(c, &e);
	if (r == 0)
		r = remove_overlay(c, was.overlay, &e);
	if (r < 0) {
		operator_found_done(&was);
		return failed(c, "removal", &e);
	}
	if (c->o.yes)
		ctl_report_end(c->report, "Uninstalled%s. Namespace %s is left.",
			       c->o.definitions ? "" : "; the definitions and the objects of their kinds are left",
			       was.ns);
	else
		ctl_report_end(c->report, "Nothing was changed: --yes does it.");
	operator_found_done(&was);
	return CTL_OK;
}
