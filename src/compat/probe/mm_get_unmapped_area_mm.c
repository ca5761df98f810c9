/* { "version": "v6.10-rc1", "comment": "a function in place of mm->get_unmapped_area" } */
#include <linux/sched.h>
#include <linux/sched/mm.h>

unsigned long pma_probe(struct file *file);
unsigned long pma_probe(struct file *file)
{
	return mm_get_unmapped_area(current->mm, file, 0, PAGE_SIZE, 0, 0);
}
