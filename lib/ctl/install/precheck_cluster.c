/*
 * What of a cluster keeps Weft from working, or changes how it works. A check is a row of the table below; it looks at
 * the cluster, says one sentence, and how bad it is.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/kind.h"
#include "api/names.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "ctl/install/precheck_internal.h"
#include "msg/json.h"

#define MINOR_MIN 20 /* admissionregistration.k8s.io/v1, apiextensions.k8s.io/v1, server-side apply */

void precheck_say(struct checking *k, enum level level, const char *fmt, ...)
{
	static const char *const words[] = {"ok", "warning", "FAILED"};
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	va_list ap;

	k->failed += level == LEVEL_FAILED;
	if (k->only_bad && level != LEVEL_FAILED)
		return;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	ctl_report_step(k->c->report, k->name, words[level], "%s", buf_str(&text));
}

void precheck_names_add(struct precheck_names *n, const char *ns, const char *name)
{
	if (n->n < PRECHECK_NAMES_SHOWN)
		buf_printf(&n->text, "%s%s%s%s", n->n ? ", " : "", ns ? ns : "", ns ? "/" : "", name);
	n->n++;
}

const char *precheck_names_str(struct precheck_names *n)
{
	if (n->n > PRECHECK_NAMES_SHOWN)
		buf_printf(&n->text, " and %zu more", n->n - PRECHECK_NAMES_SHOWN);
	return buf_str(&n->text);
}

void precheck_names_done(struct precheck_names *n)
{
	buf_done(&n->text);
}

cJSON *precheck_list(struct checking *k, const struct api_kind *kind)
{
	cJSON *all = NULL;
	struct err e = ERR_INIT;
	const enum kube_reason reason = ctl_list(k->c, kind, NULL, &all, &e);

	if (reason != KUBE_OK && reason != KUBE_NOT_FOUND)
		precheck_say(k, LEVEL_WARNING, "not checked: %s", e.msg);
	return all;
}

const cJSON *precheck_labels(const cJSON *o)
{
	return json_at(o, "metadata.labels");
}

/* --- the checks --- */

static void check_server(struct checking *k)
{
	CLEANUP(json_freep) cJSON *v = NULL;
	struct err e = ERR_INIT;
	int major, minor;

	if (ctl_get_path(k->c, "/version", &v, &e) != KUBE_OK) {
		precheck_say(k, LEVEL_FAILED, "%s", e.msg);
		return;
	}
	if (sscanf(json_str_or_empty(v, "major"), "%d", &major) != 1 ||
	    sscanf(json_str_or_empty(v, "minor"), "%d", &minor) != 1)
		precheck_say(k, LEVEL_WARNING, "it does not say its version");
	else if (major != 1 || minor < MINOR_MIN)
		precheck_say(k, LEVEL_FAILED, "version %d.%d is too old: 1.%d is the oldest", major, minor, MINOR_MIN);
	else
		precheck_say(k, LEVEL_OK, "version %s", json_str_or_empty(v, "gitVersion"));
}

static bool may(struct checking *k, const char *group, const char *resource, const char *verb)
{
	CLEANUP(json_freep) cJSON *body = cJSON_CreateObject(), *answer = NULL;
	cJSON *what;

	json_set_str(body, "apiVersion", "authorization.k8s.io/v1");
	json_set_str(body, "kind", "SelfSubjectAccessReview");
	what = json_object(json_object(body, "spec"), "resourceAttributes");
	json_set_str(what, "group", group);
	json_set_str(what, "resource", resource);
	json_set_str(what, "verb", verb);
	const struct kube_request req = {
		.verb = KUBE_CREATE, .kind = &api_kind_self_subject_access_review, .body = body};

	return ctl_call(k->c, &req, &answer, NULL) == KUBE_OK && json_true(answer, "status.allowed");
}

static void check_rights(struct checking *k)
{
	static const struct {
		const char *group, *resource;
	} needed[] = {
		{"", "namespaces"},
		{"", "serviceaccounts"},
		{"", "services"},
		{"apps", "deployments"},
		{"apiextensions.k8s.io", "customresourcedefinitions"},
		{"rbac.authorization.k8s.io", "clusterroles"},
		{"rbac.authorization.k8s.io", "clusterrolebindings"},
		{"admissionregistration.k8s.io", "validatingwebhookconfigurations"},
		{"admissionregistration.k8s.io", "mutatingwebhookconfigurations"},
		{"maistra.io", "servicemeshcontrolplanes"},
	};
	static const char *const verbs[] = {"get", "create", "patch"}; /* a server-side apply asks for all three */
	CLEANUP(precheck_names_done) struct precheck_names missing = {0};

	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		for (size_t v = 0; v < ARRAY_LEN(verbs); v++)
			if (!may(k, needed[i].group, needed[i].resource, verbs[v]))
				precheck_names_add(&missing, verbs[v], needed[i].resource);
	if (missing.n)
		precheck_say(k, LEVEL_FAILED, "you may not %s: install as a cluster administrator",
			     precheck_names_str(&missing));
	else
		precheck_say(k, LEVEL_OK, "you may create all that is installed");
}

