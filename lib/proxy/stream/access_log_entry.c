/*
 * An exchange or a connection as an entry of Envoy's AccessLogService (envoy.data.accesslog.v3): what the line of an
 * access log would say, as a message.
 */
#include "proxy/stream/access_log.h"

#include "base/utf8.h"
#include "proxy/stream/stream_internal.h"
#include "xds/pb.h"

#include "envoy/service/accesslog/v3/als.pb-c.h"

#define DATA(T) Envoy__Data__Accesslog__V3__##T
#define DATA_NEW(a, T, prefix) PB_NEW(a, Envoy__Data__Accesslog__V3__##T, envoy__data__accesslog__v3__##prefix)
#define METHOD_UNSPECIFIED 0

static char *text(struct arena *a, struct slice s)
{
	return utf8_text(a, s);
}

static Envoy__Config__Core__V3__Address *address(struct arena *a, const struct addr *at)
{
	Envoy__Config__Core__V3__Address *ret;
	Envoy__Config__Core__V3__SocketAddress *s;
	char host[ADDR_TEXT_MAX];

	if (!at || !at->len || at->sa.sa_family == AF_UNIX)
		return NULL;
	ret = PB_NEW(a, Envoy__Config__Core__V3__Address, envoy__config__core__v3__address);
	s = PB_NEW(a, Envoy__Config__Core__V3__SocketAddress, envoy__config__core__v3__socket_address);
	s->address = arena_strdup(a, addr_format_host(at, host));
	s->port_specifier_case = ENVOY__CONFIG__CORE__V3__SOCKET_ADDRESS__PORT_SPECIFIER_PORT_VALUE;
	s->port_value = addr_port(at);
	ret->address_case = ENVOY__CONFIG__CORE__V3__ADDRESS__ADDRESS_SOCKET_ADDRESS;
	ret->socket_address = s;
	return ret;
}

static Google__Protobuf__Timestamp *timestamp(struct arena *a, int64_t ns)
{
	Google__Protobuf__Timestamp *t = PB_NEW(a, Google__Protobuf__Timestamp, google__protobuf__timestamp);

	t->seconds = ns / NS_PER_S;
	t->nanos = (int32_t)(ns % NS_PER_S);
	return t;
}

/* ---- what exchanges and connections have in common ---- */

static DATA(ResponseFlags) * response_flags(struct arena *a, uint32_t flags)
{
	DATA(ResponseFlags) *r = DATA_NEW(a, ResponseFlags, response_flags);
	const struct {
		uint32_t flag;
		protobuf_c_boolean *to;
	} rows[] = {
		{FLAG_NR, &r->no_route_found},
		{FLAG_NC, &r->no_cluster_found},
		{FLAG_UH, &r->no_healthy_upstream},
		{FLAG_UO, &r->upstream_overflow},
		{FLAG_UF, &r->upstream_connection_failure},
		{FLAG_UC, &r->upstream_connection_termination},
		{FLAG_UPE, &r->upstream_protocol_error},
		{FLAG_UT, &r->upstream_request_timeout},
		{FLAG_SI, &r->stream_idle_timeout},
		{FLAG_UMSDR, &r->upstream_max_stream_duration_reached},
		{FLAG_DC, &r->downstream_connection_termination},
		{FLAG_DPE, &r->downstream_protocol_error},
		{FLAG_FI, &r->fault_injected},
		{FLAG_DI, &r->delay_injected},
		{FLAG_RL, &r->rate_limited},
		{FLAG_URX, &r->upstream_retry_limit_exceeded},
		{FLAG_DT, &r->duration_timeout},
		{FLAG_UR, &r->upstream_remote_reset},
		{FLAG_RLSE, &r->rate_limit_service_error},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		*rows[i].to = (flags & rows[i].flag) != 0;
	if (flags & FLAG_UAEX) {
		r->unauthorized_details = DATA_NEW(a, ResponseFlags__Unauthorized, response_flags__unauthorized);
		r->unauthorized_details->reason =
			ENVOY__DATA__ACCESSLOG__V3__RESPONSE_FLAGS__UNAUTHORIZED__REASON__EXTERNAL_SERVICE;
	}
	return r;
}

static DATA(TLSProperties__CertificateProperties) * certificate(struct arena *a, const char *uri, const char *subject)
{
	DATA(TLSProperties__CertificateProperties) *c =
		DATA_NEW(a, TLSProperties__CertificateProperties, tlsproperties__certificate_properties);
	DATA(TLSProperties__CertificateProperties__SubjectAltName) * san;

	if (uri && *uri) {
		san = DATA_NEW(a, TLSProperties__CertificateProperties__SubjectAltName,
			       tlsproperties__certificate_properties__subject_alt_name);
		san->san_case =
			ENVOY__DATA__ACCESSLOG__V3__TLSPROPERTIES__CERTIFICATE_PROPERTIES__SUBJECT_ALT_NAME__SAN_URI;
		san->uri = text(a, slice_str(uri));
		c->subject_alt_name = ARENA_NEW(a, DATA(TLSProperties__CertificateProperties__SubjectAltName) *);
		c->subject_alt_name[c->n_subject_alt_name++] = san;
	}
	c->subject = text(a, slice_str(subject));
	return c;
}

static DATA(TLSProperties__TLSVersion) tls_version(const struct tls *t)
{
	static const struct {
		const char *name;
		DATA(TLSProperties__TLSVersion) version;
	} rows[] = {
		{"TLSv1", ENVOY__DATA__ACCESSLOG__V3__TLSPROPERTIES__TLSVERSION__TLSv1},
		{"TLSv1.1", ENVOY__DATA__ACCESSLOG__V3__TLSPROPERTIES__TLSVERSION__TLSv1_1},
		{"TLSv1.2", ENVOY__DATA__ACCESSLOG__V3__TLSPROPERTIES__TLSVERSION__TLSv1_2},
		{"TLSv1.3", ENVOY__DATA__ACCESSLOG__V3__TLSPROPERTIES__TLSVERSION__TLSv1_3},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].name, tls_version_name(t)) == 0)
			return rows[i].version;
	return ENVOY__DATA__ACCESSLOG__V3__TLSPROPERTIES__TLSVERSION__VERSION_UNSPECIFIED;
}

