/*
 * The certificate authority's life: plugged in as files, or a root of our own in Secret istio-ca-secret, made when it
 * does not exist; and the serving certificate, signed by it and renewed at half its life.
 */
#include <stdlib.h>

#include "api/core/core.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/file.h"
#include "discovery/internal.h"
#include "net/tls.h"

#define ROOT_SECRET "istio-ca-secret"
#define ROOT_TTL_S (3650ll * 86400)
#define SERVING_TTL_S 86400
#define RETRY_MS 1000
#define CHECK_MS (3600 * MS_PER_S)
#define PEM_MAX_BYTES (1 << 20)

struct authority {
	struct discovery *d;
	void (*on_change)(struct discovery *d);
	struct kube_call *call;
	struct timer timer;
	struct pki_ca *ca;
	struct buf cert, key;
	int64_t renew_s; /* when the serving certificate is renewed */
};

static int64_t now_s(void)
{
	return clock_wall_ns() / NS_PER_S;
}

/* --- serving certificate --- */

static int issue_serving(struct authority *a, struct err *e)
{
	CLEANUP(arena_done) struct arena m = ARENA_INIT;
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	const struct discovery_config *c = &a->d->cfg;
	const char *const dns[] = {
		arena_printf(&m, "istiod-%s.%s.svc", c->revision, c->ns),
		arena_printf(&m, "istiod-%s.%s", c->revision, c->ns),
		arena_printf(&m, "istiod-%s.%s.svc.%s", c->revision, c->ns, c->domain),
		arena_printf(&m, "istiod.%s.svc", c->ns),
		arena_printf(&m, "istio-pilot.%s.svc", c->ns),
		"localhost",
	};
	const struct pki_names names = {.dns = dns, .n_dns = ARRAY_LEN(dns)};
	const struct pki_sign how = {.names = &names, .now_s = now_s(), .ttl_s = SERVING_TTL_S, .use = PKI_USE_SERVER};
	int r;

	buf_clear(&a->cert);
	buf_clear(&a->key);
	r = pki_ca_issue(a->ca, key, &how, &a->cert, e);
	if (r < 0)
		return err_wrap(e, r, "serving certificate");
	pki_key_to_pem(key, &a->key);
	a->renew_s = now_s() + SERVING_TTL_S / 2;
	return 0;
}

static void check(struct timer *t)
{
	struct authority *a = CONTAINER_OF(t, struct authority, timer);
	struct err e = ERR_INIT;

	timer_start(a->d->loop, &a->timer, CHECK_MS, check);
	if (now_s() < a->renew_s)
		return;
	if (issue_serving(a, &e) < 0)
		log_error("ca", "%s", e.msg);
	else
		a->on_change(a->d);
}

static void use(struct authority *a, struct pki_ca *ca, const char *from)
{
	struct err e = ERR_INIT;

	pki_ca_unref(a->ca);
	a->ca = ca;
	if (issue_serving(a, &e) < 0) {
		log_error("ca", "%s", e.msg);
		return;
	}
	log_info("ca", "authority loaded from %s", from);
	timer_start(a->d->loop, &a->timer, CHECK_MS, check);
	a->on_change(a->d);
}

/* --- files --- */

static int read_pem(const char *dir, const char *name, struct buf *out)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s", dir, name);

	return file_read(path, PEM_MAX_BYTES, out, NULL);
}

static bool load_files(struct authority *a, const char *dir)
{
	CLEANUP(buf_done) struct buf cert = BUF_INIT;
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	CLEANUP(buf_done) struct buf chain = BUF_INIT;
	CLEANUP(buf_done) struct buf root = BUF_INIT;
	struct pki_ca *ca = NULL;
	struct err e = ERR_INIT;
	const bool tls_names = read_pem(dir, "ca-cert.pem", &cert) < 0;

	if (tls_names && read_pem(dir, "tls.crt", &cert) < 0)
		return false;
	if (read_pem(dir, tls_names ? "tls.key" : "ca-key.pem", &key) < 0)
		return false;
	if (!tls_names)
		read_pem(dir, "cert-chain.pem", &chain);
	read_pem(dir, tls_names ? "ca.crt" : "root-cert.pem", &root);
	if (pki_ca_load(buf_slice(&cert), buf_slice(&key), buf_slice(&chain), buf_slice(&root), now_s(), &ca, &e) < 0) {
		log_error("ca", "%s: %s; a root of our own is used instead", dir, e.msg);
		return false;
	}
	use(a, ca, dir);
	return true;
}

/* --- Secret --- */

static void fetch(struct authority *a);

static void on_retry(struct timer *t)
{
	fetch(CONTAINER_OF(t, struct authority, timer));
}

static void retry(struct authority *a, const char *why)
{
	log_warn("ca", "Secret %s/%s: %s; trying again", a->d->cfg.ns, ROOT_SECRET, why);
	timer_start(a->d->loop, &a->timer, RETRY_MS, on_retry);
}

static int decode(const cJSON *data, const char *name, struct buf *out)
{
	const char *text = json_str(data, name, NULL);

	return text ? base64_decode(slice_str(text), out) : -ENOENT;
}

