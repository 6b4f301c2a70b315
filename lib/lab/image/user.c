/* Users of an image. */
#include "lab/image/user.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ID_MAX INT32_MAX

/* The next line of a file of ':'-separated fields; what is missing is empty. */
static bool next_line(struct slice *rest, struct slice *fields, size_t n)
{
	struct slice line;

	if (!rest->len)
		return false;
	line = slice_split(rest, '\n');
	for (size_t i = 0; i < n; i++)
		fields[i] = slice_split(&line, ':');
	return true;
}

static bool read_id(struct slice text, uint32_t *ret)
{
	uint64_t n;

	if (!text.len || slice_to_u64(text, ID_MAX, &n) < 0)
		return false;
	*ret = (uint32_t)n;
	return true;
}

/* name:password:uid:gid:comment:home:shell. By name, or by number where name is NULL. */
static bool find_line(const struct image_users *in, const struct slice *name, uid_t uid, struct image_user *ret,
		      struct slice *ret_name)
{
	struct slice rest = in->passwd, f[6];
	uint32_t u, g;

	while (next_line(&rest, f, 6)) {
		if (!read_id(f[2], &u) || !read_id(f[3], &g) || !(name ? slice_eq(f[0], *name) : u == uid))
			continue;
		ret->uid = u;
		ret->gid = g;
		if (f[5].len && f[5].len < sizeof(ret->home))
			snprintf(ret->home, sizeof(ret->home), "%.*s", SLICE_ARG(f[5]));
		*ret_name = f[0];
		return true;
	}
	return false;
}

/* name:password:gid:member,member */
static void add_groups(const struct image_users *in, struct slice user, struct image_user *ret)
{
	struct slice rest = in->group, f[4];
	uint32_t gid;

	while (next_line(&rest, f, 4) && ret->n_groups < IMAGE_GROUPS_MAX) {
		bool member = false;

		while (f[3].len)
			member |= slice_eq(slice_split(&f[3], ','), user);
		if (member && user.len && read_id(f[2], &gid) && gid != ret->gid)
			ret->groups[ret->n_groups++] = gid;
	}
}

static bool find_group(const struct image_users *in, struct slice name, gid_t *ret)
{
	struct slice rest = in->group, f[3];
	uint32_t gid;

	while (next_line(&rest, f, 3))
		if (slice_eq(f[0], name) && read_id(f[2], &gid)) {
			*ret = gid;
			return true;
		}
	return false;
}

void image_user_by_id(const struct image_users *in, uid_t uid, struct image_user *ret)
{
	struct slice name = SLICE("");

	*ret = (struct image_user){.uid = uid, .home = "/"};
	if (find_line(in, NULL, uid, ret, &name))
		add_groups(in, name, ret);
}

bool image_user_is_number(const char *text)
{
	struct slice rest = slice_str(text);
	uint32_t id;

	return !rest.len || read_id(slice_split(&rest, ':'), &id);
}

int image_user_find(const struct image_users *in, const char *text, struct image_user *ret, struct err *e)
{
	struct slice group = slice_str(text), user = slice_split(&group, ':'), name = SLICE("");
	uint32_t id = 0;

	*ret = (struct image_user){.home = "/"};
	if (!user.len || read_id(user, &id)) {
		image_user_by_id(in, id, ret);
	} else if (find_line(in, &user, 0, ret, &name)) {
		add_groups(in, name, ret);
	} else {
		return err_set(e, -EINVAL, "the image's user \"%.64s\" is not in its /etc/passwd", text);
	}
	if (group.len && read_id(group, &id))
		ret->gid = id;
	else if (group.len && !find_group(in, group, &ret->gid))
		return err_set(e, -EINVAL, "the group of the image's user \"%.64s\" is not in its /etc/group", text);
	return 0;
}
