/*
 * Generating redirection rules. All is one transaction per table: chains of ours are declared (which empties them), old
 * jumps in built-in chains are deleted, new rules are added.
 *
 *   PREROUTING -> ISTIO_INBOUND -> ISTIO_IN_REDIRECT (15006)      traffic to the pod
 *   OUTPUT     -> ISTIO_OUTPUT  -> ISTIO_REDIRECT (15001)         traffic from the application
 *                               -> ISTIO_IN_REDIRECT              the proxy calling its own pod's address
 *   OUTPUT     -> ISTIO_OUTPUT_DNS -> 15053                       questions over UDP; those over TCP in ISTIO_OUTPUT
 *
 * What the application asks and what the proxy asks for it may come from the same port and go to the same server: two
 * zones keep them apart (table raw).
 */
#include "capture/capture.h"

#include "base/cleanup.h"
#include "base/vec.h"
#include "dns/resolv.h"
#include "net/socket.h"

void capture_list_parse(struct arena *a, const char *text, struct capture_list *ret)
{
	struct slice rest = slice_str(arena_strdup(a, text ? text : ""));
	VEC(struct slice) parts = {0};

	*ret = (struct capture_list){0};
	while (rest.len) {
		struct slice part = slice_trim(slice_split(&rest, ','));
		if (slice_eq(part, SLICE("*")))
			ret->all = true;
		else if (part.len)
			vec_push(&parts, part);
	}
	ret->n = parts.n;
	ret->v = ARENA_NEW_N(a, struct slice, parts.n);
	if (parts.n)
		memcpy(ret->v, parts.v, parts.n * sizeof(*parts.v));
	vec_done(&parts);
}

void capture_settings_init(struct capture_settings *s, struct arena *a)
{
	*s = (struct capture_settings){
		.outbound_port = 15001, .inbound_port = 15006, .tunnel_port = 15008, .redirect = true};
	capture_list_parse(a, "1337", &s->uids);
	capture_list_parse(a, "1337", &s->gids);
	s->inbound_ports.all = s->outbound_cidrs.all = true;
}

/* ---- checks ---- */

static int check_numbers(const char *option, const struct capture_list *l, uint64_t max, struct err *e)
{
	uint64_t n;

	for (size_t i = 0; i < l->n; i++)
		if (slice_to_u64(l->v[i], max, &n) < 0)
			return err_set(e, -EINVAL, "%s: '%.*s' is not a number up to %llu", option, SLICE_ARG(l->v[i]),
				       (unsigned long long)max);
	return 0;
}

static int cidr_family(struct slice cidr)
{
	struct slice rest = cidr, host = slice_split(&rest, '/');
	struct addr a;
	uint64_t bits;

	if (addr_parse(host, 0, &a) < 0 || a.sa.sa_family == AF_UNIX)
		return -1;
	bool has_bits = host.len < cidr.len;
	if (has_bits && slice_to_u64(rest, a.sa.sa_family == AF_INET ? 32 : 128, &bits) < 0)
		return -1;
	return a.sa.sa_family;
}

static int check_cidrs(const char *option, const struct capture_list *l, struct err *e)
{
	for (size_t i = 0; i < l->n; i++)
		if (cidr_family(l->v[i]) < 0)
			return err_set(e, -EINVAL, "%s: '%.*s' is not an address range", option, SLICE_ARG(l->v[i]));
	return 0;
}

