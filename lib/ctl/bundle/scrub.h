/*
 * Takes secrets out of texts and objects before they go into an archive: keys in PEM (also as base64), JSON web tokens,
 * bearer credentials, values of members and variables that are there to hold a secret. Pure.
 */
#ifndef CTL_BUNDLE_SCRUB_H
#define CTL_BUNDLE_SCRUB_H

#include <cjson/cJSON.h>

#include "base/buf.h"

/* What stands in the place of what was taken out. */
#define SCRUBBED "[removed]"

/* Appends the text without its secrets. */
void scrub_text(struct slice text, struct buf *out);

/* Takes them out of an object, in place: members by their names, texts as scrub_text does, values of containers'
 * variables but the proxies', and the copy of the whole object that kubectl keeps as an annotation. */
void scrub_json(cJSON *o);

#endif
