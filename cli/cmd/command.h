/* SPDX-License-Identifier: GPL-2.0-only */
/* The verbs. */
#ifndef ALTMAPCTL_COMMAND_H
#define ALTMAPCTL_COMMAND_H

#include "output/status.h"

/**
 * struct command - a verb
 * @name: as it is typed
 * @summary: one line for the list of verbs
 * @run: called with the verb as argv[0]; returns the exit status
 */
struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);
};

int cmd_attach(int argc, char **argv);
int cmd_detach(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_metrics(int argc, char **argv);
int cmd_monitor(int argc, char **argv);
int cmd_plan(int argc, char **argv);

#endif /* ALTMAPCTL_COMMAND_H */
