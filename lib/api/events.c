/* Rows of events: events.k8s.io/v1. See the header for the structs. */
#include "api/events.h"

#include "api/api_internal.h"

#define T struct events_event_series
static const struct msg_field events_event_series_rows[] = {
	F(count, "count", INT32, .flags = MSG_KEEP_ZERO, .doc = "Count."),
	F(last_observed_time, "lastObservedTime", STRING, .format = "date-time", .doc = "Last observed time."),
};
DESC(events_event_series, "EventSeries", "Event series.");
#undef T

#define T struct events_event
static const struct msg_field events_event_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(event_time, "eventTime", STRING, .format = "date-time", .doc = "Event time."),
	F(series, "series", MESSAGE, .desc = &events_event_series_desc, .doc = "Series."),
	F(reporting_controller, "reportingController", STRING, .doc = "Reporting controller."),
	F(reporting_instance, "reportingInstance", STRING, .doc = "Reporting instance."),
	F(action, "action", STRING, .doc = "Action."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(regarding, "regarding", MESSAGE, .desc = &core_object_reference_desc, .doc = "Regarding."),
	F(related, "related", MESSAGE, .desc = &core_object_reference_desc, .doc = "Related."),
	F(note, "note", STRING, .doc = "Note."),
	F(type, "type", STRING, .doc = "Type."),
	F(deprecated_source, "deprecatedSource", MESSAGE, .desc = &core_event_source_desc, .doc = "Deprecated source."),
	F(deprecated_first_timestamp, "deprecatedFirstTimestamp", STRING, .format = "date-time",
	  .doc = "Deprecated first timestamp."),
	F(deprecated_last_timestamp, "deprecatedLastTimestamp", STRING, .format = "date-time",
	  .doc = "Deprecated last timestamp."),
	F(deprecated_count, "deprecatedCount", INT32, .doc = "Deprecated count."),
};
DESC(events_event, "Event", "Event.");
#undef T
