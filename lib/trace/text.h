/* Texts of spans: what clients send need not be UTF-8, what collectors take must. */
#ifndef TRACE_TEXT_H
#define TRACE_TEXT_H

#include "base/buf.h"

/* Appends s, with '?' for each byte that is no part of UTF-8 (RFC 3629): as many bytes as s has. */
void trace_put_text(struct buf *out, struct slice s);

/* Appends s as a JSON string with its quotes (RFC 8259), cleaned in the same way. */
void trace_put_json(struct buf *out, struct slice s);

/* Copies s when a JSON string has it as it is, and returns the end of the copy; else NULL, and some bytes are written.
 */
char *trace_copy_plain(char *to, struct slice s);

#endif
