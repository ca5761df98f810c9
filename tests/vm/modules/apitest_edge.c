// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is done seldom: pages that were asked of nobody, odd answers of a notifier, a task that
 * is being killed.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/pfn.h>
#include <linux/pmem_altmap.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>

#include "apitest.h"

/* Whoever gives reserve and free knows where the data begins */
static void own_numbers(struct pmem_altmap_spec spec)
{
	struct pmem_altmap *altmap;
	struct page *page;

	spec.reserve = SZ_2M >> PAGE_SHIFT;
	spec.free = ALIGN((spec.size >> PAGE_SHIFT) * sizeof(struct page), SZ_2M) >>
		    PAGE_SHIFT;
	altmap = pmem_altmap_add(&spec);
	check_rc(PTR_ERR_OR_ZERO(altmap), 0, "a reserve and an altmap of the caller's");
	if (IS_ERR(altmap))
		return;
	page = pfn_to_page(PHYS_PFN(spec.start) + spec.reserve + spec.free);
	get_page(page);
	check_rc(pmem_altmap_remove(altmap), -EBUSY, "with a page held that it never asked for");
	put_page(page);
	check_rc(pmem_altmap_remove(altmap), 0, "and without");
}

static int odd_answer;

static int answer(struct notifier_block *nb, unsigned long event, void *data)
{
	return odd_answer;
}

static struct notifier_block odd = {
	.notifier_call = answer,
};

static void odd_answers(struct pmem_altmap_spec spec)
{
	static const int answers[] = {
		2, 5000, 0x7fff, NOTIFY_STOP_MASK | 5000, INT_MAX, INT_MIN, -ENOMEM
	};
	struct pmem_altmap *altmap;
	unsigned int i;
	int rc = 0;

	check_rc(pmem_altmap_register_notifier(&odd), 0, "a notifier that has misread all");
	for (i = 0; i < ARRAY_SIZE(answers) && !rc; i++) {
		odd_answer = answers[i];
		altmap = pmem_altmap_add(&spec);
		rc = PTR_ERR_OR_ZERO(altmap);
		if (!rc)
			rc = pmem_altmap_remove(altmap);
	}
	check_rc(rc, 0, "refuses nothing by that");
	check_rc(pmem_altmap_unregister_notifier(&odd), 0, "and goes");
}

static struct completion killed_done;
static int killed_rc;

static int remove_killed(void *altmap)
{
	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
	killed_rc = fatal_signal_pending(current) ? pmem_altmap_remove(altmap) : 1;
	flush_signals(current);
	complete(&killed_done);
	while (!kthread_should_stop())
		msleep(20);
	return 0;
}

static void while_killed(struct pmem_altmap_spec spec)
{
	struct pmem_altmap *altmap = pmem_altmap_add(&spec);
	struct task_struct *task;

	check_rc(PTR_ERR_OR_ZERO(altmap), 0, "one more");
	if (IS_ERR(altmap))
		return;
	init_completion(&killed_done);
	task = kthread_run(remove_killed, altmap, "pma_apitest");
	if (!IS_ERR(task)) {
		wait_for_completion(&killed_done);
		kthread_stop(task);
	}
	check_rc(killed_rc, 0, "removed by a task that is being killed");
	if (killed_rc)
		pmem_altmap_remove(altmap);
}

/* Adds @spec and removes it again */
void apitest_edges(struct pmem_altmap_spec spec)
{
	own_numbers(spec);
	odd_answers(spec);
	while_killed(spec);
}