/* NULL: the client spoke plain text, or is gone. */
static DATA(TLSProperties) * tls_properties(struct arena *a, const struct stream *s)
{
	struct tls *t = s->conn ? down_tls(s->conn) : NULL;
	const struct tls_peer *peer = t ? tls_peer(t) : NULL;
	DATA(TLSProperties) * p;

	if (!s->conn || !s->conn->secure)
		return NULL;
	p = DATA_NEW(a, TLSProperties, tlsproperties);
	if (t)
		p->tls_version = tls_version(t);
	p->tls_sni_hostname = text(a, slice_str(s->conn->server_name));
	p->local_certificate_properties = certificate(a, s->wc->config->node->principal, NULL);
	p->peer_certificate_properties = certificate(a, s->conn->principal, peer ? peer->subject : NULL);
	return p;
}

static Google__Protobuf__Duration *since(struct arena *a, const struct stream *s, int64_t at_ns)
{
	return at_ns ? pb_duration_ns(a, at_ns - s->start_ns) : NULL;
}

/* Of connections, which are passed on byte by byte; what an exchange is framed with nobody counts. */
static void set_wire_bytes(DATA(AccessLogCommon) * c, const struct stream *s, bool upstream)
{
	c->downstream_wire_bytes_sent = s->response_bytes;
	c->downstream_wire_bytes_received = s->request_bytes;
	c->upstream_wire_bytes_sent = upstream ? s->request_bytes : 0;
	c->upstream_wire_bytes_received = upstream ? s->response_bytes : 0;
}

static DATA(AccessLogCommon) * common(struct arena *a, const struct stream *s)
{
	const struct endpoint *e = stream_last_endpoint(s);
	const int64_t now_ns = loop_now_ns(s->worker->loop);
	DATA(AccessLogCommon) *c = DATA_NEW(a, AccessLogCommon, access_log_common);

	if (s->conn) {
		c->downstream_remote_address = address(a, s->remote ? s->remote : &s->conn->peer);
		c->downstream_direct_remote_address = address(a, &s->conn->peer);
		c->downstream_local_address = address(a, &s->conn->local);
	}
	c->tls_properties = tls_properties(a, s);
	c->start_time = timestamp(a, stream_start_unix_ns(s));
	c->time_to_last_rx_byte = since(a, s, s->request_end_ns);
	c->time_to_first_upstream_rx_byte = since(a, s, s->up_head_ns);
	c->duration = since(a, s, now_ns);
	c->time_to_last_downstream_tx_byte = s->no_request ? NULL : c->duration;
	c->upstream_remote_address = e ? address(a, &e->address) : NULL;
	c->upstream_cluster = text(a, slice_str(s->cluster ? s->cluster->spec->name : NULL));
	c->response_flags = response_flags(a, s->flags);
	c->upstream_transport_failure_reason = text(a, slice_str(s->failure));
	c->route_name = text(a, slice_str(s->route ? s->route->name : NULL));
	c->upstream_request_attempt_count = s->tries;
	if (s->no_request)
		set_wire_bytes(c, s, e != NULL);
	return c;
}

/* ---- HTTP ---- */

static DATA(HTTPAccessLogEntry__HTTPVersion) version_of(const struct stream *s)
{
	static const DATA(HTTPAccessLogEntry__HTTPVersion) versions[] = {
		[HTTP_10] = ENVOY__DATA__ACCESSLOG__V3__HTTPACCESS_LOG_ENTRY__HTTPVERSION__HTTP10,
		[HTTP_11] = ENVOY__DATA__ACCESSLOG__V3__HTTPACCESS_LOG_ENTRY__HTTPVERSION__HTTP11,
		[HTTP_2] = ENVOY__DATA__ACCESSLOG__V3__HTTPACCESS_LOG_ENTRY__HTTPVERSION__HTTP2,
	};

	return s->no_request ? ENVOY__DATA__ACCESSLOG__V3__HTTPACCESS_LOG_ENTRY__HTTPVERSION__PROTOCOL_UNSPECIFIED
			     : versions[s->req.version];
}

