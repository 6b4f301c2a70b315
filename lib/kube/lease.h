/*
 * Leader election by a coordination.k8s.io Lease: the holder renews it every LEASE_RETRY_MS; who sees it unchanged for
 * its duration, by its own clock, takes it over. A holder that could not renew it is no leader any more LEASE_RENEW_MS
 * after it sent the last renewal that succeeded.
 */
#ifndef KUBE_LEASE_H
#define KUBE_LEASE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#define LEASE_DURATION_MS 15000
#define LEASE_DURATION_MAX_MS (3600 * 1000) /* what another's lease is believed */
#define LEASE_RENEW_MS 10000
#define LEASE_RETRY_MS 2000

struct loop;
struct kube_client;
struct lease;

/* on_change is called from the loop whenever leadership is gained or lost. Strings are copied. */
struct lease *lease_new(struct loop *l, struct kube_client *c, const char *ns, const char *name, const char *identity,
			void (*on_change)(void *arg, bool leader), void *arg);

/*
 * Who owns the lease (kube/owner.h), from the next time on that we write it: at the next renewal while we hold it. The
 * reference is copied; NULL: nobody, but what was written stays. References of others always stay.
 */
void lease_set_owner(struct lease *l, const cJSON *reference);

/*
 * Gives a held lease back, so that the next one need not wait for it to run out, and calls on_released, at once when it
 * is not held. It is held no more, and nothing is renewed.
 */
void lease_release(struct lease *l, void (*on_released)(void *arg), void *arg);

/* Stops; a held lease runs out by itself. NULL is fine. */
void lease_free(struct lease *l);

/* Whether we are the leader, now. */
bool lease_held(const struct lease *l);

#endif
