#include "server/engine/shared_poll.h"
#include "server/protocol/fossil_delta.h"
#include "server/protocol/json.h"
#include "server/protocol/reply_encoder.h"

namespace xshathra::engine {

using protocol::Encoding;

const protocol::Frame* PollFrames::full(Encoding encoding, bool delta) {
    const auto& publication = update_.publication;
    if (encoding == Encoding::Protobuf) {
        if (protobuf_.empty())
            protobuf_ = protocol::encodePublicationPush(encoding, update_.channel, publication);
        return &protobuf_;
    }
    if (delta && protocol::isUtf8(publication.data.view())) {
        if (quoted_.empty()) {
            protocol::Publication quoted;
            quoted.key = publication.key;
            quoted.version = publication.version;
            quoted.data = protocol::quoteJson(publication.data.view());
            quoted_ = protocol::encodePublicationPush(encoding, update_.channel, quoted);
        }
        return &quoted_;
    }
    if (!isJson_)
        isJson_ = publication.data.empty() || protocol::isValidJson(publication.data.view());
    if (!*isJson_ || delta)
        return nullptr;
    if (json_.empty())
        json_ = protocol::encodePublicationPush(encoding, update_.channel, publication);
    return &json_;
}

const protocol::Frame* PollFrames::patch(Encoding encoding) {
    const auto& publication = update_.publication;
    if (!update_.previous)
        return nullptr;
    if (!patch_)
        patch_ = protocol::makeFossilDelta(update_.previous->view(), publication.data.view());
    const bool json = encoding == Encoding::Json;
    if (patch_->size() >= publication.data.size() || (json && !protocol::isUtf8(*patch_)))
        return nullptr;
    auto& frame = json ? jsonPatch_ : protobufPatch_;
    if (frame.empty()) {
        protocol::Publication patched;
        patched.key = publication.key;
        patched.version = publication.version;
        patched.delta = true;
        patched.data = json ? protocol::quoteJson(*patch_) : SharedBytes::copyOf(*patch_);
        frame = protocol::encodePublicationPush(encoding, update_.channel, patched);
    }
    return &frame;
}

}  // namespace xshathra::engine
