#include "ui/models/json_tree_model.h"

#include "ui/models/display_text.h"

#include <simdjson.h>

#include <charconv>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace xshathra::models {

namespace {

namespace ondemand = simdjson::ondemand;

constexpr qsizetype kShortSummary = 30;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\n\r";
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

JsonTreeModel::NodeType typeOf(std::string_view raw) {
    using NodeType = JsonTreeModel::NodeType;
    switch (raw.empty() ? '\0' : raw.front()) {
        case '{': return NodeType::Object;
        case '[': return NodeType::Array;
        case '"': return NodeType::String;
        case 't':
        case 'f': return NodeType::Bool;
        case 'n': return NodeType::Null;
        case '\0': return NodeType::Malformed;
        default: return NodeType::Number;
    }
}

bool isContainer(JsonTreeModel::NodeType type) {
    return type == JsonTreeModel::NodeType::Object || type == JsonTreeModel::NodeType::Array;
}

std::optional<std::int64_t> wholeNumber(std::string_view raw) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
    return error == std::errc() && end == raw.data() + raw.size() ? std::optional(value) : std::nullopt;
}

std::optional<double> number(std::string_view raw) {
    double value = 0;
    const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
    return error == std::errc() && end == raw.data() + raw.size() ? std::optional(value) : std::nullopt;
}

QString signedNumber(const QString& digits, bool negative) {
    return (negative ? QString(QChar(0x2212)) : QStringLiteral("+")) + digits;
}

}  // namespace

struct JsonTreeModel::Node {
    Node* parent = nullptr;
    int row = 0;
    /// Unescaped; empty for the elements of an array.
    std::string key;
    std::string_view raw;
    /// The counterpart in the previous text.
    std::optional<std::string_view> previous;
    NodeType type = NodeType::Null;
    bool compared = false;
    bool removed = false;
    bool loaded = false;
    /// Children there are, also those beyond kMaxChildren.
    std::size_t count = 0;
    std::vector<std::unique_ptr<Node>> children;
};

struct JsonTreeModel::Parser {
    struct Child {
        std::string key;
        std::string_view raw;
    };

    simdjson::padded_string current;
    simdjson::padded_string before;
    ondemand::parser parser;

    /// Calls `visit(Child)` for each child of the object or array `raw`, which lies in one of the padded texts.
    template <typename Visit>
    simdjson::error_code forEachChild(std::string_view raw, Visit&& visit) {
        // What follows `raw` is the rest of the padded text: readable, at least the padding.
        const simdjson::padded_string_view text(raw.data(), raw.size(), raw.size() + simdjson::SIMDJSON_PADDING);
        ondemand::document document;
        if (const auto error = parser.iterate(text).get(document)) {
            return error;
        }
        if (raw.front() == '{') {
            ondemand::object object;
            if (const auto error = document.get_object().get(object)) {
                return error;
            }
            for (auto fieldResult : object) {
                ondemand::field field;
                if (const auto error = std::move(fieldResult).get(field)) {
                    return error;
                }
                std::string_view key;
                if (const auto error = field.unescaped_key().get(key)) {
                    return error;
                }
                Child child{std::string(key), {}};
                std::string_view value;
                if (const auto error = simdjson::to_json_string(field.value()).get(value)) {
                    return error;
                }
                child.raw = trimmed(value);
                visit(std::move(child));
            }
            return simdjson::SUCCESS;
        }
        ondemand::array array;
        if (const auto error = document.get_array().get(array)) {
            return error;
        }
        for (auto elementResult : array) {
            ondemand::value element;
            if (const auto error = std::move(elementResult).get(element)) {
                return error;
            }
            std::string_view value;
            if (const auto error = simdjson::to_json_string(element).get(value)) {
                return error;
            }
            visit(Child{{}, trimmed(value)});
        }
        return simdjson::SUCCESS;
    }
};

JsonTreeModel::JsonTreeModel(QObject* parent) : QAbstractItemModel(parent), parser_(std::make_unique<Parser>()) {}

JsonTreeModel::~JsonTreeModel() = default;

