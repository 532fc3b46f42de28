/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-sim-pipe.h"

/* Connections of the simulated network, shared by who makes them and who runs them. */

typedef struct _RmqSimConn RmqSimConn;

typedef struct
{
  RmqListener base;
  GList node; /* in its host's list */
  RmqSimWorld *world;
  RmqSimHost *host; /* (nullable): closed */
  char *address;
  RmqAcceptFunc func;
  gpointer data;
  gboolean accepting;
  gboolean ignoring;
} RmqSimListener;

typedef struct
{
  RmqLink base;
  GList node; /* in its host's list */
  RmqSimConn *conn;
  RmqSimHost *host;         /* (nullable): not there yet, or closed */
  RmqSimListener *listener; /* (nullable): until accepted */
  RmqSimPipe *in, *out;
  RmqLinkFunc func; /* (nullable): not yet set */
  gpointer data;
  RmqTimer notify; /* events for the user that need an event of their own */
  guint pending;   /* bits of RmqLinkEvent */
  char *address;
  gboolean claimed; /* the user holds it, or will */
  gboolean closed;  /* to the kernel: no process behind it */
  gboolean dead;    /* to the kernel: connection broken or never made */
  gboolean connected;
  gboolean reading;
  gboolean choked; /* outbox was above high water */
  gboolean dispatching;
} RmqSimEnd;

struct _RmqSimConn
{
  RmqSimWorld *world;  /* owned reference */
  RmqSimEnd ends[2];   /* who connects, who accepts */
  RmqSimPipe pipes[2]; /* from the end of that index to the other */
  RmqTimer syn;        /* on its way to the listener */
  RmqTimer timeout;    /* of who connects */
  gint64 syn_retry_us;
  guint busy; /* calls on the stack that need it */
};

RmqSimConn *rmq_sim_conn_new (RmqSimHost *host);
/* Frees it if neither end is claimed: nobody can notice what still travels. */
void rmq_sim_conn_release (RmqSimConn *conn);
void rmq_sim_end_join_host (RmqSimEnd *end, RmqSimHost *host);
void rmq_sim_end_leave_host (RmqSimEnd *end);
/* The process lets go of its socket. */
void rmq_sim_end_close (RmqSimEnd *end, RmqCloseHow how);
void rmq_sim_end_reset (RmqSimEnd *end);
/* Gives the user what waits, now if the host runs; may free the connection. */
void rmq_sim_end_notify (RmqSimEnd *end);
