/* The record of shares: its bytes, and the file in the spool folder. */
#include "cmd/filterd/keeper_shares.h"

#include "cmd/filterd/log.h"
#include "core/sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	VERSION = 1,
	BYTE_ORDER_MARK = 0x01020304,
	FILE_MODE = 0600,
	PATH_SIZE = 4096
};

static const char magic[8] = "SMEMSHAR";

struct record_head {
	char magic[8];
	uint32_t version;
	uint32_t byte_order;
	uint32_t sets, per_set;
	uint64_t key[2];
	uint64_t unused[2];
	uint64_t check; /* of all before, by the key */
};

struct record_entry {
	uint64_t half[2];
	int64_t at_s; /* 0: none, and all else is 0 too */
	uint64_t check;
};

_Static_assert(sizeof(struct record_head) == SHARES_HEAD, "as it is on disk");
_Static_assert(sizeof(struct record_entry) == SHARES_ENTRY, "as it is on disk");

static uint64_t
check_of(const uint64_t key[2], const void *bytes, size_t n)
{
	struct siphash h;
	siphash_init(&h, key);
	siphash_add(&h, str_n(bytes, n));
	return siphash_end(&h).half[0];
}

static struct record_head
make_head(const struct keeper_shares *s)
{
	struct record_head h = {
		.version = VERSION,
		.byte_order = BYTE_ORDER_MARK,
		.sets = SHARES_SETS,
		.per_set = SHARES_PER_SET,
		.key = { s->key[0], s->key[1] },
	};
	memcpy(h.magic, magic, sizeof(magic));
	h.check = check_of(h.key, &h, offsetof(struct record_head, check));
	return h;
}

static struct record_entry
make_entry(const struct keeper_shares *s, size_t set, size_t i)
{
	const struct kept_share *kept = &s->kept[set][i];
	struct record_entry e = { .at_s = 0 };
	if (kept->at_s == 0)
		return e;
	e.half[0] = kept->sum.half[0];
	e.half[1] = kept->sum.half[1];
	e.at_s = kept->at_s;
	e.check = check_of(s->key, &e, offsetof(struct record_entry, check));
	return e;
}

static size_t
place_of(size_t set, size_t i)
{
	return SHARES_HEAD + (set * SHARES_PER_SET + i) * SHARES_ENTRY;
}

void
keeper_shares_format(const struct keeper_shares *s, char out[SHARES_RECORD])
{
	struct record_head h = make_head(s);
	memcpy(out, &h, sizeof(h));
	for (size_t set = 0; set < SHARES_SETS; set++) {
		for (size_t i = 0; i < SHARES_PER_SET; i++) {
			struct record_entry e = make_entry(s, set, i);
			memcpy(out + place_of(set, i), &e, sizeof(e));
		}
	}
}

static bool
head_is_good(struct str bytes, struct record_head *h)
{
	if (bytes.len < sizeof(*h))
		return false;
	memcpy(h, bytes.ptr, sizeof(*h));
	return memcmp(h->magic, magic, sizeof(magic)) == 0 &&
	       h->version == VERSION && h->byte_order == BYTE_ORDER_MARK &&
	       h->sets == SHARES_SETS && h->per_set == SHARES_PER_SET &&
	       h->check ==
		   check_of(h->key, h, offsetof(struct record_head, check));
}

/* False: it is not whole; one that is not there is left out. */
static bool
read_entry(struct keeper_shares *s, struct str bytes, size_t set, size_t i,
    int64_t now_s)
{
	static const struct record_entry none;
	struct record_entry e = none;
	struct kept_share *kept = &s->kept[set][i];
	size_t at = place_of(set, i);
	size_t n = bytes.len > at ? bytes.len - at : 0;
	*kept = (struct kept_share){ .at_s = 0 };
	memcpy(&e, bytes.ptr + (n > 0 ? at : 0), n < sizeof(e) ? n : sizeof(e));
	if (memcmp(&e, &none, sizeof(e)) == 0)
		return true;
	if (e.at_s <= 0 || e.half[0] % SHARES_SETS != set ||
	    e.check !=
		check_of(s->key, &e, offsetof(struct record_entry, check)))
		return false;
	/* a clock that went back would have it kept for ever */
	kept->at_s = e.at_s < now_s ? e.at_s : now_s;
	kept->sum = (struct siphash_sum){ { e.half[0], e.half[1] } };
	s->any = true;
	return true;
}

bool
keeper_shares_read(
    struct keeper_shares *s, struct str bytes, int64_t now_s, size_t *bad)
{
	struct record_head h;
	*bad = 0;
	if (!head_is_good(bytes, &h))
		return false;
	memcpy(s->key, h.key, sizeof(s->key));
	for (size_t set = 0; set < SHARES_SETS; set++) {
		for (size_t i = 0; i < SHARES_PER_SET; i++)
			*bad += !read_entry(s, bytes, set, i, now_s);
	}
	return true;
}

/* ---- the file ---- */

static void
tell(struct keeper_shares *s, int error, const char *what)
{
	struct err e = ERR_INIT;
	if (s->record.told)
		return;
	s->record.told = true;
	err_set_errno(&e, error, "cannot %s '%s'", what, s->record.path);
	err_context(&e, "who has a message already is forgotten if the daemon "
			"ends");
	log_error(&e);
}

