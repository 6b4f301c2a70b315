/* Services and workloads of Kubernetes. */
#include <stdlib.h>
#include <string.h>

#include "ctl/analyze/analyze_internal.h"
#include "mesh/protocol.h"

/* --- names of ports --- */

static bool says_protocol(const cJSON *port)
{
	const char *app = json_get_str(port, "appProtocol"), *name = json_str_or_empty(port, "name");
	const char *transport = json_get_str(port, "protocol");
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	enum protocol p;
	const char *first;

	if ((app && *app) || (transport && !strcmp(transport, "UDP")))
		return true;
	if (!*name)
		return protocol_detect(NULL, NULL, transport, (uint16_t)json_int(port, "port", 0)) != PROTOCOL_AUTO;
	first = arena_slicedup(&a, slice_make(name, strcspn(name, "-")));
	return protocol_parse(first, &p) == 0 || !strcmp(name, "grpc-web") || !strncmp(name, "grpc-web-", 9);
}

void analyze_port_names(struct analysis *x)
{
	EACH_ITEM (s, x, "Service") {
		const char *managed = json_get_str(item_labels(s), "gateway.istio.io/managed");
		const bool external = !strcmp(json_str_or_empty(s->json, "spec.type"), "ExternalName");
		size_t n = 0;

		if (item_of_control_plane(s) || managed)
			continue;
		JSON_EACH(p, json_at(s->json, "spec.ports"))
		{
			const char *name = json_str_or_empty(p, "name");
			const char *path = arena_printf(&x->a, "spec.ports[%zu]", n++);

			if (says_protocol(p) && !(external && !strcmp(name, "tcp")))
				continue;
			if (external)
				analysis_say(x, IST0150, s, path,
					     "port name \"%s\" of an ExternalName makes proxies take the port for TCP "
					     "to any address",
					     name);
			else
				analysis_say(x, IST0118, s, path,
					     "port %lld: its name \"%s\" says no protocol; write it as http-%s, "
					     "tcp-%s, or use "
					     "appProtocol",
					     (long long)json_int(p, "port", 0), name, name, name);
		}
	}
}

/* --- Services of one workload --- */

struct served {
	const struct item *service;
	int64_t port;
	const char *target, *protocol;
};
typedef VEC(struct served) served_ports;

static const char *target_text(struct analysis *x, const cJSON *port)
{
	const cJSON *t = json_get(port, "targetPort");

	if (cJSON_IsString(t) && *t->valuestring && strcmp(t->valuestring, "0") != 0)
		return t->valuestring;
	return arena_printf(&x->a, "%lld",
			    (long long)(cJSON_IsNumber(t) && t->valueint ? t->valueint : json_int(port, "port", 0)));
}

static void list_served(struct analysis *x, const struct item *workload, served_ports *ret)
{
	const cJSON *labels = json_at(workload->json, "spec.template.metadata.labels");

	EACH_ITEM (s, x, "Service") {
		const cJSON *selector = json_at(s->json, "spec.selector");

		if (strcmp(s->ns, workload->ns) != 0 || json_is_empty(selector) || !labels_match(selector, labels))
			continue;
		JSON_EACH(p, json_at(s->json, "spec.ports"))
		{
			const char *protocol = json_get_str(p, "protocol");

			vec_push(ret, (struct served){s, json_int(p, "port", 0), target_text(x, p),
						      protocol && *protocol ? protocol : "TCP"});
		}
	}
}

/* Whether an earlier one has the same number, so that each is told once. */
static bool seen(const served_ports *all, size_t i, bool target)
{
	for (size_t k = 0; k < i; k++)
		if (target ? !strcmp(all->v[k].target, all->v[i].target) : all->v[k].port == all->v[i].port)
			return true;
	return false;
}

static void judge_served(struct analysis *x, const struct item *d, const served_ports *all, size_t i)
{
	const struct served *a = &all->v[i];

	for (size_t k = i + 1; k < all->n && !seen(all, i, false); k++)
		if (all->v[k].port == a->port && strcmp(all->v[k].protocol, a->protocol) != 0) {
			analysis_say(x, IST0116, d, "metadata.name",
				     "Services %s and %s have port %lld of it with different protocols, %s and %s",
				     item_name(x, a->service), item_name(x, all->v[k].service), (long long)a->port,
				     a->protocol, all->v[k].protocol);
			break;
		}
	for (size_t k = i + 1; k < all->n && !seen(all, i, true); k++)
		if (!strcmp(all->v[k].target, a->target) && all->v[k].port != a->port) {
			analysis_say(x, IST0137, d, "metadata.name",
				     "Services %s and %s lead to its port %s by different numbers, %lld and %lld",
				     item_name(x, a->service), item_name(x, all->v[k].service), a->target,
				     (long long)a->port, (long long)all->v[k].port);
			break;
		}
}

void analyze_deployment_services(struct analysis *x)
{
	EACH_ITEM (d, x, "Deployment") {
		const cJSON *t = json_at(d->json, "spec.template");
		const struct analysis_pod p = {d, json_at(t, "metadata.labels"), json_at(t, "metadata.annotations"),
					       json_get(t, "spec"), true};
		served_ports all = {0};

		if (!pod_in_mesh(x, &p))
			continue;
		list_served(x, d, &all);
		for (size_t i = 0; i < all.n; i++)
			judge_served(x, d, &all, i);
		vec_done(&all);
	}
}

/* --- users --- */

#define PROXY_UID 1337

static void judge_user(struct analysis *x, const struct item *i, const cJSON *spec, const char *path)
{
	size_t n = 0;

	if (item_of_control_plane(i))
		return;
	if (json_int(spec, "securityContext.runAsUser", 0) == PROXY_UID)
		analysis_say(x, IST0144, i, arena_printf(&x->a, "%s.securityContext.runAsUser", path),
			     "user %d is the proxy's own: the application's traffic would pass by the proxy",
			     PROXY_UID);
	JSON_EACH(c, json_get(spec, "containers"))
	{
		const char *name = json_str_or_empty(c, "name");

		if (strcmp(name, "istio-proxy") != 0 && strcmp(name, "istio-operator") != 0 &&
		    json_int(c, "securityContext.runAsUser", 0) == PROXY_UID)
			analysis_say(
				x, IST0144, i,
				arena_printf(&x->a, "%s.containers[%zu].securityContext.runAsUser", path, n),
				"container %s runs as user %d, the proxy's own: its traffic would pass by the proxy",
				name, PROXY_UID);
		n++;
	}
}

void analyze_application_uid(struct analysis *x)
{
	EACH_ITEM (p, x, "Pod")
		judge_user(x, p, json_get(p->json, "spec"), "spec");
	EACH_ITEM (d, x, "Deployment")
		judge_user(x, d, json_at(d->json, "spec.template.spec"), "spec.template.spec");
}
