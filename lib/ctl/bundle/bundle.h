/* bug-report: an archive of what somebody needs who was not there, without anything that is secret. */
#ifndef CTL_BUNDLE_BUNDLE_H
#define CTL_BUNDLE_BUNDLE_H

#include "ctl/core/core.h"

/* Writes the archive; the pods that are named behind the command have their proxies' logs and configuration in it. */
enum ctl_status ctl_bug_report(struct ctl *c);

#endif
