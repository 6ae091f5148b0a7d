/* A ring of wanted stretches, and the thread that asks the kernel for them. */
#include "core/maillog/logahead.h"

#include "core/maillog/logread_int.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	WANTED_MAX = 512,
	BLOCK = 64 * 1024 /* of more at once the kernel may leave out some */
};

struct wanted {
	int fd; /* our own */
	uint64_t from, to;
};

struct logahead {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct wanted ring[WANTED_MAX]; /* this and all below: by the lock */
	size_t first, n;
	bool stop;
};

static void
ask(const struct wanted *w)
{
	for (uint64_t at = w->from; at < w->to; at += BLOCK) {
		uint64_t n = w->to - at < BLOCK ? w->to - at : BLOCK;
		(void)posix_fadvise(
		    w->fd, (off_t)at, (off_t)n, POSIX_FADV_WILLNEED);
	}
	close(w->fd);
}

static void *
run(void *arg)
{
	struct logahead *a = arg;
	pthread_mutex_lock(&a->lock);
	while (!a->stop) {
		if (a->n == 0) {
			pthread_cond_wait(&a->more, &a->lock);
			continue;
		}
		struct wanted w = a->ring[a->first];
		a->first = (a->first + 1) % WANTED_MAX;
		a->n--;
		pthread_mutex_unlock(&a->lock);
		ask(&w);
		pthread_mutex_lock(&a->lock);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

struct logahead *
logahead_new(void)
{
	struct logahead *a = calloc(1, sizeof(*a));
	if (a == NULL)
		return NULL;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->more, NULL);
	if (pthread_create(&a->thread, NULL, run, a) == 0)
		return a;
	pthread_cond_destroy(&a->more);
	pthread_mutex_destroy(&a->lock);
	free(a);
	return NULL;
}

void
logahead_free(struct logahead *a)
{
	if (a == NULL)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_signal(&a->more);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	for (; a->n > 0; a->n--) {
		close(a->ring[a->first].fd);
		a->first = (a->first + 1) % WANTED_MAX;
	}
	pthread_cond_destroy(&a->more);
	pthread_mutex_destroy(&a->lock);
	free(a);
}

static void
want(struct logahead *a, int fd, uint64_t from, uint64_t to)
{
	pthread_mutex_lock(&a->lock);
	struct wanted w = { -1, from, to };
	/* the plan may be gone before it is read */
	if (a->n < WANTED_MAX)
		w.fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (w.fd >= 0) {
		a->ring[(a->first + a->n++) % WANTED_MAX] = w;
		pthread_cond_signal(&a->more);
	}
	pthread_mutex_unlock(&a->lock);
}

void
logahead_plan(struct logahead *a, const struct logplan *p, uint64_t most)
{
	for (size_t i = 0; a != NULL && i < p->parts.len && most > 0; i++) {
		const struct logpart *part =
		    VEC_AT(&p->parts, const struct logpart, i);
		if (part->pack != LOGPACK_NONE || part->from >= part->to)
			continue;
		uint64_t n = part->to - part->from;
		n = n < most ? n : most;
		want(a, part->fd, part->from, part->from + n);
		most -= n;
	}
}
