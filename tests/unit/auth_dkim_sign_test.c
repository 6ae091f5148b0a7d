/* What is signed verifies, and what is added afterwards breaks it (FL-117). */
#include "core/auth/dkim_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum {
	NOW = 1774000000
};

static const char message[] = "From: Anna <anna@example.com>\n"
			      "To: bert@example.org\n"
			      "Subject: a  folded\n\tsubject \n"
			      "\n"
			      "text \n\n  indented\ttext\n\n\n";

struct fixture {
	const struct crypto *c;
	struct crypto_key *key;
	struct str record;
	struct arena *arena;
};

static void
fixture_open(struct fixture *f, enum crypto_kind kind)
{
	struct err e = ERR_INIT;
	struct buf der = BUF_INIT(4096), text = BUF_INIT(8192);
	f->c = crypto_load(&e);
	assert_non_null(f->c);
	f->key = f->c->key_generate(kind, 2048, &e);
	f->arena = arena_new(1 << 22, NULL, NULL);
	assert_true(f->c->key_write_der(f->key, &der, &e));
	buf_addf(&text,
	    "v=DKIM1; k=%s; p=", kind == CRYPTO_ED25519 ? "ed25519" : "rsa");
	assert_true(dkim_base64_encode(&text, buf_str(&der)));
	f->record = arena_str(f->arena, buf_str(&text));
	buf_clear(&der);
	buf_clear(&text);
}

static void
fixture_close(struct fixture *f)
{
	f->c->key_free(f->key);
	arena_free(f->arena);
}

static struct str
signed_text(struct fixture *f, enum dkim_canon header, enum dkim_canon body)
{
	struct err e = ERR_INIT;
	struct buf out = BUF_INIT(65536);
	struct mail_header h;
	struct dkim_sign how = { .crypto = f->c,
		.key = f->key,
		.domain = STR("example.com"),
		.selector = STR("s"),
		.identity = STR("a=b;c@example.com"),
		.header_canon = header,
		.body_canon = body,
		.now_s = NOW,
		.lifetime_s = 1000 };
	assert_int_equal(
	    mail_header_parse(str_of(message), f->arena, &h), MAIL_HEADER_OK);
	assert_true(dkim_sign(&how, &h, f->arena, &out, &e));
	buf_add_cstr(&out, message);
	struct str text = arena_str(f->arena, buf_str(&out));
	buf_clear(&out);
	return text;
}

static enum dkim_reason
judged(struct fixture *f, struct str text, int64_t now)
{
	struct err e = ERR_INIT;
	struct dkim_message m;
	struct dkim_verdict v;
	struct dkim_key_answer key = { true, STR_EMPTY, &f->record, 1 };
	struct dkim_judge *j = dkim_judge_new(f->c);
	assert_true(dkim_message_parse(text, f->arena, &m, &e));
	assert_true(m.n_signatures >= 1);
	dkim_judge_message(j);
	dkim_judge_signature(j, &m, &m.signatures[0], &key, now, &v);
	dkim_judge_free(j);
	return v.reason;
}

static struct str
with_first(struct fixture *f, const char *line, struct str text)
{
	return str_of(arena_printf(f->arena, "%s%.*s", line, STR_ARG(text)));
}

static void
test_every_form_verifies(void **state)
{
	(void)state;
	for (int kind = CRYPTO_RSA; kind <= CRYPTO_ED25519; kind++) {
		struct fixture f;
		fixture_open(&f, (enum crypto_kind)kind);
		for (int i = 0; i < 4; i++) {
			struct str text = signed_text(&f,
			    (enum dkim_canon)(i / 2), (enum dkim_canon)(i % 2));
			assert_int_equal(judged(&f, text, NOW), DKIM_OK);
			assert_int_equal(
			    judged(&f, text, NOW + 2000), DKIM_EXPIRED);
		}
		fixture_close(&f);
	}
}

static void
test_a_second_from_breaks_it(void **state)
{
	struct fixture f;
	(void)state;
	fixture_open(&f, CRYPTO_ED25519);
	struct str text = signed_text(&f, DKIM_RELAXED, DKIM_RELAXED);
	assert_int_equal(
	    judged(&f, with_first(&f, "X-Added: yes\n", text), NOW), DKIM_OK);
	assert_int_equal(
	    judged(&f, with_first(&f, "From: evil@example.net\n", text), NOW),
	    DKIM_HEADER_CHANGED);
	assert_int_equal(
	    judged(&f,
		str_of(arena_printf(f.arena, "%.*smore\n", STR_ARG(text))),
		NOW),
	    DKIM_BODY_CHANGED);
	fixture_close(&f);
}

