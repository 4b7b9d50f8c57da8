// Everything here is a convenience: each page works without it.
import htmx from 'htmx.org';
import { enableCards } from './cards.js';
import { enableCopyButtons } from './copy.js';
import { enableDrafts } from './drafts.js';
import { enableForms } from './forms.js';
import { enableLists } from './lists.js';
import { enableLive } from './live.js';
import { enableMenus } from './menus.js';
import { enableMoves } from './moves.js';
import { enableNotices } from './notices.js';
import { enableNotifications } from './notifications.js';
import { enableOverlap } from './overlap.js';
import { enablePending } from './pending.js';
import { enablePosition } from './position.js';
import { enablePush } from './push.js';
import { enableRecorder } from './recorder.js';
import { enableSearch } from './search.js';
import { enableShortcuts } from './shortcuts.js';
import { enableThemeSwitch } from './theme-switch.js';
import { enableTicks } from './ticks.js';

window.htmx = htmx;

enableMenus();
enableThemeSwitch();
enableTicks();
enableNotices();
enableMoves();
enableDrafts(); // before forms, which ask whether what was typed may be lost
enableForms();
enableLists();
enableCopyButtons();
enableSearch();
enableShortcuts();
enableLive();
enableNotifications();
enablePush();
enableOverlap();
enableCards();
enablePending();
enablePosition();
enableRecorder();

// Tells tests that the page is ready to be used.
document.documentElement.dataset.ready = 'true';
