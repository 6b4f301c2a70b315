/* Regular expressions of CEL and of schemas: RE2. Each thread keeps those that it compiled. */
#ifndef CEL_PATTERN_H
#define CEL_PATTERN_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* True when the pattern is found anywhere in text. A pattern that cannot be compiled matches everything. */
bool pattern_matches(const char *pattern, const char *text);

/* True when it compiles. */
bool pattern_valid(const char *pattern);

#ifdef __cplusplus
}
#endif

#endif
