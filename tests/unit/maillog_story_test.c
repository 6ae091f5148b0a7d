/* Joining lines into stories: LG-28, LG-31, LG-34 to LG-38, LG-44 to LG-47. */
#include "tests/unit/maillog_story_fixture.h"

static void
test_delivered(void **state)
{
	(void)state;
	struct told t;
	begin(&t);
	t.key = STORY_BY_MID;
	t.what = "m@x";
	connection(&t, "7");
	say(&t, QPSMTPD, "7 dispatching MAIL FROM:<a@b>");
	say(&t, QPSMTPD, "7 spooling message to disk");
	say(&t, SPAMD,
	    "[3] info: spamd: connection from l [127.0.0.1]:9 to "
	    "port 783, fd 5");
	say(&t, SPAMD,
	    "[3] info: spamd: processing message <m@x> for spamd:1002");
	say(&t, SPAMD,
	    "[3] info: spamd: clean message (1.5/4.0) for "
	    "spamd:1002 in 0.1 seconds, 9 bytes.");
	say(&t, SPAMD,
	    "[3] info: spamd: result: .  1 - A,B scantime=0.1,"
	    "size=9,user=spamd,uid=1002,required_score=4.0,mid=<m@x>"
	    ",autolearn=ham");
	say(&t, CLAMD, "/var/spool/qpsmtpd/15:7:0: OK");
	say(&t, QPSMTPD, QUEUED("7"));
	queue(&t, false);
	size_t lines = (size_t)(t.now - 1000000);
	end(&t, "delivered 7 8 55 queue:sure scan:sure:1.5 virus: "
		"c@d,1:success\n");
	assert_int_equal(t.steps, lines);
	assert_int_equal(t.matched, 1);
}

/* LG-47: of the bundled filter, which fills mailboxes itself. */
static void
test_delivered_by_filter(void **state)
{
	(void)state;
	struct told t;
	begin(&t);
	connection(&t, "7");
	/* not taken yet: somebody's text is no delivery */
	say(&t, QPSMTPD, "7 (queue) queue::maildir: delivered to nobody");
	say(&t, QPSMTPD, QUEUED("7"));
	say(&t, QPSMTPD, "7 (rcpt) x: delivered to the wrong one");
	say(&t, QPSMTPD, "7 (queue) queue::maildir: delivered to Maildir of c");
	say(&t, QPSMTPD, "7 250 2.0.0 Queued! <m@x>");
	/* one connection, a second message */
	say(&t, QPSMTPD, "7 dispatching MAIL FROM:<a@b>");
	say(&t, QPSMTPD, QUEUED("7"));
	say(&t, QPSMTPD, "7 (queue) queue::smtp_2dforward: delivered to h:25");
	/* a third, which somebody did not get */
	say(&t, QPSMTPD, "7 dispatching MAIL FROM:<a@b>");
	say(&t, QPSMTPD, QUEUED("7"));
	say(&t, QPSMTPD,
	    "7 (queue) queue::maildir: delivered to h:25; but not to c");
	say(&t, QPSMTPD, "7 click, disconnecting");
	/* of another nothing is known */
	connection(&t, "8");
	say(&t, QPSMTPD, QUEUED("8"));
	say(&t, QPSMTPD, "1 cleaning up after 8");
	end(&t, "delivered 7 0 0 in:Maildir of c\n"
		"delivered 7 0 0 in:h:25\n"
		"bounced 7 0 0 in:h:25; but not to c\n"
		"unknown 8 0 0\n");
}

static void
test_bounced(void **state)
{
	(void)state;
	struct told t;
	begin(&t);
	connection(&t, "7");
	say(&t, QPSMTPD, QUEUED("7"));
	queue(&t, true);
	/* the number is free again and used at once (LG-34) */
	say(&t, QMAIL, "new msg 55");
	say(&t, QMAIL, "info msg 55: bytes 10 from <> qp 9 uid 400");
	say(&t, QMAIL, "starting delivery 2: msg 55 to remote a@b");
	say(&t, QMAIL, "status: exiting");
	/* LG-35: numbers begin again; LG-36: not the delivery of before */
	say(&t, QMAIL, "starting delivery 1: msg 55 to remote a@b");
	say(&t, QMAIL, "delivery 1: deferral: later/");
	say(&t, QMAIL, "delivery 77: success: whose?/");
	end(&t, "bounced 7 8 55 queue:sure c@d,1:failure\n"
		"queued 0 9 55 queue:sure of:1 a@b,2: a@b,1:deferral\n");
}

