/*
 * Decoding of messages that occur everywhere: addresses, ranges, matchers, fractions, data sources, typed
 * configurations. Results are copies in the part's own arena.
 */
#include <ctype.h>

#include "base/clock.h"
#include "config/build_internal.h"
#include "xds/json.h"

#include "envoy/extensions/http/header_formatters/preserve_case/v3/preserve_case.pb-c.h"
#include "udpa/type/v1/typed_struct.pb-c.h"
#include "xds/type/v3/typed_struct.pb-c.h"

#define DATA_SOURCE_MAX_BYTES (1 << 20)

struct slice build_slice(struct build_ctx *x, const char *s)
{
	struct slice in = slice_str(s);

	return slice_make(arena_slicedup(x->out, in), in.len);
}

struct slice build_lower(struct build_ctx *x, const char *s)
{
	struct slice out = build_slice(x, s);

	for (char *c = (char *)out.ptr; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return out;
}

char *build_str(struct build_ctx *x, const char *s)
{
	return arena_strdup(x->out, s ? s : "");
}

uint32_t build_u32(const Google__Protobuf__UInt32Value *v, uint32_t when_null)
{
	return v ? v->value : when_null;
}

bool build_bool(const Google__Protobuf__BoolValue *v, bool when_null)
{
	return v ? v->value : when_null;
}

int build_address(const CORE(Address) * a, struct addr *ret, struct err *e)
{
	if (!a || a->address_case != ENVOY__CONFIG__CORE__V3__ADDRESS__ADDRESS_SOCKET_ADDRESS)
		return err_set(e, -EINVAL, "address: only socket_address is supported");
	const CORE(SocketAddress) *s = a->socket_address;
	if (s->protocol != ENVOY__CONFIG__CORE__V3__SOCKET_ADDRESS__PROTOCOL__TCP)
		return err_set(e, -EINVAL, "address: protocol: only TCP is supported");
	if (s->port_specifier_case != ENVOY__CONFIG__CORE__V3__SOCKET_ADDRESS__PORT_SPECIFIER_PORT_VALUE ||
	    s->port_value > 65535)
		return err_set(e, -EINVAL, "address: port_value must be 0..65535");
	if (addr_parse(slice_str(s->address), (uint16_t)s->port_value, ret) < 0 || ret->sa.sa_family == AF_UNIX)
		return err_set(e, -EINVAL, "address: '%s' is not an IP address", s->address);
	return 0;
}

/* A socket of the machine, by path or (after @) by an abstract name. */
static int build_pipe(const CORE(Pipe) * p, struct addr *ret, struct err *e)
{
	const bool named = (p->path[0] == '/' || p->path[0] == '@') && p->path[1];

	if (!named || addr_parse(slice_str(p->path), 0, ret) < 0)
		return err_set(e, -EINVAL, "address: pipe: '%.108s' is no path of a socket", p->path);
	return 0;
}

int build_address_or_pipe(const CORE(Address) * a, struct addr *ret, struct err *e)
{
	return a && a->address_case == ENVOY__CONFIG__CORE__V3__ADDRESS__ADDRESS_PIPE ? build_pipe(a->pipe, ret, e)
										      : build_address(a, ret, e);
}

int build_cidr(const CORE(CidrRange) * c, struct config_cidr *ret, struct err *e)
{
	unsigned max;

	if (addr_parse(slice_str(c->address_prefix), 0, &ret->address) < 0 || ret->address.sa.sa_family == AF_UNIX)
		return err_set(e, -EINVAL, "address_prefix: '%s' is not an IP address", c->address_prefix);
	max = ret->address.sa.sa_family == AF_INET ? 32 : 128;
	ret->prefix_bits = build_u32(c->prefix_len, 0);
	if (ret->prefix_bits > max)
		return err_set(e, -EINVAL, "prefix_len must be 0..%u", max);
	return 0;
}

int build_cidrs(struct build_ctx *x, CORE(CidrRange) * *v, size_t n, struct config_cidr **ret, struct err *e)
{
	*ret = ARENA_NEW_N(x->out, struct config_cidr, n);
	for (size_t i = 0; i < n; i++) {
		int r = build_cidr(v[i], &(*ret)[i], e);
		if (r < 0)
			return err_wrap(e, r, "[%zu]", i);
	}
	return 0;
}

void build_fraction(const TYPE(FractionalPercent) * p, struct route_fraction *ret)
{
	static const uint32_t denominators[] = {100, 10000, 1000000};

	*ret = (struct route_fraction){0, 100};
	if (!p)
		return;
	ret->numerator = p->numerator;
	if ((unsigned)p->denominator < ARRAY_LEN(denominators))
		ret->denominator = denominators[p->denominator];
}

int build_regex(struct build_ctx *x, const MATCHER(RegexMatcher) * m, const struct regex **ret, struct err *e)
{
	if (!m || !m->regex[0])
		return err_set(e, -EINVAL, "regex is empty");
	return regex_new(x->out, slice_str(m->regex), ret, e);
}

int build_string_match(struct build_ctx *x, const MATCHER(StringMatcher) * m, struct match_string *ret, struct err *e)
{
	*ret = (struct match_string){.ignore_case = m->ignore_case};
	switch (m->match_pattern_case) {
	case ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_EXACT:
		ret->kind = MATCH_EXACT;
		ret->text = build_slice(x, m->exact);
		return 0;
	case ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_PREFIX:
		ret->kind = MATCH_PREFIX;
		ret->text = build_slice(x, m->prefix);
		return 0;
	case ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_SUFFIX:
		ret->kind = MATCH_SUFFIX;
		ret->text = build_slice(x, m->suffix);
		return 0;
	case ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_CONTAINS:
		ret->kind = MATCH_CONTAINS;
		ret->text = build_slice(x, m->contains);
		return 0;
	case ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_SAFE_REGEX:
		ret->kind = MATCH_REGEX;
		return build_regex(x, m->safe_regex, &ret->regex, e);
	default:
		return err_set(e, -EINVAL, "string matcher has no supported pattern");
	}
}

static int header_value(struct build_ctx *x, const ROUTE(HeaderMatcher) * m, struct match_header *ret, struct err *e)
{
	struct match_string *v = &ret->value;

	switch (m->header_match_specifier_case) {
	case ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER__NOT_SET:
		v->kind = MATCH_PRESENT;
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_PRESENT_MATCH:
		v->kind = MATCH_PRESENT;
		ret->want_absent = !m->present_match;
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_EXACT_MATCH:
		*v = (struct match_string){.kind = MATCH_EXACT, .text = build_slice(x, m->exact_match)};
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_PREFIX_MATCH:
		*v = (struct match_string){.kind = MATCH_PREFIX, .text = build_slice(x, m->prefix_match)};
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_SUFFIX_MATCH:
		*v = (struct match_string){.kind = MATCH_SUFFIX, .text = build_slice(x, m->suffix_match)};
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_CONTAINS_MATCH:
		*v = (struct match_string){.kind = MATCH_CONTAINS, .text = build_slice(x, m->contains_match)};
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_SAFE_REGEX_MATCH:
		v->kind = MATCH_REGEX;
		return build_regex(x, m->safe_regex_match, &v->regex, e);
	case ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_RANGE_MATCH:
		*v = (struct match_string){
			.kind = MATCH_RANGE, .from = m->range_match->start, .to = m->range_match->end};
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_STRING_MATCH:
		return build_string_match(x, m->string_match, v, e);
	default:
		return err_set(e, -EINVAL, "unsupported header matcher");
	}
}

int build_header_match(struct build_ctx *x, const ROUTE(HeaderMatcher) * m, struct match_header *ret, struct err *e)
{
	int r;

	*ret = (struct match_header){.invert = m->invert_match, .absent_is_empty = m->treat_missing_header_as_empty};
	ret->name = build_lower(x, m->name);
	if (slice_eq(ret->name, SLICE("host")))
		ret->name = build_slice(x, ":authority");
	if (!ret->name.len)
		return err_set(e, -EINVAL, "header matcher has no name");
	r = header_value(x, m, ret, e);
	return r < 0 ? err_wrap(e, r, "header %s", m->name) : 0;
}

int build_header_matches(struct build_ctx *x, ROUTE(HeaderMatcher) * *v, size_t n, struct match_header **ret,
			 struct err *e)
{
	*ret = ARENA_NEW_N(x->out, struct match_header, n);
	for (size_t i = 0; i < n; i++) {
		int r = build_header_match(x, v[i], &(*ret)[i], e);
		if (r < 0)
			return err_wrap(e, r, "headers[%zu]", i);
	}
	return 0;
}

static const char *after_slash(const char *url)
{
	const char *slash = url ? strrchr(url, '/') : NULL;

	return slash ? slash + 1 : url ? url : "";
}

const char *build_any_type(const Google__Protobuf__Any *any)
{
	return any ? after_slash(any->type_url) : "";
}

/* A TypedStruct of either package: its inner type and value. False when the Any is something else. */
static bool typed_struct(struct build_ctx *x, const Google__Protobuf__Any *any, const char **ret_type,
			 const Google__Protobuf__Struct **ret_value)
{
	const Xds__Type__V3__TypedStruct *t = pb_any_unpack(x->tmp, any, &xds__type__v3__typed_struct__descriptor);
	const Udpa__Type__V1__TypedStruct *u =
		t ? NULL : pb_any_unpack(x->tmp, any, &udpa__type__v1__typed_struct__descriptor);

	if (!t && !u)
		return false;
	*ret_type = after_slash(t ? t->type_url : u->type_url);
	*ret_value = t ? t->value : u->value;
	return true;
}

const char *build_inner_type(struct build_ctx *x, const Google__Protobuf__Any *any)
{
	const Google__Protobuf__Struct *value;
	const char *type;

	return typed_struct(x, any, &type, &value) ? type : build_any_type(any);
}

void *build_any(struct build_ctx *x, const Google__Protobuf__Any *any, const ProtobufCMessageDescriptor *d,
		struct err *e)
{
	const Google__Protobuf__Struct *value;
	const char *type;
	void *m;

