/* SPDX-License-Identifier: Apache-2.0 */

/* Delayed messages. A real broker looks at each level ten times a second, from one second after its
 * start on; ours looks at the same moments, but only if somebody waits. Within a level the first in
 * line decides, so order is kept. What is due becomes a new record in the topic it was meant for.
 * On the broker's loop, owner only; knows no connection. */

#include "rmq-schedule-message-service.h"

#include <stdlib.h>

#include "rmq-json-body-private.h"
#include "rmq-mock-broker-private.h"
#include "rmq-transactions.h"

#define FIRST_LOOK_US (1 * G_TIME_SPAN_SECOND)
#define LOOK_PERIOD_US (100 * G_TIME_SPAN_MILLISECOND)
#define PERSIST_PERIOD_US (10 * G_TIME_SPAN_SECOND)
#define TIMER_PRECISION_MS 1000
#define OUT_MAX_MS (G_MAXINT64 / G_TIME_SPAN_SECOND) /* no time overflows */

#define PROPERTY_TIMER_OUT "TIMER_OUT_MS"
#define PROPERTY_TIMER_DELETE "TIMER_DEL_UNIQKEY"

typedef struct
{
  RmqScheduleMessageService *service;
  gint level;       /* from 1 */
  GPtrArray *queue; /* of RmqStoredMessage of the store */
  guint next;       /* first that was not delivered */
  guint persisted;  /* what next was when it was last written to disk */
  gint64 persist_round;
  RmqTimer timer;
} Level;

static RmqEnv *
get_env (const RmqScheduleMessageService *self)
{
  return rmq_mock_server_get_env (self->broker->server);
}

static void
level_free (gpointer data)
{
  Level *level = data;
  g_ptr_array_unref (level->queue);
  g_free (level);
}

void
rmq_schedule_init (RmqScheduleMessageService *self, RmqMockBroker *broker)
{
  *self = (RmqScheduleMessageService){
    .broker = broker,
    .levels = g_ptr_array_new_with_free_func (level_free),
    .timed = g_ptr_array_new (),
  };
}

void
rmq_schedule_clear (RmqScheduleMessageService *self)
{
  rmq_schedule_halt (self, FALSE);
  g_ptr_array_unref (self->levels);
  g_ptr_array_unref (self->timed);
}

/* ---- delivery ------------------------------------------------------------ */

/* A property of the delivered copy stays what it was in the waiting one. */
static void
deliver (RmqScheduleMessageService *self, const RmqStoredMessage *waiting,
         RmqProperties *properties)
{
  const char *topic = rmq_properties_get (waiting->properties, RMQ_PROPERTY_REAL_TOPIC);
  const char *queue_id = rmq_properties_get (waiting->properties, RMQ_PROPERTY_REAL_QUEUE_ID);
  RmqStoredMessage draft = {
    .queue_id = queue_id != NULL ? MAX (atoi (queue_id), 0) : 0,
    .body = waiting->body,
    .flag = waiting->flag,
    .sys_flag = waiting->sys_flag,
    .properties = properties,
    .last_separator = self->broker->profile->send->last_separator,
    .reconsume_times = waiting->reconsume_times,
    .born_ms = waiting->born_ms,
    .born_host = g_ref_string_acquire (waiting->born_host),
  };
  RmqPutStatus status;
  if (rmq_mock_broker_put (self->broker, topic, &draft, &status) == NULL)
    g_warning ("%s: a message for %s is due and can't be stored", self->broker->name, topic);
}

static void
note_persisted (Level *level, gint64 now_us)
{
  gint64 round = (now_us - level->service->started_us) / PERSIST_PERIOD_US;
  if (round != level->persist_round)
    level->persisted = level->next;
  level->persist_round = round;
}

/* The moment a real broker looks, at or after at_us. */
static gint64
next_look (const RmqScheduleMessageService *self, gint64 at_us)
{
  gint64 first_us = self->started_us + FIRST_LOOK_US;
  gint64 late_us = MAX (at_us - first_us, 0);
  return first_us + (late_us + LOOK_PERIOD_US - 1) / LOOK_PERIOD_US * LOOK_PERIOD_US;
}

/* How long it still waits; 0 or less: it is due. A clock that was set back delays nothing. */
static gint64
get_wait_ms (const Level *level)
{
  const RmqStoredMessage *head = g_ptr_array_index (level->queue, level->next);
  const RmqBrokerConfig *config = &level->service->broker->config;
  gint n_levels = rmq_broker_config_get_n_delay_levels (config);
  gint64 delay_ms = rmq_broker_config_get_delay_ms (config, MIN (level->level, n_levels));
  gint64 wait_ms = head->store_ms + delay_ms - rmq_env_wall (get_env (level->service));
  return wait_ms > delay_ms ? 0 : wait_ms;
}