/*
 * LG-34, LG-36: what began before the first line is a message of its own, never
 * the next one of that number, whichever of its lines is the first there.
 */
static void
test_began_earlier(void **state)
{
	(void)state;
	struct told t;
	begin(&t);
	say(&t, QMAIL, "starting delivery 4: msg 70 to local x@d");
	say(&t, QMAIL, "delivery 4: success: did_1+0+0/");
	say(&t, QMAIL, "new msg 70");
	say(&t, QMAIL, "info msg 70: bytes 1 from <a@b> qp 5 uid 0");
	say(&t, QMAIL, "end msg 70");
	say(&t, QMAIL, "bounce msg 71 qp 3");
	say(&t, QMAIL, "new msg 71");
	say(&t, QMAIL, "info msg 71: bytes 2 from <a@b> qp 6 uid 0");
	say(&t, QMAIL, "end msg 71");
	/* "new" was lost */
	say(&t, QMAIL, "starting delivery 5: msg 72 to local x@d");
	say(&t, QMAIL, "info msg 72: bytes 3 from <a@b> qp 7 uid 0");
	say(&t, QMAIL, "delivery 5: failure: no/");
	say(&t, QMAIL, "end msg 72");
	/* LG-35: of another run of qmail-send, whether it said goodbye */
	say(&t, QMAIL, "new msg 74");
	say(&t, QMAIL, "starting delivery 6: msg 74 to local x@d");
	say(&t, QMAIL, "status: exiting");
	say(&t, QMAIL, "delivery 6: success: did_1+0+0/");
	say(&t, QMAIL, "end msg 74");
	say(&t, QMAIL, "new msg 75");
	say(&t, QMAIL, "starting delivery 7: msg 75 to local x@d");
	say(&t, QMAIL, "starting delivery 2: msg 75 to local y@d");
	say(&t, QMAIL, "delivery 7: success: did_1+0+0/");
	say(&t, QMAIL, "delivery 2: success: did_1+0+0/");
	say(&t, QMAIL, "end msg 75");
	/* the entry could not be read at first */
	say(&t, QMAIL, "new msg 73");
	say(&t, QMAIL, "new msg 73");
	say(&t, QMAIL, "info msg 73: bytes 4 from <a@b> qp 8 uid 0");
	say(&t, QMAIL, "end msg 73");
	end(&t, "unknown 0 0 70 queue:sure doubts:16 x@d,4:success\n"
		"delivered 0 5 70 queue:sure\n"
		"bounced 0 0 71 queue:sure doubts:16\n"
		"delivered 0 6 71 queue:sure\n"
		"bounced 0 0 72 queue:sure doubts:16 x@d,5:failure\n"
		"delivered 0 7 72 queue:sure\n"
		"delivered 0 0 74 queue:sure x@d,6:\n"
		"delivered 0 0 75 queue:sure x@d,7: y@d,2:success\n"
		"delivered 0 8 73 queue:sure\n");
}

static void
test_refused(void **state)
{
	(void)state;
	struct told t;
	begin(&t);
	t.key = STORY_BY_ADDRESS;
	t.what = "x@y";
	connection(&t, "7");
	say(&t, QPSMTPD, "7 dispatching MAIL FROM:<a@b>");
	say(&t, QPSMTPD, "7 dispatching RCPT TO:<x@y>");
	say(&t, QPSMTPD, REFUSED("7", "rcpt_ok", "901", ""));
	say(&t, QPSMTPD, REFUSED("7", "greylisting", "902", ""));
	say(&t, QPSMTPD, "7 click, disconnecting");
	/* LG-45: the number again, without the end of the one before */
	connection(&t, "7");
	say(&t, QPSMTPD, "7 Connection Timed Out");
	end(&t, "refused 7 0 0\ndeferred 7 0 0\ndropped 7 0 0\n");
	assert_int_equal(t.matched, 2);
}

