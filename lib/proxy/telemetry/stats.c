/* Interning, and label sets by key. Label names and order are Istio 1.20's. */
#include "proxy/telemetry/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/core/outcome.h"
#include "proxy/core/worker.h"

static const struct metric_family requests_total = {"istio_requests_total", METRIC_COUNTER, NULL};
static const struct metric_family duration_ms = {"istio_request_duration_milliseconds", METRIC_HISTOGRAM, NULL};
static const struct metric_family request_bytes_h = {"istio_request_bytes", METRIC_HISTOGRAM, NULL};
static const struct metric_family response_bytes_h = {"istio_response_bytes", METRIC_HISTOGRAM, NULL};
static const struct metric_family request_messages = {"istio_request_messages_total", METRIC_COUNTER, NULL};
static const struct metric_family response_messages = {"istio_response_messages_total", METRIC_COUNTER, NULL};
static const struct metric_family tcp_opened = {"istio_tcp_connections_opened_total", METRIC_COUNTER, NULL};
static const struct metric_family tcp_closed = {"istio_tcp_connections_closed_total", METRIC_COUNTER, NULL};
static const struct metric_family tcp_sent = {"istio_tcp_sent_bytes_total", METRIC_COUNTER, NULL};
static const struct metric_family tcp_received = {"istio_tcp_received_bytes_total", METRIC_COUNTER, NULL};

/* What is left out is NULL; of a counter, the cache's sink. */
struct series {
	struct stats_labels labels; /* the key: compared as bytes; without its changes, which may be gone */
	uint64_t *requests;
	struct histogram *duration, *request_bytes, *response_bytes;
	uint64_t *request_messages, *response_messages;
	struct stats_tcp tcp;
};

struct stats_cache {
	struct arena arena;
	struct map strings; /* text -> itself */
	struct map peers;   /* bytes of a struct stats_peer (interned pointers) -> it */
	struct map services;
	struct map series;
	struct series *last; /* the most recent hit */
	struct {             /* and of stats_service_of_host */
		struct slice host;
		const char *name;
		struct stats_service *service;
	} last_host;
	uint64_t sink; /* counts what nobody wants to know */
};

struct stats_cache *stats_new(void)
{
	return NEW(struct stats_cache);
}

void stats_free(struct stats_cache *s)
{
	if (!s)
		return;
	map_done(&s->strings);
	map_done(&s->peers);
	map_done(&s->services);
	map_done(&s->series);
	arena_done(&s->arena);
	free(s);
}

const char *stats_intern(struct worker *w, struct slice text)
{
	struct stats_cache *s = w->stats;
	char *found;

	if (!text.len || text.len > STATS_STRING_MAX_BYTES)
		return NULL;
	found = map_get(&s->strings, text);
	if (found || s->strings.n >= STATS_STRINGS_MAX)
		return found;
	found = arena_slicedup(&s->arena, text);
	map_set(&s->strings, slice_make(found, text.len), found);
	return found;
}

static const char *intern_or(struct worker *w, const char *text, const char *otherwise)
{
	const char *found = text && *text ? stats_intern(w, slice_str(text)) : NULL;

	return found ? found : stats_intern(w, slice_str(otherwise));
}

static struct stats_peer *peer_get(struct worker *w, struct stats_peer p)
{
	struct stats_cache *s = w->stats;
	struct stats_peer *found;

	p.workload = intern_or(w, p.workload, "unknown");
	p.namespace_ = intern_or(w, p.namespace_, "unknown");
	p.canonical_name = intern_or(w, p.canonical_name, p.workload ? p.workload : "unknown");
	p.canonical_revision = intern_or(w, p.canonical_revision, "latest");
	p.app = intern_or(w, p.app, "unknown");
	p.version = intern_or(w, p.version, "unknown");
	p.cluster = intern_or(w, p.cluster, "unknown");
	found = map_get(&s->peers, slice_make(&p, sizeof(p)));
	if (found || s->peers.n >= STATS_PEERS_MAX)
		return found;
	found = ARENA_NEW(&s->arena, struct stats_peer);
	*found = p;
	map_set(&s->peers, slice_make(found, sizeof(*found)), found);
	return found;
}

