/* Growable array. */
#include "core/base/vec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool
vec_push(struct vec *v, const void *element)
{
	if (v->len == v->cap) {
		size_t cap = v->cap == 0 ? 16 : v->cap * 2;
		if (cap > SIZE_MAX / v->size)
			return false;
		void *data = realloc(v->data, cap * v->size);
		if (data == NULL)
			return false;
		v->data = data;
		v->cap = cap;
	}
	memcpy((char *)v->data + v->len * v->size, element, v->size);
	v->len++;
	return true;
}

void
vec_remove(struct vec *v, size_t i)
{
	if (i >= v->len)
		return;
	char *at = (char *)v->data + i * v->size;
	memmove(at, at + v->size, (v->len - i - 1) * v->size);
	v->len--;
}

void
vec_clear(struct vec *v)
{
	free(v->data);
	v->data = NULL;
	v->len = 0;
	v->cap = 0;
}

void
vec_sort(struct vec *v, int (*cmp)(const void *, const void *))
{
	if (v->len > 1)
		qsort(v->data, v->len, v->size, cmp);
}
