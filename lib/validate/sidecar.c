/* Validation of Sidecars. */
#include "mesh/protocol.h"
#include "validate/vs_internal.h"

#define UNIX "unix://"
#define HOSTS_COMPARED_MAX                                                                                             \
	512 /* each host of a listener is compared with those before it; those past this number are not */

static bool is_unix(const char *bind)
{
	return val_set(bind) && strncmp(bind, UNIX, strlen(UNIX)) == 0;
}

static void check_port(struct val *v, const char *path, const struct istio_sidecar_port *p)
{
	enum protocol protocol;

	if (val_set(p->name))
		val_port_name(v, val_path(v, "%s.name", path), p->name);
	if (val_set(p->protocol) && protocol_parse(p->protocol, &protocol) < 0)
		val_error(v, val_path(v, "%s.protocol", path), "unsupported protocol: %s", p->protocol);
	if (p->target_port)
		val_error(v, val_path(v, "%s.targetPort", path), "targetPort has no impact on Sidecars");
}

/* --- ingress --- */

/* host:port, [host]:port or :port; the host is the loopback or any. */
static void check_endpoint(struct val *v, const char *path, const char *endpoint)
{
	static const char *const hosts[] = {"", "127.0.0.1", "0.0.0.0", "[::1]", "[::]"};
	const char *colon = strrchr(endpoint, ':');
	struct slice host;
	uint64_t port;
	bool ok = false;

	if (is_unix(endpoint)) {
		val_unix(v, path, endpoint + strlen(UNIX));
		return;
	}
	if (!colon || slice_to_u64(slice_str(colon + 1), 65535, &port) < 0 || port == 0) {
		val_error(v, path, "sidecar: defaultEndpoint port of \"%s\" is not a number from 1 to 65535", endpoint);
		return;
	}
	host = slice_make(endpoint, (size_t)(colon - endpoint));
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		ok |= slice_eq_str(host, hosts[i]);
	if (!ok)
		val_error(v, path,
			  "\"%s\": a default endpoint is 127.0.0.1:PORT, 0.0.0.0:PORT, [::1]:PORT, [::]:PORT or "
			  "unix://PATH",
			  endpoint);
}

static void check_ingress_tls(struct val *v, const char *path, const struct istio_istio_ingress_listener *l)
{
	const struct istio_server_tls_settings *t = l->tls;
	enum protocol p = PROTOCOL_AUTO;

	if (!t)
		return;
	if (t->subject_alt_names.n)
		val_error(v, path, "sidecar: subjectAltNames is not supported in ingress tls");
	if (t->https_redirect)
		val_error(v, path, "sidecar: httpsRedirect is not supported");
	if (val_set(t->credential_name))
		val_error(v, path, "sidecar: credentialName is not currently supported");
	if (t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_ISTIO_MUTUAL ||
	    t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_AUTO_PASSTHROUGH)
		val_error(v, path, "sidecar: mode %s is not supported in ingress tls",
			  msg_enum_name(&istio_server_tls_settings_tl_smode_names, t->mode));
	if (protocol_parse(l->port->protocol, &p) < 0 || !protocol_is_tls(p))
		val_error(v, path, "server cannot have TLS settings for non HTTPS/TLS ports");
	val_server_tls(v, path, t);
}

static void check_ingress(struct val *v, const struct istio_sidecar_spec *spec, size_t i, struct map *ports)
{
	const struct istio_istio_ingress_listener *l = &spec->ingress.v[i];
	const char *path = val_path(v, "spec.ingress[%zu]", i), *port = val_path(v, "%s.port", path);

	if (!l->port) {
		val_error(v, path, "sidecar: port is required for ingress listeners");
		return;
	}
	check_port(v, port, l->port);
	val_port(v, val_path(v, "%s.number", port), l->port->number);
	if (val_set(l->bind))
		val_ip(v, val_path(v, "%s.bind", path), l->bind);
	if (val_twice(ports, val_path(v, "%u", l->port->number), i) >= 0)
		val_error(v, port, "sidecar: ports on IP bound listeners must be unique");
	if (val_set(l->default_endpoint))
		check_endpoint(v, val_path(v, "%s.defaultEndpoint", path), l->default_endpoint);
	check_ingress_tls(v, val_path(v, "%s.tls", path), l);
}

/* --- egress --- */

/* A socket has no port, and no traffic is redirected to it. */
static void check_socket(struct val *v, const char *path, const struct istio_istio_egress_listener *l)
{
	if (!is_unix(l->bind))
		val_error(v, path, "sidecar: ports with 0 value must have a unix domain socket bind address");
	else
		val_unix(v, path, l->bind + strlen(UNIX));
	if (l->capture_mode == ISTIO_CAPTURE_MODE_IPTABLES)
		val_error(v, path, "sidecar: captureMode must be DEFAULT/NONE for unix domain socket listeners");
}

static void check_egress_port(struct val *v, const struct istio_sidecar_spec *spec, size_t i, struct map *ports)
{
	const struct istio_istio_egress_listener *l = &spec->egress.v[i];
	const char *path = val_path(v, "spec.egress[%zu]", i), *key;

	check_port(v, val_path(v, "%s.port", path), l->port);
	if (!l->port->number) {
		check_socket(v, path, l);
	} else {
		val_port(v, val_path(v, "%s.port.number", path), l->port->number);
		if (val_set(l->bind))
			val_ip(v, val_path(v, "%s.bind", path), l->bind);
	}
	key = val_path(v, "%u%s", l->port->number, l->port->number || !l->bind ? "" : l->bind);
	if (val_twice(ports, key, i) < 0)
		return;
	if (l->port->number)
		val_error(v, path, "sidecar: ports on IP bound listeners must be unique");
	else
		val_error(v, path, "sidecar: unix domain socket values for listeners must be unique");
}

