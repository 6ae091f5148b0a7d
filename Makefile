# smemail: control tool and filter daemon. Objects go to $(B); sources are
# found by folder, dependencies by the compiler (-MMD).

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
	-include core/base/banned.h
CFLAGS   ?= $(OPT) -g
ALL_CFLAGS = -std=c17 $(CPPFLAGS) $(WARN) $(WERROR) $(HARDEN) $(CFLAGS) $(EXTRA)
LDFLAGS  += -pthread -pie -Wl,-z,relro,-z,now $(EXTRA)

# Libraries, each overridable. smemail links what its screens and shell need;
# the daemon links neither ncurses nor readline.
NCURSES_CFLAGS  ?= $(shell $(PKG_CONFIG) --cflags ncursesw)
NCURSES_LIBS    ?= $(shell $(PKG_CONFIG) --libs ncursesw)
READLINE_LIBS   ?= $(shell $(PKG_CONFIG) --libs readline)
PCRE2_CFLAGS    ?= $(shell $(PKG_CONFIG) --cflags libpcre2-8)
PCRE2_LIBS      ?= $(shell $(PKG_CONFIG) --libs libpcre2-8)
SECCOMP_LIBS    ?= $(shell $(PKG_CONFIG) --libs libseccomp)
CMOCKA_LIBS     ?= $(shell $(PKG_CONFIG) --libs cmocka)
CLI_LIBS         = $(NCURSES_LIBS) $(READLINE_LIBS) $(PCRE2_LIBS)
FILTERD_LIBS     = $(PCRE2_LIBS) $(SECCOMP_LIBS)
UNIT_LIBS        = $(CMOCKA_LIBS) $(PCRE2_LIBS)

CORE_SRC    := $(sort $(wildcard core/*/*.c))
FILTERD_SRC := $(sort $(wildcard cmd/filterd/*.c))
CLI_SRC     := $(sort $(wildcard cmd/*.c cmd/shell/*.c tui/*.c tui/*/*.c))
UNIT_SRC    := $(sort $(wildcard tests/unit/*_test.c))

CORE_OBJ    := $(CORE_SRC:%.c=$(B)/obj/%.o)
FILTERD_OBJ := $(FILTERD_SRC:%.c=$(B)/obj/%.o)
CLI_OBJ     := $(CLI_SRC:%.c=$(B)/obj/%.o)
UNIT_BIN    := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)

.PHONY: all clean check check-asan unit
all: $(B)/smemail $(B)/smemail-filterd

$(B)/smemail: $(CLI_OBJ) $(B)/libcore.a
	$(SAY) LD $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(CLI_LIBS)

$(B)/smemail-filterd: $(FILTERD_OBJ) $(B)/libcore.a
	$(SAY) LD $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(FILTERD_LIBS)

$(B)/libcore.a: $(CORE_OBJ)
	@rm -f $@
	$(SAY) AR $@
	$(Q)$(AR) rcs $@ $^

$(B)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(SAY) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) $(NCURSES_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/unit/%: tests/unit/%.c $(B)/libcore.a
	@mkdir -p $(@D)
	$(SAY) TEST $@
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(B)/libcore.a $(LDFLAGS) $(UNIT_LIBS)

unit: $(UNIT_BIN)

clean:
	rm -rf $(B)

-include $(CORE_OBJ:.o=.d) $(FILTERD_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(UNIT_BIN:%=%.d)
