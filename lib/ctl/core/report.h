/*
 * What a command tells, as rows of one form: as a table for people, each row as soon as it is known, or at the end as
 * JSON or YAML with the members of every row.
 */
#ifndef CTL_REPORT_H
#define CTL_REPORT_H

#include <cjson/cJSON.h>

#include "ctl/core/core.h"

struct ctl_report;

struct ctl_column {
	const char *title, *key;
	int width; /* bytes, longer texts push the rest aside; 0 = the last */
};

/* An empty report; columns live as long as it. Freed with ctl_report_free(). */
struct ctl_report *ctl_report_new(FILE *out, enum ctl_format format, const struct ctl_column *columns, size_t n);

/* A row: an object of which the columns' members are shown; takes it over. */
void ctl_report_add(struct ctl_report *r, cJSON *row);

/* A sentence for people behind the table; in the other forms member "summary". */
void ctl_report_end(struct ctl_report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* NULL is fine. */
void ctl_report_free(struct ctl_report *r);

/* A row of the three members that most commands have: what, its result, and a sentence. */
void ctl_report_step(struct ctl_report *r, const char *what, const char *result, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The columns of such rows: STEP, RESULT, MESSAGE. */
struct ctl_report *ctl_report_steps(FILE *out, enum ctl_format format);

#endif
