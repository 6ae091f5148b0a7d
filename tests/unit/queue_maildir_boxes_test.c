/* A Maildir back end asked beforehand, and for many mailboxes. */
#include "tests/unit/queue_maildir_fixture.h"

/* Asked before a log takes a message: no folder, no promise. */
static void
test_ready_tells_what_staging_would(void **state)
{
	struct queue *q = open_queue(*state, "%l/Maildir");
	struct queue_message m = message();
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	size_t ticket;
	struct queue_result r[1];
	assert_true(queue_ready(q, &m, &e));
	snprintf(path, sizeof(path), "%s/C.d/Maildir", (char *)*state);
	assert_true(stage(q, &m, &ticket, &e));
	assert_true(file_is_dir(path));
	queue_commit(q, r);
	assert_int_equal(r[0].outcome, QUEUE_TAKEN);
	queue_free(q);
	q = open_queue(*state, "%l/Maildir");
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_false(queue_ready(q, &m, &e));
	assert_non_null(strstr(e.text, "C.d"));
	queue_free(q);
}

/*
 * The answers of others wait for what is asked here: mailboxes that are not
 * there are made by those who deliver.
 */
static void
test_ready_makes_nothing(void **state)
{
	struct queue *q = open_queue(*state, "%d/%l/Maildir");
	struct queue_message m = message();
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	assert_true(queue_ready(q, &m, &e));
	snprintf(path, sizeof(path), "%s/local.example", (char *)*state);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(count(*state, ".", NULL), 0);
	queue_free(q);
}

/* What stands where a mailbox, or a folder of it, should be made. */
static void
test_ready_sees_what_cannot_be_made(void **state)
{
	static const char *const in_the_way[] = { "b", "b/Maildir",
		"b/Maildir/cur" };
	struct queue_message m = message();
	char path[PATH_SIZE];
	m.n_rcpts = 1;
	for (size_t i = 0; i < 2 * ARRAY_LEN(in_the_way); i++) {
		struct queue *q = open_queue(*state, "%l/Maildir");
		struct err e = ERR_INIT;
		snprintf(path, sizeof(path), "%s/%s", (char *)*state,
		    in_the_way[i / 2]);
		*strrchr(path, '/') = '\0';
		assert_true(file_mkdirs(path, 0700, NULL, &e));
		path[strlen(path)] = '/';
		assert_true(queue_ready(q, &m, &e));
		if (i % 2 == 0)
			close(open(path, O_CREAT | O_WRONLY, 0600));
		else
			assert_int_equal(symlink("/nowhere/at/all", path), 0);
		assert_false(queue_ready(q, &m, &e));
		assert_non_null(strstr(e.text, in_the_way[0]));
		unlink(path);
		queue_free(q);
	}
}

/* A copy goes to the mailbox that it names, for the recipient as written. */
static void
test_boxes_take_the_copies(void **state)
{
	static const struct mail_path to[] = {
		{ { "sales", 5 }, { "x", 1 } },
		{ { "sales", 5 }, { "x", 1 } },
		{ { "carl", 4 }, { "x", 1 } },
	};
	static const struct str boxes[] = { { "anna", 4 }, { "../b", 4 },
		{ "", 0 } };
	static const char *const folders[] = { "anna", ".._b", "carl" };
	struct queue *q = open_queue(*state, "%l/Maildir");
	struct queue_message m = message();
	struct queue_result r[1];
	struct err e = ERR_INIT;
	size_t ticket;
	m.rcpts = to;
	m.boxes = boxes;
	m.n_rcpts = ARRAY_LEN(to);
	assert_true(stage(q, &m, &ticket, &e));
	queue_commit(q, r);
	assert_int_equal(r[0].outcome, QUEUE_TAKEN);
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		char path[PATH_SIZE], name[PATH_SIZE], line[64];
		struct buf text = BUF_INIT(TEXT_MAX);
		snprintf(path, sizeof(path), "%s/%s/Maildir", (char *)*state,
		    folders[i]);
		assert_int_equal(count(path, "new", name), 1);
		assert_true(file_read(name, NULL, &text, &e));
		snprintf(line, sizeof(line), "Delivered-To: %s@x\n",
		    to[i].local.ptr);
		assert_non_null(strstr(text.data, line));
		buf_clear(&text);
	}
	queue_free(q);
}

/* More mailboxes than may be open, none there yet, all in one message. */
static void
test_message_for_many(void **state)
{
	enum {
		MANY = 300
	};
	static char names[MANY][16];
	static struct mail_path many[MANY];
	struct queue *q = open_queue(*state, "%u/Maildir");
	struct queue_message m = message();
	struct queue_result r;
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	size_t ticket;
	for (size_t i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "u%zu", i);
		many[i].local = str_of(names[i]);
	}
	m.rcpts = many;
	m.n_rcpts = MANY;
	for (size_t turn = 1; turn <= 2; turn++) {
		m.stamp.wall_ns += NS_PER_S;
		assert_true(queue_stage(q, &m, &ticket, &e));
		queue_commit(q, &r);
		assert_int_equal(r.outcome, QUEUE_TAKEN);
		for (size_t i = 0; i < MANY; i++) {
			snprintf(path, sizeof(path), "u%zu/Maildir/new", i);
			assert_int_equal(count(*state, path, NULL), turn);
			snprintf(path, sizeof(path), "u%zu/Maildir/tmp", i);
			assert_int_equal(count(*state, path, NULL), 0);
		}
	}
	queue_free(q);
}

static void
test_freed_queue_leaves_nothing(void **state)
{
	struct queue *q = open_queue(*state, NULL);
	struct queue_message m = message();
	struct err e = ERR_INIT;
	size_t ticket;
	assert_true(stage(q, &m, &ticket, &e));
	queue_free(q);
	assert_int_equal(count(*state, "tmp", NULL), 0);
	assert_int_equal(count(*state, "new", NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ready_tells_what_staging_would),
		TEST(test_ready_makes_nothing),
		TEST(test_ready_sees_what_cannot_be_made),
		TEST(test_boxes_take_the_copies),
		TEST(test_message_for_many),
		TEST(test_freed_queue_leaves_nothing),
	};
	umask(022);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
