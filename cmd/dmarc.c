/* dmarc check: what a domain publishes, and what becomes of a message. */
#include "core/auth/dmarc.h"

#include "cmd/app_dns.h"
#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/render.h"
#include "cmd/spf.h"
#include "core/auth/psl.h"
#include "core/base/i18n.h"

enum {
	ANSWER_NO = 1,
	JSON_MAX = 1 << 20,
	SIGNATURES_MAX = 32,
	VIEWS = 2
};

static const char *const view_names[VIEWS] = { "RFC 9989", "RFC 7489" };
static const char *const view_keys[VIEWS] = { "rfc9989", "rfc7489" };

struct destination {
	struct str uri;
	enum dmarc_destination state;
};

struct dmarc_call {
	struct app *app;
	struct dns *dns;
	struct facts facts;
	struct str domain;
	struct dmarc_signature dkim[SIGNATURES_MAX];
	struct dmarc_request request;
	bool judged; /* results of SPF or DKIM were given */
	struct dmarc_outcome out[VIEWS];
	struct err psl_error; /* why there is no second view */
	size_t n_views;
	struct destination to[2 * DMARC_URIS_MAX];
	size_t n_to;
};

/* "pass:example.com" */
static bool
result_parse(struct app *app, const char *text, struct str *result,
    struct str *domain, struct err *e)
{
	static const char *const words[] = { "pass", "fail", "softfail",
		"neutral", "none", "temperror", "permerror" };
	struct str rest, word = str_cut(str_of(text), ':', &rest);
	size_t i = 0;
	while (i < ARRAY_LEN(words) && !str_is_nocase(word, words[i]))
		i++;
	if (i == ARRAY_LEN(words))
		return err_set(e, ERR_USAGE,
		    _("'%s' is not RESULT:DOMAIN, such as pass:example.com"),
		    text);
	*result = str_of(words[i]);
	if (rest.len == 0)
		return true;
	return fact_domain_parse(app->arena, rest.ptr, domain, e);
}

static bool
results_parse(struct dmarc_call *c, const struct call *call, struct err *e)
{
	const char *spf = call_option(call, "spf");
	struct str list = str_of(call_option(call, "dkim")), one;
	struct dmarc_request *q = &c->request;
	c->judged = spf != NULL || list.len > 0;
	q->dkim = c->dkim;
	if (spf != NULL &&
	    !result_parse(c->app, spf, &q->spf_result, &q->spf_domain, e))
		return false;
	while (str_next_line(&list, &one)) {
		struct dmarc_signature *s = &c->dkim[q->n_dkim];
		if (q->n_dkim == SIGNATURES_MAX)
			return err_set(e, ERR_USAGE, _("too many signatures"));
		if (!result_parse(c->app, arena_cstr(c->app->arena, one),
			&s->result, &s->domain, e))
			return false;
		q->n_dkim++;
	}
	return true;
}

static void
destinations_check(struct dmarc_call *c, const struct dmarc_uri *uris, size_t n)
{
	const struct dmarc_outcome *o = &c->out[0];
	for (size_t i = 0; i < n; i++) {
		struct destination *to = &c->to[c->n_to++];
		to->uri = uris[i].uri;
		while (!dmarc_destination_check(&c->facts, c->app->arena,
		    o->where, o->organization, to->uri, &to->state)) {
			facts_fetch(&c->facts, c->dns, NULL);
			if (c->facts.wanted > 0)
				return; /* out of memory */
		}
	}
}

static bool
check_run(struct dmarc_call *c, struct err *e)
{
	struct app *app = c->app;
	c->dns = app_dns(app, e);
	if (c->dns == NULL)
		return false;
	c->request.from = c->domain;
	c->request.psl = psl_load(&c->psl_error);
	c->n_views = c->request.psl != NULL ? VIEWS : 1;
	facts_init(&c->facts, app->arena);
	for (size_t i = 0; i < c->n_views; i++) {
		c->request.view = i == 0 ? DMARC_RFC9989 : DMARC_RFC7489;
		dmarc_check_wait(&c->request, &c->facts, app->arena, c->dns,
		    NULL, &c->out[i]);
	}
	if (c->out[0].record.len > 0) {
		const struct dmarc_record *r = &c->out[0].parsed;
		destinations_check(c, r->rua, r->n_rua);
		destinations_check(c, r->ruf, r->n_ruf);
	}
	facts_clear(&c->facts);
	return true;
}

/* A published policy, whatever becomes of a message. */
static bool
has_policy(const struct dmarc_outcome *o)
{
	return o->tag != NULL;
}

/* t= is of RFC 9989 alone, pct= of RFC 7489: either softens the policy. */
static bool
is_softened(const struct dmarc_outcome *o)
{
	return has_policy(o) && o->policy != DMARC_POLICY_NONE &&
	       (o->parsed.testing || o->parsed.pct < DMARC_PCT_ALL);
}

