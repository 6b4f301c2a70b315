/* HTTP/2 as a codec of connections. */
#ifndef H2_CODEC_H
#define H2_CODEC_H

#include "http/codec.h"

extern const struct http_codec h2_codec;

#endif