static void check_host(struct val *v, const char *path, const char *host)
{
	const char *slash = strchr(host, '/');
	const char *ns = slash ? arena_printf(&v->arena, "%.*s", (int)(slash - host), host) : NULL;

	if (!slash) {
		val_error(v, path, "host must be of form namespace/dnsName");
		return;
	}
	if (!*ns || !slash[1])
		val_error(v, path, "\"%s\": host must be of form namespace/dnsName, neither part empty", host);
	else if (strcmp(ns, "*") != 0 && strcmp(ns, ".") != 0 && strcmp(ns, "~") != 0 && !val_is_label(ns))
		val_error(v, path, "invalid namespace value \"%s\" in sidecar", ns);
	val_domain(v, path, slash[1] ? slash + 1 : NULL);
	val_scoped_host(v, path, slash + 1);
}

struct scoped {
	struct slice ns, name;
};

static struct scoped scoped_of(const char *host, const char *own)
{
	struct slice rest = slice_str(host), ns = slice_split(&rest, '/');

	return (struct scoped){slice_eq_str(ns, ".") ? slice_str(own) : ns, rest};
}

/* Hosts of one listener that others before them (or "*" of the same namespace) have already taken. */
static void warn_hosts(struct val *v, const char *path, const struct istio_istio_egress_listener *l, const char *own)
{
	bool all = false, other = false;

	for (size_t i = 0; i < l->hosts.n && i < HOSTS_COMPARED_MAX; i++) {
		const struct scoped a = scoped_of(l->hosts.v[i], own);
		const bool every = slice_eq_str(a.name, "*");

		all |= every && slice_eq_str(a.ns, "*");
		other |= !slice_eq_str(a.ns, "*");
		for (size_t k = 0; k < i; k++) {
			const struct scoped b = scoped_of(l->hosts.v[k], own);

			if (slice_eq(a.ns, b.ns) && (every || slice_eq_str(b.name, "*") || slice_eq(a.name, b.name))) {
				val_warn(v, val_path(v, "%s.hosts[%zu]", path, i), "duplicated egress host: %s",
					 l->hosts.v[i]);
				break;
			}
		}
	}
	if (all && other)
		val_warn(v, val_path(v, "%s.hosts", path), "`*/*` selects everything: the other hosts add nothing");
}

static void check_egress(struct val *v, const struct istio_sidecar_spec *spec, size_t i, const char *own,
			 struct map *ports)
{
	const struct istio_istio_egress_listener *l = &spec->egress.v[i];
	const char *path = val_path(v, "spec.egress[%zu]", i);

	if (l->port)
		check_egress_port(v, spec, i, ports);
	else if (i + 1 < spec->egress.n)
		val_error(v, path,
			  "sidecar: the egress listener with empty port should be the last listener in the list");
	if (!l->hosts.n)
		val_error(v, path, "sidecar: egress listener must contain at least one host");
	for (size_t k = 0; k < l->hosts.n; k++)
		check_host(v, val_path(v, "%s.hosts[%zu]", path, k), l->hosts.v[k]);
	warn_hosts(v, path, l, own);
}

static void check_outbound(struct val *v, const struct istio_outbound_traffic_policy *p)
{
	static const char path[] = "spec.outboundTrafficPolicy.egressProxy";

	if (!p || !p->egress_proxy)
		return;
	if (p->mode != ISTIO_OUTBOUND_TRAFFIC_POLICY_MODE_ALLOW_ANY) {
		val_error(v, path,
			  "sidecar: egress_proxy must be set only with ALLOW_ANY outbound_traffic_policy mode");
		return;
	}
	if (!val_is_fqdn(p->egress_proxy->host))
		val_fqdn(v, val_path(v, "%s.host", path), p->egress_proxy->host);
	else
		val_destination(v, path, p->egress_proxy);
	if (!p->egress_proxy->port)
		val_error(v, val_path(v, "%s.port", path), "the port of an egress proxy must be set");
}

void val_sidecar(struct val *v, const struct api_object *o)
{
	static const struct istio_sidecar_spec none;
	const struct istio_sidecar_spec *spec = API_VALUE(o, sidecar, istio_sidecar)->spec;
	CLEANUP(map_done) struct map ingress = {0}, egress = {0}; /* ports */

	if (!spec)
		spec = &none;
	val_selector(v, "spec.workloadSelector", spec->workload_selector ? &spec->workload_selector->labels : NULL);
	if (!spec->egress.n && !spec->ingress.n && !spec->outbound_traffic_policy)
		val_error(v, "spec", "sidecar: empty configuration provided");
	for (size_t i = 0; i < spec->ingress.n; i++)
		check_ingress(v, spec, i, &ingress);
	for (size_t i = 0; i < spec->egress.n; i++)
		check_egress(v, spec, i, api_object_namespace(o), &egress);
	check_outbound(v, spec->outbound_traffic_policy);
}
