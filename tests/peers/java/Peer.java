// SPDX-License-Identifier: Apache-2.0
// A service on Apache's own Java client, driven from outside as every client of tests/peers is:
//   Peer send NAMESRV TOPIC KIND…      every kind once through; a line a result
//   Peer load NAMESRV TOPIC COUNT MS   sync sends, one every MS; a line a result
//   Peer consume NAMESRV TOPIC TAGS GROUP concurrently|orderly   a line a message; ends with input
// Lines are described in README.md.
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

public class Peer {
    static final int EACH = 10;
    static final int BIG_BODY = 6000; // above the 4096 bytes from which the client compresses
    static final long WAIT_S = 20;

    static String topic;
    static TransactionMQProducer producer;

    static synchronized void say(Object... words) {
        StringBuilder line = new StringBuilder();
        for (Object word : words)
            line.append(line.length() == 0 ? "" : "\t")
                .append(String.valueOf(word).replaceAll("[\t\n]", " "));
        System.out.println(line);
        System.out.flush();
    }

    static void configure(ClientConfig config, String namesrv) {
        config.setNamesrvAddr(namesrv);
        config.setClientIP("127.0.0.1");
        config.setInstanceName("peer-" + System.nanoTime());
        config.setVipChannelEnabled(false);
        config.setPollNameServerInterval(1000);
        config.setHeartbeatBrokerInterval(1000);
        config.setPersistConsumerOffsetInterval(1000);
    }

    // ---- sends ---------------------------------------------------------------------------------

    static Message message(String kind, int i) {
        StringBuilder body = new StringBuilder(kind + "-" + i + " grün");
        while ("big".equals(kind) && body.length() < BIG_BODY)
            body.append((char) ('a' + body.length() % 26));
        Message m = new Message(topic, "Tag-" + kind, kind + "-key-" + i,
            body.toString().getBytes(StandardCharsets.UTF_8));
        m.putUserProperty("colour", "blau-grün " + i);
        return m;
    }

    static void sent(String kind, int i, SendResult r) {
        MessageQueue queue = r.getMessageQueue();
        say(kind, i, r.getSendStatus(), r.getMsgId(), r.getOffsetMsgId(),
            queue.getBrokerName() + ":" + queue.getQueueId());
    }

    interface Send {
        SendResult send(int i) throws Exception;
    }

    static void each(String kind, int count, Send send) {
        for (int i = 0; i < count; i++) {
            try {
                SendResult r = send.send(i);
                if (r != null) sent(kind, i, r);
            } catch (Exception e) {
                say(kind, i, "ERROR", e);
            }
        }
    }

    static void sendAsync() throws Exception {
        CountDownLatch answered = new CountDownLatch(EACH);
        for (int n = 0; n < EACH; n++) {
            int i = n;
            producer.send(message("async", i), new SendCallback() {
                public void onSuccess(SendResult r) {
                    sent("async", i, r);
                    answered.countDown();
                }

                public void onException(Throwable e) {
                    say("async", i, "ERROR", e);
                    answered.countDown();
                }
            });
        }
        if (!answered.await(WAIT_S, TimeUnit.SECONDS))
            say("async", -1, "ERROR", "callbacks are missing");
    }

    static void sendBatch() {
        each("batch", 1, n -> {
            List<Message> batch = new ArrayList<>();
            for (int i = 0; i < EACH; i++) batch.add(message("batch", i));
            return producer.send(batch);
        });
    }

    static SendResult delayed(int i) throws Exception {
        Message m = message("delay", i);
        m.setDelayTimeLevel(1);
        return producer.send(m);
    }

