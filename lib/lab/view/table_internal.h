/* The cells of pods, which have a file of their own: a pod's status in one word takes its containers' states together.
 */
#ifndef LAB_VIEW_TABLE_INTERNAL_H
#define LAB_VIEW_TABLE_INTERNAL_H

#include <stdint.h>

#include <cjson/cJSON.h>

cJSON *pod_ready_cell(const cJSON *o, int64_t now_s);
cJSON *pod_status_cell(const cJSON *o, int64_t now_s);
cJSON *pod_restarts_cell(const cJSON *o, int64_t now_s);
cJSON *pod_ip_cell(const cJSON *o, int64_t now_s);
cJSON *pod_node_cell(const cJSON *o, int64_t now_s);
cJSON *pod_nominated_cell(const cJSON *o, int64_t now_s);
cJSON *pod_gates_cell(const cJSON *o, int64_t now_s);

#endif
