/*
 * Bounces of qmail, Postfix, Exchange and other systems, lines of logs,
 * replies: what in them can be looked for.
 */
#include "core/model/why_pasted.h"

#include "core/base/compiler.h"
#include "core/base/utf8.h"
#include "core/maillog/stamp.h"
#include "core/net/addr.h"

#include <string.h>

enum {
	REPLY_MIN = 8 /* bytes: less is said by anybody */
};

static void
take(struct str *place, struct str found)
{
	if (place->len == 0)
		*place = found;
}

static bool
has_nocase(struct str s, struct str what)
{
	for (size_t i = 0; i + what.len <= s.len; i++)
		if (str_starts_nocase(str_sub(s, i, s.len), what))
			return true;
	return false;
}

/* A letter or sign of an address, beyond ASCII only letters: its bytes. */
static size_t
address_char(struct str s)
{
	uint32_t c = 0;
	if ((unsigned char)s.ptr[0] < 0x80)
		return ascii_is_alnum(s.ptr[0]) ||
		       strchr("@.+-_=$!#%&*/^{}|~", s.ptr[0]) != NULL;
	size_t n = utf8_decode(s, &c);
	/* Latin-1 signs, general punctuation, full-width forms */
	bool sign = c < 0xc0 || (c >= 0x2000 && c <= 0x206f) ||
		    (c >= 0x3000 && c <= 0x303f) || c >= 0xff00;
	return n > 0 && !sign ? n : 0;
}

static bool
is_robot(struct str address)
{
	static const char *const names[] = { "mailer-daemon@", "postmaster@",
		"noreply@", "no-reply@", "MicrosoftExchange" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_starts_nocase(address, str_of(names[i])))
			return true;
	return false;
}

/* Those that are likelier first, each once. */
static void
take_address(struct pasted *p, struct str address, enum pasted_rank rank)
{
	size_t i = 0;
	if (is_robot(address))
		rank = PASTED_ROBOT;
	for (size_t k = 0; k < p->n_addresses; k++)
		if (str_eq_nocase(p->addresses[k], address))
			return;
	while (i < p->n_addresses && p->ranks[i] >= rank)
		i++;
	if (i == PASTED_ADDRESSES_MAX)
		return;
	if (p->n_addresses < PASTED_ADDRESSES_MAX)
		p->n_addresses++;
	for (size_t k = p->n_addresses - 1; k > i; k--) {
		p->addresses[k] = p->addresses[k - 1];
		p->ranks[k] = p->ranks[k - 1];
	}
	p->addresses[i] = address;
	p->ranks[i] = rank;
}

/* Without what ends a sentence or belongs to another word. */
static struct str
address_core(struct str run)
{
	size_t at = str_find(run, '@', 0), end = at + 1;
	while (end < run.len && strchr("@#/|!=$%&*^{}~+", run.ptr[end]) == NULL)
		end++;
	run = str_sub(run, 0, end);
	while (run.len > 0 && strchr(".-_", run.ptr[run.len - 1]) != NULL)
		run.len--;
	return at > 0 && at + 1 < run.len ? run : (struct str)STR_EMPTY;
}

static void
look_for_addresses(struct str line, enum pasted_rank rank, struct pasted *p)
{
	for (size_t i = 0; i < line.len;) {
		size_t from = i, n;
		while (i < line.len &&
		       (n = address_char(str_sub(line, i, line.len))) > 0)
			i += n;
		struct str run = str_sub(line, from, i);
		if (str_find(run, '@', 0) < run.len) {
			struct str core = address_core(run);
			if (core.len > 0)
				take_address(p, core, rank);
		}
		i++;
	}
}

/* "<...@...>" of a Message-ID: the last is that of the mail sent back. */
static void
look_for_id(struct str line, struct pasted *p)
{
	size_t at = str_find(line, '<', 0), end = str_find(line, '>', at);
	struct str inner = str_sub(line, at + 1, end);
	if (end == line.len || str_find(inner, '@', 0) == inner.len ||
	    str_find(inner, ' ', 0) < inner.len)
		return;
	take(&p->first_id, str_sub(line, at, end + 1));
	p->last_id = str_sub(line, at, end + 1);
}

/* "qp 4711" of a reply. */
static void
look_at_number(struct str before, struct str word, struct pasted *p)
{
	if (!str_is_nocase(before, "qp") || word.len == 0)
		return;
	for (size_t i = 0; i < word.len; i++)
		if (!ascii_is_digit(word.ptr[i]))
			return;
	take(&p->number, word);
}

