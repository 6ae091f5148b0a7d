/* Following a log: lines out of bytes, and the end of the growing file. */
#include "core/maillog/follow.h"

#include "core/base/i18n.h"
#include "core/maillog/follow_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	READ_SIZE = 128 * 1024,
	IN_MAX = FOLLOW_LINE_MAX + 2 * READ_SIZE,
	NOTE_MAX = 4096,
};

static bool
set_paths(struct follow *f, const struct follow_options *o)
{
	size_t n = strlen(o->path);
	if (n + sizeof("/current") > SYS_PATH_MAX ||
	    strlen(o->shown) >= SYS_PATH_MAX)
		return false;
	memcpy(f->path, o->path, n + 1);
	memcpy(f->shown, o->shown, strlen(o->shown) + 1);
	memcpy(f->dir, f->path, n + 1);
	memcpy(f->current, f->path, n + 1);
	if (!o->plain) {
		memcpy(f->current + n, "/current", sizeof("/current"));
		return true;
	}
	char *slash = strrchr(f->dir, '/');
	if (slash == NULL)
		memcpy(f->dir, ".", 2);
	else
		slash[slash == f->dir ? 1 : 0] = '\0';
	return true;
}

struct follow *
follow_open(const struct follow_options *o, struct err *e)
{
	struct follow *f = calloc(1, sizeof(*f));
	if (f == NULL) {
		err_no_memory(e);
		return NULL;
	}
	f->file.fd = -1;
	f->plain = o->plain;
	f->lines = o->lines;
	f->clock = o->clock;
	if (o->resume != NULL) {
		f->resumed = true;
		f->resume = *o->resume;
		f->has_last = o->resume->has_last;
		f->last = o->resume->last;
		f->last_count = (size_t)o->resume->last_count;
		f->last_hash = o->resume->hash;
	}
	f->pending = (struct vec)VEC_INIT(struct follow_file);
	buf_init(&f->in, IN_MAX);
	buf_init(&f->note, NOTE_MAX);
	if (!set_paths(f, o)) {
		err_set_errno(e, ENAMETOOLONG, _("cannot read '%s'"), o->shown);
		follow_close(f);
		return NULL;
	}
	switch (follow_start(f, e)) {
	case STEP_FAILED:
		follow_close(f);
		return NULL;
	case STEP_NOTHING: /* whatever comes is new */
		f->lines = FOLLOW_ALL_LINES;
		break;
	case STEP_MORE:
		break;
	}
	return f;
}

void
follow_close(struct follow *f)
{
	if (f == NULL)
		return;
	if (f->file.fd >= 0)
		close(f->file.fd);
	for (size_t i = f->pending_at; i < f->pending.len; i++)
		close(VEC_AT(&f->pending, struct follow_file, i)->fd);
	vec_clear(&f->pending);
	buf_clear(&f->in);
	buf_clear(&f->note);
	free(f);
}

struct buf *
follow_notes(struct follow *f)
{
	if (f->note_taken) {
		buf_reset(&f->note);
		f->note_taken = false;
	}
	return &f->note;
}

const char *
follow_note(struct follow *f)
{
	if (follow_notes(f)->len == 0)
		return NULL;
	f->note_taken = true;
	return buf_cstr(&f->note);
}

const char *
follow_dir(const struct follow *f)
{
	return f->dir;
}

/*
 * A file is done with unfinished bytes at its end: how do those of the next
 * one continue them?
 */
static void
set_joint(struct follow *f, enum follow_joint kind)
{
	if (f->at == f->in.len)
		return;
	f->joint_kind = kind;
	f->joint = f->in.len;
}

void
follow_take_file(struct follow *f, struct follow_file file, off_t offset)
{
	if (f->file.fd >= 0) {
		if (f->plain)
			set_joint(f, JOINT_CUT);
		else if (f->file.id.was_killed)
			set_joint(f, JOINT_ASK);
		close(f->file.fd);
	}
	f->file = file;
	f->offset = offset;
	f->head_len = 0;
	f->at_end = false;
	f->skipping = false;
}

