/* What runs: the control plane's debug pages and the proxies' administration, through the API server's port-forward. */
#ifndef CTL_LIVE_LIVE_H
#define CTL_LIVE_LIVE_H

#include <cjson/cJSON.h>

#include "ctl/core/core.h"

/* Which proxies are connected, and whether they have what they were sent. */
enum ctl_status ctl_proxy_status(struct ctl *c);
/* What one proxy has: listeners, routes, clusters, endpoints, secrets, log, bootstrap. */
enum ctl_status ctl_proxy_config(struct ctl *c);

/* A port of the loopback that leads to an add-on, a proxy's administration or the control plane's debug pages. */
enum ctl_status ctl_dashboard(struct ctl *c);

/* Asks for another root, or says where that stands. */
enum ctl_status ctl_root(struct ctl *c);
extern const char *const ctl_root_words[];

/* The words that proxy-config and dashboard take, NULL-terminated. */
extern const char *const ctl_proxy_config_words[];
extern const char *const ctl_dashboard_words[];

/* What all replicas of all control planes (-i: of one) say together. */
struct live_sync {
	size_t proxies, stale, planes;
	const char *wanted; /* the proxy whose row is kept; NULL: none */
	cJSON *found;       /* that row, NULL: it is not connected */
	cJSON *rows;        /* an array that gets all of them; NULL: they are not kept */
};
/* Counts without a word; 0 or a negative code with the reason. */
int live_sync_count(struct ctl *c, struct live_sync *ret, struct err *e);

/* The row of one proxy ("pod.namespace") in *ret, which the caller frees; NULL where it is connected to no replica.
 * 0 or a negative code with the reason. */
int live_sync_find(struct ctl *c, const char *proxy, cJSON **ret, struct err *e);

/*
 * Asks every running replica of the control planes (-i: of one) for a page of its port 15014, and gives each answer, as
 * JSON that the caller of fn keeps, to fn. 0, or the first negative code, of fn or with the reason.
 */
typedef int live_plane_fn(void *arg, const cJSON *pod, const cJSON *answer, struct err *e);
int live_planes_ask(struct ctl *c, const char *path, live_plane_fn *fn, void *arg, struct err *e);

/* --- pure --- */

/* Whether the row says that something was not taken. */
bool live_sync_is_stale(const cJSON *row);

/* A row of the table for one entry of /debug/syncz, of a replica of a control plane; the caller owns it. */
cJSON *live_sync_row(const cJSON *entry, const char *istiod, const char *revision);

/* The resources of a type ("listeners" ...) in a configuration dump as Envoy writes it; a list that the caller frees.
 */
cJSON *live_dump_resources(const cJSON *dump, const char *type);
/* A row of the table for one of them. */
cJSON *live_resource_row(const cJSON *resource, const char *type);

#endif
