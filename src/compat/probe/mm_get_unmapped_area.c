/* { "version": "v6.19-rc1", "comment": "mm_get_unmapped_area() lost its mm argument" } */
#include <linux/sched/mm.h>

unsigned long pma_probe(struct file *file);
unsigned long pma_probe(struct file *file)
{
	return mm_get_unmapped_area(file, 0, PAGE_SIZE, 0, 0);
}
