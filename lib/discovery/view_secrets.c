/*
 * Certificates of gateways, kubernetes://<name>: the secrets of the gateway's own namespace. One that is no good is not
 * sent: the gateway goes on with what it had before, and the status of who names it says why.
 */
#include <stdlib.h>

#include "discovery/credentials.h"
#include "discovery/internal.h"
#include "envoy/extensions/transport_sockets/tls/v3/secret.pb-c.h"
#include "xds/pb.h"

typedef Envoy__Extensions__TransportSockets__Tls__V3__Secret secret_msg;
typedef Envoy__Extensions__TransportSockets__Tls__V3__TlsCertificate tls_certificate_msg;
typedef Envoy__Extensions__TransportSockets__Tls__V3__CertificateValidationContext validation_msg;

struct making {
	struct discovery *d;
	const struct xds_set *before; /* NULL = nothing */
	struct arena a;
	VEC(struct xds_resource *) out;
};

static Envoy__Config__Core__V3__DataSource *inline_bytes(struct arena *a, const struct buf *text)
{
	Envoy__Config__Core__V3__DataSource *d =
		PB_NEW(a, Envoy__Config__Core__V3__DataSource, envoy__config__core__v3__data_source);

	d->specifier_case = ENVOY__CONFIG__CORE__V3__DATA_SOURCE__SPECIFIER_INLINE_BYTES;
	d->inline_bytes.data = (uint8_t *)text->ptr;
	d->inline_bytes.len = text->len;
	return d;
}

static void add(struct making *m, secret_msg *s)
{
	vec_push(&m->out, xds_pool_get(&m->d->pool, XDS_SECRET, slice_str(s->name), pb_pack_arena(&m->a, &s->base)));
}

static void keep(struct making *m, const char *name)
{
	struct xds_resource *old = m->before ? xds_set_find(m->before, slice_str(name)) : NULL;

	if (old)
		vec_push(&m->out, xds_resource_ref(old));
}

static void add_pair(struct making *m, const struct credential *c, char *name)
{
	secret_msg *s;

	if (*c->pair_problem) {
		keep(m, name);
		return;
	}
	s = PB_NEW(&m->a, secret_msg, envoy__extensions__transport_sockets__tls__v3__secret);
	s->name = name;
	s->type_case = ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__SECRET__TYPE_TLS_CERTIFICATE;
	s->tls_certificate =
		PB_NEW(&m->a, tls_certificate_msg, envoy__extensions__transport_sockets__tls__v3__tls_certificate);
	s->tls_certificate->certificate_chain = inline_bytes(&m->a, &c->chain);
	s->tls_certificate->private_key = inline_bytes(&m->a, &c->key);
	add(m, s);
}

static void add_roots(struct making *m, const struct credential *c, char *name)
{
	secret_msg *s;

	if (*c->roots_problem) {
		keep(m, name);
		return;
	}
	s = PB_NEW(&m->a, secret_msg, envoy__extensions__transport_sockets__tls__v3__secret);
	s->name = name;
	s->type_case = ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__SECRET__TYPE_VALIDATION_CONTEXT;
	s->validation_context = PB_NEW(&m->a, validation_msg,
				       envoy__extensions__transport_sockets__tls__v3__certificate_validation_context);
	s->validation_context->trusted_ca = inline_bytes(&m->a, &c->roots);
	add(m, s);
}

static void add_secret(struct making *m, const struct api_object *o)
{
	const struct credential *c = discovery_credential(m->d->credentials, o);
	const char *name = api_object_name(o);
	const bool ca = slice_ends(slice_str(name), SLICE("-cacert"));

	if (c->chain.len || c->key.len)
		add_pair(m, c, arena_printf(&m->a, "kubernetes://%s", name));
	if (c->roots.len)
		add_roots(m, c, arena_printf(&m->a, ca ? "kubernetes://%s" : "kubernetes://%s-cacert", name));
}

void discovery_view_secrets(struct discovery *d, struct view *v)
{
	const struct store_range r = store_list(d->store, &api_kind_secret, v->proxy.ns);
	struct making m = {.d = d, .before = v->secrets};

	for (size_t i = 0; i < r.n; i++)
		if (API_VALUE(r.v[i], secret, core_secret))
			add_secret(&m, r.v[i]);
	xds_set_unref(v->secrets);
	v->secrets = xds_set_new(m.out.v, m.out.n);
	vec_done(&m.out);
	arena_done(&m.a);
}
