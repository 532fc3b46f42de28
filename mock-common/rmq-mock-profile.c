/* SPDX-License-Identifier: Apache-2.0 */

/* What servers of one version do and others don't: a row a version. Constants only; a new version
 * is a row, a new difference a member of the struct. */

#include "rmq-mock-profile.h"

#include "rmq-codes-private.h"

#define ILLEGAL "the message is illegal, maybe msg body or properties length not matched. "
#define NEW_LIMITS "msg body length limit %dB, msg properties length limit 32KB."
#define NEW_UNAVAILABLE                                                                            \
  "service not available now. It may be caused by one of the following reasons: the broker's "     \
  "disk "                                                                                          \
  "is full [CL:  0.91 CQ:  0.91 INDEX:  0.91], messages are put to the slave, message store has "  \
  "been shut down, etc."

static const RmqSendProfile send_4_5_1 = {
  .refuses_tbw102 = TRUE,
  .bad_argument_code = RMQ_RESPONSE_SYSTEM_ERROR,
  .refuses_retry_batch = TRUE,
  .flush_timeout_for_slave = TRUE,
  .needs_retry_limit = TRUE,
  .dead_letter_perm = 2,
  .keeps_text = TRUE,
  .buckets = 16,
  .last_separator = TRUE,
  .limits_record = TRUE,
  .illegal_text = ILLEGAL "msg body length limit 128k, msg properties length limit 32k.",
  .unavailable_text = "service not available now, maybe disk full, CL:  0.91 CQ:  0.91 INDEX:  "
                      "0.91, maybe your broker machine memory too small.",
};

static const RmqSendProfile send_4_9 = {
  .letters_throw = TRUE,
  .checks_name = TRUE,
  .bad_argument_code = RMQ_RESPONSE_SYSTEM_ERROR,
  .dead_letter_perm = 6,
  .buckets = 16,
  .adds_cluster = TRUE,
  .drops_wait = TRUE,
  .illegal_text = ILLEGAL NEW_LIMITS,
  .unavailable_text = NEW_UNAVAILABLE,
  .has_replies = TRUE,
  .has_check_max_topic = TRUE,
};

static const RmqSendProfile send_5_3 = {
  .letters_throw = TRUE,
  .traces_first = TRUE,
  .checks_name = TRUE,
  .bad_argument_code = RMQ_RESPONSE_INVALID_PARAMETER,
  .registers_one_topic = TRUE,
  .refuses_retry_batch = TRUE,
  .batch_limit_throws = TRUE,
  .slave_rejects = TRUE,
  .counts_replicas = TRUE,
  .retries_over = 1,
  .dead_letter_perm = 6,
  .resets_delay = TRUE,
  .buckets = 128,
  .last_separator = TRUE,
  .adds_cluster = TRUE,
  .adds_trace = TRUE,
  .makes_uniq_key = TRUE,
  .answers_uniq_key = TRUE,
  .illegal_text = ILLEGAL NEW_LIMITS,
  .unavailable_text = NEW_UNAVAILABLE,
  .has_replies = TRUE,
  .masks_perm = TRUE,
  .shows_attributes = TRUE,
  .adds_transaction_id = TRUE,
  .check_names_topic = TRUE,
  .marker_delay_us = 3 * G_TIME_SPAN_SECOND,
  .has_timer = TRUE,
  .has_check_max_topic = TRUE,
};

#define NULL_POINTER                                                                               \
  "java.lang.NullPointerException, org.apache.rocketmq.broker.processor.AdminBrokerProcessor."     \
  "updateAndCreateTopic(AdminBrokerProcessor.java:290)"

static const RmqConsumerProfile consumer_4_5_1 = {
  .version_name = "V4_5_1",
  .fastjson_version = "1.2.51",
  .notifies_broadcasters = TRUE,
  .check_needs_body = TRUE,
  .dead_letter_keeps_delay = TRUE,
  .back_needs_limit = TRUE,
  .bad_topic_code = RMQ_RESPONSE_SYSTEM_ERROR,
  .null_topic_throws = TRUE,
  .bad_number_remark = NULL_POINTER,
};

