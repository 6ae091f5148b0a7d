/* The domain of a From field (RFC 5322 3.4, and what comes in its place). */
#include "core/auth/dmarc.h"

#include "core/mail/idna.h"

enum {
	FIELD_MAX = 64 * 1024
};

/*
 * The field without comments, and quoted strings as one 'q' each: what is in
 * them is for people. Unclosed ones go on to the end.
 */
static void
strip(struct str s, struct buf *out)
{
	unsigned comments = 0;
	bool quoted = false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '\\' && (quoted || comments > 0)) {
			i++;
		} else if (quoted) {
			quoted = c != '"';
		} else if (c == '(') {
			comments++;
		} else if (comments > 0) {
			comments -= c == ')';
		} else if (c == '"') {
			quoted = true;
			buf_add_char(out, 'q');
		} else {
			buf_add_char(out, c);
		}
	}
}

/* The next address of the list: cut at commas outside angle brackets. */
static struct str
next_address(struct str *rest)
{
	bool angle = false;
	for (size_t i = 0; i < rest->len; i++) {
		char c = rest->ptr[i];
		if (c == '<')
			angle = true;
		else if (c == '>')
			angle = false;
		if (angle || (c != ',' && c != ';'))
			continue;
		struct str one = str_sub(*rest, 0, i);
		*rest = str_sub(*rest, i + 1, rest->len);
		return one;
	}
	struct str one = *rest;
	*rest = (struct str)STR_EMPTY;
	return one;
}

/* What stands between the last '<' that is followed by an '@' and its '>'. */
static struct str
address_part(struct str s)
{
	size_t open = s.len, at = s.len;
	for (size_t i = s.len; i > 0; i--) {
		if (s.ptr[i - 1] == '@')
			at = i - 1;
		if (s.ptr[i - 1] == '<' && at < s.len) {
			open = i;
			break;
		}
	}
	if (open == s.len)
		return s;
	struct str inner = str_sub(s, open, s.len), rest;
	return str_cut(inner, '>', &rest);
}

static bool
is_domain_end(char c)
{
	return ascii_is_space(c) || c == '>' || c == '<' || c == '\0';
}

/* The domain behind the last '@', as A-labels. */
static bool
domain_of(struct str s, struct buf *out)
{
	struct str part = address_part(s);
	size_t at = part.len;
	while (at > 0 && part.ptr[at - 1] != '@')
		at--;
	if (at == 0)
		return false;
	while (at < part.len && ascii_is_space(part.ptr[at]))
		at++; /* obsolete: blanks around the '@' */
	size_t end = at;
	while (end < part.len && !is_domain_end(part.ptr[end]))
		end++;
	buf_reset(out);
	return idna_domain(str_sub(part, at, end), out) &&
	       fact_name_is_valid(buf_str(out));
}

bool
dmarc_from_domain(struct str field, struct buf *out, bool *others)
{
	struct buf plain = BUF_INIT(FIELD_MAX), one = BUF_INIT(FIELD_MAX);
	bool found = false, differ = false;
	strip(field, &plain);
	struct str rest = buf_str(&plain);
	while (!plain.failed && rest.len > 0) {
		if (!domain_of(next_address(&rest), &one))
			continue;
		if (!found)
			buf_add_str(out, buf_str(&one));
		else if (!str_eq(buf_str(out), buf_str(&one)))
			differ = true;
		found = true;
	}
	if (others != NULL)
		*others = differ;
	buf_clear(&plain);
	buf_clear(&one);
	return found && !out->failed;
}
