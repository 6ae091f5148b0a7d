/* The answer about one message in words: what, the evidence, what helps. */
#include "tui/screens/why_int.h"

#include "core/base/escape.h"
#include "core/base/i18n.h"
#include "core/model/moment.h"
#include "tui/widget/wrap.h"

enum {
	WORD_BYTES = 4096,
	LABEL_COLUMNS = 11,
};

const char *
why_moment(struct why_screen *w, struct tui *ui, int64_t ns)
{
	if (ns == INT64_MIN)
		return "-";
	return moment_shown(
	    w->arena, ns / NS_PER_S, clock_wall_s(ui->model.clock));
}

const char *
why_route(struct why_screen *w, const struct why *m)
{
	struct str rest = m->recipients, one = STR_EMPTY;
	if (m->refused.len > 0)
		one = m->refused;
	else if (!maillog_recipient_next(&rest, &one))
		one = STR("-");
	struct str from = m->sender.len > 0 ? m->sender : m->ip;
	return arena_printf(
	    w->arena, "%.*s -> %.*s", STR_ARG(from), STR_ARG(one));
}

/* A label and what stands behind it, on one line or wrapped. */
static void
fact(struct why_screen *w, struct tui *ui, const char *label, struct str value)
{
	if (value.len == 0)
		return;
	struct buf safe = BUF_INIT(WORD_BYTES * 16);
	escape_terminal(&safe, value);
	text_prose(&w->text, ui_text(ui, " %s ", label), LABEL_COLUMNS,
	    w->width, buf_str(&safe));
	buf_clear(&safe);
}

static struct str
recipients(struct why_screen *w, const struct why *m)
{
	struct str rest = m->recipients, one;
	const char *text = "";
	while (maillog_recipient_next(&rest, &one))
		text = arena_printf(w->arena, "%s%s%.*s", text,
		    text[0] != '\0' ? ", " : "", STR_ARG(one));
	if (m->refused.len > 0)
		text = arena_printf(w->arena, "%s%s%.*s", text,
		    text[0] != '\0' ? ", " : "", STR_ARG(m->refused));
	return str_of(text);
}

/* The answer itself, in all its words. */
static void
head(struct why_screen *w, struct tui *ui, const char *text)
{
	struct buf safe = BUF_INIT(WORD_BYTES * 16);
	struct str rest, line;
	escape_terminal(&safe, str_of(text));
	rest = buf_str(&safe);
	while (wrap_next(&rest, w->width - 1, &line))
		text_add(&w->text, STYLE_HEAD,
		    str_of(ui_text(ui, " %.*s", STR_ARG(line))));
	buf_clear(&safe);
}

static void
answer(struct why_screen *w, struct tui *ui, const struct why *m)
{
	head(w, ui,
	    ui_text(ui, "%s  %s  %s", why_state(m),
		why_moment(w, ui, m->time_ns), m->sentence));
	fact(w, ui, _("reason"), str_of(m->reason));
	fact(w, ui, _("told"), m->told);
	text_add(&w->text, STYLE_NORMAL, STR(""));
	fact(w, ui, _("from"), m->sender);
	fact(w, ui, _("to"), recipients(w, m));
	fact(w, ui, _("client"),
	    str_of(ui_text(ui, "%.*s %.*s", STR_ARG(m->ip), STR_ARG(m->host))));
	fact(w, ui, "HELO", m->helo);
	fact(w, ui, _("id"), m->mid);
	fact(w, ui, _("rules"), m->rules);
	text_add(&w->text, STYLE_NORMAL, STR(""));
}

/* Steps in words, or with 'v' the lines as they stand in the logs. */
static void
evidence(struct why_screen *w, struct tui *ui, const struct why *m)
{
	for (size_t i = 0; i < m->n_steps; i++) {
		const struct why_step *s = &m->steps[i];
		/* the verdict itself stands above, in words */
		bool says = s->kind == MAILLOG_PLUGIN ||
			    s->kind > MAILLOG_LOGTERSE_SHORT;
		struct buf safe = BUF_INIT(WORD_BYTES * 16);
		if (!w->raw && !says)
			continue;
		escape_terminal(&safe, s->text);
		text_prose(&w->text,
		    ui_text(ui, " %+8.2f s  %-8s ", s->offset_s, s->service),
		    LABEL_COLUMNS + 10, w->width, buf_str(&safe));
		buf_clear(&safe);
	}
	text_add(&w->text, STYLE_NORMAL, STR(""));
}

static void
decision(struct why_screen *w, struct tui *ui, const struct why *m)
{
	const struct why_setting *s = &m->setting;
	if (s->setting != NULL)
		fact(w, ui, _("setting"),
		    str_of(ui_text(ui, "%s%s%s %s%s", s->setting->id,
			s->target != NULL ? " --for " : "",
			s->target != NULL ? s->target : "",
			s->value[0] != '\0' ? s->value : "-",
			s->is_default ? _(" (default)") : "")));
	if (s->since_s > 0)
		fact(w, ui, "",
		    str_of(ui_text(ui, _("changed %s by %s, was %s"),
			why_moment(w, ui, s->since_s * NS_PER_S), s->who,
			s->old[0] != '\0' ? s->old : "-")));
	for (size_t i = 0; i < m->n_cures; i++) {
		fact(w, ui, i == 0 ? _("change") : "",
		    str_of(m->cures[i].command));
		fact(
		    w, ui, "", str_of(ui_text(ui, "  # %s", m->cures[i].text)));
	}
}

void
why_write_text(struct why_screen *w, struct tui *ui)
{
	/* a text begins in the second column */
	w->columns = term_columns(ui->term);
	w->width = w->columns > 2 ? (size_t)w->columns - 1 : 1;
	text_reset(&w->text);
	answer(w, ui, w->shown);
	evidence(w, ui, w->shown);
	decision(w, ui, w->shown);
}
