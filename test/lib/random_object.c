/* Values by the name of the field; what no pool knows gets something of its type. */
#include "random_object.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "msg/json.h"

#define DEPTH_MAX 9

/* Where a value may stand. desc NULL: in every message. Values are parted by "|"; a list's length is 1 to max. */
struct pool {
	const char *desc, *field;
	const char *values;
	unsigned percent; /* how often the field is set; 0 = as others */
	unsigned max;     /* elements, 0 = 3 */
	const char *odd;  /* values of one time in twelve, or NULL */
};

#define HOSTS                                                                                                          \
	"catalog|inventory|catalog.shop.svc.cluster.local|inventory.stock.svc.cluster.local|db.shop.svc.cluster."      \
	"local|"                                                                                                       \
	"a.com|A.com|b.com|x.a.com|*.a.com|*.com|e1.org|e2.org|*.e1.org"
#define ODD_HOSTS "*|*bad.com|a..com||10.96.0.22|b.com:80|192.0.2.1"
#define REGEXES "/a.*|[a-z]+|(|(?=x)|\\d{1,3}|*||.*\\.com|a{99999}"
#define VALUES "v|50% off|%START_TIME%|%REQ(x-a)%|%%|a\r\nb: c|%NOPE%||\xc3\xa9"
#define HEADERS "|host|a b|:path|content-length"
#define PATHS "/|/a|/a/b|/b"
#define PORTS "80|8080|443|8443|9000|5432|9001"
#define ODD_PORTS "0|70000|15021|15006|15001|22"
#define LABELS "app=catalog|app=inventory|version=v1|version=v2|istio=ingressgateway|app=nobody|"
#define IPS                                                                                                            \
	"192.0.2.1|192.0.2.2|10.96.0.22|10.96.0.23|240.0.0.1|2001:db8::1|10.0.0.0/8|10.1.2.3/8|0.0.0.0/"               \
	"0|1.2.3|x.com||10.0.0.1/99"
#define WORDS "x|a|b|*|a*|*b||" VALUES

