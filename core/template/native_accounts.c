/*
 * What qmail reads for accounts: aliases, users/assign and each user's own
 * files (effects.md section 3). Postfix follows the latter too, so that only
 * users/assign ends with release 10.
 */
#include "core/template/native_int.h"

#include "core/sys/owner.h"

#define ALIAS     "/var/qmail/alias/"
#define HOMES     "/home/e-smith/files/users/"
#define ADMIN     "admin"
#define ADMIN_DIR "/home/e-smith"

struct str
native_account(
    const struct template_env *env, struct str account, const char *prop)
{
	const struct template_data *d = env->data;
	struct str v;
	return d->value(d->ctx, "accounts", account, prop, &v)
		   ? v
		   : (struct str)STR_EMPTY;
}

struct str
native_account_type(const struct template_env *env, struct str account)
{
	struct str rest, raw = native_account(env, account, NULL);
	return str_cut(raw, '|', &rest);
}

static bool
list_has(struct str list, struct str name)
{
	while (list.len > 0)
		if (str_eq(str_trim(str_cut(list, ',', &list)), name))
			return true;
	return false;
}

static void
emit_unknown(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	struct str to = native_or(
	    native_config(env, "EmailUnknownUser", NULL), "returntosender");
	if (str_is(to, "returntosender"))
		native_line(out, "| bouncesaying 'Recipient unknown'");
	else
		native_line_str(out, to);
}

static void
emit_local_delivery(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	native_line(out, "| forward $DEFAULT@%s", native_host(env));
}

void
native_everyone(const struct template_env *env,
    void (*each)(void *ctx, struct str name), void *ctx)
{
	const struct template_record *r;
	size_t n = env->data->records(env->data->ctx, "accounts", &r);
	each(ctx, STR(ADMIN));
	for (size_t i = 0; i < n; i++)
		if (str_is(r[i].type, "user") && template_name_fits(r[i].key) &&
		    !str_is(
			native_account(env, r[i].key, "EveryoneEmail"), "no"))
			each(ctx, r[i].key);
}

static void
send_on(void *out, struct str name)
{
	native_line(out, "&%.*s", STR_ARG(name));
}

static void
emit_shared(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	native_everyone(env, send_on, out);
}

/* Is the member left out, by name or by a group that is? */
static bool
is_excluded(const struct template_env *env, struct str group, struct str member)
{
	if (list_has(native_account(env, group, "EmailExcludeUsers"), member))
		return true;
	struct str groups = native_account(env, group, "EmailExcludeGroups");
	while (groups.len > 0) {
		struct str one = str_trim(str_cut(groups, ',', &groups));
		if (one.len > 0 &&
		    list_has(native_account(env, one, "Members"), member))
			return true;
	}
	return false;
}

void
native_members(const struct template_env *env, struct str group,
    void (*each)(void *ctx, struct str name), void *ctx)
{
	struct str members = native_account(env, group, "Members");
	while (members.len > 0) {
		struct str one = str_trim(str_cut(members, ',', &members));
		if (one.len > 0 && !is_excluded(env, group, one))
			each(ctx, one);
	}
}

static void
emit_members(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	native_members(env, env->name, send_on, out);
}

/* One owner of mail in users/assign. */
struct assigned {
	struct str user;
	struct str uid, gid;
	const char *home;
	const char *dash; /* "" or "-" before the extension */
	struct str extension;
};

/* By the record of the account, else as the root's own users tell. */
static bool
numbers_of(const struct template_env *env, struct str user, struct assigned *a)
{
	uid_t uid;
	gid_t gid;
	a->user = user;
	a->uid = native_account(env, user, "Uid");
	a->gid = native_account(env, user, "Gid");
	if (a->uid.len > 0 && a->gid.len > 0)
		return true;
	if (!owner_user(env->root, user, &uid, &gid))
		return false;
	a->uid = str_of(arena_printf(env->arena, "%u", (unsigned)uid));
	a->gid = str_of(arena_printf(env->arena, "%u", (unsigned)gid));
	return true;
}