static const RmqConsumerProfile consumer_4_9 = {
  .version_name = "V4_9_7",
  .fastjson_version = "1.2.69",
  .notifies_broadcasters = TRUE,
  .heartbeat_needs_names = TRUE,
  .check_needs_body = TRUE,
  .checks_topic_name = TRUE,
  .bad_topic_code = RMQ_RESPONSE_SYSTEM_ERROR,
  .bad_number_remark = NULL_POINTER,
  .created_remark = "not set any response code",
  .slave_refuses = TRUE,
  .null_group_throws = TRUE,
  .removes_offsets = "removeOffset",
};

static const RmqConsumerProfile consumer_5_3 = {
  .version_name = "V5_3_3",
  .fastjson_version = "1.2.83",
  .checks_group_name = TRUE,
  .skips_unknown_groups = TRUE,
  .modern_groups = TRUE,
  .heartbeat_needs_names = TRUE,
  .heartbeat_tells = TRUE,
  .checks_topic_name = TRUE,
  .bad_topic_code = RMQ_RESPONSE_INVALID_PARAMETER,
  .null_topic_throws = TRUE,
  .created_remark = "not set any response code",
  .null_group_throws = TRUE,
  .lists_topic_as_group = TRUE,
  .reset_by_broker = TRUE,
  .removes_offsets = "cleanOffset",
  .fixed_settings = "brokerConfigPath;configBlackList",
};

static const RmqPullProfile pull_4_5_1 = {
  .tells_of_moves = TRUE,
  .overflow_starts_anew = TRUE,
};

static const RmqPullProfile pull_4_9 = {
  .tells_of_moves = TRUE,
  .numbers_throw = TRUE,
  .null_group_is_key = TRUE,
  .negative_count_throws = TRUE,
};

static const RmqPullProfile pull_5_3 = {
  .numbers_throw = TRUE,
  .null_group_is_key = TRUE,
  .tells_flags = TRUE,
  .obeys_max_bytes = TRUE,
  .slave_rejects = TRUE,
  .slave_wakes = TRUE,
  .zero_needs_message = TRUE,
  .checks_commits = TRUE,
  .null_topic_is_key = TRUE,
  .min_by_rpc = TRUE,
  .searches_bounds = TRUE,
};

/* A name server in memory writes no file: its paths are names only. */
#define SETTINGS                                                                                   \
  "clusterTest=false\n"                                                                            \
  "configStorePath=/nowhere/namesrv/namesrv.properties\n"                                          \
  "kvConfigPath=/nowhere/namesrv/kvConfig.json\n"                                                  \
  "listenPort=9876\n"                                                                              \
  "orderMessageEnable=false\n"                                                                     \
  "productEnvName=center\n"                                                                        \
  "rocketmqHome=/nowhere\n"                                                                        \
  "serverAsyncSemaphoreValue=64\n"                                                                 \
  "serverCallbackExecutorThreads=0\n"                                                              \
  "serverChannelMaxIdleTimeSeconds=120\n"                                                          \
  "serverOnewaySemaphoreValue=256\n"                                                               \
  "serverPooledByteBufAllocatorEnable=true\n"                                                      \
  "serverSelectorThreads=3\n"                                                                      \
  "serverWorkerThreads=8\n"                                                                        \
  "useEpollNativeSelector=false\n"
#define SETTINGS_4_5_1 SETTINGS "serverSocketRcvBufSize=65535\nserverSocketSndBufSize=65535\n"
#define SETTINGS_4_9                                                                               \
  SETTINGS "serverSocketRcvBufSize=0\nserverSocketSndBufSize=0\nserverSocketBacklog=1024\n"        \
           "writeBufferHighWaterMark=0\nwriteBufferLowWaterMark=0\n"
