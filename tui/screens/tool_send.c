/* The work of a tool, in a process of its own: it sends what it finds. */
#include "tui/screens/tool_int.h"

#include "core/base/i18n.h"
#include "core/mail/idna.h"

#include <stdio.h>
#include <string.h>

void
tool_send_head(const struct tool_run *r, const char *state, const char *text)
{
	const char *const f[] = { "head", state, text };
	task_send(r->out, f, ARRAY_LEN(f));
}

void
tool_send_text(const struct tool_run *r, const char *text)
{
	const char *const f[] = { "text", "", text };
	task_send(r->out, f, ARRAY_LEN(f));
}

void
tool_send_foot(const struct tool_run *r, const char *label, const char *text)
{
	const char *const f[] = { "foot", label, text };
	task_send(r->out, f, ARRAY_LEN(f));
}

void
tool_send_cure(const struct tool_run *r, const char *text, const char *command)
{
	const char *const f[] = { "cure", text, command };
	task_send(r->out, f, ARRAY_LEN(f));
}

/* No arena: a thread may send. */
static void
send_row(const struct tool_run *r, size_t i, unsigned depth, const char *state,
    const char *const *cells, size_t n, const char *detail, const char *cure)
{
	char number[24], level[12];
	const char *f[TOOL_ROW_FIXED + TOOL_CELLS_MAX] = { "row", number, state,
		detail, cure, level };
	snprintf(number, sizeof(number), "%zu", i);
	snprintf(level, sizeof(level), "%u", depth);
	for (size_t k = 0; k < n && k < TOOL_CELLS_MAX; k++)
		f[TOOL_ROW_FIXED + k] = cells[k];
	task_send(r->out, f, TOOL_ROW_FIXED + n);
}

void
tool_send_row(const struct tool_run *r, size_t i, const char *state,
    const char *const *cells, size_t n, const char *detail, const char *cure)
{
	send_row(r, i, 0, state, cells, n, detail, cure);
}

void
tool_send_node(const struct tool_run *r, size_t i, unsigned depth,
    const char *state, const char *const *cells, size_t n, const char *detail)
{
	send_row(r, i, depth, state, cells, n, detail, NULL);
}

static void
finding_came(void *ctx, const struct findings *f, size_t i)
{
	const struct finding *one = &f->list[i];
	const char *cells[] = { _(one->label), one->text };
	tool_send_row(ctx, i, finding_shown(one->state), cells,
	    ARRAY_LEN(cells), NULL, one->next);
}

/* The words asked about, as the DNS has them; a line tells of each change. */
static const char *
subject_read(const struct tool_run *r, const char *typed)
{
	struct arena *a = r->m->arena;
	struct str rest = str_of(typed), word;
	const char *all = "";
	while (str_next_word(&rest, &word)) {
		const char *one = arena_cstr(a, word);
		const char *ascii = idna_typed(a, one);
		if (strcmp(one, ascii) != 0)
			tool_send_text(
			    r, arena_printf(a, _("'%s' is '%s' in the DNS"),
				   one, ascii));
		all = arena_printf(
		    a, "%s%s%s", all, *all != '\0' ? " " : "", ascii);
	}
	return all;
}

bool
tool_work(
    const void *what, struct tui *ui, const struct task_out *out, struct err *e)
{
	const struct tool_screen *t = what;
	struct findings *f = ARENA_NEW(ui->model.arena, struct findings);
	struct tool_run r = {
		.ui = ui,
		.m = &ui->model,
		.out = out,
		.f = f,
	};
	findings_init(f, ui->model.arena);
	f->watch = finding_came;
	f->watch_ctx = &r;
	r.dns = ui->host->dns(ui->host->ctx, e);
	if (r.dns == NULL && t->tool->needs_dns)
		return false;
	err_clear(e);
	if (t->subject != NULL)
		r.subject = subject_read(&r, t->subject);
	return t->tool->run(&r, e);
}
