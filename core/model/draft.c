/*
 * The draft's file holds one wish a line: id, target, base and value, tabs
 * between. "-" is none; "=TEXT" a text with \\, \t and \n escaped; "*" a
 * secret that was not kept.
 */
#include "core/model/draft.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/base/vec.h"
#include "core/model/journal.h"
#include "core/sys/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	DRAFT_FILE_MAX = 1024 * 1024,
	DRAFT_FILE_MODE = 0600,
	DRAFT_DIR_MODE = 0755,
	DRAFT_NAME_MAX = 64,
};

static const char head[] = "smemail draft 1\n";

struct undo {
	struct draft_entry before; /* its state; absent when 'was' is false */
	bool was;
};

struct draft {
	char path[SYS_PATH_MAX];
	char shown[128];
	struct vec entries; /* struct draft_entry, texts owned */
	struct vec undo;    /* struct undo, texts owned */
	int64_t kept_s;
	size_t lost_secrets;
};

static char *
dup_or_null(const char *text)
{
	return text != NULL ? strdup(text) : NULL;
}

static void
wipe(const char *text)
{
	if (text == NULL)
		return;
	char *own = (char *)(uintptr_t)text; /* ours, const for readers */
	explicit_bzero(own, strlen(own));
	free(own);
}

static void
entry_clear(struct draft_entry *entry)
{
	wipe(entry->target);
	wipe(entry->value);
	wipe(entry->base);
	memset(entry, 0, sizeof(*entry));
}

static struct draft_entry
entry_dup(const struct draft_entry *from)
{
	return (struct draft_entry){
		.setting = from->setting,
		.target = dup_or_null(from->target),
		.value = dup_or_null(from->value),
		.base = dup_or_null(from->base),
	};
}

static bool
same_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return strcmp(a, b) == 0;
}

static size_t
find(const struct draft *d, const struct setting *s, const char *target)
{
	for (size_t i = 0; i < d->entries.len; i++) {
		const struct draft_entry *entry =
		    VEC_AT(&d->entries, struct draft_entry, i);
		if (entry->setting == s && same_text(entry->target, target))
			return i;
	}
	return d->entries.len;
}

static void
field_add(struct buf *out, const char *text)
{
	buf_add_char(out, '\t');
	if (text == NULL) {
		buf_add_char(out, '-');
		return;
	}
	buf_add_char(out, '=');
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			buf_add_cstr(out, "\\\\");
		else if (*text == '\t')
			buf_add_cstr(out, "\\t");
		else if (*text == '\n')
			buf_add_cstr(out, "\\n");
		else
			buf_add_char(out, *text);
	}
}

/* False when the field is not of a draft. A secret's "*" sets *lost. */
static bool
field_read(struct str field, char **text, bool *lost)
{
	*text = NULL;
	if (str_is(field, "-"))
		return true;
	if (str_is(field, "*")) {
		*lost = true;
		return true;
	}
	if (field.len == 0 || field.ptr[0] != '=')
		return false;
	char *out = malloc(field.len), *at = out;
	if (out == NULL)
		return false;
	for (size_t i = 1; i < field.len; i++) {
		char c = field.ptr[i];
		if (c == '\\' && i + 1 < field.len) {
			c = field.ptr[++i];
			c = c == 't' ? '\t' : c == 'n' ? '\n' : c;
		}
		*at++ = c;
	}
	*at = '\0';
	*text = out;
	return true;
}

/* One line of the file; what is not understood is left out. */
static void
line_read(struct draft *d, struct str line)
{
	struct str rest = line;
	struct str id = str_cut(rest, '\t', &rest);
	char *texts[3] = { NULL, NULL, NULL }; /* target, base, value */
	bool lost = false, ok = true;
	for (size_t i = 0; i < 3 && ok; i++)
		ok = rest.ptr != NULL &&
		     field_read(str_cut(rest, '\t', &rest), &texts[i], &lost);
	struct draft_entry entry = { setting_find(id), texts[0], texts[2],
		texts[1] };
	if (ok && lost)
		d->lost_secrets++;
	if (!ok || lost || entry.setting == NULL ||
	    !vec_push(&d->entries, &entry))
		entry_clear(&entry);
}

