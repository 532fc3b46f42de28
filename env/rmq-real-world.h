/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-env.h"

G_BEGIN_DECLS

/* The real world of this process: a private GMainContext with one epoll source and one timer
 * source. Whoever waits turns it; a background thread (started on first use) turns it only while
 * nobody waits. All hosts of one world share its loop. */

RmqWorld *rmq_real_world_new (void);
/* The one world that all of this process share who need none of their own, so that a client and the
 * mocks it talks to turn the same loop. It goes with the last share; give each back. Any thread. */
RmqWorld *rmq_real_world_share (void);
void rmq_real_world_unshare (RmqWorld *world);
/* The host this process is: name, address, pid, CPUs, environment asked from the system. */
RmqEnv *rmq_real_world_add_local_host (RmqWorld *world);
/* Runs func as owner and returns when it has run. Any thread but inside dispatch. */
void rmq_real_world_run (RmqWorld *world, RmqEnvFunc func, gpointer data);

G_END_DECLS