#define SETTINGS_5_3                                                                               \
  SETTINGS_4_9 "bindAddress=0.0.0.0\n"                                                             \
               "clientRequestThreadPoolNums=8\n"                                                   \
               "clientRequestThreadPoolQueueCapacity=50000\n"                                      \
               "configBlackList=configBlackList;configStorePath;kvConfigPath\n"                    \
               "defaultThreadPoolNums=16\n"                                                        \
               "defaultThreadPoolQueueCapacity=10000\n"                                            \
               "deleteTopicWithBrokerRegistration=false\n"                                         \
               "enableAllTopicList=true\n"                                                         \
               "enableControllerInNamesrv=false\n"                                                 \
               "enableShutdownGracefully=false\n"                                                  \
               "enableTopicList=true\n"                                                            \
               "needWaitForService=false\n"                                                        \
               "notifyMinBrokerIdChanged=false\n"                                                  \
               "returnOrderTopicConfigToBroker=true\n"                                             \
               "scanNotActiveBrokerInterval=5000\n"                                                \
               "serverNettyWorkerGroupEnable=true\n"                                               \
               "shutdownWaitTimeSeconds=30\n"                                                      \
               "supportActingMaster=false\n"                                                       \
               "unRegisterBrokerQueueCapacity=3000\n"                                              \
               "waitSecondsForService=45\n"

static const RmqNameserverProfile nameserver_4_5_1 = {
  .topic_syn_flag = TRUE,
  .null_version_throws = TRUE,
  .settings = SETTINGS_4_5_1,
};

static const RmqNameserverProfile nameserver_4_9 = {
  .deletes_by_cluster = TRUE,
  .refuses_null_key = TRUE,
  .null_version_throws = TRUE,
  .settings = SETTINGS_4_9,
  .fixed_settings = "configStorePath;kvConfigPath",
  .fixed_text = "Can not update config path",
};

static const RmqNameserverProfile nameserver_5_3 = {
  .refuses_one_topic = TRUE,
  .heals_topics = TRUE,
  .lives_by_cluster = TRUE,
  .unregisters_by_address = TRUE,
  .compares_state_version = TRUE,
  .query_refreshes = TRUE,
  .obeys_heartbeat_timeout = TRUE,
  .deletes_by_cluster = TRUE,
  .acting_master = TRUE,
  .refuses_null_key = TRUE,
  .settings = SETTINGS_5_3,
  .fixed_settings = "configBlackList;configStorePath;kvConfigPath;rocketmqHome",
  .fixed_text = "Can not update config in black list.",
};

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
      .send = &send_4_5_1,
      .consumer = &consumer_4_5_1,
      .pull = &pull_4_5_1,
      .nameserver = &nameserver_4_5_1,
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
      .empty_is_null = TRUE,
      .faq_url = "http://rocketmq.apache.org/docs/faq/",
      .transaction_check_interval_ms = 60000,
      .send = &send_4_9,
      .consumer = &consumer_4_9,
      .pull = &pull_4_9,
      .nameserver = &nameserver_4_9,
  },
  {
      .name = "5.3",
      .version = RMQ_VERSION_5_3_3,
      .broker_answers_unknown_codes = TRUE,
      .nameserver_answers_unknown_codes = TRUE,
      .mirrors_encoding = FALSE,
      .quoted_keys_from_version = RMQ_VERSION_4_9_4,
      .unregister_delay_us = 0,
      .first_scan_us = 5 * G_TIME_SPAN_MILLISECOND,
      .scan_period_us = 5 * G_TIME_SPAN_SECOND,
      .empty_is_null = TRUE,
      .faq_url = "https://rocketmq.apache.org/docs/bestPractice/06FAQ",
      .transaction_check_interval_ms = 30000,
      .send = &send_5_3,
      .consumer = &consumer_5_3,
      .pull = &pull_5_3,
      .nameserver = &nameserver_5_3,
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
