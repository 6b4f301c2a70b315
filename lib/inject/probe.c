/*
 * Probes of the application go to the proxy's agent (its status port, /app-health/<container>/<probe>), which asks the
 * application from inside the pod: the kubelet has no certificate for mutual TLS. Exec probes stay.
 */
#include <stdio.h>
#include <stdlib.h>

#include "inject/internal.h"

static int resolve_port(const struct core_container *c, const struct int_or_str *p)
{
	if (p->kind == INT_OR_STR_INT)
		return p->i;
	for (size_t i = 0; p->s && i < c->ports.n; i++)
		if (c->ports.v[i].name && strcmp(c->ports.v[i].name, p->s) == 0)
			return c->ports.v[i].container_port;
	return p->s ? atoi(p->s) : 0;
}

static void save_headers(cJSON *get, const struct core_http_get_action *h)
{
	cJSON *list;

	if (!h->http_headers.n)
		return;
	list = cJSON_AddArrayToObject(get, "httpHeaders");
	for (size_t i = 0; i < h->http_headers.n; i++) {
		cJSON *x = cJSON_CreateObject();

		cJSON_AddStringToObject(x, "name", h->http_headers.v[i].name ?: "");
		cJSON_AddStringToObject(x, "value", h->http_headers.v[i].value ?: "");
		cJSON_AddItemToArray(list, x);
	}
}

/* What the agent has to do; NULL for a probe that stays as it is. */
static cJSON *original(const struct core_container *c, const struct core_probe *p)
{
	cJSON *out = cJSON_CreateObject(), *x;

	if (p->http_get) {
		x = cJSON_AddObjectToObject(out, "httpGet");
		cJSON_AddStringToObject(x, "path", p->http_get->path ? p->http_get->path : "/");
		cJSON_AddNumberToObject(x, "port", resolve_port(c, &p->http_get->port));
		if (p->http_get->host)
			cJSON_AddStringToObject(x, "host", p->http_get->host);
		if (p->http_get->scheme)
			cJSON_AddStringToObject(x, "scheme", p->http_get->scheme);
		save_headers(x, p->http_get);
	} else if (p->tcp_socket) {
		x = cJSON_AddObjectToObject(out, "tcpSocket");
		cJSON_AddNumberToObject(x, "port", resolve_port(c, &p->tcp_socket->port));
	} else if (p->grpc) {
		x = cJSON_AddObjectToObject(out, "grpc");
		cJSON_AddNumberToObject(x, "port", p->grpc->port);
		cJSON_AddStringToObject(x, "service", p->grpc->service ? p->grpc->service : "");
	} else {
		cJSON_Delete(out);
		return NULL;
	}
	if (p->timeout_seconds)
		cJSON_AddNumberToObject(out, "timeoutSeconds", p->timeout_seconds);
	return out;
}

static bool rewritten_before(const struct injection *x, const struct core_probe *p)
{
	return p->http_get && p->http_get->path && strncmp(p->http_get->path, "/app-health/", 12) == 0 &&
	       p->http_get->port.kind == INT_OR_STR_INT && p->http_get->port.i == x->status_port;
}

static void rewrite(struct injection *x, const struct core_container *c, cJSON *to, const char *field, const char *name,
		    const struct core_probe *p)
{
	const char *path = arena_printf(x->a, "/app-health/%s/%s", c->name, name);
	cJSON *orig = p && !rewritten_before(x, p) ? original(c, p) : NULL, *probe, *get;

	if (!orig)
		return;
	cJSON_DeleteItemFromObjectCaseSensitive(x->probers, path);
	cJSON_AddItemToObject(x->probers, path, orig);
	probe = json_get(to, field);
	cJSON_DeleteItemFromObject(probe, "httpGet");
	cJSON_DeleteItemFromObject(probe, "tcpSocket");
	cJSON_DeleteItemFromObject(probe, "grpc");
	get = cJSON_AddObjectToObject(probe, "httpGet");
	cJSON_AddStringToObject(get, "path", path);
	cJSON_AddNumberToObject(get, "port", x->status_port);
	cJSON_AddStringToObject(get, "scheme", "HTTP");
}

void inject_probes(struct injection *x, cJSON *pod)
{
	const char *said = inject_annotation(x, "sidecar.istio.io/rewriteAppHTTPProbers");
	const cJSON *dflt = json_at(x->values, "sidecarInjectorWebhook.rewriteAppHTTPProbe");

	if (!dflt)
		dflt = json_at(x->values, "global.sidecarInjectorWebhook.rewriteAppHTTPProbe");
	if (!x->status_port || (said ? strcasecmp(said, "true") != 0 : cJSON_IsFalse(dflt)))
		return;
	for (size_t i = 0; i < x->pod->spec->containers.n; i++) {
		const struct core_container *c = &x->pod->spec->containers.v[i];
		cJSON *to = c->name ? inject_named(json_at(pod, "spec.containers"), c->name) : NULL;

		if (!to || strcmp(c->name, PROXY_CONTAINER) == 0)
			continue;
		rewrite(x, c, to, "readinessProbe", "readyz", c->readiness_probe);
		rewrite(x, c, to, "livenessProbe", "livez", c->liveness_probe);
		rewrite(x, c, to, "startupProbe", "startupz", c->startup_probe);
	}
}
