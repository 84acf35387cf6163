#pragma once

#include <QPlainTextEdit>

namespace xshathra::ui {

/// Read-only source text with line numbers and a few syntax colours. Always plain text. Follows the theme.
class CodeView : public QPlainTextEdit {
    Q_OBJECT
public:
    /// Which words and quotes are coloured.
    enum class Language { Plain, JavaScript, Shell, Json, Env };

    CodeView(const QString& objectName, const QString& accessibleName, QWidget* parent = nullptr);

    /// Replaces the text.
    void setCode(const QString& code, Language language);
    /// Height that shows every line without scrolling.
    int contentHeight() const;
    /// No border and no fill of its own, for use inside a card.
    void setEmbedded(bool on);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    friend class CodeGutter;
    int gutterWidth() const;
    void paintGutter(QPaintEvent* event);
    void applyLook();

    QWidget* gutter_;
    class CodeHighlighter* highlighter_;
    bool applying_ = false;
};

}  // namespace xshathra::ui
