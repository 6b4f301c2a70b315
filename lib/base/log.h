/*
 * One line per event on standard error: time, level, scope, message, then key=value context in the message itself.
 *   2024-05-01T12:00:00.123456Z	info	xds	proxy connected node=catalog-1.shop
 * Libraries return errors; the top level that decides logs once. Secrets never reach a log.
 * Thread-safe: a line is one write.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/slice.h"

enum log_level { LOG_NONE, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_LEVEL_COUNT };

/* Lines above this level are dropped. Default LOG_INFO. Set at start-up or from the main loop. */
void log_set_level(enum log_level level);
/* The level in force. */
enum log_level log_get_level(void);
/* The highest one that any scope has. */
enum log_level log_most_level(void);

/* One JSON object per line instead of tabs. */
void log_set_json(bool on);

/* "none", "error", "warn", "info", "debug", and what Istio and Envoy also say: "off", "fatal", "critical", "warning",
 * "trace". Returns 0 or -EINVAL. */
int log_level_parse(struct slice name, enum log_level *ret);

/* Levels of single scopes, "xds:debug,ca:error", which go before the one for everything; further ones than
 * LOG_SCOPES_MAX, and what is no level, are passed over. Adds to those of before. Set at start-up. */
#define LOG_SCOPES_MAX 32
void log_set_scopes(struct slice text);

/*
 * Istio's way of writing levels, "info" or "default:info,xds:debug": the one for everything, under "default", "all" or
 * no name, goes into *ret. The others are log_set_scopes()'; what is no level leaves *ret as it is.
 */
void log_levels_parse(struct slice text, enum log_level *ret);

/* The same, put in force. -EINVAL when there is no level for everything in the text: then all stays as it is. */
int log_set_levels(struct slice text);

/* Rows of a program's table of flags (base/flags.h); the ids are the program's own. */
#define LOG_FLAG_LEVEL(id)                                                                                             \
	{                                                                                                              \
		id, "log_output_level", "LEVEL", "none, error, warn, info or debug, also default:LEVEL"                \
	}
#define LOG_FLAG_JSON(id)                                                                                              \
	{                                                                                                              \
		id, "log_as_json", NULL, "writes its log as JSON"                                                      \
	}

/* Writes one line to stderr in the form in force; drops it when the level is above the one in force, cuts it when
 * it is too long. Any thread. */
void log_write(enum log_level level, const char *scope, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#define log_error(scope, ...) log_write(LOG_ERROR, scope, __VA_ARGS__)
#define log_warn(scope, ...) log_write(LOG_WARN, scope, __VA_ARGS__)
#define log_info(scope, ...) log_write(LOG_INFO, scope, __VA_ARGS__)
#define log_debug(scope, ...)                                                                                          \
	do {                                                                                                           \
		if (log_most_level() >= LOG_DEBUG)                                                                     \
			log_write(LOG_DEBUG, scope, __VA_ARGS__);                                                      \
	} while (0)

/* For repeated messages: true at most once per interval; *suppressed then tells how many were left out. Zeroed = fresh.
 */
struct log_limit {
	int64_t last_ns;
	unsigned suppressed;
};
/* True at most once per interval_ns; then *suppressed is how many times it was false since the last time. The
 * caller guards *l. */
bool log_limit_ok(struct log_limit *l, int64_t now_ns, int64_t interval_ns, unsigned *suppressed);

#endif
