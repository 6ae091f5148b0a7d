/* Reading a signature's tags; each tag's rule is one row of a table. */
#include "core/auth/dkim_int.h"

#include "core/base/block.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/mail/idna.h"
#include "core/mail/path.h"

/* RFC 4871 brought v=: 22 May 2007, in Unix time. */
static const int64_t before_standard = 1179792000;

enum {
	TIME_DIGITS_MAX = 12,     /* RFC 6376 3.5: t=, x=; longer is infinite */
	LENGTH_DIGITS_MAX = 76,   /* RFC 6376 3.5: l= */
	LENGTH_DIGITS_COUNT = 18, /* no body has more octets */
	INSTANCE_MAX = 50,        /* RFC 8617 4.2.1 */
	SELECTOR_MAX = 253
};

struct reading {
	struct dkim_signature *s;
	struct arena *arena;
	enum dkim_field_kind kind;
};

/* Labels of letters, digits, hyphens and underscores. */
static bool
is_labels(struct str s)
{
	size_t label = 0;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c == '.' && label == 0)
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > MAIL_LABEL_MAX ||
		    (c != '.' && c != '-' && c != '_' && !ascii_is_alnum(c)))
			return false;
	}
	return s.len > 0 && s.len <= SELECTOR_MAX && label > 0;
}

bool
dkim_domain_is_valid(struct str s)
{
	return is_labels(s);
}

static bool
is_ascii(struct str s)
{
	unsigned bits = 0;
	for (size_t i = 0; i < s.len; i++)
		bits |= (unsigned char)s.ptr[i];
	return bits < 0x80;
}

/*
 * Names beyond ASCII stand in signatures as people write them (RFC 8616 5);
 * keys are asked for, and names compared, by what stands in the DNS.
 */
static bool
read_labels(struct reading *r, struct str value, struct str *out)
{
	struct buf name = BUF_INIT(SELECTOR_MAX);
	*out = value;
	if (is_ascii(value))
		return is_labels(value);
	/* what is empty between dots would be dropped at the ends */
	bool ok = value.ptr[0] != '.' && value.ptr[value.len - 1] != '.' &&
		  idna_domain(value, &name) && is_labels(buf_str(&name));
	if (ok)
		*out = arena_str(r->arena, buf_str(&name));
	buf_clear(&name);
	return ok && out->len > 0;
}

static enum dkim_reason
read_version(struct reading *r, struct str value)
{
	(void)r;
	return str_is(value, "1") ? DKIM_OK : DKIM_BAD_VERSION;
}

static enum dkim_reason
read_algorithm(struct reading *r, struct str value)
{
	static const struct {
		const char *word;
		enum dkim_algorithm algorithm;
		enum dkim_reason reason;
	} known[] = {
		{ "rsa-sha256", DKIM_RSA_SHA256, DKIM_OK },
		{ "ed25519-sha256", DKIM_ED25519_SHA256, DKIM_OK },
		{ "rsa-sha1", DKIM_RSA_SHA1, DKIM_SHA1 },
	};
	r->s->algorithm_text = value;
	r->s->algorithm = DKIM_ALGORITHM_UNKNOWN;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (!str_is_nocase(value, known[i].word))
			continue;
		r->s->algorithm = known[i].algorithm;
		return known[i].reason;
	}
	return DKIM_BAD_ALGORITHM;
}

static bool
read_canon(struct str word, enum dkim_canon *out)
{
	*out = str_is_nocase(word, "relaxed") ? DKIM_RELAXED : DKIM_SIMPLE;
	return *out == DKIM_RELAXED || str_is_nocase(word, "simple");
}

static enum dkim_reason
read_canons(struct reading *r, struct str value)
{
	struct str body, header = str_cut(value, '/', &body);
	r->s->body_canon = DKIM_SIMPLE; /* of "c=relaxed" (RFC 6376 3.5) */
	if (!read_canon(header, &r->s->header_canon) ||
	    (body.ptr != NULL && !read_canon(body, &r->s->body_canon)))
		return DKIM_BAD_CANON;
	return DKIM_OK;
}

static enum dkim_reason
read_domain(struct reading *r, struct str value)
{
	return read_labels(r, value, &r->s->domain) ? DKIM_OK : DKIM_BAD_DOMAIN;
}

