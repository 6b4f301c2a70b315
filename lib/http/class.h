/* Characters by what they may stand for. */
#ifndef HTTP_CLASS_H
#define HTTP_CLASS_H

#include "http/head.h"

enum { HTTP_CLASS_TOKEN = 1, HTTP_CLASS_TARGET = 2, HTTP_CLASS_HOST = 4 };

/* Character classes of RFC 9110 and RFC 3986; 0 for what is in none. */
extern const uint8_t http_class[256];

/* Whether all of them are in the class. */
static inline bool http_all_in_class(const char *s, size_t n, uint8_t class)
{
	uint8_t seen = class;

	for (size_t i = 0; i < n; i++)
		seen &= http_class[(uint8_t)s[i]];
	return seen == class;
}

#endif
