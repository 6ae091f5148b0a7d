/* Maildir (FL-158): names, envelopes, folders, batches, failures. */
#include "tests/unit/queue_maildir_fixture.h"

static void
test_message_is_delivered(void **state)
{
	struct queue *q = open_queue(*state, NULL);
	struct queue_message m = message();
	struct queue_result r[1];
	struct err e = ERR_INIT;
	char path[PATH_SIZE], name[PATH_SIZE];
	size_t ticket;
	assert_true(stage(q, &m, &ticket, &e));
	assert_int_equal(ticket, 0);
	assert_int_equal(count(*state, "tmp", NULL), 1);
	assert_int_equal(count(*state, "new", NULL), 0);
	queue_commit(q, r);
	assert_int_equal(r[0].outcome, QUEUE_TAKEN);
	assert_int_equal(count(*state, "tmp", NULL), 0);
	assert_int_equal(count(*state, "new", path), 1);
	assert_content(path, "Return-Path: <a@out.example>\n"
			     "Delivered-To: b@local.example\n"
			     "Delivered-To: C.d@Other.example\n"
			     "Subject: t\n\nbody\n");
	/* SECONDS.P{pid}M{usec}Q{n}.HOST */
	snprintf(name, sizeof(name), "%s/new/1700000000.P%ldM123456Q1.mx_1_x",
	    (char *)*state, (long)getpid());
	assert_string_equal(path, name);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	queue_free(q);
}

static void
test_batch_is_delivered_together(void **state)
{
	enum {
		N = 300 /* more than are kept open */
	};
	struct queue *q = open_queue(*state, NULL);
	struct queue_message m = message();
	struct queue_result *r = calloc(N, sizeof(*r));
	struct err e = ERR_INIT;
	for (size_t i = 0; i < N; i++) {
		size_t ticket;
		assert_true(stage(q, &m, &ticket, &e));
		assert_int_equal(ticket, i);
	}
	assert_int_equal(count(*state, "new", NULL), 0);
	queue_commit(q, r);
	for (size_t i = 0; i < N; i++)
		assert_int_equal(r[i].outcome, QUEUE_TAKEN);
	assert_int_equal(count(*state, "new", NULL), N);
	queue_free(q);
	free(r);
}

static void
test_each_recipient_has_a_folder(void **state)
{
	struct queue *q = open_queue(*state, "%d/%l");
	struct queue_message m = message();
	struct queue_result r[1];
	struct err e = ERR_INIT;
	char dir[PATH_SIZE], path[PATH_SIZE];
	size_t ticket;
	assert_true(stage(q, &m, &ticket, &e));
	queue_commit(q, r);
	assert_int_equal(r[0].outcome, QUEUE_TAKEN);
	snprintf(dir, sizeof(dir), "%s/local.example/b", (char *)*state);
	assert_int_equal(count(dir, "new", path), 1);
	assert_content(path,
	    "Return-Path: <a@out.example>\nDelivered-To: b@local.example\n"
	    "Subject: t\n\nbody\n");
	snprintf(dir, sizeof(dir), "%s/Other.example/C.d", (char *)*state);
	assert_int_equal(count(dir, "new", NULL), 1);
	queue_free(q);
}

static void
test_subdirs_are_harmless(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *local, *domain, *is;
	} cases[] = {
		{ "%u", "b", "x.example", "b@x.example" },
		{ "%d/%l", "b", "x.example", "x.example/b" },
		{ "m/%l", "..", "x.example", "m/_" },
		{ "%l", ".", "x.example", "_" },
		{ "%l", "../../etc", "x", ".._.._etc" },
		{ "%l", "\"a b\"", "x", "_a_b_" },
		{ "%l", "a|b;c$d", "x", "a_b_c_d" },
		{ "%d/%l", "postmaster", "", "_/postmaster" },
		{ "%u", "postmaster", "", "postmaster" },
		{ "%l", "gr\xfc\n", "x", "gr__" },
		{ "100%", "b", "x", "100%" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b = BUF_INIT(1024);
		struct mail_path p = { str_of(cases[i].local),
			str_of(cases[i].domain) };
		assert_true(queue_maildir_subdir(&b, cases[i].pattern, &p));
		assert_string_equal(buf_cstr(&b), cases[i].is);
		buf_clear(&b);
	}
}

