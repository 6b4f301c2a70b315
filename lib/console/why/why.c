/* The way of a request through one proxy, step by step, and who of several proxies made the answer. */
#include "console/why/why.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "msg/json.h"

/* ---- steps ---- */

static cJSON *step(cJSON *steps, const char *what, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static cJSON *step(cJSON *steps, const char *what, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	cJSON *o = cJSON_CreateObject();
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	cJSON_AddStringToObject(o, "what", what);
	cJSON_AddStringToObject(o, "text", buf_str(&text));
	cJSON_AddItemToArray(steps, o);
	return o;
}

static void now(cJSON *step, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void now(cJSON *step, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	json_set_str(step, "now", buf_str(&text));
}

static void point_at(cJSON *step, const char *kind, const char *ns, const char *name)
{
	json_set_str(step, "kind", kind);
	json_set_str(step, "namespace", ns);
	json_set_str(step, "name", name);
}

static bool is(const cJSON *o, const char *name, bool value)
{
	const cJSON *v = json_get(o, name);

	return value ? cJSON_IsTrue(v) : cJSON_IsFalse(v);
}

/* What an object's status says. */
static void tell_status(cJSON *step, const cJSON *entry)
{
	const cJSON *m = json_get(entry, "messages");

	if (is(entry, "accepted", false) || is(entry, "resolved", false))
		now(step, "not all of it is carried out: %s%s%s",
		    m && m->child ? json_str_or_empty(m->child, "path") : "", m && m->child ? ": " : "",
		    m && m->child ? json_str_or_empty(m->child, "text") : "see its status");
	else if (is(entry, "programmed", false))
		now(step, "not all proxies have it yet");
	else
		now(step, "it is in force");
}

/* A step for each of the service's objects of a kind. */
static void tell_config(cJSON *steps, const cJSON *service, const char *what, const char *kind, const char *text)
{
	JSON_EACH(c, json_get(service, "config"))
	{
		const char *ns = json_str_or_empty(c, "namespace"), *name = json_str_or_empty(c, "name");
		cJSON *s;

		if (strcmp(json_str_or_empty(c, "kind"), kind) != 0)
			continue;
		s = step(steps, what, "%s %s/%s %s", kind, ns, name, text);
		point_at(s, kind, ns, name);
		tell_status(s, c);
	}
}

/* ---- the cluster's name ---- */

struct target {
	char *direction, *port, *subset, *host; /* outbound|80|v1|catalog.shop.svc.cluster.local */
	char *service, *ns;                     /* "" when the host is no service's */
};

static void read_target(struct arena *a, const char *cluster, struct target *t)
{
	struct slice rest = slice_str(cluster), host, after;

	t->direction = arena_slicedup(a, slice_split(&rest, '|'));
	t->port = arena_slicedup(a, slice_split(&rest, '|'));
	t->subset = arena_slicedup(a, slice_split(&rest, '|'));
	t->host = arena_slicedup(a, rest);
	host = rest;
	t->service = arena_slicedup(a, slice_split(&host, '.'));
	t->ns = arena_slicedup(a, slice_split(&host, '.'));
	after = slice_split(&host, '.');
	if (!slice_eq(after, SLICE("svc")))
		t->service = t->ns = arena_strdup(a, "");
}

static bool is_inbound(const struct target *t)
{
	return strncmp(t->direction, "inbound", 7) == 0;
}

/* ---- listener, route, policy ---- */

static void tell_listener(cJSON *steps, const struct why_line *l, const struct target *t)
{
	const char *local = l->f[WHY_DOWNSTREAM_LOCAL], *remote = l->f[WHY_DOWNSTREAM_REMOTE];

	if (is_inbound(t))
		step(steps, "listener",
		     "the server's side: listener virtualInbound took the connection from %s for port %s of its pod",
		     *remote ? remote : "its client", *t->port ? t->port : "?");
	else if (*local)
		step(steps, "listener", "the client's side, or a gateway: a connection from %s to %s%s%s",
		     *remote ? remote : "its client", local, *l->f[WHY_SERVER_NAME] ? ", SNI " : "",
		     l->f[WHY_SERVER_NAME]);
}

static bool names_host(const cJSON *object, struct slice host)
{
	JSON_EACH(h, json_at(object, "spec.hosts"))
	if (cJSON_IsString(h) && (slice_eq_str(host, h->valuestring) || strcmp(h->valuestring, "*") == 0))
		return true;
	return false;
}

/* No route: those VirtualServices that name the host could have been meant. */
static void tell_no_route(const struct mesh_view *v, cJSON *steps, const struct why_line *l)
{
	struct slice rest = slice_str(l->f[WHY_AUTHORITY]);
	const struct slice host = slice_split(&rest, ':');
	CLEANUP(json_freep) cJSON *all = mesh_config(v);
	size_t found = 0;

	step(steps, "route", "no route of this listener takes host %s and path %s", l->f[WHY_AUTHORITY],
	     l->f[WHY_PATH]);
	JSON_EACH(c, all)
	{
		const char *ns = json_str_or_empty(c, "namespace"), *name = json_str_or_empty(c, "name");
		CLEANUP(json_freep) cJSON *full = NULL;
		cJSON *s;

		if (strcmp(json_str_or_empty(c, "kind"), "VirtualService") != 0)
			continue;
		full = mesh_config_object(v, mesh_config_kind(SLICE("VirtualService")), ns, name);
		if (!names_host(json_get(full, "object"), host))
			continue;
		s = step(steps, "route",
			 "VirtualService %s/%s names this host: do its matches take the path, and its gateways "
			 "this one?",
			 ns, name);
		point_at(s, "VirtualService", ns, name);
		tell_status(s, c);
		found++;
	}
	if (!found)
		step(steps, "route", "no VirtualService that you may see names this host");
}

static void tell_route(const struct mesh_view *v, cJSON *steps, const struct why_line *l, const struct target *t,
		       const cJSON *service)
{
	const char *route = l->f[WHY_ROUTE];

	if (strstr(l->f[WHY_FLAGS], "NR") || strcmp(l->f[WHY_DETAILS], "route_not_found") == 0) {
		tell_no_route(v, steps, l);
		return;
	}
	if (is_inbound(t))
		return;
	if (*route)
		step(steps, "route",
		     strcmp(route, "default") == 0 ? "the service's own route (\"%s\"): no VirtualService chose"
						   : "route \"%s\"",
		     route);
	tell_config(steps, service, "route", "VirtualService", "is about this service");
}

/* rbac_access_denied_matched_policy[ns[shop]-policy[deny]-rule[0]] */
static bool read_policy(struct arena *a, const char *details, char **ns, char **name, char **rule)
{
	static const char head[] = "matched_policy[ns[";
	const char *at = strstr(details, head), *end;

	if (!at)
		return false;
	at += strlen(head);
	end = strstr(at, "]-policy[");
	if (!end)
		return false;
	*ns = arena_slicedup(a, slice_make(at, (size_t)(end - at)));
	at = end + strlen("]-policy[");
	end = strstr(at, "]-rule[");
	if (!end)
		return false;
	*name = arena_slicedup(a, slice_make(at, (size_t)(end - at)));
	at = end + strlen("]-rule[");
	*rule = arena_slicedup(a, slice_make(at, strcspn(at, "]")));
	return true;
}

static void tell_policies_of(const struct mesh_view *v, cJSON *steps, const cJSON *pod, const char *kind,
			     const char *text)
{
	CLEANUP(json_freep)
	cJSON *w =
		pod ? mesh_workload(v, json_str_or_empty(pod, "namespace"), json_str_or_empty(pod, "workload")) : NULL;

	tell_config(steps, w, "policy", kind, text);
}

static void tell_policy(const struct mesh_view *v, struct arena *a, cJSON *steps, const struct why_line *l,
			const cJSON *pod)
{
	const char *details = l->f[WHY_DETAILS];
	char *ns, *name, *rule;

	if (strstr(details, "rbac_access_denied") && read_policy(a, details, &ns, &name, &rule)) {
		CLEANUP(json_freep)
		cJSON *full = mesh_config_object(v, mesh_config_kind(SLICE("AuthorizationPolicy")), ns, name);
		cJSON *s = step(steps, "policy", "rule %s of AuthorizationPolicy %s/%s denies it", rule, ns, name);

		if (!full)
			now(s, "it is not there any more, or not yours to see");
		else
			point_at(s, "AuthorizationPolicy", ns, name);
	} else if (strstr(details, "rbac_access_denied")) {
		step(steps, "policy", "there are ALLOW policies for this workload, and no rule of theirs matches");
		tell_policies_of(v, steps, pod, "AuthorizationPolicy", "is about this workload");
	} else if (strstr(details, "jwt_authn")) {
		step(steps, "policy", "the token is not good: %s", details);
		tell_policies_of(v, steps, pod, "RequestAuthentication", "is about this workload");
	} else if (strstr(details, "ext_authz")) {
		step(steps, "policy", "the external authorizer: %s", details);
		tell_policies_of(v, steps, pod, "AuthorizationPolicy", "is about this workload");
	}
}

/* ---- cluster, endpoint ---- */

static bool has_subset(const struct mesh_view *v, const cJSON *service, const char *subset)
{
	JSON_EACH(c, json_get(service, "config"))
	{
		CLEANUP(json_freep) cJSON *full = NULL;

		if (strcmp(json_str_or_empty(c, "kind"), "DestinationRule") != 0)
			continue;
		full = mesh_config_object(v, mesh_config_kind(SLICE("DestinationRule")),
					  json_str_or_empty(c, "namespace"), json_str_or_empty(c, "name"));
		JSON_EACH(s, json_at(json_get(full, "object"), "spec.subsets"))
		if (strcmp(json_str_or_empty(s, "name"), subset) == 0)
			return true;
	}
	return false;
}

static bool has_port(const cJSON *service, const char *port)
{
	JSON_EACH(p, json_get(service, "ports"))
	if (json_int(p, "port", 0) == atoi(port))
		return true;
	return false;
}

static void tell_cluster(const struct mesh_view *v, cJSON *steps, const struct why_line *l, const struct target *t,
			 const cJSON *service)
{
	cJSON *s;

	if (!*l->f[WHY_CLUSTER])
		return;
	s = step(steps, "cluster", "%s: %s%s port %s%s%s", l->f[WHY_CLUSTER],
		 is_inbound(t) ? "the application" : "service ",
		 is_inbound(t) ? ","
		 : *t->host    ? t->host
			       : t->direction,
		 *t->port ? t->port : "?", *t->subset ? ", subset " : "", t->subset);
	if (service)
		point_at(s, "Service", t->ns, t->service);
	if (is_inbound(t) || !*t->service)
		return;
	if (!service)
		now(s, "there is no service %s in namespace %s, or it is not yours to see", t->service, t->ns);
	else if (!has_port(service, t->port))
		now(s, "the service has no port %s", t->port);
	else if (*t->subset && !has_subset(v, service, t->subset))
		now(s, "no DestinationRule that you may see has a subset %s", t->subset);
	else
		now(s, "%lld of its %lld endpoints are ready", (long long)json_int(service, "ready", 0),
		    (long long)json_int(service, "endpoints", 0));
	tell_config(steps, service, "cluster", "DestinationRule", "is about this service");
}

static void tell_endpoint(cJSON *steps, const struct why_line *l, const cJSON *pod)
{
	const char *host = l->f[WHY_UPSTREAM_HOST];
	cJSON *s;

	if (!*host) {
		/* Spans do not tell of it; lines do. */
		if (*l->f[WHY_CLUSTER] && *l->f[WHY_DETAILS])
			step(steps, "endpoint", "none was chosen");
		return;
	}
	if (!pod) {
		step(steps, "endpoint", "%s, which is no pod that you may see", host);
		return;
	}
	s = step(steps, "endpoint", "%s: pod %s", host, json_str_or_empty(pod, "name"));
	point_at(s, "Pod", json_str_or_empty(pod, "namespace"), json_str_or_empty(pod, "name"));
	now(s, "it is %s, %sready, with %lld restarts", json_str_or_empty(pod, "phase"),
	    json_true(pod, "ready") ? "" : "not ", (long long)json_int(pod, "restarts", 0));
}

/* ---- one proxy ---- */

static char *ip_of(struct arena *a, const char *address)
{
	const struct slice s = slice_str(address);
	const ptrdiff_t colon = slice_rfind(s, ':');
	struct slice ip = colon < 0 ? s : slice_head(s, (size_t)colon);

	if (ip.len > 1 && *ip.ptr == '[')
		ip = slice_make(ip.ptr + 1, ip.len - 2);
	return arena_slicedup(a, ip);
}

/* Envoy's details when the answer is the upstream's. */
static bool passed_on(const struct why_line *l)
{
	const char *details = l->f[WHY_DETAILS];

	return strcmp(details, "via_upstream") == 0 || (!*details && !*l->f[WHY_FLAGS]);
}

static void add_fields(cJSON *hop, const struct why_line *l)
{
	cJSON *o = cJSON_AddObjectToObject(hop, "fields"), *flags = cJSON_AddArrayToObject(hop, "flags");
	struct slice rest = slice_str(l->f[WHY_FLAGS]);

	for (size_t f = 0; f < WHY_FIELDS; f++)
		if (*l->f[f])
			cJSON_AddStringToObject(o, why_field_name((enum why_field)f), l->f[f]);
	while (rest.len) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;

		cJSON_AddItemToArray(flags,
				     cJSON_CreateString(arena_slicedup(&a, slice_trim(slice_split(&rest, ',')))));
	}
	cJSON_AddStringToObject(hop, "code", l->f[WHY_CODE]);
	cJSON_AddStringToObject(hop, "details", l->f[WHY_DETAILS]);
	cJSON_AddStringToObject(hop, "reason", l->f[WHY_REASON]);
}

cJSON *why_explain(const struct mesh_view *v, const struct why_line *l)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(json_freep) cJSON *service = NULL, *pod = NULL;
	cJSON *hop = cJSON_CreateObject(), *steps;
	struct target t;

	read_target(&a, l->f[WHY_CLUSTER], &t);
	service = *t.service ? mesh_service(v, t.ns, t.service) : NULL;
	/* The server's side knows its own pod by the address that was connected to. */
	pod = mesh_pod_at(v, ip_of(&a, l->f[is_inbound(&t) ? WHY_DOWNSTREAM_LOCAL : WHY_UPSTREAM_HOST]));
	add_fields(hop, l);
	cJSON_AddBoolToObject(hop, "answered", !passed_on(l));
	steps = cJSON_AddArrayToObject(hop, "steps");
	tell_listener(steps, l, &t);
	tell_route(v, steps, l, &t, service);
	tell_policy(v, &a, steps, l, pod);
	tell_cluster(v, steps, l, &t, service);
	tell_endpoint(steps, l, pod);
	return hop;
}