/* Of the name and of the name with an extension. */
static void
assign_lines(struct buf *out, struct str name, const struct assigned *a)
{
	bool named = a->extension.len > 0;
	native_line(out, "=%.*s:%.*s:%.*s:%.*s:%s:%s:%.*s:", STR_ARG(name),
	    STR_ARG(a->user), STR_ARG(a->uid), STR_ARG(a->gid), a->home,
	    a->dash, STR_ARG(a->extension));
	native_line(out, "+%.*s-:%.*s:%.*s:%.*s:%s:-:%.*s%s:", STR_ARG(name),
	    STR_ARG(a->user), STR_ARG(a->uid), STR_ARG(a->gid), a->home,
	    STR_ARG(a->extension), named ? "-" : "");
}

/* A place in the alias folder: a group, or what everybody shares. */
static bool
assigned_alias(
    const struct template_env *env, struct str extension, struct assigned *a)
{
	*a = (struct assigned){ .home = "/var/qmail/alias", .dash = "-" };
	a->extension = extension;
	return numbers_of(env, STR("alias"), a);
}

static bool
assigned_home(
    const struct template_env *env, struct str user, struct assigned *a)
{
	*a = (struct assigned){ .dash = "" };
	a->home = str_is(user, ADMIN)
		      ? ADMIN_DIR
		      : arena_printf(env->arena, HOMES "%.*s", STR_ARG(user));
	return template_name_fits(user) && numbers_of(env, user, a);
}

static void
emit_assign_admin(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	struct assigned a;
	if (assigned_home(env, STR(ADMIN), &a))
		assign_lines(out, STR(ADMIN), &a);
}

static void
emit_assign_alias(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	struct assigned a;
	if (!assigned_alias(env, (struct str)STR_EMPTY, &a))
		return;
	a.dash = "";
	assign_lines(out, STR("alias"), &a);
}

static void
emit_assign_shared(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	struct assigned a;
	if (assigned_alias(env, STR("shared"), &a))
		assign_lines(out, STR("shared"), &a);
}

/* Accounts of one type; the argument is the type. */
static void
emit_assign_type(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	const char *type = f->arg;
	bool of_admin = strcmp(type, "system") == 0;
	const struct template_record *r;
	size_t n = env->data->records(env->data->ctx, "accounts", &r);
	for (size_t i = 0; i < n; i++) {
		struct str key = r[i].key;
		struct assigned a;
		if (!str_is(r[i].type, type) || !template_name_fits(key) ||
		    str_is(key, ADMIN))
			continue;
		if (strcmp(type, "group") == 0
			? assigned_alias(env, key, &a)
			: assigned_home(env, of_admin ? STR(ADMIN) : key, &a))
			assign_lines(out, key, &a);
	}
}

/* Where an account's mail ends, pseudonyms followed twice at most. */
static bool
assigned_target(
    const struct template_env *env, struct str account, struct assigned *a)
{
	struct str type = native_account_type(env, account);
	for (int level = 0; level < 2 && str_is(type, "pseudonym"); level++) {
		account = native_account(env, account, "Account");
		type = native_account_type(env, account);
	}
	if (str_is(account, "shared") || str_is(type, "group"))
		return assigned_alias(env, account, a);
	if (str_is(type, "system"))
		return assigned_home(env, STR(ADMIN), a);
	return str_is(type, "user") && assigned_home(env, account, a);
}

static void
emit_assign_pseudonyms(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	const struct template_record *r;
	size_t n = env->data->records(env->data->ctx, "accounts", &r);
	for (size_t i = 0; i < n; i++) {
		struct assigned a;
		/* those of one domain are the business of virtualdomains */
		if (str_is(r[i].type, "pseudonym") &&
		    template_name_fits(r[i].key) &&
		    assigned_target(env, r[i].key, &a))
			assign_lines(out, r[i].key, &a);
	}
}

static void
emit_instruction(const struct template_env *env,
    const struct template_fragment *f, struct buf *out)
{
	(void)f;
	struct str text = native_config(env, "qmail", "DeliveryInstruction");
	bool program =
	    str_is(native_config(env, "qmail", "DeliveryType"), "program");
	if (native_true(text))
		native_line(out, "%s%.*s", program ? "| " : "", STR_ARG(text));
}

bool
native_sorts_spam(const struct template_env *env, struct str account)
{
	struct str sort = native_or2(native_account(env, account, "SortSpam"),
	    native_stored(env, "spamassassin", "SortSpam"), "enabled");
	return str_is(sort, "enabled");
}

static void
emit_sort(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	if (native_sorts_spam(env, env->name))
		native_line(out,
		    "| condredirect %.*s-junkmail headermatch "
		    "'X-Spam-Status: Yes'",
		    STR_ARG(env->name));
	else
		native_line(out, "# sortspam disabled");
}

