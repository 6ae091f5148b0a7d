/* What a search finds: settings by rank, commands, words of the same meaning.
 */
#include "tui/screens/search_int.h"

#include "core/base/i18n.h"
#include "core/base/line_match.h"
#include "core/base/utf8.h"

enum {
	WORDS_MAX = 8,
	EXCERPT_MIN = 20,
	MATCHED_COLUMNS = 40,
	RANKS = 4 /* id, property, summary, file */
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

/* The first file or fragment that has the word. */
static const char *
file_with(const struct setting *s, const struct line_match *word)
{
	const char *const *const lists[] = { s->files, s->fragments };
	for (size_t k = 0; k < ARRAY_LEN(lists); k++)
		for (size_t i = 0; lists[k] != NULL && lists[k][i] != NULL; i++)
			if (has(word, lists[k][i]))
				return lists[k][i];
	return "";
}

static void
add_where(struct buf *out, const struct setting *s,
    const struct line_match *word, unsigned places)
{
	if (places & SETTING_IN_ID)
		buf_add_cstr(out, _("id"));
	if (places & SETTING_IN_STORE)
		buf_addf(out, "%s%s %s", places & SETTING_IN_ID ? "; " : "",
		    _("property"), s->prop != NULL ? s->prop : s->key);
	if (places & (SETTING_IN_ID | SETTING_IN_STORE))
		return;
	if (places & SETTING_IN_HELP)
		add_excerpt(out, s, word);
	else
		buf_addf(out, "%s %s", _("file"), file_with(s, word));
}

/* Where the setting matches; rank 0 (id) to 3 (file), -1: nowhere. */
static int
rank(const struct setting *s, const struct line_match *words, size_t n,
    char *where)
{
	struct buf out = BUF_INIT(SEARCH_MATCHED_MAX);
	unsigned places = 0;
	int best = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned of_word = setting_mentions(s, &words[i]);
		if (of_word == 0)
			return -1;
		places |= of_word;
	}
	while ((places & (1U << best)) == 0)
		best++;
	add_where(&out, s, &words[0], places);
	utf8_copy(where, SEARCH_MATCHED_MAX,
	    utf8_prefix(buf_str(&out), MATCHED_COLUMNS));
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
push(struct search *q, const struct search_item *item)
{
	if (!vec_push(&q->items, item))
		return;
	list_resize(&q->list, q->items.len);
}

static void
push_heading(struct search *q, const char *text)
{
	struct search_item heading = { .kind = SEARCH_HEADING, .text = "" };
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
		struct search_item item = {
			.kind = here ? SEARCH_SETTING : SEARCH_OTHER, .s = s[i]
		};
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
		struct search_item item = { .kind = SEARCH_COMMAND,
			.text = c.words };
		if (!all)
			continue;
		utf8_copy(item.matched, sizeof(item.matched),
		    utf8_prefix(str_of(c.summary), MATCHED_COLUMNS));
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
	char where[SEARCH_MATCHED_MAX];
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
			struct search_item item = { .kind = SEARCH_SAME,
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

void
search_find(struct search *q, struct tui *ui)
{
	struct line_match words[WORDS_MAX];
	size_t n = words_of(q->query, words);
	q->items.len = 0;
	q->settings = q->commands = q->others = 0;
	list_resize(&q->list, 0);
	if (n == 0)
		return;
	for (int r = 0; r < RANKS; r++)
		q->settings += add_settings(q, ui, words, n, r, true);
	q->commands = add_commands(q, ui, words, n);
	add_same(q, ui);
	q->others = add_settings(q, ui, words, n, 0, false);
	for (size_t i = 0; i < n; i++)
		line_match_clear(&words[i]);
	q->list.cur = q->list.top = 0;
	list_go(&q->list, 0);
}
