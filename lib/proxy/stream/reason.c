/* A row per outcome; what it was about (a cluster, the detail) is put behind its words. */
#include "proxy/stream/reason.h"

#include "proxy/stream/stream_internal.h"

enum about { ABOUT_NOTHING, ABOUT_CLUSTER, ABOUT_TRANSPORT /* and what it said */, ABOUT_DETAILS };

static const struct {
	const char *what;
	enum about about;
	const char *look;
} rows[OUTCOME_COUNT] = {
	[OUTCOME_NO_ROUTE] = {"no route takes this host and path", ABOUT_NOTHING,
			      "hosts and matches of VirtualServices, and the gateways they name"},
	[OUTCOME_NO_CLUSTER] = {"the route leads to a service or subset that is not known here", ABOUT_CLUSTER,
				"destination of the VirtualService, subsets of the DestinationRule, exportTo, Sidecar"},
	[OUTCOME_NO_HEALTHY] = {"there is no endpoint to choose", ABOUT_CLUSTER,
				"readiness of the service's pods, outlierDetection of the DestinationRule"},
	[OUTCOME_OVERFLOW] = {"a limit of connections or requests is reached", ABOUT_CLUSTER,
			      "connectionPool of the DestinationRule"},
	[OUTCOME_CONNECT_FAILED] = {"the endpoint cannot be connected to", ABOUT_TRANSPORT,
				    "the service's port, and mutual TLS on both sides"},
	[OUTCOME_CONNECT_TIMEOUT] = {"the endpoint does not take connections in time", ABOUT_TRANSPORT,
				     "the network, connectTimeout of the DestinationRule"},
	[OUTCOME_UPSTREAM_CLOSED] = {"the endpoint closed the connection before it answered", ABOUT_TRANSPORT,
				     "log and restarts of the application, its idle timeout"},
	[OUTCOME_UPSTREAM_PROTOCOL] = {"the endpoint's answer is no valid HTTP", ABOUT_CLUSTER,
				       "the protocol that the service's port is named after"},
	[OUTCOME_UPSTREAM_RESET] = {"the endpoint reset the stream", ABOUT_CLUSTER, "the log of the application"},
	[OUTCOME_UPSTREAM_REFUSED] = {"the endpoint refused the stream", ABOUT_CLUSTER, "the log of the application"},
	[OUTCOME_UPSTREAM_CLOSED_LATE] = {"the endpoint closed the connection within its answer", ABOUT_TRANSPORT,
					  "log and restarts of the application"},
	[OUTCOME_UPSTREAM_RESET_LATE] = {"the endpoint reset the stream within its answer", ABOUT_CLUSTER,
					 "the log of the application"},
	[OUTCOME_TIMEOUT] = {"no answer within the route's timeout", ABOUT_CLUSTER,
			     "timeout of the VirtualService, what the application waits for"},
	[OUTCOME_TRY_TIMEOUT] = {"no answer within the time of one try", ABOUT_CLUSTER,
				 "perTryTimeout of the VirtualService, what the application waits for"},
	[OUTCOME_IDLE_TIMEOUT] = {"nothing moved for as long as a stream may be idle", ABOUT_CLUSTER,
				  "what the application waits for, the idle timeout"},
	[OUTCOME_DURATION_TIMEOUT] = {"the stream lived as long as it may", ABOUT_CLUSTER, "maxStreamDuration"},
	[OUTCOME_REQUEST_TIMEOUT] = {"the request did not come in time", ABOUT_NOTHING, "the client, the network"},
	[OUTCOME_CLIENT_GONE] = {"the client went away first", ABOUT_NOTHING, "the client's own timeout"},
	[OUTCOME_BAD_REQUEST] = {"the request is no valid HTTP", ABOUT_NOTHING, "the client"},
	[OUTCOME_OLD_VERSION] = {"HTTP/1.0 is not taken", ABOUT_NOTHING, "the client"},
	[OUTCOME_BAD_PATH] = {"the path climbs above its root, or hides what it means", ABOUT_NOTHING, "the client"},
	[OUTCOME_FAULT_ABORT] = {"a fault is injected", ABOUT_NOTHING, "fault of the VirtualService"},
	[OUTCOME_RBAC] = {"an AuthorizationPolicy denies it", ABOUT_DETAILS,
			  "the policy that is named, or where none is, what ALLOW policies want"},
	[OUTCOME_RATE_LIMITED] = {"a rate limit is reached", ABOUT_NOTHING, "the EnvoyFilter of the limit"},
	[OUTCOME_RATE_OVER] = {"the rate limit service says that a limit is reached", ABOUT_NOTHING,
			       "the configuration of that service"},
	[OUTCOME_RATE_SERVICE] = {"the rate limit service did not answer", ABOUT_NOTHING,
				  "that service, failure_mode_deny of the EnvoyFilter"},
	[OUTCOME_DIRECT] = {"the answer is made here", ABOUT_DETAILS,
			    "directResponse of the VirtualService, limits of filters"},
	[OUTCOME_JWT] = {"the token is not good", ABOUT_DETAILS, "the RequestAuthentication, the client's token"},
	[OUTCOME_AUTHZ_DENIED] = {"the external authorizer says no", ABOUT_DETAILS,
				  "the authorizer's log, AuthorizationPolicies of action CUSTOM"},
	[OUTCOME_AUTHZ_FAILED] = {"the external authorizer did not answer", ABOUT_DETAILS,
				  "the authorizer, its extension provider"},
	[OUTCOME_UPGRADE_REFUSED] = {"an upgrade is not allowed here", ABOUT_NOTHING, "the client"},
	[OUTCOME_REQUEST_HEAD] = {"the request's head is too large", ABOUT_NOTHING,
				  "the client, headers that are added"},
	[OUTCOME_RESPONSE_HEAD] = {"the answer's head is too large", ABOUT_CLUSTER,
				   "the application, headers that are added"},
	[OUTCOME_HOST_MISMATCH] = {"target and Host name different hosts", ABOUT_NOTHING, "the client"},
};

