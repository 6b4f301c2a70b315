/* A file's steps, one after the other. */
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "certs.h"

static int run_steps(struct run *r, const struct step *s, struct err *e);

/* ---- single steps ---- */

/* "15s", "200ms", "2m", "1h" */
static int parse_time(struct slice text, int64_t *ret_ms, struct err *e)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
	size_t digits = 0;
	uint64_t n = 0;

	while (digits < text.len && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
		digits++;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (!slice_eq_str(slice_from(text, digits), units[i].unit) ||
		    slice_to_u64(slice_head(text, digits), INT32_MAX, &n) < 0)
			continue;
		*ret_ms = (int64_t)n * units[i].ms;
		return 0;
	}
	return err_set(e, -EINVAL, "'%.*s' is no time", SLICE_ARG(text));
}

static int step_advance(struct run *r, struct slice rest, const struct step *s, struct err *e)
{
	int64_t ms = 0;
	int n = parse_time(rest, &ms, e);

	(void)s;
	if (n == 0)
		r->place->advance(ms);
	return n;
}

static int step_server(struct run *r, struct slice rest, const struct step *s, struct err *e)
{
	struct slice name = take_word(&rest), at = take_word(&rest);
	struct options o = {.at = arena_slicedup(&r->arena, at)};
	struct who *w;

	(void)s;
	if (options_parse(r, &rest, &o, e) < 0)
		return -EINVAL;
	w = run_add_server(r, name, &o, e);
	if (!w)
		return -EINVAL;
	if (!rest.len)
		return 0;
	return verb_step(r, slice_str(arena_printf(&r->arena, "%.*s %.*s", SLICE_ARG(name), SLICE_ARG(rest))), s, e);
}

/* "client NAME options"; "client * options" are those of every client. */
static int step_client(struct run *r, struct slice rest, const struct step *s, struct err *e)
{
	struct slice name = take_word(&rest);
	struct options *o = slice_eq_str(name, "*") ? &r->defaults : &run_who(r, name)->options;

	(void)s;
	options_parse(r, &rest, o, e);
	return rest.len ? err_set(e, -EINVAL, "'%.*s' is no option", SLICE_ARG(rest)) : 0;
}

static int step_to(struct run *r, struct slice rest, const struct step *s, struct err *e)
{
	(void)s;
	(void)e;
	r->to = arena_slicedup(&r->arena, rest);
	return 0;
}

static int step_oracle(struct run *r, struct slice rest, const struct step *s, struct err *e)
{
	(void)s;
	(void)e;
	r->oracle = true;
	if (slice_starts(rest, SLICE("differs: ")))
		r->differs = arena_slicedup(&r->arena, slice_from(rest, 9));
	return 0;
}

static int step_repeat(struct run *r, struct slice rest, const struct step *s, struct err *e)
{
	struct step *inner;
	uint64_t n = 0;
	int code = slice_to_u64(rest, 100000, &n);

	if (code < 0 || !s->block)
		return err_set(e, -EINVAL, "repeat N and a block");
	code = script_parse(&r->arena, s->file, s->block_line, slice_str(s->block), &inner, e);
	for (uint64_t i = 0; code == 0 && i < n; i++)
		code = run_steps(r, inner, e);
	return code;
}

static int step_hangs(struct run *r, struct slice rest, const struct step *s, struct err *e)
{
	(void)s;
	if (!r->place->hang)
		return err_set(e, -ENOTSUP, "nothing hangs here");
	r->place->hang(arena_slicedup(&r->arena, rest));
	return 0;
}

/* "resolves HOST:PORT IP" */
static int step_resolves(struct run *r, struct slice rest, const struct step *s, struct err *e)
{
	struct slice port = take_word(&rest), host = slice_split(&port, ':');
	uint64_t n = 0;

	(void)s;
	if (slice_to_u64(port, 65535, &n) < 0)
		return err_set(e, -EINVAL, "resolves HOST:PORT ADDRESS");
	r->place->resolve(arena_slicedup(&r->arena, host), (uint16_t)n, arena_slicedup(&r->arena, rest));
	return 0;
}

/* ---- what can be seen of the proxy ---- */

#define LOG_MAX_BYTES (4u << 20)

struct line_wish {
	struct run *run;
	struct buf text;
	struct slice line;
};

static bool line_came(void *arg)
{
	struct line_wish *w = arg;
	struct slice rest;

	buf_clear(&w->text);
	if (file_read(w->run->setup.log, LOG_MAX_BYTES, &w->text, NULL) < 0)
		return false;
	rest = slice_from(buf_slice(&w->text), w->run->log_read);
	if (slice_find(rest, '\n') < 0)
		return false;
	w->line = slice_split(&rest, '\n');
	return true;
}

