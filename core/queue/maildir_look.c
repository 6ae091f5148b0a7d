/* Mailboxes that are not there: could they be made? */
#include "core/queue/maildir_int.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

bool
maildir_is_missing(const char *path)
{
	static const char *const folders[] = { "tmp", "new", "cur" };
	char folder[BOX_PATH_MAX];
	struct stat st;
	bool missing = false;
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		int n =
		    snprintf(folder, sizeof(folder), "%s/%s", path, folders[i]);
		if (n < 0 || (size_t)n >= sizeof(folder))
			return false;
		if (stat(folder, &st) == 0 && S_ISDIR(st.st_mode))
			continue;
		/* a link that leads nowhere is there too */
		if (lstat(folder, &st) == 0 || errno != ENOENT)
			return false;
		missing = true;
	}
	return missing;
}

bool
maildir_may_be_made(const char *path, struct err *e)
{
	char at[BOX_PATH_MAX];
	struct stat st;
	snprintf(at, sizeof(at), "%s", path);
	while (access(at[0] != '\0' ? at : "/", W_OK | X_OK) != 0) {
		char *slash = strrchr(at, '/');
		/* what is there nevertheless is a link that leads nowhere */
		if (errno != ENOENT || lstat(at, &st) == 0 || slash == NULL)
			return err_set_errno(
			    e, errno, "cannot make the mailbox '%s'", path);
		*slash = '\0';
	}
	if (stat(at[0] != '\0' ? at : "/", &st) == 0 && S_ISDIR(st.st_mode))
		return true;
	return err_set(e, ERR_TEMPORARY,
	    "cannot make the mailbox '%s': '%s' is no folder", path, at);
}