/* Signed as it is written: with names that our own signer does not write. */
static struct str
signed_by_hand(struct fixture *f, const char *d, const char *s, const char *i)
{
	struct err e = ERR_INIT;
	uint8_t digest[CRYPTO_DIGEST_MAX];
	struct dkim_body body;
	struct mail_header h;
	const struct str from = STR("from");
	struct buf field = BUF_INIT(65536), text = BUF_INIT(65536);
	struct buf raw = BUF_INIT(CRYPTO_SIGNATURE_MAX), b64 = BUF_INIT(4096);
	struct crypto_hash *hash = f->c->hash_new(CRYPTO_SHA256);
	assert_int_equal(
	    mail_header_parse(str_of(message), f->arena, &h), MAIL_HEADER_OK);
	dkim_body_begin(&body, f->c, hash, DKIM_SIMPLE);
	dkim_body_add(&body, h.body);
	size_t n = dkim_body_end(&body, digest);
	assert_true(dkim_base64_encode(&b64, str_n((char *)digest, n)));
	buf_addf(&field,
	    "DKIM-Signature: v=1; a=ed25519-sha256; h=from; d=%s; s=%s; i=%s; "
	    "bh=%.*s; b=",
	    d, s, i, STR_ARG(buf_str(&b64)));
	struct filter_field own = { .whole = buf_str(&field) };
	dkim_header_select(&text, DKIM_SIMPLE, &h, &from, 1, NULL, NULL);
	dkim_header_add(&text, DKIM_SIMPLE, &own, (struct str)STR_EMPTY, false);
	f->c->hash_add(hash, text.data, text.len);
	n = f->c->hash_end(hash, digest);
	assert_true(f->c->sign(
	    f->key, CRYPTO_SHA256, str_n((char *)digest, n), &raw, &e));
	buf_reset(&b64);
	assert_true(dkim_base64_encode(&b64, buf_str(&raw)));
	struct str whole = str_of(arena_printf(f->arena, "%.*s%.*s\n%s",
	    STR_ARG(buf_str(&field)), STR_ARG(buf_str(&b64)), message));
	f->c->hash_free(hash);
	buf_clear(&field);
	buf_clear(&text);
	buf_clear(&raw);
	buf_clear(&b64);
	return whole;
}

/* RFC 8616 5: U-labels are signed as written, looked up as A-labels. */
static void
test_names_beyond_ascii(void **state)
{
	static const struct {
		const char *d, *s, *i;
		enum dkim_reason reason;
		const char *key_name;
	} cases[] = {
		{ "m\xc3\xbcller.example", "s", "@m\xc3\xbcller.example",
		    DKIM_OK, "s._domainkey.xn--mller-kva.example" },
		{ "m\xc3\xbcller.example", "\xc3\xa4", "@xn--mller-kva.example",
		    DKIM_OK, "xn--4ca._domainkey.xn--mller-kva.example" },
		{ "xn--mller-kva.example", "s", "=C3=A9@M\xc3\xbcLLER.example",
		    DKIM_OK, "s._domainkey.xn--mller-kva.example" },
		{ "xn--mller-kva.example", "s", "a@post.m=C3=BCller.example",
		    DKIM_OK, "s._domainkey.xn--mller-kva.example" },
		{ "m\xc3\xbcller.example", "s", "@muller.example",
		    DKIM_BAD_IDENTITY, NULL },
		{ "m\xc3\xbcller.example", "s", "@xm\xc3\xbcller.example",
		    DKIM_BAD_IDENTITY, NULL },
		{ "m\xc3\xbcller.example.", "s", "@m\xc3\xbcller.example",
		    DKIM_BAD_DOMAIN, NULL },
		{ ".m\xc3\xbcller.example", "s", "@m\xc3\xbcller.example",
		    DKIM_BAD_DOMAIN, NULL },
		{ "m\xc3\xbcller..example", "s", "@m\xc3\xbcller.example",
		    DKIM_BAD_DOMAIN, NULL },
		/* no UTF-8 */
		{ "m\xfcller.example", "s", "@m\xfcller.example",
		    DKIM_BAD_DOMAIN, NULL },
		{ "example.com", "\xc3", "@example.com", DKIM_BAD_SELECTOR,
		    NULL },
		{ "example.com", "s", "@\xc3.example.com", DKIM_BAD_IDENTITY,
		    NULL },
	};
	struct fixture f;
	struct dkim_message m;
	(void)state;
	fixture_open(&f, CRYPTO_ED25519);
	for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
		struct str text =
		    signed_by_hand(&f, cases[k].d, cases[k].s, cases[k].i);
		if (judged(&f, text, NOW) != cases[k].reason)
			fail_msg("case %zu: %s", k,
			    dkim_reason_word(judged(&f, text, NOW)));
		assert_true(dkim_message_parse(text, f.arena, &m, NULL));
		if (cases[k].key_name != NULL)
			assert_true(str_is(
			    m.signatures[0].key_name, cases[k].key_name));
	}
	fixture_close(&f);
}

