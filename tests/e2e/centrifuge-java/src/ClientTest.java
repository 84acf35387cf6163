import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertTrue;

import io.github.centrifugal.centrifuge.Client;
import io.github.centrifugal.centrifuge.ConnectedEvent;
import io.github.centrifugal.centrifuge.DisconnectedEvent;
import io.github.centrifugal.centrifuge.EventListener;
import io.github.centrifugal.centrifuge.HistoryOptions;
import io.github.centrifugal.centrifuge.HistoryResult;
import io.github.centrifugal.centrifuge.Options;
import io.github.centrifugal.centrifuge.PresenceResult;
import io.github.centrifugal.centrifuge.PresenceStatsResult;
import io.github.centrifugal.centrifuge.PublicationEvent;
import io.github.centrifugal.centrifuge.PublishResult;
import io.github.centrifugal.centrifuge.RPCResult;
import io.github.centrifugal.centrifuge.ReplyError;
import io.github.centrifugal.centrifuge.ResultCallback;
import io.github.centrifugal.centrifuge.SubscribedEvent;
import io.github.centrifugal.centrifuge.Subscription;
import io.github.centrifugal.centrifuge.SubscriptionEventListener;
import io.github.centrifugal.centrifuge.UnsubscribedEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.After;
import org.junit.Test;

/** The Java client (it speaks Protobuf) as its users have it; the server's address and the tokens of j1 and j2 come from the environment. */
public class ClientTest {
    private static final long PATIENCE_SECONDS = 10;
    private final List<Client> clients = new ArrayList<>();

    private static <T> T take(BlockingQueue<T> events, String what) throws InterruptedException {
        T event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotNull("no " + what, event);
        return event;
    }

    private static <T> T answer(Consumer<ResultCallback<T>> call) throws Exception {
        CompletableFuture<T> future = new CompletableFuture<>();
        call.accept((error, result) -> {
            if (error != null) {
                future.completeExceptionally(error);
            } else {
                future.complete(result);
            }
        });
        return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static byte[] payload(int n) {
        return ("{\"text\":\"The quick brown fox jumps over the lazy dog. Grüße\",\"n\":" + n + "}").getBytes(StandardCharsets.UTF_8);
    }

    private static final class Connection {
        final BlockingQueue<ConnectedEvent> connected = new LinkedBlockingQueue<>();
        final BlockingQueue<DisconnectedEvent> disconnected = new LinkedBlockingQueue<>();
        Client client;
    }

    private Connection connect(String token) throws InterruptedException {
        Options options = new Options();
        options.setToken(token);
        options.setMinReconnectDelay(20);
        options.setMaxReconnectDelay(100);
        Connection made = new Connection();
        made.client = new Client(System.getenv("XSHATHRA_WEBSOCKET"), options, new EventListener() {
            @Override
            public void onConnected(Client client, ConnectedEvent event) {
                made.connected.add(event);
            }

            @Override
            public void onDisconnected(Client client, DisconnectedEvent event) {
                made.disconnected.add(event);
            }
        });
        clients.add(made.client);
        made.client.connect();
        take(made.connected, "connection");
        return made;
    }

    private static final class Watched extends SubscriptionEventListener {
        final BlockingQueue<SubscribedEvent> subscribed = new LinkedBlockingQueue<>();
        final BlockingQueue<UnsubscribedEvent> unsubscribed = new LinkedBlockingQueue<>();
        final BlockingQueue<PublicationEvent> publications = new LinkedBlockingQueue<>();
        Subscription subscription;

        @Override
        public void onSubscribed(Subscription sub, SubscribedEvent event) {
            subscribed.add(event);
        }

        @Override
        public void onUnsubscribed(Subscription sub, UnsubscribedEvent event) {
            unsubscribed.add(event);
        }

        @Override
        public void onPublication(Subscription sub, PublicationEvent event) {
            publications.add(event);
        }

        void expect(int from, int to) throws InterruptedException {
            for (int n = from; n < to; n++) {
                PublicationEvent publication = take(publications, "publication " + n);
                assertEquals(new String(payload(n), StandardCharsets.UTF_8), new String(publication.getData(), StandardCharsets.UTF_8));
                assertEquals("j2", publication.getInfo().getUser());
                assertEquals(n + 1, publication.getOffset());
            }
        }
    }

    private static Watched subscribe(Client client, String channel) throws Exception {
        Watched made = new Watched();
        made.subscription = client.newSubscription(channel, made);
        made.subscription.subscribe();
        return made;
    }

    @After
    public void closeClients() throws InterruptedException {
        for (Client client : clients) {
            assertTrue("a client did not close", client.close(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS)));
        }
    }

    @Test
    public void publishesLooksAroundAndRecovers() throws Exception {
        Connection first = connect(System.getenv("XSHATHRA_TOKEN_J1"));
        Connection second = connect(System.getenv("XSHATHRA_TOKEN_J2"));
        Watched watching = subscribe(first.client, "java");
        SubscribedEvent fresh = take(watching.subscribed, "subscription");
        assertTrue(fresh.getRecoverable());
        assertFalse(fresh.wasRecovering());
        Watched publishing = subscribe(second.client, "java");
        take(publishing.subscribed, "subscription");

        for (int n = 0; n < 3; n++) {
            int each = n;
            ClientTest.<PublishResult>answer(done -> publishing.subscription.publish(payload(each), done));
        }
        watching.expect(0, 3);
        assertEquals(2, ClientTest.<PresenceResult>answer(watching.subscription::presence).getClients().size());
        PresenceStatsResult stats = answer(watching.subscription::presenceStats);
        assertEquals(2, stats.getNumClients().intValue());
        assertEquals(2, stats.getNumUsers().intValue());
        HistoryOptions newest = new HistoryOptions.Builder().withLimit(2).withReverse(true).build();
        HistoryResult history = answer(done -> watching.subscription.history(newest, done));
        assertEquals(3, history.getOffset());
        assertEquals(2, history.getPublications().size());
        assertEquals(3, history.getPublications().get(0).getOffset());

        first.client.disconnect();
        take(first.disconnected, "disconnect");
        for (int n = 3; n < 6; n++) {
            int each = n;
            ClientTest.<PublishResult>answer(done -> publishing.subscription.publish(payload(each), done));
        }
        first.client.connect();
        SubscribedEvent again = take(watching.subscribed, "recovery");
        assertTrue(again.wasRecovering());
        assertTrue(again.getRecovered());
        watching.expect(3, 6);
    }

    @Test
    public void isToldOfRefusals() throws Exception {
        Client client = connect(System.getenv("XSHATHRA_TOKEN_J1")).client;
        assertEquals(103, take(subscribe(client, "closed:room").unsubscribed, "refusal").getCode());
        try {
            ClientTest.<RPCResult>answer(done -> client.rpc("anything", payload(0), done));
            throw new AssertionError("an RPC without a backend was answered");
        } catch (ExecutionException refused) {
            assertTrue(refused.getCause().toString(), refused.getCause() instanceof ReplyError);
            assertEquals(108, ((ReplyError) refused.getCause()).getCode());
        }
    }
}