struct stats_peer *stats_peer_of_node(struct worker *w, const struct config_node *n)
{
	return peer_get(w, (struct stats_peer){.workload = n->workload,
					       .namespace_ = n->namespace_,
					       .app = n->app,
					       .version = n->version,
					       .canonical_name = n->canonical_name,
					       .canonical_revision = n->canonical_revision,
					       .cluster = n->cluster_id});
}

struct stats_peer *stats_peer_of_endpoint(struct worker *w, const struct config_endpoint *e)
{
	if (!e->workload || !*e->workload)
		return NULL;
	return peer_get(w, (struct stats_peer){.workload = e->workload,
					       .namespace_ = e->workload_namespace,
					       .canonical_name = e->canonical_name,
					       .canonical_revision = e->canonical_revision,
					       .cluster = e->cluster_id});
}

static struct stats_service *service_get(struct worker *w, struct stats_service v)
{
	struct stats_cache *s = w->stats;
	struct stats_service *found;

	v.host = intern_or(w, v.host, "unknown");
	v.name = intern_or(w, v.name, "unknown");
	v.namespace_ = intern_or(w, v.namespace_, "unknown");
	found = map_get(&s->services, slice_make(&v, sizeof(v)));
	if (found || s->services.n >= STATS_PEERS_MAX)
		return found;
	found = ARENA_NEW(&s->arena, struct stats_service);
	*found = v;
	map_set(&s->services, slice_make(found, sizeof(*found)), found);
	return found;
}

struct stats_service *stats_service_of_cluster(struct worker *w, const struct config_cluster_spec *spec)
{
	const struct config_service *s = spec->services;

	if (!spec->n_services)
		return NULL;
	return service_get(w, (struct stats_service){s->host, s->name, s->namespace_});
}

struct stats_service *stats_service_of_host(struct worker *w, struct slice host, const char *name)
{
	struct stats_cache *s = w->stats;
	struct stats_service *found;
	const char *interned;

	if (s->last_host.service && s->last_host.name == name && slice_eq(s->last_host.host, host))
		return s->last_host.service;
	interned = stats_intern(w, host);
	found = service_get(w, (struct stats_service){interned, name, NULL});
	if (found && interned) {
		s->last_host.host = slice_str(interned);
		s->last_host.name = name;
		s->last_host.service = found;
	}
	return found;
}

/* ---- label sets ---- */

/* Writes the labels of one metric. */
struct writer {
	struct buf *b;
	const struct stats_changes *changes; /* NULL = as they are */
	unsigned metric;                     /* its bit */
	struct slice values;                 /* of all tags; empty: unknown */
	bool written[STATS_TAGS_MAX];        /* tags whose label was a standard one, or came again later */
};

/* The value of the i-th tag. */
static struct slice value_of(const struct writer *o, size_t i)
{
	struct slice rest = o->values, v = SLICE("unknown");

	for (size_t k = 0; k <= i && rest.len; k++)
		v = slice_split(&rest, STATS_VALUE_END);
	return v;
}

/* Writes the label as the tag has it, if it has one at all. */
static void tag(struct writer *o, size_t i)
{
	if (o->changes->tags[i].value)
		metrics_label(o->b, o->changes->tags[i].label, value_of(o, i));
}

/* The last tag of that label, or -1; all of them are done with. */
static ptrdiff_t take_tags(struct writer *o, const char *name)
{
	ptrdiff_t found = -1;

	for (size_t i = 0; o->changes && i < o->changes->n_tags; i++) {
		const struct stats_tag *t = &o->changes->tags[i];

		if (!(t->metrics & o->metric) || strcmp(t->label, name) != 0)
			continue;
		o->written[i] = true;
		found = (ptrdiff_t)i;
	}
	return found;
}

static void label(struct writer *o, const char *name, const char *value)
{
	const ptrdiff_t changed = take_tags(o, name);

	if (changed >= 0)
		tag(o, (size_t)changed);
	else
		metrics_label(o->b, name, slice_str(value ? value : "unknown"));
}

/* The labels that are no standard ones. */
static void more_labels(struct writer *o)
{
	for (size_t i = 0; o->changes && i < o->changes->n_tags; i++)
		if ((o->changes->tags[i].metrics & o->metric) && !o->written[i])
			tag(o, (size_t)take_tags(o, o->changes->tags[i].label));
}

