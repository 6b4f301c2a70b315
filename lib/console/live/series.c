/*
 * A series is known by the keyed hash of its name and labels as they stand in the text: only those that are new are
 * read in full. Its slots are the proxy's: slot i of each was heard in the same answer.
 */
#include "console/live/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/vec.h"

enum family { FAMILY_REQUESTS, FAMILY_BUCKET, FAMILY_SUM, FAMILY_COUNT, FAMILY_SENT, FAMILY_RECEIVED };

static const struct {
	struct slice name;
	enum family family;
	char group; /* families whose series belong together */
} metrics[] = {
	{{"istio_requests_total", 20}, FAMILY_REQUESTS, 'r'},
	{{"istio_request_duration_milliseconds_bucket", 42}, FAMILY_BUCKET, 'd'},
	{{"istio_request_duration_milliseconds_sum", 39}, FAMILY_SUM, 'd'},
	{{"istio_request_duration_milliseconds_count", 41}, FAMILY_COUNT, 'd'},
	{{"istio_tcp_sent_bytes_total", 26}, FAMILY_SENT, 't'},
	{{"istio_tcp_received_bytes_total", 30}, FAMILY_RECEIVED, 't'},
};

/* What tells groups apart, and what a graph asks for. The last three count for requests alone. */
static const char *const labels[] = {
	"reporter",
	"source_workload",
	"source_workload_namespace",
	"source_canonical_service",
	"source_canonical_revision",
	"destination_workload",
	"destination_workload_namespace",
	"destination_canonical_service",
	"destination_canonical_revision",
	"destination_service_name",
	"destination_service_namespace",
	"request_protocol",
	"connection_security_policy",
	"response_code",
	"grpc_response_status",
	"response_flags",
};
#define LABELS ARRAY_LEN(labels)
#define LABELS_OF_TIMES (LABELS - 3)
#define BOUNDS_MAX 32u /* of a histogram; more are left out */

struct group {
	char *key; /* the family's letter and the values, each ended by NUL: the labels' texts */
	size_t key_len;
	size_t refs;
	/* Of one sum: */
	double requests, time, count, sent, received;
	size_t n_bounds;
	double bounds[BOUNDS_MAX], below[BOUNDS_MAX]; /* ascending */
};

struct series_groups {
	struct map by_key;
	size_t n, max, left_out;
};

struct counter {
	uint64_t hash;
	struct group *group;
	enum family family;
	double bound; /* FAMILY_BUCKET */
	double slots[SERIES_SLOTS];
};

struct series {
	struct series_groups *groups;
	struct map by_hash;
	int64_t at_ns[SERIES_SLOTS]; /* ascending */
	size_t n;                    /* slots in use; the last one is the newest */
	size_t left_out;             /* of the last answer */
	bool has_certificate;
	int64_t certificate_s; /* until its end */
};

/* ---- groups ---- */

struct series_groups *series_groups_new(size_t max)
{
	struct series_groups *g = NEW(struct series_groups);

	g->max = max;
	return g;
}

void series_groups_free(struct series_groups *g)
{
	if (!g)
		return;
	map_done(&g->by_key);
	free(g);
}

size_t series_groups_count(const struct series_groups *g, size_t *ret_left_out)
{
	*ret_left_out = g->left_out;
	return g->n;
}

static void group_unref(struct series_groups *g, struct group *x)
{
	if (--x->refs)
		return;
	map_remove(&g->by_key, slice_make(x->key, x->key_len));
	free(x->key);
	free(x);
}

static struct group *group_of(struct series_groups *g, struct buf *key)
{
	struct group *x = map_get(&g->by_key, buf_slice(key));

	if (!x) {
		x = NEW(struct group);
		x->key_len = key->len;
		x->key = buf_take_str(key);
		map_set(&g->by_key, slice_make(x->key, x->key_len), x);
	}
	x->refs++;
	return x;
}

/* ---- text ---- */

/* Cuts name="value" off the front of a list of labels; false at its end, and where it is none. */
static bool next_label(struct slice *rest, struct slice *name, struct slice *value)
{
	const ptrdiff_t eq = slice_find(*rest, '=');
	size_t i;

	if (eq < 0 || (size_t)eq + 1 >= rest->len || rest->ptr[eq + 1] != '"')
		return false;
	*name = slice_trim(slice_head(*rest, (size_t)eq));
	for (i = (size_t)eq + 2; i < rest->len && rest->ptr[i] != '"'; i++)
		i += rest->ptr[i] == '\\';
	if (i >= rest->len)
		return false;
	*value = slice_make(rest->ptr + eq + 2, i - (size_t)eq - 2);
	*rest = slice_trim(slice_from(*rest, i + 1));
	if (rest->len && *rest->ptr == ',')
		*rest = slice_trim(slice_from(*rest, 1));
	return true;
}

static void append_value(struct buf *out, struct slice value)
{
	value = slice_head(value, SERIES_LABEL_MAX_BYTES);
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		if (c == '\\' && i + 1 < value.len)
			c = value.ptr[++i] == 'n' ? '\n' : value.ptr[i];
		if (c)
			buf_append_char(out, c);
	}
}

