/* Which fields of a message are set and not carried out. */
#include "msg/msg.h"
#include "msg/msg_internal.h"

struct told {
	msg_told_fn fn;
	void *arg;
	int count;
	struct msg_path path;
};

static void tell_message(struct told *t, const struct msg_desc *desc, const void *msg);

static void tell_seq(struct told *t, const struct msg_field *f, const struct msg_seq *seq)
{
	const size_t size = msg_value_size(f);
	const bool map = f->type == MSG_MAP;

	for (size_t i = 0; i < seq->n; i++) {
		const char *entry = (const char *)seq->v + i * size;
		const size_t len = map ? msg_path_push_key(&t->path, *(const char *const *)(const void *)entry)
				       : msg_path_push_index(&t->path, i);

		tell_message(t, f->desc, map ? entry + MSG_MAP_VALUE_OFFSET : entry);
		msg_path_pop(&t->path, len);
	}
}

static void tell_field(struct told *t, const struct msg_field *f, const void *msg)
{
	const void *at = msg_at(msg, f);

	if (f->fate == MSG_TOLD) {
		t->count++;
		if (t->fn)
			t->fn(t->arg, t->path.text, f->note);
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
