// SPDX-License-Identifier: Apache-2.0

// A service on Apache's Go client, driven from outside as every client of tests/peers is; its words
// and lines are those of ../java/Peer.java, described in ../README.md.
package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
	"github.com/apache/rocketmq-client-go/v2/rlog"
)

const (
	each    = 10
	bigBody = 6000 // above the 4096 bytes from which the client compresses
	wait    = 20 * time.Second
)

var (
	topic  string
	saying sync.Mutex
	ctx    = context.Background()
)

func say(words ...interface{}) {
	saying.Lock()
	defer saying.Unlock()
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = strings.NewReplacer("\t", " ", "\n", " ").Replace(fmt.Sprint(word))
	}
	fmt.Println(strings.Join(texts, "\t"))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// ---- sends -------------------------------------------------------------------------------------

func message(kind string, i int) *primitive.Message {
	body := fmt.Sprintf("%s-%d grün", kind, i)
	for kind == "big" && len([]rune(body)) < bigBody {
		body += string(rune('a' + len([]rune(body))%26))
	}
	m := primitive.NewMessage(topic, []byte(body)).WithTag("Tag-" + kind)
	m.WithKeys([]string{fmt.Sprintf("%s-key-%d", kind, i)})
	m.WithProperty("colour", fmt.Sprintf("blau-grün %d", i))
	return m
}

var statuses = map[primitive.SendStatus]string{primitive.SendOK: "SEND_OK"}

func sent(kind string, i int, r *primitive.SendResult, err error) {
	if err != nil {
		say(kind, i, "ERROR", err)
		return
	}
	status, known := statuses[r.Status]
	if !known {
		status = fmt.Sprint(r.Status)
	}
	say(kind, i, status, r.MsgID, r.OffsetMsgID, fmt.Sprintf("%s:%d", r.MessageQueue.BrokerName, r.MessageQueue.QueueId))
}

func sendEach(p rocketmq.Producer, kind string, count int, change func(i int, m *primitive.Message)) {
	for i := 0; i < count; i++ {
		m := message(kind, i)
		if change != nil {
			change(i, m)
		}
		r, err := p.SendSync(ctx, m)
		sent(kind, i, r, err)
	}
}

func sendAsync(p rocketmq.Producer) {
	var answered sync.WaitGroup
	answered.Add(each)
	for n := 0; n < each; n++ {
		i := n
		must(p.SendAsync(ctx, func(_ context.Context, r *primitive.SendResult, err error) {
			sent("async", i, r, err)
			answered.Done()
		}, message("async", i)))
	}
	answered.Wait()
}

func sendBatch(p rocketmq.Producer) {
	var batch []*primitive.Message
	for i := 0; i < each; i++ {
		batch = append(batch, message("batch", i))
	}
	r, err := p.SendSync(ctx, batch...)
	sent("batch", 0, r, err)
}

func newProducer(namesrv string, selector producer.QueueSelector) rocketmq.Producer {
	options := []producer.Option{producer.WithNameServer([]string{namesrv}), producer.WithGroupName("PG_PEER_GO"),
		producer.WithInstanceName(fmt.Sprint("peer-", time.Now().UnixNano())), producer.WithRetry(2)}
	if selector != nil {
		options = append(options, producer.WithQueueSelector(selector))
	}
	p, err := rocketmq.NewProducer(options...)
	must(err)
	must(p.Start())
	return p
}

type chosen struct{}

func (chosen) Select(_ *primitive.Message, queues []*primitive.MessageQueue, _ string) *primitive.MessageQueue {
	for _, queue := range queues {
		if queue.BrokerName == "broker-a" && queue.QueueId == 3 {
			return queue
		}
	}
	return queues[0]
}

func send(p rocketmq.Producer, namesrv, kind string) {
	switch kind {
	case "async":
		sendAsync(p)
	case "batch":
		sendBatch(p)
	case "big":
		sendEach(p, kind, 1, nil)
	case "delay":
		sendEach(p, kind, 1, func(_ int, m *primitive.Message) { m.WithDelayTimeLevel(1) })
	case "oneway":
		for i := 0; i < each; i++ {
			must(p.SendOneWay(ctx, message(kind, i)))
		}
	case "queue":
		to := newProducer(namesrv, chosen{})
		sendEach(to, kind, 2, nil)
		must(to.Shutdown())
	case "selector":
		by := newProducer(namesrv, producer.NewHashQueueSelector())
		sendEach(by, kind, each, func(i int, m *primitive.Message) { m.WithShardingKey(fmt.Sprint("key", i%3)) })
		must(by.Shutdown())
	case "commit", "rollback", "check":
		transact(namesrv, kind)
	default:
		sendEach(p, kind, each, nil)
	}
}

