/* Lines of spamd and clamd (LG-38 to LG-40). */
#include "core/maillog/stats_int.h"

#include "core/base/num.h"

#include <string.h>

enum {
	DECIMAL_MAX = 16 /* characters; no score is longer */
};

static void
count_rules(struct tally *rules, struct str list)
{
	struct str rest = list;
	while (rest.len > 0) {
		struct str one = str_cut(rest, ',', &rest);
		if (one.len > 0)
			tally_add(rules, one, 0, 1);
	}
}

/* The word behind 'mark', where a program tells its version as it starts. */
static void
take_version(struct stats_version *v, const struct logline *line,
    struct str text, struct str mark)
{
	size_t at = str_find_str(text, mark), n = 0;
	struct stats_version new = { .ns = line->key_ns };
	if (at == text.len)
		return;
	for (size_t i = at + mark.len; i < text.len; i++) {
		char c = text.ptr[i];
		if ((!ascii_is_alnum(c) && strchr(".+-~_", c) == NULL) ||
		    n + 1 == sizeof(new.text))
			break;
		new.text[n++] = c;
	}
	if (n > 0)
		*v = new;
}

/* A letter a child: idle, busy, starting, killed (LG-39). */
static void
count_children(struct stats_spamd *s, struct str states)
{
	uint64_t busy = 0, idle = 0;
	for (size_t i = 0; i < states.len; i++) {
		busy += states.ptr[i] == 'B';
		idle += states.ptr[i] == 'I';
	}
	s->states++;
	s->states_full += busy > 0 && idle == 0;
	if (busy + idle > s->children_max)
		s->children_max = busy + idle;
	if (busy > s->busy_max)
		s->busy_max = busy;
}

static void
count_decimal(struct tally *t, int64_t *sum_milli, struct str text)
{
	int64_t n;
	if (text.len > DECIMAL_MAX || !maillog_decimal(text, 3, &n))
		return;
	*sum_milli = num_sum(*sum_milli, n);
	tally_add(t, text, 0, 1);
}

void
stats_spamd_count(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	struct stats_spamd *s = &p->sums.spamd;
	switch (ev->kind) {
	case MAILLOG_SPAMD_CONNECTION:
		s->connections++;
		stats_scan_connects(p, ev->pid);
		break;
	case MAILLOG_SPAMD_START:
		s->processed++;
		stats_scan_begins(p, ev->pid, line->key_ns);
		break;
	case MAILLOG_SPAMD_DONE:
		if (ev->scan.spam)
			s->spam++;
		else
			s->ham++;
		s->bytes = num_sum_u64(s->bytes, ev->scan.size);
		count_decimal(&s->scores, &s->score_milli, ev->scan.score);
		count_decimal(&s->seconds, &s->seconds_milli, ev->scan.seconds);
		break;
	case MAILLOG_SPAMD_CHILDREN:
		count_children(s, ev->text);
		break;
	case MAILLOG_SPAMD_SERVER:
		take_version(
		    &s->version, line, ev->text, STR("(running version "));
		break;
	case MAILLOG_SPAMD_RESULT:
		count_rules(&s->rules, ev->scan.rules);
		stats_scan_ends(p, ev->pid);
		break;
	case MAILLOG_SPAMD_TEXT:
		s->timeouts +=
		    str_find_str(ev->text, STR("timeout")) < ev->text.len ||
		    str_find_str(ev->text, STR("timed out")) < ev->text.len;
		break;
	default:
		break;
	}
}

static void
note_find(struct stats_clamd *c, const struct logline *line,
    const struct maillog_event *ev)
{
	struct stats_find f = { .ns = line->key_ns };
	str_copy(f.name, sizeof(f.name), ev->virus.name);
	str_copy(f.path, sizeof(f.path), ev->virus.path);
	if (c->finds.len < STATS_FINDS_MAX && !vec_push(&c->finds, &f))
		c->found.failed = true;
}

void
stats_clamd_count(struct stats_part *p, const struct logline *line,
    const struct maillog_event *ev)
{
	struct stats_clamd *c = &p->sums.clamd;
	switch (ev->kind) {
	case MAILLOG_CLAMD_OK:
		c->ok++;
		break;
	case MAILLOG_CLAMD_FOUND:
		tally_add(&c->found, ev->virus.name, 0, 1);
		note_find(c, line, ev);
		break;
	case MAILLOG_CLAMD_ERROR:
		c->errors++;
		break;
	case MAILLOG_CLAMD_SELFCHECK:
		if (ev->result != MAILLOG_PASS)
			break;
		c->selfchecks++;
		if (line->key_ns > c->checked_ns)
			c->checked_ns = line->key_ns;
		break;
	case MAILLOG_CLAMD_STARTED:
		take_version(&c->version, line, ev->text, STR("clamd daemon "));
		break;
	case MAILLOG_CLAMD_RELOADED:
		c->reloads++;
		c->signatures = ev->virus.signatures;
		c->signatures_ns = line->key_ns;
		break;
	default:
		break;
	}
}
