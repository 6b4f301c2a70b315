/*
 * SIMPLE and MUTUAL as DestinationRules write them: with files that the proxy has, or, for gateways, with a Secret of
 * their namespace. What cannot be carried out is not replaced by less: the cluster is left out.
 */
#include "compile/gen.h"
#include "compile/tls.h"

/* Where these settings are written, for messages. */
static const char *find_path(struct gen *g, const char *at, const struct istio_traffic_policy *t,
			     const struct istio_client_tls_settings *tls)
{
	if (!t)
		return NULL;
	if (t->tls == tls)
		return arena_printf(g->arena, "%s.tls", at);
	for (size_t i = 0; i < t->port_level_settings.n; i++)
		if (t->port_level_settings.v[i].tls == tls)
			return arena_printf(g->arena, "%s.portLevelSettings[%zu].tls", at, i);
	return NULL;
}

static const char *path_in(struct gen *g, const struct mesh_destination_rule *r,
			   const struct istio_client_tls_settings *tls)
{
	const char *path = find_path(g, "spec.trafficPolicy", r->spec->traffic_policy, tls);

	for (size_t i = 0; !path && i < r->spec->subsets.n; i++)
		path = find_path(g, arena_printf(g->arena, "spec.subsets[%zu].trafficPolicy", i),
				 r->spec->subsets.v[i].traffic_policy, tls);
	return path;
}

static void tell(struct gen *g, const struct gen_rules *rules, const struct istio_client_tls_settings *tls,
		 const char *field, const char *text)
{
	for (size_t i = 0; i < rules->n; i++) {
		const char *path = path_in(g, rules->v[i], tls);

		if (path)
			gen_note(g, rules->v[i]->o.obj, arena_printf(g->arena, "%s.%s", path, field), "%s", text);
	}
}

static bool set(const char *s)
{
	return s && *s;
}

static bool originates(const struct istio_client_tls_settings *t)
{
	return t && (t->mode == ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_SIMPLE ||
		     t->mode == ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_MUTUAL);
}

bool gen_rule_tls_possible(struct gen *g, const struct gen_rules *rules, const struct istio_client_tls_settings *t)
{
	if (!originates(t) || !set(t->credential_name) || g->proxy->type == PROXY_ROUTER)
		return true;
	tell(g, rules, t, "credentialName",
	     "Secrets are for gateways: sidecars cannot reach the service, nothing less secure takes its place; use "
	     "files");
	return false;
}

static pb_data_source *file_source(struct arena *a, const char *path)
{
	pb_data_source *d = pb_data_source_new(a);

	d->specifier_case = ENVOY__CONFIG__CORE__V3__DATA_SOURCE__SPECIFIER_FILENAME;
	d->filename = pb_str(path);
	return d;
}

static pb_validation *names_of(struct arena *a, const struct istio_client_tls_settings *t)
{
	pb_validation *v = pb_validation_new(a);

	for (size_t i = 0; i < t->subject_alt_names.n; i++)
		tls_add_san(a, v, t->subject_alt_names.v[i]);
	return v;
}

static void use_secret(struct gen *g, pb_common_tls *c, const struct istio_client_tls_settings *t)
{
	struct arena *a = g->arena;

	if (t->mode == ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_MUTUAL)
		PB_ADD(a, c, tls_certificate_sds_secret_configs,
		       tls_sds_ads(a, arena_printf(a, "kubernetes://%s", t->credential_name)));
}

static void use_files(struct gen *g, pb_common_tls *c, const struct istio_client_tls_settings *t)
{
	pb_tls_certificate *cert = pb_tls_certificate_new(g->arena);

	if (!set(t->client_certificate) || !set(t->private_key))
		return;
	cert->certificate_chain = file_source(g->arena, t->client_certificate);
	cert->private_key = file_source(g->arena, t->private_key);
	PB_ADD(g->arena, c, tls_certificates, cert);
}

#define VALIDATION(x) ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__COMMON_TLS_CONTEXT__VALIDATION_CONTEXT_TYPE_##x

/* Who the server must be. */
static void validate(struct gen *g, const struct gen_rules *rules, pb_common_tls *c,
		     const struct istio_client_tls_settings *t)
{
	struct arena *a = g->arena;
	pb_validation *v = names_of(a, t);

	if (t->insecure_skip_verify && *t->insecure_skip_verify)
		return;
	if (set(t->credential_name)) {
		c->combined_validation_context = pb_combined_validation_new(a);
		c->combined_validation_context->default_validation_context = v;
		c->combined_validation_context->validation_context_sds_secret_config =
			tls_sds_ads(a, arena_printf(a, "kubernetes://%s-cacert", t->credential_name));
		c->validation_context_type_case = VALIDATION(COMBINED_VALIDATION_CONTEXT);
		return;
	}
	if (!set(t->ca_certificates)) {
		if (t->subject_alt_names.n)
			tell(g, rules, t, "subjectAltNames",
			     "without caCertificates nobody vouches for the server's names: they are not checked");
		return;
	}
	v->trusted_ca = file_source(a, strcmp(t->ca_certificates, "system") == 0 ? "/etc/ssl/certs/ca-certificates.crt"
										 : t->ca_certificates);
	c->validation_context_type_case = VALIDATION(VALIDATION_CONTEXT);
	c->validation_context = v;
}

pb_transport_socket *gen_rule_tls(struct gen *g, const struct gen_rules *rules,
				  const struct istio_client_tls_settings *t, bool http2)
{
	struct arena *a = g->arena;
	pb_upstream_tls *u = pb_upstream_tls_new(a);
	pb_common_tls *c = u->common_tls_context = pb_common_tls_new(a);

	if (set(t->sni))
		u->sni = pb_str(t->sni);
	if (http2)
		PB_ADD(a, c, alpn_protocols, pb_str("h2"));
	if (set(t->credential_name))
		use_secret(g, c, t);
	else
		use_files(g, c, t);
	validate(g, rules, c, t);
	return tls_socket(a, u);
}
