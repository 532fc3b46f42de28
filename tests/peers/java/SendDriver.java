// SPDX-License-Identifier: Apache-2.0
// Sends with Apache's own producer and says what each send returned: kind, index, status, msgId,
// offsetMsgId, queue.
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;

public class SendDriver {
    static final int EACH = 10;
    static final int BIG_BODY = 6000; // above the 4096 bytes from which the client compresses

    static String body(String kind, int i) {
        StringBuilder text = new StringBuilder(kind + "-" + i + " grün");
        while ("big".equals(kind) && text.length() < BIG_BODY)
            text.append((char) ('a' + text.length() % 26));
        return text.toString();
    }

    static Message message(String topic, String kind, int i) {
        Message m = new Message(topic, "Tag-" + kind, kind + "-key-" + i,
            body(kind, i).getBytes(StandardCharsets.UTF_8));
        m.putUserProperty("colour", "blau-grün " + i);
        return m;
    }

    static synchronized void say(String kind, int i, SendResult r) {
        System.out.println(String.join("\t", kind, "" + i, "" + r.getSendStatus(), r.getMsgId(),
            r.getOffsetMsgId(),
            r.getMessageQueue().getBrokerName() + ":" + r.getMessageQueue().getQueueId()));
    }

    static SendCallback saying(int i, CountDownLatch answered) {
        return new SendCallback() {
            public void onSuccess(SendResult r) {
                say("async", i, r);
                answered.countDown();
            }

            public void onException(Throwable e) {
                System.err.println("async " + i + ": " + e);
                answered.countDown();
            }
        };
    }

    public static void main(String[] args) throws Exception {
        String topic = args[1];
        DefaultMQProducer producer = new DefaultMQProducer("PG_PEER");
        producer.setNamesrvAddr(args[0]);
        producer.setClientIP("127.0.0.1");
        producer.setVipChannelEnabled(false);
        producer.start();
        for (int i = 0; i < EACH; i++) say("sync", i, producer.send(message(topic, "sync", i)));
        say("big", 0, producer.send(message(topic, "big", 0)));
        for (int i = 0; i < EACH; i++)
            say("selector", i, producer.send(message(topic, "selector", i),
                (queues, m, key) -> queues.get((Integer) key % queues.size()), i % 3));
        CountDownLatch answered = new CountDownLatch(EACH);
        for (int i = 0; i < EACH; i++)
            producer.send(message(topic, "async", i), saying(i, answered));
        if (!answered.await(10, TimeUnit.SECONDS))
            throw new IllegalStateException("callbacks are missing");
        for (int i = 0; i < EACH; i++) producer.sendOneway(message(topic, "oneway", i));
        // Sync sends over each connection follow the oneways, so that shutdown overtakes none.
        for (int i = 0; i < EACH; i++) say("last", i, producer.send(message(topic, "last", i)));
        producer.shutdown();
    }
}
