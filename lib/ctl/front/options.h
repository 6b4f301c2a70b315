/* The flags' ids, and how their values become options. A letter is the short form, too. */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include "ctl/front/commands.h"

enum ctl_option {
	CTL_OPTION_OUTPUT = 'o',
	CTL_OPTION_FILE = 'f',
	CTL_OPTION_ALL = 'A',
	CTL_OPTION_HEADER = 'H',
	CTL_OPTION_SUPPRESS = 'S',
	CTL_OPTION_LIST = 'L',
	CTL_OPTION_NAMESPACE = 'n',
	CTL_OPTION_PLANE = 'i',
	CTL_OPTION_KUBECONFIG = 256,
	CTL_OPTION_TIMEOUT,
	CTL_OPTION_OVERLAY,
	CTL_OPTION_CONTROL_PLANE,
	CTL_OPTION_REGISTRY,
	CTL_OPTION_TAG,
	CTL_OPTION_DRY_RUN,
	CTL_OPTION_SKIP_PRECHECK,
	CTL_OPTION_YES,
	CTL_OPTION_DEFINITIONS,
	CTL_OPTION_FROM_CLUSTER,
	CTL_OPTION_PROXY,
	CTL_OPTION_TYPE,
	CTL_OPTION_PRE,
	CTL_OPTION_REMOVE,
	CTL_OPTION_FAILURE,
	CTL_OPTION_THRESHOLD,
	CTL_OPTION_FROM,
	CTL_OPTION_LOG,
	CTL_OPTION_MESH_CONFIG,
	CTL_OPTION_REQUEST_ID,
	CTL_OPTION_LEVEL,
	CTL_OPTION_ARCHIVE,
	CTL_OPTION_SINCE,
	CTL_OPTION_MAX_SIZE,
	CTL_OPTION_PORT,
};

/* Takes one flag's value. 0, or -EINVAL when it is none of those that the flag may have. */
int ctl_option_set(struct ctl_options *o, int option, const char *flag, const char *value);

#endif
