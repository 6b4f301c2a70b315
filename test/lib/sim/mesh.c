/* What users say: the objects that are there at first, and changes of them. */
#include "sim.h"

#include "base/base64.h"
#include "cluster_objects.h"
#include "pki/ca.h"

#define KEYS_PER_NS 3

static const char *const namespaces[] = {"mesh", "shop", "stock", "late"};
static struct {
	struct buf chain, key, chain64, key64;
	const char *ns;
} keys[ARRAY_LEN(namespaces) * KEYS_PER_NS];
static struct buf root_cert64, root_key64;

static void put(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void put(const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	char bytes[16384];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(bytes, sizeof(bytes), fmt, ap);
	va_end(ap);
	cluster_put(bytes);
}

/* ---- keys ---- */

static void encode(struct slice s, struct buf *out)
{
	base64_encode(s, out);
}

void sim_mesh_once(void)
{
	const int64_t now_s = 1735689600 - 100ll * 86400; /* clocks may go wrong by hours */
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;

	assert_int_equal(
		0, pki_ca_new_root("cluster.local", SLICE(""), PKI_KEY_P256, now_s - 86400, 3650ll * 86400, &ca, NULL));
	encode(pki_ca_cert_pem(ca), &root_cert64);
	encode(pki_ca_key_pem(ca), &root_key64);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *dns = "a.example.com";
		CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
		const struct pki_names names = {.dns = &dns, .n_dns = 1};
		const struct pki_sign how = {.names = &names, .now_s = now_s, .ttl_s = 3000ll * 86400};

		keys[i].ns = namespaces[i / KEYS_PER_NS];
		assert_int_equal(0, pki_ca_issue(ca, key, &how, &keys[i].chain, NULL));
		pki_key_to_pem(key, &keys[i].key);
		encode(buf_slice(&keys[i].chain), &keys[i].chain64);
		encode(buf_slice(&keys[i].key), &keys[i].key64);
	}
}

void sim_mesh_once_done(void)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		buf_done(&keys[i].chain);
		buf_done(&keys[i].key);
		buf_done(&keys[i].chain64);
		buf_done(&keys[i].key64);
	}
	buf_done(&root_cert64);
	buf_done(&root_key64);
}

size_t sim_mesh_keys(void)
{
	return ARRAY_LEN(keys);
}

struct slice sim_mesh_key(size_t i, const char **ret_ns)
{
	*ret_ns = keys[i].ns;
	return buf_slice(&keys[i].key);
}

/* ---- what proxies have seen, and what is said of that ---- */

#define MARKS_MAX 64

static unsigned marks;              /* in names of routes: which change it is */
static uint32_t saw[MARKS_MAX + 1]; /* by mark: the proxies that have seen it */
static char mesh_wrong[400];

void sim_mesh_saw(int proxy, struct slice routes)
{
	for (unsigned m = 1; m <= marks; m++) {
		char text[16];
		const int n = snprintf(text, sizeof(text), "m%u-", m);

		if (memmem(routes.ptr, routes.len, text, (size_t)n))
			saw[m] |= 1u << proxy;
	}
}

static const cJSON *condition_of(const cJSON *object, const char *type)
{
	const cJSON *c;

	cJSON_ArrayForEach(c, json_at(object, "status.conditions"))
	{
		if (!strcmp(json_str_or_empty(c, "type"), type))
			return c;
	}
	return NULL;
}

static unsigned mark_of(const cJSON *object)
{
	const char *name = json_str(cJSON_GetArrayItem(json_at(object, "spec.http"), 0), "name");

	return name ? (unsigned)atoi(name + 1) : 0;
}

/* Whether routes are made of it: it is nobody's second, and its host is one of a gateway, or of the mesh. */
static bool has_effect(const cJSON *object, const cJSON *body)
{
	const char *host = cJSON_GetStringValue(cJSON_GetArrayItem(json_at(object, "spec.hosts"), 0));
	const bool gateway = json_at(object, "spec.gateways");
	char name[32], ns[32];

	if (strcmp(json_str_or_empty(condition_of(body, "Accepted"), "status"), "True") != 0)
		return false;
	if (gateway || sscanf(host, "%31[^.].%31[^.].", name, ns) != 2)
		return gateway && !strcmp(host, "a.example.com");
	return sim_mesh_member(ns) && cluster_get(&api_kind_service, ns, name);
}

