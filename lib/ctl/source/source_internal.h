/* Reading one file into a set. */
#ifndef CTL_SOURCE_SOURCE_INTERNAL_H
#define CTL_SOURCE_SOURCE_INTERNAL_H

#include "ctl/source/source.h"

/* All objects of a file ("-": standard input), added to the set. */
int source_read_file(struct source_set *s, const char *path, struct err *e);
/* All files of a folder and below it, as they stand. */
int source_read_folder(struct source_set *s, const char *path, int deep, struct err *e);
/* What is to be told; copies both texts. */
void source_remark(struct source_set *s, const char *path, bool unread, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The path of a folder's kustomization in the arena, NULL when it has none. */
const char *source_kustomization(struct source_set *s, const char *folder);
/* What the kustomization of that path makes. */
int source_read_kustomization(struct source_set *s, const char *path, int deep, struct err *e);

#endif