static void
shut(struct keeper_shares *s)
{
	file_close_fd(&s->record.fd);
}

/* As it is for whoever wants to know why, in place of the one before. */
static bool
set_aside(struct keeper_shares *s)
{
	char to[PATH_SIZE];
	int n = snprintf(to, sizeof(to), "%s.bad", s->record.path);
	if (n < 0 || (size_t)n >= sizeof(to) ||
	    rename(s->record.path, to) != 0) {
		tell(s, errno, "set aside");
		return false;
	}
	shut(s);
	log_own("'%s' is damaged or of another release, it is set aside as "
		"'%s': messages in several shares may be sent twice",
	    s->record.path, to);
	return true;
}

static ssize_t
read_all(int fd, char *to, size_t size)
{
	size_t got = 0;
	while (got < size) {
		ssize_t n = pread(fd, to + got, size - got, (off_t)got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

/* False: it can be neither read nor replaced. */
static bool
take_over(struct keeper_shares *s, int64_t now_s)
{
	static const char none[SHARES_HEAD];
	char *bytes = malloc(SHARES_RECORD);
	size_t bad = 0;
	ssize_t n =
	    bytes != NULL ? read_all(s->record.fd, bytes, SHARES_RECORD) : -1;
	size_t head = n < SHARES_HEAD ? (size_t)(n > 0 ? n : 0) : SHARES_HEAD;
	bool ok = n >= 0;
	if (!ok) {
		tell(s, bytes != NULL ? errno : ENOMEM, "read");
	} else if (head == 0 || memcmp(bytes, none, head) == 0) {
		shut(s); /* it was never made whole: it is, when needed */
	} else if (!keeper_shares_read(
		       s, str_n(bytes, (size_t)n), now_s, &bad)) {
		ok = set_aside(s);
	} else if (bad > 0) {
		log_own("%zu entries of '%s' are damaged: as many recipients "
			"may get a message twice",
		    bad, s->record.path);
	}
	free(bytes);
	return ok;
}

/* A file that is there, and ours alone. */
static int
open_it(const char *path, int more)
{
	struct stat st;
	int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | more;
	int fd = open(path, flags, FILE_MODE);
	if (fd < 0)
		return -1;
	errno = EINVAL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

static bool
write_at(int fd, const void *bytes, size_t n, size_t at)
{
	ssize_t done;
	do
		done = pwrite(fd, bytes, n, (off_t)at);
	while (done < 0 && errno == EINTR);
	if (done >= 0 && (size_t)done < n)
		errno = ENOSPC;
	return done == (ssize_t)n;
}

/* All of it: its blocks are there when entries of it are wanted. */
static void
make(struct keeper_shares *s)
{
	struct shares_record *r = &s->record;
	char *bytes = malloc(SHARES_RECORD);
	r->fd = open_it(r->path, O_CREAT);
	bool ok = r->fd >= 0 && bytes != NULL;
	if (ok) {
		keeper_shares_format(s, bytes);
		ok = write_at(r->fd, bytes, SHARES_RECORD, 0) &&
		     fdatasync(r->fd) == 0 && file_sync_parent(r->path);
	}
	int error = errno;
	free(bytes);
	if (ok)
		return;
	/* half of one would be set aside at the next start */
	if (r->fd >= 0 && ftruncate(r->fd, 0) != 0)
		error = errno;
	shut(s);
	tell(s, error, "make");
}

/* What is in memory goes on without. */
static void
drop(struct keeper_shares *s)
{
	shut(s);
	free(s->record.path);
	s->record.path = NULL;
}

void
keeper_shares_follow(struct keeper_shares *s, const char *path, int64_t now_s)
{
	struct shares_record *r = &s->record;
	if (path != NULL && r->path != NULL && strcmp(path, r->path) == 0)
		return;
	drop(s);
	*r = (struct shares_record){ .fd = -1 };
	r->path = path != NULL ? strdup(path) : NULL;
	if (r->path == NULL)
		return;
	r->fd = open_it(r->path, 0);
	bool ok = r->fd >= 0 ? take_over(s, now_s) : errno == ENOENT;
	if (r->fd < 0 && !ok)
		tell(s, errno, "open");
	if (!ok)
		drop(s);
}

void
keeper_shares_write(struct keeper_shares *s, size_t set, size_t i)
{
	struct shares_record *r = &s->record;
	struct record_entry e = make_entry(s, set, i);
	if (r->path == NULL || (r->fd < 0 && (e.at_s == 0 || r->tried)))
		return;
	if (r->fd < 0) {
		/* with this entry */
		r->tried = true;
		make(s);
	} else if (!write_at(r->fd, &e, sizeof(e), place_of(set, i))) {
		tell(s, errno, "write");
	}
}

void
keeper_shares_settle(struct keeper_shares *s)
{
	struct shares_record *r = &s->record;
	struct stat st;
	if (!r->unsynced)
		return;
	r->unsynced = r->tried = false;
	if (r->fd < 0)
		return;
	if (fdatasync(r->fd) != 0)
		tell(s, errno, "sync");
	else
		r->told = false;
	/* somebody removed it: what is known goes into another */
	if (fstat(r->fd, &st) == 0 && st.st_nlink == 0) {
		shut(s);
		make(s);
	}
}

void
keeper_shares_clear(struct keeper_shares *s)
{
	drop(s);
}
