/* An intrusive, circular, doubly linked list. A link that is in no list points to itself, so removing twice is
 * harmless. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>

#include "base/cleanup.h"

struct list {
	struct list *next, *prev;
};

#define LIST_INIT(name)                                                                                                \
	{                                                                                                              \
		&(name), &(name)                                                                                       \
	}

/* Makes an empty head or an unlinked link. A zeroed link counts as unlinked too. */
static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

static inline bool list_linked(const struct list *link)
{
	return link->next && link->next != link;
}

/* The link must not be in a list. */
static inline void list_insert_before(struct list *at, struct list *link)
{
	link->prev = at->prev;
	link->next = at;
	at->prev->next = link;
	at->prev = link;
}

static inline void list_append(struct list *head, struct list *link)
{
	list_insert_before(head, link);
}

static inline void list_prepend(struct list *head, struct list *link)
{
	list_insert_before(head->next, link);
}

/* Idempotent. */
static inline void list_remove(struct list *link)
{
	if (!list_linked(link))
		return;
	link->prev->next = link->next;
	link->next->prev = link->prev;
	list_init(link);
}

/* Moves all links of `from` to the end of `to`. */
static inline void list_splice(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

/* The object that holds the first link; the list must not be empty. */
#define LIST_FIRST(head, type, member) CONTAINER_OF((head)->next, type, member)

/* Walks the objects of a list; the body must not remove any but may change them. */
#define LIST_EACH(var, head, member)                                                                                   \
	for ((var) = CONTAINER_OF((head)->next, __typeof__(*(var)), member); &(var)->member != (head);                 \
	     (var) = CONTAINER_OF((var)->member.next, __typeof__(*(var)), member))

/* As LIST_EACH; the body may remove and free var itself. */
#define LIST_EACH_SAFE(var, tmp, head, member)                                                                         \
	for ((var) = CONTAINER_OF((head)->next, __typeof__(*(var)), member),                                           \
	    (tmp) = CONTAINER_OF((var)->member.next, __typeof__(*(var)), member);                                      \
	     &(var)->member != (head);                                                                                 \
	     (var) = (tmp), (tmp) = CONTAINER_OF((var)->member.next, __typeof__(*(var)), member))

#endif
