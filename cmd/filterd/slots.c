/* Sessions that run. */
#include "cmd/filterd/slots.h"

#include <stdlib.h>
#include <string.h>

bool
slots_init(struct slots *s, uint32_t n)
{
	*s = (struct slots){ .slots = calloc(n, sizeof(struct slot)), .n = n };
	if (s->slots == NULL || !crowd_init(&s->addresses, n) ||
	    !crowd_init(&s->networks, n)) {
		slots_clear(s);
		return false;
	}
	for (uint32_t i = 0; i < n; i++)
		s->slots[i].next_free = i + 1;
	return true;
}

void
slots_clear(struct slots *s)
{
	free(s->slots);
	crowd_clear(&s->addresses);
	crowd_clear(&s->networks);
	*s = (struct slots){ 0 };
}

/* What is no address counts as one of its own, "::". */
static struct net_addr
address_of(const char *ip)
{
	struct net_addr a;
	if (!net_addr_parse(str_of(ip), &a))
		return (struct net_addr){ .is_ipv6 = true };
	return a;
}

static struct net_addr
network_of(const struct net_addr *a)
{
	enum {
		V4_BYTES = 24 / 8,
		V6_BYTES = 64 / 8
	};
	struct net_addr network = { .is_ipv6 = a->is_ipv6 };
	memcpy(network.bytes, a->bytes, a->is_ipv6 ? V6_BYTES : V4_BYTES);
	return network;
}

int
slots_worker(const struct slots *s, uint32_t workers)
{
	int best = -1;
	for (int i = 0; i < FILTERD_WORKERS_MAX; i++) {
		if ((workers >> i & 1) != 0 &&
		    (best < 0 || s->of_worker[i] < s->of_worker[best]))
			best = i;
	}
	return best;
}

uint32_t
slots_take(struct slots *s, const char *ip, unsigned worker)
{
	uint32_t i = s->first_free;
	struct slot *slot = &s->slots[i];
	struct net_addr address = address_of(ip);
	struct net_addr network = network_of(&address);
	s->first_free = slot->next_free;
	slot->used = true;
	slot->worker = worker;
	s->of_worker[worker]++;
	slot->address = crowd_enter(&s->addresses, &address);
	slot->network = crowd_enter(&s->networks, &network);
	s->running++;
	return i;
}

bool
slots_release(struct slots *s, uint32_t slot, unsigned worker)
{
	if (slot >= s->n || !s->slots[slot].used ||
	    s->slots[slot].worker != worker)
		return false;
	crowd_leave(&s->addresses, s->slots[slot].address);
	crowd_leave(&s->networks, s->slots[slot].network);
	s->slots[slot].used = false;
	s->slots[slot].next_free = s->first_free;
	s->first_free = slot;
	s->running--;
	s->of_worker[worker]--;
	return true;
}

uint32_t
slots_release_all(struct slots *s, unsigned worker)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < s->n && s->of_worker[worker] > 0; i++)
		n += slots_release(s, i, worker);
	return n;
}

char *
slots_ip(const struct slots *s, uint32_t slot, char ip[NET_ADDR_TEXT_SIZE])
{
	struct net_addr a =
	    crowd_address(&s->addresses, s->slots[slot].address);
	return net_addr_format(&a, ip);
}

uint32_t
slots_of_ip(const struct slots *s, const char *ip)
{
	struct net_addr address = address_of(ip);
	return crowd_of(&s->addresses, &address);
}

uint32_t
slots_of_network(const struct slots *s, const char *ip)
{
	struct net_addr address = address_of(ip);
	struct net_addr network = network_of(&address);
	return crowd_of(&s->networks, &network);
}
