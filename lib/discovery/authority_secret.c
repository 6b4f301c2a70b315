/* The Secret that keeps a root of our own: one for all replicas, made by the first. */
#include <string.h>

#include "base/base64.h"
#include "discovery/authority_internal.h"
#include "msg/json.h"

static int decode(const cJSON *data, const char *name, struct buf *out)
{
	const char *text = json_get_str(data, name);

	return text ? base64_decode(slice_str(text), out) : -ENOENT;
}

static void wipe(struct buf *b)
{
	if (b->len)
		explicit_bzero(b->ptr, b->len);
	buf_done(b);
}

int authority_secret_load(const cJSON *secret, int64_t now_s, struct pki_ca **ret, struct err *e)
{
	CLEANUP(buf_done) struct buf cert = BUF_INIT;
	CLEANUP(wipe) struct buf key = BUF_INIT;
	CLEANUP(buf_done) struct buf root = BUF_INIT;
	const cJSON *data = json_get(secret, "data");
	int r;

	if (decode(data, "ca-cert.pem", &cert) < 0 || decode(data, "ca-key.pem", &key) < 0)
		return err_set(e, -EINVAL, "data: ca-cert.pem or ca-key.pem is missing or no base64");
	r = decode(data, "root-cert.pem", &root);
	if (r < 0 && r != -ENOENT)
		return err_set(e, -EINVAL, "data: root-cert.pem is no base64");
	return pki_ca_load(buf_slice(&cert), buf_slice(&key), (struct slice){NULL, 0}, buf_slice(&root), now_s, ret, e);
}

void authority_secret_pem(cJSON *data, const char *name, struct slice pem)
{
	CLEANUP(wipe) struct buf text = BUF_INIT;

	base64_encode(pem, &text);
	cJSON_AddStringToObject(data, name, buf_str(&text));
}

cJSON *authority_secret_new(const struct pki_ca *ca, const char *ns)
{
	cJSON *body = cJSON_CreateObject(), *meta, *data;

	cJSON_AddStringToObject(body, "apiVersion", "v1");
	cJSON_AddStringToObject(body, "kind", "Secret");
	cJSON_AddStringToObject(body, "type", "istio.io/ca-root");
	meta = cJSON_AddObjectToObject(body, "metadata");
	cJSON_AddStringToObject(meta, "name", ROOT_SECRET);
	cJSON_AddStringToObject(meta, "namespace", ns);
	data = cJSON_AddObjectToObject(body, "data");
	authority_secret_pem(data, "ca-cert.pem", pki_ca_cert_pem(ca));
	authority_secret_pem(data, "ca-key.pem", pki_ca_key_pem(ca));
	authority_secret_pem(data, "root-cert.pem", pki_ca_roots_pem(ca));
	cJSON_AddStringToObject(data, "cert-chain.pem", "");
	return body;
}
