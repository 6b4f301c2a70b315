/*
 * ClusterIPs as one nftables table, replaced in one transaction; connections that exist keep their translation.
 *   service address . protocol . port -> chain -> dnat to a random ready target
 * What is addressed to a service and not translated is refused at once, instead of travelling nowhere. A pod that
 * reaches itself through its service gets a foreign source address, or it would answer itself directly.
 */
#include "lab/net/service.h"

#include <arpa/inet.h>

#include "lab/sys/netns.h"

static bool is_address(const char *ip)
{
	struct in_addr a;

	return ip && inet_pton(AF_INET, ip, &a) == 1;
}

static const char *l4(const struct svc_port *p)
{
	if (strcmp(p->protocol, "UDP") == 0)
		return "udp";
	return strcmp(p->protocol, "TCP") == 0 ? "tcp" : NULL;
}

static size_t usable(const struct svc_port *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->targets_n; i++)
		n += is_address(p->targets[i].ip);
	return n;
}

static bool is_served(const struct svc *s, const struct svc_port *p)
{
	if (!is_address(s->cluster_ip) || !l4(p) || !usable(p) || strcmp(s->cluster_ip, NETNS_DNS_IP) == 0)
		return false;
	return strcmp(s->cluster_ip, NETNS_API_SERVICE_IP) != 0;
}

static void write_chain(struct buf *out, unsigned id, const struct svc_port *p)
{
	size_t n = usable(p), at = 0;

	buf_printf(out, " chain s%u {\n", id);
	if (n > 1)
		buf_printf(out, "  meta l4proto %s dnat to numgen random mod %zu map {", l4(p), n);
	else
		buf_printf(out, "  meta l4proto %s dnat to ", l4(p));
	for (size_t i = 0; i < p->targets_n; i++) {
		const struct svc_target *t = &p->targets[i];

		if (!is_address(t->ip))
			continue;
		if (n > 1)
			buf_printf(out, "%s%zu : %s . %u", at ? ", " : " ", at, t->ip, (unsigned)t->port);
		else
			buf_printf(out, "%s:%u", t->ip, (unsigned)t->port);
		at++;
	}
	buf_append_str(out, n > 1 ? " }\n }\n" : "\n }\n");
}

/* Both walk the same ports in the same order, so that chain numbers agree. */
static void write_services(const struct services *t, struct buf *out)
{
	struct map_entry *e;
	unsigned id = 0;

	for (size_t i = 0; (e = map_next(&t->by_key, &i));) {
		const struct svc *s = e->value;

		for (size_t p = 0; p < s->ports_n; p++)
			if (is_served(s, &s->ports[p]))
				write_chain(out, id++, &s->ports[p]);
	}
	buf_append_str(out, " map services { type ipv4_addr . inet_proto . inet_service : verdict; elements = {\n"
			    "  " NETNS_API_SERVICE_IP " . tcp . 443 : goto api");
	id = 0;
	for (size_t i = 0; (e = map_next(&t->by_key, &i));) {
		const struct svc *s = e->value;

		for (size_t p = 0; p < s->ports_n; p++)
			if (is_served(s, &s->ports[p]))
				buf_printf(out, ",\n  %s . %s . %u : goto s%u", s->cluster_ip, l4(&s->ports[p]),
					   (unsigned)s->ports[p].port, id++);
	}
	buf_append_str(out, " }\n }\n");
}

static void write_hairpins(const struct services *t, struct buf *out)
{
	struct map seen = {0};
	struct map_entry *e;

	buf_append_str(out,
		       " set hairpin { type ipv4_addr . ipv4_addr; elements = { " NETNS_NODE_IP " . " NETNS_NODE_IP);
	for (size_t i = 0; (e = map_next(&t->by_key, &i));) {
		const struct svc *s = e->value;

		for (size_t a = 0; a < s->addresses_n; a++) {
			const char *ip = s->addresses[a].ip;

			if (is_address(ip) && !map_set(&seen, slice_str(ip), (void *)ip) &&
			    strcmp(ip, NETNS_NODE_IP) != 0)
				buf_printf(out, ",\n  %s . %s", ip, ip);
		}
	}
	buf_append_str(out, " }\n }\n");
	map_done(&seen);
}

void services_write_nft(const struct services *t, struct buf *out)
{
	buf_append_str(out, "add table ip weft\ndelete table ip weft\ntable ip weft {\n");
	write_hairpins(t, out);
	buf_printf(out, " chain api {\n  meta l4proto tcp dnat to %s:%d\n }\n", NETNS_NODE_IP, NETNS_API_PORT);
	write_services(t, out);
	buf_append_str(out, " chain prerouting { type nat hook prerouting priority dstnat;\n"
			    "  ip daddr . meta l4proto . th dport vmap @services\n }\n"
			    " chain output { type nat hook output priority -100;\n"
			    "  ip daddr . meta l4proto . th dport vmap @services\n }\n"
			    " chain postrouting { type nat hook postrouting priority srcnat;\n"
			    "  ct status dnat ip saddr . ip daddr @hairpin snat to " NETNS_NODE_IP "\n }\n"
			    " chain refuse {\n  meta l4proto tcp reject with tcp reset\n  reject with icmp type "
			    "port-unreachable\n }\n"
			    " chain refuse_in { type filter hook prerouting priority -95;\n"
			    "  ip daddr " NETNS_SERVICE_CIDR " ip daddr != " NETNS_DNS_IP " goto refuse\n }\n"
			    " chain refuse_out { type filter hook output priority -95;\n"
			    "  ip daddr " NETNS_SERVICE_CIDR " ip daddr != " NETNS_DNS_IP " goto refuse\n }\n"
			    "}\n");
}
