/*
 * Secrets that the agent provides itself: the workload certificate ("default"), the mesh's roots ("ROOTCA") and files.
 * A key never leaves the process except into the state directory (mode 0600), from where a restart takes it while it is
 * valid.
 *
 *   no certificate --request--> in use --at ratio of its lifetime, with jitter--> request --> new one in use
 *                     ^ failed: again with back-off; an old certificate stays in use
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/rand.h"
#include "pki/cert.h"
#include "pki/key.h"
#include "pki/spiffe.h"
#include "proxy/agent/agent_internal.h"
#include "config/config_parts.h"
#include "xds/pb.h"

#include "istio/ca.pb-c.h"

#define METHOD "/istio.v1.auth.IstioCertificateService/CreateCertificate"
#define CALL_TIMEOUT_MS 10000
#define BACKOFF_MIN_MS 200
#define BACKOFF_MAX_MS 30000
#define FILES_POLL_MS 1000
#define PEM_MAX_BYTES (1 << 20)

/* A file that is a secret or part of one. */
struct watched_file {
	struct list link;
	char *path;
	struct timespec mtime;
	ino_t inode;
};

struct agent_secrets {
	struct agent *agent;
	struct buf chain, key, root; /* in use; PEM */
	int64_t not_before_s, not_after_s;
	struct pki_key *fresh; /* of the request under way */
	struct grpc_unary call;
	struct timer again, files;
	int64_t backoff_ms;
	bool started;
	struct list watched;
};

static void request(struct agent_secrets *s);

/* ---- in use ---- */

static void tell_identity(struct agent_secrets *s)
{
	CLEANUP(arena_done) struct arena tmp = ARENA_INIT;
	struct pki_cert_info info;

	if (pki_cert_info(buf_slice(&s->chain), &tmp, &info, NULL) < 0 || !info.names.n_uris)
		return;
	struct config_node *n = bootstrap_node_with_principal(s->agent->boot->node, info.names.uris[0]);
	build_set_node(s->agent->build, n);
	config_node_unref(n);
}

static void publish(struct agent_secrets *s)
{
	struct build *b = s->agent->build;

	if (s->chain.len)
		build_set_secret(b, config_secret_new("default", buf_slice(&s->chain), buf_slice(&s->key), SLICE("")));
	if (s->root.len)
		build_set_secret(b, config_secret_new("ROOTCA", SLICE(""), SLICE(""), buf_slice(&s->root)));
	if (s->chain.len)
		tell_identity(s);
	agent_changed(s->agent);
}

static void set_text(struct buf *to, struct slice text)
{
	buf_clear(to);
	buf_append_slice(to, text);
}

/* Checks and takes a certificate into use; nothing changes when it is not good. */
static int take_certificate(struct agent_secrets *s, struct slice chain, struct slice key, struct slice root,
			    struct err *e)
{
	CLEANUP(arena_done) struct arena tmp = ARENA_INIT;
	CLEANUP(pki_key_freep) struct pki_key *k = NULL;
	struct pki_cert_info info;
	int64_t now_s = clock_wall_ns() / NS_PER_S;
	int r = pki_cert_info(chain, &tmp, &info, e);

	if (r == 0)
		r = pki_key_from_pem(key, &k, e);
	if (r == 0)
		r = pki_cert_matches_key(chain, k, e);
	if (r == 0)
		r = pki_cert_verify(chain, root, now_s, e);
	if (r < 0)
		return r;
	if (info.not_after_s <= now_s)
		return err_set(e, -EINVAL, "the certificate has expired");
	set_text(&s->chain, chain);
	set_text(&s->key, key);
	set_text(&s->root, root);
	s->not_before_s = info.not_before_s;
	s->not_after_s = info.not_after_s;
	return 0;
}

/* ---- saved ---- */

static char *state_file(const struct agent_secrets *s, const char *name)
{
	return mem_printf("%s/%s", s->agent->boot->state_dir, name);
}

static void save(struct agent_secrets *s)
{
	const struct {
		const char *name;
		const struct buf *text;
	} files[] = {{"weft-key.pem", &s->key}, {"weft-cert-chain.pem", &s->chain}, {"weft-root.pem", &s->root}};
	struct err e = ERR_INIT;

	for (size_t i = 0; s->agent->boot->state_dir && i < ARRAY_LEN(files); i++) {
		CLEANUP(freep) char *path = state_file(s, files[i].name);
		if (file_write(path, buf_slice(files[i].text), 0600, &e) < 0)
			log_warn("secrets", "certificate is not saved: %s; a restart will ask for a new one", e.msg);
	}
}

