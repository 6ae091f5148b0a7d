/*
 * sender_permitted_from (FL-110 to FL-112): SPF of the sender's domain, of the
 * HELO name where there is no sender.
 */
#include "core/filter/lists_int.h"
#include "core/filter/plugins_int.h"

#include "core/auth/dmarc.h"
#include "core/auth/spf.h"
#include "core/base/num.h"
#include "core/mail/header.h"
#include "core/smtp/limits.h"

#include <string.h>

enum {
	TIMEOUT_MS = 20 * 1000,
	LEVEL_MAX = 6,
	LEVEL_FORGERY = 3, /* from here on a fail is called so */
	NO_DMARC_MAX = 4,
	DOMAIN_MAX = 1024
};

struct spf {
	int64_t level;
	int64_t no_dmarc; /* level where the From domain has no policy */
};

/* What a result means at each level of 'reject'. */
#define NO   FILTER_DECLINED
#define SOFT FILTER_DENYSOFT
#define HARD FILTER_DENY
static const enum filter_result outcomes[SPF_RESULTS][LEVEL_MAX + 1] = {
	[SPF_FAIL] = { NO, NO, SOFT, HARD, HARD, HARD, HARD },
	[SPF_SOFTFAIL] = { NO, NO, NO, SOFT, HARD, HARD, HARD },
	[SPF_NEUTRAL] = { NO, NO, NO, NO, NO, HARD, HARD },
	[SPF_NONE] = { NO, NO, NO, NO, NO, NO, HARD },
	[SPF_PERMERROR] = { NO, NO, NO, NO, SOFT, SOFT, HARD },
	[SPF_TEMPERROR] = { NO, NO, SOFT, SOFT, SOFT, SOFT, SOFT },
	[SPF_PASS] = { NO, NO, NO, NO, NO, NO, NO },
};

/* The file's number; one that is none is noted and counts as 0. */
static int64_t
level_of(struct plugin_setup *s, struct str text)
{
	int64_t level = 0;
	if (!num_parse_i64(text, 0, LEVEL_MAX, &level))
		config_note(s->config, LEVEL_WARN, s->line,
		    "spfbehavior: '%.*s' is no number from 0 to %d",
		    STR_ARG(text), LEVEL_MAX);
	return level;
}

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct spf *data = plugin_alloc(s, sizeof(*data), e);
	struct config_lines file;
	s->instance->data = data;
	if (data == NULL ||
	    !config_lines(s->config, STR("spfbehavior"), &file, e))
		return false;
	int64_t usual = 0;
	if (file.n > 0)
		usual = level_of(s, file.lines[0].text);
	/* how it was written once: 1 for a fail, 2 for a softfail too */
	int64_t old = plugin_argument_number(s, "spf_deny", 0, 2, 0);
	if (old > 0)
		usual = old + 2;
	data->level = plugin_argument_number(s, "reject", 0, LEVEL_MAX, usual);
	data->no_dmarc =
	    plugin_argument_number(s, "no_dmarc_policy", 0, NO_DMARC_MAX, 0);
	/* the level is no yes or no */
	s->instance->reject = REJECT_YES;
	return true;
}

/*
 * The room for the domain is taken once, so that a session of many transactions
 * cannot fill its memory.
 */
static struct str
keep_domain(struct filter_session *s, struct str domain)
{
	if (s->spf_room == NULL)
		s->spf_room = arena_alloc(s->arena, SMTP_HELO_MAX);
	if (s->spf_room == NULL || domain.len == 0)
		return (struct str)STR_EMPTY;
	domain = str_sub(domain, 0, SMTP_HELO_MAX);
	memcpy(s->spf_room, domain.ptr, domain.len);
	return str_n(s->spf_room, domain.len);
}

static void
keep(struct plugin_call *c, const struct spf_outcome *o)
{
	static const int karma[SPF_RESULTS] = {
		[SPF_PASS] = 1, [SPF_FAIL] = -1, [SPF_SOFTFAIL] = -1
	};
	struct filter_session *s = c->session;
	s->karma += karma[o->result];
	s->spf_result = spf_result_word(o->result);
	s->spf_domain = keep_domain(s, o->domain);
}