static void
test_many_records_at_one_name(void **state)
{
	struct fixture f;
	struct str records[80];
	struct err e = ERR_INIT;
	struct dkim_message m;
	struct dkim_verdict v;
	(void)state;
	fixture_open(&f, CRYPTO_ED25519);
	struct str text = signed_text(&f, DKIM_RELAXED, DKIM_RELAXED);
	records[0] = f.record;
	for (size_t i = 1; i < ARRAY_LEN(records); i++)
		records[i] = str_of(arena_printf(f.arena, "v=spf%zu", i));
	struct dkim_key_answer key = { true, STR_EMPTY, records,
		ARRAY_LEN(records) };
	struct dkim_judge *j = dkim_judge_new(f.c);
	assert_true(dkim_message_parse(text, f.arena, &m, &e));
	dkim_judge_signature(j, &m, &m.signatures[0], &key, NOW, &v);
	assert_int_equal(v.reason, DKIM_OK);
	records[1] = f.record;
	dkim_judge_signature(j, &m, &m.signatures[0], &key, NOW, &v);
	assert_int_equal(v.reason, DKIM_KEY_SEVERAL);
	dkim_judge_free(j);
	fixture_close(&f);
}

/* The text folded behind every few letters is the same. */
static void
folded_is_read(struct str text, struct str given, struct arena *a)
{
	static const char *const folds[] = { "\n\t", " ", "\r\n  ", "\t" };
	for (size_t every = 1; every <= 40; every++) {
		struct buf folded = BUF_INIT(1024);
		struct str back;
		for (size_t i = 0; i < text.len; i++) {
			if (i % every == 0)
				buf_add_cstr(&folded, folds[i % 4]);
			buf_add_char(&folded, text.ptr[i]);
		}
		assert_true(dkim_base64_decode(buf_str(&folded), a, &back));
		assert_true(str_eq(back, given));
		buf_clear(&folded);
	}
}

/* Every length, and one byte that is no letter at every place. */
static void
test_base64_is_read_back(void **state)
{
	(void)state;
	enum {
		BYTES_MAX = 70
	};
	static const char others[] = "-_.,:;@[`{\x80\xff\x01=";
	struct arena *a = arena_new(1 << 24, NULL, NULL);
	char bytes[BYTES_MAX];
	for (size_t i = 0; i < BYTES_MAX; i++)
		bytes[i] = (char)(i * 151 + 13);
	for (size_t n = 0; n <= BYTES_MAX; n++) {
		struct buf text = BUF_INIT(256);
		struct str back, given = str_n(bytes, n);
		assert_true(dkim_base64_encode(&text, given));
		assert_true(dkim_base64_decode(buf_str(&text), a, &back));
		assert_true(str_eq(back, given));
		folded_is_read(buf_str(&text), given, a);
		/* cut short, and with more behind its padding */
		for (size_t i = 1; n > 0 && i < 4; i++)
			assert_false(dkim_base64_decode(
			    str_n(text.data, text.len - i), a, &back));
		size_t letters = (n * 8 + 5) / 6;
		for (size_t i = 0; i + 2 < letters; i++) {
			char kept = text.data[i];
			text.data[i] = others[(n + i) % (sizeof(others) - 1)];
			assert_false(
			    dkim_base64_decode(buf_str(&text), a, &back));
			text.data[i] = kept;
		}
		buf_clear(&text);
		arena_reset(a);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_form_verifies),
		cmocka_unit_test(test_a_second_from_breaks_it),
		cmocka_unit_test(test_names_beyond_ascii),
		cmocka_unit_test(test_many_records_at_one_name),
		cmocka_unit_test(test_base64_is_read_back),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
