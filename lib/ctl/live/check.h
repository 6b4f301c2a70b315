/* What is wrong with a mesh that runs: each check as a row, and what to do about what fails. */
#ifndef CTL_LIVE_CHECK_H
#define CTL_LIVE_CHECK_H

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "ctl/core/core.h"

/* Checks everything (--pre: as precheck, before there is a mesh). */
enum ctl_status ctl_check(struct ctl *c);

enum check_level { CHECK_OK, CHECK_WARNING, CHECK_FAILED };

/*
 * What lists of objects say, each pure: the worst level, and in text the sentence for people.
 */
enum check_level check_control_planes(const cJSON *smcps, struct buf *text);
enum check_level check_deployments(const cJSON *deployments, struct buf *text);
enum check_level check_webhooks(const cJSON *webhooks, struct buf *text);
enum check_level check_members(const cJSON *rolls, struct buf *text);
enum check_level check_pods(const cJSON *pods, struct buf *text);
/* Of kinds whose status weftd writes: objects that are not accepted, or refer to what is not there. */
enum check_level check_objects(const cJSON *objects, struct buf *text);
/* The root in ConfigMaps istio-ca-root-cert: how long it lasts. */
enum check_level check_roots(const cJSON *maps, int64_t now_s, struct buf *text);

#endif
