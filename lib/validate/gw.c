/* Validation of Gateways, and of the TLS settings that Sidecars share with them. */
#include "mesh/protocol.h"
#include "validate/validate_internal.h"

#define UNIX "unix://"

static bool known_protocol(const char *name, enum protocol *ret)
{
	*ret = PROTOCOL_TCP;
	return protocol_parse(name, ret) == 0;
}

/* False when nothing more can be said of the server: its port makes no sense. */
static bool check_port(struct val *v, const char *path, const struct istio_server *s, enum protocol *p)
{
	const bool is_unix = val_set(s->bind) && strncmp(s->bind, UNIX, strlen(UNIX)) == 0;
	const int before = v->n;

	*p = PROTOCOL_TCP;
	if (!s->port) {
		val_error(v, path, "port is required");
		return false;
	}
	if (!val_set(s->port->name))
		val_error(v, path, "port name must be set: %u", s->port->number);
	if (!known_protocol(s->port->protocol, p))
		val_error(v, path,
			  "invalid protocol \"%s\", supported protocols are HTTP, HTTP2, GRPC, GRPC-WEB, MONGO, REDIS, "
			  "MYSQL, TCP",
			  s->port->protocol ? s->port->protocol : "");
	if (s->port->number || !is_unix)
		val_port(v, path, s->port->number);
	if (s->port->target_port)
		val_error(v, path, "targetPort has no impact on Gateways");
	return v->n == before;
}

static void check_bind(struct val *v, const char *path, const struct istio_server *s)
{
	if (!val_set(s->bind))
		return;
	if (strncmp(s->bind, UNIX, strlen(UNIX)) != 0) {
		val_ip(v, path, s->bind);
		return;
	}
	val_unix(v, path, s->bind + strlen(UNIX));
	if (s->port && s->port->number)
		val_error(v, path, "port number must be 0 for unix domain socket: %u", s->port->number);
}

/* --- TLS --- */

static bool cipher_known(const char *name)
{
	static const char *const known[] = {
		"ECDHE-ECDSA-AES128-GCM-SHA256",
		"ECDHE-RSA-AES128-GCM-SHA256",
		"ECDHE-ECDSA-AES256-GCM-SHA384",
		"ECDHE-RSA-AES256-GCM-SHA384",
		"ECDHE-ECDSA-CHACHA20-POLY1305",
		"ECDHE-RSA-CHACHA20-POLY1305",
		"ECDHE-ECDSA-AES128-SHA",
		"ECDHE-RSA-AES128-SHA",
		"ECDHE-ECDSA-AES256-SHA",
		"ECDHE-RSA-AES256-SHA",
		"AES128-GCM-SHA256",
		"AES256-GCM-SHA384",
		"AES128-SHA",
		"AES256-SHA",
		"DES-CBC3-SHA",
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(name, known[i]) == 0)
			return true;
	/* groups such as [A|B] and expressions are not looked into */
	return !*name || strcmp(name, "ALL") == 0 || strchr("[-+!@", name[0]);
}

static void warn_ciphers(struct val *v, const char *path, const struct istio_server_tls_settings *t)
{
	CLEANUP(map_done) struct map seen = {0};
	const bool old = t->min_protocol_version == ISTIO_SERVER_TLS_SETTINGS_TLS_PROTOCOL_TLSV1_0 ||
			 t->min_protocol_version == ISTIO_SERVER_TLS_SETTINGS_TLS_PROTOCOL_TLSV1_1;

	if (old && !t->cipher_suites.n)
		val_warn(v, val_path(v, "%s.cipherSuites", path),
			 "a TLS version below 1.2 needs cipher suites that are not among the default ones");
	for (size_t i = 0; i < t->cipher_suites.n; i++) {
		const char *c = t->cipher_suites.v[i], *at = val_path(v, "%s.cipherSuites[%zu]", path, i);

		if (!cipher_known(c))
			val_warn(v, at, "\"%s\" is no cipher suite and is left out", c);
		else if (val_twice(&seen, c, i) >= 0)
			val_warn(v, at, "cipher suite \"%s\" is there twice", c);
	}
}

static void check_files(struct val *v, const char *path, const struct istio_server_tls_settings *t, bool mutual)
{
	const char *mode = mutual ? "MUTUAL" : "SIMPLE";

	if (val_set(t->credential_name))
		return;
	if (!val_set(t->server_certificate))
		val_error(v, path, "%s TLS requires a server certificate", mode);
	if (!val_set(t->private_key))
		val_error(v, path, "%s TLS requires a private key", mode);
	if (mutual && !val_set(t->ca_certificates))
		val_error(v, path, "MUTUAL TLS requires a client CA bundle");
}

static void check_istio_mutual(struct val *v, const char *path, const struct istio_server_tls_settings *t)
{
	if (val_set(t->server_certificate))
		val_error(v, path, "ISTIO_MUTUAL TLS cannot have associated server certificate");
	if (val_set(t->private_key))
		val_error(v, path, "ISTIO_MUTUAL TLS cannot have associated private key");
	if (val_set(t->ca_certificates))
		val_error(v, path, "ISTIO_MUTUAL TLS cannot have associated CA bundle");
	if (val_set(t->credential_name))
		val_error(v, path, "ISTIO_MUTUAL TLS cannot have associated credentialName");
}

