/* dkim verify, dkim sign, arc verify: commands on messages. */
#include "cmd/dkim.h"

#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "core/auth/arc.h"
#include "core/auth/dkim.h"
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/mail/lines.h"
#include "core/model/dkim.h"
#include "core/sys/file.h"

#include <string.h>
#include <unistd.h>

enum {
	ANSWER_NO = 1,
	EXIT_TEMPORARY = 111,
	VERIFY_COLUMNS = 5,
	LIFETIME_MAX = 366 * 86400
};

bool
dkim_message_read(
    struct app *app, const char *name, struct buf *out, struct err *e)
{
	bool ok = strcmp(name, "-") == 0 ? file_read_fd(fileno(app->in),
					       _("standard input"), out, e)
					 : file_read(name, NULL, out, e);
	if (ok && out->len == 0)
		ok = err_set(e, ERR_USAGE, _("'%s' is empty"), name);
	return ok;
}

const char *
dkim_time_shown(struct app *app, int64_t unix_s)
{
	char text[CLOCK_RFC3339_SIZE];
	return unix_s < 0 ? "-"
			  : arena_cstr(app->arena,
				str_of(clock_rfc3339(unix_s, text)));
}

/* What a command on a signed message works with. */
struct reading {
	struct buf text;
	const struct crypto *crypto;
	struct dkim_judge *judge;
	struct dkim_message message;
	struct dns *dns;
};

static bool
reading_begin(
    struct app *app, const char *name, struct reading *r, struct err *e)
{
	*r = (struct reading){ .text = BUF_INIT(DKIM_FILE_MAX) };
	if (!dkim_message_read(app, name, &r->text, e))
		return false;
	mail_lines_to_lf(&r->text);
	r->crypto = crypto_load(e);
	r->judge = r->crypto != NULL ? dkim_judge_new(r->crypto) : NULL;
	if (r->crypto != NULL && r->judge == NULL)
		err_set(e, ERR_TEMPORARY, _("out of memory"));
	r->dns = r->judge != NULL ? app_dns(app, e) : NULL;
	return r->dns != NULL && dkim_message_parse(buf_str(&r->text),
				     app->arena, &r->message, e);
}

static void
reading_end(struct reading *r)
{
	dkim_judge_free(r->judge);
	buf_clear(&r->text);
}

static int
exit_of(enum dkim_result r)
{
	if (r == DKIM_TEMPERROR)
		return EXIT_TEMPORARY;
	return r == DKIM_PASS ? 0 : ANSWER_NO;
}

static const char *
reason_shown(struct app *app, const struct dkim_verdict *v)
{
	if (v->detail.len == 0)
		return dkim_reason_text(v->reason);
	return arena_printf(app->arena, _("%s: %.*s"),
	    dkim_reason_text(v->reason), STR_ARG(v->detail));
}

static const char *
key_shown(struct app *app, const struct dkim_verdict *v)
{
	return v->key_bits == 0 ? "-"
				: arena_printf(app->arena, "%u%s", v->key_bits,
				      v->testing ? " t=y" : "");
}

static void
json_time(struct json *j, int64_t unix_s)
{
	if (unix_s < 0)
		json_null(j);
	else
		json_int(j, unix_s);
}

static void
verdict_json(struct json *j, const struct dkim_verdict *v)
{
	json_key(j, "result");
	json_cstr(j, dkim_result_word(v->result));
	json_key(j, "reason");
	json_cstr(j, dkim_reason_word(v->reason));
	json_key(j, "text");
	json_cstr(j, dkim_reason_text(v->reason));
	json_key(j, "detail");
	json_str(j, v->detail);
	json_key(j, "key_bits");
	json_int(j, v->key_bits);
	json_key(j, "testing");
	json_bool(j, v->testing);
}

static void
signature_json(struct json *j, const struct dkim_signature *s)
{
	char canon[32];
	snprintf(canon, sizeof(canon), "%s/%s",
	    dkim_canon_word(s->header_canon), dkim_canon_word(s->body_canon));
	json_key(j, "domain");
	json_str(j, s->domain);
	json_key(j, "selector");
	json_str(j, s->selector);
	json_key(j, "algorithm");
	json_str(j, s->algorithm_text);
	json_key(j, "canonicalization");
	json_cstr(j, canon);
	json_key(j, "signed_at");
	json_time(j, s->signed_at);
	json_key(j, "expires");
	json_time(j, s->expires);
	json_key(j, "headers");
	json_array_begin(j);
	for (size_t i = 0; i < s->n_headers; i++)
		json_str(j, s->headers[i]);
	json_array_end(j);
}

