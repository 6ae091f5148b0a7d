/*
 * The write-ahead log (T-3, T-4): what is taken is delivered, whatever happens
 * in between; torn and damaged files; a full log; files of others.
 */
#include "tests/unit/queue_log_fixture.h"

static void
test_taken_is_delivered(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	open_log(f);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_size, SIZE);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(st.st_blocks * 512 >= SIZE); /* pre-written (T-3) */
	take(f, 1);
	take(f, 5);
	assert_true(wait_empty(f));
	assert_delivered_up_to(f, 6);
	/* records have the length that the tests below count on */
	struct queue_log *log = f->log;
	f->log = NULL;
	queue_log_close(log, 0);
	uint32_t serial = 0;
	int fd = open(f->path, O_RDONLY);
	char record[RECORD];
	assert_int_equal(pread(fd, record, RECORD, DATA + RECORD), RECORD);
	close(fd);
	for (size_t i = 0; i + 2 < RECORD && serial == 0; i++)
		serial = memcmp(record + i, "ccc", 3) == 0 ? 2 : 0;
	assert_int_equal(serial, 2);
	open_log(f);
	assert_true(queue_log_is_empty(f->log));
	assert_string_equal(f->book.told, "");
	assert_int_equal(f->book.n, 6);
}

/* A crash before delivery: all of it comes at the next start, marked. */
static void
test_undelivered_is_delivered_at_the_next_start(void **state)
{
	struct fixture *f = *state;
	leave(f, (size_t[]){ 1, 3, 2 }, 3);
	open_log(f);
	assert_true(wait_empty(f));
	assert_delivered_up_to(f, 6);
	assert_true(told(f, "delivering 6"));
	for (size_t i = 0; i < 6; i++)
		assert_true(f->book.again[i]);
	/* the log goes on behind them */
	take(f, 2);
	assert_true(wait_empty(f));
	assert_delivered_up_to(f, 8);
	assert_false(f->book.again[7]);
	close_log(f);
	open_log(f);
	assert_int_equal(f->book.n, 8);
}

/* Many times round: records do not cross the end, space is used again. */
static void
test_space_is_used_again(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct queue_result results[64];
	open_log(f);
	while (f->serial < 5000) {
		size_t n = 0;
		while (n < 1 + f->serial % 40 && stage_one(f, &e))
			n++;
		queue_commit(queue_log_queue(f->log), results);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(results[i].outcome, QUEUE_TAKEN);
		if (f->serial % 7 == 0 && n > 0 && f->serial % 3 == 0) {
			close_log(f); /* and reopened anywhere */
			open_log(f);
		}
	}
	assert_true(wait_empty(f));
	assert_delivered_up_to(f, f->serial);
}

/* Full: no message is taken, and none is overwritten (T-4). */
static void
test_full_log_takes_no_more(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	size_t fits = (SIZE - DATA) / RECORD;
	atomic_store(&f->book.refuse, true);
	open_log(f);
	for (size_t i = 0; i < fits; i++)
		take(f, 1);
	assert_false(stage_one(f, &e));
	assert_int_equal(e.code, ERR_PENDING);
	assert_true(wait_told(f, "stays in the queue log"));
	/* a full one is read whole at the next start */
	close_log(f);
	open_log(f);
	assert_false(stage_one(f, &e));
	close_log(f);
	atomic_store(&f->book.refuse, false);
	open_log(f);
	assert_true(wait_empty(f));
	take(f, 1);
	assert_true(wait_empty(f));
	assert_delivered_up_to(f, (uint32_t)fits + 1);
}

static void
test_large_message_is_not_logged(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	size_t ticket;
	char *body = calloc(1, QUEUE_LOG_MESSAGE_MAX);
	struct queue_message m = { .body_fd = -1,
		.body = str_n(body, QUEUE_LOG_MESSAGE_MAX),
		.target = STR("here") };
	f->log = open_size(f, 4 * SIZE, &e);
	assert_false(queue_stage(queue_log_queue(f->log), &m, &ticket, &e));
	assert_int_equal(e.code, ERR_PENDING);
	free(body);
}

