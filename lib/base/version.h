/* Which version of the project a program is. Programs are linked with what git says; tests have the values of
 * version.c. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

extern const char weft_version[]; /* the tag, or the nearest one and how far from it: "v0.1.0-12-g0123abc" */
extern const char weft_commit[];  /* in full, with "-dirty" behind it if files differed */

#endif
