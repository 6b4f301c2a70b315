/*
 * A tunnel without HTTP, as a codec for clients: an exchange is answered 200 by itself as soon as the connection is
 * there, and what it sends and receives are bare bytes. CONNECT ends at a proxy so (RFC 9110 9.3.6).
 */
#ifndef CODECS_RAW_H
#define CODECS_RAW_H

#include "http/codec.h"

extern const struct http_codec raw_codec;

#endif
