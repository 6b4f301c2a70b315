/* The reflector's state, for reflector.c and reflector_join.c. */
#ifndef KUBE_REFLECTOR_INTERNAL_H
#define KUBE_REFLECTOR_INTERNAL_H

#include <cjson/cJSON.h>

#include "base/list.h"
#include "base/map.h"
#include "base/rand.h"
#include "kube/away.h"
#include "kube/client.h"
#include "kube/reflector.h"
#include "kube/served.h"
#include "net/loop.h"

enum reflector_state { REFLECTOR_ABSENT, REFLECTOR_WAITING, REFLECTOR_LISTING, REFLECTOR_WATCHING };

/* An object that is in the store because of this reflector. */
struct reflected {
	bool seen; /* in the list that is being read */
	size_t len;
	char ns_name[]; /* "ns\0name\0" */
};

struct reflector {
	struct loop *loop;
	struct kube_client *client;
	struct store *store;
	const struct api_kind *kind;
	char *ns, *label_selector, *field_selector;
	bool (*wanted)(void *arg, const char *ns); /* NULL: all */
	void *wanted_arg;
	const struct msg_desc *const *without; /* NULL: the usual */
	bool synced;
	enum reflector_state state;
	struct kube_call *call;
	struct timer timer;
	struct map known; /* "ns\0name\0" -> struct reflected */
	struct rand rand;
	char *resource_version; /* NULL: list before watching */
	char *continue_token;
	unsigned failures;
	bool watch_failed; /* an ERROR event: list again */
	bool complained;   /* the log says already that it fails */
	bool forbidden;    /* the last list was */
	bool spare;        /* see struct reflector_options */
	struct served *served;
	struct served_watch presence;
	struct kube_back back;
	struct list joins; /* namespaces that are wanted and not listed yet */
	struct task join;
};

/* Decodes an object and puts it into the store, if it is wanted. */
void reflector_put(struct reflector *r, const cJSON *json);

/* Lists again, after a back-off. */
void reflector_relist(struct reflector *r, int64_t at_least_ms);

/* Lists again, at once. */
void reflector_list_now(struct reflector *r);

/* A watch event brought something of this object: what a list of its namespace says is older, or will come again. */
void reflector_join_touch(struct reflector *r, const cJSON *object);

/* Begins the lists of the namespaces that wait. */
void reflector_join_start(struct reflector *r);

/* Namespaces that are not wanted any more are not listed. */
void reflector_join_refilter(struct reflector *r);

/* Gives all of them up. */
void reflector_join_stop(struct reflector *r);

#endif
