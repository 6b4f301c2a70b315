/*
 * The attributes of an exchange that filters of access logs and labels of metrics may name, as Envoy has them: what
 * weftd accepts and what proxies know is one list. Members that an exchange does not have are absent: has() tells.
 * Headers and trailers are looked up in any letters; a response's are those that the client was sent.
 * Pure.
 */
#ifndef CEL_ATTRIBUTES_H
#define CEL_ATTRIBUTES_H

#include "cel/cel.h"

enum cel_attribute {
	CEL_REQUEST, /* path, url_path, host, scheme, method, headers, referer, useragent, time, duration, id, protocol,
			query, size, total_size */
	CEL_RESPONSE,    /* code, code_details, flags, grpc_status, headers, trailers, size, total_size */
	CEL_SOURCE,      /* address, port */
	CEL_DESTINATION, /* address, port */
	CEL_CONNECTION,  /* id, mtls, requested_server_name, tls_version, uri_san_local_certificate,
			    uri_san_peer_certificate, dns_san_peer_certificate, subject_peer_certificate,
			    sha256_peer_certificate_digest */
	CEL_UPSTREAM,    /* address, port, uri_san_peer_certificate, transport_failure_reason,
			    request_attempt_count */
	CEL_XDS,         /* cluster_name, route_name, listener_direction, filter_chain_name */
	CEL_ATTRIBUTES,
};
extern const struct cel_names cel_attributes;
/* What is no plain JSON among them: headers and trailers, times; the schema of their evaluation. */
extern const struct cel_schema_ops cel_attribute_ops;
extern const void *const cel_attribute_schema;

/* Can it be the name of a metric's label (Prometheus)? */
bool cel_is_label(const char *name);
/* The value of a label: an expression over the attributes, as a string. NULL with e as cel_compile. */
const struct cel_program *cel_label_value(struct arena *a, const char *text, struct err *e);

#endif
