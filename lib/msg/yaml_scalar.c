/* What a plain YAML scalar means. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/yaml_internal.h"

#define NUMBER_MAX 64

static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
static const char *const trues[] = {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"};
static const char *const falses[] = {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"};
static const char *const no_json[] = {".inf",  ".Inf",  ".INF",  "+.inf", "+.Inf", "+.INF",
				      "-.inf", "-.Inf", "-.INF", ".nan",  ".NaN",  ".NAN"};

static bool is_one_of(const char *text, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(text, words[i]))
			return true;
	return false;
}

/* Without underscores; false when it is too long or does not look like a number. */
static bool number_text(const char *text, char *out)
{
	size_t n = 0;

	if (!isdigit((unsigned char)text[0]) && !strchr("+-.", text[0]))
		return false;
	for (; *text; text++) {
		if (*text == '_')
			continue;
		if (n + 1 >= NUMBER_MAX)
			return false;
		out[n++] = *text;
	}
	out[n] = 0;
	return n > 0;
}

static int base_of(const char **digits)
{
	const char *p = *digits;

	if (p[0] != '0' || !p[1])
		return 10;
	*digits += 2;
	switch (p[1] | 32) {
	case 'x':
		return 16;
	case 'b':
		return 2;
	case 'o':
		return 8;
	}
	*digits = p + 1;
	return 8;
}

static cJSON *resolve_integer(const char *text)
{
	const char *digits = text + (*text == '+' || *text == '-');
	int base = base_of(&digits);
	uint64_t v;
	char *end;

	if (!isxdigit((unsigned char)*digits))
		return NULL;
	errno = 0;
	v = strtoull(digits, &end, base);
	if (*end)
		return NULL;
	if (errno == ERANGE || v > INT64_MAX)
		return base == 10 && *text != '+' ? cJSON_CreateRaw(text) : NULL;
	return json_new_int64(*text == '-' ? -(int64_t)v : (int64_t)v);
}

/* [-+]? (.digits | digits[.digits*]) exponent? */
static cJSON *resolve_float(const char *text)
{
	const char *p = text + (*text == '+' || *text == '-');
	size_t whole = strspn(p, "0123456789"), part = 0;
	double v;

	p += whole;
	if (*p == '.') {
		p++;
		part = strspn(p, "0123456789");
		p += part;
	}
	if (!whole && !part)
		return NULL;
	if ((*p | 32) == 'e') {
		p++;
		if (*p == '+' || *p == '-')
			p++;
		if (!isdigit((unsigned char)*p))
			return NULL;
		p += strspn(p, "0123456789");
	}
	v = strtod(text, NULL);
	return *p || !isfinite(v) ? NULL : cJSON_CreateNumber(v);
}

cJSON *yaml_resolve(const char *text)
{
	char number[NUMBER_MAX];
	cJSON *json = NULL;

	if (is_one_of(text, nulls, ARRAY_LEN(nulls)))
		return cJSON_CreateNull();
	if (is_one_of(text, trues, ARRAY_LEN(trues)))
		return cJSON_CreateTrue();
	if (is_one_of(text, falses, ARRAY_LEN(falses)))
		return cJSON_CreateFalse();
	if (is_one_of(text, no_json, ARRAY_LEN(no_json)))
		return NULL;
	if (number_text(text, number)) {
		json = resolve_integer(number);
		if (!json)
			json = resolve_float(number);
	}
	return json ? json : cJSON_CreateString(text);
}
