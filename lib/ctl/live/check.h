/* What is wrong with a mesh that runs: each check as a row, and what to do about what fails. */
#ifndef CTL_LIVE_CHECK_H
#define CTL_LIVE_CHECK_H

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "ctl/core/core.h"

/* Checks everything (--pre: as precheck, before there is a mesh). */
enum ctl_status ctl_check(struct ctl *c);

enum check_level { CHECK_OK, CHECK_WARNING, CHECK_FAILED };

/*
 * What lists of objects say, each pure: the worst level, and in text the sentence for people.
 */
enum check_level check_control_planes(const cJSON *smcps, struct buf *text);
enum check_level check_deployments(const cJSON *deployments, struct buf *text);
enum check_level check_webhooks(const cJSON *webhooks, struct buf *text);
enum check_level check_members(const cJSON *rolls, struct buf *text);
enum check_level check_pods(const cJSON *pods, struct buf *text);
/* Pods whose proxy is of another revision than their namespace, or they themselves, ask for; three lists. */
enum check_level check_revisions(const cJSON *pods, const cJSON *namespaces, const cJSON *smcps, struct buf *text);
/* Of kinds whose status weftd writes: objects that are not accepted, or refer to what is not there. */
enum check_level check_objects(const cJSON *objects, struct buf *text);
/* The root in ConfigMaps istio-ca-root-cert: how long it lasts. */
enum check_level check_roots(const cJSON *maps, int64_t now_s, struct buf *text);

/* --- check_mesh.c --- */

/* The mesh's definitions: there, established, and serving the version that this program speaks. */
enum check_level check_definitions(const cJSON *crds, struct buf *text);
/* Webhooks of control planes trust the root that members have (ConfigMaps). */
enum check_level check_trust(const cJSON *webhooks, const cJSON *maps, struct buf *text);
/* Somebody is behind the Services that webhooks name (EndpointSlices). */
enum check_level check_reached(const cJSON *webhooks, const cJSON *slices, struct buf *text);
/* Pods that should have a proxy and have none. */
enum check_level check_bare_pods(const cJSON *pods, const cJSON *namespaces, struct buf *text);
/* Proxies of other versions than most. */
enum check_level check_versions(const cJSON *pods, struct buf *text);
/* Pods with ready proxies that are in none of proxy-status' rows. */
enum check_level check_connected(const cJSON *pods, const cJSON *rows, struct buf *text);
/* Proxies that have not taken what they were sent, by name. */
enum check_level check_synced(const cJSON *rows, size_t planes, struct buf *text);
/* Whether plain text is let in where nothing says otherwise. */
enum check_level check_permissive(const cJSON *policies, const char *root_ns, struct buf *text);
/* Clocks of this machine and of nodes and control planes, by the Leases that they renew. */
enum check_level check_clocks(const cJSON *leases, int64_t now_s, struct buf *text);

/* --- check_names.c: what sentences about objects share --- */

/* Names in a sentence: the first ones, and how many more. */
struct check_names {
	struct buf text;
	size_t n;
};
void check_add_name(struct check_names *n, const cJSON *o, const char *more);
/* Ends the sentence; level OK where no name was added. Frees the names. */
enum check_level check_conclude(struct check_names *n, enum check_level bad, struct buf *out, const char *what,
				const char *advice, size_t all, const char *fine);
/* The first element whose text at the path is value; NULL: there is none, or value is NULL. */
const cJSON *check_named(const cJSON *list, const char *path, const char *value);
/* Whether the pod has a container istio-proxy. */
const cJSON *check_proxy_of(const cJSON *pod);
/* Whether the pod has ended, or is being deleted: nothing is wrong with it any more. */
bool check_is_over(const cJSON *pod);
/* Whether that condition of the object's status is True. */
bool check_is(const cJSON *o, const char *condition);

#endif
