// SPDX-License-Identifier: Apache-2.0
package lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.UUID;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_METHOD)
class OrdersTest {
    private Cluster cluster;
    private DefaultMQProducer producer;

    @BeforeEach
    void start() throws Exception {
        cluster = Cluster.create();
        producer = new DefaultMQProducer("PG_ORDERS");
        producer.setNamesrvAddr(cluster.namesrv);
        producer.setInstanceName(UUID.randomUUID().toString()); // else all tests share one client
        producer.setSendMsgTimeout(20000); // of all attempts together; build machines are slow
        producer.start();
    }

    @AfterEach
    void end() throws Exception {
        producer.shutdown();
        cluster.close();
    }

    private void send() throws Exception {
        producer.send(new Message("Orders", "tag", "an order".getBytes()));
    }

    /** Stored, but the broker says it failed: the producer tries again. */
    @Test
    void aLostAnswerMakesADuplicate() throws Exception {
        cluster.call("POST", "/v1/outages", "{'target':'broker-a','verb':'answer',"
            + "'code':'SYSTEM_ERROR','amount':'next 1','what':'send requests','afterStore':true}");
        send();
        cluster.expect("duplicates = 1");
        assertEquals(2, cluster.messages("Orders").size());
    }

    @Test
    void aDeadBrokerComesBack() throws Exception {
        String id = cluster.call("POST", "/v1/outages", "{'target':'broker-a','verb':'kill'}")
            .getString("id");
        assertThrows(MQClientException.class, this::send);
        cluster.call("DELETE", "/v1/outages/" + id, "");
        send();
        cluster.expect("sends to broker-a = 1");
    }
}
