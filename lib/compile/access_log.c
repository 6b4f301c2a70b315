/*
 * Access logs: to the file of the mesh's settings, or as Telemetry objects and the mesh's default providers have it. A
 * log that cannot be written is left out and told; the others stay.
 */
#include "compile/telemetry.h"

#include "cel/attributes.h"
#include "route/format.h"

#define STANDARD_OUTPUT "/dev/stdout"
/* Istio's own provider: to standard output, in the form of the mesh's settings. */
#define FILE_PROVIDER "envoy"

static const char text_format[] =
	"[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% "
	"%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "
	"\"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% "
	"%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" "
	"\"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER% "
	"%UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% "
	"%ROUTE_NAME%";
/* Ours says behind it why a request was answered by itself. */
static const char text_reason[] = " \"%RESP(X-WEFT-REASON)%\"";

static const struct str_pair json_format[] = {
	{"authority", "%REQ(:AUTHORITY)%"},
	{"bytes_received", "%BYTES_RECEIVED%"},
	{"bytes_sent", "%BYTES_SENT%"},
	{"connection_termination_details", "%CONNECTION_TERMINATION_DETAILS%"},
	{"downstream_local_address", "%DOWNSTREAM_LOCAL_ADDRESS%"},
	{"downstream_remote_address", "%DOWNSTREAM_REMOTE_ADDRESS%"},
	{"duration", "%DURATION%"},
	{"method", "%REQ(:METHOD)%"},
	{"path", "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"},
	{"protocol", "%PROTOCOL%"},
	{"request_id", "%REQ(X-REQUEST-ID)%"},
	{"requested_server_name", "%REQUESTED_SERVER_NAME%"},
	{"response_code", "%RESPONSE_CODE%"},
	{"response_code_details", "%RESPONSE_CODE_DETAILS%"},
	{"response_flags", "%RESPONSE_FLAGS%"},
	{"route_name", "%ROUTE_NAME%"},
	{"start_time", "%START_TIME%"},
	{"upstream_cluster", "%UPSTREAM_CLUSTER%"},
	{"upstream_host", "%UPSTREAM_HOST%"},
	{"upstream_local_address", "%UPSTREAM_LOCAL_ADDRESS%"},
	{"upstream_service_time", "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%"},
	{"upstream_transport_failure_reason", "%UPSTREAM_TRANSPORT_FAILURE_REASON%"},
	{"user_agent", "%REQ(USER-AGENT)%"},
	{"x_forwarded_for", "%REQ(X-FORWARDED-FOR)%"},
};

/* A format of the mesh settings that a proxy would refuse, with every listener, is not used. */
bool gen_log_format_ok(const char *text)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct format f;

	return format_parse(&a, slice_str(text), &f, NULL) == 0;
}

/* The members of a JSON log line: as written, else Istio's. */
static Google__Protobuf__Struct *json_members(struct gen *g, const cJSON *own)
{
	Google__Protobuf__Struct *s = pb_struct(g->arena);
	const cJSON *m;

	cJSON_ArrayForEach(m, own)
	{
		if (m->string && cJSON_IsString(m) && gen_log_format_ok(m->valuestring))
			pb_struct_set_string(g->arena, s, m->string, m->valuestring);
	}
	if (s->n_fields)
		return s;
	for (size_t i = 0; i < ARRAY_LEN(json_format); i++)
		pb_struct_set_string(g->arena, s, json_format[i].key, json_format[i].value);
	if (g->proxy->weft)
		pb_struct_set_string(g->arena, s, "reason", "%RESP(X-WEFT-REASON)%");
	return s;
}

/* ---- one log ---- */

#define LOG_FORMAT(x) ENVOY__CONFIG__CORE__V3__SUBSTITUTION_FORMAT_STRING__FORMAT_##x

static pb_format_string *json_log(struct gen *g, const cJSON *members)
{
	pb_format_string *f = pb_format_string_new(g->arena);

	f->format_case = LOG_FORMAT(JSON_FORMAT);
	f->json_format = json_members(g, members);
	return f;
}

const char *gen_log_text(struct gen *g, const char *own)
{
	return own && *own && gen_log_format_ok(own)
		       ? own
		       : arena_printf(g->arena, "%s%s\n", text_format, g->proxy->weft ? text_reason : "");
}

static pb_format_string *text_log(struct gen *g, const char *own)
{
	pb_format_string *f = pb_format_string_new(g->arena);

	f->format_case = LOG_FORMAT(TEXT_FORMAT_SOURCE);
	f->text_format_source = pb_data_source_new(g->arena);
	f->text_format_source->specifier_case = ENVOY__CONFIG__CORE__V3__DATA_SOURCE__SPECIFIER_INLINE_STRING;
	f->text_format_source->inline_string = pb_str(gen_log_text(g, own));
	return f;
}

static pb_format_string *mesh_format(struct gen *g)
{
	const struct istio_mesh_config *m = &gen_mesh(g)->spec;
	pb_format_string *f;
	cJSON *own;

	if (m->access_log_encoding != ISTIO_MESH_CONFIG_ACCESS_LOG_ENCODING_JSON)
		return text_log(g, m->access_log_format);
	own = m->access_log_format ? cJSON_Parse(m->access_log_format) : NULL;
	f = json_log(g, own);
	cJSON_Delete(own);
	return f;
}