static void
look_for_ip(struct str word, struct pasted *p)
{
	struct net_addr a;
	for (size_t i = 0; i < word.len; i++) {
		size_t stop = i;
		while (stop < word.len &&
		       (ascii_is_alnum(word.ptr[stop]) ||
			   word.ptr[stop] == '.' || word.ptr[stop] == ':'))
			stop++;
		struct str ip = str_sub(word, i, stop);
		while (ip.len > 0 && strchr(".:", ip.ptr[ip.len - 1]) != NULL)
			ip.len--;
		if ((str_find(ip, '.', 0) < ip.len ||
			str_find(ip, ':', 0) + 1 < ip.len) &&
		    net_addr_parse(ip, &a))
			take(&p->ip, ip);
		i = stop > i ? stop : i;
	}
}

/* "5.7.1" */
static bool
is_enhanced(struct str word)
{
	size_t dots = 0;
	for (size_t i = 0; i < word.len; i++) {
		dots += word.ptr[i] == '.';
		if (word.ptr[i] != '.' && !ascii_is_digit(word.ptr[i]))
			return false;
	}
	return dots == 2;
}

/* "550 5.7.1 TEXT (in reply to ...)": the text, as our log has it. */
static void
look_for_reply(struct str line, struct pasted *p)
{
	struct str rest = line, word, text;
	while (str_next_word(&rest, &word)) {
		size_t i = 0;
		while (i < word.len && !ascii_is_digit(word.ptr[i]))
			i++;
		word = str_sub(word, i, word.len);
		if (word.len < 3 ||
		    (word.ptr[0] != '4' && word.ptr[0] != '5') ||
		    !ascii_is_digit(word.ptr[1]) ||
		    !ascii_is_digit(word.ptr[2]) ||
		    (word.len > 3 && word.ptr[3] != '-' && word.ptr[3] != ' '))
			continue;
		struct str behind = rest;
		if (str_next_word(&behind, &word) && is_enhanced(word))
			rest = behind;
		text = str_trim(rest);
		text.len = str_find_str(text, STR(" (in reply"));
		while (text.len > 0 &&
		       strchr(".'\">)", text.ptr[text.len - 1]) != NULL)
			text.len--;
		if (text.len >= REPLY_MIN)
			take(&p->reply, text);
		return;
	}
}

/* "(q-4e21a7)": the session that is named in a refusal of ours. */
static void
look_for_session(struct str line, struct pasted *p)
{
	size_t at = str_find_str(line, STR("(q-"));
	size_t end = str_find(line, ')', at);
	if (at < line.len && end < line.len)
		take(&p->number, str_sub(line, at + 1, end));
}

/* The stamp of a line of a log, as it was written or as it is shown. */
static void
look_for_stamp(struct str line, struct pasted *p)
{
	struct stamp s = stamp_parse(line, 0);
	if (s.kind != STAMP_NONE && s.kind != STAMP_SYSLOG)
		take(&p->stamp, str_sub(line, 0, s.len));
}

static enum pasted_rank
rank_of_line(struct str line)
{
	static const char *const fields[] = { "final-recipient:",
		"original-recipient:", "x-failed-recipients:" };
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (str_starts_nocase(line, str_of(fields[i])))
			return PASTED_FAILED;
	/* "<anna@acme.test>:" of qmail and Postfix */
	return str_starts(line, STR("<")) &&
		       str_find_str(line, STR(">:")) < line.len
		   ? PASTED_FAILED
		   : PASTED_NAMED;
}

static void
look_at_line(struct str line, struct pasted *p)
{
	struct str words = line, word, before = STR_EMPTY;
	bool is_id = p->id_follows || has_nocase(line, STR("message-id"));
	if (line.len > p->text.len)
		p->text = line;
	p->id_follows =
	    has_nocase(line, STR("message-id:")) && str_ends(line, STR(":"));
	if (is_id)
		look_for_id(line, p);
	if (!is_id && !str_starts_nocase(line, STR("references:")) &&
	    !str_starts_nocase(line, STR("in-reply-to:")))
		look_for_addresses(line, rank_of_line(line), p);
	look_for_session(line, p);
	look_for_reply(line, p);
	for (; str_next_word(&words, &word); before = word) {
		look_for_ip(word, p);
		while (word.len > 0 && strchr(".,;)", word.ptr[word.len - 1]))
			word.len--;
		look_at_number(before, word, p);
	}
}

void
pasted_read(struct str text, struct pasted *out)
{
	struct str rest = text, line;
	*out = (struct pasted){ .n_addresses = 0 };
	look_for_stamp(text, out);
	while (str_next_line(&rest, &line))
		look_at_line(str_trim(line), out);
}
