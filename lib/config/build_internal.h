/* What the files build_*.c share: short names of generated types, and helpers to decode common messages. */
#ifndef CONFIG_BUILD_INTERNAL_H
#define CONFIG_BUILD_INTERNAL_H

#include "base/err.h"
#include "config/build.h"
#include "config/config_parts.h"
#include "xds/pb.h"

#include "envoy/config/cluster/v3/cluster.pb-c.h"
#include "envoy/config/endpoint/v3/endpoint.pb-c.h"
#include "envoy/config/listener/v3/listener.pb-c.h"

#include "envoy/config/accesslog/v3/accesslog.pb-c.h"
#include "envoy/config/core/v3/base.pb-c.h"
#include "envoy/config/rbac/v3/rbac.pb-c.h"
#include "envoy/config/route/v3/route.pb-c.h"
#include "envoy/config/route/v3/route_components.pb-c.h"
#include "envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb-c.h"
#include "envoy/extensions/transport_sockets/tls/v3/tls.pb-c.h"
#include "envoy/type/matcher/v3/metadata.pb-c.h"
#include "envoy/type/matcher/v3/string.pb-c.h"
#include "envoy/type/v3/percent.pb-c.h"

#define CORE(T) Envoy__Config__Core__V3__##T
#define ROUTE(T) Envoy__Config__Route__V3__##T
#define CLUSTER(T) Envoy__Config__Cluster__V3__##T
#define ENDPOINT(T) Envoy__Config__Endpoint__V3__##T
#define LISTENER(T) Envoy__Config__Listener__V3__##T
#define RBACPB(T) Envoy__Config__Rbac__V3__##T
#define TLSPB(T) Envoy__Extensions__TransportSockets__Tls__V3__##T
#define HCM(T) Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__##T
#define TYPE(T) Envoy__Type__V3__##T
#define MATCHER(T) Envoy__Type__Matcher__V3__##T

/* Where a part is being built: results in `out`, decoded messages in `tmp`. */
struct build_ctx {
	struct arena *out, *tmp;
	struct config_names *names;
	struct build *build;   /* for secrets given in place and files; may be NULL in tests */
	size_t body_max_bytes; /* of direct responses, as the route table says */
};

#define UNSUPPORTED(e, field) err_set((e), -EINVAL, "%s is not supported", (field))

/* ---- build_common.c ---- */

/* Copies; NULL or "" give the empty slice (ptr not NULL). */
struct slice build_slice(struct build_ctx *x, const char *s);
/* The same in small letters. */
struct slice build_lower(struct build_ctx *x, const char *s);
/* A copy; "" for NULL, never NULL. */
char *build_str(struct build_ctx *x, const char *s);
uint32_t build_u32(const Google__Protobuf__UInt32Value *v, uint32_t when_null);
/* The value, or when_null where the field is absent. */
bool build_bool(const Google__Protobuf__BoolValue *v, bool when_null);

/* Reads a TCP socket address; -EINVAL with a reason for others (core.v3.Address). */
int build_address(const CORE(Address) * a, struct addr *ret, struct err *e);
/* The same, or the path of a Unix socket (core.v3.Pipe). */
int build_address_or_pipe(const CORE(Address) * a, struct addr *ret, struct err *e);
/* Reads an address range; -EINVAL with a reason (core.v3.CidrRange). */
int build_cidr(const CORE(CidrRange) * c, struct config_cidr *ret, struct err *e);
/* The same for n of them; the array is the arena's. */
int build_cidrs(struct build_ctx *x, CORE(CidrRange) * *v, size_t n, struct config_cidr **ret, struct err *e);
/* Reads a FractionalPercent; absent means 0. */
void build_fraction(const TYPE(FractionalPercent) * p, struct route_fraction *ret);
/* Compiles a RegexMatcher; -EINVAL when it is empty or wrong. */
int build_regex(struct build_ctx *x, const MATCHER(RegexMatcher) * m, const struct regex **ret, struct err *e);
/* Reads a StringMatcher; -EINVAL with a reason (type.matcher.v3). */
int build_string_match(struct build_ctx *x, const MATCHER(StringMatcher) * m, struct match_string *ret, struct err *e);
/* Reads a HeaderMatcher; the name is lowered, "host" becomes ":authority". -EINVAL with a reason. */
int build_header_match(struct build_ctx *x, const ROUTE(HeaderMatcher) * m, struct match_header *ret, struct err *e);
/* The same for n of them; the array is the arena's. */
int build_header_matches(struct build_ctx *x, ROUTE(HeaderMatcher) * *v, size_t n, struct match_header **ret,
			 struct err *e);

/* Reads a MetadataMatcher; -EINVAL with a reason (type.matcher.v3). */
int build_metadata_match(struct build_ctx *x, const MATCHER(MetadataMatcher) * m, struct match_metadata *ret,
			 struct err *e);

/* A message inside an Any: its type's name after the last '/', or "" for none. */
const char *build_any_type(const Google__Protobuf__Any *any);
/*
 * The message of an Any of type d, also when it comes as a TypedStruct (xds or udpa) of that type. NULL with a message
 * when it is another type or broken.
 */
