/* SPDX-License-Identifier: Apache-2.0 */

/* The request outages of one mock: rules in order, each with its own count and its own stream of
 * chance. Belongs to the mock, not to its host: a rule outlives a kill. It decides and counts, it
 * never sends, closes or stores anything.
 *
 * A percentage draws from the stream named by (line, request, how often this request came), so
 * that deleting another line, which shifts numbers and times, leaves this one's draws as they were.
 */

#include "rmq-outage-table.h"

#include <string.h>

#include "rmq-mock-events.h"

typedef struct
{
  RmqOutage outage; /* first: what callers see */
  RmqOutageRule rule;
  const RmqRequestKind *kind;
  GHashTable *times; /* request's identity → how often seen; looked up, never iterated */
  gboolean announced;
} Entry;

struct _RmqOutageTable
{
  RmqEnv *env;      /* (nullable): never started */
  GPtrArray *rules; /* of Entry */
  guint64 last_id;
  RmqTimer timer; /* for the next rule that ends by time */
};

static void arm_timer (RmqOutageTable *self);

void
rmq_outage_rule_copy (RmqOutageRule *to, const RmqOutageRule *from)
{
  *to = *from;
  to->remark = g_strdup (from->remark);
  to->request_kind = g_strdup (from->request_kind != NULL ? from->request_kind : "any");
  to->topic = g_strdup (from->topic);
  to->key = g_strdup (from->key);
  to->from = g_strdup (from->from);
  to->line = g_strdup (from->line != NULL ? from->line : "");
}

void
rmq_outage_rule_clear (RmqOutageRule *rule)
{
  g_free (rule->remark);
  g_free (rule->request_kind);
  g_free (rule->topic);
  g_free (rule->key);
  g_free (rule->from);
  g_free (rule->line);
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  rmq_outage_rule_clear (&entry->rule);
  g_hash_table_unref (entry->times);
  g_free (entry);
}

RmqOutageTable *
rmq_outage_table_new (void)
{
  RmqOutageTable *self = g_new0 (RmqOutageTable, 1);
  self->rules = g_ptr_array_new_with_free_func (entry_free);
  return self;
}

void
rmq_outage_table_free (RmqOutageTable *self)
{
  if (self == NULL)
    return;
  rmq_outage_table_set_env (self, NULL);
  g_ptr_array_unref (self->rules);
  g_free (self);
}

guint
rmq_outage_table_get_n (RmqOutageTable *self)
{
  return self->rules->len;
}

const RmqOutage *
rmq_outage_table_get (RmqOutageTable *self, guint index)
{
  Entry *entry = g_ptr_array_index (self->rules, index);
  return &entry->outage;
}

/* ---- beginning and ending ------------------------------------------------ */

static void
announce (RmqOutageTable *self, Entry *entry)
{
  if (self->env == NULL || entry->announced)
    return;
  entry->announced = TRUE;
  RMQ_EMIT (self->env, &rmq_event_outage_on, entry->rule.line, (gint64)entry->outage.id);
}

guint64
rmq_outage_table_add (RmqOutageTable *self, const RmqOutageRule *rule)
{
  Entry *entry = g_new0 (Entry, 1);
  rmq_outage_rule_copy (&entry->rule, rule);
  entry->kind = rmq_request_kind_find (entry->rule.request_kind);
  g_assert (entry->kind != NULL);
  g_assert (rule->amount == RMQ_AMOUNT_ALL || rule->n > 0);
  entry->times = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  entry->outage.id = ++self->last_id;
  entry->outage.rule = &entry->rule;
  g_ptr_array_add (self->rules, entry);
  announce (self, entry);
  arm_timer (self);
  return entry->outage.id;
}

static void
end_at (RmqOutageTable *self, guint index)
{
  Entry *entry = g_ptr_array_index (self->rules, index);
  if (entry->announced)
    RMQ_EMIT (self->env, &rmq_event_outage_off, entry->rule.line, (gint64)entry->outage.id);
  g_ptr_array_remove_index (self->rules, index);
}

guint
rmq_outage_table_end_of (RmqOutageTable *self, guint64 owner)
{
  guint n = 0;
  for (guint i = self->rules->len; i > 0; i--)
    if (rmq_outage_table_get (self, i - 1)->rule->owner == owner)
      {
        end_at (self, i - 1);
        n++;
      }
  arm_timer (self);
  return n;
}

guint
rmq_outage_table_heal (RmqOutageTable *self)
{
  guint n = self->rules->len;
  while (self->rules->len > 0)
    end_at (self, 0);
  arm_timer (self);
  return n;
}

static void
end_overdue (gpointer data)
{
  RmqOutageTable *self = data;
  gint64 now_us = rmq_env_now (self->env);
  for (guint i = 0; i < self->rules->len;)
    if (rmq_outage_table_get (self, i)->rule->until_us <= now_us)
      end_at (self, i);
    else
      i++;
  arm_timer (self);
}

static void
arm_timer (RmqOutageTable *self)
{
  if (self->env == NULL)
    return;
  gint64 next_us = G_MAXINT64;
  for (guint i = 0; i < self->rules->len; i++)
    next_us = MIN (next_us, rmq_outage_table_get (self, i)->rule->until_us);
  if (next_us == G_MAXINT64)
    rmq_env_timer_stop (self->env, &self->timer);
  else
    rmq_env_timer_start (self->env, &self->timer, next_us, end_overdue, self);
}

void
rmq_outage_table_set_env (RmqOutageTable *self, RmqEnv *env)
{
  if (self->env != NULL)
    rmq_env_timer_stop (self->env, &self->timer);
  g_clear_pointer (&self->env, rmq_env_unref);
  if (env == NULL)
    return;
  self->env = rmq_env_ref (env);
  for (guint i = 0; i < self->rules->len; i++)
    announce (self, g_ptr_array_index (self->rules, i));
  end_overdue (self);
}

