/*
 * Views: proxies with equal keys share one compiled result. A new snapshot recompiles only the types whose inputs
 * changed; identical resources stay the same objects, so that sessions see at once what differs.
 */
#include <stdlib.h>

#include "api/core/core.h"
#include "base/base64.h"
#include "discovery/internal.h"
#include "envoy/extensions/transport_sockets/tls/v3/secret.pb-c.h"
#include "xds/pb.h"

#define TYPES_ALL ((1u << XDS_CLUSTER) | (1u << XDS_ENDPOINT) | (1u << XDS_LISTENER) | (1u << XDS_ROUTE))

static const char *dup_str(struct arena *a, const char *s)
{
	return s ? arena_strdup(a, s) : "";
}

/* A copy that does not depend on the session. */
static void copy_proxy(struct arena *a, const struct proxy *p, struct proxy *out)
{
	*out = *p;
	out->id = dup_str(a, p->id);
	out->node_id = dup_str(a, p->node_id);
	out->name = dup_str(a, p->name);
	out->ns = dup_str(a, p->ns);
	out->ip = dup_str(a, p->ip);
	out->service_account = dup_str(a, p->service_account);
	out->cluster_id = dup_str(a, p->cluster_id);
	out->workload = dup_str(a, p->workload);
	out->node_name = dup_str(a, p->node_name);
	out->mesh_id = dup_str(a, p->mesh_id);
	out->istio_version = dup_str(a, p->istio_version);
	out->user_agent = dup_str(a, p->user_agent);
	out->interception = dup_str(a, p->interception);
	out->labels.v = ARENA_NEW_N(a, struct str_pair, p->labels.n);
	for (size_t i = 0; i < p->labels.n; i++)
		out->labels.v[i] = (struct str_pair){dup_str(a, p->labels.v[i].key), dup_str(a, p->labels.v[i].value)};
}

struct view *discovery_view_get(struct discovery *d, const struct proxy *p)
{
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	struct view *v;

	compile_view_key(p, &key);
	LIST_EACH (v, &d->views, link) {
		if (strcmp(v->key, buf_str(&key)) == 0) {
			v->refs++;
			return v;
		}
	}
	v = NEW(struct view);
	v->refs = 1;
	v->key = buf_take_str(&key);
	copy_proxy(&v->arena, p, &v->proxy);
	list_append(&d->views, &v->link);
	return v;
}

void discovery_view_put(struct view *v)
{
	if (!v || --v->refs)
		return;
	list_remove(&v->link);
	compile_result_done(&v->result);
	xds_set_unref(v->secrets);
	snapshot_unref(v->snap);
	arena_done(&v->arena);
	free(v->key);
	free(v);
}

/* What generators told that did not run again. */
static void keep_notes(struct compile_result *now, const struct compile_result *old, unsigned types)
{
	struct compile_note *v = ARENA_NEW_N(&now->arena, struct compile_note, now->n_notes + old->n_notes);

	for (size_t i = 0; i < now->n_notes; i++)
		v[i] = now->notes[i];
	for (size_t i = 0; i < old->n_notes; i++) {
		const struct compile_note *n = &old->notes[i];

		if (n->type == XDS_TYPE_NONE || types & 1u << n->type)
			continue;
		v[now->n_notes] = *n;
		v[now->n_notes].ns = arena_strdup(&now->arena, n->ns);
		v[now->n_notes].name = arena_strdup(&now->arena, n->name);
		v[now->n_notes].path = arena_strdup(&now->arena, n->path);
		v[now->n_notes++].text = arena_strdup(&now->arena, n->text);
	}
	now->notes = v;
}

/* Parts of `old` that were not made again move into `now`. The objects are those of the same index. */
static void merge(struct compile_result *now, struct compile_result *old, unsigned types, size_t n_objects)
{
	struct compile_use *uses = ARENA_NEW_N(&now->arena, struct compile_use, n_objects);
	size_t n = 0;

	for (size_t i = 0; i < XDS_TYPE_COUNT; i++)
		if (!(types & 1u << i))
			now->sets[i] = take(old->sets[i]);
	for (size_t i = 0; i < old->n_uses; i++)
		uses[old->uses[i].object->number] =
			(struct compile_use){old->uses[i].object, old->uses[i].types & ~types};
	for (size_t i = 0; i < now->n_uses; i++) {
		struct compile_use *u = &uses[now->uses[i].object->number];

		*u = (struct compile_use){now->uses[i].object, u->types | now->uses[i].types};
	}
	for (size_t i = 0; i < n_objects; i++)
		if (uses[i].types)
			uses[n++] = uses[i];
	now->uses = uses;
	now->n_uses = n;
	keep_notes(now, old, types);
}

/* --- certificates of gateways, kubernetes://<name> --- */

