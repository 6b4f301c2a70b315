/* The pages below /debug of the monitoring port, as Istio's tools ask for them. Who may see them: door.c. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "discovery/internal.h"
#include "net/socket.h"
#include "pki/spiffe.h"
#include "xds/dump.h"

static void reply_json(struct web_request *r, cJSON *json)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	json_print(json, &out);
	cJSON_Delete(json);
	web_reply(r, 200, "application/json", buf_slice(&out));
}

static void serve_syncz(struct discovery *d, struct web_request *r)
{
	static const struct {
		enum xds_type type;
		const char *sent, *acked;
	} columns[] = {
		{XDS_CLUSTER, "cluster_sent", "cluster_acked"},
		{XDS_LISTENER, "listener_sent", "listener_acked"},
		{XDS_ROUTE, "route_sent", "route_acked"},
		{XDS_ENDPOINT, "endpoint_sent", "endpoint_acked"},
		{XDS_EXTENSION, "extensionconfig_sent", "extensionconfig_acked"},
	};
	cJSON *list = cJSON_CreateArray();
	struct session *s;

	LIST_EACH (s, &d->sessions, link) {
		cJSON *x = cJSON_CreateObject();

		cJSON_AddStringToObject(x, "cluster_id", s->proxy.cluster_id);
		cJSON_AddStringToObject(x, "proxy", s->proxy.id);
		cJSON_AddStringToObject(x, "proxy_type", s->proxy.type == PROXY_ROUTER ? "router" : "sidecar");
		cJSON_AddStringToObject(x, "istio_version", s->proxy.istio_version);
		for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
			const struct ads_sub *sub = xds_session_sub(s->xds, columns[i].type);

			cJSON_AddStringToObject(x, columns[i].sent, sub->nonce);
			cJSON_AddStringToObject(x, columns[i].acked, sub->acked_nonce);
		}
		cJSON_AddItemToArray(list, x);
	}
	reply_json(r, list);
}

static void serve_connections(struct discovery *d, struct web_request *r)
{
	cJSON *o = cJSON_CreateObject(), *list;
	struct session *s;

	cJSON_AddNumberToObject(o, "totalClients", (double)xds_server_sessions(d->xds));
	list = cJSON_AddArrayToObject(o, "clients");
	LIST_EACH (s, &d->sessions, link) {
		cJSON *x = cJSON_CreateObject();
		char at[CLOCK_TEXT_MAX], peer[ADDR_TEXT_MAX];

		cJSON_AddStringToObject(x, "connectionId", s->proxy.id);
		cJSON_AddStringToObject(x, "connectedAt",
					clock_format_s(xds_session_connected_ns(s->xds) / NS_PER_S, at));
		cJSON_AddStringToObject(x, "address", addr_format(grpc_call_peer_addr(xds_session_call(s->xds)), peer));
		cJSON_AddItemToArray(list, x);
	}
	reply_json(r, o);
}

/* What a proxy has been given, as its own /config_dump would tell; with &include_eds endpoints, too. */
static void serve_config_dump(struct discovery *d, struct web_request *r)
{
	struct slice id, unused;
	struct session *s, *found = NULL;
	cJSON *o, *configs;

	if (!web_query(r, "proxyID", &id)) {
		web_reply_text(r, 400, "You must provide a proxyID in the query string\n");
		return;
	}
	LIST_EACH (s, &d->sessions, link)
		if (slice_eq_str(id, s->proxy.id))
			found = s;
	if (!found || !found->view) {
		web_reply_text(
			r, 404,
			"Proxy not connected to this Pilot instance. It may be connected to another instance.\n");
		return;
	}
	o = cJSON_CreateObject();
	configs = cJSON_AddArrayToObject(o, "configs");
	for (int t = 0; t < XDS_TYPE_COUNT; t++) {
		const struct xds_set *set = t == XDS_SECRET ? found->view->secrets : found->view->result.sets[t];
		bool on_demand;

		if (xds_dump_has((enum xds_type)t, &on_demand) && (!on_demand || web_query(r, "include_eds", &unused)))
			xds_dump_add(configs, (enum xds_type)t, set ? set->version : "", set, NULL);
	}
	reply_json(r, o);
}

