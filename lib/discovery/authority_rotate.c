/*
 * Another root of our own, without a moment in which somebody is not trusted. All that is known of it stands in the
 * Secret of the root, so a restart or another replica goes on where it was:
 *
 *            asked for                     wait                        wait
 *   none ---------------> spreading --------------------> signing ---------------> done (as none)
 *   roots: old            old and new, old signs          new and old, new signs   new
 *
 * The wait is as long as a certificate lasts: whoever renews within it knows what comes next before it comes. The next
 * key lies beside the present one from the first step on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "discovery/authority_internal.h"
#include "msg/json.h"
#include "pki/cert.h"

#define STATE "maistra.io/root-rotation" /* "<phase> <since> <id>" */
#define DROPPED "maistra.io/root-rotation-dropped"
#define NEXT_CERT "next-cert.pem"
#define NEXT_KEY "next-key.pem"

static const char *const phases[] = {"none", "spreading", "signing", "done"};

const char *authority_phase_str(enum rotation_phase p)
{
	return phases[p];
}

static const char *annotation(const cJSON *secret, const char *name)
{
	const char *text = json_get_str(json_at(secret, "metadata.annotations"), name);

	return text ? text : "";
}

void authority_rotation_read(const cJSON *secret, struct authority_rotation *ret)
{
	char phase[16] = "", id[ROTATION_ID_MAX] = "";
	long long since = 0;

	*ret = (struct authority_rotation){0};
	if (sscanf(annotation(secret, STATE), "%15s %lld %63s", phase, &since, id) != 3)
		return;
	for (size_t i = 0; i < ARRAY_LEN(phases); i++)
		if (!strcmp(phases[i], phase))
			ret->phase = (enum rotation_phase)i;
	ret->since_s = since;
	snprintf(ret->id, sizeof(ret->id), "%s", id);
}

bool authority_rotation_dropped(const cJSON *secret, struct slice root_pem)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct pki_cert_info info;

	return pki_cert_info(root_pem, &a, &info, NULL) == 0 && strstr(annotation(secret, DROPPED), info.sha256);
}

/* --- steps --- */

/* The certificates of `more` that are not in out yet and have not ended, up to as many as are kept. */
static void add_roots(struct buf *out, struct slice more, int64_t now_s)
{
	const int n = pki_cert_count(more, NULL);

	for (int i = 0; i < n; i++) {
		CLEANUP(buf_done) struct buf one = BUF_INIT;

		if (pki_cert_split(more, i, &one, NULL) < 0 || authority_has_ended(buf_slice(&one), now_s) ||
		    (out->len && pki_cert_count(buf_slice(out), NULL) >= AUTHORITY_ROOTS_MAX) ||
		    memmem(buf_str(out), out->len, one.ptr, one.len))
			continue;
		buf_append_slice(out, buf_slice(&one));
	}
}

static cJSON *state_of(cJSON *body, enum rotation_phase phase, const struct rotation_input *in, const char *id)
{
	cJSON *annotations = json_object(json_object(body, "metadata"), "annotations");
	CLEANUP(freep) char *text = mem_printf("%s %lld %s", phases[phase], (long long)in->now_s, id);

	json_set_str(annotations, STATE, text);
	return annotations;
}

/* The Secret's new contents: an authority, which must be one that peers would accept. NULL with the reason. */
static cJSON *body_of(const struct rotation_input *in, struct slice cert, struct slice key, struct slice roots,
		      struct err *e)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;

	if (pki_ca_load(cert, key, (struct slice){NULL, 0}, roots, in->now_s, &ca, e) < 0)
		return NULL;
	return authority_secret_new(ca, in->ns);
}