static enum dkim_reason
read_selector(struct reading *r, struct str value)
{
	return read_labels(r, value, &r->s->selector) ? DKIM_OK
						      : DKIM_BAD_SELECTOR;
}

/* One after the other, in the arena. */
static struct str
join(struct arena *a, struct str x, struct str y, struct str z)
{
	size_t n = x.len + y.len + z.len;
	char *to = arena_alloc(a, n + 1);
	const struct str parts[] = { x, y, z };
	if (to == NULL)
		return (struct str)STR_EMPTY;
	char *at = to;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (parts[i].len > 0)
			memcpy(at, parts[i].ptr, parts[i].len);
		at += parts[i].len;
	}
	return str_n(to, n);
}

/* i= of DKIM: an address; whether it is within d= is seen at the end. */
static enum dkim_reason
read_identity(struct reading *r, struct str value)
{
	struct str id, domain;
	if (!dkim_qp_decode(value, r->arena, &id))
		return DKIM_BAD_IDENTITY;
	r->s->identity = id;
	size_t at = id.len;
	while (at > 0 && id.ptr[at - 1] != '@')
		at--;
	domain = str_sub(id, at, id.len);
	if (at == 0 || (!is_ascii(domain) && !read_labels(r, domain, &domain)))
		return DKIM_BAD_IDENTITY;
	r->s->identity =
	    join(r->arena, str_sub(id, 0, at), domain, (struct str)STR_EMPTY);
	return DKIM_OK;
}

static enum dkim_reason
read_instance(struct reading *r, struct str value)
{
	uint64_t n;
	if (!num_parse_u64(value, INSTANCE_MAX, &n) || n == 0)
		return DKIM_BAD_INSTANCE;
	r->s->instance = (unsigned)n;
	return DKIM_OK;
}

/* Printable (RFC 5322 3.6.8); 'end' is how far may be read. */
static bool
is_field_name(struct str s, const char *end)
{
	unsigned bad = 0;
	if (s.len < BLOCK_BYTES && end - s.ptr >= BLOCK_BYTES) {
		uint64_t out = block_upto(s.ptr, ' ') |
			       (~block_upto(s.ptr, '~') & BLOCK_ALL);
		return (out & ((1U << s.len) - 1)) == 0;
	}
	for (size_t i = 0; i < s.len; i++)
		bad |= (unsigned char)(s.ptr[i] - '!') > '~' - '!';
	return bad == 0;
}

static enum dkim_reason
read_headers(struct reading *r, struct str value)
{
	struct str rest = value, name, names[DKIM_HEADERS_MAX];
	const char *end = value.ptr + value.len;
	bool from = r->kind != DKIM_FIELD, any = false;
	size_t n = 0;
	while (dkim_list_next(&rest, &name)) {
		if (n == DKIM_HEADERS_MAX || !is_field_name(name, end))
			return DKIM_BAD_HEADERS;
		/* RFC 8617 4.1.2 */
		if (r->kind == DKIM_FIELD_AMS &&
		    dkim_name_is(name, STR("arc-seal")))
			return DKIM_BAD_HEADERS;
		from = from || dkim_name_is(name, STR("From"));
		any = any || name.len > 0;
		names[n++] = name;
	}
	r->s->headers = ARENA_ARRAY(r->arena, n, struct str);
	if (!any || r->s->headers == NULL)
		return DKIM_BAD_HEADERS;
	memcpy(r->s->headers, names, n * sizeof(names[0]));
	r->s->n_headers = n;
	return from ? DKIM_OK : DKIM_FROM_UNSIGNED;
}

static enum dkim_reason
read_query(struct reading *r, struct str value)
{
	struct str rest = value, word;
	(void)r;
	while (dkim_list_next(&rest, &word)) {
		if (str_is_nocase(word, "dns/txt"))
			return DKIM_OK;
	}
	return DKIM_BAD_QUERY;
}

/* A number; one of more digits than count is the greatest. */
static bool
read_number(struct str value, size_t digits_max, uint64_t *out)
{
	for (size_t i = 0; i < value.len; i++) {
		if (!ascii_is_digit(value.ptr[i]))
			return false;
	}
	*out = INT64_MAX;
	return value.len > digits_max || num_parse_u64(value, INT64_MAX, out);
}

static bool
read_time(struct str value, int64_t *out)
{
	uint64_t n;
	if (!read_number(value, TIME_DIGITS_MAX, &n))
		return false;
	*out = (int64_t)n;
	return true;
}

