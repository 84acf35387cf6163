"""centrifuge-python as PyPI has it against a running server: registry_python.py URL TOKEN OTHER_TOKEN; prints a line per encoding."""

import asyncio
import json
import sys

from centrifuge import Client, ClientEventHandler, DeltaType, SubscriptionEventHandler, SubscriptionState


class Collector(SubscriptionEventHandler):
    def __init__(self):
        self.publications = []
        self.subscribed = []
        self.changed = asyncio.Condition()

    async def on_publication(self, ctx):
        async with self.changed:
            self.publications.append(ctx.pub)
            self.changed.notify_all()

    async def on_subscribed(self, ctx):
        async with self.changed:
            self.subscribed.append(ctx)
            self.changed.notify_all()

    async def until(self, condition):
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(condition), 10)


async def check(url, tokens, use_protobuf):
    name = "protobuf" if use_protobuf else "json"

    def payload(value):
        return json.dumps(value).encode() if use_protobuf else value

    def plain(data):
        return json.loads(data) if use_protobuf else data

    async def client(token):
        async def get_token():
            return token

        made = Client(url, events=ClientEventHandler(), get_token=get_token, use_protobuf=use_protobuf)
        await made.connect()
        await made.ready()
        return made

    first, second = [await client(token) for token in tokens]
    watcher, publisher = Collector(), Collector()
    channel = f"python-{name}"
    watching = first.new_subscription(channel, events=watcher, delta=DeltaType.FOSSIL)
    publishing = second.new_subscription(channel, events=publisher)
    for subscription in (watching, publishing):
        await subscription.subscribe()
        await subscription.ready()

    def text(n):
        return {"text": "The quick brown fox jumps over the lazy dog. Grüße", "n": n}

    for n in range(3):
        await publishing.publish(payload(text(n)))
    await watcher.until(lambda: len(watcher.publications) == 3)
    assert [plain(each.data) for each in watcher.publications] == [text(n) for n in range(3)]
    assert watcher.publications[0].info.user == "p2"

    assert len((await watching.presence()).clients) == 2
    stats = await watching.presence_stats()
    assert (stats.num_clients, stats.num_users) == (2, 2)
    assert len((await watching.history(limit=10)).publications) == 3

    await first.disconnect()
    for n in range(3, 6):
        await publishing.publish(payload(text(n)))
    await first.connect()
    await watcher.until(lambda: len(watcher.publications) == 6)
    assert [plain(each.data)["n"] for each in watcher.publications] == list(range(6))
    assert watcher.subscribed[-1].was_recovering and watcher.subscribed[-1].recovered

    refused = second.new_subscription("closed:room")
    await refused.subscribe()
    for _ in range(100):
        if refused.state == SubscriptionState.UNSUBSCRIBED:
            break
        await asyncio.sleep(0.05)
    assert refused.state == SubscriptionState.UNSUBSCRIBED
    for made in (first, second):
        await made.disconnect()
    print(f"{name}: ok")


async def main():
    url, *tokens = sys.argv[1:]
    for use_protobuf in (False, True):
        await check(url, tokens, use_protobuf)


asyncio.run(main())
