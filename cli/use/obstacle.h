/* SPDX-License-Identifier: GPL-2.0-only */
/* What holds a detach up: users of the namespace, or that they cannot be seen. */
#ifndef ALTMAPCTL_OBSTACLE_H
#define ALTMAPCTL_OBSTACLE_H

#include "plan/pure.h"
#include "use/users.h"

#define OBSTACLE_USERS 8
#define OBSTACLE_TEXT 768

/**
 * struct obstacle - what is in the way of detaching
 * @error: negative errno if something could not be read, so that the rest is not known
 * @unread: what that was
 * @pinned: pages
 * @mappings: VMAs
 * @references: of other modules
 * @n_users: processes, of which OBSTACLE_USERS are in @users
 */
struct obstacle {
	int error;
	char unread[128];
	u64 pinned;
	u64 mappings;
	u64 references;
	struct user users[OBSTACLE_USERS];
	size_t n_users;
};

void obstacle_look(const char *name, struct obstacle *o);
bool obstacle_is_there(const struct obstacle *o);
void obstacle_print(const struct obstacle *o, char text[OBSTACLE_TEXT]);

#endif /* ALTMAPCTL_OBSTACLE_H */
