/* What comes back: reasons of refusals and the sentences made of them. */
#include "base/cleanup.h"
#include "kube/client_internal.h"
#include "msg/json.h"

static const struct {
	const char *name;
	int status;
	enum kube_reason reason;
} reasons[] = {
	{"NotFound", 404, KUBE_NOT_FOUND},
	{"AlreadyExists", 0, KUBE_ALREADY_EXISTS},
	{"Conflict", 409, KUBE_CONFLICT},
	{"Invalid", 422, KUBE_INVALID},
	{"Forbidden", 403, KUBE_FORBIDDEN},
	{"Unauthorized", 401, KUBE_UNAUTHORIZED},
	{"Expired", 410, KUBE_GONE},
	{"Gone", 410, KUBE_GONE},
	{"TooManyRequests", 429, KUBE_TOO_MANY_REQUESTS},
};

enum kube_reason kube_reason_of(int status, const char *name)
{
	if (name)
		for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
			if (!strcmp(reasons[i].name, name))
				return reasons[i].reason;
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return KUBE_REASON_OTHER;
}

const char *kube_reason_str(enum kube_reason r)
{
	static const char *const names[KUBE_REASON_COUNT] = {
		[KUBE_OK] = "OK",
		[KUBE_NETWORK] = "NetworkError",
		[KUBE_NOT_FOUND] = "NotFound",
		[KUBE_ALREADY_EXISTS] = "AlreadyExists",
		[KUBE_CONFLICT] = "Conflict",
		[KUBE_INVALID] = "Invalid",
		[KUBE_FORBIDDEN] = "Forbidden",
		[KUBE_UNAUTHORIZED] = "Unauthorized",
		[KUBE_GONE] = "Expired",
		[KUBE_TOO_MANY_REQUESTS] = "TooManyRequests",
		[KUBE_BAD_ANSWER] = "BadAnswer",
		[KUBE_REASON_OTHER] = "Error",
	};

	return r < KUBE_REASON_COUNT ? names[r] : "Error";
}

int kube_reason_errno(enum kube_reason r)
{
	switch (r) {
	case KUBE_NOT_FOUND:
		return -ENOENT;
	case KUBE_ALREADY_EXISTS:
		return -EEXIST;
	case KUBE_CONFLICT:
		return -EAGAIN;
	case KUBE_INVALID:
		return -EINVAL;
	case KUBE_FORBIDDEN:
	case KUBE_UNAUTHORIZED:
		return -EACCES;
	case KUBE_NETWORK:
		return -ECONNREFUSED;
	default:
		return -EIO;
	}
}

void kube_result_from_status(struct kube_result *r, const char *what)
{
	const cJSON *name = json_get(r->body, "reason");
	const cJSON *message = json_get(r->body, "message");

	r->reason = kube_reason_of(r->status, cJSON_IsString(name) ? name->valuestring : NULL);
	err_set(&r->err, kube_reason_errno(r->reason), "%s: %s (%d %s)", what,
		cJSON_IsString(message) ? message->valuestring : "no message", r->status,
		cJSON_IsString(name) ? name->valuestring : kube_reason_str(r->reason));
}
