/*
 * TLS settings of transport sockets. Key material is referred to by secret name; what is given in place becomes a
 * secret of its own, so that the data path knows one way only.
 */
#include "base/hash.h"
#include "config/build_internal.h"

#include "envoy/extensions/transport_sockets/proxy_protocol/v3/upstream_proxy_protocol.pb-c.h"
#include "envoy/extensions/transport_sockets/raw_buffer/v3/raw_buffer.pb-c.h"
#include "envoy/extensions/transport_sockets/tls/v3/common.pb-c.h"
#include "envoy/extensions/transport_sockets/tls/v3/secret.pb-c.h"

static const struct config_ref no_secret = {NULL, CONFIG_NO_SLOT};

int build_alpn(struct build_ctx *x, char **names, size_t n, struct slice *ret, struct err *e)
{
	CLEANUP(buf_done) struct buf wire = BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(names[i]);
		if (!len || len > 255)
			return err_set(e, -EINVAL, "alpn_protocols[%zu] must have 1..255 bytes", i);
		buf_append_char(&wire, (char)len);
		buf_append(&wire, names[i], len);
	}
	*ret = slice_make(arena_slicedup(x->out, buf_slice(&wire)), wire.len);
	return 0;
}

static int tls_params(struct build_ctx *x, const TLSPB(TlsParameters) * p, struct config_tls *t, struct err *e)
{
	CLEANUP(buf_done) struct buf ciphers = BUF_INIT, curves = BUF_INIT;

	if (!p)
		return 0;
	t->min_version = (enum config_tls_version)p->tls_minimum_protocol_version;
	t->max_version = (enum config_tls_version)p->tls_maximum_protocol_version;
	if (t->min_version > CONFIG_TLS_1_3 || t->max_version > CONFIG_TLS_1_3)
		return err_set(e, -EINVAL, "tls_params: unknown protocol version");
	for (size_t i = 0; i < p->n_cipher_suites; i++)
		buf_printf(&ciphers, "%s%s", i ? ":" : "", p->cipher_suites[i]);
	for (size_t i = 0; i < p->n_ecdh_curves; i++)
		buf_printf(&curves, "%s%s", i ? ":" : "", p->ecdh_curves[i]);
	t->ciphers = build_slice(x, buf_str(&ciphers));
	t->curves = build_slice(x, buf_str(&curves));
	return 0;
}

#define SAN(x) ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__SUBJECT_ALT_NAME_MATCHER__SAN_TYPE__##x

static int typed_san(struct build_ctx *x, const TLSPB(SubjectAltNameMatcher) * m, struct config_san *ret, struct err *e)
{
	if (!m->matcher)
		return err_set(e, -EINVAL, "matcher is missing");
	switch (m->san_type) {
	case SAN(DNS):
		ret->type = TLS_SAN_DNS;
		break;
	case SAN(URI):
		ret->type = TLS_SAN_URI;
		break;
	case SAN(IP_ADDRESS):
		ret->type = TLS_SAN_IP;
		break;
	default:
		return UNSUPPORTED(e, "san_type other than DNS, URI and IP_ADDRESS");
	}
	return build_string_match(x, m->matcher, &ret->name, e);
}

static int add_sans(struct build_ctx *x, const TLSPB(CertificateValidationContext) * v, struct config_tls *t,
		    struct err *e)
{
	size_t n = v->n_match_typed_subject_alt_names + v->n_match_subject_alt_names;
	int r = 0;

	t->sans = ARENA_NEW_N(x->out, struct config_san, n);
	for (size_t i = 0; r == 0 && i < v->n_match_subject_alt_names; i++)
		r = build_string_match(x, v->match_subject_alt_names[i], &t->sans[t->n_sans++].name, e);
	for (size_t i = 0; r == 0 && i < v->n_match_typed_subject_alt_names; i++)
		r = typed_san(x, v->match_typed_subject_alt_names[i], &t->sans[t->n_sans++], e);
	return r < 0 ? err_wrap(e, r, "match_subject_alt_names") : 0;
}