static const struct pool pools[] = {
	/* hosts */
	{"Server", "hosts", "a.com|b.com|x.a.com|*.a.com|*.com|*|A.com|e1.org|shop/a.com|./b.com|*/x.a.com", 97, 3,
	 "~/a.com|*bad.com|a..com||10.96.0.22|b.com:80|a*b.com"},
	{"IstioEgressListener", "hosts", "./*|*/*|stock/*|shop/a.com|~/*|istio-system/*|*/*.a.com", 95, 3, "a.com|"},
	{"ServiceEntry", "hosts", "e1.org|e2.org|a.com|*.e1.org|inventory.stock.svc.cluster.local|E1.org", 97, 2,
	 "x|*|"},
	{"Operation", "hosts", HOSTS "|a.*|*.com", 0, 2, VALUES},
	{"VirtualService", "hosts",
	 "a.com|b.com|x.a.com|*.a.com|inventory.stock.svc.cluster.local|catalog.shop.svc."
	 "cluster.local|inventory|catalog|e1.org|*|db.shop.svc.cluster.local|A.com",
	 97, 2, ODD_HOSTS},
	{NULL, "host",
	 "catalog.shop.svc.cluster.local|inventory.stock.svc.cluster.local|inventory|catalog|e1.org|a.com|"
	 "*.e1.org|*.cluster.local|db.shop.svc.cluster.local",
	 97, 0, ODD_HOSTS},
	{NULL, "sniHosts", "a.com|b.com|x.a.com|*.a.com|*.com|e1.org|e2.org|A.com", 95, 3, ODD_HOSTS},
	{NULL, "sni", HOSTS, 0, 0, ""},
	{"VirtualService", "gateways", "mesh|mesh|gw0|gw1|shop/gw0|shop/gw1|stock/gw0|stock/gw1|gw0.shop|./gw0", 80, 3,
	 "none"},
	{NULL, "gateways", "mesh|gw0|shop/gw0|stock/gw0|./gw0", 8, 2, "none"},
	{NULL, "exportTo", ".|*|shop|stock", 20, 2, "~|"},
	/* ports */
	{"Gateway", "servers", "", 97, 3, NULL},
	{"Server", "port", "", 98, 0, NULL},
	{"Server", "tls", "", 70, 0, NULL},
	{"ServiceEntry", "ports", "", 97, 3, NULL},
	{NULL, "number", PORTS, 96, 0, ODD_PORTS},
	{NULL, "targetPort", PORTS, 15, 0, ODD_PORTS},
	{NULL, "port", PORTS, 20, 0, ODD_PORTS},
	{NULL, "ports", PORTS, 0, 3, ODD_PORTS},
	{"Port", "protocol", "HTTP|HTTP|HTTPS|HTTPS|TLS|TCP|HTTP2|GRPC", 98, 0, "MONGO|QUIC|UDP|http|"},
	{"ServicePort", "protocol", "HTTP|TLS|TCP|HTTPS|GRPC|MONGO", 98, 0, "UDP|x|"},
	{NULL, "bind", "0.0.0.0|192.0.2.77", 4, 0, "1.2.3|::|unix:///x"},
	/* routes */
	{"VirtualService", "http", "", 85, 3, NULL},
	{"VirtualService", "tls", "", 35, 2, NULL},
	{"VirtualService", "tcp", "", 30, 2, NULL},
	{"HTTPRoute", "match", "", 65, 3, NULL},
	{"TLSRoute", "match", "", 97, 2, NULL},
	{"TCPRoute", "match", "", 40, 2, NULL},
	{NULL, "route", "", 85, 1, NULL},
	{NULL, "destination", "", 98, 0, NULL},
	{NULL, "redirect", "", 8, 0, NULL},
	{NULL, "directResponse", "", 8, 0, NULL},
	{NULL, "subset", "v1|v2|v3", 30, 0, ""},
	{NULL, "subsets", "", 70, 3, NULL},
	{"Subset", "name", "v1|v2|v3", 98, 0, "|a|b"},
	{NULL, "weight", "1|50|100", 60, 0, "0|-1|2147483647"},
	{NULL, "uri", PATHS, 60, 0, NULL},
	{"RegexRewrite", "match", REGEXES, 97, 0, NULL},
	{"RegexRewrite", "rewrite", "x|\\1|\\9|/\\0||" VALUES, 97, 0, NULL},
	{NULL, "exact", PATHS "|" HOSTS "|v", 0, 0, NULL},
	{NULL, "prefix", PATHS "|v", 0, 0, NULL},
	{NULL, "regex", "/a.*|[a-z]+|.*\\.com", 0, 0, REGEXES},
	{NULL, "retryOn", "5xx|reset,503|connect-failure, 5xx", 0, 0, "luck|,|999"},
	{NULL, "attempts", "0|1|3", 0, 0, "-1|1000"},
	{NULL, "httpStatus", "200|503|404", 80, 0, "99|700|0"},
	{NULL, "status", "200|404|503", 97, 0, "99|700"},
	{NULL, "redirectCode", "301|302|307|308", 0, 0, "200|0"},
	{NULL, "string", "sorry", 0, 0, VALUES},
	{NULL, "remove", "x-a|x-b", 0, 2, HEADERS},
	{NULL, "httpHeaderName", "x-a|x-b", 0, 0, HEADERS},
	{NULL, "allowMethods", "GET|POST", 0, 2, "x|"},
	{NULL, "percent", "0|50|100", 0, 0, "-1|200"},
	{NULL, "value", "0|0.1|50|100", 0, 0, "-1|200"},
	{"Delegate", "name", "vs0|vs1|none", 95, 0, NULL},
	{NULL, "delegate", "", 6, 0, NULL},
	{NULL, "headers", "x-a|x-b|X-A", 25, 0, HEADERS},
	{NULL, "withoutHeaders", "x-a|x-b|X-A", 15, 0, HEADERS},
	{NULL, "queryParams", "q|r", 15, 0, ""},
	/* names and labels */
	{"Gateway", "selector", "istio=ingressgateway", 98, 0, LABELS},
	{NULL, "selector", LABELS, 60, 0, NULL},
	{NULL, "workloadSelector", LABELS, 20, 0, NULL},
	{NULL, "matchLabels", LABELS, 90, 0, NULL},
	{NULL, "labels", LABELS, 90, 0, NULL},
	{NULL, "sourceLabels", LABELS, 12, 0, NULL},
	{NULL, "sourceNamespace", "shop|stock|none", 8, 0, NULL},
	{NULL, "namespace", "shop|stock|none", 40, 0, NULL},
	{"ServerTLSSettings", "credentialName", "c1|c2", 80, 0, ""},
	{NULL, "credentialName", "c1|c2", 20, 0, ""},
	{NULL, "serverCertificate", "/etc/certs/cert.pem", 15, 0, ""},
	{NULL, "privateKey", "/etc/certs/key.pem", 15, 0, ""},
	{NULL, "caCertificates", "/etc/certs/root.pem|system", 15, 0, ""},
	{NULL, "cipherSuites", "ECDHE-RSA-AES128-GCM-SHA256", 8, 2, "NOPE|"},
	{NULL, "subjectAltNames", "spiffe://cluster.local/ns/shop/sa/catalog|a.com", 0, 2, ""},
	/* addresses */
	{NULL, "addresses", "192.0.2.1|192.0.2.2|10.96.0.22|10.96.0.23|240.0.0.1|2001:db8::1|10.0.0.0/8", 50, 2, IPS},
	{NULL, "address", "192.0.2.10|192.0.2.11|x.com", 97, 0, IPS "|unix:///a"},
	{NULL, "endpoints", "", 60, 3, NULL},
	{NULL, "destinationSubnets", "10.0.0.0/8|10.1.2.3/8|192.0.2.0/24|192.0.2.1", 15, 2, IPS},
	{NULL, "sourceSubnet", "10.0.0.0/8|192.0.2.1", 8, 0, IPS},
	{NULL, "ipBlocks", "10.0.0.0/8|10.1.2.3|::1", 0, 2, "1.2.3|10.0.0.0/99||x"},
	{NULL, "notIpBlocks", "10.0.0.0/8|10.1.2.3|::1", 0, 2, "1.2.3|10.0.0.0/99||x"},
	{NULL, "remoteIpBlocks", "10.0.0.0/8|10.1.2.3|::1", 0, 2, "1.2.3|10.0.0.0/99||x"},
	{NULL, "notRemoteIpBlocks", "10.0.0.0/8|10.1.2.3|::1", 0, 2, "1.2.3|10.0.0.0/99||x"},
	{NULL, "locality", "r1/z1|r1/z2/s|r2", 0, 0, "a/b/c/d|"},
	/* policies */
	{NULL, "principals", "cluster.local/ns/shop/sa/catalog|*|*/sa/a", 0, 2, "spiffe://x||a*b"},
	{NULL, "namespaces", "shop|stock|*|s*|*k", 0, 2, "|a(b"},
	{NULL, "paths", "/a|/a/*|*/b|*", 0, 2, "|/a%20b|*a*"},
	{NULL, "methods", "GET|POST|*|P*", 0, 2, ""},
	{NULL, "key",
	 "request.headers[x-a]|source.ip|source.namespace|source.principal|destination.port|destination.ip|connection."
	 "sni|"
	 "remote.ip|request.auth.claims[a]",
	 97, 0, "request.headers[]|request.regex.headers[x]|nope|"},
	{NULL, "values", "v|10.0.0.0/8|8080|*.com|shop", 97, 2, "(|" WORDS},
	{NULL, "rules", "", 85, 2, NULL},
	{"PeerAuthentication", "portLevelMtls", PORTS, 30, 2, "0|70000|x"},
	{NULL, "mtls", "", 90, 0, NULL},
	{NULL, "egress", "", 80, 2, NULL},
	{NULL, "trafficPolicy", "", 50, 0, NULL},
	{NULL, "minimumRingSize", "0|1024|1", 0, 0, "99999999|-5"},
	{NULL, "tableSize", "0|65537", 0, 0, "4|99999999|-5"},
};

