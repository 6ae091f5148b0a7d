/* The work of a rehearsal, in a process of its own. */
#include "core/base/i18n.h"
#include "core/sys/file.h"
#include "tui/screens/rehearse_int.h"

#include <signal.h>
#include <string.h>

struct sender {
	const struct task_out *out;
	struct arena *arena;
	const char *side; /* its number */
};

void
rehearse_request_of(const struct rehearse_ask *ask, struct arena *a,
    struct rehearse_request *out)
{
	struct str *rcpt = ARENA_NEW(a, struct str);
	*rcpt = ask->rcpt;
	*out = (struct rehearse_request){
		.client = ask->client,
		.helo = ask->helo.len > 0 ? ask->helo : STR(REHEARSE_HELO),
		.sender = ask->sender,
		.rcpts = rcpt,
		.n_rcpts = rcpt->len > 0,
		.port = ask->port != 0 ? ask->port : REHEARSE_PORT,
		.user = ask->user,
	};
}

static void
send_step(void *ctx, const struct rehearse_step *step)
{
	const struct sender *s = ctx;
	struct arena *a = s->arena;
	const char *const f[] = { REHEARSE_ROW_STEP, s->side, step->phase,
		arena_cstr(a, step->plugin), step->result,
		arena_cstr(a, step->text),
		arena_printf(a, "%lld", (long long)step->us),
		step->is_silent ? "1" : "0" };
	task_send(s->out, f, ARRAY_LEN(f));
}

static void
send_end(const struct sender *s, const struct rehearsal *r)
{
	struct arena *a = s->arena;
	const char *const f[] = { REHEARSE_ROW_END, s->side,
		arena_printf(a, "%d", (int)r->verdict), arena_cstr(a, r->reply),
		r->setting, arena_printf(a, "%lld", (long long)r->us) };
	task_send(s->out, f, ARRAY_LEN(f));
}

static bool
run_side(struct tui *ui, enum rehearse_side side, struct sender *to,
    struct rehearse_request *request, struct rehearsal *out, struct err *e)
{
	to->side = arena_printf(to->arena, "%d", (int)side);
	request->watch = send_step;
	request->watch_ctx = to;
	if (!rehearse_run(&ui->model, request, out, e))
		return false;
	send_end(to, out);
	return true;
}

/* The signal that ends us waits until the scratch folder is gone. */
static bool
read_draft(struct tui *ui, const struct settings_wish *wishes, size_t n,
    struct buf *bundle, struct err *e)
{
	sigset_t end, before;
	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigprocmask(SIG_BLOCK, &end, &before);
	bool ok = rehearse_with(&ui->model, wishes, n, bundle, e);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ok;
}

static bool
run_draft(struct tui *ui, struct sender *to, struct rehearse_request *request,
    const struct rehearsal *now, struct err *e)
{
	struct arena *a = ui->model.arena;
	struct buf bundle = BUF_INIT(REHEARSE_BUNDLE_MAX);
	struct rehearse_pair *pairs;
	struct rehearsal with;
	size_t n;
	struct settings_wish *wishes = draft_wishes(ui->draft, a, &n);
	if (!read_draft(ui, wishes, n, &bundle, e))
		return false;
	request->bundle = buf_str(&bundle);
	if (!run_side(ui, REHEARSE_WITH, to, request, &with, e))
		return false;
	size_t n_pairs = rehearse_pairs(a, now, &with, &pairs);
	const char *const f[] = { REHEARSE_ROW_BECAUSE,
		rehearse_because(a, pairs, n_pairs, wishes, n) };
	if (f[1] != NULL)
		task_send(to->out, f, ARRAY_LEN(f));
	return true;
}

/* A file is read here, so that a slow one holds up nobody. */
static bool
read_message(const struct rehearse_screen *r, struct sender *to,
    struct buf *message, struct err *e)
{
	if (r->ask.file == NULL)
		return true;
	if (!file_read_named(r->ask.file, message, e))
		return false;
	const char *const f[] = { REHEARSE_ROW_SIZE,
		arena_printf(to->arena, "%zu", message->len) };
	task_send(to->out, f, ARRAY_LEN(f));
	return true;
}

bool
rehearse_work(
    const void *what, struct tui *ui, const struct task_out *out, struct err *e)
{
	const struct rehearse_screen *r = what;
	struct buf message = BUF_INIT(REHEARSE_MESSAGE_MAX);
	struct sender to = { .out = out, .arena = ui->model.arena };
	struct rehearse_request request;
	struct rehearsal now;
	rehearse_request_of(&r->ask, ui->model.arena, &request);
	request.dns = ui->host->dns(ui->host->ctx, e);
	if (request.dns == NULL || !read_message(r, &to, &message, e))
		return false;
	if (r->ask.file != NULL)
		request.message = message.len > 0 ? buf_str(&message) : STR("");
	return run_side(ui, REHEARSE_NOW, &to, &request, &now, e) &&
	       (!r->compared || run_draft(ui, &to, &request, &now, e));
}
