/* Percent-encoding (RFC 3986, section 2.1), as URLs' arguments and forms have it. Pure. */
#ifndef BASE_PERCENT_H
#define BASE_PERCENT_H

#include "base/buf.h"

/* Appends the text: all but letters, digits and -._~ is encoded. */
void percent_encode(struct slice text, struct buf *out);

#endif
