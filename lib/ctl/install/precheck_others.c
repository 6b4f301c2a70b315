/* Checks of what else is in the cluster: other meshes, their webhooks, and applications that sidecars would meet. */
#include <string.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "ctl/install/operator.h"
#include "ctl/install/precheck_internal.h"
#include "msg/json.h"

#define ENFORCE "pod-security.kubernetes.io/enforce"

static bool is_mesh_hook(const cJSON *o)
{
	const char *name = json_str_or_empty(o, "metadata.name");

	return strstr(name, "istio") && !strstr(name, "maistra.io");
}

static void find_hooks(struct checking *k, const struct api_kind *kind, struct precheck_names *found)
{
	CLEANUP(json_freep) cJSON *all = precheck_list(k, kind);

	JSON_EACH(o, all)
	{
		if (is_mesh_hook(o) && !json_get_str(precheck_labels(o), "maistra.io/owner"))
			precheck_names_add(found, NULL, json_str_or_empty(o, "metadata.name"));
	}
}

void precheck_webhooks(struct checking *k)
{
	CLEANUP(precheck_names_done) struct precheck_names found = {0};

	find_hooks(k, &api_kind_mutating_webhook_configuration, &found);
	find_hooks(k, &api_kind_validating_webhook_configuration, &found);
	if (found.n)
		precheck_say(k, LEVEL_WARNING,
			     "%s: of another mesh; pods that both select get two sidecars, so take namespaces out "
			     "there first",
			     precheck_names_str(&found));
	else
		precheck_say(k, LEVEL_OK, "no webhook of another mesh");
}

void precheck_meshes(struct checking *k)
{
	CLEANUP(json_freep) cJSON *all = precheck_list(k, &api_kind_deployment);
	CLEANUP(precheck_names_done) struct precheck_names operators = {0}, planes = {0};

	JSON_EACH(o, all)
	{
		const char *ns = json_str_or_empty(o, "metadata.namespace"),
			   *name = json_str_or_empty(o, "metadata.name");
		const char *app = json_get_str(precheck_labels(o), "app");

		if (!strcmp(name, "istio-operator") && !operator_is_ours(o))
			precheck_names_add(&operators, ns, name);
		if (app && !strcmp(app, "istiod") && !json_get_str(precheck_labels(o), "maistra.io/owner"))
			precheck_names_add(&planes, ns, name);
	}
	if (operators.n)
		precheck_say(
			k, LEVEL_FAILED,
			"%s is another mesh's operator, and both would reconcile the same objects: remove it first "
			"(with OLM its Subscription and ClusterServiceVersion); what it made stays",
			precheck_names_str(&operators));
	else if (planes.n)
		precheck_say(k, LEVEL_WARNING, "%s: another mesh's control plane; its members stay with it",
			     precheck_names_str(&planes));
	else
		precheck_say(k, LEVEL_OK, "no other mesh");
}

void precheck_routes(struct checking *k)
{
	if (ctl_has_routes(k->c))
		precheck_say(k, LEVEL_OK, "served: hosts of Gateways get Routes if the control plane asks for it");
	else
		precheck_say(k, LEVEL_OK, "not served: the ingress gateway's Service is the way in");
}

void precheck_pod_security(struct checking *k)
{
	CLEANUP(json_freep) cJSON *all = precheck_list(k, &api_kind_namespace);
	CLEANUP(precheck_names_done) struct precheck_names strict = {0};

	JSON_EACH(o, all)
	{
		const char *level = json_get_str(precheck_labels(o), ENFORCE);
		const bool member = json_get_str(precheck_labels(o), "maistra.io/member-of") ||
				    json_get_str(precheck_labels(o), "istio-injection");

		if (level && member && strcmp(level, "privileged") != 0)
			precheck_names_add(&strict, NULL, json_str_or_empty(o, "metadata.name"));
	}
	if (strict.n)
		precheck_say(k, LEVEL_WARNING,
			     "%s: pods with a sidecar are refused there, as the init container needs NET_ADMIN "
			     "(label " ENFORCE ")",
			     precheck_names_str(&strict));
	else if (all)
		precheck_say(k, LEVEL_OK,
			     "operator, control plane and gateways run restricted; no member forbids sidecars");
}

void precheck_load_balancer(struct checking *k)
{
	CLEANUP(json_freep) cJSON *all = precheck_list(k, &api_kind_service);
	CLEANUP(precheck_names_done) struct precheck_names pending = {0};
	size_t given = 0;

	JSON_EACH(o, all)
	{
		if (strcmp(json_str_or_empty(o, "spec.type"), "LoadBalancer") != 0)
			continue;
		if (json_is_empty(json_at(o, "status.loadBalancer.ingress")))
			precheck_names_add(&pending, json_str(o, "metadata.namespace"),
					   json_str_or_empty(o, "metadata.name"));
		else
			given++;
	}
	if (pending.n && !given)
		precheck_say(
			k, LEVEL_WARNING,
			"%s: no address was given; without Routes set spec.gateways.ingress.service.type to NodePort",
			precheck_names_str(&pending));
	else if (all)
		precheck_say(k, LEVEL_OK, given ? "addresses are given" : "no Service asks for an address as yet");
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

void precheck_ports(struct checking *k)
{
	CLEANUP(json_freep) cJSON *all = precheck_list(k, &api_kind_pod);
	CLEANUP(precheck_names_done) struct precheck_names taken = {0};

	JSON_EACH(o, all)
	{
		const char *app = json_get_str(precheck_labels(o), "app");

		if (pod_takes_port(o) && !(app && !strcmp(app, "istiod")))
			precheck_names_add(&taken, json_str(o, "metadata.namespace"),
					   json_str_or_empty(o, "metadata.name"));
	}
	if (taken.n)
		precheck_say(k, LEVEL_WARNING, "%s: listen on a port that a sidecar needs (15000 to 15090)",
			     precheck_names_str(&taken));
	else if (all)
		precheck_say(k, LEVEL_OK, "no application listens where sidecars do");
}
