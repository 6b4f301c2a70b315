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

/* The lifetime to grant, in seconds; 0 when too much was asked for, which has been refused. */
static int64_t lifetime_s(struct issue *i)
{
	const int64_t max_s = i->d->cfg.cert_max_ttl_s ? i->d->cfg.cert_max_ttl_s : CERT_MAX_TTL_S;
	const int64_t default_s = i->d->cfg.cert_ttl_s ? i->d->cfg.cert_ttl_s : CERT_TTL_S;
	const int64_t ttl_s = i->ttl_s > 0 ? i->ttl_s : MIN(default_s, max_s);
	char text[512], want[CLOCK_TEXT_MAX], most[CLOCK_TEXT_MAX];

	if (ttl_s <= max_s)
		return ttl_s;
	snprintf(text, sizeof(text), "requested TTL %s is greater than the max allowed TTL %s",
		 duration_format(MIN(ttl_s, INT64_MAX / NS_PER_S) * NS_PER_S, want),
		 duration_format(max_s * NS_PER_S, most));
	refuse(i, GRPC_INVALID_ARGUMENT, text);
	return 0;
}

/* A request may name its caller and nobody else; with the trust domain's former names as well, which it may be started
 * with. What is signed has the mesh's own. Nothing is also fine. */
static int check_names(struct issue *i, const struct auth_result *who, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct mesh_config *m = i->d->mesh;
	const char **uris = ARENA_NEW_N(&a, const char *, m->spec.trust_domain_aliases.n + 1);
	size_t n = 0;

	uris[n++] = arena_printf(&a, "spiffe://%s/ns/%s/sa/%s", m->trust_domain, who->ns, who->service_account);
	for (size_t k = 0; k < m->spec.trust_domain_aliases.n; k++)
		uris[n++] = arena_printf(&a, "spiffe://%s/ns/%s/sa/%s", m->spec.trust_domain_aliases.v[k], who->ns,
					 who->service_account);
	return pki_csr_names_only(buf_slice(&i->csr), uris, n, e);
}

static int sign(struct issue *i, const struct auth_result *who, int64_t ttl_s, struct buf *chain, struct err *e)
{
	char id[SPIFFE_MAX];
	const char *const uris[] = {id};
	const struct pki_names names = {.uris = uris, .n_uris = 1};
	const struct pki_sign how = {.names = &names, .now_s = clock_wall_ns() / NS_PER_S, .ttl_s = ttl_s};
	int r = spiffe_format(id, sizeof(id), slice_str(i->d->mesh->trust_domain), slice_str(who->ns),
			      slice_str(who->service_account));

	if (r < 0)
		return err_set(e, r, "%s/%s makes no identity", who->ns, who->service_account);
	return pki_ca_sign(discovery_authority_ca(i->d->ca), buf_slice(&i->csr), &how, chain, e);
}

static void consider(struct issue *i, const struct auth_result *who)
{
	CLEANUP(buf_done) struct buf chain = BUF_INIT;
	struct err e = ERR_INIT;
	int64_t ttl_s;
	int r;

	if (i->d->cfg.given_dir) {
		refuse(i, GRPC_UNIMPLEMENTED, "another authority signs for this mesh");
		return;
	}
	if (!discovery_authority_ca(i->d->ca)) {
		refuse(i, GRPC_UNAVAILABLE, "the authority is not loaded yet");
		return;
	}
	ttl_s = lifetime_s(i);
	if (!ttl_s)
		return;
	r = check_names(i, who, &e);
	if (r == 0)
		r = sign(i, who, MIN(ttl_s, discovery_authority_longest_s(i->d->ca)), &chain, &e);
	if (r < 0) {
		log_warn("ca", "request of %s/%s: %s", who->ns, who->service_account, e.msg);
		refuse(i, r == -EACCES ? GRPC_PERMISSION_DENIED : GRPC_INVALID_ARGUMENT, e.msg);
		return;
	}
	log_debug("ca", "signed for %s/%s", who->ns, who->service_account);
	answer(i, buf_slice(&chain));
}

static void on_who(void *arg, const struct auth_result *who)
{
	struct issue *i = arg;

	i->auth = NULL;
	if (!who->ok) {
		log_info("ca", "request refused: %s", who->text);
		refuse(i, GRPC_UNAUTHENTICATED, "request authenticate failure");
	} else if (!who->member) {
		log_warn("ca", "request of %s/%s refused: the namespace is not a member of the mesh", who->ns,
			 who->service_account);
		refuse(i, GRPC_PERMISSION_DENIED, "the namespace is not a member of the mesh");
	} else {
		consider(i, who);
	}
}

/* Istio's node proxies ask in the name of others; nobody may here. */
static bool impersonates(const Istio__V1__Auth__IstioCertificateRequest *m)
{
	return pb_struct_get(m->metadata, "ImpersonatedIdentity") != NULL;
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
	if (impersonates(m)) {
		refuse(i, GRPC_UNAUTHENTICATED, "request impersonation authentication failure");
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
