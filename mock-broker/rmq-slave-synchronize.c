/* SPDX-License-Identifier: Apache-2.0 */

/* What a slave knows besides the log: the tables it takes from its master, whole, as requests 21,
 * 43 and 201 would bring them. What clients told the slave itself is overwritten. A master that is
 * down, paused or hung gives nothing, and the next round tries again. On the slave's timer, owner
 * only. */

#include "rmq-mock-broker-private.h"

#define FIRST_ROUND_US (3 * G_TIME_SPAN_SECOND)
#define PERIOD_US (10 * G_TIME_SPAN_SECOND)

void
rmq_slave_synchronize_init (RmqSlaveSynchronize *self, RmqMockBroker *broker)
{
  self->broker = broker;
}

static gboolean
answers (RmqMockBroker *master)
{
  return rmq_mock_server_is_running (master->server)
         && !rmq_mock_server_get_state (master->server, RMQ_SERVER_PAUSE)
         && !rmq_mock_server_get_state (master->server, RMQ_SERVER_HANG);
}

/* What is gone at the master is no longer read here. */
static void
drop_queues (RmqMockBroker *self, RmqMockBroker *master)
{
  const GPtrArray *topics = rmq_topic_config_manager_get_body (self->topics)->topics;
  for (guint i = 0; i < topics->len; i++)
    {
      const RmqTopicConfig *config = g_ptr_array_index (topics, i);
      if (rmq_topic_config_manager_get (master->topics, config->topic_name) == NULL)
        rmq_message_store_drop_topic (&self->store, config->topic_name);
    }
}

static void
take_round (gpointer data)
{
  RmqSlaveSynchronize *self = data;
  RmqMockBroker *slave = self->broker;
  RmqMockBroker *master = slave->ha_client.master;
  RmqEnv *env = rmq_mock_server_get_env (slave->server);
  if (master == NULL)
    return;
  rmq_env_timer_start (env, &self->timer, rmq_env_now (env) + PERIOD_US, take_round, self);
  if (!answers (master))
    return;
  drop_queues (slave, master);
  rmq_topic_config_manager_assign (slave->topics, master->topics);
  rmq_consumer_offset_manager_put_all (&slave->offsets, &master->offsets);
  rmq_subscription_group_manager_assign (&slave->groups, &master->groups);
}

void
rmq_slave_synchronize_start (RmqSlaveSynchronize *self)
{
  RmqEnv *env = rmq_mock_server_get_env (self->broker->server);
  if (self->broker->ha_client.master != NULL)
    rmq_env_timer_start (env, &self->timer, rmq_env_now (env) + FIRST_ROUND_US, take_round, self);
}

void
rmq_slave_synchronize_halt (RmqSlaveSynchronize *self)
{
  RmqEnv *env = rmq_mock_server_get_env (self->broker->server);
  if (env != NULL)
    rmq_env_timer_stop (env, &self->timer);
}
