/* SPDX-License-Identifier: Apache-2.0 */

/* The JSON bodies by which consumers tell a broker what they read, lock and want: what can't be
 * read has an error, what can be read is in one piece. */

#include "fuzz.h"
#include "rmq-queue-json.h"
#include "rmq-subscription-data.h"
#include "rmq-subscription-group-manager.h"

static void
read_consumers (const char *json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) set = rmq_consumer_data_set_decode (json, &error);
  g_assert_cmpint (set == NULL, ==, error != NULL);
}

static void
read_check (GBytes *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqSubscriptionData) read = NULL;
  gboolean good = rmq_check_client_body_decode (body, &read, &error);
  g_assert_cmpint (good, ==, error == NULL);
  if (read == NULL)
    return;
  g_autoptr (RmqSubscriptionData) copy = rmq_subscription_data_copy (read);
  g_assert_cmpstr (copy->sub_string, ==, read->sub_string);
}

static void
read_locks (GBytes *body)
{
  g_autoptr (GError) error = NULL;
  g_auto (RmqLockBatchBody) read = { 0 };
  gboolean good = rmq_lock_batch_body_decode (body, &read, &error);
  g_assert_cmpint (good, ==, error == NULL);
}

static void
read_group (GBytes *body)
{
  g_autoptr (GError) error = NULL;
  RmqSubscriptionGroupConfig read;
  gboolean good = rmq_subscription_group_config_decode (body, &read, &error);
  g_assert_cmpint (good, ==, error == NULL);
  rmq_subscription_group_config_clear (&read);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GBytes) body = g_bytes_new (data, size);
  g_autofree char *text = g_strndup ((const char *)data, size);
  read_consumers (text);
  read_check (body);
  read_locks (body);
  read_group (body);
  return 0;
}
