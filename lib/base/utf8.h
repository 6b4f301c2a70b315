/* Text that may be anything as text that is UTF-8. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/arena.h"
#include "base/slice.h"

/*
 * A copy in the arena, in which each byte that is no part of UTF-8 is a '!': a service refuses a message with other
 * text as a whole, and so would not be asked about the request at all (CVE-2024-23324).
 */
char *utf8_text(struct arena *a, struct slice s);

#endif