/* "log has TEXT": the next line of the access log; "log is empty". */
static int step_log(struct run *r, struct slice rest, const struct step *s, struct err *e)
{
	struct line_wish w = {.run = r};
	struct slice verb = take_word(&rest);
	int n = 0;

	(void)s;
	(void)e;
	if (slice_eq_str(verb, "is")) {
		r->place->settle();
		if (line_came(&w))
			n = run_fail(r, "the log has a line: %.*s", SLICE_ARG(w.line));
	} else if (!run_wait(r, line_came, &w)) {
		n = run_fail(r, "the log has no further line");
	} else {
		r->log_read += w.line.len + 1;
		if (!memmem(w.line.ptr, w.line.len, rest.ptr, rest.len))
			n = run_fail(r, "the log's line has no '%.*s': %.*s", SLICE_ARG(rest), SLICE_ARG(w.line));
	}
	buf_done(&w.text);
	return n;
}

/* Whether a series of that name has all these labels. */
static bool series_fits(struct slice line, struct slice name, struct slice labels)
{
	if (!slice_starts(line, name) || (line.ptr[name.len] != '{' && line.ptr[name.len] != ' '))
		return false;
	while (labels.len) {
		struct slice one = slice_split(&labels, ',');

		if (!memmem(line.ptr, line.len, one.ptr, one.len))
			return false;
	}
	return true;
}

static double counter_sum(struct run *r, struct slice what)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct slice labels = what, name = slice_split(&labels, '{'), rest;
	double sum = 0;

	if (labels.len)
		labels.len--;
	r->place->counters(&text);
	rest = buf_slice(&text);
	while (rest.len) {
		struct slice line = slice_split(&rest, '\n');

		if (series_fits(line, name, labels))
			sum += strtod(line.ptr + slice_rfind(line, ' '), NULL);
	}
	return sum;
}

/* "counter NAME{label="value"} is N"; a place without counters has nothing to say. */
static int step_counter(struct run *r, struct slice rest, const struct step *s, struct err *e)
{
	struct slice what = take_word(&rest), verb = take_word(&rest);
	const double want = strtod(rest.ptr ? rest.ptr : "", NULL);
	double got;

	(void)s;
	if (!slice_eq_str(verb, "is"))
		return err_set(e, -EINVAL, "counter NAME is N");
	if (!r->place->counters)
		return 0;
	r->place->settle();
	got = counter_sum(r, what);
	return got == want ? 0 : run_fail(r, "%.*s: expected %g, got %g", SLICE_ARG(what), want, got);
}

/* "refused TEXT": the configuration before was. */
static int step_refused(struct run *r, struct slice rest, const struct step *s, struct err *e)
{
	struct slice text;
	int n = text_quoted(&r->arena, &rest, &text, e);

	(void)s;
	if (n < 0)
		return n;
	if (!r->refusal)
		return run_fail(r, "expected to be refused, but it was taken");
	if (!strstr(r->refusal, text.ptr))
		return run_fail(r, "expected to be refused with '%s', got '%s'", text.ptr, r->refusal);
	r->refused = false;
	return 0;
}

/* "told TEXT": a line of what the objects' authors are told. */
static int step_told(struct run *r, struct slice rest, const struct step *s, struct err *e)
{
	struct slice text;
	int n = text_quoted(&r->arena, &rest, &text, e);

	(void)s;
	if (n < 0)
		return n;
	const char *told = r->setup.mesh ? mesh_told(r->setup.mesh, &r->setup.proxy) : "";

	return strstr(told, text.ptr) ? 0 : run_fail(r, "expected to be told '%s', got '%s'", text.ptr, told);
}

/* ---- one-line requests: "[NAME:] METHOD /path options | fields || body => outcome" ---- */

static bool is_method(struct slice word)
{
	for (size_t i = 0; i < word.len; i++)
		if (word.ptr[i] < 'A' || word.ptr[i] > 'Z')
			return false;
	return word.len > 0;
}

/* The message without its options, which go to the client. */
static int take_request(struct run *r, struct slice text, struct who *w, struct pattern **ret, struct err *e)
{
	struct slice rest = text, method = take_word(&rest), path = take_word(&rest);

	options_parse(r, &rest, &w->options, e);
	return run_pattern(r,
			   slice_str(arena_printf(&r->arena, "%.*s %.*s %.*s", SLICE_ARG(method), SLICE_ARG(path),
						  SLICE_ARG(rest))),
			   ret, e);
}

