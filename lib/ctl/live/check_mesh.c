/* Checks that look at several kinds of objects together. */
#include <string.h>

#include "api/kind.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/map.h"
#include "ctl/live/check.h"
#include "ctl/live/live.h"
#include "msg/json.h"

#define ROOT_MAP "istio-ca-root-cert"
#define SKEW_S 10

/* --- definitions --- */

static bool is_ours(const struct api_kind *kind)
{
	return kind->flags & API_CUSTOM && strstr(kind->group, "istio.io") && !(kind->flags & API_VIRTUAL);
}

static bool serves(const cJSON *crd, const char *version)
{
	JSON_EACH(v, json_at(crd, "spec.versions"))
	if (!strcmp(json_str_or_empty(v, "name"), version))
		return cJSON_IsTrue(json_get(v, "served"));
	return false;
}

enum check_level check_definitions(const cJSON *crds, struct buf *text)
{
	struct check_names bad = {0};
	size_t n = 0;

	for (size_t i = 0; i < api_kinds_count(); i++) {
		const struct api_kind *kind = api_kind_at(i);
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		CLEANUP(json_freep) cJSON *absent = cJSON_CreateObject();
		const char *name = arena_printf(&a, "%s.%s", kind->plural, kind->group);
		const cJSON *crd = check_named(crds, "metadata.name", name);

		if (!is_ours(kind))
			continue;
		n++;
		json_set_str(json_object(absent, "metadata"), "name", name);
		if (!crd)
			check_add_name(&bad, absent, "is not there");
		else if (!check_is(crd, "Established"))
			check_add_name(&bad, crd, "is not established");
		else if (!serves(crd, kind->versions[0]))
			check_add_name(&bad, crd, arena_printf(&a, "does not serve %s", kind->versions[0]));
	}
	return check_conclude(&bad, CHECK_FAILED, text, "not as this version has them",
			      "weftctl upgrade brings them up to date", n, "served");
}

/* --- webhooks --- */

static bool is_plane_webhook(const cJSON *o)
{
	return !strncmp(json_str_or_empty(o, "metadata.name"), "istiod-", 7);
}

static bool trusts(const cJSON *hook, const cJSON *maps)
{
	const char *ns = json_str_or_empty(hook, "clientConfig.service.namespace");
	CLEANUP(buf_done) struct buf pem = BUF_INIT;

	if (base64_decode(slice_str(json_str_or_empty(hook, "clientConfig.caBundle")), &pem) < 0 || !pem.len)
		return false;
	JSON_EACH(m, maps)
	{
		const char *root = json_get_str(json_get(m, "data"), "root-cert.pem");

		if (strcmp(json_str_or_empty(m, "metadata.name"), ROOT_MAP) != 0 ||
		    strcmp(json_str_or_empty(m, "metadata.namespace"), ns) != 0)
			continue;
		return root && !strcmp(root, buf_str(&pem));
	}
	return true; /* another authority may sign, and writes no root here */
}

enum check_level check_trust(const cJSON *webhooks, const cJSON *maps, struct buf *text)
{
	struct check_names bad = {0};
	size_t n = 0;

	JSON_EACH(o, webhooks)
	{
		const cJSON *hooks = json_get(o, "webhooks");

		if (!is_plane_webhook(o))
			continue;
		n++;
		if (!hooks || !hooks->child || !trusts(hooks->child, maps))
			check_add_name(&bad, o, "");
	}
	return check_conclude(&bad, CHECK_FAILED, text, "their caBundle is not the mesh's root",
			      "weftd writes it: see its log, and who else writes that object", n,
			      "trust the mesh's root");
}

static bool has_ready(const cJSON *slices, const char *ns, const char *service)
{
	JSON_EACH(s, slices)
	{
		const char *of = json_get_str(json_at(s, "metadata.labels"), "kubernetes.io/service-name");

		if (!of || strcmp(of, service) != 0 || strcmp(json_str_or_empty(s, "metadata.namespace"), ns) != 0)
			continue;
		JSON_EACH(e, json_get(s, "endpoints"))
		if (!cJSON_IsFalse(json_at(e, "conditions.ready")))
			return true;
	}
	return false;
}

enum check_level check_reached(const cJSON *webhooks, const cJSON *slices, struct buf *text)
{
	struct check_names bad = {0};
	size_t n = 0;

	JSON_EACH(o, webhooks)
	{
		const cJSON *hooks = json_get(o, "webhooks");
		const cJSON *to = hooks ? json_at(hooks->child, "clientConfig.service") : NULL;

		if (!is_plane_webhook(o) || !to)
			continue;
		n++;
		if (!has_ready(slices, json_str_or_empty(to, "namespace"), json_str_or_empty(to, "name")))
			check_add_name(&bad, o, json_str_or_empty(to, "name"));
	}
	return check_conclude(&bad, CHECK_FAILED, text, "nobody is ready behind the Service of",
			      "pods of the mesh cannot be made until weftd is ready: kubectl get pods -l app=istiod", n,
			      "webhooks with somebody behind them");
}

/* --- pods --- */

static const char *asks(const cJSON *pod)
{
	const char *label = json_get_str(json_at(pod, "metadata.labels"), "sidecar.istio.io/inject");

	return label ? label : json_get_str(json_at(pod, "metadata.annotations"), "sidecar.istio.io/inject");
}

static bool is_injected_namespace(const cJSON *ns)
{
	const char *on = json_get_str(json_at(ns, "metadata.labels"), "istio-injection");

	return on && !strcmp(on, "enabled");
}

