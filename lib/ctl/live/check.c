/* check: all of it, one row each. */
#include "ctl/live/check.h"

#include <string.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "ctl/core/report.h"
#include "ctl/install/install.h"
#include "ctl/install/operator.h"
#include "ctl/live/live.h"
#include "msg/json.h"
#include "operator/render/render.h"

struct checking {
	struct ctl *c;
	int failed, warned;
};

static void say(struct checking *k, const char *what, enum check_level level, const char *text)
{
	static const char *const results[] = {"ok", "warning", "FAILED"};

	k->failed += level == CHECK_FAILED;
	k->warned += level == CHECK_WARNING;
	ctl_report_step(k->c->report, what, results[level], "%s", text);
}

/* One check of all objects of a kind; one that cannot be read fails. */
static void check_kind(struct checking *k, const char *what, const struct api_kind *kind, const char *selector,
		       enum check_level (*fn)(const cJSON *list, struct buf *text))
{
	CLEANUP(json_freep) cJSON *list = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct err e = ERR_INIT;
	const enum kube_reason reason = ctl_list(k->c, kind, selector, &list, &e);
	enum check_level level = CHECK_FAILED;

	if (reason == KUBE_OK)
		level = fn(list, &text);
	else if (reason == KUBE_NOT_FOUND)
		buf_printf(&text, "the cluster knows no %s. Install Weft: weftctl install", kind->kind);
	else
		buf_printf(&text, "%s", e.msg);
	say(k, what, level, buf_str(&text));
}

static enum check_level roots_now(const cJSON *maps, struct buf *text)
{
	return check_roots(maps, clock_wall_ns() / NS_PER_S, text);
}

static void check_pod_revisions(struct checking *k)
{
	static const struct api_kind *const kinds[] = {&api_kind_pod, &api_kind_namespace, &api_kind_smcp};
	cJSON *lists[ARRAY_LEN(kinds)] = {0};
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	enum check_level level = CHECK_OK;
	struct err e = ERR_INIT;
	size_t n = 0;

	while (n < ARRAY_LEN(kinds) && ctl_list(k->c, kinds[n], NULL, &lists[n], &e) == KUBE_OK)
		n++;
	if (n == ARRAY_LEN(kinds))
		level = check_revisions(lists[0], lists[1], lists[2], &text);
	else
		level = CHECK_WARNING;
	say(k, "revisions", level, n == ARRAY_LEN(kinds) ? buf_str(&text) : e.msg);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		cJSON_Delete(lists[i]);
}

static void check_operator(struct checking *k)
{
	struct operator_found found = {0};
	struct err e = ERR_INIT;
	CLEANUP(freep) char *text = NULL;

	if (operator_find(k->c, &found, &e) < 0)
		text = mem_printf("%s", e.msg);
	else if (!found.ns)
		text = mem_printf("there is none. Install it: weftctl install");
	else
		text = mem_printf("%s in %s", found.image, found.ns);
	say(k, "operator", found.ns ? CHECK_OK : CHECK_FAILED, text);
	operator_found_done(&found);
}

/* All objects whose status weftd writes, in one row. */
static void check_all_objects(struct checking *k)
{
	CLEANUP(json_freep) cJSON *all = cJSON_CreateArray();
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < api_kinds_count(); i++) {
		CLEANUP(json_freep) cJSON *list = NULL;

		if (!(api_kind_at(i)->flags & API_CUSTOM) || !strstr(api_kind_at(i)->group, "istio.io") ||
		    ctl_list(k->c, api_kind_at(i), NULL, &list, &e) != KUBE_OK)
			continue;
		while (list->child)
			cJSON_AddItemToArray(all, cJSON_DetachItemViaPointer(list, list->child));
	}
	const enum check_level level = check_objects(all, &text);

	say(k, "configuration", level, buf_str(&text));
}

/* A list that several checks look at; empty where it may not be read, which is told once. */
static cJSON *list_of(struct checking *k, const struct api_kind *kind)
{
	CLEANUP(freep) char *text = NULL;
	struct err e = ERR_INIT;
	cJSON *list = NULL;

	if (ctl_list(k->c, kind, NULL, &list, &e) == KUBE_OK)
		return list;
	text = mem_printf("%s are not read: %s", kind->plural, e.msg);
	say(k, "rights", CHECK_WARNING, text);
	return cJSON_CreateArray();
}

static void check_webhooks_of_planes(struct checking *k)
{
	CLEANUP(json_freep) cJSON *hooks = list_of(k, &api_kind_mutating_webhook_configuration);
	CLEANUP(json_freep) cJSON *maps = list_of(k, &api_kind_config_map);
	CLEANUP(json_freep) cJSON *slices = list_of(k, &api_kind_endpoint_slice);
	CLEANUP(buf_done) struct buf trust = BUF_INIT, reached = BUF_INIT;
	enum check_level level = check_trust(hooks, maps, &trust);

	say(k, "trust", level, buf_str(&trust));
	level = check_reached(hooks, slices, &reached);
	say(k, "webhooks", level, buf_str(&reached));
}

