/* How the readers build a batch. */
#ifndef CONSOLE_SPAN_INTERNAL_H
#define CONSOLE_SPAN_INTERNAL_H

#include "console/span/span.h"

/* A zeroed span at the end of the batch, or NULL, counted as refused, when there are too many. */
struct span *span_add(struct span_batch *b);
/* Takes back the span that was added last, and counts it as refused. */
void span_refuse(struct span_batch *b);

/* A copy in the batch, cut to max bytes at a character's border, with '?' for what is no UTF-8. */
struct slice span_text(struct span_batch *b, struct slice s, size_t max);
/* Adds a tag, copied; beyond SPAN_TAGS_MAX nothing happens. */
void span_tag_add(struct span_batch *b, struct span_tags *t, struct slice key, enum span_tag_type type,
		  struct slice value);
/* Whether the tags say that the span went wrong (OpenTracing: error=true, OpenTelemetry: otel.status_code=ERROR). */
bool span_tags_error(const struct span_tags *t);

#endif
