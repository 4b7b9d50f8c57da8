// Signed in, the server writes the theme into <html data-theme>. For visitors and for pages that nginx
// serves by itself it stands in a cookie; this small script is loaded before the style sheet so that
// no page flashes in the wrong theme.
const root = document.documentElement;

if (!root.dataset.theme) {
  const match = document.cookie.match(/(?:^|; )theme=(light|dark|system)/);
  if (match) root.dataset.theme = match[1];
}
