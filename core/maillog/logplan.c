/*
 * Which files, and which part of them, a range of time needs (LG-10 to
 * LG-13).
 */
#include "core/base/i18n.h"
#include "core/maillog/logread_int.h"
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

enum logpack
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

/* Keep the part if the range needs it; *end: nothing behind it is needed. */
static bool
add_part(struct logplan *p, struct logpart *part, bool is_last, bool *end)
{
	int64_t key;
	*end = false;
	bool has_key = logread_first_key(p, part, &key);
	if (has_key && !p->has_oldest) {
		p->has_oldest = true;
		p->oldest_ns = key;
	}
	if (has_key && key >= p->range.to_ns) {
		*end = true; /* LG-12 */
		close(part->fd);
		return true;
	}
	part->is_open_end = is_last;
	part->at_start = part->at_end = true;
	/* from the first line to the last there is nothing to look for */
	bool all =
	    has_key && key >= p->range.from_ns && p->range.to_ns == INT64_MAX;
	if (part->pack == LOGPACK_NONE && !all) {
		uint64_t size = part->to;
		logread_bisect(part->fd, size, &p->range, p->now_s, &part->from,
		    &part->to);
		part->at_start = part->from == 0;
		part->at_end = part->to == size;
	}
	part->before = p->size;
	p->size += part->to - part->from;
	p->killed += part->was_killed;
	if (vec_push(&p->parts, part))
		return true;
	close(part->fd);
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
open_part(
    const char *path, const char *shown, struct logpart *part, struct err *e)
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
	part->to = st.st_size > 0 ? (uint64_t)st.st_size : 0;
	part->pack = logpack_of_name(str_of(path));
	if (part->pack == LOGPACK_NONE && is_export(part->fd))
		part->pack = LOGPACK_JOURNAL;
	return true;
}

static bool
no_memory(struct err *e)
{
	return err_set(e, ERR_TEMPORARY, "%s", _("out of memory"));
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
		bool end;
		/* the very first file tells how far back the log reaches */
		if (ended_before(f, p->range.from_ns) && p->has_oldest)
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, f->name);
		snprintf(shown, sizeof(shown), "%s/%s", p->shown, f->name);
		if (!open_part(name, shown, &part, e)) {
			if (e != NULL && e->sys_errno == ENOENT)
				e->sys_errno = EAGAIN;
			return false;
		}
		if (fstat(part.fd, &st) != 0 || st.st_ino != f->ino) {
			close(part.fd);
			return err_set_errno(
			    e, EAGAIN, _("cannot read '%s'"), p->shown);
		}
		snprintf(part.name, sizeof(part.name), "%s", f->name);
		part.was_killed = f->was_killed;
		part.has_label = f->has_label;
		part.label_ns = f->has_label ? logread_key(f->label) : 0;
		if (ended_before(f, p->range.from_ns)) {
			p->has_oldest =
			    logread_first_key(p, &part, &p->oldest_ns);
			close(part.fd);
			continue;
		}
		if (!add_part(p, &part, f->is_current, &end))
			return no_memory(e);
		if (end)
			break;
	}
	return true;
}

static void
drop_parts(struct logplan *p)
{
	for (size_t i = 0; i < p->parts.len; i++) {
		int fd = VEC_AT(&p->parts, struct logpart, i)->fd;
		if (fd >= 0)
			close(fd);
	}
	p->parts.len = 0;
	p->size = 0;
	p->killed = 0;
	p->has_oldest = false;
}