/* Bytes of the open file at its read position into 'in'. */
static enum follow_step
read_more(struct follow *f, struct err *e)
{
	if (f->at > 0 && f->at >= f->in.len / 2) {
		buf_consume(&f->in, f->at);
		f->joint = f->joint >= f->at ? f->joint - f->at : 0;
		f->at = 0;
	}
	char *to = buf_reserve(&f->in, READ_SIZE);
	if (to == NULL) {
		err_no_memory(e);
		return STEP_FAILED;
	}
	ssize_t got;
	do
		got = pread(f->file.fd, to, READ_SIZE, f->offset);
	while (got < 0 && errno == EINTR);
	if (got < 0) {
		err_set_errno(e, errno, _("cannot read '%s'"), f->shown);
		return STEP_FAILED;
	}
	buf_used(&f->in, (size_t)got);
	f->offset += got;
	return got > 0 ? STEP_MORE : STEP_NOTHING;
}

/* Remember how the file begins; false when it began otherwise before. */
static bool
check_head(struct follow *f)
{
	char head[FOLLOW_HEAD];
	ssize_t got = pread(f->file.fd, head, sizeof(head), 0);
	if (got < 0)
		return true;
	bool same = (size_t)got >= f->head_len &&
		    memcmp(head, f->head, f->head_len) == 0;
	memcpy(f->head, head, (size_t)got);
	f->head_len = (size_t)got;
	return same;
}

/*
 * LG-22: somebody cut the file short, and it may have grown again. Begin at
 * its start; what was read of an unfinished line is all there will be.
 */
static bool
was_truncated(struct follow *f)
{
	struct stat st;
	bool shorter = fstat(f->file.fd, &st) == 0 && st.st_size < f->offset;
	if (check_head(f) && !shorter)
		return false;
	buf_addf(follow_notes(f),
	    _("'%s' was cut short; reading it from its start again"), f->shown);
	set_joint(f, JOINT_CUT);
	f->offset = 0;
	return true;
}

/* Is the open file still the one that grows? */
static bool
is_current(const struct follow *f, bool *missing)
{
	struct stat st;
	*missing = stat(f->current, &st) != 0;
	return !*missing && st.st_dev == f->file.id.dev &&
	       st.st_ino == f->file.id.ino;
}

/* At the end of the open file (LG-16). */
static enum follow_step
at_end(struct follow *f, struct err *e)
{
	bool missing;
	if (f->pending_at < f->pending.len)
		return follow_advance(f, e);
	if (f->file.id.is_current) {
		if (was_truncated(f))
			return STEP_MORE;
		f->at_end = true;
		f->read_ns = clock_wall_ns(f->clock);
		if (is_current(f, &missing) || missing)
			return STEP_NOTHING;
		/* the writer may have written until it turned the file */
		enum follow_step step = read_more(f, e);
		if (step != STEP_NOTHING)
			return step;
	}
	return follow_advance(f, e);
}

static enum follow_step
fill(struct follow *f, struct err *e)
{
	if (f->file.fd < 0)
		return follow_start(f, e);
	if (f->at_end) { /* first see whether it is the same file still */
		f->at_end = false;
		if (was_truncated(f))
			return STEP_MORE;
	}
	enum follow_step step = read_more(f, e);
	return step == STEP_NOTHING ? at_end(f, e) : step;
}

/*
 * Settle how the bytes behind the joint continue those before it; false when
 * more of them are needed. True and *cut: the bytes before are a line.
 */
static bool
settle_joint(struct follow *f, bool *cut)
{
	struct str after = str_n(f->in.data + f->joint, f->in.len - f->joint);
	*cut = false;
	if (f->joint_kind == JOINT_NONE)
		return true;
	if (f->joint_kind == JOINT_ASK) {
		struct str line = after;
		line.len = str_find(line, '\n', 0);
		if (line.len == after.len && after.len < FOLLOW_HEAD)
			return false;
		*cut = stamp_parse(line, clock_wall_s(f->clock)).kind !=
		       STAMP_NONE;
	} else {
		*cut = true;
	}
	f->joint_kind = JOINT_NONE;
	return true;
}

