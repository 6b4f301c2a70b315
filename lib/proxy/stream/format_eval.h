/* Evaluates %COMMANDS% for an exchange. */
#ifndef PROXY_FORMAT_EVAL_H
#define PROXY_FORMAT_EVAL_H

#include "base/buf.h"
#include "proxy/stream/stream_internal.h"

enum format_empty { FORMAT_EMPTY_AS_DASH, FORMAT_EMPTY_AS_NOTHING, FORMAT_EMPTY_AS_NULL };

/* Appends the text of all parts. AS_NULL quotes values as JSON does. */
void format_eval(struct stream *s, const struct format *f, enum format_empty empty, struct buf *out);

/* The same as bytes that are no part of a line: nothing is escaped, and what is absent is empty. Lives as long as the
 * exchange. */
struct slice format_value(struct stream *s, const struct format *f);

#endif