static enum dkim_reason
read_signed_at(struct reading *r, struct str value)
{
	return read_time(value, &r->s->signed_at) ? DKIM_OK : DKIM_BAD_TIME;
}

static enum dkim_reason
read_expires(struct reading *r, struct str value)
{
	return read_time(value, &r->s->expires) ? DKIM_OK : DKIM_BAD_TIME;
}

static enum dkim_reason
read_length(struct reading *r, struct str value)
{
	r->s->has_length = true;
	if (value.len > LENGTH_DIGITS_MAX)
		return DKIM_BAD_LENGTH;
	while (value.len > 1 && value.ptr[0] == '0')
		value = str_sub(value, 1, value.len);
	return read_number(value, LENGTH_DIGITS_COUNT, &r->s->length)
		   ? DKIM_OK
		   : DKIM_BAD_LENGTH;
}

static enum dkim_reason
read_body_hash(struct reading *r, struct str value)
{
	return value.len > 0 &&
		       dkim_base64_decode(value, r->arena, &r->s->body_hash)
		   ? DKIM_OK
		   : DKIM_BAD_BODY_HASH;
}

static enum dkim_reason
read_signature(struct reading *r, struct str value)
{
	return value.len > 0 &&
		       dkim_base64_decode(value, r->arena, &r->s->signature)
		   ? DKIM_OK
		   : DKIM_BAD_SIGNATURE;
}

static enum dkim_reason
read_chain_value(struct reading *r, struct str value)
{
	r->s->chain_value = value;
	return DKIM_OK;
}

static enum dkim_reason
read_forbidden(struct reading *r, struct str value)
{
	(void)r;
	(void)value;
	return DKIM_TAG_FORBIDDEN;
}

enum {
	IN_DKIM = 1 << DKIM_FIELD,
	IN_AMS = 1 << DKIM_FIELD_AMS,
	IN_SEAL = 1 << DKIM_FIELD_SEAL,
	IN_ALL = IN_DKIM | IN_AMS | IN_SEAL
};

/* In the order in which problems are told. Other tags are ignored. */
static const struct {
	const char *name;
	unsigned fields;   /* where the tag has this meaning */
	unsigned required; /* where it must be */
	enum dkim_reason (*read)(struct reading *r, struct str value);
} rules[] = {
	{ "v", IN_DKIM, IN_DKIM, read_version },
	{ "h", IN_SEAL, 0, read_forbidden },
	{ "i", IN_AMS | IN_SEAL, IN_AMS | IN_SEAL, read_instance },
	{ "d", IN_ALL, IN_ALL, read_domain },
	{ "s", IN_ALL, IN_ALL, read_selector },
	{ "a", IN_ALL, IN_ALL, read_algorithm },
	{ "c", IN_DKIM | IN_AMS, 0, read_canons },
	{ "q", IN_DKIM | IN_AMS, 0, read_query },
	{ "h", IN_DKIM | IN_AMS, IN_DKIM | IN_AMS, read_headers },
	{ "i", IN_DKIM, 0, read_identity },
	{ "t", IN_ALL, 0, read_signed_at },
	{ "x", IN_DKIM | IN_AMS, 0, read_expires },
	{ "l", IN_DKIM | IN_AMS, 0, read_length },
	{ "cv", IN_SEAL, IN_SEAL, read_chain_value },
	{ "bh", IN_DKIM | IN_AMS, IN_DKIM | IN_AMS, read_body_hash },
	{ "b", IN_ALL, IN_ALL, read_signature },
};

static void
note_problem(struct dkim_signature *s, enum dkim_reason reason, struct str tag)
{
	bool lesser = dkim_reason_is_formal(s->problem);
	if (reason == DKIM_OK ||
	    (s->problem != DKIM_OK &&
		(!lesser || dkim_reason_is_formal(reason))))
		return;
	s->problem = reason;
	s->problem_tag = tag;
}

/* The domain of i= is that of d= or below it (RFC 6376 3.5). */
static bool
identity_is_within(const struct dkim_signature *s)
{
	struct str id = s->identity;
	size_t at = id.len;
	while (at > 0 && id.ptr[at - 1] != '@')
		at--;
	struct str domain = str_sub(id, at, id.len);
	return mail_domain_is_within(domain, s->domain);
}