static void look (gpointer data);

static void
arm (Level *level)
{
  RmqScheduleMessageService *self = level->service;
  if (!self->runs || level->next == level->queue->len)
    return;
  RmqEnv *env = get_env (self);
  gint64 due_us = rmq_env_now (env) + MAX (get_wait_ms (level), 0) * G_TIME_SPAN_MILLISECOND;
  rmq_env_timer_start (env, &level->timer, next_look (self, due_us), look, level);
}

static void
look (gpointer data)
{
  Level *level = data;
  guint n = level->queue->len; /* one that comes back here waits for the next look */
  note_persisted (level, rmq_env_now (get_env (level->service)));
  while (level->next < n && get_wait_ms (level) <= 0)
    {
      const RmqStoredMessage *waiting = g_ptr_array_index (level->queue, level->next++);
      deliver (level->service, waiting, rmq_properties_copy (waiting->properties));
    }
  arm (level);
}

/* ---- any delay: the timer wheel ------------------------------------------ */

/* Who writes into the wheel's topic himself may write anything. */
static gint64
get_out_ms (const RmqStoredMessage *message)
{
  const char *text = rmq_properties_get (message->properties, PROPERTY_TIMER_OUT);
  return CLAMP (g_ascii_strtoll (text, NULL, 10), 0, OUT_MAX_MS);
}

static const char *
get_key (const RmqStoredMessage *message)
{
  return rmq_properties_get (message->properties, RMQ_PROPERTY_UNIQ_KEY);
}

