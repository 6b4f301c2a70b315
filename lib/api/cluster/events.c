/* Rows of events: events.k8s.io/v1. See the header for the structs. */
#include "api/cluster/events.h"

#include "api/api_internal.h"

#define T struct events_event_series
static const struct msg_field events_event_series_rows[] = {
	F(count, "count", INT32, .flags = MSG_KEEP_ZERO, .pb = 1, .doc = "How often it occurred."),
	F(last_observed_time, "lastObservedTime", STRING, .format = "date-time", .pb = 2,
	  .doc = "When it was observed last."),
};
DESC(events_event_series, "EventSeries", "Event series.");
#undef T

#define T struct events_event
static const struct msg_field events_event_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(event_time, "eventTime", STRING, .format = "date-time", .pb = 2, .doc = "When it was observed first."),
	F(series, "series", MESSAGE, .desc = &events_event_series_desc, .pb = 3,
	  .doc = "How it went on, for repeated events."),
	F(reporting_controller, "reportingController", STRING, .pb = 4, .doc = "Controller that reports."),
	F(reporting_instance, "reportingInstance", STRING, .pb = 5, .doc = "Instance of the controller that reports."),
	F(action, "action", STRING, .pb = 6, .doc = "What is done."),
	F(reason, "reason", STRING, .pb = 7, .doc = "One word in CamelCase that says why."),
	F(regarding, "regarding", MESSAGE, .desc = &core_object_reference_desc, .flags = MSG_ATOMIC, .pb = 8,
	  .doc = "The object that it is about."),
	F(related, "related", MESSAGE, .desc = &core_object_reference_desc, .flags = MSG_ATOMIC, .pb = 9,
	  .doc = "A second object that it is about."),
	F(note, "note", STRING, .pb = 10, .doc = "Description of what happened."),
	F(type, "type", STRING, .pb = 11, .doc = "Type; one of the allowed words."),
	F(deprecated_source, "deprecatedSource", MESSAGE, .desc = &core_event_source_desc, .pb = 12,
	  .doc = "Obsolete source."),
	F(deprecated_first_timestamp, "deprecatedFirstTimestamp", STRING, .format = "date-time", .pb = 13,
	  .doc = "Obsolete first time."),
	F(deprecated_last_timestamp, "deprecatedLastTimestamp", STRING, .format = "date-time", .pb = 14,
	  .doc = "Obsolete last time."),
	F(deprecated_count, "deprecatedCount", INT32, .pb = 15, .doc = "Obsolete count."),
};
DESC(events_event, "Event", "Event.");
#undef T
