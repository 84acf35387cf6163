#include "server/engine/loop_channel.h"

#include "server/engine/client_session.h"
#include "server/engine/loop.h"
#include "server/engine/publication_forms.h"
#include "server/engine/subscription.h"
#include "server/engine/tags_filter.h"
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

/// What a subscriber with delta compression or a filter is sent; null: nothing.
const protocol::Frame* specialFrame(Subscriber& subscriber, const Delivery& delivery, bool& unfit) {
    const bool isJson = subscriber.encoding == protocol::Encoding::Json;
    if (!subscriber.delta) {
        unfit = isJson && delivery.notJson;
        return matches(*subscriber.subscription->filter, delivery.forms->tags())
                   ? &(isJson ? delivery.json : delivery.protobuf)
                   : nullptr;
    }
    if (subscriber.wholeOnly) {
        unfit = isJson && !delivery.forms->fitsJson();
        return matches(*subscriber.subscription->filter, delivery.forms->tags())
                   ? &delivery.forms->full(subscriber.encoding)
                   : nullptr;
    }
    // With a base every publication is needed for the next patch, so a filter doesn't hold them back.
    unfit = isJson && !delivery.forms->fitsJson();
    const bool patch = subscriber.hasBase && subscriber.positioned && delivery.offset > 0;
    // Clients take whatever came last as their base, and what isn't in the stream is nobody's base.
    subscriber.hasBase = delivery.offset > 0;
    return patch ? &delivery.forms->patch(subscriber.encoding) : &delivery.forms->full(subscriber.encoding);
}

}  // namespace

void Interest::change(const SubscriberTraits& traits, std::uint32_t by) {
    const bool isJson = traits.encoding == protocol::Encoding::Json;
    if (traits.delta)
        delta += by;
    else
        (isJson ? json : protobuf) += by;
    if (traits.delta || traits.filtered)
        special += by;
    if (traits.joinLeave)
        (isJson ? jsonJoinLeave : protobufJoinLeave) += by;
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

Subscriber& LoopChannel::entryOf(const Subscription& subscription) { return subscribers_[subscription.index]; }

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
        bool unfit = isJson && delivery.notJson;
        const auto* frame = isJson ? &delivery.json : &delivery.protobuf;
        if (subscriber.special() && delivery.forms) {
            frame = specialFrame(subscriber, delivery, unfit);
            if (frame == nullptr)
                continue;
        }
        if (unfit) {
            mark(subscriber, Trouble::NotJson);
            continue;
        }
        if (subscriber.transport->send(*frame) > subscriber.queueLimit)
            mark(subscriber, Trouble::Slow);
        ++messages;
        bytes += frame->messageSize();
    }
    loop.countOut(messages, bytes);
    // Closing a client changes the list that was walked, so it waits until the walk is over.
    for (const auto& one : troubled) {
        if (auto* client = loop.client(one.client))
            client->impl().onTrouble(one.channel, one.trouble);
    }
}

}  // namespace xshathra::engine
