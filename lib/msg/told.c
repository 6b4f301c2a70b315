/* Which fields of a message are set and not carried out. */
#include "msg/msg.h"
#include <string.h>

#include "msg/msg_internal.h"

struct told {
	msg_told_fn fn;
	void *arg;
	int count;
	struct msg_path path;
};

static void tell_message(struct told *t, const struct msg_desc *desc, const void *msg);

static bool is_excepted(const struct msg_field *f, const char *word)
{
	for (const char *const *w = f->unless; w && *w; w++)
		if (strcmp(*w, word) == 0)
			return true;
	return false;
}

static void tell_whole(struct told *t, const struct msg_field *f)
{
	t->count++;
	if (t->fn)
		t->fn(t->arg, t->path.text, f->note);
}

static const char *key_of(const char *entry)
{
	return *(const char *const *)(const void *)entry;
}

static void tell_seq(struct told *t, const struct msg_field *f, const struct msg_seq *seq)
{
	const size_t size = msg_value_size(f);
	const bool map = f->type == MSG_MAP;

	for (size_t i = 0; i < seq->n; i++) {
		const char *entry = (const char *)seq->v + i * size;
		const size_t len = map ? msg_path_push_key(&t->path, key_of(entry)) : msg_path_push_index(&t->path, i);

		if (f->fate == MSG_TOLD && !is_excepted(f, key_of(entry)))
			tell_whole(t, f);
		else
			tell_message(t, f->desc, map ? entry + MSG_MAP_VALUE_OFFSET : entry);
		msg_path_pop(&t->path, len);
	}
}

/* The value is one that the row excepts; present. */
static bool has_excepted(const struct msg_field *f, const void *at)
{
	if (!f->unless)
		return false;
	if (f->type == MSG_BOOL)
		return is_excepted(f,
				   *(msg_is_boxed(f) ? *(const bool *const *)at : (const bool *)at) ? "true" : "false");
	if (f->type == MSG_ENUM)
		return is_excepted(
			f, msg_enum_name(f->enums, *(msg_is_boxed(f) ? *(const int *const *)at : (const int *)at)));
	return f->type == MSG_STRING && !msg_is_list(f) && is_excepted(f, *(const char *const *)at);
}

/* Keys of a map of texts that are not excepted. */
static void tell_pairs(struct told *t, const struct msg_field *f, const struct str_map *m)
{
	for (size_t i = 0; i < m->n; i++) {
		const size_t len = msg_path_push_key(&t->path, m->v[i].key);

		if (!is_excepted(f, m->v[i].key))
			tell_whole(t, f);
		msg_path_pop(&t->path, len);
	}
}

static void tell_field(struct told *t, const struct msg_field *f, const void *msg)
{
	const void *at = msg_at(msg, f);

	if (f->fate == MSG_TOLD && f->unless && f->type == MSG_STR_MAP) {
		tell_pairs(t, f, at);
	} else if (f->fate == MSG_TOLD && !(f->unless && f->type == MSG_MAP)) {
		if (!has_excepted(f, at))
			tell_whole(t, f);
	} else if (f->desc && (msg_is_list(f) || f->type == MSG_MAP)) {
		tell_seq(t, f, at);
	} else if (f->type == MSG_MESSAGE) {
		tell_message(t, f->desc, *(void *const *)at);
	}
}

static void tell_message(struct told *t, const struct msg_desc *desc, const void *msg)
{
	for (size_t i = 0; i < desc->n_fields; i++) {
		const struct msg_field *f = &desc->fields[i];
		size_t len;

		if (!msg_is_present(f, msg))
			continue;
		len = msg_path_push(&t->path, f->name);
		tell_field(t, f, msg);
		msg_path_pop(&t->path, len);
	}
}

int msg_told(const struct msg_desc *desc, const void *msg, const char *prefix, msg_told_fn fn, void *arg)
{
	struct told t = {.fn = fn, .arg = arg};

	if (*prefix)
		msg_path_push(&t.path, prefix);
	if (msg)
		tell_message(&t, desc, msg);
	return t.count;
}
