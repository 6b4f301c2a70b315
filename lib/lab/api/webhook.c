/* Where a webhook is. See webhook.h. */
#include "lab/api/webhook.h"

#include <string.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "lab/api/endpoint.h"
#include "msg/json.h"

const char *const webhook_headers[] = {"Content-Type: application/json", "Accept: application/json", NULL};

static struct slice ca_of(const cJSON *config, struct arena *a)
{
	const char *b64 = json_str(config, "caBundle");
	CLEANUP(buf_done) struct buf raw = BUF_INIT;

	if (!b64 || base64_decode(slice_str(b64), &raw) < 0)
		return slice_make("", 0);
	return slice_make(arena_slicedup(a, buf_slice(&raw)), raw.len);
}

const char *webhook_find(struct lab_api *api, const cJSON *config, int timeout_s, struct arena *a,
			 struct webhook_target *ret)
{
	const cJSON *svc = json_get(config, "service");
	const char *url = json_str(config, "url"), *ns = json_str(svc, "namespace"), *name = json_str(svc, "name");
	const char *path = json_str(svc, "path");
	long long port = json_int(svc, "port", 443);
	char address[64];
	struct err e = ERR_INIT;

	*ret = (struct webhook_target){.ca_pem = ca_of(config, a)};
	if (url) {
		ret->url = arena_printf(a, "%s%ctimeout=%ds", url, strchr(url, '?') ? '&' : '?', timeout_s);
		return NULL;
	}
	ret->url = arena_printf(a, "https://%s.%s.svc:%lld%s%s?timeout=%ds", name ? name : "", ns ? ns : "", port,
				path && *path == '/' ? "" : "/", path ? path : "", timeout_s);
	if (!name || !ns)
		return "no service is named";
	if (endpoint_of_service(api, ns, name, arena_printf(a, "%lld", port), address, &e) < 0)
		return arena_printf(a, "Post \"%s\": %s", ret->url, e.msg);
	ret->connect_to = arena_printf(a, "%s.%s.svc:%lld:%s", name, ns, port, address);
	return NULL;
}
