/* The command line of istio-iptables, in which a pod's manifest says how its traffic is redirected. */
#ifndef CAPTURE_OPTIONS_H
#define CAPTURE_OPTIONS_H

#include "base/flags.h"
#include "capture/capture.h"

#define CAPTURE_ARGUMENTS_MAX 128 /* of a container in a manifest */

struct capture_options {
	struct arena arena; /* of the settings' lists */
	struct capture_settings settings;
	bool dry_run, clean;
	bool validate; /* look whether redirection works */
	bool no_rules; /* and set none */
};

/* The table of flags, for --help. */
extern const struct flags_program capture_program;

/*
 * Reads the arguments of a program; argv[0] is left out. 0 and *ret (capture_options_done() frees it); -EINVAL or
 * -ENOTSUP with the option in e; 1 when --help or --version said all, or a flag is unknown and was told of on stderr:
 * the program ends with *ret_status.
 */
int capture_options_parse(int argc, char **argv, struct capture_options *ret, int *ret_status, struct err *e);

/*
 * The same for the arguments of a container in a manifest, n strings: nothing is printed, and no flag that changes the
 * program itself (its log) is heeded. -EINVAL also for --help, --version and more than CAPTURE_ARGUMENTS_MAX.
 */
int capture_options_read(const char *const *args, size_t n, struct capture_options *ret, struct err *e);

/*
 * Where DNS is redirected: its servers, by the text of the pod's resolv.conf. Without them questions to any server are,
 * as where rules are set from outside of the pod.
 */
void capture_options_set_dns(struct capture_options *o, struct slice resolv_conf);

/* Frees the lists. */
void capture_options_done(struct capture_options *o);

#endif
