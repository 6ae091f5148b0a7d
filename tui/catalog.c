/* Settings merged with the draft. */
#include "tui/catalog.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	SHOWN_MAX = 4096,
};

static bool
row_read(struct catalog *c, const struct setting *s, struct catalog_row *row,
    struct err *e)
{
	row->s = s;
	row->many = s->target != SETTING_TARGET_NONE;
	row->visible = true;
	if (row->many)
		return true;
	return settings_read(c->store, s, NULL, &row->stored, e);
}

bool
catalog_load(const struct model_ctx *m, struct arena *arena,
    const struct draft *d, struct catalog **out, struct err *e)
{
	size_t n;
	const struct setting *const *all = setting_all(&n);
	struct catalog *c = calloc(1, sizeof(*c));
	if (c == NULL) {
		arena_free(arena);
		return err_set_errno(
		    e, ENOMEM, "%s", _("cannot read the settings"));
	}
	c->arena = arena;
	c->rows = ARENA_ARRAY(arena, n + 1, struct catalog_row);
	c->model = *m;
	c->model.arena = arena;
	bool ok = settings_open(&c->model, &c->store, e);
	c->n_all = n;
	for (size_t i = 0; ok && i < n; i++) {
		if (!setting_on_release(all[i], m->release))
			continue;
		ok = row_read(c, all[i], &c->rows[c->n], e);
		c->n++;
	}
	if (!ok) {
		catalog_free(c);
		return false;
	}
	catalog_merge(c, d);
	*out = c;
	return true;
}

void
catalog_free(struct catalog *c)
{
	if (c == NULL)
		return;
	settings_close(c->store);
	arena_free(c->arena);
	free(c);
}

struct catalog_row *
catalog_find(const struct catalog *c, const char *id)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->rows[i].s->id, id) == 0)
			return &c->rows[i];
	return NULL;
}

/* Has somebody stored another value since the wish was drafted? */
static bool
has_moved(const struct catalog_row *r)
{
	const struct draft_entry *d = r->draft;
	if (d == NULL || r->many || (r->s->flags & SETTING_SECRET) != 0)
		return false;
	if (d->base == NULL)
		return r->stored.is_stored;
	return !r->stored.is_stored || !str_is(r->stored.stored, d->base);
}

void
catalog_merge(struct catalog *c, const struct draft *d)
{
	for (size_t i = 0; i < c->n; i++) {
		struct catalog_row *r = &c->rows[i];
		r->draft = draft_find(d, r->s, NULL);
		r->moved = has_moved(r);
	}
	for (size_t i = 0; i < c->n; i++) {
		struct catalog_row *r = &c->rows[i];
		const char *id = r->s->visible_if_id;
		const struct catalog_row *on =
		    id != NULL ? catalog_find(c, id) : NULL;
		r->visible = on == NULL || on->many ||
			     str_is(catalog_value(on), r->s->visible_if_value);
	}
}

bool
catalog_has_value(const struct catalog_row *r)
{
	if (r->draft != NULL)
		return r->draft->value != NULL || r->s->default_value != NULL;
	return r->stored.value.ptr != NULL &&
	       (r->stored.is_stored || r->stored.value.len > 0);
}

struct str
catalog_value(const struct catalog_row *r)
{
	if (r->draft == NULL)
		return r->stored.value;
	return str_of(
	    r->draft->value != NULL ? r->draft->value : r->s->default_value);
}

static bool
is_default(const struct catalog_row *r)
{
	return !r->stored.is_stored ||
	       (r->s->default_value != NULL &&
		   str_is(r->stored.stored, r->s->default_value));
}

/* Values in files and in the DNS are shown, not written, from here. */
static bool
is_editable(const struct setting *s)
{
	return (s->flags & SETTING_READ_ONLY) == 0 &&
	       s->place != SETTING_IN_FILE && s->place != SETTING_IN_DNS &&
	       s->type->editor != SETTING_EDIT_NONE;
}

char
catalog_state(const struct catalog_row *r)
{
	if (r->draft != NULL)
		return '*';
	if (r->stored.source == SETTINGS_FRAGMENT)
		return '#';
	if (!is_editable(r->s))
		return '=';
	return r->many || is_default(r) ? ' ' : '+';
}

