/* Sessions that run. */
#include "cmd/filterd/slots.h"

#include "core/net/addr.h"

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

/* A number for each network; that of no address is 0. */
static uint64_t
network_of(const char *ip)
{
	enum {
		V4_BYTES = 24 / 8,
		V6_BYTES = 64 / 8
	};
	struct net_addr a;
	/* addresses that begin so are no peer's: IPv4 cannot meet IPv6 */
	uint64_t key = 0xff;
	if (!net_addr_parse(str_of(ip), &a))
		return 0;
	if (a.is_ipv6)
		key = 0;
	for (size_t i = 0; i < (a.is_ipv6 ? V6_BYTES : V4_BYTES); i++)
		key = key << 8 | a.bytes[i];
	return a.is_ipv6 ? key : key << 32;
}

uint32_t
slots_take(struct slots *s, const char *ip)
{
	uint32_t i = s->first_free;
	struct slot *slot = &s->slots[i];
	s->first_free = slot->next_free;
	slot->used = true;
	slot->network = network_of(ip);
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

uint32_t
slots_of_network(const struct slots *s, const char *ip)
{
	uint64_t network = network_of(ip);
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->highest; i++)
		n += s->slots[i].used && s->slots[i].network == network;
	return n;
}
