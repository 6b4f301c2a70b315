/*
 * Errors of cold paths: a negative code is returned and a sentence is left in a struct err on the caller's stack. The
 * message grows from the inside out, so that what is read at last is "file: object: field: what is wrong".
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <errno.h>

#define ERR_MSG_MAX 508

struct err {
	int code;              /* negative errno-style code, 0 = no error */
	char msg[ERR_MSG_MAX]; /* always NUL-terminated; cut where too long */
};

#define ERR_INIT                                                                                                       \
	{                                                                                                              \
		0, ""                                                                                                  \
	}

/* Sets the message; returns code, which must be negative. e may be NULL. */
int err_set(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Sets "message: strerror(errnum)"; returns -errnum. e may be NULL. errnum is positive, as in errno. */
int err_errno(struct err *e, int errnum, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "prefix: " before the message that is there; returns code. e may be NULL. */
int err_wrap(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