void JsonTreeModel::clear() {
    beginResetModel();
    root_.reset();
    error_.clear();
    previousName_.clear();
    endResetModel();
}

bool JsonTreeModel::setJson(const SharedBytes& json, const SharedBytes& previous, const QString& previousName) {
    beginResetModel();
    root_.reset();
    error_.clear();
    previousName_ = previousName;
    parser_->current = simdjson::padded_string(json.view());
    parser_->before = simdjson::padded_string(previous.view());
    const std::string_view text = trimmed(parser_->current);
    const std::string_view before = trimmed(parser_->before);
    if (text.empty()) {
        error_ = tr("The message has no content.");
    } else {
        root_ = std::make_unique<Node>();
        root_->raw = text;
        root_->type = typeOf(text);
        root_->compared = !before.empty();
        if (root_->compared) {
            root_->previous = before;
        }
        if (isContainer(root_->type)) {
            load(*root_);
            if (!root_->children.empty() && root_->children.back()->type == NodeType::Malformed) {
                error_ = tr("Not JSON: %1").arg(QString::fromStdString(root_->children.back()->key));
            }
        } else {
            // A single value: the one row of the tree, if it is one.
            ondemand::document document;
            std::string_view token;
            const auto failed = parser_->parser.iterate(parser_->current).get(document);
            if (failed != simdjson::SUCCESS || document.is_scalar().error() != simdjson::SUCCESS ||
                simdjson::to_json_string(document).get(token) != simdjson::SUCCESS || trimmed(token) != text ||
                (root_->type == NodeType::Number && !number(text))) {
                error_ = tr("Not JSON");
            } else {
                auto only = std::make_unique<Node>();
                only->parent = root_.get();
                only->raw = text;
                only->type = root_->type;
                only->compared = root_->compared;
                only->previous = root_->previous;
                root_->children.push_back(std::move(only));
                root_->count = 1;
                root_->loaded = true;
            }
        }
        if (!error_.isEmpty()) {
            root_.reset();
        }
    }
    endResetModel();
    return error_.isEmpty();
}

void JsonTreeModel::load(Node& node) const {
    if (node.loaded) {
        return;
    }
    node.loaded = true;
    if (!isContainer(node.type)) {
        return;
    }
    // The earlier children by key, each taken once, so that duplicate keys pair up in order.
    std::unordered_multimap<std::string, std::string_view> earlier;
    std::vector<Parser::Child> earlierInOrder;
    const bool comparable = node.previous && !node.previous->empty() && typeOf(*node.previous) == node.type;
    if (comparable) {
        std::size_t at = 0;
        const auto error = parser_->forEachChild(*node.previous, [&](Parser::Child child) {
            if (node.type == NodeType::Array) {
                child.key = std::to_string(at++);
            }
            earlierInOrder.push_back(std::move(child));
        });
        if (error != simdjson::SUCCESS) {
            earlierInOrder.clear();
        }
        for (auto child = earlierInOrder.rbegin(); child != earlierInOrder.rend(); ++child) {
            earlier.emplace(child->key, child->raw);
        }
    }

    const auto add = [&node](std::string key, std::string_view raw, NodeType type) -> Node& {
        auto child = std::make_unique<Node>();
        child->parent = &node;
        child->row = static_cast<int>(node.children.size());
        child->key = std::move(key);
        child->raw = raw;
        child->type = type;
        child->compared = node.compared;
        node.children.push_back(std::move(child));
        return *node.children.back();
    };

    const auto error = parser_->forEachChild(node.raw, [&](Parser::Child child) {
        const std::size_t at = node.count++;
        const std::string key = node.type == NodeType::Array ? std::to_string(at) : child.key;
        const auto before = earlier.find(key);
        if (at < kMaxChildren) {
            Node& added = add(std::move(child.key), child.raw, typeOf(child.raw));
            added.compared = node.compared && comparable;
            if (before != earlier.end()) {
                added.previous = before->second;
            }
        }
        if (before != earlier.end()) {
            earlier.erase(before);
        }
    });
    if (error != simdjson::SUCCESS) {
        add(simdjson::error_message(error), {}, NodeType::Malformed).compared = false;
        return;
    }
    if (node.count > kMaxChildren) {
        add(tr("%1 more").arg(grouped(node.count - kMaxChildren)).toStdString(), {}, NodeType::More).compared = false;
        return;
    }
    for (const Parser::Child& child : earlierInOrder) {
        const auto left = earlier.find(child.key);
        if (left != earlier.end()) {
            Node& gone = add(child.key, child.raw, typeOf(child.raw));
            gone.removed = true;
            gone.previous = child.raw;
            gone.loaded = true;
            earlier.erase(left);
        }
    }
}

