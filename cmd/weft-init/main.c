/*
 * weft-init: redirects a pod's traffic to its proxy, once, in the pod's network namespace. Takes the options of
 * istio-iptables. Runs the system's iptables-restore, one transaction per table and address family; running it again
 * changes nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/flags.h"
#include "base/log.h"
#include "base/version.h"
#include "proxy/boot/capture.h"

#define SAVED_MAX_BYTES (4 << 20)

/* The nft flavour first: it is what current systems use; the plain names are last because they may be dangling links.
 */
static const char *const tools[][2] = {
	{"iptables-nft", "ip6tables-nft"},
	{"iptables", "ip6tables"},
	{"iptables-legacy", "ip6tables-legacy"},
};

enum long_option { OPT_LOG = 256, OPT_LOG_JSON, OPT_DROP_INVALID, OPT_CLEAN, OPT_IGNORED, OPT_REFUSED };

/* As istio-iptables has them. */
static const struct flag options[] = {
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
	LOG_FLAG_LEVEL(OPT_LOG),
	LOG_FLAG_JSON(OPT_LOG_JSON),
	{'f', "restore-format", "[BOOL]", NULL},
	{OPT_IGNORED, "probe-timeout", "DURATION", NULL},
	{OPT_IGNORED, "iptables-probe-port", "PORT", NULL},
	{OPT_REFUSED, "redirect-dns", NULL, "refused, as are the next three"},
	{OPT_REFUSED, "capture-all-dns", NULL, "refused"},
	{OPT_REFUSED, "run-validation", NULL, "refused"},
	{OPT_REFUSED, "skip-rule-apply", NULL, "refused"},
};
static const struct flags_program usage = {"weft-init", "[flags]", "Redirects a pod's traffic to its proxy.", options,
					   ARRAY_LEN(options)};

struct init {
	struct arena arena;
	struct capture_settings settings;
	bool dry_run, clean, gids_given;
};

static int parse_port(const char *option, const char *text, uint16_t *ret, struct err *e)
{
	uint64_t port;

	if (slice_to_u64(slice_str(text), 65535, &port) < 0 || !port)
		return err_set(e, -EINVAL, "%s: '%s' is not a port", option, text);
	*ret = (uint16_t)port;
	return 0;
}

static int set_mode(struct init *in, const char *mode, struct err *e)
{
	if (strcmp(mode, "TPROXY") == 0)
		return err_set(e, -ENOTSUP, "-m TPROXY is not supported; use REDIRECT");
	if (strcmp(mode, "REDIRECT") != 0 && strcmp(mode, "NONE") != 0)
		return err_set(e, -EINVAL, "-m: '%s' is none of REDIRECT, NONE", mode);
	in->settings.redirect = strcmp(mode, "REDIRECT") == 0;
	return 0;
}

static int set_option(struct init *in, int c, const struct flags *f, struct err *e)
{
	struct capture_settings *s = &in->settings;
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
			capture_list_parse(&in->arena, f->value, lists[i].list);
	in->gids_given |= c == 'g';
	in->dry_run |= c == 'n';
	in->clean |= c == OPT_CLEAN;
	s->drop_invalid |= c == OPT_DROP_INVALID;
	switch (c) {
	case 'p':
		return parse_port("-p", f->value, &s->outbound_port, e);
	case 'z':
		return parse_port("-z", f->value, &s->inbound_port, e);
	case 'e':
		return parse_port("-e", f->value, &s->tunnel_port, e);
	case 'm':
		return set_mode(in, f->value, e);
	case OPT_LOG:
		(void)log_set_levels(slice_str(f->value)); /* as the proxy: what is no level changes nothing */
		return 0;
	case OPT_LOG_JSON:
		log_set_json(true);
		return 0;
	case OPT_REFUSED:
		return err_set(e, -ENOTSUP, "--%s is not supported", f->name);
	}
	return 0;
}

