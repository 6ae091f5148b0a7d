/* What to look for in text that a person pasted. */
#include "core/model/why.h"

#include "core/net/addr.h"

#include <string.h>

/* Pieces of an address or Message-ID. */
static bool
is_word_char(char c)
{
	return ascii_is_alnum(c) || strchr("@.+-_=$!#%&*/^{}|~", c) != NULL;
}

struct pick {
	struct str mid, address, ip, number, text;
};

static void
take(struct str *place, struct str found)
{
	if (place->len == 0)
		*place = found;
}

/* "<...@...>" behind "message-id" in the same line; others are addresses. */
static void
look_at_angle(struct str line, size_t at, struct pick *p)
{
	size_t end = str_find(line, '>', at);
	struct str inner = str_sub(line, at + 1, end);
	if (end == line.len || str_find(inner, '@', 0) == inner.len ||
	    str_find(inner, ' ', 0) < inner.len)
		return;
	for (size_t i = 0; i < at; i++)
		if (str_starts_nocase(
			str_sub(line, i, at), STR("message-id"))) {
			take(&p->mid, str_sub(line, at, end + 1));
			return;
		}
}

/* "qp 4711" of a reply, and the kin of log trace. */
static void
look_at_number(struct str before, struct str word, struct pick *p)
{
	if (!str_is_nocase(before, "qp") || word.len == 0)
		return;
	for (size_t i = 0; i < word.len; i++)
		if (!ascii_is_digit(word.ptr[i]))
			return;
	take(&p->number, word);
}

static void
look_at_word(struct str before, struct str word, struct pick *p)
{
	struct net_addr a;
	size_t begin = 0, end = word.len;
	while (begin < end && !is_word_char(word.ptr[begin]))
		begin++;
	while (end > begin &&
	       (!is_word_char(word.ptr[end - 1]) || word.ptr[end - 1] == '.'))
		end--;
	struct str core = str_sub(word, begin, end);
	size_t at = str_find(core, '@', 0);
	if (at > 0 && at + 1 < core.len)
		take(&p->address, core);
	for (size_t i = begin; i < end; i++)
		if (ascii_is_digit(word.ptr[i]) || word.ptr[i] == ':') {
			size_t stop = i;
			while (
			    stop < word.len &&
			    (ascii_is_alnum(word.ptr[stop]) ||
				word.ptr[stop] == '.' || word.ptr[stop] == ':'))
				stop++;
			struct str ip = str_sub(word, i, stop);
			while (ip.len > 0 && strchr(".:", ip.ptr[ip.len - 1]))
				ip.len--;
			if (str_find(ip, '.', 0) < ip.len ||
			    str_find(ip, ':', 0) + 1 < ip.len)
				if (net_addr_parse(ip, &a))
					take(&p->ip, ip);
			i = stop;
		}
	look_at_number(before, core, p);
}

/* "(q-4e21a7)": the session that is named in a refusal of ours. */
static void
look_at_session(struct str line, struct pick *p)
{
	size_t at = str_find_str(line, STR("(q-"));
	size_t end = str_find(line, ')', at);
	if (at < line.len && end < line.len)
		take(&p->number, str_sub(line, at + 1, end));
}

const char *
why_word(const struct model_ctx *m, const char *pasted)
{
	struct pick p = { 0 };
	struct str all = str_trim(str_of(pasted)), rest = all, line;
	if (str_find(all, ' ', 0) == all.len &&
	    str_find(all, '\n', 0) == all.len)
		return arena_cstr(m->arena, all);
	while (str_next_line(&rest, &line)) {
		struct str words = line, word, before = STR_EMPTY;
		line = str_trim(line);
		if (line.len > p.text.len)
			p.text = line;
		look_at_session(line, &p);
		for (size_t i = 0; i < line.len; i++)
			if (line.ptr[i] == '<')
				look_at_angle(line, i, &p);
		for (; str_next_word(&words, &word); before = word)
			look_at_word(before, word, &p);
	}
	if (p.mid.len > 0)
		return arena_cstr(m->arena, p.mid);
	if (p.number.len > 0)
		return ascii_is_digit(p.number.ptr[0])
			   ? arena_printf(
				 m->arena, "qp:%.*s", STR_ARG(p.number))
			   : arena_cstr(m->arena, p.number);
	if (p.address.len > 0)
		return arena_cstr(m->arena, p.address);
	if (p.ip.len > 0)
		return arena_cstr(m->arena, p.ip);
	return arena_printf(
	    m->arena, "text:%.*s", STR_ARG(str_sub(p.text, 0, WHY_WORD_MAX)));
}
