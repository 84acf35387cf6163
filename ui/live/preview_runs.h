#pragma once

#include "ui/theme/token.h"

#include <QString>
#include <QVector>

namespace xshathra::ui {

/// A piece of a preview in one colour.
struct PreviewRun {
    qsizetype start = 0;
    qsizetype length = 0;
    Token token = Token::Text;

    friend bool operator==(const PreviewRun&, const PreviewRun&) = default;
};

/// Tells keys (Text2), punctuation (Text3) and values (Text) of a JSON text apart, in one pass, also when the text is
/// cut off or is not JSON at all. The runs cover the text without gaps.
QVector<PreviewRun> previewRuns(QStringView text);

}  // namespace xshathra::ui