static void
verify_json(struct app *app, const struct dkim_message *m,
    const struct dkim_verdict *v, enum dkim_result overall,
    const struct dkim_alignment *x)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.dkim-verify/1");
	json_key(&j, "result");
	json_cstr(&j, dkim_result_word(overall));
	json_key(&j, "signatures");
	json_array_begin(&j);
	for (size_t i = 0; i < m->n_signatures; i++) {
		json_object_begin(&j);
		verdict_json(&j, &v[i]);
		signature_json(&j, &m->signatures[i]);
		json_key(&j, "identity");
		json_str(&j, m->signatures[i].identity);
		json_key(&j, "body_octets");
		json_int(&j, (int64_t)v[i].body_octets);
		json_key(&j, "body_signed");
		json_int(&j, (int64_t)v[i].body_signed);
		json_key(&j, "from_unsigned");
		json_int(&j, (int64_t)v[i].from_unsigned);
		json_object_end(&j);
	}
	json_array_end(&j);
	dkim_align_json(&j, m, x);
	render_json_end(app, &j, &buf);
}

static struct str
or_dash(struct str s)
{
	return s.len > 0 ? s : STR("-");
}

/* What a pass leaves open: a part of the body, a second From. */
static void
verify_notes(struct app *app, const struct dkim_verdict *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].body_signed < v[i].body_octets)
			render_note(app,
			    _("signature %zu covers %llu of %llu bytes of the "
			      "body (l=): what follows may be anybody's"),
			    i + 1, (unsigned long long)v[i].body_signed,
			    (unsigned long long)v[i].body_octets);
		if (v[i].from_unsigned > 0)
			render_note(app,
			    _("signature %zu leaves out a From field: readers "
			      "may be shown that one"),
			    i + 1);
		if (v[i].testing)
			render_note(app,
			    _("signature %zu: the key is published for testing "
			      "(t=y)"),
			    i + 1);
	}
}

static void
verify_show(struct app *app, const struct dkim_message *m,
    const struct dkim_verdict *v, enum dkim_result overall,
    const struct dkim_alignment *x)
{
	static const struct render_column columns[VERIFY_COLUMNS] = {
		{ N_("RESULT"), false },
		{ N_("DOMAIN"), false },
		{ N_("SELECTOR"), false },
		{ N_("ALGORITHM"), false },
		{ N_("KEY"), true },
	};
	struct str *cells = ARENA_ARRAY(
	    app->arena, (m->n_signatures + 1) * VERIFY_COLUMNS, struct str);
	for (size_t i = 0; i < m->n_signatures; i++) {
		struct str *c = &cells[i * VERIFY_COLUMNS];
		c[0] = str_of(dkim_result_word(v[i].result));
		c[1] = or_dash(m->signatures[i].domain);
		c[2] = or_dash(m->signatures[i].selector);
		c[3] = or_dash(m->signatures[i].algorithm_text);
		c[4] = str_of(key_shown(app, &v[i]));
	}
	if (m->n_signatures > 0)
		render_table(
		    app, columns, VERIFY_COLUMNS, cells, m->n_signatures);
	/* lines of their own: a column would be cut on a narrow terminal */
	for (size_t i = 0; i < m->n_signatures; i++) {
		if (v[i].result != DKIM_PASS)
			render_line(app, _("signature %zu: %s"), i + 1,
			    reason_shown(app, &v[i]));
	}
	render_line(app, "dkim=%s", dkim_result_word(overall));
	dkim_align_show(app, m, x);
	if (m->n_signatures == 0)
		render_note(app, _("the message is not signed"));
	verify_notes(app, v, m->n_signatures);
}

