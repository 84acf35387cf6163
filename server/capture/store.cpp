#include "server/capture/store.h"

#include <algorithm>
#include <utility>

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

namespace xshathra::capture {

namespace {

constexpr std::size_t kBlocksAtLeast = 8;

StoreLimits normalised(StoreLimits limits) {
    limits.events = std::max<std::size_t>(limits.events, 1);
    limits.blockEvents =
        std::clamp<std::size_t>(limits.blockEvents, 1, std::max<std::size_t>(limits.events / kBlocksAtLeast, 1));
    limits.blockBytes =
        std::clamp<std::size_t>(limits.blockBytes, 1, std::max<std::size_t>(limits.bytes / kBlocksAtLeast, 1));
    return limits;
}

}  // namespace

CaptureStore::CaptureStore(StoreLimits limits) : limits_(normalised(limits)) {}

bool CaptureStore::blockIsFull(const Block& block) const {
    return block.events.size() >= limits_.blockEvents || block.bytes >= limits_.blockBytes;
}

void CaptureStore::seal(Block& block) {
    block.payloads.shrink_to_fit();
    block.events.shrink_to_fit();
}

void CaptureStore::append(const Event& event) {
    const std::size_t cost = sizeof(StoredEvent) + event.payload.size();
    applyLimits(cost);
    if (blocks_.empty() || blockIsFull(blocks_.back())) {
        if (!blocks_.empty()) {
            seal(blocks_.back());
        }
        blocks_.emplace_back();
        blocks_.back().first = end_;
    }
    Block& block = blocks_.back();

    StoredEvent stored;
    stored.seq = event.seq;
    stored.wallNs = event.wall.count();
    stored.monotonicNs = event.monotonic.count();
    stored.latencyNs = event.latency.count();
    stored.project = texts_.acquire(event.project.view());
    stored.channel = texts_.acquire(event.channel.view());
    stored.client = texts_.acquire(event.client.view());
    stored.user = texts_.acquire(event.user.view());
    stored.note = texts_.acquire(event.note.view());
    stored.fault = texts_.acquire(event.fault.view());
    stored.size = event.size;
    stored.recipients = event.recipients;
    stored.code = event.code;
    stored.commandId = event.commandId;
    stored.dir = event.dir;
    stored.kind = event.kind;
    stored.binary = event.binary;
    stored.payloadLength = static_cast<std::uint32_t>(event.payload.size());
    if (event.payload.size() > kSharedPayloadBytes) {
        stored.largePayload = true;
        stored.payloadOffset = static_cast<std::uint32_t>(block.largePayloads.size());
        block.largePayloads.push_back(event.payload);
    } else {
        stored.payloadOffset = static_cast<std::uint32_t>(block.payloads.size());
        block.payloads.append(event.payload.view());
    }
    if (event.decision) {
        stored.hasDecision = true;
        block.decisions.emplace_back(static_cast<std::uint32_t>(block.events.size()), event.decision);
    }
    block.events.push_back(stored);
    block.bytes += cost;
    bytes_ += cost;
    ++end_;
}

void CaptureStore::applyLimits(std::size_t incomingBytes) {
    while (!blocks_.empty() && (size() + 1 > limits_.events || bytes_ + incomingBytes > limits_.bytes)) {
        evictFront();
    }
}

void CaptureStore::evictFront() {
    const Block& block = blocks_.front();
    for (const StoredEvent& event : block.events) {
        for (const StringTable::Id id :
             {event.project, event.channel, event.client, event.user, event.note, event.fault}) {
            texts_.release(id);
        }
    }
    evicted_ += block.events.size();
    begin_ += block.events.size();
    bytes_ -= block.bytes;
    blocks_.pop_front();
}

void CaptureStore::clear() {
    cleared_ += size();
    begin_ = end_;
    bytes_ = 0;
    blocks_.clear();
    blocks_.shrink_to_fit();
    texts_.clear();
}

void CaptureStore::returnFreedMemory() {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

void CaptureStore::setLimits(StoreLimits limits) {
    limits_ = normalised(limits);
    while (size() > limits_.events || (size() > 1 && bytes_ > limits_.bytes)) {
        evictFront();
    }
}

std::size_t CaptureStore::blockIndexOf(Position position) const {
    const auto after = std::upper_bound(blocks_.begin(), blocks_.end(), position,
                                        [](Position value, const Block& block) { return value < block.first; });
    return static_cast<std::size_t>(after - blocks_.begin()) - 1;
}

const StoredEvent* CaptureStore::at(Position position) const {
    if (position < begin_ || position >= end_) {
        return nullptr;
    }
    const Block& block = blocks_[blockIndexOf(position)];
    return &block.events[static_cast<std::size_t>(position - block.first)];
}

std::string_view CaptureStore::payload(Position position) const {
    if (position < begin_ || position >= end_) {
        return {};
    }
    const Block& block = blocks_[blockIndexOf(position)];
    return payloadIn(block, block.events[static_cast<std::size_t>(position - block.first)]);
}

std::shared_ptr<const Decision> CaptureStore::decision(Position position) const {
    if (position < begin_ || position >= end_) {
        return nullptr;
    }
    const Block& block = blocks_[blockIndexOf(position)];
    const auto index = static_cast<std::uint32_t>(position - block.first);
    const auto found = std::lower_bound(block.decisions.begin(), block.decisions.end(), index,
                                        [](const auto& entry, std::uint32_t value) { return entry.first < value; });
    return found != block.decisions.end() && found->first == index ? found->second : nullptr;
}

Event CaptureStore::event(Position position) const {
    Event result;
    const StoredEvent* stored = at(position);
    if (stored == nullptr) {
        return result;
    }
    result.seq = stored->seq;
    result.wall = Nanoseconds(stored->wallNs);
    result.monotonic = Nanoseconds(stored->monotonicNs);
    result.dir = stored->dir;
    result.kind = stored->kind;
    result.binary = stored->binary;
    result.project = SharedBytes::copyOf(text(stored->project));
    result.channel = SharedBytes::copyOf(text(stored->channel));
    result.client = SharedBytes::copyOf(text(stored->client));
    result.user = SharedBytes::copyOf(text(stored->user));
    result.note = SharedBytes::copyOf(text(stored->note));
    result.fault = SharedBytes::copyOf(text(stored->fault));
    result.size = stored->size;
    result.recipients = stored->recipients;
    result.latency = Nanoseconds(stored->latencyNs);
    result.code = stored->code;
    result.commandId = stored->commandId;
    result.decision = decision(position);
    const Block& block = blocks_[blockIndexOf(position)];
    result.payload = stored->largePayload ? block.largePayloads[stored->payloadOffset]
                                          : SharedBytes::copyOf(payloadIn(block, *stored));
    return result;
}

CaptureStore::Position CaptureStore::positionOfSeq(std::uint64_t seq) const {
    Position low = begin_;
    Position high = end_;
    while (low < high) {
        const Position middle = low + (high - low) / 2;
        if (at(middle)->seq < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

}  // namespace xshathra::capture
