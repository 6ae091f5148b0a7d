/* The queue of qmail as it lies on disk: one file a message. */
#include "core/model/top_int.h"

#include "core/base/compiler.h"
#include "core/base/str.h"
#include "core/sys/file.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
	COUNT_MAX = 1000000 /* a queue beyond that is counted no further */
};

/*
 * Files of a folder whose names are numbers, in it and in the folders it is
 * split into. *oldest: the first time one was last written (0: not asked).
 */
static bool
count_files(const char *path, int depth, uint64_t *n, int64_t *oldest)
{
	char below[SYS_PATH_MAX];
	struct dirent *d;
	struct stat st;
	DIR *dir = opendir(path);
	if (dir == NULL)
		return false;
	while (*n < COUNT_MAX && (d = readdir(dir)) != NULL) {
		if (!ascii_is_digit(d->d_name[0]))
			continue;
		int used =
		    snprintf(below, sizeof(below), "%s/%s", path, d->d_name);
		if (used < 0 || (size_t)used >= sizeof(below) ||
		    lstat(below, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth > 0)
			count_files(below, depth - 1, n, oldest);
		if (!S_ISREG(st.st_mode))
			continue;
		++*n;
		if (*oldest == 0 || st.st_mtime < *oldest)
			*oldest = (int64_t)st.st_mtime;
	}
	closedir(dir);
	return true;
}

void
top_queue_count(const struct root *root, struct top_queue *out)
{
	static const char *const folders[] = { "mess", "local", "remote" };
	uint64_t n[ARRAY_LEN(folders)] = { 0 };
	char path[SYS_PATH_MAX];
	int64_t oldest = 0;
	memset(out, 0, sizeof(*out));
	out->absent = root_pathf(root, path, NULL, "/var/qmail/queue/mess") &&
		      !file_exists(path);
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		int64_t at = 0;
		if (!root_pathf(
			root, path, NULL, "/var/qmail/queue/%s", folders[i]) ||
		    !count_files(path, 1, &n[i], &at))
			return;
		if (i == 0)
			oldest = at;
	}
	out->known = true;
	out->messages = n[0];
	out->local = n[1];
	out->remote = n[2];
	out->oldest_s = oldest;
}
