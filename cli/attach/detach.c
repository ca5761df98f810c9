// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "attach/attach.h"
#include "attach/detach.h"
#include "libnvdimm/nd.h"
#include "module/counters.h"
#include "module/driver.h"
#include "module/state.h"
#include "output/say.h"
#include "output/status.h"
#include "output/text.h"
#include "system/kmsg.h"
#include "system/namespace.h"
#include "system/paths.h"
#include "use/obstacle.h"

/* Between two attempts; the kernel waits for pins for a second in each of them */
#define PAUSE_NS 200000000

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

/* An interrupt after this would leave the namespace quiesced, or without a driver */
static void block_signals(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, before);
}

/*
 * Quiescing revokes mappings, so the kernel is not asked for it while anything is in the
 * way, unless that is wanted. Once the namespace is quiesced, nobody can use it: signals
 * stay blocked from there to the end.
 */
static int ask(const char *name, bool force, struct obstacle *o)
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

static int quiesce(const char *name, const struct detach_how *how)
{
	const u64 now = now_ms();
	const u64 deadline = how->timeout < (~0ULL - now) / 1000 ?
				     now + how->timeout * 1000 :
				     ~0ULL;
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	struct kmsg_words words;
	struct obstacle o;
	int log, rc;

	for (;;) {
		log = kmsg_open();
		rc = ask(name, how->force, &o);
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
	if (rc == -EBUSY && how->force) {
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

static int detach_locked(const char *name, const struct detach_how *how,
			 struct json_object *detached)
{
	int status = check(name);

	if (status)
		return status;
	if (!how->force && counters_there()) {
		say("%s: not detached: without the module's files in debugfs nobody can say whether it is in use: run 'mount -t debugfs debugfs " PATH_DEBUGFS
		    "', or detach it with --force, which revokes whatever is mapped",
		    name);
		return STATUS_NO_MODULE;
	}
	status = quiesce(name, how);
	return status ? status : unbind(name, detached);
}

/**
 * detach_namespace - detach a namespace and give it back to the stock driver
 * @wanted: its name, as it was typed
 * @how: what to do if it is in use
 * @detached: an array to which the namespace is added as it is then
 *
 * Return: a status. A message says whatever is wrong.
 */
int detach_namespace(const char *wanted, const struct detach_how *how,
		     struct json_object *detached)
{
	char name[NAME_LENGTH];
	int lock, status;

	if (!name_find(wanted, name))
		return not_a_namespace(wanted);
	lock = state_lock(name, STATE_WAIT_MS);
	if (lock < 0)
		return -lock;
	status = detach_locked(name, how, detached);
	close(lock);
	return status;
}