/* "n/m proxies up to date" of this very generation: so many have seen it. */
void sim_mesh_said(const struct kube_request *req)
{
	const cJSON *have = cluster_get(req->kind, req->ns, req->name), *c = condition_of(req->body, "Programmed");
	const cJSON *generation = json_at(have, "metadata.generation"), *observed = json_get(c, "observedGeneration");
	const char *message = json_str_or_empty(c, "message");
	const unsigned mark = have && req->kind == &api_kind_virtual_service ? mark_of(have) : 0;
	int n = 0;

	if (!mark || !has_effect(have, req->body) || !cJSON_IsNumber(observed) ||
	    observed->valuedouble != generation->valuedouble || sscanf(message, "%d/", &n) != 1 ||
	    n <= __builtin_popcount(saw[mark]))
		return;
	sim_note("WRONG: %s/%s: %s, of m%u, which %d have", req->ns, req->name, message, mark,
		 __builtin_popcount(saw[mark]));
	if (!*mesh_wrong)
		snprintf(mesh_wrong, sizeof(mesh_wrong), "%s/%s: status says %.200s, of what %d proxies have", req->ns,
			 req->name, message, __builtin_popcount(saw[mark]));
}

const char *sim_mesh_wrong(void)
{
	return mesh_wrong;
}

/* ---- objects ---- */

#define NETWORKING "apiVersion: networking.istio.io/v1beta1, "

static void put_roll(const char *members)
{
	put("{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: mesh}, "
	    "status: {configuredMembers: [%s]}}",
	    members);
}

static void put_service(const char *ns, const char *name, int n, const char *port)
{
	put("{apiVersion: v1, kind: Service, metadata: {name: %s, namespace: %s}, spec: {clusterIP: 10.96.0.%d, "
	    "selector: {app: %s}, ports: [{name: %s}]}}",
	    name, ns, n, name, port);
}

static void put_pod(const char *ns, const char *name, const char *app, const char *sa, const char *ip)
{
	put("{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: %s, labels: {app: %s, %sversion: v%d, "
	    "security.istio.io/tlsMode: istio}}, spec: {serviceAccountName: %s, containers: [{name: a, "
	    "image: x}]}, status: {podIP: %s, phase: Running, conditions: [{type: Ready, status: 'True'}]}}",
	    name, ns, app, !strcmp(app, "ingress") ? "istio: ingressgateway, " : "", (int)strlen(app) % 2 + 1, sa, ip);
}

static void put_secret(const char *ns, const char *name, size_t key)
{
	put("{apiVersion: v1, kind: Secret, metadata: {name: %s, namespace: %s}, type: kubernetes.io/tls, data: "
	    "{tls.crt: %s, tls.key: %s}}",
	    name, ns, buf_str(&keys[key].chain64), buf_str(&keys[key].key64));
}

static void put_slice(void)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	for (int i = 0; i < 4; i++)
		if (sim_chance(60))
			buf_printf(&text, "%s{addresses: [10.244.0.%d], conditions: {ready: %s}}", text.len ? ", " : "",
				   6 + i, sim_chance(80) ? "true" : "false");
	put("{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: inventory-x, namespace: stock, "
	    "labels: {kubernetes.io/service-name: inventory}}, addressType: IPv4, ports: [{name: http, port: 8080}], "
	    "endpoints: [%s]}",
	    buf_str(&text));
}

static int first_version;

void sim_mesh_put(void)
{
	marks = 0;
	*mesh_wrong = 0;
	memset(saw, 0, sizeof(saw));
	for (size_t i = 0; i < ARRAY_LEN(namespaces); i++)
		put("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}", namespaces[i]);
	put("{apiVersion: v1, kind: Secret, metadata: {name: istio-ca-secret, namespace: mesh}, data: {ca-cert.pem: "
	    "'%s', ca-key.pem: '%s'}}",
	    buf_str(&root_cert64), buf_str(&root_key64));
	put_roll("shop, stock");
	put_service("shop", "catalog", 21, "http, port: 8080, targetPort: 8080");
	put_service("stock", "inventory", 22, "http, port: 80, targetPort: 8080");
	put_service("shop", "db", 23, "tcp-pg, port: 5432, targetPort: 5432");
	put_service("late", "late", 24, "http, port: 80, targetPort: 8080");
	put_service("mesh", "ingress", 25, "http2, port: 80, targetPort: 8080");
	put_pod("shop", "catalog-1", "catalog", "catalog", "10.244.0.5");
	put_pod("stock", "inventory-1", "inventory", "inventory", "10.244.0.6");
	put_pod("shop", "web-1", "web", "web", "10.244.0.20");
	put_pod("late", "late-1", "late", "late", "10.244.0.21");
	put_pod("mesh", "ingress-1", "ingress", "gw", "10.244.0.30");
	put_pod("stock", "ingress-2", "ingress", "gw", "10.244.0.31");
	put_pod("shop", "ingress-3", "ingress", "poor", "10.244.0.32");
	put_slice();
	for (size_t i = 0; i < ARRAY_LEN(namespaces); i++)
		put_secret(namespaces[i], "cred-a", i * KEYS_PER_NS);
	first_version = fake_kube.version;
}

