/*
 * Outlier detection: which endpoints misbehave and for how long they are left out. Pure bookkeeping per worker; time
 * and randomness are arguments. The caller reports results and asks at each interval what changed.
 * Source: envoy.config.cluster.v3.OutlierDetection.
 */
#ifndef BALANCE_OUTLIER_H
#define BALANCE_OUTLIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rand.h"

struct outlier_settings {
	bool on;                                 /* false = the cluster has no outlier detection */
	uint32_t consecutive_5xx;                /* default 5; 0 = not looked at */
	uint32_t consecutive_gateway;            /* default 5 */
	uint32_t consecutive_local_failure;      /* with split_local: default 5 */
	uint32_t enforcing_5xx_percent;          /* default 100 */
	uint32_t enforcing_gateway_percent;      /* default 0 */
	uint32_t enforcing_local_percent;        /* default 100 */
	bool split_local;                        /* split_external_local_origin_errors */
	int64_t interval_ns;                     /* default 10 s */
	int64_t base_ejection_ns;                /* default 30 s */
	int64_t max_ejection_ns;                 /* default 300 s; at least base */
	uint32_t max_ejection_percent;           /* default 10 */
	uint32_t success_rate_min_hosts;         /* default 5 */
	uint32_t success_rate_volume;            /* default 100 requests per interval */
	uint32_t success_rate_stdev_factor;      /* thousandths, default 1900 */
	uint32_t enforcing_success_rate_percent; /* Envoy's default 100, Istio sends 0 */
	bool keep_when_checked;                  /* a health check that passes brings nobody back */
};

/* Fills in the defaults above, on = true. */
void outlier_settings_init(struct outlier_settings *s);

struct outlier_host {
	uint32_t consecutive_5xx, consecutive_gateway, consecutive_local;
	uint32_t ejections;    /* how often in a row: the multiplier of the ejection time */
	int64_t ejected_at_ns; /* of the last ejection */
	bool ejected;
	uint64_t requests, successes; /* in this interval */
};

enum outlier_result {
	OUTLIER_SUCCESS,        /* any answer but those below */
	OUTLIER_5XX,            /* 500 and 505..599 */
	OUTLIER_GATEWAY,        /* 502, 503, 504 */
	OUTLIER_CONNECT_FAILED, /* connection failed, timed out or was reset: a local-origin error */
};

/* The result that an HTTP status stands for. */
enum outlier_result outlier_result_of_status(unsigned status);

/*
 * Counts a result of host i. n_hosts and n_ejected are the cluster's. Returns true when the host is to be ejected now
 * (ejected is set in it); the caller then takes it out of the balance.
 */
bool outlier_report(const struct outlier_settings *s, struct outlier_host *h, enum outlier_result result,
		    size_t n_hosts, size_t n_ejected, int64_t now_ns, struct rand *rnd);

/*
 * To be called once per interval for each host: returns true when the host comes back now (ejected is cleared). A host
 * that behaved well for an interval has its multiplier lowered by one.
 */
bool outlier_sweep(const struct outlier_settings *s, struct outlier_host *h, int64_t now_ns);

/*
 * Success-rate ejection at the end of an interval; returns the number of hosts ejected, marks them in hosts[] and
 * resets the interval's counts.
 */
size_t outlier_success_rate(const struct outlier_settings *s, struct outlier_host **hosts, size_t n, size_t n_ejected,
			    int64_t now_ns, struct rand *rnd);

#endif
