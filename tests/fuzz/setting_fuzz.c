/*
 * Fuzzes values and the journal. The first byte chooses the setting, the rest
 * is a value and a target; what its type takes can be stored, shown and taken
 * again unchanged. The rest is read as a line of the journal too, and a line
 * made of what was understood reads back the same. Exercises
 * core/setting/type*.c, idna.c, target.c, nearest.c and
 * core/model/journal_line.c.
 */
#include "core/model/journal_int.h"
#include "core/setting/setting.h"
#include "core/setting/type_int.h"

#include <stdlib.h>

enum {
	ARENA_MAX = 1 << 24
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check_value(const struct setting *s, struct str text)
{
	bool in_db = s->place == SETTING_IN_DB || s->place == SETTING_IN_VALUE;
	struct buf once = BUF_INIT(SETTING_VALUE_MAX);
	struct buf again = BUF_INIT(SETTING_VALUE_MAX);
	struct buf shown = BUF_INIT(SETTING_VALUE_MAX * 4);
	struct err e = ERR_INIT;

	if (!s->type->parse(s, text, &once, &e)) {
		require(e.code != ERR_NONE && e.text[0] != '\0');
	} else {
		struct str stored = buf_str(&once);
		require(!in_db || type_storable(stored, NULL));
		/* the database trims (ES-15): nothing may hang on that */
		require(!in_db || str_trim(stored).len == stored.len);
		require(
		    s->type->parse(s, stored, &again, NULL) || stored.len == 0);
		require(stored.len == 0 || str_eq(stored, buf_str(&again)));
		s->type->format(s, stored, &shown);
		(void)setting_needs_accept(s, stored);
		if (s->type->check != NULL)
			(void)s->type->check(s, stored, &e);
	}
	buf_clear(&once);
	buf_clear(&again);
	buf_clear(&shown);
}

static void
check_line(struct str text)
{
	struct arena *a = arena_new(ARENA_MAX, NULL, NULL);
	struct buf line = BUF_INIT(ARENA_MAX);
	struct journal_entry entry, back;
	struct journal_apply apply;
	struct str rest;

	if (a != NULL && str_find(text, '\n', 0) == text.len &&
	    journal_line_parse(text, a, &entry, &apply, &rest) ==
		JOURNAL_LINE_STORED) {
		journal_line_stored(&line, &entry);
		require(
		    journal_line_parse(str_sub(buf_str(&line), 0, line.len - 1),
			a, &back, &apply, &rest) == JOURNAL_LINE_STORED);
		require(back.number == entry.number &&
			back.new_stored == entry.new_stored &&
			str_eq(back.new_value, entry.new_value) &&
			str_eq(str_of(back.target), str_of(entry.target)));
	}
	buf_clear(&line);
	arena_free(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t count;
	const struct setting *const *all = setting_all(&count);
	const struct setting *s;
	struct str text;

	if (size < 2)
		return 0;
	s = all[(data[0] * 256U + data[1]) % count];
	text = str_n((const char *)data + 2, size - 2);
	check_value(s, text);
	(void)setting_target_check(s, text, NULL);
	(void)setting_nearest(text);
	(void)setting_area_find(text);
	check_line(text);
	return 0;
}
