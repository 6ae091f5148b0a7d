/* Remembers SPF records: times on the first line, the record behind it. */
#include "core/model/spf_seen.h"

#include "core/base/i18n.h"
#include "core/model/moment.h"
#include "core/base/num.h"
#include "core/sys/file.h"
#include "core/sys/root.h"

enum {
	DIR_MODE = 0755,
	FILE_MODE = 0644,
	FILE_MAX = 70000 /* a TXT record has at most 64 KiB */
};

struct noted {
	int64_t first_s, last_s; /* looks that found this record */
	struct str record;       /* in the buffer that was read */
};

static bool
file_path(const struct model_ctx *m, struct str domain, char path[SYS_PATH_MAX])
{
	/* a name of the DNS may hold anything */
	for (size_t i = 0; i < domain.len; i++) {
		char c = domain.ptr[i];
		if (!ascii_is_alnum(c) && c != '-' && c != '_' &&
		    (c != '.' || i == 0))
			return false;
	}
	const char *name = arena_cstr(m->arena, domain);
	return domain.len > 0 && name != NULL &&
	       root_pathf(m->root, path, NULL, SPF_SEEN_DIR "/%s", name);
}

static bool
noted_read(const char *path, struct buf *text, struct noted *out)
{
	struct str rest, times, first, last;
	if (!file_read(path, NULL, text, NULL))
		return false;
	rest = buf_str(text);
	return str_next_line(&rest, &times) && str_next_word(&times, &first) &&
	       str_next_word(&times, &last) &&
	       num_parse_i64(first, 0, INT64_MAX, &out->first_s) &&
	       num_parse_i64(last, 0, INT64_MAX, &out->last_s) &&
	       (out->record = rest, true);
}

static void
noted_write(const char *path, const struct noted *n)
{
	struct buf text = BUF_INIT(FILE_MAX + 64);
	const struct file_replace how = { .mode = FILE_MODE,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.transient = true };
	buf_addf(
	    &text, "%lld %lld\n", (long long)n->first_s, (long long)n->last_s);
	buf_add_str(&text, n->record);
	/* a memory that cannot be kept is none: nothing depends on it */
	if (!text.failed && file_mkdirs_for(path, DIR_MODE, NULL, NULL)) {
		bool kept = file_replace(path, buf_str(&text), &how, NULL);
		(void)kept;
	}
	buf_clear(&text);
}

struct spf_seen
spf_seen_note(const struct model_ctx *m, struct str domain, struct str record)
{
	char path[SYS_PATH_MAX];
	struct buf text = BUF_INIT(FILE_MAX);
	struct noted old;
	struct spf_seen seen = { 0 };
	int64_t now = clock_wall_s(m->clock);
	struct noted new = { now, now, record };
	if (!model_root_check(m->root, NULL) || !file_path(m, domain, path))
		return seen;
	if (noted_read(path, &text, &old)) {
		seen.changed = !str_eq(old.record, record);
		seen.since_s = seen.changed ? old.last_s : old.first_s;
		if (!seen.changed)
			new.first_s = old.first_s;
	}
	noted_write(path, &new);
	buf_clear(&text);
	return seen;
}

const char *
spf_seen_text(const struct model_ctx *m, const struct spf_seen *s)
{
	if (s->since_s == 0)
		return NULL;
	return arena_printf(m->arena,
	    s->changed ? _("the record changed since %s")
		       : _("the record is the same since %s"),
	    moment_shown(m->arena, s->since_s, clock_wall_s(m->clock)));
}
