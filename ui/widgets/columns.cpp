#include "ui/widgets/columns.h"

#include <QHeaderView>

#include <algorithm>

namespace xshathra::ui {

void stretchLastColumn(QHeaderView& header, int room, int least) {
    const int last = header.count() - 1;
    for (int column = 0; column < last; ++column)
        room -= header.sectionSize(column);
    header.resizeSection(last, std::max(room, least));
}

}  // namespace xshathra::ui
