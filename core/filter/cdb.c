/*
 * Constant databases as qmail's morercpthosts.cdb: 256 tables of hash and
 * position, each number 32 bits little endian.
 */
#include "core/filter/cdb_int.h"

#include <stdint.h>

enum {
	CDB_TABLES = 256,
	CDB_PAIR_SIZE = 8, /* two numbers */
	CDB_HASH_START = 5381
};

/* The number at 'at'; false when it lies outside. */
static bool
number_at(struct str cdb, uint64_t at, uint32_t *out)
{
	if (at > cdb.len || cdb.len - at < 4)
		return false;
	uint32_t v = 0;
	for (int i = 3; i >= 0; i--)
		v = v << 8 | (unsigned char)cdb.ptr[at + (uint64_t)i];
	*out = v;
	return true;
}

static uint32_t
hash_of(struct str key)
{
	uint32_t h = CDB_HASH_START;
	for (size_t i = 0; i < key.len; i++)
		h = (h + (h << 5)) ^ (unsigned char)key.ptr[i];
	return h;
}

static bool
record_has_key(struct str cdb, uint32_t at, struct str key)
{
	uint32_t length;
	if (!number_at(cdb, at, &length) || length != key.len)
		return false;
	uint64_t start = (uint64_t)at + CDB_PAIR_SIZE;
	if (start > cdb.len || cdb.len - start < key.len)
		return false;
	return str_eq(str_n(cdb.ptr + start, key.len), key);
}

bool
cdb_has(struct str cdb, struct str key)
{
	uint32_t hash = hash_of(key);
	uint32_t table, slots, slot_hash, record;
	uint64_t header = hash % CDB_TABLES * CDB_PAIR_SIZE;
	if (!number_at(cdb, header, &table) ||
	    !number_at(cdb, header + 4, &slots) ||
	    slots > cdb.len / CDB_PAIR_SIZE)
		return false;
	for (uint32_t i = 0; i < slots; i++) {
		uint64_t slot = (hash / CDB_TABLES + (uint64_t)i) % slots;
		uint64_t at = table + slot * CDB_PAIR_SIZE;
		if (!number_at(cdb, at, &slot_hash) ||
		    !number_at(cdb, at + 4, &record) || record == 0)
			return false;
		if (slot_hash == hash && record_has_key(cdb, record, key))
			return true;
	}
	return false;
}
