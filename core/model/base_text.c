/* A base as lines of text, and what has moved between two. */
#include "core/model/base.h"

#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/setting/setting.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#define HEAD "smemail-plan 1"

enum {
	SECONDS_PER_DAY = 86400,
	SUM_DIGITS = 16
};

/*
 *	smemail-plan 1
 *	made TIME CHANGE UPTO WHO
 *	db SUM RECORDS NAME
 *	file BEFORE AFTER PATH
 */
void
base_text(const struct base *b, struct buf *out)
{
	buf_addf(out, HEAD "\nmade %" PRId64 " %ld %ld %s\n", b->time_s,
	    b->change, b->upto, b->who);
	for (size_t i = 0; i < b->n_dbs; i++)
		buf_addf(out, "db %016" PRIx64 " %zu %s\n", b->dbs[i].sum,
		    b->dbs[i].records, b->dbs[i].name);
	for (size_t i = 0; i < b->n_files; i++)
		buf_addf(out, "file %016" PRIx64 " %016" PRIx64 " %s\n",
		    b->files[i].before, b->files[i].after, b->files[i].path);
	buf_add_cstr(out, "end\n");
}

static bool
take_sum(struct str *rest, uint64_t *out)
{
	struct str word = str_cut(*rest, ' ', rest);
	uint64_t sum = 0;
	if (word.len != SUM_DIGITS)
		return false;
	for (size_t i = 0; i < word.len; i++) {
		int digit = num_hex_digit(word.ptr[i]);
		if (digit < 0)
			return false;
		sum = sum << 4 | (uint64_t)digit;
	}
	*out = sum;
	return true;
}

static bool
take_number(struct str *rest, int64_t *out)
{
	return num_parse_i64(str_cut(*rest, ' ', rest), 0, LONG_MAX, out);
}

static bool
take_made(struct str rest, struct arena *a, struct base *b)
{
	int64_t change, upto;
	if (!take_number(&rest, &b->time_s) || !take_number(&rest, &change) ||
	    !take_number(&rest, &upto) || rest.ptr == NULL)
		return false;
	b->change = (long)change;
	b->upto = (long)upto;
	b->who = arena_cstr(a, rest);
	return true;
}

static bool
take_db(struct str rest, struct arena *a, struct base *b)
{
	struct base_db *db = &b->dbs[b->n_dbs];
	int64_t records;
	if (!take_sum(&rest, &db->sum) || !take_number(&rest, &records) ||
	    rest.len == 0)
		return false;
	db->records = (size_t)records;
	db->name = arena_cstr(a, rest);
	b->n_dbs++;
	return true;
}

static bool
take_file(struct str rest, struct arena *a, struct base *b)
{
	struct base_file *f = &b->files[b->n_files];
	if (!take_sum(&rest, &f->before) || !take_sum(&rest, &f->after) ||
	    rest.len == 0)
		return false;
	f->existed = f->before != 0;
	f->path = arena_cstr(a, rest);
	b->n_files++;
	return true;
}

static bool
take_line(struct str line, struct arena *a, struct base *b)
{
	struct str rest, word = str_cut(line, ' ', &rest);
	if (rest.ptr == NULL)
		return false;
	if (str_is(word, "made"))
		return take_made(rest, a, b);
	if (str_is(word, "db"))
		return take_db(rest, a, b);
	return str_is(word, "file") && take_file(rest, a, b);
}

