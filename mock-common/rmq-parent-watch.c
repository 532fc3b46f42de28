/* SPDX-License-Identifier: Apache-2.0 */

/* Watches the process that started this one. By its pidfd, which the kernel makes readable at its
 * end; where there is none, by looking now and then who the parent is. Not by PR_SET_PDEATHSIG:
 * that is sent when the *thread* that started us ends, and threads of a pool come and go. Main
 * thread, outside every world. */

#include "rmq-parent-watch.h"

#include <sys/syscall.h>
#include <unistd.h>

#define LOOK_PERIOD_US (200 * 1000)

static pid_t parent; /* 0: nobody is watched */
static int parent_fd = -1;

void
rmq_parent_watch_begin (void)
{
  parent = getppid ();
#ifdef SYS_pidfd_open
  parent_fd = (int)syscall (SYS_pidfd_open, parent, 0);
#endif
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  if (getppid () != parent)
    return callback (data);
  if (parent_fd < 0)
    g_source_set_ready_time (source, g_get_monotonic_time () + LOOK_PERIOD_US);
  else
    g_source_set_ready_time (source, -1);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs funcs = { .dispatch = dispatch };

GSource *
rmq_parent_watch_new (void)
{
  if (parent == 0)
    return NULL;
  GSource *source = g_source_new (&funcs, sizeof (GSource));
  if (parent_fd >= 0)
    g_source_add_unix_fd (source, parent_fd, G_IO_IN);
  g_source_set_ready_time (source, 0); /* it may be gone already */
  return source;
}
