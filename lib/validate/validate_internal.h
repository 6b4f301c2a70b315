/* Shared by the validators of the kinds. */
#ifndef VALIDATE_INTERNAL_H
#define VALIDATE_INTERNAL_H

#include "base/map.h"
#include "validate/validate.h"

struct val {
	validate_fn on_error, on_warning;
	void *arg;
	int n;
	struct arena arena; /* of paths */
};

/* Reports a fault at this path of the object; texts are cut at 599 bytes and valid during the callback. */
void val_error(struct val *v, const char *path, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Reports a warning, the same way. */
void val_warn(struct val *v, const char *path, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * Notes that entry i (from 0 on) of a list is called so. The number of the entry that was called so before, or -1. The
 * key must live as long as the map, which map_done frees.
 */
ptrdiff_t val_twice(struct map *seen, const char *key, size_t i);

/* Set and not empty: protobuf's JSON does not tell an empty string from an absent one. */
static inline bool val_set(const char *s)
{
	return s && *s;
}

/* --- names and numbers (names.c) --- */

/* A DNS label: at most 63 letters, digits and dashes, none of these at an end. */
bool val_is_label(const char *s);
/* An address of IPv4 or IPv6. */
bool val_is_ip(const char *s);
/* Labels joined by dots, the last one no number; a dot at the end is fine. */
bool val_is_fqdn(const char *s);
/* As val_is_fqdn, and the first label may be "*", "*label" or "*-label". */
bool val_is_domain(const char *s);

/* A DNS name or a wildcard. */
void val_domain(struct val *v, const char *path, const char *host);
/* A DNS name, a wildcard or an address. */
void val_domain_or_ip(struct val *v, const char *path, const char *host);
/* A DNS name. */
void val_fqdn(struct val *v, const char *path, const char *host);
/* "*" alone or in front of a dot only. */
bool val_is_partial_wildcard(const char *host);
/* An address. */
void val_ip(struct val *v, const char *path, const char *text);
/* An address or a network, 10.0.0.0/8. */
void val_subnet(struct val *v, const char *path, const char *text);
/* What follows unix:// in an address: a path from / on to a file, or @name. */
void val_unix(struct val *v, const char *path, const char *text);
/* A port number is 1 to 65535. */
void val_port(struct val *v, const char *path, uint32_t port);
/* A port's name is a DNS label. */
void val_port_name(struct val *v, const char *path, const char *name);
/* Keys and values as Kubernetes allows them for labels. */
void val_labels(struct val *v, const char *path, const struct str_map *labels);
/* Names of gateways: namespace/name, or a DNS name of the old form (a warning). */
void val_gateway_names(struct val *v, const char *path, const char *const *names, size_t n);

/* --- texts (text.c) --- */

/* The text is a regular expression of RE2 of at most 1,024 bytes. */
void val_regex(struct val *v, const char *path, const char *text);
/* At least 1 ms, and a whole number of them; NULL is fine. */
void val_duration(struct val *v, const char *path, const int64_t *ns);
/* 0 to 100. */
void val_percent(struct val *v, const char *path, int32_t n);
/* What a header is called. */
void val_header_name(struct val *v, const char *path, const char *name);
/* A header's value: no control characters; %NAME% and %NAME(arguments)% are variables, %% is a percent sign. */
void val_header_value(struct val *v, const char *path, const char *value);

/* --- what policies share (policy.c) --- */

/* Labels of a selector: keys are set, no wildcards; an empty selector is a warning. NULL is fine. */
void val_selector(struct val *v, const char *path, const struct str_map *labels);
/* A selector and a target reference: not both; the target is a Gateway of gateway.networking.k8s.io. */
void val_targets(struct val *v, const struct istio_workload_selector *selector,
		 const struct istio_policy_target_reference *target);
/* Entries of exportTo are ".", "*" or namespaces, none twice; "*" stands alone, and so does "~", where hidden allows
 * it. */
void val_export_to(struct val *v, const char *const *list, size_t n, const char *ns, bool hidden);

/* --- Gateways and Sidecars (gw.c) --- */

/* What TLS needs in each of its modes. */
void val_server_tls(struct val *v, const char *path, const struct istio_server_tls_settings *t);
/* The name of a host behind namespace/: with a dot in it, "*" for whole labels. */
void val_scoped_host(struct val *v, const char *path, const char *name);

/* A path below another: val_path(v, "%s.route[%zu]", path, i); in the arena. */
#define val_path(v, ...) arena_printf(&(v)->arena, __VA_ARGS__)

/* A whole VirtualService. */
void val_virtual_service(struct val *v, const struct api_object *o);
/* A whole DestinationRule. */
void val_destination_rule(struct val *v, const struct api_object *o);
/* A whole Gateway. */
void val_gateway(struct val *v, const struct api_object *o);
/* A whole ServiceEntry. */
void val_service_entry(struct val *v, const struct api_object *o);
/* A whole Sidecar. */
void val_sidecar(struct val *v, const struct api_object *o);
/* A whole PeerAuthentication. */
void val_peer_authentication(struct val *v, const struct api_object *o);
/* A whole AuthorizationPolicy. */
void val_authorization_policy(struct val *v, const struct api_object *o);
/* A whole EnvoyFilter. */
void val_envoy_filter(struct val *v, const struct api_object *o);
/* A whole Telemetry. */
void val_telemetry(struct val *v, const struct api_object *o);
/* A whole WasmPlugin. */
void val_wasm_plugin(struct val *v, const struct api_object *o);
/* A whole ProxyConfig. */
void val_proxy_config(struct val *v, const struct api_object *o);
/* A whole WorkloadEntry. */
void val_workload_entry(struct val *v, const struct api_object *o);
/* A whole WorkloadGroup. */
void val_workload_group(struct val *v, const struct api_object *o);
/* A whole RequestAuthentication. */
void val_request_authentication(struct val *v, const struct api_object *o);

#endif
