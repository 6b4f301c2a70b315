/* A batch is one allocation that lives until its last query is answered. */
#include "console/source/source.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/percent.h"
#include "msg/json.h"

#define TOKEN_MAX_BYTES 16384

struct source {
	struct loop *loop;
	struct fetcher *fetcher;
	char *url, *token_file;
	struct list batches;
	size_t n_batches;
};

struct query {
	struct batch *batch;
	struct fetch *fetch;
	cJSON *answer;
};

struct batch {
	struct list link;
	struct source *source;
	prom_fn *fn;
	source_fn *raw;
	void *arg;
	struct query queries[PROM_QUERIES_MAX];
	size_t n, left;
	char *error;
	struct task refuse;
};

struct source *source_new(struct loop *l, const char *url, const char *token_file)
{
	struct source *p = NEW(struct source);

	p->loop = l;
	p->url = mem_strdup(url);
	p->token_file = mem_strdup(token_file);
	p->fetcher = fetcher_new(l);
	list_init(&p->batches);
	return p;
}

static void batch_free(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		fetch_stop(b->queries[i].fetch);
		cJSON_Delete(b->queries[i].answer);
	}
	task_cancel(&b->refuse);
	list_remove(&b->link);
	b->source->n_batches--;
	free(b->error);
	free(b);
}

void source_free(struct source *p)
{
	if (!p)
		return;
	while (!list_empty(&p->batches))
		batch_free(LIST_FIRST(&p->batches, struct batch, link));
	fetcher_free(p->fetcher);
	free(p->url);
	free(p->token_file);
	free(p);
}

const char *prom_label(const cJSON *element, const char *name)
{
	const char *v = json_get_str(json_get(element, "metric"), name);

	return v ? v : "";
}

double prom_value(const cJSON *element)
{
	const cJSON *v = cJSON_GetArrayItem(json_get(element, "value"), 1);

	return cJSON_IsString(v) ? strtod(v->valuestring, NULL) : (double)NAN;
}

/* ---- answers ---- */

static void tell(struct batch *b)
{
	const cJSON *results[PROM_QUERIES_MAX];

	for (size_t i = 0; i < b->n; i++)
		results[i] = json_at(b->queries[i].answer, "data.result");
	b->fn(b->arg, b->error ? NULL : results, b->error);
	batch_free(b);
}

static void fail(struct batch *b, const char *what, const char *why)
{
	if (!b->error)
		b->error = mem_printf("%s%s", what, why);
}

static void on_body(void *arg, struct slice body, const char *error)
{
	struct query *q = arg;
	struct batch *b = q->batch;
	struct err e = ERR_INIT;

	q->fetch = NULL;
	if (*error)
		fail(b, "Prometheus does not answer: ", error);
	else if (json_parse(body, SOURCE_ANSWER_MAX_BYTES, &q->answer, &e) < 0)
		fail(b, "Prometheus' answer is not understood: ", e.msg);
	else if (!cJSON_IsArray(json_at(q->answer, "data.result")))
		fail(b,
		     "Prometheus: ", json_get_str(q->answer, "error") ? json_get_str(q->answer, "error") : "no result");
	if (--b->left == 0)
		tell(b);
}

static void on_raw(void *arg, struct slice body, const char *error)
{
	struct query *q = arg;
	struct batch *b = q->batch;

	q->fetch = NULL;
	b->raw(b->arg, body, *error ? error : NULL);
	batch_free(b);
}

static void on_refuse(struct task *t)
{
	struct batch *b = CONTAINER_OF(t, struct batch, refuse);
	const char *why = "too many questions for Prometheus are under way; try again";

	if (b->raw)
		b->raw(b->arg, (struct slice){NULL, 0}, why);
	else
		b->fn(b->arg, NULL, why);
	batch_free(b);
}

/* ---- questions ---- */

/* With a batch over the limit nothing is asked. */
static struct batch *batch_new(struct source *p, prom_fn *fn, source_fn *raw, void *arg)
{
	struct batch *b = NEW(struct batch);

	b->source = p;
	b->fn = fn;
	b->raw = raw;
	b->arg = arg;
	list_append(&p->batches, &b->link);
	if (p->n_batches++ >= SOURCE_CALLS_MAX)
		task_defer(p->loop, &b->refuse, on_refuse);
	return b;
}

/* Leaves the field empty when there is no token: the other side says then what it thinks of that. */
static void bearer(const struct source *s, struct buf *field)
{
	CLEANUP(buf_done) struct buf token = BUF_INIT;
	struct slice text;

	if (!s->token_file || file_read(s->token_file, TOKEN_MAX_BYTES, &token, NULL) < 0)
		return;
	text = slice_trim(slice_head(buf_slice(&token), strcspn(buf_str(&token), "\r\n")));
	if (text.len)
		buf_printf(field, "authorization: Bearer %.*s", SLICE_ARG(text));
}

static void ask(struct batch *b, const char *url, void (*on_done)(void *, struct slice, const char *))
{
	struct query *q = &b->queries[b->n++];
	CLEANUP(buf_done) struct buf field = BUF_INIT;

	bearer(b->source, &field);
	q->batch = b;
	b->left++;
	q->fetch = fetch_start(b->source->fetcher, &(struct fetch_params){
							   .url = url,
							   .max_bytes = SOURCE_ANSWER_MAX_BYTES,
							   .timeout_ms = SOURCE_TIMEOUT_MS,
							   .any_status = true,
							   .field = field.len ? buf_str(&field) : NULL,
							   .on_done = on_done,
							   .arg = q,
						   });
}

void prom_ask(struct source *p, const char *const *queries, size_t n, double at_s, prom_fn *fn, void *arg)
{
	struct batch *b = batch_new(p, fn, NULL, arg);
	CLEANUP(buf_done) struct buf url = BUF_INIT;

	if (list_linked(&b->refuse.link))
		return;
	for (size_t i = 0; i < MIN(n, PROM_QUERIES_MAX); i++) {
		buf_clear(&url);
		buf_printf(&url, "%s/api/v1/query?query=", p->url);
		percent_encode(slice_str(queries[i]), &url);
		if (at_s > 0)
			buf_printf(&url, "&time=%.3f", at_s);
		ask(b, buf_str(&url), on_body);
	}
}

void source_fetch(struct source *p, const char *path, source_fn *fn, void *arg)
{
	struct batch *b = batch_new(p, NULL, fn, arg);
	CLEANUP(freep) char *url = mem_printf("%s%s", p->url, path);

	if (!list_linked(&b->refuse.link))
		ask(b, url, on_raw);
}
