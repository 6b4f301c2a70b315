/* Response flags: why an exchange or a connection was not as it should be, in one to five letters. Pure. */
#ifndef CONFIG_RESPONSE_FLAGS_H
#define CONFIG_RESPONSE_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

/* Bits of %RESPONSE_FLAGS%; several may be set. */
enum response_flag {
	FLAG_NR = 1 << 0,
	FLAG_NC = 1 << 1,
	FLAG_UH = 1 << 2,
	FLAG_UO = 1 << 3,
	FLAG_UF = 1 << 4,
	FLAG_UC = 1 << 5,
	FLAG_UPE = 1 << 6,
	FLAG_UT = 1 << 7,
	FLAG_SI = 1 << 8,
	FLAG_UMSDR = 1 << 9,
	FLAG_DC = 1 << 10,
	FLAG_DPE = 1 << 11,
	FLAG_FI = 1 << 12,
	FLAG_DI = 1 << 13,
	FLAG_RL = 1 << 14,
	FLAG_UAEX = 1 << 15,
	FLAG_URX = 1 << 16,
	FLAG_DT = 1 << 17,
	FLAG_UR = 1 << 18,
	FLAG_RLSE = 1 << 19,
};

#define RESPONSE_FLAGS_TEXT_MAX 96
/* "UF,URX", or "-" for none. Returns out, RESPONSE_FLAGS_TEXT_MAX bytes. */
const char *response_flags_format(uint32_t flags, char *out);

/* The bit of a flag's letters, 0 for one of Envoy's that is never set here. False: there is no such flag. */
bool response_flag_find(const char *letters, uint32_t *ret);

#endif