/* What the writer was doing when all stopped is nothing that was promised. */
static void
test_torn_end_is_ignored(void **state)
{
	static const size_t at[] = { 0, 1, 8, 40, 48, 100, 1000, 1080 };
	for (size_t i = 0; i < ARRAY_LEN(at); i++) {
		teardown(state); /* a fresh one each time */
		setup(state);
		struct fixture *f = *state;
		leave(f, (size_t[]){ 2, 1 }, 2);
		/* a record of zeros alone would be as good: fill first */
		damage(f, 2, at[i] < 1000 ? at[i] : 900);
		open_log(f);
		assert_true(wait_empty(f));
		assert_delivered_up_to(f, 2);
		assert_false(told(f, "damaged"));
		/* the torn place is used again */
		f->serial = 2;
		take(f, 2);
		assert_true(wait_empty(f));
		assert_delivered_up_to(f, 4);
	}
}

/* Blocks reach the disk in any order: a hole within the last batch. */
static void
test_hole_in_the_last_batch_is_no_damage(void **state)
{
	struct fixture *f = *state;
	leave(f, (size_t[]){ 1, 3 }, 2);
	damage(f, 1, 0);
	damage(f, 2, 500);
	open_log(f);
	assert_true(wait_empty(f));
	assert_delivered(f, (uint32_t[]){ 1, 4 }, 2);
	assert_false(told(f, "damaged"));
	assert_true(told(f, "nobody was answered"));
	take(f, 1);
	close_log(f);
	open_log(f);
	assert_true(wait_empty(f));
	assert_delivered(f, (uint32_t[]){ 1, 4, 5 }, 3);
}

/* What had been promised and is gone is told, and the rest delivered. */
static void
test_damage_in_the_middle_is_told(void **state)
{
	struct fixture *f = *state;
	leave(f, (size_t[]){ 1, 2, 1, 1 }, 4);
	damage(f, 1, 0);
	damage(f, 3, 300);
	open_log(f);
	assert_true(wait_empty(f));
	assert_delivered(f, (uint32_t[]){ 1, 3, 5 }, 3);
	assert_true(told(f, "is damaged, "));
	assert_true(told(f, "of its messages are lost"));
	take(f, 3);
	assert_true(wait_empty(f));
	assert_delivered(f, (uint32_t[]){ 1, 3, 5, 6, 7, 8 }, 6);
}

/* A single bit anywhere in a record is noticed. */
static void
test_each_changed_byte_is_noticed(void **state)
{
	for (size_t at = 0; at < 1050; at += 13) {
		teardown(state); /* a fresh one each time */
		setup(state);
		struct fixture *f = *state;
		char c;
		leave(f, (size_t[]){ 1, 1, 1 }, 3);
		int fd = open(f->path, O_RDWR);
		off_t place = (off_t)(DATA + RECORD + at);
		assert_int_equal(pread(fd, &c, 1, place), 1);
		c ^= 4;
		assert_int_equal(pwrite(fd, &c, 1, place), 1);
		close(fd);
		open_log(f);
		assert_true(wait_empty(f));
		/* filling between records has no meaning */
		if (f->book.n != 3) {
			assert_delivered(f, (uint32_t[]){ 1, 3 }, 2);
			assert_true(told(f, "damaged, 1 of its messages"));
		} else {
			assert_true(at > 1000);
		}
	}
}

/* A record that came as somebody's mail is mail. */
static void
test_record_in_a_message_is_no_record(void **state)
{
	struct fixture *f = *state;
	char record[RECORD];
	leave(f, (size_t[]){ 1 }, 1);
	int fd = open(f->path, O_RDONLY);
	assert_int_equal(pread(fd, record, RECORD, DATA), RECORD);
	close(fd);
	unlink(f->path); /* the record is of another log than the next */
	f->serial = 0;
	leave(f, (size_t[]){ 1, 1 }, 2);
	overwrite(f, DATA + RECORD, record, RECORD);
	overwrite(f, DATA + 5 * RECORD, record, RECORD);
	open_log(f);
	assert_true(wait_empty(f));
	assert_delivered_up_to(f, 1);
}

