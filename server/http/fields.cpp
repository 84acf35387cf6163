#include "server/http/fields.h"