/* What a validation context says beyond its roots, which come from ret->validation. */
static int validation_rules(struct build_ctx *x, const TLSPB(CertificateValidationContext) * v, struct config_tls *t,
			    struct err *e)
{
	if (v->n_verify_certificate_spki || v->n_verify_certificate_hash || v->crl || v->custom_validator_config)
		return UNSUPPORTED(e, "validation_context: pinning by hash, crl or a custom validator");
	t->insecure_skip_verify =
		v->trust_chain_verification ==
		ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__CERTIFICATE_VALIDATION_CONTEXT__TRUST_CHAIN_VERIFICATION__ACCEPT_UNTRUSTED;
	return add_sans(x, v, t, e);
}

static int inline_validation(struct build_ctx *x, const TLSPB(CertificateValidationContext) * v, struct config_tls *t,
			     struct err *e)
{
	struct slice ca;
	int r = build_data_source(x, v->trusted_ca, &ca, e);

	if (r < 0)
		return err_wrap(e, r, "trusted_ca");
	if (ca.len)
		t->validation = build_inline_secret(x, SLICE(""), SLICE(""), ca);
	return validation_rules(x, v, t, e);
}

static struct config_ref sds(struct build_ctx *x, const TLSPB(SdsSecretConfig) * s)
{
	return s ? config_names_get(x->names, CONFIG_NAME_SECRET, slice_str(s->name), x->out) : no_secret;
}

static int validation(struct build_ctx *x, const TLSPB(CommonTlsContext) * c, struct config_tls *t, struct err *e)
{
	switch (c->validation_context_type_case) {
	case ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__COMMON_TLS_CONTEXT__VALIDATION_CONTEXT_TYPE_VALIDATION_CONTEXT:
		return inline_validation(x, c->validation_context, t, e);
	case ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__COMMON_TLS_CONTEXT__VALIDATION_CONTEXT_TYPE_VALIDATION_CONTEXT_SDS_SECRET_CONFIG:
		t->validation = sds(x, c->validation_context_sds_secret_config);
		return 0;
	case ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__COMMON_TLS_CONTEXT__VALIDATION_CONTEXT_TYPE_COMBINED_VALIDATION_CONTEXT:
		t->validation = sds(x, c->combined_validation_context->validation_context_sds_secret_config);
		if (!c->combined_validation_context->default_validation_context)
			return 0;
		return validation_rules(x, c->combined_validation_context->default_validation_context, t, e);
	default:
		return 0;
	}
}

static int certificate(struct build_ctx *x, const TLSPB(CommonTlsContext) * c, struct config_tls *t, struct err *e)
{
	struct slice chain, key;
	int r;

	if (c->n_tls_certificates + c->n_tls_certificate_sds_secret_configs > 1)
		return UNSUPPORTED(e, "more than one certificate of a TLS context");
	if (c->n_tls_certificate_sds_secret_configs)
		t->cert = sds(x, c->tls_certificate_sds_secret_configs[0]);
	if (!c->n_tls_certificates)
		return 0;
	r = build_data_source(x, c->tls_certificates[0]->certificate_chain, &chain, e);
	if (r == 0)
		r = build_data_source(x, c->tls_certificates[0]->private_key, &key, e);
	if (r < 0)
		return err_wrap(e, r, "tls_certificates[0]");
	t->cert = build_inline_secret(x, chain, key, SLICE(""));
	return 0;
}

