/* Reading clocks; RFC 3339 and Go durations, both as Kubernetes writes them. */
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

int64_t clock_mono_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_wall_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

const char *clock_format_s(int64_t wall_s, char *out)
{
	time_t t = (time_t)wall_s;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, CLOCK_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

const char *clock_now_text(char *out)
{
	return clock_format_s(clock_wall_ns() / NS_PER_S, out);
}

const char *clock_format_us(int64_t wall_us, char *out)
{
	time_t t = (time_t)(wall_us / 1000000);
	struct tm tm;
	size_t n;

	gmtime_r(&t, &tm);
	n = strftime(out, CLOCK_TEXT_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, CLOCK_TEXT_MAX - n, ".%06dZ", (int)(wall_us % 1000000));
	return out;
}

/* Reads exactly n digits off the front. */
static int digits(struct slice *s, size_t n, int *ret)
{
	uint64_t v;

	if (s->len < n || slice_to_u64(slice_head(*s, n), 9999, &v) < 0)
		return -EINVAL;
	*ret = (int)v;
	*s = slice_from(*s, n);
	return 0;
}

static int expect(struct slice *s, char c)
{
	if (!s->len || s->ptr[0] != c)
		return -EINVAL;
	*s = slice_from(*s, 1);
	return 0;
}

/* The fraction after the point, as nanoseconds; digits past the ninth are dropped. */
static int64_t fraction(struct slice *s)
{
	int64_t ns = 0, unit = NS_PER_S / 10;

	while (s->len && s->ptr[0] >= '0' && s->ptr[0] <= '9') {
		ns += unit * (s->ptr[0] - '0');
		unit /= 10;
		*s = slice_from(*s, 1);
	}
	return ns;
}

/* "Z" or "+hh:mm" to the end of the text. */
static int zone(struct slice s, int *ret_s)
{
	int hours, minutes, sign;

	if (s.len == 1 && (s.ptr[0] == 'Z' || s.ptr[0] == 'z')) {
		*ret_s = 0;
		return 0;
	}
	if (!s.len || (s.ptr[0] != '+' && s.ptr[0] != '-'))
		return -EINVAL;
	sign = s.ptr[0] == '-' ? -1 : 1;
	s = slice_from(s, 1);
	if (digits(&s, 2, &hours) < 0 || expect(&s, ':') < 0 || digits(&s, 2, &minutes) < 0 || s.len)
		return -EINVAL;
	*ret_s = sign * (hours * 3600 + minutes * 60);
	return 0;
}

int clock_parse(struct slice s, int64_t *ret_ns)
{
	struct tm tm = {0};
	int64_t ns = 0;
	int offset_s;
	int64_t at_s;

	if (digits(&s, 4, &tm.tm_year) < 0 || expect(&s, '-') < 0 || digits(&s, 2, &tm.tm_mon) < 0 ||
	    expect(&s, '-') < 0 || digits(&s, 2, &tm.tm_mday) < 0 || expect(&s, 'T') < 0 ||
	    digits(&s, 2, &tm.tm_hour) < 0 || expect(&s, ':') < 0 || digits(&s, 2, &tm.tm_min) < 0 ||
	    expect(&s, ':') < 0 || digits(&s, 2, &tm.tm_sec) < 0)
		return -EINVAL;
	if (tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 ||
	    tm.tm_sec > 60)
		return -EINVAL;
	if (s.len && s.ptr[0] == '.') {
		s = slice_from(s, 1);
		ns = fraction(&s);
	}
	if (zone(s, &offset_s) < 0)
		return -EINVAL;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	at_s = (int64_t)timegm(&tm) - offset_s;
	*ret_ns = at_s >= INT64_MAX / NS_PER_S   ? INT64_MAX
		  : at_s <= INT64_MIN / NS_PER_S ? INT64_MIN
						 : at_s * NS_PER_S + ns;
	return 0;
}

static const struct {
	const char *name;
	int64_t ns;
} units[] = {
	{"ns", 1},       {"us", 1000},           {"\xc2\xb5s", 1000},      {"ms", NS_PER_MS},
	{"s", NS_PER_S}, {"m", 60LL * NS_PER_S}, {"h", 3600LL * NS_PER_S},
};

/* The unit at the front of s: letters up to the next digit or point. */
static int64_t unit_ns(struct slice *s)
{
	size_t n = 0;

	while (n < s->len && s->ptr[n] != '.' && (s->ptr[n] < '0' || s->ptr[n] > '9'))
		n++;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (slice_eq_str(slice_head(*s, n), units[i].name)) {
			*s = slice_from(*s, n);
			return units[i].ns;
		}
	return -1;
}

/* One "12.5ms" off the front, added to *total. */
static int duration_part(struct slice *s, int64_t *total)
{
	int64_t whole = 0, part_ns = 0, unit, sum;
	struct slice at = *s;
	size_t n = 0;

	while (at.len && at.ptr[0] >= '0' && at.ptr[0] <= '9') {
		if (__builtin_mul_overflow(whole, 10, &whole) || __builtin_add_overflow(whole, at.ptr[0] - '0', &whole))
			return -ERANGE;
		at = slice_from(at, 1);
		n++;
	}
	if (at.len && at.ptr[0] == '.') {
		size_t before = at.len;

		at = slice_from(at, 1);
		part_ns = fraction(&at);
		n += before - 1 - at.len;
	}
	unit = n ? unit_ns(&at) : -1;
	if (unit < 0)
		return -EINVAL;
	if (__builtin_mul_overflow(whole, unit, &sum) ||
	    __builtin_add_overflow(sum, (int64_t)((__int128)part_ns * unit / NS_PER_S), &sum) ||
	    __builtin_add_overflow(*total, sum, total))
		return -ERANGE;
	*s = at;
	return 0;
}

int duration_parse(struct slice s, int64_t *ret_ns)
{
	bool negative = false;
	int64_t total = 0;
	int r;

	if (s.len && (s.ptr[0] == '-' || s.ptr[0] == '+')) {
		negative = s.ptr[0] == '-';
		s = slice_from(s, 1);
	}
	if (slice_eq_str(s, "0")) {
		*ret_ns = 0;
		return 0;
	}
	if (!s.len)
		return -EINVAL;
	while (s.len) {
		r = duration_part(&s, &total);
		if (r < 0)
			return r;
	}
	*ret_ns = negative ? -total : total;
	return 0;
}

/* "1.5" for 1500 units of 1/1000: whole, then the fraction without trailing zeros. */
static int print_fraction(char *out, size_t size, int64_t value, int64_t unit)
{
	int n = snprintf(out, size, "%lld", (long long)(value / unit));
	int64_t rest = value % unit;

	if (!rest)
		return n;
	out[n++] = '.';
	for (int64_t place = unit / 10; rest && place; place /= 10) {
		/* cppcheck-suppress zerodivcond ; place is not 0 here */
		out[n++] = (char)('0' + rest / place);
		rest %= place;
	}
	out[n] = 0;
	return n;
}

const char *duration_format(int64_t ns, char *out)
{
	char *p = out, *end = out + CLOCK_TEXT_MAX;
	int64_t s;

	if (ns < 0) {
		*p++ = '-';
		ns = -ns;
	}
	if (ns == 0) {
		snprintf(p, (size_t)(end - p), "0s");
		return out;
	}
	if (ns < NS_PER_S) {
		const char *unit = ns < 1000 ? "ns" : ns < NS_PER_MS ? "\xc2\xb5s" : "ms";

		p += print_fraction(p, (size_t)(end - p), ns, ns < 1000 ? 1 : ns < NS_PER_MS ? 1000 : NS_PER_MS);
		snprintf(p, (size_t)(end - p), "%s", unit);
		return out;
	}
	s = ns / NS_PER_S;
	if (s >= 3600)
		p += snprintf(p, (size_t)(end - p), "%lldh", (long long)(s / 3600));
	if (s >= 60)
		p += snprintf(p, (size_t)(end - p), "%lldm", (long long)(s / 60 % 60));
	p += print_fraction(p, (size_t)(end - p), ns % (60LL * NS_PER_S), NS_PER_S);
	snprintf(p, (size_t)(end - p), "s");
	return out;
}