/*
 * Drafts of the standard had no v=. What was signed in their time is judged as
 * far as it goes; later the tag is simply missing.
 */
static void
check_version_missing(struct dkim_signature *s)
{
	if (s->problem == DKIM_VERSION_MISSING &&
	    (s->signed_at < 0 || s->signed_at >= before_standard))
		s->problem = DKIM_TAG_MISSING;
}

static void
check_together(
    struct dkim_signature *s, enum dkim_field_kind kind, struct arena *a)
{
	check_version_missing(s);
	if (kind == DKIM_FIELD && s->identity.len == 0)
		s->identity =
		    join(a, STR("@"), s->domain, (struct str)STR_EMPTY);
	if (kind == DKIM_FIELD && s->problem == DKIM_OK &&
	    !identity_is_within(s))
		note_problem(s, DKIM_BAD_IDENTITY, STR("i"));
	if (s->expires >= 0 && s->expires <= s->signed_at)
		note_problem(s, DKIM_BAD_TIME, STR("x"));
}

void
dkim_signature_parse(const struct filter_field *f, enum dkim_field_kind kind,
    struct arena *a, struct dkim_signature *out)
{
	struct dkim_tags tags;
	struct reading r = { out, a, kind };
	struct str at;
	*out = (struct dkim_signature){ .field = f,
		.algorithm = DKIM_ALGORITHM_UNKNOWN,
		.signed_at = -1,
		.expires = -1 };
	/* the form that every chain is made in where c= is missing */
	if (kind != DKIM_FIELD)
		out->header_canon = out->body_canon = DKIM_RELAXED;
	if (dkim_tags_parse(f->body, &tags, &at) != DKIM_TAGS_OK)
		note_problem(out, DKIM_BAD_TAGS, at);
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		unsigned here = 1U << kind;
		if ((rules[i].fields & here) == 0)
			continue;
		const struct dkim_tag *t = dkim_tags_find(&tags, rules[i].name);
		enum dkim_reason reason = DKIM_OK;
		if (t != NULL)
			reason = rules[i].read(&r, t->value);
		else if ((rules[i].required & here) != 0)
			reason = rules[i].read == read_version
				     ? DKIM_VERSION_MISSING
				     : DKIM_TAG_MISSING;
		if (reason != DKIM_OK)
			note_problem(out, reason, str_of(rules[i].name));
	}
	const struct dkim_tag *b = dkim_tags_find(&tags, "b");
	if (b != NULL)
		out->b_raw = b->raw;
	check_together(out, kind, a);
	out->key_name =
	    join(a, out->selector, STR("._domainkey."), out->domain);
}

bool
dkim_message_parse(
    struct str text, struct arena *a, struct dkim_message *out, struct err *e)
{
	*out = (struct dkim_message){ 0 };
	switch (mail_header_parse(text, a, &out->header)) {
	case MAIL_HEADER_TOO_BIG:
		return err_set(e, ERR_PERMANENT,
		    _("the header is larger than %d bytes"), MAIL_HEADER_MAX);
	case MAIL_HEADER_TOO_MANY:
		return err_set(e, ERR_PERMANENT,
		    _("the header has more than %d fields"), MAIL_FIELDS_MAX);
	case MAIL_HEADER_OUT_OF_MEMORY:
		return err_no_memory(e);
	case MAIL_HEADER_OK:
		break;
	}
	const struct mail_header *h = &out->header;
	/* as it is mostly spelt, which is found fastest */
	const struct str name = STR("DKIM-Signature");
	size_t n = 0;
	for (size_t i = 0; i < h->n_fields; i++)
		n += dkim_name_is(h->fields[i].name, name);
	out->signatures = ARENA_ARRAY(a, n + 1, struct dkim_signature);
	if (out->signatures == NULL)
		return err_no_memory(e);
	for (size_t i = 0; i < h->n_fields; i++) {
		if (!dkim_name_is(h->fields[i].name, name))
			continue;
		struct dkim_signature *s =
		    &out->signatures[out->n_signatures++];
		dkim_signature_parse(&h->fields[i], DKIM_FIELD, a, s);
		if (out->n_signatures > DKIM_SIGNATURES_MAX)
			note_problem(s, DKIM_TOO_MANY, (struct str)STR_EMPTY);
	}
	return true;
}
