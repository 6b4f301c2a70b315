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

/* What IPv4 is mapped to in IPv6, ::ffff:0:0/96 (RFC 4291, section 2.5.5.2): 4 bytes of IPv4 follow these. */
#define IP_MAPPED_BYTES 12

/* Whether 16 bytes of IPv6 are an address of IPv4. */
bool ip_is_mapped(const uint8_t *v6);

/* An address as 16 bytes: those of IPv6 as they are, the 4 of IPv4 mapped. */
void ip_as_v6(const uint8_t *bytes, bool v6, uint8_t *ret);

#endif
