/*
 * Counting the logs with several threads: shares of logs are taken from one
 * list and added up in the order of the list as soon as those before are done,
 * so that only a few are in memory at any time.
 */
#include "core/maillog/stats_int.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
	SHARE_BYTES = 16 << 20,
	THREADS_MAX = 8,
	SHARES_OF_FILE_MAX = 4096,
	TELL_LINES = 1 << 16, /* between two looks at the progress */
	/* LG-72: a part that holds so much is added up before its share ends,
	   as soon as it is its turn; one is looked at after so much of log */
	PART_MUCH = 2 << 20,
	LOOK_BYTES = 64 << 10,
	/* parts that wait for others hold so much before no more are begun */
	WAITING_MUCH = 6 << 20,
};

struct share {
	size_t source, file;
	uint64_t from, to;
	uint64_t lines;
	struct stats_part *part; /* counted, waits for those before it */
	size_t held;             /* bytes, of that */
	bool done;
};

struct run {
	const struct stats_config *config;
	const struct stats_source *sources;
	struct vec shares; /* struct share */
	size_t next;       /* to be counted */
	size_t merged;     /* all before are in 'out' */
	size_t held;       /* bytes of parts that wait */
	uint64_t bytes, all;
	pthread_mutex_t lock;
	pthread_cond_t turn; /* 'merged' rose, or it failed */
	stats_progress *progress;
	void *ctx;
	struct stats *out;
	struct err *e;
	bool failed;
};

static bool
add_share(struct run *r, size_t source, size_t file, uint64_t from, uint64_t to)
{
	struct share s = {
		.source = source, .file = file, .from = from, .to = to
	};
	return vec_push(&r->shares, &s);
}

/*
 * A file of the queue's log is one share: its deliveries and messages reach
 * far; so is a packed one. All other lines stand for themselves, or are joined
 * by connection.
 */
static bool
cut_source(struct run *r, size_t i)
{
	struct logfile f;
	struct logplan *plan = r->sources[i].plan;
	bool whole = maillog_form_of(str_of(r->sources[i].service)) ==
		     MAILLOG_FORM_QMAIL;
	for (size_t k = 0; logplan_file(plan, k, &f); k++) {
		uint64_t n = whole || f.packed ? 1 : f.bytes / SHARE_BYTES + 1;
		if (n > SHARES_OF_FILE_MAX)
			n = SHARES_OF_FILE_MAX;
		struct logfile after;
		uint64_t end =
		    logplan_file(plan, k + 1, &after) ? after.at : UINT64_MAX;
		for (uint64_t j = 0; j < n; j++) {
			uint64_t from = f.at + f.bytes / n * j;
			uint64_t to =
			    j + 1 < n ? f.at + f.bytes / n * (j + 1) : end;
			if (!add_share(r, i, k, from, to))
				return false;
		}
	}
	return true;
}

static void
tell(struct run *r, uint64_t bytes)
{
	if (r->progress == NULL || bytes == 0)
		return;
	pthread_mutex_lock(&r->lock);
	r->bytes += bytes;
	r->progress(r->ctx, r->bytes, r->all);
	pthread_mutex_unlock(&r->lock);
}

static bool
begin_part(struct run *r, struct share *s, struct err *e)
{
	s->part = stats_part_new(r->config, r->sources[s->source].service);
	return s->part != NULL ||
	       err_set(e, ERR_TEMPORARY, "%s", strerror(ENOMEM));
}

/*
 * The share's part has grown large: it is added up, once all before it are,
 * and the share goes on with a new one. Whoever is next in turn never waits.
 */
static bool
add_up_early(struct run *r, struct share *s, struct err *e)
{
	pthread_mutex_lock(&r->lock);
	while (!r->failed && VEC_AT(&r->shares, struct share, r->merged) != s)
		pthread_cond_wait(&r->turn, &r->lock);
	stats_part_merge(r->out, s->part);
	pthread_mutex_unlock(&r->lock);
	return begin_part(r, s, e);
}

/* Count one share into parts of its own; the last one is left. */
static bool
count_share(struct run *r, struct share *s, struct err *e)
{
	struct logline line;
	const struct stats_source *source = &r->sources[s->source];
	struct logread *in = logread_open(source->plan, s->from, s->to, e);
	uint64_t told = s->from;
	size_t unseen = 0;
	if (in == NULL)
		return false;
	if (!begin_part(r, s, e)) {
		logread_close(in);
		return false;
	}
	for (uint64_t n = 1; logread_next(in, &line, e); n++) {
		stats_part_line(s->part, &line);
		unseen += line.raw.len;
		if (unseen >= LOOK_BYTES) {
			unseen = 0;
			if (stats_part_bytes(s->part) >= PART_MUCH &&
			    !add_up_early(r, s, e))
				break;
		}
		if (n % TELL_LINES == 0) {
			tell(r, logread_at(in) - told);
			told = logread_at(in);
		}
	}
	s->lines = logread_count(in)->lines;
	logread_close(in);
	return e->code == ERR_NONE;
}

