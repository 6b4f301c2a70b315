/* Status objects. See status.h. */
#include "lab/store/status.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "msg/json.h"

__attribute__((format(printf, 3, 0))) static cJSON *make(int code, const char *reason, const char *fmt, va_list ap)
{
	CLEANUP(buf_done) struct buf message = BUF_INIT;
	cJSON *s = cJSON_CreateObject();

	buf_vprintf(&message, fmt, ap);
	json_set_str(s, "kind", "Status");
	json_set_str(s, "apiVersion", "v1");
	json_object(s, "metadata");
	json_set_str(s, "status", "Failure");
	json_set_str(s, "message", buf_str(&message));
	json_set_str(s, "reason", reason);
	json_set_int(s, "code", code);
	return s;
}

#define MAKE(code, reason, fmt)                                                                                        \
	({                                                                                                             \
		va_list ap_;                                                                                           \
		va_start(ap_, fmt);                                                                                    \
		cJSON *made_ = make((code), (reason), (fmt), ap_);                                                     \
		va_end(ap_);                                                                                           \
		made_;                                                                                                 \
	})

cJSON *status_new(int code, const char *reason, const char *fmt, ...)
{
	return MAKE(code, reason, fmt);
}

cJSON *status_bad_request(const char *fmt, ...)
{
	return MAKE(400, "BadRequest", fmt);
}

cJSON *status_internal(const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	cJSON *s = status_new(500, "InternalError", "Internal error occurred: %s", buf_str(&b));

	status_cause(s, NULL, buf_str(&b), NULL);
	return s;
}

cJSON *status_details(cJSON *s, const char *name, const char *group, const char *kind)
{
	cJSON *d = json_object(s, "details");

	if (name && *name)
		json_set_str(d, "name", name);
	if (group && *group)
		json_set_str(d, "group", group);
	if (kind && *kind)
		json_set_str(d, "kind", kind);
	return s;
}

void status_cause(cJSON *s, const char *reason, const char *message, const char *field)
{
	cJSON *c = cJSON_CreateObject();

	if (reason)
		json_set_str(c, "reason", reason);
	json_set_str(c, "message", message);
	if (field)
		json_set_str(c, "field", field);
	cJSON_AddItemToArray(json_array(json_object(s, "details"), "causes"), c);
}

cJSON *status_not_found(const struct resource *r, const char *name)
{
	char q[256];

	return status_details(status_new(404, "NotFound", "%s \"%s\" not found", resource_qualified(r, q), name), name,
			      r->group, r->plural);
}

cJSON *status_exists(const struct resource *r, const char *name)
{
	char q[256];

	return status_details(
		status_new(409, "AlreadyExists", "%s \"%s\" already exists", resource_qualified(r, q), name), name,
		r->group, r->plural);
}

cJSON *status_conflict(const struct resource *r, const char *name, const char *why)
{
	char q[256];

	return status_details(status_new(409, "Conflict", "Operation cannot be fulfilled on %s \"%s\": %s",
					 resource_qualified(r, q), name, why),
			      name, r->group, r->plural);
}

cJSON *status_modified(const struct resource *r, const char *name)
{
	return status_conflict(r, name,
			       "the object has been modified; please apply your changes to the latest version and try "
			       "again");
}

cJSON *status_invalid(const char *group, const char *kind, const char *name, const struct problems *p)
{
	CLEANUP(buf_done) struct buf list = BUF_INIT;

	for (size_t i = 0; i < p->n; i++)
		buf_printf(&list, "%s%s: %s", i ? ", " : "", p->v[i].field, p->v[i].text);
	cJSON *s = status_new(422, "Invalid",
			      p->n == 1 ? "%s%s%s \"%s\" is invalid: %s" : "%s%s%s \"%s\" is invalid: [%s]", kind,
			      *group ? "." : "", group, name, buf_str(&list));

	status_details(s, name, group, kind);
	for (size_t i = 0; i < p->n; i++)
		status_cause(s, p->v[i].reason, p->v[i].text, p->v[i].field);
	return s;
}

cJSON *status_forbidden(const struct resource *r, const char *name, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	char q[256];
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	resource_qualified(r, q);
	cJSON *s = name && *name ? status_new(403, "Forbidden", "%s \"%s\" is forbidden: %s", q, name, buf_str(&b))
				 : status_new(403, "Forbidden", "%s is forbidden: %s", q, buf_str(&b));

	return status_details(s, name, r->group, r->plural);
}

int status_code(const cJSON *s)
{
	return (int)json_int(s, "code", 500);
}
