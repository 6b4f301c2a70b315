/*
 * The HTTP/1.1 codec on foreign bytes: first byte chooses what is parsed, second how the bytes are cut. Whatever is
 * accepted must be the same when it comes in pieces, and what is written from it must be accepted again.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "h1/h1.h"

static struct http_head head, again;

static ssize_t parse(const char *text, size_t len, size_t step, bool response, struct http_head *h)
{
	struct h1_parser p = {0};
	ssize_t n = 0;

	for (size_t at = step; n == 0; at += step) {
		size_t to = at < len ? at : len;

		n = response ? h1_parse_response(&p, text, to, HTTP_GET, h) : h1_parse_request(&p, text, to, h);
		if (to == len)
			break;
	}
	return n;
}

static void write_again(const struct http_head *h, bool response)
{
	char *out = malloc(h1_head_bound(h) + 2), *end;
	ssize_t n;

	end = response ? h1_write_response(out, h) : h1_write_request(out, h);
	assert((size_t)(end - out) <= h1_head_bound(h));
	memcpy(end, "\r\n", 2);
	n = parse(out, (size_t)(end - out) + 2, SIZE_MAX / 2, response, &again);
	/* HTTP/1.0 is written as 1.1, which asks for more. */
	if (h->version == 1) {
		assert(n == end - out + 2);
		assert(again.framing == h->framing && again.n_fields == h->n_fields);
	}
	free(out);
}

static void fuzz_head(const char *text, size_t len, size_t step, bool response)
{
	ssize_t whole = parse(text, len, len ? len : 1, response, &head);

	assert(parse(text, len, step, response, &again) == whole);
	if (whole > 0)
		write_again(&head, response);
}

static void fuzz_body(const uint8_t *data, size_t len, size_t step)
{
	struct h1_body b;

	h1_body_init(&b, HTTP_BODY_OPEN, 0);
	for (size_t at = 0; at < len && !b.done;) {
		size_t n = len - at < step ? len - at : step;
		char *copy = malloc(n);
		struct slice got;
		ssize_t taken;

		memcpy(copy, data + at, n);
		taken = h1_body_decode(&b, copy, n, &got);
		assert(taken < 0 || (size_t)taken <= n);
		assert(taken < 0 || got.len <= n);
		free(copy);
		if (taken < 0)
			return;
		assert(taken > 0);
		at += (size_t)taken;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy;
	size_t step;

	if (size < 2)
		return 0;
	step = (size_t)data[1] + 1;
	copy = malloc(size - 2 + 1);
	memcpy(copy, data + 2, size - 2);
	if (data[0] % 3 == 2)
		fuzz_body(data + 2, size - 2, step);
	else
		fuzz_head(copy, size - 2, step, data[0] % 3);
	free(copy);
	return 0;
}
