/* SPDX-License-Identifier: Apache-2.0 */

/* One file descriptor behind the world's single epoll: joins and leaves it as links and listeners
 * want, and while its host is paused it is out. Owner of the loop only. Closes nothing: descriptors
 * belong to whoever embeds the watch. */

#include "rmq-real-private.h"

#include <errno.h>

void
rmq_real_watch_init (RmqRealWatch *watch, const RmqRealWatchOps *ops, RmqRealEnv *env, int fd)
{
  *watch = (RmqRealWatch){ .ops = ops, .env = env, .fd = fd, .node.data = watch };
  g_queue_push_tail_link (&env->watches, &watch->node);
  RMQ_REAL_WORLD (env)->n_watches++;
}

void
rmq_real_watch_sync (RmqRealWatch *watch)
{
  const guint32 events = watch->env->parent.paused || watch->fd < 0 ? 0 : watch->wanted;
  if (events == watch->armed)
    return;
  struct epoll_event event = { .events = events, .data.ptr = watch };
  const int op = watch->armed == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
  if (epoll_ctl (RMQ_REAL_WORLD (watch->env)->epoll_fd, op, watch->fd, &event) != 0)
    g_warning ("a socket stays mute, it can't be watched: %s", g_strerror (errno));
  else
    watch->armed = events;
}

void
rmq_real_watch_want (RmqRealWatch *watch, guint32 wanted)
{
  watch->wanted = wanted;
  rmq_real_watch_sync (watch);
}

int
rmq_real_watch_detach (RmqRealWatch *watch)
{
  RmqRealWorld *world = RMQ_REAL_WORLD (watch->env);
  const int fd = watch->fd;
  if (fd >= 0)
    rmq_real_watch_want (watch, 0);
  for (guint i = 0; i < world->n_ready; i++)
    if (world->ready[i].data.ptr == watch)
      world->ready[i].data.ptr = NULL;
  g_queue_unlink (&watch->env->watches, &watch->node);
  world->n_watches--;
  watch->env = NULL;
  watch->fd = -1;
  return fd;
}