static bool
plan_directory(struct logplan *p, const char *path, struct err *e)
{
	struct vec files = VEC_INIT(struct logdir_file);
	struct err why = ERR_INIT;
	bool ok = false;
	for (int i = 0; i < OPEN_TRIES && !ok; i++) {
		drop_parts(p);
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
	if (!open_part(path, shown, &part, e))
		return false;
	snprintf(part.name, sizeof(part.name), "%s", "");
	return add_part(p, &part, last, &end) || no_memory(e);
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
			ok = vec_push(&old, &one) || no_memory(e);
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
	return vec_push(&p->parts, &part) || no_memory(e);
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
		no_memory(e);
		return NULL;
	}
	p->parts = (struct vec)VEC_INIT(struct logpart);
	p->range = o->range;
	p->clock = o->clock;
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

bool
logplan_is_stream(const struct logplan *p)
{
	for (size_t i = 0; i < p->parts.len; i++) {
		int fd = VEC_AT(&p->parts, const struct logpart, i)->fd;
		if (fd < 0 || lseek(fd, 0, SEEK_CUR) < 0)
			return true;
	}
	return false;
}

/* The part again, for the range of 'to'; *end: nothing behind it is needed. */
static bool
narrow_part(struct logplan *to, const struct logpart *from, bool *end)
{
	struct logpart part = *from;
	struct stat st;
	*end = false;
	if (part.has_label && part.label_ns < to->range.from_ns)
		return true;
	part.fd = fcntl(from->fd, F_DUPFD_CLOEXEC, 3);
	if (part.fd < 0)
		return false;
	if (part.pack == LOGPACK_NONE && fstat(part.fd, &st) == 0) {
		part.from = 0;
		part.to = (uint64_t)st.st_size;
	}
	return add_part(to, &part, part.is_open_end, end);
}

struct logplan *
logplan_like(const struct logplan *p, struct err *e)
{
	struct logplan *n = calloc(1, sizeof(*n));
	if (n == NULL || (n->shown = strdup(p->shown)) == NULL) {
		free(n);
		no_memory(e);
		return NULL;
	}
	n->parts = (struct vec)VEC_INIT(struct logpart);
	n->range = p->range;
	n->clock = p->clock;
	n->now_s = p->now_s;
	n->has_oldest = p->has_oldest;
	n->oldest_ns = p->oldest_ns;
	return n;
}

bool
logplan_add_stretch(
    struct logplan *to, const struct logpart *part, uint64_t from, uint64_t end)
{
	struct logpart one = *part;
	/* the journal has none */
	if (part->fd >= 0) {
		one.fd = fcntl(part->fd, F_DUPFD_CLOEXEC, 3);
		if (one.fd < 0)
			return false;
	}
	one.from = from;
	one.to = end;
	one.at_start = part->at_start && from == part->from;
	one.at_end = part->at_end && end == part->to;
	one.is_open_end = part->is_open_end && one.at_end;
	one.before = to->size;
	to->size += end - from;
	to->killed += one.at_end && one.was_killed;
	if (vec_push(&to->parts, &one))
		return true;
	if (one.fd >= 0)
		close(one.fd);
	return false;
}

struct logplan *
logplan_narrow(const struct logplan *p, struct logrange range, struct err *e)
{
	struct logplan *n = logplan_like(p, e);
	if (n == NULL)
		return NULL;
	n->has_oldest = false;
	if (range.from_ns > n->range.from_ns)
		n->range.from_ns = range.from_ns;
	if (range.to_ns < n->range.to_ns)
		n->range.to_ns = range.to_ns;
	bool end = false, ok = true;
	for (size_t i = 0; ok && !end && i < p->parts.len; i++)
		ok = narrow_part(
		    n, VEC_AT(&p->parts, const struct logpart, i), &end);
	if (ok)
		return n;
	err_set_errno(e, errno, _("cannot read '%s'"), p->shown);
	logplan_free(n);
	return NULL;
}

void
logplan_free(struct logplan *p)
{
	if (p == NULL)
		return;
	drop_parts(p);
	vec_clear(&p->parts);
	free(p->shown);
	free(p);
}

uint64_t
logplan_size(const struct logplan *p)
{
	return p->size;
}

bool
logplan_oldest(const struct logplan *p, int64_t *key_ns)
{
	*key_ns = p->oldest_ns;
	return p->has_oldest;
}

size_t
logplan_killed(const struct logplan *p)
{
	return p->killed;
}

/* Offset in [from, to) of the file behind '*left' newlines from the end. */
static bool
scan_back(const struct logpart *part, uint64_t *left, uint64_t *offset)
{
	char block[FIRST_SIZE];
	uint64_t end = part->to;
	while (end > part->from) {
		uint64_t n = end - part->from < FIRST_SIZE ? end - part->from
							   : FIRST_SIZE;
		ssize_t got =
		    pread(part->fd, block, (size_t)n, (off_t)(end - n));
		if (got != (ssize_t)n)
			return false;
		const char *p = block + got;
		while (
		    (p = memrchr(block, '\n', (size_t)(p - block))) != NULL) {
			if ((*left)-- > 0)
				continue;
			*offset = end - n + (uint64_t)(p - block) + 1;
			return true;
		}
		end -= n;
	}
	return false;
}

uint64_t
logplan_back(const struct logplan *p, uint64_t lines)
{
	uint64_t left = lines, offset;
	for (size_t i = p->parts.len; i-- > 0;) {
		const struct logpart *part =
		    VEC_AT(&p->parts, const struct logpart, i);
		if (part->pack != LOGPACK_NONE ||
		    lseek(part->fd, 0, SEEK_CUR) < 0)
			return part->before;
		if (scan_back(part, &left, &offset))
			return part->before + (offset - part->from);
	}
	return 0;
}

bool
logplan_file(const struct logplan *p, size_t i, struct logfile *out)
{
	if (i >= p->parts.len)
		return false;
	const struct logpart *part = VEC_AT(&p->parts, struct logpart, i);
	*out = (struct logfile){ .name = part->name,
		.at = part->before,
		.bytes = part->to - part->from,
		.packed = part->pack != LOGPACK_NONE };
	return true;
}
