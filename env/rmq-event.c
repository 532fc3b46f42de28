/* SPDX-License-Identifier: Apache-2.0 */

/* The event log of a world: a ring of fixed records, listeners, and the hash of the run. The hash
 * mixes the typed fields of each record in two 64-bit lanes, and these into the whole run's and its
 * part's; it never sees an address of memory, a host's real time or a text whose bytes depend on
 * the machine. Used by the loop's owner only. */

#include <string.h>

#include "rmq-event.h"
#include "rmq-random.h"
#include "rmq-text-table.h"

#define DEFAULT_CAPACITY 65536

typedef struct
{
  guint64 a, b;
} Lanes;

typedef struct
{
  guint id;
  RmqEventFunc func;
  gpointer data;
} Listener;

/* The hash of a kind's name, remembered; another kind may take the place. */
typedef struct
{
  const RmqEventKind *kind;
  guint64 hash;
} KindHash;
#define N_KIND_HASHES 64

/* Texts that were given from the same place in memory before: most likely it is the same text
 * again, and comparing is cheaper than looking it up. Each is held once more. */
#define N_RECENT_TEXTS 64

struct _RmqEventLog
{
  RmqEvent *ring;
  guint capacity; /* allocated on first use */
  guint newest;   /* the last record's place in it */
  guint64 last_id;
  guint64 first_id;
  guint64 ev;
  guint64 cause;
  guint64 last_serial;
  GPtrArray *host_names;
  RmqTextTable texts;
  RmqText *recent[N_RECENT_TEXTS]; /* (nullable) each; by address of what was given */
  gboolean keeps_texts;
  gboolean unhashed;
  KindHash kind_hashes[N_KIND_HASHES];
  GArray *listeners; /* of Listener */
  guint next_listener_id;
  Lanes whole;
  Lanes parts[RMQ_N_HASHES];
};

static const char *const part_names[] = { "wire", "client", "broker", "verdict" };
G_STATIC_ASSERT (G_N_ELEMENTS (part_names) == RMQ_N_HASHES);

const char *
rmq_hash_part_get_name (RmqHashPart part)
{
  return part == RMQ_HASH_NONE ? "hash" : part_names[part];
}

RmqEventLog *
rmq_event_log_new (void)
{
  RmqEventLog *log = g_new0 (RmqEventLog, 1);
  log->capacity = DEFAULT_CAPACITY;
  log->first_id = 1;
  log->host_names = g_ptr_array_new_with_free_func (g_free);
  log->listeners = g_array_new (FALSE, FALSE, sizeof (Listener));
  return log;
}

void
rmq_event_log_free (RmqEventLog *log)
{
  if (log == NULL)
    return;
  g_free (log->ring);
  g_ptr_array_unref (log->host_names);
  rmq_text_table_clear (&log->texts);
  g_array_unref (log->listeners);
  g_free (log);
}

void
rmq_event_log_set_capacity (RmqEventLog *log, guint capacity)
{
  g_assert (capacity > 0);
  g_assert (log->last_id == 0);
  log->capacity = capacity;
}

guint16
rmq_event_log_add_host (RmqEventLog *log, const char *name)
{
  g_ptr_array_add (log->host_names, g_strdup (name));
  g_assert (log->host_names->len <= G_MAXUINT16);
  return (guint16)(log->host_names->len - 1);
}

const char *
rmq_event_log_get_host_name (RmqEventLog *log, guint16 host)
{
  g_assert (host < log->host_names->len);
  return g_ptr_array_index (log->host_names, host);
}

void
rmq_event_log_keep_texts (RmqEventLog *log)
{
  log->keeps_texts = TRUE;
}

void
rmq_event_log_forgo_hash (RmqEventLog *log)
{
  g_assert (log->last_id == 0);
  log->unhashed = TRUE;
}

/* ---- texts --------------------------------------------------------------- */

static RmqText *
text_of (const char *chars)
{
  return (RmqText *)(chars - offsetof (RmqText, chars));
}

static const char *
take_text (RmqEventLog *log, const char *chars)
{
  if (chars == NULL || chars[0] == '\0')
    return "";
  RmqText **recent = &log->recent[((gsize)chars >> 4) % N_RECENT_TEXTS];
  RmqText *text = *recent;
  if (text != NULL && strcmp (text->chars, chars) == 0)
    {
      text->refs++;
      return text->chars;
    }
  *recent = rmq_text_table_take (&log->texts, chars);
  if (text != NULL)
    rmq_text_table_release (&log->texts, text);
  (*recent)->refs++;
  return (*recent)->chars;
}

static void
release_text (RmqEventLog *log, const char *chars)
{
  if (chars[0] != '\0' && !log->keeps_texts)
    rmq_text_table_release (&log->texts, text_of (chars));
}

/* ---- the hash of the run ------------------------------------------------- */

static inline void
mix_lanes (Lanes *lanes, Lanes value)
{
  lanes->a = (lanes->a ^ value.a) * 0x9fb21c651e98df25u;
  lanes->a ^= lanes->a >> 32;
  lanes->b = (lanes->b + value.b) * 0xd6e8feb86659fd93u;
  lanes->b ^= lanes->b >> 29;
}

static inline void
mix (Lanes *lanes, guint64 value)
{
  mix_lanes (lanes, (Lanes){ value, value });
}

