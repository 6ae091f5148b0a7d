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

/* "mailto:a@b!10m"; false when it is no URI, or has no such limit. */
static bool
uri_parse(struct str one, struct dmarc_uri *out)
{
	size_t mark = one.len;
	*out = (struct dmarc_uri){ .uri = one };
	while (mark > 0 && one.ptr[mark - 1] != '!')
		mark--;
	if (mark > 0)
		out->uri = str_sub(one, 0, mark - 1);
	return (mark == 0 ||
		   limit_parse(str_sub(one, mark, one.len), &out->limit)) &&
	       is_uri(out->uri);
}

/* Those that are none are noted in 'r' unless it is NULL. */
static size_t
uris_parse(struct dmarc_record *r, struct str tag, struct str list,
    struct dmarc_uri out[DMARC_URIS_MAX])
{
	size_t n = 0;
	struct str rest = list;
	while (rest.ptr != NULL) {
		struct str one = trim_wsp(str_cut(rest, ',', &rest));
		struct dmarc_uri uri;
		if (uri_parse(one, &uri)) {
			if (n < DMARC_URIS_MAX)
				out[n++] = uri;
		} else if (r != NULL) {
			note(r, tag, one, N_("no address for reports"));
		}
	}
	return n;
}

size_t
dmarc_uris_parse(struct str list, struct dmarc_uri out[DMARC_URIS_MAX])
{
	return uris_parse(NULL, (struct str)STR_EMPTY, list, out);
}

/* --- the tags: false when the value is none of those the tag may have --- */

static bool
take_p(struct dmarc_record *r, struct str value)
{
	return policy_parse(value, &r->p);
}

static bool
take_sp(struct dmarc_record *r, struct str value)
{
	return policy_parse(value, &r->sp);
}

static bool
take_np(struct dmarc_record *r, struct str value)
{
	return policy_parse(value, &r->np);
}

static bool
take_adkim(struct dmarc_record *r, struct str value)
{
	return switch_parse(value, "sr", &r->strict_dkim);
}

static bool
take_aspf(struct dmarc_record *r, struct str value)
{
	return switch_parse(value, "sr", &r->strict_spf);
}

static bool
take_t(struct dmarc_record *r, struct str value)
{
	return switch_parse(value, "yn", &r->testing);
}

static bool
take_psd(struct dmarc_record *r, struct str value)
{
	return letter_parse(value, "ynu", &r->psd);
}

static bool
take_fo(struct dmarc_record *r, struct str value)
{
	return fo_parse(value, &r->fo);
}

/* Of RFC 7489, where "afrf" alone is left; kept nowhere. */
static bool
take_rf(struct dmarc_record *r, struct str value)
{
	(void)r;
	return str_is_nocase(value, "afrf") || str_is_nocase(value, "iodef");
}

static bool
take_pct(struct dmarc_record *r, struct str value)
{
	uint64_t n;
	bool good = num_parse_u64(value, DMARC_PCT_ALL, &n);
	r->pct = good ? (unsigned)n : r->pct;
	return good;
}

static bool
take_ri(struct dmarc_record *r, struct str value)
{
	uint64_t n;
	bool good = num_parse_u64(value, UINT32_MAX, &n);
	r->interval = good ? (uint32_t)n : r->interval;
	return good;
}

static bool
take_rua(struct dmarc_record *r, struct str value)
{
	r->n_rua = uris_parse(r, STR("rua"), value, r->rua);
	return true;
}

static bool
take_ruf(struct dmarc_record *r, struct str value)
{
	r->n_ruf = uris_parse(r, STR("ruf"), value, r->ruf);
	return true;
}

/* The version again: it counts at the start of the record only. */
static bool
take_v(struct dmarc_record *r, struct str value)
{
	(void)r;
	(void)value;
	return true;
}

static const struct tag {
	const char *name;
	bool (*take)(struct dmarc_record *r, struct str value);
	bool below; /* a value that is none spoils the whole policy */
} tags[] = {
	{ "p", take_p, false },
	{ "sp", take_sp, true },
	{ "np", take_np, true },
	{ "adkim", take_adkim, false },
	{ "aspf", take_aspf, false },
	{ "t", take_t, false },
	{ "psd", take_psd, false },
	{ "fo", take_fo, false },
	{ "rf", take_rf, false },
	{ "pct", take_pct, false },
	{ "ri", take_ri, false },
	{ "rua", take_rua, false },
	{ "ruf", take_ruf, false },
	{ "v", take_v, false },
};

/* The tag of an item that counts; NULL with the reason when it does not. */
static const struct tag *
tag_find(unsigned *seen, struct str name, const char **why)
{
	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		if (!str_is_nocase(name, tags[i].name))
			continue;
		bool again = (*seen & 1U << i) != 0;
		*seen |= 1U << i;
		*why = N_("stands again: not read");
		return again ? NULL : &tags[i];
	}
	*why = N_("not a known tag: not read");
	return NULL;
}

/* "tag = value" into 'r'; notes what is wrong with it. */
static void
item_take(
    struct dmarc_record *r, struct str item, unsigned *seen, bool *bad_below)
{
	struct str value;
	const char *why = N_("no '=' in it");
	struct str name = trim_wsp(str_cut(item, '=', &value));
	const struct tag *tag =
	    value.ptr != NULL ? tag_find(seen, name, &why) : NULL;
	if (value.ptr != NULL)
		value = trim_wsp(value);
	if (tag == NULL) {
		note(r, name, value, why);
	} else if (!tag->take(r, value)) {
		note(r, name, value, N_("not a value of this tag"));
		*bad_below = *bad_below || tag->below;
	}
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
	struct str rest;
	bool bad_below = false;
	unsigned seen = 0;
	*out = (struct dmarc_record){ .psd = 'u',
		.fo = STR("0"),
		.pct = DMARC_PCT_ALL,
		.interval = DMARC_INTERVAL };
	if (!cut_version(text, &rest))
		return false;
	while (rest.ptr != NULL) {
		struct str item = trim_wsp(str_cut(rest, ';', &rest));
		if (item.len > 0)
			item_take(out, item, &seen, &bad_below);
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
