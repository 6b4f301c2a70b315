/* What Jaeger's query API answers, from the rows: https://www.jaegertracing.io/docs/apis (the HTTP JSON of its pages).
 */
#include "console/store/store_internal.h"

#include <inttypes.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "msg/json.h"

#define CLEANUP_QUERY __attribute__((cleanup(store_finalizep)))
/* Dependencies are counted among the newest spans. */
#define DEPENDENCY_SPANS 20000

/* One row of a trace; texts are in the arena. */
struct row {
	uint8_t span[8], parent[8], own[8]; /* own: the identifier that is shown */
	bool has_parent, error;
	int kind;
	int64_t start_us, duration_us;
	struct slice service, name, tags, process;
	size_t process_number;
};

struct rows {
	struct arena arena;
	VEC(struct row) v;
};

static void rows_done(struct rows *r)
{
	vec_done(&r->v);
	arena_done(&r->arena);
}

static struct slice column(struct arena *a, sqlite3_stmt *q, int i)
{
	const struct slice s = slice_make(sqlite3_column_text(q, i), (size_t)sqlite3_column_bytes(q, i));

	return slice_make(arena_slicedup(a, s), s.len);
}

static void column_id(sqlite3_stmt *q, int i, uint8_t out[8])
{
	if (sqlite3_column_bytes(q, i) == 8)
		memcpy(out, sqlite3_column_blob(q, i), 8);
}

static int read_rows(struct span_store *s, const uint8_t trace[16], struct rows *out, struct err *e)
{
	CLEANUP_QUERY sqlite3_stmt *q = NULL;
	int r = store_prepare(
		s,
		"SELECT span, parent, service, name, kind, start, duration, error, tags, process FROM spans"
		" WHERE trace = ? ORDER BY start LIMIT ?",
		&q, e);

	if (r < 0)
		return r;
	sqlite3_bind_blob(q, 1, trace, 16, SQLITE_STATIC);
	sqlite3_bind_int64(q, 2, SPAN_QUERY_SPANS_MAX);
	while ((r = sqlite3_step(q)) == SQLITE_ROW) {
		struct row *x = vec_add(&out->v);

		column_id(q, 0, x->span);
		column_id(q, 1, x->parent);
		memcpy(x->own, x->span, 8);
		x->has_parent = sqlite3_column_type(q, 1) != SQLITE_NULL;
		x->service = column(&out->arena, q, 2);
		x->name = column(&out->arena, q, 3);
		x->kind = sqlite3_column_int(q, 4);
		x->start_us = sqlite3_column_int64(q, 5);
		x->duration_us = sqlite3_column_int64(q, 6);
		x->error = sqlite3_column_int(q, 7);
		x->tags = column(&out->arena, q, 8);
		x->process = column(&out->arena, q, 9);
	}
	return r == SQLITE_DONE ? 0 : store_error(s, "a trace", e);
}

/*
 * Zipkin's two sides of a call may share one identifier. The server's then gets one of its own, made of the shared one,
 * with the client's as its parent; what had the shared one as its parent hangs below the server.
 */
static void part_shared(struct rows *rows)
{
	CLEANUP(map_done) struct map clients = {0}, servers = {0};

	for (size_t i = 0; i < rows->v.n; i++)
		if (rows->v.v[i].kind == SPAN_KIND_CLIENT)
			map_set(&clients, slice_make(rows->v.v[i].span, 8), &rows->v.v[i]);
	for (size_t i = 0; i < rows->v.n; i++) {
		struct row *x = &rows->v.v[i];

		if (x->kind != SPAN_KIND_SERVER || !map_get(&clients, slice_make(x->span, 8)))
			continue;
		memcpy(x->parent, x->span, 8);
		x->has_parent = true;
		for (size_t k = 0; k < 8; k++)
			x->own[k] = x->span[k] ^ 0xa5;
		map_set(&servers, slice_make(x->span, 8), x);
	}
	for (size_t i = 0; i < rows->v.n; i++) {
		struct row *x = &rows->v.v[i];
		const struct row *server = x->has_parent ? map_get(&servers, slice_make(x->parent, 8)) : NULL;

		if (server && server != x && memcmp(x->parent, server->own, 8) != 0)
			memcpy(x->parent, server->own, 8);
	}
}

