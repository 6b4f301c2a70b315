/* What runs: logs, debug pages, dumps of proxies. */
#include <string.h>

#include "base/cleanup.h"
#include "ctl/bundle/collect.h"
#include "kube/config.h"
#include "kube/forward.h"
#include "msg/json.h"

#define SINCE_S 3600
#define TAIL_LINES 5000
#define LOG_MAX_BYTES (4u << 20)
#define PAGE_MS 10000
#define PROXIES_MAX 50

struct asking {
	struct collecting *k;
	struct kube_config cfg;
};

/* A page of a pod's port. */
struct page {
	uint16_t port;
	const char *path, *name;
	bool json;
};

static const struct page plane_pages[] = {
	{15014, "/version", "version.json", true},
	{15014, "/debug/syncz", "syncz.yaml", true},
	{15014, "/debug/registryz", "registryz.yaml", true},
	{15014, "/debug/endpointz", "endpointz.yaml", true},
	{15014, "/debug/connections", "connections.yaml", true},
	{15014, "/metrics", "metrics.txt", false},
};
static const struct page proxy_pages[] = {
	{15000, "/server_info", "server_info.yaml", true},
	{15000, "/config_dump?include_eds=true", "config_dump.yaml", true},
	{15000, "/clusters", "clusters.txt", false},
	{15000, "/stats", "stats.txt", false},
};

static void add_page(struct asking *q, const char *ns, const char *pod, const struct page *p)
{
	const struct forward_request rq = {
		.ns = ns, .pod = pod, .port = p->port, .path = p->path, .timeout_ms = PAGE_MS};
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(json_freep) cJSON *o = NULL;
	const char *name = arena_printf(&q->k->a, "pods/%s/%s/%s", ns, pod, p->name);
	struct err e = ERR_INIT;
	int r = kube_forward_http(&q->cfg, &rq, &text, &e);

	if (r >= 0 && r != 200)
		r = err_set(&e, -EIO, "it answers %d", r);
	if (r > 0 && p->json)
		r = json_parse(buf_slice(&text), FORWARD_ANSWER_MAX_BYTES, &o, &e);
	if (r < 0)
		bundle_miss(q->k->b, "%s: %s", name, e.msg);
	else if (o)
		bundle_json(q->k->b, name, o);
	else
		bundle_text(q->k->b, name, buf_slice(&text));
}

static void add_log(struct asking *q, const char *ns, const char *pod, const char *container)
{
	struct collecting *k = q->k;
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const int64_t since_s = k->c->o.since_s ? k->c->o.since_s : SINCE_S;
	const char *name = arena_printf(&k->a, "pods/%s/%s/%s.log", ns, pod, container);
	const char *path = arena_printf(
		&k->a, "/api/v1/namespaces/%s/pods/%s/log?container=%s&tailLines=%d&limitBytes=%u&sinceSeconds=%lld",
		ns, pod, container, TAIL_LINES, LOG_MAX_BYTES, (long long)since_s);
	struct err e = ERR_INIT;

	if (ctl_get_text(k->c, path, &text, &e) != KUBE_OK)
		bundle_miss(k->b, "%s: %s", name, e.msg);
	else
		bundle_text(k->b, name, buf_slice(&text));
}

static bool is_chosen(const struct collecting *k, const char *ns, const char *pod)
{
	for (size_t i = 0; i < k->c->o.n_arguments; i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *own_ns, *name;

		if (ctl_split_name(k->c->o.arguments[i], k->c->o.ns, &a, &own_ns, &name, NULL) == 0 &&
		    !strcmp(own_ns, ns) && !strcmp(name, pod))
			return true;
	}
	return false;
}

static bool is_gateway(const cJSON *container)
{
	JSON_EACH(arg, json_get(container, "args"))
	if (cJSON_IsString(arg) && !strcmp(arg->valuestring, "router"))
		return true;
	return false;
}

static void add_pages(struct asking *q, const char *ns, const char *pod, const struct page *pages, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_page(q, ns, pod, &pages[i]);
}

/* One container: the operator's and weftd's, a gateway's, or one that was chosen. */
static void add_container(struct asking *q, const cJSON *pod, const cJSON *container, size_t *proxies)
{
	const char *ns = json_str_or_empty(pod, "metadata.namespace"), *name = json_str_or_empty(pod, "metadata.name");
	const char *own = json_str_or_empty(container, "name");
	const bool proxy = !strcmp(own, "istio-proxy") && (is_gateway(container) || is_chosen(q->k, ns, name)) &&
			   (*proxies)++ < PROXIES_MAX;

	if (!strcmp(own, "discovery"))
		add_pages(q, ns, name, plane_pages, ARRAY_LEN(plane_pages));
	else if (proxy)
		add_pages(q, ns, name, proxy_pages, ARRAY_LEN(proxy_pages));
	if (proxy || !strcmp(own, "discovery") || !strcmp(own, "istio-operator"))
		add_log(q, ns, name, own);
}

void collect_pods(struct collecting *k)
{
	static const char *const lists[] = {"spec.containers", "spec.initContainers"};
	struct asking q = {.k = k};
	struct err e = ERR_INIT;
	size_t proxies = 0;

	if (kube_config_load(k->c->o.kubeconfig, &q.cfg, &e) < 0)
		bundle_miss(k->b, "pages of pods: %s", e.msg);
	JSON_EACH(p, k->pods)
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		JSON_EACH(x, json_at(p, lists[i]))
	add_container(&q, p, x, &proxies);
	kube_config_done(&q.cfg);
}
