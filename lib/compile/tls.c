/*
 * TLS contexts. Names of secrets, ALPN lists and versions are those that Istio's proxies use among each other, so that
 * a mesh may hold both.
 */
#include "compile/tls.h"

#include "api/networking/gateway.h"
#include "base/cleanup.h"

static const char *const mesh_ciphers[] = {
	"ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256",
	"ECDHE-RSA-AES128-GCM-SHA256",   "AES256-GCM-SHA384",           "AES128-GCM-SHA256",
};

pb_sds_config *tls_sds_local(struct arena *a, const char *name)
{
	pb_sds_config *s = pb_sds_config_new(a);
	pb_config_source *c = pb_config_source_new(a);
	pb_api_source *api = pb_api_source_new(a);
	pb_grpc_service *grpc = pb_grpc_service_new(a);

	grpc->target_specifier_case = ENVOY__CONFIG__CORE__V3__GRPC_SERVICE__TARGET_SPECIFIER_ENVOY_GRPC;
	grpc->envoy_grpc = pb_envoy_grpc_new(a);
	grpc->envoy_grpc->cluster_name = pb_str(SDS_CLUSTER);
	api->api_type = ENVOY__CONFIG__CORE__V3__API_CONFIG_SOURCE__API_TYPE__GRPC;
	api->transport_api_version = ENVOY__CONFIG__CORE__V3__API_VERSION__V3;
	api->set_node_on_first_message_only = true;
	PB_ADD(a, api, grpc_services, grpc);
	c->config_source_specifier_case =
		ENVOY__CONFIG__CORE__V3__CONFIG_SOURCE__CONFIG_SOURCE_SPECIFIER_API_CONFIG_SOURCE;
	c->api_config_source = api;
	c->resource_api_version = ENVOY__CONFIG__CORE__V3__API_VERSION__V3;
	c->initial_fetch_timeout = pb_duration_ns(a, 0);
	s->name = pb_str(name);
	s->sds_config = c;
	return s;
}

pb_sds_config *tls_sds_ads(struct arena *a, const char *name)
{
	pb_sds_config *s = pb_sds_config_new(a);

	s->name = pb_str(name);
	s->sds_config = pb_ads(a);
	return s;
}

pb_transport_socket *tls_socket(struct arena *a, const void *context)
{
	pb_transport_socket *t = pb_transport_socket_new(a);

	t->name = pb_str(context ? "envoy.transport_sockets.tls" : "envoy.transport_sockets.raw_buffer");
	t->config_type_case = ENVOY__CONFIG__CORE__V3__TRANSPORT_SOCKET__CONFIG_TYPE_TYPED_CONFIG;
	t->typed_config = context ? PB_ANY(a, context)
				  : pb_any_empty(a, "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer");
	return t;
}

static pb_string_matcher *uri_matcher(struct arena *a, pb_validation *v)
{
	pb_san_matcher *m = pb_san_matcher_new(a);

	m->san_type = ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__SUBJECT_ALT_NAME_MATCHER__SAN_TYPE__URI;
	m->matcher = pb_string_matcher_new(a);
	PB_ADD(a, v, match_typed_subject_alt_names, m);
	return m->matcher;
}

void tls_add_san(struct arena *a, pb_validation *v, const char *value)
{
	pb_string_matcher *m;

	if (strstr(value, "://")) {
		m = uri_matcher(a, v);
	} else {
		m = pb_string_matcher_new(a);
		PB_ADD(a, v, match_subject_alt_names, m);
	}
	m->match_pattern_case = ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_EXACT;
	m->exact = pb_str(value);
}

static void add_peers(struct arena *a, pb_validation *v, const struct tls_peers *peers)
{
	for (size_t i = 0; i < peers->n_names; i++)
		tls_add_san(a, v, peers->names[i]);
	for (size_t i = 0; !peers->n_names && i < peers->n_trust_domains; i++) {
		pb_string_matcher *m = uri_matcher(a, v);

		m->match_pattern_case = ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_PREFIX;
		m->prefix = arena_printf(a, "spiffe://%s/", peers->trust_domains[i]);
	}
}

#define TLS_PROTOCOL(x) ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__TLS_PARAMETERS__TLS_PROTOCOL__##x

static pb_tls_params *mesh_params(struct arena *a, const struct mesh_tls *limits)
{
	pb_tls_params *p = pb_tls_params_new(a);
	struct slice ciphers = slice_str(limits->ciphers), groups = slice_str(limits->groups);

	p->tls_minimum_protocol_version = limits->min ? limits->min : TLS_PROTOCOL(TLSv1_2);
	p->tls_maximum_protocol_version = limits->max ? limits->max : TLS_PROTOCOL(TLSv1_3);
	for (size_t i = 0; !ciphers.len && i < ARRAY_LEN(mesh_ciphers); i++)
		PB_ADD(a, p, cipher_suites, pb_str(mesh_ciphers[i]));
	while (ciphers.len)
		PB_ADD(a, p, cipher_suites, arena_slicedup(a, slice_split(&ciphers, ':')));
	while (groups.len)
		PB_ADD(a, p, ecdh_curves, arena_slicedup(a, slice_split(&groups, ':')));
	return p;
}

