/*
 * A line of an access log: its fields in words, and what its flags and details mean. Lines are Istio's default text,
 * with or without what a log collector put before it, or JSON with the fields' usual names.
 */
#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "ctl/core/report.h"
#include "ctl/explain/explain_internal.h"
#include "ctl/explain/flags.h"
#include "ctl/explain/happened.h"
#include "msg/json.h"

#define LOG_LINE_MAX (64u << 10)

/* The fields of the text, in their order; the names are those of the JSON form. */
static const struct {
	const char *name, *label;
	bool quoted;
} fields[] = {
	{"request", "request", true}, /* method, path and protocol */
	{"response_code", "status", false},
	{"response_flags", "flags", false},
	{"response_code_details", "detail", false},
	{"connection_termination_details", "connection", false},
	{"upstream_transport_failure_reason", "transport", true},
	{"bytes_received", "received", false},
	{"bytes_sent", "sent", false},
	{"duration", "duration", false},
	{"upstream_service_time", "upstream", false},
	{"x_forwarded_for", "forwarded for", true},
	{"user_agent", "agent", true},
	{"request_id", "request id", true},
	{"authority", "host", true},
	{"upstream_host", "endpoint", true},
	{"upstream_cluster", "cluster", false},
	{"upstream_local_address", "from", false},
	{"downstream_local_address", "to", false},
	{"downstream_remote_address", "client", false},
	{"requested_server_name", "server name", false},
	{"route_name", "route", false},
	{"weft_reason", "reason", true},
};

struct line {
	struct ctl *c;
	const char *values[ARRAY_LEN(fields)]; /* NULL: not there */
	struct arena a;
};

static const char *get(const struct line *l, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (!strcmp(fields[i].name, name))
			return l->values[i] && strcmp(l->values[i], "-") != 0 ? l->values[i] : NULL;
	return NULL;
}

/* --- reading --- */

/* The next field; ptr NULL when the line ends before it. */
static struct slice next(struct slice *rest)
{
	struct slice out;
	ptrdiff_t end;

	*rest = slice_trim(*rest);
	if (!rest->len)
		return slice_make(NULL, 0);
	if (rest->ptr[0] == '"') {
		*rest = slice_from(*rest, 1);
		end = slice_find(*rest, '"');
		if (end < 0)
			return slice_make(NULL, 0);
		out = slice_head(*rest, (size_t)end);
		*rest = slice_from(*rest, (size_t)end + 1);
		return out;
	}
	return slice_split(rest, ' ');
}

/* Details may hold spaces inside braces; flags and codes never do. */
static struct slice with_braces(struct slice word, struct slice *rest)
{
	const char *open = word.len ? memchr(word.ptr, '{', word.len) : NULL;
	const char *end;

	if (!open || memchr(word.ptr, '}', word.len))
		return word;
	end = memchr(rest->ptr, '}', rest->len);
	if (!end)
		return word;
	word = slice_make(word.ptr, (size_t)(end + 1 - word.ptr));
	*rest = slice_from(*rest, (size_t)(end + 1 - rest->ptr));
	return word;
}

/* "[time] ..." begins it; whatever a collector wrote before that is passed over. */
static int read_text(struct line *l, const char *text, struct err *e)
{
	const char *at = text;
	struct slice rest;

	while ((at = strchr(at, '[')) && !isdigit((unsigned char)at[1]))
		at++;
	if (!at || !strchr(at, ']'))
		return err_set(e, -EINVAL, "it does not begin with [time] as lines of an access log do");
	rest = slice_str(strchr(at, ']') + 1);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		struct slice word = next(&rest);

		if (!word.ptr)
			return i >= 3 ? 0 : err_set(e, -EINVAL, "it ends before the field %s", fields[i].label);
		if (!fields[i].quoted)
			word = with_braces(word, &rest);
		l->values[i] = arena_slicedup(&l->a, word);
	}
	return 0;
}

static const char *json_text(struct line *l, const cJSON *v)
{
	if (cJSON_IsString(v))
		return arena_strdup(&l->a, v->valuestring);
	return cJSON_IsNumber(v) ? arena_printf(&l->a, "%lld", (long long)v->valuedouble) : NULL;
}

