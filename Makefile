# smemail: control tool and filter daemon. Objects go to $(B); sources are
# found by folder, dependencies by the compiler (-MMD).
#
#	make                   build; run from $(B)/ or install
#	make check             build with -Werror; unit, lint and scenario tests
#	make check-asan        the tests under address and undefined sanitizers
#	make check-valgrind    the unit tests under valgrind
#	make analyze           static analysis: gcc -fanalyzer, cppcheck
#	make fuzz-smoke        each parser of foreign bytes for some seconds
#	make coverage          lines reached by the tests
#	make bench             benchmarks beside their peers
#	make install           DESTDIR and PREFIX are honoured; uninstall undoes it
#	make installcheck      everything of the install list is in its place
#	make po                collect texts into po/

VERSION   := 0.1.0
B         ?= build
PREFIX    ?= /usr/local
DESTDIR   ?=
CC         = gcc
PKG_CONFIG ?= pkg-config
WERROR    ?=
OPT       ?= -O2
V         ?= 0
SAY_0     := @printf '  %-5s %s\n'
SAY        = $(SAY_$(V))
Q_0       := @
Q          = $(Q_$(V))
ifneq ($(V),0)
SAY       := @:
endif
EXTRA     ?=

BINDIR     = $(PREFIX)/bin
SBINDIR    = $(PREFIX)/sbin
LIBEXECDIR = $(PREFIX)/libexec/smemail
MANDIR     = $(PREFIX)/share/man
DATADIR    = $(PREFIX)/share/smemail
LOCALEDIR  = $(PREFIX)/share/locale

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wwrite-strings \
	-Wpointer-arith -Wcast-qual -Wundef -Wvla -Wformat=2 -Wswitch-enum \
	-Wimplicit-fallthrough -Wnull-dereference -Wconversion \
	-Wsign-conversion -fno-common
HARDEN := -fstack-protector-strong -fPIE
ifeq ($(findstring -fsanitize,$(EXTRA)),)
HARDEN += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif

# _GNU_SOURCE for Linux calls: pipe2, accept4, epoll, memfd, syncfs
CPPFLAGS += -D_POSIX_C_SOURCE=200809L -D_GNU_SOURCE -I. \
	-DSMEMAIL_VERSION='"$(VERSION)"' \
	-DSMEMAIL_LOCALEDIR='"$(LOCALEDIR)"' \
	-DSMEMAIL_LIBEXECDIR='"$(LIBEXECDIR)"' \
	-DSMEMAIL_DATADIR='"$(DATADIR)"' \
	-DOPENSSL_API_COMPAT=0x10101000L \
	-include core/base/banned.h
CFLAGS   ?= $(OPT) -g
ALL_CFLAGS = -std=c17 $(CPPFLAGS) $(WARN) $(WERROR) $(HARDEN) $(CFLAGS) $(EXTRA)
PIE      := -pie
LDFLAGS  += -pthread $(PIE) -Wl,-z,relro,-z,now $(EXTRA)

# Libraries, each overridable. smemail links what its screens and shell need;
# the daemon links neither ncurses nor readline.
LIBRARIES := ncursesw readline libpcre2-8 libseccomp openssl ldns libpsl \
	libxml-2.0 zlib sqlite3 pam libcrypt libmaxminddb
PACKAGES  := libncurses-dev libreadline-dev libpcre2-dev libseccomp-dev \
	libssl-dev libldns-dev libpsl-dev libspf2-dev \
	libxml2-dev zlib1g-dev libsqlite3-dev libpam0g-dev libcrypt-dev \
	libmaxminddb-dev
ifeq ($(filter clean uninstall,$(MAKECMDGOALS)),)
ifeq ($(shell command -v $(PKG_CONFIG)),)
$(error needs pkg-config and the libraries: apt-get install pkg-config gettext $(PACKAGES))
endif
MISSING := $(strip $(foreach l,$(LIBRARIES),\
	$(shell $(PKG_CONFIG) --exists $(l) || echo $(l))))
