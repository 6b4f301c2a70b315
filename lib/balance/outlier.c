/*
 * Counting failures in a row and deciding who is left out. The rules are Envoy's: at least one host may always be
 * ejected, beyond that max_ejection_percent holds; the time grows with each ejection in a row up to a maximum.
 */
#include "balance/outlier.h"

#include <math.h>

#include "base/cleanup.h"

#define S 1000000000LL

void outlier_settings_init(struct outlier_settings *s)
{
	*s = (struct outlier_settings){
		.on = true,
		.consecutive_5xx = 5,
		.consecutive_gateway = 5,
		.consecutive_local_failure = 5,
		.enforcing_5xx_percent = 100,
		.enforcing_local_percent = 100,
		.interval_ns = 10 * S,
		.base_ejection_ns = 30 * S,
		.max_ejection_ns = 300 * S,
		.max_ejection_percent = 10,
		.success_rate_min_hosts = 5,
		.success_rate_volume = 100,
		.success_rate_stdev_factor = 1900,
		.enforcing_success_rate_percent = 100,
	};
}

enum outlier_result outlier_result_of_status(unsigned status)
{
	if (status >= 502 && status <= 504)
		return OUTLIER_GATEWAY;
	return status >= 500 && status <= 599 ? OUTLIER_5XX : OUTLIER_SUCCESS;
}

static bool may_eject(const struct outlier_settings *s, size_t n_hosts, size_t n_ejected)
{
	return n_ejected == 0 || n_ejected * 100 < (uint64_t)s->max_ejection_percent * n_hosts;
}

static bool eject(const struct outlier_settings *s, struct outlier_host *h, uint32_t enforcing, size_t n_hosts,
		  size_t n_ejected, int64_t now_ns, struct rand *rnd)
{
	if (h->ejected || !s->max_ejection_percent || !may_eject(s, n_hosts, n_ejected))
		return false;
	if (!enforcing || rand_below(rnd, 100) >= enforcing)
		return false;
	h->ejected = true;
	h->ejected_at_ns = now_ns;
	h->ejections++;
	h->consecutive_5xx = h->consecutive_gateway = h->consecutive_local = 0;
	return true;
}

/* Counts one more failure in a row; true when the limit is reached, and the count starts again. */
static bool reached(uint32_t *count, uint32_t limit)
{
	if (!limit || ++*count < limit)
		return false;
	*count = 0;
	return true;
}

bool outlier_report(const struct outlier_settings *s, struct outlier_host *h, enum outlier_result result,
		    size_t n_hosts, size_t n_ejected, int64_t now_ns, struct rand *rnd)
{
	uint32_t enforcing = 0;

	if (!s->on)
		return false;
	h->requests++;
	if (result == OUTLIER_SUCCESS) {
		h->successes++;
		h->consecutive_5xx = h->consecutive_gateway = h->consecutive_local = 0;
		return false;
	}
	if (result == OUTLIER_CONNECT_FAILED && s->split_local) {
		if (reached(&h->consecutive_local, s->consecutive_local_failure))
			enforcing = s->enforcing_local_percent;
		return enforcing && eject(s, h, enforcing, n_hosts, n_ejected, now_ns, rnd);
	}
	/* Without the split, a failed connection counts as a gateway error, which is a 5xx as well. */
	if (result == OUTLIER_5XX)
		h->consecutive_gateway = 0;
	else if (reached(&h->consecutive_gateway, s->consecutive_gateway))
		enforcing = s->enforcing_gateway_percent;
	if (reached(&h->consecutive_5xx, s->consecutive_5xx))
		enforcing = MAX(enforcing, s->enforcing_5xx_percent);
	return enforcing && eject(s, h, enforcing, n_hosts, n_ejected, now_ns, rnd);
}

bool outlier_sweep(const struct outlier_settings *s, struct outlier_host *h, int64_t now_ns)
{
	int64_t longest = MAX(s->max_ejection_ns, s->base_ejection_ns);

	if (!h->ejected) {
		if (h->ejections)
			h->ejections--;
		return false;
	}
	int64_t times = h->ejections ? h->ejections : 1;
	int64_t stay = times > longest / MAX(s->base_ejection_ns, 1) ? longest : times * s->base_ejection_ns;
	if (now_ns - h->ejected_at_ns < stay)
		return false;
	h->ejected = false;
	return true;
}

/* The success rate below which a host is an outlier, in 0..1; negative when there is too little traffic. */
static double threshold(const struct outlier_settings *s, struct outlier_host **hosts, size_t n)
{
	double sum = 0, squares = 0;
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (hosts[i]->ejected || hosts[i]->requests < s->success_rate_volume || !hosts[i]->requests)
			continue;
		double rate = (double)hosts[i]->successes / (double)hosts[i]->requests;
		sum += rate;
		squares += rate * rate;
		k++;
	}
	if (!k || k < s->success_rate_min_hosts)
		return -1;
	double mean = sum / (double)k, variance = squares / (double)k - mean * mean;
	return mean - sqrt(variance > 0 ? variance : 0) * s->success_rate_stdev_factor / 1000.0;
}

size_t outlier_success_rate(const struct outlier_settings *s, struct outlier_host **hosts, size_t n, size_t n_ejected,
			    int64_t now_ns, struct rand *rnd)
{
	double limit = s->on && s->enforcing_success_rate_percent ? threshold(s, hosts, n) : -1;
	size_t fresh = 0;

	for (size_t i = 0; i < n; i++) {
		struct outlier_host *h = hosts[i];
		bool judged = limit > 0 && !h->ejected && h->requests && h->requests >= s->success_rate_volume;
		if (judged && (double)h->successes / (double)h->requests < limit)
			fresh += eject(s, h, s->enforcing_success_rate_percent, n, n_ejected + fresh, now_ns, rnd);
		h->requests = h->successes = 0;
	}
	return fresh;
}
