// SPDX-License-Identifier: Apache-2.0
// Reads a topic with Apache's own pull consumer, one line a message: broker:queue, offset, msgId,
// tags, keys, the property `colour`, and the body in base64.
import java.util.Base64;
import java.util.Set;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.PullStatus;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

public class ReadBack {
    public static void main(String[] args) throws Exception {
        DefaultMQPullConsumer consumer = new DefaultMQPullConsumer("CG_PEER");
        consumer.setNamesrvAddr(args[0]);
        consumer.setClientIP("127.0.0.1");
        consumer.setVipChannelEnabled(false);
        consumer.start();
        Set<MessageQueue> queues = consumer.fetchSubscribeMessageQueues(args[1]);
        for (MessageQueue queue : queues) {
            String place = queue.getBrokerName() + ":" + queue.getQueueId();
            long offset = consumer.minOffset(queue);
            while (offset < consumer.maxOffset(queue)) {
                PullResult result = consumer.pull(queue, "*", offset, 32);
                if (result.getPullStatus() != PullStatus.FOUND)
                    throw new IllegalStateException(queue + ": " + result);
                for (MessageExt m : result.getMsgFoundList())
                    System.out.println(String.join("\t", place, "" + m.getQueueOffset(),
                        m.getMsgId(), m.getTags(), m.getKeys(), m.getProperty("colour"),
                        Base64.getEncoder().encodeToString(m.getBody())));
                offset = result.getNextBeginOffset();
            }
        }
        consumer.shutdown();
    }
}