enum check_level check_bare_pods(const cJSON *pods, const cJSON *namespaces, struct buf *text)
{
	struct check_names bad = {0};
	size_t n = 0;

	JSON_EACH(o, pods)
	{
		const cJSON *ns = check_named(namespaces, "metadata.name", json_str_or_empty(o, "metadata.namespace"));
		const char *word = asks(o);
		const bool member = json_get_str(json_at(ns, "metadata.labels"), "maistra.io/member-of") != NULL;
		const bool wants = word ? !strcmp(word, "true") : is_injected_namespace(ns);

		if (check_is_over(o) || cJSON_IsTrue(json_at(o, "spec.hostNetwork")) || !wants ||
		    !(member || is_injected_namespace(ns)))
			continue;
		n++;
		if (!check_proxy_of(o))
			check_add_name(&bad, o, "");
	}
	return check_conclude(
		&bad, CHECK_WARNING, text, "no proxy, though it is asked for",
		"they are older than the mesh, or the webhook did not answer: make them anew with kubectl "
		"rollout restart",
		n, "pods have the proxy that is asked for");
}

enum check_level check_versions(const cJSON *pods, struct buf *text)
{
	CLEANUP(map_done) struct map count = {0};
	struct check_names bad = {0};
	const char *most = "";
	size_t n = 0, best = 0;

	JSON_EACH(o, pods)
	{
		const struct slice image = slice_str(json_str_or_empty(check_proxy_of(o), "image"));
		const size_t had = (size_t)(uintptr_t)map_get(&count, image);

		if (check_is_over(o) || !image.len)
			continue;
		n++;
		map_set(&count, image, (void *)(uintptr_t)(had + 1));
		if (had + 1 > best) {
			best = had + 1;
			most = image.ptr;
		}
	}
	JSON_EACH(o, pods)
	{
		const char *image = json_str_or_empty(check_proxy_of(o), "image");

		if (!check_is_over(o) && *image && strcmp(image, most) != 0)
			check_add_name(&bad, o, image);
	}
	return check_conclude(&bad, CHECK_WARNING, text, "proxies of another version than most",
			      "kubectl rollout restart gives them the control plane's", n, "proxies of one version");
}

/* --- what proxies are connected --- */

static bool is_connected(const cJSON *rows, const cJSON *pod)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *id = arena_printf(&a, "%s.%s", json_str_or_empty(pod, "metadata.name"),
				      json_str_or_empty(pod, "metadata.namespace"));

	JSON_EACH(r, rows)
	if (!strcmp(json_str_or_empty(r, "name"), id))
		return true;
	return false;
}

enum check_level check_connected(const cJSON *pods, const cJSON *rows, struct buf *text)
{
	struct check_names bad = {0};
	size_t n = 0;

	JSON_EACH(o, pods)
	{
		if (check_is_over(o) || !check_proxy_of(o) || !check_is(o, "Ready"))
			continue;
		n++;
		if (!is_connected(rows, o))
			check_add_name(&bad, o, "");
	}
	return check_conclude(&bad, CHECK_WARNING, text, "connected to no control plane",
			      "they serve from what they had: kubectl logs -c istio-proxy says why", n,
			      "proxies connected");
}

enum check_level check_synced(const cJSON *rows, size_t planes, struct buf *text)
{
	struct check_names bad = {0};
	size_t n = 0;

	if (!planes) {
		buf_append_str(text, "no replica of weftd answers: kubectl get pods -l app=istiod");
		return CHECK_FAILED;
	}
	JSON_EACH(r, rows)
	{
		CLEANUP(json_freep) cJSON *o = cJSON_CreateObject();

		n++;
		json_set_str(json_object(o, "metadata"), "name", json_str_or_empty(r, "name"));
		if (live_sync_is_stale(r))
			check_add_name(&bad, o, "");
	}
	return check_conclude(&bad, CHECK_WARNING, text, "refused, or have not taken yet, what they were sent",
			      "weftctl proxy-status shows which types, weftd's log why", n,
			      "proxies have what they were sent");
}

/* --- hints --- */

enum check_level check_permissive(const cJSON *policies, const char *root_ns, struct buf *text)
{
	JSON_EACH(o, policies)
	if (!strcmp(json_str_or_empty(o, "metadata.namespace"), root_ns) &&
	    json_is_empty(json_at(o, "spec.selector")) && !strcmp(json_str_or_empty(o, "spec.mtls.mode"), "STRICT")) {
		buf_append_str(text, "STRICT in the whole mesh");
		return CHECK_OK;
	}
	buf_append_str(text,
		       "PERMISSIVE where nothing says otherwise: plain text is let in. spec.security.dataPlane.mtls of "
		       "the ServiceMeshControlPlane closes that");
	return CHECK_OK;
}

enum check_level check_clocks(const cJSON *leases, int64_t now_s, struct buf *text)
{
	struct check_names bad = {0};
	size_t n = 0;

	JSON_EACH(o, leases)
	{
		const char *at = json_str(o, "spec.renewTime");
		int64_t at_ns;

		if (!at || clock_parse(slice_str(at), &at_ns) < 0)
			continue;
		n++;
		if (at_ns / NS_PER_S > now_s + SKEW_S)
			check_add_name(&bad, o, "");
	}
	return check_conclude(&bad, CHECK_WARNING, text, "renewed in the future, so clocks differ by more than 10 s",
			      "set them by NTP on nodes and here: certificates and tokens are judged by them", n,
			      "leases agree with this clock");
}
