/* What plugins do when asked: log, deny, keep the naughty mark. */
#include "core/filter/plugin_int.h"

#include "core/base/escape.h"
#include "core/filter/limit.h"
#include "core/filter/wait_int.h"
#include "core/smtp/reply.h"

#include <stdio.h>
#include <string.h>

enum {
	LOG_LINE_MAX = 2048,
	REASON_MAX = FILTER_TEXT_SIZE
};

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#endif

int
plugin_level(const struct plugin_instance *instance, int usual)
{
	if (instance->level_is_set)
		return instance->level;
	int level = usual + instance->level;
	if (level < LEVEL_EMERG)
		return LEVEL_EMERG;
	return level > LEVEL_DEBUG ? LEVEL_DEBUG : level;
}

void
plugin_log(struct plugin_call *c, int level, const char *fmt, ...)
{
	level = plugin_level(c->instance, level);
	if (c->log == NULL || level > c->loglevel)
		return;
	struct buf line = BUF_INIT(LOG_LINE_MAX * 4);
	char text[LOG_LINE_MAX];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n >= 0)
		escape_terminal(&line, str_of(text));
	c->log(c->log_ctx, level, c->hook, c->instance->label, buf_str(&line));
	buf_clear(&line);
}

const char *
plugin_immunity(const struct filter_session *s)
{
	if (s->relay_client)
		return "relay client";
	if (s->host_whitelisted)
		return "whitelisted host";
	return s->sender_whitelisted ? "whitelisted sender" : NULL;
}

bool
plugin_is_immune(struct plugin_call *c)
{
	const char *why = plugin_immunity(c->session);
	if (why == NULL)
		return false;
	plugin_log(c, LEVEL_INFO, "skip, %s", why);
	return true;
}

/* A reply is printable ASCII; what a peer or a file gave may be anything. */
static void
make_reply_text(char *text)
{
	for (; *text != '\0'; text++) {
		if (!smtp_reply_may_hold(*text) && *text != '\n')
			*text = '?';
	}
}

static void
answer(struct plugin_call *c, enum filter_result result, const char *fmt,
    va_list ap)
{
	struct filter_verdict *v = c->verdict;
	v->result = result;
	v->plugin = c->instance->label;
	v->status = c->instance->plugin->status;
	if (vsnprintf(v->text, sizeof(v->text), fmt, ap) < 0)
		v->text[0] = '\0';
	make_reply_text(v->text);
}

void
plugin_answer(
    struct plugin_call *c, enum filter_result result, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	answer(c, result, fmt, ap);
	va_end(ap);
}

/*
 * Add a line to the text kept with the connection (FL-41). The room for it is
 * taken once, so that a long session cannot fill its memory with marks.
 */
static void
keep_naughty(struct plugin_call *c, enum filter_result type, const char *text)
{
	struct filter_session *s = c->session;
	if (s->naughty_room == NULL)
		s->naughty_room = arena_alloc(s->arena, FILTER_TEXT_SIZE);
	char *room = s->naughty_room;
	if (room == NULL)
		return;
	size_t used = s->naughty.len;
	int n = snprintf(room + used, FILTER_TEXT_SIZE - used, "%s(%s) %s",
	    used > 0 ? "\n" : "", c->instance->label, text);
	if (n < 0 || (size_t)n >= FILTER_TEXT_SIZE - used)
		room[used] = '\0'; /* no room: what is kept is enough */
	else
		s->naughty = str_n(room, used + (size_t)n);
	make_reply_text(room);
	if (s->naughty_result == 0)
		s->naughty_result = type;
}

/* 'kept': the denial that the naughty plugin is to use, 0 for its own. */
static void
fail(struct plugin_call *c, enum filter_result type, enum filter_result kept,
    const char *reason, const char *fmt, va_list ap)
{
	char text[REASON_MAX];
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	switch (c->instance->reject) {
	case REJECT_NO:
		plugin_log(c, LEVEL_INFO, "fail, tolerated, %s", reason);
		break;
	case REJECT_NAUGHTY:
		plugin_log(c, LEVEL_INFO, "fail, NAUGHTY, %s", reason);
		keep_naughty(c, kept, text);
		break;
	case REJECT_YES:
		plugin_log(c, LEVEL_INFO, "fail, %s", reason);
		plugin_answer(c, type, "%s", text);
		break;
	}
}

void
plugin_fail(struct plugin_call *c, const char *reason, const char *fmt, ...)
{
	enum filter_result type = c->instance->reject_type;
	va_list ap;
	va_start(ap, fmt);
	fail(c, type, c->instance->has_own_type ? type : 0, reason, fmt, ap);
	va_end(ap);
}

