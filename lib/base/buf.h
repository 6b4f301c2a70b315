/*
 * A growable byte buffer. Small appends abort when memory is gone; what a peer sizes goes through buf_try_append with a
 * limit. The bytes are always followed by a NUL, so buf.ptr is usable as a C string once anything was appended.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/slice.h"

struct buf {
	char *ptr; /* owned */
	size_t len;
	size_t cap;
};

#define BUF_INIT                                                                                                       \
	{                                                                                                              \
		NULL, 0, 0                                                                                             \
	}

static inline struct slice buf_slice(const struct buf *b)
{
	return slice_make(b->ptr, b->len);
}

/* As a C string: never NULL. */
static inline const char *buf_str(const struct buf *b)
{
	return b->ptr ? b->ptr : "";
}

/* Frees the bytes and leaves an empty buffer, which may be used again. For CLEANUP(buf_done). */
void buf_done(struct buf *b);

/* Forgets the content, keeps the memory. */
void buf_clear(struct buf *b);

/* Makes room for n more bytes and returns where they go; commit them with b->len += n. Aborts when memory is gone. */
char *buf_reserve(struct buf *b, size_t n);

/* Appends n bytes, copied; they must not be the buffer's own. */
void buf_append(struct buf *b, const void *bytes, size_t n);
/* The same with a slice. */
void buf_append_slice(struct buf *b, struct slice s);
/* The same with a NUL-terminated text, without its NUL. */
void buf_append_str(struct buf *b, const char *s);
/* Appends one byte. */
void buf_append_char(struct buf *b, char c);
/* Appends formatted text of any length. */
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same with an argument list, which is used up. */
__attribute__((format(printf, 2, 0))) void buf_vprintf(struct buf *b, const char *fmt, va_list ap);

/* Appends unless the buffer would pass max bytes in all: then -EMSGSIZE and nothing changes; -ENOMEM likewise. */
int buf_try_append(struct buf *b, const void *bytes, size_t n, size_t max) __attribute__((warn_unused_result));

/* Removes the first n bytes (n <= len). */
void buf_consume(struct buf *b, size_t n);

/* The bytes as a malloc'ed C string that the caller frees; the buffer is empty afterwards. Never NULL. */
char *buf_take_str(struct buf *b);

#endif
