/* What is signed verifies, and what is added afterwards breaks it (FL-117). */
#include "core/auth/dkim.h"
#include "core/auth/dkim_base64.h"

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
		cmocka_unit_test(test_many_records_at_one_name),
		cmocka_unit_test(test_base64_is_read_back),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
