/*
 * The catalogue: every record complete, equal to the list of settings in
 * tests/data, and fit for its own type: default, ends of the range and every
 * choice pass parse, format and parse again, one step past each end is
 * refused.
 */
#include "core/setting/setting.h"

#include "core/base/num.h"
#include "core/sys/file.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum {
	SETTINGS = 282,
	COLUMNS = 14,
	ON_RELEASE_10 = 251
};

static const char catalogue[] = "tests/data/settings/catalogue.tsv";

static void
join(struct buf *out, const char *const *texts)
{
	buf_reset(out);
	for (size_t i = 0; texts != NULL && texts[i] != NULL; i++)
		buf_addf(out, "%s%s", i > 0 ? "," : "", texts[i]);
	if (out->len == 0)
		buf_add_char(out, '-');
}

/* The type as the catalogue writes it: "int(0..20)". */
static void
type_text(const struct setting *s, struct buf *out)
{
	const char *name = s->type->name;

	buf_reset(out);
	if (strcmp(name, "secret") == 0)
		name = "text";
	if (strcmp(name, "duration") == 0)
		name = "int";
	buf_add_cstr(out, name);
	if (strcmp(name, "bool") == 0 || strcmp(name, "enum") == 0) {
		for (size_t i = 0; s->choices[i].word != NULL; i++)
			buf_addf(out, "%c%s", i == 0 ? '(' : ',',
			    s->choices[i].word);
		if (s->type->editor == SETTING_EDIT_LINE)
			buf_add_cstr(out, ",<account>");
		buf_add_char(out, ')');
	} else if (strcmp(name, "int") == 0 || strcmp(name, "decimal") == 0) {
		buf_addf(out, "(%s..%s)", s->min != NULL ? s->min : "",
		    s->max != NULL ? s->max : "");
	} else if (s->separator != NULL && strcmp(name, "path") != 0) {
		buf_addf(out, "(%s)", s->separator);
	}
}

static void
default_text(const struct setting *s, struct buf *out)
{
	buf_reset(out);
	buf_addf(out, "%s%s", s->default_unset ? "unset→" : "",
	    s->default_value != NULL ? s->default_value : "-");
}

static const char *
or_dash(const char *text)
{
	return text != NULL ? text : "-";
}

static void
same(const char *id, const char *what, struct str wanted, const char *got)
{
	if (str_is(wanted, got))
		return;
	print_message("# %s: %s is '%s', the catalogue says '%.*s'\n", id, what,
	    got, STR_ARG(wanted));
	fail();
}

static void
compare(const struct setting *s, struct str f[COLUMNS])
{
	struct buf text = BUF_INIT(4096);

	same(s->id, "id", f[0], s->id);
	same(s->id, "database", f[1], s->db);
	same(s->id, "key", f[2], s->key);
	same(s->id, "property", f[3], s->prop);
	type_text(s, &text);
	same(s->id, "type", f[4], buf_cstr(&text));
	default_text(s, &text);
	same(s->id, "default", f[5], buf_cstr(&text));
	join(&text, s->events);
	same(s->id, "event", f[6], buf_cstr(&text));
	same(s->id, "apply", f[7], or_dash(s->apply));
	same(s->id, "area", f[8], s->area);
	same(s->id, "since", f[9], or_dash(s->since));
	same(s->id, "until", f[10], or_dash(s->until));
	same(s->id, "risk", f[11], setting_risk_word(s->risk));
	same(s->id, "summary", f[12], s->help);
	same(s->id, "French summary", f[13], s->help_fr);
	buf_clear(&text);
}

static void
test_registry_equals_the_catalogue(void **state)
{
	struct buf text = BUF_INIT(1 << 20);
	struct str rest, line;
	size_t count, n = 0;
	const struct setting *const *all = setting_all(&count);

	(void)state;
	assert_true(file_read(catalogue, NULL, &text, NULL));
	rest = buf_str(&text);
	assert_true(str_next_line(&rest, &line)); /* heads */
	while (str_next_line(&rest, &line)) {
		struct str f[COLUMNS];
		for (size_t i = 0; i < COLUMNS; i++) {
			assert_non_null(line.ptr);
			f[i] = str_cut(line, '\t', &line);
		}
		assert_true(n < count);
		compare(all[n++], f);
	}
	assert_int_equal(n, count);
	assert_int_equal(count, SETTINGS);
	buf_clear(&text);
}