void
plugin_fail_as(struct plugin_call *c, enum filter_result type,
    const char *reason, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fail(c, type, type, reason, fmt, ap);
	va_end(ap);
}

bool
plugin_pattern_has(
    struct plugin_call *c, const struct pattern *p, struct str subject)
{
	switch (pattern_search(p, subject)) {
	case PATTERN_YES:
		return true;
	case PATTERN_TOO_HARD:
		plugin_log(c, LEVEL_WARN,
		    "error, a pattern took too many steps on '%.*s'",
		    STR_ARG(subject));
		break;
	case PATTERN_NO:
		break;
	}
	return false;
}

void *
plugin_kept(struct plugin_call *c, size_t size, void (*release)(void *kept))
{
	struct filter_wait *w = filter_wait_of(c->session);
	if (w == NULL)
		return NULL;
	if (w->kept_by == c->instance)
		return w->kept;
	filter_wait_release(w);
	w->kept = arena_alloc(w->arena, size);
	if (w->kept == NULL)
		return NULL;
	w->kept_by = c->instance;
	w->release = release;
	return w->kept;
}

void
plugin_pause(struct plugin_call *c)
{
	c->waits = true; /* and no fact is wanted: at once, behind the others */
}

void
plugin_add_field(struct plugin_call *c, const char *name, const char *fmt, ...)
{
	struct buf *fields = &c->session->fields;
	char text[FILTER_TEXT_SIZE];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (fields->max == 0)
		buf_init(fields, FILTER_FIELDS_MAX);
	size_t before = fields->len;
	if (n < 0 || fields->failed)
		return;
	make_reply_text(text);
	for (char *end = text; (end = strchr(end, '\n')) != NULL;)
		*end = ' ';
	if (!buf_addf(fields, "%s: %s\n", name, text)) {
		buf_truncate(fields, before);
		fields->failed = false; /* what is there is whole */
	}
}

void
plugin_drop_field(struct plugin_call *c, const char *name)
{
	struct filter_session *s = c->session;
	for (size_t i = 0; i < s->n_drops; i++) {
		if (strcmp(s->drops[i], name) == 0)
			return;
	}
	if (s->n_drops < ARRAY_LEN(s->drops))
		s->drops[s->n_drops++] = name;
}

struct arena *
plugin_scratch(struct plugin_call *c)
{
	struct filter_wait *w = filter_wait_of(c->session);
	return w != NULL ? w->arena : NULL;
}

struct facts *
plugin_facts(struct plugin_call *c, int64_t timeout_ms)
{
	struct filter_wait *w =
	    c->session->has_dns ? filter_wait_of(c->session) : NULL;
	if (w == NULL)
		return NULL;
	w->dns_ms = timeout_ms;
	w->session_dns_ms = filter_policy_limit_ms(c->policy, FILTER_LIMIT_DNS);
	return &w->facts;
}

const struct dns_answer *
plugin_dns(
    struct plugin_call *c, struct str name, uint16_t type, int64_t timeout_ms)
{
	static const struct dns_answer not_a_name = { .status =
							  DNS_NOT_A_NAME };
	static const struct dns_answer no_dns = { .status = DNS_NO_SERVER };
	struct facts *facts = plugin_facts(c, timeout_ms);
	if (facts == NULL)
		return &no_dns;
	const struct fact *fact = facts_ask(facts, name, type);
	if (fact == NULL)
		return &not_a_name;
	if (fact->answer == NULL)
		c->waits = true;
	return fact->answer;
}

const struct filter_state_answer *
plugin_state(struct plugin_call *c, const struct filter_state_op *op)
{
	static const struct filter_state_answer nowhere = {
		.why = "nothing is remembered here"
	};
	static const struct filter_state_answer no_memory = {
		.why = "out of memory"
	};
	if (c->session->state == NULL)
		return &nowhere;
	struct filter_wait *w = filter_wait_of(c->session);
	struct state_fact *fact = w != NULL ? filter_wait_state(w, op) : NULL;
	if (fact == NULL)
		return &no_memory;
	c->waits = c->waits || !fact->known;
	return fact->known ? &fact->answer : NULL;
}

void
plugin_state_tell(struct plugin_call *c, const struct filter_state_op *op)
{
	struct filter_state *st = c->session->state;
	if (st == NULL || !st->ask(st, op, NULL, NULL))
		plugin_log(c, LEVEL_CRIT,
		    "error, not remembered: its keeper is busy or away");
}

void
plugin_listen(struct plugin_call *c, int64_t ms)
{
	if (filter_wait_of(c->session) == NULL)
		return; /* out of memory: as if it had been silent */
	c->session->listen_ms = ms;
	c->waits = true;
}
