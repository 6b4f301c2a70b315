/* Opening the authority that signs service-account tokens; its key is kept in a file. */
#ifndef LAB_TOKENS_INTERNAL_H
#define LAB_TOKENS_INTERNAL_H

#include "base/err.h"

struct token_authority;

/* Reads the key, or makes one and writes it. NULL with e set. */
struct token_authority *token_authority_open(const char *path, struct err *e);

#endif