static const struct stats_peer unknown_peer = {"unknown", "unknown", "unknown", "unknown",
					       "unknown", "latest",  "unknown"};
static const struct stats_service unknown_service = {"unknown", "unknown", "unknown"};

static void write_source(struct writer *o, const struct stats_peer *p, const char *principal)
{
	label(o, "source_workload", p->workload);
	label(o, "source_canonical_service", p->canonical_name);
	label(o, "source_canonical_revision", p->canonical_revision);
	label(o, "source_workload_namespace", p->namespace_);
	label(o, "source_principal", principal);
	label(o, "source_app", p->app);
	label(o, "source_version", p->version);
	label(o, "source_cluster", p->cluster);
}

static void write_destination(struct writer *o, const struct stats_peer *p, const struct stats_service *s,
			      const char *principal)
{
	label(o, "destination_workload", p->workload);
	label(o, "destination_workload_namespace", p->namespace_);
	label(o, "destination_principal", principal);
	label(o, "destination_app", p->app);
	label(o, "destination_version", p->version);
	label(o, "destination_service", s->host);
	label(o, "destination_canonical_service", p->canonical_name);
	label(o, "destination_canonical_revision", p->canonical_revision);
	label(o, "destination_service_name", s->name);
	label(o, "destination_service_namespace", s->namespace_);
	label(o, "destination_cluster", p->cluster);
}

static void write_labels(struct writer *o, const struct stats_labels *l)
{
	static const char *const protocols[] = {"http", "grpc", "tcp"};
	char text[RESPONSE_FLAGS_TEXT_MAX];

	label(o, "reporter", l->inbound ? "destination" : "source");
	write_source(o, l->source ? l->source : &unknown_peer, l->source_principal);
	write_destination(o, l->destination ? l->destination : &unknown_peer,
			  l->service ? l->service : &unknown_service, l->destination_principal);
	if (l->protocol == STATS_MESSAGES)
		return;
	label(o, "request_protocol", protocols[l->protocol]);
	label(o, "response_flags", response_flags_format(l->flags, text));
	label(o, "connection_security_policy", !l->inbound ? "unknown" : l->mutual_tls ? "mutual_tls" : "none");
	if (l->protocol == STATS_TCP)
		return;
	snprintf(text, sizeof(text), "%u", l->status);
	label(o, "response_code", text);
	text[0] = 0;
	if (l->grpc_status >= 0)
		snprintf(text, sizeof(text), "%d", l->grpc_status);
	label(o, "grpc_response_status", text);
}

/* The text of the labels of one metric, or of all of them where nothing is changed. */
static struct slice labels_of(struct writer *o, const struct stats_labels *l, enum stats_metric metric)
{
	if (o->b->len && !o->changes)
		return buf_slice(o->b);
	buf_clear(o->b);
	memset(o->written, 0, sizeof(o->written));
	o->metric = 1u << metric;
	write_labels(o, l);
	more_labels(o);
	return buf_slice(o->b);
}

static uint64_t *counter(struct worker *w, struct writer *o, const struct stats_labels *l, enum stats_metric metric,
			 const struct metric_family *f)
{
	if (o->changes && o->changes->dropped >> metric & 1)
		return &w->stats->sink;
	return metrics_counter(w->metrics, f, labels_of(o, l, metric));
}

static struct histogram *histogram(struct worker *w, struct writer *o, const struct stats_labels *l,
				   enum stats_metric metric, const struct metric_family *f)
{
	if (o->changes && o->changes->dropped >> metric & 1)
		return NULL;
	return metrics_histogram(w->metrics, f, labels_of(o, l, metric));
}

