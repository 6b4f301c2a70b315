/* Users of an image, by its own /etc/passwd and /etc/group (passwd(5), group(5)). Pure. */
#ifndef LAB_IMAGE_USER_H
#define LAB_IMAGE_USER_H

#include <sys/types.h>

#include "base/err.h"
#include "base/slice.h"

#define IMAGE_GROUPS_MAX 64
#define IMAGE_HOME_MAX 256

struct image_users {
	struct slice passwd, group; /* the files; empty where there is none */
};

struct image_user {
	uid_t uid;
	gid_t gid;
	gid_t groups[IMAGE_GROUPS_MAX]; /* of which it is a member besides */
	size_t n_groups;
	char home[IMAGE_HOME_MAX]; /* "/" when no line says it */
};

/* "", "name", "uid", "name:group", "uid:gid" as an image's configuration has them ("" is root). -EINVAL with the
 * reason. */
int image_user_find(const struct image_users *in, const char *text, struct image_user *ret, struct err *e);

/* A user by number: group, groups and home of its line in passwd, else group 0 and "/". */
void image_user_by_id(const struct image_users *in, uid_t uid, struct image_user *ret);

/* Whether the user of a configuration is given by number, so that one can tell that it is not root. */
bool image_user_is_number(const char *text);

#endif
