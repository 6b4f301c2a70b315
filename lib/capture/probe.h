/*
 * Whether a pod's traffic is redirected, found out without any privilege: what the proxy's user sends to the pod's own
 * address must come out at the proxy's inbound port. (All rules are set in one transaction: where one works, all are
 * there. The kernel asks the chain of what comes in only for connections from elsewhere.) Takes the port, so the proxy
 * must not run yet. Blocking.
 */
#ifndef CAPTURE_PROBE_H
#define CAPTURE_PROBE_H

#include "capture/capture.h"

#define CAPTURE_PROBE_MS 2000

/* A port that these settings redirect, which a probe is sent to; 0: there is none, or lo is left out. Pure. */
uint16_t capture_probe_port(const struct capture_settings *s);

/* Sends it; the caller has a user or group of the proxy. 0, or -ENONET and what went astray; -errno where the
 * inbound port cannot be had, -EADDRNOTAVAIL where the pod has no address. */
int capture_probe_run(const struct capture_settings *s, struct err *e);

#endif
