/*
 * Every row of tests/data/effects/effects.tsv: the example is stored through
 * the catalogue, the file expanded as on a server, the lines found in it
 * (EF-1). Rows that only tell a procedure are shown by what that procedure
 * is (procedures.tsv); rows that do not pass yet are in open.tsv, and none
 * of those may pass.
 */
#include "tests/unit/effects_fixture.h"

#include "core/base/vec.h"
#include "core/event/event.h"
#include "core/model/files.h"

#include <string.h>

#define DATA "tests/data/effects/"

enum {
	TABLE_MAX = 1 << 20,
	FIELDS = 7,
	ROWS = 282 /* of the table, without its heading */
};

/* A tab-separated table, one array of fields a row. */
struct table {
	struct str (*rows)[FIELDS];
	size_t n;
};

static void
table_read(struct arena *a, const char *path, struct table *t)
{
	struct buf text = BUF_INIT(TABLE_MAX);
	size_t max = 0;
	if (!file_read(path, NULL, &text, NULL))
		fail_msg("cannot read %s", path);
	struct str rest = arena_str(a, buf_str(&text)), line;
	for (size_t i = 0; i < rest.len; i++)
		max += rest.ptr[i] == '\n';
	t->rows = arena_alloc(a, (max + 1) * sizeof(*t->rows));
	t->n = 0;
	while (str_next_line(&rest, &line)) {
		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		for (size_t i = 0; i < FIELDS; i++)
			t->rows[t->n][i] = str_cut(line, '\t', &line);
		t->n++;
	}
	buf_clear(&text);
}

/* The first row about 'id' with this second field (empty: any), or NULL. */
static const struct str *
table_find(const struct table *t, struct str id, const char *second)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_eq(t->rows[i][0], id) &&
		    (second == NULL || str_is(t->rows[i][1], second)))
			return t->rows[i];
	return NULL;
}

struct tables {
	struct table rows, needs, procedures, open;
};

/* One row of the table, ready to be tried. */
struct row {
	const struct setting *setting;
	const char *id, *path, *target, *value, *lines, *release;
	bool fixed; /* the server makes it: there is nothing to set */
	bool same;  /* the example is what holds anyway */
	bool apart; /* its lines need not stand together */
};

/* The field with its escapes undone. */
static const char *
decode(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.len + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '\\' && i + 1 < s.len) {
			char next = s.ptr[++i];
			c = next == 'n' ? '\n' : next == 't' ? '\t' : next;
		}
		out[n++] = c;
	}
	return out;
}

/* Section 14: 10, or the release where the setting is. */
static const char *
release_of(struct arena *a, const struct tables *t, const struct setting *s)
{
	static const char *const last[] = { "9.1", "8", "7" };
	const struct str *told =
	    table_find(&t->needs, str_of(s->id), "release");
	if (told != NULL)
		return arena_cstr(a, told[2]);
	for (size_t i = 0; s->until != NULL && i < ARRAY_LEN(last); i++)
		if (strcmp(s->until, last[i]) == 0)
			return last[i];
	return s->since != NULL && strcmp(s->since, "11") == 0 ? "11" : "10";
}

/* "/home/e-smith/files/users/<user>/.qmail" of alice */
static const char *
path_of(struct arena *a, struct str path, const char *target)
{
	size_t from = str_find(path, '<', 0), to = str_find(path, '>', from);
	if (to >= path.len || target == NULL)
		return arena_cstr(a, path);
	return arena_printf(a, "%.*s%s%.*s", (int)from, path.ptr, target,
	    (int)(path.len - to - 1), path.ptr + to + 1);
}

static void
row_parse(
    struct arena *a, const struct tables *t, const struct str *f, struct row *r)
{
	struct str rest, value = f[4];
	*r = (struct row){ .id = arena_cstr(a, f[0]) };
	r->setting = setting_find(f[0]);
	if (r->setting == NULL)
		fail_msg("%s: no setting has this name", r->id);
	if (r->setting->target != SETTING_TARGET_NONE) {
		size_t at = str_find_str(value, STR(": "));
		r->target = arena_cstr(a, str_sub(value, 0, at));
		value = str_sub(value, at + 2, value.len);
	}
	const struct str *of = table_find(&t->needs, f[0], "target");
	if (of != NULL)
		r->target = decode(a, of[2]);
	/* "pattern, Status enabled": the start state has the second half */
	if (str_starts(value, STR("pattern, ")))
		value = STR("pattern");
	const struct str *as = table_find(&t->needs, f[0], "value");
	r->value = decode(a, as != NULL ? as[2] : value);
	const struct str *at = table_find(&t->needs, f[0], "path");
	r->path = at != NULL ? arena_cstr(a, at[2])
			     : path_of(a, str_cut(f[1], ';', &rest), r->target);
	r->lines = decode(a, f[5]);
	r->release = release_of(a, t, r->setting);
	r->fixed = table_find(&t->needs, f[0], "fixed") != NULL;
	r->same = table_find(&t->needs, f[0], "same") != NULL;
	r->apart = table_find(&t->needs, f[0], "apart") != NULL;
}

