/* Reading what was pasted. */
#include <errno.h>
#include <string.h>

#include "console/why/why.h"
#include "msg/json.h"

/* How a field stands in the text format. */
enum form { BARE, QUOTED, BRACKETS, REQUEST, IN_REQUEST };

static const struct {
	const char *name;
	enum form form;
} fields[WHY_FIELDS] = {
	[WHY_START_TIME] = {"start_time", BRACKETS},
	[WHY_METHOD] = {"method", REQUEST},
	[WHY_PATH] = {"path", IN_REQUEST},
	[WHY_PROTOCOL] = {"protocol", IN_REQUEST},
	[WHY_CODE] = {"response_code", BARE},
	[WHY_FLAGS] = {"response_flags", BARE},
	[WHY_DETAILS] = {"response_code_details", BARE},
	[WHY_TERMINATION] = {"connection_termination_details", BARE},
	[WHY_FAILURE] = {"upstream_transport_failure_reason", QUOTED},
	[WHY_BYTES_RECEIVED] = {"bytes_received", BARE},
	[WHY_BYTES_SENT] = {"bytes_sent", BARE},
	[WHY_DURATION] = {"duration", BARE},
	[WHY_SERVICE_TIME] = {"upstream_service_time", BARE},
	[WHY_FORWARDED_FOR] = {"x_forwarded_for", QUOTED},
	[WHY_USER_AGENT] = {"user_agent", QUOTED},
	[WHY_REQUEST_ID] = {"request_id", QUOTED},
	[WHY_AUTHORITY] = {"authority", QUOTED},
	[WHY_UPSTREAM_HOST] = {"upstream_host", QUOTED},
	[WHY_CLUSTER] = {"upstream_cluster", BARE},
	[WHY_UPSTREAM_LOCAL] = {"upstream_local_address", BARE},
	[WHY_DOWNSTREAM_LOCAL] = {"downstream_local_address", BARE},
	[WHY_DOWNSTREAM_REMOTE] = {"downstream_remote_address", BARE},
	[WHY_SERVER_NAME] = {"requested_server_name", BARE},
	[WHY_ROUTE] = {"route_name", BARE},
	[WHY_REASON] = {"reason", QUOTED},
};

const char *why_field_name(enum why_field f)
{
	return fields[f].name;
}

/* ---- what it is ---- */

static bool is_hex(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!strchr("0123456789abcdefABCDEF", s.ptr[i]))
			return false;
	return s.len > 0;
}

static bool is_uuid(struct slice s)
{
	static const size_t lengths[] = {8, 4, 4, 4, 12};

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		const struct slice part = slice_split(&s, '-');

		if (part.len != lengths[i] || !is_hex(part))
			return false;
	}
	return s.len == 0;
}

/* 00-<trace>-<span>-<flags>, https://www.w3.org/TR/trace-context/ */
static bool is_traceparent(struct slice s, struct slice *trace)
{
	const struct slice version = slice_split(&s, '-');

	*trace = slice_split(&s, '-');
	return version.len == 2 && is_hex(version) && trace->len == 32 && is_hex(*trace) && s.len > 16;
}

static struct slice without(struct slice s, const char *ends)
{
	while (s.len && strchr(ends, s.ptr[s.len - 1]))
		s.len--;
	while (s.len && strchr(ends, *s.ptr))
		s = slice_from(s, 1);
	return s;
}

static struct slice stripped(struct slice s)
{
	return without(s, " \t\r\n\"'");
}

enum why_kind why_kind_of(struct slice text, struct slice *ret_id)
{
	struct slice s = stripped(text), rest = s;

	/* "x-request-id: ...", "traceparent: ..." as a client printed it. */
	if (slice_find(s, ' ') > 0 && slice_ends(slice_split(&rest, ' '), SLICE(":")))
		s = stripped(rest);
	*ret_id = s;
	if (is_uuid(s))
		return WHY_REQUEST;
	if (is_hex(s) && (s.len == 32 || s.len == 16))
		return WHY_TRACE;
	if (is_traceparent(s, ret_id))
		return WHY_TRACE;
	*ret_id = slice_make("", 0);
	return slice_find(text, '"') >= 0 ? WHY_LINE : WHY_NOTHING;
}

/* ---- the text format ---- */

static void set(struct arena *a, struct why_line *l, enum why_field f, struct slice value)
{
	l->f[f] = slice_eq(value, SLICE("-")) ? "" : arena_slicedup(a, value);
}

