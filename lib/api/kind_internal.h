/* How rows of the table of kinds are written. Internal to this folder. */
#ifndef API_KIND_INTERNAL_H
#define API_KIND_INTERNAL_H

#include "api/kind.h"
#include "base/cleanup.h"

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define COLUMNS_OF(x) x, ARRAY_LEN(x)
#define COLUMNS(x) .columns = x, .n_columns = ARRAY_LEN(x)

#endif
