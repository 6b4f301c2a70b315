/* Shared by the validators of the kinds. */
#ifndef MESH_VALIDATE_INTERNAL_H
#define MESH_VALIDATE_INTERNAL_H

#include "mesh/validate.h"

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

/* A port number is 1 to 65535. */
void val_port(struct val *v, const char *path, uint32_t port);
/* The text is a regular expression of RE2. */
void val_regex(struct val *v, const char *path, const char *text);
/* A DNS name, a wildcard or an address. */
void val_domain(struct val *v, const char *path, const char *host);
/* Entries of exportTo are ".", "*", "~" or namespaces, none twice, and "*" stands alone. */
void val_export_to(struct val *v, const char *const *list, size_t n, const char *ns);

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

#endif
