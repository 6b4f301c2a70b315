/*
 * Lines of access logs that go to services, in the batches of upstream/exporter.h: as records of OTLP's logs, whose
 * text is the body and whose labels are attributes, or as entries of Envoy's AccessLogService
 * (envoy.data.accesslog.v3), of HTTP or of TCP. A report is one call of both.
 */
#include "proxy/stream/access_log.h"

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "proxy/stream/format_eval.h"
#include "proxy/stream/stream_internal.h"
#include "proxy/upstream/exporter.h"
#include "proxy/upstream/side_call.h"
#include "xds/pb.h"

#include "envoy/service/accesslog/v3/als.pb-c.h"
#include "opentelemetry/logs.pb-c.h"

struct line {
	struct stream *stream;
	const struct config_access_log *log;
};

static int64_t start_unix_ns(const struct stream *s)
{
	return clock_wall_ns() - (loop_now_ns(s->worker->loop) - s->start_ns);
}

#define WIRE_BYTES 2

/* A field of protobuf that has a length: its number (below 16) and its bytes. */

static void put(struct buf *out, unsigned field, struct slice bytes)
{
	size_t left = bytes.len;

	assert(field < 16);
	buf_append_char(out, (char)(field << 3 | WIRE_BYTES));
	for (; left >= 0x80; left >>= 7)
		buf_append_char(out, (char)(left | 0x80));
	buf_append_char(out, (char)left);
	buf_append_slice(out, bytes);
}

/* ---- OTLP ---- */

#define RESOURCE_LOGS_RESOURCE 1
#define RESOURCE_LOGS_SCOPE_LOGS 2
#define SCOPE_LOGS_RECORDS 2
#define REQUEST_RESOURCE_LOGS 1
#define OWN_LABELS 4

static Opentelemetry__AnyValue *otlp_text(struct arena *a, struct slice s)
{
	Opentelemetry__AnyValue *v = PB_NEW(a, Opentelemetry__AnyValue, opentelemetry__any_value);

	v->value_case = OPENTELEMETRY__ANY_VALUE__VALUE_STRING_VALUE;
	v->string_value = utf8_text(a, s);
	return v;
}

static Opentelemetry__KeyValue *pair(struct arena *a, struct slice key, struct slice value)
{
	Opentelemetry__KeyValue *v = PB_NEW(a, Opentelemetry__KeyValue, opentelemetry__key_value);

	v->key = utf8_text(a, key);
	v->value = otlp_text(a, value);
	return v;
}

static struct slice eval(struct arena *a, struct stream *s, const struct format *f)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;

	format_eval(s, f, FORMAT_EMPTY_AS_DASH, &line);
	return slice_str(arena_slicedup(a, buf_slice(&line)));
}

static void otlp_item(const void *to, const struct config_node *node, const void *item, struct buf *batch)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct config_log_service *service = to;
	const struct line *it = item;
	Opentelemetry__LogRecord *r = PB_NEW(&a, Opentelemetry__LogRecord, opentelemetry__log_record);

	(void)node;
	r->time_unix_nano = (uint64_t)start_unix_ns(it->stream);
	if (it->log->format.n)
		r->body = otlp_text(&a, eval(&a, it->stream, &it->log->format));
	r->attributes = ARENA_NEW_N(&a, Opentelemetry__KeyValue *, service->n_labels);
	for (size_t i = 0; i < service->n_labels; i++)
		r->attributes[r->n_attributes++] =
			pair(&a, service->labels[i].name, eval(&a, it->stream, &service->labels[i].value));
	put(batch, SCOPE_LOGS_RECORDS, pb_pack_arena(&a, &r->base));
}

static Opentelemetry__Resource *resource(struct arena *a, const struct config_log_service *s,
					 const struct config_node *node)
{
	const struct config_log_pair own[OWN_LABELS] = {
		{SLICE("log_name"), s->name},
		{SLICE("zone_name"), slice_str(node->zone)},
		{SLICE("cluster_name"), slice_str(node->cluster)},
		{SLICE("node_name"), slice_str(node->id)},
	};
	Opentelemetry__Resource *r = PB_NEW(a, Opentelemetry__Resource, opentelemetry__resource);

	r->attributes = ARENA_NEW_N(a, Opentelemetry__KeyValue *, OWN_LABELS + s->n_resource);
	for (size_t i = 0; s->own_labels && i < OWN_LABELS; i++)
		r->attributes[r->n_attributes++] = pair(a, own[i].name, own[i].value);
	for (size_t i = 0; i < s->n_resource; i++)
		r->attributes[r->n_attributes++] = pair(a, s->resource[i].name, s->resource[i].value);
	return r;
}