static double read_bound(struct slice text)
{
	char number[40];

	if (slice_eq(text, SLICE("+Inf")))
		return INFINITY;
	if (!text.len || text.len >= sizeof(number))
		return NAN;
	memcpy(number, text.ptr, text.len);
	number[text.len] = '\0';
	return strtod(number, NULL);
}

static void add_bound(struct group *g, double bound)
{
	size_t i = 0;

	while (i < g->n_bounds && g->bounds[i] < bound)
		i++;
	if (isnan(bound) || (i < g->n_bounds && g->bounds[i] == bound) || g->n_bounds == BOUNDS_MAX)
		return;
	memmove(&g->bounds[i + 1], &g->bounds[i], (g->n_bounds - i) * sizeof(*g->bounds));
	g->bounds[i] = bound;
	g->n_bounds++;
}

/* The group that the labels say, with its bound. */
static struct group *read_labels(struct series_groups *groups, struct slice text, size_t metric, double *bound)
{
	struct slice name, value, values[LABELS] = {0};
	const size_t n = metrics[metric].group == 'r' ? LABELS : LABELS_OF_TIMES;
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	struct group *g;

	while (next_label(&text, &name, &value)) {
		if (slice_eq(name, SLICE("le")))
			*bound = read_bound(value);
		for (size_t i = 0; i < n; i++)
			if (slice_eq_str(name, labels[i]))
				values[i] = value;
	}
	buf_append_char(&key, metrics[metric].group);
	for (size_t i = 0; i < LABELS; i++) {
		append_value(&key, values[i]);
		buf_append_char(&key, '\0');
	}
	g = group_of(groups, &key);
	if (metrics[metric].family == FAMILY_BUCKET)
		add_bound(g, *bound);
	return g;
}

/* Splits `name{labels} value`; false for all but the metrics above. */
static bool split_line(struct slice line, struct slice *id, struct slice *text, size_t *metric, double *value)
{
	const ptrdiff_t open = slice_find(line, '{'), close = slice_rfind(line, '}');
	char number[40] = "";
	struct slice rest;

	if (open < 0 || close < open)
		return false;
	for (*metric = 0; *metric < ARRAY_LEN(metrics); ++*metric)
		if (slice_eq(slice_head(line, (size_t)open), metrics[*metric].name))
			break;
	rest = slice_trim(slice_from(line, (size_t)close + 1));
	if (*metric == ARRAY_LEN(metrics) || !rest.len || rest.len >= sizeof(number))
		return false;
	memcpy(number, rest.ptr, rest.len);
	*value = strtod(number, NULL);
	*id = slice_head(line, (size_t)close + 1);
	*text = slice_make(line.ptr + open + 1, (size_t)(close - open) - 1);
	return isfinite(*value) && *value >= 0;
}

/* ---- one proxy ---- */

struct series *series_new(struct series_groups *groups)
{
	struct series *s = NEW(struct series);

	s->groups = groups;
	return s;
}

static void counter_free(struct series *s, struct counter *c)
{
	group_unref(s->groups, c->group);
	s->groups->n--;
	free(c);
}

void series_free(struct series *s)
{
	struct map_entry *e;

	if (!s)
		return;
	for (size_t i = 0; (e = map_next(&s->by_hash, &i));)
		counter_free(s, e->value);
	s->groups->left_out -= s->left_out;
	map_done(&s->by_hash);
	free(s);
}

/* A slot for a new answer: the next, or the last one's where that is young. true: what was heard moves down by one. */
static bool open_slot(struct series *s, int64_t now_ns)
{
	bool shift = false;

	if (s->n > 1 && s->at_ns[s->n - 1] - s->at_ns[s->n - 2] < SERIES_STEP_NS) {
		s->at_ns[s->n - 1] = now_ns;
		return false;
	}
	if (s->n == SERIES_SLOTS) {
		memmove(s->at_ns, s->at_ns + 1, (SERIES_SLOTS - 1) * sizeof(*s->at_ns));
		shift = true;
	} else {
		s->n++;
	}
	s->at_ns[s->n - 1] = now_ns;
	return shift;
}

/* Until the answer says more a counter stays what it was. */
static void carry(struct series *s, bool shift, size_t before)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&s->by_hash, &i));) {
		struct counter *c = e->value;

		if (shift)
			memmove(c->slots, c->slots + 1, (SERIES_SLOTS - 1) * sizeof(*c->slots));
		else if (s->n > before && before)
			c->slots[s->n - 1] = c->slots[before - 1];
	}
}

static struct counter *counter_new(struct series *s, uint64_t hash, struct slice text, size_t metric)
{
	struct counter *c;

	if (s->groups->n >= s->groups->max) {
		s->left_out++;
		s->groups->left_out++;
		return NULL;
	}
	c = NEW(struct counter);
	c->hash = hash;
	c->family = metrics[metric].family;
	c->group = read_labels(s->groups, text, metric, &c->bound);
	map_set(&s->by_hash, slice_make(&c->hash, sizeof(c->hash)), c);
	s->groups->n++;
	return c;
}

