/*
 * The proxy around its data path: gets configuration (control plane, saved state or file) and certificates, hands new
 * configurations to the workers, answers on the administration and status ports, ends gracefully. Everything runs on
 * the main loop.
 */
#ifndef PROXY_AGENT_H
#define PROXY_AGENT_H

#include "net/loop.h"
#include "proxy/boot/bootstrap.h"

struct agent;

/*
 * Starts everything; b is borrowed and must outlive the agent. on_end is called on the loop when a graceful end is
 * finished. Returns 0, or a negative code with the reason (a port in use, a broken file).
 */
int agent_start(struct loop *l, const struct bootstrap *b, void (*on_end)(void *ctx), void *ctx, struct agent **ret,
		struct err *e);

/* Begins the graceful end; a second call ends at once. */
void agent_stop(struct agent *a);

/* Stops all of it at once, answers under way included; drain first. NULL is fine. */
void agent_free(struct agent *a);

#endif
