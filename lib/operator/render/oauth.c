/*
 * The OAuth client of Weft's own console. Browsers are led back to its Routes alone, so it is made when they have
 * hosts. Its secret is chosen once, and stands in a Secret from then on.
 */
#include "base/base64.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "operator/render/addons.h"

#define CALLBACK "/oauth/callback"
#define DIRECTORY "/etc/weft/oauth"
#define SECRET_MIN_BYTES 32

/* Over HTTPS alone: what comes back is as good as a password. */
static void add_redirect(const struct chosen_input *in, const char *name, cJSON *list, struct buf *lines)
{
	CLEANUP(buf_done) struct buf uri = BUF_INIT;

	if (!route_address(in->store, in->ns, name, &uri) || !slice_starts(buf_slice(&uri), SLICE("https://")))
		return;
	buf_append_str(&uri, CALLBACK);
	cJSON_AddItemToArray(list, cJSON_CreateString(buf_str(&uri)));
	buf_printf(lines, "%s\n", buf_str(&uri));
}

static void set_data(cJSON *to, const char *name, struct slice bytes)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	base64_encode(bytes, &text);
	json_set_str(to, name, buf_str(&text));
}

void values_set_oauth(cJSON *substitute, const struct chosen_input *in)
{
	const char *own = json_str_or_empty(substitute, "name");
	CLEANUP(buf_done) struct buf lines = BUF_INIT;
	CLEANUP(buf_done) struct buf id = BUF_INIT;
	CLEANUP(buf_done) struct buf name = BUF_INIT;
	CLEANUP(buf_done) struct buf secret = BUF_INIT;
	cJSON *list = cJSON_CreateArray(), *client;
	const cJSON *route;

	json_set_bool(substitute, "oauth", true);
	cJSON_AddItemToArray(json_get(substitute, "args"), cJSON_CreateString("--oauth-client=" DIRECTORY));
	cJSON_ArrayForEach(route, json_get(substitute, "routes"))
	{
		buf_clear(&name);
		buf_printf(&name, "%s%s", own, json_str_or_empty(route, "suffix"));
		add_redirect(in, buf_str(&name), list, &lines);
	}
	if (!list->child) {
		cJSON_Delete(list);
		return;
	}
	buf_printf(&id, "%s-%s-%s", own, in->name, in->ns);
	buf_clear(&name);
	buf_printf(&name, "%s-oauth", own);
	chosen_once(in, buf_str(&name), "client-secret", (struct chosen_size){SECRET_MIN_BYTES, SIZE_MAX}, &secret);
	client = cJSON_AddObjectToObject(substitute, "oauthClient");
	json_set_str(client, "id", buf_str(&id));
	json_set_str(client, "secret", buf_str(&secret));
	json_set(client, "redirects", list);
	set_data(client, "idData", buf_slice(&id));
	set_data(client, "secretData", buf_slice(&secret));
	set_data(client, "redirectsData", buf_slice(&lines));
}