static void add_pairs(cJSON *o, const char *name, const struct str_map *m)
{
	cJSON *pairs = cJSON_AddObjectToObject(o, name);

	for (size_t i = 0; i < m->n; i++)
		cJSON_AddStringToObject(pairs, m->v[i].key, m->v[i].value);
}

static cJSON *port_json(const struct service_port *port)
{
	cJSON *p = cJSON_CreateObject();

	cJSON_AddStringToObject(p, "name", port->name);
	cJSON_AddNumberToObject(p, "port", port->port);
	cJSON_AddStringToObject(p, "protocol", protocol_str(port->protocol));
	return p;
}

static cJSON *service_json(const struct service *svc)
{
	cJSON *x = cJSON_CreateObject(), *attributes = cJSON_AddObjectToObject(x, "Attributes"), *ports;

	cJSON_AddStringToObject(attributes, "Name", svc->name);
	cJSON_AddStringToObject(attributes, "Namespace", svc->ns);
	cJSON_AddStringToObject(attributes, "ServiceRegistry", svc->entry ? "External" : "Kubernetes");
	add_pairs(attributes, "Labels", &svc->labels);
	add_pairs(attributes, "LabelSelectors", &svc->selector);
	ports = cJSON_AddArrayToObject(x, "ports");
	for (size_t k = 0; k < svc->n_ports; k++)
		cJSON_AddItemToArray(ports, port_json(&svc->ports[k]));
	cJSON_AddStringToObject(x, "hostname", svc->host);
	return x;
}

static void serve_registryz(struct discovery *d, struct web_request *r)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; d->snap && i < d->snap->services->v.n; i++)
		cJSON_AddItemToArray(list, service_json(&d->snap->services->v.v[i]));
	reply_json(r, list);
}

static cJSON *endpoint_json(struct discovery *d, const struct endpoint *e, const char *port_name)
{
	cJSON *x = cJSON_CreateObject(), *locality;
	CLEANUP(buf_done) struct buf label = BUF_INIT;
	char account[SPIFFE_MAX];

	add_pairs(x, "Labels", &e->labels);
	cJSON_AddStringToObject(x, "Address", e->address);
	cJSON_AddStringToObject(x, "ServicePortName", port_name);
	if (e->service_account && spiffe_format(account, sizeof(account), slice_str(d->mesh->trust_domain),
						slice_str(e->ns), slice_str(e->service_account)) > 0)
		cJSON_AddStringToObject(x, "ServiceAccount", account);
	locality = cJSON_AddObjectToObject(x, "Locality");
	if (e->region && *e->region)
		buf_printf(&label, "%s/%s/%s", e->region, e->zone ? e->zone : "", e->subzone ? e->subzone : "");
	cJSON_AddStringToObject(locality, "Label", buf_str(&label));
	cJSON_AddStringToObject(locality, "ClusterID", d->cfg.cluster_id);
	cJSON_AddNumberToObject(x, "EndpointPort", e->port);
	cJSON_AddNumberToObject(x, "LbWeight", e->weight);
	cJSON_AddStringToObject(x, "TLSMode", e->tls ? "istio" : "disabled");
	cJSON_AddStringToObject(x, "Namespace", e->ns);
	cJSON_AddStringToObject(x, "WorkloadName", e->workload);
	return x;
}

/* {svc: "host:port's name", ep: [{service, servicePort, endpoint}]}, as Kiali reads it. */
static cJSON *endpoints_json(struct discovery *d, const struct service *svc, const struct service_port *port)
{
	const struct endpoint_set set = snapshot_endpoints(d->snap, svc, port->port);
	CLEANUP(freep) char *name = mem_printf("%s:%s", svc->host, port->name);
	cJSON *x = cJSON_CreateObject(), *list;

	cJSON_AddStringToObject(x, "svc", name);
	list = cJSON_AddArrayToObject(x, "ep");
	for (size_t k = 0; k < set.n; k++) {
		cJSON *instance = cJSON_CreateObject();

		cJSON_AddItemToObject(instance, "service", service_json(svc));
		cJSON_AddItemToObject(instance, "servicePort", port_json(port));
		cJSON_AddItemToObject(instance, "endpoint", endpoint_json(d, &set.v[k], port->name));
		cJSON_AddItemToArray(list, instance);
	}
	return x;
}