/* The next line or piece of 'in'. */
static bool
cut_line(struct follow *f, struct follow_line *line)
{
	bool cut;
	if (!settle_joint(f, &cut))
		return false;
	const char *from = f->in.data + f->at;
	size_t n = f->in.len - f->at, len;
	if (n == 0)
		return false;
	line->continued = f->in_long;
	line->more = false;
	const char *newline = memchr(from + f->scanned, '\n', n - f->scanned);
	if (cut) {
		len = f->joint - f->at;
		f->at = f->joint;
	} else if (newline != NULL) {
		len = (size_t)(newline - from);
		f->at += len + 1;
	} else if (n >= FOLLOW_LINE_MAX) {
		len = FOLLOW_LINE_MAX;
		f->at += len;
		line->more = true;
	} else {
		f->scanned = n;
		return false;
	}
	f->scanned = 0;
	f->in_long = line->more;
	line->raw = str_n(from, len);
	return true;
}

/* LG-18: was the line delivered before its file was lost sight of? */
static bool
is_repeated(struct follow *f, const struct follow_line *line)
{
	if (!f->skipping)
		return false;
	if (line->continued)
		return true;
	int order = line->stamp.kind == STAMP_NONE
			? (f->skip_seen > 0 ? 0 : -1)
			: tai64n_cmp(line->stamp.time, f->last);
	if (order < 0)
		return true;
	if (order == 0 && f->skip_seen < f->last_count) {
		f->skip_seen++;
		return true;
	}
	f->skipping = false;
	return false;
}

/* FNV-1a: to know a line again, not to protect it. */
uint64_t
follow_hash(struct str line)
{
	uint64_t h = 14695981039346656037u;
	for (size_t i = 0; i < line.len; i++)
		h = (h ^ (unsigned char)line.ptr[i]) * 1099511628211u;
	return h;
}

static void
remember(struct follow *f, const struct follow_line *line)
{
	f->last_hash = follow_hash(line->raw);
	if (line->continued)
		return;
	if (line->stamp.kind == STAMP_NONE ||
	    (f->has_last && tai64n_cmp(line->stamp.time, f->last) == 0)) {
		f->last_count++;
		return;
	}
	f->has_last = true;
	f->last = line->stamp.time;
	f->last_count = 1;
}

bool
follow_where(const struct follow *f, struct follow_place *out)
{
	uint64_t left = f->in.len - f->at;
	memset(out, 0, sizeof(*out));
	if (f->file.fd < 0 && !f->has_last)
		return false;
	out->has_last = f->has_last;
	out->last = f->last;
	out->last_count = f->last_count;
	out->hash = f->last_hash;
	/* else what is left begins in the file before */
	out->has_file = f->file.fd >= 0 && (uint64_t)f->offset >= left;
	if (!out->has_file)
		return true;
	out->dev = (uint64_t)f->file.id.dev;
	out->ino = (uint64_t)f->file.id.ino;
	out->offset = (uint64_t)f->offset - left;
	ssize_t got = pread(f->file.fd, out->head, sizeof(out->head), 0);
	out->head_len = got > 0 ? (size_t)got : 0;
	return true;
}

enum follow_result
follow_next(struct follow *f, struct follow_line *line, struct err *e)
{
	for (;;) {
		while (cut_line(f, line)) {
			struct stamp none = { .kind = STAMP_NONE };
			line->stamp = line->continued
					  ? none
					  : stamp_parse(line->raw,
						clock_wall_s(f->clock));
			if (is_repeated(f, line))
				continue;
			remember(f, line);
			return FOLLOW_LINE;
		}
		enum follow_step step = fill(f, e);
		if (step == STEP_NOTHING)
			return FOLLOW_NOTHING;
		if (step == STEP_FAILED)
			return FOLLOW_FAILED;
	}
}
