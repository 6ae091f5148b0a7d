/*
 * inotify and a timer behind one epoll descriptor. After a change inotify is
 * left out of the set for a while, so that a writer of a thousand lines a
 * second does not wake us a thousand times.
 */
#include "core/maillog/watch.h"

#include "core/base/i18n.h"
#include "core/base/vec.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <unistd.h>

/*
 * LG-21 has 50 ms between two wake-ups. A line that is written just behind one
 * would then be shown after more than 50 ms, which is what following is allowed
 * to take; at 15 ms reading takes a few percent of a processor at 5,000
 * lines/s.
 */
enum {
	QUIET_MS = 15,   /* between two wake-ups by changes */
	POLL_MS = 250,   /* where a directory cannot be watched */
	SAFETY_MS = 2000 /* file systems that tell nothing */
};

struct place {
	const char *path;
	int wd; /* -1: not watched */
};

struct watch {
	const struct clock *clock;
	struct vec places;
	int epoll, inotify, timer;
	bool muted; /* inotify is left out */
	int64_t quiet_until_ms;
};

/* Fire after 'ms', at once when that is over already. */
static void
set_timer(struct watch *w, int64_t ms)
{
	struct itimerspec at = { .it_value = { .tv_nsec = 1 } };
	if (ms > 0) {
		at.it_value.tv_sec = (time_t)(ms / 1000);
		at.it_value.tv_nsec = (long)(ms % 1000 * NS_PER_MS);
	}
	(void)timerfd_settime(w->timer, 0, &at, NULL);
}

static void
mute(struct watch *w, bool on)
{
	struct epoll_event event = { .events = on ? 0 : EPOLLIN };
	if (w->inotify >= 0 && w->muted != on &&
	    epoll_ctl(w->epoll, EPOLL_CTL_MOD, w->inotify, &event) == 0)
		w->muted = on;
}

struct watch *
watch_new(const struct clock *clock, struct err *e)
{
	struct watch *w = calloc(1, sizeof(*w));
	struct epoll_event event = { .events = EPOLLIN };
	if (w == NULL) {
		err_no_memory(e);
		return NULL;
	}
	w->clock = clock;
	w->places = (struct vec)VEC_INIT(struct place);
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	w->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	w->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w->epoll < 0 || w->timer < 0 ||
	    epoll_ctl(w->epoll, EPOLL_CTL_ADD, w->timer, &event) != 0) {
		err_set_errno(e, errno, "%s", _("cannot watch directories"));
		watch_free(w);
		return NULL;
	}
	/* without it (its instances are few) directories are polled */
	if (w->inotify >= 0 &&
	    epoll_ctl(w->epoll, EPOLL_CTL_ADD, w->inotify, &event) != 0) {
		close(w->inotify);
		w->inotify = -1;
	}
	return w;
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	const int fds[] = { w->inotify, w->timer, w->epoll };
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	vec_clear(&w->places);
	free(w);
}

static bool
place_watch(struct watch *w, struct place *p)
{
	if (w->inotify >= 0 && p->wd < 0)
		p->wd = inotify_add_watch(w->inotify, p->path,
		    IN_CREATE | IN_MOVED_TO | IN_MODIFY | IN_DELETE_SELF |
			IN_MOVE_SELF | IN_ONLYDIR);
	return p->wd >= 0;
}

bool
watch_add(struct watch *w, const char *path, struct err *e)
{
	struct place p = { path, -1 };
	(void)place_watch(w, &p);
	if (!vec_push(&w->places, &p))
		return err_no_memory(e);
	return true;
}

int
watch_fd(const struct watch *w)
{
	return w->epoll;
}

/* The directory itself went away or was replaced: watch its path anew. */
static void
place_lost(struct watch *w, int wd)
{
	for (size_t i = 0; i < w->places.len; i++) {
		struct place *p = VEC_AT(&w->places, struct place, i);
		if (p->wd != wd)
			continue;
		(void)inotify_rm_watch(w->inotify, wd);
		p->wd = -1;
	}
}

/* Drop what inotify has to tell; was there anything? */
static bool
drain(struct watch *w)
{
	_Alignas(struct inotify_event) char events[4096];
	bool any = false;
	ssize_t got;
	while (w->inotify >= 0 &&
	       (got = read(w->inotify, events, sizeof(events))) > 0) {
		any = true;
		for (ssize_t at = 0; at < got;) {
			const struct inotify_event *event =
			    (const void *)(events + at);
			if (event->mask &
			    (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED))
				place_lost(w, event->wd);
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	}
	return any;
}

void
watch_begin(struct watch *w)
{
	uint64_t ticks;
	int64_t now = clock_mono_ms(w->clock);
	(void)!read(w->timer, &ticks, sizeof(ticks));
	if (drain(w)) {
		w->quiet_until_ms = now + QUIET_MS;
		mute(w, true);
	} else if (now >= w->quiet_until_ms) {
		mute(w, false);
	}
}

void
watch_wait(struct watch *w, int64_t wake_ms)
{
	int64_t ms = SAFETY_MS;
	for (size_t i = 0; i < w->places.len; i++) {
		struct place *p = VEC_AT(&w->places, struct place, i);
		if (p->wd >= 0)
			continue;
		/* watched from now on: look once more at what came before */
		ms = place_watch(w, p) ? 0 : ms < POLL_MS ? ms : POLL_MS;
	}
	if (wake_ms >= 0 && wake_ms < ms)
		ms = wake_ms;
	if (w->muted) {
		int64_t quiet = w->quiet_until_ms - clock_mono_ms(w->clock);
		if (quiet < ms)
			ms = quiet;
	}
	set_timer(w, ms);
}