static int parse_options(struct init *in, int argc, char **argv, struct err *e)
{
	struct flags f = flags_begin(&usage, argc, argv);
	int c, r;

	capture_settings_init(&in->settings, &in->arena);
	while ((c = flags_next(&f)) > 0) {
		r = set_option(in, c, &f, e);
		if (r < 0)
			return r;
	}
	if (c == FLAGS_EXIT)
		exit(f.status);
	if (f.n_arguments)
		return err_set(e, -EINVAL, "unexpected argument '%s'", f.arguments[0]);
	if (!in->gids_given)
		in->settings.gids = in->settings.uids;
	return capture_check(&in->settings, e);
}

/* Runs a command with input on stdin (a file in memory), output appended to out. Returns its status, or -errno. */
static int run(const char *program, char *const argv[], struct slice input, struct buf *out)
{
	CLEANUP(closep) int in_fd = memfd_create("rules", MFD_CLOEXEC);
	int pipe_fd[2], status;
	ssize_t n;

	if (in_fd < 0 || write(in_fd, input.ptr ? input.ptr : "", input.len) != (ssize_t)input.len ||
	    lseek(in_fd, 0, SEEK_SET) < 0 || pipe(pipe_fd) < 0)
		return -errno;
	pid_t pid = fork();
	if (pid == 0) {
		dup2(in_fd, 0);
		dup2(pipe_fd[1], 1);
		dup2(pipe_fd[1], 2);
		execvp(program, argv);
		_exit(127);
	}
	close(pipe_fd[1]);
	while (pid > 0 && out->len < SAVED_MAX_BYTES && (n = read(pipe_fd[0], buf_reserve(out, 4096), 4096)) > 0)
		out->len += (size_t)n;
	close(pipe_fd[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* What is set now, and with which flavour: the first one that answers. Returns its index in tools, or -ENOENT. */
static int find_tool(bool v6, struct buf *saved, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(tools); i++) {
		char name[64];
		snprintf(name, sizeof(name), "%s-save", tools[i][v6]);
		buf_clear(saved);
		if (run(name, (char *[]){name, NULL}, SLICE(""), saved) == 0)
			return (int)i;
	}
	return err_set(e, -ENOENT, "no working %s-save found (package iptables; capability NET_ADMIN is needed): %s",
		       v6 ? "ip6tables" : "iptables", buf_str(saved));
}

static int apply(struct init *in, bool v6, struct err *e)
{
	CLEANUP(buf_done) struct buf saved = BUF_INIT, rules = BUF_INIT, said = BUF_INIT;
	char name[64], noflush[] = "--noflush", *argv[] = {name, noflush, NULL};
	int tool = in->dry_run ? 0 : find_tool(v6, &saved, e), status;

	if (tool < 0)
		return tool;
	if (in->clean)
		capture_remove(buf_slice(&saved), &rules);
	else
		capture_rules(&in->settings, v6, buf_slice(&saved), &rules);
	if (in->dry_run) {
		printf("# %s\n%s", v6 ? "ip6tables-restore --noflush" : "iptables-restore --noflush", buf_str(&rules));
		return 0;
	}
	snprintf(name, sizeof(name), "%s-restore", tools[tool][v6]);
	status = run(name, argv, buf_slice(&rules), &said);
	if (status != 0)
		return err_set(e, -EIO, "%s failed with status %d: %s", name, status, buf_str(&said));
	log_info("init", "%s: rules %s", name, in->clean ? "removed" : "in place");
	return 0;
}

/* A pod without a routable IPv6 address has nothing to capture there. */
static bool has_ipv6(void)
{
	FILE *f = fopen("/proc/net/if_inet6", "re");
	unsigned scope;
	bool found = false;

	while (f && fscanf(f, "%*s %*s %*s %x %*s %*s", &scope) == 1)
		found |= scope == 0;
	if (f)
		fclose(f);
	return found;
}

int main(int argc, char **argv)
{
	struct init in = {0};
	struct err e = ERR_INIT;
	int r = parse_options(&in, argc, argv, &e);

	if (r == 0) {
		log_debug("init", "weft-init %s (commit %s)", weft_version, weft_commit);
		r = apply(&in, false, &e);
	}
	if (r == 0 && has_ipv6())
		r = apply(&in, true, &e);
	if (r < 0)
		log_error("init", "%s; the pod's traffic is not redirected", e.msg);
	arena_done(&in.arena);
	return r < 0 ? 1 : 0;
}
