/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-channel-table.h"
#include "rmq-lane.h"

G_BEGIN_DECLS

/* Which name server is asked: sticky with round-robin fail-over. Owner only. Mirrors
 * NettyRemotingClient#getAndCreateNameserverChannel, namesrvAddrList and namesrvAddrChoosed. */

typedef struct _RmqNamesrvChooser RmqNamesrvChooser;

/* One who waits for a name server; embedded in its owner, zero-initialised before first use. */
typedef struct
{
  RmqNamesrvChooser *chooser; /* (nullable): not waiting */
  RmqChannelWait wait;
  RmqChannelFunc func;
  gpointer data;
  guint tries_left;
  gboolean holds_lock;
  gboolean queued; /* for the lock */
  GList link;
} RmqNamesrvChoice;

RmqNamesrvChooser *rmq_namesrv_chooser_new (RmqEnv *env, const RmqProfile *profile,
                                            RmqChannelTable *channels);
void rmq_namesrv_chooser_free (RmqNamesrvChooser *chooser); /* nullable */
/* "a:1;b:2"; shuffled. An empty list, or one with the same members, changes nothing. */
void rmq_namesrv_chooser_update (RmqNamesrvChooser *chooser, const char *addresses);
void rmq_namesrv_chooser_get (RmqNamesrvChooser *chooser, RmqNamesrvChoice *choice,
                              RmqChannelFunc func, gpointer data);
void rmq_namesrv_choice_cancel (RmqNamesrvChoice *choice);

guint rmq_namesrv_chooser_get_size (RmqNamesrvChooser *chooser);
const char *rmq_namesrv_chooser_get_address (RmqNamesrvChooser *chooser, guint index);
const char *rmq_namesrv_chooser_get_chosen (RmqNamesrvChooser *chooser); /* (nullable) */
gboolean rmq_namesrv_chooser_has (RmqNamesrvChooser *chooser, const char *address);
/* lockNamesrvChannel */
RmqLock *rmq_namesrv_chooser_get_lock (RmqNamesrvChooser *chooser);
/* The list joined by ';'. (transfer full) */
char *rmq_namesrv_chooser_format (RmqNamesrvChooser *chooser);

G_END_DECLS
