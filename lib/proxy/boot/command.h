/* The short commands beside the proxy itself, as Istio's agent has them. Blocking; for a shell or a hook. */
#ifndef PROXY_COMMAND_H
#define PROXY_COMMAND_H

#include "base/err.h"

/*
 * "wait [--timeoutSeconds 60] [--periodMillis 500] [--url http://localhost:15021/healthz/ready]" ends when the proxy is
 * ready; "request METHOD PATH" asks the administration port and prints the answer. Returns the exit status, or -ENOENT
 * when argv[1] is neither.
 */
int command_run(int argc, char **argv, struct err *e);

#endif
