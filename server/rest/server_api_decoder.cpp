#include "server/rest/server_api_decoder.h"

#include "server/base/ascii.h"
#include "server/protocol/json.h"
#include "server/rest/server_api_readers.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace xshathra::rest {

namespace {

namespace command = services::command;
using protocol::ErrorCode;
using simdjson::ondemand::json_type;

Unexpected<Malformed> malformed(std::string reason) { return Unexpected<Malformed>(Malformed{std::move(reason)}); }

/// Reads an object, or `null` as one without members, by `read(JsonField)`.
template <typename Read>
auto readObject(std::string_view json, Read read) -> decltype(read(std::declval<JsonField>())) {
    if (!protocol::isValidJson(json))
        return malformed("The body is not valid JSON.");
    const simdjson::padded_string padded(protocol::trimmedJson(json) == "null" ? std::string_view("{}") : json);
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    simdjson::ondemand::value value;
    json_type type{};
    if (parser.iterate(padded).get(document) || document.type().get(type) || type != json_type::object ||
        document.get_value().get(value))
        return malformed("The body has to be a JSON object.");
    return read(JsonField({}, value));
}

std::optional<ApiMethod> methodNamed(std::string_view name) {
    const auto found = std::find_if(kApiMethods.begin(), kApiMethods.end(),
                                    [name](const auto& one) { return equalsIgnoringCase(one.name, name); });
    return found == kApiMethods.end() ? std::nullopt : std::optional(found->method);
}

Expected<DecodedBatch::Entry, Malformed> readEntry(JsonField field) {
    DecodedBatch::Entry entry{ApiMethod::Publish, Unexpected<ErrorCode>(ErrorCode::MethodNotFound)};
    if (field.isNull()) {
        entry.command = Unexpected<ErrorCode>(ErrorCode::BadRequest);
        return entry;
    }
    std::optional<ApiMethod> chosen;
    std::optional<Malformed> fault;
    const bool read = field.object([&](JsonField member) {
        const auto method = methodNamed(member.name());
        if (!method || member.isNull())
            return true;
        auto decoded = readMethod(*method, member);
        if (!decoded) {
            fault = std::move(decoded).error();
            return false;
        }
        if (!chosen || *method <= *chosen) {
            chosen = entry.method = *method;
            entry.command = std::move(*decoded);
        }
        return true;
    });
    if (!read)
        return Unexpected<Malformed>(fault.value_or(Malformed{"A command of a batch has to be a JSON object."}));
    return entry;
}

/// `method` of the command form.
struct FormMethod {
    bool wellFormed = true;
    /// False for numbers without a method and for the names of methods that only PRO has.
    bool known = true;
    ApiMethod method = ApiMethod::Publish;
};

/// A name in quotes, or a number.
FormMethod readFormMethod(std::string_view raw) {
    if (raw.size() > 2 && raw.front() == '"') {
        const auto name = raw.substr(1, raw.size() - 2);
        if (const auto method = methodNamed(name))
            return {true, true, *method};
        const bool foreign = std::any_of(kForeignApiMethods.begin(), kForeignApiMethods.end(),
                                         [name](std::string_view one) { return equalsIgnoringCase(one, name); });
        return {foreign, false};
    }
    std::int64_t number = 0;
    const auto end = raw.data() + raw.size();
    if (const auto result = std::from_chars(raw.data(), end, number); result.ec != std::errc() || result.ptr != end)
        return {false};
    for (const auto& one : kApiMethods) {
        if (one.number == number)
            return {true, true, one.method};
    }
    return {true, false};
}

DecodedCommand formCommand(const FormMethod& form, std::string_view parameters) {
    if (!form.known)
        return Unexpected<ErrorCode>(ErrorCode::MethodNotFound);
    // Centrifugo doesn't look at the parameters of info.
    if (form.method == ApiMethod::Info)
        return command::Command(command::Info());
    auto decoded = decodeCommand(form.method, parameters);
    return decoded ? std::move(*decoded) : DecodedCommand(Unexpected<ErrorCode>(ErrorCode::BadRequest));
}

Expected<DecodedFormCommand, Malformed> readFormCommand(JsonField field) {
    std::uint32_t id = 0;
    FormMethod method;
    SharedBytes parameters;
    std::string wrong;
    const bool read = field.object([&](JsonField member) {
        wrong.assign(member.name());
        if (member.is("id"))
            return member.integer(id);
        if (member.is("params"))
            return member.raw(parameters);
        if (!member.is("method"))
            return true;
        SharedBytes raw;
        if (!member.raw(raw))
            return false;
        method = readFormMethod(raw.view());
        return method.wellFormed;
    });
    if (!read)
        return malformed("The field " + wrong + " of a command has a value that it doesn't take.");
    return DecodedFormCommand{id, formCommand(method, parameters.view())};
}

}  // namespace

Expected<DecodedCommand, Malformed> decodeCommand(ApiMethod method, std::string_view body) {
    return readObject(body, [method](JsonField field) { return readMethod(method, field); });
}

Expected<DecodedBatch, Malformed> decodeBatch(std::string_view body) {
    return readObject(body, [](JsonField field) -> Expected<DecodedBatch, Malformed> {
        DecodedBatch batch;
        std::optional<Malformed> fault;
        const bool read = field.object([&](JsonField member) {
            bool parallel = false;
            if (member.is("parallel"))
                return member.flag(parallel);
            if (!member.is("commands"))
                return true;
            batch.entries.clear();
            return member.elements([&](JsonField element) {
                auto entry = readEntry(element);
                if (!entry) {
                    fault = std::move(entry).error();
                    return false;
                }
                batch.entries.push_back(std::move(*entry));
                return true;
            });
        });
        if (!read)
            return Unexpected<Malformed>(
                fault.value_or(Malformed{"A batch has \"commands\", a list, and \"parallel\", true or false."}));
        return batch;
    });
}

Expected<std::vector<DecodedFormCommand>, Malformed> decodeCommandForm(std::string_view body) {
    if (body.empty())
        return malformed("The body is empty.");
    std::vector<DecodedFormCommand> commands;
    const auto trimmed = protocol::trimmedJson(body);
    if (trimmed.empty())
        return commands;
    // A lone null is a command with nothing set; simdjson's streams are of objects and lists.
    if (trimmed == "null") {
        commands.push_back({0, formCommand({}, {})});
        return commands;
    }
    const simdjson::padded_string padded(body);
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document_stream documents;
    // The whole body as one batch, since a command may be as long as that.
    if (parser.iterate_many(padded, padded.size() + 1).get(documents))
        return malformed("The body is not valid JSON.");
    for (auto it = documents.begin(); it != documents.end(); ++it) {
        if (it.error())
            return malformed("The body is not valid JSON.");
        auto command = readObject(it.source(), readFormCommand);
        if (!command)
            return Unexpected<Malformed>(std::move(command).error());
        commands.push_back(std::move(*command));
    }
    if (documents.truncated_bytes() > 0)
        return malformed("The body ends within a command.");
    return commands;
}

}  // namespace xshathra::rest
