/* Validation of Gateways, ServiceEntries and Sidecars. */
#include "mesh/validate_internal.h"

#include <stdlib.h>

#include "mesh/host.h"

static bool is_tls(enum protocol p)
{
	return protocol_is_tls(p);
}

static void check_server_port(struct val *v, const char *path, const struct istio_port *p, enum protocol *ret)
{
	*ret = PROTOCOL_TCP;
	if (!p) {
		val_error(v, path, "port is required");
		return;
	}
	if (!p->name || !*p->name)
		val_error(v, path, "port name must be set: %u", p->number);
	if (protocol_parse(p->protocol, ret) < 0 || *ret == PROTOCOL_UDP)
		val_error(v, path,
			  "invalid protocol \"%s\", supported protocols are HTTP, HTTP2, GRPC, GRPC-WEB, MONGO, REDIS, "
			  "MYSQL, "
			  "TCP",
			  p->protocol ? p->protocol : "");
	val_port(v, path, p->number);
	if (p->target_port)
		val_warn(v, path, "targetPort has no impact on Gateways");
}

static void check_simple(struct val *v, const char *path, const struct istio_server_tls_settings *t, const char *mode)
{
	if (t->credential_name)
		return;
	if (!t->server_certificate)
		val_error(v, path, "%s TLS requires a server certificate", mode);
	if (!t->private_key)
		val_error(v, path, "%s TLS requires a private key", mode);
}

static void check_istio_mutual(struct val *v, const char *path, const struct istio_server_tls_settings *t)
{
	if (t->server_certificate)
		val_error(v, path, "ISTIO_MUTUAL TLS cannot have associated server certificate");
	if (t->private_key)
		val_error(v, path, "ISTIO_MUTUAL TLS cannot have associated private key");
	if (t->ca_certificates)
		val_error(v, path, "ISTIO_MUTUAL TLS cannot have associated CA bundle");
	if (t->credential_name)
		val_error(v, path, "ISTIO_MUTUAL TLS cannot have associated credentialName");
}

static void check_server_tls(struct val *v, const char *path, const struct istio_server_tls_settings *t)
{
	switch (t->mode) {
	case ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_SIMPLE:
		check_simple(v, path, t, "SIMPLE");
		break;
	case ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_MUTUAL:
	case ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_OPTIONAL_MUTUAL:
		check_simple(v, path, t, "MUTUAL");
		if (!t->credential_name && !t->ca_certificates)
			val_error(v, path, "MUTUAL TLS requires a client CA bundle");
		break;
	case ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_ISTIO_MUTUAL:
		check_istio_mutual(v, path, t);
		break;
	default:
		break;
	}
}

static void check_tls_for_port(struct val *v, const char *path, const struct istio_server_tls_settings *t,
			       enum protocol p)
{
	if (is_tls(p) && !t) {
		val_error(v, path, "server must have TLS settings for HTTPS/TLS protocols");
		return;
	}
	if (!t)
		return;
	if (protocol_is_http(p) && (t->mode || t->credential_name || t->server_certificate) && !t->https_redirect)
		val_error(v, path, "server cannot have TLS settings for plain text HTTP ports");
	else if (!is_tls(p) && !protocol_is_http(p) && t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_PASSTHROUGH)
		val_error(v, path, "server cannot have TLS settings for non HTTPS/TLS ports");
	if (is_tls(p) && t->https_redirect)
		val_error(v, path, "tls.httpsRedirect should only be used with http servers");
	check_server_tls(v, path, t);
}

static void check_server_hosts(struct val *v, const char *path, const struct istio_server *s)
{
	if (!s->hosts.n)
		val_error(v, path, "server config must contain at least one host");
	for (size_t i = 0; i < s->hosts.n; i++) {
		const char *h = s->hosts.v[i], *slash = strchr(h, '/'), *at = val_path(v, "%s.hosts[%zu]", path, i);

		if (slash && slash == h)
			val_error(v, at, "invalid namespace value \"\" in gateway");
		val_domain(v, at, slash ? slash + 1 : h);
	}
}

void val_gateway(struct val *v, const struct api_object *o)
{
	const struct istio_gateway_spec *spec = API_VALUE(o, gateway, istio_gateway)->spec;

	if (!spec || !spec->servers.n) {
		val_error(v, "spec.servers", "gateway must have at least one server");
		return;
	}
	for (size_t i = 0; i < spec->servers.n; i++) {
		const struct istio_server *s = &spec->servers.v[i];
		const char *path = val_path(v, "spec.servers[%zu]", i);
		enum protocol p;

		check_server_hosts(v, path, s);
		check_server_port(v, val_path(v, "%s.port", path), s->port, &p);
		check_tls_for_port(v, val_path(v, "%s.tls", path), s->tls, p);
		for (size_t k = 0; k < i; k++) {
			const struct istio_port *q = spec->servers.v[k].port;

			if (s->port && q && s->port->name && q->name && strcmp(s->port->name, q->name) == 0)
				val_error(v, val_path(v, "%s.port.name", path),
					  "port names in servers must be unique: duplicate name %s", q->name);
		}
	}
}

/* --- ServiceEntry --- */

static void check_entry_ports(struct val *v, const struct istio_service_entry_spec *spec)
{
	for (size_t i = 0; i < spec->ports.n; i++) {
		const struct istio_service_port *p = &spec->ports.v[i];
		const char *path = val_path(v, "spec.ports[%zu]", i);

		val_port(v, path, p->number);
		if (!p->name || !*p->name)
			val_error(v, path, "service entry port name is required");
		for (size_t k = 0; k < i; k++) {
			if (p->name && spec->ports.v[k].name && strcmp(p->name, spec->ports.v[k].name) == 0)
				val_error(v, path, "service entry port name \"%s\" already defined", p->name);
			if (p->number == spec->ports.v[k].number)
				val_error(v, path, "service entry port %u already defined", p->number);
		}
	}
}