/* All of a message or nothing of it. */
static void
test_one_bad_folder_declines_the_message(void **state)
{
	struct queue *q = open_queue(*state, "%l");
	struct queue_message m = message();
	struct err e = ERR_INIT;
	char dir[PATH_SIZE];
	size_t ticket;
	/* a file where the second recipient's folder should be */
	snprintf(dir, sizeof(dir), "%s/C.d", (char *)*state);
	close(open(dir, O_CREAT | O_WRONLY, 0600));
	assert_false(stage(q, &m, &ticket, &e));
	assert_non_null(strstr(e.text, "C.d"));
	snprintf(dir, sizeof(dir), "%s/b", (char *)*state);
	assert_int_equal(count(dir, "tmp", NULL), 0);
	/* and the next one is not hindered */
	m.n_rcpts = 1;
	struct queue_result r[1];
	assert_true(stage(q, &m, &ticket, &e));
	assert_int_equal(ticket, 0);
	queue_commit(q, r);
	assert_int_equal(r[0].outcome, QUEUE_TAKEN);
	assert_int_equal(count(dir, "new", NULL), 1);
	queue_free(q);
}

/* A mailbox that cannot be made hinders nobody else's. */
static void
test_folder_that_cannot_be_made_hinders_no_other(void **state)
{
	struct queue *q = open_queue(*state, "%l");
	struct queue_message m = message();
	struct queue_result r[1];
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	size_t ticket;
	m.n_rcpts = 1;
	/* its folder is not there, and there is no making it */
	snprintf(path, sizeof(path), "%s/b", (char *)*state);
	assert_int_equal(symlink("nowhere/b", path), 0);
	assert_false(queue_ready(q, &m, &e));
	m.rcpts = &rcpts[1];
	err_clear(&e);
	if (!queue_ready(q, &m, &e))
		fail_msg("%s", e.text);
	assert_true(stage(q, &m, &ticket, &e));
	queue_commit(q, r);
	assert_int_equal(r[0].outcome, QUEUE_TAKEN);
	queue_free(q);
}

/* Above the mailboxes stands a folder that we may pass through and not read. */
static void
test_folder_above_that_is_not_ours_to_read(void **state)
{
	enum {
		NOBODY = 65534
	};
	char up[PATH_SIZE], dir[PATH_SIZE];
	struct queue_message m = message();
	struct err e = ERR_INIT;
	bool root = geteuid() == 0;
	snprintf(up, sizeof(up), "%s/up", (char *)*state);
	snprintf(dir, sizeof(dir), "%s/up/boxes", (char *)*state);
	assert_int_equal(mkdir(up, 0700) | mkdir(dir, 0700), 0);
	if (root) {
		assert_int_equal(
		    chown(*state, NOBODY, NOBODY) | chown(up, NOBODY, NOBODY) |
			chown(dir, NOBODY, NOBODY) | seteuid(NOBODY),
		    0);
	}
	assert_int_equal(chmod(up, 0311), 0);
	struct queue *q = open_queue(dir, "%l");
	bool ready = queue_ready(q, &m, &e);
	queue_free(q);
	assert_int_equal(chmod(up, 0700), 0);
	if (root)
		assert_int_equal(seteuid(0), 0);
	if (!ready)
		fail_msg("%s", e.text);
}

/* One that was made, and removed before all was well, is forgotten. */
static void
test_removed_before_it_was_synced(void **state)
{
	struct queue *q = open_queue(*state, "%l");
	struct queue_message m = message();
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	/* the first box is made, the second cannot be */
	snprintf(path, sizeof(path), "%s/C.d", (char *)*state);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_false(queue_ready(q, &m, &e));
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/b", (char *)*state);
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	err_clear(&e);
	(void)!queue_ready(q, &m, &e);
	err_clear(&e);
	if (!queue_ready(q, &m, &e))
		fail_msg("%s", e.text);
	queue_free(q);
}

static void
test_failed_rename_declines(void **state)
{
	struct queue *q = open_queue(*state, NULL);
	struct queue_message m = message();
	struct queue_result r[2];
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	size_t ticket;
	assert_true(stage(q, &m, &ticket, &e));
	count(*state, "tmp", path);
	assert_int_equal(unlink(path), 0);
	assert_true(stage(q, &m, &ticket, &e));
	queue_commit(q, r);
	assert_int_equal(r[0].outcome, QUEUE_DECLINED);
	assert_non_null(strstr(r[0].err.text, "rename"));
	assert_int_equal(r[1].outcome, QUEUE_TAKEN);
	assert_int_equal(count(*state, "new", NULL), 1);
	queue_free(q);
}

