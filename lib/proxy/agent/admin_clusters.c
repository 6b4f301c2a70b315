/*
 * /clusters in Envoy's shapes, as lines and as JSON: what the configuration says, and how the endpoints fare in all
 * workers together.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "proxy/agent/agent_internal.h"
#include "proxy/threads/hosts.h"

static const struct {
	const char *name, *kind;
	size_t offset;
} host_rows[] = {
	{"cx_active", "GAUGE", offsetof(struct host_counters, cx_active)},
	{"cx_connect_fail", "COUNTER", offsetof(struct host_counters, cx_connect_fail)},
	{"cx_total", "COUNTER", offsetof(struct host_counters, cx_total)},
	{"rq_active", "GAUGE", offsetof(struct host_counters, rq_active)},
	{"rq_error", "COUNTER", offsetof(struct host_counters, rq_error)},
	{"rq_success", "COUNTER", offsetof(struct host_counters, rq_success)},
	{"rq_timeout", "COUNTER", offsetof(struct host_counters, rq_timeout)},
	{"rq_total", "COUNTER", offsetof(struct host_counters, rq_total)},
};

static const struct {
	const char *name;
	size_t offset;
} breaker_rows[] = {
	{"max_connections", offsetof(struct config_breakers, max_connections)},
	{"max_pending_requests", offsetof(struct config_breakers, max_pending_requests)},
	{"max_requests", offsetof(struct config_breakers, max_requests)},
	{"max_retries", offsetof(struct config_breakers, max_retries)},
};

static uint64_t host_value(const struct host_counters *c, size_t row)
{
	return *(const uint64_t *)(const void *)((const char *)c + host_rows[row].offset);
}

static uint32_t breaker_value(const struct config_breakers *b, size_t row)
{
	return *(const uint32_t *)(const void *)((const char *)b + breaker_rows[row].offset);
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* ---- lines ---- */

/* "/failed_eds_health/failed_outlier_check", or "healthy". */
static void put_health(const struct config_endpoint *p, const struct host_state *s, struct buf *out)
{
	size_t from = out->len;

	if (s->unhealthy)
		buf_append_str(out, "/failed_active_hc");
	if (s->ejected)
		buf_append_str(out, "/failed_outlier_check");
	if (!p->healthy)
		buf_append_str(out, "/failed_eds_health");
	if (out->len == from)
		buf_append_str(out, "healthy");
}

static void host_lines(const struct config_cluster_spec *spec, const struct config_endpoint *p,
		       const struct host_state *s, struct buf *out)
{
	CLEANUP(freep) char *at = NULL;
	char address[ADDR_TEXT_MAX];

	at = mem_printf("%s::%s", spec->name, addr_format(&p->address, address));
	for (size_t i = 0; i < ARRAY_LEN(host_rows); i++)
		buf_printf(out, "%s::%s::%llu\n", at, host_rows[i].name,
			   (unsigned long long)host_value(&s->counters, i));
	buf_printf(out, "%s::hostname::%s\n%s::health_flags::", at, or_empty(p->hostname), at);
	put_health(p, s, out);
	buf_printf(out, "\n%s::weight::%u\n%s::region::%s\n%s::zone::%s\n%s::sub_zone::%s\n%s::priority::%u\n", at,
		   p->weight, at, or_empty(p->region), at, or_empty(p->zone), at, or_empty(p->sub_zone), at,
		   p->priority);
}

static void cluster_lines(const struct config_cluster *c, const struct hosts *hosts, struct buf *out)
{
	const struct config_cluster_spec *spec = c->spec;

	buf_printf(out, "%s::observability_name::%s\n", spec->name, spec->alt_stat_name);
	for (size_t i = 0; i < ARRAY_LEN(breaker_rows); i++)
		buf_printf(out, "%s::default_priority::%s::%u\n", spec->name, breaker_rows[i].name,
			   breaker_value(&spec->breakers, i));
	buf_printf(out, "%s::added_via_api::true\n", spec->name);
	for (size_t i = 0; i < c->endpoints->n; i++) {
		struct host_state s = hosts_get(hosts, spec->name, &c->endpoints->v[i].address);
		host_lines(spec, &c->endpoints->v[i], &s, out);
	}
}

/* ---- JSON ---- */

static cJSON *address_json(const struct addr *a)
{
	cJSON *j = cJSON_CreateObject(), *s;
	char text[ADDR_TEXT_MAX];

	if (a->sa.sa_family == AF_UNIX) {
		cJSON_AddStringToObject(cJSON_AddObjectToObject(j, "pipe"), "path", addr_format(a, text));
		return j;
	}
	s = cJSON_AddObjectToObject(j, "socket_address");
	cJSON_AddStringToObject(s, "address", addr_format_host(a, text));
	cJSON_AddNumberToObject(s, "port_value", addr_port(a));
	return j;
}