int capture_check(const struct capture_settings *s, struct err *e)
{
	const struct {
		const char *option;
		const struct capture_list *list;
		uint64_t max;
	} numbers[] = {
		{"--proxy-uid", &s->uids, UINT32_MAX - 1},
		{"--proxy-gid", &s->gids, UINT32_MAX - 1},
		{"--istio-inbound-ports", &s->inbound_ports, 65535},
		{"--istio-local-exclude-ports", &s->inbound_exclude, 65535},
		{"--istio-outbound-ports", &s->outbound_ports, 65535},
		{"--istio-local-outbound-ports-exclude", &s->outbound_exclude_ports, 65535},
	};
	int r;

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		r = check_numbers(numbers[i].option, numbers[i].list, numbers[i].max, e);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < s->dns_servers.n; i++)
		if (slice_find(s->dns_servers.v[i], '/') >= 0 || cidr_family(s->dns_servers.v[i]) < 0)
			return err_set(e, -EINVAL, "resolv.conf: '%.*s' is not an address",
				       SLICE_ARG(s->dns_servers.v[i]));
	r = check_cidrs("--istio-service-cidr", &s->outbound_cidrs, e);
	return r < 0 ? r : check_cidrs("--istio-service-exclude-cidr", &s->outbound_exclude_cidrs, e);
}

/* ---- rules ---- */

struct family {
	const char *localhost, *passthrough;
	int af;
};

static const struct family v4_family = {"127.0.0.1/32", "127.0.0.6/32", AF_INET};
static const struct family v6_family = {"::1/128", "::6/128", AF_INET6};

static void inbound_rules(const struct capture_settings *s, struct buf *out)
{
	for (size_t i = 0; i < s->exclude_interfaces.n; i++)
		buf_printf(out, "-A PREROUTING -i %.*s -j RETURN\n", SLICE_ARG(s->exclude_interfaces.v[i]));
	if (!s->redirect || (!s->inbound_ports.all && !s->inbound_ports.n))
		return;
	buf_append_str(out, "-A PREROUTING -p tcp -j ISTIO_INBOUND\n");
	if (!s->inbound_ports.all) {
		for (size_t i = 0; i < s->inbound_ports.n; i++)
			buf_printf(out, "-A ISTIO_INBOUND -p tcp --dport %.*s -j ISTIO_IN_REDIRECT\n",
				   SLICE_ARG(s->inbound_ports.v[i]));
		return;
	}
	for (size_t i = 0; i < s->inbound_exclude.n; i++)
		buf_printf(out, "-A ISTIO_INBOUND -p tcp --dport %.*s -j RETURN\n", SLICE_ARG(s->inbound_exclude.v[i]));
	buf_append_str(out, "-A ISTIO_INBOUND -p tcp -j ISTIO_IN_REDIRECT\n");
}

/*
 * The proxy's own traffic: to its pod's address it goes in like any client's, everything else is left alone. Questions
 * of DNS are not the application's alone: a server on the loopback gets none before the proxy has seen them.
 */
static void owner_rules(const struct capture_settings *s, const struct family *f, const char *what,
			const struct capture_list *owners, struct buf *out)
{
	const bool dns = s->redirect_dns, both = dns && strcmp(what, "uid") == 0;

	for (size_t i = 0; i < owners->n; i++) {
		const struct slice id = owners->v[i];

		buf_printf(out, "-A ISTIO_OUTPUT -o lo ! -d %s -p tcp ", f->localhost);
		if (both)
			buf_printf(out, "-m multiport ! --dports %u,%u ", DNS_PORT, s->tunnel_port);
		else
			buf_printf(out, "! --dport %u ", s->tunnel_port);
		buf_printf(out, "-m owner --%s-owner %.*s -j ISTIO_IN_REDIRECT\n", what, SLICE_ARG(id));
		buf_append_str(out, "-A ISTIO_OUTPUT -o lo ");
		if (dns)
			buf_printf(out, "-p tcp ! --dport %u ", DNS_PORT);
		buf_printf(out, "-m owner ! --%s-owner %.*s -j RETURN\n", what, SLICE_ARG(id));
		buf_printf(out, "-A ISTIO_OUTPUT -m owner --%s-owner %.*s -j RETURN\n", what, SLICE_ARG(id));
	}
}

