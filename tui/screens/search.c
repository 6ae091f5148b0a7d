/* Search over every setting and command (screens.md 4.5). */
#include "core/base/i18n.h"
#include "core/base/utf8.h"
#include "tui/draw.h"
#include "tui/screens/screens.h"
#include "tui/widget/list.h"
#include "core/base/line_match.h"

#include <stdlib.h>
#include <string.h>

enum {
	WORDS_MAX = 8,
	MATCHED_MAX = 160,
	NAME_X = 3,
	VALUE_X = 32,
	MATCH_X = 48,
	QUERY_MAX = 200,
	EXCERPT_MIN = 20,
	TEXT_MAX = 4096,
};

enum item_kind {
	ITEM_HEADING,
	ITEM_SETTING,
	ITEM_COMMAND,
	ITEM_SAME,  /* a word of the same meaning */
	ITEM_OTHER, /* a setting of another release */
};

struct item {
	enum item_kind kind;
	int rank; /* of settings: id, property, summary */
	const struct setting *s;
	const char *text; /* heading, words of a command, the other word */
	size_t more;      /* of ITEM_SAME */
	char matched[MATCHED_MAX];
};

struct search {
	struct screen screen;
	struct vec items; /* struct item */
	struct list_view list;
	char query[QUERY_MAX];
	size_t settings, commands, others;
};

/* Words that say the same in the texts about mail. */
static const char *const same[][5] = {
	{ "reject", "refuse", "block", "deny", NULL },
	{ "spam", "junk", "pourriel", NULL, NULL },
	{ "blacklist", "blocklist", "rbl", "dnsbl", NULL },
	{ "whitelist", "allowlist", "exempt", NULL, NULL },
	{ "smarthost", "provider", "relayhost", NULL, NULL },
	{ "virus", "clamav", "clamd", NULL, NULL },
	{ "size", "limit", "quota", NULL, NULL },
};

static struct search *
self(struct screen *s)
{
	return (struct search *)s;
}

static bool
skips(const void *ctx, size_t i)
{
	const struct search *q = ctx;
	return VEC_AT(&q->items, struct item, i)->kind == ITEM_HEADING;
}

static bool
has(const struct line_match *m, const char *text)
{
	size_t at, len;
	return text != NULL && line_match_find(m, str_of(text), 0, &at, &len);
}

/* The summary from the word found on, in the language it was found in. */
static void
add_excerpt(
    struct buf *out, const struct setting *s, const struct line_match *word)
{
	size_t at = 0, len;
	struct str text = str_of(s->help);
	if (!line_match_find(word, text, 0, &at, &len)) {
		text = str_of(s->help_fr);
		if (!line_match_find(word, text, 0, &at, &len))
			at = 0;
	}
	/* from the beginning of a word, with words before a short rest */
	while (
	    at > 0 && (text.ptr[at - 1] != ' ' || text.len - at < EXCERPT_MIN))
		at--;
	buf_addf(out, "%s \"%.*s\"", _("summary"),
	    STR_ARG(str_sub(text, at, text.len)));
}

/* Where the setting matches; rank 0 (id) to 2 (summary), -1: nowhere. */
static int
rank(const struct setting *s, const struct line_match *words, size_t n,
    char *where)
{
	int best = -1;
	struct buf out = BUF_INIT(MATCHED_MAX);
	bool id = false, prop = false, help = false;
	for (size_t i = 0; i < n; i++) {
		bool in_id = has(&words[i], s->id);
		bool in_prop =
		    has(&words[i], s->prop) || has(&words[i], s->key);
		bool in_help =
		    has(&words[i], s->help) || has(&words[i], s->help_fr);
		if (!in_id && !in_prop && !in_help)
			return -1;
		id = id || in_id;
		prop = prop || in_prop;
		help = help || (in_help && !in_id && !in_prop);
	}
	best = id ? 0 : prop ? 1 : 2;
	if (id)
		buf_add_cstr(&out, _("id"));
	if (prop)
		buf_addf(&out, "%s%s %s", id ? "; " : "", _("property"),
		    s->prop != NULL ? s->prop : s->key);
	if (help && !id && !prop)
		add_excerpt(&out, s, &words[0]);
	struct str cut = utf8_prefix(buf_str(&out), MATCHED_MAX / 4);
	memcpy(where, cut.ptr, cut.len);
	where[cut.len] = '\0';
	buf_clear(&out);
	return best;
}

