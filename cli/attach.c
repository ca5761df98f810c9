// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>

#include "attach.h"
#include "command.h"
#include "driver.h"
#include "errname.h"
#include "json.h"
#include "kmsg.h"
#include "plan.h"
#include "provider.h"
#include "say.h"

static int report_attached(const char *name, struct json_object *attached,
			   bool human)
{
	struct ndctl_ctx *ctx;
	struct nd_space space;
	struct counters c;
	bool known;
	int rc;

	rc = counters_read(name, &c);
	if (rc) {
		say("%s is attached, but its counters cannot be read (%s): is debugfs mounted?",
		    name, error_name(rc));
		return STATUS_NO_MODULE;
	}
	ctx = nd_open();
	known = ctx && nd_find(ctx, name, &space);
	json_object_array_add(attached, provider_json(&c, known ? &space : NULL,
						      false, human));
	if (ctx)
		ndctl_unref(ctx);
	return STATUS_OK;
}

/**
 * return_to_stock - give a namespace without a driver to the stock drivers
 * @name: of the namespace
 * @returned: an array that gets what it is then, or NULL
 *
 * Return: STATUS_OK or STATUS_DRIVERLESS, which is said.
 */
int return_to_stock(const char *name, struct json_object *returned)
{
	struct daxctl_dev *dev;
	struct ndctl_ctx *ctx;
	struct nd_space space;
	int rc;

	rc = nd_give_back(name, &space, &ctx);
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

/* All reasons at once, before anything is touched */
static int check(const struct nd_space *space)
{
	struct plan plan;
	int i;

	plan_namespace(&plan, space, 0);
	for (i = 0; i < plan.n_refusals; i++)
		say("%s: not attached (%s): %s", space->name,
		    error_name(plan.refusals[i].error), plan.refusals[i].text);
	return plan.n_refusals ? STATUS_REFUSED : STATUS_OK;
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
	/* It may have got half-way */
	ctx = nd_open();
	if (!ctx)
		return STATUS_FAILED;
	if (!nd_find(ctx, space->name, &now) || !nd_in_use(&now))
		status = return_to_stock(space->name, NULL);
	ndctl_unref(ctx);
	return status ? status : STATUS_FAILED;
}

/* With STATUS_DRIVERLESS, no other driver may have it */
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

/* From disabling on, who was asked for a namespace has to answer for it */
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
		say("%s is disabled, as it was before", space->name);
		return status;
	}
	back = return_to_stock(space->name, NULL);
	if (back)
		return back;
	say("%s is back with the stock driver", space->name);
	return status;
}

/**
 * attach_namespace - take a namespace from the stock driver and attach it
 * @name: of the namespace
 * @attached: an array that gets it
 * @human: with units
 *
 * One that is attached already is left alone and reported.
 *
 * Return: a status; whatever is wrong is said.
 */
int attach_namespace(const char *name, struct json_object *attached, bool human)
{
	sigset_t all, before;
	struct nd_space space;
	struct ndctl_ctx *ctx;
	int status;

	ctx = nd_open();
	if (!ctx)
		return STATUS_FAILED;
	nd_settle(ctx);
	if (!nd_find(ctx, name, &space)) {
		say("%s: no such namespace: see 'ndctl list -Ni'", name);
		status = STATUS_NOT_FOUND;
	} else if (nd_ours(&space)) {
		say("%s is attached already", space.name);
		status = STATUS_OK;
	} else {
		status = check(&space);
		if (!status)
			status = driver_load();
		if (!status) {
			/* Nobody should be left without a driver by a Ctrl-C */
			sigfillset(&all);
			sigprocmask(SIG_BLOCK, &all, &before);
			status = dance(&space);
			sigprocmask(SIG_SETMASK, &before, NULL);
		}
	}
	if (!status)
		status = report_attached(space.name, attached, human);
	ndctl_unref(ctx);
	return status;
}
