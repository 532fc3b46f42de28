/* SPDX-License-Identifier: Apache-2.0 */

/* Ten orders, each with its steps in order: the well-known example of RocketMQ. All messages of one
 * order go to one queue, because the selector takes the order id modulo the number of queues; the
 * send is synchronous, because the next step must not overtake one that is still under way.
 *
 *   cc ordered-producer.c -o ordered-producer $(pkg-config --cflags --libs rmq-1)
 *   ./ordered-producer 127.0.0.1:9876
 */

#include <rmq/rmq.h>
#include <stdlib.h>

#define N_ORDERS 10

static const char *const steps[] = { "created", "paid", "shipped" };

/* The same order always meets the same queue, as long as the list of queues stays. */
static guint
select_by_order_id (RmqMessageQueue *const *queues, guint n_queues, RmqMessage *message,
                    gpointer data)
{
  guint order_id = GPOINTER_TO_UINT (data);
  return order_id % n_queues;
}

static gboolean
send_step (RmqProducer *producer, guint order_id, const char *step)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strdup_printf ("order %u %s", order_id, step);
  g_autofree char *key = g_strdup_printf ("order-%u", order_id);
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (RmqMessage) message = rmq_message_new ("Orders", body);
  rmq_message_set_keys (message, key);
  g_autoptr (RmqSendResult) result = rmq_producer_send_by_selector (
      producer, message, select_by_order_id, GUINT_TO_POINTER (order_id), 0, &error);
  if (result == NULL)
    {
      g_printerr ("%s: %s%s\n", text, error->message,
                  rmq_error_is_outcome_unknown (error) ? " (it may be stored)" : "");
      return FALSE;
    }
  RmqMessageQueue *queue = rmq_send_result_get_message_queue (result);
  g_print ("%s: %s in %s:%d at %" G_GINT64_FORMAT "\n", text,
           rmq_send_status_get_name (rmq_send_result_get_status (result)),
           rmq_message_queue_get_broker_name (queue), rmq_message_queue_get_queue_id (queue),
           rmq_send_result_get_queue_offset (result));
  return TRUE;
}

/* The steps of all orders, one step after the other. An order whose step failed must not go on. */
static gboolean
send_orders (RmqProducer *producer)
{
  gboolean all_sent = TRUE;
  gboolean stopped[N_ORDERS] = { FALSE };
  for (guint s = 0; s < G_N_ELEMENTS (steps); s++)
    for (guint order_id = 0; order_id < N_ORDERS; order_id++)
      if (!stopped[order_id] && !send_step (producer, order_id, steps[s]))
        {
          stopped[order_id] = TRUE;
          all_sent = FALSE;
        }
  return all_sent;
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RmqProducer) producer = rmq_producer_new ("PG_ORDER");
  if (argc > 1) /* else NAMESRV_ADDR counts */
    rmq_producer_set_namesrv_addr (producer, argv[1]);
  if (!rmq_producer_start (producer, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }
  gboolean all_sent = send_orders (producer);
  rmq_producer_shutdown (producer);
  return all_sent ? EXIT_SUCCESS : EXIT_FAILURE;
}
