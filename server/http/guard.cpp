#include "server/http/guard.h"