void
rmq_outage_table_settle (RmqOutageTable *self)
{
  for (guint i = 0; i < self->rules->len;)
    {
      const RmqOutage *outage = rmq_outage_table_get (self, i);
      if (outage->rule->amount == RMQ_AMOUNT_NEXT && outage->n_hits >= outage->rule->n)
        end_at (self, i);
      else
        i++;
    }
  arm_timer (self);
}

/* ---- choosing ------------------------------------------------------------ */

/* A oneway has no answer that could be lost, late or changed. */
static gboolean
has_effect (const RmqOutageRule *rule, const RmqRemotingCommand *command)
{
  if (rule->point == RMQ_OUTAGE_BEFORE_STORE || !rmq_remoting_command_is_oneway (command))
    return TRUE;
  return rule->kind == RMQ_OUTAGE_CLOSE || rule->kind == RMQ_OUTAGE_RESET;
}

static gboolean
in_scope (const RmqOutageRule *rule, const RmqRequestFacts *facts)
{
  if (rule->topic != NULL && (facts->topic == NULL || !g_str_equal (rule->topic, facts->topic)))
    return FALSE;
  if (rule->queue_id >= 0 && rule->queue_id != facts->queue_id)
    return FALSE;
  if (rule->key != NULL && !rmq_request_facts_have_key (facts, rule->key))
    return FALSE;
  return rule->from == NULL || rmq_request_facts_are_from (facts, rule->from);
}

/* Names the request by what stays the same when other lines go: its keys; without any, of its
 * unique key the counter, not the times. */
static char *
identify (const RmqRequestFacts *facts)
{
  const char *keys =
      facts->properties != NULL ? rmq_properties_get (facts->properties, RMQ_PROPERTY_KEYS) : NULL;
  const char *uniq = facts->properties != NULL
                         ? rmq_properties_get (facts->properties, RMQ_PROPERTY_UNIQ_KEY)
                         : NULL;
  gsize length = uniq != NULL ? strlen (uniq) : 0;
  return g_strdup_printf ("%d %s %s %s", rmq_remoting_command_get_code (facts->command),
                          facts->from != NULL ? facts->from : "-",
                          facts->topic != NULL ? facts->topic : "-",
                          keys != NULL  ? keys
                          : length >= 4 ? uniq + length - 4
                                        : "-");
}

static void
open_stream (RmqOutageTable *self, Entry *entry, const RmqRequestFacts *facts, RmqRandom *random)
{
  char *identity = identify (facts);
  guint times = GPOINTER_TO_UINT (g_hash_table_lookup (entry->times, identity)) + 1;
  g_autofree char *name =
      g_strdup_printf ("outage %s, request %s, time %u", entry->rule.line, identity, times);
  g_hash_table_insert (entry->times, identity, GUINT_TO_POINTER (times));
  rmq_env_random_stream (self->env, name, random);
}

static gboolean
amount_wants (const Entry *entry, RmqRandom *random)
{
  const RmqOutage *outage = &entry->outage;
  switch (entry->rule.amount)
    {
    case RMQ_AMOUNT_ALL:
      return TRUE;
    case RMQ_AMOUNT_NEXT:
      return outage->n_hits < entry->rule.n;
    case RMQ_AMOUNT_PERCENT:
      return rmq_random_below (random, 100) < entry->rule.n;
    case RMQ_AMOUNT_EVERY:
      return outage->n_seen % entry->rule.n == 0;
    }
  return FALSE;
}

/* What the mock asks of its clients is touched only by rules that name it. */
static gboolean
is_pushed (const RmqRemotingCommand *command)
{
  for (guint i = 0; rmq_request_kind_get (i) != NULL; i++)
    if (rmq_request_kind_get (i)->is_pushed
        && rmq_request_kind_has (rmq_request_kind_get (i), rmq_remoting_command_get_code (command)))
      return TRUE;
  return FALSE;
}

static gboolean
entry_wants (RmqOutageTable *self, Entry *entry, const RmqRequestFacts *facts)
{
  const RmqOutageRule *rule = &entry->rule;
  if (rule->until_us <= rmq_env_now (self->env)
      || is_pushed (facts->command) != entry->kind->is_pushed
      || !rmq_request_kind_has (entry->kind, rmq_remoting_command_get_code (facts->command))
      || !has_effect (rule, facts->command) || !in_scope (rule, facts))
    return FALSE;
  entry->outage.n_seen++;
  RmqRandom random = { 0 };
  if (rule->amount == RMQ_AMOUNT_PERCENT || rule->jitter_us > 0)
    open_stream (self, entry, facts, &random);
  if (!amount_wants (entry, &random))
    return FALSE;
  entry->outage.n_hits++;
  entry->outage.delay_us = rule->delay_us;
  if (rule->jitter_us > 0)
    entry->outage.delay_us += rmq_random_between (&random, -rule->jitter_us, rule->jitter_us);
  entry->outage.delay_us = MAX (entry->outage.delay_us, 0);
  return TRUE;
}

const RmqOutage *
rmq_outage_table_take (RmqOutageTable *self, const RmqRemotingCommand *request)
{
  if (self->rules->len == 0)
    return NULL;
  RmqRequestFacts facts;
  rmq_request_facts_init (&facts, request);
  const RmqOutage *taken = NULL;
  for (guint i = 0; i < self->rules->len && taken == NULL; i++)
    {
      Entry *entry = g_ptr_array_index (self->rules, i);
      if (entry_wants (self, entry, &facts))
        taken = &entry->outage;
    }
  rmq_request_facts_clear (&facts);
  return taken;
}