    static void send(String kind) throws Exception {
        switch (kind) {
            case "async": sendAsync(); break;
            case "batch": sendBatch(); break;
            case "big": each(kind, 1, i -> producer.send(message(kind, i))); break;
            case "delay": each(kind, 1, Peer::delayed); break;
            case "oneway":
                each(kind, EACH, i -> { producer.sendOneway(message(kind, i)); return null; });
                break;
            case "queue":
                MessageQueue fourth = new MessageQueue(topic, "broker-a", 3);
                each(kind, 2, i -> producer.send(message(kind, i), fourth)); break;
            case "selector": each(kind, EACH, i -> producer.send(message(kind, i),
                (queues, m, key) -> queues.get((Integer) key % queues.size()), i % 3)); break;
            case "commit": case "rollback": case "check":
                each(kind, 1, i -> producer.sendMessageInTransaction(message(kind, i), kind));
                break;
            default: each(kind, EACH, i -> producer.send(message(kind, i)));
        }
    }

    static final CountDownLatch checked = new CountDownLatch(1);

    static class Listener implements TransactionListener {
        public LocalTransactionState executeLocalTransaction(Message m, Object kind) {
            return "commit".equals(kind) ? LocalTransactionState.COMMIT_MESSAGE
                : "rollback".equals(kind) ? LocalTransactionState.ROLLBACK_MESSAGE
                : LocalTransactionState.UNKNOW;
        }

        public LocalTransactionState checkLocalTransaction(MessageExt m) {
            say("checked", 0, m.getTopic(), m.getTransactionId());
            checked.countDown();
            return m.getKeys().startsWith("rollback") ? LocalTransactionState.ROLLBACK_MESSAGE
                : LocalTransactionState.COMMIT_MESSAGE;
        }
    }

    static void produce(String namesrv) throws Exception {
        producer = new TransactionMQProducer("PG_PEER");
        configure(producer, namesrv);
        producer.setTransactionListener(new Listener());
        producer.start();
    }

    static void load(int count, int periodMs) throws Exception {
        long begin = System.nanoTime();
        for (int n = 0; n < count; n++) {
            int i = n;
            long wait = begin + i * periodMs * 1000000L - System.nanoTime();
            if (wait > 0) TimeUnit.NANOSECONDS.sleep(wait);
            each("load", 1, none -> {
                SendResult r = producer.send(message("load", i));
                sent("load", i, r);
                return null;
            });
        }
    }

    // ---- consume -------------------------------------------------------------------------------

    static void got(MessageQueue queue, MessageExt m) {
        say(queue.getBrokerName() + ":" + m.getQueueId(), m.getQueueOffset(), m.getMsgId(),
            m.getTags(), m.getKeys(), m.getProperty("colour"),
            Base64.getEncoder().encodeToString(m.getBody()), m.getReconsumeTimes());
    }

    static void consume(String namesrv, String tags, String group, boolean orderly)
            throws Exception {
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(group);
        configure(consumer, namesrv);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(topic, tags);
        if (orderly)
            consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
                for (MessageExt m : messages) got(context.getMessageQueue(), m);
                return ConsumeOrderlyStatus.SUCCESS;
            });
        else
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                for (MessageExt m : messages) {
                    got(context.getMessageQueue(), m);
                    if ("once more".equals(m.getProperty("please")) && m.getReconsumeTimes() == 0)
                        return ConsumeConcurrentlyStatus.RECONSUME_LATER;
                }
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
        consumer.start();
        say("ready", consumer.buildMQClientId());
        while (System.in.read() >= 0) continue;
        consumer.shutdown();
    }

    public static void main(String[] args) throws Exception {
        serve(args);
        System.exit(0); // a thread of 5.3's orderly service outlives its shutdown
    }

    static void serve(String[] args) throws Exception {
        topic = args[2];
        if ("consume".equals(args[0])) {
            consume(args[1], args[3], args[4], "orderly".equals(args[5]));
            return;
        }
        produce(args[1]);
        if ("load".equals(args[0])) load(Integer.parseInt(args[3]), Integer.parseInt(args[4]));
        else for (int i = 3; i < args.length; i++) send(args[i]);
        if (List.of(args).contains("check") && !checked.await(WAIT_S, TimeUnit.SECONDS))
            say("checked", 0, "ERROR", "nobody asked about the transaction");
        producer.shutdown();
    }
}
