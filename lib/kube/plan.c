/* Plans: collecting what is to be done, and telling whether it already is so. */
#include "kube/plan.h"

#include <stdarg.h>
#include <stdio.h>

#include "api/object.h"
#include "base/buf.h"
#include "base/mem.h"
#include "kube/plan_internal.h"
#include "msg/json.h"
#include "msg/yaml.h"

#define EVENT_MESSAGE_MAX 1024 /* Kubernetes' limit */

void plan_init(struct plan *p)
{
	*p = (struct plan){0};
}

static void patches_done(struct plan_patch *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		cJSON_Delete(v[i].body);
}

void plan_done(struct plan *p)
{
	for (size_t i = 0; i < p->applies.n; i++)
		api_object_unref(p->applies.v[i].obj);
	patches_done(p->patches.v, p->patches.n);
	patches_done(p->statuses.v, p->statuses.n);
	patches_done(p->lasts.v, p->lasts.n);
	vec_done(&p->applies);
	vec_done(&p->deletes);
	vec_done(&p->patches);
	vec_done(&p->statuses);
	vec_done(&p->lasts);
	vec_done(&p->events);
	arena_done(&p->arena);
	*p = (struct plan){0};
}

static struct store_key key_copy(struct plan *p, const struct store_key *key)
{
	return (struct store_key){
		.kind = key->kind,
		.ns = arena_strdup(&p->arena, key->ns ? key->ns : ""),
		.name = arena_strdup(&p->arena, key->name),
	};
}

void plan_apply(struct plan *p, struct api_object *obj, unsigned group)
{
	vec_push(&p->applies, (struct plan_apply){.obj = obj, .group = group});
}

void plan_create(struct plan *p, struct api_object *obj, unsigned group)
{
	vec_push(&p->applies, (struct plan_apply){.obj = obj, .group = group, .create_only = true});
}

void plan_delete(struct plan *p, const struct store_key *key, const char *uid)
{
	vec_push(&p->deletes, (struct plan_delete){.key = key_copy(p, key), .uid = arena_strdup(&p->arena, uid)});
}

void plan_patch(struct plan *p, const struct store_key *key, cJSON *body)
{
	vec_push(&p->patches, (struct plan_patch){.key = key_copy(p, key), .body = body});
}

void plan_patch_last(struct plan *p, const struct store_key *key, cJSON *body)
{
	vec_push(&p->lasts, (struct plan_patch){.key = key_copy(p, key), .body = body});
}

void plan_status(struct plan *p, const struct store_key *key, cJSON *body)
{
	vec_push(&p->statuses, (struct plan_patch){.key = key_copy(p, key), .body = body, .subresource = "status"});
}

void plan_event(struct plan *p, const struct api_object *about, bool warning, const char *reason, const char *fmt, ...)
{
	char text[EVENT_MESSAGE_MAX];
	struct store_key key = {about->kind, api_object_namespace(about), api_object_name(about)};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	vec_push(&p->events, (struct plan_event){
				     .about = key_copy(p, &key),
				     .uid = arena_strdup(&p->arena, about->meta->uid),
				     .warning = warning,
				     .reason = arena_strdup(&p->arena, reason),
				     .message = arena_strdup(&p->arena, text),
			     });
}

void plan_after(struct plan *p, int64_t ms)
{
	if (!p->after_ms || ms < p->after_ms)
		p->after_ms = ms;
}

/* Comparing. */

bool plan_covers(const struct api_object *want, const struct api_object *have)
{
	const struct msg_desc *desc = want->kind->desc;
	CLEANUP(freep) const char **copy = mem_alloc(desc->size);

	/* Every object begins with apiVersion and kind, which the items of a list do not carry. */
	memcpy(copy, want->value, desc->size);
	copy[0] = copy[1] = NULL;
	return msg_covers(desc, copy, have->value);
}

static bool zero(const cJSON *j)
{
	if (cJSON_IsNull(j) || cJSON_IsFalse(j) || (cJSON_IsNumber(j) && j->valuedouble == 0))
		return true;
	return (cJSON_IsArray(j) || cJSON_IsObject(j)) ? !j->child : cJSON_IsString(j) && !*j->valuestring;
}

cJSON *plan_merge_diff(const cJSON *have, const cJSON *want)
{
	cJSON *diff = cJSON_CreateObject();
	const cJSON *m;

	cJSON_ArrayForEach(m, want)
	{
		const cJSON *h = json_get(have, m->string);

		if (cJSON_IsObject(m) && cJSON_IsObject(h)) {
			cJSON *part = plan_merge_diff(h, m);

			if (part)
				cJSON_AddItemToObject(diff, m->string, part);
		} else if (!h ? !zero(m) : !json_equal(m, h)) {
			cJSON_AddItemToObject(diff, m->string, cJSON_Duplicate(m, true));
		}
	}
	cJSON_ArrayForEach(m, have)
	{
		if (!cJSON_HasObjectItem(want, m->string))
			cJSON_AddNullToObject(diff, m->string);
	}
	if (diff->child)
		return diff;
	cJSON_Delete(diff);
	return NULL;
}

bool plan_merge_changes(const cJSON *have, const cJSON *patch)
{
	const cJSON *m;

	cJSON_ArrayForEach(m, patch)
	{
		const cJSON *h = json_get(have, m->string);

		if (cJSON_IsNull(m)     ? h != NULL
		    : cJSON_IsObject(m) ? plan_merge_changes(h, m)
					: !h || !json_equal(m, h))
			return true;
	}
	return false;
}

/* Describing. */

static void describe_patches(struct buf *b, const char *what, const struct plan_patch *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct store_key *k = &v[i].key;

		buf_printf(b, "--- # %s %s %s%s%s\n", what, k->kind->kind, k->ns, *k->ns ? "/" : "", k->name);
		yaml_print(v[i].body, b);
	}
}

char *plan_describe(const struct plan *p)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < p->applies.n; i++) {
		const struct plan_apply *a = &p->applies.v[i];
		CLEANUP(json_freep) cJSON *json = api_object_to_json(a->obj);

		buf_printf(&b, "--- # %s, group %u\n", a->create_only ? "create" : "apply", a->group);
		yaml_print(json, &b);
	}
	for (size_t i = 0; i < p->deletes.n; i++) {
		const struct store_key *k = &p->deletes.v[i].key;

		buf_printf(&b, "--- # delete %s %s%s%s\n", k->kind->kind, k->ns, *k->ns ? "/" : "", k->name);
	}
	describe_patches(&b, "patch", p->patches.v, p->patches.n);
	describe_patches(&b, "status", p->statuses.v, p->statuses.n);
	describe_patches(&b, "at last", p->lasts.v, p->lasts.n);
	for (size_t i = 0; i < p->events.n; i++)
		buf_printf(&b, "--- # event %s %s: %s\n", p->events.v[i].warning ? "Warning" : "Normal",
			   p->events.v[i].reason, p->events.v[i].message);
	if (p->after_ms)
		buf_printf(&b, "--- # again after %lld ms\n", (long long)p->after_ms);
	return buf_take_str(&b);
}
