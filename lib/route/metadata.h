/*
 * What filters find out about a request and others ask of it: values by filter and key, as Envoy's dynamic metadata.
 * A list of views: whoever adds an entry owns it and what it points to. Pure.
 * Source: envoy.type.matcher.v3.MetadataMatcher, ValueMatcher.
 */
#ifndef ROUTE_METADATA_H
#define ROUTE_METADATA_H

#include <cjson/cJSON.h>

#include "route/match.h"

/* One value: json, or text where json is NULL. */
struct metadata_entry {
	struct metadata_entry *next;
	struct slice filter; /* "envoy.filters.http.jwt_authn" */
	struct slice key;    /* empty: json is an object of all of the filter's keys */
	const cJSON *json;
	struct slice text;
	const struct slice *lists; /* members of json that are lists, although they are written with spaces */
	size_t n_lists;
};

struct metadata {
	struct metadata_entry *first; /* the newest: it hides older ones of its key */
};

/* The entry is the caller's and lives as long as the list is asked. */
void metadata_add(struct metadata *m, struct metadata_entry *e);

enum match_value_kind {
	MATCH_VALUE_STRING,
	MATCH_VALUE_BOOL,
	MATCH_VALUE_NUMBER, /* from <= x < to, or x == from */
	MATCH_VALUE_NULL,
	MATCH_VALUE_PRESENT,
	MATCH_VALUE_LIST, /* one of its members matches kids[0] */
	MATCH_VALUE_OR,   /* one of the kids matches */
};

struct match_value {
	enum match_value_kind kind;
	struct match_string string;
	bool boolean; /* of BOOL; of PRESENT: false matches nothing */
	double from, to;
	struct match_value *kids;
	size_t n_kids;
};

struct match_metadata {
	struct slice filter;
	struct slice *path; /* n_path > 0 */
	size_t n_path;
	struct match_value value;
	bool invert;
};

/* Whether the value at the path matches; what is not there matches nothing, and with invert everything. m may be NULL.
 */
bool match_metadata_test(const struct match_metadata *how, const struct metadata *m);

/* The value of a filter's key where it is one text; ptr NULL = none. */
struct slice metadata_text(const struct metadata *m, struct slice filter, struct slice key);

#endif