static const char *details_of(const struct stream *s)
{
	return s->details ? s->details : outcome_row(s->outcome)->details;
}

static const char *cluster_of(const struct stream *s)
{
	if (s->cluster)
		return s->cluster->spec->name;
	if (s->route && s->route->action == ROUTE_ACTION_CLUSTER)
		return s->route->cluster.name;
	return s->weighted ? s->weighted->cluster.name : "";
}

/* What is put behind the words, with what leads to it. */
static struct slice subject(struct stream *s, enum about about)
{
	const char *cluster = cluster_of(s);

	if (about == ABOUT_DETAILS)
		return stream_printf(s, ": %s", details_of(s));
	if (about == ABOUT_NOTHING || !*cluster)
		return slice_make("", 0);
	if (about == ABOUT_TRANSPORT && s->failure[0])
		return stream_printf(s, ": %s: %s", cluster, s->failure);
	return stream_printf(s, ": %s", cluster);
}

/* What a peer said may hold anything. */
static struct slice cleaned(struct slice text)
{
	char *p = (char *)text.ptr;

	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)p[i] < 0x20 || (unsigned char)p[i] >= 0x7f)
			p[i] = ' ';
	return text;
}

struct slice stream_reason(struct stream *s)
{
	const struct config_node *n = s->wc->config->node;
	const char *what = rows[s->outcome].what;

	if (!what || s->no_request || (s->outcome == OUTCOME_DIRECT && s->status < 400))
		return slice_make("", 0);
	const struct slice about = subject(s, rows[s->outcome].about);
	if (!n->name[0])
		return cleaned(stream_printf(s, "%s%.*s; look at: %s", what, SLICE_ARG(about), rows[s->outcome].look));
	return cleaned(stream_printf(s, "%s%.*s, says %s.%s; look at: %s", what, SLICE_ARG(about), n->name,
				     n->namespace_, rows[s->outcome].look));
}

/* The mesh's own roots vouch for the name: other authorities, as a gateway's, may not. */
static bool is_of_mesh(const struct down *d)
{
	const struct config_tls *t = d->chain->tls;

	return d->secure && d->principal && t && t->validation.name && strcmp(t->validation.name, "ROOTCA") == 0;
}

/* What leaves the pod was sent by its application. */
static bool is_own(const struct down *d, const struct config_node *n)
{
	if (n->type != NODE_SIDECAR || d->listener->direction != CONFIG_OUTBOUND)
		return false;
	return addr_is_loopback(&d->peer) || strcmp(d->peer_text, n->ip) == 0;
}

bool stream_is_inside(const struct stream *s)
{
	return is_of_mesh(s->conn) || is_own(s->conn, s->wc->config->node);
}
