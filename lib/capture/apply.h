/*
 * Redirection rules in the network namespace of the calling thread, by the system's iptables-restore: one transaction
 * for each table and address family. Running it again changes nothing. Blocking; needs NET_ADMIN there.
 */
#ifndef CAPTURE_APPLY_H
#define CAPTURE_APPLY_H

#include "capture/capture.h"

/* Sets the rules, for IPv6 where the namespace has a routable address. -ENOENT: no tool works; -EIO: what one said. */
int capture_apply(const struct capture_settings *s, struct err *e);

/* Removes everything that capture_apply made. */
int capture_clear(struct err *e);

/* Whether the rules that capture_apply would set are there (capture_missing). -ESRCH with the first bad chain in e. */
int capture_verify(const struct capture_settings *s, struct err *e);

/* Whether a tool works at all. -ENOENT. */
int capture_tools_check(struct err *e);

/* Whether the namespace has a routable IPv6 address: without one there is nothing to redirect there. */
bool capture_has_ipv6(void);

#endif
