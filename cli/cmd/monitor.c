// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/options.h"
#include "module/as_json.h"
#include "module/counters.h"
#include "module/driver.h"
#include "module/pagemaps.h"
#include "output/json.h"
#include "output/say.h"
#include "output/standard.h"
#include "system/paths.h"

/* Some changes come without an event, or a moment after their event */
#define PERIOD_MS 1000

static u64 count;
static bool human, present;

static const struct verb_option options[] = {
	{ OPTION_NUMBER, 'n', "count", &count, "NUMBER",
	  "end after so many lines" },
	{ OPTION_FLAG, 'p', "present", &present, NULL,
	  "begin with what is there already" },
	{ OPTION_FLAG, 'u', "human", &human, NULL, "sizes with units" },
	{ 0 },
};

/**
 * struct sight - what there was at one moment
 * @blind: the module was loaded, but without its files, so that nothing else is known
 * @providers: attached namespaces, by name
 * @n: how many
 * @visible: the module could say which pagemaps there were
 * @pagemaps: all of the system
 */
struct sight {
	bool blind;
	struct counters *providers;
	size_t n;
	bool visible;
	struct pagemaps pagemaps;
};

static u64 printed;

static int keep(const struct counters *c, void *data)
{
	struct sight *sight = data;
	struct counters *more =
		realloc(sight->providers, (sight->n + 1) * sizeof(*more));

	if (!more)
		return STATUS_FAILED;
	sight->providers = more;
	more[sight->n++] = *c;
	return STATUS_OK;
}

/*
 * While a namespace is being bound or unbound, nobody can say which driver its pagemap
 * belongs to. Then a pagemap that was there before keeps its former driver, and a new one
 * is left to the next look.
 */
static void settle(struct pagemaps *now, const struct pagemaps *before)
{
	struct pagemap *e = now->entries;
	size_t i, n = 0, from;

	for (from = 0; from < now->n; from++) {
		e[n] = e[from];
		for (i = 0; *e[n].owner && !*e[n].driver && i < before->n; i++)
			if (before->entries[i].start == e[n].start &&
			    before->entries[i].size == e[n].size)
				e[n] = before->entries[i];
		if (!*e[n].owner || *e[n].driver)
			n++;
	}
	now->n = n;
}

static bool is_provider(const struct sight *sight, const struct pagemap *e)
{
	size_t i;

	for (i = 0; i < sight->n; i++)
		if (sight->providers[i].base_pfn * 4096 == e->start)
			return true;
	return false;
}

/*
 * A provider is printed as a provider, not as a pagemap. Its pagemap may be seen a moment
 * before or after the provider, and must not be printed then.
 */
static void drop_providers(struct sight *now, const struct sight *before)
{
	struct pagemap *e = now->pagemaps.entries;
	size_t n = 0, from;

	for (from = 0; from < now->pagemaps.n; from++)
		if (strcmp(e[from].driver, "pmem_altmap") &&
		    !is_provider(now, &e[from]) &&
		    !is_provider(before, &e[from]))
			e[n++] = e[from];
	now->pagemaps.n = n;
}

static int look_at_pagemaps(struct sight *sight, const struct sight *before)
{
	char path[PATH_MAX];
	int status;

	if (access(path_of(path, PATH_MODULE "/altmaps_json"), F_OK))
		return STATUS_OK;
	status = pagemaps_load(&sight->pagemaps);
	/* The file has gone since access() */
	if (status == STATUS_NO_MODULE)
		return STATUS_OK;
	sight->visible = !status;
	if (!status)
		settle(&sight->pagemaps, &before->pagemaps);
	return status;
}

/*
 * An unloaded module has nothing attached, and may be loaded again. Whether it is loaded is
 * asked of its driver, since its files have gone as well where debugfs was unmounted.
 */
static int look(struct sight *sight, const struct sight *before)
{
	int rc, status;

	memset(sight, 0, sizeof(*sight));
	if (!driver_loaded())
		return STATUS_OK;
	rc = counters_there();
	sight->blind = rc == -ENOENT;
	if (rc)
		return sight->blind ? STATUS_OK : counters_available();
	status = look_at_pagemaps(sight, before);
	if (!status)
		status = counters_each(keep, sight);
	drop_providers(sight, before);
	/* Had the files gone while they were read, things would seem to be removed */
	sight->blind = !driver_loaded() || counters_there();
	return sight->blind ? STATUS_OK : status;
}

