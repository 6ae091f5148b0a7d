/* What waits in a draft, and taking steps of it back. */
#include "core/model/draft_int.h"

#include "core/base/i18n.h"
#include "core/model/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	DRAFT_NAME_MAX = 64,
};

struct undo {
	struct draft_entry before; /* its state; absent when 'was' is false */
	bool was;
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

void
draft_entry_clear(struct draft_entry *entry)
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
	if (!root_path(m->root, d->shown, d->path, e) ||
	    !draft_file_read(d, e)) {
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
		draft_entry_clear(&VEC_AT(&d->undo, struct undo, i)->before);
	d->undo.len = 0;
}

void
draft_close(struct draft *d)
{
	if (d == NULL)
		return;
	undo_forget(d);
	for (size_t i = 0; i < d->entries.len; i++)
		draft_entry_clear(VEC_AT(&d->entries, struct draft_entry, i));
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
	draft_entry_clear(&u.before);
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
		draft_entry_clear(old);
		*old = own;
		return true;
	}
	if (vec_push(&d->entries, &own))
		return true;
	draft_entry_clear(&own);
	return err_set_errno(e, ENOMEM, "%s", _("cannot keep the draft"));
}

static void
take_out(struct draft *d, size_t i)
{
	draft_entry_clear(VEC_AT(&d->entries, struct draft_entry, i));
	vec_remove(&d->entries, i);
}

bool
draft_set(struct draft *d, const struct draft_entry *wish, struct err *e)
{
	if (!undo_remember(d, wish->setting, wish->target))
		return err_set_errno(
		    e, ENOMEM, "%s", _("cannot keep the draft"));
	return put(d, wish, e) && draft_file_write(d, e);
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
	return draft_file_write(d, e);
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
	draft_entry_clear(&u.before);
	return ok && draft_file_write(d, e);
}

bool
draft_empty(struct draft *d, struct err *e)
{
	while (d->entries.len > 0)
		take_out(d, d->entries.len - 1);
	undo_forget(d);
	return draft_file_write(d, e);
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
