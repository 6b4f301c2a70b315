/* Shared by the parser of heads and the decoder of bodies. */
#ifndef H1_H1_INTERNAL_H
#define H1_H1_INTERNAL_H

#include "h1/h1.h"
#include "http/class.h"

/* Parses one field line without its CRLF. Returns 0 or HTTP_ERR_FIELD. */
int h1_parse_field(const char *line, size_t len, struct http_field *ret);

#endif
