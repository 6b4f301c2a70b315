/*
 * analyze: what is wrong with a mesh's configuration, under Istio's codes: the names, levels and meanings of istioctl
 * analyze 1.20, in sentences of our own, with the line of each.
 */
#ifndef CTL_ANALYZE_ANALYZE_H
#define CTL_ANALYZE_ANALYZE_H

#include "ctl/core/core.h"

/* Analyzes files, or a cluster. */
enum ctl_status ctl_analyze(struct ctl *c);

#endif
