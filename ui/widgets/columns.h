#pragma once

class QHeaderView;

namespace xshathra::ui {

/// Gives the last column what the others leave of `room` pixels, and `least` at least. QHeaderView's own stretching of
/// its last section leaves it too wide when another one comes or grows.
void stretchLastColumn(QHeaderView& header, int room, int least);

}  // namespace xshathra::ui
