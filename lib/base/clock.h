/* Clocks, and times as text. Pure code takes times as arguments; only loops and mains read a clock. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#include "base/slice.h"

#define MS_PER_S 1000
#define NS_PER_MS 1000000
#define NS_PER_S 1000000000

/* Monotonic time since some fixed point, in nanoseconds. */
int64_t clock_mono_ns(void);

/* Wall-clock time since the Unix epoch, in nanoseconds. */
int64_t clock_wall_ns(void);

#define CLOCK_TEXT_MAX 40

/* "2024-05-01T12:00:00Z" (Kubernetes' metav1.Time), seconds since the epoch. Returns out, CLOCK_TEXT_MAX bytes. */
const char *clock_format_s(int64_t wall_s, char *out);

/* The same of now. */
const char *clock_now_text(char *out);

/* "2024-05-01T12:00:00.123456Z" (metav1.MicroTime). */
const char *clock_format_us(int64_t wall_us, char *out);

/* Parses RFC 3339, with or without a fraction, into nanoseconds since the epoch. Returns 0 or -EINVAL. */
int clock_parse(struct slice text, int64_t *ret_ns);

/* Parses a Go duration ("1h30m", "250ms", "5s", "-1.5h") into nanoseconds. Returns 0, -EINVAL or -ERANGE. */
int duration_parse(struct slice text, int64_t *ret_ns);

/* Writes a Go duration ("1h30m0s", "250ms", "0s"). Returns out, CLOCK_TEXT_MAX bytes. */
const char *duration_format(int64_t ns, char *out);

#endif
