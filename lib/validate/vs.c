/* Validation of VirtualServices: hosts, gateways, delegation; the routes are validated one by one. */
#include "mesh/host.h"
#include "validate/vs_internal.h"

/* Wildcards that every host is compared with, and hosts that every wildcard behind them is compared with. */
#define WILDCARDS_COMPARED_MAX 256
#define NAMES_COMPARED_MAX 4096

static bool in_mesh(const struct istio_virtual_service_spec *spec)
{
	for (size_t i = 0; i < spec->gateways.n; i++)
		if (strcmp(spec->gateways.v[i], "mesh") == 0)
			return true;
	return spec->gateways.n == 0;
}

/* Does a wildcard that is among the first ones of this object take the host, or the other way round? */
static const char *overlapping(const struct istio_virtual_service_spec *spec, const size_t *wild, size_t n, size_t i)
{
	for (size_t k = 0; k < n; k++)
		if (wild[k] < i && host_overlap(spec->hosts.v[i], spec->hosts.v[wild[k]]))
			return spec->hosts.v[wild[k]];
	return NULL;
}

/* A name before this wildcard that lies within it. */
static const char *taken_by(const struct istio_virtual_service_spec *spec, size_t i)
{
	for (size_t k = 0; k < i && k < NAMES_COMPARED_MAX; k++)
		if (host_subset_of(spec->hosts.v[k], spec->hosts.v[i]))
			return spec->hosts.v[k];
	return NULL;
}

/* Hosts that stand for one another: the same name twice, or a name within a wildcard. */
static void check_duplicates(struct val *v, const struct istio_virtual_service_spec *spec)
{
	CLEANUP(map_done) struct map seen = {0};
	size_t wild[WILDCARDS_COMPARED_MAX], n = 0;

	for (size_t i = 0; i < spec->hosts.n && n < WILDCARDS_COMPARED_MAX; i++)
		if (host_is_wildcard(spec->hosts.v[i]))
			wild[n++] = i;
	for (size_t i = 0; i < spec->hosts.n; i++) {
		const ptrdiff_t twice = val_twice(&seen, spec->hosts.v[i], i);
		const char *other = twice >= 0 ? spec->hosts.v[twice] : overlapping(spec, wild, n, i);

		if (!other && n && host_is_wildcard(spec->hosts.v[i]) && i <= wild[n - 1])
			other = taken_by(spec, i);
		if (other)
			val_error(v, val_path(v, "spec.hosts[%zu]", i), "duplicate hosts in virtual service: %s & %s",
				  other, spec->hosts.v[i]);
	}
}

static void check_hosts(struct val *v, const struct istio_virtual_service_spec *spec)
{
	const bool mesh = in_mesh(spec);

	for (size_t i = 0; i < spec->hosts.n; i++) {
		const char *path = val_path(v, "spec.hosts[%zu]", i);

		val_domain_or_ip(v, path, spec->hosts.v[i]);
		if (mesh && strcmp(spec->hosts.v[i], "*") == 0)
			val_error(v, path,
				  "wildcard host * is not allowed for virtual services bound to the mesh gateway");
	}
	check_duplicates(v, spec);
}

static void check_delegate(struct val *v, const struct istio_virtual_service_spec *spec)
{
	if (spec->gateways.n)
		val_error(v, "spec.gateways", "delegate virtual service must have no gateways specified");
	if (spec->tls.n)
		val_error(v, "spec.tls", "delegate virtual service must have no tls route specified");
	if (spec->tcp.n)
		val_error(v, "spec.tcp", "delegate virtual service must have no tcp route specified");
}

/* Tokens are checked at gateways: inside the mesh nobody knows their claims. */
static void check_claims(struct val *v, const struct istio_virtual_service_spec *spec)
{
	for (size_t i = 0; i < spec->gateways.n; i++)
		if (strcmp(spec->gateways.v[i], "mesh") != 0)
			return;
	for (size_t i = 0; i < spec->http.n; i++)
		for (size_t k = 0; k < spec->http.v[i].match.n; k++)
			val_claims(v, val_path(v, "spec.http[%zu].match[%zu]", i, k), &spec->http.v[i].match.v[k]);
}

void val_virtual_service(struct val *v, const struct api_object *o)
{
	const struct istio_virtual_service_spec *spec = API_VALUE(o, virtual_service, istio_virtual_service)->spec;

	if (!spec || (!spec->http.n && !spec->tcp.n && !spec->tls.n)) {
		val_error(v, "spec", "http, tcp or tls must be provided in virtual service");
		return;
	}
	if (spec->hosts.n)
		check_hosts(v, spec);
	else
		check_delegate(v, spec);
	val_gateway_names(v, "spec.gateways", spec->gateways.v, spec->gateways.n);
	check_claims(v, spec);
	for (size_t i = 0; i < spec->http.n; i++)
		val_http_route(v, val_path(v, "spec.http[%zu]", i), &spec->http.v[i], !spec->hosts.n);
	for (size_t i = 0; i < spec->tls.n; i++)
		val_tls_route(v, i, spec);
	for (size_t i = 0; i < spec->tcp.n; i++)
		val_tcp_route(v, i, spec);
	val_export_to(v, spec->export_to.v, spec->export_to.n, api_object_namespace(o), false);
	val_unreachable(v, spec);
}