/* ---- spans ---- */

static const char *tag(struct arena *a, const cJSON *span, const char *name)
{
	JSON_EACH(t, json_get(span, "tags"))
	{
		const cJSON *v = json_get(t, "value");

		if (strcmp(json_str_or_empty(t, "key"), name) != 0)
			continue;
		if (cJSON_IsNumber(v))
			return arena_printf(a, "%.0f", v->valuedouble);
		return cJSON_IsString(v) && strcmp(v->valuestring, "-") != 0 ? v->valuestring : "";
	}
	return "";
}

static struct why_line line_of(struct arena *a, const cJSON *span)
{
	static const struct {
		enum why_field f;
		const char *tag;
	} rows[] = {
		{WHY_METHOD, "http.method"},
		{WHY_PATH, "http.url"},
		{WHY_PROTOCOL, "http.protocol"},
		{WHY_CODE, "http.status_code"},
		{WHY_FLAGS, "response_flags"},
		{WHY_USER_AGENT, "user_agent"},
		{WHY_REQUEST_ID, "guid:x-request-id"},
		{WHY_CLUSTER, "upstream_cluster"},
		{WHY_BYTES_RECEIVED, "request_size"},
		{WHY_BYTES_SENT, "response_size"},
		{WHY_DOWNSTREAM_REMOTE, "peer.address"},
	};
	struct why_line l;

