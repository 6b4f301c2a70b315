/* The authority in use, for the two files that change it. */
#ifndef DISCOVERY_AUTHORITY_LIFE_INTERNAL_H
#define DISCOVERY_AUTHORITY_LIFE_INTERNAL_H

#include "base/clock.h"
#include "discovery/authority_internal.h"
#include "discovery/internal.h"

struct authority {
	struct discovery *d;
	void (*on_change)(struct discovery *d);
	struct kube_call *call;
	struct timer timer;
	struct teller *teller;
	struct wish *wish;
	struct authority_rotation rotation; /* as the Secret has it */
	struct pki_ca *ca;
	struct buf cert, key;
	struct buf roots; /* where another authority signs; else they are ca's */
	int64_t renew_s;  /* when the serving certificate is renewed */
	int64_t check_s;  /* when it is asked next whether the root is to be renewed; 0 = never asked */
	int64_t warn_s;   /* when the end of the authority is told again */
	int warned_days;  /* which of the thresholds was told as an event; 0 = none */
	bool plugged;     /* ca came from files */
	bool judged;      /* the files with files_hash are good: in use, or refused for their roots */
	uint64_t files_hash;
	int64_t retry_ms;          /* of the Secret; 0 = the last try was good */
	uint64_t secret_hash;      /* of the data that is in use; 0 = none */
	char problem[ERR_MSG_MAX]; /* what keeps the configured authority from being used; "" = nothing */
};

static inline int64_t authority_now_s(void)
{
	return clock_wall_ns() / NS_PER_S;
}

/* Uses what the Secret holds. */
void authority_take_secret(struct authority *a, const cJSON *secret);
/* Plans the next look. */
void authority_look_soon(struct authority *a);

/* --- authority_change.c --- */

/* Renews the root, or does the next step to another one, if it is time: true when the Secret that was read is being
 * written. */
bool authority_change(struct authority *a, const cJSON *secret);
/* How long a root lasts. */
int64_t authority_root_ttl_s(const struct authority *a);

#endif