ifneq ($(MISSING),)
$(error needs $(MISSING): apt-get install $(PACKAGES))
endif
ifeq ($(shell command -v msgfmt),)
$(error needs msgfmt: apt-get install gettext)
endif
# asked once, not for every object
define ask
ifndef $(1)
$(1) := $$(shell $$(PKG_CONFIG) $(2))
endif
endef
$(eval $(call ask,NCURSES_CFLAGS,--cflags ncursesw))
$(eval $(call ask,NCURSES_LIBS,--libs ncursesw))
$(eval $(call ask,READLINE_LIBS,--libs readline))
$(eval $(call ask,PCRE2_LIBS,--libs libpcre2-8))
$(eval $(call ask,SECCOMP_LIBS,--libs libseccomp))
$(eval $(call ask,OPENSSL_LIBS,--libs openssl))
$(eval $(call ask,LDNS_LIBS,--libs ldns))
$(eval $(call ask,PSL_LIBS,--libs libpsl))
$(eval $(call ask,READ_CFLAGS,--cflags libxml-2.0))
$(eval $(call ask,READ_LIBS,--libs libxml-2.0 zlib))
$(eval $(call ask,SQLITE_LIBS,--libs sqlite3))
$(eval $(call ask,ZLIB_LIBS,--libs zlib))
$(eval $(call ask,MAXMINDDB_LIBS,--libs libmaxminddb))
$(eval $(call ask,LOGIN_LIBS,--libs pam libcrypt))
$(eval $(call ask,CMOCKA_LIBS,--libs cmocka 2>/dev/null))
endif
# dlopen is in a library of its own before glibc 2.34
DL_LIBS     ?= -ldl
CLI_LIBS     = $(NCURSES_LIBS) $(READLINE_LIBS) $(PCRE2_LIBS) $(DL_LIBS)
FILTERD_LIBS = $(PCRE2_LIBS) $(SECCOMP_LIBS) $(DL_LIBS)
CODEC_LIBS   = $(LDNS_LIBS) $(SECCOMP_LIBS)
UNIT_LIBS    = $(CMOCKA_LIBS) $(PCRE2_LIBS) $(DL_LIBS)

# Libraries that stay out of the programs' start (core/sys/module.h): each is
# wrapped by the sources named *_MODULE*.c, which become smemail-MODULE.so and
# are not part of libcore. To add one: its name here, its MODULE_LIBS.
MODULES             := maxminddb openssl pam psl sqlite zlib
MODULE_LIBS_maxminddb = $(MAXMINDDB_LIBS) -lm
MODULE_LIBS_pam      = $(LOGIN_LIBS)
MODULE_LIBS_openssl  = $(OPENSSL_LIBS)
MODULE_LIBS_psl      = $(PSL_LIBS)
MODULE_LIBS_sqlite   = $(SQLITE_LIBS)
MODULE_LIBS_zlib     = $(ZLIB_LIBS)

MODULE_SRC  := $(sort $(foreach m,$(MODULES),\
	$(wildcard core/*/*_$(m).c core/*/*_$(m)_*.c)))
CORE_SRC    := $(sort $(filter-out $(MODULE_SRC),$(wildcard core/*/*.c)))
# what modules need of the core: errors, texts, buffers, arenas, addresses
SHARED_SRC  := $(sort $(wildcard core/base/*.c) core/net/addr.c \
	core/net/endpoint.c)
FILTERD_SRC := $(sort $(wildcard cmd/filterd/*.c))
CODEC_SRC   := $(sort $(wildcard cmd/codec/*.c))
SPF2_SRC    := $(sort $(wildcard cmd/spf2/*.c)) cmd/codec/sandbox.c
READ_SRC    := $(sort $(wildcard cmd/dmarcread/*.c)) cmd/codec/sandbox.c
CLI_SRC     := $(sort $(filter-out cmd/main.c,$(wildcard cmd/*.c \
	cmd/shell/*.c tui/*.c tui/*/*.c)))
