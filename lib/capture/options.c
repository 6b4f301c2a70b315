/* Flags of istio-iptables to settings: one table, read by weft-init and by the CNI plugin. */
#include "capture/options.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "dns/resolv.h"

enum long_option {
	OPT_LOG = 256,
	OPT_LOG_JSON,
	OPT_DROP_INVALID,
	OPT_CLEAN,
	OPT_VALIDATE,
	OPT_NO_RULES,
	OPT_REDIRECT_DNS,
	OPT_ALL_DNS,
	OPT_IGNORED,
};

/* As istio-iptables has them. */
static const struct flag flags[] = {
	{'p', "envoy-port", "PORT", "outbound port of the proxy (15001)"},
	{'z', "inbound-capture-port", "PORT", "inbound port of the proxy (15006)"},
	{'e', "inbound-tunnel-port", "PORT", "port of tunnels to the proxy, left alone (15008)"},
	{'u', "proxy-uid", "UIDS", "users of the proxy (1337)"},
	{'g', "proxy-gid", "GIDS", "groups of the proxy (as -u)"},
	{'m', "istio-inbound-interception-mode", "MODE", "REDIRECT or NONE"},
	{'t', "istio-inbound-tproxy-mark", "MARK", NULL},
	{'r', "istio-inbound-tproxy-route-table", "TABLE", NULL},
	{'b', "istio-inbound-ports", "PORTS", "inbound ports to capture, * = all"},
	{'d', "istio-local-exclude-ports", "PORTS", "inbound ports to leave out"},
	{'i', "istio-service-cidr", "CIDRS", "outbound ranges to capture, * = all"},
	{'x', "istio-service-exclude-cidr", "CIDRS", "outbound ranges to leave out"},
	{'q', "istio-outbound-ports", "PORTS", "outbound ports to capture besides -i"},
	{'o', "istio-local-outbound-ports-exclude", "PORTS", "outbound ports to leave out"},
	{'k', "kube-virt-interfaces", "IFS", "interfaces of virtual machines"},
	{'c', "istio-exclude-interfaces", "IFS", "interfaces to leave out"},
	{'n', "dry-run", NULL, "prints the rules, changes nothing"},
	{OPT_DROP_INVALID, "drop-invalid", NULL, "drops packets that belong to no connection"},
	{OPT_CLEAN, "clean", NULL, "removes the rules"},
	{OPT_VALIDATE, "run-validation", NULL, "looks whether connections reach the proxy's ports; needs no privilege"},
	{OPT_NO_RULES, "skip-rule-apply", NULL, "sets no rules: somebody else does"},
	LOG_FLAG_LEVEL(OPT_LOG),
	LOG_FLAG_JSON(OPT_LOG_JSON),
	{'f', "restore-format", "[BOOL]", NULL},
	{OPT_IGNORED, "probe-timeout", "DURATION", NULL},
	{OPT_IGNORED, "iptables-probe-port", "PORT", NULL},
	{OPT_REDIRECT_DNS, "redirect-dns", NULL, "also redirects questions to the DNS servers of /etc/resolv.conf"},
	{OPT_ALL_DNS, "capture-all-dns", NULL, "with it: questions to any DNS server"},
};

const struct flags_program capture_program = {"weft-init", "[flags]", "Redirects a pod's traffic to its proxy.", flags,
					      ARRAY_LEN(flags)};

static int parse_port(const char *option, const char *text, uint16_t *ret, struct err *e)
{
	uint64_t port;

	if (slice_to_u64(slice_str(text), 65535, &port) < 0 || !port)
		return err_set(e, -EINVAL, "%s: '%s' is not a port", option, text);
	*ret = (uint16_t)port;
	return 0;
}

static int set_mode(struct capture_settings *s, const char *mode, struct err *e)
{
	if (strcmp(mode, "TPROXY") == 0)
		return err_set(e, -ENOTSUP, "-m TPROXY is not supported; use REDIRECT");
	if (strcmp(mode, "REDIRECT") != 0 && strcmp(mode, "NONE") != 0)
		return err_set(e, -EINVAL, "-m: '%s' is none of REDIRECT, NONE", mode);
	s->redirect = strcmp(mode, "REDIRECT") == 0;
	return 0;
}

