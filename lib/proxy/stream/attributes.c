/*
 * Attributes are laid out as JSON for each evaluation, and only those variables that the expression names: filters of
 * access logs are few, and what they cost is theirs alone. Names and meaning: Envoy's "Attributes".
 */
#include "proxy/stream/attributes.h"

#include <ctype.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "msg/json.h"

/* Of one evaluation: what a foreign request can make an expression cost. */
#define STEPS_MAX 20000

static void set_text(cJSON *o, const char *name, struct slice v)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	if (v.len)
		json_set_str(o, name, arena_slicedup(&a, v));
}

/* ---- request ---- */

/* By their names in small letters, with HTTP/2's own; several of one name are joined as RFC 9110 5.3 joins them. */
static void set_headers(struct stream *s, cJSON *o)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	cJSON *headers = json_object(o, "headers");

	set_text(headers, ":authority", s->authority);
	set_text(headers, ":method", s->method);
	set_text(headers, ":path", s->path);
	set_text(headers, ":scheme", s->scheme);
	for (size_t i = 0; i < s->req.n_fields; i++) {
		const struct http_field *f = &s->req.fields[i];
		char *name = f->name_len ? arena_slicedup(&a, http_field_name(f)) : NULL;

		if (!name)
			continue;
		for (char *c = name; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		if (!json_get(headers, name))
			set_text(headers, name, stream_header(s, slice_str(name)));
	}
}

static void set_path(struct stream *s, cJSON *o)
{
	const ptrdiff_t query = slice_find(s->path, '?');

	set_text(o, "path", s->path);
	set_text(o, "url_path", query < 0 ? s->path : slice_head(s->path, (size_t)query));
	json_set_str(o, "query", "");
	if (query >= 0)
		set_text(o, "query", slice_from(s->path, (size_t)query + 1));
}

static void set_times(struct stream *s, cJSON *o)
{
	char time[CLOCK_TEXT_MAX], duration[32];

	snprintf(duration, sizeof(duration), "%lldns", (long long)(loop_now_ns(s->worker->loop) - s->start_ns));
	json_set_str(o, "time", clock_format_us(stream_start_unix_ns(s) / 1000, time));
	json_set_str(o, "duration", duration);
}

static cJSON *request(struct stream *s)
{
	cJSON *o = cJSON_CreateObject();

	json_set_int(o, "size", (int64_t)s->request_bytes);
	json_set_int(o, "total_size", (int64_t)(s->request_head_bytes + s->request_bytes));
	set_times(s, o);
	if (s->no_request)
		return o;
	set_path(s, o);
	set_text(o, "host", s->authority);
	set_text(o, "scheme", s->scheme);
	set_text(o, "method", s->method);
	set_text(o, "referer", stream_header(s, SLICE("referer")));
	set_text(o, "useragent", s->user_agent);
	set_text(o, "id", s->request_id);
	json_set_str(o, "protocol", http_version_str(s->req.version));
	set_headers(s, o);
	return o;
}

/* ---- response ---- */

/* StreamInfo::ResponseFlag of Envoy, whose bits response.flags has. */
static int64_t envoy_flags(uint32_t flags)
{
	static const struct {
		uint32_t ours, theirs;
	} rows[] = {
		{FLAG_UH, 0x2},        {FLAG_UT, 0x4},      {FLAG_UR, 0x10},      {FLAG_UF, 0x20},
		{FLAG_UC, 0x40},       {FLAG_UO, 0x80},     {FLAG_NR, 0x100},     {FLAG_DI, 0x200},
		{FLAG_FI, 0x400},      {FLAG_RL, 0x800},    {FLAG_UAEX, 0x1000},  {FLAG_RLSE, 0x2000},
		{FLAG_DC, 0x4000},     {FLAG_URX, 0x8000},  {FLAG_SI, 0x10000},   {FLAG_DPE, 0x40000},
		{FLAG_UMSDR, 0x80000}, {FLAG_DT, 0x400000}, {FLAG_UPE, 0x800000}, {FLAG_NC, 0x1000000},
	};
	int64_t out = 0;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		out |= flags & rows[i].ours ? rows[i].theirs : 0;
	return out;
}

/* Several of one name are joined. */
static void set_fields(cJSON *o, const char *name, const struct http_trailer *v, size_t n)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	cJSON *to = json_object(o, name);

	for (size_t i = 0; i < n; i++) {
		const char *key = arena_slicedup(&a, v[i].name), *value = arena_slicedup(&a, v[i].value);
		const cJSON *before = json_get(to, key);

		json_set_str(to, key, before ? arena_printf(&a, "%s,%s", before->valuestring, value) : value);
	}
}

/* They are there without any in them, too: who asks for one hears that it is not. */
static void set_kept(struct stream *s, cJSON *o)
{
	static const struct stream_answer none;
	const struct stream_answer *a = s->answer ? s->answer : &none;

	if (s->hcm->keep_head)
		set_fields(o, "headers", a->head, a->n_head);
	if (s->hcm->keep_head && s->status)
		set_text(json_object(o, "headers"), ":status", stream_number(s, s->status));
	if (s->hcm->keep_trailers)
		set_fields(o, "trailers", a->trailers, a->n_trailers);
}

static cJSON *response(struct stream *s)
{
	cJSON *o = cJSON_CreateObject();

	json_set_int(o, "size", (int64_t)s->response_bytes);
	json_set_int(o, "total_size", (int64_t)(s->response_head_bytes + s->response_bytes));
	json_set_int(o, "flags", envoy_flags(s->flags));
	if (s->no_request)
		return o;
	set_kept(s, o);
	json_set_int(o, "code", s->status);
	json_set_str(o, "code_details", s->details ? s->details : outcome_row(s->outcome)->details);
	if (s->grpc_status >= 0)
		json_set_int(o, "grpc_status", s->grpc_status);
	return o;
}

