/*
 * istio.v1.auth.IstioCertificateService/CreateCertificate: signs a proxy's key for the identity that its caller has
 * proven. What the request itself says of names counts for nothing.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "discovery/internal.h"
#include "istio/ca.pb-c.h"
#include "pki/spiffe.h"
#include "xds/pb.h"

#define METHOD "/istio.v1.auth.IstioCertificateService/CreateCertificate"
#define CERT_TTL_S 86400
#define CERT_MAX_TTL_S (90ll * 86400)
#define CSR_MAX_BYTES 65536

struct issue {
	struct discovery *d;
	struct grpc_call *call;
	struct auth *auth;
	struct buf csr;
	int64_t ttl_s;
	bool asked;
};

static void refuse(struct issue *i, int status, const char *text)
{
	i->d->stats.csr_errors++;
	grpc_call_finish(i->call, status, text);
}

static void answer(struct issue *i, struct slice chain)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	Istio__V1__Auth__IstioCertificateResponse *m =
		PB_NEW(&a, Istio__V1__Auth__IstioCertificateResponse, istio__v1__auth__istio_certificate_response);
	const struct slice roots = pki_ca_roots_pem(discovery_authority_ca(i->d->ca));
	const int n = pki_cert_count(chain, NULL);

	m->cert_chain = ARENA_NEW_N(&a, char *, (size_t)n + 1);
	for (int k = 0; k < n; k++) {
		CLEANUP(buf_done) struct buf one = BUF_INIT;

		if (pki_cert_split(chain, k, &one, NULL) == 0)
			m->cert_chain[m->n_cert_chain++] = arena_slicedup(&a, buf_slice(&one));
	}
	m->cert_chain[m->n_cert_chain++] = arena_slicedup(&a, roots);
	grpc_call_send(i->call, pb_pack_arena(&a, &m->base));
	i->d->stats.csr_signed++;
	grpc_call_finish(i->call, GRPC_OK, NULL);
}

static void sign(struct issue *i, const struct auth_result *who)
{
	const int64_t max_s = i->d->cfg.cert_max_ttl_s ? i->d->cfg.cert_max_ttl_s : CERT_MAX_TTL_S;
	const int64_t default_s = i->d->cfg.cert_ttl_s ? i->d->cfg.cert_ttl_s : CERT_TTL_S;
	char id[SPIFFE_MAX], text[512], want[CLOCK_TEXT_MAX], most[CLOCK_TEXT_MAX];
	const char *const uris[] = {id};
	const struct pki_names names = {.uris = uris, .n_uris = 1};
	const struct pki_sign how = {
		.names = &names, .now_s = clock_wall_ns() / NS_PER_S, .ttl_s = i->ttl_s > 0 ? i->ttl_s : default_s};
	CLEANUP(buf_done) struct buf chain = BUF_INIT;
	struct err e = ERR_INIT;

	if (how.ttl_s > max_s) {
		snprintf(text, sizeof(text), "requested TTL %s is greater than the max allowed TTL %s",
			 duration_format(how.ttl_s * NS_PER_S, want), duration_format(max_s * NS_PER_S, most));
		refuse(i, GRPC_INVALID_ARGUMENT, text);
		return;
	}
	if (!discovery_authority_ca(i->d->ca)) {
		refuse(i, GRPC_UNAVAILABLE, "the authority is not loaded yet");
		return;
	}
	if (spiffe_format(id, sizeof(id), slice_str(i->d->mesh->trust_domain), who->ns, who->service_account) < 0 ||
	    pki_ca_sign(discovery_authority_ca(i->d->ca), buf_slice(&i->csr), &how, &chain, &e) < 0) {
		log_warn("ca", "request of %.*s/%.*s: %s", SLICE_ARG(who->ns), SLICE_ARG(who->service_account), e.msg);
		refuse(i, GRPC_INVALID_ARGUMENT, e.msg);
		return;
	}
	log_debug("ca", "signed %s", id);
	answer(i, buf_slice(&chain));
}

static void on_who(void *arg, const struct auth_result *who)
{
	struct issue *i = arg;

	i->auth = NULL;
	if (who->ok)
		sign(i, who);
	else
		refuse(i, GRPC_UNAUTHENTICATED, "request authenticate failure");
}

static void on_message(struct grpc_call *c, struct slice bytes)
{
	struct issue *i = grpc_call_user(c);
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const Istio__V1__Auth__IstioCertificateRequest *m;

	if (i->asked)
		return;
	i->asked = true;
	i->d->stats.csr++;
	m = pb_unpack(&a, &istio__v1__auth__istio_certificate_request__descriptor, bytes);
	if (!m || !m->csr || !*m->csr || strlen(m->csr) > CSR_MAX_BYTES) {
		refuse(i, GRPC_INVALID_ARGUMENT, "no certificate signing request");
		return;
	}
	buf_append_str(&i->csr, m->csr);
	i->ttl_s = m->validity_duration;
	i->auth = discovery_auth_start(i->d, c, on_who, i);
}

static void on_done(struct grpc_call *c, int status, const char *text)
{
	struct issue *i = grpc_call_user(c);

	(void)status;
	(void)text;
	discovery_auth_cancel(i->auth);
	buf_done(&i->csr);
	free(i);
}

static const struct grpc_call_ops ops = {.on_message = on_message, .on_done = on_done};

static void start(struct grpc_call *c, void *user)
{
	struct issue *i = NEW(struct issue);

	i->d = user;
	i->call = c;
	grpc_call_set_user(c, i);
	grpc_call_set_ops(c, &ops);
}

void discovery_issue_serve(struct discovery *d)
{
	grpc_server_add(d->grpc, METHOD, start, d);
}
