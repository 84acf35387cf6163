#include "ui/widgets/code_view.h"

#include "ui/theme/metrics.h"
#include "ui/theme/theme.h"
#include "ui/theme/type.h"
#include "ui/widgets/code_highlighter.h"

#include <QEvent>
#include <QPainter>
#include <QScrollBar>
#include <QStyle>
#include <QTextBlock>

namespace xshathra::ui {

/// The line numbers beside the text.
class CodeGutter final : public QWidget {
public:
    explicit CodeGutter(CodeView* view) : QWidget(view), view_(view) {}

protected:
    void paintEvent(QPaintEvent* event) override { view_->paintGutter(event); }

private:
    CodeView* view_;
};

CodeView::CodeView(const QString& objectName, const QString& accessibleName, QWidget* parent)
    : QPlainTextEdit(parent), gutter_(new CodeGutter(this)), highlighter_(new CodeHighlighter(document())) {
    setObjectName(objectName);
    setAccessibleName(accessibleName);
    setReadOnly(true);
    setLineWrapMode(QPlainTextEdit::NoWrap);
    // The keyboard can read and select too.
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setTabChangesFocus(true);
    document()->setDocumentMargin(metrics::kSpace8);
    applyLook();
    connect(&Theme::current(), &Theme::changed, this, &CodeView::applyLook);
    connect(this, &QPlainTextEdit::updateRequest, this, [this](const QRect& area, int dy) {
        if (dy != 0)
            gutter_->scroll(0, dy);
        else
            gutter_->update(0, area.y(), gutter_->width(), area.height());
    });
    connect(this, &QPlainTextEdit::blockCountChanged, this, [this] { setViewportMargins(gutterWidth(), 0, 0, 0); });
    setViewportMargins(gutterWidth(), 0, 0, 0);
}

void CodeView::setCode(const QString& code, Language language) {
    highlighter_->setLanguage(language);
    if (toPlainText() != code)
        setPlainText(code);
}

int CodeView::contentHeight() const {
    const auto lines = document()->blockCount();
    return lines * fontMetrics().lineSpacing() + 2 * static_cast<int>(document()->documentMargin()) + 2 * frameWidth() +
           metrics::kSpace4;
}

void CodeView::setEmbedded(bool on) {
    setProperty("bare", on);
    style()->unpolish(this);
    style()->polish(this);
}

void CodeView::applyLook() {
    if (applying_)
        return;
    applying_ = true;
    setFont(ui::font(TextStyle::Mono));
    highlighter_->rehighlight();
    gutter_->update();
    applying_ = false;
}

int CodeView::gutterWidth() const {
    int digits = 2;
    for (auto lines = blockCount(); lines >= 100; lines /= 10)
        ++digits;
    return metrics::kSpace12 + digits * fontMetrics().horizontalAdvance(QLatin1Char('0')) + metrics::kSpace6;
}

void CodeView::resizeEvent(QResizeEvent* event) {
    QPlainTextEdit::resizeEvent(event);
    const auto area = contentsRect();
    gutter_->setGeometry(area.left(), area.top(), gutterWidth(), area.height());
}

void CodeView::changeEvent(QEvent* event) {
    QPlainTextEdit::changeEvent(event);
    if (event->type() == QEvent::ApplicationFontChange)
        applyLook();
}

void CodeView::paintGutter(QPaintEvent* event) {
    QPainter painter(gutter_);
    painter.setFont(font());
    painter.setPen(Theme::current().c(Token::Text3));
    auto block = firstVisibleBlock();
    auto top = blockBoundingGeometry(block).translated(contentOffset()).top();
    while (block.isValid() && top <= event->rect().bottom()) {
        const auto height = blockBoundingRect(block).height();
        if (block.isVisible() && top + height >= event->rect().top())
            // Beside the block's first line: the last block is higher by the document's margin.
            painter.drawText(QRectF(0, top, gutter_->width() - metrics::kSpace6, fontMetrics().lineSpacing()),
                             Qt::AlignRight | Qt::AlignVCenter, QString::number(block.blockNumber() + 1));
        top += height;
        block = block.next();
    }
}

}  // namespace xshathra::ui
