/*
 * What takes longer than a key may wait: queue, certificate, the logs of a
 * day. A process of its own looks and sends rows; it begins again after a
 * while, the later the longer it took.
 */
#include "core/base/i18n.h"
#include "core/base/num.h"
#include "core/base/utf8.h"
#include "tui/screens/dashboard_int.h"

#include <stdio.h>
#include <string.h>

enum {
	NUMBER_SIZE = 24,
	AGAIN_MS = 60 * 1000,
	AGAIN_FACTOR = 20, /* at most a twentieth of the time is spent so */
};

/* --- in the process of the work --- */

static void
send_two(const struct task_out *out, const char *word, const char *text)
{
	const char *const f[] = { word, text };
	task_send(out, f, ARRAY_LEN(f));
}

static void
send_findings(const struct task_out *out, const struct model_ctx *m,
    const struct status *st)
{
	struct findings f = { .n = 0 };
	findings_init(&f, m->arena);
	status_findings(m, st, &f);
	send_two(out, "begin", "");
	for (size_t i = 0; i < f.n; i++) {
		const struct finding *one = &f.list[i];
		const char *const row[] = { "finding",
			finding_shown(one->state), _(one->label), one->text,
			one->next };
		task_send(out, row, ARRAY_LEN(row));
	}
	send_two(out, "counts", status_counts_words(m, &f));
}

static void
send_hour(
    const struct task_out *out, const char *word, const struct status_hour *h)
{
	char n[3][NUMBER_SIZE];
	const char *const row[] = { word, n[0], n[1], n[2] };
	snprintf(n[0], NUMBER_SIZE, "%llu", (unsigned long long)h->accepted);
	snprintf(n[1], NUMBER_SIZE, "%llu", (unsigned long long)h->refused);
	snprintf(n[2], NUMBER_SIZE, "%llu", (unsigned long long)h->deferred);
	task_send(out, row, ARRAY_LEN(row));
}

static void
send_mail(const struct task_out *out, const struct model_ctx *m,
    const struct status_mail *mail)
{
	char first[NUMBER_SIZE], until[NUMBER_SIZE];
	snprintf(first, sizeof(first), "%lld", (long long)mail->first_hour);
	snprintf(until, sizeof(until), "%lld", (long long)mail->until_s);
	for (size_t i = 0; mail->known && i < STATUS_HOURS; i++)
		send_hour(out, "hour", &mail->hours[i]);
	send_hour(out, "sum", &mail->sum);
	const char *const row[] = { "mail", mail->known ? "" : mail->why.text,
		first, until, status_rules_words(m, mail) };
	task_send(out, row, ARRAY_LEN(row));
}

/* What is being measured, for whom. */
struct telling {
	const struct task_out *out;
	const struct model_ctx *m;
	const struct status *st;
};

/* A switch: the compiler asks for what a new step is told with. */
static void
send_step(void *ctx, enum status_step step)
{
	const struct telling *t = ctx;
	switch (step) {
	case STATUS_QUEUE:
		send_two(t->out, "queue", status_queue_words(t->m, t->st));
		break;
	case STATUS_CERTIFICATE:
		send_two(t->out, "certificate",
		    status_certificate_words(t->m, &t->st->certificate));
		break;
	case STATUS_MAIL:
		send_mail(t->out, t->m, &t->st->mail);
		break;
	}
}

static bool
measure(
    const void *what, struct tui *ui, const struct task_out *out, struct err *e)
{
	const struct model_ctx *m = &ui->model;
	struct status st;
	struct telling t = { .out = out, .m = m, .st = &st };
	(void)what;
	if (!status_read(m, &st, e))
		return false;
	send_findings(out, m, &st);
	status_measure(m, &st, send_step, &t);
	send_findings(out, m, &st);
	return true;
}

/* --- in the screen --- */

static uint64_t
number(const char *text)
{
	uint64_t n = 0;
	return num_parse_u64(str_of(text), UINT64_MAX, &n) ? n : 0;
}

static struct status_hour
hour_of(const char *const *f)
{
	return (struct status_hour){ number(f[1]), number(f[2]), number(f[3]) };
}

static void
take_begin(struct dash_measure *m, const char *const *f)
{
	(void)f;
	m->n_findings = 0;
	m->counts[0] = '\0';
}