static int begin(const struct rotation_input *in, const struct pki_ca *ca, cJSON **ret, struct err *e)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *next = NULL;
	CLEANUP(buf_done) struct buf roots = BUF_INIT;
	int r = pki_ca_new_root(in->org, (struct slice){NULL, 0}, PKI_KEY_RSA2048, in->now_s, in->ttl_s, &next, e);
	cJSON *body;

	if (r < 0)
		return r;
	add_roots(&roots, pki_ca_cert_pem(ca), in->now_s);
	add_roots(&roots, pki_ca_cert_pem(next), in->now_s);
	add_roots(&roots, pki_ca_roots_pem(ca), in->now_s);
	body = body_of(in, pki_ca_cert_pem(ca), pki_ca_key_pem(ca), buf_slice(&roots), e);
	if (!body)
		return -EINVAL;
	authority_secret_pem(json_get(body, "data"), NEXT_CERT, pki_ca_cert_pem(next));
	authority_secret_pem(json_get(body, "data"), NEXT_KEY, pki_ca_key_pem(next));
	state_of(body, ROTATION_SPREADING, in, in->wanted);
	*ret = body;
	return 1;
}

static void wipe(struct buf *b)
{
	if (b->len)
		explicit_bzero(b->ptr, b->len);
	buf_done(b);
}

static int change_signer(const struct rotation_input *in, const cJSON *secret, const struct authority_rotation *now,
			 const struct pki_ca *ca, cJSON **ret, struct err *e)
{
	CLEANUP(buf_done) struct buf cert = BUF_INIT, roots = BUF_INIT;
	CLEANUP(wipe) struct buf key = BUF_INIT;
	const char *next_cert = json_get_str(json_get(secret, "data"), NEXT_CERT);
	const char *next_key = json_get_str(json_get(secret, "data"), NEXT_KEY);
	cJSON *body;

	if (!next_cert || !next_key || base64_decode(slice_str(next_cert), &cert) < 0 ||
	    base64_decode(slice_str(next_key), &key) < 0 || !cert.len || !key.len)
		return err_set(e, -EINVAL, "the next root is missing or no base64");
	add_roots(&roots, buf_slice(&cert), in->now_s);
	add_roots(&roots, pki_ca_cert_pem(ca), in->now_s);
	add_roots(&roots, pki_ca_roots_pem(ca), in->now_s);
	body = body_of(in, buf_slice(&cert), buf_slice(&key), buf_slice(&roots), e);
	if (!body)
		return -EINVAL;
	cJSON_AddNullToObject(json_get(body, "data"), NEXT_CERT);
	cJSON_AddNullToObject(json_get(body, "data"), NEXT_KEY);
	state_of(body, ROTATION_SIGNING, in, now->id);
	*ret = body;
	return 1;
}

static int end(const struct rotation_input *in, const struct authority_rotation *now, const struct pki_ca *ca,
	       cJSON **ret, struct err *e)
{
	CLEANUP(buf_done) struct buf dropped = BUF_INIT;
	const struct slice roots = pki_ca_roots_pem(ca);
	const int n = pki_cert_count(roots, e);
	cJSON *body = body_of(in, pki_ca_cert_pem(ca), pki_ca_key_pem(ca), pki_ca_cert_pem(ca), e);

	if (!body)
		return -EINVAL;
	for (int i = 0; i < n; i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		CLEANUP(buf_done) struct buf one = BUF_INIT;
		struct pki_cert_info info;

		if (pki_cert_split(roots, i, &one, NULL) == 0 && !slice_eq(buf_slice(&one), pki_ca_cert_pem(ca)) &&
		    pki_cert_info(buf_slice(&one), &a, &info, NULL) == 0)
			buf_printf(&dropped, "%s%s", dropped.len ? "," : "", info.sha256);
	}
	json_set_str(state_of(body, ROTATION_DONE, in, now->id), DROPPED, buf_str(&dropped));
	*ret = body;
	return 1;
}

int authority_rotation_step(const struct rotation_input *in, const cJSON *secret, const struct pki_ca *ca, cJSON **ret,
			    struct err *e)
{
	struct authority_rotation now;

	authority_rotation_read(secret, &now);
	switch (now.phase) {
	case ROTATION_NONE:
	case ROTATION_DONE:
		return *in->wanted && strcmp(in->wanted, now.id) != 0 ? begin(in, ca, ret, e) : 0;
	case ROTATION_SPREADING:
		return in->spread && in->now_s >= now.since_s + in->wait_s ? change_signer(in, secret, &now, ca, ret, e)
									   : 0;
	case ROTATION_SIGNING:
		return in->now_s >= now.since_s + in->wait_s ? end(in, &now, ca, ret, e) : 0;
	}
	return 0;
}