static void
assert_refused(struct fixture *f, const char *why)
{
	struct err e = ERR_INIT;
	assert_null(open_size(f, SIZE, &e));
	assert_non_null(strstr(e.text, why));
}

static void
test_files_of_others_are_left_alone(void **state)
{
	struct fixture *f = *state;
	static const char text[] = "somebody's notes\n";
	char read_back[sizeof(text)];
	uint32_t version = 7;
	int fd = open(f->path, O_RDWR | O_CREAT, 0600);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	assert_refused(f, "is no queue log and is left alone");
	assert_int_equal(
	    pread(fd, read_back, sizeof(text), 0), sizeof(text) - 1);
	assert_memory_equal(read_back, text, sizeof(text) - 1);
	close(fd);
	unlink(f->path);
	assert_int_equal(mkdir(f->path, 0700), 0);
	assert_refused(f, "cannot open");
	rmdir(f->path);
	assert_int_equal(symlink("/etc/passwd", f->path), 0);
	assert_refused(f, "cannot open");
	unlink(f->path);
	assert_int_equal(mkfifo(f->path, 0600), 0);
	assert_refused(f, "is no regular file");
	unlink(f->path);
	leave(f, (size_t[]){ 1 }, 1);
	overwrite(f, 4096 + 8, &version, sizeof(version));
	assert_refused(f, "version 7 of another program");
}

static void
test_one_torn_head_leaves_the_other(void **state)
{
	struct fixture *f = *state;
	static const char zeros[64];
	open_log(f);
	take(f, 3);
	assert_true(wait_empty(f));
	close_log(f);
	/* the first head was written as number 2: number 1 holds */
	overwrite(f, 16, zeros, 8);
	open_log(f);
	assert_true(wait_empty(f));
	/* delivered again, and marked so */
	assert_int_equal(f->book.n, 6);
	assert_true(f->book.again[5]);
	close_log(f);
	overwrite(f, 16, zeros, 8);
	overwrite(f, 4096 + 16, zeros, 8);
	assert_refused(f, "is damaged, it is left alone");
}

static void
test_two_cannot_have_one_log(void **state)
{
	struct fixture *f = *state;
	open_log(f);
	assert_refused(f, "is in use by another daemon");
	close_log(f);
	open_log(f);
}

/* Half made when all stopped: nothing was taken, it is made again. */
static void
test_unfinished_file_is_made_again(void **state)
{
	struct fixture *f = *state;
	static const char zeros[DATA * 2];
	int fd = open(f->path, O_RDWR | O_CREAT, 0600);
	assert_int_equal(write(fd, zeros, sizeof(zeros)), sizeof(zeros));
	close(fd);
	open_log(f);
	take(f, 1);
	assert_true(wait_empty(f));
	assert_delivered_up_to(f, 1);
}

/* Cut short: what is there is delivered, and it grows as it is used. */
static void
test_cut_file_gives_what_it_has(void **state)
{
	struct fixture *f = *state;
	leave(f, (size_t[]){ 1, 1, 1 }, 3);
	assert_int_equal(truncate(f->path, DATA + 2 * RECORD + 10), 0);
	open_log(f);
	assert_true(wait_empty(f));
	assert_delivered_up_to(f, 2);
	f->serial = 2;
	take(f, 3);
	assert_true(wait_empty(f));
	assert_delivered_up_to(f, 5);
}

static void
test_new_size_waits_until_it_is_empty(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct stat st;
	leave(f, (size_t[]){ 1 }, 1);
	f->log = open_size(f, 2 * SIZE, &e);
	assert_true(wait_empty(f));
	assert_delivered_up_to(f, 1);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_size, SIZE);
	close_log(f);
	f->log = open_size(f, 2 * SIZE, &e);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_size, 2 * SIZE);
	take(f, 1);
	assert_true(wait_empty(f));
	assert_delivered_up_to(f, 2);
}