/* A rule for each server of the family, or one for all: "-A CHAIN [-d SERVER] MATCH -j TARGET". */
static void each_server(const struct capture_settings *s, const struct family *f, const char *chain,
			const char *direction, const char *match, struct buf *out)
{
	if (s->all_dns || !s->dns_servers.n) {
		buf_printf(out, "-A %s %s\n", chain, match);
		return;
	}
	for (size_t i = 0; i < s->dns_servers.n; i++)
		if (cidr_family(s->dns_servers.v[i]) == f->af)
			buf_printf(out, "-A %s %s %.*s %s\n", chain, direction, SLICE_ARG(s->dns_servers.v[i]), match);
}

/* "--to-ports" of questions over a protocol */
static const char *to_dns(struct arena *a, const char *protocol)
{
	return arena_printf(a, "-p %s --dport %u -j REDIRECT --to-ports %u", protocol, DNS_PORT, DNS_REDIRECT_PORT);
}

/* One rule for each owner. */
static void each_owner(const struct capture_settings *s, const char *chain, const char *match, const char *target,
		       struct buf *out)
{
	for (size_t i = 0; i < s->uids.n; i++)
		buf_printf(out, "-A %s -p udp %s -m owner --uid-owner %.*s -j %s\n", chain, match,
			   SLICE_ARG(s->uids.v[i]), target);
	for (size_t i = 0; i < s->gids.n; i++)
		buf_printf(out, "-A %s -p udp %s -m owner --gid-owner %.*s -j %s\n", chain, match,
			   SLICE_ARG(s->gids.v[i]), target);
}

static void dns_udp_rules(const struct capture_settings *s, const struct family *f, struct buf *out)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	if (!s->redirect_dns)
		return;
	buf_append_str(out, "-A OUTPUT -p udp --dport 53 -j ISTIO_OUTPUT_DNS\n");
	each_owner(s, "ISTIO_OUTPUT_DNS", "--dport 53", "RETURN", out);
	each_server(s, f, "ISTIO_OUTPUT_DNS", "-d", to_dns(&a, "udp"), out);
}

static void dns_tcp_rules(const struct capture_settings *s, const struct family *f, struct buf *out)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	if (s->redirect_dns)
		each_server(s, f, "ISTIO_OUTPUT", "-d", to_dns(&a, "tcp"), out);
}

static void outbound_ranges(const struct capture_settings *s, const struct family *f, struct buf *out)
{
	for (size_t i = 0; i < s->outbound_exclude_cidrs.n; i++)
		if (cidr_family(s->outbound_exclude_cidrs.v[i]) == f->af)
			buf_printf(out, "-A ISTIO_OUTPUT -d %.*s -j RETURN\n",
				   SLICE_ARG(s->outbound_exclude_cidrs.v[i]));
	for (size_t i = 0; i < s->outbound_ports.n; i++)
		buf_printf(out, "-A ISTIO_OUTPUT -p tcp --dport %.*s -j ISTIO_REDIRECT\n",
			   SLICE_ARG(s->outbound_ports.v[i]));
	if (s->outbound_cidrs.all) {
		for (size_t i = 0; i < s->interfaces.n; i++)
			buf_printf(out, "-I PREROUTING 1 -i %.*s -j ISTIO_REDIRECT\n", SLICE_ARG(s->interfaces.v[i]));
		buf_append_str(out, "-A ISTIO_OUTPUT -j ISTIO_REDIRECT\n");
		return;
	}
	if (!s->outbound_cidrs.n)
		return;
	for (size_t i = 0; i < s->outbound_cidrs.n; i++)
		if (cidr_family(s->outbound_cidrs.v[i]) == f->af)
			buf_printf(out, "-A ISTIO_OUTPUT -d %.*s -j ISTIO_REDIRECT\n",
				   SLICE_ARG(s->outbound_cidrs.v[i]));
	buf_append_str(out, "-A ISTIO_OUTPUT -j RETURN\n");
}

