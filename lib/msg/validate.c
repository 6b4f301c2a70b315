/* Checks of a decoded message against its rows, in the words of Kubernetes' field errors. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "msg/msg.h"
#include "msg/msg_internal.h"

#define TEXT_MAX 480
#define ONEOFS_MAX 32

struct msg_check {
	msg_problem_fn on_problem;
	void *arg;
	int count;
	struct msg_path path;
};

static void check_message(struct msg_check *c, const struct msg_desc *desc, const void *msg);

static const struct {
	const char *name, *words;
} causes[MSG_CAUSE_COUNT] = {
	[MSG_CAUSE_REQUIRED] = {"FieldValueRequired", "Required value"},
	[MSG_CAUSE_INVALID] = {"FieldValueInvalid", "Invalid value"},
	[MSG_CAUSE_UNSUPPORTED] = {"FieldValueNotSupported", "Unsupported value"},
	[MSG_CAUSE_DUPLICATE] = {"FieldValueDuplicate", "Duplicate value"},
	[MSG_CAUSE_FORBIDDEN] = {"FieldValueForbidden", "Forbidden"},
	[MSG_CAUSE_TOO_MANY] = {"FieldValueTooMany", "Too many"},
};

const char *msg_cause_str(enum msg_cause cause)
{
	return cause < MSG_CAUSE_COUNT ? causes[cause].name : "FieldValueInvalid";
}

void msg_problem(struct msg_check *c, const char *field, enum msg_cause cause, const char *fmt, ...)
{
	char detail[TEXT_MAX], text[TEXT_MAX + 32];
	size_t len = field ? msg_path_push(&c->path, field) : c->path.len;
	va_list ap;

	c->count++;
	if (c->on_problem) {
		va_start(ap, fmt);
		vsnprintf(detail, sizeof(detail), fmt, ap);
		va_end(ap);
		snprintf(text, sizeof(text), "%s%s%s", causes[cause].words, *detail ? ": " : "", detail);
		c->on_problem(c->arg, c->path.text, cause, text);
	}
	msg_path_pop(&c->path, len);
}

static void check_word(struct msg_check *c, const struct msg_field *f, const char *s)
{
	CLEANUP(buf_done) struct buf words = BUF_INIT;

	if (!s || !*s || !f->enums || msg_enum_value(f->enums, s) >= 0)
		return;
	for (size_t i = 0; i < f->enums->n; i++)
		buf_printf(&words, "%s\"%s\"", i ? ", " : "", f->enums->values[i].name);
	msg_problem(c, NULL, MSG_CAUSE_UNSUPPORTED, "\"%.100s\": supported values: %s", s, buf_str(&words));
}

static void check_bounds(struct msg_check *c, const struct msg_field *f, int64_t v)
{
	if ((f->min || f->max) && (v < f->min || v > f->max))
		msg_problem(c, NULL, MSG_CAUSE_INVALID,
			    "%" PRId64 ": must be between %" PRId64 " and %" PRId64 ", inclusive", v, f->min, f->max);
	else if ((f->flags & MSG_NON_NEGATIVE) && v < 0)
		msg_problem(c, NULL, MSG_CAUSE_INVALID, "%" PRId64 ": must be greater than or equal to 0", v);
}

static void check_map(struct msg_check *c, const struct msg_field *f, const struct msg_seq *seq)
{
	size_t size = msg_value_size(f);

	for (size_t i = 0; i < seq->n; i++) {
		const char *entry = (const char *)seq->v + i * size;
		size_t len = msg_path_push_key(&c->path, *(const char *const *)(const void *)entry);

		check_message(c, f->desc, entry + MSG_MAP_VALUE_OFFSET);
		msg_path_pop(&c->path, len);
	}
}

static void check_value(struct msg_check *c, const struct msg_field *f, const void *at)
{
	switch ((enum msg_type)f->type) {
	case MSG_STRING:
		check_word(c, f, *(const char *const *)at);
		break;
	case MSG_INT32:
		check_bounds(c, f, *(const int32_t *)at);
		break;
	case MSG_UINT32:
		check_bounds(c, f, *(const uint32_t *)at);
		break;
	case MSG_INT64:
	case MSG_DURATION:
		check_bounds(c, f, *(const int64_t *)at);
		break;
	case MSG_MESSAGE:
		check_message(c, f->desc, at);
		break;
	case MSG_MAP:
		check_map(c, f, at);
		break;
	default:
		break;
	}
}

static void check_set(struct msg_check *c, const struct msg_seq *seq)
{
	const char *const *words = seq->v;

	for (size_t i = 1; i < seq->n; i++)
		for (size_t j = 0; j < i; j++) {
			if (strcmp(words[i], words[j]))
				continue;
			size_t len = msg_path_push_index(&c->path, i);

			msg_problem(c, NULL, MSG_CAUSE_DUPLICATE, "\"%.100s\"", words[i]);
			msg_path_pop(&c->path, len);
			break;
		}
}

/* A hostile list could be long: sets are compared pairwise only up to here. */
#define SET_MAX 1024