static int
run_verify(struct app *app, const struct call *call, struct err *e)
{
	struct reading r;
	struct dkim_verdict *v = NULL;
	struct dkim_alignment x;
	int status = -1;
	if (reading_begin(app, call->args[0], &r, e)) {
		enum dkim_result overall = dkim_verify(r.judge, &r.message,
		    r.dns, app->arena, clock_wall_s(app->clock), &v);
		dkim_align(&r.message, v, r.dns, app->arena, &x);
		if (app->json)
			verify_json(app, &r.message, v, overall, &x);
		else
			verify_show(app, &r.message, v, overall, &x);
		status = exit_of(overall);
	}
	reading_end(&r);
	return status < 0 ? err_exit_status(e->code) : status;
}

const struct command command_dkim_verify = {
	.words = "dkim verify",
	.summary = N_("verify the signatures of a message"),
	.text = N_("Every DKIM-Signature of the message is judged by the key "
		   "that its domain publishes (RFC 6376, 8301, 8463), and the "
		   "reason is told. The result is pass when one passes. What "
		   "could not be asked for is temperror, exit status 111. "
		   "The alignment tells whether one that passes speaks for the "
		   "domain of From, as its DMARC record asks; it does not "
		   "change the exit status."),
	.args = { { "FILE", ARG_FILE, ARG_ONE, NULL } },
	.flags = COMMAND_NO_ROOT,
	.run = run_verify,
};

static void
set_json(struct json *j, const struct arc_set *s, size_t i)
{
	json_object_begin(j);
	json_key(j, "instance");
	json_int(j, (int64_t)i + 1);
	json_key(j, "message_signature");
	json_object_begin(j);
	if (s->judged)
		verdict_json(j, &s->message_verdict);
	signature_json(j, &s->message);
	json_object_end(j);
	json_key(j, "seal");
	json_object_begin(j);
	if (s->judged)
		verdict_json(j, &s->seal_verdict);
	json_key(j, "domain");
	json_str(j, s->seal.domain);
	json_key(j, "selector");
	json_str(j, s->seal.selector);
	json_key(j, "chain_value");
	json_str(j, s->seal.chain_value);
	json_object_end(j);
	json_object_end(j);
}

static void
arc_json(struct app *app, const struct arc_chain *c)
{
	struct json j;
	struct buf buf;
	render_json_begin(app, &j, &buf, "smemail.arc-verify/1");
	json_key(&j, "result");
	json_cstr(&j, arc_result_word(c->result));
	json_key(&j, "reason");
	json_cstr(&j, arc_reason_word(c->reason));
	json_key(&j, "instance");
	json_int(&j, c->at);
	json_key(&j, "field_reason");
	json_cstr(&j, dkim_reason_word(c->field));
	json_key(&j, "detail");
	json_str(&j, c->detail);
	json_key(&j, "oldest_pass");
	json_int(&j, c->oldest_pass);
	json_key(&j, "sets");
	json_array_begin(&j);
	for (size_t i = 0; i < c->n_sets; i++)
		set_json(&j, &c->sets[i], i);
	json_array_end(&j);
	render_json_end(app, &j, &buf);
}

static const char *
judged_word(const struct arc_set *s, const struct dkim_verdict *v)
{
	return s->judged ? dkim_result_word(v->result) : "-";
}

static void
arc_show(struct app *app, const struct arc_chain *c)
{
	static const struct render_column columns[] = {
		{ N_("SET"), true },
		{ N_("SEALED BY"), false },
		{ N_("CHAIN"), false },
		{ N_("SEAL"), false },
		{ N_("MESSAGE"), false },
	};
	enum {
		N = ARRAY_LEN(columns)
	};
	struct str *cells =
	    ARENA_ARRAY(app->arena, (c->n_sets + 1) * N, struct str);
	for (size_t i = 0; i < c->n_sets; i++) {
		const struct arc_set *s = &c->sets[i];
		struct str *row = &cells[i * N];
		row[0] = str_of(arena_printf(app->arena, "%zu", i + 1));
		row[1] = or_dash(s->seal.domain);
		row[2] = or_dash(s->seal.chain_value);
		row[3] = str_of(judged_word(s, &s->seal_verdict));
		row[4] = str_of(judged_word(s, &s->message_verdict));
	}
	if (c->n_sets > 0)
		render_table(app, columns, N, cells, c->n_sets);
	render_line(app, "arc=%s", arc_result_word(c->result));
	if (c->result == ARC_NONE)
		render_note(app, _("the message has no ARC set"));
	if (c->result == ARC_FAIL || c->result == ARC_TEMPERROR)
		render_note(app, _("set %u: %s%s%s%s%.*s"), c->at,
		    arc_reason_text(c->reason),
		    c->field != DKIM_OK ? _(": ") : "",
		    c->field != DKIM_OK ? dkim_reason_text(c->field) : "",
		    c->detail.len > 0 ? _(": ") : "", STR_ARG(c->detail));
}

