/* A plugged-in authority: Secret cacerts, mounted as files. One file of it is enough to mean it: then it is all of it
 * or a message, never a root of our own in silence. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "discovery/authority_internal.h"
#include "pki/cert.h"

/* Absent counts as empty; a file that is too large or may not be read is found and empty, so it is told. */
static bool read_pem(const char *dir, const char *name, struct buf *out)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s", dir, name);
	const int r = file_read(path, PKI_PEM_MAX_BYTES, out, NULL);

	if (r < 0)
		buf_clear(out);
	return r != -ENOENT && r != -ENOTDIR;
}

void authority_files_read(const char *dir, struct authority_files *ret)
{
	struct authority_files f = {0};
	const struct {
		const char *name, *other; /* other: cert-manager's */
		struct buf *to;
	} rows[] = {
		{"ca-cert.pem", "tls.crt", &f.cert},
		{"ca-key.pem", "tls.key", &f.key},
		{"cert-chain.pem", NULL, &f.chain},
		{"root-cert.pem", "ca.crt", &f.root},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		f.found |= read_pem(dir, rows[i].name, rows[i].to);
		if (!rows[i].to->len && rows[i].other)
			f.found |= read_pem(dir, rows[i].other, rows[i].to);
		f.hash = hash_more(f.hash + rows[i].to->len, buf_slice(rows[i].to));
	}
	*ret = f;
}

void authority_files_done(struct authority_files *f)
{
	if (f->key.len)
		explicit_bzero(f->key.ptr, f->key.len);
	buf_done(&f->cert);
	buf_done(&f->key);
	buf_done(&f->chain);
	buf_done(&f->root);
	memset(f, 0, sizeof(*f));
}

int authority_files_load(const char *dir, const struct authority_files *f, int64_t now_s, struct pki_ca **ret,
			 struct err *e)
{
	int r;

	if (!f->cert.len)
		return err_set(e, -EINVAL, "%s: ca-cert.pem is missing, empty or cannot be read", dir);
	if (!f->key.len)
		return err_set(e, -EINVAL, "%s: ca-key.pem is missing, empty or cannot be read", dir);
	r = pki_ca_load(buf_slice(&f->cert), buf_slice(&f->key), buf_slice(&f->chain), buf_slice(&f->root), now_s, ret,
			e);
	return r < 0 ? err_wrap(e, r, "%s", dir) : 0;
}
