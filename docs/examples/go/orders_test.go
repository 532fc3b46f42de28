// SPDX-License-Identifier: Apache-2.0

package example

import (
	"context"
	"strings"
	"testing"
	"time"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
)

func newProducer(t *testing.T, c cluster) rocketmq.Producer {
	p, err := rocketmq.NewProducer(
		producer.WithNameServer(strings.Split(c.namesrv, ";")),
		producer.WithGroupName("PG_ORDERS"),
		producer.WithInstanceName(t.Name()), // else all tests share one client
		producer.WithSendMsgTimeout(2*time.Second))
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Shutdown() })
	return p
}

func send(p rocketmq.Producer) error {
	_, err := p.SendSync(context.Background(), primitive.NewMessage("Orders", []byte("an order")))
	return err
}

// Stored, but the broker says it failed: the producer tries again.
func TestALostAnswerMakesADuplicate(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.call(t, "POST", "/v1/outages", object{"target": "broker-a", "verb": "answer",
		"code": "SYSTEM_ERROR", "amount": "next 1", "what": "send requests", "afterStore": true})
	if err := send(newProducer(t, c)); err != nil {
		t.Fatal(err)
	}
	c.expect(t, "duplicates = 1")
	if n := len(c.messages(t, "Orders")); n != 2 {
		t.Fatal(n, "messages")
	}
}

func TestADeadBrokerComesBack(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	p := newProducer(t, c)
	outage := c.call(t, "POST", "/v1/outages", object{"target": "broker-a", "verb": "kill"})
	if err := send(p); err == nil {
		t.Fatal("sent to a dead broker")
	}
	c.call(t, "DELETE", "/v1/outages/"+outage["id"].(string), nil)
	if err := send(p); err != nil {
		t.Fatal(err)
	}
	c.expect(t, "sends to broker-a = 1")
}
