/* Requests that have happened: lines of access logs, and spans. */
#ifndef CTL_EXPLAIN_HAPPENED_H
#define CTL_EXPLAIN_HAPPENED_H

#include "ctl/core/core.h"

/* Begins the report of lines of one request. */
void explain_lines_begin(struct ctl *c);
/* One line, of the proxy of that pod; one that cannot be read is shown as it is. */
void explain_line(struct ctl *c, const char *pod, const char *time, const char *line);
/* Ends it: hops were found in so many logs, others could not be read. */
void explain_lines_end(struct ctl *c, size_t hops, size_t read, size_t refused);

/* The request's spans as rows of that report, where a collector (a pod labelled app=jaeger) has them. */
void explain_spans(struct ctl *c, const char *id);

/* Finds and explains a request by its id. */
enum ctl_status explain_request_id(struct ctl *c, const char *id);

#endif