static void warn_unused(struct val *v, const char *path, const struct istio_server_tls_settings *t)
{
	if (val_set(t->server_certificate) || val_set(t->private_key) || val_set(t->ca_certificates) ||
	    val_set(t->credential_name))
		val_warn(v, path, "TLS is passed through: certificates and keys are not used");
}

void val_server_tls(struct val *v, const char *path, const struct istio_server_tls_settings *t)
{
	warn_ciphers(v, path, t);
	switch (t->mode) {
	case ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_SIMPLE:
		check_files(v, path, t, false);
		break;
	case ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_MUTUAL:
	case ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_OPTIONAL_MUTUAL:
		check_files(v, path, t, true);
		break;
	case ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_ISTIO_MUTUAL:
		check_istio_mutual(v, path, t);
		break;
	case ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_PASSTHROUGH:
	case ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_AUTO_PASSTHROUGH:
		warn_unused(v, path, t);
		break;
	default:
		break;
	}
}

/* A server of plain HTTP may redirect, and no more. */
static bool only_redirects(const struct istio_server_tls_settings *t)
{
	return (t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_PASSTHROUGH ||
		t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_AUTO_PASSTHROUGH) &&
	       !val_set(t->ca_certificates) && !val_set(t->private_key) && !val_set(t->server_certificate);
}

static void check_tls_of_port(struct val *v, const char *path, const struct istio_server_tls_settings *t,
			      enum protocol p)
{
	if (protocol_is_tls(p) && !t)
		val_error(v, path, "server must have TLS settings for HTTPS/TLS protocols");
	if (!t || protocol_is_tls(p))
		return;
	if (!protocol_is_http(p))
		val_error(v, path, "server cannot have TLS settings for non HTTPS/TLS ports");
	else if (!only_redirects(t))
		val_error(v, path, "server cannot have TLS settings for plain text HTTP ports");
}

/* --- hosts --- */

void val_scoped_host(struct val *v, const char *path, const char *name)
{
	if (strcmp(name, "*") != 0 && !strchr(name, '.'))
		val_error(v, path, "\"%s\": short names (non FQDN) are not allowed", name);
	if (val_is_partial_wildcard(name))
		val_error(v, path, "\"%s\": * stands alone or for whole labels in front of a dot", name);
}

static void check_host(struct val *v, const char *path, const char *host)
{
	const char *slash = strchr(host, '/'), *name = slash ? slash + 1 : host;
	const char *ns = slash ? arena_printf(&v->arena, "%.*s", (int)(slash - host), host) : "*";

	if (slash && (!*ns || !*name))
		val_error(v, path, "\"%s\": neither namespace nor name may be empty", host);
	else if (strcmp(ns, "*") != 0 && strcmp(ns, ".") != 0 && !val_is_label(ns))
		val_error(v, path, "invalid namespace value \"%s\" in gateway", ns);
	val_domain_or_ip(v, path, name);
	val_scoped_host(v, path, name);
}

static void check_server(struct val *v, const char *path, const struct istio_server *s)
{
	enum protocol p;
	bool port_ok;

	if (!s->hosts.n)
		val_error(v, path, "server config must contain at least one host");
	for (size_t i = 0; i < s->hosts.n; i++)
		check_host(v, val_path(v, "%s.hosts[%zu]", path, i), s->hosts.v[i]);
	port_ok = check_port(v, val_path(v, "%s.port", path), s, &p);
	check_bind(v, val_path(v, "%s.bind", path), s);
	if (s->tls)
		val_server_tls(v, val_path(v, "%s.tls", path), s->tls);
	if (port_ok)
		check_tls_of_port(v, val_path(v, "%s.tls", path), s->tls, p);
	if (s->tls && s->tls->https_redirect && !protocol_is_http(p))
		val_warn(v, val_path(v, "%s.tls.httpsRedirect", path),
			 "tls.httpsRedirect should only be used with http servers");
}

void val_gateway(struct val *v, const struct api_object *o)
{
	const struct istio_gateway_spec *spec = API_VALUE(o, gateway, istio_gateway)->spec;
	CLEANUP(map_done) struct map names = {0};

	if (!val_is_label(api_object_name(o)))
		val_error(v, "metadata.name", "\"%s\": a gateway's name must be a DNS label, without dots",
			  api_object_name(o));
	if (!spec || !spec->servers.n) {
		val_error(v, "spec.servers", "gateway must have at least one server");
		return;
	}
	for (size_t i = 0; i < spec->servers.n; i++) {
		const struct istio_port *p = spec->servers.v[i].port;

		check_server(v, val_path(v, "spec.servers[%zu]", i), &spec->servers.v[i]);
		if (p && val_set(p->name) && val_twice(&names, p->name, i) >= 0)
			val_error(v, val_path(v, "spec.servers[%zu].port.name", i),
				  "port names in servers must be unique: duplicate name %s", p->name);
	}
}
