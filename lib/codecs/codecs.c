/* The table. */
#include "codecs/codecs.h"

#include <assert.h>
#include <string.h>

#include "codecs/raw.h"
#include "h1/codec.h"
#include "h2/codec.h"

static const struct http_codec *all[HTTP_CODECS_MAX + 1] = {&h1_codec, &h2_codec};

void codecs_choose(enum codecs_choice choice, const struct http_codec *ret[HTTP_CODECS_MAX])
{
	memset(ret, 0, HTTP_CODECS_MAX * sizeof(*ret));
	switch (choice) {
	case CODECS_AUTO:
		memcpy(ret, all, HTTP_CODECS_MAX * sizeof(*ret));
		break;
	case CODECS_HTTP1:
		ret[0] = &h1_codec;
		break;
	case CODECS_HTTP2:
		ret[0] = &h2_codec;
		break;
	case CODECS_RAW:
		ret[0] = &raw_codec;
		break;
	case CODECS_CHOICES:
		assert(false);
		break;
	}
}

const struct http_codec *codecs_http1(void)
{
	return &h1_codec;
}

void codecs_add(const struct http_codec *codec)
{
	size_t n = 0;

	while (all[n] && all[n] != codec)
		n++;
	assert(n < HTTP_CODECS_MAX);
	all[n] = codec;
}