	if (!any) {
		err_set(e, -EINVAL, "typed_config is missing");
		return NULL;
	}
	if (typed_struct(x, any, &type, &value) && strcmp(type, d->name) == 0) {
		m = pb_from_struct(x->tmp, d, value, e);
		return m && build_refuse(m, e) == 0 ? m : NULL;
	}
	if (!pb_any_is(any, d)) {
		err_set(e, -EINVAL, "type %s is not supported", build_any_type(any));
		return NULL;
	}
	m = pb_any_unpack(x->tmp, any, d);
	if (!m) {
		err_set(e, -EINVAL, "%s: broken message", d->name);
		return NULL;
	}
	return build_refuse(m, e) == 0 ? m : NULL;
}

static int data_file(struct build_ctx *x, const char *path, struct slice *ret, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	int r = build_read_file(x->build, path, DATA_SOURCE_MAX_BYTES, &text, e);

	if (r < 0)
		return r;
	*ret = slice_make(arena_slicedup(x->out, buf_slice(&text)), text.len);
	return 0;
}

struct route_cluster build_cluster_ref(struct build_ctx *x, const char *name)
{
	struct config_ref r = config_names_get(x->names, CONFIG_NAME_CLUSTER, slice_str(name), x->out);

	return (struct route_cluster){r.name, r.slot};
}

int build_data_source(struct build_ctx *x, const CORE(DataSource) * d, struct slice *ret, struct err *e)
{
	*ret = SLICE("");
	if (!d)
		return 0;
	switch (d->specifier_case) {
	case ENVOY__CONFIG__CORE__V3__DATA_SOURCE__SPECIFIER_INLINE_STRING:
		*ret = build_slice(x, d->inline_string);
		return 0;
	case ENVOY__CONFIG__CORE__V3__DATA_SOURCE__SPECIFIER_INLINE_BYTES:
		*ret = slice_make(arena_slicedup(x->out, slice_make(d->inline_bytes.data, d->inline_bytes.len)),
				  d->inline_bytes.len);
		return 0;
	case ENVOY__CONFIG__CORE__V3__DATA_SOURCE__SPECIFIER_FILENAME:
		return data_file(x, d->filename, ret, e);
	default:
		return err_set(e, -EINVAL, "data source must be inline or a file");
	}
}

bool build_any_endpoint(const CORE(Metadata) * m)
{
	const Google__Protobuf__Value *v = pb_struct_get(build_metadata(m, "weft"), "any_endpoint");

	return v && v->kind_case == GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE && v->bool_value;
}

const Google__Protobuf__Struct *build_metadata(const CORE(Metadata) * m, const char *key)
{
	for (size_t i = 0; m && i < m->n_filter_metadata; i++)
		if (strcmp(m->filter_metadata[i]->key, key) == 0)
			return m->filter_metadata[i]->value;
	return NULL;
}

/* Names keep the case that they came in, so that one format asks for nothing. */
static int key_format(struct build_ctx *x, const CORE(Http1ProtocolOptions__HeaderKeyFormat) * m,
		      struct config_http *ret, struct err *e)
{
	if (!m)
		return 0;
	if (m->header_format_case ==
	    ENVOY__CONFIG__CORE__V3__HTTP1_PROTOCOL_OPTIONS__HEADER_KEY_FORMAT__HEADER_FORMAT_PROPER_CASE_WORDS) {
		ret->proper_case = true;
		return 0;
	}
	if (m->header_format_case !=
	    ENVOY__CONFIG__CORE__V3__HTTP1_PROTOCOL_OPTIONS__HEADER_KEY_FORMAT__HEADER_FORMAT_STATEFUL_FORMATTER)
		return 0;
	return build_any(
		       x, m->stateful_formatter->typed_config,
		       &envoy__extensions__http__header_formatters__preserve_case__v3__preserve_case_formatter_config__descriptor,
		       e)
		       ? 0
		       : err_wrap(e, -EINVAL, "stateful_formatter");
}

int build_http(struct build_ctx *x, const CORE(Http1ProtocolOptions) * h1, const CORE(Http2ProtocolOptions) * h2,
	       struct config_http *ret, struct err *e)
{
	const CORE(KeepaliveSettings) *k = h2 ? h2->connection_keepalive : NULL;
	int r = h1 ? key_format(x, h1->header_key_format, ret, e) : 0;

	if (r < 0)
		return err_wrap(e, r, "header_key_format");
	if (h1)
		ret->trailers = h1->enable_trailers;
	if (!h2)
		return 0;
	ret->max_streams = build_u32(h2->max_concurrent_streams, 0);
	ret->stream_window = build_u32(h2->initial_stream_window_size, 0);
	ret->connection_window = build_u32(h2->initial_connection_window_size, 0);
	ret->connect = h2->allow_connect;
	if (!k)
		return 0;
	ret->ping_interval_ms = (uint32_t)(pb_duration_to_ns(k->interval, 0) / NS_PER_MS);
	ret->ping_timeout_ms = (uint32_t)(pb_duration_to_ns(k->timeout, 0) / NS_PER_MS);
	return 0;
}
