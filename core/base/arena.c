/* Arena: a chain of blocks, bump allocation, freed or reset at once. */
#include "core/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	BLOCK_FIRST = 1024, /* many arenas hold little: blocks grow from it */
	BLOCK_SIZE = 8 * 1024, /* up to this */
	BLOCK_KEEP = 64 * 1024 /* a larger one does not outlive a reset */
};

struct block {
	struct block *next;
	size_t size; /* usable bytes */
	size_t used;
	alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct block *head; /* the block being filled */
	size_t max;
	size_t total; /* handed out */
	size_t *held; /* NULL, or what counts the bytes of blocks */
	struct arena *parent, *children, *next, *before; /* of one parent */
	arena_oom *oom;
	void *oom_ctx;
};

struct arena *
arena_new(size_t max, arena_oom *oom, void *oom_ctx)
{
	struct arena *a = calloc(1, sizeof(*a));
	if (a == NULL)
		return NULL;
	a->max = max;
	a->oom = oom;
	a->oom_ctx = oom_ctx;
	return a;
}

static void *
arena_fail(struct arena *a)
{
	if (a->oom != NULL)
		a->oom(a->oom_ctx);
	return NULL;
}

struct arena *
arena_child(struct arena *parent)
{
	struct arena *a = arena_new(parent->max, parent->oom, parent->oom_ctx);
	if (a == NULL)
		return arena_fail(parent);
	a->parent = parent;
	a->next = parent->children;
	if (a->next != NULL)
		a->next->before = a;
	parent->children = a;
	return a;
}

static void
leave_parent(struct arena *a)
{
	if (a->parent == NULL)
		return;
	if (a->before != NULL)
		a->before->next = a->next;
	else
		a->parent->children = a->next;
	if (a->next != NULL)
		a->next->before = a->before;
}

static size_t
block_bytes(const struct block *b)
{
	return sizeof(*b) + b->size;
}

void
arena_count(struct arena *a, size_t *held)
{
	a->held = held;
	for (const struct block *b = a->head; b != NULL; b = b->next)
		*held += block_bytes(b);
}

static void
blocks_free(struct arena *a, struct block *b)
{
	while (b != NULL) {
		struct block *next = b->next;
		if (a->held != NULL)
			*a->held -= block_bytes(b);
		free(b);
		b = next;
	}
}

static void
free_children(struct arena *a)
{
	while (a->children != NULL)
		arena_free(a->children);
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	free_children(a);
	leave_parent(a);
	blocks_free(a, a->head);
	free(a);
}

void
arena_reset(struct arena *a)
{
	struct block *kept = a->head;
	free_children(a);
	a->total = 0;
	if (kept == NULL)
		return;
	blocks_free(a, kept->next);
	kept->next = NULL;
	kept->used = 0;
	if (kept->size <= BLOCK_KEEP)
		return;
	blocks_free(a, kept);
	a->head = NULL;
}

static struct block *
block_add(struct arena *a, size_t size)
{
	size_t room = a->head != NULL ? a->head->size * 2 : BLOCK_FIRST;
	if (room > BLOCK_SIZE)
		room = BLOCK_SIZE;
	if (room < size)
		room = size;
	struct block *b = malloc(sizeof(*b) + room);
	if (b == NULL)
		return NULL;
	b->size = room;
	b->used = 0;
	if (a->held != NULL)
		*a->held += block_bytes(b);
	b->next = a->head;
	a->head = b;
	return b;
}

/* Room that is not cleared: for what is written over whole. */
static void *
take(struct arena *a, size_t size)
{
	size_t align = alignof(max_align_t);
	if (size == 0)
		size = 1;
	if (size > a->max || a->total > a->max - size)
		return arena_fail(a);
	size_t rounded = (size + align - 1) / align * align;
	struct block *b = a->head;
	if (b == NULL || b->size - b->used < rounded)
		b = block_add(a, rounded);
	if (b == NULL)
		return arena_fail(a);
	void *p = b->bytes + b->used;
	b->used += rounded;
	a->total += size;
	return p;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	void *p = take(a, size);
	return p != NULL ? memset(p, 0, size) : NULL;
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return arena_fail(a);
	return arena_alloc(a, count * size);
}

char *
arena_cstr(struct arena *a, struct str s)
{
	char *p = take(a, s.len + 1);
	if (p == NULL)
		return NULL;
	if (s.len > 0)
		memcpy(p, s.ptr, s.len);
	p[s.len] = '\0';
	return p;
}

struct str
arena_str(struct arena *a, struct str s)
{
	char *p = arena_cstr(a, s);
	return str_n(p, p != NULL ? s.len : 0);
}

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#endif

char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	char *p = n >= 0 ? arena_alloc(a, (size_t)n + 1) : NULL;
	if (p != NULL)
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}
