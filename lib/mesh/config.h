/*
 * Mesh-wide settings: the key "mesh" of the ConfigMap istio-<revision> with Istio's defaults filled in. Refcounted and
 * immutable; a text that cannot be decoded is refused, so that the owner keeps the settings in force.
 */
#ifndef MESH_CONFIG_H
#define MESH_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "api/istio/mesh_config.h"

/* What is allowed of TLS between proxies; zeroed = the default. Versions: 1 = TLS 1.0 ... 4 = TLS 1.3, as in Envoy's
 * API.
 */
struct mesh_tls {
	int min, max;
	const char *ciphers, *groups; /* OpenSSL's names, with ':' between them */
};

/* What a process is told beside the ConfigMap; strings are copied, NULL = default. */
struct mesh_settings {
	const char *root_namespace, *domain, *cluster_id, *revision;
	bool sniff_inbound, sniff_outbound;
	struct mesh_tls tls;
};

struct mesh_config {
	int refs;
	struct istio_mesh_config spec; /* as written */
	const cJSON *proxy_json;       /* defaultConfig as written, for PROXY_CONFIG; NULL = none */
	const char *root_namespace;
	const char *trust_domain;
	const char **trust_domains; /* all that belong to this mesh, each once: trust_domain, then its aliases */
	size_t n_trust_domains;
	const char *domain; /* "cluster.local" */
	const char *cluster_id;
	const char *revision;
	bool auto_mtls, allow_any;
	bool sniff_inbound, sniff_outbound;
	struct mesh_tls tls;
	int64_t connect_timeout_ns;
	struct arena arena;
};

/*
 * Decodes the YAML of the ConfigMap (empty = all defaults). on_unknown is told of fields that are not known; may be
 * NULL. Returns 0 with one reference, or -EINVAL.
 */
int mesh_config_new(struct slice yaml, const struct mesh_settings *s, msg_unknown_fn on_unknown, void *arg,
		    struct mesh_config **ret, struct err *e);
/* One more reference; main loop only. */
struct mesh_config *mesh_config_ref(struct mesh_config *c);
/* Gives a reference back; the last frees it. NULL is fine. */
void mesh_config_unref(struct mesh_config *c);

#endif
