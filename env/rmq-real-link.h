/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-real-private.h"

/* A link of the real world, as the two files that make it up see it: rmq-real-network.c (its life)
 * and rmq-real-connect.c (its birth). Owner of the loop. */

typedef enum
{
  RMQ_REAL_LINK_CONNECTING,
  RMQ_REAL_LINK_OPEN,
  RMQ_REAL_LINK_DEAD,
} RmqRealLinkState;

typedef struct _RmqRealResolve RmqRealResolve;

typedef struct
{
  RmqLink parent;
  RmqRealWatch watch;
  RmqLinkFunc func; /* (nullable): accepted, not yet taken over; or closed and lingering */
  gpointer data;
  RmqRealLinkState state;
  gboolean reading;
  gboolean drained;    /* the kernel had no more when it was last asked in this event */
  gboolean fin_told;   /* peer's FIN */
  gboolean hung_up;    /* both directions are over: epoll would report that for ever */
  gboolean blocked;    /* the kernel's buffer is full */
  gboolean end_wanted; /* shutdown_write was called */
  gboolean end_sent;
  gboolean over_high_water;
  gboolean lingers; /* closed by its user, nobody holds it */
  guint pending;    /* 1 << RmqLinkEvent, found but not told */
  guint64 cause;    /* of its first event: who connected */
  RmqRealOutbox outbox;
  RmqTimer timer; /* connect timeout, later the end of lingering */
  GList dirty_node;
  GList pending_node;
  gboolean is_dirty;
  gboolean is_pending;
  char *local_address;
  char *peer_address;
  RmqRealResolve *resolve; /* (nullable): while its name is looked up */
} RmqRealLink;

RmqRealLink *rmq_real_link_new (RmqRealEnv *env, int fd, RmqRealLinkState state);
/* Leaves world and host; the struct stays with its user. */
void rmq_real_link_die (RmqRealLink *link, RmqCloseHow how);
void rmq_real_link_update_wanted (RmqRealLink *link);
void rmq_real_link_mark_dirty (RmqRealLink *link);
void rmq_real_link_mark_pending (RmqRealLink *link, RmqLinkEvent event);
/* FALSE: the link is over, and maybe freed. */
gboolean rmq_real_link_tell (RmqRealLink *link, RmqLinkEvent event);
/* The kernel knows how a connect ended. */
void rmq_real_connect_ready (RmqRealLink *link);
/* The link dies before its name was found. */
void rmq_real_connect_forget (RmqRealLink *link);
