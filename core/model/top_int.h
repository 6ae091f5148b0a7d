/* What the files of top share. */
#ifndef CORE_MODEL_TOP_INT_H
#define CORE_MODEL_TOP_INT_H

#include "core/model/top.h"
#include "core/sys/root.h"

enum top_what {
	TOP_CONNECTION,
	TOP_QUEUED,
	TOP_REFUSED,
	TOP_DEFERRED,
	TOP_WHATS, /* of the four above */
	TOP_SCORE = TOP_WHATS,
	TOP_CALL, /* of a plugin */
};

/* Something that happened, to be counted for as long as the window. */
struct top_event {
	int64_t ns;
	int64_t value; /* tenths of a score; nanoseconds of a call */
	uint8_t what;
	uint8_t name;
};

struct top {
	const struct clock *clock;
	const struct root *root;
	struct log_follow *follow;
	struct vec sessions; /* struct top_session, oldest first */
	struct vec shown;    /* the same in the order of the view */
	struct vec events;   /* struct top_event */
	char names[TOP_NAMES_MAX][TOP_NAME_SIZE];
	size_t n_names;
	struct top_count rules[TOP_NAMES_MAX];
	struct top_plugin plugins[TOP_NAMES_MAX];
	int64_t first_ns, last_ns; /* of the lines; first 0: none */
	uint32_t max;
	uint32_t spamd_children, spamd_busy;
	bool deliveries_known;
	uint32_t local, local_max, remote, remote_max;
	struct top_queue queue;
	bool own_logs;    /* those of the root, not of a folder */
	int64_t queue_ms; /* monotonic: when it was counted; 0: never */
	bool failed;      /* memory ran out */
};

#endif
