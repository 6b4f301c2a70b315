/* What response flags and details of proxies mean; the handbook's page "What went wrong" says more. */
#ifndef CTL_EXPLAIN_FLAGS_H
#define CTL_EXPLAIN_FLAGS_H

#include "base/slice.h"

struct explain_flag {
	const char *flag;
	const char *happened, *look; /* sentences */
};

/* The row of a flag ("UH"), NULL where there is none; static. */
const struct explain_flag *explain_flag(struct slice flag);

struct explain_detail {
	const char *begins; /* with this */
	const char *text;
};

/* The row of a detail, or NULL; static. */
const struct explain_detail *explain_detail(struct slice detail);

#endif
