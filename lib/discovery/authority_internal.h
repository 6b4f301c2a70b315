/* Where the authority comes from: files that are plugged in, or the Secret of a root of our own. */
#ifndef DISCOVERY_AUTHORITY_INTERNAL_H
#define DISCOVERY_AUTHORITY_INTERNAL_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "base/err.h"
#include "pki/ca.h"

#define ROOT_SECRET "istio-ca-secret"

/* The plugged-in files as they were read; zeroed = none. */
struct authority_files {
	struct buf cert, key, chain, root;
	bool found; /* at least one is there: an authority is meant to be plugged in */
	uint64_t hash;
};

/* Reads what is in the directory: ca-cert.pem, ca-key.pem, cert-chain.pem and root-cert.pem, or, as cert-manager calls
 * them, tls.crt, tls.key and ca.crt. */
void authority_files_read(const char *dir, struct authority_files *ret);
/* Wipes the key. */
void authority_files_done(struct authority_files *f);
/* The authority that they make. -EINVAL with the directory, the file or part, and the reason. */
int authority_files_load(const char *dir, const struct authority_files *f, int64_t now_s, struct pki_ca **ret,
			 struct err *e);

/* The authority in the Secret. -EINVAL with what is wrong. */
int authority_secret_load(const cJSON *secret, int64_t now_s, struct pki_ca **ret, struct err *e);
/* The Secret for an authority; the caller frees it. */
cJSON *authority_secret_new(const struct pki_ca *ca, const char *ns);

/* Sets a member of a Secret's data. */
void authority_secret_pem(cJSON *data, const char *name, struct slice pem);

/* --- authority_rotate.c: another root; pure --- */

#define ROTATION_ID_MAX 64

enum rotation_phase { ROTATION_NONE, ROTATION_SPREADING, ROTATION_SIGNING, ROTATION_DONE };
/* "none", "spreading", "signing", "done" */
const char *authority_phase_str(enum rotation_phase p);

/* What the Secret says of it. */
struct authority_rotation {
	enum rotation_phase phase;
	int64_t since_s;          /* when the phase began */
	char id[ROTATION_ID_MAX]; /* of the wish that it fulfils */
};
void authority_rotation_read(const cJSON *secret, struct authority_rotation *ret);
/* Whether a rotation that is over took this root away. */
bool authority_rotation_dropped(const cJSON *secret, struct slice root_pem);

struct rotation_input {
	const char *wanted; /* the id of a wish; "" = none */
	const char *org, *ns;
	int64_t now_s;
	int64_t wait_s; /* at least, in each phase */
	int64_t ttl_s;  /* of the next root */
	bool spread;    /* all namespaces have the roots in use */
};

/*
 * The next step of the root in use, which the Secret holds: 1 and the Secret's new contents for a merge patch (the
 * caller's), 0 when it is not time, or a negative code with the reason.
 */
int authority_rotation_step(const struct rotation_input *in, const cJSON *secret, const struct pki_ca *ca, cJSON **ret,
			    struct err *e);

/* --- authority_wish.c --- */
struct discovery;
struct wish *authority_wish_new(struct discovery *d);
/* Gives up what is under way. NULL is fine. */
void authority_wish_free(struct wish *w);
/* Begins to look, every ten seconds. */
void authority_wish_look(struct wish *w);
/* The id of what is wanted, "" = nothing. */
const char *authority_wish_id(const struct wish *w);

/* --- authority_given.c --- */

/* What another authority made for us, as it was read; zeroed = nothing. */
struct authority_given {
	struct buf cert, key, root;
	uint64_t hash;
};

/* Reads tls.crt and tls.key of the folder, and ca.crt there or the file; absent or unreadable is empty. */
void authority_given_read(const char *dir, const char *root_file, struct authority_given *ret);
/* Whether the certificate is whole, of that key, and proven by the roots. -EINVAL with the place and what is wrong. */
int authority_given_check(const char *dir, const struct authority_given *g, int64_t now_s, struct err *e);
/* Wipes the key. */
void authority_given_done(struct authority_given *g);

/* --- authority_renew.c --- */
#define AUTHORITY_ROOTS_MAX 4 /* that are kept of earlier renewals, the new one included */

/* Whether a root that signs itself is in the last part, in percent, of its life. */
bool authority_renewal_due(const struct pki_ca *ca, int64_t now_s, unsigned percent);
/* The same key under a new certificate of that lifetime; the roots that have not ended stay. Negative with the reason.
 */
int authority_renew(const struct pki_ca *ca, const char *org, int64_t now_s, int64_t ttl_s, struct pki_ca **ret,
		    struct err *e);
/* Whether a certificate is past its end. */
bool authority_has_ended(struct slice pem, int64_t now_s);

/* --- authority_tell.c: events of the control plane's object --- */
struct teller *authority_teller_new(struct discovery *d);
/* Gives up what is under way. NULL is fine. */
void authority_teller_free(struct teller *t);
/* Writes a warning, once; "" takes back what is not written yet. */
void authority_tell(struct teller *t, const char *text);
/* Writes an event of that reason. */
void authority_tell_event(struct teller *t, bool warning, const char *reason, const char *text);

#endif