static void outbound_rules(const struct capture_settings *s, const struct family *f, struct buf *out)
{
	for (size_t i = 0; i < s->exclude_interfaces.n; i++)
		buf_printf(out, "-A OUTPUT -o %.*s -j RETURN\n", SLICE_ARG(s->exclude_interfaces.v[i]));
	buf_append_str(out, "-A OUTPUT -p tcp -j ISTIO_OUTPUT\n");
	dns_udp_rules(s, f, out);
	for (size_t i = 0; i < s->outbound_exclude_ports.n; i++)
		buf_printf(out, "-A ISTIO_OUTPUT -p tcp --dport %.*s -j RETURN\n",
			   SLICE_ARG(s->outbound_exclude_ports.v[i]));
	buf_printf(out, "-A ISTIO_OUTPUT -o lo -s %s -j RETURN\n", f->passthrough);
	owner_rules(s, f, "uid", &s->uids, out);
	owner_rules(s, f, "gid", &s->gids, out);
	dns_tcp_rules(s, f, out);
	buf_printf(out, "-A ISTIO_OUTPUT -d %s -j RETURN\n", f->localhost);
	outbound_ranges(s, f, out);
}

/* A rule of a built-in chain that an earlier run made: it leads to a chain of ours, or returns for an interface. */
static bool is_ours(struct slice line)
{
	if (!slice_starts(line, SLICE("-A PREROUTING ")) && !slice_starts(line, SLICE("-A OUTPUT ")))
		return false;
	if (memmem(line.ptr, line.len, "-j ISTIO_", 9))
		return true;
	return slice_ends(line, SLICE(" -j RETURN")) &&
	       (memmem(line.ptr, line.len, " -i ", 4) || memmem(line.ptr, line.len, " -o ", 4));
}

/* Appends "-D ..." for our rules in the built-in chains of a table, as iptables-save shows them. */
static void delete_old(struct slice saved, const char *table, struct buf *out)
{
	bool inside = false;

	while (saved.len) {
		struct slice line = slice_trim(slice_split(&saved, '\n'));
		if (line.len && line.ptr[0] == '*')
			inside = slice_eq_str(slice_from(line, 1), table);
		else if (inside && is_ours(line))
			buf_printf(out, "-D%.*s\n", SLICE_ARG(slice_from(line, 2)));
	}
}

static bool has_table(struct slice saved, const char *table)
{
	while (saved.len) {
		struct slice line = slice_trim(slice_split(&saved, '\n'));
		if (line.len && line.ptr[0] == '*' && slice_eq_str(slice_from(line, 1), table))
			return true;
	}
	return false;
}

/* The proxy's questions and their answers are in zone 1, the application's in zone 2; the first rule counts. */
static void zone_rules(const struct capture_settings *s, const struct family *f, struct slice saved, struct buf *out)
{
	if (!s->redirect_dns)
		return;
	buf_append_str(out, "*raw\n:ISTIO_INBOUND - [0:0]\n:ISTIO_OUTPUT_DNS - [0:0]\n");
	delete_old(saved, "raw", out);
	buf_append_str(out, "-A PREROUTING -p udp -j ISTIO_INBOUND\n-A OUTPUT -p udp -j ISTIO_OUTPUT_DNS\n");
	each_owner(s, "ISTIO_OUTPUT_DNS", "--dport 53", "CT --zone 1", out);
	each_owner(s, "ISTIO_OUTPUT_DNS", "--sport 15053", "CT --zone 2", out);
	each_server(s, f, "ISTIO_OUTPUT_DNS", "-d", "-p udp --dport 53 -j CT --zone 2", out);
	each_server(s, f, "ISTIO_INBOUND", "-s", "-p udp --sport 53 -j CT --zone 1", out);
	buf_append_str(out, "COMMIT\n");
}

