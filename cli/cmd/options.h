/* SPDX-License-Identifier: GPL-2.0-only */
/* A verb's options: one table serves the parser, the usage and the completion. */
#ifndef ALTMAPCTL_OPTIONS_H
#define ALTMAPCTL_OPTIONS_H

#include <stdbool.h>

#include "plan/pure.h"

enum option_kind {
	OPTION_END,
	OPTION_FLAG, /* bool */
	OPTION_TEXT, /* const char * */
	OPTION_SIZE, /* u64, see units_parse() */
	OPTION_NUMBER, /* u64, decimal */
};

/**
 * struct verb_option - one option of a verb
 * @kind: what follows it
 * @letter: the short form, or 0
 * @name: the long form
 * @value: set if the option is given; a pointer to the kind's type
 * @argument: the argument's name for the usage, NULL for a flag
 * @help: one line
 */
struct verb_option {
	enum option_kind kind;
	char letter;
	const char *name;
	void *value;
	const char *argument;
	const char *help;
};

/* options_parse() has printed what was asked for: the verb returns STATUS_OK */
#define OPTIONS_DONE (-1)
#define OPTIONS_WRONG (-2)

int options_parse(const struct verb_option *options, const char *usage,
		  int argc, char **argv);

#endif /* ALTMAPCTL_OPTIONS_H */
