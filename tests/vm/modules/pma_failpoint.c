// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes the Nth call fail that pmem_altmap makes, in one task, of the kernel functions
 * given to it; with deep=1 that anybody makes in that task. In debugfs, in pma_failpoint/:
 *   add   "SYMBOL VALUE [LIMIT]": that function fails by returning VALUE, and is not
 *         called; only the first LIMIT calls since arming count
 *   arm   "PID N [TIMES]": its Nth call fails, and those after it as often in all; once if
 *         not said; "0 0": none
 *   hit   the function that was made to fail since arming, how many were called, and
 *         whether all that were to fail did so
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/kprobes.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

struct point {
	struct list_head node;
	struct kprobe probe;
	long value;
	unsigned int limit, seen;
	char symbol[KSYM_NAME_LEN];
};

static LIST_HEAD(points);
static DEFINE_MUTEX(points_lock);
static struct module *target;

static bool deep;
module_param(deep, bool, 0444);

static pid_t armed_pid;
static unsigned int countdown, times, calls;
static const struct point *hit;
static unsigned int to_fail;

/* In place of the function */
static noinline notrace long fail(void)
{
	to_fail--;
	return hit->value;
}

static int entered(struct kprobe *probe, struct pt_regs *regs)
{
	struct point *point = container_of(probe, struct point, probe);
	struct module *mod = READ_ONCE(target);

	if (task_pid_nr(current) != READ_ONCE(armed_pid))
		return 0;
	if (!deep && (!mod || !within_module(*(unsigned long *)regs->sp, mod)))
		return 0;
	/* One task, so no other comes in between */
	if (point->limit && ++point->seen > point->limit)
		return 0;
	calls++;
	if (!countdown)
		return 0;
	if (countdown > 1) {
		countdown--;
		return 0;
	}
	if (!--times)
		countdown = 0;
	hit = point;
	to_fail++;
	instruction_pointer_set(regs, (unsigned long)fail);
	return 1;
}

NOKPROBE_SYMBOL(entered);

/*
 * One with a post_handler is not optimized: a jump could not keep the function from being
 * called, see fei_post_handler() of the kernel
 */
static void after(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

NOKPROBE_SYMBOL(after);

static ssize_t add_write(struct file *file, const char __user *buf, size_t count,
			 loff_t *pos)
{
	struct point *point;
	char line[KSYM_NAME_LEN + 32] = "";
	int rc;

	if (count >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, buf, count))
		return -EFAULT;
	point = kzalloc(sizeof(*point), GFP_KERNEL);
	if (!point)
		return -ENOMEM;
	if (sscanf(line, "%127s %li %u", point->symbol, &point->value, &point->limit) < 2) {
		kfree(point);
		return -EINVAL;
	}
	point->probe.symbol_name = point->symbol;
	point->probe.pre_handler = entered;
	point->probe.post_handler = after;
	rc = register_kprobe(&point->probe);
	if (rc) {
		kfree(point);
		return rc;
	}
	mutex_lock(&points_lock);
	list_add(&point->node, &points);
	mutex_unlock(&points_lock);
	return count;
}

static const struct file_operations add_fops = {
	.owner = THIS_MODULE,
	.write = add_write,
};

static ssize_t arm_write(struct file *file, const char __user *buf, size_t count,
			 loff_t *pos)
{
	struct point *point;
	char line[32] = "";
	unsigned int nth, often = 1;
	int pid;

	if (count >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, buf, count))
		return -EFAULT;
	if (sscanf(line, "%d %u %u", &pid, &nth, &often) < 2 || !often)
		return -EINVAL;
	WRITE_ONCE(armed_pid, 0);
	if (pid) {
		hit = NULL;
		to_fail = 0;
		calls = 0;
		countdown = nth;
		times = often;
		mutex_lock(&points_lock);
		list_for_each_entry(point, &points, node)
			point->seen = 0;
		mutex_unlock(&points_lock);
		WRITE_ONCE(armed_pid, pid);
	}
	return count;
}

static const struct file_operations arm_fops = {
	.owner = THIS_MODULE,
	.write = arm_write,
};

static int hit_show(struct seq_file *seq, void *unused)
{
	seq_printf(seq, "%s %u %d\n", hit ? hit->symbol : "-", calls, !to_fail);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(hit);

static int module_event(struct notifier_block *nb, unsigned long state, void *data)
{
	struct module *mod = data;

	if (strcmp(mod->name, "pmem_altmap"))
		return NOTIFY_DONE;
	WRITE_ONCE(target, state == MODULE_STATE_COMING ? mod :
		   state == MODULE_STATE_GOING ? NULL : target);
	return NOTIFY_DONE;
}

static struct notifier_block module_notifier = {
	.notifier_call = module_event,
	/* Before those who probe the module, so that it is known in its init */
	.priority = 1,
};

static struct dentry *dir;

static int __init pma_failpoint_init(void)
{
	int rc = register_module_notifier(&module_notifier);

	if (rc)
		return rc;
	dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("add", 0200, dir, NULL, &add_fops);
	debugfs_create_file("arm", 0200, dir, NULL, &arm_fops);
	debugfs_create_file("hit", 0400, dir, NULL, &hit_fops);
	return 0;
}

static void __exit pma_failpoint_exit(void)
{
	struct point *point, *next;

	debugfs_remove(dir);
	list_for_each_entry_safe(point, next, &points, node) {
		unregister_kprobe(&point->probe);
		kfree(point);
	}
	unregister_module_notifier(&module_notifier);
	/* Who was in fail() may not have left it */
	synchronize_rcu_tasks();
}

module_init(pma_failpoint_init);
module_exit(pma_failpoint_exit);
MODULE_DESCRIPTION("makes kernel functions fail that pmem_altmap calls");
MODULE_LICENSE("GPL");
