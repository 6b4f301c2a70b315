/*
 * OpenShift Routes: a Route without host gets NAME-NAMESPACE.<apps domain>; the oldest Route of a host and path is
 * admitted, others are told who holds it. A Route that the router cannot carry out as it is written (a key that does
 * not fit, say) is told so in its Admitted condition.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "lab/control/controller.h"
#include "lab/object/object.h"
#include "pki/cert.h"
#include "pki/key.h"

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

/* Certificate and key: both or none, and of one another. */
static int check_pair(const cJSON *tls, struct err *e)
{
	const char *cert = json_str(tls, "certificate"), *key = json_str(tls, "key");
	CLEANUP(pki_key_freep) struct pki_key *k = NULL;

	if (!cert && !key)
		return 0;
	if (!cert || !key)
		return err_set(e, -EINVAL, "spec.tls.%s: it goes with spec.tls.%s", cert ? "certificate" : "key",
			       cert ? "key" : "certificate");
	if (pki_key_from_pem(slice_str(key), &k, e) < 0)
		return err_wrap(e, -EINVAL, "spec.tls.key");
	return pki_cert_matches_key(slice_str(cert), k, e) < 0 ? err_wrap(e, -EINVAL, "spec.tls.certificate") : 0;
}

static int check_bundle(const cJSON *tls, const char *field, struct err *e)
{
	const char *pem = json_str(tls, field);

	return pem && pki_cert_count(slice_str(pem), e) < 0 ? err_wrap(e, -EINVAL, "spec.tls.%s", field) : 0;
}

static int check_passthrough(const cJSON *route, struct err *e)
{
	static const char *const moot[] = {"certificate", "key", "caCertificate", "destinationCACertificate"};
	const cJSON *tls = json_at(route, "spec.tls");

	for (size_t i = 0; i < ARRAY_LEN(moot); i++)
		if (json_str(tls, moot[i]))
			return err_set(e, -EINVAL, "spec.tls.%s: passthrough leaves TLS to the service", moot[i]);
	if (*json_str_or_empty(route, "spec.path"))
		return err_set(e, -EINVAL, "spec.path: passthrough termination does not support paths");
	if (strcmp(json_str_or_empty(tls, "insecureEdgeTerminationPolicy"), "Allow") == 0)
		return err_set(e, -EINVAL,
			       "spec.tls.insecureEdgeTerminationPolicy: passthrough allows None and Redirect");
	return 0;
}

static int check_tls(const cJSON *route, struct err *e)
{
	const cJSON *tls = json_at(route, "spec.tls");
	const char *termination = json_str_or_empty(tls, "termination");

	if (!tls)
		return 0;
	if (json_at(tls, "externalCertificate.name"))
		return err_set(e, -EINVAL, "spec.tls.externalCertificate: this router reads no Secrets");
	if (strcmp(termination, "passthrough") == 0)
		return check_passthrough(route, e);
	if (strcmp(termination, "reencrypt") == 0 && !json_str(tls, "destinationCACertificate"))
		return err_set(
			e, -EINVAL,
			"spec.tls.destinationCACertificate: this cluster has no authority for services; give theirs");
	if (strcmp(termination, "edge") == 0 && json_str(tls, "destinationCACertificate"))
		return err_set(e, -EINVAL,
			       "spec.tls.destinationCACertificate: edge talks to the service in plain text");
	if (check_pair(tls, e) < 0 || check_bundle(tls, "caCertificate", e) < 0)
		return e->code;
	return check_bundle(tls, "destinationCACertificate", e);
}

/* What the router cannot carry out. */
static int check_spec(const cJSON *route, struct err *e)
{
	if (strcmp(json_str_or_empty(route, "spec.wildcardPolicy"), "Subdomain") == 0)
		return err_set(e, -EINVAL, "spec.wildcardPolicy: wildcard routes are not allowed");
	if (json_at(route, "spec.httpHeaders"))
		return err_set(e, -EINVAL, "spec.httpHeaders: this router changes no headers");
	return check_tls(route, e);
}

static struct admission admit(struct controller *c, const cJSON *route)
{
	struct admission a = {.admitted = true};
	struct claim claim = {route, NULL};
	struct err e = ERR_INIT;

	if (check_spec(route, &e) < 0) {
		a = (struct admission){false, "ExtendedValidationFailed", ""};
		snprintf(a.message, sizeof(a.message), "%.299s", e.msg);
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
