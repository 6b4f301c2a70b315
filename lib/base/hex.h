/* Hexadecimal digits as they stand in chunk sizes and percent-encoding; either case, independent of the locale. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

/* The value of the digit c (a char or an unsigned char), or -1 when it is none. Pure; any thread. */
static inline int hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
