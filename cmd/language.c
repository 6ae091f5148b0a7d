/*
 * The language of texts. gettext takes it from LANGUAGE whenever the message
 * locale is not "C"; "C.UTF-8" is part of every glibc, so French needs no
 * generated fr locale.
 */
#include "cmd/app.h"

#include "core/base/i18n.h"
#include "core/base/str.h"
#include "core/sys/file.h"
#include "core/sys/libexec.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* LOCALEDIR, unless the program stands in a build or moved tree. */
static const char *
catalogue_dir(struct arena *a)
{
	static const char *const places[] = { "locale", "../share/locale" };
	char folder[SYS_PATH_MAX];
	if (!libexec_program_folder(folder))
		return SMEMAIL_LOCALEDIR;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const char *dir = arena_printf(a, "%s/%s", folder, places[i]);
		if (file_is_dir(arena_printf(a, "%s/fr", dir)))
			return dir;
	}
	return SMEMAIL_LOCALEDIR;
}

/* "fr", "fr_CA.UTF-8", "fr@euro"; not "fra" or "free". */
static bool
is_language(struct str locale, const char *code)
{
	size_t n = strlen(code);
	return str_starts_nocase(locale, str_of(code)) &&
	       (locale.len == n || strchr("_.@-", locale.ptr[n]) != NULL);
}

static void
french_begin(struct app *app)
{
	/* the name of the message locale only has to differ from "C" */
	if (setlocale(LC_MESSAGES, "C.UTF-8") == NULL &&
	    setlocale(LC_MESSAGES, "en_US.UTF-8") == NULL)
		return;
	setenv("LANGUAGE", "fr", 1);
	bindtextdomain(SMEMAIL_TEXT_DOMAIN, catalogue_dir(app->session));
	bind_textdomain_codeset(SMEMAIL_TEXT_DOMAIN, "UTF-8");
	/* strerror too: it would follow LC_CTYPE, which is "C" where the
	 * locale of the user is not generated, and write ? for its accents */
	bind_textdomain_codeset("libc", "UTF-8");
}

bool
app_language_set(struct app *app, const char *language, struct err *e)
{
	struct str wish = str_of(language);
	static const char *const english[] = { "en", "C", "POSIX" };
	bool french = is_language(wish, "fr");
	bool known = french;
	for (size_t i = 0; i < ARRAY_LEN(english); i++)
		known = known || is_language(wish, english[i]);
	if (e != NULL && !known)
		return err_set(e, ERR_USAGE,
		    _("no language '%s'; there are en and fr"), language);
	app->model.french = french;
	setlocale(LC_MESSAGES, "C");
	if (french)
		french_begin(app);
	return true;
}
