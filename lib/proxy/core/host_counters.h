/* What is counted of one endpoint, in one worker; all workers together are what people see. */
#ifndef PROXY_CORE_HOST_COUNTERS_H
#define PROXY_CORE_HOST_COUNTERS_H

#include <stdint.h>

struct host_counters {
	uint64_t cx_total, cx_active, cx_connect_fail;
	uint64_t rq_total, rq_active, rq_success, rq_error, rq_timeout;
};

#endif