static bool has_port(const struct istio_service_entry_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->ports.n; i++)
		if (spec->ports.v[i].name && strcmp(spec->ports.v[i].name, name) == 0)
			return true;
	return false;
}

static void check_entry_endpoints(struct val *v, const struct istio_service_entry_spec *spec)
{
	for (size_t i = 0; i < spec->endpoints.n; i++) {
		const char *path = val_path(v, "spec.endpoints[%zu]", i);
		const cJSON *port;

		cJSON_ArrayForEach(port, spec->endpoints.v[i].ports)
		{
			if (!has_port(spec, port->string))
				val_error(v, path, "endpoint port %s is not defined by the service entry",
					  port->string);
		}
	}
}

static void check_resolution(struct val *v, const struct istio_service_entry_spec *spec)
{
	switch (spec->resolution) {
	case ISTIO_SERVICE_ENTRY_RESOLUTION_NONE:
		if (spec->endpoints.n)
			val_error(v, "spec.endpoints", "no endpoints should be provided for resolution type none");
		break;
	case ISTIO_SERVICE_ENTRY_RESOLUTION_DNS:
	case ISTIO_SERVICE_ENTRY_RESOLUTION_DNS_ROUND_ROBIN:
		if (spec->resolution == ISTIO_SERVICE_ENTRY_RESOLUTION_DNS_ROUND_ROBIN && spec->endpoints.n > 1)
			val_error(v, "spec.endpoints",
				  "there must only be 0 or 1 endpoint for resolution mode DNS_ROUND_ROBIN");
		for (size_t i = 0; !spec->endpoints.n && !spec->workload_selector && i < spec->hosts.n; i++)
			if (host_is_wildcard(spec->hosts.v[i]))
				val_error(v, val_path(v, "spec.hosts[%zu]", i),
					  "hosts must be FQDN if no endpoints are provided for resolution mode %s",
					  spec->resolution == ISTIO_SERVICE_ENTRY_RESOLUTION_DNS ? "DNS"
												 : "DNS_ROUND_ROBIN");
		break;
	default:
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
	for (size_t i = 0; i < spec->hosts.n; i++) {
		if (strcmp(spec->hosts.v[i], "*") == 0)
			val_error(v, val_path(v, "spec.hosts[%zu]", i), "invalid host *");
		else
			val_domain(v, val_path(v, "spec.hosts[%zu]", i), spec->hosts.v[i]);
	}
	if (spec->workload_selector && spec->endpoints.n)
		val_error(v, "spec", "only one of WorkloadSelector or Endpoints is allowed in Service Entry");
	for (size_t i = 0; i < spec->addresses.n; i++)
		if (strchr(spec->addresses.v[i], '/') && spec->resolution > ISTIO_SERVICE_ENTRY_RESOLUTION_STATIC)
			val_error(v, val_path(v, "spec.addresses[%zu]", i),
				  "CIDR addresses are allowed only for NONE/STATIC resolution types");
	check_entry_ports(v, spec);
	check_entry_endpoints(v, spec);
	check_resolution(v, spec);
	val_export_to(v, spec->export_to.v, spec->export_to.n, api_object_namespace(o));
}

/* --- Sidecar --- */

static void check_egress(struct val *v, const struct istio_sidecar_spec *spec)
{
	bool catch_all = false;

	for (size_t i = 0; i < spec->egress.n; i++) {
		const struct istio_istio_egress_listener *e = &spec->egress.v[i];
		const char *path = val_path(v, "spec.egress[%zu]", i);

		if (!e->port && catch_all)
			val_error(v, path, "sidecar: egress can have only one listener with empty port");
		if (!e->port && i + 1 < spec->egress.n)
			val_error(
				v, path,
				"sidecar: the egress listener with empty port should be the last listener in the list");
		catch_all |= !e->port;
		if (!e->hosts.n)
			val_error(v, path, "sidecar: egress listener must contain at least one host");
		for (size_t k = 0; k < e->hosts.n; k++) {
			const char *slash = strchr(e->hosts.v[k], '/');

			if (!slash || slash == e->hosts.v[k] || !slash[1])
				val_error(v, val_path(v, "%s.hosts[%zu]", path, k),
					  "host must be of form namespace/dnsName");
		}
	}
}

void val_sidecar(struct val *v, const struct api_object *o)
{
	const struct istio_sidecar_spec *spec = API_VALUE(o, sidecar, istio_sidecar)->spec;

	if (!spec ||
	    (!spec->egress.n && !spec->ingress.n && !spec->outbound_traffic_policy && !spec->inbound_connection_pool)) {
		val_error(v, "spec", "sidecar: empty configuration provided");
		return;
	}
	for (size_t i = 0; i < spec->ingress.n; i++) {
		if (!spec->ingress.v[i].port)
			val_error(v, val_path(v, "spec.ingress[%zu]", i),
				  "sidecar: port is required for ingress listeners");
		else
			val_port(v, val_path(v, "spec.ingress[%zu].port", i), spec->ingress.v[i].port->number);
	}
	check_egress(v, spec);
	if (spec->outbound_traffic_policy && spec->outbound_traffic_policy->egress_proxy &&
	    spec->outbound_traffic_policy->mode != ISTIO_OUTBOUND_TRAFFIC_POLICY_MODE_ALLOW_ANY)
		val_error(v, "spec.outboundTrafficPolicy",
			  "sidecar: egress_proxy must be set only with ALLOW_ANY outbound_traffic_policy mode");
}
