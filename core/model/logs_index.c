/* The indexes of the server's logs: where they are, and when they are made. */
#include "core/model/logs.h"

#include "core/maillog/logindex.h"
#include "core/model/logs_int.h"
#include "core/sys/file.h"
#include "core/sys/lock.h"

enum {
	/* logs that are smaller are read as fast without: all together, one */
	WORTH_IT = 16 << 20,
	ONE_WORTH_IT = 1 << 20,
	UPDATE_WORTH_IT = 1 << 20, /* bytes that are new */
	TIME_MS = 4000,            /* for all logs, after an answer */
};

/* False when the path is too long. */
static bool
index_path(const struct model_ctx *m, const char *name, char path[SYS_PATH_MAX])
{
	return root_pathf(m->root, path, NULL, LOG_INDEX_DIR "/%s", name);
}

struct logindex *
log_index_open(const struct model_ctx *m, const char *name)
{
	char path[SYS_PATH_MAX];
	return index_path(m, name, path) ? logindex_open(path) : NULL;
}

bool
log_set_pick(
    struct log_set *set, const struct str *needles, size_t n, struct err *e)
{
	for (size_t i = 0; i < set->n; i++) {
		struct logsource *s = &set->sources[i];
		if (s->index == NULL)
			continue;
		struct logplan *less = logindex_pick(
		    s->index, s->plan, needles, n, (struct str)STR_EMPTY, e);
		if (less == NULL)
			return false;
		logplan_free(s->plan);
		s->plan = less;
	}
	return true;
}

/* Is there a state folder that we may write to? */
static bool
index_dir(const struct model_ctx *m)
{
	char path[SYS_PATH_MAX];
	return root_path(m->root, "/var/lib", path, NULL) &&
	       file_is_dir(path) &&
	       root_path(m->root, LOG_INDEX_DIR, path, NULL) &&
	       file_mkdirs(path, 0755, path, NULL);
}

/* The whole of a log; NULL without it. */
static struct logplan *
whole_log(
    const struct model_ctx *m, const char *name, const struct logindex *index)
{
	char log[SYS_PATH_MAX];
	struct logplan_options o = { .kind = LOGPLAN_PATH,
		.path = log,
		.shown = name,
		.rotated = true,
		.range = LOGRANGE_ALL,
		.clock = m->clock,
		.index = index };
	if (!root_pathf(m->root, log, NULL, "/var/log/%s", name) ||
	    !file_exists(log))
		return NULL;
	struct logplan *plan = logplan_open(&o, NULL);
	if (plan == NULL || !logplan_is_stream(plan))
		return plan;
	logplan_free(plan);
	return NULL;
}

static void
update_one(const struct model_ctx *m, const char *name,
    const struct logplan *plan, uint64_t all, const struct logindex_work *w)
{
	char path[SYS_PATH_MAX], guard[SYS_PATH_MAX];
	struct lock lock = LOCK_INIT;
	struct err why = ERR_INIT;
	if (!index_path(m, name, path) || !index_path(m, ".lock", guard))
		return;
	bool worth_it = all >= WORTH_IT && logplan_size(plan) >= ONE_WORTH_IT;
	if ((file_exists(path) || worth_it) && index_dir(m) &&
	    lock_take(&lock, guard, name, 0, m->clock, NULL)) {
		(void)!logindex_update(path, plan, w, &why);
		lock_release(&lock);
	}
}

void
log_index_update(const struct model_ctx *m,
    void (*progress)(void *ctx, uint64_t done, uint64_t all), void *ctx)
{
	struct logindex_work w = { .chunk = LOGINDEX_CHUNK,
		.least = UPDATE_WORTH_IT,
		.until_ms = clock_mono_ms(m->clock) + TIME_MS,
		.clock = m->clock,
		.progress = progress,
		.ctx = ctx };
	struct logplan *plans[LOG_SET_MAX] = { NULL };
	struct logindex *indexes[LOG_SET_MAX] = { NULL };
	uint64_t all = 0;
	for (size_t i = 0; i < LOG_SET_MAX && log_mail_services[i] != NULL;
	     i++) {
		indexes[i] = log_index_open(m, log_mail_services[i]);
		plans[i] = whole_log(m, log_mail_services[i], indexes[i]);
		all += plans[i] != NULL ? logplan_size(plans[i]) : 0;
	}
	for (size_t i = 0; i < LOG_SET_MAX; i++) {
		if (plans[i] != NULL)
			update_one(m, log_mail_services[i], plans[i], all, &w);
		logplan_free(plans[i]);
		logindex_close(indexes[i]);
	}
}
