// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lets a task sleep that pmem_altmap has called a function of the kernel for, as if that took
 * very long, with all that its caller holds. Of its parameters,
 *   symbols   are the functions, of four arguments at the most, none on the stack
 *   arm       set to how a name starts: the next call of such a one sleeps
 *   held      whether one did since arm was set
 *   go        set to Y: it goes on
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#define SYMBOLS 8
/* A test that went wrong must not hang as well */
#define PATIENCE_MS 120000

static char *symbols[SYMBOLS];
static int nr_symbols;
module_param_array(symbols, charp, &nr_symbols, 0444);
static bool held, go;
module_param(held, bool, 0444);
module_param(go, bool, 0644);

static struct kprobe probes[SYMBOLS];
static struct module *target;
static atomic_t armed = ATOMIC_INIT(0);
static char prefix[32];
static unsigned long function;

static int arm_set(const char *text, const struct kernel_param *param)
{
	atomic_set(&armed, 0);
	if (strscpy(prefix, text, sizeof(prefix)) < 0)
		return -EINVAL;
	strim(prefix);
	WRITE_ONCE(held, false);
	WRITE_ONCE(go, false);
	atomic_set(&armed, 1);
	return 0;
}

static const struct kernel_param_ops arm_ops = {
	.set = arm_set,
};
module_param_cb(arm, &arm_ops, NULL, 0200);

/* In place of the function, which comes after all */
static noinline unsigned long hold(unsigned long a, unsigned long b, unsigned long c,
				   unsigned long d)
{
	unsigned long (*call)(unsigned long a, unsigned long b, unsigned long c,
			      unsigned long d) = (void *)function;
	unsigned long result;
	unsigned int ms;

	WRITE_ONCE(held, true);
	for (ms = 0; !READ_ONCE(go) && ms < PATIENCE_MS; ms += 20)
		msleep(20);
	if (!READ_ONCE(go))
		pr_warn("nobody let %pS go on\n", (void *)function);
	result = call(a, b, c, d);
	module_put(THIS_MODULE);
	return result;
}

static int entered(struct kprobe *probe, struct pt_regs *regs)
{
	struct module *mod = READ_ONCE(target);

	if (!mod || !within_module(*(unsigned long *)regs->sp, mod) ||
	    !atomic_read(&armed) || !strstarts(probe->symbol_name, prefix) ||
	    !atomic_dec_and_test(&armed) || !try_module_get(THIS_MODULE))
		return 0;
	function = (unsigned long)probe->addr;
	instruction_pointer_set(regs, (unsigned long)hold);
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

static int module_event(struct notifier_block *nb, unsigned long state, void *data)
{
	struct module *mod = data;

	if (strcmp(mod->name, "pmem_altmap"))
		return NOTIFY_DONE;
	WRITE_ONCE(target, state == MODULE_STATE_GOING ? NULL : mod);
	return NOTIFY_DONE;
}

static struct notifier_block module_notifier = {
	.notifier_call = module_event,
};

static int __init pma_hold_init(void)
{
	int i, rc;

	rc = register_module_notifier(&module_notifier);
	for (i = 0; i < nr_symbols && !rc; i++) {
		probes[i].symbol_name = symbols[i];
		probes[i].pre_handler = entered;
		probes[i].post_handler = after;
		rc = register_kprobe(&probes[i]);
	}
	if (!rc)
		return 0;
	pr_err("%s cannot be held: %d\n", i ? symbols[i - 1] : "nothing", rc);
	while (--i > 0)
		unregister_kprobe(&probes[i - 1]);
	unregister_module_notifier(&module_notifier);
	return rc;
}

static void __exit pma_hold_exit(void)
{
	int i;

	for (i = 0; i < nr_symbols; i++)
		unregister_kprobe(&probes[i]);
	unregister_module_notifier(&module_notifier);
	/* Who has given its reference back has some instructions left to do */
	synchronize_rcu_tasks();
}

module_init(pma_hold_init);
module_exit(pma_hold_exit);
MODULE_DESCRIPTION("holds tasks inside of what pmem_altmap calls");
MODULE_LICENSE("GPL");
