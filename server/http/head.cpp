#include "server/http/head.h"
