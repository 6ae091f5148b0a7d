/* Parser of DMARC records (RFC 9989, 4.7 and 4.8; RFC 7489, 6.3 and 6.4). */
#include "core/auth/dmarc.h"

#include "core/base/i18n.h"
#include "core/base/num.h"

static const char *const policy_words[] = {
	[DMARC_UNSET] = "",
	[DMARC_POLICY_NONE] = "none",
	[DMARC_QUARANTINE] = "quarantine",
	[DMARC_REJECT] = "reject",
};

const char *
dmarc_policy_word(enum dmarc_policy policy)
{
	return policy_words[policy];
}

/* WSP of the grammar: no line ends. */
static struct str
trim_wsp(struct str s)
{
	while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
		s = str_sub(s, 1, s.len);
	while (
	    s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* "v" WSP "=" WSP "DMARC1", then nothing or a semicolon: the rest behind it. */
static bool
cut_version(struct str text, struct str *rest)
{
	struct str tags, value;
	struct str first = str_cut(text, ';', &tags);
	struct str name = trim_wsp(str_cut(first, '=', &value));
	*rest = tags;
	/* the tag's name in any case, its value in capitals only */
	return first.len > 0 && first.ptr[0] != ' ' && first.ptr[0] != '\t' &&
	       str_is_nocase(name, "v") && str_is(trim_wsp(value), "DMARC1");
}

bool
dmarc_record_is(struct str txt)
{
	struct str rest;
	return cut_version(txt, &rest);
}

static void
note(struct dmarc_record *r, struct str tag, struct str value, const char *why)
{
	if (r->n_notes < DMARC_NOTES_MAX)
		r->notes[r->n_notes++] = (struct dmarc_note){ tag, value, why };
}

static bool
policy_parse(struct str value, enum dmarc_policy *out)
{
	for (size_t i = DMARC_POLICY_NONE; i < ARRAY_LEN(policy_words); i++) {
		if (!str_is_nocase(value, policy_words[i]))
			continue;
		*out = (enum dmarc_policy)i;
		return true;
	}
	*out = DMARC_UNSET;
	return false;
}

/* One of the letters, in lower case. */
static bool
letter_parse(struct str value, const char *letters, char *out)
{
	char c = value.len == 1 ? ascii_lower(value.ptr[0]) : '\0';
	if (c == '\0' || strchr(letters, c) == NULL)
		return false;
	*out = c;
	return true;
}

static bool
switch_parse(struct str value, const char *letters, bool *out)
{
	char c;
	if (!letter_parse(value, letters, &c))
		return false;
	*out = c == letters[0];
	return true;
}

static bool
fo_parse(struct str value, struct str *out)
{
	struct str rest = value;
	char c;
	while (rest.ptr != NULL)
		if (!letter_parse(
			trim_wsp(str_cut(rest, ':', &rest)), "01ds", &c))
			return false;
	*out = value;
	return true;
}

/* "10m": powers of 1024; false when it is no such number. */
static bool
limit_parse(struct str s, uint64_t *out)
{
	static const char units[] = "kmgt";
	unsigned shift = 0;
	if (s.len > 0 && !ascii_is_digit(s.ptr[s.len - 1])) {
		const char *unit = strchr(units, ascii_lower(s.ptr[s.len - 1]));
		if (unit == NULL || *unit == '\0')
			return false;
		shift = 10 * (unsigned)(unit - units + 1);
		s.len--;
	}
	if (!num_parse_u64(s, UINT64_MAX >> shift, out))
		return false;
	*out <<= shift;
	return true;
}

static bool
is_uri(struct str s)
{
	static const char *const schemes[] = { "mailto:", "https:", "http:" };
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] > '~')
			return false;
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (s.len > strlen(schemes[i]) &&
		    str_starts_nocase(s, str_of(schemes[i])))
			return true;
	return false;
}

/* A list of URIs; those that are none are dropped and noted. */
static size_t
uris_parse(struct dmarc_record *r, struct str tag, struct str value,
    struct dmarc_uri out[DMARC_URIS_MAX])
{
	size_t n = 0;
	struct str rest = value;
	while (rest.ptr != NULL) {
		struct str one = trim_wsp(str_cut(rest, ',', &rest));
		size_t mark = one.len;
		struct dmarc_uri u = { .uri = one };
		while (mark > 0 && one.ptr[mark - 1] != '!')
			mark--;
		bool good = true;
		if (mark > 0) {
			u.uri = str_sub(one, 0, mark - 1);
			good =
			    limit_parse(str_sub(one, mark, one.len), &u.limit);
		}
		if (!good || !is_uri(u.uri))
			note(r, tag, one, N_("no address for reports"));
		else if (n < DMARC_URIS_MAX)
			out[n++] = u;
	}
	return n;
}

static bool
number_parse(struct str value, uint64_t max, uint64_t *out)
{
	return num_parse_u64(value, max, out);
}