static void put_hex(struct buf *out, const uint8_t *id, size_t size)
{
	for (size_t i = 0; i < size; i++)
		buf_printf(out, "%02x", id[i]);
}

/* As Jaeger prints them: 16 digits where the upper half is zero. */
static void put_trace_id(struct buf *out, const uint8_t id[16])
{
	static const uint8_t zero[8];

	if (memcmp(id, zero, 8) == 0)
		put_hex(out, id + 8, 8);
	else
		put_hex(out, id, 16);
}

static void put_own_tags(struct buf *out, const struct row *x)
{
	const char *kind = span_kind_str((enum span_kind)x->kind);
	struct slice rest = slice_from(x->tags, 1); /* without '[' */

	buf_append_char(out, '[');
	if (kind)
		buf_printf(out, "{\"key\":\"span.kind\",\"type\":\"string\",\"value\":\"%s\"}%s", kind,
			   rest.len > 1 ? "," : "");
	buf_append_slice(out, rest);
}

static void put_row(struct buf *out, const uint8_t trace[16], const struct row *x)
{
	buf_append_str(out, "{\"traceID\":\"");
	put_trace_id(out, trace);
	buf_append_str(out, "\",\"spanID\":\"");
	put_hex(out, x->own, 8);
	buf_append_str(out, "\",\"flags\":1,\"operationName\":");
	store_put_json(out, x->name);
	buf_append_str(out, ",\"references\":[");
	if (x->has_parent) {
		buf_append_str(out, "{\"refType\":\"CHILD_OF\",\"traceID\":\"");
		put_trace_id(out, trace);
		buf_append_str(out, "\",\"spanID\":\"");
		put_hex(out, x->parent, 8);
		buf_append_str(out, "\"}");
	}
	buf_printf(out, "],\"startTime\":%" PRId64 ",\"duration\":%" PRId64 ",\"tags\":", x->start_us, x->duration_us);
	put_own_tags(out, x);
	buf_printf(out, ",\"logs\":[],\"processID\":\"p%zu\",\"warnings\":null}", x->process_number);
}

/* A process for each service and address. */
static void put_processes(struct buf *out, struct rows *rows)
{
	CLEANUP(map_done) struct map seen = {0};
	size_t n = 0;

	buf_append_str(out, "],\"processes\":{");
	for (size_t i = 0; i < rows->v.n; i++) {
		struct row *x = &rows->v.v[i];
		const struct slice key = slice_str(
			arena_printf(&rows->arena, "%.*s %.*s", SLICE_ARG(x->service), SLICE_ARG(x->process)));
		const struct row *old = map_get(&seen, key);

		if (old) {
			x->process_number = old->process_number;
			continue;
		}
		x->process_number = ++n;
		map_set(&seen, key, x);
		buf_printf(out, "%s\"p%zu\":{\"serviceName\":", n > 1 ? "," : "", n);
		store_put_json(out, x->service);
		buf_append_str(out, ",\"tags\":");
		buf_append_slice(out, x->process);
		buf_append_char(out, '}');
	}
	buf_append_str(out, "},\"warnings\":null}");
}

static int put_trace(struct span_store *s, const uint8_t trace[16], struct buf *out, struct err *e)
{
	CLEANUP(rows_done) struct rows rows = {0};
	CLEANUP(buf_done) struct buf processes = BUF_INIT;
	int r = read_rows(s, trace, &rows, e);

	if (r < 0)
		return r;
	if (!rows.v.n)
		return err_set(e, -ENOENT, "trace not found");
	part_shared(&rows);
	put_processes(&processes, &rows);
	buf_append_str(out, "{\"traceID\":\"");
	put_trace_id(out, trace);
	buf_append_str(out, "\",\"spans\":[");
	for (size_t i = 0; i < rows.v.n; i++) {
		if (i)
			buf_append_char(out, ',');
		put_row(out, trace, &rows.v.v[i]);
	}
	buf_append_slice(out, buf_slice(&processes));
	return 0;
}

static void put_end(struct buf *out, size_t total)
{
	buf_printf(out, "],\"total\":%zu,\"limit\":0,\"offset\":0,\"errors\":null}", total);
}