struct maker {
	struct rand *r;
	unsigned depth;
};

static bool often(struct maker *m, unsigned percent)
{
	return rand_below(m->r, 100) < percent;
}

static const struct pool *pool_of(const struct msg_desc *d, const struct msg_field *f)
{
	for (size_t i = 0; i < ARRAY_LEN(pools); i++)
		if (strcmp(pools[i].field, f->name) == 0 && (!pools[i].desc || strcmp(pools[i].desc, d->name) == 0))
			return &pools[i];
	return NULL;
}

/* One of the values, in the caller's hands. */
static char *pick(struct maker *m, const char *values)
{
	struct slice rest, one = {0};
	uint32_t n = 1;

	for (const char *p = values; *p; p++)
		n += *p == '|';
	n = rand_below(m->r, n) + 1;
	for (rest = slice_str(values); n; n--)
		one = slice_split(&rest, '|');
	return mem_printf("%.*s", SLICE_ARG(one));
}

static char *pick_from(struct maker *m, const struct pool *p, const char *otherwise)
{
	if (p && p->odd && often(m, 8))
		return pick(m, p->odd);
	return pick(m, p && *p->values ? p->values : otherwise);
}

static cJSON *make_message(struct maker *m, const struct msg_desc *d);

static const struct pool header_names = {.values = "x-a|x-b|X-A", .odd = HEADERS};
static const struct pool header_values = {.values = "v|%START_TIME%|50%% off", .odd = VALUES};