typedef Envoy__Extensions__TransportSockets__Tls__V3__Secret secret_msg;

static const char *secret_value(struct arena *a, const struct core_secret *s, const char *const *keys)
{
	for (; *keys; keys++) {
		const char *text = str_map_get(&s->data, *keys);
		CLEANUP(buf_done) struct buf out = BUF_INIT;

		if (text && base64_decode(slice_str(text), &out) == 0)
			return arena_slicedup(a, buf_slice(&out));
	}
	return NULL;
}

static Envoy__Config__Core__V3__DataSource *inline_bytes(struct arena *a, const char *text)
{
	Envoy__Config__Core__V3__DataSource *d =
		PB_NEW(a, Envoy__Config__Core__V3__DataSource, envoy__config__core__v3__data_source);

	d->specifier_case = ENVOY__CONFIG__CORE__V3__DATA_SOURCE__SPECIFIER_INLINE_BYTES;
	d->inline_bytes.data = (uint8_t *)text;
	d->inline_bytes.len = strlen(text);
	return d;
}

static struct xds_resource *pack(struct discovery *d, struct arena *a, secret_msg *m)
{
	return xds_pool_get(&d->pool, XDS_SECRET, slice_str(m->name), pb_pack_arena(a, &m->base));
}

typedef VEC(struct xds_resource *) resource_vec;

static void add_secret(struct discovery *d, struct arena *a, const struct api_object *o, resource_vec *out)
{
	static const char *const chain_keys[] = {"tls.crt", "cert", NULL}, *const key_keys[] = {"tls.key", "key", NULL},
				 *const ca_keys[] = {"ca.crt", "cacert", NULL};
	const struct core_secret *s = API_VALUE(o, secret, core_secret);
	const char *name = api_object_name(o), *chain = secret_value(a, s, chain_keys),
		   *key = secret_value(a, s, key_keys), *ca = secret_value(a, s, ca_keys);

	if (chain && key) {
		secret_msg *m = PB_NEW(a, secret_msg, envoy__extensions__transport_sockets__tls__v3__secret);

		m->name = arena_printf(a, "kubernetes://%s", name);
		m->type_case = ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__SECRET__TYPE_TLS_CERTIFICATE;
		m->tls_certificate = PB_NEW(a, Envoy__Extensions__TransportSockets__Tls__V3__TlsCertificate,
					    envoy__extensions__transport_sockets__tls__v3__tls_certificate);
		m->tls_certificate->certificate_chain = inline_bytes(a, chain);
		m->tls_certificate->private_key = inline_bytes(a, key);
		vec_push(out, pack(d, a, m));
	}
	if (ca) {
		secret_msg *m = PB_NEW(a, secret_msg, envoy__extensions__transport_sockets__tls__v3__secret);
		const struct slice n = slice_str(name);

		m->name = arena_printf(
			a, slice_ends(n, SLICE("-cacert")) ? "kubernetes://%s" : "kubernetes://%s-cacert", name);
		m->type_case = ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__SECRET__TYPE_VALIDATION_CONTEXT;
		m->validation_context =
			PB_NEW(a, Envoy__Extensions__TransportSockets__Tls__V3__CertificateValidationContext,
			       envoy__extensions__transport_sockets__tls__v3__certificate_validation_context);
		m->validation_context->trusted_ca = inline_bytes(a, ca);
		vec_push(out, pack(d, a, m));
	}
}

static void update_secrets(struct discovery *d, struct view *v)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct store_range r = store_list(d->store, &api_kind_secret, v->proxy.ns);
	resource_vec out = {0};

	for (size_t i = 0; i < r.n; i++)
		if (API_VALUE(r.v[i], secret, core_secret))
			add_secret(d, &a, r.v[i], &out);
	xds_set_unref(v->secrets);
	v->secrets = xds_set_new(out.v, out.n);
	vec_done(&out);
}

void discovery_view_update(struct discovery *d, struct view *v)
{
	const bool fresh =
		!v->snap || v->snap->policies != d->snap->policies || v->snap->version + 1 != d->snap->version;
	const unsigned types = fresh ? TYPES_ALL : compile_types_of(d->snap->changed) & TYPES_ALL;
	struct compile_result now;

	if (v->snap == d->snap)
		return;
	if (v->proxy.type == PROXY_ROUTER && (fresh || d->snap->changed & CHANGE_SECRET))
		update_secrets(d, v);
	if (types) {
		compile_view(d->snap, &v->proxy, types, &d->pool, &d->cache, &now);
		if (!fresh)
			merge(&now, &v->result, types, d->snap->policies->n_objects);
		compile_result_done(&v->result);
		v->result = now;
	}
	snapshot_unref(v->snap);
	v->snap = snapshot_ref(d->snap);
}
