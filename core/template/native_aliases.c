/*
 * Who gets whose mail, where smemail runs the services: what qmail's
 * users/assign, virtualdomains, aliases and .qmail files say (effects.md
 * section 3), as lines for the filter's own Maildir (core/filter/deliver.h).
 * And whose marked mail goes to the folder junkmail.
 */
#include "core/template/native_int.h"

#define CONFIG "/var/service/qpsmtpd/config/"
#define ADMIN  "admin"

/* Beside accounts, a pseudonym of one domain is a name. */
static bool
is_name(struct str s)
{
	return native_is_word(s, "-_.@") && s.ptr[0] != '@';
}

/* A line that is begun, or goes on. */
struct names_line {
	struct buf *out;
	struct str name;
	size_t n;
};

static void
add_target(void *ctx, struct str target)
{
	struct names_line *l = ctx;
	if (l->n++ == 0)
		buf_addf(l->out, "%.*s: ", STR_ARG(l->name));
	else
		buf_add_cstr(l->out, ", ");
	buf_add_str(l->out, target);
}

static void
end_line(const struct names_line *l)
{
	if (l->n > 0)
		buf_add_char(l->out, '\n');
}

static void
one_line(struct buf *out, struct str name, struct str target)
{
	native_line(out, "%.*s: %.*s", STR_ARG(name), STR_ARG(target));
}

/* Each account of one type whose name can stand in a line. */
static void
each_account(const struct template_env *env, const char *type, struct buf *out,
    void (*each)(
	const struct template_env *env, struct str name, struct buf *out))
{
	const struct template_record *r;
	size_t n = env->data->records(env->data->ctx, "accounts", &r);
	for (size_t i = 0; i < n; i++)
		if (str_is(r[i].type, type) && is_name(r[i].key))
			each(env, r[i].key, out);
}

/* As the account's .qmail has it. */
static void
user_line(const struct template_env *env, struct str name, struct buf *out)
{
	struct names_line l = { .out = out, .name = name };
	if (native_stays(env, name))
		add_target(&l, name);
	native_parts(native_forward(env, name), ',', add_target, &l);
	end_line(&l);
}

/* As the account's .qmail has it. */
static void
sort_line(const struct template_env *env, struct str name, struct buf *out)
{
	if (native_sorts_spam(env, name))
		native_line_str(out, name);
}

static void
emit_sorted(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	sort_line(env, STR(ADMIN), out);
	each_account(env, "user", out, sort_line);
}

/* What is written to the system's own accounts is for its administrator. */
static void
system_line(const struct template_env *env, struct str name, struct buf *out)
{
	if (str_is(name, ADMIN))
		user_line(env, name, out);
	else
		one_line(out, name, STR(ADMIN));
}

static void
emit_system(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	/* mail to them is always taken (RFC 5321 4.5.1, RFC 2142) */
	static const char *const roles[] = { "root", "postmaster", "abuse",
		"mailer-daemon" };
	(void)f;
	if (native_account_type(env, STR(ADMIN)).len == 0)
		user_line(env, STR(ADMIN), out);
	each_account(env, "system", out, system_line);
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (native_account_type(env, str_of(roles[i])).len == 0)
			one_line(out, str_of(roles[i]), STR(ADMIN));
}

static void
emit_shared(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	struct names_line l = { .out = out, .name = STR("shared") };
	native_everyone(env, add_target, &l);
	end_line(&l);
}

static void
emit_users(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	each_account(env, "user", out, user_line);
}

static void
group_line(const struct template_env *env, struct str name, struct buf *out)
{
	struct names_line l = { .out = out, .name = name };
	native_members(env, name, add_target, &l);
	end_line(&l);
}

static void
emit_groups(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	each_account(env, "group", out, group_line);
}

static void
pseudonym_line(const struct template_env *env, struct str name, struct buf *out)
{
	struct str account = str_trim(native_account(env, name, "Account"));
	if (is_name(account))
		one_line(out, name, account);
}

static void
emit_pseudonyms(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	each_account(env, "pseudonym", out, pseudonym_line);
}

/* All mail of a domain for one account. */
static void
domain_line(const struct template_env *env, void *ctx, struct str domain)
{
	struct str to = STR_EMPTY;
	if (env->data->value(
		env->data->ctx, "domains", domain, "EmailTo", &to) &&
	    native_account_type(env, to).len > 0)
		native_line(ctx, "@%.*s: %.*s", STR_ARG(domain), STR_ARG(to));
}

static void
emit_domains(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	native_domains(env, domain_line, out);
}

/* Copies of mail (archive enable) have a mailbox even without an account. */
static void
emit_archive(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	struct str user =
	    native_or(native_config(env, "qpsmtpd", "BccUser"), "maillog");
	if (native_enabled(env, "qpsmtpd", "Bcc") &&
	    native_is_word(user, "_.-") &&
	    native_account_type(env, user).len == 0)
		one_line(out, user, user);
}

/* Without the line names that nobody has are refused. */
static void
emit_unknown(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	struct str to = native_or(
	    native_config(env, "EmailUnknownUser", NULL), "returntosender");
	if (!str_is(to, "returntosender"))
		one_line(
		    out, STR("*"), native_is_word(to, "_.-") ? to : STR(ADMIN));
}

/* clang-format off */
static const struct template_fragment f_aliases[] = {
	{ .name = "10system", .emit = emit_system },
	{ .name = "20shared", .emit = emit_shared },
	{ .name = "30users", .emit = emit_users },
	{ .name = "40groups", .emit = emit_groups },
	{ .name = "50pseudonyms", .emit = emit_pseudonyms },
	{ .name = "60domains", .emit = emit_domains },
	{ .name = "70archive", .emit = emit_archive },
	{ .name = "90unknown", .emit = emit_unknown },
};

static const struct template_fragment f_sortspam[] = {
	{ .name = "30users", .emit = emit_sorted },
};

const struct template_file native_aliases[] = {
	{ .path = CONFIG "aliases", FRAGMENTS(f_aliases),
	  .flags = TEMPLATE_EMBEDDED },
	{ .path = CONFIG "sortspam", FRAGMENTS(f_sortspam),
	  .flags = TEMPLATE_EMBEDDED },
};
const size_t native_aliases_count = ARRAY_LEN(native_aliases);
/* clang-format on */