static void
judge(struct plugin_call *c, const struct spf_outcome *o)
{
	const struct spf *data = c->instance->data;
	const char *word = spf_result_word(o->result);
	keep(c, o);
	enum filter_result result = outcomes[o->result][data->level];
	if (result == FILTER_DECLINED) {
		plugin_log(c, LEVEL_INFO, "%s, %s%s%.*s",
		    o->result == SPF_PASS ? "pass" : "fail, tolerated", word,
		    o->reason.len > 0 ? ", " : "", STR_ARG(o->reason));
		return;
	}
	plugin_log(c, LEVEL_INFO, "fail, %s, %.*s", word, STR_ARG(o->reason));
	bool forged = o->result == SPF_FAIL && data->level >= LEVEL_FORGERY;
	plugin_answer(c, result, "SPF - %s: %.*s", forged ? "forgery" : word,
	    STR_ARG(o->reason));
}

static void
on_mail(struct plugin_call *c)
{
	struct spf_outcome outcome;
	struct folded sender;
	struct spf_request request = {
		.helo = c->session->helo,
		.receiver = c->session->local_ip,
		.ahead = true,
	};
	struct facts *facts = plugin_facts(c, TIMEOUT_MS);
	struct arena *scratch = plugin_scratch(c);
	fold_path(&sender, &c->session->sender);
	if (sender.domain.len > 0)
		request.sender = sender.address;
	if (facts == NULL || scratch == NULL ||
	    !net_addr_parse(c->session->client_ip, &request.ip)) {
		plugin_log(c, LEVEL_INFO, "skip, the DNS cannot be asked");
		return;
	}
	if (spf_check(&request, facts, scratch, &outcome))
		judge(c, &outcome);
	else
		c->waits = true;
}

/* From this level of 'no_dmarc_policy' on the result is refused (FL-112). */
static const int no_dmarc_from[SPF_RESULTS] = {
	[SPF_FAIL] = 1,
	[SPF_SOFTFAIL] = 2,
	[SPF_NEUTRAL] = 3,
	[SPF_PERMERROR] = 4,
	[SPF_NONE] = 4,
	[SPF_TEMPERROR] = NO_DMARC_MAX + 1,
	[SPF_PASS] = NO_DMARC_MAX + 1,
};

/* True when it is known that the domain of From publishes nothing. */
static bool
has_no_dmarc(struct plugin_call *c, struct facts *facts, struct arena *scratch)
{
	const struct filter_message *m = c->input->message;
	const struct filter_field *from =
	    mail_fields_find(m->fields, m->n_fields, "From");
	struct buf domain = BUF_INIT(DOMAIN_MAX);
	struct dmarc_outcome outcome = { .result = DMARC_TEMPERROR };
	struct dmarc_request request = { .view = DMARC_RFC9989 };
	if (from != NULL && dmarc_from_domain(from->body, &domain, NULL)) {
		request.from = arena_str(scratch, buf_str(&domain));
		if (!dmarc_check(&request, facts, scratch, &outcome))
			c->waits = true;
	}
	buf_clear(&domain);
	return outcome.result == DMARC_NONE && outcome.record.len == 0;
}

static void
on_data_post(struct plugin_call *c)
{
	const struct spf *data = c->instance->data;
	enum spf_result result;
	struct facts *facts = plugin_facts(c, TIMEOUT_MS);
	struct arena *scratch = plugin_scratch(c);
	const char *word = c->session->spf_result;
	if (word == NULL || facts == NULL || scratch == NULL ||
	    c->input->message == NULL ||
	    !spf_result_parse(str_of(word), &result) ||
	    data->no_dmarc < no_dmarc_from[result])
		return;
	if (!has_no_dmarc(c, facts, scratch))
		return;
	plugin_log(c, LEVEL_INFO, "fail, %s, and no DMARC policy", word);
	plugin_answer(c, FILTER_DENY, "SPF - %s: no DMARC policy", word);
}

static const char *const arguments[] = { "reject", "spf_deny",
	"no_dmarc_policy", NULL };

const struct plugin plugin_sender_permitted_from = {
	.name = "sender_permitted_from",
	.flags = PLUGIN_PAIRS | PLUGIN_SKIPS_IMMUNE,
	.configure = configure,
	.arguments = arguments,
	.hooks = {
		{ HOOK_MAIL, on_mail },
		{ HOOK_DATA_POST, on_data_post },
	},
};