bool
base_parse(struct str text, const char *shown, struct arena *a,
    struct base *out, struct err *e)
{
	struct str rest = text, line;
	size_t lines = 0;
	bool ended = false;
	*out = (struct base){ .who = NULL };
	for (size_t i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	out->dbs = ARENA_ARRAY(a, lines + 2, struct base_db);
	out->files = ARENA_ARRAY(a, lines + 2, struct base_file);
	bool ok = str_next_line(&rest, &line) && str_is(line, HEAD);
	if (!ok)
		return err_set(e, ERR_USAGE,
		    _("'%s' is not a plan that smemail saved"), shown);
	while (ok && !ended && str_next_line(&rest, &line)) {
		ended = str_is(line, "end");
		ok = ended || take_line(line, a, out);
	}
	if (ok && ended && rest.len == 0 && out->who != NULL)
		return true;
	return err_set(e, ERR_USAGE,
	    _("the plan '%s' is damaged: it was cut off or edited"), shown);
}

/* "14:03", with the date when that was another day. */
static const char *
moment(const struct model_ctx *m, int64_t unix_s)
{
	char text[32];
	time_t then = (time_t)unix_s;
	struct tm t;
	int64_t age = clock_wall_s(m->clock) - unix_s;
	bool recent = age > -SECONDS_PER_DAY && age < SECONDS_PER_DAY;
	if (localtime_r(&then, &t) == NULL ||
	    strftime(text, sizeof(text), recent ? "%H:%M" : "%Y-%m-%d %H:%M",
		&t) == 0)
		return "-";
	return arena_cstr(m->arena, str_of(text));
}

struct moved {
	const struct model_ctx *m;
	const char **lines;
	size_t n;
	size_t max;
};

static void
moved_add(struct moved *v, const char *line)
{
	if (v->n < v->max)
		v->lines[v->n++] = line;
}

/* Settings that were stored since; true when any is of this database. */
static bool
moved_settings(struct moved *v, const struct base *then,
    const struct journal *j, const char *db)
{
	bool any = false;
	for (size_t i = 0; i < j->n_entries; i++) {
		const struct journal_entry *entry = &j->entries[i];
		const struct setting *s = setting_find(str_of(entry->setting));
		if (entry->number <= then->upto || s == NULL || s->db == NULL ||
		    strcmp(s->db, db) != 0)
			continue;
		any = true;
		moved_add(v, arena_printf(v->m->arena,
				 _("'%s' changed at %s by %s"), entry->setting,
				 moment(v->m, entry->time_s), entry->who));
	}
	return any;
}

static const struct base_db *
db_find_sum(const struct base *b, const char *name)
{
	for (size_t i = 0; i < b->n_dbs; i++)
		if (strcmp(b->dbs[i].name, name) == 0)
			return &b->dbs[i];
	return NULL;
}

static void
moved_dbs(struct moved *v, const struct base *then, const struct base *now,
    const struct journal *j)
{
	for (size_t i = 0; i < now->n_dbs; i++) {
		const struct base_db *db = &now->dbs[i];
		const struct base_db *old = db_find_sum(then, db->name);
		if (old != NULL && old->sum == db->sum)
			continue;
		if (!moved_settings(v, then, j, db->name))
			moved_add(
			    v, arena_printf(v->m->arena,
				   _("the database '%s' was changed by another "
				     "program"),
				   db->name));
	}
	for (size_t i = 0; i < then->n_dbs; i++)
		if (db_find_sum(now, then->dbs[i].name) == NULL)
			moved_add(v, arena_printf(v->m->arena,
					 _("the database '%s' is gone"),
					 then->dbs[i].name));
}

static void
moved_files(struct moved *v, const struct base *then, const struct base *now)
{
	for (size_t i = 0; i < now->n_files; i++) {
		const struct base_file *f = &now->files[i];
		const struct base_file *old = base_file_find(then, f->path);
		if (old != NULL && old->before != f->before)
			moved_add(
			    v, arena_printf(v->m->arena,
				   _("the file '%s' was changed"), f->path));
		else if (old == NULL || old->after != f->after)
			moved_add(
			    v, arena_printf(v->m->arena,
				   _("'%s' would come out differently now"),
				   f->path));
	}
	for (size_t i = 0; i < then->n_files; i++)
		if (base_file_find(now, then->files[i].path) == NULL)
			moved_add(v, arena_printf(v->m->arena,
					 _("'%s' would not be made any more"),
					 then->files[i].path));
}

size_t
base_moved(const struct model_ctx *m, const struct base *then,
    const struct base *now, const struct journal *j, const char *const **lines)
{
	struct moved v = {
		.m = m,
		.max = j->n_entries + j->n_applies + 2 * then->n_files +
		       2 * now->n_files + now->n_dbs + then->n_dbs,
	};
	v.lines = ARENA_ARRAY(m->arena, v.max + 1, const char *);
	*lines = v.lines;
	moved_dbs(&v, then, now, j);
	for (size_t i = 0; i < j->n_applies; i++) {
		const struct journal_apply *apply = &j->applies[i];
		if (apply->change > then->change)
			moved_add(
			    &v, arena_printf(m->arena,
				    _("change %ld was applied at %s by "
				      "%s"),
				    apply->change, moment(m, apply->time_s),
				    apply->who));
	}
	moved_files(&v, then, now);
	return v.n;
}