/* Somebody removed the Maildir while the daemon ran. */
static void
test_removed_folder_is_made_again(void **state)
{
	char dir[PATH_SIZE];
	snprintf(dir, sizeof(dir), "%s/deep/Maildir", (char *)*state);
	struct queue *q = open_queue(dir, NULL);
	struct queue_message m = message();
	struct queue_result r[1];
	struct err e = ERR_INIT;
	for (int i = 0; i < 2; i++) {
		size_t ticket;
		assert_true(stage(q, &m, &ticket, &e));
		queue_commit(q, r);
		assert_int_equal(r[0].outcome, QUEUE_TAKEN);
		assert_int_equal(count(dir, "new", NULL), 1);
		nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	}
	queue_free(q);
}

/* Only new was removed: one message is declined, the next makes it again. */
static void
test_removed_new_is_made_again(void **state)
{
	static const enum queue_outcome wanted[] = { QUEUE_TAKEN,
		QUEUE_DECLINED, QUEUE_TAKEN };
	char path[PATH_SIZE];
	struct queue *q = open_queue(*state, NULL);
	struct queue_message m = message();
	struct queue_result r[1];
	struct err e = ERR_INIT;
	snprintf(path, sizeof(path), "%s/new", (char *)*state);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		size_t ticket;
		assert_true(stage(q, &m, &ticket, &e));
		queue_commit(q, r);
		assert_int_equal(r[0].outcome, wanted[i]);
		if (i == 0)
			nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	}
	assert_int_equal(count(*state, "new", NULL), 1);
	assert_int_equal(count(*state, "tmp", NULL), 0);
	queue_free(q);
}

static void
test_body_from_a_file(void **state)
{
	struct queue *q = open_queue(*state, NULL);
	struct queue_message m = message();
	struct queue_result r[1];
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	size_t ticket;
	snprintf(path, sizeof(path), "%s/spool", (char *)*state);
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_true(file_write_all(fd, STR("headers\nfrom a file\nrest")));
	m.n_rcpts = 1;
	m.body_fd = fd;
	m.body_offset = 8;
	m.body_length = 12;
	assert_true(stage(q, &m, &ticket, &e));
	queue_commit(q, r);
	assert_int_equal(count(*state, "new", path), 1);
	assert_content(path,
	    "Return-Path: <a@out.example>\nDelivered-To: b@local.example\n"
	    "Subject: t\n\nfrom a file\n");
	/* told to be longer than it is: never a short message */
	m.body_length = 100;
	assert_false(stage(q, &m, &ticket, &e));
	assert_int_equal(count(*state, "tmp", NULL), 0);
	close(fd);
	queue_free(q);
}

/*
 * A message that may have been delivered before a crash (T-4): what is there
 * whole stays, in new or moved to cur by a reader; what is not is made, over a
 * half-written file too. Never a second one.
 */
static void
test_delivered_again_is_there_once(void **state)
{
	struct queue *q = open_queue(*state, NULL);
	struct queue_message m = message();
	struct queue_result r[1];
	struct err e = ERR_INIT;
	char from[PATH_SIZE], to[PATH_SIZE * 2];
	size_t ticket;
	m.stamp.wall_ns = (int64_t)time(NULL) * NS_PER_S;
	snprintf(from, sizeof(from), "%s/tmp", (char *)*state);
	assert_true(file_mkdirs(from, 0700, NULL, &e));
	snprintf(from, sizeof(from), "%s/tmp/%lld.P%luM0Q0.mx_1_x",
	    (char *)*state, (long long)(m.stamp.wall_ns / NS_PER_S),
	    (unsigned long)getpid());
	close(open(from, O_CREAT | O_WRONLY, 0600));
	m.again = true;
	for (int i = 0; i < 3; i++) {
		assert_true(queue_stage(q, &m, &ticket, &e));
		queue_commit(q, r);
		assert_int_equal(r[0].outcome, QUEUE_TAKEN);
		assert_int_equal(count(*state, "tmp", NULL), 0);
		assert_int_equal(
		    count(*state, "new", i < 2 ? from : NULL), i < 2);
		assert_int_equal(count(*state, "cur", NULL), i == 2);
		if (i == 1) {
			snprintf(to, sizeof(to), "%s/cur/%s:2,S",
			    (char *)*state, strrchr(from, '/') + 1);
			assert_int_equal(rename(from, to), 0);
		}
	}
	queue_free(q);
}

