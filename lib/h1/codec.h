/* HTTP/1.0 and 1.1 as a codec of connections. */
#ifndef H1_CODEC_H
#define H1_CODEC_H

#include "http/codec.h"

extern const struct http_codec h1_codec;

#endif