static void
take_name_away(const struct fixture *f)
{
	assert_int_equal(unlink(f->path), 0);
}

static void
take_folder_away(const struct fixture *f)
{
	take_name_away(f);
	assert_int_equal(rmdir(f->dir), 0);
}

static void
move_aside(const struct fixture *f)
{
	char aside[PATH_SIZE + 8];
	snprintf(aside, sizeof(aside), "%s.aside", f->path);
	assert_int_equal(rename(f->path, aside), 0);
	assert_int_equal(unlink(aside), 0);
}

/*
 * T-4: what was taken would be lost with the process, so the file is made
 * anew: by the next batch, or by time. Nothing is lost, nothing comes twice.
 */
static void
test_removed_log_is_made_anew(void **state)
{
	struct fixture *f = *state;
	static void (*const ways[])(const struct fixture *f) = { take_name_away,
		take_folder_away, move_aside };
	for (size_t i = 0; i < 2 * ARRAY_LEN(ways); i++) {
		bool by_time = i % 2 == 1;
		f->serial = 0;
		f->book.n = 0;
		f->book.told[0] = '\0';
		atomic_store(&f->book.refuse, true);
		open_log(f);
		take(f, 3);
		ways[i / 2](f);
		if (by_time)
			queue_log_tend(f->log);
		else
			take(f, 1);
		assert_true(told(f, "is made anew with all that it held"));
		assert_int_equal(access(f->path, F_OK), 0);
		/* and goes on as before */
		take(f, by_time ? 2 : 1);
		close_log(f);
		assert_int_equal(f->book.n, 0);
		atomic_store(&f->book.refuse, false);
		open_log(f);
		assert_true(wait_empty(f));
		assert_delivered_up_to(f, 5);
		close_log(f);
	}
}

/* One that holds nothing needs no other; the next batch makes one. */
static void
test_removed_empty_log_is_left(void **state)
{
	struct fixture *f = *state;
	open_log(f);
	take(f, 1);
	assert_true(wait_empty(f));
	take_name_away(f);
	queue_log_tend(f->log);
	assert_int_not_equal(access(f->path, F_OK), 0);
	take(f, 1);
	assert_int_equal(access(f->path, F_OK), 0);
	assert_true(wait_empty(f));
	assert_delivered_up_to(f, 2);
}

/* What stands at the name is another's: nothing more is promised. */
static void
test_replaced_log_takes_no_more(void **state)
{
	struct fixture *f = *state;
	struct queue_result results[1];
	struct err e = ERR_INIT;
	struct stat st;
	atomic_store(&f->book.refuse, true);
	open_log(f);
	take(f, 1);
	take_name_away(f);
	int fd = open(f->path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_int_equal(write(fd, "mine\n", 5), 5);
	close(fd);
	queue_log_tend(f->log);
	assert_true(told(f, "would be lost by a crash"));
	f->book.told[0] = '\0';
	queue_log_tend(f->log);
	assert_false(told(f, "crash")); /* once is enough */
	assert_true(stage_one(f, &e));
	queue_commit(queue_log_queue(f->log), results);
	assert_int_equal(results[0].outcome, QUEUE_DECLINED);
	assert_true(told(f, "cannot be made anew"));
	assert_false(stage_one(f, &e));
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_size, 5);
	/* once it is gone the one that waits is safe again */
	take_name_away(f);
	queue_log_tend(f->log);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_size, SIZE);
	atomic_store(&f->book.refuse, false);
	atomic_fetch_add(&skipped_ns, 120 * (int64_t)NS_PER_S);
	close_log(f);
	open_log(f);
	assert_true(wait_empty(f));
	assert_true(f->book.n >= 1 && f->book.serials[0] == 1);
}

