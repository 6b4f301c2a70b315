/* The fields of a message for people: rows of a Markdown table. Pure. */
#ifndef MSG_REFERENCE_H
#define MSG_REFERENCE_H

#include "base/buf.h"
#include "msg/msg.h"

/*
 * Appends a table of all fields below a message: path, type, what it means, what becomes of it. A message that stands
 * in several places is written out in the first; what lies below a field that is not carried out, or is Kubernetes' own
 * (MSG_UNSAID), is not listed.
 */
void msg_reference(const struct msg_desc *desc, struct buf *out);

#endif
