/* See authority.h. */
#include "lab/sys/authority.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

#define TTL_S (3650LL * 24 * 3600)
#define PEM_FILE_MAX_BYTES (256 * 1024)

static int64_t now_s(void)
{
	return clock_wall_ns() / NS_PER_S;
}

int authority_open(const char *dir, const char *name, const char *organisation, struct pki_ca **ret, struct err *e)
{
	CLEANUP(freep) char *cert_path = mem_printf("%s/%s.crt", dir, name);
	CLEANUP(freep) char *key_path = mem_printf("%s/%s.key", dir, name);
	CLEANUP(buf_done) struct buf cert = BUF_INIT, key = BUF_INIT;
	const struct slice none = {NULL, 0};
	int r;

	if (file_read(cert_path, PEM_FILE_MAX_BYTES, &cert, NULL) == 0 &&
	    file_read(key_path, PEM_FILE_MAX_BYTES, &key, NULL) == 0)
		return pki_ca_load(buf_slice(&cert), buf_slice(&key), none, none, now_s(), ret, e);
	r = pki_ca_new_root(organisation, none, PKI_KEY_P256, now_s(), TTL_S, ret, e);
	if (r == 0)
		r = file_write(key_path, pki_ca_key_pem(*ret), 0600, e);
	return r < 0 ? r : file_write(cert_path, pki_ca_cert_pem(*ret), 0644, e);
}

int authority_issue(const struct pki_ca *ca, const struct pki_names *names, unsigned use, struct buf *cert,
		    struct buf *key, struct err *e)
{
	CLEANUP(pki_key_freep) struct pki_key *k = pki_key_new(PKI_KEY_P256);
	const struct pki_sign how = {.names = names, .now_s = now_s(), .ttl_s = AUTHORITY_CERT_TTL_S, .use = use};

	pki_key_to_pem(k, key);
	return pki_ca_issue(ca, k, &how, cert, e);
}