static void check_list(struct msg_check *c, const struct msg_field *f, const struct msg_seq *seq)
{
	size_t size = msg_value_size(f);

	for (size_t i = 0; i < seq->n; i++) {
		size_t len = msg_path_push_index(&c->path, i);

		check_value(c, f, (const char *)seq->v + i * size);
		msg_path_pop(&c->path, len);
	}
	if (!(f->flags & MSG_SET) || f->type != MSG_STRING)
		return;
	if (seq->n > SET_MAX)
		msg_problem(c, NULL, MSG_CAUSE_TOO_MANY, "%zu: must have at most %d items", seq->n, SET_MAX);
	else
		check_set(c, seq);
}

/* A required number may be zero unless its bounds say otherwise; a required string may not be empty. */
static bool is_missing(const struct msg_field *f, const void *msg)
{
	if (!(f->flags & MSG_REQUIRED))
		return false;
	if (!msg_is_present(f, msg))
		return !(f->flags & MSG_KEEP_ZERO) || msg_is_list(f) || f->min > 0;
	return f->type == MSG_STRING && !msg_is_list(f) && !**(const char *const *)msg_at(msg, f);
}

static void check_field(struct msg_check *c, const struct msg_field *f, const void *msg)
{
	const void *at = msg_at(msg, f);
	bool missing = is_missing(f, msg);

	if (missing || !msg_is_present(f, msg)) {
		if (missing)
			msg_problem(c, NULL, MSG_CAUSE_REQUIRED, "%s", "");
		return;
	}
	if (msg_is_list(f))
		check_list(c, f, at);
	else
		check_value(c, f, msg_is_boxed(f) || f->type == MSG_MESSAGE ? *(void *const *)at : at);
}

static void check_oneof(struct msg_check *c, const struct msg_field *f, const void *msg, const char **seen)
{
	if (!f->oneof || f->oneof >= ONEOFS_MAX || !msg_is_present(f, msg))
		return;
	if (seen[f->oneof])
		msg_problem(c, NULL, MSG_CAUSE_FORBIDDEN, "may not be set together with %s", seen[f->oneof]);
	else
		seen[f->oneof] = f->name;
}

static void check_message(struct msg_check *c, const struct msg_desc *desc, const void *msg)
{
	const char *seen[ONEOFS_MAX] = {NULL};

	for (size_t i = 0; i < desc->n_fields; i++) {
		const struct msg_field *f = &desc->fields[i];
		size_t len = msg_path_push(&c->path, f->name);

		check_field(c, f, msg);
		check_oneof(c, f, msg, seen);
		msg_path_pop(&c->path, len);
	}
	if (desc->check)
		desc->check(c, msg);
}

int msg_validate(const struct msg_desc *desc, const void *msg, msg_problem_fn on_problem, void *arg)
{
	struct msg_check c = {.on_problem = on_problem, .arg = arg};

	check_message(&c, desc, msg);
	return c.count;
}

static void keep_first(void *arg, const char *path, enum msg_cause cause, const char *text)
{
	struct err *e = arg;

	(void)cause;
	if (!e->code)
		err_set(e, -EINVAL, "%s: %s", path, text);
}

int msg_check(const struct msg_desc *desc, const void *msg, struct err *e)
{
	struct err first = ERR_INIT;

	if (!msg_validate(desc, msg, keep_first, &first))
		return 0;
	return err_set(e, -EINVAL, "%s", first.msg);
}