	for (size_t f = 0; f < WHY_FIELDS; f++)
		l.f[f] = "";
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		l.f[rows[i].f] = tag(a, span, rows[i].tag);
	l.f[WHY_DURATION] = arena_printf(a, "%lld", (long long)(json_int(span, "duration", 0) / 1000));
	return l;
}

/* sidecar~10.0.0.1~catalog-1.shop~shop.svc.cluster.local */
static void name_proxy(struct arena *a, cJSON *hop, const char *node)
{
	struct slice rest = slice_str(node);

	(void)slice_split(&rest, '~');
	(void)slice_split(&rest, '~');
	cJSON_AddStringToObject(hop, "proxy", arena_slicedup(a, slice_split(&rest, '~')));
}

static bool sooner(const cJSON *a, const cJSON *b)
{
	return json_int(a, "startTime", 0) < json_int(b, "startTime", 0);
}

/* The earliest of those that are left. */
static const cJSON *next_span(const cJSON *spans, const bool *used, size_t *ret_at)
{
	const cJSON *found = NULL;
	size_t i = 0;

	JSON_EACH(s, spans)
	{
		if (i < WHY_HOPS_MAX && !used[i] && (!found || sooner(s, found))) {
			found = s;
			*ret_at = i;
		}
		i++;
	}
	return found;
}

static void add_trace(const struct mesh_view *v, const cJSON *trace, cJSON *hops)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	bool used[WHY_HOPS_MAX] = {0};
	const cJSON *span;
	size_t at;

	while ((span = next_span(json_get(trace, "spans"), used, &at))) {
		const cJSON *process = json_get(json_get(trace, "processes"), json_str_or_empty(span, "processID"));
		struct why_line l;
		cJSON *hop;

		used[at] = true;
		if (strcmp(tag(&a, span, "component"), "proxy") != 0 || cJSON_GetArraySize(hops) >= (int)WHY_HOPS_MAX)
			continue;
		l = line_of(&a, span);
		hop = why_explain(v, &l);
		name_proxy(&a, hop, tag(&a, span, "node_id"));
		cJSON_AddStringToObject(hop, "service", json_str_or_empty(process, "serviceName"));
		cJSON_AddItemToArray(hops, hop);
	}
}

cJSON *why_spans(const struct mesh_view *v, const cJSON *traces)
{
	cJSON *hops = cJSON_CreateArray();

	JSON_EACH(t, json_get(traces, "data"))
	add_trace(v, t, hops);
	return hops;
}