/* Its tail moves on while it is made anew again and again. */
static void
test_log_is_removed_under_load(void **state)
{
	struct fixture *f = *state;
	open_log(f);
	for (int i = 0; i < 60; i++) {
		struct err e = ERR_INIT;
		if (i % 5 == 0)
			take_name_away(f);
		for (int k = 0; k < WAIT_MS && !stage_one(f, &e); k++)
			clock_sleep_ms(&clock_system, 1);
		struct queue_result results[1];
		queue_commit(queue_log_queue(f->log), results);
		assert_int_equal(results[0].outcome, QUEUE_TAKEN);
	}
	assert_true(wait_empty(f));
	close_log(f);
	open_log(f);
	assert_true(wait_empty(f));
	assert_delivered_up_to(f, 60);
}

/* One that fails holds up no other, and is tried again. */
static void
test_failed_delivery_is_tried_again(void **state)
{
	struct fixture *f = *state;
	atomic_store(&f->book.refuse_serial, 2);
	open_log(f);
	take(f, 4);
	assert_true(wait_told(f, "refused by the test"));
	take(f, 2);
	for (int i = 0; i < WAIT_MS && f->book.n < 5; i++)
		clock_sleep_ms(&clock_system, 1);
	assert_delivered(f, (uint32_t[]){ 1, 3, 4, 5, 6 }, 5);
	assert_false(queue_log_is_empty(f->log));
	atomic_store(&f->book.refuse_serial, 0);
	atomic_fetch_add(&skipped_ns, 120 * (int64_t)NS_PER_S);
	take(f, 1); /* wakes it */
	assert_true(wait_empty(f));
	assert_delivered(f, (uint32_t[]){ 1, 2, 3, 4, 5, 6, 7 }, 7);
}

static struct queue_log_waiting
waiting(const struct fixture *f)
{
	struct queue_log_waiting w;
	queue_log_waiting(f->log, &w);
	return w;
}

/* What waits is told by who has the log, and by its file when nobody has. */
static void
test_waiting_is_told(void **state)
{
	struct fixture *f = *state;
	struct queue_log_waiting w;
	struct err e = ERR_INIT;
	assert_false(queue_log_peek(f->path, &w, &e));
	assert_int_equal(e.code, ERR_NO);
	open_log(f);
	assert_true(queue_log_peek(f->path, &w, NULL));
	assert_int_equal(w.messages + w.bytes, 0);
	atomic_store(&f->book.refuse_serial, 2);
	take(f, 4);
	for (int i = 0; i < WAIT_MS && (w = waiting(f)).failed == 0; i++)
		clock_sleep_ms(&clock_system, 1);
	assert_int_equal(w.messages, 1);
	assert_int_equal(w.bytes, RECORD);
	assert_int_equal(w.failed, 1);
	assert_int_equal(w.oldest_s, 1); /* by its stamp */
	assert_string_equal(w.why.text, "refused by the test");
	atomic_store(&f->book.refuse_serial, 0);
	atomic_fetch_add(&skipped_ns, 120 * (int64_t)NS_PER_S);
	take(f, 1);
	assert_true(wait_empty(f));
	for (int i = 0; i < WAIT_MS && (w = waiting(f)).messages > 0; i++)
		clock_sleep_ms(&clock_system, 1);
	assert_int_equal(w.messages + w.bytes + w.failed, 0);
	assert_int_equal(w.oldest_s, 0);
	assert_string_equal(w.why.text, "");
	close_log(f);
	f->book.n = 0;
	leave(f, (const size_t[]){ 3, 2 }, 2);
	/* one torn, one damaged: as far as it can be read */
	assert_true(queue_log_peek(f->path, &w, NULL));
	assert_int_equal(w.messages, 5);
	assert_int_equal(w.bytes, 5 * RECORD);
	assert_int_equal(w.oldest_s, 1);
	damage(f, 5 + 3, 600);
	assert_true(queue_log_peek(f->path, &w, NULL));
	assert_int_equal(w.messages, 3);
	overwrite(f, 0, "something else", 14);
	overwrite(f, DATA / 2, "something else", 14);
	assert_false(queue_log_peek(f->path, &w, &e));
}

