/* Following a plain file, which somebody else may turn. */
#include "core/maillog/follow_int.h"

#include "core/base/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Where another follower stood in a plain file: in 'file', or in one that was
 * turned since, which takes its place. False: nowhere any more.
 */
static bool
find_plain_place(const struct follow *f, struct follow_file *file)
{
	char pattern[SYS_PATH_MAX + sizeof("[.-]*")];
	glob_t found = { 0 };
	bool here = f->resume.has_file && follow_is_place(&f->resume, file->fd);
	snprintf(pattern, sizeof(pattern), "%s[.-]*", f->path);
	if (here || !f->resume.has_file ||
	    glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
		return here;
	for (size_t i = 0; i < found.gl_pathc && !here; i++) {
		int fd = open(found.gl_pathv[i],
		    O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		here = fd >= 0 && follow_is_place(&f->resume, fd);
		if (here) {
			close(file->fd);
			file->fd = fd;
		} else if (fd >= 0) {
			close(fd);
		}
	}
	globfree(&found);
	return here;
}

enum follow_step
follow_start_plain(struct follow *f, size_t lines, struct err *e)
{
	struct follow_file file = { .id = { .is_current = true } };
	struct stat st;
	size_t left = lines + 1;
	off_t offset = 0;
	file.fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file.fd < 0 && (errno == ENOENT || errno == EINTR))
		return STEP_NOTHING;
	if (file.fd < 0 || fstat(file.fd, &st) != 0) {
		err_set_errno(e, errno, _("cannot read '%s'"), f->shown);
		if (file.fd >= 0)
			close(file.fd);
		return STEP_FAILED;
	}
	if (!S_ISREG(st.st_mode)) {
		close(file.fd);
		err_set(e, ERR_USAGE, _("cannot follow '%s': not a file"),
		    f->shown);
		return STEP_FAILED;
	}
	bool resume = f->resumed && f->file.fd < 0, skipping = false;
	if (resume && find_plain_place(f, &file) && fstat(file.fd, &st) == 0)
		offset = (off_t)f->resume.offset;
	else if (resume)
		skipping = f->has_last;
	else if (lines != FOLLOW_ALL_LINES && !f->resumed)
		(void)follow_scan_back(file.fd, st.st_size, &left, &offset);
	file.id.dev = st.st_dev;
	file.id.ino = st.st_ino;
	follow_take_file(f, file, offset);
	f->skipping = skipping;
	return STEP_MORE;
}
