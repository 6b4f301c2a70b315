/* Formats a line on the stack and writes it at once, so that lines of threads do not mix. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define LINE_MAX_BYTES 4096

#define SCOPE_NAME_MAX 24

static atomic_int threshold = LOG_INFO;
static struct {
	char name[SCOPE_NAME_MAX];
	int level;
} scopes[LOG_SCOPES_MAX];
static atomic_int n_scopes;
static atomic_bool as_json;

static const char *const names[LOG_LEVEL_COUNT] = {"none", "error", "warn", "info", "debug"};

void log_set_level(enum log_level level)
{
	threshold = (int)level;
}

enum log_level log_get_level(void)
{
	return (enum log_level)threshold;
}

void log_set_json(bool on)
{
	as_json = on;
}

int log_level_parse(struct slice name, enum log_level *ret)
{
	static const struct {
		const char *name;
		enum log_level level;
	} others[] = {{"warning", LOG_WARN},
		      {"trace", LOG_DEBUG},
		      {"fatal", LOG_ERROR},
		      {"critical", LOG_ERROR},
		      {"off", LOG_NONE}};

	for (int i = 0; i < LOG_LEVEL_COUNT; i++)
		if (slice_eq_str(name, names[i])) {
			*ret = (enum log_level)i;
			return 0;
		}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (slice_eq_str(name, others[i].name)) {
			*ret = others[i].level;
			return 0;
		}
	return -EINVAL;
}

enum log_level log_most_level(void)
{
	int most = threshold;

	for (int i = 0; i < n_scopes; i++)
		most = scopes[i].level > most ? scopes[i].level : most;
	return (enum log_level)most;
}

static bool is_for_all(struct slice scope)
{
	return slice_eq_str(scope, "default") || slice_eq_str(scope, "all");
}

static void set_scope(struct slice name, enum log_level level)
{
	int i = 0;

	while (i < n_scopes && !slice_eq_str(name, scopes[i].name))
		i++;
	if (i == LOG_SCOPES_MAX || name.len >= SCOPE_NAME_MAX)
		return;
	scopes[i].level = (int)level;
	if (i < n_scopes)
		return;
	memcpy(scopes[i].name, name.ptr, name.len);
	scopes[i].name[name.len] = 0;
	n_scopes = i + 1;
}

void log_set_scopes(struct slice text)
{
	while (text.len) {
		struct slice level = slice_split(&text, ','), scope = slice_split(&level, ':');
		enum log_level l;

		if (level.len && scope.len && !is_for_all(scope) && log_level_parse(level, &l) == 0)
			set_scope(scope, l);
	}
}

static int level_of(const char *scope)
{
	for (int i = 0; i < n_scopes; i++)
		if (strcmp(scopes[i].name, scope) == 0)
			return scopes[i].level;
	return threshold;
}

void log_levels_parse(struct slice text, enum log_level *ret)
{
	while (text.len) {
		struct slice level = slice_split(&text, ','), scope = slice_split(&level, ':');

		if (!level.len)
			(void)log_level_parse(scope, ret);
		else if (is_for_all(scope))
			(void)log_level_parse(level, ret);
	}
}

int log_set_levels(struct slice text)
{
	enum log_level level = LOG_LEVEL_COUNT;

	log_levels_parse(text, &level);
	if (level == LOG_LEVEL_COUNT)
		return -EINVAL;
	log_set_level(level);
	log_set_scopes(text);
	return 0;
}

/* Control characters would let a peer forge lines: they become spaces, or escapes within JSON. */
static size_t put_message(char *out, size_t room, const char *msg, bool json)
{
	size_t n = 0;

	for (; *msg && n + 2 < room; msg++) {
		unsigned char c = (unsigned char)*msg;

		if (c < 0x20 || c == 0x7f)
			c = ' ';
		if (json && (c == '"' || c == '\\'))
			out[n++] = '\\';
		out[n++] = (char)c;
	}
	return n;
}

void log_write(enum log_level level, const char *scope, const char *fmt, ...)
{
	char msg[LINE_MAX_BYTES - 128], line[LINE_MAX_BYTES + 256], when[CLOCK_TEXT_MAX];
	bool json = as_json;
	va_list ap;
	size_t n;

	if ((int)level > level_of(scope))
		return;
	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	clock_format_us(clock_wall_ns() / 1000, when);
	n = (size_t)snprintf(line, 256,
			     json ? "{\"time\":\"%s\",\"level\":\"%s\",\"scope\":\"%s\",\"msg\":\"" : "%s\t%s\t%s\t",
			     when, names[level], scope);
	n += put_message(line + n, sizeof(line) - n - 4, msg, json);
	if (json) {
		line[n++] = '"';
		line[n++] = '}';
	}
	line[n++] = '\n';
	/* A log that cannot be written has nowhere to complain. */
	(void)!write(STDERR_FILENO, line, n);
}

bool log_limit_ok(struct log_limit *l, int64_t now_ns, int64_t interval_ns, unsigned *suppressed)
{
	if (l->last_ns && now_ns - l->last_ns < interval_ns) {
		l->suppressed++;
		return false;
	}
	*suppressed = l->suppressed;
	l->suppressed = 0;
	l->last_ns = now_ns;
	return true;
}
