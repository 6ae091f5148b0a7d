/*
 * Which files, and which part of them, a range of time needs (LG-10 to
 * LG-13).
 */
#include "core/base/i18n.h"
#include "core/maillog/logindex_int.h"
#include "core/sys/root.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FIRST_SIZE = 64 * 1024, /* within it a file tells its first time */
	FIRST_STEP = 4 * 1024,  /* mostly its first line does */
	OPEN_TRIES = 20,        /* files turned meanwhile */
};

static enum logpack
logpack_of_name(struct str name)
{
	if (str_ends(name, STR(".gz")))
		return LOGPACK_GZIP;
	return str_ends(name, STR(".xz")) ? LOGPACK_XZ : LOGPACK_NONE;
}

bool
logread_first_key(
    const struct logplan *p, const struct logpart *part, int64_t *key_ns)
{
	struct logbytes bytes;
	struct str line;
	bool found = false;
	size_t n = 0;
	char *block = malloc(FIRST_SIZE);
	/* a stream can be read only once */
	if (block == NULL || part->fd < 0 || part->pack == LOGPACK_JOURNAL ||
	    lseek(part->fd, 0, SEEK_CUR) < 0 ||
	    !logbytes_open(&bytes, p, part, part->from, NULL)) {
		free(block);
		return false;
	}
	ssize_t got = 1;
	while (!found && got > 0 && n < FIRST_SIZE) {
		got = logbytes_read(&bytes, block + n, FIRST_STEP, NULL);
		n += got > 0 ? (size_t)got : 0;
		struct str text = str_n(block, n);
		/* a line that is not whole counts at the end alone */
		const char *lf = memrchr(block, '\n', n);
		if (got > 0 && n < FIRST_SIZE)
			text.len = lf != NULL ? (size_t)(lf - block) : 0;
		while (!found && str_next_line(&text, &line)) {
			struct stamp s = stamp_parse(line, p->now_s);
			found = s.kind != STAMP_NONE;
			if (found)
				*key_ns = logread_key(s.time);
		}
	}
	logbytes_close(&bytes);
	free(block);
	return found;
}

bool
logpart_hold(struct logpart *part)
{
	if (part->held == NULL && part->fd >= 0)
		part->held = calloc(1, sizeof(*part->held));
	if (part->held != NULL)
		part->held->parts++;
	return part->held != NULL || part->fd < 0;
}

void
logpart_drop(struct logpart *part)
{
	if (part->held != NULL && --part->held->parts > 0)
		return;
	if (part->fd >= 0)
		close(part->fd);
	free(part->held);
}

/* The first time of a file, of the index if it has it. */
static bool
first_key(const struct logplan *p, struct logpart *part)
{
	return (part->known != NULL && logindex_first_key(p->index, part->known,
					   &part->first_ns)) ||
	       logread_first_key(p, part, &part->first_ns);
}

/* Keep the part if the range needs it; *end: nothing behind it is needed. */
bool
logplan_add_part(
    struct logplan *p, struct logpart *part, bool is_last, bool *end)
{
	*end = false;
	if (!part->is_dated)
		part->has_first = first_key(p, part);
	/* an empty file may still get a first line */
	part->is_dated = part->has_first || !is_last;
	bool has_key = part->has_first;
	int64_t key = part->first_ns;
	if (has_key && !p->has_oldest) {
		p->has_oldest = true;
		p->oldest_ns = key;
	}
	/* LG-12; what it begins with may belong to the file before */
	*end = has_key && key >= p->range.to_ns;
	if (*end && (p->parts.len == 0 || logread_starts(p, part))) {
		logpart_drop(part);
		return true;
	}
	part->is_open_end = is_last;
	part->at_start = part->at_end = true;
	/* from the first line to the last there is nothing to look for */
	bool all =
	    has_key && key >= p->range.from_ns && p->range.to_ns == INT64_MAX;
	if (part->pack == LOGPACK_NONE && !all) {
		uint64_t size = part->to;
		if (part->known == NULL ||
		    !logindex_range(p->index, part->known, p, part))
			logread_bisect(part->fd, &p->range, p->now_s,
			    &part->held->times, &part->from, &part->to);
		part->at_start = part->from == 0;
		part->at_end = part->to == size;
	}
	part->before = p->size;
	p->size += part->to - part->from;
	p->killed += part->was_killed;
	if (vec_push(&p->parts, part))
		return true;
	logpart_drop(part);
	return false;
}

