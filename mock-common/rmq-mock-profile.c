/* SPDX-License-Identifier: Apache-2.0 */

/* What servers of one version do and others don't: a row a version. Constants only; a new version
 * is a row, a new difference a member of the struct. */

#include "rmq-mock-profile.h"

#include "rmq-codes-private.h"

static const RmqMockProfile profiles[] = {
  {
      .name = "4.5.1",
      .version = RMQ_VERSION_4_5_1,
      .broker_answers_unknown_codes = FALSE,
      .nameserver_answers_unknown_codes = FALSE,
      .mirrors_encoding = FALSE,
      .quoted_keys_from_version = G_MAXINT,
      .unregister_delay_us = 6200 * G_TIME_SPAN_MILLISECOND,
      .first_scan_us = 5 * G_TIME_SPAN_SECOND,
      .scan_period_us = 10 * G_TIME_SPAN_SECOND,
      .faq_url = "http://rocketmq.apache.org/docs/faq/",
      .transaction_check_interval_ms = 60000,
  },
  {
      .name = "4.9",
      .version = RMQ_VERSION_4_9_7,
      .broker_answers_unknown_codes = TRUE,
      .nameserver_answers_unknown_codes = FALSE,
      .mirrors_encoding = TRUE,
      .quoted_keys_from_version = RMQ_VERSION_4_9_4,
      .unregister_delay_us = 3700 * G_TIME_SPAN_MILLISECOND,
      .first_scan_us = 5 * G_TIME_SPAN_SECOND,
      .scan_period_us = 10 * G_TIME_SPAN_SECOND,
      .faq_url = "http://rocketmq.apache.org/docs/faq/",
      .transaction_check_interval_ms = 60000,
  },
  {
      .name = "5.3",
      .version = RMQ_VERSION_5_3_3,
      .broker_answers_unknown_codes = TRUE,
      .nameserver_answers_unknown_codes = TRUE,
      .mirrors_encoding = FALSE,
      .quoted_keys_from_version = RMQ_VERSION_4_9_4,
      .unregister_delay_us = 40 * G_TIME_SPAN_MILLISECOND,
      .first_scan_us = 5 * G_TIME_SPAN_MILLISECOND,
      .scan_period_us = 5 * G_TIME_SPAN_SECOND,
      .faq_url = "https://rocketmq.apache.org/docs/bestPractice/06FAQ",
      .transaction_check_interval_ms = 30000,
  },
};

char *
rmq_mock_profile_join_names (void)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  for (guint i = 0; i < G_N_ELEMENTS (profiles); i++)
    g_strv_builder_add (names, profiles[i].name);
  g_auto (GStrv) list = g_strv_builder_end (names);
  return g_strjoinv (", ", list);
}

const RmqMockProfile *
rmq_mock_profile_find (const char *name)
{
  if (name == NULL)
    name = RMQ_MOCK_PROFILE_DEFAULT;
  for (guint i = 0; i < G_N_ELEMENTS (profiles); i++)
    if (g_str_equal (profiles[i].name, name))
      return &profiles[i];
  return NULL;
}