static void check_all_pods(struct checking *k)
{
	CLEANUP(json_freep) cJSON *pods = list_of(k, &api_kind_pod);
	CLEANUP(json_freep) cJSON *namespaces = list_of(k, &api_kind_namespace);
	CLEANUP(json_freep) cJSON *rows = cJSON_CreateArray();
	CLEANUP(buf_done) struct buf ready = BUF_INIT, bare = BUF_INIT, versions = BUF_INIT;
	CLEANUP(buf_done) struct buf synced = BUF_INIT, connected = BUF_INIT;
	struct live_sync n = {.rows = rows};
	struct err e = ERR_INIT;
	CLEANUP(freep) char *unasked = NULL;
	enum check_level level = check_pods(pods, &ready);

	say(k, "pods", level, buf_str(&ready));
	level = check_bare_pods(pods, namespaces, &bare);
	say(k, "without proxy", level, buf_str(&bare));
	level = check_versions(pods, &versions);
	say(k, "versions", level, buf_str(&versions));
	if (live_sync_count(k->c, &n, &e) < 0) {
		unasked = mem_printf("weftd was not asked: %s", e.msg);
		say(k, "proxies", CHECK_WARNING, unasked);
		return;
	}
	level = check_synced(rows, n.planes, &synced);
	say(k, "proxies", level, buf_str(&synced));
	level = n.planes ? check_connected(pods, rows, &connected) : CHECK_OK;
	if (n.planes)
		say(k, "connections", level, buf_str(&connected));
}

/* Whether the user may do what other commands need. */
static void check_rights(struct checking *k)
{
	static const struct {
		const char *verb, *group, *resource, *sub, *for_what;
	} rows[] = {
		{"create", "", "pods", "portforward", "proxy-status, proxy-config, dashboard"},
		{"get", "", "pods", "log", "explain --request-id, bug-report"},
		{"list", "networking.istio.io", "virtualservices", "", "analyze -A, explain -A, diff"},
	};
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep)
		cJSON *ask = json_literal("{\"apiVersion\":\"authorization.k8s.io/v1\",\"kind\":"
					  "\"SelfSubjectAccessReview\",\"spec\":{"
					  "\"resourceAttributes\":{}}}");
		CLEANUP(json_freep) cJSON *answer = NULL;
		cJSON *what = json_get(json_get(ask, "spec"), "resourceAttributes");

		json_set_str(what, "verb", rows[i].verb);
		json_set_str(what, "group", rows[i].group);
		json_set_str(what, "resource", rows[i].resource);
		if (*rows[i].sub)
			json_set_str(what, "subresource", rows[i].sub);
		ctl_call(k->c,
			 &(struct kube_request){
				 .verb = KUBE_CREATE, .kind = &api_kind_self_subject_access_review, .body = ask},
			 &answer, NULL);
		if (!cJSON_IsTrue(json_at(answer, "status.allowed")))
			buf_printf(&text, "%s%s %s%s%s (for %s)", text.len ? ", " : "", rows[i].verb, rows[i].resource,
				   *rows[i].sub ? "/" : "", rows[i].sub, rows[i].for_what);
	}
	if (text.len)
		buf_append_str(&text, " is not allowed to you: ask for a role that has it");
	say(k, "rights", text.len ? CHECK_WARNING : CHECK_OK, text.len ? buf_str(&text) : "all that weftctl asks for");
}

static enum check_level clocks_now(const cJSON *leases, struct buf *text)
{
	return check_clocks(leases, clock_wall_ns() / NS_PER_S, text);
}

static void check_mutual_tls(struct checking *k)
{
	CLEANUP(json_freep) cJSON *planes = list_of(k, &api_kind_smcp);
	CLEANUP(json_freep) cJSON *policies = list_of(k, &api_kind_peer_authentication);

	JSON_EACH(o, planes)
	{
		CLEANUP(buf_done) struct buf text = BUF_INIT;
		const enum check_level level =
			check_permissive(policies, json_str_or_empty(o, "metadata.namespace"), &text);

		say(k, "mutual TLS", level, buf_str(&text));
	}
}

enum ctl_status ctl_check(struct ctl *c)
{
	struct checking k = {.c = c};
	struct err e = ERR_INIT;

	if (c->o.pre)
		return ctl_precheck(c);
	if (ctl_connect(c, &e) < 0) {
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
		return CTL_FAILED;
	}
	c->report = ctl_report_steps(c->out, c->o.format);
	check_rights(&k);
	check_kind(&k, "definitions", &api_kind_custom_resource_definition, NULL, check_definitions);
	check_operator(&k);
	check_kind(&k, "control planes", &api_kind_smcp, NULL, check_control_planes);
	check_kind(&k, "their workloads", &api_kind_deployment, LABEL_OWNER, check_deployments);
	check_kind(&k, "injection", &api_kind_mutating_webhook_configuration, NULL, check_webhooks);
	check_kind(&k, "members", &api_kind_smmr, NULL, check_members);
	check_kind(&k, "certificates", &api_kind_config_map, NULL, roots_now);
	check_webhooks_of_planes(&k);
	check_all_pods(&k);
	check_pod_revisions(&k);
	check_mutual_tls(&k);
	check_kind(&k, "clocks", &api_kind_lease, NULL, clocks_now);
	check_all_objects(&k);
	if (k.failed)
		ctl_report_end(c->report, "%d checks failed, %d warnings.", k.failed, k.warned);
	else if (k.warned)
		ctl_report_end(c->report, "The mesh works; %d warnings.", k.warned);
	else
		ctl_report_end(c->report, "All is well.");
	return k.failed ? CTL_REFUSED : CTL_OK;
}