static int common(struct build_ctx *x, const TLSPB(CommonTlsContext) * c, struct config_tls *t, struct err *e)
{
	int r;

	t->cert = t->validation = no_secret;
	if (!c)
		return 0;
	if (c->custom_handshaker || c->custom_tls_certificate_selector)
		return UNSUPPORTED(e, "custom_handshaker or custom_tls_certificate_selector");
	r = build_alpn(x, c->alpn_protocols, c->n_alpn_protocols, &t->alpn, e);
	if (r == 0)
		r = tls_params(x, c->tls_params, t, e);
	if (r == 0)
		r = certificate(x, c, t, e);
	if (r == 0)
		r = validation(x, c, t, e);
	return r < 0 ? err_wrap(e, r, "common_tls_context") : 0;
}

static int server_tls(struct build_ctx *x, const Google__Protobuf__Any *any, struct config_tls *t, struct err *e)
{
	const TLSPB(DownstreamTlsContext) *m = build_any(
		x, any, &envoy__extensions__transport_sockets__tls__v3__downstream_tls_context__descriptor, e);

	if (!m)
		return -EINVAL;
	t->is_server = true;
	t->require_client_certificate = build_bool(m->require_client_certificate, false);
	if (build_bool(m->require_sni, false))
		return UNSUPPORTED(e, "require_sni");
	int r = common(x, m->common_tls_context, t, e);
	if (r == 0 && t->cert.slot == CONFIG_NO_SLOT)
		return err_set(e, -EINVAL, "a server needs a certificate");
	return r;
}

static int client_tls(struct build_ctx *x, const Google__Protobuf__Any *any, struct config_tls *t, struct err *e)
{
	const TLSPB(UpstreamTlsContext) *m =
		build_any(x, any, &envoy__extensions__transport_sockets__tls__v3__upstream_tls_context__descriptor, e);

	if (!m)
		return -EINVAL;
	t->sni = build_slice(x, m->sni);
	t->auto_sni = m->auto_host_sni;
	return common(x, m->common_tls_context, t, e);
}

int build_transport(struct build_ctx *x, const CORE(TransportSocket) * s, bool server, const struct config_tls **ret,
		    struct err *e)
{
	const ProtobufCMessageDescriptor *raw =
		&envoy__extensions__transport_sockets__raw_buffer__v3__raw_buffer__descriptor;
	struct config_tls *t;
	const char *type;
	int r;

	*ret = NULL;
	if (!s)
		return 0;
	type = build_inner_type(x, s->typed_config);
	if (!type[0] && strcmp(s->name, "envoy.transport_sockets.raw_buffer") == 0)
		return 0;
	if (strcmp(type, raw->name) == 0)
		return build_any(x, s->typed_config, raw, e) ? 0 : err_wrap(e, -EINVAL, "transport_socket");
	t = ARENA_NEW(x->out, struct config_tls);
	r = server ? server_tls(x, s->typed_config, t, e) : client_tls(x, s->typed_config, t, e);
	if (r < 0)
		return err_wrap(e, r, "transport_socket");
	t->hash = hash_bytes(slice_make(s->typed_config->value.data, s->typed_config->value.len));
	*ret = t;
	return 0;
}

int build_up_transport(struct build_ctx *x, const CORE(TransportSocket) * s, struct config_transport *ret,
		       struct err *e)
{
	const ProtobufCMessageDescriptor *d =
		&envoy__extensions__transport_sockets__proxy_protocol__v3__proxy_protocol_upstream_transport__descriptor;
	const Envoy__Extensions__TransportSockets__ProxyProtocol__V3__ProxyProtocolUpstreamTransport *m;
	int r;

	if (!s || strcmp(build_inner_type(x, s->typed_config), d->name) != 0)
		return build_transport(x, s, false, &ret->tls, e);
	m = build_any(x, s->typed_config, d, e);
	if (!m)
		return err_wrap(e, -EINVAL, "transport_socket");
	ret->proxy_version =
		m->config && m->config->version == ENVOY__CONFIG__CORE__V3__PROXY_PROTOCOL_CONFIG__VERSION__V2 ? 2 : 1;
	r = build_transport(x, m->transport_socket, false, &ret->tls, e);
	return r < 0 ? err_wrap(e, r, "transport_socket") : 0;
}
