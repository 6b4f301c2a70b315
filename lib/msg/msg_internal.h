/* Shared by the walkers of this folder: field access by row, and the path of the field being worked on. */
#ifndef MSG_MSG_INTERNAL_H
#define MSG_MSG_INTERNAL_H

#include "msg/msg.h"

/* A list or map as it lies in the struct, whatever its element type. */
struct msg_seq {
	void *v;
	size_t n;
};

struct msg_path {
	size_t len;
	char text[MSG_PATH_MAX];
};

/* Appends ".name"; returns the length to restore with msg_path_pop. */
size_t msg_path_push(struct msg_path *p, const char *name);
/* Appends "[index]". */
size_t msg_path_push_index(struct msg_path *p, size_t index);
/* Appends "[key]". */
size_t msg_path_push_key(struct msg_path *p, const char *key);

static inline void msg_path_pop(struct msg_path *p, size_t len)
{
	p->len = len;
	p->text[len] = 0;
}

static inline void *msg_at(const void *msg, const struct msg_field *f)
{
	return (char *)msg + f->offset;
}

/* Bytes of one value of the row: of a list's element, of an optional's target, of a map's entry. */
size_t msg_value_size(const struct msg_field *f);

/* Of MAP(T): the key comes first, the value after it. */
#define MSG_MAP_VALUE_OFFSET sizeof(const char *)

static inline bool msg_is_list(const struct msg_field *f)
{
	return f->flags & MSG_LIST;
}

/* Numbers, bools, enums and durations behind a pointer. */
static inline bool msg_is_boxed(const struct msg_field *f)
{
	return (f->flags & (MSG_OPTIONAL | MSG_LIST)) == MSG_OPTIONAL;
}

/* Whether the field holds a value that would be encoded. */
bool msg_is_present(const struct msg_field *f, const void *msg);

#endif
