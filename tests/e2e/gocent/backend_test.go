// Package backend calls a running server with the official Go library. tests/e2e/backend.test.mjs starts the server and a client of user
// u1 that has subscribed to public:go.
package backend

import (
	"context"
	"errors"
	"net/http"
	"os"
	"testing"

	"github.com/centrifugal/gocent/v3"
)

func client(key string) *gocent.Client {
	return gocent.New(gocent.Config{Addr: os.Getenv("XSHATHRA_API"), Key: key, HTTPClient: http.DefaultClient})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestBackend(t *testing.T) {
	ctx := context.Background()
	c := client(os.Getenv("XSHATHRA_KEY"))

	t.Run("publish", func(t *testing.T) {
		result, err := c.Publish(ctx, "public:go", []byte(`{"from":"go"}`))
		must(t, err)
		if result.Offset != 0 || result.Epoch != "" {
			t.Fatalf("a position without history: %+v", result)
		}
		result, err = c.Publish(ctx, "chat:go", []byte(`{"n":1}`))
		must(t, err)
		if result.Offset != 1 || result.Epoch == "" {
			t.Fatalf("no position: %+v", result)
		}
	})

	t.Run("broadcast", func(t *testing.T) {
		result, err := c.Broadcast(ctx, []string{"chat:go", "nowhere:x"}, []byte(`{"n":2}`))
		must(t, err)
		if len(result.Responses) != 2 || result.Responses[0].Result.Offset != 2 || result.Responses[1].Error.Code != 102 {
			t.Fatalf("%+v", result)
		}
	})

	t.Run("presence", func(t *testing.T) {
		result, err := c.Presence(ctx, "public:go")
		must(t, err)
		stats, err := c.PresenceStats(ctx, "public:go")
		must(t, err)
		if len(result.Presence) != 1 || stats.NumClients != 1 || stats.NumUsers != 1 {
			t.Fatalf("%+v %+v", result, stats)
		}
		for id, info := range result.Presence {
			if info.User != "u1" || info.Client != id {
				t.Fatalf("%+v", info)
			}
		}
	})

	t.Run("channels and info", func(t *testing.T) {
		channels, err := c.Channels(ctx, gocent.WithPattern("public:*"))
		must(t, err)
		if _, ok := channels.Channels["public:go"]; !ok || len(channels.Channels) != 1 {
			t.Fatalf("%+v", channels)
		}
		info, err := c.Info(ctx)
		must(t, err)
		if len(info.Nodes) != 1 || info.Nodes[0].NumClients != 1 {
			t.Fatalf("%+v", info)
		}
	})

	t.Run("history", func(t *testing.T) {
		result, err := c.History(ctx, "chat:go", gocent.WithLimit(gocent.NoLimit))
		must(t, err)
		if result.Offset != 2 || len(result.Publications) != 2 || string(result.Publications[1].Data) != `{"n":2}` {
			t.Fatalf("%+v", result)
		}
		result, err = c.History(ctx, "chat:go", gocent.WithLimit(1), gocent.WithReverse(true))
		must(t, err)
		if len(result.Publications) != 1 || result.Publications[0].Offset != 2 {
			t.Fatalf("%+v", result)
		}
		must(t, c.HistoryRemove(ctx, "chat:go"))
		result, err = c.History(ctx, "chat:go", gocent.WithLimit(gocent.NoLimit))
		must(t, err)
		if result.Offset != 2 || len(result.Publications) != 0 {
			t.Fatalf("%+v", result)
		}
	})

	t.Run("several commands in one request", func(t *testing.T) {
		pipe := c.Pipe()
		must(t, pipe.AddPublish("chat:pipe", []byte(`1`)))
		must(t, pipe.AddHistory("public:go"))
		must(t, pipe.AddPublish("chat:pipe", []byte(`2`)))
		replies, err := c.SendPipe(ctx, pipe)
		must(t, err)
		if len(replies) != 3 || replies[1].Error == nil || replies[1].Error.Code != 108 || replies[2].Error != nil {
			t.Fatalf("%+v", replies)
		}
	})

	t.Run("errors", func(t *testing.T) {
		_, err := c.Publish(ctx, "nowhere:x", []byte(`1`))
		var refused *gocent.Error
		if !errors.As(err, &refused) || refused.Code != 102 {
			t.Fatal(err)
		}
		_, err = client("wrong").Publish(ctx, "public:go", []byte(`1`))
		var status gocent.ErrStatusCode
		if !errors.As(err, &status) || status.Code != http.StatusUnauthorized {
			t.Fatal(err)
		}
	})

	t.Run("subscribe, unsubscribe, disconnect", func(t *testing.T) {
		must(t, c.Subscribe(ctx, "public:pushed", "u1"))
		must(t, c.Unsubscribe(ctx, "public:go", "u1"))
		must(t, c.Disconnect(ctx, "u1", gocent.WithDisconnect(&gocent.Disconnect{Code: 4501, Reason: "enough"})))
	})
}
