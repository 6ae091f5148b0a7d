/* What to look for when a person types a word or pastes a text. */
#include "core/model/why.h"

#include "core/base/buf.h"
#include "core/mail/idna.h"
#include "core/maillog/when.h"
#include "core/model/why_pasted.h"

#include <string.h>

static void
add(struct why_words *out, const char *word)
{
	for (size_t i = 0; i < out->n; i++)
		if (strcmp(out->words[i], word) == 0)
			return;
	if (out->n < WHY_WORDS_MAX)
		out->words[out->n++] = word;
}

/* As the DNS has it first; then as it is typed. */
static void
add_word(const struct model_ctx *m, struct why_words *out, struct str word)
{
	struct buf other = BUF_INIT(WHY_WORD_MAX * 4);
	if (word.len > 0 && idna_text(word, &other))
		add(out, arena_cstr(m->arena, buf_str(&other)));
	buf_clear(&other);
	if (word.len > 0)
		add(out, arena_cstr(m->arena, word));
}

/* A text, and as qmail logs it, with "_" for each blank. */
static void
add_text(const struct model_ctx *m, struct why_words *out, struct str text)
{
	if (text.len == 0)
		return;
	char *word = arena_printf(
	    m->arena, "text:%.*s", STR_ARG(str_sub(text, 0, WHY_WORD_MAX)));
	add(out, word);
	word = arena_cstr(m->arena, str_of(word));
	for (char *c = word; *c != '\0'; c++)
		if (*c == ' ')
			*c = '_';
	add(out, word);
}

static void
add_picked(
    const struct model_ctx *m, const struct pasted *p, struct why_words *out)
{
	add_word(m, out, p->last_id);
	add_word(m, out, p->first_id);
	if (p->number.len > 0 && ascii_is_digit(p->number.ptr[0]))
		add(out, arena_printf(m->arena, "qp:%.*s", STR_ARG(p->number)));
	else
		add_word(m, out, p->number);
	add_word(m, out, p->stamp);
	for (size_t i = 0; i < p->n_addresses; i++)
		if (p->ranks[i] != PASTED_ROBOT)
			add_word(m, out, p->addresses[i]);
	add_text(m, out, p->reply);
	add_word(m, out, p->ip);
	add_text(m, out, p->text);
	/* a bounce of a bounce */
	for (size_t i = 0; i < p->n_addresses; i++)
		if (p->ranks[i] == PASTED_ROBOT)
			add_word(m, out, p->addresses[i]);
}

/* "mailto:anna@acme.test", "'anna@acme.test'," */
static struct str
bare_word(struct str word)
{
	struct str mail = STR("mailto:");
	if (str_starts_nocase(word, mail))
		word = str_sub(word, mail.len, word.len);
	while (word.len > 1 && strchr(",;'\"", word.ptr[word.len - 1]) != NULL)
		word.len--;
	while (word.len > 1 && strchr("'\"", word.ptr[0]) != NULL)
		word = str_sub(word, 1, word.len);
	return word;
}

void
why_words(const struct model_ctx *m, const char *pasted, struct why_words *out)
{
	struct pasted p;
	struct str all = str_trim(str_of(pasted));
	int64_t from_ns, to_ns;
	*out = (struct why_words){ .n = 0 };
	if (when_span(all, clock_wall_ns(m->clock), &from_ns, &to_ns)) {
		add(out, arena_cstr(m->arena, all));
		return;
	}
	if (str_find(all, ' ', 0) == all.len &&
	    str_find(all, '\n', 0) == all.len) {
		add_word(m, out, bare_word(all));
		if (out->n == 0) /* the empty word asks for all */
			add(out, "");
		return;
	}
	if (str_starts_nocase(all, STR("text:")) &&
	    str_find(all, '\n', 0) == all.len) {
		add_text(m, out, str_sub(all, sizeof("text:") - 1, all.len));
		return;
	}
	pasted_read(all, &p);
	add_picked(m, &p, out);
}

const char *
why_word_shown(const char *word)
{
	struct str before = STR("text:");
	return str_starts(str_of(word), before) ? word + before.len : word;
}
