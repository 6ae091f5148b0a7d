/* Making signatures (RFC 6376 5, FL-117). */
#include "core/auth/dkim_int.h"

#include "core/base/i18n.h"

enum {
	LINE_MAX_OCTETS = 76,
	FIELD_MAX = 64 * 1024,
	TEXT_MAX = 4 * MAIL_HEADER_MAX
};

/* Signed where present, each as often as it is there (FL-117). */
static const char *const usual[] = { "From", "To", "Cc", "Subject", "Date",
	"Message-Id", "MIME-Version", "Content-Type",
	"Content-Transfer-Encoding", "Reply-To", "In-Reply-To", "References",
	"Sender", "List-Id", "List-Help", "List-Unsubscribe",
	"List-Unsubscribe-Post", "List-Subscribe", "List-Post", "List-Owner",
	"List-Archive" };

struct names {
	struct str *list;
	size_t n;
};

static void
add_name(struct names *to, const struct mail_header *h, struct str name)
{
	size_t count = 0;
	for (size_t i = 0; i < h->n_fields; i++)
		count += str_eq_nocase(h->fields[i].name, name);
	/* oversigned: a second From must not be added on the way */
	count += str_is_nocase(name, "from");
	for (; count > 0 && to->n < DKIM_HEADERS_MAX; count--)
		to->list[to->n++] = name;
}

static bool
choose_names(const struct dkim_sign *how, const struct mail_header *h,
    struct arena *a, struct names *out, struct err *e)
{
	struct str rest = how->headers, name;
	out->n = 0;
	out->list = ARENA_ARRAY(a, DKIM_HEADERS_MAX, struct str);
	if (out->list == NULL)
		return err_no_memory(e);
	if (rest.len == 0) {
		for (size_t i = 0; i < ARRAY_LEN(usual); i++)
			add_name(out, h, str_of(usual[i]));
	}
	while (str_next_line(&rest, &name)) {
		for (size_t i = 0; i < name.len; i++) {
			if (name.ptr[i] <= ' ' || name.ptr[i] > '~' ||
			    name.ptr[i] == ':' || name.ptr[i] == ';')
				return err_set(e, ERR_USAGE,
				    _("'%.*s' is no name of a header field"),
				    STR_ARG(name));
		}
		if (name.len > 0)
			add_name(out, h, name);
	}
	for (size_t i = 0; i < out->n; i++) {
		if (str_is_nocase(out->list[i], "from"))
			return true;
	}
	return err_set(
	    e, ERR_USAGE, _("the field From must be signed (RFC 6376 5.4)"));
}

static bool
body_hash(const struct dkim_sign *how, struct str body, struct buf *out)
{
	struct dkim_body b;
	uint8_t digest[CRYPTO_DIGEST_MAX];
	struct crypto_hash *hash = how->crypto->hash_new(CRYPTO_SHA256);
	if (hash == NULL)
		return false;
	dkim_body_begin(&b, how->crypto, hash, how->body_canon);
	dkim_body_add(&b, body);
	size_t n = dkim_body_end(&b, digest);
	how->crypto->hash_free(hash);
	return n > 0 && dkim_base64_encode(out, str_n((char *)digest, n));
}

/* Append a piece, on a new line where this one would grow too long. */
static void
add_piece(struct buf *out, size_t *column, struct str piece)
{
	if (*column + piece.len > LINE_MAX_OCTETS) {
		buf_add_cstr(out, "\n\t");
		*column = 8;
		piece = str_trim(piece);
	}
	buf_add_str(out, piece);
	*column += piece.len;
}

/* "; NAME=VALUE" */
static void
add_tag(struct buf *out, size_t *column, const char *name, struct str value)
{
	struct buf tag = BUF_INIT(FIELD_MAX);
	buf_addf(&tag, " %s=%.*s;", name, STR_ARG(value));
	add_piece(out, column, buf_str(&tag));
	out->failed = out->failed || tag.failed;
	buf_clear(&tag);
}

static void
add_number(struct buf *out, size_t *column, const char *name, int64_t value)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%lld", (long long)value);
	add_tag(out, column, name, str_n(text, n > 0 ? (size_t)n : 0));
}

/* i= in DKIM-quoted-printable. */
static void
add_identity(struct buf *out, size_t *column, struct str identity)
{
	struct buf quoted = BUF_INIT(FIELD_MAX);
	for (size_t i = 0; i < identity.len; i++) {
		unsigned char c = (unsigned char)identity.ptr[i];
		if (c <= ' ' || c > '~' || c == ';' || c == '=')
			buf_addf(&quoted, "=%02X", c);
		else
			buf_add_char(&quoted, (char)c);
	}
	add_tag(out, column, "i", buf_str(&quoted));
	buf_clear(&quoted);
}