/* Who keeps a definition that we would apply, or NULL. */
static const char *keeper_of(const cJSON *crd)
{
	const char *helm = json_get_str(json_at(crd, "metadata.annotations"), "meta.helm.sh/release-name");

	if (helm)
		return "Helm";
	JSON_EACH(label, precheck_labels(crd))
	{
		if (label->string &&
		    (!strncmp(label->string, "operators.coreos.com/", 21) || !strcmp(label->string, "olm.managed")))
			return "OLM";
	}
	return json_get_str(precheck_labels(crd), "operator.istio.io/component") ? "istioctl" : NULL;
}

static void check_definitions(struct checking *k)
{
	CLEANUP(json_freep) cJSON *all = precheck_list(k, &api_kind_custom_resource_definition);
	CLEANUP(precheck_names_done) struct precheck_names others = {0};
	size_t there = 0;

	JSON_EACH(o, all)
	{
		const struct api_kind *kind = api_kind_find_resource(json_str_or_empty(o, "spec.group"), NULL,
								     json_str_or_empty(o, "spec.names.plural"));
		const char *keeper = kind && kind->flags & API_CUSTOM ? keeper_of(o) : NULL;

		there += kind && kind->flags & API_CUSTOM;
		if (keeper)
			precheck_names_add(&others, keeper, json_str_or_empty(o, "metadata.name"));
	}
	if (others.n)
		precheck_say(k, LEVEL_WARNING,
			     "%s: kept by others, who may take them away again; installing replaces them, their "
			     "objects stay",
			     precheck_names_str(&others));
	else if (all)
		precheck_say(k, LEVEL_OK, "%zu of Weft's definitions are there", there);
}

static void check_storage(struct checking *k)
{
	CLEANUP(json_freep) cJSON *list = NULL;
	struct err e = ERR_INIT;

	if (ctl_get_path(k->c, "/apis/storage.k8s.io/v1/storageclasses", &list, &e) != KUBE_OK) {
		precheck_say(k, LEVEL_WARNING, "not checked: %s", e.msg);
		return;
	}
	JSON_EACH(o, json_get(list, "items"))
	{
		const char *is =
			json_get_str(json_at(o, "metadata.annotations"), "storageclass.kubernetes.io/is-default-class");

		if (is && !strcmp(is, "true")) {
			precheck_say(k, LEVEL_OK, "StorageClass %s is the default",
				     json_str_or_empty(o, "metadata.name"));
			return;
		}
	}
	precheck_say(k, LEVEL_WARNING,
		     "no StorageClass is the default: claims that name none stay pending; the mesh itself makes none");
}

static void check_nodes(struct checking *k)
{
	CLEANUP(json_freep) cJSON *all = precheck_list(k, &api_kind_node);
	CLEANUP(precheck_names_done) struct precheck_names others = {0};

	JSON_EACH(o, all)
	{
		const char *arch = json_str_or_empty(o, "status.nodeInfo.architecture");

		if (*arch && strcmp(arch, "amd64") != 0 && strcmp(arch, "arm64") != 0)
			precheck_names_add(&others, NULL, json_str_or_empty(o, "metadata.name"));
	}
	if (others.n)
		precheck_say(k, LEVEL_WARNING, "%s: there are images for amd64 and arm64 only",
			     precheck_names_str(&others));
	else if (all)
		precheck_say(k, LEVEL_OK, "images fit all nodes");
}

static void find_secrets(struct checking *k, const char *name, struct precheck_names *found)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;
	CLEANUP(json_freep) cJSON *list = NULL;

	buf_printf(&path, "/api/v1/secrets?fieldSelector=metadata.name%%3D%s", name);
	if (ctl_get_path(k->c, buf_str(&path), &list, NULL) != KUBE_OK)
		return;
	JSON_EACH(o, json_get(list, "items")) precheck_names_add(found, json_str(o, "metadata.namespace"), name);
}

static void check_authority(struct checking *k)
{
	CLEANUP(precheck_names_done) struct precheck_names found = {0};

	find_secrets(k, "cacerts", &found);
	find_secrets(k, "istio-ca-secret", &found);
	if (found.n)
		precheck_say(
			k, LEVEL_OK,
			"%s: taken over by a control plane in that namespace, sidecars of both meshes trust each other",
			precheck_names_str(&found));
	else
		precheck_say(k, LEVEL_OK,
			     "no Secret cacerts or istio-ca-secret: each control plane makes its own root");
}

int precheck_cluster(struct ctl *c, bool only_bad)
{
	static const struct {
		const char *name;
		void (*check)(struct checking *k);
	} checks[] = {
		{"API server", check_server},
		{"rights", check_rights},
		{"definitions", check_definitions},
		{"other meshes", precheck_meshes},
		{"webhooks", precheck_webhooks},
		{"Routes", precheck_routes},
		{"load balancer", precheck_load_balancer},
		{"pod security", precheck_pod_security},
		{"ports", precheck_ports},
		{"nodes", check_nodes},
		{"storage", check_storage},
		{"authority", check_authority},
	};
	struct checking k = {.c = c, .only_bad = only_bad};

	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		k.name = checks[i].name;
		checks[i].check(&k);
	}
	return k.failed;
}
