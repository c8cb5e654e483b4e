// The frame of every staff page: menu, colours, search, dialog, notes, requests.

import { startDialog } from "./dialog.js";
import { startFilters } from "./filters.js";
import { startMenu } from "./menu.js";
import { startRequests } from "./requests.js";
import { startSearch } from "./search.js";
import { startToasts } from "./toasts.js";

startToasts();
startRequests();
startDialog();
startFilters();
startMenu();
startSearch();