static struct who *request_client(struct run *r, struct slice *text)
{
	struct slice rest = *text, word = take_word(&rest);

	if (word.len && word.ptr[word.len - 1] == ':') {
		*text = rest;
		return run_who(r, slice_head(word, word.len - 1));
	}
	return run_who(r, slice_str(arena_printf(&r->arena, "client-%u", ++r->anonymous)));
}

static int step_request(struct run *r, struct slice text, struct slice outcome, struct err *e)
{
	struct who *w = request_client(r, &text);
	uint64_t *before = ARENA_NEW_N(&r->arena, uint64_t, r->servers.n + 1);
	struct pattern *m;
	int n = take_request(r, text, w, &m, e);

	for (size_t i = 0; i < r->servers.n; i++)
		before[i] = r->servers.v[i]->served;
	if (n == 0)
		n = run_connect(r, w, e);
	if (n < 0)
		return n;
	w->exchange = peer_request(w->peer, m, true);
	n = expect_outcome(r, w, outcome, before, e);
	if (n < 0 && !r->failure.len)
		return n;
	return n;
}

/* ---- all ---- */

static const struct {
	const char *word;
	int (*fn)(struct run *r, struct slice rest, const struct step *s, struct err *e);
	bool needs_proxy;
} steps[] = {
	{"server", step_server, false},  {"client", step_client, false},    {"to", step_to, false},
	{"oracle", step_oracle, false},  {"hangs", step_hangs, false},      {"advance", step_advance, true},
	{"repeat", step_repeat, true},   {"resolves", step_resolves, true}, {"log", step_log, true},
	{"counter", step_counter, true}, {"refused", step_refused, true},   {"told", step_told, true},
};

static int prepare(struct run *r, const struct step *s, struct err *e)
{
	int n = setup_apply(r, e);

	if (n == 0 && r->refused && strncmp(s->text, "refused ", 8) != 0)
		n = run_fail(r, "the configuration is refused: %s", r->refusal);
	return n;
}

static int run_step(struct run *r, const struct step *s, struct err *e)
{
	struct slice text = slice_str(s->text), rest = text, word = take_word(&rest), first = word;
	const char *arrow = strstr(s->text, " => ");
	int n = setup_step(r, s, e);

	if (n)
		return MIN(n, 0);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		if (!slice_eq_str(word, steps[i].word))
			continue;
		n = steps[i].needs_proxy ? prepare(r, s, e) : 0;
		return n < 0 ? n : steps[i].fn(r, rest, s, e);
	}
	/* What servers do by themselves is said before there is a proxy. */
	if (slice_starts(rest, SLICE("serves ")))
		return verb_step(r, text, s, e);
	n = prepare(r, s, e);
	if (n < 0)
		return n;
	if (word.len && word.ptr[word.len - 1] == ':')
		first = take_word(&rest);
	if (arrow && is_method(first))
		return step_request(r, slice_head(text, (size_t)(arrow - s->text)), slice_trim(slice_str(arrow + 4)),
				    e);
	return verb_step(r, text, s, e);
}

static int run_steps(struct run *r, const struct step *s, struct err *e)
{
	for (; s; s = s->next) {
		struct err why = ERR_INIT;
		int n = run_step(r, s, &why);

		if (n == 0)
			continue;
		if (!r->failure.len)
			buf_append_str(&r->failure, why.msg);
		if (!r->failed_at)
			r->failed_at = s;
		return err_set(e, n, "failed");
	}
	return 0;
}

static void report(const struct run *r, const struct err *e)
{
	if (r->failed_at)
		printf("%s:%d: %s\n    > %s\n", r->failed_at->file, r->failed_at->line, buf_str(&r->failure),
		       r->failed_at->text);
	else
		printf("%s\n", e->msg);
}

int run_file(const struct place *place, const char *path, struct err *e)
{
	struct run r = {.place = place};
	struct step *steps_of_file;
	int n = script_read(path, &r.arena, &steps_of_file, e);

	if (n == 0)
		n = place->begin(run_step_peers, &r, &r.setup, e);
	if (n == 0)
		n = run_steps(&r, steps_of_file, e);
	if (n == 0)
		n = setup_apply(&r, e);
	if (n < 0) {
		report(&r, e);
		if (!place->in_memory)
			(void)place->end(NULL);
		return n;
	}
	run_free_peers(&r);
	n = place->end(e);
	mesh_free(r.setup.mesh);
	buf_done(&r.failure);
	arena_done(&r.arena);
	certs_done();
	return n;
}