static void
assert_place(const struct setting *s)
{
	bool file = strcmp(s->db, "file") == 0;
	bool pattern =
	    strchr(s->key, '<') != NULL || strchr(s->prop, '<') != NULL;

	assert_true(file == (s->place == SETTING_IN_FILE ||
				s->place == SETTING_IN_DNS));
	assert_true((s->place == SETTING_IN_VALUE) ==
		    (strcmp(s->prop, "(value)") == 0));
	/* a place with <...> in a database needs a target to be one */
	if (!file)
		assert_true(pattern == (s->target != SETTING_TARGET_NONE));
}

static void
test_registry_records_are_complete(void **state)
{
	size_t count, n_areas, area = 0;
	const struct setting *const *all = setting_all(&count);
	const char *const *areas = setting_areas(&n_areas);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct setting *s = all[i];
		struct buf words = BUF_INIT(4096);
		assert_non_null(s->type);
		assert_non_null(s->help);
		assert_true(s->help[0] != '\0' && s->help_fr[0] != '\0');
		assert_ptr_equal(setting_find(str_of(s->id)), s);
		assert_place(s);
		/* areas come in their order, each in one piece */
		while (area < n_areas && strcmp(areas[area], s->area) != 0)
			area++;
		assert_true(area < n_areas);
		s->type->describe(s, &words);
		assert_true(words.len > 0);
		buf_clear(&words);
		for (size_t k = 0; s->see_also != NULL && s->see_also[k]; k++)
			assert_non_null(setting_find(str_of(s->see_also[k])));
		if (s->visible_if_id != NULL)
			assert_non_null(setting_find(str_of(s->visible_if_id)));
		if (s->default_from != NULL)
			assert_non_null(setting_find(str_of(s->default_from)));
	}
}

/* parse, format, parse: the stored form is a fixed point. */
static void
round_trip(const struct setting *s, const char *value)
{
	struct buf once = BUF_INIT(SETTING_VALUE_MAX);
	struct buf twice = BUF_INIT(SETTING_VALUE_MAX);
	struct buf shown = BUF_INIT(SETTING_VALUE_MAX);
	struct err e = ERR_INIT;

	if (!s->type->parse(s, str_of(value), &once, &e))
		print_message("# %s refuses '%s': %s\n", s->id, value, e.text);
	assert_int_equal(e.code, ERR_NONE);
	s->type->format(s, buf_str(&once), &shown);
	assert_true(shown.len > 0);
	assert_true(s->type->parse(s, buf_str(&once), &twice, &e));
	assert_true(str_eq(buf_str(&once), buf_str(&twice)));
	buf_clear(&once);
	buf_clear(&twice);
	buf_clear(&shown);
}

static void
refuse(const struct setting *s, const char *value)
{
	struct buf out = BUF_INIT(SETTING_VALUE_MAX);
	struct err e = ERR_INIT;

	if (s->type->parse(s, str_of(value), &out, &e)) {
		print_message("# %s takes '%s'\n", s->id, value);
		fail();
	}
	assert_int_equal(e.code, ERR_USAGE);
	assert_true(strlen(e.text) > 0);
	buf_clear(&out);
}

/* Defaults that are words about a value, not values. */
static bool
is_prose(const struct setting *s)
{
	return s->default_from != NULL || strchr(s->default_value, '<') ||
	       strstr(s->default_value, "created at install") != NULL ||
	       strcmp(s->default_value, "pyzor internal default") == 0;
}

/* The number next to a bound, 'step' away in its last place. */
static void
neighbour(const char *bound, int step, char out[32])
{
	struct str text = str_of(bound);
	size_t point = str_find(text, '.', 0);
	int64_t whole = 0;

	assert_true(num_parse_i64(
	    str_sub(text, 0, point), INT64_MIN, INT64_MAX, &whole));
	snprintf(out, 32, "%" PRId64, whole + step);
}