/* "SETTING[ for TARGET] TAB VALUE" */
static void
need_set(const struct place *p, const struct str *f)
{
	size_t at = str_find_str(f[0], STR(" for "));
	const char *target = NULL;
	if (at < f[0].len)
		target = arena_cstr(p->arena, str_sub(f[0], at + 5, f[0].len));
	place_set(p, arena_cstr(p->arena, str_sub(f[0], 0, at)), target,
	    decode(p->arena, f[1]));
}

/* What the row takes for granted. */
static void
row_prepare(const struct place *p, const struct tables *t, const struct row *r)
{
	for (size_t i = 0; i < t->needs.n; i++) {
		const struct str *f = t->needs.rows[i];
		if (!str_is(f[0], r->id))
			continue;
		if (str_is(f[1], "set"))
			need_set(p, f + 2);
		else if (str_is(f[1], "record"))
			place_record(p, arena_cstr(p->arena, f[2]), f[3], f[4]);
	}
}

/* EF-1: blank lines do not count, nor do runs of blanks in php.ini. */
static struct vec
lines_of(struct arena *a, struct str text, bool join)
{
	struct vec lines = VEC_INIT(struct str);
	struct str line;
	while (str_next_line(&text, &line)) {
		if (str_trim(line).len == 0)
			continue;
		if (join) {
			struct buf words = BUF_INIT(TABLE_MAX);
			struct str word;
			while (str_next_word(&line, &word))
				buf_addf(&words, " %.*s", STR_ARG(word));
			line = arena_str(a, buf_str(&words));
			buf_clear(&words);
		}
		assert_true(vec_push(&lines, &line));
	}
	return lines;
}

static bool
run_is_at(const struct vec *all, const struct vec *wanted, size_t at)
{
	for (size_t i = 0; i < wanted->len; i++)
		if (at + i >= all->len ||
		    !str_eq(*VEC_AT(all, struct str, at + i),
			*VEC_AT(wanted, struct str, i)))
			return false;
	return true;
}

static bool
has_run(const struct vec *all, const struct vec *wanted)
{
	for (size_t at = 0; at < all->len; at++)
		if (run_is_at(all, wanted, at))
			return true;
	return false;
}

static bool
has_each(const struct vec *all, const struct vec *wanted)
{
	for (size_t i = 0; i < wanted->len; i++) {
		bool found = false;
		for (size_t k = 0; k < all->len && !found; k++)
			found = str_eq(*VEC_AT(all, struct str, k),
			    *VEC_AT(wanted, struct str, i));
		if (!found)
			return false;
	}
	return wanted->len > 0;
}

static bool
lines_are_there(struct arena *a, const struct row *r, const struct buf *text)
{
	bool join = strcmp(r->path, "/etc/php.ini") == 0;
	struct vec all = lines_of(a, buf_str(text), join);
	struct vec wanted = lines_of(a, str_of(r->lines), join);
	bool found =
	    r->apart ? has_each(&all, &wanted) : has_run(&all, &wanted);
	vec_clear(&all);
	vec_clear(&wanted);
	return found;
}

/* The file as its template makes it, or as it stands where it has none. */
static bool
row_text(
    const struct place *p, const struct row *r, struct buf *out, struct err *e)
{
	char real[SYS_PATH_MAX];
	if (place_expand(p, r->path, out, e))
		return true;
	if (e->code != ERR_NO)
		return false;
	return root_follow(&p->root, r->path, real, NULL) &&
	       file_read(real, NULL, out, NULL);
}

/* NULL when the row holds, else why not, in the arena. */
static const char *
row_try(const struct place *p, const struct row *r)
{
	struct err e = ERR_INIT;
	struct buf before = BUF_INIT(TABLE_MAX), after = BUF_INIT(TABLE_MAX);
	struct settings_outcome o;
	const struct settings_wish w = { r->setting, r->target, r->value };
	const char *why = NULL;
	if (!row_text(p, r, &before, &e))
		buf_reset(&before);
	e = (struct err)ERR_INIT;
	bool stored =
	    r->fixed ||
	    settings_write(&p->m, &w, 1,
		"open-relay,exposes-passwords,may-lose-mail,may-block-legit,"
		"privacy,needs-reboot,changes-certificate",
		&o, &e);
	if (!stored || !row_text(p, r, &after, &e))
		why = arena_cstr(p->arena, str_of(e.text));
	else if (!lines_are_there(p->arena, r, &after))
		why = arena_printf(p->arena, "no such lines in %s:\n%s",
		    r->path, buf_cstr(&after));
	else if (r->same != str_eq(buf_str(&before), buf_str(&after)))
		why = r->same ? "the example changes the file"
			      : "the example changes nothing";
	buf_clear(&before);
	buf_clear(&after);
	return why;
}

