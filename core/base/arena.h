/*
 * Memory of one unit of work (a command, a message, a screen refresh), given
 * back all at once.
 */
#ifndef CORE_BASE_ARENA_H
#define CORE_BASE_ARENA_H

#include "core/base/compiler.h"
#include "core/base/str.h"

#include <stdarg.h>
#include <stddef.h>

struct arena;

/*
 * Called when memory or the arena's maximum is exhausted. A command-line
 * program ends the process here (status 111); when it returns, or is NULL,
 * the allocation gives NULL.
 */
typedef void arena_oom(void *ctx);

/* An arena of at most 'max' bytes; NULL when out of memory. */
struct arena *arena_new(size_t max, arena_oom *oom, void *oom_ctx);
void arena_free(struct arena *a); /* NULL allowed; its children too */
/*
 * Everything allocated so far becomes invalid, its children are freed; one
 * block is kept for reuse.
 */
void arena_reset(struct arena *a);
/*
 * One that can be freed on its own, and is freed with its parent at the latest.
 * It has the same maximum and calls the same function when memory is out.
 */
struct arena *arena_child(struct arena *parent);
/*
 * From now on *held has the bytes of its blocks among others, until they are
 * freed; it outlives the arena.
 */
void arena_count(struct arena *a, size_t *held);

/* Aligned for any type; zeroed. NULL only as said above. */
void *arena_alloc(struct arena *a, size_t size);
/* count * size with overflow check. */
void *arena_array(struct arena *a, size_t count, size_t size);
/* A NUL-terminated copy. */
char *arena_cstr(struct arena *a, struct str s);
/* The same, as a view (ptr is NUL-terminated too). */
struct str arena_str(struct arena *a, struct str s);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
    PRINTF_LIKE(2, 0);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, count, type)                                            \
	((type *)arena_array((a), (count), sizeof(type)))

#endif
