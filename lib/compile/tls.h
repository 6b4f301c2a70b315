/* TLS contexts of mutual TLS inside the mesh, and of what DestinationRules and Gateways ask for. */
#ifndef COMPILE_TLS_H
#define COMPILE_TLS_H

#include "compile/pb.h"
#include "mesh/config.h"

/* The cluster of the local agent that serves the workload's own certificate ("default") and roots ("ROOTCA"). */
#define SDS_CLUSTER "sds-grpc"

/* A secret by name from the local agent. */
pb_sds_config *tls_sds_local(struct arena *a, const char *name);

/* A secret by name from the aggregated stream. */
pb_sds_config *tls_sds_ads(struct arena *a, const char *name);

/* A transport socket "envoy.transport_sockets.tls" around an Upstream- or DownstreamTlsContext; NULL: raw buffer. */
pb_transport_socket *tls_socket(struct arena *a, const void *context);

/* Who the other side of a connection inside the mesh may be. */
struct tls_peers {
	const char *const *names; /* SPIFFE identities; none: any of the trust domains */
	size_t n_names;
	const char *const *trust_domains; /* none (and no names): whoever the mesh's roots vouch for */
	size_t n_trust_domains;
	const struct mesh_tls *limits; /* how one speaks to them */
};

/* A client's mutual TLS inside the mesh: own certificate, roots of the mesh, and who the server may be. */
pb_upstream_tls *tls_upstream_mutual(struct arena *a, const char *sni, bool http2, const struct tls_peers *peers);

/* A server's mutual TLS inside the mesh; a client certificate is required. tcp: also metadata exchange by ALPN. */
pb_downstream_tls *tls_downstream_mutual(struct arena *a, bool tcp, const struct tls_peers *peers);

struct istio_server_tls_settings;

/* Why TLS cannot be opened as these settings (of a mode that opens it) say, or NULL. */
const char *tls_server_fault(const struct istio_server_tls_settings *t);
/* TLS as a Gateway's server or a Sidecar's ingress listener asks for it: SIMPLE, MUTUAL or OPTIONAL_MUTUAL, with files
 * or a credentialName, without fault. */
pb_downstream_tls *tls_downstream_server(struct arena *a, const struct istio_server_tls_settings *t);

/* Adds a name that the peer may have, exactly: a URI, or else a name of any kind. */
void tls_add_san(struct arena *a, pb_validation *v, const char *value);

#endif
