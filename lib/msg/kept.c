/*
 * What is left of an object after an API server has read it into its structs and written it again: absent and zero are
 * one, unless a pointer or the type's habit tells them apart, and quantities have one form.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/msg_internal.h"

#define NANO 1000000000LL

/* --- quantities --- */

static const char decimal[] = "num kMGTPE", binary[] = "KMGTPE"; /* 10^-9 .. 10^18 by 1000, 2^10 .. 2^60 by 1024 */

#define ONE (strchr(decimal, ' ') - decimal)

/* A number without exponent in billionths; false when that is not exact. */
static bool read_number(const char **p, __int128 *ret_nano)
{
	const bool negative = **p == '-';
	__int128 v = 0;
	int after = -1;

	*p += **p == '-' || **p == '+';
	for (; (**p >= '0' && **p <= '9') || **p == '.'; (*p)++) {
		if (**p == '.' ? after >= 0 : after == 9 || v > INT64_MAX / 10)
			return false;
		if (**p == '.') {
			after = 0;
			continue;
		}
		v = v * 10 + (**p - '0');
		after += after >= 0;
	}
	for (int i = after < 0 ? 0 : after; i < 9; i++)
		v *= 10;
	*ret_nano = negative ? -v : v;
	return true;
}

static bool scale(__int128 *nano, int by, long steps)
{
	const __int128 most = (__int128)INT64_MAX * NANO;

	for (long i = 0; i < steps; i++) {
		*nano *= by;
		if (*nano > most || *nano < -most)
			return false;
	}
	return true;
}

/* The largest suffix that leaves a whole number. */
static void write_decimal(__int128 nano, char *out, size_t size)
{
	const char *step = decimal;

	for (; nano && nano % 1000 == 0 && step[1]; step++)
		nano /= 1000;
	snprintf(out, size, !nano || *step == ' ' ? "%lld" : "%lld%c", (long long)nano, *step);
}

static void write_binary(__int128 nano, char *out, size_t size)
{
	__int128 v = nano / NANO;
	size_t step = 0;

	for (; v % 1024 == 0 && binary[step]; step++)
		v /= 1024;
	snprintf(out, size, "%lld%ci", (long long)v, binary[step - 1]);
}

/* The canonical form. False for a form that is not understood: that is left as it is. */
static bool canonical(const char *text, char *out, size_t size)
{
	const char *p = text, *at;
	__int128 nano;

	if (!*text || strchr(" nE", *text) || !read_number(&p, &nano) || p == text)
		return false;
	at = *p && !p[1] ? strchr(decimal, *p) : NULL;
	if (!*p || (at && *p != ' ')) {
		const long step = *p ? at - decimal : ONE;

		for (long i = step; i < ONE; i++) {
			if (nano % 1000)
				return false;
			nano /= 1000;
		}
		if (!scale(&nano, 1000, step - ONE))
			return false;
		write_decimal(nano, out, size);
		return true;
	}
	at = strchr(binary, *p);
	if (!at || strcmp(p + 1, "i") != 0 || !scale(&nano, 1024, at - binary + 1) || nano % NANO)
		return false;
	if (nano / NANO % 1024 || !nano)
		write_decimal(nano, out, size);
	else
		write_binary(nano, out, size);
	return true;
}

static void keep_quantity(cJSON *in, const cJSON *v)
{
	char was[32], now[48];

	if (cJSON_IsNumber(v))
		snprintf(was, sizeof(was), "%.15g", v->valuedouble);
	else if (cJSON_IsString(v) && strlen(v->valuestring) < sizeof(was))
		strcpy(was, v->valuestring);
	else
		return;
	if (canonical(was, now, sizeof(now)))
		json_set_str(in, v->string, now);
}

/* --- members --- */

static bool is_zero(const cJSON *v)
{
	return cJSON_IsFalse(v) || (cJSON_IsNumber(v) && v->valuedouble == 0) ||
	       (cJSON_IsString(v) && !*v->valuestring);
}

/* Whether the member goes when it says nothing. */
static bool may_go(const struct msg_field *f, const cJSON *v)
{
	if (cJSON_IsNull(v))
		return f->type != MSG_JSON;
	if (f->flags & (MSG_OPTIONAL | MSG_KEEP_ZERO | MSG_KEEP_EMPTY | MSG_REQUIRED | MSG_NULLABLE))
		return false;
	switch ((enum msg_type)f->type) {
	case MSG_JSON:
	case MSG_INT_OR_STR:
		return false;
	case MSG_MESSAGE:
		return msg_is_list(f) && cJSON_IsArray(v) && !v->child;
	case MSG_STR_MAP:
	case MSG_MAP:
		return cJSON_IsObject(v) && !v->child;
	default:
		return msg_is_list(f) ? cJSON_IsArray(v) && !v->child : is_zero(v);
	}
}

static void keep_member(cJSON *in, const struct msg_field *f, cJSON *v)
{
	cJSON *one, *next;

	if (f->type == MSG_QUANTITY && !msg_is_list(f))
		keep_quantity(in, v);
	if (f->type == MSG_STR_MAP && f->elem == MSG_QUANTITY && cJSON_IsObject(v))
		for (one = v->child; one; one = next) {
			next = one->next;
			keep_quantity(v, one);
		}
	if (f->type == MSG_MESSAGE && !msg_is_list(f) && cJSON_IsObject(v))
		msg_keep_json(f->desc, v);
	if ((f->type == MSG_MESSAGE && msg_is_list(f)) || f->type == MSG_MAP)
		cJSON_ArrayForEach(one, v) if (cJSON_IsObject(one)) msg_keep_json(f->desc, one);
}

void msg_keep_json(const struct msg_desc *desc, cJSON *o)
{
	cJSON *next;

	for (cJSON *m = o ? o->child : NULL; m; m = next) {
		const struct msg_field *f = msg_field_find(desc, m->string);

		next = m->next;
		if (!f)
			continue;
		if (may_go(f, m))
			cJSON_Delete(cJSON_DetachItemViaPointer(o, m));
		else
			keep_member(o, f, m);
	}
}
