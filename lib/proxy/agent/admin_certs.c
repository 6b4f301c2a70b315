/* /certs in Envoy's shape: our own certificate and roots first, then what the configuration holds. Keys are not shown.
 */
#include <stdio.h>

#include "base/clock.h"
#include "pki/cert.h"
#include "proxy/agent/agent_internal.h"

static void add_name(cJSON *list, const char *kind, const char *name)
{
	cJSON *n = cJSON_CreateObject();

	cJSON_AddStringToObject(n, kind, name);
	cJSON_AddItemToArray(list, n);
}

static void add_cert(cJSON *list, struct slice pem)
{
	CLEANUP(arena_done) struct arena tmp = ARENA_INIT;
	struct pki_cert_info info;
	char from[CLOCK_TEXT_MAX], to[CLOCK_TEXT_MAX], days[24];
	cJSON *c, *names;

	if (!pem.len || pki_cert_info(pem, &tmp, &info, NULL) < 0)
		return;
	c = cJSON_CreateObject();
	cJSON_AddItemToArray(list, c);
	snprintf(days, sizeof(days), "%lld",
		 (long long)((info.not_after_s - clock_wall_ns() / NS_PER_S) / (24 * 3600)));
	cJSON_AddStringToObject(c, "path", "<inline>");
	cJSON_AddStringToObject(c, "serial_number", info.serial);
	names = cJSON_AddArrayToObject(c, "subject_alt_names");
	for (size_t i = 0; i < info.names.n_dns; i++)
		add_name(names, "dns", info.names.dns[i]);
	for (size_t i = 0; i < info.names.n_uris; i++)
		add_name(names, "uri", info.names.uris[i]);
	for (size_t i = 0; i < info.names.n_ips; i++)
		add_name(names, "ip_address", info.names.ips[i]);
	cJSON_AddStringToObject(c, "days_until_expiration", days);
	cJSON_AddStringToObject(c, "valid_from", clock_format_s(info.not_before_s, from));
	cJSON_AddStringToObject(c, "expiration_time", clock_format_s(info.not_after_s, to));
}

static void add_pair(cJSON *list, struct slice roots, struct slice chain)
{
	cJSON *c = cJSON_CreateObject();

	cJSON_AddItemToArray(list, c);
	add_cert(cJSON_AddArrayToObject(c, "ca_cert"), roots);
	add_cert(cJSON_AddArrayToObject(c, "cert_chain"), chain);
}

void admin_certs(struct agent *a, struct http_request *rq)
{
	cJSON *j = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(j, "certificates");
	struct slice roots = agent_secrets_root(a->secrets), chain;
	int64_t not_after_s;

	chain = agent_secrets_chain(a->secrets, &not_after_s);
	add_pair(list, roots, chain);
	for (size_t i = 0; a->config && i < a->config->n_secrets; i++) {
		const struct config_secret *s = a->config->secrets[i];
		/* Our own stands there, too. */
		if (!s || (chain.len && slice_eq(s->cert_chain, chain)) ||
		    (!s->cert_chain.len && slice_eq(s->trusted_ca, roots)))
			continue;
		add_pair(list, s->trusted_ca, s->cert_chain);
	}
	admin_reply_json(rq, j);
}