void *build_any(struct build_ctx *x, const Google__Protobuf__Any *any, const ProtobufCMessageDescriptor *d,
		struct err *e);
/* The type name of an Any, looking into a TypedStruct. In the tmp arena. */
const char *build_inner_type(struct build_ctx *x, const Google__Protobuf__Any *any);

/* The bytes of a DataSource that is inline or a file (read now, by the build's reader; empty without one). */
int build_data_source(struct build_ctx *x, const CORE(DataSource) * d, struct slice *ret, struct err *e);

/* filter_metadata[key] or NULL. */
const Google__Protobuf__Struct *build_metadata(const CORE(Metadata) * m, const char *key);

/* Whether the lookup of an endpoint may go beyond the original destination (metadata_match weft.any_endpoint). */
bool build_any_endpoint(const CORE(Metadata) * m);

/* A cluster by name: the reference keeps its slot. */
struct route_cluster build_cluster_ref(struct build_ctx *x, const char *name);

/* ---- refused.c ---- */
/* -EINVAL with the path when a field is set, anywhere in the message, that is not carried out. */
int build_refuse(const void *message, struct err *e);
/* Unpacks a resource and looks for such fields; NULL with the reason. */
void *build_decode(struct arena *a, const ProtobufCMessageDescriptor *d, struct slice bytes, struct err *e);

/* ---- build_log.c ---- */
/* NULL where there is none. */
int build_log_filter(struct build_ctx *x, const Envoy__Config__Accesslog__V3__AccessLogFilter *m,
		     const struct config_log_filter **ret, struct err *e);
int build_access_logs(struct build_ctx *x, Envoy__Config__Accesslog__V3__AccessLog **v, size_t n,
		      struct config_access_log **ret, size_t *ret_n, struct err *e);

/* Whether expressions ask for responses' heads and trailers; h has its logs and filters. */
void build_kept(struct config_hcm *h);
/* What of responses these logs ask for, each field once. */
void build_log_fields(struct build_ctx *x, const struct config_access_log *logs, size_t n,
		      struct config_log_field **ret, size_t *ret_n);

/* ---- build_log_service.c ---- */
/* Whether the message of that type is an access log that goes to a service; then it is read. 0, 1 or -errno. */
int build_log_service(struct build_ctx *x, const Google__Protobuf__Any *any, struct config_access_log *ret,
		      struct err *e);

/* ---- build_tls.c ---- */
/* The TLS settings of a transport socket; NULL result = plain. */
int build_transport(struct build_ctx *x, const CORE(TransportSocket) * t, bool server, const struct config_tls **ret,
		    struct err *e);

/* The same of a cluster's side, which may be wrapped by the PROXY protocol: sets tls and proxy_version. */
int build_up_transport(struct build_ctx *x, const CORE(TransportSocket) * t, struct config_transport *ret,
		       struct err *e);

/* Names of protocols in wire form; -EINVAL with a reason. */
int build_alpn(struct build_ctx *x, char **names, size_t n, struct slice *ret, struct err *e);

/* ---- build_health.c ---- */
/* The health check of a cluster; *ret stays when it has none. -EINVAL with a reason. */
int build_health(struct build_ctx *x, const CLUSTER(Cluster) * m, const struct config_health **ret, struct err *e);

/* ---- build_subset.c ---- */
/* How a cluster is divided; *ret stays when it is not. -EINVAL with a reason. */
int build_subsets(struct build_ctx *x, const CLUSTER(Cluster__LbSubsetConfig) * m, const struct config_subsets **ret,
		  struct err *e);
/* The labels of metadata envoy.lb, by key; lists: each value of a list is a label. */
void build_labels(struct build_ctx *x, const CORE(Metadata) * m, bool lists, struct route_labels *ret);

/* Options of HTTP/1.1 and HTTP/2; either may be NULL. -EINVAL with a reason. */
int build_http(struct build_ctx *x, const CORE(Http1ProtocolOptions) * h1, const CORE(Http2ProtocolOptions) * h2,
	       struct config_http *ret, struct err *e);

/* ---- build_cluster.c ---- */
int build_cluster_spec(struct config_names *names, struct build *b, const CLUSTER(Cluster) * m,
		       struct config_cluster_spec **ret, struct err *e);

/* ---- build_endpoint.c ---- */

/* Addresses of a host name, or n 0. */
struct build_resolved {
	const struct addr *v;
	size_t n;
};
/* Called for endpoints whose address is a host name. */
typedef struct build_resolved build_resolver(void *ctx, const char *host, uint16_t port);

/* resolve NULL: host names are refused. */
int build_endpoint_set(struct config_cluster_spec *spec, const ENDPOINT(ClusterLoadAssignment) * m,
		       build_resolver *resolve, void *ctx, struct config_endpoints **ret, struct err *e);

/* ---- build_pods.c ---- */

