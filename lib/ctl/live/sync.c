/* proxy-status: what weftd says of each proxy. */
#include <string.h>

#include "base/cleanup.h"
#include "ctl/core/report.h"
#include "ctl/live/live.h"
#include "msg/json.h"

static const char *sync_state(const cJSON *entry, const char *sent, const char *acked)
{
	const char *s = json_str_or_empty(entry, sent), *a = json_str_or_empty(entry, acked);

	if (!*s)
		return "NOT SENT";
	if (!*a)
		return "STALE (Never Acknowledged)";
	return strcmp(s, a) ? "STALE" : "SYNCED";
}

cJSON *live_sync_row(const cJSON *entry, const char *istiod, const char *revision)
{
	static const struct {
		const char *column, *sent, *acked;
	} types[] = {{"cds", "cluster_sent", "cluster_acked"},
		     {"lds", "listener_sent", "listener_acked"},
		     {"eds", "endpoint_sent", "endpoint_acked"},
		     {"rds", "route_sent", "route_acked"}};
	cJSON *row = cJSON_CreateObject();

	json_set_str(row, "name", json_str_or_empty(entry, "proxy"));
	json_set_str(row, "cluster", json_str_or_empty(entry, "cluster_id"));
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		json_set_str(row, types[i].column, sync_state(entry, types[i].sent, types[i].acked));
	json_set_str(row, "istiod", istiod);
	json_set_str(row, "revision", revision);
	json_set_str(row, "version", json_str_or_empty(entry, "istio_version"));
	return row;
}

bool live_sync_is_stale(const cJSON *row)
{
	static const char *const columns[] = {"cds", "lds", "eds", "rds"};

	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		if (!strncmp(json_str_or_empty(row, columns[i]), "STALE", 5))
			return true;
	return false;
}

struct counting {
	struct ctl *c;
	bool quiet;
	struct live_sync *n;
};

/* The proxies of one replica of a control plane. */
static int count(void *arg, const cJSON *pod, const cJSON *list, struct err *e)
{
	struct counting *k = arg;

	(void)e;
	k->n->planes++;
	JSON_EACH(entry, list)
	{
		cJSON *row = live_sync_row(entry, json_str_or_empty(pod, "metadata.name"),
					   json_get_str(json_at(pod, "metadata.labels"), "istio.io/rev") ?: "");

		k->n->proxies++;
		k->n->stale += live_sync_is_stale(row);
		if (k->n->wanted && !k->n->found && !strcmp(json_str_or_empty(row, "name"), k->n->wanted))
			k->n->found = row;
		else if (k->n->rows)
			cJSON_AddItemToArray(k->n->rows, row);
		else if (k->quiet)
			cJSON_Delete(row);
		else
			ctl_report_add(k->c->report, row);
	}
	return 0;
}

static int ask_all(struct ctl *c, bool quiet, struct live_sync *n, struct err *e)
{
	struct counting k = {c, quiet, n};

	return live_planes_ask(c, "/debug/syncz", count, &k, e);
}

int live_sync_count(struct ctl *c, struct live_sync *ret, struct err *e)
{
	return ask_all(c, true, ret, e);
}

int live_sync_find(struct ctl *c, const char *proxy, cJSON **ret, struct err *e)
{
	struct live_sync n = {.wanted = proxy};
	const int r = ask_all(c, true, &n, e);

	if (r < 0)
		json_freep(&n.found);
	*ret = n.found;
	return r;
}

enum ctl_status ctl_proxy_status(struct ctl *c)
{
	static const struct ctl_column columns[] = {{"NAME", "name", 44},     {"CLUSTER", "cluster", 10},
						    {"CDS", "cds", 8},        {"LDS", "lds", 8},
						    {"EDS", "eds", 8},        {"RDS", "rds", 8},
						    {"ISTIOD", "istiod", 34}, {"REVISION", "revision", 14},
						    {"VERSION", "version", 0}};
	struct live_sync n = {0};
	struct err e = ERR_INIT;

	c->report = ctl_report_new(c->out, c->o.format, columns, ARRAY_LEN(columns));
	if (ask_all(c, false, &n, &e) < 0) {
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
		return CTL_FAILED;
	}
	ctl_report_end(c->report, "%zu proxies of %zu control planes, %zu of them stale.", n.proxies, n.planes,
		       n.stale);
	return n.stale || !n.planes ? CTL_REFUSED : CTL_OK;
}
