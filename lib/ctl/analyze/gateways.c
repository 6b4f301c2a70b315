/* Gateways: ports, certificates, credentials, one another. */
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "ctl/analyze/analyze_internal.h"
#include "mesh/host.h"
#include "pki/cert.h"

static const cJSON *selector_of(const struct item *gw)
{
	return json_at(gw->json, "spec.selector");
}

static const char *selector_path(struct analysis *x, const struct item *gw)
{
	const cJSON *s = selector_of(gw);

	return s && s->child ? arena_printf(&x->a, "spec.selector[%s]", s->child->string) : "spec";
}

/* --- ports --- */

/* Whether some Service that selects the pod has the port, by its own number or by the pod's. */
static bool is_served(struct analysis *x, const struct analysis_pod *p, int64_t port)
{
	EACH_ITEM (s, x, "Service") {
		const cJSON *selector = json_at(s->json, "spec.selector");

		if (strcmp(s->ns, p->item->ns) != 0 || !labels_match(selector, p->labels))
			continue;
		JSON_EACH(sp, json_at(s->json, "spec.ports"))
		{
			const int64_t number = json_int(sp, "port", 0);

			if (port == json_int(sp, "targetPort", number) || (!s->source && port == number))
				return true;
		}
	}
	return false;
}

static void judge_ports(struct analysis *x, const struct item *gw, const analysis_pods *pods)
{
	const char *selector = labels_text(x, selector_of(gw));
	bool any = false;
	size_t n = 0;

	for (size_t i = 0; i < pods->n; i++)
		any |= labels_match(selector_of(gw), pods->v[i].labels);
	if (!any) {
		analysis_say(x, IST0101, gw, selector_path(x, gw), "selector %s: no pod has these labels", selector);
		return;
	}
	JSON_EACH(server, json_at(gw->json, "spec.servers"))
	{
		const int64_t port = json_int(server, "port.number", 0);
		bool served = false;

		for (size_t i = 0; i < pods->n; i++)
			served |= labels_match(selector_of(gw), pods->v[i].labels) && is_served(x, &pods->v[i], port);
		if (!served && json_get(server, "port"))
			analysis_say(x, IST0162, gw, arena_printf(&x->a, "spec.servers[%zu].port.number", n),
				     "port %lld: no Service of the gateway (%s) leads there", (long long)port,
				     selector);
		n++;
	}
}

void analyze_gateway_ports(struct analysis *x)
{
	analysis_pods pods = {0};

	analysis_list_pods(x, &pods);
	EACH_ITEM (gw, x, "Gateway")
		judge_ports(x, gw, &pods);
	vec_done(&pods);
}

/* --- certificates --- */

static bool same_text(const cJSON *a, const cJSON *b, const char *field)
{
	const char *p = json_get_str(a, field), *q = json_get_str(b, field);

	return p && q && *p && !strcmp(p, q);
}

static bool same_certificate(const cJSON *a, const cJSON *b)
{
	const bool named = *json_str_or_empty(a, "credentialName"), other = *json_str_or_empty(b, "credentialName");

	if (named || other)
		return named && other && same_text(a, b, "credentialName");
	return same_text(a, b, "serverCertificate") && same_text(a, b, "privateKey");
}

static void compare_certificates(struct analysis *x, const struct item *gw, const struct item *other)
{
	JSON_EACH(a, json_at(gw->json, "spec.servers"))
	JSON_EACH(b, json_at(other->json, "spec.servers"))
	if (json_get(a, "tls") && json_get(b, "tls") && same_certificate(json_get(a, "tls"), json_get(b, "tls")))
		analysis_say(x, IST0138, gw, "metadata.name",
			     "Gateway %s shows the same certificate: clients that reuse a connection of HTTP/2 get 404 "
			     "there",
			     item_name(x, other));
}

void analyze_gateway_certificates(struct analysis *x)
{
	EACH_ITEM (gw, x, "Gateway")
		EACH_ITEM (other, x, "Gateway")
			if (other != gw && labels_match(selector_of(gw), selector_of(other)))
				compare_certificates(x, gw, other);
}

/* --- credentials --- */

static const char *const pairs[][2] = {{"cert", "key"}, {"tls.crt", "tls.key"}};

/* The decoded value of a key, NULL when there is none. */
static const char *secret_value(struct analysis *x, const cJSON *secret, const char *key)
{
	const char *plain = json_get_str(json_get(secret, "stringData"), key);
	const char *coded = json_get_str(json_get(secret, "data"), key);
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	if (plain)
		return plain;
	if (!coded || base64_decode(slice_str(coded), &out) < 0)
		return NULL;
	return arena_strdup(&x->a, buf_str(&out));
}