static void restore(struct agent_secrets *s)
{
	static const char *const names[] = {"weft-cert-chain.pem", "weft-key.pem", "weft-root.pem"};
	CLEANUP(buf_done) struct buf chain = BUF_INIT, key = BUF_INIT, root = BUF_INIT;
	struct buf *texts[] = {&chain, &key, &root};
	struct err e = ERR_INIT;

	if (!s->agent->boot->state_dir)
		return;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(freep) char *path = state_file(s, names[i]);
		if (file_read(path, PEM_MAX_BYTES, texts[i], NULL) < 0)
			return;
	}
	if (take_certificate(s, buf_slice(&chain), buf_slice(&key), buf_slice(&root), &e) < 0) {
		log_info("secrets", "saved certificate: %s; asking for a new one", e.msg);
		return;
	}
	publish(s);
}

/* ---- asking the CA ---- */

static void on_again(struct timer *t)
{
	request(CONTAINER_OF(t, struct agent_secrets, again));
}

static void retry(struct agent_secrets *s, const char *why)
{
	s->backoff_ms = s->backoff_ms ? MIN(s->backoff_ms * 2, (int64_t)BACKOFF_MAX_MS) : BACKOFF_MIN_MS;
	log_warn("secrets", "no certificate from %s:%u: %s; trying again in %lld ms", s->agent->boot->ca_host,
		 s->agent->boot->ca_port, why, (long long)s->backoff_ms);
	pki_key_free(s->fresh);
	s->fresh = NULL;
	timer_start(s->agent->loop, &s->again, s->backoff_ms, on_again);
}

/* At the ratio of the lifetime, up to 5 % of it earlier, so that not all proxies ask at once. */
static void plan_rotation(struct agent_secrets *s)
{
	int64_t life_s = s->not_after_s - s->not_before_s, now_s = clock_wall_ns() / NS_PER_S;
	uint32_t jitter;

	rand_bytes(&jitter, sizeof(jitter));
	double share = s->agent->boot->rotation_ratio - 0.05 * (jitter / 4294967296.0);
	int64_t at_s = s->not_before_s + (int64_t)((double)life_s * MAX(share, 0.01));
	timer_start(s->agent->loop, &s->again, MAX(at_s - now_s, (int64_t)1) * MS_PER_S, on_again);
}

/* The answer is leaf, intermediates, root: all but the last make the chain. */
static int take_answer(struct agent_secrets *s, struct slice response, struct err *e)
{
	CLEANUP(arena_done) struct arena tmp = ARENA_INIT;
	CLEANUP(buf_done) struct buf chain = BUF_INIT, key = BUF_INIT;
	const Istio__V1__Auth__IstioCertificateResponse *m =
		pb_unpack(&tmp, &istio__v1__auth__istio_certificate_response__descriptor, response);

	if (!m || m->n_cert_chain < 2)
		return err_set(e, -EINVAL, "the answer has no certificate and root");
	for (size_t i = 0; i + 1 < m->n_cert_chain; i++) {
		buf_append_str(&chain, m->cert_chain[i]);
		if (chain.len && chain.ptr[chain.len - 1] != '\n')
			buf_append_char(&chain, '\n');
	}
	pki_key_to_pem(s->fresh, &key);
	int r = take_certificate(s, buf_slice(&chain), buf_slice(&key), slice_str(m->cert_chain[m->n_cert_chain - 1]),
				 e);
	explicit_bzero(key.ptr, key.len);
	return r;
}

static void on_answer(struct grpc_unary *u, int status, const char *text, struct slice response)
{
	struct agent_secrets *s = CONTAINER_OF(u, struct agent_secrets, call);
	struct err e = ERR_INIT;
	char until[CLOCK_TEXT_MAX];

	if (status != GRPC_OK) {
		err_set(&e, -EIO, "%s %s", grpc_status_str(status), text ? text : "");
		retry(s, e.msg);
		return;
	}
	if (take_answer(s, response, &e) < 0) {
		retry(s, e.msg);
		return;
	}
	pki_key_free(s->fresh);
	s->fresh = NULL;
	s->backoff_ms = 0;
	log_info("secrets", "certificate in use until %s", clock_format_s(s->not_after_s, until));
	save(s);
	plan_rotation(s);
	publish(s);
}

