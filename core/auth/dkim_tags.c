/* Tag lists and DKIM-quoted-printable (RFC 6376 2.11, 3.2). */
#include "core/auth/dkim_int.h"

#include "core/base/block.h"
#include "core/base/find.h"
#include "core/base/num.h"

static struct str
trim(struct str s)
{
	for (; s.len > 0 && dkim_is_fold(s.ptr[0]); s.len--)
		s.ptr++;
	while (s.len > 0 && dkim_is_fold(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

static bool
is_control(unsigned char c)
{
	return (c < ' ' && !dkim_is_fold((char)c)) || c == 0x7f;
}

/* Printable, or above ASCII (RFC 8616), or of what folding puts between. */
static bool
is_printable(struct str s)
{
	const char *p = s.ptr, *end = p + s.len;
	for (; end - p >= BLOCK_BYTES; p += BLOCK_BYTES) {
		uint64_t low = block_upto(p, ' ' - 1);
		uint64_t bad = block_equal(p, '\x7f');
		if (low != 0)
			bad |= low & ~block_equal(p, '\t') &
			       ~block_equal(p, '\r') & ~block_equal(p, '\n');
		if (bad != 0)
			return false;
	}
	for (; p < end; p++) {
		if (is_control((unsigned char)*p))
			return false;
	}
	return true;
}

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && dkim_is_fold(*p))
		p++;
	return p;
}

/*
 * The tag at 'p', which ends at the next ';' or at 'end': *behind is there.
 * False when it is none. 'clean': no control character stands in the list.
 */
static bool
tag_take(const char *p, const char *end, bool clean, struct dkim_tag *out,
    const char **behind)
{
	const char *name = skip_blanks(p, end), *at = name;
	while (at < end && (ascii_is_alnum(*at) || *at == '_'))
		at++;
	out->name = str_n(name, (size_t)(at - name));
	at = skip_blanks(at, end);
	if (at == end || *at != '=' || !ascii_is_alpha(*name))
		return false;
	at++;
	const char *stop = find_near(at, end, ';');
	*behind = stop != NULL ? stop : end;
	out->raw = str_n(at, (size_t)(*behind - at));
	out->value = trim(out->raw);
	return clean || is_printable(out->value);
}

static const struct dkim_tag *
find_single(const struct dkim_tags *t, char name)
{
	size_t at = t->single[(unsigned char)name % DKIM_LETTERS];
	return at > 0 ? &t->tags[at - 1] : NULL;
}

/* The first tag of this name so far, or NULL; most names are one letter. */
static const struct dkim_tag *
find_long(const struct dkim_tags *t, const char *name, size_t len)
{
	for (size_t i = 0; i < t->n; i++) {
		struct str is = t->tags[i].name;
		if (is.len == len && memcmp(is.ptr, name, len) == 0)
			return &t->tags[i];
	}
	return NULL;
}

static inline const struct dkim_tag *
find(const struct dkim_tags *t, const char *name, size_t len)
{
	return len == 1 ? find_single(t, name[0]) : find_long(t, name, len);
}

/* Keep the tag in the next place; false when its name is there already. */
static bool
tag_add(struct dkim_tags *t)
{
	struct str name = t->tags[t->n].name;
	bool is_new = find(t, name.ptr, name.len) == NULL;
	t->n++;
	if (is_new && name.len == 1)
		t->single[(unsigned char)name.ptr[0] % DKIM_LETTERS] =
		    (unsigned char)t->n;
	return is_new;
}

enum dkim_tags_status
dkim_tags_parse(struct str text, struct dkim_tags *out, struct str *at)
{
	enum dkim_tags_status status = DKIM_TAGS_OK;
	struct str unused;
	const char *p = text.len > 0 ? text.ptr : "";
	const char *end = p + text.len, *behind;
	bool clean = is_printable(str_n(p, text.len));
	at = at != NULL ? at : &unused;
	*at = (struct str)STR_EMPTY;
	out->n = 0;
	memset(out->single, 0, sizeof(out->single));
	for (;; p = behind + 1) {
		if (out->n == DKIM_TAGS_MAX ||
		    !tag_take(p, end, clean, &out->tags[out->n], &behind)) {
			struct str rest = str_n(p, (size_t)(end - p));
			*at = trim(str_cut(rest, ';', &rest));
			return DKIM_TAGS_SYNTAX;
		}
		if (!tag_add(out) && status == DKIM_TAGS_OK) {
			status = DKIM_TAGS_DOUBLE;
			*at = out->tags[out->n - 1].name;
		}
		/* one final semicolon is allowed, an empty tag is not */
		if (behind == end || skip_blanks(behind + 1, end) == end)
			return status;
	}
}

const struct dkim_tag *
dkim_tags_find(const struct dkim_tags *t, const char *name)
{
	return name[1] == '\0' ? find_single(t, name[0])
			       : find_long(t, name, strlen(name));
}

bool
dkim_list_next(struct str *rest, struct str *word)
{
	if (rest->ptr == NULL)
		return false;
	const char *p = rest->ptr, *end = p + rest->len;
	const char *colon = find_near(p, end, ':');
	const char *stop = colon != NULL ? colon : end;
	*word = trim(str_n(p, (size_t)(stop - p)));
	*rest = colon != NULL ? str_n(colon + 1, (size_t)(end - colon - 1))
			      : (struct str)STR_EMPTY;
	return true;
}

bool
dkim_qp_decode(struct str text, struct arena *a, struct str *out)
{
	char *to = arena_alloc(a, text.len + 1);
	size_t n = 0;
	if (to == NULL)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (dkim_is_fold(c))
			continue;
		if (c == '=') {
			int high = i + 2 < text.len
				       ? num_hex_digit(text.ptr[i + 1])
				       : -1;
			int low =
			    high >= 0 ? num_hex_digit(text.ptr[i + 2]) : -1;
			if (low < 0)
				return false;
			c = (char)(high * 16 + low);
			i += 2;
		}
		to[n++] = c;
	}
	*out = str_n(to, n);
	return true;
}