/* Whether a message of the same moment takes this one back. */
static gboolean
is_deleted (const RmqScheduleMessageService *self, const RmqStoredMessage *message)
{
  if (rmq_properties_get (message->properties, PROPERTY_TIMER_DELETE) != NULL)
    return TRUE;
  for (guint i = 0; i < self->timed->len; i++)
    {
      const RmqStoredMessage *other = g_ptr_array_index (self->timed, i);
      const char *key = rmq_properties_get (other->properties, PROPERTY_TIMER_DELETE);
      if (key != NULL && get_out_ms (other) == get_out_ms (message)
          && g_strcmp0 (key, get_key (message)) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
deliver_timed (RmqScheduleMessageService *self, const RmqStoredMessage *waiting)
{
  RmqProperties *properties = rmq_properties_copy (waiting->properties);
  g_autofree char *enqueued = g_strdup_printf ("%" G_GINT64_FORMAT, waiting->store_ms);
  g_autofree char *dequeued = g_strdup_printf ("%" G_GINT64_FORMAT, rmq_env_wall (get_env (self)));
  rmq_properties_remove (properties, RMQ_PROPERTY_REAL_TOPIC);
  rmq_properties_remove (properties, RMQ_PROPERTY_REAL_QUEUE_ID);
  rmq_properties_set (properties, "TIMER_ENQUEUE_MS", enqueued);
  rmq_properties_set (properties, "TIMER_DEQUEUE_MS", dequeued);
  deliver (self, waiting, properties);
}

static void turn_wheel (gpointer data);

static void
arm_wheel (RmqScheduleMessageService *self)
{
  if (!self->runs || self->timed->len == 0)
    return;
  RmqEnv *env = get_env (self);
  gint64 wait_ms = get_out_ms (g_ptr_array_index (self->timed, 0)) - rmq_env_wall (env);
  rmq_env_timer_start (env, &self->timer,
                       rmq_env_now (env) + MAX (wait_ms, 0) * G_TIME_SPAN_MILLISECOND, turn_wheel,
                       self);
}

static void
turn_wheel (gpointer data)
{
  RmqScheduleMessageService *self = data;
  gint64 now_ms = rmq_env_wall (get_env (self));
  guint n = 0;
  while (n < self->timed->len && get_out_ms (g_ptr_array_index (self->timed, n)) <= now_ms)
    n++;
  g_autoptr (GPtrArray) due = g_ptr_array_new ();
  for (guint i = 0; i < n; i++)
    if (!is_deleted (self, g_ptr_array_index (self->timed, i)))
      g_ptr_array_add (due, g_ptr_array_index (self->timed, i));
  if (n > 0)
    g_ptr_array_remove_range (self->timed, 0, n);
  for (guint i = 0; i < due->len; i++)
    deliver_timed (self, g_ptr_array_index (due, i));
  arm_wheel (self);
}

static void
add_timed (RmqScheduleMessageService *self, RmqStoredMessage *stored)
{
  guint at = self->timed->len;
  while (at > 0 && get_out_ms (g_ptr_array_index (self->timed, at - 1)) > get_out_ms (stored))
    at--;
  g_ptr_array_insert (self->timed, (gint)at, stored);
  if (at == 0)
    arm_wheel (self);
}

/* ---- before a put -------------------------------------------------------- */

gint
rmq_schedule_get_level (const RmqProperties *properties)
{
  const char *delay = rmq_properties_get (properties, RMQ_PROPERTY_DELAY);
  return delay != NULL ? atoi (delay) : 0;
}

void
rmq_schedule_remember_place (RmqStoredMessage *draft, const char *topic)
{
  g_autofree char *queue_id = g_strdup_printf ("%d", draft->queue_id);
  rmq_properties_set (draft->properties, RMQ_PROPERTY_REAL_TOPIC, topic);
  rmq_properties_set (draft->properties, RMQ_PROPERTY_REAL_QUEUE_ID, queue_id);
}

typedef struct
{
  const char *property;
  gint64 factor;     /* to ms */
  gboolean from_now; /* else since 1970 */
} TimerProperty;

static const TimerProperty timer_properties[] = {
  { "TIMER_DELAY_SEC", 1000, TRUE },
  { "TIMER_DELAY_MS", 1, TRUE },
  { "TIMER_DELIVER_MS", 1, FALSE },
};

/* The first of them that is there decides; (nullable): none is. */
static const TimerProperty *
find_timer_property (const RmqProperties *properties)
{
  for (guint i = 0; i < G_N_ELEMENTS (timer_properties); i++)
    if (rmq_properties_get (properties, timer_properties[i].property) != NULL)
      return &timer_properties[i];
  return NULL;
}

static RmqPutStatus
redirect_timed (RmqScheduleMessageService *self, RmqStoredMessage *draft, const char **topic)
{
  const TimerProperty *timer = find_timer_property (draft->properties);
  gint64 now_ms = rmq_env_wall (get_env (self));
  gint64 number;
  if (timer == NULL)
    return RMQ_PUT_OK;
  if (!g_ascii_string_to_signed (rmq_properties_get (draft->properties, timer->property), 10,
                                 G_MININT64 / 1000, G_MAXINT64 / 1000 - now_ms, &number, NULL))
    return RMQ_PUT_TIMER_ILLEGAL;
  gint64 out_ms = number * timer->factor + (timer->from_now ? now_ms : 0);
  if (out_ms <= now_ms)
    return rmq_properties_get (draft->properties, PROPERTY_TIMER_DELETE) != NULL
               ? RMQ_PUT_TIMER_ILLEGAL
               : RMQ_PUT_OK;
  if (out_ms - now_ms > self->broker->config.timer_max_delay_s * 1000)
    return RMQ_PUT_TIMER_ILLEGAL;
  out_ms = (out_ms - 1) / TIMER_PRECISION_MS * TIMER_PRECISION_MS;
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, out_ms);
  rmq_properties_set (draft->properties, PROPERTY_TIMER_OUT, text);
  rmq_schedule_remember_place (draft, *topic);
  draft->queue_id = 0;
  *topic = RMQ_TIMER_TOPIC;
  return RMQ_PUT_OK;
}

static void
drop_timer_properties (RmqProperties *properties)
{
  for (guint i = 0; i < G_N_ELEMENTS (timer_properties); i++)
    rmq_properties_remove (properties, timer_properties[i].property);
}

RmqPutStatus
rmq_schedule_redirect (RmqScheduleMessageService *self, RmqStoredMessage *draft, const char **topic)
{
  const RmqSendProfile *profile = self->broker->profile->send;
  gint transaction = draft->sys_flag & RMQ_SYS_FLAG_TRANSACTION_MASK;
  if (transaction != 0 && transaction != RMQ_SYS_FLAG_TRANSACTION_COMMIT)
    return RMQ_PUT_OK;
  gint level = rmq_schedule_get_level (draft->properties);
  if (level <= 0)
    return profile->has_timer ? redirect_timed (self, draft, topic) : RMQ_PUT_OK;
  gint n_levels = rmq_broker_config_get_n_delay_levels (&self->broker->config);
  if (level > n_levels)
    {
      g_autofree char *text = g_strdup_printf ("%d", n_levels);
      rmq_properties_set (draft->properties, RMQ_PROPERTY_DELAY, text);
    }
  if (profile->has_timer)
    drop_timer_properties (draft->properties);
  rmq_schedule_remember_place (draft, *topic);
  draft->last_separator = profile->last_separator;
  draft->queue_id = MIN (level, n_levels) - 1;
  *topic = RMQ_SCHEDULE_TOPIC;
  return RMQ_PUT_OK;
}

/* ---- after a put --------------------------------------------------------- */

static Level *
ensure_level (RmqScheduleMessageService *self, gint number)
{
  for (guint i = 0; i < self->levels->len; i++)
    {
      Level *level = g_ptr_array_index (self->levels, i);
      if (level->level == number)
        return level;
    }
  Level *level = g_new0 (Level, 1);
  level->service = self;
  level->level = number;
  level->queue = g_ptr_array_new ();
  g_ptr_array_add (self->levels, level);
  return level;
}

void
rmq_schedule_stored (RmqScheduleMessageService *self, RmqStoredMessage *stored)
{
  /* a producer of an old version may write here itself, and is passed over */
  if (rmq_properties_get (stored->properties, RMQ_PROPERTY_REAL_TOPIC) == NULL)
    return;
  if (g_str_equal (stored->topic, RMQ_TIMER_TOPIC)
      && rmq_properties_get (stored->properties, PROPERTY_TIMER_OUT) != NULL)
    add_timed (self, stored);
  if (!g_str_equal (stored->topic, RMQ_SCHEDULE_TOPIC))
    return;
  Level *level = ensure_level (self, stored->queue_id + 1);
  g_ptr_array_add (level->queue, stored);
  if (level->next + 1 == level->queue->len)
    arm (level);
}

static gint
compare_levels (gconstpointer a, gconstpointer b)
{
  return (*(Level *const *)a)->level - (*(Level *const *)b)->level;
}

GBytes *
rmq_schedule_encode_offsets (const RmqScheduleMessageService *self, gint64 version_ms)
{
  g_autoptr (GPtrArray) levels = g_ptr_array_new (); /* borrowed, by number */
  RmqJsonWriter writer, *out = &writer;
  const char *comma = "";
  for (guint i = 0; i < self->levels->len; i++)
    g_ptr_array_add (levels, g_ptr_array_index (self->levels, i));
  g_ptr_array_sort (levels, compare_levels);
  rmq_json_body_begin (out);
  rmq_json_put (out, "{");
  if (version_ms > 0)
    {
      rmq_json_put (out, "\"dataVersion\":{\"counter\":0,\"stateVersion\":0");
      rmq_json_put_int_member (out, ",\"timestamp\":", version_ms);
      rmq_json_put (out, "},");
    }
  rmq_json_put (out, "\"offsetTable\":{");
  for (guint i = 0; i < levels->len; i++)
    {
      const Level *level = g_ptr_array_index (levels, i);
      if (level->next == 0)
        continue;
      rmq_json_put_int_member (out, comma, level->level);
      rmq_json_put_int_member (out, ":", level->next);
      comma = ",";
    }
  rmq_json_put (out, "}}");
  return rmq_json_body_end (out);
}

/* ---- life ---------------------------------------------------------------- */

void
rmq_schedule_start (RmqScheduleMessageService *self)
{
  if (rmq_broker_config_is_slave (&self->broker->config))
    return;
  self->runs = TRUE;
  self->started_us = rmq_env_now (get_env (self));
  for (guint i = 0; i < self->levels->len; i++)
    {
      Level *level = g_ptr_array_index (self->levels, i);
      level->persisted = level->next;
      level->persist_round = 0;
      arm (level);
    }
  arm_wheel (self);
}

void
rmq_schedule_halt (RmqScheduleMessageService *self, gboolean killed)
{
  if (!self->runs)
    return;
  RmqEnv *env = get_env (self);
  self->runs = FALSE;
  rmq_env_timer_stop (env, &self->timer);
  for (guint i = 0; i < self->levels->len; i++)
    {
      Level *level = g_ptr_array_index (self->levels, i);
      rmq_env_timer_stop (env, &level->timer);
      note_persisted (level, rmq_env_now (env));
      if (killed)
        level->next = level->persisted;
    }
}

void
rmq_schedule_forget (RmqScheduleMessageService *self)
{
  g_ptr_array_set_size (self->timed, 0);
  if (self->runs)
    rmq_env_timer_stop (get_env (self), &self->timer);
  for (guint i = 0; i < self->levels->len; i++)
    {
      Level *level = g_ptr_array_index (self->levels, i);
      g_ptr_array_set_size (level->queue, 0);
      level->next = level->persisted = 0;
      if (self->runs)
        rmq_env_timer_stop (get_env (self), &level->timer);
    }
}