static void
test_doubts(void **state)
{
	(void)state;
	struct told t;
	begin(&t);
	/* LG-45: no id: by time and score */
	connection(&t, "7");
	say(&t, QPSMTPD, "7 spooling message to disk");
	say(&t, SPAMD,
	    "[3] info: spamd: processing message (unknown) for "
	    "spamd:1002");
	say(&t, SPAMD,
	    "[3] info: spamd: identified spam (13.1/4.0) for "
	    "spamd:1002 in 0.1 seconds, 9 bytes.");
	say(&t, SPAMD,
	    "[3] info: spamd: result: Y 13 - A scantime=0.1,size=9,"
	    "required_score=4.0,mid=(unknown),autolearn=no");
	say(&t, QPSMTPD,
	    REFUSED(
		"7", "spamassassin", "901", "Yes, score=13.1 required=4.0"));
	say(&t, QPSMTPD, "1 cleaning up after 7");
	/* LG-31: queued, but qmail-queue failed */
	connection(&t, "8");
	say(&t, QPSMTPD, QUEUED("8"));
	say(&t, QPSMTPD, "8 451 Queuing declined or disabled");
	say(&t, QPSMTPD, "1 cleaning up after 8");
	/* a connection whose beginning was not seen */
	say(&t, QPSMTPD, REFUSED("9", "dnsbl", "903", ""));
	say(&t, QPSMTPD, "1 cleaning up after 9");
	/* the virus scan names the connection */
	connection(&t, "10");
	say(&t, CLAMD, "/var/spool/qpsmtpd/15:10:0: Eicar FOUND");
	say(&t, QPSMTPD, REFUSED("10", "virus::clamdscan", "901", ""));
	say(&t, QPSMTPD, "1 cleaning up after 10");
	/* mail from inside */
	say(&t, QMAIL, "new msg 60");
	say(&t, QMAIL, "info msg 60: bytes 10 from <r@d> qp 99 uid 0");
	say(&t, QMAIL, "end msg 60");
	end(&t, "refused 7 0 0 scan:probable:13.1 doubts:4\n"
		"not-taken 8 0 0 scan:missing:\n"
		"refused 9 0 0 doubts:16\n"
		"refused 10 0 0 virus:Eicar\n"
		"delivered 0 99 60 queue:sure\n");
}

#define FROM(pid, sender)                                                      \
	pid " (queue) logging::logterse: ` 192.0.2.1\tmx.test\tmx\t<" sender   \
	    ">\t<c@d>\tqueued\t\t<m@x>\t"
#define QUEUING(pid, qp)                                                       \
	qp " (queue) queue::qmail_2dqueue: (for " pid ") Queuing to q"

