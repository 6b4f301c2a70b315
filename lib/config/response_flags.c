/* The letters are Envoy's, as in its command operator %RESPONSE_FLAGS%. */
#include "config/response_flags.h"

#include <string.h>

static const char flag_names[][6] = {"NR", "NC",  "UH", "UO", "UF", "UC",   "UPE", "UT", "SI", "UMSDR",
				     "DC", "DPE", "FI", "DI", "RL", "UAEX", "URX", "DT", "UR", "RLSE"};

#define N_FLAGS (sizeof(flag_names) / sizeof(flag_names[0]))

/* What Envoy has besides: of health checks of its own, of mechanisms that are not here. */
static const char others[][5] = {"LH", "LR", "IH", "RFCF", "NFCF", "OM", "DF", "DO", "DR"};

const char *response_flags_format(uint32_t flags, char *out)
{
	char *p = out;

	for (size_t i = 0; i < N_FLAGS; i++) {
		if (!(flags & (1u << i)))
			continue;
		if (p != out)
			*p++ = ',';
		p = stpcpy(p, flag_names[i]);
	}
	if (p == out)
		*p++ = '-';
	*p = 0;
	return out;
}

bool response_flag_find(const char *letters, uint32_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < N_FLAGS; i++) {
		if (strcmp(letters, flag_names[i]) != 0)
			continue;
		*ret = 1u << i;
		return true;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(letters, others[i]) == 0)
			return true;
	return false;
}