static void set_list(struct capture_options *o, int c, const char *value)
{
	struct capture_settings *s = &o->settings;
	const struct {
		int c;
		struct capture_list *list;
	} lists[] = {
		{'u', &s->uids},           {'g', &s->gids},
		{'b', &s->inbound_ports},  {'d', &s->inbound_exclude},
		{'i', &s->outbound_cidrs}, {'x', &s->outbound_exclude_cidrs},
		{'q', &s->outbound_ports}, {'o', &s->outbound_exclude_ports},
		{'k', &s->interfaces},     {'c', &s->exclude_interfaces},
	};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (lists[i].c == c)
			capture_list_parse(&o->arena, value, lists[i].list);
}

static int set_option(struct capture_options *o, int c, const struct flags *f, struct err *e)
{
	struct capture_settings *s = &o->settings;

	set_list(o, c, f->value);
	o->dry_run |= c == 'n';
	o->clean |= c == OPT_CLEAN;
	o->validate |= c == OPT_VALIDATE;
	o->no_rules |= c == OPT_NO_RULES;
	s->drop_invalid |= c == OPT_DROP_INVALID;
	s->redirect_dns |= c == OPT_REDIRECT_DNS;
	s->all_dns |= c == OPT_ALL_DNS;
	switch (c) {
	case 'p':
		return parse_port("-p", f->value, &s->outbound_port, e);
	case 'z':
		return parse_port("-z", f->value, &s->inbound_port, e);
	case 'e':
		return parse_port("-e", f->value, &s->tunnel_port, e);
	case 'm':
		return set_mode(s, f->value, e);
	}
	return 0;
}

/* own: the program's own command line, whose flags of the log count. Returns 1 as capture_options_parse(). */
static int parse(struct flags *f, struct capture_options *o, bool own, struct err *e)
{
	bool gids_given = false;
	int c, r;

	capture_settings_init(&o->settings, &o->arena);
	while ((c = flags_next(f)) > 0) {
		gids_given |= c == 'g';
		if (own && c == OPT_LOG)
			(void)log_set_levels(slice_str(f->value)); /* as the proxy: what is no level changes nothing */
		if (own && c == OPT_LOG_JSON)
			log_set_json(true);
		r = set_option(o, c, f, e);
		if (r < 0)
			return r;
	}
	if (c == FLAGS_EXIT)
		return 1;
	if (f->n_arguments)
		return err_set(e, -EINVAL, "unexpected argument '%s'", f->arguments[0]);
	if (!gids_given)
		o->settings.gids = o->settings.uids;
	return capture_check(&o->settings, e);
}

int capture_options_parse(int argc, char **argv, struct capture_options *ret, int *ret_status, struct err *e)
{
	struct capture_options o = {.arena = ARENA_INIT};
	struct flags f = flags_begin(&capture_program, argc, argv);
	int r = parse(&f, &o, true, e);

	*ret_status = f.status;
	if (r == 0)
		*ret = o;
	else
		arena_done(&o.arena);
	return r;
}

int capture_options_read(const char *const *args, size_t n, struct capture_options *ret, struct err *e)
{
	struct capture_options o = {.arena = ARENA_INIT};
	char *argv[CAPTURE_ARGUMENTS_MAX + 1] = {NULL}, *said = NULL;
	size_t len = 0;
	int r;

	if (n > CAPTURE_ARGUMENTS_MAX)
		return err_set(e, -EINVAL, "%zu arguments, %d are the most", n, CAPTURE_ARGUMENTS_MAX);
	for (size_t i = 0; i < n; i++)
		argv[i + 1] = arena_strdup(&o.arena, args[i] ? args[i] : "");
	struct flags f = flags_begin(&capture_program, (int)n + 1, argv);
	f.out = f.err = open_memstream(&said, &len);
	r = f.out ? parse(&f, &o, false, e) : err_errno(e, errno, "memory");
	if (f.out)
		fclose(f.out);
	if (r > 0)
		r = err_set(e, -EINVAL, "%.*s", (int)strcspn(said, "\n"), said);
	free(said);
	if (r == 0)
		*ret = o;
	else
		arena_done(&o.arena);
	return r;
}

void capture_options_set_dns(struct capture_options *o, struct slice resolv_conf)
{
	struct capture_list *l = &o->settings.dns_servers;
	struct dns_resolv r;
	char text[ADDR_TEXT_MAX];

	dns_resolv_parse(resolv_conf, &o->arena, &r);
	l->n = 0;
	l->v = ARENA_NEW_N(&o->arena, struct slice, r.n_servers);
	for (size_t i = 0; i < r.n_servers; i++)
		l->v[l->n++] = slice_str(arena_strdup(&o->arena, addr_format_host(&r.servers[i], text)));
}

void capture_options_done(struct capture_options *o)
{
	arena_done(&o->arena);
}
