/* SPDX-License-Identifier: GPL-2.0-only */
/* The verbs, and what each of them ends with. The codes are in altmapctl(1). */
#ifndef ALTMAPCTL_COMMAND_H
#define ALTMAPCTL_COMMAND_H

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1, /* something did not work */
	STATUS_REFUSED = 2, /* nothing was touched, and the reason said */
	STATUS_NOT_FOUND = 3, /* no such namespace */
	STATUS_DRIVERLESS = 4, /* the namespace has no driver now */
	STATUS_NO_MODULE = 5, /* not loaded, too old, or debugfs is missing */
	STATUS_USAGE = 129, /* as ndctl's */
};

/**
 * struct command - a verb
 * @name: as it is typed
 * @summary: one line for the list of verbs
 * @run: called with the verb as argv[0]; the exit status
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