static bool
keep(const struct draft *d, struct err *e)
{
	struct buf out = BUF_INIT(DRAFT_FILE_MAX);
	const struct file_replace how = { .mode = DRAFT_FILE_MODE,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.shown = d->shown };
	if (d->entries.len == 0) {
		if (unlink(d->path) == 0 || errno == ENOENT)
			return true;
		return err_set_errno(
		    e, errno, _("cannot remove '%s'"), d->shown);
	}
	buf_add_cstr(&out, head);
	for (size_t i = 0; i < d->entries.len; i++) {
		const struct draft_entry *entry =
		    VEC_AT(&d->entries, struct draft_entry, i);
		bool secret = (entry->setting->flags & SETTING_SECRET) != 0;
		buf_add_cstr(&out, entry->setting->id);
		field_add(&out, entry->target);
		field_add(&out, secret ? NULL : entry->base);
		if (secret && entry->value != NULL)
			buf_add_cstr(&out, "\t*");
		else
			field_add(&out, entry->value);
		buf_add_char(&out, '\n');
	}
	bool ok = !out.failed;
	if (!ok)
		err_set(e, ERR_PERMANENT,
		    _("cannot write '%s': the draft is too large"), d->shown);
	ok = ok && file_mkdirs_for(d->path, DRAFT_DIR_MODE, JOURNAL_DIR, e) &&
	     file_replace(d->path, buf_str(&out), &how, e);
	buf_clear(&out);
	return ok;
}

/* The login name as part of a file name. */
static void
name_clean(const char *user, char out[DRAFT_NAME_MAX])
{
	size_t n = 0;
	if (user == NULL || *user == '\0')
		user = "unknown";
	for (; user[n] != '\0' && n + 1 < DRAFT_NAME_MAX; n++) {
		bool plain =
		    ascii_is_alnum(user[n]) || strchr("-_.@", user[n]) != NULL;
		out[n] = plain ? user[n] : '_';
	}
	out[n] = '\0';
}

static bool
read_file(struct draft *d, struct err *e)
{
	struct buf text = BUF_INIT(DRAFT_FILE_MAX);
	struct err why = ERR_INIT;
	struct stat st;
	if (!file_read(d->path, d->shown, &text, &why)) {
		buf_clear(&text);
		if (why.sys_errno == ENOENT || why.sys_errno == ENOTDIR)
			return true;
		if (e != NULL)
			*e = why;
		return false;
	}
	struct str rest = buf_str(&text), line;
	if (str_next_line(&rest, &line) && str_starts(str_of(head), line))
		while (str_next_line(&rest, &line))
			line_read(d, line);
	if (stat(d->path, &st) == 0)
		d->kept_s = st.st_mtime;
	buf_clear(&text);
	return true;
}

bool
draft_open(const struct model_ctx *m, struct draft **out, struct err *e)
{
	char name[DRAFT_NAME_MAX];
	struct draft *d = calloc(1, sizeof(*d));
	if (d == NULL)
		return err_set_errno(e, ENOMEM, "%s", _("cannot open a draft"));
	d->entries = (struct vec)VEC_INIT(struct draft_entry);
	d->undo = (struct vec)VEC_INIT(struct undo);
	name_clean(m->user, name);
	size_t dir = sizeof(JOURNAL_DIR) - 1;
	memcpy(d->shown, JOURNAL_DIR "/draft.", dir + 7);
	memcpy(d->shown + dir + 7, name, strlen(name) + 1);
	if (!root_path(m->root, d->shown, d->path, e) || !read_file(d, e)) {
		draft_close(d);
		return false;
	}
	*out = d;
	return true;
}

static void
undo_forget(struct draft *d)
{
	for (size_t i = 0; i < d->undo.len; i++)
		entry_clear(&VEC_AT(&d->undo, struct undo, i)->before);
	d->undo.len = 0;
}

void
draft_close(struct draft *d)
{
	if (d == NULL)
		return;
	undo_forget(d);
	for (size_t i = 0; i < d->entries.len; i++)
		entry_clear(VEC_AT(&d->entries, struct draft_entry, i));
	vec_clear(&d->entries);
	vec_clear(&d->undo);
	free(d);
}