static int
run_arc_verify(struct app *app, const struct call *call, struct err *e)
{
	static const int exits[] = {
		[ARC_NONE] = ANSWER_NO,
		[ARC_PASS] = 0,
		[ARC_FAIL] = ANSWER_NO,
		[ARC_TEMPERROR] = EXIT_TEMPORARY,
	};
	struct reading r;
	int status = -1;
	if (reading_begin(app, call->args[0], &r, e)) {
		struct arc_chain chain;
		arc_verify(r.judge, &r.message, r.dns, app->arena,
		    clock_wall_s(app->clock), &chain);
		if (app->json)
			arc_json(app, &chain);
		else
			arc_show(app, &chain);
		status = exits[chain.result];
	}
	reading_end(&r);
	return status < 0 ? err_exit_status(e->code) : status;
}

const struct command command_arc_verify = {
	.words = "arc verify",
	.summary = N_("verify the ARC chain of a forwarded message"),
	.text = N_("Forwarders and mailing lists seal what they received (RFC "
		   "8617). The chain passes when its sets are complete, every "
		   "ARC-Seal verifies, and the newest ARC-Message-Signature "
		   "does."),
	.args = { { "FILE", ARG_FILE, ARG_ONE, NULL } },
	.flags = COMMAND_NO_ROOT,
	.run = run_arc_verify,
};

static bool
read_canon(const char *text, struct dkim_sign *how, struct err *e)
{
	static const char *const words[] = { "simple", "relaxed" };
	for (size_t i = 0; text != NULL && i < 4; i++) {
		char canon[32];
		snprintf(
		    canon, sizeof(canon), "%s/%s", words[i / 2], words[i % 2]);
		if (strcmp(text, canon) != 0)
			continue;
		how->header_canon = i / 2 == 1 ? DKIM_RELAXED : DKIM_SIMPLE;
		how->body_canon = i % 2 == 1 ? DKIM_RELAXED : DKIM_SIMPLE;
		return true;
	}
	return text == NULL ||
	       err_set(e, ERR_USAGE,
		   _("'%s' is no canonicalization: simple/simple, "
		     "relaxed/relaxed, relaxed/simple, simple/relaxed"),
		   text);
}

/* The domain of the first From address, for whom the key is looked up. */
static const char *
from_domain(struct app *app, const struct mail_header *h)
{
	const struct filter_field *f =
	    mail_fields_find(h->fields, h->n_fields, "from");
	struct str body = f != NULL ? f->body : (struct str)STR_EMPTY;
	size_t at = body.len, end;
	while (at > 0 && body.ptr[at - 1] != '@')
		at--;
	for (end = at; end < body.len &&
		       (ascii_is_alnum(body.ptr[end]) || body.ptr[end] == '-' ||
			   body.ptr[end] == '.');)
		end++;
	return at > 0 ? arena_cstr(app->arena, str_sub(body, at, end)) : "";
}

/* A key from a file given with --key, or that of the server's folders. */
static bool
choose_key(struct app *app, const struct call *call, const char *domain,
    struct dkim_sign *how, struct dkim_own *own, struct err *e)
{
	const char *file = call_option(call, "key");
	const char *selector = call_option(call, "selector");
	enum crypto_kind kind =
	    call_has(call, "ed25519") ? CRYPTO_ED25519 : CRYPTO_RSA;
	if (file == NULL) {
		if (!model_root_check(&app->root, e) ||
		    !dkim_own_find(&app->model, how->crypto, DKIM_KEYS_DIR,
			domain, kind, own, e))
			return false;
		how->domain = str_of(own->domain);
		how->selector =
		    str_of(selector != NULL ? selector : own->selector);
	} else {
		struct buf pem = BUF_INIT(CRYPTO_PEM_MAX);
		if (selector == NULL)
			return err_set(
			    e, ERR_USAGE, _("--key needs --selector"));
		if (file_read(file, NULL, &pem, e))
			own->key = how->crypto->key_private(buf_str(&pem), e);
		if (pem.data != NULL)
			explicit_bzero(pem.data, pem.cap);
		buf_clear(&pem);
		how->domain = str_of(domain);
		how->selector = str_of(selector);
	}
	how->key = own->key;
	return own->key != NULL;
}