static size_t
words_of(const char *query, struct line_match words[WORDS_MAX])
{
	struct str rest = str_of(query), word;
	size_t n = 0;
	while (n < WORDS_MAX && str_next_word(&rest, &word))
		line_match_init(&words[n++], word);
	return n;
}

static void
push(struct search *q, const struct item *item)
{
	if (!vec_push(&q->items, item))
		return;
	list_resize(&q->list, q->items.len);
}

static void
push_heading(struct search *q, const char *text)
{
	struct item heading = { .kind = ITEM_HEADING, .text = "" };
	push(q, &heading);
	heading.text = text;
	push(q, &heading);
}

/* Settings of one rank, or those of other releases. */
static size_t
add_settings(struct search *q, const struct tui *ui,
    const struct line_match *words, size_t n, int wanted, bool here)
{
	size_t all, found = 0;
	const struct setting *const *s = setting_all(&all);
	for (size_t i = 0; i < all; i++) {
		struct item item = { .kind = here ? ITEM_SETTING : ITEM_OTHER,
			.s = s[i] };
		if (setting_on_release(s[i], ui->model.release) != here)
			continue;
		item.rank = rank(s[i], words, n, item.matched);
		if (item.rank < 0 || (here && item.rank != wanted))
			continue;
		if (!here && found == 0)
			push_heading(q, _("Not on this release"));
		push(q, &item);
		found++;
	}
	return found;
}

static size_t
add_commands(
    struct search *q, struct tui *ui, const struct line_match *words, size_t n)
{
	struct tui_command c;
	size_t found = 0;
	for (size_t i = 0; ui->host->command(ui->host->ctx, i, &c); i++) {
		bool all = true;
		for (size_t w = 0; w < n; w++)
			all = all && (has(&words[w], c.words) ||
					 has(&words[w], c.summary));
		struct item item = { .kind = ITEM_COMMAND, .text = c.words };
		if (!all)
			continue;
		struct str cut =
		    utf8_prefix(str_of(c.summary), MATCHED_MAX / 4);
		memcpy(item.matched, cut.ptr, cut.len);
		item.matched[cut.len] = '\0';
		if (found++ == 0)
			push_heading(q, _("Commands"));
		push(q, &item);
	}
	return found;
}

/* How many settings 'word' would find. */
static size_t
count_for(const struct tui *ui, const char *word)
{
	struct line_match m;
	char where[MATCHED_MAX];
	size_t all, found = 0;
	const struct setting *const *s = setting_all(&all);
	line_match_init(&m, str_of(word));
	for (size_t i = 0; i < all; i++)
		found += setting_on_release(s[i], ui->model.release) &&
			 rank(s[i], &m, 1, where) >= 0;
	line_match_clear(&m);
	return found;
}

static void
add_same(struct search *q, const struct tui *ui)
{
	for (size_t g = 0; g < ARRAY_LEN(same); g++) {
		bool in = false;
		for (size_t k = 0; same[g][k] != NULL; k++)
			in = in || str_is_nocase(str_of(q->query), same[g][k]);
		for (size_t k = 0; in && same[g][k] != NULL; k++) {
			struct item item = { .kind = ITEM_SAME,
				.text = same[g][k],
				.more = count_for(ui, same[g][k]) };
			if (item.more == 0 ||
			    str_is_nocase(str_of(q->query), same[g][k]))
				continue;
			push_heading(q, _("Same meaning"));
			push(q, &item);
			return; /* the nearest is enough */
		}
	}
}

static void
find(struct search *q, struct tui *ui)
{
	struct line_match words[WORDS_MAX];
	size_t n = words_of(q->query, words);
	q->items.len = 0;
	q->settings = q->commands = q->others = 0;
	list_resize(&q->list, 0);
	if (n == 0)
		return;
	for (int r = 0; r < 3; r++)
		q->settings += add_settings(q, ui, words, n, r, true);
	q->commands = add_commands(q, ui, words, n);
	add_same(q, ui);
	q->others = add_settings(q, ui, words, n, 0, false);
	for (size_t i = 0; i < n; i++)
		line_match_clear(&words[i]);
	q->list.cur = q->list.top = 0;
	list_go(&q->list, 0);
}

static const struct item *
current(const struct search *q)
{
	if (q->list.cur >= q->items.len)
		return NULL;
	return VEC_AT(&q->items, struct item, q->list.cur);
}

