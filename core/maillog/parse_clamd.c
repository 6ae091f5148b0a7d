/* Lines of clamd and freshclam (LG-40). */
#include "core/maillog/parse_int.h"

#include "core/base/compiler.h"

enum {
	DATE_SIZE = 28 /* "Sun Nov 22 04:50:31 2026 -> " */
};

/* LogTime puts "Www Mon dd hh:mm:ss yyyy -> " in front. */
static void
skip_date(struct scan *s)
{
	if (scan_left(s) > DATE_SIZE && s->p[3] == ' ' && s->p[13] == ':' &&
	    memcmp(s->p + DATE_SIZE - 4, " -> ", 4) == 0)
		s->p += DATE_SIZE;
}

/* The connection in ".../qpsmtpd/TIME:PID:N"; 0 in other paths. */
static uint32_t
pid_of_path(struct str path)
{
	const char *slash = memrchr(path.ptr, '/', path.len);
	if (slash == NULL)
		return 0;
	struct scan s = { slash + 1, path.ptr + path.len };
	uint64_t t;
	uint32_t pid;
	return scan_u64(&s, &t) && TAKE(&s, ":") && scan_u32(&s, &pid) &&
		       TAKE(&s, ":")
		   ? pid
		   : 0;
}

/* "PATH: OK", "PATH: NAME FOUND", "PATH: ... ERROR" */
static bool
scanned(struct scan s, struct maillog_event *out)
{
	static const struct {
		const char *word;
		uint8_t kind, severity;
	} ends[] = {
		{ ": OK", MAILLOG_CLAMD_OK, MAILLOG_INFO },
		{ " FOUND", MAILLOG_CLAMD_FOUND, MAILLOG_NOTICE },
		{ " ERROR", MAILLOG_CLAMD_ERROR, MAILLOG_SEVERE },
	};
	struct str text = scan_rest(&s);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct str word = str_of(ends[i].word);
		if (!str_ends(text, word))
			continue;
		struct str path = str_n(text.ptr, text.len - word.len);
		struct str name = STR_EMPTY;
		if (ends[i].kind != MAILLOG_CLAMD_OK) {
			/* names hold no space; an error's text may */
			const char *colon =
			    ends[i].kind == MAILLOG_CLAMD_FOUND
				? memrchr(path.ptr, ' ', path.len)
				: memmem(path.ptr, path.len, ": ", 2);
			if (colon == NULL)
				return false;
			if (*colon == ':')
				colon++;
			const char *end = path.ptr + path.len;
			name = str_n(colon + 1, (size_t)(end - colon - 1));
			path.len = (size_t)(colon - path.ptr);
			if (path.len == 0 || path.ptr[path.len - 1] != ':')
				return false;
			path.len--;
		}
		out->kind = ends[i].kind;
		out->severity = ends[i].severity;
		out->virus.path = path;
		out->virus.name = name;
		out->virus.pid = path.len > 0 ? pid_of_path(path) : 0;
		out->virus.signatures = 0;
		return true;
	}
	return false;
}

void
parse_clamd(struct str text, struct maillog_event *out)
{
	struct scan s = scan_of(text);
	skip_date(&s);
	out->text = scan_rest(&s);
	if (TAKE(&s, "SelfCheck: Database ")) {
		out->kind = MAILLOG_CLAMD_SELFCHECK;
		out->result = AT(&s, "status OK") ? MAILLOG_PASS : MAILLOG_FAIL;
	} else if (TAKE(&s, "Database correctly reloaded (")) {
		memset(&out->virus, 0, sizeof(out->virus));
		if (scan_u64(&s, &out->virus.signatures))
			out->kind = MAILLOG_CLAMD_RELOADED;
	} else if (AT(&s, "+++ Started at ") || AT(&s, "clamd daemon ")) {
		out->kind = MAILLOG_CLAMD_STARTED;
	} else if (AT(&s, "--- Stopped at ")) {
		out->kind = MAILLOG_CLAMD_STOPPED;
	} else if (!scanned(s, out) && TAKE(&s, "ERROR: ")) {
		memset(&out->virus, 0, sizeof(out->virus));
		out->kind = MAILLOG_CLAMD_ERROR;
		out->severity = MAILLOG_SEVERE;
		out->text = scan_rest(&s);
	} else if (TAKE(&s, "WARNING: ")) {
		out->severity = MAILLOG_WARNING;
	}
}
