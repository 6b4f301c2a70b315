/* Series are found by "family{labels}" in a map and never removed; pointers to their values are stable. */
#include "telemetry/metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"

const double histogram_bounds[HISTOGRAM_BUCKETS - 1] = {
	0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000};

struct series {
	const struct metric_family *family;
	struct slice labels; /* inside key */
	struct slice key;    /* "family{labels"; in the arena */
	uint64_t value;
	struct histogram *histogram; /* METRIC_HISTOGRAM */
};

struct metrics {
	struct arena arena;
	struct map by_key;
	VEC(struct series *) all;
};

struct metrics *metrics_new(void)
{
	return NEW(struct metrics);
}

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	map_done(&m->by_key);
	vec_done(&m->all);
	arena_done(&m->arena);
	free(m);
}

static struct series *series_get(struct metrics *m, const struct metric_family *f, struct slice labels)
{
	size_t name_len = strlen(f->name);
	char small[1024], *text = small;
	struct slice key = {NULL, name_len + 1 + labels.len};
	struct series *s;

	if (key.len > sizeof(small))
		text = arena_alloc(&m->arena, key.len);
	memcpy(text, f->name, name_len);
	text[name_len] = '{';
	if (labels.len)
		memcpy(text + name_len + 1, labels.ptr, labels.len);
	key.ptr = text;
	s = map_get(&m->by_key, key);
	if (s)
		return s;
	s = ARENA_NEW(&m->arena, struct series);
	s->family = f;
	s->key = text == small ? slice_make(arena_slicedup(&m->arena, key), key.len) : key;
	s->labels = slice_from(s->key, name_len + 1);
	if (f->kind == METRIC_HISTOGRAM)
		s->histogram = ARENA_NEW(&m->arena, struct histogram);
	map_set(&m->by_key, s->key, s);
	vec_push(&m->all, s);
	return s;
}

uint64_t *metrics_counter(struct metrics *m, const struct metric_family *f, struct slice labels)
{
	return &series_get(m, f, labels)->value;
}

struct histogram *metrics_histogram(struct metrics *m, const struct metric_family *f, struct slice labels)
{
	return series_get(m, f, labels)->histogram;
}

void histogram_observe(struct histogram *h, double value)
{
	int i = 0;

	while (i < HISTOGRAM_BUCKETS - 1 && value > histogram_bounds[i])
		i++;
	h->buckets[i]++;
	h->count++;
	h->sum += value;
}

void metrics_label(struct buf *out, const char *name, struct slice value)
{
	if (out->len)
		buf_append_char(out, ',');
	buf_append_str(out, name);
	buf_append_str(out, "=\"");
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		if (c == '"' || c == '\\')
			buf_append_char(out, '\\');
		if (c == '\n')
			buf_append_str(out, "\\n");
		else
			buf_append_char(out, c);
	}
	buf_append_char(out, '"');
}

void metrics_merge(struct metrics *into, const struct metrics *from)
{
	for (size_t i = 0; i < from->all.n; i++) {
		const struct series *s = from->all.v[i];
		struct series *t = series_get(into, s->family, s->labels);

		t->value += s->value;
		if (!s->histogram)
			continue;
		t->histogram->count += s->histogram->count;
		t->histogram->sum += s->histogram->sum;
		for (int b = 0; b < HISTOGRAM_BUCKETS; b++)
			t->histogram->buckets[b] += s->histogram->buckets[b];
	}
}

static int by_family(const void *a, const void *b)
{
	const struct series *x = *(struct series *const *)a, *y = *(struct series *const *)b;
	int r = strcmp(x->family->name, y->family->name);

	return r ? r : slice_cmp(x->labels, y->labels);
}

static struct series **sorted(const struct metrics *m)
{
	struct series **v = mem_calloc(m->all.n + 1, sizeof(*v));

	if (m->all.n)
		memcpy(v, m->all.v, m->all.n * sizeof(*v));
	qsort(v, m->all.n, sizeof(*v), by_family);
	return v;
}

