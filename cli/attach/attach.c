// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>

#include "attach/attach.h"
#include "forecast/plan.h"
#include "libnvdimm/head.h"
#include "libnvdimm/nd.h"
#include "module/as_json.h"
#include "module/counters.h"
#include "module/driver.h"
#include "module/state.h"
#include "output/json.h"
#include "output/say.h"
#include "output/status.h"
#include "output/text.h"
#include "system/kmsg.h"
#include "system/namespace.h"

static int report_attached(const char *name, struct json_object *attached,
			   bool human)
{
	struct counters c;
	struct place place;
	bool known;
	int rc;

	rc = counters_read(name, &c);
	if (rc) {
		say("%s is attached, but its counters cannot be read (%s): is debugfs mounted?",
		    name, error_name(rc));
		return STATUS_NO_MODULE;
	}
	known = place_find(name, &place);
	json_object_array_add(attached, provider_json(&c, known ? &place : NULL,
						      false, human));
	return STATUS_OK;
}

/**
 * return_to_stock - give a namespace without a driver to the stock drivers
 * @name: of the namespace
 * @returned: an array to which the namespace is added as it is then, or NULL
 *
 * Return: STATUS_OK, STATUS_DRIVERLESS, or STATUS_FAILED if pmem_altmap has the namespace.
 * A message says which, unless it is STATUS_OK.
 */
int return_to_stock(const char *name, struct json_object *returned)
{
	struct daxctl_dev *dev;
	struct ndctl_ctx *ctx;
	struct nd_space space;
	int rc;

	rc = nd_give_back(name, &space, &ctx);
	if (rc == -EALREADY) {
		say("%s is not given back: another process has bound it to pmem_altmap meanwhile: see 'altmapctl list'",
		    name);
		return STATUS_FAILED;
	}
	if (rc) {
		say("%s has no driver now: the stock driver does not take it (%s): see the kernel log, then run 'ndctl enable-namespace %s'; its data is as it was",
		    name, error_name(rc), name);
		return STATUS_DRIVERLESS;
	}
	if (returned) {
		struct json_object *object = json_object_new_object();

		json_add_text(object, "namespace", name);
		json_add_text(object, "mode", nd_mode(&space));
		dev = nd_daxdev(&space);
		if (dev)
			json_add_text(object, "chardev",
				      daxctl_dev_get_devname(dev));
		json_object_array_add(returned, object);
	}
	ndctl_unref(ctx);
	return STATUS_OK;
}

/**
 * not_a_namespace - say that a name is no namespace's
 * @name: as it was typed
 *
 * Return: STATUS_REFUSED if another module added a device of that name, or
 * STATUS_NOT_FOUND.
 */
int not_a_namespace(const char *name)
{
	if (counters_of_other(name)) {
		say("%s is no namespace: another module added it, and only that can remove it",
		    name);
		return STATUS_REFUSED;
	}
	say("%s: no such namespace: see 'ndctl list -Ni'", name);
	return STATUS_NOT_FOUND;
}

/*
 * All reasons for a refusal are said at once, before anything is touched. That the info
 * block cannot be read from here, such as under lockdown, is none: the kernel can read it.
 */
static int check(const struct nd_space *space)
{
	struct plan plan;
	int i;

	plan_namespace(&plan, space, 0);
	for (i = plan.closed; i < plan.refusals.n; i++)
		say("%s: not attached (%s): %s", space->name,
		    error_name(plan.refusals.list[i].error),
		    plan.refusals.list[i].text);
	return plan.refusals.n > plan.closed ? STATUS_REFUSED : STATUS_OK;
}

static int disable_stock(const struct nd_space *space)
{
	struct ndctl_ctx *ctx;
	struct nd_space now;
	int rc, status = STATUS_REFUSED;

	rc = ndctl_namespace_disable_safe(space->ndns);
	if (rc >= 0)
		return STATUS_OK;
	say("%s: not attached: the stock driver does not let it go (%s): it is in use, see 'altmapctl plan %s'",
	    space->name, error_name(rc), space->name);
	/* The namespace may have lost its driver before the step that failed */
	ctx = nd_open();
	if (!ctx)
		return STATUS_FAILED;
	if (!nd_find(ctx, space->name, &now) || !nd_in_use(&now))
		status = return_to_stock(space->name, NULL);
	ndctl_unref(ctx);
	return status ? status : STATUS_FAILED;
}

