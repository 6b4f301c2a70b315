/* Validation of ServiceEntries, WorkloadEntries and WorkloadGroups: services and workloads outside of Kubernetes. */
#include "mesh/protocol.h"
#include "validate/validate_internal.h"

#define UNIX "unix://"

/* The ports that a ServiceEntry names; NULL where there is none. */
typedef const struct istio_service_entry_spec entry_ports;

static bool has_port(entry_ports *spec, const char *name)
{
	for (size_t i = 0; i < spec->ports.n; i++)
		if (val_set(spec->ports.v[i].name) && strcmp(spec->ports.v[i].name, name) == 0)
			return true;
	return false;
}

static void check_endpoint_ports(struct val *v, const char *path, const cJSON *ports, entry_ports *of)
{
	const cJSON *p;

	cJSON_ArrayForEach(p, ports)
	{
		const char *at = val_path(v, "%s.ports[%s]", path, p->string);

		if (of && !has_port(of, p->string))
			val_error(v, at, "endpoint port %s is not defined by the service entry", p->string);
		val_port_name(v, at, p->string);
		if (!cJSON_IsNumber(p) || p->valuedouble < 1 || p->valuedouble > 65535)
			val_error(v, at, "the port of an endpoint must be a number from 1 to 65535");
	}
}

static void check_unix(struct val *v, const char *path, const struct istio_workload_entry_spec *w, entry_ports *of)
{
	val_unix(v, val_path(v, "%s.address", path), w->address + strlen(UNIX));
	if (cJSON_GetArraySize(w->ports))
		val_error(v, val_path(v, "%s.ports", path), "unix endpoint %s must not include ports", w->address);
	if (of && of->ports.n != 1)
		val_error(v, path, "%s: a ServiceEntry with a socket as an endpoint has exactly one port, not %zu",
			  w->address, of->ports.n);
}

/* A workload's address is an IP address, a socket or, where names are resolved, a name. */
static void check_workload(struct val *v, const char *path, const struct istio_workload_entry_spec *w, entry_ports *of,
			   bool names)
{
	const char *at = val_path(v, "%s.address", path);

	if (!val_set(w->address)) {
		if (!val_set(w->network)) {
			val_error(v, at, "an address is required: nothing else says where the workload is");
			return;
		}
		val_warn(v, at, "without an address the workload is reached through network %s", w->network);
	} else if (strncmp(w->address, UNIX, strlen(UNIX)) == 0) {
		check_unix(v, path, w, of);
	} else if (!val_is_ip(w->address) && !names) {
		val_error(v, at, "endpoint address \"%s\" is not a valid IP address", w->address);
	} else if (!val_is_ip(w->address) && !val_is_fqdn(w->address)) {
		val_error(v, at, "endpoint address \"%s\" is not a valid FQDN or an IP address", w->address);
	}
	val_labels(v, val_path(v, "%s.labels", path), &w->labels);
	check_endpoint_ports(v, path, w->ports, of);
}

void val_workload_entry(struct val *v, const struct api_object *o)
{
	static const struct istio_workload_entry_spec none;
	const struct istio_workload_entry_spec *spec = API_VALUE(o, workload_entry, istio_workload_entry)->spec;

	check_workload(v, "spec", spec ? spec : &none, NULL, true);
}

/* --- ServiceEntry --- */

/* Bytes tell no host: an address does. Others than these get one of the mesh's own (mesh/auto_address.c). */
static bool needs_addresses(const struct istio_service_entry_spec *spec)
{
	bool wild = false;

	for (size_t i = 0; i < spec->hosts.n; i++)
		wild |= spec->hosts.v[i][0] == '*';
	return !spec->addresses.n && (wild || spec->resolution == ISTIO_SERVICE_ENTRY_RESOLUTION_NONE);
}

