/* Where the program's files for perl are. */
#include "cmd/app.h"

#include "core/sys/file.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

/* Beside a build tree, below a moved or a usual prefix; else as installed. */
const char *
app_share(struct arena *a)
{
	static const char *const places[] = { "../share/perl",
		"../share/smemail/perl" };
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;
	if (n <= 0)
		return NULL;
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	if (slash == NULL)
		return NULL;
	*slash = '\0';
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const char *dir = arena_printf(a, "%s/%s", exe, places[i]);
		if (file_exists(arena_printf(a, "%s/fragments.pl", dir)))
			return dir;
	}
	return NULL;
}
