/* What URLs hold. */
#ifndef WEB_PARSE_INTERNAL_H
#define WEB_PARSE_INTERNAL_H

#include "base/arena.h"

/* Percent-decodes into the arena; plus also decodes '+' to a space. False on a bad escape or a NUL. */
bool web_decode(struct arena *a, struct slice in, bool plus, struct slice *ret);

#endif