static int load_secret(struct authority *a, const cJSON *secret, struct err *e)
{
	CLEANUP(buf_done) struct buf cert = BUF_INIT;
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	CLEANUP(buf_done) struct buf root = BUF_INIT;
	const cJSON *data = cJSON_GetObjectItemCaseSensitive(secret, "data");
	struct pki_ca *ca = NULL;
	int r;

	if (decode(data, "ca-cert.pem", &cert) < 0 || decode(data, "ca-key.pem", &key) < 0)
		return err_set(e, -EINVAL, "ca-cert.pem or ca-key.pem is missing or no base64");
	decode(data, "root-cert.pem", &root);
	r = pki_ca_load(buf_slice(&cert), buf_slice(&key), (struct slice){NULL, 0}, buf_slice(&root), now_s(), &ca, e);
	if (r == 0)
		use(a, ca, "Secret " ROOT_SECRET);
	return r;
}

static void on_created(void *arg, struct kube_result *res)
{
	struct authority *a = arg;
	struct err e = ERR_INIT;

	a->call = NULL;
	if (res->reason == KUBE_ALREADY_EXISTS)
		fetch(a);
	else if (res->reason != KUBE_OK)
		retry(a, res->err.msg);
	else if (load_secret(a, res->body, &e) < 0)
		retry(a, e.msg);
}

static void add_pem(cJSON *data, const char *name, struct slice pem)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	base64_encode(pem, &text);
	cJSON_AddStringToObject(data, name, buf_str(&text));
}

static void create(struct authority *a)
{
	cJSON *body = cJSON_CreateObject(), *meta, *data;
	const struct kube_request req = {
		.verb = KUBE_CREATE, .kind = &api_kind_secret, .ns = a->d->cfg.ns, .body = body};
	const int64_t ttl_s = a->d->cfg.root_ttl_s ? a->d->cfg.root_ttl_s : ROOT_TTL_S;
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	struct err e = ERR_INIT;

	if (pki_ca_new_root(a->d->mesh->trust_domain, (struct slice){NULL, 0}, PKI_KEY_RSA2048, now_s(), ttl_s, &ca,
			    &e) < 0) {
		cJSON_Delete(body);
		retry(a, e.msg);
		return;
	}
	cJSON_AddStringToObject(body, "apiVersion", "v1");
	cJSON_AddStringToObject(body, "kind", "Secret");
	cJSON_AddStringToObject(body, "type", "istio.io/ca-root");
	meta = cJSON_AddObjectToObject(body, "metadata");
	cJSON_AddStringToObject(meta, "name", ROOT_SECRET);
	cJSON_AddStringToObject(meta, "namespace", a->d->cfg.ns);
	data = cJSON_AddObjectToObject(body, "data");
	add_pem(data, "ca-cert.pem", pki_ca_cert_pem(ca));
	add_pem(data, "ca-key.pem", pki_ca_key_pem(ca));
	add_pem(data, "root-cert.pem", pki_ca_roots_pem(ca));
	cJSON_AddStringToObject(data, "cert-chain.pem", "");
	a->call = kube_call_start(a->d->kube, &req, on_created, a);
	cJSON_Delete(body);
}

static void on_fetched(void *arg, struct kube_result *res)
{
	struct authority *a = arg;
	struct err e = ERR_INIT;

	a->call = NULL;
	if (res->reason == KUBE_NOT_FOUND)
		create(a);
	else if (res->reason != KUBE_OK)
		retry(a, res->err.msg);
	else if (load_secret(a, res->body, &e) < 0)
		retry(a, e.msg);
}

static void fetch(struct authority *a)
{
	const struct kube_request req = {
		.verb = KUBE_GET, .kind = &api_kind_secret, .ns = a->d->cfg.ns, .name = ROOT_SECRET};

	a->call = kube_call_start(a->d->kube, &req, on_fetched, a);
}

static void on_first(struct timer *t)
{
	struct authority *a = CONTAINER_OF(t, struct authority, timer);

	if (!a->d->cfg.cacerts_dir || !load_files(a, a->d->cfg.cacerts_dir))
		fetch(a);
}

struct authority *discovery_authority_new(struct discovery *d, void (*on_change)(struct discovery *d))
{
	struct authority *a = NEW(struct authority);

	a->d = d;
	a->on_change = on_change;
	timer_start(d->loop, &a->timer, 0, on_first);
	return a;
}

void discovery_authority_free(struct authority *a)
{
	if (!a)
		return;
	kube_call_cancel(a->call);
	timer_stop(&a->timer);
	pki_ca_unref(a->ca);
	buf_done(&a->cert);
	buf_done(&a->key);
	free(a);
}

struct pki_ca *discovery_authority_ca(const struct authority *a)
{
	return a->ca;
}

struct slice discovery_authority_roots(const struct authority *a)
{
	return a->ca ? pki_ca_roots_pem(a->ca) : (struct slice){NULL, 0};
}

struct slice discovery_authority_cert(const struct authority *a)
{
	return buf_slice(&a->cert);
}

struct slice discovery_authority_key(const struct authority *a)
{
	return buf_slice(&a->key);
}