/* The clock is put on until the thread has handed one over. */
static bool
wait_expired(
    struct fixture *f, struct buf *content, struct queue_log_expired *x)
{
	for (int i = 0; i < WAIT_MS; i++) {
		if (queue_log_take_expired(f->log, content, x))
			return true;
		clock_sleep_ms(&clock_system, 1);
	}
	return false;
}

/*
 * Tried in vain for longer than the life time: handed over once, kept until
 * its sender knows, and then its space is free.
 */
static void
test_time_is_over(void **state)
{
	struct fixture *f = *state;
	struct buf content = BUF_INIT(1 << 20);
	struct queue_log_expired x;
	atomic_store(&f->book.refuse_serial, 2);
	open_log(f);
	queue_log_set_lifetime(f->log, 50);
	take(f, 2); /* by no clock at all: not for that */
	assert_true(wait_told(f, "refused by the test"));
	assert_false(queue_log_take_expired(f->log, &content, &x));
	atomic_store(&f->book.refuse_serial, 3);
	f->taken_ns = clock_wall_ns(&clock_system) - 60 * (int64_t)NS_PER_S;
	take(f, 1);
	for (int turn = 0; turn < 2; turn++) {
		assert_true(wait_expired(f, &content, &x));
		assert_int_equal(x.m.stamp.serial, 3);
		assert_int_equal(x.m.n_rcpts, 1);
		assert_true(str_is(x.m.sender.domain, "out.example"));
		assert_true(x.waited_s >= 60 && x.waited_s < 6000);
		assert_string_equal(x.why.text, "refused by the test");
		free(x.rcpts);
		assert_false(queue_log_take_expired(f->log, &content, &x));
		queue_log_end_expired(f->log, 12345, true); /* none of it */
		if (turn > 0)
			break;
		/* its sender could not be told: it is tried again */
		queue_log_end_expired(f->log, 3, false);
		atomic_fetch_add(&skipped_ns, 120 * (int64_t)NS_PER_S);
		take(f, 1); /* wakes it */
	}
	assert_false(queue_log_is_empty(f->log));
	queue_log_end_expired(f->log, 3, true);
	assert_true(wait_empty(f));
	assert_delivered(f, (uint32_t[]){ 1, 2, 4 }, 3);
	assert_int_equal(waiting(f).messages, 0);
	buf_clear(&content);
}

/* Closing gives delivery its time. */
static void
test_close_delivers_first(void **state)
{
	struct fixture *f = *state;
	open_log(f);
	for (int i = 0; i < 10; i++)
		take(f, 40);
	queue_log_close(f->log, WAIT_MS);
	f->log = NULL;
	assert_delivered_up_to(f, 400);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_taken_is_delivered),
		TEST(test_undelivered_is_delivered_at_the_next_start),
		TEST(test_space_is_used_again),
		TEST(test_full_log_takes_no_more),
		TEST(test_large_message_is_not_logged),
		TEST(test_torn_end_is_ignored),
		TEST(test_hole_in_the_last_batch_is_no_damage),
		TEST(test_damage_in_the_middle_is_told),
		TEST(test_each_changed_byte_is_noticed),
		TEST(test_record_in_a_message_is_no_record),
		TEST(test_files_of_others_are_left_alone),
		TEST(test_one_torn_head_leaves_the_other),
		TEST(test_two_cannot_have_one_log),
		TEST(test_unfinished_file_is_made_again),
		TEST(test_cut_file_gives_what_it_has),
		TEST(test_new_size_waits_until_it_is_empty),
		TEST(test_removed_log_is_made_anew),
		TEST(test_removed_empty_log_is_left),
		TEST(test_replaced_log_takes_no_more),
		TEST(test_log_is_removed_under_load),
		TEST(test_failed_delivery_is_tried_again),
		TEST(test_waiting_is_told),
		TEST(test_time_is_over),
		TEST(test_close_delivers_first),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
