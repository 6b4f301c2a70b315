/*
 * Webhook server: HTTPS once there is an authority (webhook_ca.c), plain HTTP for probes. A review is answered at once,
 * or after the SubjectAccessReviews that it needs.
 */
#include "operator/webhook/webhook_internal.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/loop.h"
#include "web/server.h"

static void on_request(void *user, struct web_request *r)
{
	struct webhook *w = user;

	if (!slice_eq(r->method, SLICE("POST")))
		web_reply_text(r, 405, "POST an AdmissionReview or a ConversionReview");
	else if (slice_eq_str(r->path, api_kind_smcp.converter))
		webhook_convert(w, r); /* of objects alone: a starting operator holds up no reads */
	else if (!w->options.ready(w->options.arg))
		web_reply_text(r, 503, "the operator is still starting");
	else if (slice_eq(r->path, SLICE("/validate")))
		webhook_review(w, r, false);
	else if (slice_eq(r->path, SLICE("/mutate")))
		webhook_review(w, r, true);
	else
		web_reply_text(r, 404, "not found");
}

static void on_health(void *user, struct web_request *r)
{
	struct webhook *w = user;
	bool ready = w->options.ready(w->options.arg) && w->https && w->bundled;

	if (slice_eq(r->path, SLICE("/healthz")))
		web_reply_text(r, 200, "ok");
	else if (slice_eq(r->path, SLICE("/readyz")))
		web_reply_text(r, ready ? 200 : 503, ready ? "ok" : "the operator is still starting");
	else
		web_reply_text(r, 404, "not found");
}

static struct web_server *listen_on(struct webhook *w, struct web_config *config, uint16_t port)
{
	struct err e = ERR_INIT;
	struct web_server *s = web_server_new(w->loop, config, &e);
	struct addr a;

	addr_parse(SLICE("0.0.0.0"), port, &a);
	if (s && web_server_listen(s, &a, &e) >= 0)
		return s;
	log_error("webhook", "%s", e.msg);
	web_server_free(s);
	return NULL;
}

bool webhook_serve(struct webhook *w, struct slice chain_pem, struct slice key_pem)
{
	struct web_config config = {.on_request = on_request, .user = w, .cert_pem = chain_pem, .key_pem = key_pem};
	struct err e = ERR_INIT;

	if (!w->https) {
		w->https = listen_on(w, &config, w->options.port ? w->options.port : WEBHOOK_PORT);
		return w->https;
	}
	if (web_server_set_cert(w->https, chain_pem, key_pem, &e) == 0)
		return true;
	log_error("webhook", "the certificate before is kept: %s", e.msg);
	return false;
}

#define PEM_MAX_BYTES (1 << 20)

static int read_pem(const char *dir, const char *name, struct buf *out)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s", dir, name);

	return file_read(path, PEM_MAX_BYTES, out, NULL);
}

/* Serves what the installer brought, if it brought anything. */
static bool serve_given(struct webhook *w)
{
	CLEANUP(buf_done) struct buf chain = BUF_INIT;
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	const char *dir = w->options.cert_dir;

	if (!dir || read_pem(dir, "tls.crt", &chain) < 0 || read_pem(dir, "tls.key", &key) < 0)
		return false;
	w->bundled = webhook_serve(w, buf_slice(&chain), buf_slice(&key));
	if (w->bundled)
		log_info("webhook", "serving the certificate of %s", dir);
	explicit_bzero(key.ptr, key.len);
	return w->bundled;
}

struct webhook *webhook_new(struct loop *l, struct kube_client *c, struct store *s, const struct webhook_options *o)
{
	struct webhook *w = NEW(struct webhook);
	struct web_config health = {.on_request = on_health, .user = w};

	w->loop = l;
	w->client = c;
	w->store = s;
	w->options = *o;
	w->ns = mem_strdup(o->ns);
	list_init(&w->reviews);
	w->http = listen_on(w, &health, o->health_port ? o->health_port : WEBHOOK_HEALTH_PORT);
	if (!serve_given(w))
		webhook_ca_start(w);
	return w;
}

void webhook_free(struct webhook *w)
{
	if (!w)
		return;
	if (w->secret)
		webhook_ca_stop(w);
	web_server_free(w->https);
	web_server_free(w->http);
	webhook_reviews_end(w);
	cJSON_Delete(w->owner);
	free(w->ns);
	free(w);
}