bool
catalog_asks_word(const struct setting *s, const char *value)
{
	return (s->risk == SETTING_RISK_OPEN_RELAY ||
		   s->risk == SETTING_RISK_EXPOSES_PASSWORDS) &&
	       (s->flags & SETTING_SECRET) == 0 &&
	       setting_value_is_risky(s, value);
}

bool
catalog_alarm(const struct catalog_row *r)
{
	if (r->many)
		return false;
	if (r->draft != NULL)
		return r->moved ||
		       setting_value_is_risky(r->s, r->draft->value);
	return catalog_is_bad(r);
}

bool
catalog_is_bad(const struct catalog_row *r)
{
	return !r->many && is_editable(r->s) && r->stored.is_stored &&
	       !r->stored.stored_valid;
}

bool
catalog_is_set(const struct catalog_row *r)
{
	char state = catalog_state(r);
	return state == '*' || state == '+' || state == '#' ||
	       catalog_is_bad(r);
}

/* Entries of a list with ", " between, whatever separates them stored. */
static void
show_list(const struct setting *s, struct str value, struct buf *out)
{
	struct str entry;
	for (bool first = true; setting_list_next(s, &value, &entry);
	     first = false) {
		buf_add_cstr(out, first ? "" : ", ");
		buf_add_str(out, entry);
	}
}

void
catalog_show_plain(
    const struct catalog_row *r, struct str value, struct buf *out)
{
	const struct setting *s = r->s;
	if ((s->flags & SETTING_SECRET) != 0)
		buf_add_cstr(out, _("(stored, not shown)"));
	else if (value.len == 0)
		buf_add_char(out, '-');
	else if ((s->flags & SETTING_LIST) != 0)
		show_list(s, value, out);
	else if (s->type != NULL && s->type->format != NULL)
		s->type->format(s, value, out);
	else
		buf_add_str(out, value);
}

/* "per user": who has a value each. */
static const char *
many_text(enum setting_target target)
{
	static const char *const texts[] = {
		[SETTING_TARGET_NONE] = "",
		[SETTING_TARGET_USER] = N_("one per user"),
		[SETTING_TARGET_GROUP] = N_("one per group"),
		[SETTING_TARGET_PSEUDONYM] = N_("one per pseudonym"),
		[SETTING_TARGET_DOMAIN] = N_("one per domain"),
		[SETTING_TARGET_NETWORK] = N_("one per network"),
		[SETTING_TARGET_PATTERN] = N_("one per pattern"),
		[SETTING_TARGET_ENTRY] = N_("one per entry"),
	};
	return _(texts[target]);
}

/* The type knows which of the two words of a switch "on" is. */
static bool
is_on(const struct setting *s, struct str value)
{
	struct buf on = BUF_INIT(SHOWN_MAX);
	bool same = s->type->parse(s, STR("on"), &on, NULL) &&
		    str_eq(buf_str(&on), value);
	buf_clear(&on);
	return same;
}

void
catalog_show(const struct catalog_row *r, bool narrow, struct buf *out)
{
	const struct setting *s = r->s;
	struct str value = catalog_value(r);
	enum setting_editor editor =
	    s->type != NULL ? s->type->editor : SETTING_EDIT_NONE;
	if (r->many) {
		buf_add_cstr(out, many_text(s->target));
		return;
	}
	if (r->draft == NULL && r->stored.source == SETTINGS_FRAGMENT) {
		buf_add_cstr(out, _("own fragment"));
		return;
	}
	if (!catalog_has_value(r)) {
		buf_add_char(out, '-');
		return;
	}
	if ((s->flags & SETTING_SECRET) != 0 && r->draft != NULL) {
		buf_add_cstr(
		    out, r->draft->value != NULL ? _("(new, not shown)") : "-");
		return;
	}
	if (editor == SETTING_EDIT_SWITCH) {
		buf_add_cstr(out, is_on(s, value) ? "[x] " : "[ ] ");
		buf_add_str(out, value);
	} else if (editor == SETTING_EDIT_CHOICE) {
		buf_addf(out, "< %.*s >", STR_ARG(value));
	} else {
		size_t from = out->len;
		catalog_show_plain(r, value, out);
		struct str shown = str_sub(buf_str(out), from, out->len);
		size_t unit = str_find_str(shown, STR(" ("));
		if (narrow && unit > 0 && unit < shown.len)
			buf_truncate(out, from + unit);
	}
}

