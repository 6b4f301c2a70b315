/* What Prometheus' clients say of the program that they are in: process_*, from /proc. */
#ifndef TELEMETRY_PROCESS_H
#define TELEMETRY_PROCESS_H

#include "base/buf.h"

/* Appends processor time (s), memory (bytes) and open files in the text format; what cannot be read is left out. */
void process_metrics_write(struct buf *out);

#endif
