#include "server/engine/loop_channel.h"

#include "server/engine/client_session.h"
#include "server/engine/loop.h"
#include "server/engine/subscription.h"
#include "server/engine/transport.h"

#include <string>
#include <utility>

namespace xshathra::engine {

namespace {

struct Troubled {
    ClientHandle client;
    std::string channel;
    Trouble trouble;
};

/// What a subscriber needs for a message.
enum class Fate : std::uint8_t { Send, Skip, Lost };

Fate fateOf(Subscriber& subscriber, const Delivery& delivery) {
    if (delivery.sequence <= subscriber.sequence)
        return Fate::Skip;
    if (delivery.kind != DeliveryKind::Publication)
        return subscriber.joinLeave ? Fate::Send : Fate::Skip;
    if (!subscriber.positioned || delivery.offset == 0)
        return Fate::Send;
    if (delivery.stream != subscriber.stream)
        return Fate::Lost;
    if (delivery.offset <= subscriber.offset)
        return Fate::Skip;
    if (delivery.offset != subscriber.offset + 1)
        return Fate::Lost;
    subscriber.offset = delivery.offset;
    return Fate::Send;
}

}  // namespace

void Interest::change(protocol::Encoding encoding, bool wantsJoinLeave, std::uint32_t by) {
    (encoding == protocol::Encoding::Json ? json : protobuf) += by;
    if (wantsJoinLeave)
        (encoding == protocol::Encoding::Json ? jsonJoinLeave : protobufJoinLeave) += by;
}

void LoopChannel::add(const Subscriber& subscriber) {
    subscriber.subscription->index = std::uint32_t(subscribers_.size());
    subscribers_.push_back(subscriber);
}

void LoopChannel::remove(Subscription& subscription) {
    const auto index = subscription.index;
    if (index + 1 != subscribers_.size()) {
        subscribers_[index] = subscribers_.back();
        subscribers_[index].subscription->index = index;
    }
    subscribers_.pop_back();
}

Subscriber& LoopChannel::entryOf(const Subscription& subscription) {
    return subscribers_[subscription.index];
}

void LoopChannel::deliver(Loop& loop, const Delivery& delivery) {
    std::vector<Troubled> troubled;
    const auto mark = [&troubled](const Subscriber& subscriber, Trouble trouble) {
        troubled.push_back({subscriber.subscription->session->handle(), subscriber.subscription->channel, trouble});
    };
    std::size_t messages = 0;
    std::size_t bytes = 0;
    for (auto& subscriber : subscribers_) {
        const auto fate = fateOf(subscriber, delivery);
        if (fate == Fate::Skip)
            continue;
        if (fate == Fate::Lost) {
            mark(subscriber, Trouble::InsufficientState);
            continue;
        }
        const bool isJson = subscriber.encoding == protocol::Encoding::Json;
        if (isJson && delivery.notJson) {
            mark(subscriber, Trouble::NotJson);
            continue;
        }
        const auto& frame = isJson ? delivery.json : delivery.protobuf;
        if (subscriber.transport->send(frame) > subscriber.queueLimit)
            mark(subscriber, Trouble::Slow);
        ++messages;
        bytes += frame.messageSize();
    }
    loop.countOut(messages, bytes);
    // Closing a client changes the list that was walked, so it waits until the walk is over.
    for (const auto& one : troubled) {
        if (auto* client = loop.client(one.client))
            client->impl().onTrouble(one.channel, one.trouble);
    }
}

}  // namespace xshathra::engine
