/* What is not a program has no version of its own; the Makefile writes the programs' beside this one
 * (build/gen/version.c). */
#include "base/version.h"

const char weft_version[] = "v0.0.0";
const char weft_commit[] = "unknown";
