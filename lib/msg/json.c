/* JSON trees: printing, integers, equality. Members are in json_access.c. */
#include "msg/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void print_string(const char *s, struct buf *out)
{
	buf_append_char(out, '"');
	for (;;) {
		size_t n = 0;

		while ((unsigned char)s[n] >= 0x20 && s[n] != '"' && s[n] != '\\')
			n++;
		buf_append(out, s, n);
		s += n;
		if (!*s)
			break;
		if (*s == '"' || *s == '\\')
			buf_printf(out, "\\%c", *s);
		else if (*s == '\n')
			buf_append_str(out, "\\n");
		else if (*s == '\t')
			buf_append_str(out, "\\t");
		else
			buf_printf(out, "\\u%04x", (unsigned char)*s);
		s++;
	}
	buf_append_char(out, '"');
}

static void print_number(double d, struct buf *out)
{
	char text[40];

	if (!isfinite(d)) {
		buf_append_str(out, "null");
		return;
	}
	if (d == floor(d) && fabs(d) < 1e15) {
		buf_printf(out, "%" PRId64, (int64_t)d);
		return;
	}
	snprintf(text, sizeof(text), "%.15g", d);
	if (strtod(text, NULL) != d)
		snprintf(text, sizeof(text), "%.17g", d);
	buf_append_str(out, text);
}

static void print_nested(const cJSON *json, struct buf *out)
{
	bool object = cJSON_IsObject(json);
	const cJSON *it;

	buf_append_char(out, object ? '{' : '[');
	cJSON_ArrayForEach(it, json)
	{
		if (it != json->child)
			buf_append_char(out, ',');
		if (object) {
			print_string(it->string ? it->string : "", out);
			buf_append_char(out, ':');
		}
		json_print(it, out);
	}
	buf_append_char(out, object ? '}' : ']');
}

void json_print(const cJSON *json, struct buf *out)
{
	switch (json ? json->type & 0xff : cJSON_NULL) {
	case cJSON_True:
		buf_append_str(out, "true");
		break;
	case cJSON_False:
		buf_append_str(out, "false");
		break;
	case cJSON_Number:
		print_number(json->valuedouble, out);
		break;
	case cJSON_Raw:
		buf_append_str(out, json->valuestring ? json->valuestring : "null");
		break;
	case cJSON_String:
		print_string(json->valuestring ? json->valuestring : "", out);
		break;
	case cJSON_Array:
	case cJSON_Object:
		print_nested(json, out);
		break;
	default:
		buf_append_str(out, "null");
	}
}

int json_int64(const cJSON *json, int64_t *ret)
{
	char *end;
	int64_t v;

	if (cJSON_IsNumber(json)) {
		if (json->valuedouble != floor(json->valuedouble))
			return -EINVAL;
		if (fabs(json->valuedouble) > 9007199254740992.0)
			return -ERANGE;
		*ret = (int64_t)json->valuedouble;
		return 0;
	}
	if (!cJSON_IsRaw(json) || !json->valuestring)
		return -EINVAL;
	errno = 0;
	v = strtoll(json->valuestring, &end, 10);
	if (end == json->valuestring || *end)
		return -EINVAL;
	if (errno == ERANGE)
		return -ERANGE;
	*ret = v;
	return 0;
}

cJSON *json_new_int64(int64_t value)
{
	char text[24];
	cJSON *json;

	snprintf(text, sizeof(text), "%" PRId64, value);
	json = value > -1000000000000000 && value < 1000000000000000 ? cJSON_CreateNumber((double)value)
								     : cJSON_CreateRaw(text);
	if (!json)
		abort();
	return json;
}

static bool objects_equal(const cJSON *a, const cJSON *b)
{
	const cJSON *it, *other;
	int n = 0;

	cJSON_ArrayForEach(it, a)
	{
		other = json_get(b, it->string);
		if (!other || !json_equal(it, other))
			return false;
		n++;
	}
	return n == cJSON_GetArraySize(b);
}

static bool arrays_equal(const cJSON *a, const cJSON *b)
{
	const cJSON *x = a->child, *y = b->child;

	for (; x && y; x = x->next, y = y->next)
		if (!json_equal(x, y))
			return false;
	return !x && !y;
}

static bool is_numeric(const cJSON *json)
{
	return cJSON_IsNumber(json) || cJSON_IsRaw(json);
}

static double number_of(const cJSON *json)
{
	return cJSON_IsNumber(json) ? json->valuedouble : strtod(json->valuestring, NULL);
}

bool json_equal(const cJSON *a, const cJSON *b)
{
	if (!a || !b)
		return a == b;
	if (cJSON_IsRaw(a) + cJSON_IsRaw(b) == 1)
		return is_numeric(a) && is_numeric(b) && number_of(a) == number_of(b);
	if ((a->type & 0xff) != (b->type & 0xff))
		return false;
	switch (a->type & 0xff) {
	case cJSON_Number:
		return a->valuedouble == b->valuedouble;
	case cJSON_Raw:
	case cJSON_String:
		return !strcmp(a->valuestring, b->valuestring);
	case cJSON_Array:
		return arrays_equal(a, b);
	case cJSON_Object:
		return objects_equal(a, b);
	default:
		return true;
	}
}