static void otlp_body(const void *to, const struct config_node *node, struct slice batch, struct buf *out)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf logs = BUF_INIT;

	put(&logs, RESOURCE_LOGS_RESOURCE, pb_pack_arena(&a, &resource(&a, to, node)->base));
	put(&logs, RESOURCE_LOGS_SCOPE_LOGS, batch);
	put(out, REQUEST_RESOURCE_LOGS, buf_slice(&logs));
}

/* ---- AccessLogService ---- */

#define DATA(T) Envoy__Data__Accesslog__V3__##T
#define DATA_NEW(a, T, prefix) PB_NEW(a, Envoy__Data__Accesslog__V3__##T, envoy__data__accesslog__v3__##prefix)
#define METHOD_UNSPECIFIED 0

#define ENTRIES_LOG_ENTRY 1
#define MESSAGE_IDENTIFIER 1
#define MESSAGE_HTTP_LOGS 2
#define MESSAGE_TCP_LOGS 3

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
	c->start_time = timestamp(a, start_unix_ns(s));
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

/* ---- messages ---- */

static void grpc_item(const void *to, const struct config_node *node, const void *item, struct buf *batch)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct config_log_service *service = to;
	const struct line *it = item;

	(void)node;
	put(batch, ENTRIES_LOG_ENTRY,
	    service->kind == CONFIG_LOG_TCP ? tcp_entry(&a, it->stream) : http_entry(&a, it->stream, service));
}

static struct slice identifier(struct arena *a, const struct config_log_service *s, const struct config_node *node)
{
	Envoy__Service__Accesslog__V3__StreamAccessLogsMessage__Identifier *id =
		PB_NEW(a, Envoy__Service__Accesslog__V3__StreamAccessLogsMessage__Identifier,
		       envoy__service__accesslog__v3__stream_access_logs_message__identifier);

	id->log_name = text(a, s->name);
	id->node = PB_NEW(a, Envoy__Config__Core__V3__Node, envoy__config__core__v3__node);
	id->node->id = text(a, slice_str(node->id));
	id->node->cluster = text(a, slice_str(node->cluster));
	return pb_pack_arena(a, &id->base);
}

static void grpc_body(const void *to, const struct config_node *node, struct slice batch, struct buf *out)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct config_log_service *s = to;

	put(out, MESSAGE_IDENTIFIER, identifier(&a, s, node));
	put(out, s->kind == CONFIG_LOG_TCP ? MESSAGE_TCP_LOGS : MESSAGE_HTTP_LOGS, batch);
}

/* ---- how they travel ---- */

static enum export_kind kind(const void *to)
{
	const struct config_log_service *s = to;

	return s->kind == CONFIG_LOG_OTLP ? EXPORT_LOG_OTLP : EXPORT_LOG_GRPC;
}

static struct export_target target(const void *to)
{
	const struct config_log_service *s = to;

	return (struct export_target){.cluster = &s->cluster,
				      .grpc = true,
				      .timeout_ns = s->timeout_ns,
				      .wait_ns = s->wait_ns,
				      .send_bytes = s->send_bytes};
}

static bool same_resource(const struct config_log_service *a, const struct config_log_service *b)
{
	if (a->own_labels != b->own_labels || a->n_resource != b->n_resource)
		return false;
	for (size_t i = 0; i < a->n_resource; i++)
		if (!slice_eq(a->resource[i].name, b->resource[i].name) ||
		    !slice_eq(a->resource[i].value, b->resource[i].value))
			return false;
	return true;
}

/* Lines are whole when they are put into a batch: only what is said once for all must agree. */
static bool same(const void *x, const void *y)
{
	const struct config_log_service *a = x, *b = y;

	return a->kind == b->kind && slice_eq(a->name, b->name) && slice_eq(a->authority, b->authority) &&
	       same_resource(a, b);
}

static void set_head(const void *to, struct side_call *c)
{
	const struct config_log_service *s = to;

	side_call_grpc(c, s->authority,
		       s->kind == CONFIG_LOG_OTLP
			       ? SLICE("/opentelemetry.proto.collector.logs.v1.LogsService/Export")
			       : SLICE("/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs"));
}

void access_log_export(struct stream *s, const struct config_access_log *l)
{
	static const struct export_ops otlp = {kind, target, same, otlp_item, set_head, otlp_body};
	static const struct export_ops grpc = {kind, target, same, grpc_item, set_head, grpc_body};
	const struct line item = {s, l};

	export_item(s->worker, s->wc, l->service->kind == CONFIG_LOG_OTLP ? &otlp : &grpc, l->service, &item);
}
