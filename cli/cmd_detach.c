// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "attach.h"
#include "command.h"
#include "counters.h"
#include "driver.h"
#include "errname.h"
#include "json.h"
#include "kmsg.h"
#include "nd.h"
#include "obstacle.h"
#include "options.h"
#include "paths.h"
#include "say.h"
#include "state.h"

/* Quiescing gives the pins a second of its own */
#define PAUSE_NS 200000000

static u64 timeout;
static bool force;

static const struct verb_option options[] = {
	{ OPTION_NUMBER, 't', "timeout", &timeout, "SECONDS",
	  "wait so long for it to become free (default: 0)" },
	{ OPTION_FLAG, 'f', "force", &force, NULL,
	  "revoke mappings, and let the kernel wait for pinned pages" },
	{ 0 },
};

static u64 now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static void complain(const char *name, const struct obstacle *o)
{
	char text[OBSTACLE_TEXT];

	obstacle_print(o, text);
	say("%s: not detached (EBUSY): %s", name, text);
}

/* Where the kernel has begun, nobody should stop half-way to the stock driver */
static void block_signals(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, before);
}

/*
 * Quiescing revokes mappings, so it is not even asked for while there is somebody who
 * would be hit, unless that is wanted. Nobody can use the namespace once it is quiesced:
 * signals stay blocked then.
 */
static int ask(const char *name, struct obstacle *o)
{
	sigset_t before;
	int rc;

	obstacle_look(name, o);
	if (!force && obstacle_is_there(o))
		return -EBUSY;
	block_signals(&before);
	rc = driver_write("quiesce", name);
	if (rc)
		sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}

static int quiesce(const char *name)
{
	const u64 now = now_ms();
	const u64 deadline =
		timeout < (~0ULL - now) / 1000 ? now + timeout * 1000 : ~0ULL;
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	struct kmsg_words words;
	struct obstacle o;
	int log, rc;

	for (;;) {
		log = kmsg_open();
		rc = ask(name, &o);
		if (rc != -EBUSY || now_ms() >= deadline)
			break;
		if (log >= 0)
			close(log);
		nanosleep(&pause, NULL);
	}
	if (!rc && o.references)
		say("%s: other modules hold %llu references to it: the kernel waits for them now, which nothing can interrupt",
		    name, o.references);
	if (!rc) {
		if (log >= 0)
			close(log);
		return STATUS_OK;
	}
	if (rc == -EBUSY && force) {
		say("%s: it is not free: the kernel waits for that now, which nothing can interrupt, and says in its log what for",
		    name);
		kmsg_hear(log, name, true, &words);
		return STATUS_OK;
	}
	obstacle_look(name, &o);
	if (rc == -EBUSY) {
		complain(name, &o);
	} else {
		say("%s: not detached: writing to 'quiesce' gives %s", name,
		    error_name(rc));
	}
	kmsg_hear(log, name, true, &words);
	return rc == -EBUSY ? STATUS_REFUSED : STATUS_FAILED;
}

static int unbind(const char *name, struct json_object *detached)
{
	struct kmsg_words words;
	int log = kmsg_open();
	int rc;

	block_signals(NULL);
	rc = driver_write_slowly("unbind", name, "removing its memory");
	if (rc)
		say("%s: not detached: writing to 'unbind' gives %s", name,
		    error_name(rc));
	kmsg_hear(log, name, rc, &words);
	if (rc) {
		driver_write("resume", name);
		return STATUS_FAILED;
	}
	if (words.unusable) {
		say("%s has no driver now: the kernel keeps a part of it, so it is not given back: reboot before it is used",
		    name);
		return STATUS_DRIVERLESS;
	}
	return return_to_stock(name, detached);
}

static int check(const char *name)
{
	struct ndctl_ctx *ctx = nd_open();
	struct nd_space space;
	int status = STATUS_OK;

	if (!ctx)
		return STATUS_FAILED;
	if (!nd_find(ctx, name, &space)) {
		status = not_a_namespace(name);
	} else if (!nd_ours(&space)) {
		say("%s is not attached, it is %s: see 'altmapctl list'", name,
		    nd_mode(&space));
		status = STATUS_REFUSED;
	}
	ndctl_unref(ctx);
	return status;
}

static int detach_locked(const char *name, struct json_object *detached)
{
	int status = check(name);

	if (status)
		return status;
	if (!force && counters_there()) {
		say("%s: not detached: without the module's files in debugfs nobody can say whether it is in use: run 'mount -t debugfs debugfs " PATH_DEBUGFS
		    "', or detach it with --force, whoever uses it",
		    name);
		return STATUS_NO_MODULE;
	}
	status = quiesce(name);
	return status ? status : unbind(name, detached);
}

static int detach(const char *wanted, struct json_object *detached)
{
	char name[NAME_LENGTH];
	int lock, status;

	if (!state_name(wanted, name))
		return not_a_namespace(wanted);
	lock = state_lock(name, STATE_WAIT_MS);
	if (lock < 0)
		return -lock;
	status = detach_locked(name, detached);
	close(lock);
	return status;
}

int cmd_detach(int argc, char **argv)
{
	int first = options_parse(options, "NAMESPACE [OPTIONS]", argc, argv);
	struct json_object *report, *detached;
	int status;

	if (first < 0)
		return first == OPTIONS_DONE ? STATUS_OK : STATUS_USAGE;
	if (argc - first != 1) {
		say("detach: name one namespace: see 'altmapctl detach --help'");
		return STATUS_USAGE;
	}
	if (geteuid()) {
		say("detach: only root can: run this as root");
		return STATUS_FAILED;
	}
	report = json_report();
	detached = json_object_new_array();
	json_object_object_add(report, "detached", detached);
	status = detach(argv[first], detached);
	if (status) {
		json_object_put(report);
		return status;
	}
	status = json_print(report);
	say_note("detached 1 namespace");
	return status;
}
