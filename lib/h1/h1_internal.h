/* Shared by the parser of heads and the decoder of bodies. */
#ifndef H1_H1_INTERNAL_H
#define H1_H1_INTERNAL_H

#include "h1/h1.h"

enum { CLASS_TOKEN = 1, CLASS_TARGET = 2, CLASS_HOST = 4 };

/* Character classes of RFC 9110 and RFC 3986; 0 for what is in none. */
extern const uint8_t h1_class[256];

/* Parses one field line without its CRLF. Returns 0 or H1_ERR_FIELD. */
int h1_parse_field(const char *line, size_t len, struct h1_field *ret);

#endif