void
catalog_show_old(const struct catalog_row *r, struct buf *out)
{
	struct buf old = BUF_INIT(SHOWN_MAX);
	if ((r->s->flags & SETTING_SECRET) != 0)
		return;
	if (!r->stored.is_stored && r->stored.value.len == 0)
		buf_add_char(&old, '-');
	else
		buf_add_str(&old, r->stored.value);
	buf_addf(out, _("was %s"), buf_cstr(&old));
	buf_clear(&old);
}

void
catalog_twin(const struct catalog_row *r, struct buf *out)
{
	if (r->many) {
		buf_addf(out, "smemail describe %s", r->s->id);
	} else if (r->draft == NULL) {
		buf_addf(out, "smemail get %s", r->s->id);
	} else if (r->draft->value == NULL) {
		buf_addf(out, "smemail unset %s", r->s->id);
	} else if ((r->s->flags & SETTING_SECRET) != 0) {
		buf_addf(out, "smemail set %s --stdin", r->s->id);
	} else {
		buf_addf(out, "smemail set %s ", r->s->id);
		escape_shell(out, str_of(r->draft->value));
	}
}

const char *
catalog_help(const struct catalog *c, const struct catalog_row *r)
{
	const char *text = r->s->help;
	if (c->model.french && r->s->help_fr != NULL)
		text = r->s->help_fr;
	return text != NULL ? text : "";
}

void
catalog_range(const struct catalog_row *r, struct buf *out)
{
	const struct setting *s = r->s;
	if (s->min != NULL && s->max != NULL)
		buf_addf(out, _("%s to %s"), s->min, s->max);
	else if (s->type != NULL && s->type->describe != NULL)
		s->type->describe(s, out);
}

/* What the areas hold, in words; the ids are those of the catalogue. */
static const struct {
	const char *area, *covers;
} areas[] = {
	{ N_("Access"), N_("who may read mail, and how") },
	{ N_("Reception"), N_("ports, HELO name, fetching") },
	{ N_("Delivery"), N_("provider server, queue") },
	{ N_("Filtering/Spam"), N_("score, HELO, karma, headers") },
	{ N_("Bayes"), N_("learning filter") },
	{ N_("RBL"), N_("DNS blacklists") },
	{ N_("Antivirus"), N_("clamd, freshclam, limits") },
	{ N_("Attachments"), N_("refused file types") },
	{ N_("Lists"), N_("generated list files") },
	{ N_("Relay & Auth"), N_("login, relay clients") },
	{ N_("Domain authentication"), N_("DKIM, SPF, DMARC") },
	{ N_("Limits"), N_("sizes, connections, quotas") },
	{ N_("Users & Groups"), N_("mail of accounts") },
	{ N_("Webmail"), N_("Horde") },
	{ N_("Logs"), N_("detail, kept files, report") },
	{ N_("System"), N_("MTU, domain name, mode") },
};

void
catalog_area(const char *area, struct buf *out)
{
	const char *words = _(area);
	if (strcmp(words, area) == 0)
		buf_add_cstr(out, area);
	else
		buf_addf(out, "%s (%s)", words, area);
}

const char *
catalog_covers(const char *area)
{
	for (size_t i = 0; i < ARRAY_LEN(areas); i++)
		if (strcmp(areas[i].area, area) == 0)
			return _(areas[i].covers);
	return "";
}

const char *
catalog_switched(const struct catalog_row *r)
{
	const struct setting_choice *c = r->s->choices;
	bool on = is_on(r->s, catalog_value(r));
	if (c == NULL || c[0].word == NULL || c[1].word == NULL)
		return NULL;
	return is_on(r->s, str_of(c[0].word)) == on ? c[1].word : c[0].word;
}