/* After STATUS_DRIVERLESS, no other driver may be given the namespace */
static int bind_ours(const char *name)
{
	struct kmsg_words words;
	const char *step = "allow";
	int log = kmsg_open();
	int rc;

	rc = driver_write(step, name);
	if (!rc) {
		step = "bind";
		rc = driver_write_slowly(step, name, "adding its memory");
	}
	if (rc)
		say("%s: not attached: writing to '%s' gives %s", name, step,
		    error_name(rc));
	kmsg_hear(log, name, rc, &words);
	if (!rc)
		return STATUS_OK;
	if (words.unusable) {
		say("%s has no driver now: the kernel keeps a part of it, so it is not given back: reboot before it is used",
		    name);
		return STATUS_DRIVERLESS;
	}
	if (!words.lines)
		say("%s: the kernel log says no more: see 'altmapctl doctor'",
		    name);
	return STATUS_FAILED;
}

/*
 * The namespace had no driver, so none is given it back. Another process may have bound it
 * since then.
 */
static void say_left(const char *name)
{
	struct ndctl_ctx *ctx = nd_open();
	struct nd_space now;

	if (!ctx)
		return;
	if (!nd_find(ctx, name, &now))
		say("%s is not there any more", name);
	else if (nd_ours(&now) || nd_in_use(&now))
		say("%s was disabled, and another process has bound it meanwhile: its mode is %s now",
		    name, nd_mode(&now));
	else
		say("%s is disabled, as it was before", name);
	ndctl_unref(ctx);
}

/*
 * From the disabling on, each way out has to leave the namespace with a driver, or say that
 * it has none.
 */
static int dance(const struct nd_space *space)
{
	bool had_driver = nd_in_use(space);
	int status, back;

	if (had_driver) {
		status = disable_stock(space);
		if (status)
			return status;
	}
	status = bind_ours(space->name);
	if (!status || status == STATUS_DRIVERLESS)
		return status;
	if (!had_driver) {
		say_left(space->name);
		return status;
	}
	back = return_to_stock(space->name, NULL);
	if (back)
		return back;
	say("%s is back with the stock driver", space->name);
	return status;
}

static void remember(const struct nd_space *space, const char *uuid, int lock)
{
	struct counters c;

	if (!counters_read(space->name, &c))
		state_remember(lock, &c, uuid);
}

static int attach(const struct nd_space *space, int lock)
{
	char uuid[UUID_TEXT];
	sigset_t all, before;
	bool known;
	int status;

	status = check(space);
	if (!status)
		status = driver_load();
	/* Without the module's files, nobody could see what became of the namespace */
	if (!status)
		status = counters_available();
	if (status)
		return status;
	known = head_uuid(space, uuid);

	/* A Ctrl-C would leave the namespace without a driver */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	status = dance(space);
	if (!status && known)
		remember(space, uuid, lock);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}

/* The process that had the lock may have destroyed and created the namespace */
static int another_now(const char *name)
{
	say("%s: not attached: it was created anew meanwhile, and is not what the configuration names: see 'ndctl list -Niv'",
	    name);
	return STATUS_REFUSED;
}

static int attach_locked(const char *name, int lock, const struct meant *meant,
			 struct json_object *attached, bool human)
{
	struct nd_space space;
	struct ndctl_ctx *ctx;
	int status = STATUS_OK;
	int rc;

	/* At boot the stock driver may be about to take the namespace */
	rc = nd_find_settled(name, &space, &ctx);
	if (rc == -ENOMEM)
		return STATUS_FAILED;
	if (rc)
		status = not_a_namespace(name);
	else if (nd_ours(&space))
		say_note("%s is attached already", name);
	else if (meant && !meant->is(&space, meant->data))
		status = another_now(name);
	else
		status = attach(&space, lock);
	if (!status)
		status = report_attached(name, attached, human);
	ndctl_unref(ctx);
	return status;
}

/**
 * attach_namespace - take a namespace from the stock driver and attach it
 * @name: of the namespace
 * @meant: what it has to be, or NULL. That is looked at under the namespace's lock
 * @attached: an array to which it is added
 * @human: print sizes with units
 *
 * A namespace that is attached already is reported, and nothing is done to it.
 *
 * Return: a status. A message says whatever is wrong.
 */
int attach_namespace(const char *name, const struct meant *meant,
		     struct json_object *attached, bool human)
{
	char full[NAME_LENGTH];
	int lock, status;

	if (!name_find(name, full))
		return not_a_namespace(name);
	lock = state_lock(full, STATE_WAIT_MS);
	if (lock < 0)
		return -lock;
	status = attach_locked(full, lock, meant, attached, human);
	close(lock);
	return status;
}
