#pragma once

#include "server/protocol/messages.h"

#include <string_view>
#include <vector>

/// Every message of the protocol with each of its fields, beside the exact bytes of both encodings.
namespace golden {

template <typename Message>
struct Row {
    const char* name;
    Message message;
    std::string_view json;
    /// The Protobuf frame with its length prefix, in hexadecimal digits. Made apart from this code, from the
    /// reference's field numbers.
    std::string_view protobuf;
};

const std::vector<Row<xshathra::protocol::Command>>& commands();
const std::vector<Row<xshathra::protocol::Reply>>& replies();

}  // namespace golden