static void write_name(struct buf *out, const struct series *s, const char *suffix)
{
	buf_append_str(out, s->family->name);
	buf_append_str(out, suffix);
	buf_append_char(out, '{');
	buf_append_slice(out, s->labels);
}

static void write_double(struct buf *out, double v)
{
	if (v == floor(v) && fabs(v) < 1e15)
		buf_printf(out, "%.0f", v);
	else
		buf_printf(out, "%.17g", v);
}

static void write_histogram(struct buf *out, const struct series *s)
{
	const struct histogram *h = s->histogram;
	uint64_t total = 0;

	for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		total += h->buckets[i];
		write_name(out, s, "_bucket");
		buf_append_str(out, s->labels.len ? ",le=\"" : "le=\"");
		if (i < HISTOGRAM_BUCKETS - 1)
			buf_printf(out, "%.7g", histogram_bounds[i]);
		else
			buf_append_str(out, "+Inf");
		buf_printf(out, "\"} %llu\n", (unsigned long long)total);
	}
	write_name(out, s, "_sum");
	buf_append_str(out, "} ");
	write_double(out, h->sum);
	buf_append_char(out, '\n');
	write_name(out, s, "_count");
	buf_printf(out, "} %llu\n", (unsigned long long)h->count);
}

void metrics_write_prometheus(const struct metrics *m, struct buf *out)
{
	static const char *const kinds[] = {"counter", "gauge", "histogram"};
	struct series **v = sorted(m);
	const char *last = "";

	for (size_t i = 0; i < m->all.n; i++) {
		const struct series *s = v[i];

		if (strcmp(s->family->name, last) != 0) {
			last = s->family->name;
			if (s->family->help)
				buf_printf(out, "# HELP %s %s\n", last, s->family->help);
			buf_printf(out, "# TYPE %s %s\n", last, kinds[s->family->kind]);
		}
		if (s->histogram) {
			write_histogram(out, s);
			continue;
		}
		write_name(out, s, "");
		buf_printf(out, "} %llu\n", (unsigned long long)s->value);
	}
	free(v);
}

/* envoy_cluster_upstream_cx_total{cluster_name="x"} is cluster.x.upstream_cx_total. */
static bool envoy_name(const struct series *s, struct buf *out)
{
	const char *scope = s->family->name, *stat;
	struct slice name = s->labels;
	size_t n;

	if (strncmp(scope, "envoy_", 6) != 0)
		return false;
	scope += 6;
	stat = strchr(scope, '_');
	n = stat ? (size_t)(stat - scope) : 0;
	if (!n || name.len < n + 8 || memcmp(name.ptr, scope, n) != 0 || memcmp(name.ptr + n, "_name=\"", 7) != 0)
		return false;
	name = slice_make(name.ptr + n + 7, name.len - n - 8);
	buf_append(out, scope, n);
	buf_append_char(out, '.');
	buf_append_slice(out, name);
	buf_append_char(out, '.');
	buf_append_str(out, stat + 1);
	return true;
}

void metrics_reset(struct metrics *m)
{
	for (size_t i = 0; i < m->all.n; i++) {
		struct series *s = m->all.v[i];

		if (s->histogram)
			*s->histogram = (struct histogram){0};
		else if (s->family->kind == METRIC_COUNTER)
			s->value = 0;
	}
}

void metrics_write_stats(const struct metrics *m, struct slice prefix, struct buf *out)
{
	struct series **v = sorted(m);

	for (size_t i = 0; i < m->all.n; i++) {
		size_t from = out->len;

		if (!envoy_name(v[i], out)) {
			write_name(out, v[i], "");
			buf_append_char(out, '}');
		}
		if (!slice_starts(slice_from(buf_slice(out), from), prefix)) {
			out->len = from;
			continue;
		}
		buf_printf(out, ": %llu\n",
			   (unsigned long long)(v[i]->histogram ? v[i]->histogram->count : v[i]->value));
	}
	free(v);
}
