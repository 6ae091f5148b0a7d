/* Where the program's files for perl are. */
#include "cmd/app.h"

#include "core/sys/file.h"
#include "core/sys/libexec.h"

/* Beside a build tree, below a moved or a usual prefix; else as installed. */
const char *
app_share(struct arena *a)
{
	static const char *const places[] = { "../share/perl",
		"../share/smemail/perl" };
	char folder[SYS_PATH_MAX];
	if (!libexec_program_folder(folder))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const char *dir = arena_printf(a, "%s/%s", folder, places[i]);
		if (file_exists(arena_printf(a, "%s/fragments.pl", dir)))
			return dir;
	}
	return NULL;
}
