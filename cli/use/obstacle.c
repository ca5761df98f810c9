// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "module/counters.h"
#include "output/text.h"
#include "system/namespace.h"
#include "system/paths.h"
#include "use/obstacle.h"

static void unread(struct obstacle *o, int error, const char *what)
{
	o->error = error;
	snprintf(o->unread, sizeof(o->unread), "%s", what);
}

static int look_at_counters(const char *name, struct obstacle *o)
{
	struct counters c;
	char file[PATH_MAX];
	int rc;

	rc = counters_read(name, &c);
	if (!rc)
		rc = counters_pinned(&c);
	if (rc) {
		unread(o, rc,
		       path_of(file, PATH_PROVIDERS "/%s/%s", name, c.unread));
		return rc;
	}
	o->pinned = c.pinned;
	o->mappings = c.mappings;
	o->references = c.users;
	return 0;
}

/**
 * obstacle_look - see who uses an attached namespace
 * @name: of the namespace
 * @o: filled in
 *
 * What cannot be read is an obstacle, not a zero: detaching would revoke mappings that
 * nobody has seen.
 */
void obstacle_look(const char *name, struct obstacle *o)
{
	struct node node;
	char text[128];
	int blind;
	int rc;

	memset(o, 0, sizeof(*o));
	if (look_at_counters(name, o))
		return;
	rc = node_find(name, &node);
	/* Without a node nobody can open the namespace, and mappings have been counted */
	if (rc == -ENOENT)
		return;
	if (rc) {
		unread(o, rc, "the number of its device node in sysfs");
		return;
	}
	o->n_users = users_find(node.dev, o->users, OBSTACLE_USERS, &blind);
	if (blind && !o->n_users) {
		snprintf(
			text, sizeof(text),
			"what some processes have open, in /proc, such as /dev/%s",
			node.name);
		unread(o, -blind, text);
	}
}

/**
 * obstacle_is_there - is there anything in the way, as far as it was seen?
 * @o: from obstacle_look()
 */
bool obstacle_is_there(const struct obstacle *o)
{
	return o->error || o->n_users || o->mappings || o->pinned ||
	       o->references;
}

static const char *remedy(int error)
{
	switch (-error) {
	case EMFILE:
	case ENFILE:
		return "allow more open files ('ulimit -n')";
	case EACCES:
	case EPERM:
		return "run this as root with all capabilities";
	case ENOENT:
		return "see 'altmapctl doctor'";
	default:
		return "try again";
	}
}

static void print_unread(const struct obstacle *o, char text[OBSTACLE_TEXT])
{
	snprintf(
		text, OBSTACLE_TEXT,
		"%s cannot be read (%s), so nobody knows whether it is in use: %s, or detach it with --force, which revokes whatever is mapped",
		o->unread, error_name(o->error), remedy(o->error));
}

/**
 * obstacle_print - say what is in the way, and what to do
 * @o: from obstacle_look(), after which the kernel said EBUSY or was not asked
 * @text: filled in
 */
void obstacle_print(const struct obstacle *o, char text[OBSTACLE_TEXT])
{
	char by[512] = "no process has it open", modules[64] = "";
	size_t used;

	if (o->error) {
		print_unread(o, text);
		return;
	}
	if (o->references)
		snprintf(modules, sizeof(modules),
			 ", %llu references of other modules", o->references);
	if (o->n_users) {
		used = snprintf(by, sizeof(by), "in use by ");
		users_print(o->users, o->n_users, OBSTACLE_USERS, by + used,
			    sizeof(by) - used);
	}
	/* Nobody counts pages that another module has mapped in a device of its own */
	if (!obstacle_is_there(o))
		snprintf(
			by, sizeof(by),
			"nobody is seen to use it, but another module may have mapped its pages");
	snprintf(
		text, OBSTACLE_TEXT,
		"%llu pages pinned, %llu mappings%s; %s: end what uses it, or wait with --timeout%s",
		o->pinned, o->mappings, modules, by,
		!o->pinned && (o->mappings || o->n_users) ?
			", or revoke its mappings with --force" :
			"");
}