static void
path(struct screen *s, struct tui *ui, struct buf *out)
{
	(void)s;
	(void)ui;
	buf_addf(out, "%s > %s", _("Settings"), _("search"));
}

static void
draw_setting(struct tui *ui, const struct view *v, int y,
    const struct item *item, bool cur)
{
	struct buf value = BUF_INIT(TEXT_MAX);
	struct catalog *c = ui_catalog(ui);
	const struct catalog_row *r =
	    c != NULL ? catalog_find(c, item->s->id) : NULL;
	int value_x = v->narrow ? 21 : VALUE_X;
	int value_w = v->narrow ? v->w - value_x : MATCH_X - VALUE_X;
	if (r != NULL) {
		draw_marks(ui, y, 0, cur, catalog_state(r), catalog_alarm(r));
		catalog_show(r, true, &value);
	}
	draw_cell(ui, y, NAME_X, (size_t)(value_x - NAME_X),
	    cur ? STYLE_CURSOR : STYLE_NORMAL, str_of(item->s->id));
	if (item->kind == ITEM_OTHER)
		buf_addf(&value,
		    item->s->until != NULL ? _("until SME %s")
					   : _("since SME %s"),
		    item->s->until != NULL   ? item->s->until
		    : item->s->since != NULL ? item->s->since
					     : "?");
	draw_cell(
	    ui, y, value_x, (size_t)value_w, STYLE_NORMAL, buf_str(&value));
	if (!v->narrow)
		draw_last(ui, y, MATCH_X, (size_t)(v->w - MATCH_X),
		    STYLE_NORMAL, str_of(item->matched));
	buf_clear(&value);
}

static void
draw_item(
    struct search *q, struct tui *ui, const struct view *v, int y, size_t i)
{
	const struct item *item = VEC_AT(&q->items, struct item, i);
	bool cur = i == q->list.cur;
	enum term_style style = cur ? STYLE_CURSOR : STYLE_NORMAL;
	int second = v->narrow ? 21 : VALUE_X;
	size_t w = (size_t)(v->w - second);
	draw_marks(ui, y, 0, cur, ' ', false);
	switch (item->kind) {
	case ITEM_HEADING:
		term_put(ui->term, y, 1, (size_t)v->w - 1, STYLE_HEAD,
		    str_of(item->text));
		break;
	case ITEM_SETTING:
	case ITEM_OTHER:
		draw_setting(ui, v, y, item, cur);
		break;
	case ITEM_COMMAND:
		draw_cell(ui, y, NAME_X, (size_t)(second - NAME_X), style,
		    str_of(item->text));
		draw_last(
		    ui, y, second, w, STYLE_NORMAL, str_of(item->matched));
		break;
	case ITEM_SAME:
		draw_cell(ui, y, NAME_X, (size_t)(second - NAME_X), style,
		    str_of(item->text));
		draw_last(ui, y, second, w, STYLE_NORMAL,
		    str_of(ui_text(ui,
			P_("%zu setting: Tab searches for it",
			    "%zu settings: Tab searches for it", item->more),
			item->more)));
		break;
	}
}

static void
draw(struct screen *s, struct tui *ui, const struct view *v)
{
	struct search *q = self(s);
	const struct item *cur = current(q);
	int y = v->y, help = v->help > 0 ? 1 : 0;
	int rows = v->h - help - (v->heads ? 1 : 0);
	if (v->heads) {
		term_put(
		    ui->term, y, NAME_X, 20, STYLE_HEAD, str_of(_("Setting")));
		term_put(
		    ui->term, y, VALUE_X, 15, STYLE_HEAD, str_of(_("Value")));
		term_put(ui->term, y++, MATCH_X, 20, STYLE_HEAD,
		    str_of(_("Matched in")));
	}
	list_fit(&q->list, (size_t)rows);
	for (size_t i = q->list.top; i < q->items.len && rows > 0; i++, rows--)
		draw_item(q, ui, v, y++, i);
	if (help > 0 && cur != NULL && cur->s != NULL) {
		const char *text = ui->model.french && cur->s->help_fr != NULL
				       ? cur->s->help_fr
				       : cur->s->help;
		if (text != NULL)
			draw_prose(ui, v->y + v->h - 1, 1, (size_t)v->w - 2, 1,
			    STYLE_NORMAL, str_of(text));
	}
}

