/*
 * OpenShift Routes: a Route without host gets NAME-NAMESPACE.<apps domain>; the oldest Route of a host and path is
 * admitted, others are told who holds it. A Route of what the router does not do yet (TLS) is told so in its Admitted
 * condition.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "lab/control/controller.h"
#include "lab/object/object.h"

static void assign_host(struct controller *c, struct work *w)
{
	char *host = mem_printf("%s-%s.%s", w->name, w->ns, (const char *)c->arg);
	cJSON *patch = cJSON_CreateObject();

	cJSON_AddStringToObject(cJSON_AddObjectToObject(cJSON_AddObjectToObject(patch, "metadata"), "annotations"),
				"openshift.io/host.generated", "true");
	cJSON_AddStringToObject(cJSON_AddObjectToObject(patch, "spec"), "host", host);
	work_patch(w, GVR(route), w->ns, w->name, NULL, patch);
	free(host);
}

struct claim {
	const cJSON *route;
	const cJSON *holder; /* an older one with the same host and path */
};

static bool older(const cJSON *a, const cJSON *b)
{
	int d = strcmp(json_str_or_empty(a, "metadata.creationTimestamp"),
		       json_str_or_empty(b, "metadata.creationTimestamp"));

	return d ? d < 0 : strcmp(object_uid(a), object_uid(b)) < 0;
}

static void look_for_holder(void *arg, const cJSON *other)
{
	struct claim *c = arg;

	if (strcmp(object_uid(other), object_uid(c->route)) == 0 || object_terminating(other))
		return;
	if (strcmp(json_str_or_empty(other, "spec.host"), json_str_or_empty(c->route, "spec.host")) == 0 &&
	    strcmp(json_str_or_empty(other, "spec.path"), json_str_or_empty(c->route, "spec.path")) == 0 &&
	    older(other, c->route))
		c->holder = other;
}

struct admission {
	bool admitted;
	const char *reason;
	char message[300];
};

static struct admission admit(struct controller *c, const cJSON *route)
{
	struct admission a = {.admitted = true};
	struct claim claim = {route, NULL};

	if (json_at(route, "spec.tls")) {
		a = (struct admission){false, "ExtendedValidationFailed", ""};
		snprintf(a.message, sizeof(a.message), "spec.tls: this router serves plain HTTP only");
		return a;
	}
	lab_list(c->client.api, GVR(route), NULL, NULL, look_for_holder, &claim);
	if (claim.holder) {
		a = (struct admission){false, "HostAlreadyClaimed", ""};
		snprintf(a.message, sizeof(a.message), "route %.128s in namespace %.64s holds this host and path",
			 object_name(claim.holder), object_ns(claim.holder));
	}
	return a;
}

static const cJSON *ingress(const cJSON *route)
{
	return cJSON_GetArrayItem(json_at(route, "status.ingress"), 0);
}

static bool told(const cJSON *route, const struct admission *a)
{
	const cJSON *in = ingress(route), *condition = cJSON_GetArrayItem(json_at(in, "conditions"), 0);

	return in && strcmp(json_str_or_empty(in, "host"), json_str_or_empty(route, "spec.host")) == 0 &&
	       strcmp(json_str_or_empty(condition, "status"), a->admitted ? "True" : "False") == 0 &&
	       strcmp(json_str_or_empty(condition, "message"), a->message) == 0;
}

static void write_admission(struct controller *c, struct work *w, const cJSON *route, const struct admission *a)
{
	cJSON *patch = cJSON_CreateObject(), *in = cJSON_CreateObject(), *condition = cJSON_CreateObject();
	char *canonical = mem_printf("router-default.%s", (const char *)c->arg), now[CLOCK_TEXT_MAX];

	cJSON_AddItemToArray(cJSON_AddArrayToObject(cJSON_AddObjectToObject(patch, "status"), "ingress"), in);
	cJSON_AddStringToObject(in, "host", json_str_or_empty(route, "spec.host"));
	cJSON_AddStringToObject(in, "routerName", "default");
	cJSON_AddStringToObject(in, "routerCanonicalHostname", canonical);
	cJSON_AddStringToObject(in, "wildcardPolicy", "None");
	cJSON_AddItemToArray(cJSON_AddArrayToObject(in, "conditions"), condition);
	cJSON_AddStringToObject(condition, "type", "Admitted");
	cJSON_AddStringToObject(condition, "status", a->admitted ? "True" : "False");
	cJSON_AddStringToObject(condition, "lastTransitionTime", clock_now_text(now));
	if (!a->admitted) {
		cJSON_AddStringToObject(condition, "reason", a->reason);
		cJSON_AddStringToObject(condition, "message", a->message);
	}
	work_patch(w, GVR(route), w->ns, w->name, "status", patch);
	free(canonical);
}

static void reconcile(struct controller *c, struct work *w)
{
	const cJSON *route = lab_get(c->client.api, GVR(route), w->ns, w->name);
	struct admission a;

	if (!route || object_terminating(route))
		return;
	if (!*json_str_or_empty(route, "spec.host")) {
		assign_host(c, w);
		return;
	}
	a = admit(c, route);
	if (!told(route, &a))
		write_admission(c, w, route, &a);
}

static void enqueue_route(void *arg, const cJSON *route)
{
	controller_enqueue(arg, object_ns(route), object_name(route));
}

static void on_route(struct controller *c, enum lab_event event, const cJSON *route)
{
	controller_enqueue_self(c, event, route);
	/* Somebody may have waited for its host. */
	if (event == LAB_DELETED)
		lab_list(c->client.api, GVR(route), NULL, NULL, enqueue_route, c);
}

void route_controller_start(struct controller *c, const struct controllers_config *config)
{
	controller_init(c, config->loop, config->api, "route-controller", reconcile);
	c->arg = (void *)config->apps_domain;
	controller_watch(c, GVR(route), on_route);
}