static cJSON *make_labels(struct maker *m, const struct pool *p, bool headers)
{
	cJSON *o = cJSON_CreateObject();
	const unsigned n = rand_below(m->r, 10) < 8 ? 1 : 2;

	for (unsigned i = 0; i < n; i++) {
		CLEANUP(freep) char *text = headers ? pick_from(m, &header_names, "") : pick_from(m, p, LABELS);
		CLEANUP(freep) char *value = headers ? pick_from(m, &header_values, "") : NULL;
		char *eq = headers ? NULL : strchr(text, '=');

		if (eq)
			*eq = 0;
		if ((headers || eq) && !json_get(o, text))
			cJSON_AddStringToObject(o, text, headers ? value : eq + 1);
	}
	return o;
}

static cJSON *make_map(struct maker *m, const struct msg_field *f, const struct pool *p)
{
	cJSON *o = cJSON_CreateObject();
	const unsigned n = 1 + rand_below(m->r, 2);

	for (unsigned i = 0; i < n; i++) {
		CLEANUP(freep) char *key = pick_from(m, p, "x-a|x-b|X-A");

		if (!json_get(o, key))
			cJSON_AddItemToObject(o, key, make_message(m, f->desc));
	}
	return o;
}

static cJSON *make_number(struct maker *m, const struct msg_field *f, const struct pool *p)
{
	CLEANUP(freep) char *text = pick_from(m, p, "0|1|2|5|100|1000|-1|2147483647");
	double n = strtod(text, NULL);

	if (f->type == MSG_UINT32 && n < 0)
		n = 0;
	return cJSON_CreateNumber(f->type == MSG_DOUBLE ? n : (double)(int64_t)n);
}

