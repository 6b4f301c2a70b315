/* Bodies. The chunked coding (RFC 9112 7.1) is a small state machine over its size lines; data is skipped over whole.
 */
#include "h1/h1_internal.h"

#include "base/cleanup.h"
#include "base/hex.h"

/*
 *   SIZE -digits-> (SIZE | EXTENSION) -CR-> SIZE_LF -LF-> DATA -> DATA_CR -> DATA_LF -> SIZE
 *                                                  \-0-> TRAILER -> (line)* -> END_LF -> done
 */
enum state {
	SIZE_FIRST, /* a digit must come */
	SIZE,
	EXTENSION,
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER_START, /* start of a line */
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	END_LF,
};

void h1_body_init(struct h1_body *b, enum http_framing framing, uint64_t length)
{
	*b = (struct h1_body){.framing = framing, .left = framing == HTTP_BODY_LENGTH ? length : 0};
	b->done = framing == HTTP_BODY_NONE || (framing == HTTP_BODY_LENGTH && length == 0);
}

static int on_size(struct h1_body *b, uint8_t c)
{
	int digit = hex_digit(c);

	if (digit >= 0) {
		if (b->left >> 56)
			return HTTP_ERR_CHUNK;
		b->left = b->left << 4 | (unsigned)digit;
		b->state = SIZE;
	} else if (b->state == SIZE && c == '\r') {
		b->state = SIZE_LF;
	} else if (b->state == SIZE && c == ';') {
		b->state = EXTENSION;
	} else {
		return HTTP_ERR_CHUNK;
	}
	return 0;
}

static int on_trailer(struct h1_body *b, uint8_t c)
{
	bool token = http_class[c] & HTTP_CLASS_TOKEN;

	if (b->state == TRAILER_START && c == '\r')
		b->state = END_LF;
	else if ((b->state == TRAILER_START || b->state == TRAILER_NAME) && token)
		b->state = TRAILER_NAME;
	else if (b->state == TRAILER_NAME && c == ':')
		b->state = TRAILER_VALUE;
	else if (b->state == TRAILER_VALUE && c == '\r')
		b->state = TRAILER_LF;
	else if (b->state != TRAILER_VALUE || (c < 0x20 && c != '\t') || c == 0x7f)
		return HTTP_ERR_CHUNK;
	return 0;
}

/* After "\n" the next state is fixed by this one. */
static int on_lf(struct h1_body *b, uint8_t c)
{
	if (c != '\n')
		return HTTP_ERR_CHUNK;
	if (b->state == SIZE_LF) {
		b->state = b->left ? DATA : TRAILER_START;
		b->line = 0;
	} else if (b->state == DATA_LF) {
		b->state = SIZE_FIRST;
		b->line = 0;
	} else if (b->state == TRAILER_LF) {
		b->state = TRAILER_START;
	} else {
		b->done = true;
	}
	return 0;
}

static bool in_trailers(const struct h1_body *b)
{
	return b->state == TRAILER_START || b->state == TRAILER_NAME || b->state == TRAILER_VALUE ||
	       b->state == TRAILER_LF;
}

static int on_char(struct h1_body *b, uint8_t c)
{
	if (b->trailers && in_trailers(b))
		buf_append_char(b->trailers, (char)c);
	switch ((enum state)b->state) {
	case SIZE_FIRST:
	case SIZE:
		return ++b->line > H1_CHUNK_LINE_MAX_BYTES ? HTTP_ERR_CHUNK : on_size(b, c);
	case EXTENSION:
		if (c == '\r')
			b->state = SIZE_LF;
		else if ((c < 0x20 && c != '\t') || c == 0x7f || ++b->line > H1_CHUNK_LINE_MAX_BYTES)
			return HTTP_ERR_CHUNK;
		return 0;
	case DATA_CR:
		b->state = DATA_LF;
		return c == '\r' ? 0 : HTTP_ERR_CHUNK;
	case TRAILER_START:
	case TRAILER_NAME:
	case TRAILER_VALUE:
		return ++b->line > HTTP_TRAILERS_MAX_BYTES ? HTTP_ERR_CHUNK : on_trailer(b, c);
	case SIZE_LF:
	case DATA_LF:
	case TRAILER_LF:
	case END_LF:
		return on_lf(b, c);
	case DATA:
		break;
	}
	return HTTP_ERR_CHUNK;
}

static ssize_t decode_chunked(struct h1_body *b, char *buf, size_t len, struct slice *ret)
{
	char *data = NULL, *end = NULL;
	size_t i = 0;

	while (i < len && !b->done) {
		if (b->state == DATA) {
			size_t n = MIN((size_t)b->left, len - i);

			if (!data)
				data = end = buf + i;
			else
				memmove(end, buf + i, n);
			end += n;
			i += n;
			b->left -= n;
			if (b->left == 0)
				b->state = DATA_CR;
		} else if (on_char(b, (uint8_t)buf[i++]) < 0) {
			return HTTP_ERR_CHUNK;
		}
	}
	*ret = slice_make(data, (size_t)(end - data));
	return (ssize_t)i;
}

ssize_t h1_body_decode(struct h1_body *b, char *buf, size_t len, struct slice *ret_data)
{
	size_t n = len;

	*ret_data = slice_make(buf, 0);
	if (b->done)
		return 0;
	if (b->framing == HTTP_BODY_OPEN)
		return decode_chunked(b, buf, len, ret_data);
	if (b->framing == HTTP_BODY_LENGTH) {
		n = MIN(n, b->left);
		b->left -= n;
		b->done = b->left == 0;
	}
	*ret_data = slice_make(buf, n);
	return (ssize_t)n;
}

int h1_body_eof(struct h1_body *b)
{
	if (b->framing == HTTP_BODY_CLOSE || b->framing == HTTP_BODY_TUNNEL)
		b->done = true;
	return b->done ? 0 : HTTP_ERR_CHUNK;
}