static void
take_finding(struct dash_measure *m, const char *const *f)
{
	if (m->n_findings == DASH_FINDINGS_MAX)
		return;
	struct dash_finding *one = &m->findings[m->n_findings++];
	utf8_copy(one->state, sizeof(one->state), str_of(f[1]));
	utf8_copy(one->label, sizeof(one->label), str_of(f[2]));
	utf8_copy(one->text, sizeof(one->text), str_of(f[3]));
	utf8_copy(one->next, sizeof(one->next), str_of(f[4]));
}

static void
take_counts(struct dash_measure *m, const char *const *f)
{
	utf8_copy(m->counts, sizeof(m->counts), str_of(f[1]));
}

static void
take_queue(struct dash_measure *m, const char *const *f)
{
	utf8_copy(m->queue, sizeof(m->queue), str_of(f[1]));
}

static void
take_certificate(struct dash_measure *m, const char *const *f)
{
	utf8_copy(m->certificate, sizeof(m->certificate), str_of(f[1]));
}

static void
take_hour(struct dash_measure *m, const char *const *f)
{
	if (m->n_hours < STATUS_HOURS)
		m->hours[m->n_hours++] = hour_of(f);
}

static void
take_sum(struct dash_measure *m, const char *const *f)
{
	m->sum = hour_of(f);
}

static void
take_mail(struct dash_measure *m, const char *const *f)
{
	m->mail_told = true;
	m->mail_known = f[1][0] == '\0';
	utf8_copy(m->mail_why, sizeof(m->mail_why), str_of(f[1]));
	m->first_hour = (int64_t)number(f[2]);
	m->until_s = (int64_t)number(f[3]);
	utf8_copy(m->rules, sizeof(m->rules), str_of(f[4]));
}

static void
take(void *ctx, const char *const *f, size_t n)
{
	static const struct {
		const char *word;
		size_t n;
		void (*take)(struct dash_measure *m, const char *const *f);
	} kinds[] = {
		{ "begin", 2, take_begin },
		{ "finding", 5, take_finding },
		{ "counts", 2, take_counts },
		{ "queue", 2, take_queue },
		{ "certificate", 2, take_certificate },
		{ "hour", 4, take_hour },
		{ "sum", 4, take_sum },
		{ "mail", 5, take_mail },
	};
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (n == kinds[i].n && strcmp(f[0], kinds[i].word) == 0)
			kinds[i].take(ctx, f);
}

/* Could not be done: said in the place of the findings, never as "ok". */
static void
take_failure(struct dash_measure *m, const struct err *e)
{
	const char *const row[] = { "finding", "FAIL", _("overview"), e->text,
		e->next };
	memset(m, 0, sizeof(*m));
	take_finding(m, row);
	utf8_copy(m->counts, sizeof(m->counts), str_of(_("could not be told")));
	m->mail_told = true;
	utf8_copy(m->mail_why, sizeof(m->mail_why), str_of(e->text));
}

static void
ended(struct dashboard *d, struct tui *ui)
{
	int64_t took = task_ms(d->task, ui) * AGAIN_FACTOR;
	if (d->task->err.code != ERR_NONE)
		take_failure(&d->next, &d->task->err);
	d->next.at_s = clock_wall_s(ui->model.clock);
	d->now = d->next;
	d->due_ms = clock_mono_ms(ui->model.clock) +
		    (took > AGAIN_MS ? took : AGAIN_MS);
	task_free(d->task, ui);
	d->task = NULL;
}

bool
dash_measure_tick(struct dashboard *d, struct tui *ui)
{
	if (d->task == NULL) {
		if (clock_mono_ms(ui->model.clock) < d->due_ms)
			return false;
		memset(&d->next, 0, sizeof(d->next));
		d->task = task_start(ui, measure, NULL);
		if (d->task == NULL)
			d->due_ms = clock_mono_ms(ui->model.clock) + AGAIN_MS;
		return d->task == NULL;
	}
	bool news = task_tick(d->task, ui, take, &d->next);
	if (!task_runs(d->task)) {
		ended(d, ui);
		return true;
	}
	return news && d->now.at_s == 0;
}

const struct dash_measure *
dash_seen(const struct dashboard *d)
{
	return d->now.at_s != 0 ? &d->now : &d->next;
}
