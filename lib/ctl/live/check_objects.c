/* The checks themselves. */
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "ctl/live/check.h"
#include "msg/json.h"
#include "pki/cert.h"

#define DAY_S 86400

static const cJSON *condition(const cJSON *o, const char *type)
{
	JSON_EACH(c, json_at(o, "status.conditions"))
	if (!strcmp(json_str_or_empty(c, "type"), type))
		return c;
	return NULL;
}

enum check_level check_control_planes(const cJSON *smcps, struct buf *text)
{
	struct check_names bad = {0};

	JSON_EACH(o, smcps)
	{
		const cJSON *ready = condition(o, "Ready");

		if (!check_is(o, "Ready"))
			check_add_name(&bad, o,
				       ready ? json_str_or_empty(ready, "message")
					     : "the operator has not looked at it");
	}
	if (!smcps || !smcps->child) {
		buf_append_str(
			text,
			"there is none. Make a ServiceMeshControlPlane: weftctl install --control-plane kubernetes");
		return CHECK_FAILED;
	}
	return check_conclude(&bad, CHECK_FAILED, text, "not ready",
			      "kubectl describe smcp shows conditions and events", (size_t)cJSON_GetArraySize(smcps),
			      "ready");
}

enum check_level check_deployments(const cJSON *deployments, struct buf *text)
{
	struct check_names bad = {0};

	JSON_EACH(o, deployments)
	if (!check_is(o, "Available"))
		check_add_name(&bad, o, "");
	return check_conclude(&bad, CHECK_FAILED, text, "not available",
			      "kubectl describe pod and kubectl logs there say why",
			      (size_t)cJSON_GetArraySize(deployments), "available");
}

enum check_level check_webhooks(const cJSON *webhooks, struct buf *text)
{
	struct check_names bad = {0};
	size_t n = 0;

	JSON_EACH(o, webhooks)
	{
		const cJSON *hook = json_get(o, "webhooks");

		if (strncmp(json_str_or_empty(o, "metadata.name"), "istiod-", 7) != 0)
			continue;
		n++;
		if (!hook || !hook->child || !*json_str_or_empty(hook->child, "clientConfig.caBundle"))
			check_add_name(&bad, o, "");
	}
	return check_conclude(&bad, CHECK_FAILED, text, "no caBundle, so no pod of the mesh can be made",
			      "weftd writes it when it has its authority: see its log", n, "trusted by the API server");
}

enum check_level check_members(const cJSON *rolls, struct buf *text)
{
	struct check_names bad = {0};
	size_t n = 0;

	JSON_EACH(o, rolls)
	{
		n += (size_t)cJSON_GetArraySize(json_at(o, "status.configuredMembers"));
		JSON_EACH(m, json_at(o, "status.pendingMembers"))
		if (cJSON_IsString(m))
			check_add_name(&bad, o, m->valuestring);
	}
	return check_conclude(&bad, CHECK_WARNING, text, "pending", "kubectl get smmr -o yaml has the reason of each",
			      n, "members configured");
}

enum check_level check_pods(const cJSON *pods, struct buf *text)
{
	struct check_names bad = {0};
	size_t n = 0;

	JSON_EACH(o, pods)
	{
		if (!check_proxy_of(o) || check_is_over(o))
			continue;
		n++;
		if (!check_is(o, "Ready"))
			check_add_name(&bad, o, "");
	}
	return check_conclude(&bad, CHECK_WARNING, text, "not ready",
			      "kubectl describe pod; kubectl logs -c istio-proxy", n, "pods with proxies ready");
}

static const cJSON *label_of(const cJSON *o, const char *key)
{
	const cJSON *v = json_get(json_at(o, "metadata.labels"), key);

	return cJSON_IsString(v) ? v : NULL;
}

/* The revision that a pod would get now; NULL: none, or not known. */
static const char *wanted_revision(const cJSON *pod, const cJSON *ns, const cJSON *smcps)
{
	const cJSON *of = label_of(ns, "maistra.io/member-of");
	const cJSON *asked[] = {label_of(ns, "istio.io/rev"), label_of(pod, "istio.io/rev")};

	for (size_t i = 0; i < ARRAY_LEN(asked); i++)
		if (asked[i] && check_named(smcps, "metadata.name", asked[i]->valuestring))
			return asked[i]->valuestring;
	return of ? json_str(check_named(smcps, "metadata.namespace", of->valuestring), "metadata.name") : NULL;
}

enum check_level check_revisions(const cJSON *pods, const cJSON *namespaces, const cJSON *smcps, struct buf *text)
{
	struct check_names bad = {0};
	size_t n = 0;

	JSON_EACH(o, pods)
	{
		const char *is = json_get_str(json_at(o, "metadata.annotations"), "istio.io/rev"), *want;

		if (!is || !check_proxy_of(o) || check_is_over(o))
			continue;
		n++;
		want = wanted_revision(
			o, check_named(namespaces, "metadata.name", json_str_or_empty(o, "metadata.namespace")), smcps);
		if (want ? strcmp(want, is) != 0 : !check_named(smcps, "metadata.name", is))
			check_add_name(&bad, o, is);
	}
	return check_conclude(&bad, CHECK_WARNING, text, "made by another revision than their namespace asks for",
			      "Restart them: kubectl rollout restart", n, "pods on the revision that is asked for");
}

enum check_level check_objects(const cJSON *objects, struct buf *text)
{
	static const char *const types[] = {"Accepted", "ResolvedRefs", "Programmed"};
	struct check_names bad = {0};

	JSON_EACH(o, objects)
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		const cJSON *c = condition(o, types[i]);
		const char *reason = json_str_or_empty(c, "reason");

		if (strcmp(json_str_or_empty(c, "status"), "False") != 0 || !strcmp(reason, "NoProxies"))
			continue;
		check_add_name(&bad, o, reason);
		break;
	}
	return check_conclude(&bad, CHECK_WARNING, text, "not carried out as written",
			      "weftctl analyze -A; kubectl describe has the messages",
			      (size_t)cJSON_GetArraySize(objects), "carried out");
}

enum check_level check_roots(const cJSON *maps, int64_t now_s, struct buf *text)
{
	enum check_level level = CHECK_OK;
	size_t n = 0;
	int64_t least = INT64_MAX;

	JSON_EACH(o, maps)
	{
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *pem = json_get_str(json_get(o, "data"), "root-cert.pem");
		struct pki_cert_info info;

		if (strcmp(json_str_or_empty(o, "metadata.name"), "istio-ca-root-cert") != 0 || !pem ||
		    pki_cert_info(slice_str(pem), &a, &info, NULL) < 0)
			continue;
		n++;
		least = MIN(least, (info.not_after_s - now_s) / DAY_S);
	}
	if (!n) {
		buf_append_str(
			text,
			"no namespace has the root (ConfigMap istio-ca-root-cert) yet. weftd writes it to members");
		return CHECK_WARNING;
	}
	if (least < 60)
		level = least < 7 ? CHECK_FAILED : CHECK_WARNING;
	buf_printf(text, "the root lasts %lld more days%s", (long long)least,
		   level == CHECK_OK ? "" : ". See docs/handbook/tasks/certificates.md for how it is renewed");
	return level;
}
