/*
 * Logging in at a mail server. The password goes only under TLS, or not at all
 * (CRAM-MD5, RFC 2195, where a digest of it is sent), and into no finding.
 */
#include "core/auth/crypto.h"
#include "core/auth/dkim_base64.h"
#include "core/base/i18n.h"
#include "core/model/probe_int.h"

#include <string.h>

enum {
	SECRET_MAX = 4096,
	CHALLENGE_MAX = 2048,
	HMAC_BLOCK = 64, /* of MD5, RFC 2104 2 */
	SAYS_GO_ON = 334,
	SAYS_DONE = 235
};

/* 'before' and the word as base64: one line. */
static bool
say_base64(struct probe *p, const char *before, struct str word,
    struct smtp_answer *answer, struct err *e)
{
	struct buf line = BUF_INIT(2 * SECRET_MAX);
	bool ok = buf_add_cstr(&line, before) &&
		  dkim_base64_encode(&line, word) &&
		  smtp_client_ask(
		      &p->stream, p->m->arena, buf_cstr(&line), answer, e);
	buf_wipe(&line);
	return ok;
}

/* "AUTH PLAIN base64(NUL user NUL password)" (RFC 4616) */
static bool
login_plain(struct probe *p, const struct probe_account *s,
    struct smtp_answer *answer, struct err *e)
{
	struct buf raw = BUF_INIT(SECRET_MAX);
	buf_add_char(&raw, '\0');
	buf_add_str(&raw, s->user);
	buf_add_char(&raw, '\0');
	buf_add_str(&raw, s->password);
	bool ok = !raw.failed &&
		  say_base64(p, "AUTH PLAIN ", buf_str(&raw), answer, e);
	buf_wipe(&raw);
	return ok;
}

/* The older LOGIN: two questions, two answers. */
static bool
login_login(struct probe *p, const struct probe_account *s,
    struct smtp_answer *answer, struct err *e)
{
	return smtp_client_ask(
		   &p->stream, p->m->arena, "AUTH LOGIN", answer, e) &&
	       (answer->code != SAYS_GO_ON ||
		   say_base64(p, "", s->user, answer, e)) &&
	       (answer->code != SAYS_GO_ON ||
		   say_base64(p, "", s->password, answer, e));
}

/* RFC 2104 with MD5; the digest as hexadecimal, as CRAM-MD5 sends it. */
static bool
hmac_md5(
    const struct crypto *c, struct str key, struct str text, struct buf *out)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t digest[CRYPTO_DIGEST_MAX], pads[2][HMAC_BLOCK];
	uint8_t block[HMAC_BLOCK] = { 0 };
	struct crypto_hash *h = c->hash_new(CRYPTO_MD5);
	size_t n = 0;
	if (h == NULL)
		return false;
	if (key.len > HMAC_BLOCK) {
		c->hash_add(h, key.ptr, key.len);
		n = c->hash_end(h, digest);
		memcpy(block, digest, n);
	} else if (key.len > 0) {
		memcpy(block, key.ptr, key.len);
	}
	for (size_t i = 0; i < HMAC_BLOCK; i++) {
		pads[0][i] = block[i] ^ 0x36;
		pads[1][i] = block[i] ^ 0x5c;
	}
	c->hash_add(h, pads[0], HMAC_BLOCK);
	c->hash_add(h, text.ptr, text.len);
	n = c->hash_end(h, digest);
	c->hash_add(h, pads[1], HMAC_BLOCK);
	c->hash_add(h, digest, n);
	n = c->hash_end(h, digest);
	c->hash_free(h);
	explicit_bzero(block, sizeof(block));
	explicit_bzero(pads, sizeof(pads));
	for (size_t i = 0; i < n; i++) {
		buf_add_char(out, digits[digest[i] >> 4]);
		buf_add_char(out, digits[digest[i] & 15]);
	}
	return n > 0 && !out->failed;
}

