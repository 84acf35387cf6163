#pragma once

#include "ui/widgets/code_view.h"

#include <QSyntaxHighlighter>

namespace xshathra::ui {

/// Colours keywords, strings, numbers, comments and punctuation of a snippet, and nothing else.
class CodeHighlighter final : public QSyntaxHighlighter {
    Q_OBJECT
public:
    explicit CodeHighlighter(QTextDocument* document);
    void setLanguage(CodeView::Language language);

protected:
    void highlightBlock(const QString& text) override;

private:
    CodeView::Language language_ = CodeView::Language::Plain;
};

}  // namespace xshathra::ui
