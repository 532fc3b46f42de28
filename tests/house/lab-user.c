/* SPDX-License-Identifier: Apache-2.0 */

/* What somebody else's test may look like: a cluster from rmq-lab-1 and a producer from rmq-1 in
 * one program. */

#include <rmq-lab/rmq-lab.h>
#include <rmq/rmq.h>
#include <stdio.h>

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqMockCluster) cluster = rmq_mock_cluster_new (1, 2);
  if (!rmq_mock_cluster_start (cluster, &error))
    g_error ("cluster: %s", error->message);
  rmq_mock_cluster_add_topic (cluster, "Orders", 4);

  g_autoptr (RmqProducer) producer = rmq_producer_new ("PG_USER");
  rmq_producer_set_namesrv_addr (producer, rmq_mock_cluster_get_namesrv_addr (cluster));
  if (!rmq_producer_start (producer, &error))
    g_error ("producer: %s", error->message);
  g_autoptr (GBytes) body = g_bytes_new_static ("hello", 5);
  g_autoptr (RmqMessage) message = rmq_message_new ("Orders", body);
  g_autoptr (RmqSendResult) result = rmq_producer_send (producer, message, 0, &error);
  if (result == NULL)
    g_error ("send: %s", error->message);
  rmq_producer_shutdown (producer);

  printf ("%s, %u stored\n", rmq_send_status_get_name (rmq_send_result_get_status (result)),
          rmq_mock_cluster_count_messages (cluster, "Orders"));
  return 0;
}
