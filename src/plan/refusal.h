/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A refusal: an errno and one line that says why, with the numbers and the
 * remedy. Pure code fills it in; whoever talks to the user prints it.
 */
#ifndef PMA_REFUSAL_H
#define PMA_REFUSAL_H

#include "plan/pure.h"

#define PMA_REFUSAL_TEXT 320

struct pma_refusal {
	int error;
	char text[PMA_REFUSAL_TEXT];
};

__printf(3, 4)
int pma_refuse(struct pma_refusal *why, int error, const char *fmt, ...);

#endif /* PMA_REFUSAL_H */