static bool
views_differ(const struct dmarc_call *c)
{
	const struct dmarc_outcome *a = &c->out[0], *b = &c->out[1];
	return c->n_views == VIEWS &&
	       (a->policy != b->policy || (!c->judged && is_softened(a)) ||
		   has_policy(a) != has_policy(b) ||
		   (has_policy(a) && !str_eq(a->where, b->where)) ||
		   !str_eq(a->organization, b->organization) ||
		   (c->judged && (a->result != b->result ||
				     a->disposition != b->disposition)));
}

static const char *
policy_words(struct dmarc_call *c, const struct dmarc_outcome *o)
{
	if (!has_policy(o))
		return o->reason.ptr;
	return arena_printf(c->app->arena, _("%s by %s= of %.*s"),
	    dmarc_policy_word(o->policy), o->tag, STR_ARG(o->where));
}

static void
view_show(struct dmarc_call *c, size_t i)
{
	struct app *app = c->app;
	const struct dmarc_outcome *o = &c->out[i];
	render_prose(app, 15, "%-14s %s", view_names[i], policy_words(c, o));
	render_prose(app, 15, "%-14s %.*s", _("  organization"),
	    STR_ARG(o->organization));
	if (c->judged)
		render_prose(app, 15, "%-14s %s, %s: %s", _("  verdict"),
		    dmarc_result_word(o->result),
		    dmarc_policy_word(o->disposition), o->reason.ptr);
}

/* Neither view is known, so nothing can be said of both. */
static bool
is_untested(const struct dmarc_call *c)
{
	return c->out[0].result == DMARC_TEMPERROR && !has_policy(&c->out[0]);
}

static const char *
check_word(const struct dmarc_call *c)
{
	const struct dmarc_outcome *o = &c->out[0];
	if (is_untested(c) || (c->judged && o->result == DMARC_TEMPERROR))
		return "????";
	if (c->judged && o->result == DMARC_FAIL)
		return "FAIL";
	return has_policy(o) ? "ok" : "FAIL";
}

static void
check_show(struct dmarc_call *c)
{
	struct app *app = c->app;
	const struct dmarc_outcome *o = &c->out[0];
	render_prose(app, 15, _("%-14s %.*s: %s"), check_word(c),
	    STR_ARG(c->domain), policy_words(c, o));
	if (o->record.len > 0)
		render_prose(
		    app, 15, "%-14s %.*s", _("record"), STR_ARG(o->record));
	for (size_t i = 0; i < o->parsed.n_notes; i++) {
		const struct dmarc_note *n = &o->parsed.notes[i];
		render_prose(app, 15, _("%-14s %.*s%s%.*s: %s"), _("wrong"),
		    STR_ARG(n->tag), n->value.ptr != NULL ? "=" : "",
		    STR_ARG(n->value), _(n->why));
	}
	if (o->parsed.testing)
		render_prose(app, 15, "%-14s %s", "t=y",
		    _("a test: the policy is applied one step lower"));
	if (o->record.len > 0 && o->parsed.pct < DMARC_PCT_ALL)
		render_prose(app, 15, "%-14s %s", "pct",
		    arena_printf(app->arena,
			_("%u: only RFC 7489 knows it; RFC 9989 applies the "
			  "policy to all"),
			o->parsed.pct));
	for (size_t i = 0; i < c->n_to; i++)
		render_prose(app, 15, _("%-14s %.*s: %s"), _("reports to"),
		    STR_ARG(c->to[i].uri),
		    _(dmarc_destination_word(c->to[i].state)));
	for (size_t i = 0; i < c->n_views; i++)
		view_show(c, i);
	if (c->n_views < VIEWS)
		render_prose(app, 15, "%-14s %s", view_names[1],
		    arena_printf(app->arena, _("could not test: %s"),
			c->psl_error.text));
	else if (!is_untested(c))
		render_prose(app, 15, "%-14s %s", _("views"),
		    views_differ(c) ? _("the two standards DIFFER here")
				    : _("both standards agree"));
}

static void
view_json(struct dmarc_call *c, struct json *j, size_t i)
{
	const struct dmarc_outcome *o = &c->out[i];
	json_key(j, view_keys[i]);
	if (i >= c->n_views) {
		json_null(j);
		return;
	}
	json_object_begin(j);
	json_key(j, "policy");
	json_cstr(j, has_policy(o) ? dmarc_policy_word(o->policy) : NULL);
	json_key(j, "tag");
	json_cstr(j, o->tag);
	json_text(j, "record_domain", o->where);
	json_text(j, "organization", o->organization);
	json_key(j, "result");
	json_cstr(j, c->judged || o->result == DMARC_TEMPERROR
			 ? dmarc_result_word(o->result)
			 : NULL);
	json_key(j, "disposition");
	json_cstr(j, c->judged ? dmarc_policy_word(o->disposition) : NULL);
	json_text(j, "reason", o->reason);
	json_object_end(j);
}

