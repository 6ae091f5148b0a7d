/*
 * The heap of a process that runs for months: what a burst took goes back to
 * the system when the burst is over.
 */
#ifndef CORE_SYS_MEMORY_H
#define CORE_SYS_MEMORY_H

/*
 * Once, before there are threads. Large pieces are mapped one by one and given
 * back as they are freed; all threads share one heap.
 */
void memory_prepare(void);
/*
 * Give back every whole page that nothing lies on, between other pieces too.
 * Takes time by the number of free pieces: some milliseconds for 100 MB.
 */
void memory_give_back(void);

#endif
