/* From a line, a session or an address to its story: one way in for all. */
#include "core/base/i18n.h"
#include "tui/screens/screens.h"

/* Quoted for the command line, whatever is in it. */
static const char *
quoted(struct tui *ui, const char *word)
{
	struct buf out = BUF_INIT(4096);
	buf_add_char(&out, '\'');
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			buf_add_cstr(&out, "'\\''");
		else
			buf_add_char(&out, *word);
	}
	buf_add_char(&out, '\'');
	const char *text = ui_text(ui, "%s", buf_cstr(&out));
	buf_clear(&out);
	return text;
}

void
why_open(struct tui *ui, enum why_what what, const char *text)
{
	static const char *const before[] = {
		[WHY_TEXT] = "",
		[WHY_PID] = "pid:",
		[WHY_MESSAGE] = "msg:",
	};
	const char *line = ui_text(ui, "log trace %s",
	    quoted(ui, ui_text(ui, "%s%s", before[what], text)));
	ui_command(ui, str_of(line));
}