static void
test_registry_values_round_trip(void **state)
{
	size_t count;
	const struct setting *const *all = setting_all(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct setting *s = all[i];
		bool words = s->type->editor == SETTING_EDIT_SWITCH ||
			     s->type->editor == SETTING_EDIT_CHOICE;
		char past[32];
		if (s->default_value != NULL && !is_prose(s))
			round_trip(s, s->default_value);
		for (size_t k = 0; s->choices != NULL && s->choices[k].word;
		     k++)
			round_trip(s, s->choices[k].word);
		if (s->min != NULL) {
			round_trip(s, s->min);
			neighbour(s->min, -1, past);
			refuse(s, past);
		}
		if (s->max != NULL) {
			round_trip(s, s->max);
			neighbour(s->max, 1, past);
			refuse(s, past);
		}
		if (words)
			refuse(s, "no-such-word");
	}
}

/* ES-17, ES-18: what the database would not give back is never stored. */
static void
test_registry_refuses_hostile_values(void **state)
{
	static const char *const hostile[] = { "a|b", "a\x01", "a\\", "a\\nb",
		"\x7f", "x\x1b[31m" };
	size_t count;
	const struct setting *const *all = setting_all(&count);
	char *large = test_malloc((1 << 20) + 1);

	(void)state;
	memset(large, 'a', 1 << 20);
	large[1 << 20] = '\0';
	for (size_t i = 0; i < count; i++) {
		const struct setting *s = all[i];
		if (s->place != SETTING_IN_DB && s->place != SETTING_IN_VALUE)
			continue;
		for (size_t k = 0; k < sizeof(hostile) / sizeof(hostile[0]);
		     k++)
			refuse(s, hostile[k]);
		refuse(s, large);
		/* a line break parts pasted entries, it is never stored */
		if (s->type->editor != SETTING_EDIT_LIST)
			refuse(s, "a\nb");
	}
	test_free(large);
}

static void
test_registry_releases(void **state)
{
	static const struct {
		const char *id, *release;
		bool is;
	} cases[] = {
		{ "spam.filter", "9.1", true },
		{ "filter.karma", "9.1", false },
		{ "filter.karma", "9.2", true },
		{ "filter.karma", "10", true },
		{ "filter.resolvable-from", "7", true },
		{ "filter.resolvable-from", "10", false },
		{ "delivery.smarthost", "10", true },
		{ "delivery.smarthost", "11", false },
		{ "delivery.smarthost-postfix", "10", false },
		{ "delivery.smarthost-postfix", "11", true },
		{ "auth.tls-before-auth", "7.4", false },
		{ "auth.tls-before-auth", "7.5.1", true },
		{ "virus.heuristic-precedence", "10", true },
		{ "virus.archive-max-ratio", "10", false },
		{ "smtp.stray-databytes", "10", false },
	};
	size_t count, on = 0;
	const struct setting *const *all = setting_all(&count);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    setting_on_release(
			setting_find(str_of(cases[i].id)), cases[i].release),
		    cases[i].is);
	for (size_t i = 0; i < count; i++)
		on += setting_on_release(all[i], "10");
	assert_int_equal(on, ON_RELEASE_10);
}