static int make_csr(struct agent_secrets *s, struct buf *pem, struct err *e)
{
	const struct config_node *n = s->agent->boot->node;
	char uri[SPIFFE_MAX + 1];
	const char *uris[] = {uri};
	struct pki_names names = {.uris = uris, .n_uris = 1};
	int r = spiffe_format(uri, sizeof(uri), slice_str(n->trust_domain), slice_str(n->namespace_),
			      slice_str(n->service_account));

	if (r < 0)
		return err_set(e, r, "identity of namespace '%s', service account '%s' is not valid", n->namespace_,
			       n->service_account);
	s->fresh = pki_key_new(PKI_KEY_P256);
	return pki_csr_new(s->fresh, &names, pem, e);
}

static int make_request(struct agent_secrets *s, struct buf *body, struct buf *token, struct err *e)
{
	CLEANUP(arena_done) struct arena tmp = ARENA_INIT;
	CLEANUP(buf_done) struct buf csr = BUF_INIT;
	Istio__V1__Auth__IstioCertificateRequest *m =
		PB_NEW(&tmp, Istio__V1__Auth__IstioCertificateRequest, istio__v1__auth__istio_certificate_request);
	int r = make_csr(s, &csr, e);

	if (r < 0)
		return r;
	m->csr = (char *)buf_str(&csr);
	m->validity_duration = s->agent->boot->cert_ttl_s;
	pb_pack(&m->base, body);
	buf_append_str(token, "Bearer ");
	return agent_token(s->agent, token, e);
}

static void request(struct agent_secrets *s)
{
	CLEANUP(buf_done) struct buf body = BUF_INIT, token = BUF_INIT;
	struct err e = ERR_INIT;

	pki_key_free(s->fresh);
	s->fresh = NULL;
	if (make_request(s, &body, &token, &e) < 0) {
		retry(s, e.msg);
		return;
	}
	const struct grpc_metadata metadata[] = {
		{"authorization", buf_slice(&token), true},
		{"clusterid", slice_str(s->agent->boot->node->cluster_id), false},
	};
	s->call.fn = on_answer;
	grpc_unary_start(s->agent->ca_channel, &s->call, METHOD, metadata, ARRAY_LEN(metadata), buf_slice(&body),
			 CALL_TIMEOUT_MS);
	explicit_bzero(token.ptr, token.len);
}

void agent_secrets_start(struct agent_secrets *s)
{
	if (s->started)
		return;
	s->started = true;
	if (s->chain.len)
		plan_rotation(s);
	else
		request(s);
}

/* ---- files ---- */

/* True when the file is new or changed since the last call. */
static bool file_changed(struct agent_secrets *s, const char *path)
{
	struct watched_file *f;
	struct stat st = {0};

	(void)stat(path, &st);
	LIST_EACH (f, &s->watched, link)
		if (strcmp(f->path, path) == 0) {
			bool same = f->inode == st.st_ino && f->mtime.tv_sec == st.st_mtim.tv_sec &&
				    f->mtime.tv_nsec == st.st_mtim.tv_nsec;
			f->inode = st.st_ino;
			f->mtime = st.st_mtim;
			return !same;
		}
	f = NEW(struct watched_file);
	f->path = mem_strdup(path);
	f->inode = st.st_ino;
	f->mtime = st.st_mtim;
	list_append(&s->watched, &f->link);
	return true;
}

static bool read_pem(const char *path, struct buf *out)
{
	struct err e = ERR_INIT;

	if (file_read(path, PEM_MAX_BYTES, out, &e) == 0)
		return true;
	log_warn("secrets", "%s; the last good one stays", e.msg);
	return false;
}

/* Where distributions keep the authorities that they trust, which is what Istio means by "system". */
static const char *system_roots(void)
{
	static const char *const paths[] = {"/etc/ssl/certs/ca-certificates.crt",
					    "/etc/pki/tls/certs/ca-bundle.crt",
					    "/etc/ssl/ca-bundle.pem",
					    "/etc/pki/tls/cacert.pem",
					    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
					    "/etc/ssl/cert.pem"};

	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (access(paths[i], R_OK) == 0)
			return paths[i];
	return paths[0];
}