int span_store_trace(struct span_store *s, const uint8_t trace_id[16], struct buf *out, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	int r;

	buf_append_str(&text, "{\"data\":[");
	r = put_trace(s, trace_id, &text, e);
	if (r < 0)
		return r;
	put_end(&text, 1);
	buf_append_slice(out, buf_slice(&text));
	return 0;
}

/* ---- searching ---- */

/* What stands in JSON, and in SQL, as it is. */
#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:/"

static void add_tags(struct buf *sql, const cJSON *tags)
{
	JSON_EACH(x, cJSON_IsObject(tags) ? tags : NULL)
	if (cJSON_IsString(x))
		buf_append_str(sql, " AND EXISTS(SELECT 1 FROM json_each(spans.tags) AS t WHERE"
				    " json_extract(t.value, '$.key') = ? AND"
				    " CASE json_extract(t.value, '$.type') WHEN 'bool' THEN"
				    " iif(json_extract(t.value, '$.value'), 'true', 'false')"
				    " ELSE CAST(json_extract(t.value, '$.value') AS TEXT) END = ?)");
}

/* Without a service all spans are looked at: what does not hold the text is not taken apart. */
static void add_text_filters(struct buf *sql, const cJSON *tags)
{
	JSON_EACH(x, cJSON_IsObject(tags) ? tags : NULL)
	if (cJSON_IsString(x) && *x->valuestring && strspn(x->valuestring, PLAIN) == strlen(x->valuestring))
		buf_printf(sql, " AND instr(spans.tags, '%s')", x->valuestring);
}

static int prepare_search(struct span_store *s, const struct span_query *q, sqlite3_stmt **ret, struct err *e)
{
	CLEANUP(buf_done) struct buf sql = BUF_INIT;
	int r, at = 6;

	buf_printf(&sql, "SELECT trace FROM spans WHERE %s AND start BETWEEN ?2 AND ?3 AND duration BETWEEN ?4 AND ?5",
		   q->service.len ? "service = ?1" : "1");
	if (!q->service.len)
		add_text_filters(&sql, q->tags);
	if (q->operation.len)
		buf_append_str(&sql, " AND name = ?6");
	add_tags(&sql, q->tags);
	buf_append_str(&sql, " GROUP BY trace ORDER BY max(start) DESC LIMIT ?");
	r = store_prepare(s, buf_str(&sql), ret, e);
	if (r < 0)
		return r;
	store_bind_slice(*ret, 1, q->service);
	sqlite3_bind_int64(*ret, 2, q->start_us);
	sqlite3_bind_int64(*ret, 3, q->end_us > 0 ? q->end_us : INT64_MAX);
	sqlite3_bind_int64(*ret, 4, q->min_us);
	sqlite3_bind_int64(*ret, 5, q->max_us > 0 ? q->max_us : INT64_MAX);
	if (q->operation.len)
		store_bind_slice(*ret, at++, q->operation);
	JSON_EACH(x, cJSON_IsObject(q->tags) ? q->tags : NULL)
	if (cJSON_IsString(x)) {
		store_bind_slice(*ret, at++, slice_str(x->string));
		store_bind_slice(*ret, at++, slice_str(x->valuestring));
	}
	sqlite3_bind_int64(
		*ret, at, (sqlite3_int64)(q->limit ? MIN(q->limit, SPAN_QUERY_TRACES_MAX) : SPAN_QUERY_TRACES_DEFAULT));
	return 0;
}

int span_store_traces(struct span_store *s, const struct span_query *q, struct buf *out, struct err *e)
{
	CLEANUP_QUERY sqlite3_stmt *found = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	size_t n = 0;
	int step, r = prepare_search(s, q, &found, e);

	if (r < 0)
		return r;
	buf_append_str(&text, "{\"data\":[");
	while (text.len < SPAN_QUERY_ANSWER_MAX_BYTES && (step = sqlite3_step(found)) == SQLITE_ROW) {
		uint8_t trace[16];

		if (sqlite3_column_bytes(found, 0) != 16)
			continue;
		memcpy(trace, sqlite3_column_blob(found, 0), 16);
		if (n++)
			buf_append_char(&text, ',');
		r = put_trace(s, trace, &text, e);
		if (r < 0)
			return r;
	}
	if (text.len < SPAN_QUERY_ANSWER_MAX_BYTES && step != SQLITE_DONE)
		return store_error(s, "searching traces", e);
	put_end(&text, n);
	buf_append_slice(out, buf_slice(&text));
	return 0;
}