UNIT_SRC    := $(sort $(wildcard tests/unit/*_test.c))
SUPPORT_SRC := $(sort $(wildcard tests/support/*.c))
FUZZ_SRC    := $(sort $(wildcard tests/fuzz/*_fuzz.c))
BENCH_SRC   := $(sort $(wildcard tests/bench/*_bench.c))
LANGUAGES   := fr
MAN_PAGES   := $(notdir $(wildcard man/*.[578]))
LINKS       := db config expand-template signal-event tai64nlocal \
	qpsmtpd-print-dns
PERL_FILES  := $(shell find share/perl -name '*.p[lm]' | sort)

CORE_OBJ    := $(CORE_SRC:%.c=$(B)/obj/%.o)
FILTERD_OBJ := $(FILTERD_SRC:%.c=$(B)/obj/%.o)
CODEC_OBJ   := $(CODEC_SRC:%.c=$(B)/obj/%.o)
SPF2_OBJ    := $(SPF2_SRC:%.c=$(B)/obj/%.o)
READ_OBJ    := $(READ_SRC:%.c=$(B)/obj/%.o)
CLI_OBJ     := $(CLI_SRC:%.c=$(B)/obj/%.o)
MAIN_OBJ    := $(B)/obj/cmd/main.o
SUPPORT_OBJ := $(SUPPORT_SRC:%.c=$(B)/obj/%.o)
UNIT_BIN    := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)
FUZZ_BIN    := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)
BENCH_BIN   := $(BENCH_SRC:tests/bench/%.c=$(B)/bench/%)
# a peer of dkim_bench, where its library is (libopendkim-dev)
BENCH_BIN   += $(if $(shell $(PKG_CONFIG) --exists opendkim && echo y),\
	$(B)/bench/opendkim_peer)
CATALOGUES  := $(LANGUAGES:%=$(B)/locale/%/LC_MESSAGES/smemail.mo)
MAN_OUT     := $(MAN_PAGES:%=$(B)/man/%)
# programs that only our own programs start
CODEC       := $(B)/libexec/smemail-dns-codec
SPF2        := $(B)/libexec/smemail-spf2
READ        := $(B)/libexec/smemail-dmarc-read
LINKS_OUT   := $(LINKS:%=$(B)/libexec/%)
MODULES_OUT := $(MODULES:%=$(B)/libexec/smemail-%.so)
SCRIPTS_INC := $(patsubst %,$(B)/gen/smemail.%.inc,bash zsh fish)

.PHONY: all clean unit bench-build fuzz-build check check-asan asan-build \
	sanitized-builds \
	check-valgrind analyze fuzz-smoke coverage bench install installcheck \
	uninstall po
all: $(B)/smemail $(B)/smemail-filterd $(CATALOGUES) $(MAN_OUT) $(LINKS_OUT) \
	$(MODULES_OUT) $(CODEC) $(SPF2) $(READ)

$(B)/smemail: $(MAIN_OBJ) $(B)/libcli.a $(B)/libcore.a
	$(SAY) LD $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(CLI_LIBS)

$(B)/smemail-filterd: $(FILTERD_OBJ) $(B)/libcore.a
	$(SAY) LD $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(FILTERD_LIBS)

$(CODEC): $(CODEC_OBJ) $(B)/libcore.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(CODEC_LIBS)

# no pkg-config file comes with libspf2 (T-35)
SPF2_LIBS ?= -lspf2
$(READ): $(READ_OBJ) $(B)/libcore.a
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(READ_LIBS) $(SECCOMP_LIBS)

$(SPF2): $(SPF2_OBJ)
	@mkdir -p $(@D)
	$(SAY) LD $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(SPF2_LIBS) $(SECCOMP_LIBS)

$(B)/libcore.a: $(CORE_OBJ)
	@rm -f $@
	$(SAY) AR $@
	$(Q)$(AR) rcs $@ $^

# what several tests stand on: peers that answer from a table
$(B)/libsupport.a: $(SUPPORT_OBJ)
	@rm -f $@
	$(SAY) AR $@
	$(Q)$(AR) rcs $@ $^

$(B)/libcli.a: $(CLI_OBJ)
	@rm -f $@
	$(SAY) AR $@
	$(Q)$(AR) rcs $@ $^

$(B)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(SAY) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) $(NCURSES_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/cmd/dmarcread/%.o: ALL_CFLAGS += $(READ_CFLAGS)

# Texts made into C strings: the completion scripts are part of the program.
$(B)/obj/cmd/completion.o: ALL_CFLAGS += -I$(B)/gen
$(B)/obj/cmd/completion.o: $(SCRIPTS_INC)
$(B)/gen/smemail.%.inc: completions/smemail.%
	@mkdir -p $(@D)
	$(Q)sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $< >$@

$(B)/locale/%/LC_MESSAGES/smemail.mo: po/%.po
	@mkdir -p $(@D)
	$(SAY) MO $@
	$(Q)msgfmt --check -o $@ $<

# A line ".\" @WHAT@" of a page is replaced by what "__dump WHAT" prints.
$(B)/man/%: man/% $(B)/smemail tools/man-fill
	@mkdir -p $(@D)
	$(SAY) MAN $@
	$(Q)tools/man-fill $(B)/smemail $< >$@.new && mv $@.new $@

# A sanitizer for the fuzzer's own use is in its program only.
MODULE_FLAGS = $(filter-out -fsanitize=fuzzer-no-link,$(ALL_CFLAGS)) -fPIC
$(B)/pic/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(SAY) CC $@
	$(Q)$(CC) $(MODULE_FLAGS) -MMD -MP -c -o $@ $<

$(B)/pic/libshared.a: $(SHARED_SRC:%.c=$(B)/pic/%.o)
	@rm -f $@
	$(SAY) AR $@
	$(Q)$(AR) rcs $@ $^

# Only the table is visible, so that no name of the program's is taken over.
define module_rule
$(B)/libexec/smemail-$(1).so: $$(patsubst %.c,$(B)/pic/%.o,\
		$$(sort $$(wildcard core/*/*_$(1).c core/*/*_$(1)_*.c))) \
		$(B)/pic/libshared.a
	@mkdir -p $$(@D)
	@echo '{ global: smemail_module_export; local: *; };' \
		>$(B)/pic/$(1).map
	$$(SAY) LD $$@
	$$(Q)$$(CC) -shared -Wl,-z,relro,-z,now \
		-Wl,--version-script=$(B)/pic/$(1).map \
		$$(filter-out -fsanitize=fuzzer-no-link,$$(EXTRA)) \
		-o $$@ $$^ $$(MODULE_LIBS_$(1))
endef
$(foreach m,$(MODULES),$(eval $(call module_rule,$(m))))

$(LINKS_OUT): $(B)/libexec/%: | $(B)/smemail
	@mkdir -p $(@D)
	$(Q)ln -sf ../smemail $@

# Tests of cmd, tui and the daemon link those too; all others only core.
$(B)/unit/cmd_%: tests/unit/cmd_%.c $(B)/libcli.a $(B)/libcore.a
	@mkdir -p $(@D)
	$(SAY) TEST $@
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(B)/libcli.a \
		$(B)/libcore.a $(LDFLAGS) $(CMOCKA_LIBS) $(CLI_LIBS)

$(B)/unit/tui_%: tests/unit/tui_%.c $(B)/libcli.a $(B)/libcore.a
	@mkdir -p $(@D)
	$(SAY) TEST $@
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(B)/libcli.a \
		$(B)/libcore.a $(LDFLAGS) $(CMOCKA_LIBS) $(CLI_LIBS)

$(B)/unit/filterd_%: tests/unit/filterd_%.c \
		$(filter-out %/main.o,$(FILTERD_OBJ)) $(B)/libcore.a
	@mkdir -p $(@D)
	$(SAY) TEST $@
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -o $@ $^ $(LDFLAGS) \
		$(CMOCKA_LIBS) $(FILTERD_LIBS)

# a client of OpenSSL's own comes back with what it was given
$(B)/unit/net_tls_tickets_test: UNIT_LIBS += $(OPENSSL_LIBS)
$(B)/unit/%: tests/unit/%.c $(B)/libsupport.a $(B)/libcore.a
	@mkdir -p $(@D)
	$(SAY) TEST $@
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(B)/libsupport.a \
		$(B)/libcore.a $(LDFLAGS) $(UNIT_LIBS)

$(B)/bench/opendkim_peer: tests/bench/opendkim_peer.c
	@mkdir -p $(@D)
	$(SAY) BENCH $@
	$(Q)$(CC) $(ALL_CFLAGS) $$($(PKG_CONFIG) --cflags opendkim) -MMD -MP \
		-o $@ $< $(LDFLAGS) $$($(PKG_CONFIG) --libs opendkim)

$(B)/bench/dkim_bench $(B)/bench/starttls_bench: BENCH_LIBS = $(OPENSSL_LIBS)
$(B)/bench/%: tests/bench/%.c $(B)/libcore.a
	@mkdir -p $(@D)
	$(SAY) BENCH $@
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(B)/libcore.a $(LDFLAGS) \
		$(PCRE2_LIBS) $(DL_LIBS) $(BENCH_LIBS)

# tests/fuzz/smoke sets these two where clang's libFuzzer works.
FUZZ_MAIN ?= tests/fuzz/reader.c
FUZZ_LINK ?=
$(B)/fuzz/dns_fuzz: $(B)/obj/cmd/codec/decode.o
$(B)/fuzz/dns_fuzz: FUZZ_LIBS = $(LDNS_LIBS)
$(B)/fuzz/%: tests/fuzz/%.c $(FUZZ_MAIN) $(B)/libcore.a
	@mkdir -p $(@D)
	$(SAY) FUZZ $@
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) $(FUZZ_LINK) \
		$(PCRE2_LIBS) $(DL_LIBS) $(FUZZ_LIBS)

# The daemon is no part of the core either; its log is the target's own.
$(B)/fuzz/channel_fuzz: tests/fuzz/channel_fuzz.c $(FUZZ_MAIN) \
		$(filter-out %/main.o %/log.o,$(FILTERD_OBJ)) $(B)/libcore.a
	@mkdir -p $(@D)
	$(SAY) FUZZ $@
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) $(FUZZ_LINK) \
		$(FILTERD_LIBS)

$(B)/fuzz/shares_fuzz: tests/fuzz/shares_fuzz.c $(FUZZ_MAIN) \
		$(filter-out %/main.o,$(FILTERD_OBJ)) $(B)/libcore.a
	@mkdir -p $(@D)
	$(SAY) FUZZ $@
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) $(FUZZ_LINK) \
		$(FILTERD_LIBS)

# The reader of reports is no part of the core: its target brings it along.
$(B)/fuzz/dmarcread_fuzz: tests/fuzz/dmarcread_fuzz.c $(FUZZ_MAIN) \
		$(filter-out %/main.o %/sandbox.o,$(READ_OBJ)) $(B)/libcore.a
	@mkdir -p $(@D)
	$(SAY) FUZZ $@
	$(Q)$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDFLAGS) $(FUZZ_LINK) \
		$(READ_LIBS) $(DL_LIBS)

unit: $(UNIT_BIN) $(MODULES_OUT)
bench-build: $(BENCH_BIN) $(MODULES_OUT)
fuzz-build: $(FUZZ_BIN) $(MODULES_OUT)

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer

check:
	$(MAKE) WERROR=-Werror all unit bench-build
	B=$(B) tests/run

# At fixed addresses: else each start writes a quarter of a million of them.
asan-build:
	$(MAKE) B=build-asan OPT=-O1 EXTRA="$(SANITIZE)" PIE=-no-pie all unit

# what tools/check needs after its first tests
sanitized-builds: asan-build
	tests/fuzz/smoke --build

check-asan: asan-build
	B=build-asan ASAN_OPTIONS=detect_leaks=1 \
		UBSAN_OPTIONS=print_stacktrace=1 tests/run --light unit e2e

check-valgrind: all unit
	B=$(B) tests/valgrind

analyze:
	$(MAKE) B=build-analyze OPT=-O1 EXTRA=-fanalyzer all
	if command -v cppcheck >/dev/null; then \
		cppcheck -q -j2 --std=c11 --enable=warning,performance,portability \
			--inline-suppr --error-exitcode=1 -I. core cmd tui; fi

fuzz-smoke:
	tests/fuzz/smoke

coverage:
	$(MAKE) B=build-coverage OPT=-O0 EXTRA=--coverage all unit
	B=build-coverage tests/run
	tests/coverage build-coverage

bench: all bench-build
	B=$(B) tests/bench/run

# Everything that is installed, as MODE:SOURCE:PLACE; a mode of "link" makes a
# symbolic link to SOURCE. install, installcheck and uninstall read this list.
INSTALL_LIST = \
	0755:$(B)/smemail:$(BINDIR)/smemail \
	0755:$(B)/smemail-filterd:$(BINDIR)/smemail-filterd \
	0755:$(CODEC):$(LIBEXECDIR)/$(notdir $(CODEC)) \
	0755:$(SPF2):$(LIBEXECDIR)/$(notdir $(SPF2)) \
	0755:$(READ):$(LIBEXECDIR)/$(notdir $(READ)) \
	$(foreach l,$(LINKS),link:$(BINDIR)/smemail:$(LIBEXECDIR)/$(l)) \
	$(foreach m,$(MODULES),\
		0644:$(B)/libexec/smemail-$(m).so:$(LIBEXECDIR)/smemail-$(m).so) \
	$(foreach m,$(MAN_PAGES),\
		0644:$(B)/man/$(m):$(MANDIR)/man$(lastword $(subst ., ,$(m)))/$(m)) \
	$(foreach l,$(LANGUAGES),\
		0644:$(B)/locale/$(l)/LC_MESSAGES/smemail.mo:$(LOCALEDIR)/$(l)/LC_MESSAGES/smemail.mo) \
	$(foreach f,$(PERL_FILES),\
		0644:$(f):$(DATADIR)/perl/$(f:share/perl/%=%)) \
	0644:completions/smemail.bash:$(PREFIX)/share/bash-completion/completions/smemail \
	0644:completions/smemail.zsh:$(PREFIX)/share/zsh/site-functions/_smemail \
	0644:completions/smemail.fish:$(PREFIX)/share/fish/vendor_completions.d/smemail.fish

install: all
	tools/install put "$(DESTDIR)" $(INSTALL_LIST)

installcheck:
	tools/install check "$(DESTDIR)" $(INSTALL_LIST)

uninstall:
	tools/install remove "$(DESTDIR)" $(INSTALL_LIST)

po:
	tools/po

clean:
	rm -rf $(B)

-include $(CORE_OBJ:.o=.d) \
	$(patsubst %.c,$(B)/pic/%.d,$(SHARED_SRC) $(MODULE_SRC)) $(FILTERD_OBJ:.o=.d) \
	$(CODEC_OBJ:.o=.d) $(SPF2_OBJ:.o=.d) $(READ_OBJ:.o=.d) $(CLI_OBJ:.o=.d) \
	$(MAIN_OBJ:.o=.d) $(SUPPORT_OBJ:.o=.d) $(UNIT_BIN:%=%.d) $(BENCH_BIN:%=%.d)