static cJSON *health_json(const struct config_endpoint *p, const struct host_state *s)
{
	cJSON *j = cJSON_CreateObject();

	if (s->unhealthy)
		cJSON_AddTrueToObject(j, "failed_active_health_check");
	if (s->ejected)
		cJSON_AddTrueToObject(j, "failed_outlier_check");
	cJSON_AddStringToObject(j, "eds_health_status", p->healthy ? "HEALTHY" : "UNHEALTHY");
	return j;
}

static cJSON *host_json(const struct config_endpoint *p, const struct host_state *s)
{
	cJSON *j = cJSON_CreateObject(), *stats, *locality;

	cJSON_AddItemToObject(j, "address", address_json(&p->address));
	stats = cJSON_AddArrayToObject(j, "stats");
	for (size_t i = 0; i < ARRAY_LEN(host_rows); i++) {
		cJSON *one = cJSON_CreateObject();
		char text[24];
		snprintf(text, sizeof(text), "%llu", (unsigned long long)host_value(&s->counters, i));
		cJSON_AddStringToObject(one, "name", host_rows[i].name);
		cJSON_AddStringToObject(one, "value", text);
		cJSON_AddStringToObject(one, "type", host_rows[i].kind);
		cJSON_AddItemToArray(stats, one);
	}
	cJSON_AddItemToObject(j, "health_status", health_json(p, s));
	cJSON_AddNumberToObject(j, "weight", p->weight);
	cJSON_AddStringToObject(j, "hostname", or_empty(p->hostname));
	cJSON_AddNumberToObject(j, "priority", p->priority);
	locality = cJSON_AddObjectToObject(j, "locality");
	cJSON_AddStringToObject(locality, "region", or_empty(p->region));
	cJSON_AddStringToObject(locality, "zone", or_empty(p->zone));
	cJSON_AddStringToObject(locality, "sub_zone", or_empty(p->sub_zone));
	return j;
}

static cJSON *cluster_json(const struct config_cluster *c, const struct hosts *hosts)
{
	const struct config_cluster_spec *spec = c->spec;
	cJSON *j = cJSON_CreateObject(), *breakers = cJSON_CreateObject(), *t, *v;

	cJSON_AddStringToObject(j, "name", spec->name);
	cJSON_AddTrueToObject(j, "added_via_api");
	cJSON_AddStringToObject(j, "observability_name", spec->alt_stat_name);
	cJSON_AddItemToObject(j, "circuit_breakers", breakers);
	t = cJSON_CreateObject();
	cJSON_AddItemToArray(cJSON_AddArrayToObject(breakers, "thresholds"), t);
	for (size_t i = 0; i < ARRAY_LEN(breaker_rows); i++)
		cJSON_AddNumberToObject(t, breaker_rows[i].name, breaker_value(&spec->breakers, i));
	v = cJSON_AddArrayToObject(j, "host_statuses");
	for (size_t i = 0; i < c->endpoints->n; i++) {
		struct host_state s = hosts_get(hosts, spec->name, &c->endpoints->v[i].address);
		cJSON_AddItemToArray(v, host_json(&c->endpoints->v[i], &s));
	}
	return j;
}

/* ---- the page ---- */

struct clusters_ask {
	struct agent *agent;
	struct http_request *rq;
	bool json;
};

static void reply(const struct clusters_ask *ask, const struct hosts *hosts)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	const struct config *config = ask->agent->config;
	cJSON *j = ask->json ? cJSON_CreateObject() : NULL;
	cJSON *v = j ? cJSON_AddArrayToObject(j, "cluster_statuses") : NULL;

	for (size_t i = 0; config && i < config->n_clusters; i++) {
		if (!config->clusters[i].spec)
			continue;
		if (j)
			cJSON_AddItemToArray(v, cluster_json(&config->clusters[i], hosts));
		else
			cluster_lines(&config->clusters[i], hosts, &out);
	}
	if (j)
		admin_reply_json(ask->rq, j);
	else
		admin_reply_text(ask->rq, 200, buf_str(&out));
}

static void on_hosts(void *arg, struct hosts *hosts)
{
	struct clusters_ask *ask = arg;

	reply(ask, hosts);
	hosts_free(hosts);
	free(ask);
}

void admin_clusters(struct agent *a, struct http_request *rq)
{
	struct clusters_ask *ask = NEW(struct clusters_ask);

	*ask = (struct clusters_ask){a, rq, slice_eq(admin_query(rq, "format"), SLICE("json"))};
	workers_hosts(a->workers, on_hosts, ask);
}