/* LG-45: what may be taken for another; each has its reason on the joint. */
static const struct ambiguity {
	const char *what;
	/* "7+": connection 7 begins, "t9": nine seconds go by, else "SOURCE
	 * TEXT"
	 */
	const char *lines[16];
	const char *want;
	size_t same_mid; /* stories of <m@x> */
} ambiguities[] = {
	{ "a number of the queue twice: the sender decides",
	    { "7+", "9+", "q" FROM("7", "a@b"), "q" QUEUING("7", "8"),
		"q" FROM("9", "e@f"), "q" QUEUING("9", "8"), "mnew msg 55",
		"minfo msg 55: bytes 10 from <e@f> qp 8 uid 453", "mnew msg 56",
		"minfo msg 56: bytes 10 from <a@b> qp 8 uid 453", "mend msg 55",
		"mend msg 56" },
	    "delivered 7 8 56 queue:sure\n"
	    "delivered 9 8 55 queue:sure doubts:1\n",
	    2 },
	{ "of one sender: the nearest, and the other's message is missing",
	    { "7+", "9+", "q" FROM("7", "a@b"), "q" QUEUING("7", "8"),
		"q" FROM("9", "a@b"), "q" QUEUING("9", "8"), "mnew msg 55",
		"minfo msg 55: bytes 10 from <a@b> qp 8 uid 453",
		"mend msg 55" },
	    "delivered 9 8 55 queue:sure doubts:1\n"
	    "unknown 7 8 0 queue:missing\n",
	    2 },
	{ "two messages of that number, known before the verdict's line",
	    { "7+", "q" FROM("7", "a@b"), "mnew msg 55",
		"minfo msg 55: bytes 10 from <e@f> qp 8 uid 453", "mnew msg 56",
		"minfo msg 56: bytes 10 from <a@b> qp 8 uid 453",
		"q" QUEUING("7", "8"), "mend msg 55", "mend msg 56" },
	    "delivered 7 8 56 queue:sure doubts:1\n"
	    "delivered 0 8 55 queue:sure\n",
	    1 },
	{ "only another sender has that number: probable",
	    { "7+", "q" FROM("7", "a@b"), "q" QUEUING("7", "8"), "mnew msg 55",
		"minfo msg 55: bytes 10 from <e@f> qp 8 uid 453",
		"mend msg 55" },
	    "delivered 7 8 55 queue:probable doubts:2\n", 1 },
	{ "a sender that qmail wrote otherwise is the same",
	    { "7+", "q" FROM("7", "a%b c@d"), "q" QUEUING("7", "8"),
		"mnew msg 55",
		"minfo msg 55: bytes 10 from <a_b_c@d> qp 8 uid 453",
		"mend msg 55" },
	    "delivered 7 8 55 queue:sure\n", 1 },
	{ "a number of a message again: another incarnation",
	    { "7+", "q" FROM("7", "a@b"), "q" QUEUING("7", "8"), "mnew msg 55",
		"minfo msg 55: bytes 10 from <a@b> qp 8 uid 453",
		"mstarting delivery 1: msg 55 to local c@d",
		"minfo msg 55: bytes 9 from <x@y> qp 12 uid 0",
		"mstarting delivery 2: msg 55 to local z@d",
		"mdelivery 1: failure: no/", "mend msg 55" },
	    "bounced 7 8 55 queue:sure c@d,1:failure\n"
	    "delivered 0 12 55 queue:sure z@d,2:\n",
	    1 },
	{ "LG-44 a message of that number two minutes later is another",
	    { "7+", "q" FROM("7", "a@b"), "q" QUEUING("7", "8"), "t125",
		"minfo msg 55: bytes 10 from <a@b> qp 8 uid 453" },
	    "unknown 7 8 0 queue:missing\nqueued 0 8 55 queue:sure\n", 1 },
	{ "and one of some seconds before",
	    { "7+", "q" FROM("7", "a@b"),
		"minfo msg 55: bytes 10 from <a@b> qp 8 uid 453", "t3",
		"q" QUEUING("7", "8") },
	    "unknown 7 8 0 queue:missing\nqueued 0 8 55 queue:sure\n", 1 },
	{ "LG-35 a delivery ends with its run of qmail-send",
	    { "minfo msg 55: bytes 10 from <a@b> qp 8 uid 453",
		"mstarting delivery 1: msg 55 to local c@d", "mstatus: exiting",
		"mdelivery 1: success: of the next run/" },
	    "queued 0 8 55 queue:sure c@d,1:\n", 0 },
	{ "scans without an id that are alike",
	    { "7+", "q7 spooling message to disk",
		"s[3] info: spamd: checking message (unknown) for u:1",
		"s[4] info: spamd: checking message (unknown) for u:1",
		"s[3] info: spamd: identified spam (9.5/4.0) for u:1 in 0.1 "
		"seconds, 9 bytes.",
		"s[4] info: spamd: identified spam (9.5/4.0) for u:1 in 0.1 "
		"seconds, 9 bytes.",
		"s[4] info: spamd: result: Y 9 - A scantime=0.1,size=9,"
		"mid=(unknown),autolearn=no",
		"s[3] info: spamd: result: Y 9 - A scantime=0.1,size=9,"
		"mid=(unknown),autolearn=no",
		"q" REFUSED("7", "spamassassin", "901",
		    "Yes, score=9.5 required=4.0") },
	    "refused 7 0 0 scan:probable:9.5 doubts:12\n", 0 },
	{ "LG-38 a scan without a result is aborted",
	    { "7+", "q7 spooling message to disk",
		"s[3] info: spamd: connection from l [::1]:9 to port 783, fd 5",
		"s[3] info: spamd: checking message <m@x> for u:1",
		"q" FROM("7", "a@b"), "q7 451 Queuing declined",
		"s[3] info: spamd: connection from l [::1]:9 to port 783, fd 5",
		"q1 cleaning up after 7" },
	    "not-taken 7 0 0 scan:sure: doubts:128\n", 1 },
	{ "and where the child had gone on before the verdict",
	    { "7+", "q7 spooling message to disk",
		"s[3] info: spamd: checking message <m@x> for u:1",
		"s[3] info: spamd: connection from l [::1]:9 to port 783, fd 5",
		"q" FROM("7", "a@b"), "q7 451 Queuing declined",
		"q1 cleaning up after 7" },
	    "not-taken 7 0 0 scan:sure: doubts:128\n", 1 },
	{ "but not where it was scanned once more",
	    { "7+", "q7 spooling message to disk",
		"s[4] info: spamd: checking message <m@x> for u:1",
		"s[4] info: spamd: result: .  1 - A scantime=0.1,size=9,"
		"mid=<m@x>,autolearn=no",
		"s[3] info: spamd: checking message <m@x> for u:1",
		"s[3] info: spamd: connection from l [::1]:9 to port 783, fd 5",
		"q" FROM("7", "a@b"), "q7 451 Queuing declined",
		"q1 cleaning up after 7" },
	    "not-taken 7 0 0 scan:sure:1\n", 1 },
	{ "one that comes a moment after the verdict is not",
	    { "7+", "q7 spooling message to disk",
		"s[3] info: spamd: checking message <m@x> for u:1",
		"q" FROM("7", "a@b"),
		"s[3] info: spamd: clean message (1.5/4.0) for u:1 in 0.1 "
		"seconds, 9 bytes.",
		"s[3] info: spamd: result: .  1 - A scantime=0.1,size=9,"
		"mid=<m@x>,autolearn=no",
		"q7 451 Queuing declined", "q1 cleaning up after 7" },
	    "not-taken 7 0 0 scan:sure:1.5\n", 1 },
	{ "nor is that of another",
	    { "7+", "q7 spooling message to disk",
		"s[3] info: spamd: checking message <other@x> for u:1",
		"q" FROM("7", "a@b"), "q7 451 Queuing declined",
		"q1 cleaning up after 7" },
	    "not-taken 7 0 0\n", 1 },
	{ "the pid of a connection again, whose end was not logged",
	    { "7+", "q" REFUSED("7", "karma", "903", ""), "7+",
		"q" REFUSED("7", "dnsbl", "903", ""),
		"q1 cleaning up after 7" },
	    "refused 7 0 0 doubts:32\nrefused 7 0 0\n", 0 },
	{ "one id sent twice, and forwarded back: stories of their own",
	    { "7+", "9+", "q" FROM("7", "a@b"), "q7 250 Queued! 1 qp 8 <m@x>",
		"q" FROM("9", "a@b"), "q9 250 Queued! 1 qp 11 <m@x>",
		"minfo msg 55: bytes 10 from <a@b> qp 8 uid 453",
		"mstarting delivery 1: msg 55 to remote c@d",
		"minfo msg 56: bytes 10 from <a@b> qp 11 uid 453",
		"mstarting delivery 2: msg 56 to local c@d",
		"mdelivery 2: success: did_0+0+1/", "mdelivery 1: success: ok/",
		"mend msg 55", "mend msg 56" },
	    "delivered 7 8 55 queue:sure c@d,1:success\n"
	    "delivered 9 11 56 queue:sure c@d,2:success\n",
	    2 },
	{ "recipients in several domains, one of them told later",
	    { "7+", "q" FROM("7", "a@b"), "q" QUEUING("7", "8"), "mnew msg 55",
		"minfo msg 55: bytes 10 from <a@b> qp 8 uid 453",
		"mstarting delivery 1: msg 55 to local c@d",
		"mstarting delivery 2: msg 55 to remote c@far",
		"mdelivery 1: success: did_0+0+1/",
		"mdelivery 2: deferral: later/",
		"mstarting delivery 3: msg 55 to remote c@far",
		"mdelivery 3: success: ok/", "mend msg 55" },
	    "delivered 7 8 55 queue:sure c@d,1:success "
	    "c@far,2:deferral,3:success\n",
	    1 },
	{ "of fetchmail: the client is its address here",
	    { "q7 Connection from localhost [127.0.0.200]",
		"q7 (queue) logging::logterse: ` 127.0.0.200\tUnknown\tme\t"
		"<a@b>\t<c@d>\tqueued\t\t<m@x>\t",
		"q" QUEUING("7", "8"), "mnew msg 55",
		"minfo msg 55: bytes 10 from <a@b> qp 8 uid 453",
		"mend msg 55" },
	    "delivered 7 8 55 queue:sure\n", 1 },
	{ "from inside: nothing before the queue",
	    { "minfo msg 60: bytes 10 from <root@d> qp 99 uid 0",
		"mend msg 60" },
	    "delivered 0 99 60 queue:sure\n", 0 },
	{ "lines lost by rotation",
	    { "mstatus: local 0/20 remote 0/20",
		"mstarting delivery 5: msg 44 to local c@d",
		"mdelivery 4: success: whose/", "mend msg 44",
		"q" REFUSED("9", "dnsbl", "903", "") },
	    "refused 9 0 0 doubts:16\n"
	    "delivered 0 0 44 queue:sure doubts:16 c@d,5:\n",
	    0 },
};