int sim_mesh_first_version(void)
{
	return first_version;
}

bool sim_mesh_has_secret(const char *ns, struct slice name)
{
	CLEANUP(freep) char *text = mem_printf("%.*s", SLICE_ARG(name));

	return cluster_get(&api_kind_secret, ns, text);
}

/* ---- changes ---- */

static const char *some_ns(void)
{
	return namespaces[sim_between(1, 3)];
}

static const char *some_host(void)
{
	static const char *const hosts[] = {"catalog.shop.svc.cluster.local", "inventory.stock.svc.cluster.local",
					    "late.late.svc.cluster.local", "db.shop.svc.cluster.local",
					    "nowhere.shop.svc.cluster.local"};

	return hosts[sim_between(0, ARRAY_LEN(hosts) - 1)];
}

static void change_virtual_service(void)
{
	const bool gateway = sim_chance(40);
	const char *ns = some_ns(), *host = some_host();
	const int n = (int)sim_between(1, 4), first = sim_chance(95) ? 60 : 70;

	marks = MIN(marks + 1, MARKS_MAX);

	put("{" NETWORKING "kind: VirtualService, metadata: {name: v%d, namespace: %s}, spec: {hosts: [%s], %shttp: "
	    "[{name: m%u-%s, timeout: %llds, route: [{weight: %d, destination: {host: %s}}, {weight: 40, destination: "
	    "{host: %s, port: {number: 80}}}]}]}}",
	    n, ns, gateway ? "a.example.com" : host,
	    gateway ? sim_chance(50) ? "gateways: [mesh/g1], " : "gateways: [stock/g2], " : "", marks,
	    sim_chance(10) ? "poison" : "fine", (long long)sim_between(1, 9), first, host, some_host());
}

static void change_destination_rule(void)
{
	put("{" NETWORKING "kind: DestinationRule, metadata: {name: d%lld, namespace: %s}, spec: {host: %s, "
	    "trafficPolicy: {connectionPool: {tcp: {maxConnections: %lld}}}, subsets: [{name: v1, labels: {version: "
	    "v1}}]}}",
	    (long long)sim_between(1, 3), some_ns(), some_host(), (long long)sim_between(1, 99));
}

static void change_gateway(void)
{
	const bool second = sim_chance(50);

	put("{" NETWORKING "kind: Gateway, metadata: {name: %s, namespace: %s}, spec: {selector: {istio: "
	    "ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, "
	    "credentialName: cred-%c}, hosts: [a.example.com]}, {port: {number: 80, name: http, protocol: HTTP}, "
	    "hosts: [%c.example.com]}]}}",
	    second ? "g2" : "g1", second ? "stock" : "mesh", sim_chance(70) ? 'a' : 'b', sim_chance(70) ? 'a' : 'b');
}

static void change_secret(void)
{
	const size_t ns = (size_t)sim_between(0, ARRAY_LEN(namespaces) - 1);
	const char *name = sim_chance(70) ? "cred-a" : "cred-b";

	if (sim_chance(25) && cluster_get(&api_kind_secret, namespaces[ns], name))
		cluster_remove(&api_kind_secret, namespaces[ns], name);
	else
		put_secret(namespaces[ns], name, ns * KEYS_PER_NS + (size_t)sim_between(0, KEYS_PER_NS - 1));
}

static void change_roll(void)
{
	static const char *const rolls[] = {"shop, stock", "shop, stock, late", "shop", "stock, late"};

	put_roll(rolls[sim_between(0, ARRAY_LEN(rolls) - 1)]);
}