/* ---- both ends ---- */

static cJSON *end_of(const struct addr *a)
{
	cJSON *o = cJSON_CreateObject();
	char text[ADDR_TEXT_MAX];

	if (!a || !a->len)
		return o;
	json_set_str(o, "address", addr_format(a, text));
	json_set_int(o, "port", addr_port(a));
	return o;
}

static cJSON *source(struct stream *s)
{
	return end_of(s->remote ? s->remote : s->conn ? &s->conn->peer : NULL);
}

static cJSON *destination(struct stream *s)
{
	return end_of(s->conn ? &s->conn->local : NULL);
}

static cJSON *connection(struct stream *s)
{
	struct down *d = s->conn;
	struct tls *tls = d ? down_tls(d) : NULL;
	const struct tls_peer *peer = tls ? tls_peer(tls) : NULL;
	cJSON *o = cJSON_CreateObject();

	if (!d)
		return o;
	json_set_int(o, "id", (int64_t)d->id);
	json_set_bool(o, "mtls", d->principal && *d->principal);
	set_text(o, "requested_server_name", slice_str(d->server_name));
	set_text(o, "uri_san_peer_certificate", slice_str(d->principal));
	if (d->secure)
		set_text(o, "uri_san_local_certificate", slice_str(s->wc->config->node->principal));
	set_text(o, "dns_san_peer_certificate", slice_str(peer && peer->n_dns ? peer->dns[0] : NULL));
	set_text(o, "subject_peer_certificate", slice_str(peer ? peer->subject : NULL));
	set_text(o, "sha256_peer_certificate_digest", slice_str(peer ? peer->sha256 : NULL));
	set_text(o, "tls_version", slice_str(tls ? tls_version_name(tls) : NULL));
	return o;
}

static cJSON *upstream(struct stream *s)
{
	struct endpoint *e = stream_last_endpoint(s);
	cJSON *o = end_of(e ? &e->address : NULL);

	set_text(o, "uri_san_peer_certificate", slice_str(s->destination_principal));
	set_text(o, "transport_failure_reason", slice_str(s->failure));
	json_set_int(o, "request_attempt_count", s->tries);
	return o;
}

static cJSON *xds(struct stream *s)
{
	cJSON *o = cJSON_CreateObject();

	set_text(o, "cluster_name", slice_str(s->cluster ? s->cluster->spec->name : NULL));
	set_text(o, "route_name", slice_str(s->route ? s->route->name : NULL));
	if (!s->conn)
		return o;
	json_set_int(o, "listener_direction", s->conn->listener->direction);
	set_text(o, "filter_chain_name", slice_str(s->conn->chain ? s->conn->chain->name : NULL));
	return o;
}

/* ---- evaluation ---- */

/* Of an exchange (NULL: of none) those variables that somebody names. */
struct attributes {
	cJSON *values[CEL_ATTRIBUTES];
};

static void attributes_add(struct attributes *x, struct stream *s, const struct cel_program *p)
{
	static cJSON *(*const make[CEL_ATTRIBUTES])(struct stream * s) = {
		[CEL_REQUEST] = request,
		[CEL_RESPONSE] = response,
		[CEL_SOURCE] = source,
		[CEL_DESTINATION] = destination,
		[CEL_CONNECTION] = connection,
		[CEL_UPSTREAM] = upstream,
		[CEL_XDS] = xds,
	};

	for (size_t i = 0; s && i < CEL_ATTRIBUTES; i++)
		if (!x->values[i] && cel_uses(p, i))
			x->values[i] = make[i](s);
}

static void attributes_done(struct attributes *x)
{
	for (size_t i = 0; i < CEL_ATTRIBUTES; i++)
		cJSON_Delete(x->values[i]);
}

/* Both live on. */
static struct cel_input input_of(const struct attributes *x, int64_t *steps)
{
	return (struct cel_input){.values = (const cJSON *const *)x->values,
				  .schema = cel_attribute_schema,
				  .ops = &cel_attribute_ops,
				  .budget = steps};
}

bool attributes_test(struct stream *s, const struct cel_program *p)
{
	CLEANUP(arena_done) struct arena scratch = ARENA_INIT;
	CLEANUP(attributes_done) struct attributes x = {{NULL}};
	int64_t steps = STEPS_MAX;
	const struct cel_input in = input_of(&x, &steps);

	attributes_add(&x, s, p);
	return cel_test(p, &in, &scratch, NULL) == 1;
}

static void append_value(struct buf *out, const char *value)
{
	const char *text = value && *value ? value : "unknown";
	const size_t begin = out->len;

	for (const char *c = text; *c && out->len - begin < STATS_VALUE_MAX_BYTES; c++)
		buf_append_char(out, *c == STATS_VALUE_END ? '?' : *c);
	buf_append_char(out, STATS_VALUE_END);
}

void attributes_tag(struct worker *w, struct stream *s, const struct stats_changes *c, struct stats_labels *l)
{
	CLEANUP(arena_done) struct arena scratch = ARENA_INIT;
	CLEANUP(attributes_done) struct attributes x = {{NULL}};
	CLEANUP(buf_done) struct buf values = BUF_INIT;
	int64_t steps = STEPS_MAX;
	const struct cel_input in = input_of(&x, &steps);

	if (!c)
		return;
	for (size_t i = 0; i < c->n_tags; i++) {
		const struct cel_program *p = c->tags[i].value;

		if (p)
			attributes_add(&x, s, p);
		append_value(&values, p ? cel_text(p, &in, &scratch, NULL) : NULL);
	}
	l->changes = c;
	l->changes_id = stats_intern(w, c->id);
	l->values = stats_intern(w, buf_slice(&values));
}
