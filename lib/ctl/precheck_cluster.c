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
#include "ctl/operator.h"
#include "ctl/precheck.h"
#include "msg/json.h"

#define MINOR_MIN 20  /* admissionregistration.k8s.io/v1, apiextensions.k8s.io/v1, server-side apply */
#define NAMES_SHOWN 6 /* in one sentence */
#define ENFORCE "pod-security.kubernetes.io/enforce"

enum level { LEVEL_OK, LEVEL_WARNING, LEVEL_FAILED };

struct checking {
	struct ctl *c;
	const char *name;
	bool only_bad;
	int failed;
};

static void say(struct checking *k, enum level level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void say(struct checking *k, enum level level, const char *fmt, ...)
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

/* Names in a sentence: the first ones, and how many more. */
struct names {
	struct buf text;
	size_t n;
};

static void names_add(struct names *n, const char *ns, const char *name)
{
	if (n->n < NAMES_SHOWN)
		buf_printf(&n->text, "%s%s%s%s", n->n ? ", " : "", ns ? ns : "", ns ? "/" : "", name);
	n->n++;
}

static const char *names_str(struct names *n)
{
	if (n->n > NAMES_SHOWN)
		buf_printf(&n->text, " and %zu more", n->n - NAMES_SHOWN);
	return buf_str(&n->text);
}

static void names_done(struct names *n)
{
	buf_done(&n->text);
}

/* The list, or a failure that is told; NULL where there is none. */
static cJSON *list_or_say(struct checking *k, const struct api_kind *kind)
{
	cJSON *all = NULL;
	struct err e = ERR_INIT;
	const enum kube_reason reason = ctl_list(k->c, kind, NULL, &all, &e);

	if (reason != KUBE_OK && reason != KUBE_NOT_FOUND)
		say(k, LEVEL_WARNING, "not checked: %s", e.msg);
	return all;
}

static const cJSON *labels_of(const cJSON *o)
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
		say(k, LEVEL_FAILED, "%s", e.msg);
		return;
	}
	if (sscanf(json_str_or_empty(v, "major"), "%d", &major) != 1 ||
	    sscanf(json_str_or_empty(v, "minor"), "%d", &minor) != 1)
		say(k, LEVEL_WARNING, "it does not say its version");
	else if (major != 1 || minor < MINOR_MIN)
		say(k, LEVEL_FAILED, "version %d.%d is too old: 1.%d is the oldest", major, minor, MINOR_MIN);
	else
		say(k, LEVEL_OK, "version %s", json_str_or_empty(v, "gitVersion"));
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
	CLEANUP(names_done) struct names missing = {0};

	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		for (size_t v = 0; v < ARRAY_LEN(verbs); v++)
			if (!may(k, needed[i].group, needed[i].resource, verbs[v]))
				names_add(&missing, verbs[v], needed[i].resource);
	if (missing.n)
		say(k, LEVEL_FAILED, "you may not %s: install as a cluster administrator", names_str(&missing));
	else
		say(k, LEVEL_OK, "you may create all that is installed");
}

/* Who keeps a definition that we would apply, or NULL. */
static const char *keeper_of(const cJSON *crd)
{
	const char *helm = json_get_str(json_at(crd, "metadata.annotations"), "meta.helm.sh/release-name");

	if (helm)
		return "Helm";
	JSON_EACH(label, labels_of(crd))
	{
		if (label->string &&
		    (!strncmp(label->string, "operators.coreos.com/", 21) || !strcmp(label->string, "olm.managed")))
			return "OLM";
	}
	return json_get_str(labels_of(crd), "operator.istio.io/component") ? "istioctl" : NULL;
}

static void check_definitions(struct checking *k)
{
	CLEANUP(json_freep) cJSON *all = list_or_say(k, &api_kind_custom_resource_definition);
	CLEANUP(names_done) struct names others = {0};
	size_t there = 0;

	JSON_EACH(o, all)
	{
		const struct api_kind *kind = api_kind_find_resource(json_str_or_empty(o, "spec.group"), NULL,
								     json_str_or_empty(o, "spec.names.plural"));
		const char *keeper = kind && kind->flags & API_CUSTOM ? keeper_of(o) : NULL;

		there += kind && kind->flags & API_CUSTOM;
		if (keeper)
			names_add(&others, keeper, json_str_or_empty(o, "metadata.name"));
	}
	if (others.n)
		say(k, LEVEL_WARNING,
		    "%s: kept by others, who may take them away again; installing replaces them, their objects stay",
		    names_str(&others));
	else if (all)
		say(k, LEVEL_OK, "%zu of Weft's definitions are there", there);
}

