/* SPDX-License-Identifier: Apache-2.0 */

/* The properties of a message: an ordered list of names and values, and the string it travels as.
 * Pure; one owner. A message has a handful of them, so a linear search is all it needs, and one
 * allocation holds them all.
 */

#include "rmq-message-codec.h"
#include "rmq-text-arena.h"

#define NAME_VALUE_SEPARATOR '\001'
#define PROPERTY_SEPARATOR '\002'

/* Of a new message: what is usually set. */
#define N_NEW 8
#define TEXT_SIZE_NEW 160
/* Beside what arrived: what a broker adds. */
#define N_SPARE 1
#define TEXT_SIZE_SPARE 40

typedef struct
{
  const char *name;
  char *value;
  guint name_size;
  guint value_size;
  guint value_room;
} Property;

struct _RmqProperties
{
  RmqTextArena texts;
  Property *list; /* inline_list, or a heap array */
  guint n;
  guint capacity;
  Property inline_list[]; /* the first texts lie behind it */
};

static RmqProperties *
properties_new (guint capacity, gsize text_size)
{
  gsize list_size = capacity * sizeof (Property);
  RmqProperties *self = g_malloc (sizeof *self + list_size + text_size);
  rmq_text_arena_init (&self->texts, (char *)self->inline_list + list_size, text_size);
  self->list = self->inline_list;
  self->n = 0;
  self->capacity = capacity;
  return self;
}

RmqProperties *
rmq_properties_new (void)
{
  return properties_new (N_NEW, TEXT_SIZE_NEW);
}

void
rmq_properties_free (RmqProperties *self)
{
  if (self == NULL)
    return;
  rmq_text_arena_clear (&self->texts);
  if (self->list != self->inline_list)
    g_free (self->list);
  g_free (self);
}

/* (nullable). name may be part of a longer text. */
static Property *
find (const RmqProperties *self, const char *name, gsize name_size)
{
  for (Property *property = self->list; property < self->list + self->n; property++)
    if (property->name_size == name_size && memcmp (property->name, name, name_size) == 0)
      return property;
  return NULL;
}

static Property *
append (RmqProperties *self, const char *name, gsize name_size)
{
  if (self->n == self->capacity)
    {
      gboolean is_inline = self->list == self->inline_list;
      self->capacity *= 2;
      self->list = g_renew (Property, is_inline ? NULL : self->list, self->capacity);
      if (is_inline)
        memcpy (self->list, self->inline_list, self->n * sizeof *self->list);
    }
  Property *property = &self->list[self->n++];
  *property = (Property){ .name = rmq_text_arena_keep (&self->texts, name, name_size),
                          .name_size = (guint)name_size };
  return property;
}

static void
keep_value (RmqProperties *self, Property *property, const char *value, gsize value_size)
{
  property->value = rmq_text_arena_keep (&self->texts, value, value_size);
  property->value_room = (guint)value_size;
  property->value_size = (guint)value_size;
}

/* A value that fits takes the place of the old one, so that setting again and again needs no more
 * room. */
static void
set (RmqProperties *self, const char *name, gsize name_size, const char *value, gsize value_size)
{
  Property *property = find (self, name, name_size);
  if (property == NULL)
    property = append (self, name, name_size);
  if (property->value != NULL && value_size <= property->value_room)
    {
      memmove (property->value, value, value_size);
      property->value[value_size] = '\0';
      property->value_size = (guint)value_size;
    }
  else
    keep_value (self, property, value, value_size);
}

void
rmq_properties_set (RmqProperties *self, const char *name, const char *value)
{
  g_assert (value != NULL);
  set (self, name, strlen (name), value, strlen (value));
}

void
rmq_properties_add (RmqProperties *self, const char *name, const char *value)
{
  keep_value (self, append (self, name, strlen (name)), value, strlen (value));
}