static int read_json(struct line *l, const char *text, struct err *e)
{
	CLEANUP(json_freep) cJSON *o = NULL;
	const int r = json_parse(slice_str(strchr(text, '{')), LOG_LINE_MAX, &o, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		l->values[i] = json_text(l, json_get(o, fields[i].name));
	l->values[0] = arena_printf(&l->a, "%s %s %s", json_str_or_empty(o, "method"), json_str_or_empty(o, "path"),
				    json_str_or_empty(o, "protocol"));
	return l->values[1] ? 0 : err_set(e, -EINVAL, "it has no field response_code");
}

/* --- telling --- */

static void tell(struct line *l, const char *what, const char *value, const char *text)
{
	cJSON *row = cJSON_CreateObject();

	json_set_str(row, "field", what);
	json_set_str(row, "value", value);
	json_set_str(row, "text", text);
	ctl_report_add(l->c->report, row);
}

/* "outbound|80|v1|cart.shop.svc.cluster.local" */
static const char *cluster_text(struct line *l, const char *name)
{
	struct slice rest = slice_str(name), part[4];

	for (size_t i = 0; i < 4; i++)
		part[i] = slice_split(&rest, '|');
	if (slice_eq_str(part[0], "inbound"))
		return arena_printf(&l->a, "the application beside this proxy, port %.*s", SLICE_ARG(part[1]));
	if (!slice_eq_str(part[0], "outbound"))
		return "";
	return arena_printf(&l->a, "%.*s, port %.*s%s%.*s", SLICE_ARG(part[3]), SLICE_ARG(part[1]),
			    part[2].len ? ", subset " : "", SLICE_ARG(part[2]));
}

static void tell_flags(struct line *l)
{
	struct slice rest = slice_str(get(l, "response_flags"));

	while (rest.len) {
		const struct slice one = slice_split(&rest, ',');
		const struct explain_flag *f = explain_flag(one);

		tell(l, "flag", arena_slicedup(&l->a, one),
		     f ? arena_printf(&l->a, "%s Look at: %s", f->happened, f->look) : "not a flag of Weft's proxies");
	}
}

static void tell_detail(struct line *l)
{
	const char *detail = get(l, "response_code_details");
	const struct explain_detail *d = detail ? explain_detail(slice_str(detail)) : NULL;

	if (detail)
		tell(l, "detail", detail, d ? d->text : "");
}

static void tell_fields(struct line *l)
{
	static const struct {
		const char *name, *what, *unit;
	} rows[] = {
		{"request", "request", ""},
		{"response_code", "status", ""},
		{"duration", "duration", " ms"},
		{"upstream_service_time", "upstream", " ms until the endpoint answered"},
		{"authority", "host", ""},
		{"downstream_remote_address", "client", ""},
		{"upstream_host", "endpoint", ""},
		{"route_name", "route", ""},
		{"request_id", "request id", ""},
	};
	const char *cluster = get(l, "upstream_cluster");

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (get(l, rows[i].name))
			tell(l, rows[i].what, arena_printf(&l->a, "%s%s", get(l, rows[i].name), rows[i].unit), "");
	if (cluster)
		tell(l, "cluster", cluster, cluster_text(l, cluster));
}

static void conclude(struct line *l)
{
	const char *code = get(l, "response_code"), *reason = get(l, "weft_reason");

	if (reason)
		ctl_report_end(l->c->report, "%s", reason);
	else if (get(l, "response_flags"))
		ctl_report_end(l->c->report, "The request ended at the proxy that wrote this line.");
	else if (get(l, "response_code_details") && !strcmp(get(l, "response_code_details"), "via_upstream"))
		ctl_report_end(l->c->report, "This proxy passed on what the next one answered: %s.", code ? code : "-");
	else
		ctl_report_end(l->c->report, "The proxy that wrote this line answered itself: %s.", code ? code : "-");
}

static int read_line(struct line *l, const char *line, struct err *e)
{
	const char *brace = strchr(line, '{'), *bracket = strchr(line, '[');
	const bool json = brace && (!bracket || brace < bracket);

	if (strlen(line) > LOG_LINE_MAX)
		return err_set(e, -EMSGSIZE, "it has more than %u bytes", LOG_LINE_MAX);
	return json ? read_json(l, line, e) : read_text(l, line, e);
}

void explain_lines_begin(struct ctl *c)
{
	static const struct ctl_column columns[] = {{"FIELD", "field", 10}, {"VALUE", "value", 36}, {"", "text", 0}};

	c->report = ctl_report_new(c->out, c->o.format, columns, ARRAY_LEN(columns));
}

static void tell_line(struct line *l)
{
	tell_fields(l);
	tell_flags(l);
	tell_detail(l);
}

enum ctl_status explain_log(struct ctl *c, const char *line)
{
	struct line l = {.c = c};
	struct err e = ERR_INIT;

	if (read_line(&l, line, &e) < 0) {
		fprintf(c->err, "%s explain --log: %s\n", c->name, e.msg);
		arena_done(&l.a);
		return CTL_USAGE;
	}
	explain_lines_begin(c);
	tell_line(&l);
	conclude(&l);
	arena_done(&l.a);
	return CTL_OK;
}

void explain_line(struct ctl *c, const char *pod, const char *time, const char *line)
{
	struct line l = {.c = c};
	struct err e = ERR_INIT;

	tell(&l, "proxy", pod, time);
	if (read_line(&l, line, &e) < 0)
		tell(&l, "line", line, arena_printf(&l.a, "it cannot be read: %s", e.msg));
	else
		tell_line(&l);
	if (get(&l, "weft_reason"))
		tell(&l, "reason", get(&l, "weft_reason"), "");
	arena_done(&l.a);
}

void explain_lines_end(struct ctl *c, size_t hops, size_t read, size_t refused)
{
	ctl_report_end(c->report, "%zu lines in %zu logs%s.", hops, read,
		       refused ? "; others may not be read, so hops may be missing" : "");
}
