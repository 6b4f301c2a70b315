/*
 * Where the objects of a mesh are read: files, folders, kustomizations, a cluster. All that was read is kept, with the
 * place of each value in its file, until the set ends.
 */
#ifndef CTL_SOURCE_SOURCE_H
#define CTL_SOURCE_SOURCE_H

#include "base/arena.h"
#include "ctl/core/core.h"
#include "msg/yaml.h"

#define SOURCE_FOLDERS_DEEP_MAX 16
#define SOURCE_OBJECTS_MAX 100000

struct source_object {
	cJSON *json;                    /* the set's; may be changed in place */
	const char *from;               /* the file's path as it was named; "-"; "cluster" */
	const struct yaml_lines *lines; /* of its document; NULL: it has none */
};

/* Something that is told beside the objects: a file of a folder that could not be read, a field of a kustomization that
 * is not carried out. */
struct source_remark {
	const char *path, *text;
	bool unread; /* the file was left out */
};

struct source_set {
	VEC(struct source_object) objects; /* in the order in which they were read */
	VEC(struct source_remark) remarks;
	struct arena arena; /* of all texts; documents end with it */
};

/* Frees all of it; the set can be used again. */
void source_done(struct source_set *s);

/*
 * Adds all objects of a YAML or JSON file, of every such file in a folder and below it (in the order of their names),
 * or of standard input ("-"), as they stand. Lists are taken apart. Returns 0, or a negative code that names the file;
 * one of a folder becomes a remark instead.
 */
int source_files(struct source_set *s, const char *path, struct err *e);

/*
 * The same, but a folder that has a kustomization is read as kustomize reads it: what its resources name, with its
 * namespace, labels, annotations, prefixes and patches. What of it is not carried out becomes a remark.
 */
int source_tree(struct source_set *s, const char *path, struct err *e);

/* Adds all objects of a mesh that the cluster holds. Returns 0 or a negative code. */
int source_cluster(struct ctl *c, struct source_set *s, struct err *e);

/* Adds all objects of one kind that the cluster holds; none where it does not serve the kind. */
int source_cluster_kind(struct ctl *c, struct source_set *s, const struct api_kind *kind, struct err *e);

/*
 * The line (from 1) of what a path ("spec.http[0].match") leads to, or of the last part of it that is there; 0: the
 * object is of no file.
 */
unsigned source_line(const struct source_object *o, const char *path);

/* "file.yaml:12", "file.yaml" without a line, "cluster"; in the arena. */
const char *source_place(const struct source_object *o, const char *path, struct arena *a);

#endif
