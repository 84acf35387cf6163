#include "ui/theme/token.h"

#include "ui/theme/token_table.h"

namespace xshathra::ui {

QString tokenName(Token token) { return QString::fromLatin1(kTokenTable[static_cast<std::size_t>(token)].name); }

}  // namespace xshathra::ui