static void
record_json(struct json *j, const struct dmarc_outcome *o)
{
	const struct dmarc_record *r = &o->parsed;
	json_text(j, "record", o->record);
	json_key(j, "tags");
	if (o->record.len == 0) {
		json_null(j);
		return;
	}
	char psd[2] = { r->psd, '\0' };
	json_object_begin(j);
	json_key(j, "p");
	json_cstr(j, r->p != DMARC_UNSET ? dmarc_policy_word(r->p) : NULL);
	json_key(j, "sp");
	json_cstr(j, r->sp != DMARC_UNSET ? dmarc_policy_word(r->sp) : NULL);
	json_key(j, "np");
	json_cstr(j, r->np != DMARC_UNSET ? dmarc_policy_word(r->np) : NULL);
	json_key(j, "adkim");
	json_cstr(j, r->strict_dkim ? "s" : "r");
	json_key(j, "aspf");
	json_cstr(j, r->strict_spf ? "s" : "r");
	json_text(j, "fo", r->fo);
	json_key(j, "psd");
	json_cstr(j, psd);
	json_key(j, "t");
	json_cstr(j, r->testing ? "y" : "n");
	spf_json_uint(j, "pct", r->pct);
	json_object_end(j);
	json_key(j, "wrong");
	json_array_begin(j);
	for (size_t i = 0; i < r->n_notes; i++) {
		json_object_begin(j);
		json_text(j, "tag", r->notes[i].tag);
		json_text(j, "value", r->notes[i].value);
		json_key(j, "why");
		json_cstr(j, _(r->notes[i].why));
		json_object_end(j);
	}
	json_array_end(j);
}

static void
check_json(struct dmarc_call *c)
{
	struct buf buf = BUF_INIT(JSON_MAX);
	struct json j;
	render_json_begin(c->app, &j, &buf, "smemail.dmarc.check/1");
	json_text(&j, "domain", c->domain);
	record_json(&j, &c->out[0]);
	json_key(&j, "reports_to");
	json_array_begin(&j);
	for (size_t i = 0; i < c->n_to; i++) {
		json_object_begin(&j);
		json_text(&j, "uri", c->to[i].uri);
		json_key(&j, "state");
		json_cstr(&j, dmarc_destination_word(c->to[i].state));
		json_object_end(&j);
	}
	json_array_end(&j);
	for (size_t i = 0; i < VIEWS; i++)
		view_json(c, &j, i);
	json_key(&j, "differ");
	if (c->n_views == VIEWS && !is_untested(c))
		json_bool(&j, views_differ(c));
	else
		json_null(&j);
	render_json_end(c->app, &j, &buf);
}

static int
dmarc_check_command(struct app *app, const struct call *call, struct err *e)
{
	struct dmarc_call *c = ARENA_NEW(app->arena, struct dmarc_call);
	*c = (struct dmarc_call){ .app = app, .psl_error = ERR_INIT };
	if (!fact_domain_parse(app->arena, call->args[0], &c->domain, e) ||
	    !results_parse(c, call, e) || !check_run(c, e))
		return err_exit_status(e->code);
	if (app->json || app->jsonl)
		check_json(c);
	else
		check_show(c);
	const struct dmarc_outcome *o = &c->out[0];
	if (o->result == DMARC_TEMPERROR)
		return err_exit_status(ERR_TEMPORARY);
	if (c->judged && o->result == DMARC_FAIL)
		return ANSWER_NO;
	return has_policy(o) ? 0 : ANSWER_NO;
}

const struct command command_dmarc_check = {
	.words = "dmarc check",
	.summary = N_("the DMARC policy of a domain, and what it does to mail"),
	.text = N_("Finds the policy by RFC 9989 (tree walk, np, psd, t) and by "
		   "RFC 7489 (public suffix list, pct) and says where they "
		   "differ; wrong tags are named, and each address for reports "
		   "is checked for its consent. With --spf or --dkim it judges a "
		   "message: pass, something aligned passed; fail, nothing did, "
		   "and the disposition follows; none, there is no policy; "
		   "temperror, it could not be told. Exit 0 for a policy (and a "
		   "pass), 1 for none (or a fail), 111 for temperror."),
	.args = {
		{ .name = "DOMAIN", .kind = ARG_DOMAIN, .count = ARG_ONE },
	},
	.options = {
		{ .name = "spf",
		    .value = "RESULT:DOMAIN",
		    .kind = ARG_TEXT,
		    .help = N_("a message whose SPF check gave this") },
		{ .name = "dkim",
		    .value = "RESULT:DOMAIN",
		    .kind = ARG_TEXT,
		    .many = true,
		    .help = N_("and a signature of this domain; may be given "
			       "again") },
	},
	.flags = COMMAND_NO_ROOT,
	.run = dmarc_check_command,
};
