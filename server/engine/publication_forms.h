#pragma once

#include "server/engine/history_stream.h"
#include "server/protocol/encoding.h"
#include "server/protocol/frame.h"
#include "server/protocol/messages.h"

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace xshathra::engine {

/// A patch between two payloads.
struct DeltaPatch {
    std::string text;
    /// Shorter than the payload it makes.
    bool pays = false;
    /// It pays and is UTF-8. A patch can cut a character in two, and then no JSON string could hold it.
    bool isText = false;
};

/// The forms of one publication that only subscribers with delta compression take (protocol section 11). Each is made
/// when the first subscriber needs it, on that subscriber's loop, and then shared by all of them. Thread-safe.
class PublicationForms {
public:
    /// `previous` is what a patch starts from; null: there is no patch. `protobuf` is the plain Protobuf form, or empty
    /// when nobody else needed it.
    PublicationForms(std::string_view channel, PublicationPtr publication, PublicationPtr previous,
                     protocol::Frame protobuf);

    /// For the filters of subscribers.
    const std::map<std::string, std::string>& tags() const { return publication_->tags; }
    /// Whether the publication can be put into JSON messages of this kind: any text can, since it becomes a string.
    bool fitsJson();
    /// Without a patch: for who has no base.
    const protocol::Frame& full(protocol::Encoding encoding);
    /// The patch, or the whole data where the patch isn't shorter; the same as full() where there is no previous one.
    const protocol::Frame& patch(protocol::Encoding encoding);

private:
    const DeltaPatch& made();

    const std::string channel_;
    const PublicationPtr publication_;
    const PublicationPtr previous_;
    std::once_flag patchOnce_;
    DeltaPatch patch_;
    std::once_flag fitsJsonOnce_;
    bool fitsJson_ = false;
    std::once_flag jsonFullOnce_;
    protocol::Frame jsonFull_;
    std::once_flag jsonPatchOnce_;
    protocol::Frame jsonPatch_;
    std::once_flag protobufFullOnce_;
    protocol::Frame protobufFull_;
    std::once_flag protobufPatchOnce_;
    protocol::Frame protobufPatch_;
};

/// Whether `publication` can be given to a JSON subscriber with delta compression.
bool fitsJsonDelta(const StoredPublication& publication);

/// Missed publications as a subscriber with delta compression gets them: the first whole, each next one as a patch
/// against the one before it.
std::vector<protocol::Publication> deltaChain(protocol::Encoding encoding,
                                              const std::vector<PublicationPtr>& publications);

}  // namespace xshathra::engine
