/* Strings by their characters, as CEL counts them: code points of UTF-8. */
#ifndef CEL_TEXT_INTERNAL_H
#define CEL_TEXT_INTERNAL_H

#include "cel/value_internal.h"

/* How many characters. */
size_t cel_text_length(struct slice s);

/* The offset in bytes of character i; s.len for those behind the end. */
size_t cel_text_offset(struct slice s, size_t i);

/* Where string v[1] is in string v[0], the first or the last time, in characters; -1: nowhere. */
struct cel_value cel_text_index(struct cel_run *r, const struct cel_value *v, bool last);

#endif