/* A file of exports of the journal begins so. */
static bool
is_export(int fd)
{
	static const char mark[] = "__CURSOR=";
	char head[sizeof(mark)];
	return pread(fd, head, sizeof(mark) - 1, 0) == sizeof(mark) - 1 &&
	       memcmp(head, mark, sizeof(mark) - 1) == 0;
}

static bool
open_part(const struct logplan *p, const char *path, const char *shown,
    struct logpart *part, struct err *e)
{
	struct stat st;
	memset(part, 0, sizeof(*part));
	part->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (part->fd < 0 || fstat(part->fd, &st) != 0) {
		err_set_errno(e, errno, _("cannot read '%s'"), shown);
		if (part->fd >= 0)
			close(part->fd);
		return false;
	}
	if (S_ISDIR(st.st_mode)) {
		close(part->fd);
		return err_set_errno(e, EISDIR, _("cannot read '%s'"), shown);
	}
	if (!logpart_hold(part)) {
		close(part->fd);
		return err_no_memory(e);
	}
	part->size = part->to = st.st_size > 0 ? (uint64_t)st.st_size : 0;
	part->pack = logpack_of_name(str_of(path));
	part->known = logindex_find(p->index, part);
	if (part->pack == LOGPACK_NONE && part->known == NULL &&
	    is_export(part->fd))
		part->pack = LOGPACK_JOURNAL;
	return true;
}

/* LG-12: lines of a file are not younger than its name. */
static bool
ended_before(const struct logdir_file *f, int64_t from_ns)
{
	return f->has_label && logread_key(f->label) < from_ns;
}

/* Open what a listing shows; false with EAGAIN when a file went meanwhile. */
static bool
open_listed(
    struct logplan *p, const char *path, const struct vec *files, struct err *e)
{
	for (size_t i = 0; i < files->len; i++) {
		const struct logdir_file *f =
		    VEC_AT(files, const struct logdir_file, i);
		char name[SYS_PATH_MAX], shown[SYS_PATH_MAX];
		struct logpart part;
		struct stat st;
		bool end, before = ended_before(f, p->range.from_ns);
		/* the very first file tells how far back the log reaches */
		if (before && p->has_oldest)
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, f->name);
		snprintf(shown, sizeof(shown), "%s/%s", p->shown, f->name);
		if (!open_part(p, name, shown, &part, e)) {
			if (e->sys_errno == ENOENT)
				e->sys_errno = EAGAIN;
			else if (before) { /* nor is it needed */
				err_clear(e);
				continue;
			}
			return false;
		}
		if (fstat(part.fd, &st) != 0 || st.st_ino != f->ino) {
			logpart_drop(&part);
			return err_set_errno(
			    e, EAGAIN, _("cannot read '%s'"), p->shown);
		}
		snprintf(part.name, sizeof(part.name), "%s", f->name);
		part.was_killed = f->was_killed;
		part.has_label = f->has_label;
		part.label_ns = f->has_label ? logread_key(f->label) : 0;
		if (before) {
			p->has_oldest = first_key(p, &part);
			p->oldest_ns = part.first_ns;
			logpart_drop(&part);
			continue;
		}
		if (!logplan_add_part(p, &part, f->is_current, &end))
			return err_no_memory(e);
		if (end)
			break;
	}
	return true;
}

static bool
plan_directory(struct logplan *p, const char *path, struct err *e)
{
	struct vec files = VEC_INIT(struct logdir_file);
	struct err why = ERR_INIT;
	bool ok = false;
	for (int i = 0; i < OPEN_TRIES && !ok; i++) {
		logplan_drop_parts(p);
		err_clear(&why);
		ok = logdir_list(path, p->shown, &files, &why) &&
		     open_listed(p, path, &files, &why);
		if (!ok && why.sys_errno != EAGAIN)
			break;
	}
	vec_clear(&files);
	if (!ok && e != NULL)
		*e = why;
	return ok;
}

static bool
plan_file(struct logplan *p, const char *path, const char *shown, bool last,
    struct err *e)
{
	struct logpart part;
	bool end;
	if (!open_part(p, path, shown, &part, e))
		return false;
	snprintf(part.name, sizeof(part.name), "%s", "");
	return logplan_add_part(p, &part, last, &end) || err_no_memory(e);
}

/*
 * Files of logrotate: PATH-20260314 and PATH.1, perhaps packed. In the order
 * of time: dates rise, numbers fall.
 */