static pb_access_log *file_log(struct gen *g, const char *path, pb_format_string *format)
{
	struct arena *a = g->arena;
	pb_access_log *l = pb_access_log_new(a);
	pb_file_log *f = pb_file_log_new(a);

	f->path = pb_str(path);
	f->access_log_format_case =
		ENVOY__EXTENSIONS__ACCESS_LOGGERS__FILE__V3__FILE_ACCESS_LOG__ACCESS_LOG_FORMAT_LOG_FORMAT;
	f->log_format = format;
	l->name = pb_str("envoy.access_loggers.file");
	l->config_type_case = ENVOY__CONFIG__ACCESSLOG__V3__ACCESS_LOG__CONFIG_TYPE_TYPED_CONFIG;
	l->typed_config = PB_ANY(a, f);
	return l;
}

/* ---- providers ---- */

static pb_access_log *of_file_provider(
	struct gen *g, const struct istio_mesh_config_extension_provider_envoy_file_access_log_provider *p)
{
	const struct istio_mesh_config_extension_provider_envoy_file_access_log_provider_log_format *f = p->log_format;
	const char *path = p->path && *p->path ? p->path : STANDARD_OUTPUT;

	return file_log(g, path, f && f->labels ? json_log(g, f->labels) : text_log(g, f ? f->text : NULL));
}

/* Why proxies would refuse the expression, or NULL. */
static const char *expression_fault(struct gen *g, const char *text)
{
	struct err e = ERR_INIT;

	return cel_compile(g->arena, &cel_attributes, slice_str(text), &e) ? NULL : arena_strdup(g->arena, e.msg);
}

/* What the filter asks of each exchange. */
static void set_filter(struct gen *g, pb_access_log *l, const struct gen_log *log)
{
	struct arena *a = g->arena;
	pb_log_expression *e = pb_log_expression_new(a);

	e->expression = pb_str(log->filter);
	l->filter = pb_log_filter_new(a);
	l->filter->filter_specifier_case =
		ENVOY__CONFIG__ACCESSLOG__V3__ACCESS_LOG_FILTER__FILTER_SPECIFIER_EXTENSION_FILTER;
	l->filter->extension_filter = pb_log_extension_new(a);
	l->filter->extension_filter->name = pb_str("envoy.access_loggers.extension_filters.cel");
	l->filter->extension_filter->config_type_case =
		ENVOY__CONFIG__ACCESSLOG__V3__EXTENSION_FILTER__CONFIG_TYPE_TYPED_CONFIG;
	l->filter->extension_filter->typed_config = PB_ANY(a, e);
}

static void tell(struct gen *g, const struct gen_log *log, const char *field, const char *text)
{
	if (log->object)
		gen_note(g, log->object, arena_printf(g->arena, "%s.%s", log->path, field), "%s", text);
}

/* NULL, which is told, when there is no such provider or it cannot be carried out. */
static pb_access_log *of_log(struct gen *g, const struct gen_log *log)
{
	const struct istio_mesh_config_extension_provider *p = gen_provider(g, log->provider);

	if (p && p->envoy_file_access_log)
		return of_file_provider(g, p->envoy_file_access_log);
	if (p && gen_log_collector(g, log->provider, &(struct gen_collector){0}))
		return gen_log_service(g, p);
	if (!p && strcmp(log->provider, FILE_PROVIDER) == 0)
		return file_log(g, STANDARD_OUTPUT, mesh_format(g));
	tell(g, log, "providers",
	     arena_printf(g->arena,
			  p ? "extension provider %s is none of access logs, or names no service"
			    : "the mesh has no extension provider %s",
			  log->provider));
	return NULL;
}

static size_t logs_make(struct gen *g, enum gen_side side, pb_access_log ***ret)
{
	const struct gen_logs logs = gen_logs_of(g, side);
	const char *path = gen_mesh(g)->spec.access_log_file;
	size_t n = 0;

	*ret = ARENA_NEW_N(g->arena, pb_access_log *, logs.n + 1);
	if (!logs.told && path && *path)
		(*ret)[n++] = file_log(g, path, mesh_format(g));
	for (size_t i = 0; i < logs.n; i++) {
		const char *fault = logs.v[i].filter ? expression_fault(g, logs.v[i].filter) : NULL;
		pb_access_log *l = of_log(g, &logs.v[i]);

		if (fault)
			tell(g, &logs.v[i], "filter.expression", fault);
		if (!l || fault)
			continue;
		if (logs.v[i].filter)
			set_filter(g, l, &logs.v[i]);
		(*ret)[n++] = l;
	}
	return n;
}

/* All chains of a side say the same. */
size_t gen_access_logs(struct gen *g, enum gen_side side, pb_access_log ***ret)
{
	if (!g->logs_known[side])
		g->n_logs[side] = logs_make(g, side, &g->logs[side]);
	g->logs_known[side] = true;
	*ret = g->logs[side];
	return g->n_logs[side];
}