/* A challenge, and "user digest" in answer to it (RFC 2195 2). */
static bool
login_cram_md5(struct probe *p, const struct probe_account *s,
    struct smtp_answer *answer, struct err *e)
{
	struct buf said = BUF_INIT(SECRET_MAX);
	struct str challenge;
	const struct crypto *c = crypto_load(e);
	if (c == NULL || !smtp_client_ask(&p->stream, p->m->arena,
			     "AUTH CRAM-MD5", answer, e))
		return false;
	if (answer->code != SAYS_GO_ON)
		return true;
	struct str text = answer->lines[0];
	if (text.len > CHALLENGE_MAX ||
	    !dkim_base64_decode(text, p->m->arena, &challenge))
		return err_set(e, ERR_PERMANENT,
		    _("the challenge of the peer is not base64"));
	buf_add_str(&said, s->user);
	buf_add_char(&said, ' ');
	bool ok = hmac_md5(c, s->password, challenge, &said);
	if (!ok)
		err_set(e, ERR_PERMANENT, _("no MD5 on this system"));
	ok = ok && say_base64(p, "", buf_str(&said), answer, e);
	buf_clear(&said);
	return ok;
}

/* The one used first. */
static const struct mechanism {
	const char *name;
	bool hides; /* the password is not sent */
	bool (*login)(struct probe *p, const struct probe_account *s,
	    struct smtp_answer *answer, struct err *e);
} mechanisms[] = {
	{ "PLAIN", false, login_plain },
	{ "LOGIN", false, login_login },
	{ "CRAM-MD5", true, login_cram_md5 },
};

static const char *const label = N_("login");

/* Offered, and fit for this connection; NULL: none, and that was said. */
static const struct mechanism *
choose(struct probe *p)
{
	bool offered = false;
	for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++) {
		const struct mechanism *m = &mechanisms[i];
		if (!smtp_client_has_auth(&p->offers, m->name))
			continue;
		if (p->secure || m->hides)
			return m;
		offered = true;
	}
	if (offered || !p->secure)
		findings_add(p->f, FINDING_FAIL, "login", label,
		    _("not tried: the password would travel in clear"));
	else
		findings_add(p->f, FINDING_FAIL, "login", label,
		    _("the peer offers neither PLAIN, LOGIN nor CRAM-MD5"));
	return NULL;
}

static void
judge(struct probe *p, const struct probe_account *s, const struct mechanism *m,
    const struct smtp_answer *a)
{
	if (a->code != SAYS_DONE)
		findings_add(p->f,
		    a->code / 100 == 4 ? FINDING_UNKNOWN : FINDING_FAIL,
		    "login", label, _("refused as '%.*s': %u %.*s"),
		    STR_ARG(s->user), a->code, STR_ARG(a->lines[0]));
	else if (p->secure)
		findings_add(p->f, FINDING_OK, "login", label,
		    _("as '%.*s' with %s"), STR_ARG(s->user), m->name);
	else
		findings_add(p->f, FINDING_WARN, "login", label,
		    _("as '%.*s' with %s, without TLS: the password is "
		      "hidden, the mail is not"),
		    STR_ARG(s->user), m->name);
}

void
probe_login(struct probe *p, const struct probe_account *s)
{
	struct smtp_answer a = { 0 };
	struct err e = ERR_INIT;
	if (s->user.len == 0 || s->password.len == 0) {
		findings_add(p->f, FINDING_FAIL, "login", label,
		    _("login is on, but user or password is not set"));
		findings_next(
		    p->f, "smemail set delivery.smarthost-password --stdin");
		return;
	}
	const struct mechanism *m = choose(p);
	if (m == NULL)
		return;
	if (m->login(p, s, &a, &e))
		judge(p, s, m, &a);
	else
		findings_add(
		    p->f, FINDING_UNKNOWN, "login", label, "%s", e.text);
}