void capture_rules(const struct capture_settings *s, bool v6, struct slice saved, struct buf *out)
{
	const struct family *f = v6 ? &v6_family : &v4_family;

	buf_append_str(out, "*nat\n:ISTIO_INBOUND - [0:0]\n:ISTIO_REDIRECT - [0:0]\n:ISTIO_IN_REDIRECT - [0:0]\n"
			    ":ISTIO_OUTPUT - [0:0]\n");
	if (s->redirect_dns)
		buf_append_str(out, ":ISTIO_OUTPUT_DNS - [0:0]\n");
	delete_old(saved, "nat", out);
	buf_printf(out, "-A ISTIO_INBOUND -p tcp --dport %u -j RETURN\n", s->tunnel_port);
	buf_printf(out, "-A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports %u\n", s->outbound_port);
	buf_printf(out, "-A ISTIO_IN_REDIRECT -p tcp -j REDIRECT --to-ports %u\n", s->inbound_port);
	inbound_rules(s, out);
	outbound_rules(s, f, out);
	buf_append_str(out, "COMMIT\n");
	zone_rules(s, f, saved, out);
	if (!s->drop_invalid)
		return;
	buf_append_str(out, "*mangle\n:ISTIO_DROP - [0:0]\n");
	delete_old(saved, "mangle", out);
	buf_append_str(out, "-A PREROUTING -m conntrack --ctstate INVALID -j ISTIO_DROP\n"
			    "-A ISTIO_DROP -j DROP\nCOMMIT\n");
}

/* A command, "-F" or "-X", for each chain of ours that a table has. */
static void each_chain(struct slice saved, const char *table, const char *command, struct buf *out)
{
	bool inside = false;

	while (saved.len) {
		struct slice line = slice_trim(slice_split(&saved, '\n'));
		if (line.len && line.ptr[0] == '*')
			inside = slice_eq_str(slice_from(line, 1), table);
		if (!inside || !slice_starts(line, SLICE(":ISTIO_")))
			continue;
		struct slice rest = slice_from(line, 1), name = slice_split(&rest, ' ');
		buf_printf(out, "%s %.*s\n", command, SLICE_ARG(name));
	}
}

void capture_remove(struct slice saved, struct buf *out)
{
	static const char *const tables[] = {"nat", "raw", "mangle"};

	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		if (!has_table(saved, tables[i]))
			continue;
		buf_printf(out, "*%s\n", tables[i]);
		delete_old(saved, tables[i], out);
		each_chain(saved, tables[i], "-F", out); /* all are empty before the first is deleted */
		each_chain(saved, tables[i], "-X", out);
		buf_append_str(out, "COMMIT\n");
	}
}

/* How many rules a chain of a table has; of a built-in one only ours count. */
static size_t count_rules(struct slice text, const char *table, const char *chain)
{
	bool inside = false, built_in = strncmp(chain, "ISTIO_", 6) != 0;
	size_t n = 0;

	while (text.len) {
		struct slice line = slice_trim(slice_split(&text, '\n')), rest = line;
		if (line.len && line.ptr[0] == '*')
			inside = slice_eq_str(slice_from(line, 1), table);
		if (!inside || !slice_eq(slice_split(&rest, ' '), SLICE("-A")))
			continue;
		n += slice_eq_str(slice_split(&rest, ' '), chain) && (!built_in || is_ours(line));
	}
	return n;
}

const char *capture_missing(const struct capture_settings *s, bool v6, struct slice saved)
{
	static const struct {
		const char *table, *chain;
	} chains[] = {
		{"nat", "PREROUTING"},
		{"nat", "OUTPUT"},
		{"nat", "ISTIO_INBOUND"},
		{"nat", "ISTIO_REDIRECT"},
		{"nat", "ISTIO_IN_REDIRECT"},
		{"nat", "ISTIO_OUTPUT"},
		{"nat", "ISTIO_OUTPUT_DNS"},
		{"raw", "PREROUTING"},
		{"raw", "OUTPUT"},
		{"raw", "ISTIO_INBOUND"},
		{"raw", "ISTIO_OUTPUT_DNS"},
	};
	CLEANUP(buf_done) struct buf wanted = BUF_INIT;

	capture_rules(s, v6, SLICE(""), &wanted);
	for (size_t i = 0; i < ARRAY_LEN(chains); i++)
		if (count_rules(saved, chains[i].table, chains[i].chain) !=
		    count_rules(buf_slice(&wanted), chains[i].table, chains[i].chain))
			return chains[i].chain;
	return NULL;
}
