/* SPDX-License-Identifier: Apache-2.0 */

/* Filters by tag, as a broker applies them: by hash, so a tag with the same hash passes and the
 * client has to look again. Pure. */

#include "rmq-pull-filter.h"

#include "rmq-message-codec.h"

#define ALL "*"

gboolean
rmq_expression_type_is_tag (const char *type)
{
  return type == NULL || *type == '\0' || g_str_equal (type, "TAG");
}

static void
add_code (RmqPullFilter *filter, const char *tag)
{
  gint32 code = rmq_java_hash (tag);
  g_array_append_val (filter->codes, code);
}

gboolean
rmq_pull_filter_parse (RmqPullFilter *filter, const char *text)
{
  *filter = (RmqPullFilter){ 0 };
  filter->takes_all = text == NULL || *text == '\0' || g_str_equal (text, ALL);
  if (filter->takes_all)
    return TRUE;
  g_auto (GStrv) tags = g_strsplit (text, "||", -1);
  guint n = g_strv_length (tags);
  while (n > 0 && *tags[n - 1] == '\0') /* String.split drops them */
    n--;
  if (n == 0)
    return FALSE;
  filter->codes = g_array_new (FALSE, FALSE, sizeof (gint32));
  for (guint i = 0; i < n; i++)
    if (*g_strstrip (tags[i]) != '\0')
      add_code (filter, tags[i]);
  return TRUE;
}

void
rmq_pull_filter_take (RmqPullFilter *filter, const RmqSubscriptionData *subscription)
{
  *filter = (RmqPullFilter){
    .takes_all = subscription->class_filter_mode || g_strcmp0 (subscription->sub_string, ALL) == 0,
    .codes = subscription->code_set != NULL ? g_array_ref (subscription->code_set) : NULL,
  };
}

void
rmq_pull_filter_copy (RmqPullFilter *to, const RmqPullFilter *from)
{
  *to = *from;
  if (to->codes != NULL)
    g_array_ref (to->codes);
}

void
rmq_pull_filter_clear (RmqPullFilter *filter)
{
  g_clear_pointer (&filter->codes, g_array_unref);
}

gboolean
rmq_pull_filter_matches (const RmqPullFilter *filter, gint64 tags_code)
{
  if (filter->takes_all)
    return TRUE;
  for (guint i = 0; filter->codes != NULL && i < filter->codes->len; i++)
    if (g_array_index (filter->codes, gint32, i) == tags_code)
      return TRUE;
  return FALSE;
}
