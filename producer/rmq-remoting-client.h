/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-namesrv-chooser.h"
#include "rmq-producer.h"

G_BEGIN_DECLS

/* The client half of the wire: connections, the response table, permits, name server choice, RPC
 * hooks. Everything a producer says to anybody goes through rmq_invocation_begin(). Owner only.
 * Mirrors NettyRemotingClient and NettyRemotingAbstract. */

/* clientAsyncSemaphoreValue, clientOnewaySemaphoreValue */
#define RMQ_PERMITS_MAX 65535u

typedef struct _RmqRemotingClient RmqRemotingClient;

typedef enum
{
  RMQ_INVOKE_SYNC,
  RMQ_INVOKE_ASYNC,
  RMQ_INVOKE_ONEWAY,
} RmqInvokeMode;

typedef struct
{
  /* The request was handed to the transport (nullable). */
  void (*written) (RmqConnection *connection, gpointer data);
  /* Exactly once unless cancelled. response NULL: error says why, or the call was oneway. */
  void (*done) (RmqRemotingCommand *response, const GError *error, gpointer data);
} RmqInvocationFuncs;

/* One call; embedded in its owner, zero-initialised before first use, reusable when done. */
typedef struct
{
  RmqRemotingClient *client;   /* (nullable): not under way */
  const char *address;         /* (nullable): a name server; the owner keeps it until done */
  RmqRemotingCommand *command; /* (nullable): written, and no hook wants to see it again */
  RmqInvokeMode mode;
  gint64 begin_us;
  gint64 timeout_us; /* of the whole call, connecting included */
  guint64 tag;       /* of the message, for the response table */
  guint attempt;
  const RmqInvocationFuncs *funcs;
  gpointer data;
  gint32 opaque; /* set by begin */
  /* private */
  RmqChannelWait channel_wait;
  RmqNamesrvChoice choice;
  RmqConnection *connection; /* (nullable) */
  RmqTimer timer;
  gboolean waits_for_permit;
  gboolean holds_permit;
  gboolean in_table;
  gint64 left_at_write_us;
  GList link;
} RmqInvocation;

typedef struct
{
  gint32 (*next_opaque) (gpointer data);
  void (*channel_opened) (const char *address, gpointer data);
} RmqRemotingClientFuncs;

typedef struct
{
  RmqRpcHookBefore before; /* (nullable) */
  RmqRpcHookAfter after;   /* (nullable) */
  gpointer data;
} RmqRpcHook;

RmqRemotingClient *rmq_remoting_client_new (RmqEnv *env, const RmqProfile *profile,
                                            const RmqRemotingClientFuncs *funcs, gpointer data);
void rmq_remoting_client_free (RmqRemotingClient *client); /* nullable; cancels what is left */
/* Of the headers of requests from now on; JSON unless set. */
void rmq_remoting_client_set_serialize_type (RmqRemotingClient *client, RmqSerializeType type);
void rmq_remoting_client_set_hook (RmqRemotingClient *client, const RmqRpcHook *hook);

/* Fields address … data are set by the caller (command is referenced); done may run inside. */
void rmq_invocation_begin (RmqInvocation *invocation, RmqRemotingClient *client);
void rmq_invocation_cancel (RmqInvocation *invocation); /* silent; not under way: nothing */
/* What the call waits for: "connection", "permit", "answer"; NULL: not under way. */
const char *rmq_invocation_waits_for (const RmqInvocation *invocation);
void rmq_invocation_clear (RmqInvocation *invocation);

/* All calls under way, in order of begin; func must not end any. */
void rmq_remoting_client_foreach (RmqRemotingClient *client,
                                  void (*func) (const RmqInvocation *invocation, gpointer data),
                                  gpointer data);
/* NettyRemotingAbstract#scanResponseTable; how many entries ended. */
guint rmq_remoting_client_scan (RmqRemotingClient *client);

RmqResponseTable *rmq_remoting_client_get_responses (RmqRemotingClient *client);
RmqChannelTable *rmq_remoting_client_get_channels (RmqRemotingClient *client);
RmqNamesrvChooser *rmq_remoting_client_get_namesrv (RmqRemotingClient *client);
guint rmq_remoting_client_get_async_permits (RmqRemotingClient *client);
guint rmq_remoting_client_get_oneway_permits (RmqRemotingClient *client);

G_END_DECLS