static void
add_headers(struct buf *out, size_t *column, const struct names *names)
{
	add_piece(out, column, STR(" h="));
	for (size_t i = 0; i < names->n; i++) {
		char name[128];
		int n = snprintf(name, sizeof(name), "%.*s%s",
		    STR_ARG(names->list[i]), i + 1 < names->n ? ":" : ";");
		if (n <= 0 || (size_t)n >= sizeof(name)) {
			out->failed = true;
			return;
		}
		add_piece(out, column, str_n(name, (size_t)n));
	}
}

/* The field with "b=" empty and last. */
static bool
add_field(const struct dkim_sign *how, const struct mail_header *message,
    const struct names *names, struct buf *out, struct err *e)
{
	static const char name[] = "DKIM-Signature:";
	size_t column = sizeof(name) - 1;
	struct buf hash = BUF_INIT(128);
	bool ed25519 = how->crypto->key_kind(how->key) == CRYPTO_ED25519;
	char canon[32];
	int n = snprintf(canon, sizeof(canon), "%s/%s",
	    dkim_canon_word(how->header_canon),
	    dkim_canon_word(how->body_canon));
	buf_add_cstr(out, name);
	add_tag(out, &column, "v", STR("1"));
	add_tag(out, &column, "a",
	    str_of(dkim_algorithm_word(
		ed25519 ? DKIM_ED25519_SHA256 : DKIM_RSA_SHA256)));
	add_tag(out, &column, "c", str_n(canon, n > 0 ? (size_t)n : 0));
	add_tag(out, &column, "d", how->domain);
	add_tag(out, &column, "s", how->selector);
	if (how->identity.len > 0)
		add_identity(out, &column, how->identity);
	add_number(out, &column, "t", how->now_s);
	if (how->lifetime_s > 0)
		add_number(out, &column, "x", how->now_s + how->lifetime_s);
	add_headers(out, &column, names);
	bool ok = body_hash(how, message->body, &hash);
	add_tag(out, &column, "bh", buf_str(&hash));
	buf_clear(&hash);
	buf_add_cstr(out, "\n\tb=");
	return (ok && !out->failed) ||
	       err_set(e, ERR_PERMANENT, _("the signature grows too long"));
}

/* The canonical header and its digest, signed; base64 to 'b64'. */
static bool
sign_header(const struct dkim_sign *how, const struct mail_header *message,
    const struct names *names, struct str field, struct buf *b64, struct err *e)
{
	struct buf text = BUF_INIT(TEXT_MAX),
		   raw = BUF_INIT(CRYPTO_SIGNATURE_MAX);
	uint8_t digest[CRYPTO_DIGEST_MAX];
	size_t colon = str_find(field, ':', 0);
	struct filter_field own = { .name = str_sub(field, 0, colon),
		.body = str_sub(field, colon + 1, field.len),
		.whole = field };
	dkim_header_select(&text, how->header_canon, message, names->list,
	    names->n, NULL, NULL);
	dkim_header_add(
	    &text, how->header_canon, &own, (struct str)STR_EMPTY, false);
	struct crypto_hash *hash = how->crypto->hash_new(CRYPTO_SHA256);
	size_t n = 0;
	if (hash != NULL && !text.failed) {
		how->crypto->hash_add(hash, text.data, text.len);
		n = how->crypto->hash_end(hash, digest);
	}
	how->crypto->hash_free(hash);
	bool ok = n > 0 ||
		  err_set(e, ERR_PERMANENT, _("the header cannot be hashed"));
	ok = ok &&
	     how->crypto->sign(
		 how->key, CRYPTO_SHA256, str_n((char *)digest, n), &raw, e) &&
	     dkim_base64_encode(b64, buf_str(&raw));
	buf_clear(&text);
	buf_clear(&raw);
	return ok;
}

bool
dkim_sign(const struct dkim_sign *how, const struct mail_header *message,
    struct arena *a, struct buf *out, struct err *e)
{
	struct names names;
	struct buf field = BUF_INIT(FIELD_MAX), b64 = BUF_INIT(FIELD_MAX);
	if (!dkim_domain_is_valid(how->domain))
		return err_set(e, ERR_USAGE, _("'%.*s' is no domain name"),
		    STR_ARG(how->domain));
	if (!dkim_domain_is_valid(how->selector))
		return err_set(e, ERR_USAGE, _("'%.*s' is no selector"),
		    STR_ARG(how->selector));
	bool ok = choose_names(how, message, a, &names, e) &&
		  add_field(how, message, &names, &field, e) &&
		  sign_header(how, message, &names, buf_str(&field), &b64, e);
	for (size_t at = 0; ok && at < b64.len; at += 64) {
		if (at > 0)
			buf_add_cstr(&field, "\n\t ");
		buf_add_str(&field, str_sub(buf_str(&b64), at, at + 64));
	}
	buf_add_char(&field, '\n');
	ok = ok && buf_add_str(out, buf_str(&field));
	buf_clear(&field);
	buf_clear(&b64);
	return ok;
}