static pb_common_tls *common_mutual(struct arena *a, const char *const *alpn, size_t n_alpn,
				    const struct tls_peers *peers)
{
	pb_common_tls *c = pb_common_tls_new(a);
	pb_combined_validation *v = pb_combined_validation_new(a);

	c->tls_params = mesh_params(a, peers->limits);
	for (size_t i = 0; i < n_alpn; i++)
		PB_ADD(a, c, alpn_protocols, pb_str(alpn[i]));
	PB_ADD(a, c, tls_certificate_sds_secret_configs, tls_sds_local(a, "default"));
	v->default_validation_context = pb_validation_new(a);
	add_peers(a, v->default_validation_context, peers);
	v->validation_context_sds_secret_config = tls_sds_local(a, "ROOTCA");
	c->validation_context_type_case =
		ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__COMMON_TLS_CONTEXT__VALIDATION_CONTEXT_TYPE_COMBINED_VALIDATION_CONTEXT;
	c->combined_validation_context = v;
	return c;
}

pb_upstream_tls *tls_upstream_mutual(struct arena *a, const char *sni, bool http2, const struct tls_peers *peers)
{
	static const char *const alpn[] = {"istio-peer-exchange", "istio", "h2"};
	pb_upstream_tls *u = pb_upstream_tls_new(a);

	u->sni = pb_str(sni);
	u->common_tls_context = common_mutual(a, alpn, http2 ? 3 : 2, peers);
	return u;
}

pb_downstream_tls *tls_downstream_mutual(struct arena *a, bool tcp, const struct tls_peers *peers)
{
	static const char *const alpn[] = {"istio-peer-exchange", "h2", "http/1.1"};
	pb_downstream_tls *d = pb_downstream_tls_new(a);

	d->common_tls_context = common_mutual(a, tcp ? alpn : alpn + 1, tcp ? 3 : 2, peers);
	d->require_client_certificate = pb_bool(a, true);
	return d;
}

/* --- as a server is asked for --- */

const char *tls_server_fault(const struct istio_server_tls_settings *t)
{
	const bool named = t->credential_name && *t->credential_name;

	if (t->min_protocol_version && t->max_protocol_version && t->min_protocol_version > t->max_protocol_version)
		return "minProtocolVersion is above maxProtocolVersion";
	if (t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_ISTIO_MUTUAL || named)
		return NULL;
	if (!t->server_certificate || !*t->server_certificate || !t->private_key || !*t->private_key)
		return "needs credentialName, or serverCertificate and privateKey";
	if (t->mode != ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_SIMPLE && (!t->ca_certificates || !*t->ca_certificates))
		return "needs caCertificates for the clients' certificates";
	return NULL;
}

static pb_data_source *file_source(struct arena *a, const char *path)
{
	pb_data_source *d = pb_data_source_new(a);

	d->specifier_case = ENVOY__CONFIG__CORE__V3__DATA_SOURCE__SPECIFIER_FILENAME;
	d->filename = pb_str(path);
	return d;
}

static void set_validation(struct arena *a, pb_common_tls *c, const struct istio_server_tls_settings *t)
{
	pb_validation *v = pb_validation_new(a);

	for (size_t i = 0; i < t->subject_alt_names.n; i++)
		tls_add_san(a, v, t->subject_alt_names.v[i]);
	if (t->credential_name) {
		pb_combined_validation *cv = pb_combined_validation_new(a);

		cv->default_validation_context = v;
		cv->validation_context_sds_secret_config =
			tls_sds_ads(a, arena_printf(a, "kubernetes://%s-cacert", t->credential_name));
		c->validation_context_type_case =
			ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__COMMON_TLS_CONTEXT__VALIDATION_CONTEXT_TYPE_COMBINED_VALIDATION_CONTEXT;
		c->combined_validation_context = cv;
		return;
	}
	v->trusted_ca = file_source(a, t->ca_certificates);
	c->validation_context_type_case =
		ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__COMMON_TLS_CONTEXT__VALIDATION_CONTEXT_TYPE_VALIDATION_CONTEXT;
	c->validation_context = v;
}

static void set_certificate(struct arena *a, pb_common_tls *c, const struct istio_server_tls_settings *t)
{
	pb_tls_certificate *cert;

	if (t->credential_name) {
		PB_ADD(a, c, tls_certificate_sds_secret_configs,
		       tls_sds_ads(a, arena_printf(a, "kubernetes://%s", t->credential_name)));
		return;
	}
	cert = pb_tls_certificate_new(a);
	cert->certificate_chain = file_source(a, t->server_certificate);
	cert->private_key = file_source(a, t->private_key);
	PB_ADD(a, c, tls_certificates, cert);
}

pb_downstream_tls *tls_downstream_server(struct arena *a, const struct istio_server_tls_settings *t)
{
	pb_downstream_tls *d = pb_downstream_tls_new(a);
	pb_common_tls *c = d->common_tls_context = pb_common_tls_new(a);

	d->require_client_certificate = pb_bool(a, t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_MUTUAL);
	c->tls_params = pb_tls_params_new(a);
	c->tls_params->tls_minimum_protocol_version =
		t->min_protocol_version
			? t->min_protocol_version
			: ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__TLS_PARAMETERS__TLS_PROTOCOL__TLSv1_2;
	c->tls_params->tls_maximum_protocol_version = t->max_protocol_version;
	for (size_t i = 0; i < t->cipher_suites.n; i++)
		PB_ADD(a, c->tls_params, cipher_suites, pb_str(t->cipher_suites.v[i]));
	PB_ADD(a, c, alpn_protocols, pb_str("h2"));
	PB_ADD(a, c, alpn_protocols, pb_str("http/1.1"));
	set_certificate(a, c, t);
	if (t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_MUTUAL ||
	    t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_OPTIONAL_MUTUAL)
		set_validation(a, c, t);
	return d;
}