/* False when the value is none of those the tag may have. */
static bool
tag_parse(struct dmarc_record *r, struct str tag, struct str value)
{
	uint64_t n;
	if (str_is_nocase(tag, "p"))
		return policy_parse(value, &r->p);
	if (str_is_nocase(tag, "sp"))
		return policy_parse(value, &r->sp);
	if (str_is_nocase(tag, "np"))
		return policy_parse(value, &r->np);
	if (str_is_nocase(tag, "adkim"))
		return switch_parse(value, "sr", &r->strict_dkim);
	if (str_is_nocase(tag, "aspf"))
		return switch_parse(value, "sr", &r->strict_spf);
	if (str_is_nocase(tag, "t"))
		return switch_parse(value, "yn", &r->testing);
	if (str_is_nocase(tag, "psd"))
		return letter_parse(value, "ynu", &r->psd);
	if (str_is_nocase(tag, "fo"))
		return fo_parse(value, &r->fo);
	if (str_is_nocase(tag, "rf")) /* of RFC 7489, and only "afrf" there */
		return str_is_nocase(value, "afrf") ||
		       str_is_nocase(value, "iodef");
	if (str_is_nocase(tag, "pct")) {
		bool good = number_parse(value, DMARC_PCT_ALL, &n);
		r->pct = good ? (unsigned)n : r->pct;
		return good;
	}
	if (str_is_nocase(tag, "ri")) {
		bool good = number_parse(value, UINT32_MAX, &n);
		r->interval = good ? (uint32_t)n : r->interval;
		return good;
	}
	if (str_is_nocase(tag, "rua"))
		r->n_rua = uris_parse(r, tag, value, r->rua);
	if (str_is_nocase(tag, "ruf"))
		r->n_ruf = uris_parse(r, tag, value, r->ruf);
	return true;
}

/* Why this tag is not read; NULL: it is. Known tags have one bit of 'seen'. */
static const char *
tag_unread(unsigned *seen, struct str tag)
{
	static const char *const tags[] = { "p", "sp", "np", "adkim", "aspf",
		"t", "psd", "fo", "rf", "pct", "ri", "rua", "ruf", "v" };
	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		if (!str_is_nocase(tag, tags[i]))
			continue;
		bool again = (*seen & 1U << i) != 0;
		*seen |= 1U << i;
		return again ? N_("stands again: not read") : NULL;
	}
	return N_("not a known tag: not read");
}

/* A policy that cannot be read is no policy, unless reports are wanted. */
static bool
settle_policy(struct dmarc_record *r, bool bad_below)
{
	if (r->p != DMARC_UNSET && !bad_below)
		return true;
	if (r->n_rua == 0)
		return false;
	r->p = DMARC_POLICY_NONE;
	r->sp = r->np = DMARC_UNSET;
	return true;
}

bool
dmarc_record_parse(struct str text, struct dmarc_record *out)
{
	struct str rest, value;
	bool bad_below = false;
	unsigned seen = 0;
	const char *why;
	*out = (struct dmarc_record){ .psd = 'u',
		.fo = STR("0"),
		.pct = DMARC_PCT_ALL,
		.interval = DMARC_INTERVAL };
	if (!cut_version(text, &rest))
		return false;
	while (rest.ptr != NULL) {
		struct str item = trim_wsp(str_cut(rest, ';', &rest));
		struct str tag = trim_wsp(str_cut(item, '=', &value));
		if (item.len == 0)
			continue;
		if (value.ptr == NULL) {
			note(out, tag, value, N_("no '=' in it"));
			continue;
		}
		value = trim_wsp(value);
		why = tag_unread(&seen, tag);
		if (why != NULL) {
			note(out, tag, value, why);
			continue;
		}
		if (tag_parse(out, tag, value))
			continue;
		note(out, tag, value, N_("not a value of this tag"));
		bad_below = bad_below || str_is_nocase(tag, "sp") ||
			    str_is_nocase(tag, "np");
	}
	return settle_policy(out, bad_below);
}

enum dmarc_policy
dmarc_policy_below(const struct dmarc_record *r, bool exists)
{
	if (!exists && r->np != DMARC_UNSET)
		return r->np;
	return r->sp != DMARC_UNSET ? r->sp : r->p;
}

bool
dmarc_uri_address(struct str uri, struct buf *out)
{
	size_t at = 0;
	if (!str_starts_nocase(uri, STR("mailto:")))
		return false;
	uri = str_cut(str_sub(uri, strlen("mailto:"), uri.len), '?', &uri);
	for (size_t i = 0; i < uri.len; i++) {
		char c = uri.ptr[i];
		if (c == '%') {
			int hi = i + 2 < uri.len ? num_hex_digit(uri.ptr[i + 1])
						 : -1;
			int lo = hi >= 0 ? num_hex_digit(uri.ptr[i + 2]) : -1;
			if (lo < 0)
				return false;
			c = (char)(hi * 16 + lo);
			i += 2;
		}
		if (c <= ' ' || c > '~' || c == '<' || c == '>' || c == ',')
			return false;
		if (c == '@')
			at = out->len + 1;
		buf_add_char(out, c);
	}
	return at > 1 && at < out->len && !out->failed;
}
