/* What analyzers share. They look at objects as they are written, so that one mistake does not hide another. */
#ifndef CTL_ANALYZE_ANALYZE_INTERNAL_H
#define CTL_ANALYZE_ANALYZE_INTERNAL_H

#include "base/cleanup.h"
#include "base/map.h"
#include "ctl/analyze/messages.h"
#include "ctl/mesh/mesh.h"
#include "msg/json.h"

/* An object. */
struct item {
	const cJSON *json;
	const char *kind, *ns, *name;       /* ns "" where it has none */
	const struct source_object *source; /* NULL: the operator would make it; nothing is said of it */
	const struct item *next;            /* of that kind */
};

struct finding {
	const struct message *message;
	const char *analyzer;
	const struct item *item;
	const char *path, *text;
};

struct analysis {
	struct mesh *m;
	struct arena a;
	struct map kinds; /* kind -> struct item *, in the order in which they were read */
	VEC(struct finding) findings;
	const char *analyzer; /* that runs */
};

/* Walks over all objects of a kind. */
#define EACH_ITEM(var, x, kind) for (const struct item *var = analysis_first(x, kind); var; var = var->next)

/* The first object of a kind, NULL when there is none. */
const struct item *analysis_first(const struct analysis *x, const char *kind);
/* The object of that name, or NULL. */
const struct item *analysis_find(const struct analysis *x, const char *kind, const char *ns, const char *name);

/* One finding, at the line of that path. */
void analysis_say(struct analysis *x, enum message_id id, const struct item *i, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* "ns/name", "name" without a namespace; in the analysis' arena. */
const char *item_name(struct analysis *x, const struct item *i);
/* The labels and annotations, or NULL. */
const cJSON *item_labels(const struct item *i);
const cJSON *item_annotations(const struct item *i);

/* Whether all pairs of the selector are among the labels; an empty selector (or NULL) matches everything. */
bool labels_match(const cJSON *selector, const cJSON *labels);
/* "a=b,c=d" in the order of the selector. */
const char *labels_text(struct analysis *x, const cJSON *selector);
/* Whether a LabelSelector (matchLabels, matchExpressions; NULL selects all) selects these labels. */
bool analysis_selects(struct analysis *x, const cJSON *selector, const cJSON *labels);

/* --- workloads --- */

/* Pods, and the templates of workloads from which pods will be made. */
struct analysis_pod {
	const struct item *item;
	const cJSON *labels, *annotations, *spec; /* may be NULL */
	bool template;                            /* the item is a workload */
};
typedef VEC(struct analysis_pod) analysis_pods;
/* All of them; the list is the caller's, ended with vec_done. */
void analysis_list_pods(struct analysis *x, analysis_pods *ret);
/* Whether it has, or would get, a sidecar. */
bool pod_in_mesh(struct analysis *x, const struct analysis_pod *p);
/* The container istio-proxy among containers and init containers, or NULL. */
const cJSON *pod_proxy(const cJSON *spec);
/* Whether the object is one of the control plane's own. */
bool item_of_control_plane(const struct item *i);

/* --- hosts and destinations --- */

/* The full name of a host as an object of that namespace means it. */
const char *full_host(struct analysis *x, const char *host, const char *ns);
/* "name" or "ns/name" of a gateway, as an object of ns means it, found; NULL where there is none. */
const struct item *find_gateway(struct analysis *x, const char *name, const char *ns);

struct destination {
	const cJSON *json; /* host, subset, port */
	const char *path;
	bool mirror;
};
typedef VEC(struct destination) destinations;
/* All destinations of a VirtualService's routes and mirrors; ended with vec_done. */
void list_destinations(struct analysis *x, const struct item *vs, destinations *ret);

/* --- the analyzers, one function each; analyzers.c has the table --- */
void analyze_annotations(struct analysis *x);
void analyze_deprecation(struct analysis *x);
void analyze_external_control_plane(struct analysis *x);
void analyze_gateway_ports(struct analysis *x);
void analyze_gateway_certificates(struct analysis *x);
void analyze_gateway_secrets(struct analysis *x);
void analyze_gateway_conflicts(struct analysis *x);
void analyze_injection(struct analysis *x);
void analyze_injection_image(struct analysis *x);
void analyze_injection_auto(struct analysis *x);
void analyze_mesh_networks(struct analysis *x);
void analyze_port_names(struct analysis *x);
void analyze_sidecar_default(struct analysis *x);
void analyze_sidecar_selector(struct analysis *x);
void analyze_telemetry_default(struct analysis *x);
void analyze_telemetry_selector(struct analysis *x);
void analyze_telemetry_provider(struct analysis *x);
void analyze_telemetry_lightstep(struct analysis *x);
void analyze_mesh_hosts(struct analysis *x);
void analyze_destination_hosts(struct analysis *x);
void analyze_destination_subsets(struct analysis *x);
void analyze_service_gateways(struct analysis *x);
void analyze_claim_routes(struct analysis *x);
void analyze_regexes(struct analysis *x);
void analyze_authorization(struct analysis *x);
void analyze_ca_certificates(struct analysis *x);
void analyze_entry_addresses(struct analysis *x);
void analyze_webhooks(struct analysis *x);
void analyze_envoy_patches(struct analysis *x);
void analyze_deployment_services(struct analysis *x);
void analyze_application_uid(struct analysis *x);
void analyze_schema(struct analysis *x);

struct analyzer {
	const char *name; /* istioctl's */
	const char *about;
	void (*run)(struct analysis *x);
};
extern const struct analyzer analyzers[];
extern const size_t analyzers_count;

#endif
