#include "server/engine/publication_forms.h"

#include "server/engine/json_info.h"
#include "server/protocol/fossil_delta.h"
#include "server/protocol/json.h"
#include "server/protocol/reply_encoder.h"

#include <utility>

namespace xshathra::engine {

using protocol::Encoding;
using protocol::Publication;

namespace {

/// What patches and quoted publications keep of the original: they have neither epoch nor version, as with Centrifugo.
Publication derived(const StoredPublication& publication, SharedBytes data, bool delta) {
    Publication result;
    result.data = std::move(data);
    result.info = publication.info;
    result.offset = publication.offset;
    result.tags = publication.tags;
    result.delta = delta;
    result.channel = publication.channel;
    result.key = publication.key;
    result.removed = publication.removed;
    result.score = publication.score;
    return result;
}

Publication quoted(const StoredPublication& publication) {
    return derived(publication, protocol::quoteJson(publication.data.view()), false);
}

DeltaPatch patchOf(const StoredPublication& base, const StoredPublication& target) {
    DeltaPatch patch;
    patch.text = protocol::makeFossilDelta(base.data.view(), target.data.view());
    patch.pays = patch.text.size() < target.data.size();
    patch.isText = patch.pays && protocol::isUtf8(patch.text);
    return patch;
}

Publication patched(Encoding encoding, const StoredPublication& publication, const DeltaPatch& patch) {
    if (encoding == Encoding::Json)
        return patch.isText ? derived(publication, protocol::quoteJson(patch.text), true) : quoted(publication);
    return patch.pays ? derived(publication, SharedBytes::copyOf(patch.text), true)
                      : derived(publication, publication.data, false);
}

}  // namespace

PublicationForms::PublicationForms(std::string_view channel, PublicationPtr publication, PublicationPtr previous,
                                   protocol::Frame protobuf)
    : channel_(channel),
      publication_(std::move(publication)),
      previous_(std::move(previous)),
      protobufFull_(std::move(protobuf)) {}

bool PublicationForms::fitsJson() {
    std::call_once(fitsJsonOnce_, [this] { fitsJson_ = fitsJsonDelta(*publication_); });
    return fitsJson_;
}

const protocol::Frame& PublicationForms::full(Encoding encoding) {
    if (encoding == Encoding::Json) {
        std::call_once(jsonFullOnce_, [this] {
            jsonFull_ = protocol::encodePublicationPush(Encoding::Json, channel_, quoted(*publication_));
        });
        return jsonFull_;
    }
    std::call_once(protobufFullOnce_, [this] {
        if (protobufFull_.empty())
            protobufFull_ = protocol::encodePublicationPush(Encoding::Protobuf, channel_, *publication_);
    });
    return protobufFull_;
}

const DeltaPatch& PublicationForms::made() {
    std::call_once(patchOnce_, [this] { patch_ = patchOf(*previous_, *publication_); });
    return patch_;
}

const protocol::Frame& PublicationForms::patch(Encoding encoding) {
    if (!previous_)
        return full(encoding);
    const auto& text = made();
    if (encoding == Encoding::Json) {
        if (!text.isText)
            return full(encoding);
        std::call_once(jsonPatchOnce_, [&] {
            jsonPatch_ = protocol::encodePublicationPush(encoding, channel_, patched(encoding, *publication_, text));
        });
        return jsonPatch_;
    }
    std::call_once(protobufPatchOnce_, [&] {
        protobufPatch_ = protocol::encodePublicationPush(encoding, channel_, patched(encoding, *publication_, text));
    });
    return protobufPatch_;
}

bool fitsJsonDelta(const StoredPublication& publication) {
    if (!publication.notJson)
        return true;
    return protocol::isUtf8(publication.data.view()) && (!publication.info || isJson(*publication.info));
}

std::vector<Publication> deltaChain(Encoding encoding, const std::vector<PublicationPtr>& publications) {
    std::vector<Publication> chain;
    chain.reserve(publications.size());
    const StoredPublication* previous = nullptr;
    for (const auto& publication : publications) {
        if (previous != nullptr)
            chain.push_back(patched(encoding, *publication, patchOf(*previous, *publication)));
        else if (encoding == Encoding::Json)
            chain.push_back(quoted(*publication));
        else
            chain.push_back(*publication);
        previous = publication.get();
    }
    return chain;
}

}  // namespace xshathra::engine
