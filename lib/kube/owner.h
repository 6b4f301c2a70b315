/*
 * Who owns what a program makes for itself: the Deployment behind the pod that it runs in (or whatever controls the
 * pod; of a ReplicaSet what controls that). With a reference to it in metadata.ownerReferences an object goes when the
 * Deployment goes, whoever takes that away, and however: nobody has to know of the object.
 */
#ifndef KUBE_OWNER_H
#define KUBE_OWNER_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#define OWNER_AGAIN_MS (10 * 60 * 1000) /* pods change their owners by hand only */

struct loop;
struct kube_client;
struct owner;

/*
 * Asks who owns the pod, and again every OWNER_AGAIN_MS. on_owner is called from the loop when that is known, and when
 * it has become another one; the reference is borrowed for that time, NULL when nobody owns the pod any more. Without
 * such a pod, without the right to see it, and where nothing controls it, it is not called. Strings are copied.
 */
struct owner *owner_new(struct loop *l, struct kube_client *c, const char *ns, const char *pod,
			void (*on_owner)(void *arg, const cJSON *reference), void *arg);

/* NULL is fine. */
void owner_free(struct owner *o);

/*
 * Puts a copy of the reference among the ownerReferences of an object's metadata, in place of one to an object of the
 * same kind and name that was there before (another uid). Others stay. Returns whether that changed anything; a
 * reference that is NULL changes nothing.
 */
bool owner_put(cJSON *metadata, const cJSON *reference);

#endif