static bool is_mesh_hook(const cJSON *o)
{
	const char *name = json_str_or_empty(o, "metadata.name");

	return strstr(name, "istio") && !strstr(name, "maistra.io");
}

static void find_hooks(struct checking *k, const struct api_kind *kind, struct names *found)
{
	CLEANUP(json_freep) cJSON *all = list_or_say(k, kind);

	JSON_EACH(o, all)
	{
		if (is_mesh_hook(o) && !json_get_str(labels_of(o), "maistra.io/owner"))
			names_add(found, NULL, json_str_or_empty(o, "metadata.name"));
	}
}

static void check_webhooks(struct checking *k)
{
	CLEANUP(names_done) struct names found = {0};

	find_hooks(k, &api_kind_mutating_webhook_configuration, &found);
	find_hooks(k, &api_kind_validating_webhook_configuration, &found);
	if (found.n)
		say(k, LEVEL_WARNING,
		    "%s: of another mesh; pods that both select get two sidecars, so take namespaces out there first",
		    names_str(&found));
	else
		say(k, LEVEL_OK, "no webhook of another mesh");
}

static void check_meshes(struct checking *k)
{
	CLEANUP(json_freep) cJSON *all = list_or_say(k, &api_kind_deployment);
	CLEANUP(names_done) struct names operators = {0}, planes = {0};

	JSON_EACH(o, all)
	{
		const char *ns = json_str_or_empty(o, "metadata.namespace"),
			   *name = json_str_or_empty(o, "metadata.name");
		const char *app = json_get_str(labels_of(o), "app");

		if (!strcmp(name, "istio-operator") && !operator_is_ours(o))
			names_add(&operators, ns, name);
		if (app && !strcmp(app, "istiod") && !json_get_str(labels_of(o), "maistra.io/owner"))
			names_add(&planes, ns, name);
	}
	if (operators.n)
		say(k, LEVEL_FAILED,
		    "%s is another mesh's operator, and both would reconcile the same objects: scale it to 0 first",
		    names_str(&operators));
	else if (planes.n)
		say(k, LEVEL_WARNING, "%s: another mesh's control plane; its members stay with it", names_str(&planes));
	else
		say(k, LEVEL_OK, "no other mesh");
}

static void check_routes(struct checking *k)
{
	if (ctl_has_routes(k->c))
		say(k, LEVEL_OK, "served: hosts of Gateways get Routes if the control plane asks for it");
	else
		say(k, LEVEL_OK, "not served: the ingress gateway's Service is the way in");
}

static void check_pod_security(struct checking *k)
{
	CLEANUP(json_freep) cJSON *all = list_or_say(k, &api_kind_namespace);
	CLEANUP(names_done) struct names strict = {0};

	JSON_EACH(o, all)
	{
		const char *level = json_get_str(labels_of(o), ENFORCE);
		const bool member = json_get_str(labels_of(o), "maistra.io/member-of") ||
				    json_get_str(labels_of(o), "istio-injection");

		if (level && member && strcmp(level, "privileged") != 0)
			names_add(&strict, NULL, json_str_or_empty(o, "metadata.name"));
	}
	if (strict.n)
		say(k, LEVEL_WARNING,
		    "%s: pods with a sidecar are refused there, as the init container needs NET_ADMIN (label " ENFORCE
		    ")",
		    names_str(&strict));
	else if (all)
		say(k, LEVEL_OK, "operator, control plane and gateways run restricted; no member forbids sidecars");
}

static void check_storage(struct checking *k)
{
	CLEANUP(json_freep) cJSON *list = NULL;
	struct err e = ERR_INIT;

	if (ctl_get_path(k->c, "/apis/storage.k8s.io/v1/storageclasses", &list, &e) != KUBE_OK) {
		say(k, LEVEL_WARNING, "not checked: %s", e.msg);
		return;
	}
	JSON_EACH(o, json_get(list, "items"))
	{
		const char *is =
			json_get_str(json_at(o, "metadata.annotations"), "storageclass.kubernetes.io/is-default-class");

		if (is && !strcmp(is, "true")) {
			say(k, LEVEL_OK, "StorageClass %s is the default", json_str_or_empty(o, "metadata.name"));
			return;
		}
	}
	say(k, LEVEL_WARNING,
	    "no StorageClass is the default: claims that name none stay pending; the mesh itself makes none");
}

