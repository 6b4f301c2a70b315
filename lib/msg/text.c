/* Durations and quantities as text. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "msg/msg.h"

static const struct {
	const char *name;
	double ns;
} units[] = {
	{"ns", 1}, {"us", 1e3}, {"\xc2\xb5s", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9},
};

static double unit_ns(const char *p, size_t len)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strlen(units[i].name) == len && !memcmp(units[i].name, p, len))
			return units[i].ns;
	return 0;
}

/* One "1.5h" of a duration: moves *text behind it. Whole parts are added exactly, fractions rounded to ns. */
static int parse_part(const char **text, int64_t *sum)
{
	const char *p = *text;
	double fraction = 0, scale = 0.1, unit, part;
	int64_t whole = 0, add;
	bool any = false;
	size_t len;

	for (; *p >= '0' && *p <= '9'; p++, any = true)
		if (__builtin_mul_overflow(whole, 10, &whole) || __builtin_add_overflow(whole, *p - '0', &whole))
			return -ERANGE;
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++, scale /= 10, any = true)
			fraction += (*p - '0') * scale;
	len = strcspn(p, "0123456789.");
	unit = unit_ns(p, len);
	if (!any || unit == 0)
		return -EINVAL;
	part = round(fraction * unit);
	if (__builtin_mul_overflow(whole, (int64_t)unit, &add) || __builtin_add_overflow(add, (int64_t)part, &add) ||
	    __builtin_add_overflow(*sum, add, sum))
		return -ERANGE;
	*text = p + len;
	return 0;
}

int msg_duration_parse(const char *text, int64_t *ret_ns)
{
	bool negative = *text == '-';
	int64_t sum = 0;
	int rc;

	if (*text == '-' || *text == '+')
		text++;
	if (!strcmp(text, "0")) {
		*ret_ns = 0;
		return 0;
	}
	do {
		rc = parse_part(&text, &sum);
		if (rc < 0)
			return rc;
	} while (*text);
	*ret_ns = negative ? -sum : sum;
	return 0;
}

const char *msg_duration_format(int64_t ns, char *out)
{
	uint64_t v = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
	size_t len = (size_t)snprintf(out, MSG_DURATION_TEXT_MAX, "%s%" PRIu64 ".%09" PRIu64, ns < 0 ? "-" : "",
				      v / 1000000000, v % 1000000000);

	while (out[len - 1] == '0')
		len--;
	if (out[len - 1] == '.')
		len--;
	out[len] = 's';
	out[len + 1] = 0;
	return out;
}

static double quantity_scale(const char *suffix)
{
	static const char decimal[] = "kMGTPE", binary[] = "KMGTPE";
	const char *at;

	if (!*suffix)
		return 1;
	if (!strcmp(suffix, "n"))
		return 1e-9;
	if (!strcmp(suffix, "u"))
		return 1e-6;
	if (!strcmp(suffix, "m"))
		return 1e-3;
	at = strchr(decimal, suffix[0]);
	if (at && !suffix[1])
		return pow(1000, (double)(at - decimal) + 1);
	at = strchr(binary, suffix[0]);
	if (at && !strcmp(suffix + 1, "i"))
		return pow(1024, (double)(at - binary) + 1);
	return 0;
}

int msg_quantity_parse(const char *text, int64_t *ret_milli)
{
	const char *p = text;
	double v, scale;
	char *end;

	if (*p == '+' || *p == '-')
		p++;
	if (!((*p >= '0' && *p <= '9') || *p == '.'))
		return -EINVAL;
	p += strspn(p, "0123456789.");
	if ((*p | 32) == 'e' && (p[1] == '-' || p[1] == '+' || (p[1] >= '0' && p[1] <= '9')))
		p += 1 + (p[1] == '-' || p[1] == '+') + strspn(p + 1 + (p[1] == '-' || p[1] == '+'), "0123456789");
	v = strtod(text, &end);
	if (end != p)
		return -EINVAL;
	scale = quantity_scale(p);
	if (scale == 0)
		return -EINVAL;
	v *= scale * 1000;
	*ret_milli = v >= 9.2e18 ? INT64_MAX : v <= -9.2e18 ? INT64_MIN : (int64_t)ceil(v);
	return 0;
}
