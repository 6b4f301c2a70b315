/*
 * weft-init: redirects a pod's traffic to its proxy, once, in the pod's network namespace. Takes the options of
 * istio-iptables. With --run-validation --skip-rule-apply it is the container istio-validation: the CNI plugin has set
 * the rules, and a pod without them must not start.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/log.h"
#include "base/version.h"
#include "capture/apply.h"
#include "capture/options.h"
#include "capture/probe.h"
#include "dns/resolv.h"

#define TERMINATION_LOG "/dev/termination-log" /* what the kubelet shows as the container's message */
#define RESOLV_MAX_BYTES 65536
#define STATUS_NOT_REDIRECTED 126 /* as istio-validation's: whoever repairs pods knows it */

#define BLAME                                                                                                          \
	". The CNI plugin weft-cni (DaemonSet istio-cni-node) was not installed on the node when this pod was "        \
	"started; "                                                                                                    \
	"delete the pod, so that it is made anew"

static void print_rules(const struct capture_options *o, bool v6)
{
	CLEANUP(buf_done) struct buf rules = BUF_INIT;

	if (o->clean)
		capture_remove(SLICE(""), &rules);
	else
		capture_rules(&o->settings, v6, SLICE(""), &rules);
	printf("# %s\n%s", v6 ? "ip6tables-restore --noflush" : "iptables-restore --noflush", buf_str(&rules));
}

static int set_rules(const struct capture_options *o, struct err *e)
{
	if (o->no_rules)
		return 0;
	if (o->dry_run) {
		print_rules(o, false);
		if (capture_has_ipv6())
			print_rules(o, true);
		return 0;
	}
	return o->clean ? capture_clear(e) : capture_apply(&o->settings, e);
}

/* Whom the pod asks; where that cannot be read all questions are redirected. */
static void read_dns(struct capture_options *o)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	if (o->settings.redirect_dns && file_read(DNS_RESOLV_PATH, RESOLV_MAX_BYTES, &text, NULL) == 0)
		capture_options_set_dns(o, buf_slice(&text));
}

/* kubectl describe shows it. */
static void tell_kubelet(const char *message)
{
	FILE *f = fopen(TERMINATION_LOG, "we");

	if (!f)
		return;
	fprintf(f, "%s\n", message);
	fclose(f);
}

static int validate(const struct capture_options *o)
{
	struct err e = ERR_INIT;

	if (capture_probe_run(&o->settings, &e) == 0) {
		log_info("init", "the pod's traffic is redirected to its proxy");
		return 0;
	}
	if (e.code == -ENONET)
		strncat(e.msg, BLAME, sizeof(e.msg) - strlen(e.msg) - 1);
	log_error("init", "%s", e.msg);
	tell_kubelet(e.msg);
	return e.code == -ENONET ? STATUS_NOT_REDIRECTED : 1;
}

int main(int argc, char **argv)
{
	struct capture_options o;
	struct err e = ERR_INIT;
	int status, r = capture_options_parse(argc, argv, &o, &status, &e);

	if (r > 0)
		return status;
	if (r == 0) {
		log_debug("init", "weft-init %s (commit %s)", weft_version, weft_commit);
		read_dns(&o);
		r = set_rules(&o, &e);
		status = r == 0 && o.validate && !o.dry_run ? validate(&o) : 0;
		capture_options_done(&o);
	}
	if (r < 0)
		log_error("init", "%s; the pod's traffic is not redirected", e.msg);
	return r < 0 ? 1 : status;
}
