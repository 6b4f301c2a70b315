/* The parts of files.h. Internal to this folder. */
#ifndef FILES_INTERNAL_H
#define FILES_INTERNAL_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/map.h"
#include "base/vec.h"
#include "files/files.h"
#include "kube/transport.h"
#include "msg/json.h"
#include "net/loop.h"

#define FILES_FOLDERS_DEEP_MAX 16
#define FILES_MAX 10000           /* files */
#define FILES_OBJECTS_MAX 100000  /* objects of all of them, and of one */
#define FILES_DEPARTED_MAX 4096   /* removals that watches may still have to hear of */
#define FILES_TOKEN_MAX_BYTES 256 /* of a token's text */
#define FILES_OURS "weftd"        /* what we are called where places are named */

/* --- objects in memory (objects.c) --- */

struct object {
	const struct api_kind *kind;
	cJSON *json;      /* as it is served */
	uint64_t version; /* its resourceVersion */
	uint64_t hash;    /* of what its file says; 0: of no file */
	char *place;      /* "shop.yaml:12"; NULL: we made it */
	bool seen;        /* by the settling under way */
	char key[];       /* "ns/name" */
};

struct departed {
	const struct api_kind *kind;
	uint64_t version;
	char *key;
};

struct shelf {
	const struct api_kind *kind;
	struct map objects;
	uint64_t version; /* of its last change */
};

/* All objects. Zeroed = none; ends with memory_done. */
struct memory {
	VEC(struct shelf *) shelves;
	VEC(struct departed) departed;
	uint64_t version, forgotten; /* of the last change; of the last removal that is not known any more */
};

/* Frees all. */
void memory_done(struct memory *m);
/* The objects of a kind, made when there are none yet. */
struct shelf *memory_shelf(struct memory *m, const struct api_kind *kind);
/* An object or NULL; ns NULL or "": of the cluster. */
struct object *memory_get(struct memory *m, const struct api_kind *kind, const char *ns, const char *name);
/* Adds or replaces an object; takes the tree, which gets a resourceVersion. place (copied) and hash: of a file, or NULL
 * and 0. */
struct object *memory_put(struct memory *m, const struct api_kind *kind, cJSON *json, const char *place, uint64_t hash);
/* Removes and frees an object. */
void memory_remove(struct memory *m, struct object *o);
/* Namespace and name of its key; "" for the cluster's. */
struct slice object_ns(const struct object *o);
const char *object_name(const struct object *o);

/* --- files to objects (read.c), pure --- */

/* An object as a file says it, complete enough to be served: names, defaults, no status. */
struct said {
	const struct api_kind *kind;
	const char *ns, *name; /* of json */
	cJSON *json;
	unsigned line;
};

/* Something that is told of a file. */
struct fault {
	unsigned line; /* 0 = of the whole file */
	char *object;  /* "VirtualService shop/web", or "" */
	char *text;
	bool refused; /* the object does not count; else a warning */
};

/* What one text comes to. Zeroed = nothing; ends with reading_done. */
struct reading {
	VEC(struct said) objects;
	VEC(struct fault) faults;
	VEC(struct said) refused; /* named, and no good: what was good before stays */
	bool broken;              /* the whole text is no good; faults has why */
};

