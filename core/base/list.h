/*
 * Doubly linked list threaded through the elements: the element holds a
 * struct list_node, the list owns nothing. Removal needs no search.
 */
#ifndef CORE_BASE_LIST_H
#define CORE_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_node {
	struct list_node *prev, *next;
};

struct list {
	struct list_node head; /* a ring: empty when it points to itself */
};

#define LIST_ITEM(node, type, member)                                          \
	((type *)(void *)((char *)(node)-offsetof(type, member)))
#define LIST_FOREACH(node, l)                                                  \
	for (struct list_node *node = (l)->head.next; node != &(l)->head;      \
	     node = node->next)

static inline void
list_init(struct list *l)
{
	l->head.prev = l->head.next = &l->head;
}

static inline bool
list_is_empty(const struct list *l)
{
	return l->head.next == &l->head;
}

static inline void
list_append(struct list *l, struct list_node *n)
{
	n->prev = l->head.prev;
	n->next = &l->head;
	n->prev->next = n;
	l->head.prev = n;
}

/* 'n' must be in a list; afterwards it is in none. */
static inline void
list_remove(struct list_node *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	n->prev = n->next = n;
}

/* First node, or NULL. */
static inline struct list_node *
list_first(struct list *l)
{
	return list_is_empty(l) ? NULL : l->head.next;
}

#endif
