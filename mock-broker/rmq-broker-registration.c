/* SPDX-License-Identifier: Apache-2.0 */

/* What a broker tells name servers of itself and its topics: everything, or one topic, its
 * permissions cut to the broker's own. On the broker's loop, owner only; when it is told stands in
 * rmq-mock-broker.c, how in rmq-broker-outer-api.c. */

#include "rmq-mock-broker-private.h"

static void
register_body (RmqMockBroker *self, const RmqRegisterBrokerBody *body, gboolean oneway)
{
  if (self->outer_api == NULL || rmq_mock_server_get_state (self->server, RMQ_SERVER_HANG)
      || rmq_mock_server_get_state (self->server, RMQ_SERVER_IGNORES_REGISTRATION))
    return;
  RmqRegisterBrokerRequestHeader header = {
    .broker_name = self->name,
    .broker_addr = self->advertised,
    .cluster_name = self->cluster,
    .ha_server_addr = self->ha_address,
    .broker_id = self->id,
  };
  rmq_broker_outer_api_register_all (self->outer_api, &header, body, oneway);
}

/* A broker that may not be read or written says so of each of its topics. */
static RmqRegisterBrokerBody *
copy_limited (RmqMockBroker *self, const RmqRegisterBrokerBody *body)
{
  const gint rw = RMQ_PERM_READ | RMQ_PERM_WRITE;
  gint limit = (gint)self->config.broker_permission;
  RmqRegisterBrokerBody *copy = rmq_register_broker_body_new ();
  copy->data_version = body->data_version;
  for (guint i = 0; i < body->topics->len; i++)
    {
      const RmqTopicConfig *topic = g_ptr_array_index (body->topics, i);
      gint perm = self->profile->send->masks_perm ? topic->perm & limit : limit;
      RmqTopicConfig *added = rmq_register_broker_body_add_topic (
          copy, topic->topic_name, topic->read_queue_nums, topic->write_queue_nums,
          (limit & rw) == rw ? topic->perm : perm);
      added->topic_sys_flag = topic->topic_sys_flag;
      added->order = topic->order;
    }
  return copy;
}

void
rmq_mock_broker_register_all (RmqMockBroker *self, gboolean oneway)
{
  RmqRegisterBrokerBody *body =
      copy_limited (self, rmq_topic_config_manager_get_body (self->topics));
  register_body (self, body, oneway);
  rmq_register_broker_body_free (body);
}

void
rmq_mock_broker_register_topic (RmqMockBroker *self, const RmqTopicConfig *topic)
{
  RmqRegisterBrokerBody *one = rmq_register_broker_body_new ();
  one->data_version = rmq_topic_config_manager_get_body (self->topics)->data_version;
  RmqTopicConfig *added = rmq_register_broker_body_add_topic (
      one, topic->topic_name, topic->read_queue_nums, topic->write_queue_nums, topic->perm);
  added->topic_sys_flag = topic->topic_sys_flag;
  added->order = topic->order;
  RmqRegisterBrokerBody *body = copy_limited (self, one);
  register_body (self, body, FALSE);
  rmq_register_broker_body_free (body);
  rmq_register_broker_body_free (one);
}