/* Why the secret is no certificate, NULL when it is one. */
static const char *secret_fault(struct analysis *x, const cJSON *secret)
{
	struct pki_cert_info info;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		const char *cert = secret_value(x, secret, pairs[i][0]), *key = secret_value(x, secret, pairs[i][1]);

		if (!cert || !key || !*cert || !*key)
			continue;
		if (pki_cert_info(slice_str(cert), &x->a, &info, &e) < 0)
			return arena_printf(&x->a, "%s: %s", pairs[i][0], e.msg);
		if (info.not_after_s < clock_wall_ns() / NS_PER_S)
			return arena_printf(&x->a, "%s: it has run out", pairs[i][0]);
		return info.not_before_s > clock_wall_ns() / NS_PER_S ? "it is not valid yet" : NULL;
	}
	return "it has neither tls.crt and tls.key, nor cert and key";
}

static const struct analysis_pod *first_pod(const struct item *gw, const analysis_pods *pods)
{
	for (size_t i = 0; i < pods->n; i++)
		if (labels_match(selector_of(gw), pods->v[i].labels))
			return &pods->v[i];
	return NULL;
}

static void judge_credential(struct analysis *x, const struct item *gw, const char *ns, const char *name,
			     const char *path)
{
	const struct item *secret = analysis_find(x, "Secret", ns, name);
	const char *fault;

	if (!secret) {
		analysis_say(x, IST0101, gw, path, "credentialName %s: there is no Secret of that name in namespace %s",
			     name, *ns ? ns : x->m->o.ns);
		return;
	}
	fault = secret_fault(x, secret->json);
	if (fault)
		analysis_say(x, IST0161, gw, path, "Secret %s is no good: %s", item_name(x, secret), fault);
}

void analyze_gateway_secrets(struct analysis *x)
{
	analysis_pods pods = {0};

	analysis_list_pods(x, &pods);
	EACH_ITEM (gw, x, "Gateway") {
		const struct analysis_pod *p = first_pod(gw, &pods);
		size_t n = 0;

		if (!p) {
			analysis_say(x, IST0101, gw, selector_path(x, gw), "selector %s: no pod has these labels",
				     labels_text(x, selector_of(gw)));
			continue;
		}
		JSON_EACH(server, json_at(gw->json, "spec.servers"))
		{
			const char *name = json_str_or_empty(server, "tls.credentialName");

			if (*name)
				judge_credential(x, gw, p->item->ns, name,
						 arena_printf(&x->a, "spec.servers[%zu].tls.credentialName", n));
			n++;
		}
	}
	vec_done(&pods);
}

/* --- one another --- */

static bool shares_host(const cJSON *server, const cJSON *other)
{
	JSON_EACH(a, json_get(server, "hosts"))
	JSON_EACH(b, json_get(other, "hosts"))
	if (cJSON_IsString(a) && cJSON_IsString(b) && host_overlap(a->valuestring, b->valuestring))
		return true;
	return false;
}

static bool conflicts(const struct item *gw, const cJSON *server, const struct item *other)
{
	if (!json_equal(selector_of(gw), selector_of(other)))
		return false;
	JSON_EACH(s, json_at(other->json, "spec.servers"))
	if (json_int(s, "port.number", 0) == json_int(server, "port.number", 0) && shares_host(server, s))
		return true;
	return false;
}

static void judge_server(struct analysis *x, const struct item *gw, const cJSON *server, size_t n)
{
	const char *names = "";

	EACH_ITEM (other, x, "Gateway")
		if (other != gw && conflicts(gw, server, other))
			names = arena_printf(&x->a, "%s%s%s", names, *names ? ", " : "", item_name(x, other));
	if (*names)
		analysis_say(x, IST0145, gw, arena_printf(&x->a, "spec.servers[%zu]", n),
			     "port %lld has hosts that another Gateway of the same pods (%s) has there, too: %s",
			     (long long)json_int(server, "port.number", 0), labels_text(x, selector_of(gw)), names);
}

void analyze_gateway_conflicts(struct analysis *x)
{
	EACH_ITEM (gw, x, "Gateway") {
		size_t n = 0;

		JSON_EACH(server, json_at(gw->json, "spec.servers"))
		judge_server(x, gw, server, n++);
	}
}