static guint64
kind_hash (RmqEventLog *log, const RmqEventKind *kind)
{
  KindHash *known = &log->kind_hashes[(gsize)kind / sizeof *kind % N_KIND_HASHES];
  if (known->kind != kind)
    *known = (KindHash){ .kind = kind, .hash = rmq_hash_text (kind->name) };
  return known->hash;
}

static void
hash_event (RmqEventLog *log, const RmqEvent *event)
{
  RmqHashPart part = event->kind->part;
  if (part == RMQ_HASH_NONE || log->unhashed)
    return;
  Lanes lanes = { 0 };
  mix (&lanes, kind_hash (log, event->kind));
  mix (&lanes, (guint64)event->at_us);
  mix (&lanes, event->host);
  mix (&lanes, event->text[0] != '\0' ? text_of (event->text)->hash : 0);
  for (guint i = 0; i < event->n_fields; i++)
    mix (&lanes, (guint64)event->fields[i]);
  mix_lanes (&log->whole, lanes);
  mix_lanes (&log->parts[part], lanes);
}

/* ---- recording ----------------------------------------------------------- */

static void
tell_listeners (RmqEventLog *log, const RmqEvent *event)
{
  for (guint i = 0; i < log->listeners->len; i++)
    {
      Listener *listener = &g_array_index (log->listeners, Listener, i);
      listener->func (event, listener->data);
    }
}

/* The oldest record makes room. */
static RmqEvent *
next_slot (RmqEventLog *log, guint64 id)
{
  if (log->ring == NULL)
    log->ring = g_new (RmqEvent, log->capacity);
  log->newest = log->newest + 1 < log->capacity ? log->newest + 1 : 0;
  RmqEvent *slot = &log->ring[log->newest];
  if (id - log->first_id >= log->capacity)
    {
      release_text (log, slot->text);
      log->first_id = id - log->capacity + 1;
    }
  return slot;
}

guint64
rmq_event_log_emit (RmqEventLog *log, gint64 at_us, guint16 host, const RmqEventKind *kind,
                    const char *text, const gint64 *fields, guint n_fields)
{
  g_assert (n_fields <= RMQ_EVENT_FIELDS_MAX);
  g_assert (host < log->host_names->len);
  guint64 id = ++log->last_id;
  const char *own_text = take_text (log, text); /* it may be that of the record that goes now */
  RmqEvent *event = next_slot (log, id);
  event->id = id;
  event->ev = log->ev;
  event->cause = log->cause;
  event->at_us = at_us;
  event->kind = kind;
  event->text = own_text;
  event->host = host;
  event->n_fields = (guint8)n_fields;
  for (guint i = 0; i < n_fields; i++)
    event->fields[i] = fields[i];
  for (guint i = n_fields; i < RMQ_EVENT_FIELDS_MAX; i++)
    event->fields[i] = 0;
  hash_event (log, event);
  tell_listeners (log, event);
  return id;
}

void
rmq_event_log_begin_moment (RmqEventLog *log, guint64 cause)
{
  log->ev++;
  log->cause = cause;
}

guint64
rmq_event_log_get_ev (RmqEventLog *log)
{
  return log->ev;
}

guint64
rmq_event_log_get_cause (RmqEventLog *log)
{
  return log->cause;
}

void
rmq_event_log_set_cause (RmqEventLog *log, guint64 id)
{
  log->cause = id;
}

guint
rmq_event_log_add_listener (RmqEventLog *log, RmqEventFunc func, gpointer data)
{
  Listener listener = { .id = ++log->next_listener_id, .func = func, .data = data };
  g_array_append_val (log->listeners, listener);
  return listener.id;
}

void
rmq_event_log_remove_listener (RmqEventLog *log, guint id)
{
  for (guint i = 0; i < log->listeners->len; i++)
    if (g_array_index (log->listeners, Listener, i).id == id)
      {
        g_array_remove_index (log->listeners, i);
        return;
      }
}

guint64
rmq_event_log_next_serial (RmqEventLog *log)
{
  return ++log->last_serial;
}

guint64
rmq_event_log_get_last_id (RmqEventLog *log)
{
  return log->last_id;
}

guint64
rmq_event_log_get_first_id (RmqEventLog *log)
{
  return log->first_id;
}

const RmqEvent *
rmq_event_log_get (RmqEventLog *log, guint64 id)
{
  if (id < log->first_id || id > log->last_id)
    return NULL;
  return &log->ring[id % log->capacity];
}

char *
rmq_event_log_get_hash (RmqEventLog *log, RmqHashPart part)
{
  const Lanes *lanes = part == RMQ_HASH_NONE ? &log->whole : &log->parts[part];
  return g_strdup_printf ("%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x", lanes->a,
                          lanes->b);
}

static void
append_field (GString *out, const RmqEvent *event, guint i)
{
  const char *const *nicks = event->kind->nicks[i];
  gint64 value = event->fields[i];
  gboolean has_nick =
      nicks != NULL && value >= 0 && (guint64)value < g_strv_length ((char **)nicks);
  g_string_append_printf (out, " %s=", event->kind->field_names[i]);
  if (has_nick)
    g_string_append (out, nicks[value]);
  else
    g_string_append_printf (out, "%" G_GINT64_FORMAT, value);
}

char *
rmq_event_format (const RmqEvent *event)
{
  GString *out = g_string_new (event->kind->name);
  for (guint i = 0; i < event->n_fields && event->kind->field_names[i] != NULL; i++)
    append_field (out, event, i);
  if (event->text[0] != '\0')
    g_string_append_printf (out, " %s", event->text);
  return g_string_free (out, FALSE);
}
