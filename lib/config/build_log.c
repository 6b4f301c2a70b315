/*
 * Access logs: file, standard output and error, with a text or a JSON format; services are build_log_service.c's,
 * filters build_log_filter.c's. A JSON format becomes one format string whose literals hold the braces and keys, so
 * that writing a line is the same walk for both.
 */
#include "cel/attributes.h"
#include "config/build_internal.h"

#include "envoy/extensions/access_loggers/file/v3/file.pb-c.h"
#include "envoy/extensions/access_loggers/stream/v3/stream.pb-c.h"

#define FILELOG(T) Envoy__Extensions__AccessLoggers__File__V3__##T
#define STREAMLOG(T) Envoy__Extensions__AccessLoggers__Stream__V3__##T

/* Envoy's default text format, used when none is given. */
static const char default_format[] =
	"[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% "
	"%RESPONSE_FLAGS% %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "
	"\"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" "
	"\"%UPSTREAM_HOST%\"\n";

static void append_json_text(struct buf *out, const char *s)
{
	buf_append_char(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_append_char(out, '\\');
		if ((unsigned char)*s >= 0x20)
			buf_append_char(out, *s);
	}
	buf_append_char(out, '"');
}

/* "%...%" and nothing else: its value stands for the whole text, and is a number or null where it is none. */
static bool is_one_command(const char *s)
{
	const size_t n = strlen(s);

	return n > 2 && s[0] == '%' && strchr(s + 1, '%') == s + n - 1;
}

static void append_json_value(struct buf *out, const Google__Protobuf__Value *v);

static void append_json_object(struct buf *out, const Google__Protobuf__Struct *s)
{
	buf_append_char(out, '{');
	for (size_t i = 0; s && i < s->n_fields; i++) {
		if (i)
			buf_append_char(out, ',');
		append_json_text(out, s->fields[i]->key);
		buf_append_char(out, ':');
		append_json_value(out, s->fields[i]->value);
	}
	buf_append_char(out, '}');
}

static void append_json_value(struct buf *out, const Google__Protobuf__Value *v)
{
	switch (v ? v->kind_case : GOOGLE__PROTOBUF__VALUE__KIND_NULL_VALUE) {
	case GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE:
		if (is_one_command(v->string_value))
			buf_append_str(out, v->string_value);
		else
			append_json_text(out, v->string_value);
		break;
	case GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE:
		buf_printf(out, "%g", v->number_value);
		break;
	case GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE:
		buf_append_str(out, v->bool_value ? "true" : "false");
		break;
	case GOOGLE__PROTOBUF__VALUE__KIND_STRUCT_VALUE:
		append_json_object(out, v->struct_value);
		break;
	default:
		buf_append_str(out, "null");
	}
}

static int json_format(struct build_ctx *x, const Google__Protobuf__Struct *s, struct config_access_log *ret,
		       struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	append_json_object(&text, s);
	buf_append_char(&text, '\n');
	ret->json = true;
	return format_parse(x->out, buf_slice(&text), &ret->format, e);
}

static int substitution_format(struct build_ctx *x, const CORE(SubstitutionFormatString) * f,
			       struct config_access_log *ret, struct err *e)
{
	struct slice text;
	int r;

	if (!f)
		return format_parse(x->out, slice_str(default_format), &ret->format, e);
	if (f->format_case == ENVOY__CONFIG__CORE__V3__SUBSTITUTION_FORMAT_STRING__FORMAT_JSON_FORMAT)
		return json_format(x, f->json_format, ret, e);
	r = build_data_source(x, f->text_format_source, &text, e);
	return r < 0 ? r : format_parse(x->out, text, &ret->format, e);
}

static int file_log(struct build_ctx *x, const FILELOG(FileAccessLog) * m, struct config_access_log *ret, struct err *e)
{
	ret->path = build_str(x, m->path);
	switch (m->access_log_format_case) {
	case ENVOY__EXTENSIONS__ACCESS_LOGGERS__FILE__V3__FILE_ACCESS_LOG__ACCESS_LOG_FORMAT_FORMAT:
		return format_parse(x->out, slice_str(m->format), &ret->format, e);
	case ENVOY__EXTENSIONS__ACCESS_LOGGERS__FILE__V3__FILE_ACCESS_LOG__ACCESS_LOG_FORMAT_JSON_FORMAT:
		return json_format(x, m->json_format, ret, e);
	case ENVOY__EXTENSIONS__ACCESS_LOGGERS__FILE__V3__FILE_ACCESS_LOG__ACCESS_LOG_FORMAT_TYPED_JSON_FORMAT:
		return json_format(x, m->typed_json_format, ret, e);
	case ENVOY__EXTENSIONS__ACCESS_LOGGERS__FILE__V3__FILE_ACCESS_LOG__ACCESS_LOG_FORMAT_LOG_FORMAT:
		return substitution_format(x, m->log_format, ret, e);
	default:
		return substitution_format(x, NULL, ret, e);
	}
}

/* Standard output or error. */
static int stream_log(struct build_ctx *x, const char *path, const CORE(SubstitutionFormatString) * format,
		      struct config_access_log *ret, struct err *e)
{
	ret->path = path;
	return substitution_format(x, format, ret, e);
}

