/*
 * The table setting -> files -> fragments -> event -> services, which the
 * manual and describe show: it agrees with tests/data/effects, with the
 * native fragments and with the events; a setting without an effect fails.
 */
#include "core/base/arena.h"
#include "core/event/event.h"
#include "core/setting/setting.h"
#include "core/sys/file.h"
#include "core/template/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DATA "tests/data/effects/"

enum {
	TABLE_MAX = 1 << 20
};

/* Told and counted, so that one run shows everything that is wrong. */
static size_t wrong_count;

static void
wrong(const struct setting *s, const char *what, const char *subject)
{
	print_error("%s: %s '%s'\n", s->id, what, subject);
	wrong_count++;
}

static struct str
table(struct arena *a, const char *path)
{
	struct buf text = BUF_INIT(TABLE_MAX);
	assert_true(file_read(path, NULL, &text, NULL));
	struct str all = arena_str(a, buf_str(&text));
	buf_clear(&text);
	return all;
}

/* Field 'n' of the row of 'id'; false when there is no such row. */
static bool
field_of(struct str text, const char *id, size_t n, struct str *out)
{
	struct str line;
	while (str_next_line(&text, &line)) {
		struct str f = str_cut(line, '\t', &line);
		if (!str_is(f, id))
			continue;
		for (size_t i = 0; i < n; i++)
			f = str_cut(line, '\t', &line);
		*out = f;
		return true;
	}
	return false;
}

/* "users/<user>/.qmail" is the native one with a star for the user. */
static bool
path_is(const char *path, const char *native)
{
	size_t from = strcspn(path, "<"), to = strcspn(path, ">");
	const char *star = strchr(native, '*');
	if (star == NULL || path[to] == '\0')
		return strcmp(path, native) == 0;
	return (size_t)(star - native) == from &&
	       strncmp(path, native, from) == 0 &&
	       strcmp(path + to + 1, star + 1) == 0;
}

/* Does 'each' take a native file of that path, of any release? */
static bool
any_native(const char *path,
    bool (*each)(const struct template_file *f, const void *arg),
    const void *arg)
{
	const struct template_file *f;
	for (size_t i = 0; (f = template_file_at(i)) != NULL; i++)
		if (path_is(path, f->path) && (each == NULL || each(f, arg)))
			return true;
	return false;
}

static bool
has_fragment(const struct template_file *f, const void *name)
{
	for (size_t i = 0; i < f->n_fragments; i++)
		if (strcmp(f->fragments[i].name, name) == 0)
			return true;
	return false;
}

/* By an event of the setting, or by the one that is run for the rest. */
static bool
is_expanded(const struct template_file *f, const void *arg)
{
	const struct setting *s = arg;
	if (event_expands(event_find("email-update"), f->path, NULL))
		return true;
	for (size_t i = 0; s->events != NULL && s->events[i] != NULL; i++) {
		char name[64];
		size_t n = strcspn(s->events[i], " ");
		snprintf(name, sizeof(name), "%.*s", (int)n, s->events[i]);
		const struct event *ev = event_find(name);
		if (ev != NULL && event_expands(ev, f->path, NULL))
			return true;
	}
	return false;
}

/* Path without what is said of it in parentheses. */
static const char *
bare(struct arena *a, const char *text)
{
	struct str s = str_of(text);
	return arena_cstr(a, str_sub(s, 0, str_find_str(s, STR(" ("))));
}

static void
fragments_check(struct arena *a, const struct setting *s)
{
	for (size_t i = 0; s->fragments != NULL && s->fragments[i] != NULL;
	     i++) {
		bool found = strstr(s->fragments[i], " (") != NULL;
		for (size_t k = 0; !found && s->files[k] != NULL; k++)
			found = any_native(bare(a, s->files[k]), has_fragment,
			    s->fragments[i]);
		if (!found)
			wrong(s, "none of its files has the fragment",
			    s->fragments[i]);
	}
}

/* Each file that is generated is so by an event of the setting. */
static void
events_check(struct arena *a, const struct setting *s)
{
	for (size_t i = 0; s->files != NULL && s->files[i] != NULL; i++) {
		const char *path = bare(a, s->files[i]);
		if (any_native(path, NULL, NULL) &&
		    !any_native(path, is_expanded, s))
			wrong(s, "no event of it expands", path);
	}
}

/*
 * A native file, a file of its own, a procedure that a test shows, or a lack
 * that is written down.
 */
static void
effect_check(struct arena *a, const struct setting *s, struct str procedures,
    struct str open)
{
	struct str kind;
	bool found = s->place == SETTING_IN_FILE ||
		     s->place == SETTING_IN_DNS ||
		     field_of(procedures, s->id, 1, &kind) ||
		     field_of(open, s->id, 1, &kind);
	for (size_t i = 0; !found && s->files != NULL && s->files[i] != NULL;
	     i++)
		found = any_native(bare(a, s->files[i]), NULL, NULL);
	if (!found)
		wrong(s, "has no effect", s->key);
}

static bool
has_text(const char *const *list, struct str text)
{
	for (; list != NULL && *list != NULL; list++)
		if (str_is(text, *list) ||
		    (strchr(*list, '<') != NULL &&
			str_starts(text, str_n(*list, strcspn(*list, "<")))))
			return true;
	return false;
}

/* What the table tells, the catalogue tells too. */
static void
row_check(struct arena *a, const struct setting *s, struct str rows)
{
	struct str list[2], rest;
	const char *const *ours[] = { s->files, s->services };
	if (!field_of(rows, s->id, 1, &list[0]) ||
	    !field_of(rows, s->id, 3, &list[1])) {
		wrong(s, "has no row in", DATA "effects.tsv");
		return;
	}
	for (size_t i = 0; i < 2; i++)
		for (; list[i].len > 0; list[i] = rest) {
			struct str one = str_cut(list[i], ';', &rest);
			if (one.ptr[0] != '(' && !str_is(one, "-") &&
			    !has_text(ours[i], one))
				wrong(s, "does not tell", arena_cstr(a, one));
		}
}

static void
test_effect_table(void **state)
{
	(void)state;
	struct arena *a = arena_new(16 << 20, NULL, NULL);
	struct str rows = table(a, DATA "effects.tsv");
	struct str procedures = table(a, DATA "procedures.tsv");
	struct str open = table(a, DATA "open.tsv");
	size_t n;
	const struct setting *const *all = setting_all(&n);
	wrong_count = 0;
	for (size_t i = 0; i < n; i++) {
		row_check(a, all[i], rows);
		fragments_check(a, all[i]);
		events_check(a, all[i]);
		effect_check(a, all[i], procedures, open);
	}
	print_message("# %zu settings\n", n);
	arena_free(a);
	assert_int_equal(wrong_count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_effect_table),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name(
	    "model_effect_table", tests, NULL, NULL);
}