static void check_load_balancer(struct checking *k)
{
	CLEANUP(json_freep) cJSON *all = list_or_say(k, &api_kind_service);
	CLEANUP(names_done) struct names pending = {0};
	size_t given = 0;

	JSON_EACH(o, all)
	{
		if (strcmp(json_str_or_empty(o, "spec.type"), "LoadBalancer") != 0)
			continue;
		if (json_is_empty(json_at(o, "status.loadBalancer.ingress")))
			names_add(&pending, json_str(o, "metadata.namespace"), json_str_or_empty(o, "metadata.name"));
		else
			given++;
	}
	if (pending.n && !given)
		say(k, LEVEL_WARNING,
		    "%s: no address was given; without Routes set spec.gateways.ingress.service.type to NodePort",
		    names_str(&pending));
	else if (all)
		say(k, LEVEL_OK, given ? "addresses are given" : "no Service asks for an address as yet");
}

/* What the sidecar listens on inside a pod. */
static bool is_proxy_port(int64_t port)
{
	static const int ports[] = {15000, 15001, 15004, 15006, 15020, 15021, 15053, 15090};

	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		if (ports[i] == port)
			return true;
	return false;
}

static bool pod_takes_port(const cJSON *pod)
{
	JSON_EACH(container, json_at(pod, "spec.containers"))
	{
		if (!strcmp(json_str_or_empty(container, "name"), "istio-proxy"))
			continue;
		JSON_EACH(port, json_get(container, "ports"))
		{
			if (is_proxy_port(json_int(port, "containerPort", 0)))
				return true;
		}
	}
	return false;
}

static void check_ports(struct checking *k)
{
	CLEANUP(json_freep) cJSON *all = list_or_say(k, &api_kind_pod);
	CLEANUP(names_done) struct names taken = {0};

	JSON_EACH(o, all)
	{
		const char *app = json_get_str(labels_of(o), "app");

		if (pod_takes_port(o) && !(app && !strcmp(app, "istiod")))
			names_add(&taken, json_str(o, "metadata.namespace"), json_str_or_empty(o, "metadata.name"));
	}
	if (taken.n)
		say(k, LEVEL_WARNING, "%s: listen on a port that a sidecar needs (15000 to 15090)", names_str(&taken));
	else if (all)
		say(k, LEVEL_OK, "no application listens where sidecars do");
}

static void check_nodes(struct checking *k)
{
	CLEANUP(json_freep) cJSON *all = list_or_say(k, &api_kind_node);
	CLEANUP(names_done) struct names others = {0};

	JSON_EACH(o, all)
	{
		const char *arch = json_str_or_empty(o, "status.nodeInfo.architecture");

		if (*arch && strcmp(arch, "amd64") != 0 && strcmp(arch, "arm64") != 0)
			names_add(&others, NULL, json_str_or_empty(o, "metadata.name"));
	}
	if (others.n)
		say(k, LEVEL_WARNING, "%s: there are images for amd64 and arm64 only", names_str(&others));
	else if (all)
		say(k, LEVEL_OK, "images fit all nodes");
}

static void find_secrets(struct checking *k, const char *name, struct names *found)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;
	CLEANUP(json_freep) cJSON *list = NULL;

	buf_printf(&path, "/api/v1/secrets?fieldSelector=metadata.name%%3D%s", name);
	if (ctl_get_path(k->c, buf_str(&path), &list, NULL) != KUBE_OK)
		return;
	JSON_EACH(o, json_get(list, "items")) names_add(found, json_str(o, "metadata.namespace"), name);
}

static void check_authority(struct checking *k)
{
	CLEANUP(names_done) struct names found = {0};

	find_secrets(k, "cacerts", &found);
	find_secrets(k, "istio-ca-secret", &found);
	if (found.n)
		say(k, LEVEL_OK,
		    "%s: taken over by a control plane in that namespace, sidecars of both meshes trust each other",
		    names_str(&found));
	else
		say(k, LEVEL_OK, "no Secret cacerts or istio-ca-secret: each control plane makes its own root");
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
		{"other meshes", check_meshes},
		{"webhooks", check_webhooks},
		{"Routes", check_routes},
		{"load balancer", check_load_balancer},
		{"pod security", check_pod_security},
		{"ports", check_ports},
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