static void change_policy(void)
{
	if (sim_chance(50))
		put("{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: a%lld, "
		    "namespace: %s}, spec: {rules: [{from: [{source: {namespaces: [%s]}}]}]}}",
		    (long long)sim_between(1, 2), some_ns(), some_ns());
	else
		put("{apiVersion: security.istio.io/v1beta1, kind: PeerAuthentication, metadata: {name: default, "
		    "namespace: %s}, spec: {mtls: {mode: %s}}}",
		    sim_chance(30) ? "mesh" : some_ns(), sim_chance(50) ? "STRICT" : "PERMISSIVE");
}

static void change_service(void)
{
	const int n = (int)sim_between(1, 3);
	const char *ns = some_ns();
	char name[16];

	snprintf(name, sizeof(name), "extra%d", n);
	if (sim_chance(40) && cluster_get(&api_kind_service, ns, name))
		cluster_remove(&api_kind_service, ns, name);
	else
		put_service(ns, name, 40 + n, sim_chance(50) ? "http, port: 8080" : "tcp, port: 9000");
}

static void change_entry(void)
{
	put("{" NETWORKING
	    "kind: ServiceEntry, metadata: {name: e%lld, namespace: %s}, spec: {hosts: [e%lld.example.org], "
	    "ports: [{number: %lld, name: http, protocol: HTTP}], resolution: STATIC, endpoints: [{address: "
	    "192.0.2.%lld}]}}",
	    (long long)sim_between(1, 2), some_ns(), (long long)sim_between(1, 2), (long long)sim_between(80, 82),
	    (long long)sim_between(1, 9));
}

static void change_sidecar(void)
{
	put("{" NETWORKING "kind: Sidecar, metadata: {name: default, namespace: %s}, spec: {egress: [{hosts: [%s]}]}}",
	    some_ns(), sim_chance(50) ? "'./*', 'mesh/*'" : "'*/*'");
}

static void change_mesh(void)
{
	put("{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-basic, namespace: mesh}, data: {mesh: "
	    "'accessLogFile: \"/dev/std%s\"'}}",
	    sim_chance(50) ? "out" : "err");
}

static void remove_something(void)
{
	static const struct api_kind *const kinds[] = {
		&api_kind_virtual_service, &api_kind_destination_rule,     &api_kind_gateway,
		&api_kind_sidecar,         &api_kind_authorization_policy, &api_kind_peer_authentication,
		&api_kind_service_entry};
	const struct api_kind *kind = kinds[sim_between(0, ARRAY_LEN(kinds) - 1)];

	for (size_t i = 0; i < fake_kube.objects.n; i++) {
		const cJSON *o = fake_kube.objects.v[i];
		char ns[64], name[64];

		if (!fake_is(o, kind, NULL, NULL) || sim_chance(50))
			continue;
		snprintf(ns, sizeof(ns), "%s", json_str(o, "metadata.namespace"));
		snprintf(name, sizeof(name), "%s", json_str(o, "metadata.name"));
		cluster_remove(kind, ns, name);
		return;
	}
}

static const struct change {
	const char *name;
	void (*fn)(void);
	int weight;
} changes[] = {
	{"VirtualService", change_virtual_service, 8},
	{"DestinationRule", change_destination_rule, 4},
	{"endpoints", put_slice, 5},
	{"Gateway", change_gateway, 4},
	{"Secret", change_secret, 4},
	{"roll", change_roll, 2},
	{"policy", change_policy, 4},
	{"Service", change_service, 4},
	{"ServiceEntry", change_entry, 2},
	{"Sidecar", change_sidecar, 2},
	{"mesh", change_mesh, 1},
	{"removal", remove_something, 5},
};

void sim_mesh_change(void)
{
	int sum = 0, at;

	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		sum += changes[i].weight;
	at = (int)sim_between(0, sum - 1);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		at -= changes[i].weight;
		if (at >= 0)
			continue;
		changes[i].fn();
		sim_note("mesh: %s, now at version %d", changes[i].name, fake_kube.version);
		break;
	}
	sim_api_changed();
}

bool sim_mesh_member(const char *ns)
{
	const cJSON *roll = fake_kube_get(&api_kind_smmr, "mesh", "default"), *m;

	if (!strcmp(ns, "mesh"))
		return true;
	cJSON_ArrayForEach(m, json_at(roll, "status.configuredMembers"))
	{
		if (!strcmp(m->valuestring, ns))
			return true;
	}
	return false;
}