/* As envoy.config.core.v3.RequestMethod counts. */
static uint32_t method_of(struct slice name)
{
	static const char *const names[] = {"GET",     "HEAD",    "POST",  "PUT",  "DELETE",
					    "CONNECT", "OPTIONS", "TRACE", "PATCH"};

	for (uint32_t i = 0; i < ARRAY_LEN(names); i++)
		if (slice_eq(name, slice_str(names[i])))
			return i + 1;
	return METHOD_UNSPECIFIED;
}

static char *header(struct arena *a, const struct stream *s, struct slice name)
{
	return text(a, stream_header(s, name));
}

static struct slice request_header(const struct stream *s, struct slice name)
{
	return stream_header(s, name);
}

static struct slice response_header(const struct stream *s, struct slice name)
{
	return stream_kept(s, name, false);
}

static struct slice response_trailer(const struct stream *s, struct slice name)
{
	return stream_kept(s, name, true);
}

/* Those of the names that have a value. */
static DATA(Text) * *texts(struct arena *a, const struct stream *s, const struct slice *names, size_t n,
			   struct slice (*get)(const struct stream *s, struct slice name), size_t *ret_n)
{
	DATA(Text) **v = ARENA_NEW_N(a, DATA(Text) *, n);

	*ret_n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct slice value = get(s, names[i]);
		DATA(Text) * e;

		if (!value.len)
			continue;
		e = DATA_NEW(a, Text, text);
		e->key = text(a, names[i]);
		e->value = text(a, value);
		v[(*ret_n)++] = e;
	}
	return v;
}

static DATA(HTTPRequestProperties) *
	request(struct arena *a, const struct stream *s, const struct config_log_service *to)
{
	DATA(HTTPRequestProperties) *r = DATA_NEW(a, HTTPRequestProperties, httprequest_properties);

	r->request_method = method_of(s->method);
	r->scheme = text(a, s->scheme);
	r->authority = text(a, s->authority);
	r->path = text(a, s->path);
	r->user_agent = header(a, s, SLICE("user-agent"));
	r->referer = header(a, s, SLICE("referer"));
	r->forwarded_for = text(a, s->forwarded_for);
	r->request_id = text(a, s->request_id);
	r->original_path = text(a, s->original_path);
	r->request_headers_bytes = s->request_head_bytes;
	r->request_body_bytes = s->request_bytes;
	r->request_headers =
		texts(a, s, to->request_headers, to->n_request_headers, request_header, &r->n_request_headers);
	return r;
}

static DATA(HTTPResponseProperties) *
	response(struct arena *a, const struct stream *s, const struct config_log_service *to)
{
	DATA(HTTPResponseProperties) *r = DATA_NEW(a, HTTPResponseProperties, httpresponse_properties);

	if (s->status)
		r->response_code = pb_u32(a, s->status);
	r->response_headers_bytes = s->response_head_bytes;
	r->response_body_bytes = s->response_bytes;
	r->response_code_details = text(a, slice_str(s->details ? s->details : outcome_row(s->outcome)->details));
	r->response_headers =
		texts(a, s, to->response_headers, to->n_response_headers, response_header, &r->n_response_headers);
	r->response_trailers =
		texts(a, s, to->response_trailers, to->n_response_trailers, response_trailer, &r->n_response_trailers);
	return r;
}

static struct slice http_entry(struct arena *a, const struct stream *s, const struct config_log_service *to)
{
	DATA(HTTPAccessLogEntry) *e = DATA_NEW(a, HTTPAccessLogEntry, httpaccess_log_entry);

	e->common_properties = common(a, s);
	e->protocol_version = version_of(s);
	if (!s->no_request) {
		e->request = request(a, s, to);
		e->response = response(a, s, to);
	}
	return pb_pack_arena(a, &e->base);
}

/* ---- TCP ---- */

static struct slice tcp_entry(struct arena *a, const struct stream *s)
{
	DATA(TCPAccessLogEntry) *e = DATA_NEW(a, TCPAccessLogEntry, tcpaccess_log_entry);

	e->common_properties = common(a, s);
	e->connection_properties = DATA_NEW(a, ConnectionProperties, connection_properties);
	e->connection_properties->received_bytes = s->request_bytes;
	e->connection_properties->sent_bytes = s->response_bytes;
	return pb_pack_arena(a, &e->base);
}

struct slice access_log_entry(struct arena *a, const struct stream *s, const struct config_log_service *to)
{
	return to->kind == CONFIG_LOG_TCP ? tcp_entry(a, s) : http_entry(a, s, to);
}