RmqProperties *
rmq_properties_copy (const RmqProperties *self)
{
  RmqProperties *copy = rmq_properties_new ();
  for (const Property *property = self->list; property < self->list + self->n; property++)
    rmq_properties_add (copy, property->name, property->value);
  return copy;
}

/* Its texts stay until the others go. */
void
rmq_properties_remove (RmqProperties *self, const char *name)
{
  Property *property = find (self, name, strlen (name));
  if (property == NULL)
    return;
  guint index = (guint)(property - self->list);
  self->n--;
  memmove (property, property + 1, (self->n - index) * sizeof *property);
}

const char *
rmq_properties_get (const RmqProperties *self, const char *name)
{
  const Property *property = find (self, name, strlen (name));
  return property != NULL ? property->value : NULL;
}

guint
rmq_properties_get_n (const RmqProperties *self)
{
  return self->n;
}

void
rmq_properties_get_at (const RmqProperties *self, guint index, const char **name,
                       const char **value)
{
  g_assert (index < self->n);
  *name = self->list[index].name;
  *value = self->list[index].value;
}

static char *
put (char *at, const char *text, gsize size, char separator)
{
  memcpy (at, text, size);
  at[size] = separator;
  return at + size + 1;
}

gsize
rmq_properties_measure (const RmqProperties *self)
{
  gsize size = 0;
  for (guint i = 0; i < self->n; i++)
    size += self->list[i].name_size + self->list[i].value_size + 2;
  return size > 0 ? size - 1 : 0;
}

char *
rmq_properties_encode (const RmqProperties *self, gboolean last_separator)
{
  char *text = g_malloc (rmq_properties_measure (self) + 2), *at = text;
  for (guint i = 0; i < self->n; i++)
    {
      const Property *property = &self->list[i];
      at = put (at, property->name, property->name_size, NAME_VALUE_SEPARATOR);
      at = put (at, property->value, property->value_size, PROPERTY_SEPARATOR);
    }
  if (!last_separator && self->n > 0)
    at--;
  *at = '\0';
  return text;
}

/* As 4.9 and 5.3 read it: the first separator ends the name, and neither part may be empty. */
static void
decode_piece (RmqProperties *self, const char *piece, gsize size)
{
  const char *separator = memchr (piece, NAME_VALUE_SEPARATOR, size);
  if (separator == NULL || separator == piece || separator == piece + size - 1)
    return;
  gsize name_size = (gsize)(separator - piece);
  set (self, piece, name_size, separator + 1, size - name_size - 1);
}

RmqProperties *
rmq_properties_decode (const char *text)
{
  text = text != NULL ? text : "";
  guint n = 1;
  const char *end = strchrnul (text, PROPERTY_SEPARATOR);
  for (; *end != '\0'; n++)
    end = strchrnul (end + 1, PROPERTY_SEPARATOR);
  RmqProperties *self = properties_new (n + N_SPARE, (gsize)(end - text) + 1 + TEXT_SIZE_SPARE);
  while (*text != '\0')
    {
      end = strchrnul (text, PROPERTY_SEPARATOR);
      decode_piece (self, text, (gsize)(end - text));
      text = *end != '\0' ? end + 1 : end;
    }
  return self;
}

gint32
rmq_java_hash (const char *text)
{
  guint32 hash = 0;
  while (*text != '\0')
    {
      gunichar c = g_utf8_get_char_validated (text, -1);
      gboolean is_bad = c == (gunichar)-1 || c == (gunichar)-2;
      text = is_bad ? text + 1 : g_utf8_next_char (text);
      c = is_bad ? 0xFFFD : c;
      if (c >= 0x10000) /* Java counts in units of UTF-16 */
        {
          hash = 31 * hash + 0xD800 + ((c - 0x10000) >> 10);
          c = 0xDC00 + ((c - 0x10000) & 0x3FF);
        }
      hash = 31 * hash + c;
    }
  return (gint32)hash;
}