static void
test_ambiguities(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ambiguities); i++) {
		const struct ambiguity *a = &ambiguities[i];
		struct told t;
		begin(&t);
		t.key = STORY_BY_MID;
		t.what = "m@x";
		for (size_t k = 0; a->lines[k] != NULL; k++) {
			static const char sources[] = "qmsc";
			const char *line = a->lines[k];
			const char pid[] = { line[0], '\0' };
			if (line[0] == 't')
				t.now += strtol(line + 1, NULL, 10) * 100;
			else if (line[1] == '+')
				connection(&t, pid);
			else
				say(&t,
				    (size_t)(strchr(sources, line[0]) -
					     sources),
				    line + 1);
		}
		assert_true(stories_end(t.s, NULL));
		if (strcmp(buf_cstr(&t.out), a->want) != 0)
			fail_msg("%s:\n%s", a->what, buf_cstr(&t.out));
		if (t.matched != a->same_mid)
			fail_msg("%s: %zu of that id", a->what, t.matched);
		buf_clear(&t.out);
		stories_free(t.s);
	}
}

/* LG-47: birth + (root of the age + 10 or 20) squared; of several the first. */
static void
test_next_try(void **state)
{
	static const struct {
		int64_t local_s, remote_s; /* age at the last try; -1: none */
		int64_t next_s;            /* after the birth */
	} cases[] = {
		{ 0, -1, 100 },
		{ -1, 0, 400 },
		{ -1, 99, 841 },
		{ -1, 100, 900 },
		{ 10000, -1, 12100 },
		{ 100, 100, 400 },
		{ 1000000, 100, 900 },
		{ -1, 604800, 635209 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const int64_t birth = (int64_t)1500000000 * NS_PER_S;
		struct told t;
		begin(&t);
		t.at_ns = birth;
		say(&t, QMAIL, "new msg 5");
		say(&t, QMAIL, "info msg 5: bytes 1 from <a@b> qp 7 uid 9");
		say(&t, QMAIL, "starting delivery 1: msg 5 to local c@d");
		say(&t, QMAIL, "starting delivery 2: msg 5 to remote c@far");
		if (cases[i].local_s >= 0) {
			t.at_ns = birth + cases[i].local_s * NS_PER_S;
			say(&t, QMAIL, "delivery 1: deferral: later/");
		}
		if (cases[i].remote_s >= 0) {
			t.at_ns = birth + cases[i].remote_s * NS_PER_S;
			say(&t, QMAIL, "delivery 2: deferral: later/");
		}
		assert_true(stories_end(t.s, NULL));
		if (t.next_ns != birth + cases[i].next_s * NS_PER_S)
			fail_msg("%zu: %lld s", i,
			    (long long)((t.next_ns - birth) / NS_PER_S));
		buf_clear(&t.out);
		stories_free(t.s);
	}
}

/* LG-45: lines of a story that are too many to keep are a doubt. */
static void
test_lines_cut(void **state)
{
	enum {
		MANY = 4100
	};
	struct told t;
	(void)state;
	begin(&t);
	connection(&t, "7");
	for (int i = 0; i < MANY; i++)
		say(&t, QPSMTPD, "7 dispatching NOOP");
	say(&t, QPSMTPD, REFUSED("7", "karma", "903", ""));
	end(&t, "refused 7 0 0 doubts:64\n");
}

static void
test_idmap(void **state)
{
	(void)state;
	struct idmap m = IDMAP_INIT;
	static int values[2000];
	assert_null(idmap_get(&m, 1));
	idmap_remove(&m, 1);
	for (size_t i = 0; i < 2000; i++)
		assert_true(idmap_put(&m, i * 7919, &values[i]));
	for (size_t i = 0; i < 2000; i += 2)
		idmap_remove(&m, i * 7919);
	assert_int_equal(m.len, 1000);
	for (size_t i = 0; i < 2000; i++)
		assert_ptr_equal(idmap_get(&m, i * 7919),
		    i % 2 == 0 ? NULL : (void *)&values[i]);
	assert_true(idmap_put(&m, 7919, &values[0]));
	assert_ptr_equal(idmap_get(&m, 7919), &values[0]);
	assert_int_equal(m.len, 1000);
	idmap_clear(&m);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delivered),
		cmocka_unit_test(test_delivered_by_filter),
		cmocka_unit_test(test_bounced),
		cmocka_unit_test(test_began_earlier),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_doubts),
		cmocka_unit_test(test_ambiguities),
		cmocka_unit_test(test_lines_cut),
		cmocka_unit_test(test_next_try),
		cmocka_unit_test(test_idmap),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