static void resolve(struct worker *w, struct series *s, const struct stats_changes *changes)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct writer o = {.b = &text, .changes = changes, .values = slice_str(s->labels.values)};
	const struct stats_labels *l = &s->labels;

	if (l->protocol == STATS_TCP) {
		s->tcp.opened = counter(w, &o, l, STATS_TCP_OPENED, &tcp_opened);
		s->tcp.closed = counter(w, &o, l, STATS_TCP_CLOSED, &tcp_closed);
		s->tcp.sent = counter(w, &o, l, STATS_TCP_SENT, &tcp_sent);
		s->tcp.received = counter(w, &o, l, STATS_TCP_RECEIVED, &tcp_received);
		return;
	}
	if (l->protocol == STATS_MESSAGES) {
		s->request_messages = counter(w, &o, l, STATS_REQUEST_MESSAGES, &request_messages);
		s->response_messages = counter(w, &o, l, STATS_RESPONSE_MESSAGES, &response_messages);
		return;
	}
	s->requests = counter(w, &o, l, STATS_REQUESTS, &requests_total);
	s->duration = histogram(w, &o, l, STATS_DURATION, &duration_ms);
	s->request_bytes = histogram(w, &o, l, STATS_REQUEST_BYTES, &request_bytes_h);
	s->response_bytes = histogram(w, &o, l, STATS_RESPONSE_BYTES, &response_bytes_h);
}

/* A copy without indeterminate padding, so that it can be compared as bytes. */
static void copy_labels(struct stats_labels *to, const struct stats_labels *from)
{
	memset(to, 0, sizeof(*to));
	to->source = from->source;
	to->destination = from->destination;
	to->service = from->service;
	to->source_principal = from->source_principal;
	to->destination_principal = from->destination_principal;
	to->flags = from->flags;
	to->status = from->status;
	to->grpc_status = from->grpc_status;
	to->protocol = from->protocol;
	to->inbound = from->inbound;
	to->mutual_tls = from->mutual_tls;
	to->changes_id = from->changes_id;
	to->values = from->values;
}

static struct series *series_get(struct worker *w, const struct stats_labels *l)
{
	struct stats_cache *s = w->stats;
	struct stats_labels key;
	struct series *found;

	copy_labels(&key, l);
	/* Both are copies by copy_labels, so padding is zero. NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
	if (s->last && memcmp(&s->last->labels, &key, sizeof(key)) == 0)
		return s->last;
	found = map_get(&s->series, slice_make(&key, sizeof(key)));
	if (!found && s->series.n >= STATS_SERIES_MAX) {
		key.source = key.destination = NULL;
		key.service = NULL;
		key.source_principal = key.destination_principal = key.values = NULL;
		found = map_get(&s->series, slice_make(&key, sizeof(key)));
	}
	if (!found) {
		found = ARENA_NEW(&s->arena, struct series);
		copy_labels(&found->labels, &key);
		resolve(w, found, l->changes);
		map_set(&s->series, slice_make(&found->labels, sizeof(found->labels)), found);
	}
	return s->last = found;
}

static void observe(struct histogram *h, double value)
{
	if (h)
		histogram_observe(h, value);
}

void stats_request(struct worker *w, const struct stats_labels *l, int64_t duration_ns, uint64_t request_bytes,
		   uint64_t response_bytes)
{
	struct series *s = series_get(w, l);

	++*s->requests;
	observe(s->duration, (double)(duration_ns / 1000000));
	observe(s->request_bytes, (double)request_bytes);
	observe(s->response_bytes, (double)response_bytes);
}

void stats_messages(struct worker *w, const struct stats_labels *l, uint64_t requests, uint64_t responses)
{
	struct stats_labels sides = *l;
	struct series *s;

	sides.protocol = STATS_MESSAGES;
	sides.flags = 0;
	sides.status = 0;
	sides.grpc_status = -1;
	sides.mutual_tls = false;
	s = series_get(w, &sides);
	*s->request_messages += requests;
	*s->response_messages += responses;
}

const struct stats_tcp *stats_tcp(struct worker *w, const struct stats_labels *l)
{
	return &series_get(w, l)->tcp;
}

/* ---- peers from the wire: google.protobuf.Struct, field by field ---- */

/* Reads a varint; false at the end or when it is too long. */
static bool read_varint(struct slice *s, uint64_t *ret)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64 && s->len; shift += 7) {
		uint8_t c = (uint8_t)s->ptr[0];

		*s = slice_from(*s, 1);
		v |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80)) {
			*ret = v;
			return true;
		}
	}
	return false;
}

