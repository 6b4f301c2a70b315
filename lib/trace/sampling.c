/* Decisions on tracing, and their mark in a request's identifier. */
#include "trace/sampling.h"

#include "base/hex.h"
#include "base/rand.h"

#define UUID_BYTES 36
#define MARK_AT 14 /* the version's digit, 4 in an identifier without a mark */

static const char marks[] = {
	[TRACE_NOT] = '4', [TRACE_BY_SHARE] = '9', [TRACE_BY_SERVICE] = 'a', [TRACE_BY_CLIENT] = 'b'};

static const bool hex_digits[256] = {['0' ... '9'] = true, ['a' ... 'f'] = true, ['A' ... 'F'] = true};

static bool is_hex(const char *p, size_t n)
{
	bool all = true;

	for (size_t i = 0; i < n; i++)
		all &= hex_digits[(uint8_t)p[i]];
	return all;
}

static bool is_uuid(struct slice id)
{
	const char *p = id.ptr;

	return id.len == UUID_BYTES && p[8] == '-' && p[13] == '-' && p[18] == '-' && p[23] == '-' && is_hex(p, 8) &&
	       is_hex(p + 9, 4) && is_hex(p + 14, 4) && is_hex(p + 19, 4) && is_hex(p + 24, 12);
}

/* Of an identifier as long as a UUID. */
static enum trace_reason marked(struct slice id)
{
	for (int reason = TRACE_BY_SHARE; reason <= TRACE_BY_CLIENT; reason++)
		if (id.ptr[MARK_AT] == marks[reason])
			return (enum trace_reason)reason;
	return TRACE_NOT;
}

enum trace_reason trace_marked(struct slice id)
{
	const enum trace_reason reason = id.len == UUID_BYTES ? marked(id) : TRACE_NOT;

	return reason != TRACE_NOT && is_uuid(id) ? reason : TRACE_NOT;
}

ptrdiff_t trace_mark(struct slice id, enum trace_reason reason, char *ret_digit)
{
	if (!is_uuid(id))
		return -1;
	*ret_digit = marks[reason];
	return MARK_AT;
}

/* 0..9999, the same in each proxy that sees this identifier, which is a UUID. */
static uint32_t lot(struct slice id)
{
	uint32_t v = 0;

	for (size_t i = 0; i < 8; i++)
		v = v << 4 | (uint32_t)hex_digit(id.ptr[i]);
	return v % TRACE_SHARE_ALL;
}

enum trace_reason trace_decide(struct slice id, const struct trace_shares *shares, bool forced, bool by_client,
			       struct rand *r)
{
	const bool uuid = is_uuid(id);
	enum trace_reason reason = uuid ? marked(id) : TRACE_NOT;
	uint32_t mine = uuid ? lot(id) : rand_below(r, TRACE_SHARE_ALL);

	if (reason == TRACE_NOT && by_client && mine < shares->client)
		reason = TRACE_BY_CLIENT;
	else if (reason == TRACE_NOT && forced)
		reason = TRACE_BY_SERVICE;
	else if (reason == TRACE_NOT && mine < shares->random)
		reason = TRACE_BY_SHARE;
	return mine < shares->overall ? reason : TRACE_NOT;
}
