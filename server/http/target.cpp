#include "server/http/target.h"
