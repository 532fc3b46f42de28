/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-env.h"

/* What a side of the seam implements. Only the two worlds include this. Each world embeds these
 * structs as the first member of its own. */

typedef struct
{
  gboolean simulated;
  RmqEnv *(*add_host) (RmqWorld *world, const RmqHostSpec *spec);
  void (*free_world) (RmqWorld *world);
  void (*free_host) (RmqEnv *env);

  gint64 (*now) (RmqEnv *env);
  void (*tick) (RmqEnv *env); /* (nullable) */
  gint64 (*wall) (RmqEnv *env);
  void (*timer_start) (RmqEnv *env, RmqTimer *timer, gint64 at_us);
  void (*timer_stop) (RmqEnv *env, RmqTimer *timer);
  guint64 (*random_seed) (RmqEnv *env); /* what the host's streams are derived from */

  RmqListener *(*listen) (RmqEnv *env, const char *address, RmqAcceptFunc func, gpointer data,
                          GError **error);
  const char *(*listener_address) (RmqListener *listener);
  void (*listener_set_accepting) (RmqListener *listener, gboolean accepting);
  void (*listener_set_ignoring) (RmqListener *listener, gboolean ignoring);
  void (*listener_close) (RmqListener *listener);
  RmqLink *(*connect) (RmqEnv *env, const char *address, gint64 timeout_us, RmqLinkFunc func,
                       gpointer data);
  void (*link_set_func) (RmqLink *link, RmqLinkFunc func, gpointer data);
  gsize (*link_read) (RmqLink *link, guint8 *buffer, gsize size);
  gboolean (*link_write) (RmqLink *link, const guint8 *head, gsize head_size, GBytes *body);
  gsize (*link_outbox_size) (RmqLink *link);
  void (*link_shutdown_write) (RmqLink *link);
  void (*link_set_reading) (RmqLink *link, gboolean on);
  void (*link_close) (RmqLink *link, RmqCloseHow how);
  const char *(*link_local_address) (RmqLink *link);
  const char *(*link_peer_address) (RmqLink *link);

  RmqWake (*call) (RmqEnv *env, RmqEnvFunc start, gpointer data, RmqParker *parker,
                   gint64 deadline_us, gboolean idle);
  void (*wake) (RmqParker *parker);
  void (*task) (RmqEnv *env, const char *name, RmqEnvFunc func, RmqEnvFunc done, gpointer data);
  guint64 (*task_id) (RmqEnv *env);
  void (*post) (RmqEnv *env, RmqEnvFunc func, gpointer data);
  gboolean (*is_owner) (RmqEnv *env);
  gboolean (*in_dispatch) (RmqEnv *env);

  void (*kill) (RmqEnv *env, RmqCloseHow how);
  void (*pause) (RmqEnv *env);
  void (*resume) (RmqEnv *env);
} RmqEnvOps;

struct _RmqWorld
{
  const RmqEnvOps *ops;
  gatomicrefcount refs;
  RmqEventLog *log; /* owned */
};

struct _RmqEnv
{
  const RmqEnvOps *ops;
  gatomicrefcount refs;
  RmqWorld *world; /* owned reference */
  guint16 index;   /* of the host in the event log */
  gboolean gone;   /* killed */
  gboolean paused;
  char *name;
  char *address; /* (nullable) */
  gint pid;
  guint cpus;
  gint utc_offset_s;
  char **variables;
  RmqLookupFunc lookup;
  gpointer lookup_data;
};

/* Every link and listener of either side starts with this. */
struct _RmqLink
{
  const RmqEnvOps *ops;
};
struct _RmqListener
{
  const RmqEnvOps *ops;
};

void rmq_world_init (RmqWorld *world, const RmqEnvOps *ops);
void rmq_world_clear (RmqWorld *world);
void rmq_env_init (RmqEnv *env, RmqWorld *world, const RmqHostSpec *spec);
void rmq_env_clear (RmqEnv *env);