static void
test_registry_nearest(void **state)
{
	static const struct {
		const char *typed, *id; /* NULL: none is near */
	} cases[] = {
		{ "spam.rejectlevel", "spam.reject-level" },
		{ "spam.reject_level", "spam.reject-level" },
		{ "reject-level", "spam.reject-level" },
		{ "RejectLevel", "spam.reject-level" },
		{ "spam.reject-levle", "spam.reject-level" },
		{ "rbl.dnszones", "rbl.dns-zones" },
		{ "spam.sens", "spam.sensitivity" },
		{ "zzzzzzzzzzzzzzzzzz", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct setting *s =
		    setting_nearest(str_of(cases[i].typed));
		if (cases[i].id == NULL)
			assert_null(s);
		else
			assert_string_equal(s->id, cases[i].id);
	}
}

static void
test_registry_areas_by_name(void **state)
{
	static const struct {
		const char *typed, *area;
	} cases[] = {
		{ "RBL", "RBL" },
		{ "rbl", "RBL" },
		{ "filt", "Filtering/Spam" },
		{ "spam", "Filtering/Spam" },
		{ "relay", "Relay & Auth" },
		{ "groups", "Users & Groups" },
		{ "l", NULL }, /* Lists, Limits, Logs */
		{ "", NULL },
		{ "nothing", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *area = setting_area_find(str_of(cases[i].typed));
		if (cases[i].area == NULL)
			assert_null(area);
		else
			assert_string_equal(area, cases[i].area);
	}
	assert_string_equal(setting_area_covers("Webmail"), "Horde");
}

static void
test_registry_dangerous_values(void **state)
{
	static const struct {
		const char *id, *value;
		bool is;
	} cases[] = {
		{ "relay.require-auth", "disabled", true },
		{ "relay.require-auth", "enabled", false },
		{ "imap.access", "public", true },
		{ "imap.access", "private", false },
		{ "auth.tls-before-auth", "0", true },
		{ "auth.tls-before-auth", "1", false },
		{ "relay.free-clients", "192.168.1.40,10.0.0.1", false },
		{ "relay.free-clients", "192.168.1.40,203.0.113.9", true },
		{ "relay.free-clients", "172.32.0.1", true },
		{ "relay.free-clients", "", false },
		{ "spam.reject-level", "10", false },
		{ "fetchmail.password", "x", false },
	};
	size_t count;
	const struct setting *const *all = setting_all(&count);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    setting_needs_accept(setting_find(str_of(cases[i].id)),
			str_of(cases[i].value)),
		    cases[i].is);
	/* whoever is asked is told what happens */
	for (size_t i = 0; i < count; i++)
		if (all[i]->risk_value != NULL)
			assert_non_null(all[i]->risk_text);
}

static void
test_registry_targets(void **state)
{
	static const struct {
		const char *id, *target;
		bool is;
	} cases[] = {
		{ "spam.user-sort", "anna", true },
		{ "spam.user-sort", "an|na", false },
		{ "spam.user-sort", "a=b", false },
		{ "spam.user-sort", "#a", false },
		{ "spam.user-sort", "", false },
		{ "spam.user-sort", "a b", false },
		{ "spam.user-sort", "a\nb", false },
		{ "lists.sender", "*@friend.example", true },
		{ "lists.sender", "a|b", false },
		/* F040: each list has a form of its own */
		{ "lists.sender", "*host.example", true },
		{ "lists.sender", "host.example", false },
		{ "lists.recipient", "user@host.example", true },
		{ "lists.badmailfrom", "@host.example", true },
		{ "lists.badmailfrom", "host.example", false },
		{ "lists.whitelisthosts", "192.0.2.7", true },
		{ "lists.whitelisthosts", "192.0.2.", true },
		{ "lists.whitelisthosts", "2001:db8::/32", true },
		{ "lists.whitelisthosts", "host.example", false },
		{ "lists.whitelistsenders", "host.example", true },
		{ "lists.whitelistsenders", "@host.example", false },
		{ "lists.badhelo", "localhost", true },
		{ "domain.add", "new.example", true },
		{ "domain.add", "not a domain", false },
		{ "domain.add", "-x.example", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct setting *s = setting_find(str_of(cases[i].id));
		assert_int_equal(
		    setting_target_check(s, str_of(cases[i].target), NULL),
		    cases[i].is);
	}
	assert_int_equal(setting_target_of("user"), SETTING_TARGET_USER);
	assert_int_equal(setting_target_of("networks"), SETTING_TARGET_NETWORK);
	assert_int_equal(setting_target_of("x"), SETTING_TARGET_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registry_equals_the_catalogue),
		cmocka_unit_test(test_registry_records_are_complete),
		cmocka_unit_test(test_registry_values_round_trip),
		cmocka_unit_test(test_registry_refuses_hostile_values),
		cmocka_unit_test(test_registry_releases),
		cmocka_unit_test(test_registry_nearest),
		cmocka_unit_test(test_registry_areas_by_name),
		cmocka_unit_test(test_registry_dangerous_values),
		cmocka_unit_test(test_registry_targets),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
