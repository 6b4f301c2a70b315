/* envoy.service.auth.v3: the request as attributes, and the answer. */
#include "proxy/filter/ext_authz.h"
#include "base/utf8.h"

#include <time.h>

#include "xds/pb.h"

#include "envoy/service/auth/v3/external_auth.pb-c.h"

#define AUTH(T) Envoy__Service__Auth__V3__##T
#define AUTH_NEW(a, T, prefix) PB_NEW(a, Envoy__Service__Auth__V3__##T, envoy__service__auth__v3__##prefix)

static char *text(struct arena *a, struct slice s)
{
	return utf8_text(a, s);
}

static AUTH(AttributeContext__Peer) * peer(struct arena *a, const struct addr *at, const char *principal)
{
	AUTH(AttributeContext__Peer) *p = AUTH_NEW(a, AttributeContext__Peer, attribute_context__peer);
	Envoy__Config__Core__V3__SocketAddress *s =
		PB_NEW(a, Envoy__Config__Core__V3__SocketAddress, envoy__config__core__v3__socket_address);
	char host[ADDR_TEXT_MAX];

	s->address = arena_strdup(a, addr_format_host(at, host));
	s->port_specifier_case = ENVOY__CONFIG__CORE__V3__SOCKET_ADDRESS__PORT_SPECIFIER_PORT_VALUE;
	s->port_value = addr_port(at);
	p->address = PB_NEW(a, Envoy__Config__Core__V3__Address, envoy__config__core__v3__address);
	p->address->address_case = ENVOY__CONFIG__CORE__V3__ADDRESS__ADDRESS_SOCKET_ADDRESS;
	p->address->socket_address = s;
	p->principal = text(a, slice_str(principal));
	return p;
}

struct headers {
	struct arena *arena;
	AUTH(AttributeContext__HttpRequest__HeadersEntry) * *v;
	size_t n;
};

/* Lines of one name are joined by commas, as matchers see them. */
static void add_header(struct headers *h, struct slice name, struct slice value)
{
	AUTH(AttributeContext__HttpRequest__HeadersEntry) * e;
	char *key = text(h->arena, name);

	for (char *p = key; *p; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
	for (size_t i = 0; i < h->n; i++) {
		if (strcmp(h->v[i]->key, key) != 0)
			continue;
		h->v[i]->value = arena_printf(h->arena, "%s,%s", h->v[i]->value, text(h->arena, value));
		return;
	}
	e = AUTH_NEW(h->arena, AttributeContext__HttpRequest__HeadersEntry,
		     attribute_context__http_request__headers_entry);
	e->key = key;
	e->value = text(h->arena, value);
	h->v[h->n++] = e;
}

static void add_headers(struct filter *f, const struct filter_ext_authz *c, struct headers *h)
{
	static const struct slice pseudo[] = {SLICE(":authority"), SLICE(":method"), SLICE(":path"), SLICE(":scheme")};
	const struct http_head *from = filter_request(f);

	h->v = ARENA_NEW_N(h->arena, AUTH(AttributeContext__HttpRequest__HeadersEntry) *,
			   from->n_fields + ARRAY_LEN(pseudo));
	for (size_t i = 0; i < ARRAY_LEN(pseudo); i++)
		if (ext_authz_shows(c, pseudo[i]))
			add_header(h, pseudo[i], stream_header(f->stream, pseudo[i]));
	for (int i = 0; i < from->n_fields; i++)
		if (from->fields[i].name_len && from->fields[i].id != HTTP_NAME_HOST &&
		    ext_authz_shows(c, http_field_name(&from->fields[i])))
			add_header(h, http_field_name(&from->fields[i]), http_field_value(&from->fields[i]));
}

static AUTH(AttributeContext__HttpRequest) *
	http_of(struct filter *f, const struct filter_ext_authz *c, struct arena *a, struct slice body)
{
	AUTH(AttributeContext__HttpRequest) *m =
		AUTH_NEW(a, AttributeContext__HttpRequest, attribute_context__http_request);
	const struct http_head *from = filter_request(f);
	struct headers h = {.arena = a};

	add_headers(f, c, &h);
	m->headers = h.v;
	m->n_headers = h.n;
	m->id = text(a, http_get_id(from, HTTP_NAME_REQUEST_ID));
	m->method = text(a, stream_header(f->stream, SLICE(":method")));
	m->path = text(a, filter_path(f));
	m->host = text(a, stream_header(f->stream, SLICE(":authority")));
	m->scheme = text(a, stream_header(f->stream, SLICE(":scheme")));
	m->protocol = (char *)http_version_str(from->version);
	m->size = from->framing == HTTP_BODY_LENGTH ? (int64_t)from->length : -1;
	if (c->body_raw)
		m->raw_body = (ProtobufCBinaryData){body.len, (uint8_t *)body.ptr};
	else
		m->body = text(a, body);
	return m;
}

static void add_context(const struct ext_authz_override *route, struct arena *a, AUTH(AttributeContext) * m)
{
	m->n_context_extensions = route ? route->n_context : 0;
	m->context_extensions =
		ARENA_NEW_N(a, AUTH(AttributeContext__ContextExtensionsEntry) *, m->n_context_extensions);
	for (size_t i = 0; i < m->n_context_extensions; i++) {
		AUTH(AttributeContext__ContextExtensionsEntry) *e = AUTH_NEW(
			a, AttributeContext__ContextExtensionsEntry, attribute_context__context_extensions_entry);

		e->key = text(a, route->context[i].name);
		e->value = text(a, route->context[i].value);
		m->context_extensions[i] = e;
	}
}

/* Who talks to whom, and since when. */
static AUTH(AttributeContext) * context_of(struct arena *a, const struct down *d, const char *own)
{
	AUTH(AttributeContext) *at = AUTH_NEW(a, AttributeContext, attribute_context);
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	at->source = peer(a, &d->peer, d->principal);
	at->destination = peer(a, &d->local, own);
	at->request = AUTH_NEW(a, AttributeContext__Request, attribute_context__request);
	at->request->time = PB_NEW(a, Google__Protobuf__Timestamp, google__protobuf__timestamp);
	at->request->time->seconds = now.tv_sec;
	at->request->time->nanos = (int32_t)now.tv_nsec;
	return at;
}

void ext_authz_write_grpc(struct filter *f, const struct filter_ext_authz *c, const struct ext_authz_override *route,
			  struct slice body, struct buf *out)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	AUTH(CheckRequest) *m = AUTH_NEW(&a, CheckRequest, check_request);

	m->attributes = context_of(&a, filter_client(f), filter_node(f)->principal);
	m->attributes->request->http = http_of(f, c, &a, body);
	add_context(route, &a, m->attributes);
	pb_pack(&m->base, out);
}