struct config_pod_block;
/* A block with one reference from the bytes of a weft.mesh.v1.PodBlock; -EINVAL with a reason. */
int build_pod_block(struct slice bytes, struct config_pod_block **ret, struct err *e);

/* ---- build_route.c, build_match.c ---- */
int build_route_table(struct config_names *names, struct build *b, const ROUTE(RouteConfiguration) * m,
		      struct route_table **ret, struct err *e);
/* Reads a RouteMatch; -EINVAL with a reason for what is wrong or not supported. */
int build_route_match(struct build_ctx *x, const ROUTE(RouteMatch) * m, struct route_match *ret, struct err *e);
/* Reads the header operations of a route, virtual host or table; *ret is NULL when there are none. -EINVAL with a
 * reason. */
int build_headers(struct build_ctx *x, CORE(HeaderValueOption) * *request_add, size_t n_request_add,
		  char **request_remove, size_t n_request_remove, CORE(HeaderValueOption) * *response_add,
		  size_t n_response_add, char **response_remove, size_t n_response_remove,
		  const struct route_headers **ret, struct err *e);

/* ---- build_filter.c, build_rbac.c ---- */

#define BUILD_PEER_EXCHANGE "envoy.tcp.metadataexchange.config.MetadataExchange"
/* The network filter of that type, at either end of a connection: sets *ret. */
int build_peer_exchange(struct build_ctx *x, const Google__Protobuf__Any *any, bool *ret, struct err *e);

/* The filter jwt_authn (struct filter_jwt), and what a route says of it (struct jwt_override). */
int build_jwt(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e);
int build_jwt_per_route(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e);

/* The filter ext_authz (struct filter_ext_authz), and what a route says of it (struct ext_authz_override). */
int build_ext_authz(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e);
int build_ext_authz_per_route(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e);
/* The same for connections of TCP. */
int build_network_ext_authz(struct build_ctx *x, const Google__Protobuf__Any *any, const struct filter_ext_authz **ret,
			    struct err *e);

struct config_http_filter;
/* ---- build_rate.c ---- */
/* The rules of rate limits; the array is the arena's. -EINVAL with a reason. */
int build_rate_limits(struct build_ctx *x, ROUTE(RateLimit) * *v, size_t n, struct rate_limit **ret, struct err *e);
/* The configuration of the local limits of HTTP, and of one listener's connections. -EINVAL with a reason. */
int build_local_rate(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e);
int build_network_rate(struct build_ctx *x, const Google__Protobuf__Any *any, struct token_bucket **ret, struct err *e);
/* The configuration of limits that a service knows, and what a route says of them. -EINVAL with a reason. */
int build_global_rate(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e);
int build_global_rate_route(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e);

/* Whether there is a filter of this type. */
bool build_http_filter_known(struct build_ctx *x, const Google__Protobuf__Any *any);
/* An HTTP filter from its typed configuration. */
int build_http_filter(struct build_ctx *x, const char *name, const Google__Protobuf__Any *any,
		      struct config_http_filter *ret, struct err *e);
/* A filter's configuration of a route. */
int build_override(struct build_ctx *x, const char *filter, const Google__Protobuf__Any *any,
		   struct route_override *ret, struct err *e);
/* Reads the configuration of istio.stats; -EINVAL with a reason. */
int build_stats(struct build_ctx *x, const Google__Protobuf__Any *any, const struct filter_stats **ret, struct err *e);
/* Reads the rules of an RBAC filter; *ret is NULL when m is. -EINVAL with a reason. */
int build_rbac_rules(struct build_ctx *x, const RBACPB(RBAC) * m, struct rbac_rules **ret, struct err *e);
/* The keys of what shadow rules say. */
void build_shadow_keys(struct build_ctx *x, const char *prefix, struct filter_rbac *ret);

/* ---- build_listener.c, build_hcm.c ---- */
int build_listener(struct config_names *names, struct build *b, const LISTENER(Listener) * m,
		   struct config_listener **ret, struct err *e);
/* Reads a HttpConnectionManager; -EINVAL with a reason. */
int build_hcm(struct build_ctx *x, const Google__Protobuf__Any *any, const struct config_hcm **ret, struct err *e);
/* Reads a TcpProxy; -EINVAL with a reason. */
int build_tcp_proxy(struct build_ctx *x, const Google__Protobuf__Any *any, const struct config_tcp_proxy **ret,
		    struct err *e);

/* ---- build_tracing.c ---- */
/* Reads a connection manager's tracing into a filter; *ret is NULL when it has no provider. -EINVAL with a reason. */
int build_tracing(struct build_ctx *x, const HCM(HttpConnectionManager__Tracing) * m, const struct filter_tracing **ret,
		  struct err *e);

/* ---- build.c ---- */
/* Appends the file's bytes by the build's reader; nothing without a reader or a build. */
int build_read_file(struct build *b, const char *path, size_t max, struct buf *out, struct err *e);
/* A secret given in place: kept under a name made of its content, as long as something built has it. */
struct config_ref build_inline_secret(struct build_ctx *x, struct slice chain, struct slice key, struct slice ca);

#endif