/* istio_agent_cert_expiry_seconds{resource_name="default"} 86390 */
static void read_certificate(struct series *s, struct slice line)
{
	const struct slice value = slice_trim(slice_from(line, (size_t)(slice_rfind(line, '}') + 1)));
	uint64_t seconds;

	if (!slice_starts(line, SLICE("istio_agent_cert_expiry_seconds{")))
		return;
	s->has_certificate = slice_to_u64(value, INT32_MAX, &seconds) == 0;
	s->certificate_s = s->has_certificate ? (int64_t)seconds : 0;
}

bool series_certificate(const struct series *s, int64_t *ret_s)
{
	if (s->has_certificate)
		*ret_s = s->certificate_s;
	return s->has_certificate;
}

void series_read(struct series *s, struct slice text, int64_t now_ns)
{
	const size_t before = s->n;
	const bool shift = open_slot(s, now_ns);

	carry(s, shift, before);
	s->groups->left_out -= s->left_out;
	s->left_out = 0;
	while (text.len) {
		struct slice id, values;
		size_t metric;
		double value;

		const struct slice line = slice_split(&text, '\n');

		if (!split_line(line, &id, &values, &metric, &value)) {
			read_certificate(s, line);
			continue;
		}
		const uint64_t hash = hash_keyed(id);
		struct counter *c = map_get(&s->by_hash, slice_make(&hash, sizeof(hash)));

		if (!c)
			c = counter_new(s, hash, values, metric);
		if (c)
			c->slots[s->n - 1] = value;
	}
}

double series_span_s(const struct series *s)
{
	return s->n < 2 ? 0 : (double)(s->at_ns[s->n - 1] - s->at_ns[0]) / NS_PER_S;
}

/* What a counter grew by; one that fell began anew (its proxy was restarted). */
static double growth(const struct series *s, const struct counter *c)
{
	double sum = 0;

	for (size_t i = 1; i < s->n; i++)
		sum += c->slots[i] < c->slots[i - 1] ? c->slots[i] : c->slots[i] - c->slots[i - 1];
	return sum;
}

static void add_growth(struct group *g, const struct counter *c, double rate)
{
	switch (c->family) {
	case FAMILY_REQUESTS:
		g->requests += rate;
		break;
	case FAMILY_BUCKET:
		for (size_t i = 0; i < g->n_bounds; i++)
			if (g->bounds[i] == c->bound)
				g->below[i] += rate;
		break;
	case FAMILY_SUM:
		g->time += rate;
		break;
	case FAMILY_COUNT:
		g->count += rate;
		break;
	case FAMILY_SENT:
		g->sent += rate;
		break;
	case FAMILY_RECEIVED:
		g->received += rate;
		break;
	}
}

void series_sum(const struct series *s)
{
	const double span = series_span_s(s);
	struct map_entry *e;

	if (span <= 0)
		return;
	for (size_t i = 0; (e = map_next(&s->by_hash, &i));) {
		const struct counter *c = e->value;

		add_growth(c->group, c, growth(s, c) / span);
	}
}

/* ---- the graph ---- */

static const char *label_of(const void *sample, const char *name)
{
	const struct group *g = sample;
	const char *value = g->key + 1;

	for (size_t i = 0; i < LABELS; i++, value += strlen(value) + 1)
		if (strcmp(labels[i], name) == 0)
			return value;
	return "";
}

/* As Prometheus' histogram_quantile: linear inside a bucket, and the last finite bound above all of them. */
static double quantile(const struct group *g, double q)
{
	const double all = g->n_bounds ? g->below[g->n_bounds - 1] : 0, rank = q * all;
	size_t i = 0;

	if (g->n_bounds < 2 || all <= 0)
		return NAN;
	while (i + 1 < g->n_bounds && g->below[i] < rank)
		i++;
	if (i + 1 == g->n_bounds)
		return g->bounds[i - 1];
	const double from = i ? g->bounds[i - 1] : 0, under = i ? g->below[i - 1] : 0;

	return g->below[i] > under ? from + (g->bounds[i] - from) * (rank - under) / (g->below[i] - under)
				   : g->bounds[i];
}

static void add_times(struct graph *out, const struct group *g)
{
	if (g->count > 0)
		graph_add(out, GRAPH_AVERAGE, g, label_of, g->time / g->count);
	graph_add(out, GRAPH_P50, g, label_of, quantile(g, 0.5));
	graph_add(out, GRAPH_P95, g, label_of, quantile(g, 0.95));
	graph_add(out, GRAPH_P99, g, label_of, quantile(g, 0.99));
}

void series_graph(struct series_groups *groups, struct graph *out)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&groups->by_key, &i));) {
		struct group *g = e->value;

		graph_add(out, GRAPH_REQUESTS, g, label_of, g->requests);
		graph_add(out, GRAPH_TCP_SENT, g, label_of, g->sent);
		graph_add(out, GRAPH_TCP_RECEIVED, g, label_of, g->received);
		add_times(out, g);
		g->requests = g->time = g->count = g->sent = g->received = 0;
		memset(g->below, 0, sizeof(g->below));
	}
}