struct str
native_forward(const struct template_env *env, struct str account)
{
	struct str how = native_account(env, account, "EmailForward");
	if (!str_is(how, "forward") && !str_is(how, "both"))
		return (struct str)STR_EMPTY;
	return str_trim(native_account(env, account, "ForwardAddress"));
}

bool
native_stays(const struct template_env *env, struct str account)
{
	return !str_is(
		   native_account(env, account, "EmailForward"), "forward") ||
	       native_forward(env, account).len == 0;
}

static void
emit_forward(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	struct str to = native_forward(env, env->name);
	if (to.len > 0)
		native_line(out, "&%.*s", STR_ARG(to));
	else
		native_line(out, "# Forward not set");
}

static void
emit_local(const struct template_env *env, const struct template_fragment *f,
    struct buf *out)
{
	(void)f;
	native_line(out, "%s",
	    native_stays(env, env->name) ? "./Maildir/"
					 : "# No local delivery");
}

#define JUNK                                                                   \
	"| [ -d ./Maildir/.junkmail/ ] || /var/qmail/bin/maildirmake "         \
	"./Maildir/.junkmail/\n./Maildir/.junkmail/"

/* clang-format off */
static const struct template_fragment
f_default[] = { { .name = "50body", .emit = emit_unknown } },
f_local[] = { { .name = "50body", .emit = emit_local_delivery } },
f_shared[] = { { .name = "50body", .emit = emit_shared } },
f_group[] = { { .name = "50group_members", .emit = emit_members } },
f_devnull[] = { { .name = "50body", .emit = native_emit_text,
	.arg = "# what comes here is thrown away" } },
f_assign[] = {
	{ .name = "30admin", .emit = emit_assign_admin },
	{ .name = "40alias", .emit = emit_assign_alias },
	{ .name = "45shared", .emit = emit_assign_shared },
	{ .name = "50system", .emit = emit_assign_type, .arg = "system" },
	{ .name = "60users", .emit = emit_assign_type, .arg = "user" },
	{ .name = "70pseudonyms", .emit = emit_assign_pseudonyms },
	{ .name = "80groups", .emit = emit_assign_type, .arg = "group" },
	{ .name = "template-end", .emit = native_emit_text, .arg = "." },
},
f_user[] = {
	{ .name = "10Filter", .emit = emit_instruction },
	{ .name = "15sortspam", .emit = emit_sort },
	{ .name = "70Forward", .emit = emit_forward },
	{ .name = "90local", .emit = emit_local },
},
f_junk[] = { { .name = "50body", .emit = native_emit_text, .arg = JUNK } };

#define ALIASES(word, array, more) \
	{ .path = ALIAS word, FRAGMENTS(array), .flags = (more), \
	  .owner = "alias", .group = "qmail" }
#define HOME(word, array, more) \
	{ .path = ADMIN_DIR "/" word, FRAGMENTS(array), \
	  .flags = TEMPLATE_HOME | (more), .owner = "*", .source = "/" word, .name = ADMIN }, \
	{ .path = HOMES "*/" word, FRAGMENTS(array), \
	  .flags = TEMPLATE_HOME | (more), .owner = "*", .each = TEMPLATE_USERS, .source = "/" word }

const struct template_file native_accounts[] = {
	ALIASES(".qmail-default", f_default, 0),
	ALIASES(".qmail-devnull", f_devnull, 0),
	ALIASES(".qmail-localdelivery-default", f_local, 0),
	ALIASES(".qmail-shared", f_shared, TEMPLATE_EXTENDED),
	{ .path = ALIAS ".qmail-*", FRAGMENTS(f_group), .flags = TEMPLATE_EXTENDED,
	  .owner = "alias", .group = "qmail", .each = TEMPLATE_GROUPS,
	  .source = ALIAS ".qmail-group" },
	{ .path = "/var/qmail/users/assign", FRAGMENTS(f_assign),
	  .until = TEMPLATE_R10, .flags = TEMPLATE_BARE | TEMPLATE_DENSE },
	HOME(".qmail", f_user, TEMPLATE_EXTENDED),
	HOME(".qmail-junkmail", f_junk, 0),
};
const size_t native_accounts_count = ARRAY_LEN(native_accounts);
/* clang-format on */
