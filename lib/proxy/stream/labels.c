/* The standard metrics' labels of an exchange. */
#include "proxy/stream/attributes.h"
#include "proxy/telemetry/self.h"

static const struct stats_service *service_of(struct stream *s, const struct filter_stats *how, bool inbound)
{
	const char *cluster = s->cluster ? s->cluster->spec->name : NULL;
	const char *name = NULL;
	bool host_known = !inbound && !how->disable_host_header_fallback;
	struct slice host = s->authority;
	ptrdiff_t colon;

	if (s->cluster && s->cluster->service)
		return s->cluster->service;
	if (!s->cluster && s->route &&
	    s->route->action == ROUTE_ACTION_CLUSTER) { /* answered before a cluster was asked */
		const struct config_cluster c = config_cluster_get(s->wc->config, s->route->cluster.slot);
		if (c.spec && c.spec->n_services)
			return stats_service_of_cluster(s->worker, c.spec);
	}
	if (cluster && (!strcmp(cluster, "PassthroughCluster") || !strcmp(cluster, "BlackHoleCluster") ||
			!strncmp(cluster, "InboundPassthroughCluster", 25)))
		name = cluster;
	else if (s->route && !strcmp(s->route->name, "block_all"))
		name = "BlackHoleCluster";
	else if (s->route && !strcmp(s->route->name, "allow_any"))
		name = "PassthroughCluster";
	colon = slice_rfind(host, ':');
	if (colon > 0)
		host.len = (size_t)colon;
	if (!host_known)
		host.len = 0;
	return name || host.len ? stats_service_of_host(s->worker, host, name) : NULL;
}

void filter_labels(struct filter *f, const struct filter_stats *how, struct stats_labels *l)
{
	struct stream *s = f->stream;
	struct worker *w = s->worker;
	struct stats_peer *self = worker_self(w, s->wc->config);
	const char *own = worker_principal(w, s->wc->config);
	struct down *d = s->conn;

	*l = (struct stats_labels){
		.flags = s->flags,
		.status = s->status,
		.grpc_status = s->grpc_status,
		.protocol = s->grpc ? STATS_GRPC : STATS_HTTP,
		.inbound = d->inbound,
		.service = service_of(s, how, d->inbound),
	};
	attributes_tag(w, s, how->changes, l);
	if (d->inbound) {
		l->mutual_tls = d->secure && d->principal;
		l->source = s->source;
		l->source_principal = d->principal_label;
		l->destination = self;
		l->destination_principal = l->mutual_tls ? own : NULL;
		return;
	}
	l->source = self;
	l->destination = s->destination;
	l->destination_principal = s->destination_principal;
	l->source_principal = s->destination_principal ? own : NULL;
}
