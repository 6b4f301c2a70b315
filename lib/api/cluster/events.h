/* Events: events.k8s.io/v1. */
#ifndef API_CLUSTER_EVENTS_H
#define API_CLUSTER_EVENTS_H

#include "api/core/config.h"

/* Event series. */
struct events_event_series {
	int32_t count;
	const char *last_observed_time;
};

/* Event. */
struct events_event {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	const char *event_time;
	struct events_event_series *series;
	const char *reporting_controller;
	const char *reporting_instance;
	const char *action;
	const char *reason;
	struct core_object_reference *regarding;
	struct core_object_reference *related;
	const char *note;
	const char *type;
	struct core_event_source *deprecated_source;
	const char *deprecated_first_timestamp;
	const char *deprecated_last_timestamp;
	int32_t deprecated_count;
};

extern const struct msg_desc events_event_series_desc;
extern const struct msg_desc events_event_desc;

#endif