static void forget(struct sight *sight)
{
	free(sight->providers);
	pagemaps_free(&sight->pagemaps);
}

static bool enough(void)
{
	return count && printed >= count;
}

static int print(const char *event, const char *what,
		 struct json_object *object)
{
	struct json_object *line = json_report();

	json_add_text(line, "event", event);
	json_object_object_add(line, what, object);
	printed++;
	return json_print_line(line);
}

static bool has_provider(const struct sight *sight, const struct counters *c)
{
	size_t i;

	for (i = 0; i < sight->n; i++)
		if (!strcmp(sight->providers[i].name, c->name) &&
		    sight->providers[i].base_pfn == c->base_pfn &&
		    sight->providers[i].attach_ns == c->attach_ns)
			return true;
	return false;
}

static bool has_pagemap(const struct sight *sight, const struct pagemap *e)
{
	size_t i;

	for (i = 0; i < sight->pagemaps.n; i++)
		if (pagemap_same(&sight->pagemaps.entries[i], e))
			return true;
	return false;
}

/* Prints what is in @there and not in @here */
static int print_missing(const char *event, const struct sight *there,
			 const struct sight *here)
{
	int status = STATUS_OK;
	size_t i;

	for (i = 0; i < there->n && !status && !enough(); i++)
		if (!has_provider(here, &there->providers[i]))
			status = print(event, "provider",
				       provider_json(&there->providers[i], NULL,
						     false, human));
	/* Loading and unloading the module shows or hides pagemaps, and changes none */
	if (there->visible != here->visible)
		return status;
	for (i = 0; i < there->pagemaps.n && !status && !enough(); i++) {
		const struct pagemap *e = &there->pagemaps.entries[i];

		if (!has_pagemap(here, e))
			status =
				print(event, "pagemap", pagemap_json(e, human));
	}
	return status;
}

/* Returns a descriptor that hears the kernel's events of devices, or a negative errno */
static int uevents_open(void)
{
	/* The kernel's own group, not udev's, which says nothing where udev does not run */
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK,
					     .nl_groups = 1 };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_KOBJECT_UEVENT);

	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address))) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd;
}

/*
 * Waits until something has changed, or for some time. The caller finds out what has
 * changed, so that a lost event does no harm.
 */
static int uevents_wait(int fd, int timeout_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	char event[4096];
	int n;

	n = poll(&poll_fd, 1, timeout_ms);
	if (n < 0 && errno != EINTR)
		return -errno;
	while (n > 0 && recv(fd, event, sizeof(event), 0) > 0)
		;
	return 0;
}

static int wait_and_compare(int fd, struct sight *before)
{
	static unsigned int blind_looks;
	int rc = uevents_wait(fd, PERIOD_MS);
	struct sight now;
	int status;

	if (rc) {
		say("cannot wait for events: %s", strerror(-rc));
		return STATUS_FAILED;
	}
	status = look(&now, before);
	if (!status && now.blind) {
		/* For a moment, the module may be about to be unloaded */
		if (++blind_looks == 3)
			say("pmem_altmap has no files in debugfs any more: nothing is seen until 'mount -t debugfs debugfs " PATH_DEBUGFS
			    "'");
		forget(&now);
		return STATUS_OK;
	}
	blind_looks = 0;
	if (!status)
		status = print_missing("remove", before, &now);
	if (!status)
		status = print_missing("add", &now, before);
	forget(before);
	*before = now;
	return status;
}

static int follow(int fd)
{
	struct sight nothing = { 0 }, before;
	int status;

	status = look(&before, &nothing);
	if (!status && before.blind)
		status = counters_available();
	nothing.visible = before.visible;
	if (!status && present)
		status = print_missing("present", &before, &nothing);
	while (!status && !enough())
		status = output_has_reader() ? wait_and_compare(fd, &before) :
					       STATUS_FAILED;
	forget(&before);
	return status;
}

int cmd_monitor(int argc, char **argv)
{
	int first = options_parse(options, "[OPTIONS]", argc, argv);
	int fd, status;

	if (first < 0)
		return first == OPTIONS_DONE ? STATUS_OK : STATUS_USAGE;
	if (first != argc) {
		say("monitor: '%s' is one word too many", argv[first]);
		return STATUS_USAGE;
	}
	fd = uevents_open();
	if (fd < 0) {
		say("cannot listen to the kernel's events: %s", strerror(-fd));
		return STATUS_FAILED;
	}
	status = follow(fd);
	close(fd);
	return status;
}
