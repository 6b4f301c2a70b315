/* Addresses of IPv4 and IPv6 as text, and ranges of them ("10.0.0.0/8"). Pure; any thread. */
#ifndef BASE_IP_H
#define BASE_IP_H

#include "base/err.h"
#include "base/slice.h"

#define IP_BYTES_MAX 16

struct ip_range {
	uint8_t bytes[IP_BYTES_MAX]; /* 4 or 16, in network byte order */
	bool v6;
	unsigned bits;        /* that count; all of them for an address alone */
	struct slice address; /* the text before the slash */
};

/* Whether the text is an address: no brackets, no port, no zone, and not a name that only looks like one. */
bool ip_is(struct slice text);

/* An address or a range. Returns 0, or -EINVAL with the reason; address is a view of text. */
int ip_range_parse(struct slice text, struct ip_range *ret, struct err *e);

#endif