// ---- transactions ------------------------------------------------------------------------------

type listener struct {
	kind    string
	checked chan bool
}

func (l *listener) ExecuteLocalTransaction(*primitive.Message) primitive.LocalTransactionState {
	switch l.kind {
	case "commit":
		return primitive.CommitMessageState
	case "rollback":
		return primitive.RollbackMessageState
	}
	return primitive.UnkonwnState // their spelling
}

func (l *listener) CheckLocalTransaction(m *primitive.MessageExt) primitive.LocalTransactionState {
	say("checked", 0, m.Topic, m.TransactionId)
	l.checked <- true
	return primitive.CommitMessageState
}

func transact(namesrv, kind string) {
	l := &listener{kind, make(chan bool, 16)}
	p, err := rocketmq.NewTransactionProducer(l, producer.WithNameServer([]string{namesrv}),
		producer.WithGroupName("PG_TX_GO_"+kind), producer.WithInstanceName("tx-"+kind))
	must(err)
	must(p.Start())
	r, err := p.SendMessageInTransaction(ctx, message(kind, 0))
	if err != nil {
		say(kind, 0, "ERROR", err)
	} else {
		sent(kind, 0, r.SendResult, nil)
	}
	if kind == "check" {
		select {
		case <-l.checked:
		case <-time.After(3 * wait):
			say("checked", 0, "ERROR", "nobody asked about the transaction")
		}
	}
	time.Sleep(200 * time.Millisecond) // its answer goes oneway
	must(p.Shutdown())
}

// ---- consume -----------------------------------------------------------------------------------

func got(m *primitive.MessageExt) {
	say(fmt.Sprintf("%s:%d", m.Queue.BrokerName, m.Queue.QueueId), m.QueueOffset, m.MsgId, m.GetTags(), m.GetKeys(),
		m.GetProperty("colour"), base64.StdEncoding.EncodeToString(m.Body), m.ReconsumeTimes)
}

func consume(namesrv, tags, group string, orderly bool) {
	c, err := rocketmq.NewPushConsumer(consumer.WithNameServer([]string{namesrv}), consumer.WithGroupName(group),
		consumer.WithInstance(fmt.Sprint("peer-", time.Now().UnixNano())), consumer.WithConsumerOrder(orderly),
		consumer.WithConsumeFromWhere(consumer.ConsumeFromFirstOffset))
	must(err)
	must(c.Subscribe(topic, consumer.MessageSelector{Type: consumer.TAG, Expression: tags},
		func(_ context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
			for _, m := range messages {
				got(m)
			}
			return consumer.ConsumeSuccess, nil
		}))
	must(c.Start())
	say("ready", group)
	_, _ = io.Copy(io.Discard, bufio.NewReader(os.Stdin))
	must(c.Shutdown())
}

func load(p rocketmq.Producer, count int, period time.Duration) {
	begin := time.Now()
	for i := 0; i < count; i++ {
		time.Sleep(time.Until(begin.Add(time.Duration(i) * period)))
		r, err := p.SendSync(ctx, message("load", i))
		sent("load", i, r, err)
	}
}

func main() {
	rlog.SetLogLevel("error")
	mode, namesrv := os.Args[1], os.Args[2]
	topic = os.Args[3]
	if mode == "consume" {
		consume(namesrv, os.Args[4], os.Args[5], os.Args[6] == "orderly")
		return
	}
	p := newProducer(namesrv, nil)
	if mode == "load" {
		count, err := strconv.Atoi(os.Args[4])
		must(err)
		period, err := strconv.Atoi(os.Args[5])
		must(err)
		load(p, count, time.Duration(period)*time.Millisecond)
	} else {
		for _, kind := range os.Args[4:] {
			send(p, namesrv, kind)
		}
	}
	must(p.Shutdown())
}
