// Package client talks to a running server with the official Go client. tests/e2e/languages.test.mjs starts the server and gives its address
// and tokens of the users g1 and g2.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/centrifugal/centrifuge-go"
)

const patience = 10 * time.Second

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// await takes what an event handler put into the channel.
func await[T any](t *testing.T, events <-chan T, what string) T {
	t.Helper()
	select {
	case event := <-events:
		return event
	case <-time.After(patience):
		t.Fatalf("no %s in %s", what, patience)
		panic("not reached")
	}
}

type note struct {
	Text string `json:"text"`
	N    int    `json:"n"`
}

func payload(n int) []byte {
	data, err := json.Marshal(note{"The quick brown fox jumps over the lazy dog. Grüße", n})
	if err != nil {
		panic(err)
	}
	return data
}

func connected(t *testing.T, create func(string, centrifuge.Config) *centrifuge.Client, token string) *centrifuge.Client {
	t.Helper()
	client := create(os.Getenv("XSHATHRA_WEBSOCKET"), centrifuge.Config{
		Token: token, MinReconnectDelay: 20 * time.Millisecond, MaxReconnectDelay: 100 * time.Millisecond,
	})
	t.Cleanup(client.Close)
	events := make(chan centrifuge.ConnectedEvent, 8)
	client.OnConnected(func(event centrifuge.ConnectedEvent) { events <- event })
	must(t, client.Connect())
	await(t, events, "connection")
	return client
}

type watched struct {
	*centrifuge.Subscription
	subscribed   chan centrifuge.SubscribedEvent
	unsubscribed chan centrifuge.UnsubscribedEvent
	publications chan centrifuge.PublicationEvent
}

func newSubscription(t *testing.T, client *centrifuge.Client, channel string, config centrifuge.SubscriptionConfig) watched {
	t.Helper()
	subscription, err := client.NewSubscription(channel, config)
	must(t, err)
	made := watched{
		subscription, make(chan centrifuge.SubscribedEvent, 8), make(chan centrifuge.UnsubscribedEvent, 8), make(chan centrifuge.PublicationEvent, 64),
	}
	subscription.OnSubscribed(func(event centrifuge.SubscribedEvent) { made.subscribed <- event })
	subscription.OnUnsubscribed(func(event centrifuge.UnsubscribedEvent) { made.unsubscribed <- event })
	subscription.OnPublication(func(event centrifuge.PublicationEvent) { made.publications <- event })
	must(t, subscription.Subscribe())
	return made
}

func expectPublications(t *testing.T, subscription watched, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		publication := await(t, subscription.publications, "publication")
		if string(publication.Data) != string(payload(n)) {
			t.Fatalf("publication %d is %s", n, publication.Data)
		}
		if publication.Info == nil || publication.Info.User != "g2" {
			t.Fatalf("publication %d is from %+v", n, publication.Info)
		}
	}
}

func TestClient(t *testing.T) {
	encodings := []struct {
		name   string
		create func(string, centrifuge.Config) *centrifuge.Client
	}{{"json", centrifuge.NewJsonClient}, {"protobuf", centrifuge.NewProtobufClient}}
	for _, encoding := range encodings {
		t.Run(encoding.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
			defer cancel()
			first := connected(t, encoding.create, os.Getenv("XSHATHRA_TOKEN_G1"))
			second := connected(t, encoding.create, os.Getenv("XSHATHRA_TOKEN_G2"))
			channel := fmt.Sprintf("go-%s", encoding.name)

			watching := newSubscription(t, first, channel, centrifuge.SubscriptionConfig{Delta: centrifuge.DeltaTypeFossil})
			if event := await(t, watching.subscribed, "subscription"); !event.Recoverable || event.WasRecovering {
				t.Fatalf("%+v", event)
			}
			publishing := newSubscription(t, second, channel, centrifuge.SubscriptionConfig{})
			await(t, publishing.subscribed, "subscription")
			for n := 0; n < 3; n++ {
				_, err := publishing.Publish(ctx, payload(n))
				must(t, err)
			}
			expectPublications(t, watching, 0, 3)

			presence, err := watching.Presence(ctx)
			must(t, err)
			stats, err := watching.PresenceStats(ctx)
			must(t, err)
			if len(presence.Clients) != 2 || stats.NumClients != 2 || stats.NumUsers != 2 {
				t.Fatalf("%+v %+v", presence, stats)
			}
			history, err := watching.History(ctx, centrifuge.WithHistoryLimit(2), centrifuge.WithHistoryReverse(true))
			must(t, err)
			if len(history.Publications) != 2 || history.Publications[0].Offset != 3 || history.Offset != 3 {
				t.Fatalf("%+v", history)
			}

			must(t, first.Disconnect())
			for n := 3; n < 6; n++ {
				_, err := publishing.Publish(ctx, payload(n))
				must(t, err)
			}
			must(t, first.Connect())
			if event := await(t, watching.subscribed, "recovery"); !event.WasRecovering || !event.Recovered {
				t.Fatalf("%+v", event)
			}
			expectPublications(t, watching, 3, 6)

			refused := newSubscription(t, second, "closed:room", centrifuge.SubscriptionConfig{})
			if event := await(t, refused.unsubscribed, "refusal"); event.Code != 103 {
				t.Fatalf("%+v", event)
			}
			_, err = second.RPC(ctx, "anything", []byte("{}"))
			var answer *centrifuge.Error
			if !errors.As(err, &answer) || answer.Code != 108 {
				t.Fatal(err)
			}
		})
	}
}
