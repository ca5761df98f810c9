// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many at once; then, as long as the module is loaded, the namespaces that come and go:
 * with hold=1 each that is attached is got, until it is to be removed, which with stay=1 is not
 * let go on.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pmem_altmap.h>
#include <linux/sizes.h>
#include <linux/workqueue.h>

#include "apitest.h"

static bool hold, stay;
module_param(hold, bool, 0644);
module_param(stay, bool, 0644);

/* Namespaces, as long as the module is loaded */
static int followed(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct pmem_altmap_notice *notice = data;
	static struct pmem_altmap *held;
	unsigned int ms;

	if (event == PMEM_ALTMAP_REMOVING && READ_ONCE(stay)) {
		pr_info("%s: stays\n", dev_name(notice->dev));
		/* A test that went wrong must not hang as well */
		for (ms = 0; READ_ONCE(stay) && ms < 60000; ms += 20)
			msleep(20);
	}
	if (event == PMEM_ALTMAP_ADDED && READ_ONCE(hold)) {
		held = pmem_altmap_get(notice->dev);
		pr_info("%s: got %d, removing says %d\n", dev_name(notice->dev),
			held == notice->altmap, notice->can_refuse);
	} else if (event == PMEM_ALTMAP_REMOVING && held == notice->altmap) {
		pr_info("%s: put\n", dev_name(notice->dev));
		pmem_altmap_put(held);
		held = NULL;
	}
	return NOTIFY_OK;
}

static struct notifier_block follower = {
	.notifier_call = followed,
};

/* rm=1 tries to remove the namespace that is attached; it is not ours to remove */
static struct pmem_altmap *last_added;

static int remember(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct pmem_altmap_notice *notice = data;

	if (event == PMEM_ALTMAP_ADDED)
		last_added = notice->altmap;
	return NOTIFY_OK;
}

static struct notifier_block rememberer = {
	.notifier_call = remember,
	.priority = 1,
};

static int try_remove(const char *value, const struct kernel_param *kp)
{
	return pmem_altmap_remove(last_added);
}

static const struct kernel_param_ops try_remove_ops = {
	.set = try_remove,
};
module_param_cb(rm, &try_remove_ops, NULL, 0200);

/*
 * All at once, for that many seconds, and where that is slow until it has been added often
 * enough: adding, getting, looking, following
 */
#define ENOUGH 5
static int seconds;
module_param(seconds, int, 0444);

static struct pmem_altmap_spec stress_spec;
static unsigned int nr_added, nr_got, nr_followed;
static bool stress_over;

static void add_and_remove(struct work_struct *work)
{
	const unsigned long end = jiffies + seconds * HZ;
	const unsigned long last = end + 60 * HZ;
	struct pmem_altmap *altmap;

	while (time_before(jiffies, end) ||
	       (nr_added <= ENOUGH && time_before(jiffies, last))) {
		altmap = pmem_altmap_add(&stress_spec);
		if (IS_ERR(altmap)) {
			usleep_range(100, 200);
			continue;
		}
		nr_added++;
		usleep_range(5000, 10000);
		/* The others have it for a moment only */
		while (pmem_altmap_remove(altmap)) {
			if (time_after(jiffies, last))
				WRITE_ONCE(stress_over, true);
			usleep_range(100, 200);
		}
	}
	WRITE_ONCE(stress_over, true);
}

static void get_and_put(struct work_struct *work)
{
	struct pmem_altmap *altmap;
	struct page *page;

	while (!READ_ONCE(stress_over)) {
		altmap = pmem_altmap_get(stress_spec.dev);
		if (altmap) {
			nr_got++;
			page = pmem_altmap_page(altmap, SZ_2M);
			get_page(page);
			pmem_altmap_put(altmap);
			put_page(page);
		}
		usleep_range(200, 1000);
	}
}

static void come_and_go(struct work_struct *work)
{
	while (!READ_ONCE(stress_over)) {
		if (!pmem_altmap_register_notifier(&apitest_stopper) &&
		    !pmem_altmap_unregister_notifier(&apitest_stopper))
			nr_followed++;
		usleep_range(500, 5000);
	}
}

static DECLARE_WORK(adder, add_and_remove);
static DECLARE_WORK(getter, get_and_put);
static DECLARE_WORK(second_getter, get_and_put);
static DECLARE_WORK(follow_work, come_and_go);

/* Adds @spec and removes it again, in the time that the parameter says */
void apitest_stress(struct pmem_altmap_spec spec)
{
	struct work_struct *all[] = {
		&adder, &getter, &second_getter, &follow_work
	};
	unsigned int i;

	spec.flags = PMEM_ALTMAP_NO_SCAN;
	stress_spec = spec;
	for (i = 0; i < ARRAY_SIZE(all); i++)
		queue_work(system_unbound_wq, all[i]);
	for (i = 0; i < ARRAY_SIZE(all); i++)
		flush_work(all[i]);
	pr_info("%u added, %u got, %u followed\n", nr_added, nr_got,
		nr_followed);
	check(nr_added > ENOUGH && nr_got > ENOUGH && nr_followed > ENOUGH,
	      "all at once");
	check(!pmem_altmap_get(stress_spec.dev), "and nothing is left");
}

void apitest_follow(void)
{
	pmem_altmap_register_notifier(&follower);
	pmem_altmap_register_notifier(&rememberer);
}

void apitest_follow_no_more(void)
{
	pmem_altmap_unregister_notifier(&rememberer);
	pmem_altmap_unregister_notifier(&follower);
}
