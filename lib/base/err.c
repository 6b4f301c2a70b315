/* Error messages that read as one sentence; no allocation, nothing to free. */
#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 0))) static void format(char *dst, const char *fmt, va_list ap)
{
	vsnprintf(dst, ERR_MSG_MAX, fmt, ap);
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;

	assert(code < 0);
	if (!e)
		return code;
	e->code = code;
	va_start(ap, fmt);
	format(e->msg, fmt, ap);
	va_end(ap);
	return code;
}

/* Appends ": text" as far as it fits. */
static void append(char *dst, const char *text)
{
	size_t n = strlen(dst);

	snprintf(dst + n, ERR_MSG_MAX - n, ": %s", text);
}

int err_errno(struct err *e, int errnum, const char *fmt, ...)
{
	va_list ap;

	assert(errnum > 0);
	if (!e)
		return -errnum;
	e->code = -errnum;
	va_start(ap, fmt);
	format(e->msg, fmt, ap);
	va_end(ap);
	append(e->msg, strerrordesc_np(errnum) ? strerrordesc_np(errnum) : "unknown error");
	return -errnum;
}

int err_wrap(struct err *e, int code, const char *fmt, ...)
{
	char inner[ERR_MSG_MAX];
	va_list ap;

	assert(code < 0);
	if (!e)
		return code;
	memcpy(inner, e->msg, sizeof(inner));
	e->code = code;
	va_start(ap, fmt);
	format(e->msg, fmt, ap);
	va_end(ap);
	append(e->msg, inner);
	return code;
}
