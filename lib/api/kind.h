/*
 * The kinds: one static row per kind of object that Weft reads, writes or (in the lab) serves, with all its served
 * versions. The struct and schema are the same for all versions of a kind.
 */
#ifndef API_KIND_H
#define API_KIND_H

#include <stdbool.h>

#include "msg/msg.h"

#define API_VERSIONS_MAX 4

/* A column of `kubectl get`, beside NAME. */
struct api_column {
	const char *name, *type; /* type: string, integer, date, boolean */
	const char *path;        /* JSONPath, ".status.phase" */
	int priority;            /* above 0: only with -o wide */
	const char *doc;         /* or NULL */
};

enum api_kind_flag {
	API_NAMESPACED = 1 << 0,
	API_STATUS = 1 << 1,   /* has the status subresource */
	API_SCALE = 1 << 2,    /* has the scale subresource */
	API_CUSTOM = 1 << 3,   /* a custom resource: weft-crdgen writes its definition */
	API_VIRTUAL = 1 << 4,  /* never stored: reviews, requests, options */
	API_BUILT_IN = 1 << 5, /* of Kubernetes or OpenShift itself */
	API_OPTIONAL = 1 << 6, /* of OpenShift: a plain Kubernetes lacks it */
	API_FOREIGN = 1 << 7,  /* of an operator that may be installed or not; also API_OPTIONAL */
};

/* A version with a schema of its own, which the webhook at the kind's `converter` makes of the others. */
struct api_kind_version {
	const char *version;
	const struct msg_desc *desc;
	const struct api_column *columns;
	size_t n_columns;
};

struct api_kind {
	const char *group;                          /* "" = core */
	const char *versions[API_VERSIONS_MAX + 1]; /* the preferred one first; NULL ends */
	const char *stored;                         /* the version that is stored; NULL: the preferred one */
	const char *kind, *plural, *singular;
	const char *const *short_names; /* NULL-terminated, or NULL */
	const char *const *categories;  /* NULL-terminated, or NULL */
	unsigned flags;                 /* enum api_kind_flag */
	const struct api_kind *view_of; /* its objects are those of that kind, seen otherwise; or NULL */
	const struct msg_desc *desc;    /* of the whole object; the struct begins with api_version, kind, metadata */
	const struct api_column *columns;
	size_t n_columns;
	const struct api_kind_version *converted; /* served beside `versions`, and never asked for by us; or NULL */
	const char *converter;                    /* path at the operator's webhook server; with `converted` */
};

static inline bool api_kind_namespaced(const struct api_kind *k)
{
	return k->flags & API_NAMESPACED;
}

/* Whether a cluster may lack the kind, or serve it only in another of its versions. */
static inline bool api_kind_optional(const struct api_kind *k)
{
	return k->flags & (API_CUSTOM | API_OPTIONAL) || k->versions[1];
}

/* "v1" or "group/version" of the preferred version, written to out; returns out. */
#define API_VERSION_TEXT_MAX 96
/* "v1" or "group/version" with the preferred version, written to out[API_VERSION_TEXT_MAX]; returns out. */
const char *api_kind_api_version(const struct api_kind *k, char *out);

/* The kind by apiVersion ("apps/v1") and kind name, or NULL. Any served version finds it. */
const struct api_kind *api_kind_find(const char *api_version, const char *kind);

/* The kind by group, version (NULL = any) and plural name, or NULL. */
const struct api_kind *api_kind_find_resource(const char *group, const char *version, const char *plural);

/* All kinds, for loops: for (size_t i = 0; i < api_kinds_count(); i++) api_kind_at(i). */
size_t api_kinds_count(void);
/* Kind i of api_kinds_count(); static. */
const struct api_kind *api_kind_at(size_t i);

/* The rows, for code that names kinds: &api_kind_pod. */
#define API_KINDS(X)                                                                                                   \
	X(namespace)                                                                                                   \
	X(pod)                                                                                                         \
	X(service)                                                                                                     \
	X(endpoints)                                                                                                   \
	X(config_map)                                                                                                  \
	X(secret)                                                                                                      \
	X(service_account)                                                                                             \
	X(event)                                                                                                       \
	X(node)                                                                                                        \
	X(persistent_volume)                                                                                           \
	X(persistent_volume_claim)                                                                                     \
	X(limit_range)                                                                                                 \
	X(resource_quota)                                                                                              \
	X(deployment)                                                                                                  \
	X(replica_set)                                                                                                 \
	X(stateful_set)                                                                                                \
	X(daemon_set)                                                                                                  \
	X(controller_revision)                                                                                         \
	X(job)                                                                                                         \
	X(cron_job)                                                                                                    \
	X(endpoint_slice)                                                                                              \
	X(role)                                                                                                        \
	X(role_binding)                                                                                                \
	X(cluster_role)                                                                                                \
	X(cluster_role_binding)                                                                                        \
	X(token_review)                                                                                                \
	X(token_request)                                                                                               \
	X(subject_access_review)                                                                                       \
	X(local_subject_access_review)                                                                                 \
	X(self_subject_access_review)                                                                                  \
	X(self_subject_rules_review)                                                                                   \
	X(self_subject_review)                                                                                         \
	X(mutating_webhook_configuration)                                                                              \
	X(validating_webhook_configuration)                                                                            \
	X(lease)                                                                                                       \
	X(horizontal_pod_autoscaler)                                                                                   \
	X(scale)                                                                                                       \
	X(pod_disruption_budget)                                                                                       \
	X(eviction)                                                                                                    \
	X(network_policy)                                                                                              \
	X(ingress)                                                                                                     \
	X(ingress_class)                                                                                               \
	X(events_event)                                                                                                \
	X(custom_resource_definition)                                                                                  \
	X(project)                                                                                                     \
	X(project_request)                                                                                             \
	X(route)                                                                                                       \
	X(smcp)                                                                                                        \
	X(smmr)                                                                                                        \
	X(smm)                                                                                                         \
	X(virtual_service)                                                                                             \
	X(destination_rule)                                                                                            \
	X(gateway)                                                                                                     \
	X(service_entry)                                                                                               \
	X(workload_entry)                                                                                              \
	X(workload_group)                                                                                              \
	X(sidecar)                                                                                                     \
	X(envoy_filter)                                                                                                \
	X(proxy_config)                                                                                                \
	X(peer_authentication)                                                                                         \
	X(request_authentication)                                                                                      \
	X(authorization_policy)                                                                                        \
	X(telemetry)                                                                                                   \
	X(wasm_plugin)                                                                                                 \
	X(kiali)                                                                                                       \
	X(jaeger)                                                                                                      \
	X(network_attachment_definition)                                                                               \
	X(oauth_client)

#define API_KIND_DECL(x) extern const struct api_kind api_kind_##x;
API_KINDS(API_KIND_DECL)
#undef API_KIND_DECL

#endif