/* The field with the line ends that the message has. */
static void
print_signed(
    struct app *app, struct str field, struct str message, bool field_only)
{
	size_t lf = str_find(message, '\n', 0);
	bool crlf = lf > 0 && lf < message.len && message.ptr[lf - 1] == '\r';
	struct str line;
	while (str_next_line(&field, &line)) {
		render_raw(app, line);
		render_raw(app, crlf ? STR("\r\n") : STR("\n"));
	}
	if (!field_only)
		render_raw(app, message);
}

static bool
sign_text(struct app *app, const struct call *call, struct str message,
    struct buf *field, struct err *e)
{
	struct buf text = BUF_INIT(DKIM_FILE_MAX);
	struct dkim_message m;
	struct dkim_own own = { 0 };
	struct dkim_sign how = { .crypto = crypto_load(e),
		.header_canon = DKIM_RELAXED,
		.body_canon = DKIM_RELAXED,
		.now_s = clock_wall_s(app->clock) };
	int64_t days = 0;
	const char *expires = call_option(call, "expires");
	buf_add_str(&text, message);
	mail_lines_to_lf(&text);
	bool ok = how.crypto != NULL &&
		  read_canon(call_option(call, "canon"), &how, e) &&
		  dkim_message_parse(buf_str(&text), app->arena, &m, e);
	if (ok && expires != NULL &&
	    !num_parse_i64(str_of(expires), 1, LIFETIME_MAX / 86400, &days))
		ok = err_set(
		    e, ERR_USAGE, _("'%s' is no number of days"), expires);
	how.lifetime_s = days * 86400;
	const char *domain = call_option(call, "domain");
	if (ok && domain == NULL)
		domain = from_domain(app, &m.header);
	ok = ok && choose_key(app, call, domain, &how, &own, e) &&
	     dkim_sign(&how, &m.header, app->arena, field, e);
	if (how.crypto != NULL)
		dkim_own_clear(how.crypto, &own);
	buf_clear(&text);
	return ok;
}

static int
run_sign(struct app *app, const struct call *call, struct err *e)
{
	struct buf message = BUF_INIT(DKIM_FILE_MAX), field = BUF_INIT(65536);
	bool ok = dkim_message_read(app, call->args[0], &message, e) &&
		  sign_text(app, call, buf_str(&message), &field, e);
	if (ok)
		print_signed(app, buf_str(&field), buf_str(&message),
		    call_has(call, "field"));
	buf_clear(&message);
	buf_clear(&field);
	return ok ? 0 : err_exit_status(e->code);
}

const struct command command_dkim_sign = {
	.words = "dkim sign",
	.summary = N_("sign a message and print it"),
	.text = N_("Signs with the key of the sender's domain on this server, "
		   "or with the one in a file (--key, --selector). From is "
		   "signed twice, so that no second one can be added; l= is "
		   "never used."),
	.args = { { "FILE", ARG_FILE, ARG_ONE, NULL } },
	.options = { { "domain", 0, "DOMAIN", ARG_TEXT,
			 N_("sign for this domain, not that of From") },
	    { "selector", 0, "NAME", ARG_TEXT, N_("selector of the key") },
	    { "key", 0, "FILE", ARG_FILE, N_("private key (PEM)") },
	    { "ed25519", 0, NULL, ARG_TEXT,
		N_("use the Ed25519 key of the domain") },
	    { "canon", 0, "FORM", ARG_TEXT,
		N_("simple/simple, relaxed/relaxed, ...") },
	    { "expires", 0, "DAYS", ARG_TEXT,
		N_("the signature expires after so many days") },
	    { "field", 0, NULL, ARG_TEXT,
		N_("print only the signature, not the message") } },
	.flags = COMMAND_NO_ROOT,
	.run = run_sign,
};