static void
status(struct screen *s, struct tui *ui, struct buf *out)
{
	struct search *q = self(s);
	const struct catalog *c = ui_catalog(ui);
	if (q->query[0] == '\0') {
		buf_add_cstr(out, _("type words of an id, a property or a "
				    "summary"));
		return;
	}
	buf_addf(out,
	    _("%zu of %zu settings, %zu commands, %zu of another "
	      "release"),
	    q->settings, c != NULL ? c->n : 0, q->commands, q->others);
}

static void
bar(struct screen *s, struct tui *ui, struct bar *b)
{
	(void)s;
	(void)ui;
	bar_add(b, ACT_OPEN, _("go there"));
	bar_add_key(b, "Up Down", _("choose"));
	bar_add(b, ACT_NEXT, _("same meaning"));
	bar_add_key(b, "Esc", _("back to where you were"));
}

static void
set_query(struct search *q, struct tui *ui, struct str text)
{
	struct str cut = str_sub(text, 0, QUERY_MAX - 1);
	memcpy(q->query, cut.ptr != NULL ? cut.ptr : "", cut.len);
	q->query[cut.len] = '\0';
	find(q, ui);
}

/* Go to what the cursor is on, in place of this screen. */
static void
go(struct search *q, struct tui *ui)
{
	const struct item *item = current(q);
	if (item == NULL) {
		ui_pop(ui);
		ui_say(ui, "%s", _("nothing found"));
		return;
	}
	const struct setting *s = item->s;
	enum item_kind kind = item->kind;
	const char *text = item->text;
	if (kind == ITEM_SAME) {
		set_query(q, ui, str_of(text));
		ui_line_begin(ui, LINE_SEARCH, str_of(text));
		return;
	}
	ui_pop(ui);
	if (kind == ITEM_COMMAND) {
		ui_line_begin(
		    ui, LINE_COMMAND, str_of(ui_text(ui, "%s ", text)));
	} else if (kind == ITEM_OTHER) {
		ui_push(ui, describe_new(ui, s));
	} else {
		struct screen *form = form_new(ui, &s->area, 1, false);
		if (form != NULL)
			form_go(form, s->id);
		ui_push(ui, form);
	}
}

static void
search(struct screen *s, struct tui *ui, struct str text, enum line_event event)
{
	struct search *q = self(s);
	if (event == LINE_CHANGED)
		set_query(q, ui, text);
	else if (event == LINE_CANCELLED)
		ui_pop(ui);
	else if (event == LINE_ACCEPTED)
		go(q, ui);
}

/* While the line is typed: the list moves, Tab takes the other word. */
static bool
key(struct screen *s, struct tui *ui, const struct input_key *k)
{
	struct search *q = self(s);
	if (k->code == INPUT_UP || k->code == INPUT_DOWN)
		return list_act(
		    &q->list, k->code == INPUT_UP ? ACT_UP : ACT_DOWN);
	if (k->code == INPUT_PAGE_UP || k->code == INPUT_PAGE_DOWN)
		return list_act(&q->list,
		    k->code == INPUT_PAGE_UP ? ACT_PAGE_UP : ACT_PAGE_DOWN);
	if (k->code != INPUT_TAB)
		return false;
	for (size_t i = 0; i < q->items.len; i++) {
		const struct item *item = VEC_AT(&q->items, struct item, i);
		if (item->kind != ITEM_SAME)
			continue;
		const char *text = item->text;
		ui_line_begin(ui, LINE_SEARCH, str_of(text));
		set_query(q, ui, str_of(text));
		return true;
	}
	return true;
}

static void
search_free(struct screen *s, struct tui *ui)
{
	(void)ui;
	vec_clear(&self(s)->items);
	free(s);
}

static const struct screen_class class = {
	.path = path,
	.draw = draw,
	.status = status,
	.bar = bar,
	.key = key,
	.search = search,
	.free = search_free,
};

void
search_begin(struct tui *ui)
{
	struct search *q = calloc(1, sizeof(*q));
	if (q == NULL)
		return;
	q->screen.class = &class;
	q->items = (struct vec)VEC_INIT(struct item);
	q->list.skip = skips;
	q->list.ctx = q;
	ui_push(ui, &q->screen);
	ui_line_begin(ui, LINE_SEARCH, STR(""));
}