/*
 * Many that wait are looked for by one look through the mailbox, and by more
 * where their names are too many to be kept; however that is, each that is
 * there is found and no other.
 */
static void
test_many_again_are_each_there_once(void **state)
{
	static const size_t kept[] = { SEEN_MAX, 64, 2 };
	static const char *const flags[] = { "", ":2,", ":2,RS" };
	enum {
		MANY = 120
	};
	int64_t began = time(NULL) - MANY;
	char from[PATH_SIZE], to[PATH_SIZE];
	for (size_t round = 0; round < ARRAY_LEN(kept); round++) {
		struct queue *q = open_queue(*state, NULL);
		struct maildir *box = (struct maildir *)(void *)q;
		struct queue_message m = message();
		struct queue_result r[MANY];
		struct err e = ERR_INIT;
		size_t ticket;
		box->seen_max = kept[round];
		for (uint32_t i = 0; i < MANY; i++) {
			/* five of each second; each third is lost */
			m.stamp.wall_ns = (began + i / 5) * NS_PER_S;
			m.stamp.serial = i;
			m.again = round > 0;
			assert_true(queue_stage(q, &m, &ticket, &e));
			/* a number more in the batch, or another file */
			assert_int_equal(
			    box->staged.len, round == 0 ? i + 1 : i / 3 + 1);
		}
		queue_commit(q, r);
		for (uint32_t i = 0; i < MANY; i++) {
			struct maildir_name n = { began + i / 5, i,
				(uint32_t)getpid(), 0 };
			char name[NAME_SIZE];
			maildir_name_format(box, &n, name);
			snprintf(from, sizeof(from), "%s/new/%s",
			    (char *)*state, name);
			snprintf(to, sizeof(to), "%s/cur/%s%s", (char *)*state,
			    name, flags[i % 3]);
			if (i % 3 == 1)
				(void)rename(from, to);
			if (i % 3 == 0)
				assert_int_equal(unlink(from), 0);
		}
		assert_int_equal(count(*state, "new", NULL), MANY / 3);
		assert_int_equal(count(*state, "cur", NULL), MANY / 3);
		queue_free(q);
	}
}

/* What only looks like a name of ours is none. */
static void
test_names_of_others(void **state)
{
	static const char *const others[] = { "1.P2M3Q4.other", "1.P2M3Q4",
		"1.P2M3Q4.mx_1_x.", "01.P2M3Q4.mx_1_x", "1.P02M3Q4.mx_1_x",
		"1.P2M3Q.mx_1_x", "1.PM3Q4.mx_1_x", "-1.P2M3Q4.mx_1_x",
		"1.P4294967296M3Q4.mx_1_x", "1.P2M3Q4.mx_1_x,S=5", "", ".",
		"9223372036854775808.P2M3Q4.mx_1_x" };
	struct queue *q = open_queue(*state, NULL);
	struct maildir *box = (struct maildir *)(void *)q;
	struct maildir_name n;
	assert_true(maildir_name_parse(box, "1.P2M3Q4.mx_1_x:2,S", &n));
	assert_true(n.s == 1 && n.pid == 2 && n.usec == 3 && n.serial == 4);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_false(maildir_name_parse(box, others[i], &n));
	queue_free(q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_message_is_delivered),
		TEST(test_batch_is_delivered_together),
		TEST(test_each_recipient_has_a_folder),
		cmocka_unit_test(test_subdirs_are_harmless),
		TEST(test_one_bad_folder_declines_the_message),
		TEST(test_folder_that_cannot_be_made_hinders_no_other),
		TEST(test_folder_above_that_is_not_ours_to_read),
		TEST(test_removed_before_it_was_synced),
		TEST(test_failed_rename_declines),
		TEST(test_removed_folder_is_made_again),
		TEST(test_removed_new_is_made_again),
		TEST(test_body_from_a_file),
		TEST(test_delivered_again_is_there_once),
		TEST(test_many_again_are_each_there_once),
		TEST(test_names_of_others),
	};
	umask(022);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
