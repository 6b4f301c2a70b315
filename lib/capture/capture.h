/*
 * Rules that redirect a pod's traffic to its proxy, as input of iptables-restore. Pure: settings in, text out. The
 * rules, their order and the names of the chains are those of istio-iptables, since other tools read them.
 */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct capture_list {
	struct slice *v;
	size_t n;
	bool all; /* "*" */
};

struct capture_settings {
	uint16_t outbound_port, inbound_port, tunnel_port; /* 15001, 15006, 15008 */
	struct capture_list uids, gids;                    /* of the proxy: not captured */
	bool redirect;                                     /* false: interception mode NONE for inbound */
	struct capture_list inbound_ports, inbound_exclude;
	struct capture_list outbound_cidrs, outbound_exclude_cidrs;
	struct capture_list outbound_ports, outbound_exclude_ports;
	struct capture_list interfaces;         /* -k: virtual machines behind them are captured as outbound */
	struct capture_list exclude_interfaces; /* -c */
	bool drop_invalid;
	bool redirect_dns;               /* the application's DNS questions go to the proxy, too */
	bool all_dns;                    /* whomever they are for */
	struct capture_list dns_servers; /* else for these; none: as if all_dns */
};

/* The defaults: 15001, 15006, 15008, UID and GID 1337, everything captured. Lists live in the arena. */
void capture_settings_init(struct capture_settings *s, struct arena *a);

/* Parses "a,b", "*" or "" into a list in the arena. Spaces are trimmed, empty parts left out. */
void capture_list_parse(struct arena *a, const char *text, struct capture_list *ret);

/* Checks ports, user ids and ranges: -EINVAL with the option's name and the bad part. */
int capture_check(const struct capture_settings *s, struct err *e);

/*
 * Appends the input for iptables-restore --noflush (v6: ip6tables-restore). saved is the output of iptables-save, may
 * be empty: rules that an earlier run left in the built-in chains are replaced, so the result is the same after one run
 * or many.
 */
void capture_rules(const struct capture_settings *s, bool v6, struct slice saved, struct buf *out);

/*
 * The first chain that has not as many rules as capture_rules() gives it, by the output of iptables-save; NULL: all are
 * there. Rules are counted and not compared: the tools write them in forms of their own. Static.
 */
const char *capture_missing(const struct capture_settings *s, bool v6, struct slice saved);

/* Appends the input that removes everything that capture_rules made. */
void capture_remove(struct slice saved, struct buf *out);

#endif
