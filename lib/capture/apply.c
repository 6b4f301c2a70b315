/* Runs iptables-save and iptables-restore. */
#include "capture/apply.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"

#define SAVED_MAX_BYTES (4 << 20)

/* The nft flavour first: it is what current systems use; the plain names are last because they may be dangling links.
 */
static const char *const tools[][2] = {
	{"iptables-nft", "ip6tables-nft"},
	{"iptables", "ip6tables"},
	{"iptables-legacy", "ip6tables-legacy"},
};

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

/* s NULL: the rules are removed. */
static int set_rules(const struct capture_settings *s, bool v6, struct err *e)
{
	CLEANUP(buf_done) struct buf saved = BUF_INIT, rules = BUF_INIT, said = BUF_INIT;
	char name[64], noflush[] = "--noflush", *argv[] = {name, noflush, NULL};
	int tool = find_tool(v6, &saved, e), status;

	if (tool < 0)
		return tool;
	if (s)
		capture_rules(s, v6, buf_slice(&saved), &rules);
	else
		capture_remove(buf_slice(&saved), &rules);
	snprintf(name, sizeof(name), "%s-restore", tools[tool][v6]);
	status = run(name, argv, buf_slice(&rules), &said);
	if (status != 0)
		return err_set(e, -EIO, "%s failed with status %d: %s", name, status, buf_str(&said));
	log_info("capture", "%s: rules %s", name, s ? "in place" : "removed");
	return 0;
}

static int verify(const struct capture_settings *s, bool v6, struct err *e)
{
	CLEANUP(buf_done) struct buf saved = BUF_INIT;
	const char *missing;
	int r = find_tool(v6, &saved, e);

	if (r < 0)
		return r;
	missing = capture_missing(s, v6, buf_slice(&saved));
	if (missing)
		return err_set(e, -ESRCH, "%s: chain %s has not the rules of the sidecar", v6 ? "IPv6" : "IPv4",
			       missing);
	return 0;
}

bool capture_has_ipv6(void)
{
	FILE *f = fopen("/proc/thread-self/net/if_inet6", "re");
	unsigned scope;
	bool found = false;

	while (f && fscanf(f, "%*s %*s %*s %x %*s %*s", &scope) == 1)
		found |= scope == 0;
	if (f)
		fclose(f);
	return found;
}

int capture_apply(const struct capture_settings *s, struct err *e)
{
	int r = set_rules(s, false, e);

	return r == 0 && capture_has_ipv6() ? set_rules(s, true, e) : r;
}

int capture_clear(struct err *e)
{
	int r = set_rules(NULL, false, e);

	return r == 0 && capture_has_ipv6() ? set_rules(NULL, true, e) : r;
}

int capture_verify(const struct capture_settings *s, struct err *e)
{
	int r = verify(s, false, e);

	return r == 0 && capture_has_ipv6() ? verify(s, true, e) : r;
}

int capture_tools_check(struct err *e)
{
	CLEANUP(buf_done) struct buf saved = BUF_INIT;
	int r = find_tool(false, &saved, e);

	return r < 0 ? r : 0;
}
