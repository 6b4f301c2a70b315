/*
 * diff: what a change would do, before it is applied: the mesh is built twice, without it and with it, and what each
 * proxy gets is compared: resources, where requests go, who is let in.
 */
#ifndef CTL_DIFF_DIFF_H
#define CTL_DIFF_DIFF_H

#include "ctl/core/core.h"

/* Compares a mesh with what a change makes of it. */
enum ctl_status ctl_diff(struct ctl *c);

#endif
