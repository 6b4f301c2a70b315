/* Networks as configuration writes them: "10.0.0.0/8", "2001:db8::/32", or an address alone. Pure. */
#ifndef MESH_CIDR_H
#define MESH_CIDR_H

#include <stdbool.h>
#include <stdint.h>

struct cidr {
	uint8_t bytes[16]; /* of the address as written, also beyond the prefix */
	unsigned n_bytes;  /* 4 or 16 */
	unsigned prefix_bits;
	char address[48]; /* without the prefix length */
};

/* False when the text is no network; NULL is none. */
bool cidr_parse(const char *text, struct cidr *ret);

/* Does one network hold all of another? Texts that are none hold nothing and are held by nothing. */
bool cidr_covers(const char *outer, const char *inner);

/* Does the network hold an address? Texts that are neither hold nothing. */
bool cidr_has(const char *network, const char *ip);

#endif