/* "file-cert:CHAIN~KEY", "file-root:CA" and "file-root:system". Returns whether the secret changed. */
static bool read_file_secret(struct agent_secrets *s, const char *name)
{
	CLEANUP(buf_done) struct buf chain = BUF_INIT, key = BUF_INIT;
	struct slice rest = slice_from(slice_str(name), 10);
	bool cert = strncmp(name, "file-cert:", 10) == 0;
	struct slice first = cert ? slice_split(&rest, '~') : rest;
	CLEANUP(freep)
	char *a = !cert && slice_eq_str(first, "system") ? mem_strdup(system_roots())
							 : mem_printf("%.*s", SLICE_ARG(first));
	CLEANUP(freep) char *b = cert ? mem_printf("%.*s", SLICE_ARG(rest)) : NULL;

	if (!cert && strncmp(name, "file-root:", 10) != 0)
		return false;
	bool changed = file_changed(s, a);
	if (b)
		changed |= file_changed(s, b);
	if (!changed || !read_pem(a, &chain) || (b && !read_pem(b, &key)))
		return false;
	if (cert)
		build_set_secret(s->agent->build,
				 config_secret_new(name, buf_slice(&chain), buf_slice(&key), SLICE("")));
	else
		build_set_secret(s->agent->build, config_secret_new(name, SLICE(""), SLICE(""), buf_slice(&chain)));
	return true;
}

static bool read_file_secrets(struct agent_secrets *s)
{
	size_t n;
	const char *const *names = build_local_secrets(s->agent->build, &n);
	bool changed = false;

	for (size_t i = 0; i < n; i++)
		if (strncmp(names[i], "file-", 5) == 0)
			changed |= read_file_secret(s, names[i]);
	return changed;
}

/* Other roots are brought by the next certificate: it is asked for soon, and not by all proxies at once. */
static void renew_for_roots(struct agent_secrets *s)
{
	CLEANUP(buf_done) struct buf roots = BUF_INIT;
	uint32_t jitter;

	/* one that is under way brings them, too */
	if (!s->started || !s->chain.len || s->fresh || !read_pem(s->agent->boot->root_path, &roots) ||
	    slice_eq(slice_trim(buf_slice(&roots)), slice_trim(buf_slice(&s->root))))
		return;
	rand_bytes(&jitter, sizeof(jitter));
	timer_start(s->agent->loop, &s->again, 1 + jitter % s->agent->boot->roots_spread_ms, on_again);
	log_info("secrets", "the mesh has other roots: the certificate is renewed within %u ms",
		 s->agent->boot->roots_spread_ms);
}

static void on_files(struct timer *t)
{
	struct agent_secrets *s = CONTAINER_OF(t, struct agent_secrets, files);

	timer_start(s->agent->loop, &s->files, FILES_POLL_MS, on_files);
	if (!s->agent->boot->config_file && file_changed(s, s->agent->boot->root_path)) {
		agent_xds_reload_root(s->agent);
		renew_for_roots(s);
	}
	if (read_file_secrets(s))
		agent_changed(s->agent);
}

void agent_secrets_update(struct agent_secrets *s)
{
	(void)read_file_secrets(s);
}

/* ---- life ---- */

struct agent_secrets *agent_secrets_new(struct agent *a)
{
	struct agent_secrets *s = NEW(struct agent_secrets);

	s->agent = a;
	a->secrets = s;
	list_init(&s->watched);
	if (!a->boot->config_file) {
		(void)file_changed(s, a->boot->root_path);
		restore(s);
	}
	timer_start(a->loop, &s->files, FILES_POLL_MS, on_files);
	return s;
}

void agent_secrets_free(struct agent_secrets *s)
{
	if (!s)
		return;
	grpc_unary_cancel(&s->call);
	timer_stop(&s->again);
	timer_stop(&s->files);
	while (!list_empty(&s->watched)) {
		struct watched_file *f = LIST_FIRST(&s->watched, struct watched_file, link);
		list_remove(&f->link);
		free(f->path);
		free(f);
	}
	if (s->key.len)
		explicit_bzero(s->key.ptr, s->key.len);
	buf_done(&s->chain);
	buf_done(&s->key);
	buf_done(&s->root);
	pki_key_free(s->fresh);
	free(s);
}

struct slice agent_secrets_chain(const struct agent_secrets *s, int64_t *ret_not_after_s)
{
	*ret_not_after_s = s->not_after_s;
	return buf_slice(&s->chain);
}

struct slice agent_secrets_root(const struct agent_secrets *s)
{
	return buf_slice(&s->root);
}