/* All generated files, as one text. */
static void
everything(const struct place *p, struct buf *out)
{
	struct err e = ERR_INIT;
	struct expand *x = NULL;
	const char *const *paths;
	size_t n;
	struct files_set set;
	if (!expand_open(&p->m, &p->root, &x, &e) ||
	    !files_of_event(&p->m, x, NULL, NULL, &paths, &n, &e) ||
	    !files_make(&p->m, x, paths, n, false, &set, &e))
		fail_msg("%s", e.text);
	for (size_t i = 0; i < set.n; i++)
		buf_addf(out, "== %s\n%.*s", set.entries[i].path,
		    STR_ARG(set.entries[i].after));
	expand_close(x);
}

/* "record": it is stored, and no generated file says so. */
static const char *
procedure_record(const struct place *p, const struct row *r, struct str arg)
{
	struct buf before = BUF_INIT(64 << 20), after = BUF_INIT(64 << 20);
	(void)arg;
	everything(p, &before);
	place_set(p, r->id, r->target, r->value);
	everything(p, &after);
	bool same = str_eq(buf_str(&before), buf_str(&after));
	buf_clear(&before);
	buf_clear(&after);
	return same ? NULL : "a generated file changes";
}

/* "line PATH LINE": the file has that line afterwards, and had not. */
static const char *
procedure_line(const struct place *p, const struct row *r, struct str arg)
{
	struct err e = ERR_INIT;
	struct str line, path = str_cut(arg, ' ', &line);
	struct buf before = BUF_INIT(TABLE_MAX), after = BUF_INIT(TABLE_MAX);
	const char *file = arena_cstr(p->arena, path);
	const char *want =
	    arena_printf(p->arena, "\n%s\n", decode(p->arena, line));
	assert_true(place_expand(p, file, &before, &e));
	place_set(p, r->id, r->target, r->value);
	buf_add_char(&after, '\n');
	assert_true(place_expand(p, file, &after, &e));
	bool was = strstr(buf_cstr(&before), want) != NULL;
	bool is = strstr(buf_cstr(&after), want) != NULL;
	buf_clear(&before);
	buf_clear(&after);
	return is && !was ? NULL : "the file does not get that line";
}

/* "stored KEY": that record of the configuration has it too. */
static const char *
procedure_stored(const struct place *p, const struct row *r, struct str arg)
{
	struct err e = ERR_INIT;
	char path[SYS_PATH_MAX];
	struct db *db;
	bool ok = true;
	place_set(p, r->id, r->target, r->value);
	assert_true(db_path(&p->root, "configuration", path, NULL, &e));
	assert_true(db_load(path, NULL, &db, &e));
	while (ok && arg.len > 0) {
		struct str value, key = str_cut(arg, ' ', &arg);
		ok = db_prop(db, arena_cstr(p->arena, key), r->setting->prop,
			 p->arena, &value) &&
		     str_is(value, r->value);
	}
	db_free(db);
	return ok ? NULL : "a record does not have it";
}

/* "fragment NAME": its first file is made with that one, always. */
static const char *
procedure_fragment(const struct place *p, const struct row *r, struct str arg)
{
	const struct template_file *f =
	    template_find(r->path, template_release(r->release));
	(void)p;
	for (size_t i = 0; f != NULL && i < f->n_fragments; i++)
		if (str_is(arg, f->fragments[i].name))
			return NULL;
	return "there is no such fragment";
}

/* "mode PATH MODE": the file gets it, and had another. */
static const char *
procedure_mode(const struct place *p, const struct row *r, struct str arg)
{
	struct err e = ERR_INIT;
	struct str mode, path = str_cut(arg, ' ', &mode);
	struct expand *x;
	struct template_metadata before, after;
	struct buf text = BUF_INIT(TABLE_MAX);
	const char *file = arena_cstr(p->arena, path);
	mode_t want = (mode_t)strtol(arena_cstr(p->arena, mode), NULL, 8);
	assert_true(expand_open(&p->m, &p->root, &x, &e));
	assert_true(expand_text(x, file, &text, &before, &e));
	expand_close(x);
	place_set(p, r->id, r->target, r->value);
	assert_true(expand_open(&p->m, &p->root, &x, &e));
	assert_true(expand_text(x, file, &text, &after, &e));
	expand_close(x);
	buf_clear(&text);
	return after.has_mode && after.mode == want && before.mode != want
		   ? NULL
		   : "the file does not get that mode";
}

