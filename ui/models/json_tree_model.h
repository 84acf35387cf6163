#pragma once

#include "server/base/shared_bytes.h"

#include <QAbstractItemModel>
#include <QString>

#include <memory>
#include <string_view>

namespace xshathra::models {

/// A JSON text as a tree of keys and values, with what changed since an earlier text. Keys keep their order, numbers
/// and strings their spelling, duplicate keys stay. Only what is looked at is parsed: the children of an object when it
/// is opened or its summary is shown. Untrusted input: texts are escaped by displayText(). GUI thread.
class JsonTreeModel final : public QAbstractItemModel {
    Q_OBJECT

public:
    enum Column { Key, Value, Type, Change, ColumnCount };
    enum Role {
        /// A NodeType as int.
        NodeTypeRole = Qt::UserRole + 1,
        /// A ChangeType as int.
        ChangeRole,
        /// The value's own JSON text, whole (QString).
        RawRole,
        /// The way from the root, as in `push.pub.data.pos[0]` (QString).
        PathRole,
    };
    enum class NodeType { Object, Array, String, Number, Bool, Null, More, Malformed };
    enum class ChangeType {
        /// Equal, or nothing to compare with.
        None,
        /// A whole number that went up by one: shown, but not worth a tint.
        Counter,
        Changed,
        New,
        Removed,
    };

    /// Children shown of one object or array; what is above is told in a last row.
    static constexpr int kMaxChildren = 5000;
    /// Longest text made for a value.
    static constexpr int kMaxValueChars = 512;

    explicit JsonTreeModel(QObject* parent = nullptr);
    ~JsonTreeModel() override;

    /// Shows `json`. With `previous` the Change column is filled; `previousName` (for example "#48108") goes into its
    /// header. Returns false when the text is not JSON: the tree is empty then, and error() says why.
    bool setJson(const SharedBytes& json, const SharedBytes& previous = {}, const QString& previousName = {});
    void clear();
    /// A sentence, or empty.
    QString error() const { return error_; }

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& child) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    bool hasChildren(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Node;
    struct Parser;

    Node* nodeOf(const QModelIndex& index) const;
    void load(Node& node) const;
    QString valueText(Node& node) const;
    QString changeText(const Node& node) const;
    static ChangeType changeOf(const Node& node);

    std::unique_ptr<Parser> parser_;
    std::unique_ptr<Node> root_;
    QString previousName_;
    QString error_;
};

}  // namespace xshathra::models
