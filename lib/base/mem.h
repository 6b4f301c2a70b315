/* Heap memory that aborts when it is gone: for what the program itself sizes. What a peer sizes uses malloc and a
 * limit. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* Zeroed. Never NULL. */
void *mem_alloc(size_t size) __attribute__((returns_nonnull, malloc, alloc_size(1)));

/* n zeroed items; aborts on overflow. Never NULL. */
void *mem_calloc(size_t n, size_t size) __attribute__((returns_nonnull, malloc, alloc_size(1, 2)));

/* Never NULL: a lack of memory ends the process. Size 0 is treated as 1. */
void *mem_realloc(void *p, size_t size) __attribute__((returns_nonnull, alloc_size(2)));

/* A malloc'ed copy; NULL gives NULL. */
char *mem_strdup(const char *s);

/* A malloc'ed, formatted C string. Never NULL. */
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

#define NEW(T) ((T *)mem_alloc(sizeof(T)))

#endif