static void check_ports(struct val *v, const struct istio_service_entry_spec *spec)
{
	CLEANUP(map_done) struct map names = {0}, numbers = {0};

	for (size_t i = 0; i < spec->ports.n; i++) {
		const struct istio_service_port *p = &spec->ports.v[i];
		const char *path = val_path(v, "spec.ports[%zu]", i);
		enum protocol protocol;

		val_port_name(v, val_path(v, "%s.name", path), p->name);
		val_port(v, val_path(v, "%s.number", path), p->number);
		if (val_set(p->protocol) && protocol_parse(p->protocol, &protocol) < 0)
			val_error(v, val_path(v, "%s.protocol", path), "unsupported protocol: %s", p->protocol);
		if (p->target_port)
			val_port(v, val_path(v, "%s.targetPort", path), p->target_port);
		if (needs_addresses(spec) && (!val_set(p->protocol) || strcmp(p->protocol, "TCP") == 0))
			val_warn(v, path, "addresses are required for ports serving TCP (or unset) protocol");
		if (val_set(p->name) && val_twice(&names, p->name, i) >= 0)
			val_error(v, path, "service entry port name \"%s\" already defined", p->name);
		if (val_twice(&numbers, val_path(v, "%u", p->number), i) >= 0)
			val_error(v, path, "service entry port %u already defined", p->number);
	}
}

static void check_hosts(struct val *v, const struct istio_service_entry_spec *spec)
{
	for (size_t i = 0; i < spec->hosts.n; i++) {
		const char *host = spec->hosts.v[i], *path = val_path(v, "spec.hosts[%zu]", i);

		if (strcmp(host, "*") == 0)
			val_error(v, path, "invalid host *");
		else
			val_domain(v, path, host);
		if (val_is_partial_wildcard(host))
			val_warn(v, path, "\"%s\": * stands for whole labels in front of a dot only", host);
	}
}

static void check_addresses(struct val *v, const struct istio_service_entry_spec *spec)
{
	for (size_t i = 0; i < spec->addresses.n; i++) {
		const char *path = val_path(v, "spec.addresses[%zu]", i);

		val_subnet(v, path, spec->addresses.v[i]);
		if (strchr(spec->addresses.v[i], '/') && spec->resolution > ISTIO_SERVICE_ENTRY_RESOLUTION_STATIC)
			val_error(v, path, "CIDR addresses are allowed only for NONE/STATIC resolution types");
	}
}

/* Of several hosts only HTTP and TLS tell which one is meant. */
static bool tells_hosts(const struct istio_service_port *p)
{
	enum protocol protocol = PROTOCOL_AUTO;

	return protocol_parse(p->protocol, &protocol) == 0 && (protocol_is_http(protocol) || protocol_is_tls(protocol));
}

static bool is_tcp(const struct istio_service_port *p)
{
	enum protocol protocol = PROTOCOL_AUTO;

	return protocol_parse(p->protocol, &protocol) == 0 && protocol != PROTOCOL_UDP && !protocol_is_http(protocol);
}

static void check_many_hosts(struct val *v, const struct istio_service_entry_spec *spec)
{
	if (spec->hosts.n < 2 || spec->resolution == ISTIO_SERVICE_ENTRY_RESOLUTION_NONE)
		return;
	for (size_t i = 0; i < spec->ports.n; i++) {
		if (!tells_hosts(&spec->ports.v[i])) {
			val_error(v, val_path(v, "spec.ports[%zu]", i),
				  "multiple hosts provided with non-HTTP, non-TLS ports");
			break;
		}
	}
	for (size_t i = 0; i < spec->ports.n && spec->addresses.n; i++) {
		if (spec->resolution > ISTIO_SERVICE_ENTRY_RESOLUTION_STATIC && is_tcp(&spec->ports.v[i])) {
			val_warn(v, "spec.hosts",
				 "one address and a port of TCP serve %zu hosts: they can't be told apart",
				 spec->hosts.n);
			break;
		}
	}
}

static void check_names(struct val *v, const struct istio_service_entry_spec *spec)
{
	const char *mode = spec->resolution == ISTIO_SERVICE_ENTRY_RESOLUTION_DNS ? "DNS" : "DNS_ROUND_ROBIN";

	for (size_t i = 0; !spec->endpoints.n && i < spec->hosts.n; i++)
		if (!val_is_fqdn(spec->hosts.v[i]))
			val_error(v, val_path(v, "spec.hosts[%zu]", i),
				  "hosts must be FQDN if no endpoints are provided for resolution mode %s", mode);
	if (spec->resolution == ISTIO_SERVICE_ENTRY_RESOLUTION_DNS_ROUND_ROBIN && spec->endpoints.n > 1)
		val_error(v, "spec.endpoints", "there must only be 0 or 1 endpoint for resolution mode %s", mode);
	for (size_t i = 0; i < spec->endpoints.n; i++) {
		const struct istio_workload_entry_spec *w = &spec->endpoints.v[i];
		const char *path = val_path(v, "spec.endpoints[%zu]", i);

		if (!val_is_ip(w->address) && !val_is_fqdn(w->address))
			val_error(v, val_path(v, "%s.address", path),
				  "endpoint address \"%s\" is not a valid FQDN or an IP address",
				  w->address ? w->address : "");
		val_labels(v, val_path(v, "%s.labels", path), &w->labels);
		check_endpoint_ports(v, path, w->ports, spec);
	}
}

