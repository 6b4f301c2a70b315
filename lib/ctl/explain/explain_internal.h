/* What the steps share. */
#ifndef CTL_EXPLAIN_EXPLAIN_INTERNAL_H
#define CTL_EXPLAIN_EXPLAIN_INTERNAL_H

#include "config/config.h"
#include "ctl/core/report.h"
#include "ctl/mesh/view.h"

#define EXPLAIN_HOPS_MAX 6 /* proxies that one request passes */
#define EXPLAIN_HEADERS_MAX 64

/* A request as it stands at one proxy. Strings live as long as the explanation. */
struct explained {
	const char *method, *scheme, *path; /* path with the query */
	const char *host;                   /* without the port */
	const char *authority;              /* Host as it is sent */
	uint16_t port;
	struct explained_header {
		const char *name, *value; /* the name in small letters */
	} headers[EXPLAIN_HEADERS_MAX];
	size_t n_headers;
};

struct explaining {
	struct ctl *c;
	struct mesh *m;
	struct arena a;
	struct explained rq;
	int n;               /* steps so far */
	const char *outcome; /* how it ends, as a sentence; NULL: it is under way */
	bool reached;        /* it ends at an endpoint, or is answered as was asked for */
};

/* How a connection comes to a proxy. */
struct arrival {
	struct addr to, from;
	bool inbound; /* at a sidecar, from outside its pod */
	bool tls;     /* it begins with a ClientHello */
	struct slice sni;
	const char *principal; /* of the client's certificate; NULL: it has shown none */
};

/* Where a proxy sends it. */
struct departure {
	const struct config_endpoint *endpoint; /* NULL: none is known */
	struct addr to;                         /* len 0: nowhere */
	bool mutual;                            /* with a certificate of the mesh */
	bool tls;
	struct slice sni;
};

/* --- explain.c --- */

/* One step; place may be "". */
void explain_step(struct explaining *x, const char *step, const char *place, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* One step of which an object is the reason, with the line of that path. */
void explain_object(struct explaining *x, const char *step, const struct api_object *o, const char *path,
		    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* How it ends; the first word counts. */
void explain_end(struct explaining *x, bool reached, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* --- request.c --- */

/* Reads METHOD, URL and "name: value" lines. 0 or -EINVAL with the reason. */
int explain_request(struct explaining *x, const char *method, const char *url, const char *const *headers, size_t n,
		    struct err *e);
/* The request as matchers ask for it; it points to rq. */
struct route_request explain_route_request(const struct explained *rq);
/* The value of a header, pseudo headers too; ptr NULL = absent. ctx is a struct explained. */
struct slice explain_header(const void *ctx, struct slice name);
/* The lines of a header one by one; ptr NULL = no more. */
struct slice explain_header_line(const void *ctx, struct slice name, size_t *cursor);

/* --- name.c --- */

/* The address that the client's resolver gives for the request's host, and why. p: its proxy; NULL = it has none. */
void explain_name(struct explaining *x, const char *ns, const struct proxy *p, struct addr *ret);
/* The pod at an address, whatever its port; NULL where there is none. */
const struct workload *explain_workload_at(const struct mesh *m, const struct addr *a);
/* The service behind an address that the mesh knows, or NULL. */
const struct service *explain_service_at(const struct mesh *m, const struct addr *a);

/* --- hop.c --- */

/* What one proxy does with it. False when it ends there. */
bool explain_hop(struct explaining *x, struct mesh_view *v, const struct arrival *in, struct departure *out);

/* --- route.c --- */

/* The route of the request in a table, with those that were passed over; NULL ends the request. */
const struct route *explain_route(struct explaining *x, struct mesh_view *v, const struct route_table *t);
/* The object that a path of metadata names ("/apis/.../virtual-service/cart#spec.http[0]"), NULL where there is none;
 * *ret_path is what stands behind it, or "". */
const struct api_object *explain_config_object(struct explaining *x, const char *config_path, const char **ret_path);

/* --- policy.c --- */

/* Which mutual TLS the server asks for, and which object says so. */
void explain_mtls(struct explaining *x, const struct proxy *server, uint16_t port, const struct arrival *in);
/* Tokens, authorization, whatever else may refuse it at this connection manager. False when it is refused. */
bool explain_filters(struct explaining *x, struct mesh_view *v, const struct config_chain *chain,
		     const struct arrival *in);
/* Authorization of bytes. */
bool explain_network_policies(struct explaining *x, struct mesh_view *v, const struct config_chain *chain,
			      const struct arrival *in);

/* --- cluster.c --- */

/* The cluster and its endpoints. False when there is nowhere to go. */
bool explain_cluster(struct explaining *x, struct mesh_view *v, const char *name, uint32_t slot,
		     const struct arrival *in, struct departure *out);

/* --- log.c --- */

/* One line of an access log. */
enum ctl_status explain_log(struct ctl *c, const char *line);

#endif
