/*
 * Fuzzes envelope paths: any text behind FROM: or TO:. What is taken holds to
 * the rules and survives being written and read again. Exercises
 * core/mail/path.c.
 */
#include "core/mail/path.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check(struct str text, enum mail_path_role role)
{
	struct mail_path path, again;
	struct str params;
	const char *why;
	bool ok = mail_path_parse(text, role, &path, &params, &why);
	require(ok == (why == NULL));
	if (!ok)
		return;
	require(path.local.len <= MAIL_LOCAL_MAX);
	require(path.domain.len <= MAIL_DOMAIN_MAX);
	require(role == MAIL_PATH_SENDER || !mail_path_is_null(&path));
	require(path.domain.len == 0 || mail_domain_is_valid(path.domain) ||
		mail_domain_is_literal(path.domain));
	struct buf shown = BUF_INIT(1024), folded = BUF_INIT(1024);
	buf_add_char(&shown, '<');
	require(mail_path_format(&shown, &path));
	buf_add_char(&shown, '>');
	require(mail_path_fold(&folded, &path));
	require(mail_path_parse(buf_str(&shown), role, &again, &params, NULL));
	require(str_eq(path.local, again.local));
	require(str_eq(path.domain, again.domain));
	buf_clear(&shown);
	buf_clear(&folded);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size);
	check(text, MAIL_PATH_SENDER);
	check(text, MAIL_PATH_RECIPIENT);
	return 0;
}
