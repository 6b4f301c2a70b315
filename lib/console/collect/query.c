/* Jaeger's query API over HTTP: from arguments to the store's questions. */
#include <inttypes.h>

#include "base/clock.h"
#include "console/collect/collect_internal.h"
#include "msg/json.h"

#define US_PER_DAY (24 * 3600 * (int64_t)1000000)
#define TAGS_MAX_BYTES 4096
#define TAGS_MAX 16

static void answer(struct exchange *x, int r, const struct err *e, struct buf *out)
{
	if (r < 0)
		exchange_reply_error(x, r == -ENOENT ? 404 : r == -EINVAL ? 400 : 500, "%s", e->msg);
	else
		exchange_reply(x, &(struct exchange_answer){.status = 200, .body = out});
}

/* A whole number of the argument, or fallback when it is absent; -EINVAL. */
static int number(const struct exchange *x, const char *name, int64_t fallback, int64_t *ret, struct err *e)
{
	const struct slice text = exchange_argument(x, name);
	uint64_t n;

	*ret = fallback;
	if (!text.len)
		return 0;
	if (slice_to_u64(text, INT64_MAX, &n) < 0)
		return err_set(e, -EINVAL, "%s: must be a whole number, is \"%.*s\"", name, SLICE_ARG(text));
	*ret = (int64_t)n;
	return 0;
}

/* "250ms" or, as Jaeger takes it too, microseconds. */
static int duration(const struct exchange *x, const char *name, int64_t *ret_us, struct err *e)
{
	const struct slice text = exchange_argument(x, name);
	uint64_t n;

	*ret_us = 0;
	if (!text.len)
		return 0;
	if (slice_to_u64(text, INT64_MAX, &n) == 0) {
		*ret_us = (int64_t)n;
		return 0;
	}
	if (duration_parse(text, ret_us) < 0 || *ret_us < 0)
		return err_set(e, -EINVAL, "%s: must be a duration such as 250ms, is \"%.*s\"", name, SLICE_ARG(text));
	*ret_us /= 1000;
	return 0;
}

/* tags={"http.status_code":"500"}, and tag=key:value, any number of times. */
static int tags(const struct exchange *x, cJSON **ret, struct err *e)
{
	const struct slice text = exchange_argument(x, "tags");
	cJSON *json = NULL;

	if (text.len) {
		const int r = json_parse(text, TAGS_MAX_BYTES, &json, e);

		if (r < 0)
			return err_wrap(e, -EINVAL, "tags");
	}
	*ret = json ? json : cJSON_CreateObject();
	if (!cJSON_IsObject(*ret))
		return err_set(e, -EINVAL, "tags: must be an object of texts");
	for (size_t i = 0; i < x->n_arguments; i++) {
		struct slice rest = x->arguments[i], key;

		if (!slice_starts(rest, SLICE("tag=")))
			continue;
		rest = slice_from(rest, 4);
		key = slice_split(&rest, ':');
		json_set_str(*ret, arena_slicedup(&((struct exchange *)x)->arena, key),
			     arena_slicedup(&((struct exchange *)x)->arena, rest));
	}
	if (cJSON_GetArraySize(*ret) > TAGS_MAX)
		return err_set(e, -EINVAL, "tags: at most %d at once", TAGS_MAX);
	return 0;
}

static int search(struct collector *c, struct exchange *x, struct buf *out, struct err *e)
{
	struct span_query q = {.service = exchange_argument(x, "service"),
			       .operation = exchange_argument(x, "operation")};
	CLEANUP(json_freep) cJSON *wanted = NULL;
	int64_t limit, now = collector_now_us();
	int r = tags(x, &wanted, e);

	if (r < 0)
		return r;
	/* Jaeger's pages always name one; who looks for a request does not know it. */
	if (!q.service.len && !wanted->child)
		return err_set(e, -EINVAL, "service: must be given, or tags");
	if (slice_eq_str(q.operation, "all"))
		q.operation = (struct slice){NULL, 0};
	q.tags = wanted;
	if ((r = number(x, "limit", SPAN_QUERY_TRACES_DEFAULT, &limit, e)) < 0 ||
	    (r = number(x, "start", now - 2 * US_PER_DAY, &q.start_us, e)) < 0 ||
	    (r = number(x, "end", 0, &q.end_us, e)) < 0 || (r = duration(x, "minDuration", &q.min_us, e)) < 0 ||
	    (r = duration(x, "maxDuration", &q.max_us, e)) < 0)
		return r;
	q.limit = (uint64_t)limit;
	return span_store_traces(c->store, &q, out, e);
}

static int dependencies(struct collector *c, struct exchange *x, struct buf *out, struct err *e)
{
	int64_t end_ms, lookback_ms;
	int r = number(x, "endTs", collector_now_us() / 1000, &end_ms, e);

	if (r == 0)
		r = number(x, "lookback", US_PER_DAY / 1000, &lookback_ms, e);
	if (r < 0)
		return r;
	end_ms = MIN(end_ms, INT64_MAX / 1000);
	return span_store_dependencies(c->store, (end_ms - MIN(lookback_ms, end_ms)) * 1000, end_ms * 1000, out, e);
}

static int one_trace(struct collector *c, struct slice id, struct buf *out, struct err *e)
{
	uint8_t trace[16];

	if (!span_id_read(id, trace, sizeof(trace)))
		return err_set(e, -EINVAL, "a trace's identifier has up to 32 hexadecimal digits");
	return span_store_trace(c->store, trace, out, e);
}

/* What stands between two texts of the path. */
static bool between(struct slice path, struct slice before, struct slice after, struct slice *ret)
{
	if (path.len <= before.len + after.len || !slice_starts(path, before) || !slice_ends(path, after))
		return false;
	*ret = slice_head(slice_from(path, before.len), path.len - before.len - after.len);
	return true;
}

bool collector_query(struct collector *c, struct exchange *x)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	struct slice part;
	int r;

	if (slice_eq_str(x->path, "/api/services"))
		r = span_store_services(c->store, &out, &e);
	else if (slice_eq_str(x->path, "/api/traces"))
		r = search(c, x, &out, &e);
	else if (slice_eq_str(x->path, "/api/dependencies"))
		r = dependencies(c, x, &out, &e);
	else if (slice_eq_str(x->path, "/api/operations"))
		r = span_store_operations(c->store, exchange_argument(x, "service"), true, &out, &e);
	else if (between(x->path, SLICE("/api/services/"), SLICE("/operations"), &part))
		r = span_store_operations(c->store, part, false, &out, &e);
	else if (between(x->path, SLICE("/api/traces/"), SLICE(""), &part))
		r = one_trace(c, part, &out, &e);
	else
		return false;
	answer(x, r, &e, &out);
	return true;
}