JsonTreeModel::Node* JsonTreeModel::nodeOf(const QModelIndex& index) const {
    return index.isValid() ? static_cast<Node*>(index.internalPointer()) : root_.get();
}

QModelIndex JsonTreeModel::index(int row, int column, const QModelIndex& parent) const {
    if (row < 0 || column < 0 || column >= ColumnCount || row >= rowCount(parent)) {
        return {};
    }
    return createIndex(row, column, nodeOf(parent)->children[static_cast<std::size_t>(row)].get());
}

QModelIndex JsonTreeModel::parent(const QModelIndex& child) const {
    if (!child.isValid()) {
        return {};
    }
    Node* parent = static_cast<Node*>(child.internalPointer())->parent;
    return parent == nullptr || parent == root_.get() ? QModelIndex() : createIndex(parent->row, 0, parent);
}

int JsonTreeModel::rowCount(const QModelIndex& parent) const {
    Node* node = nodeOf(parent);
    if (node == nullptr || parent.column() > 0) {
        return 0;
    }
    load(*node);
    return static_cast<int>(node->children.size());
}

int JsonTreeModel::columnCount(const QModelIndex&) const { return ColumnCount; }

bool JsonTreeModel::hasChildren(const QModelIndex& parent) const {
    const Node* node = nodeOf(parent);
    if (node == nullptr || parent.column() > 0) {
        return false;
    }
    if (node->loaded) {
        return !node->children.empty();
    }
    if (!isContainer(node->type)) {
        return false;
    }
    const std::string_view inside = trimmed(node->raw.substr(1));
    return !inside.empty() && inside.front() != '}' && inside.front() != ']';
}

JsonTreeModel::ChangeType JsonTreeModel::changeOf(const Node& node) {
    if (node.removed) {
        return ChangeType::Removed;
    }
    if (!node.compared) {
        return ChangeType::None;
    }
    if (!node.previous) {
        return ChangeType::New;
    }
    const NodeType before = typeOf(*node.previous);
    if (*node.previous == node.raw || (isContainer(node.type) && before == node.type)) {
        return ChangeType::None;
    }
    if (node.type == NodeType::Number && before == NodeType::Number) {
        const auto now = wholeNumber(node.raw);
        const auto then = wholeNumber(*node.previous);
        if (now && then && *then < *now && *now - 1 == *then) {
            return ChangeType::Counter;
        }
    }
    return ChangeType::Changed;
}

QString JsonTreeModel::changeText(const Node& node) const {
    switch (changeOf(node)) {
        case ChangeType::None: return {};
        case ChangeType::New: return tr("new");
        case ChangeType::Removed: return tr("removed");
        case ChangeType::Counter:
        case ChangeType::Changed: break;
    }
    const QString was = tr("was %1").arg(displayText(*node.previous, 60));
    const auto now = wholeNumber(node.raw);
    const auto then = wholeNumber(*node.previous);
    std::int64_t difference = 0;
    if (now && then && !__builtin_sub_overflow(*now, *then, &difference) && difference != INT64_MIN) {
        return signedNumber(QString::number(std::abs(difference)), difference < 0) + QStringLiteral("  ") + was;
    }
    const auto nowReal = number(node.raw);
    const auto thenReal = number(*node.previous);
    if (nowReal && thenReal) {
        const double step = *nowReal - *thenReal;
        return signedNumber(QString::number(std::abs(step), 'g', 6), step < 0) + QStringLiteral("  ") + was;
    }
    return was;
}