static void check_resolution(struct val *v, const struct istio_service_entry_spec *spec)
{
	switch (spec->resolution) {
	case ISTIO_SERVICE_ENTRY_RESOLUTION_NONE:
		if (spec->endpoints.n)
			val_error(v, "spec.endpoints", "no endpoints should be provided for resolution type none");
		break;
	case ISTIO_SERVICE_ENTRY_RESOLUTION_STATIC:
		for (size_t i = 0; i < spec->endpoints.n; i++)
			check_workload(v, val_path(v, "spec.endpoints[%zu]", i), &spec->endpoints.v[i], spec, false);
		break;
	default:
		check_names(v, spec);
		break;
	}
}

void val_service_entry(struct val *v, const struct api_object *o)
{
	const struct istio_service_entry_spec *spec = API_VALUE(o, service_entry, istio_service_entry)->spec;

	if (!spec || !spec->hosts.n) {
		val_error(v, "spec.hosts", "service entry must have at least one host");
		return;
	}
	val_selector(v, "spec.workloadSelector", spec->workload_selector ? &spec->workload_selector->labels : NULL);
	check_hosts(v, spec);
	if (spec->workload_selector && spec->endpoints.n)
		val_error(v, "spec", "only one of WorkloadSelector or Endpoints is allowed in Service Entry");
	check_addresses(v, spec);
	check_ports(v, spec);
	check_resolution(v, spec);
	check_many_hosts(v, spec);
	val_export_to(v, spec->export_to.v, spec->export_to.n, api_object_namespace(o), true);
}

/* --- WorkloadGroup --- */

static void check_not_negative(struct val *v, const char *name, int32_t n)
{
	if (n < 0)
		val_error(v, val_path(v, "spec.probe.%s", name), "%d must not be negative", n);
}

static void check_http_get(struct val *v, const struct istio_http_health_check_config *h)
{
	val_port(v, "spec.probe.httpGet.port", h->port);
	if (val_set(h->scheme) && strcmp(h->scheme, "HTTP") != 0 && strcmp(h->scheme, "HTTPS") != 0)
		val_error(v, "spec.probe.httpGet.scheme", "\"%s\" is neither HTTP nor HTTPS", h->scheme);
	for (size_t i = 0; i < h->http_headers.n; i++)
		val_header_name(v, val_path(v, "spec.probe.httpGet.httpHeaders[%zu].name", i),
				h->http_headers.v[i].name);
}

static void check_probe(struct val *v, const struct istio_readiness_probe *p)
{
	check_not_negative(v, "periodSeconds", p->period_seconds);
	check_not_negative(v, "initialDelaySeconds", p->initial_delay_seconds);
	check_not_negative(v, "timeoutSeconds", p->timeout_seconds);
	check_not_negative(v, "successThreshold", p->success_threshold);
	check_not_negative(v, "failureThreshold", p->failure_threshold);
	if (p->http_get)
		check_http_get(v, p->http_get);
	else if (p->tcp_socket)
		val_port(v, "spec.probe.tcpSocket.port", p->tcp_socket->port);
	else if (!p->exec)
		val_error(v, "spec.probe", "a probe has one of httpGet, tcpSocket and exec");
	else if (!p->exec->command.n)
		val_error(v, "spec.probe.exec.command", "the command that tells the workload's health is required");
}

void val_workload_group(struct val *v, const struct api_object *o)
{
	const struct istio_workload_group_spec *spec = API_VALUE(o, workload_group, istio_workload_group)->spec;

	if (!spec || !spec->template) {
		val_error(v, "spec.template", "the template of the group's workloads is required");
		return;
	}
	if (spec->metadata)
		val_labels(v, "spec.metadata.labels", &spec->metadata->labels);
	if (spec->probe)
		check_probe(v, spec->probe);
}
