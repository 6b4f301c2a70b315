/* What the first bytes of a connection without TLS are: pure, for listeners that tell HTTP from the rest. */
#ifndef PROXY_SNIFF_H
#define PROXY_SNIFF_H

#include <stdbool.h>

#include "base/slice.h"

enum sniff {
	SNIFF_MORE, /* more bytes decide */
	SNIFF_HTTP1,
	SNIFF_HTTP2, /* the preface of HTTP/2 */
	SNIFF_OTHER,
};

/*
 * Looks at what has come so far. A whole request line with a version decides for HTTP, so that protocols whose commands
 * only look like methods ("GET key") do not. all: nothing more will be looked at, because the peer has ended or the
 * buffer is full; the answer is not SNIFF_MORE then.
 */
enum sniff sniff_plain(struct slice bytes, bool all);

#endif
