/* The window over a text, and where in it links begin. */
#include "core/mail/links_int.h"

enum {
	SCHEME_MAX = 32,
	WWW = 3,
	WWW_MORE = 3 /* "www2.", "wwwabc." */
};

static char
at(struct str s, size_t i)
{
	return i < s.len ? s.ptr[i] : '\0';
}

static bool
is_slash(char c)
{
	return c == '/' || c == '\\';
}

static bool
is_quote(char c)
{
	return c == '"' || c == '\'';
}

/* The scheme before the colon at 'i' stands in quotes. */
static bool
scheme_is_quoted(struct str s, size_t i)
{
	size_t least = i > SCHEME_MAX ? i - SCHEME_MAX : 0;
	while (i > least && (ascii_is_alnum(s.ptr[i - 1]) ||
				strchr("+.-", s.ptr[i - 1]) != NULL))
		i--;
	return i > 0 && is_quote(s.ptr[i - 1]);
}

/* "scheme://", any number of slashes of either kind. */
static bool
begins_with_scheme(struct str s, size_t i, struct link_place *p)
{
	if (i == 0 || !ascii_is_alnum(s.ptr[i - 1]) ||
	    !is_slash(at(s, i + 1)) || !is_slash(at(s, i + 2)))
		return false;
	p->has_scheme = true;
	p->is_quoted = scheme_is_quoted(s, i);
	for (i++; is_slash(at(s, i));)
		i++;
	p->text = str_sub(s, i, s.len);
	return true;
}

/* href="//host" */
static bool
begins_without_scheme(struct str s, size_t i, struct link_place *p)
{
	char before = i > 0 ? s.ptr[i - 1] : '\0';
	if (at(s, i + 1) != '/' ||
	    !(is_quote(before) || before == '=' || before == '('))
		return false;
	p->has_scheme = true;
	p->is_quoted = is_quote(before);
	p->text = str_sub(s, i + 2, s.len);
	return true;
}

static bool
begins_with_www(struct str s, size_t i, struct link_place *p)
{
	char before = i > 0 ? s.ptr[i - 1] : ' ';
	size_t dot = i + WWW;
	if (ascii_is_alnum(before) || strchr("-_.@", before) != NULL ||
	    !str_starts_nocase(str_sub(s, i, s.len), STR("www")))
		return false;
	while (dot < i + WWW + WWW_MORE && ascii_is_alnum(at(s, dot)))
		dot++;
	if (at(s, dot) != '.')
		return false;
	p->has_scheme = false;
	p->is_quoted = false;
	p->text = str_sub(s, i, s.len);
	return true;
}

static bool
begins(struct str s, size_t i, struct link_place *p)
{
	switch (s.ptr[i]) {
	case ':':
		return begins_with_scheme(s, i, p);
	case '/':
		return begins_without_scheme(s, i, p);
	case 'w':
	case 'W':
		return begins_with_www(s, i, p);
	default:
		return false;
	}
}

static void
scan(struct link_finder *f, struct str s, bool is_open)
{
	struct link_place p = { .is_open = is_open };
	for (size_t i = 0; i < s.len && !f->enough; i++) {
		if (!begins(s, i, &p))
			continue;
		size_t skipped = (size_t)(p.text.ptr - s.ptr);
		size_t taken = links_take(f, &p);
		/* what ended the host may begin the next: one byte less */
		if (skipped + taken > i + 1)
			i = skipped + taken - 1;
	}
}

/* Behind the last line end that does not join two lines; 0: none. */
static size_t
clean_end(const struct link_finder *f)
{
	for (size_t i = f->len; i > 0; i--) {
		if (f->window[i - 1] == '\n' &&
		    (i < 2 || f->is_decoded || f->window[i - 2] != '='))
			return i;
	}
	return 0;
}

/* Look at the window, up to a line end where there is one. */
static void
look(struct link_finder *f, bool is_last)
{
	size_t cut = is_last ? f->len : clean_end(f);
	bool is_open = cut == 0;
	if (is_open)
		cut = f->len;
	memcpy(f->work, f->window, cut);
	size_t n = links_undo(f->work, cut, f->is_decoded);
	scan(f, str_n(f->work, n), is_open && !is_last);
	/* what is cut in two comes once more */
	size_t keep = f->len - cut;
	if (is_open && !is_last)
		keep = LINKS_OVERLAP;
	memmove(f->window, f->window + f->len - keep, keep);
	f->len = keep;
}

void
links_init(struct link_finder *f, link_found *found, void *ctx)
{
	f->found = found;
	f->ctx = ctx;
	f->enough = false;
	links_begin(f, false);
}

void
links_begin(struct link_finder *f, bool is_decoded)
{
	f->is_decoded = is_decoded;
	f->len = 0;
}

bool
links_add(struct link_finder *f, struct str text)
{
	while (text.len > 0 && !f->enough) {
		size_t room = sizeof(f->window) - f->len;
		size_t n = text.len < room ? text.len : room;
		memcpy(f->window + f->len, text.ptr, n);
		f->len += n;
		text = str_sub(text, n, text.len);
		if (f->len == sizeof(f->window))
			look(f, false);
	}
	return !f->enough;
}

void
links_end(struct link_finder *f)
{
	if (f->len > 0 && !f->enough)
		look(f, true);
	f->len = 0;
}
