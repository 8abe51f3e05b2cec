// app.js -- the behaviour of every signed-in page. Each page works without it; this makes it quick.
import './js/htmx.js';
import './js/menus.js';
import './js/palette.js';
import './js/keys.js';
import './js/lists.js';
import './js/forms.js';
import './js/combo.js';
import './js/grid.js';
import './js/records.js';
import './js/files.js';
import './js/mentions.js';
import './js/notices.js';
import './js/live.js';
import './js/prefetch.js';
import './js/snippets.js';
