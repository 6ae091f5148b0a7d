/*
 * Was a message delivered before a crash? Its file is in new then, or a reader
 * moved it to cur, with flags behind its name. To find it there the folder is
 * read, and all that could be asked for next is kept: thousands of messages
 * that wait cost one look through each mailbox, not thousands.
 *
 * What is kept is bounded: names of ours only, from the second of the first
 * that is asked for on (a log is replayed in its order), and where those are
 * too many the earliest of them; the rest is read again when it is its turn.
 */
#include "core/queue/maildir_int.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SEEN_BOXES_MAX = 1024 /* as with twice SEEN_MAX: begin anew */
};

static struct seen *
seen_at(const struct maildir *m, size_t i)
{
	return VEC_AT(&m->seen, struct seen, i);
}

static void
forget(struct maildir *m, size_t i)
{
	struct seen *s = seen_at(m, i);
	m->seen_names -= s->names.len;
	vec_clear(&s->names);
	free(s->path);
	vec_remove(&m->seen, i);
}

void
maildir_seen_clear(struct maildir *m)
{
	while (m->seen.len > 0)
		forget(m, m->seen.len - 1);
	vec_clear(&m->seen);
}

void
maildir_seen_rest(struct maildir *m)
{
	if (!m->seen_asked && m->seen.len > 0)
		maildir_seen_clear(m);
	m->seen_asked = false;
}

static size_t
find(const struct maildir *m, const char *path)
{
	size_t i = 0;
	while (i < m->seen.len && strcmp(seen_at(m, i)->path, path) != 0)
		i++;
	return i;
}

/* The earlier half stays, in whole seconds. */
static void
narrow(struct seen *s)
{
	vec_sort(&s->names, maildir_name_cmp);
	size_t n = s->names.len / 2;
	s->to_s = VEC_AT(&s->names, struct maildir_name, n)->s;
	while (n > 0 &&
	       VEC_AT(&s->names, struct maildir_name, n - 1)->s >= s->to_s)
		n--;
	s->names.len = n;
}

/* False: without memory. */
static bool
note(struct seen *s, const struct maildir_name *n, size_t max)
{
	if (n->s < s->from_s || n->s >= s->to_s)
		return true;
	if (!vec_push(&s->names, n))
		return false;
	if (s->names.len >= max)
		narrow(s);
	return true;
}

static bool
read_folder(const struct maildir *m, int fd, struct seen *s)
{
	const struct dirent *entry;
	struct maildir_name n;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	bool ok = true;
	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (ok && (entry = readdir(d)) != NULL) {
		if (maildir_name_parse(m, entry->d_name, &n))
			ok = note(s, &n, m->seen_max);
	}
	closedir(d);
	return ok;
}

static int
open_beside(const struct box *b, const char *name)
{
	return openat(b->new_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/*
 * New before cur: a file that a reader moves meanwhile is seen in one of them.
 * NULL: it could not be read.
 */
static struct seen *
look_through(struct maildir *m, const struct box *b, int64_t from_s)
{
	size_t old = find(m, b->path);
	if (old < m->seen.len)
		forget(m, old);
	if (m->seen.len >= SEEN_BOXES_MAX || m->seen_names >= 2 * m->seen_max)
		maildir_seen_clear(m);
	struct seen s = { .path = strdup(b->path),
		.from_s = from_s,
		.to_s = INT64_MAX,
		.names = VEC_INIT(struct maildir_name) };
	if (s.path != NULL && read_folder(m, open_beside(b, "."), &s) &&
	    read_folder(m, open_beside(b, "../cur"), &s) &&
	    vec_push(&m->seen, &s)) {
		struct seen *kept = seen_at(m, m->seen.len - 1);
		vec_sort(&kept->names, maildir_name_cmp);
		m->seen_names += kept->names.len;
		return kept;
	}
	vec_clear(&s.names);
	free(s.path);
	return NULL;
}

/* "NAME" or "NAME:2,flags" in cur, by looking at all of it. */
static bool
is_in_cur(
    const struct maildir *m, const struct box *b, const struct maildir_name *n)
{
	struct maildir_name each;
	bool found = false;
	int fd = open_beside(b, "../cur");
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	const struct dirent *entry;
	while (!found && (entry = readdir(d)) != NULL)
		found = maildir_name_parse(m, entry->d_name, &each) &&
			maildir_name_cmp(&each, n) == 0;
	closedir(d);
	return found;
}

static bool
covers(const struct seen *s, int64_t at)
{
	return at >= s->from_s && at < s->to_s;
}

bool
maildir_seen_has(
    struct maildir *m, const struct box *b, const struct maildir_name *n)
{
	struct stat st;
	char name[NAME_SIZE];
	maildir_name_format(m, n, name);
	if (fstatat(b->new_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	/* older than the message: nothing was moved there since */
	if (fstatat(b->new_fd, "../cur", &st, 0) != 0 ||
	    st.st_mtim.tv_sec < n->s - 1)
		return false;
	m->seen_asked = true;
	size_t i = find(m, b->path);
	const struct seen *s = i < m->seen.len ? seen_at(m, i) : NULL;
	if (s == NULL || !covers(s, n->s))
		s = look_through(m, b, n->s);
	/* so many of one second, or no memory */
	if (s == NULL || !covers(s, n->s))
		return is_in_cur(m, b, n);
	return s->names.len > 0 && bsearch(n, s->names.data, s->names.len,
				       s->names.size, maildir_name_cmp) != NULL;
}
