/*
 * Messages as scenarios write them, in one line:
 *
 *   GET /path | name: value | name ~ regex | !name || body || trailer: value
 *
 * Escapes: \r \n \t \0 \\ \" \| \xNN, and ${x*N} for N times the text x. The same form says what is sent and what is
 * expected; ~ and ! are for expectations alone.
 */
#ifndef SCENARIO_MESSAGE_H
#define SCENARIO_MESSAGE_H

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

enum item_kind { ITEM_FIELD, ITEM_REGEX, ITEM_ABSENT, ITEM_OTHER };

struct item {
	enum item_kind kind;
	struct slice name;  /* as written */
	struct slice value; /* ITEM_OTHER: all of it is here */
};

struct pattern {
	struct slice start; /* "GET /path", "200" */
	VEC(struct item) items;
	bool has_body, body_is_regex, has_trailers;
	struct slice body;
	VEC(struct item) trailers;
};

/* Memory is the arena's, but for the two vectors: pattern_done. -EINVAL with what is wrong. */
int pattern_parse(struct arena *a, struct slice text, struct pattern *ret, struct err *e);
void pattern_done(struct pattern *p);

/* The item of this name (case does not matter), or NULL. */
const struct item *pattern_item(const struct pattern *p, const char *name);

/* Text with its escapes carried out. */
int text_unescape(struct arena *a, struct slice text, struct slice *ret, struct err *e);

/* Between quotes: takes the quoted text off the front of *rest. */
int text_quoted(struct arena *a, struct slice *rest, struct slice *ret, struct err *e);

/* Appends bytes so that a person can read them. */
void text_show(struct buf *out, struct slice bytes);

/* ---- what a peer received ---- */

struct field {
	struct slice name, value;
};

/* A message as it came in; owned. */
struct heard {
	char *start; /* "GET /path", "200" */
	struct buf head;
	VEC(struct field) fields; /* views into head */
	struct buf body;
	struct buf trailer_lines;
	VEC(struct field) trailers;
	bool has_head, complete;
};

void message_done(struct heard *m);

/* What is not as expected, in words; NULL = nothing. with_body: it is complete. Memory is the arena's. */
const char *message_differs(struct arena *a, const struct pattern *want, const struct heard *got, bool with_body);

/* All of it, for people. */
void message_show(struct buf *out, const struct heard *m);

#endif