QString JsonTreeModel::valueText(Node& node) const {
    if (node.type == NodeType::Malformed || node.type == NodeType::More) {
        return {};
    }
    if (!isContainer(node.type)) {
        return displayText(node.raw, kMaxValueChars);
    }
    const bool object = node.type == NodeType::Object;
    const QString open = object ? QStringLiteral("{ ") : QStringLiteral("[ ");
    const QString close = object ? QStringLiteral(" }") : QStringLiteral(" ]");
    if (node.removed) {
        return open + QChar(0x2026) + close;
    }
    load(node);
    if (node.count == 0) {
        return object ? QStringLiteral("{ }") : QStringLiteral("[ ]");
    }
    // A short one is told in full, a long one by its count.
    QString inside;
    for (const auto& child : node.children) {
        if (child->removed) {
            continue;
        }
        if (isContainer(child->type) || child->type == NodeType::Malformed || inside.size() > kShortSummary ||
            child->raw.size() > static_cast<std::size_t>(kShortSummary)) {
            return open + QString::number(node.count) + close;
        }
        if (!inside.isEmpty()) {
            inside += QStringLiteral(", ");
        }
        if (object) {
            inside += QLatin1Char('"') + displayText(child->key, kShortSummary) + QStringLiteral("\": ");
        }
        inside += displayText(child->raw, kShortSummary);
    }
    // An object told in full must have one field only: more are easier to read in their rows.
    if (inside.size() > kShortSummary || (object && node.count > 1)) {
        return open + QString::number(node.count) + close;
    }
    return open + inside + close;
}

QVariant JsonTreeModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) {
        return {};
    }
    Node& node = *static_cast<Node*>(index.internalPointer());
    if (role == NodeTypeRole) {
        return static_cast<int>(node.type);
    }
    if (role == ChangeRole) {
        return static_cast<int>(changeOf(node));
    }
    if (role == RawRole) {
        return QString::fromUtf8(node.raw.data(), static_cast<qsizetype>(node.raw.size()));
    }
    const bool element = node.parent != nullptr && node.parent->type == NodeType::Array;
    if (role == PathRole) {
        QString path;
        for (const Node* at = &node; at->parent != nullptr; at = at->parent) {
            if (at->parent->type == NodeType::Array) {
                path.prepend(QStringLiteral("[%1]").arg(at->row));
            } else {
                path.prepend(QLatin1Char('.') + displayText(at->key, kMaxValueChars));
            }
        }
        return path.startsWith(QLatin1Char('.')) ? path.mid(1) : path;
    }
    if (role == Qt::AccessibleTextRole) {
        return QStringLiteral("%1 %2 %3")
            .arg(this->index(node.row, Key, parent(index)).data().toString(), valueText(node), changeText(node))
            .trimmed();
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (index.column()) {
        case Key:
            if (element && node.type != NodeType::More && node.type != NodeType::Malformed) {
                return QString::number(node.row);
            }
            return node.key.empty() && node.parent == root_.get() && !isContainer(root_->type)
                       ? tr("value")
                       : displayText(node.key, kMaxValueChars);
        case Value: return valueText(node);
        case Type:
            switch (node.type) {
                case NodeType::Object: return tr("object");
                case NodeType::Array:
                    if (node.removed) {
                        return tr("array");
                    }
                    load(node);
                    return tr("array %1").arg(node.count);
                case NodeType::String: return tr("string");
                case NodeType::Number: return tr("number");
                case NodeType::Bool: return tr("bool");
                case NodeType::Null: return tr("null");
                case NodeType::More: return tr("not shown");
                case NodeType::Malformed: return tr("malformed");
            }
            return {};
        case Change: return changeText(node);
        default: return {};
    }
}

QVariant JsonTreeModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
        case Key: return tr("Key");
        case Value: return tr("Value");
        case Type: return tr("Type");
        case Change: return previousName_.isEmpty() ? tr("Change") : tr("Change since %1").arg(previousName_);
        default: return {};
    }
}

}  // namespace xshathra::models