static int access_log(struct build_ctx *x, const Envoy__Config__Accesslog__V3__AccessLog *m,
		      struct config_access_log *ret, struct err *e)
{
	static const ProtobufCMessageDescriptor *const types[] = {
		&envoy__extensions__access_loggers__file__v3__file_access_log__descriptor,
		&envoy__extensions__access_loggers__stream__v3__stdout_access_log__descriptor,
		&envoy__extensions__access_loggers__stream__v3__stderr_access_log__descriptor,
	};
	const char *type = build_inner_type(x, m->typed_config);
	int r = build_log_filter(x, m->filter, &ret->filter, e);
	size_t i = 0;
	void *logger;

	if (r == 0)
		r = build_log_service(x, m->typed_config, ret, e);
	if (r != 0)
		return MIN(r, 0);
	while (i < ARRAY_LEN(types) && strcmp(types[i]->name, type) != 0)
		i++;
	if (i == ARRAY_LEN(types))
		return err_set(e, -EINVAL, "access logger %s is not supported", type);
	logger = build_any(x, m->typed_config, types[i], e);
	if (!logger)
		return -EINVAL;
	if (i == 0)
		return file_log(x, logger, ret, e);
	return i == 1 ? stream_log(x, "/dev/stdout", ((const STREAMLOG(StdoutAccessLog) *)logger)->log_format, ret, e)
		      : stream_log(x, "/dev/stderr", ((const STREAMLOG(StderrAccessLog) *)logger)->log_format, ret, e);
}

/* ---- what is kept of responses ---- */

struct fields {
	struct config_log_field *v;
	size_t n, room;
};

static void add_field(struct build_ctx *x, struct fields *f, struct slice name, bool trailer)
{
	struct config_log_field *more;
	char *lower = arena_slicedup(x->out, name);

	for (char *c = lower; *c; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c | 0x20) : *c;
	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].trailer == trailer && slice_eq(f->v[i].name, slice_str(lower)))
			return;
	if (f->n == f->room) {
		more = ARENA_NEW_N(x->out, struct config_log_field, f->room * 2 + 4);
		if (f->n)
			memcpy(more, f->v, f->n * sizeof(*more));
		f->room = f->room * 2 + 4;
		f->v = more;
	}
	f->v[f->n++] = (struct config_log_field){slice_str(lower), trailer};
}

static void add_format(struct build_ctx *x, struct fields *f, const struct format *format)
{
	for (size_t i = 0; i < format->n; i++) {
		const struct format_part *p = &format->parts[i];

		if (p->command == FORMAT_TRAILER)
			add_field(x, f, p->arg, true);
		if (p->command != FORMAT_RESP)
			continue;
		add_field(x, f, p->arg, false);
		if (p->alt.len)
			add_field(x, f, p->alt, false);
	}
}

void build_log_fields(struct build_ctx *x, const struct config_access_log *logs, size_t n,
		      struct config_log_field **ret, size_t *ret_n)
{
	struct fields f = {0};

	for (size_t i = 0; i < n; i++) {
		const struct config_log_service *s = logs[i].service;

		add_format(x, &f, &logs[i].format);
		for (size_t k = 0; s && k < s->n_labels; k++)
			add_format(x, &f, &s->labels[k].value);
		for (size_t k = 0; s && k < s->n_response_headers; k++)
			add_field(x, &f, s->response_headers[k], false);
		for (size_t k = 0; s && k < s->n_response_trailers; k++)
			add_field(x, &f, s->response_trailers[k], true);
	}
	*ret = f.v;
	*ret_n = f.n;
}

static bool label_reads(const struct config_http_filter *f, const char *member)
{
	const struct filter_stats *stats = f->kind == FILTER_STATS ? f->config : NULL;

	for (size_t i = 0; stats && stats->changes && i < stats->changes->n_tags; i++)
		if (stats->changes->tags[i].value && cel_reads(stats->changes->tags[i].value, CEL_RESPONSE, member))
			return true;
	return false;
}

static bool filter_reads(const struct config_log_filter *f, const char *member)
{
	if (f->expression && cel_reads(f->expression, CEL_RESPONSE, member))
		return true;
	for (size_t i = 0; i < f->n; i++)
		if (filter_reads(&f->of[i], member))
			return true;
	return false;
}

static bool expression_reads(const struct config_hcm *h, const char *member)
{
	for (size_t i = 0; i < h->n_logs; i++)
		if (h->logs[i].filter && filter_reads(h->logs[i].filter, member))
			return true;
	for (size_t i = 0; i < h->n_filters; i++)
		if (label_reads(&h->filters[i], member))
			return true;
	return false;
}

void build_kept(struct config_hcm *h)
{
	h->keep_head = expression_reads(h, "headers");
	h->keep_trailers = expression_reads(h, "trailers");
}

int build_access_logs(struct build_ctx *x, Envoy__Config__Accesslog__V3__AccessLog **v, size_t n,
		      struct config_access_log **ret, size_t *ret_n, struct err *e)
{
	*ret = ARENA_NEW_N(x->out, struct config_access_log, n);
	for (size_t i = 0; i < n; i++) {
		int r = access_log(x, v[i], &(*ret)[i], e);
		if (r < 0)
			return err_wrap(e, r, "access_log[%zu]", i);
	}
	*ret_n = n;
	return 0;
}
