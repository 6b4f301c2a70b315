/* Growable bytes; doubles, always NUL-terminated. */
#include "base/buf.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

void buf_done(struct buf *b)
{
	free(b->ptr);
	*b = (struct buf)BUF_INIT;
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->ptr)
		b->ptr[0] = 0;
}

static size_t grown(size_t cap, size_t want)
{
	size_t n = cap ? cap : 64;

	while (n < want)
		n += n / 2 + 64;
	return n;
}

char *buf_reserve(struct buf *b, size_t n)
{
	if (b->len + n + 1 > b->cap) {
		b->cap = grown(b->cap, b->len + n + 1);
		b->ptr = mem_realloc(b->ptr, b->cap);
		b->ptr[b->len] = 0; /* a string also when nothing follows */
	}
	return b->ptr + b->len;
}

void buf_append(struct buf *b, const void *bytes, size_t n)
{
	char *at = buf_reserve(b, n);

	if (n)
		memcpy(at, bytes, n);
	b->len += n;
	b->ptr[b->len] = 0;
}

void buf_append_slice(struct buf *b, struct slice s)
{
	buf_append(b, s.ptr, s.len);
}

void buf_append_str(struct buf *b, const char *s)
{
	buf_append(b, s, strlen(s));
}

void buf_append_char(struct buf *b, char c)
{
	buf_append(b, &c, 1);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	assert(n >= 0);
	vsnprintf(buf_reserve(b, (size_t)n), (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

int buf_try_append(struct buf *b, const void *bytes, size_t n, size_t max)
{
	if (n > max || b->len > max - n)
		return -EMSGSIZE;
	if (b->len + n + 1 > b->cap) {
		size_t cap = grown(b->cap, b->len + n + 1);
		char *p = realloc(b->ptr, cap);

		if (!p)
			return -ENOMEM;
		b->ptr = p;
		b->cap = cap;
	}
	buf_append(b, bytes, n);
	return 0;
}

void buf_consume(struct buf *b, size_t n)
{
	assert(n <= b->len);
	if (!n)
		return;
	b->len -= n;
	memmove(b->ptr, b->ptr + n, b->len);
	b->ptr[b->len] = 0;
}

char *buf_take_str(struct buf *b)
{
	char *s;

	buf_append(b, "", 0);
	s = b->ptr;
	*b = (struct buf)BUF_INIT;
	return s;
}