static cJSON *make_one(struct maker *m, const struct msg_field *f, const struct pool *p)
{
	static const struct pool durations = {.values = "1s|10ms|0s|3600s|1h30m|1ms", .odd = "-1s|500us"};
	CLEANUP(freep) char *text = NULL;

	switch (f->type) {
	case MSG_BOOL:
		return cJSON_CreateBool(often(m, 50));
	case MSG_INT32:
	case MSG_UINT32:
	case MSG_INT64:
	case MSG_DOUBLE:
		return make_number(m, f, p);
	case MSG_ENUM:
		return cJSON_CreateString(f->enums->values[rand_below(m->r, (uint32_t)f->enums->n)].name);
	case MSG_DURATION:
		text = pick_from(m, &durations, "");
		return cJSON_CreateString(text);
	case MSG_MESSAGE:
		return make_message(m, f->desc);
	case MSG_MAP:
		return make_map(m, f, p);
	case MSG_STR_MAP:
		return make_labels(m, p, strcmp(f->name, "set") == 0 || strcmp(f->name, "add") == 0);
	case MSG_JSON:
		return cJSON_CreateObject();
	default:
		if (f->enums)
			return cJSON_CreateString(f->enums->values[rand_below(m->r, (uint32_t)f->enums->n)].name);
		text = pick_from(m, p, WORDS);
		return cJSON_CreateString(text);
	}
}

static cJSON *make_field(struct maker *m, const struct msg_field *f, const struct pool *p)
{
	unsigned n;
	cJSON *list;

	if (!(f->flags & MSG_LIST))
		return make_one(m, f, p);
	list = cJSON_CreateArray();
	n = rand_below(m->r, (p && p->max ? p->max : 3) * 2);
	for (unsigned i = 0; i < n / 2 + 1; i++)
		cJSON_AddItemToArray(list, make_one(m, f, p));
	return list;
}

/* Of rows that exclude each other mostly one is taken. */
static bool excluded(struct maker *m, const struct msg_desc *d, size_t i, const cJSON *o)
{
	for (size_t k = 0; d->fields[i].oneof && k < i; k++)
		if (d->fields[k].oneof == d->fields[i].oneof && json_get(o, d->fields[k].name))
			return !often(m, 3);
	return false;
}

static cJSON *make_message(struct maker *m, const struct msg_desc *d)
{
	cJSON *o = cJSON_CreateObject();

	m->depth++;
	for (size_t i = 0; m->depth < DEPTH_MAX && i < d->n_fields; i++) {
		const struct msg_field *f = &d->fields[i];
		const struct pool *p = pool_of(d, f);
		const unsigned percent = p && p->percent ? p->percent : f->oneof ? 45 : m->depth < 4 ? 22 : 15;

		if (often(m, percent) && !excluded(m, d, i, o))
			cJSON_AddItemToObject(o, f->name, make_field(m, f, p));
	}
	m->depth--;
	return o;
}

static const struct msg_field *spec_of(const struct api_kind *k)
{
	for (size_t i = 0; i < k->desc->n_fields; i++)
		if (strcmp(k->desc->fields[i].name, "spec") == 0)
			return &k->desc->fields[i];
	return NULL;
}

cJSON *random_object(struct rand *r, const struct api_kind *kind, const char *ns, const char *name, unsigned second)
{
	struct maker m = {.r = r};
	cJSON *o = cJSON_CreateObject(), *meta;
	char text[API_VERSION_TEXT_MAX];
	CLEANUP(freep) char *at = mem_printf("2024-01-01T00:%02u:%02uZ", second / 60 % 60, second % 60);

	cJSON_AddStringToObject(o, "apiVersion", api_kind_api_version(kind, text));
	cJSON_AddStringToObject(o, "kind", kind->kind);
	meta = cJSON_AddObjectToObject(o, "metadata");
	cJSON_AddStringToObject(meta, "name", name);
	cJSON_AddStringToObject(meta, "namespace", ns);
	cJSON_AddStringToObject(meta, "creationTimestamp", at);
	cJSON_AddNumberToObject(meta, "generation", 1);
	cJSON_AddItemToObject(o, "spec", make_message(&m, spec_of(kind)->desc));
	return o;
}
