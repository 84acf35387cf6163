#include "server/http/parser.h"