/* Reads and judges all objects of a text; ns: of the control plane. */
void reading_of(struct slice text, const char *ns, struct reading *ret);
/* Frees all of it. */
void reading_done(struct reading *r);
/* Frees what it has of one object. */
void said_done(struct said *s);
/* Tells a fault; text is formatted and cut at 1 KB. */
void reading_tell(struct reading *r, unsigned line, bool refused, const char *object, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* Whether it can be the name of an object, and of a file: a DNS name in small letters. */
bool files_is_name(const char *name);
/* Kind i of those that are read, NULL behind the last. */
const struct api_kind *files_kind(size_t i);

/* --- the folder (tree.c) --- */

/* How a file was when it was read last. */
struct stamp {
	uint64_t device, inode, size;
	int64_t changed_ns, modified_ns;
};

struct file {
	char *path; /* below the folder */
	struct stamp stamp;
	uint64_t hash;            /* of its text; 0 = not read yet */
	VEC(struct said) objects; /* that count */
	VEC(struct fault) faults;
	bool seen, fresh; /* fresh: read since its good objects were kept */
};

struct tree {
	const char *dir, *ns;
	VEC(struct file *) files; /* in the order of their paths */
	struct map by_path;
	char *problem;       /* why the folder itself was not read; NULL: it was */
	bool young;          /* a file was being written: look again soon */
	VEC(char *) folders; /* that were walked, to be watched */
};

/*
 * Looks at the folder anew; true when objects or faults differ. last_good gives what a file that was not seen before
 * held when it was good last (NULL is fine). now_ns: wall clock; files changed a moment before it wait, INT64_MAX: none
 * do.
 */
bool tree_look(struct tree *t, int64_t now_ns, void (*last_good)(void *arg, struct file *f), void *arg);
/* Frees all. */
void tree_done(struct tree *t);

/* --- following it (watch.c) --- */

struct watch;

/* Calls on_change, from the loop, when something in the folders happened. NULL and a message when inotify is not there.
 */
struct watch *watch_new(struct loop *l, void (*on_change)(void *arg), void *arg, struct err *e);
/* From now on the tree's folders, and what holds the topmost one, which may be a link. */
void watch_follow(struct watch *w, const struct tree *t);
/* NULL is fine. */
void watch_free(struct watch *w);

/* --- the state folder (state.c) --- */

/* Makes it where needed, and takes it for this process. Returns the lock's descriptor or a negative code. */
int state_open(const char *dir, struct err *e);
/* Whether objects of that kind that we make live on. */
bool state_keeps(const struct api_kind *kind);
/* Keeps an object that we made; returns when it is on the disk. */
int state_put(const char *dir, const struct api_kind *kind, const cJSON *json, struct err *e);
/* Forgets it. */
void state_remove(const char *dir, const struct api_kind *kind, struct slice ns, const char *name);
/* All that is kept, each given away. Returns 0 or a negative code that names the file: none is left out in silence. */
int state_each(const char *dir, void (*fn)(void *arg, const struct api_kind *kind, cJSON *json), void *arg,
	       struct err *e);
/* A status, for people. NULL: it goes. */
void state_put_status(const char *dir, const struct object *o);
void state_remove_status(const char *dir, const struct api_kind *kind, struct slice ns, const char *name);
/* Forgets all statuses: they are written anew. */
void state_clear_statuses(const char *dir);
/* What is refused, for people: the text of a YAML file. */
void state_put_refused(const char *dir, struct slice text);
/* What counts of a file. */
void state_put_good(const char *dir, const struct file *f);
/* What counted of it, added to its objects. */
void state_take_good(const char *dir, struct file *f);
/* Forgets those of other files. */
void state_sweep_good(const char *dir, const struct tree *t);
/* The mesh's roots, for who sets up a machine. */
void state_put_roots(const char *dir, const char *pem);
/* The files of Secret cacerts; NULL: they go. */
void state_put_cacerts(const char *dir, const cJSON *secret);

/* --- tokens (token.c) --- */

/*
 * Whose token it is: "namespace/name" in out (size bytes), and when it ends. -EACCES with a reason that may be told to
 * the caller. now_s: wall clock.
 */
int token_check(const char *state, struct slice token, int64_t now_s, char *out, size_t size, int64_t *ret_expires_s,
		struct err *e);

/* --- rights (rights.c), pure --- */

/* Whether the roles in memory allow what a SubjectAccessReview asks (its spec). Nothing is allowed that no role says.
 */
bool rights_allow(struct memory *m, const cJSON *spec);

/* --- the whole (files.c, settle.c, serve.c, write.c, review.c) --- */

struct files {
	struct loop *loop;
	struct files_config cfg;
	struct memory memory;
	struct tree tree;
	struct watch *watch;
	struct timer look;
	struct kube_client *client;
	struct kube_transport transport;
	struct list calls;
	struct task tell; /* watches of what changed */
	int lock;
	char *cacerts;      /* path */
	bool cacerts_known; /* it is as the Secret says */
	uint64_t cacerts_hash;
	bool soon;       /* a look is near */
	struct map told; /* what was logged as refused or warned of, while it is so */
	struct arena told_texts;
	size_t refused, warned;
};

/* Makes the objects in memory those of the files, and tells what is wrong with them. */
void files_settle(struct files *f);
/* Removes what we made and whose owner is gone. */
void files_collect(struct files *f);

/* How a call is answered. */
struct reply {
	int status;
	const char *reason; /* of a failure, as in metav1.Status */
	char text[ERR_MSG_MAX];
	cJSON *body; /* owned; NULL with a reason: a Status is made */
};

/* Fails a call. */
void reply_fail(struct reply *r, int status, const char *reason, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* The transport of f's client. */
void files_serve_init(struct files *f);
/* Tells watches what changed, soon. */
void files_changed(struct files *f);
/* create, update, apply, patch, delete. */
void files_write(struct files *f, const struct kube_asked *a, struct reply *r);
/* The reviews of authentication and authorization. */
void files_review(struct files *f, const struct kube_asked *a, struct reply *r);

#endif