/* Up to `end` that a space or the end follows: what is quoted may hold quotes itself. */
static bool cut(struct slice *rest, char begin, char end, struct slice *ret)
{
	if (!rest->len || *rest->ptr != begin)
		return false;
	for (size_t i = 1; i < rest->len; i++) {
		if (rest->ptr[i] != end || rest->ptr[i - 1] == '\\' || (i + 1 < rest->len && rest->ptr[i + 1] != ' '))
			continue;
		*ret = slice_make(rest->ptr + 1, i - 1);
		*rest = slice_from(*rest, i + 2);
		return true;
	}
	return false;
}

/* "GET /a b HTTP/1.1": a path may hold anything. */
static void read_request(struct arena *a, struct slice text, struct why_line *l)
{
	const ptrdiff_t last = slice_rfind(text, ' ');
	struct slice rest = text;

	set(a, l, WHY_METHOD, slice_split(&rest, ' '));
	if (last < 0 || rest.ptr > text.ptr + last)
		return;
	set(a, l, WHY_PATH, slice_make(rest.ptr, (size_t)(text.ptr + last - rest.ptr)));
	set(a, l, WHY_PROTOCOL, slice_from(text, (size_t)last + 1));
}

static bool read_field(struct arena *a, struct slice *rest, enum why_field f, struct why_line *l)
{
	struct slice value;

	switch (fields[f].form) {
	case BRACKETS:
		if (!cut(rest, '[', ']', &value))
			return false;
		break;
	case REQUEST:
		if (!cut(rest, '"', '"', &value))
			return false;
		read_request(a, value, l);
		return true;
	case IN_REQUEST:
		return true;
	case QUOTED:
		if (!cut(rest, '"', '"', &value))
			return false;
		break;
	case BARE:
	default:
		value = slice_split(rest, ' ');
		if (!value.len)
			return false;
		break;
	}
	set(a, l, f, value);
	return true;
}

/* What kubectl puts before a line (a pod's name, a time) is not ours. */
static struct slice from_bracket(struct slice text)
{
	const ptrdiff_t at = slice_find(text, '[');

	return at > 0 && at < 200 ? slice_from(text, (size_t)at) : text;
}

static int read_text(struct arena *a, struct slice text, struct why_line *l, struct err *e)
{
	struct slice rest = from_bracket(text);

	for (size_t f = 0; f < WHY_FIELDS; f++) {
		if (read_field(a, &rest, (enum why_field)f, l))
			continue;
		/* Envoy's own lines end here. */
		if (f == WHY_REASON && !rest.len)
			return 0;
		return err_set(e, -EINVAL, "this is no line of an access log in Istio's text format: %s is missing",
			       fields[f].name);
	}
	return 0;
}

/* ---- JSON ---- */

static void read_member(struct arena *a, const cJSON *o, enum why_field f, struct why_line *l)
{
	const cJSON *v = json_get(o, fields[f].name);

	if (cJSON_IsString(v))
		set(a, l, f, slice_str(v->valuestring));
	else if (cJSON_IsNumber(v))
		l->f[f] = arena_printf(a, "%.0f", v->valuedouble);
}

static int read_json(struct arena *a, struct slice text, struct why_line *l, struct err *e)
{
	CLEANUP(json_freep) cJSON *o = NULL;
	int r = json_parse(text, WHY_TEXT_MAX_BYTES, &o, e);

	if (r < 0)
		return err_wrap(e, -EINVAL, "the line is not understood");
	for (size_t f = 0; f < WHY_FIELDS; f++)
		read_member(a, o, (enum why_field)f, l);
	if (!*l->f[WHY_CODE] && !*l->f[WHY_CLUSTER])
		return err_set(e, -EINVAL,
			       "this JSON has neither response_code nor upstream_cluster, as an access log's has");
	return 0;
}

int why_read_line(struct arena *a, struct slice text, struct why_line *ret, struct err *e)
{
	const ptrdiff_t brace = slice_find(text, '{'), bracket = slice_find(text, '[');

	for (size_t f = 0; f < WHY_FIELDS; f++)
		ret->f[f] = "";
	if (text.len > WHY_TEXT_MAX_BYTES)
		return err_set(e, -EINVAL, "the text is longer than %u bytes", WHY_TEXT_MAX_BYTES);
	text = without(text, " \t\r\n");
	if (brace >= 0 && (bracket < 0 || brace < bracket))
		return read_json(a, slice_from(text, (size_t)slice_find(text, '{')), ret, e);
	return read_text(a, slice_head(text, strcspn(arena_slicedup(a, text), "\r\n")), ret, e);
}
