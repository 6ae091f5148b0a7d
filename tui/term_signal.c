/*
 * Signals while the screen is open: the loop is woken by a byte in a pipe, and
 * whatever we die of, the terminal is put right first.
 */
#include "tui/term_int.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const int watched[TERM_WATCHED] = { SIGWINCH, SIGHUP, SIGTERM, SIGINT };
static const int fatal[TERM_FATAL] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT,
	SIGQUIT };

static volatile sig_atomic_t resized, hung_up, wake_fd = -1;

static void
on_watched(int sig)
{
	int saved = errno;
	if (sig == SIGWINCH)
		resized = 1;
	else if (sig != SIGINT)
		hung_up = 1;
	if (wake_fd >= 0 && write(wake_fd, "", 1) < 0)
		errno = 0; /* full: it is awake already */
	errno = saved;
}

static void
on_fatal(int sig)
{
	term_put_right();
	signal(sig, SIG_DFL);
	raise(sig);
}

bool
term_wake_open(struct term_signals *s)
{
	return pipe2(s->wake, O_CLOEXEC | O_NONBLOCK) == 0;
}

void
term_wake_close(struct term_signals *s)
{
	close(s->wake[0]);
	close(s->wake[1]);
}

void
term_signals_take(struct term_signals *s)
{
	struct sigaction sa = { 0 };
	resized = hung_up = 0;
	wake_fd = s->wake[1];
	sigfillset(&sa.sa_mask);
	sa.sa_handler = on_watched;
	sa.sa_flags = SA_RESTART;
	for (size_t i = 0; i < TERM_WATCHED; i++)
		sigaction(watched[i], &sa, &s->old_watched[i]);
	sa.sa_handler = on_fatal;
	for (size_t i = 0; i < TERM_FATAL; i++)
		sigaction(fatal[i], &sa, &s->old_fatal[i]);
}

void
term_child(void)
{
	wake_fd = -1;
	for (size_t i = 0; i < TERM_WATCHED; i++)
		signal(watched[i], SIG_DFL);
	for (size_t i = 0; i < TERM_FATAL; i++)
		signal(fatal[i], SIG_DFL);
	signal(SIGTSTP, SIG_DFL);
}

void
term_signals_give_back(const struct term_signals *s)
{
	for (size_t i = 0; i < TERM_WATCHED; i++)
		sigaction(watched[i], &s->old_watched[i], NULL);
	for (size_t i = 0; i < TERM_FATAL; i++)
		sigaction(fatal[i], &s->old_fatal[i], NULL);
	wake_fd = -1;
}

unsigned
term_signals_came(const struct term_signals *s)
{
	char drain[64];
	unsigned bits = 0;
	while (read(s->wake[0], drain, sizeof(drain)) > 0)
		continue;
	if (hung_up) {
		hung_up = 0;
		bits |= TERM_HUNG_UP;
	}
	if (resized) {
		resized = 0;
		bits |= TERM_RESIZED;
	}
	return bits;
}

void
term_note_lost(void)
{
	hung_up = 1;
}

void
term_note_resized(void)
{
	resized = 1;
}