/* "service NAME": an event of the setting tells that service. */
static const char *
procedure_service(const struct place *p, const struct row *r, struct str arg)
{
	struct err e = ERR_INIT;
	const char *const *ev = r->setting->events;
	place_set(p, r->id, r->target, r->value);
	for (size_t i = 0; ev != NULL && ev[i] != NULL; i++) {
		struct event_service *s;
		size_t n;
		if (!event_services(&p->root, ev[i], p->arena, &s, &n, &e))
			return "its event is unknown";
		for (size_t k = 0; k < n; k++)
			if (str_is(arg, s[k].name))
				return NULL;
	}
	return "no event of it tells the service";
}

/* "view": what is shown is the file as it was generated. */
static const char *
procedure_view(const struct place *p, const struct row *r, struct str arg)
{
	struct err e = ERR_INIT;
	struct buf text = BUF_INIT(TABLE_MAX);
	struct settings_store *st;
	struct settings_row row;
	(void)arg;
	if (!place_expand(p, r->setting->key, &text, &e))
		return "the file is not generated";
	place_put_file(p, r->setting->key, buf_cstr(&text));
	assert_true(settings_open(&p->m, &st, &e));
	bool ok = settings_read(st, r->setting, r->target, &row, &e) &&
		  str_eq(row.value, str_trim(buf_str(&text)));
	settings_close(st);
	buf_clear(&text);
	return ok ? NULL : "the view shows something else";
}

/* "test PATH": shown by that test, which names the setting. */
static const char *
procedure_test(const struct place *p, const struct row *r, struct str arg)
{
	struct buf text = BUF_INIT(TABLE_MAX);
	(void)p;
	bool ok = file_read(arena_cstr(p->arena, arg), NULL, &text, NULL) &&
		  strstr(buf_cstr(&text), r->id) != NULL;
	buf_clear(&text);
	return ok ? NULL : "no test names it";
}

static const struct {
	const char *word;
	const char *(*run)(
	    const struct place *p, const struct row *r, struct str arg);
} procedures[] = {
	{ "record", procedure_record },
	{ "line", procedure_line },
	{ "service", procedure_service },
	{ "stored", procedure_stored },
	{ "fragment", procedure_fragment },
	{ "mode", procedure_mode },
	{ "view", procedure_view },
	{ "test", procedure_test },
};

static const char *
procedure_try(
    const struct place *p, const struct tables *t, const struct row *r)
{
	const struct str *f = table_find(&t->procedures, str_of(r->id), NULL);
	for (size_t i = 0; f != NULL && i < ARRAY_LEN(procedures); i++)
		if (str_is(f[1], procedures[i].word))
			return procedures[i].run(p, r, f[2]);
	return "it is not in procedures.tsv";
}

static bool
row_passes(struct arena *a, const struct tables *t, const struct str *f)
{
	struct place p;
	struct row r;
	row_parse(a, t, f, &r);
	place_open(&p, r.release);
	row_prepare(&p, t, &r);
	bool generates = !str_starts(f[5], STR("PROCEDURE:"));
	const char *why =
	    generates ? row_try(&p, &r) : procedure_try(&p, t, &r);
	bool expected = table_find(&t->open, f[0], NULL) == NULL;
	if (expected && why != NULL)
		print_error("%s: %s\n", r.id, why);
	if (!expected && why == NULL)
		print_error("%s: passes now; take it out of open.tsv\n", r.id);
	place_close(&p);
	return expected == (why == NULL);
}

static void
test_effects_rows(void **state)
{
	(void)state;
	struct arena *a = arena_new(16 << 20, NULL, NULL);
	struct tables t;
	size_t wrong = 0;
	table_read(a, DATA "effects.tsv", &t.rows);
	table_read(a, DATA "needs.tsv", &t.needs);
	table_read(a, DATA "procedures.tsv", &t.procedures);
	table_read(a, DATA "open.tsv", &t.open);
	assert_int_equal(t.rows.n, ROWS + 1);
	for (size_t i = 1; i < t.rows.n; i++)
		wrong += row_passes(a, &t, t.rows.rows[i]) ? 0 : 1;
	print_message("# %d rows, %zu of them open\n", ROWS, t.open.n);
	arena_free(a);
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_effects_rows),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name(
	    "model_effect_rows", tests, NULL, NULL);
}