static void serve_endpointz(struct discovery *d, struct web_request *r)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; d->snap && i < d->snap->services->v.n; i++)
		for (size_t k = 0; k < d->snap->services->v.v[i].n_ports; k++)
			cJSON_AddItemToArray(list, endpoints_json(d, &d->snap->services->v.v[i],
								  &d->snap->services->v.v[i].ports[k]));
	reply_json(r, list);
}

/* All configuration objects, as they are written; never a Secret. */
static void serve_configz(struct discovery *d, struct web_request *r)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < discovery_watches_kinds(d); i++) {
		const struct api_kind *kind = discovery_watches_kind(i);
		const struct store_range all = store_list(d->store, kind, NULL);

		for (size_t k = 0; k < all.n && (kind->flags & API_CUSTOM) && kind != &api_kind_route; k++)
			if (discovery_members_has(d->members, api_object_namespace(all.v[k])))
				cJSON_AddItemToArray(list, api_object_to_json(all.v[k]));
	}
	reply_json(r, list);
}

static void add_time(cJSON *o, const char *name, int64_t at_s)
{
	char at[CLOCK_TEXT_MAX];

	if (at_s)
		cJSON_AddStringToObject(o, name, clock_format_s(at_s, at));
}

/* The roots that are trusted, who signs, and where a rotation stands. */
static void serve_rootz(struct discovery *d, struct web_request *r)
{
	cJSON *o = cJSON_CreateObject(), *list;
	const struct slice roots = discovery_authority_roots(d->ca);
	struct pki_ca *ca = discovery_authority_ca(d->ca);
	const int n = pki_cert_count(roots, NULL);
	struct authority_state now;

	discovery_authority_state(d->ca, &now);
	cJSON_AddStringToObject(o, "source", now.source);
	cJSON_AddStringToObject(o, "phase", now.phase);
	cJSON_AddBoolToObject(o, "rotating", now.rotating);
	cJSON_AddStringToObject(o, "id", now.id);
	add_time(o, "since", now.since_s);
	add_time(o, "nextStep", now.next_s);
	cJSON_AddStringToObject(o, "problem", discovery_authority_problem(d->ca));
	list = cJSON_AddArrayToObject(o, "roots");
	for (int i = 0; i < n; i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		CLEANUP(buf_done) struct buf one = BUF_INIT;
		struct pki_cert_info info;
		cJSON *x;

		if (pki_cert_split(roots, i, &one, NULL) < 0 || pki_cert_info(buf_slice(&one), &a, &info, NULL) < 0)
			continue;
		x = cJSON_CreateObject();
		cJSON_AddStringToObject(x, "sha256", info.sha256);
		cJSON_AddStringToObject(x, "subject", info.subject);
		cJSON_AddBoolToObject(x, "signs", ca && slice_eq(buf_slice(&one), pki_ca_cert_pem(ca)));
		add_time(x, "notAfter", info.not_after_s);
		cJSON_AddItemToArray(list, x);
	}
	reply_json(r, o);
}

static void serve_index(struct discovery *d, struct web_request *r);

static const struct {
	const char *path;
	void (*serve)(struct discovery *d, struct web_request *r);
} pages[] = {
	{"/debug", serve_index},
	{"/debug/", serve_index},
	{"/debug/configz", serve_configz},
	{"/debug/syncz", serve_syncz},
	{"/debug/connections", serve_connections},
	{"/debug/config_dump", serve_config_dump},
	{"/debug/registryz", serve_registryz},
	{"/debug/endpointz", serve_endpointz},
	{"/debug/rootz", serve_rootz},
};

/* The pages that there are. */
static void serve_index(struct discovery *d, struct web_request *r)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	(void)d;
	buf_append_str(&out, "<!DOCTYPE html><html lang=\"en\"><title>Debug endpoints</title><ul>\n");
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		if (pages[i].serve != serve_index)
			buf_printf(&out, "<li><a href=\"%s\">%s</a></li>\n", pages[i].path, pages[i].path);
	buf_append_str(&out, "</ul></html>\n");
	web_reply(r, 200, "text/html; charset=utf-8", buf_slice(&out));
}

void discovery_debug_serve(struct discovery *d, struct web_request *r)
{
	for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
		if (slice_eq_str(r->path, pages[i].path)) {
			pages[i].serve(d, r);
			return;
		}
	}
	web_reply_text(r, 404, "404 page not found\n");
}
