/* Expressions over an exchange; lib/cel/attributes.h names what they may ask. */
#ifndef PROXY_ATTRIBUTES_H
#define PROXY_ATTRIBUTES_H

#include "cel/attributes.h"
#include "proxy/stream/stream_internal.h"

/* Does the expression hold of the exchange, which has ended? False, too, when it cannot be evaluated (it asks for what
 * is not there) or gives no bool. Worker's thread. */
bool attributes_test(struct stream *s, const struct cel_program *p);

/* What the filter of the standard metrics has otherwise (NULL: nothing), with the values of its tags: of the exchange,
 * or without one (s NULL) "unknown" but for constants. Worker's thread. */
void attributes_tag(struct worker *w, struct stream *s, const struct stats_changes *c, struct stats_labels *l);

#endif
