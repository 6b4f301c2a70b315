/* Shared by the parts that validate a VirtualService. Internal to this folder. */
#ifndef VALIDATE_VS_INTERNAL_H
#define VALIDATE_VS_INTERNAL_H

#include "validate/validate_internal.h"

/* Which pseudo headers an operation may name. */
enum val_header_rule {
	VAL_HEADER_NONE,
	VAL_HEADER_AUTHORITY, /* :authority and Host */
	VAL_HEADER_HOST,      /* Host */
};

/* A regular expression, if it is one; NULL is fine. */
void val_string_match(struct val *v, const char *path, const struct istio_string_match *m);
/* One condition of an HTTP route. */
void val_http_match(struct val *v, const char *path, const struct istio_http_match_request *m);
/* Without a gateway there are no claims to match. */
void val_claims(struct val *v, const char *path, const struct istio_http_match_request *m);
/* What is set, added and removed; NULL is fine. */
void val_headers(struct val *v, const char *path, const struct istio_headers *h, enum val_header_rule rule);
/* The authority is rewritten in one place at most. */
void val_one_authority(struct val *v, const char *path, const struct istio_http_route *h);
/* Where a request goes; NULL is told. */
void val_destination(struct val *v, const char *path, const struct istio_destination *d);
/* One HTTP route; in a delegate when the VirtualService has no hosts. */
void val_http_route(struct val *v, const char *path, const struct istio_http_route *h, bool in_delegate);
/* What an HTTP route does but for its destinations: faults, retries, redirect, rewrite, CORS, direct response. */
void val_http_action(struct val *v, const char *path, const struct istio_http_route *h);
/* spec.tls[n]. */
void val_tls_route(struct val *v, size_t n, const struct istio_virtual_service_spec *spec);
/* spec.tcp[n]. */
void val_tcp_route(struct val *v, size_t n, const struct istio_virtual_service_spec *spec);
/* Warns of rules and matches that those before them hide. */
void val_unreachable(struct val *v, const struct istio_virtual_service_spec *spec);

#endif
