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

static void check_proxies(struct checking *k)
{
	CLEANUP(freep) char *text = NULL;
	struct live_sync n = {0};
	struct err e = ERR_INIT;
	enum check_level level = CHECK_OK;

	if (live_sync_count(k->c, &n, &e) < 0) {
		text = mem_printf("weftd was not asked: %s", e.msg);
		level = CHECK_WARNING;
	} else {
		text = mem_printf("%zu connected to %zu replicas of weftd, %zu stale%s", n.proxies, n.planes, n.stale,
				  n.stale ? ". weftctl proxy-status names them" : "");
		level = n.stale ? CHECK_WARNING : CHECK_OK;
	}
	say(k, "proxies", level, text);
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
	check_operator(&k);
	check_kind(&k, "control planes", &api_kind_smcp, NULL, check_control_planes);
	check_kind(&k, "their workloads", &api_kind_deployment, LABEL_OWNER, check_deployments);
	check_kind(&k, "injection", &api_kind_mutating_webhook_configuration, NULL, check_webhooks);
	check_kind(&k, "members", &api_kind_smmr, NULL, check_members);
	check_kind(&k, "certificates", &api_kind_config_map, NULL, roots_now);
	check_kind(&k, "pods", &api_kind_pod, NULL, check_pods);
	check_proxies(&k);
	check_all_objects(&k);
	if (k.failed)
		ctl_report_end(c->report, "%d checks failed, %d warnings.", k.failed, k.warned);
	else if (k.warned)
		ctl_report_end(c->report, "The mesh works; %d warnings.", k.warned);
	else
		ctl_report_end(c->report, "All is well.");
	return k.failed ? CTL_REFUSED : CTL_OK;
}
