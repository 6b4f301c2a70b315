/*
 * The plugin on a node that has none of its libraries, and perhaps no iptables: one folder with the program, the tools
 * for rules, all shared libraries and the dynamic loader, as they are in the image. Container runtimes start a small
 * static program (weft-cni-launch), which starts the loader.
 *
 *   DIR/weft-cni                   weft-cni-launch; stays when all else is gone, so that pods can still be taken down
 *   DIR/weft-cni.d/current         -> the digest below; replaced at once
 *   DIR/weft-cni.d/<digest>/exec   weft-cni, xtables-nft-multi, iptables-nft-save -> xtables-nft-multi ...
 *                          /bin    weft-cni-launch under the tools' names: what PATH leads to
 *                          /lib    ld.so and the libraries
 *                          /xtables  extensions of iptables
 */
#ifndef CNI_BUNDLE_H
#define CNI_BUNDLE_H

#include <stdbool.h>

#include "base/err.h"

struct cni_bundle;

/* Reads the files that belong to it: of program, of launcher, of the tools that PATH leads to. NULL and the reason in
 * e: a file is missing. */
struct cni_bundle *cni_bundle_new(const char *program, const char *launcher, struct err *e);
void cni_bundle_free(struct cni_bundle *b);

/* Makes DIR hold it. 1: something was written; 0: it was there, whole. -errno. */
int cni_bundle_install(const struct cni_bundle *b, const char *dir, struct err *e);

/* Whether it is there, without writing. */
bool cni_bundle_is_installed(const struct cni_bundle *b, const char *dir);

/* Removes all but DIR/weft-cni. Returns 0 or -errno. */
int cni_bundle_remove(const char *dir, struct err *e);

#endif
