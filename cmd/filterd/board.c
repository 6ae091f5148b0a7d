/* Memory that a worker shares with the listener. */
#include "cmd/filterd/board.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int
board_create(const struct board **out, struct err *e)
{
	/* one that could be cut short would end whoever reads it */
	int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	int fd = memfd_create("board", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *map = MAP_FAILED;
	if (fd >= 0 && ftruncate(fd, sizeof(struct board)) == 0 &&
	    fcntl(fd, F_ADD_SEALS, seals) == 0)
		map = mmap(
		    NULL, sizeof(struct board), PROT_READ, MAP_SHARED, fd, 0);
	if (map != MAP_FAILED) {
		*out = map;
		return fd;
	}
	err_set_errno(e, errno, "cannot make memory for counters");
	if (fd >= 0)
		close(fd);
	return -1;
}

const struct board *
board_look(int fd)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || !(seals & F_SEAL_SHRINK) || fstat(fd, &st) != 0 ||
	    st.st_size != (off_t)sizeof(struct board))
		return NULL;
	void *map =
	    mmap(NULL, sizeof(struct board), PROT_READ, MAP_SHARED, fd, 0);
	return map != MAP_FAILED ? map : NULL;
}

void
board_leave(const struct board *b)
{
	if (b != NULL)
		(void)munmap((void *)(uintptr_t)b, sizeof(*b));
}

struct board *
board_attach(int fd)
{
	void *map = mmap(NULL, sizeof(struct board), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return NULL;
	struct board *b = map;
	counters_inherit(&b->counters);
	b->next %= BOARD_TRANSCRIPTS;
	log_batch_begin(&b->lines);
	/* one that the worker before died over */
	for (unsigned i = 0; i < BOARD_TRANSCRIPTS; i++) {
		struct board_entry *entry = &b->entries[i];
		if (atomic_load(&entry->version) % 2 == 0)
			continue;
		entry->t.number = 0;
		atomic_fetch_add(&entry->version, 1);
	}
	return b;
}

void
board_put(struct board *b, const struct board_transcript *t, struct str lines)
{
	struct board_entry *entry = &b->entries[b->next];
	size_t n = lines.len < BOARD_TRACE_MAX ? lines.len : BOARD_TRACE_MAX;
	b->next = (b->next + 1) % BOARD_TRANSCRIPTS;
	atomic_fetch_add(&entry->version, 1);
	entry->t.number = t->number;
	memcpy(entry->t.ip, t->ip, sizeof(t->ip));
	entry->t.began_s = t->began_s;
	entry->t.took_ms = t->took_ms;
	entry->t.ended_ns = t->ended_ns;
	entry->t.length = (uint32_t)n;
	if (n > 0)
		memcpy(entry->t.lines, lines.ptr, n);
	atomic_fetch_add(&entry->version, 1);
}

void
board_end(struct board *b, uint32_t slot, uint32_t n_slots)
{
	uint64_t n = atomic_load_explicit(&b->ended.n, memory_order_relaxed);
	b->ended.slots[n % n_slots] = slot;
	atomic_store(&b->ended.n, n + 1);
}

bool
board_next_ended(const struct board *b, uint32_t n_slots, uint64_t *seen,
    uint32_t *slot, bool *bad)
{
	uint64_t n = atomic_load(&b->ended.n);
	*bad = n - *seen > n_slots;
	if (*bad)
		*seen = n;
	if (n == *seen)
		return false;
	*slot = b->ended.slots[(*seen)++ % n_slots];
	return true;
}

void
board_skip_ended(const struct board *b, uint64_t *seen)
{
	*seen = atomic_load(&b->ended.n);
}

bool
board_get(const struct board *b, unsigned i, struct board_transcript *out)
{
	const struct board_entry *entry = &b->entries[i];
	unsigned before = atomic_load(&entry->version);
	memcpy(out, &entry->t, sizeof(*out));
	atomic_thread_fence(memory_order_acquire);
	/* it is being written: the session has just ended, told next time */
	if (before % 2 != 0 || atomic_load(&entry->version) != before)
		return false;
	out->ip[sizeof(out->ip) - 1] = '\0';
	if (out->length > BOARD_TRACE_MAX)
		out->length = BOARD_TRACE_MAX;
	return out->number != 0;
}
