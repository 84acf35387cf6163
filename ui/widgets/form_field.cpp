#include "ui/widgets/form_field.h"

#include "ui/theme/metrics.h"
#include "ui/theme/type.h"
#include "ui/widgets/button.h"
#include "ui/widgets/icon_label.h"
#include "ui/widgets/label.h"

#include <QAccessible>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QStyle>
#include <QVBoxLayout>

namespace xshathra::ui {

InlineError::InlineError(const QString& objectName, QWidget* parent)
    : QWidget(parent),
      icon_(new IconLabel({}, Token::Err, metrics::kIconSmall)),
      text_(new Label({}, TextStyle::Small, Token::Err)),
      link_(new Button({}, objectName + QStringLiteral(".remedy"), nullptr, Button::Kind::Link, Button::Size::Tiny)) {
    setObjectName(objectName);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(metrics::kSpace6);
    text_->setWordWrap(true);
    row->addWidget(icon_, 0, Qt::AlignTop);
    row->addWidget(text_, 1, Qt::AlignTop);
    row->addWidget(link_, 0, Qt::AlignTop);
    link_->setAccessibleName(QStringLiteral("What to do about it"));
    link_->hide();
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    setMinimumHeight(scaledHeight(metrics::kControlTiny));
    connect(link_, &QPushButton::clicked, this, &InlineError::remedyRequested);
}

void InlineError::setError(const QString& sentence, const QString& remedy) {
    const bool news = !sentence.isEmpty() && sentence != text_->text();
    icon_->setIcon(sentence.isEmpty() ? QString() : QStringLiteral("error"), Token::Err);
    text_->setText(sentence);
    link_->setText(remedy);
    link_->setAccessibleName(remedy);
    link_->setVisible(!sentence.isEmpty() && !remedy.isEmpty());
    if (news) {
        QAccessibleEvent alert(text_, QAccessible::Alert);
        QAccessible::updateAccessibility(&alert);
    }
}

QString InlineError::error() const { return text_->text(); }

FormField::FormField(const QString& label, const QString& objectName, QWidget* parent)
    : QWidget(parent), edit_(new QLineEdit), error_(new InlineError(objectName + QStringLiteral(".error"))) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(metrics::kSpace4);
    auto* caption = new Label(label, TextStyle::Small, Token::Text2);
    caption->setBuddy(edit_);
    edit_->setObjectName(objectName);
    edit_->setAccessibleName(label);
    edit_->setMinimumHeight(scaledHeight(metrics::kControl));
    column->addWidget(caption);
    column->addWidget(edit_);
    column->addWidget(error_);
}

void FormField::setError(const QString& sentence, const QString& remedy) {
    error_->setError(sentence, remedy);
    edit_->setAccessibleDescription(sentence);
    setFieldError(edit_, !sentence.isEmpty());
}

void setFieldError(QLineEdit* edit, bool bad) {
    if (edit->property("bad").toBool() == bad)
        return;
    edit->setProperty("bad", bad);
    edit->style()->unpolish(edit);
    edit->style()->polish(edit);
}

}  // namespace xshathra::ui
