/* Decisions on tracing, and their mark in a request's identifier. */
#include "trace/sampling.h"

#include "base/hex.h"
#include "base/rand.h"

#define UUID_BYTES 36
#define MARK_AT 14 /* the version's digit, 4 in an identifier without a mark */

static const char marks[] = {
	[TRACE_NOT] = '4', [TRACE_BY_SHARE] = '9', [TRACE_BY_SERVICE] = 'a', [TRACE_BY_CLIENT] = 'b'};

static bool is_uuid(struct slice id)
{
	if (id.len != UUID_BYTES)
		return false;
	for (size_t i = 0; i < UUID_BYTES; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? id.ptr[i] != '-' : hex_digit(id.ptr[i]) < 0)
			return false;
	}
	return true;
}

enum trace_reason trace_marked(struct slice id)
{
	if (!is_uuid(id))
		return TRACE_NOT;
	for (int reason = TRACE_BY_SHARE; reason <= TRACE_BY_CLIENT; reason++)
		if (id.ptr[MARK_AT] == marks[reason])
			return (enum trace_reason)reason;
	return TRACE_NOT;
}

ptrdiff_t trace_mark(struct slice id, enum trace_reason reason, char *ret_digit)
{
	if (!is_uuid(id))
		return -1;
	*ret_digit = marks[reason];
	return MARK_AT;
}

/* 0..9999, the same in each proxy that sees this identifier. */
static uint32_t lot(struct slice id, struct rand *r)
{
	uint32_t v = 0;

	if (!is_uuid(id))
		return rand_below(r, TRACE_SHARE_ALL);
	for (size_t i = 0; i < 8; i++)
		v = v << 4 | (uint32_t)hex_digit(id.ptr[i]);
	return v % TRACE_SHARE_ALL;
}

enum trace_reason trace_decide(struct slice id, const struct trace_shares *shares, bool forced, bool by_client,
			       struct rand *r)
{
	enum trace_reason reason = trace_marked(id);
	uint32_t mine = lot(id, r);

	if (reason == TRACE_NOT && by_client && mine < shares->client)
		reason = TRACE_BY_CLIENT;
	else if (reason == TRACE_NOT && forced)
		reason = TRACE_BY_SERVICE;
	else if (reason == TRACE_NOT && mine < shares->random)
		reason = TRACE_BY_SHARE;
	return mine < shares->overall ? reason : TRACE_NOT;
}
