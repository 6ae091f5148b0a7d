/* A growable array of elements of one size, owned by whoever made it. */
#ifndef CORE_BASE_VEC_H
#define CORE_BASE_VEC_H

#include "core/base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

struct vec {
	void *data;
	size_t len; /* elements in use */
	size_t cap;
	size_t size; /* bytes of one element */
};

#define VEC_INIT(type)                                                         \
	{                                                                      \
		NULL, 0, 0, sizeof(type)                                       \
	}
/* The i-th element as 'type *'. */
#define VEC_AT(v, type, i) (&((type *)(v)->data)[i])

/* Append a copy of *element; false when out of memory. */
MUST_USE bool vec_push(struct vec *v, const void *element);
/* Remove element i, keeping the order. */
void vec_remove(struct vec *v, size_t i);
/* Free the array (not what its elements point to). */
void vec_clear(struct vec *v);
/* qsort with the element order of 'cmp'. */
void vec_sort(struct vec *v, int (*cmp)(const void *, const void *));

#endif