/* With the lock held. */
static void
merge_ready(struct run *r)
{
	while (r->merged < r->shares.len) {
		struct share *s = VEC_AT(&r->shares, struct share, r->merged);
		if (!s->done)
			return;
		struct stats_log *log = &r->out->logs[s->source];
		log->files[s->file].lines += s->lines;
		log->lines += s->lines;
		if (s->part != NULL)
			stats_part_merge(r->out, s->part);
		s->part = NULL;
		r->held -= s->held;
		r->merged++;
	}
}

/* The next share, with the lock held; NULL: there is none. */
static struct share *
take_share(struct run *r)
{
	while (!r->failed && r->held >= WAITING_MUCH && r->next > r->merged)
		pthread_cond_wait(&r->turn, &r->lock);
	return !r->failed && r->next < r->shares.len
		   ? VEC_AT(&r->shares, struct share, r->next++)
		   : NULL;
}

static void *
worker(void *arg)
{
	struct run *r = arg;
	for (;;) {
		struct err e = ERR_INIT;
		pthread_mutex_lock(&r->lock);
		struct share *s = take_share(r);
		pthread_mutex_unlock(&r->lock);
		if (s == NULL)
			return NULL;
		bool ok = count_share(r, s, &e);
		pthread_mutex_lock(&r->lock);
		s->done = true;
		s->held = s->part != NULL ? stats_part_bytes(s->part) : 0;
		r->held += s->held;
		if (!ok && !r->failed) {
			r->failed = true;
			if (r->e != NULL)
				*r->e = e;
		}
		merge_ready(r);
		pthread_cond_broadcast(&r->turn);
		pthread_mutex_unlock(&r->lock);
	}
}

/* The list of logs and their files, with sizes. */
static bool
list_logs(struct run *r, size_t n)
{
	struct stats *out = r->out;
	out->logs = calloc(n > 0 ? n : 1, sizeof(*out->logs));
	if (out->logs == NULL)
		return false;
	out->n_logs = n;
	for (size_t i = 0; i < n; i++) {
		struct stats_log *log = &out->logs[i];
		struct logfile f;
		log->service = r->sources[i].service;
		log->killed = logplan_killed(r->sources[i].plan);
		r->all += logplan_size(r->sources[i].plan);
		while (logplan_file(r->sources[i].plan, log->n_files, &f))
			log->n_files++;
		log->files = calloc(log->n_files + 1, sizeof(*log->files));
		if (log->files == NULL)
			return false;
		for (size_t k = 0; k < log->n_files; k++) {
			if (!logplan_file(r->sources[i].plan, k, &f))
				break;
			log->files[k].name = f.name;
			log->files[k].bytes = f.bytes;
			log->bytes += f.bytes;
		}
		if (!cut_source(r, i))
			return false;
	}
	return true;
}

static void
count_all(struct run *r, size_t threads)
{
	pthread_t others[THREADS_MAX];
	size_t started = 0;
	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	while (started + 1 < threads && started + 1 < r->shares.len &&
	       pthread_create(&others[started], NULL, worker, r) == 0)
		started++;
	worker(r);
	for (size_t i = 0; i < started; i++)
		pthread_join(others[i], NULL);
}

bool
stats_run(const struct stats_config *config, const struct stats_source *sources,
    size_t n, size_t threads, stats_progress *progress, void *ctx,
    struct stats *out, struct err *e)
{
	struct run r = { .config = config,
		.sources = sources,
		.shares = VEC_INIT(struct share),
		.progress = progress,
		.ctx = ctx,
		.out = out,
		.e = e };
	stats_init(out);
	pthread_mutex_init(&r.lock, NULL);
	pthread_cond_init(&r.turn, NULL);
	bool ok = list_logs(&r, n);
	if (ok)
		count_all(&r, threads);
	for (size_t i = r.merged; i < r.shares.len; i++) {
		struct share *s = VEC_AT(&r.shares, struct share, i);
		if (s->part != NULL)
			stats_part_merge(out, s->part);
	}
	pthread_cond_destroy(&r.turn);
	pthread_mutex_destroy(&r.lock);
	vec_clear(&r.shares);
	if (r.failed)
		return false;
	stats_end(out);
	if (!ok || out->failed)
		return err_set(e, ERR_TEMPORARY, "%s", strerror(ENOMEM));
	return true;
}
