/* Validation of routes of TLS and TCP. */
#include "mesh/host.h"
#include "validate/vs_internal.h"

static void check_routes(struct val *v, const char *path, const char *kind, const struct istio_route_destination *d,
			 size_t n)
{
	int64_t total = 0;

	if (!n)
		val_error(v, path, "%s route is required", kind);
	for (size_t i = 0; i < n; i++) {
		val_destination(v, val_path(v, "%s.route[%zu].destination", path, i), d[i].destination);
		if (d[i].weight < 0)
			val_error(v, val_path(v, "%s.route[%zu].weight", path, i), "weight %d < 0", d[i].weight);
		total += d[i].weight;
	}
	if (n > 1 && total == 0)
		val_error(v, path, "total destination weight = 0");
}

/* What matches of TLS and TCP share. */
static void check_match(struct val *v, const char *path, const char *const *subnets, size_t n_subnets, uint32_t port,
			const struct str_map *labels)
{
	for (size_t i = 0; i < n_subnets; i++)
		val_subnet(v, val_path(v, "%s.destinationSubnets[%zu]", path, i), subnets[i]);
	if (port)
		val_port(v, val_path(v, "%s.port", path), port);
	val_labels(v, val_path(v, "%s.sourceLabels", path), labels);
}

static bool of_hosts(const char *sni, const struct istio_virtual_service_spec *spec)
{
	for (size_t i = 0; i < spec->hosts.n; i++)
		if (host_subset_of(sni, spec->hosts.v[i]))
			return true;
	return false;
}

static void check_sni(struct val *v, const char *path, const char *sni, const struct istio_virtual_service_spec *spec)
{
	if (val_is_ip(sni))
		val_warn(v, path, "\"%s\": clients send no address as the name of a server", sni);
	else if (!val_is_domain(sni))
		val_domain(v, path, sni);
	else if (!of_hosts(sni, spec))
		val_error(v, path, "SNI host \"%s\" is not a compatible subset of any of the virtual service hosts",
			  sni);
}

static void check_tls_match(struct val *v, const char *path, const struct istio_tls_match_attributes *m,
			    const struct istio_virtual_service_spec *spec)
{
	if (!m->sni_hosts.n)
		val_error(v, path, "TLS match must have at least one SNI host");
	for (size_t k = 0; k < m->sni_hosts.n; k++)
		check_sni(v, val_path(v, "%s.sniHosts[%zu]", path, k), m->sni_hosts.v[k], spec);
	check_match(v, path, m->destination_subnets.v, m->destination_subnets.n, m->port, &m->source_labels);
	val_gateway_names(v, val_path(v, "%s.gateways", path), m->gateways.v, m->gateways.n);
}

void val_tls_route(struct val *v, size_t n, const struct istio_virtual_service_spec *spec)
{
	const struct istio_tls_route *t = &spec->tls.v[n];
	const char *path = val_path(v, "spec.tls[%zu]", n);

	if (!t->match.n)
		val_error(v, path, "TLS route must have at least one match condition");
	for (size_t i = 0; i < t->match.n; i++)
		check_tls_match(v, val_path(v, "%s.match[%zu]", path, i), &t->match.v[i], spec);
	check_routes(v, path, "TLS", t->route.v, t->route.n);
}

void val_tcp_route(struct val *v, size_t n, const struct istio_virtual_service_spec *spec)
{
	const struct istio_tcp_route *t = &spec->tcp.v[n];
	const char *path = val_path(v, "spec.tcp[%zu]", n);

	for (size_t i = 0; i < t->match.n; i++) {
		const struct istio_l4_match_attributes *m = &t->match.v[i];
		const char *at = val_path(v, "%s.match[%zu]", path, i);

		check_match(v, at, m->destination_subnets.v, m->destination_subnets.n, m->port, &m->source_labels);
		if (val_set(m->source_subnet))
			val_subnet(v, val_path(v, "%s.sourceSubnet", at), m->source_subnet);
		val_gateway_names(v, val_path(v, "%s.gateways", at), m->gateways.v, m->gateways.n);
	}
	check_routes(v, path, "TCP", t->route.v, t->route.n);
}