size_t
draft_count(const struct draft *d)
{
	return d->entries.len;
}

const struct draft_entry *
draft_at(const struct draft *d, size_t i)
{
	return VEC_AT(&d->entries, struct draft_entry, i);
}

const struct draft_entry *
draft_find(
    const struct draft *d, const struct setting *setting, const char *target)
{
	size_t i = find(d, setting, target);
	return i < d->entries.len ? draft_at(d, i) : NULL;
}

int64_t
draft_kept_s(const struct draft *d)
{
	return d->kept_s;
}

size_t
draft_lost_secrets(const struct draft *d)
{
	return d->lost_secrets;
}

/* Remember how the wish of this setting stands now. */
static bool
undo_remember(struct draft *d, const struct setting *s, const char *target)
{
	struct undo u = { .was = false };
	size_t i = find(d, s, target);
	struct draft_entry key = { s, target, NULL, NULL };
	u.was = i < d->entries.len;
	u.before = entry_dup(u.was ? draft_at(d, i) : &key);
	if (vec_push(&d->undo, &u))
		return true;
	entry_clear(&u.before);
	return false;
}

/* Put or replace without history. */
static bool
put(struct draft *d, const struct draft_entry *wish, struct err *e)
{
	struct draft_entry own = entry_dup(wish);
	size_t i = find(d, wish->setting, wish->target);
	if (i < d->entries.len) {
		struct draft_entry *old =
		    VEC_AT(&d->entries, struct draft_entry, i);
		entry_clear(old);
		*old = own;
		return true;
	}
	if (vec_push(&d->entries, &own))
		return true;
	entry_clear(&own);
	return err_set_errno(e, ENOMEM, "%s", _("cannot keep the draft"));
}

static void
take_out(struct draft *d, size_t i)
{
	entry_clear(VEC_AT(&d->entries, struct draft_entry, i));
	vec_remove(&d->entries, i);
}

bool
draft_set(struct draft *d, const struct draft_entry *wish, struct err *e)
{
	if (!undo_remember(d, wish->setting, wish->target))
		return err_set_errno(
		    e, ENOMEM, "%s", _("cannot keep the draft"));
	return put(d, wish, e) && keep(d, e);
}

bool
draft_drop(struct draft *d, const struct setting *setting, const char *target,
    struct err *e)
{
	size_t i = find(d, setting, target);
	if (i == d->entries.len)
		return true;
	if (!undo_remember(d, setting, target))
		return err_set_errno(
		    e, ENOMEM, "%s", _("cannot keep the draft"));
	take_out(d, i);
	return keep(d, e);
}

bool
draft_undo(struct draft *d, const struct setting **what, struct err *e)
{
	*what = NULL;
	if (d->undo.len == 0)
		return true;
	struct undo u = *VEC_AT(&d->undo, struct undo, d->undo.len - 1);
	bool ok = true;
	d->undo.len--;
	*what = u.before.setting;
	if (u.was) {
		ok = put(d, &u.before, e);
	} else {
		size_t i = find(d, u.before.setting, u.before.target);
		if (i < d->entries.len)
			take_out(d, i);
	}
	entry_clear(&u.before);
	return ok && keep(d, e);
}

bool
draft_empty(struct draft *d, struct err *e)
{
	while (d->entries.len > 0)
		take_out(d, d->entries.len - 1);
	undo_forget(d);
	return keep(d, e);
}

struct settings_wish *
draft_wishes(const struct draft *d, struct arena *a, size_t *n)
{
	struct settings_wish *w =
	    ARENA_ARRAY(a, d->entries.len + 1, struct settings_wish);
	*n = 0;
	if (w == NULL)
		return NULL;
	for (size_t i = 0; i < d->entries.len; i++) {
		const struct draft_entry *entry = draft_at(d, i);
		w[i].setting = entry->setting;
		if (entry->target != NULL)
			w[i].target = arena_cstr(a, str_of(entry->target));
		if (entry->value != NULL)
			w[i].value = arena_cstr(a, str_of(entry->value));
	}
	*n = d->entries.len;
	return w;
}