void ext_authz_write_connection(const struct down *d, const char *own, struct buf *out)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	AUTH(CheckRequest) *m = AUTH_NEW(&a, CheckRequest, check_request);

	m->attributes = context_of(&a, d, own);
	pb_pack(&m->base, out);
}

/* ---- the answer ---- */

static bool take_fields(struct filter *f, AUTH(HeaderOption) * *v, size_t n, bool append, struct ext_authz_fields *to)
{
	for (size_t i = 0; i < n; i++) {
		const AUTH(HeaderOption__Value) *h = v[i]->header;
		struct slice value;

		if (!h)
			return false;
		if (h->key[0] == ':')
			continue;
		value = h->raw_value.len ? slice_make(h->raw_value.data, h->raw_value.len) : slice_str(h->value);
		if (!ext_authz_add(to, f, slice_str(h->key), value, append || (v[i]->append && v[i]->append->value)))
			return false;
	}
	return true;
}

static bool read_ok(struct filter *f, const AUTH(OkHttpResponse) * ok, struct ext_authz_verdict *v)
{
	if (!ok)
		return true;
	if (ok->n_headers_to_remove > EXT_AUTHZ_FIELDS_MAX)
		return false;
	for (size_t i = 0; i < ok->n_headers_to_remove; i++)
		if (ok->headers_to_remove[i][0] != ':' &&
		    !slice_eq_nocase(slice_str(ok->headers_to_remove[i]), SLICE("host")))
			v->remove[v->n_remove++] = filter_copy(f, slice_str(ok->headers_to_remove[i]));
	return take_fields(f, ok->headers, ok->n_headers, false, &v->fields) &&
	       take_fields(f, ok->response_headers_to_add, ok->n_response_headers_to_add, true, v->to_client);
}

static bool read_denied(struct filter *f, const AUTH(DeniedHttpResponse) * no, struct ext_authz_verdict *v)
{
	const int status = no && no->status ? (int)no->status->code : 0;

	v->status = status >= 200 && status <= 599 ? (uint16_t)status : 0;
	if (!no)
		return true;
	v->body = filter_copy(f, slice_str(no->body));
	return take_fields(f, no->headers, no->n_headers, false, &v->fields);
}

/* NULL: it is no answer. */
static AUTH(CheckResponse) * response_of(struct arena *arena, const struct side_answer *a)
{
	if (a->grpc_status != 0)
		return NULL;
	return pb_unpack(arena, &envoy__service__auth__v3__check_response__descriptor, a->body);
}

static bool says_yes(const AUTH(CheckResponse) * m)
{
	return !m->status || m->status->code == 0;
}

void ext_authz_read_grpc(struct filter *f, const struct side_answer *a, struct ext_authz_verdict *v)
{
	CLEANUP(arena_done) struct arena arena = ARENA_INIT;
	const AUTH(CheckResponse) *m = response_of(&arena, a);
	bool ok;

	if (!m)
		return;
	v->what = says_yes(m) ? EXT_AUTHZ_ALLOWED : EXT_AUTHZ_DENIED;
	if (v->what == EXT_AUTHZ_ALLOWED)
		ok = read_ok(f,
			     m->http_response_case ==
					     ENVOY__SERVICE__AUTH__V3__CHECK_RESPONSE__HTTP_RESPONSE_OK_RESPONSE
				     ? m->ok_response
				     : NULL,
			     v);
	else
		ok = read_denied(f,
				 m->http_response_case ==
						 ENVOY__SERVICE__AUTH__V3__CHECK_RESPONSE__HTTP_RESPONSE_DENIED_RESPONSE
					 ? m->denied_response
					 : NULL,
				 v);
	if (!ok)
		v->what = EXT_AUTHZ_FAILED;
}

bool ext_authz_read_connection(const struct side_answer *a, bool *ret_allowed)
{
	CLEANUP(arena_done) struct arena arena = ARENA_INIT;
	const AUTH(CheckResponse) *m = a->outcome == OUTCOME_OK ? response_of(&arena, a) : NULL;

	if (m)
		*ret_allowed = says_yes(m);
	return m != NULL;
}