/* Reads one field: its number, and its bytes when it is length-delimited (else empty). */
static bool read_field(struct slice *s, uint32_t *ret_number, struct slice *ret)
{
	uint64_t key, n;

	*ret = slice_make("", 0);
	if (!read_varint(s, &key))
		return false;
	*ret_number = (uint32_t)(key >> 3);
	switch (key & 7) {
	case 0:
		return read_varint(s, &n);
	case 1:
	case 5:
		n = (key & 7) == 1 ? 8 : 4;
		if (s->len < n)
			return false;
		*s = slice_from(*s, n);
		return true;
	case 2:
		if (!read_varint(s, &n) || n > s->len)
			return false;
		*ret = slice_make(s->ptr, n);
		*s = slice_from(*s, n);
		return true;
	default:
		return false;
	}
}

/* An entry of Struct.fields: key = 1, value = 2 (Value: string_value = 3, struct_value = 5). */
static bool read_entry(struct slice entry, struct slice *ret_key, struct slice *ret_string, struct slice *ret_struct)
{
	struct slice value = {"", 0}, bytes;
	uint32_t number;

	*ret_key = *ret_string = *ret_struct = value;
	while (entry.len) {
		if (!read_field(&entry, &number, &bytes))
			return false;
		if (number == 1)
			*ret_key = bytes;
		else if (number == 2)
			value = bytes;
	}
	while (value.len) {
		if (!read_field(&value, &number, &bytes))
			return false;
		if (number == 3)
			*ret_string = bytes;
		else if (number == 5)
			*ret_struct = bytes;
	}
	return true;
}

struct wire_peer {
	struct slice name, namespace_, workload, cluster, app, version, canonical, revision;
};

static bool read_struct(struct slice s, struct wire_peer *p, bool labels)
{
	struct slice entry, key, text, inner;
	uint32_t number;

	while (s.len) {
		if (!read_field(&s, &number, &entry))
			return false;
		if (number != 1)
			continue;
		if (!read_entry(entry, &key, &text, &inner))
			return false;
		if (labels) {
			if (slice_eq(key, SLICE("app")))
				p->app = text;
			else if (slice_eq(key, SLICE("version")))
				p->version = text;
			else if (slice_eq(key, SLICE("service.istio.io/canonical-name")))
				p->canonical = text;
			else if (slice_eq(key, SLICE("service.istio.io/canonical-revision")))
				p->revision = text;
		} else if (slice_eq(key, SLICE("NAMESPACE"))) {
			p->namespace_ = text;
		} else if (slice_eq(key, SLICE("WORKLOAD_NAME"))) {
			p->workload = text;
		} else if (slice_eq(key, SLICE("CLUSTER_ID"))) {
			p->cluster = text;
		} else if (slice_eq(key, SLICE("LABELS")) && !read_struct(inner, p, true)) {
			return false;
		}
	}
	return true;
}

struct stats_peer *stats_peer_of_struct(struct worker *w, struct slice bytes)
{
	struct wire_peer p = {0};

	if (!read_struct(bytes, &p, false))
		return NULL;
	return peer_get(w, (struct stats_peer){.workload = stats_intern(w, p.workload),
					       .namespace_ = stats_intern(w, p.namespace_),
					       .app = stats_intern(w, p.app),
					       .version = stats_intern(w, p.version),
					       .canonical_name = stats_intern(w, p.canonical),
					       .canonical_revision = stats_intern(w, p.revision),
					       .cluster = stats_intern(w, p.cluster)});
}

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Bytes decoded, or -1. out holds 3/4 of the text. */
static ssize_t base64_decode(struct slice text, char *out)
{
	uint32_t acc = 0;
	unsigned bits = 0;
	ssize_t n = 0;

	while (text.len && text.ptr[text.len - 1] == '=')
		text.len--;
	for (size_t i = 0; i < text.len; i++) {
		int d = base64_digit(text.ptr[i]);

		if (d < 0)
			return -1;
		acc = acc << 6 | (uint32_t)d;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[n++] = (char)(acc >> bits);
		}
	}
	return n;
}

#define PEER_TEXT_MAX_BYTES 16384

struct stats_peer *stats_peer_of_header(struct worker *w, struct slice text)
{
	char bytes[PEER_TEXT_MAX_BYTES];
	ssize_t n;

	if (!text.len || text.len > sizeof(bytes))
		return NULL;
	n = base64_decode(text, bytes);
	return n < 0 ? NULL : stats_peer_of_struct(w, slice_make(bytes, (size_t)n));
}