/* ---- names ---- */

int span_store_services(struct span_store *s, struct buf *out, struct err *e)
{
	CLEANUP_QUERY sqlite3_stmt *q = NULL;
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	/* From one name to the next along the index, however many spans each has. */
	int r = store_prepare(s,
			      "WITH RECURSIVE n(x) AS (SELECT min(service) FROM spans UNION ALL SELECT (SELECT"
			      " min(service) FROM spans WHERE service > x) FROM n WHERE x IS NOT NULL LIMIT ?)"
			      " SELECT x FROM n WHERE x IS NOT NULL",
			      &q, e);
	size_t n = 0;

	if (r < 0)
		return r;
	sqlite3_bind_int64(q, 1, SPAN_QUERY_NAMES_MAX);
	buf_append_str(out, "{\"data\":[");
	while (sqlite3_step(q) == SQLITE_ROW) {
		if (n++)
			buf_append_char(out, ',');
		store_put_json(out, column(&a, q, 0));
	}
	put_end(out, n);
	return 0;
}

int span_store_operations(struct span_store *s, struct slice service, bool kinds, struct buf *out, struct err *e)
{
	CLEANUP_QUERY sqlite3_stmt *q = NULL;
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	int r = store_prepare(
		s,
		kinds ? "SELECT DISTINCT name, kind FROM spans WHERE service = ? ORDER BY name, kind LIMIT ?"
		      : "SELECT DISTINCT name FROM spans WHERE service = ? ORDER BY name LIMIT ?",
		&q, e);
	size_t n = 0;

	if (r < 0)
		return r;
	store_bind_slice(q, 1, service);
	sqlite3_bind_int64(q, 2, SPAN_QUERY_NAMES_MAX);
	buf_append_str(out, "{\"data\":[");
	while (sqlite3_step(q) == SQLITE_ROW) {
		const char *kind = kinds ? span_kind_str((enum span_kind)sqlite3_column_int(q, 1)) : NULL;

		buf_append_str(out, n++ ? "," : "");
		buf_append_str(out, kinds ? "{\"name\":" : "");
		store_put_json(out, column(&a, q, 0));
		if (kinds)
			buf_printf(out, ",\"spanKind\":\"%s\"}", kind ? kind : "");
	}
	put_end(out, n);
	return 0;
}

int span_store_dependencies(struct span_store *s, int64_t start_us, int64_t end_us, struct buf *out, struct err *e)
{
	CLEANUP_QUERY sqlite3_stmt *q = NULL;
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	/* The parent, or with a shared identifier the client's side. */
	int r = store_prepare(
		s,
		"SELECT p.service, c.service, count(*) FROM spans AS c JOIN spans AS p ON p.trace = c.trace AND"
		" (p.span = c.parent OR (p.span = c.span AND p.kind = 3 AND c.kind = 2))"
		" WHERE c.id > (SELECT max(id) FROM spans) - ? AND c.start BETWEEN ? AND ? AND"
		" p.service <> c.service GROUP BY 1, 2 LIMIT ?",
		&q, e);
	size_t n = 0;

	if (r < 0)
		return r;
	sqlite3_bind_int64(q, 1, DEPENDENCY_SPANS);
	sqlite3_bind_int64(q, 2, start_us);
	sqlite3_bind_int64(q, 3, end_us);
	sqlite3_bind_int64(q, 4, SPAN_QUERY_NAMES_MAX);
	buf_append_str(out, "{\"data\":[");
	while (sqlite3_step(q) == SQLITE_ROW) {
		buf_append_str(out, n++ ? ",{\"parent\":" : "{\"parent\":");
		store_put_json(out, column(&a, q, 0));
		buf_append_str(out, ",\"child\":");
		store_put_json(out, column(&a, q, 1));
		buf_printf(out, ",\"callCount\":%lld}", sqlite3_column_int64(q, 2));
	}
	put_end(out, n);
	return 0;
}
