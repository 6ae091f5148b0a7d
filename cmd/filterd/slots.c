/* Sessions that run. */
#include "cmd/filterd/slots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
slots_init(struct slots *s, uint32_t n)
{
	*s = (struct slots){ .slots = calloc(n, sizeof(struct slot)), .n = n };
	if (s->slots == NULL)
		return false;
	slots_reset(s);
	return true;
}

void
slots_clear(struct slots *s)
{
	free(s->slots);
	*s = (struct slots){ 0 };
}

void
slots_reset(struct slots *s)
{
	for (uint32_t i = 0; i < s->n; i++) {
		s->slots[i].used = false;
		s->slots[i].next_free = i + 1;
	}
	s->running = s->first_free = s->highest = 0;
}

uint32_t
slots_take(struct slots *s, const char *ip)
{
	uint32_t i = s->first_free;
	struct slot *slot = &s->slots[i];
	s->first_free = slot->next_free;
	slot->used = true;
	snprintf(slot->ip, sizeof(slot->ip), "%s", ip);
	s->running++;
	if (i >= s->highest)
		s->highest = i + 1;
	return i;
}

bool
slots_release(struct slots *s, uint32_t slot)
{
	if (slot >= s->n || !s->slots[slot].used)
		return false;
	s->slots[slot].used = false;
	s->slots[slot].next_free = s->first_free;
	s->first_free = slot;
	s->running--;
	return true;
}

uint32_t
slots_of_ip(const struct slots *s, const char *ip)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->highest; i++) {
		if (s->slots[i].used && strcmp(s->slots[i].ip, ip) == 0)
			n++;
	}
	return n;
}
