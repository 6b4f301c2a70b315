/* Another authority signs for the mesh, as cert-manager's istio-csr does: our own certificate comes as files, too. */
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "discovery/authority_internal.h"
#include "pki/cert.h"
#include "pki/key.h"

static void read_pem(const char *path, struct buf *out)
{
	if (file_read(path, PKI_PEM_MAX_BYTES, out, NULL) < 0)
		buf_clear(out);
}

void authority_given_read(const char *dir, const char *root_file, struct authority_given *ret)
{
	struct authority_given g = {0};
	const struct {
		const char *name;
		struct buf *to;
	} rows[] = {{"tls.crt", &g.cert}, {"tls.key", &g.key}, {"ca.crt", &g.root}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(freep) char *path = mem_printf("%s/%s", dir, rows[i].name);

		read_pem(path, rows[i].to);
	}
	if (!g.root.len && root_file)
		read_pem(root_file, &g.root);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		g.hash = hash_more(g.hash + rows[i].to->len, buf_slice(rows[i].to));
	*ret = g;
}

int authority_given_check(const char *dir, const struct authority_given *g, int64_t now_s, struct err *e)
{
	CLEANUP(pki_key_freep) struct pki_key *key = NULL;
	int r;

	if (!g->cert.len || !g->key.len)
		return err_set(e, -EINVAL, "%s: %s is missing, empty or cannot be read", dir,
			       g->cert.len ? "tls.key" : "tls.crt");
	if (!g->root.len)
		return err_set(e, -EINVAL, "%s: no roots: neither ca.crt nor a ConfigMap has them", dir);
	r = pki_key_from_pem(buf_slice(&g->key), &key, e);
	if (r == 0)
		r = pki_cert_matches_key(buf_slice(&g->cert), key, e);
	if (r == 0)
		r = pki_cert_verify(buf_slice(&g->cert), buf_slice(&g->root), now_s, e);
	return r < 0 ? err_wrap(e, -EINVAL, "%s", dir) : 0;
}

void authority_given_done(struct authority_given *g)
{
	if (g->key.len)
		explicit_bzero(g->key.ptr, g->key.len);
	buf_done(&g->cert);
	buf_done(&g->key);
	buf_done(&g->root);
	memset(g, 0, sizeof(*g));
}
