/*
 * The draft's file holds one wish a line: id, target, base and value, tabs
 * between. "-" is none; "=TEXT" a text with \\, \t and \n escaped; "*" a
 * secret that was not kept.
 */
#include "core/model/draft_int.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/model/journal.h"
#include "core/sys/file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	DRAFT_FILE_MAX = 1024 * 1024,
	DRAFT_FILE_MODE = 0600,
	DRAFT_DIR_MODE = 0755,
};

static const char head[] = "smemail draft 1\n";

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
		draft_entry_clear(&entry);
}

bool
draft_file_write(const struct draft *d, struct err *e)
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

bool
draft_file_read(struct draft *d, struct err *e)
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