struct rotated {
	const char *path;
	int64_t order;
};

static int
by_time(const void *a, const void *b)
{
	const struct rotated *x = a, *y = b;
	return x->order < y->order ? -1 : x->order > y->order;
}

static bool
rotated_order(const char *suffix, int64_t *order)
{
	int64_t n = 0;
	int digits = 0;
	char mark = *suffix++;
	for (; ascii_is_digit(*suffix) && digits < 12; suffix++, digits++)
		n = n * 10 + (*suffix - '0');
	*order = mark == '.' ? -n : n;
	return digits > 0 && (mark == '.' || mark == '-') &&
	       (*suffix == '\0' || strcmp(suffix, ".gz") == 0 ||
		   strcmp(suffix, ".xz") == 0);
}

static bool
plan_rotated(struct logplan *p, const char *path, struct err *e)
{
	char pattern[SYS_PATH_MAX];
	glob_t found = { 0 };
	struct vec old = VEC_INIT(struct rotated);
	bool ok = true;
	snprintf(pattern, sizeof(pattern), "%s[.-]*", path);
	if (glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
		return true;
	for (size_t i = 0; ok && i < found.gl_pathc; i++) {
		struct rotated one = { .path = found.gl_pathv[i] };
		if (rotated_order(one.path + strlen(path), &one.order))
			ok = vec_push(&old, &one) || err_no_memory(e);
	}
	vec_sort(&old, by_time);
	for (size_t i = 0; ok && i < old.len; i++) {
		const char *name = VEC_AT(&old, struct rotated, i)->path;
		ok = plan_file(p, name, name, false, e);
	}
	vec_clear(&old);
	globfree(&found);
	return ok;
}

/* A stream: pipe, terminal, journalctl. */
static bool
plan_stream(struct logplan *p, int fd, enum logpack pack, struct err *e)
{
	struct stat st;
	struct logpart part = { .fd = fd,
		.pack = pack,
		.is_open_end = true,
		.at_start = true,
		.at_end = true };
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		off_t at = lseek(fd, 0, SEEK_CUR);
		part.from = at > 0 ? (uint64_t)at : 0;
		part.to = (uint64_t)st.st_size > part.from
			      ? (uint64_t)st.st_size
			      : part.from;
	}
	if (fd >= 0) {
		part.fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (part.fd < 0)
			return err_set_errno(
			    e, errno, _("cannot read '%s'"), p->shown);
	}
	p->size = part.to - part.from;
	if (logpart_hold(&part) && vec_push(&p->parts, &part))
		return true;
	logpart_drop(&part);
	return err_no_memory(e);
}

static bool
plan_path(struct logplan *p, const struct logplan_options *o, struct err *e)
{
	struct stat st;
	if (stat(o->path, &st) != 0)
		return err_set_errno(e, errno, _("cannot read '%s'"), p->shown);
	if (S_ISDIR(st.st_mode))
		return plan_directory(p, o->path, e);
	if (!S_ISREG(st.st_mode)) {
		int fd = open(o->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0)
			return err_set_errno(
			    e, errno, _("cannot read '%s'"), p->shown);
		bool ok = plan_stream(p, fd, LOGPACK_NONE, e);
		close(fd);
		return ok;
	}
	return (!o->rotated || plan_rotated(p, o->path, e)) &&
	       plan_file(p, o->path, p->shown, true, e);
}

struct logplan *
logplan_open(const struct logplan_options *o, struct err *e)
{
	struct logplan *p = calloc(1, sizeof(*p));
	bool ok = p != NULL && (p->shown = strdup(o->shown)) != NULL;
	if (!ok) {
		free(p);
		err_no_memory(e);
		return NULL;
	}
	p->parts = (struct vec)VEC_INIT(struct logpart);
	p->range = o->range;
	p->clock = o->clock;
	p->index = o->index;
	p->now_s = clock_wall_s(o->clock);
	switch (o->kind) {
	case LOGPLAN_PATH:
		ok = plan_path(p, o, e);
		break;
	case LOGPLAN_FD:
		ok = plan_stream(p, o->fd, LOGPACK_NONE, e);
		break;
	case LOGPLAN_JOURNAL:
		ok = plan_stream(p, -1, LOGPACK_JOURNAL, e);
		break;
	}
	if (ok)
		return p;
	logplan_free(p);
	return NULL;
}
