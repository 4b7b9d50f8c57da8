// A mail or a push leads to a page with ?n=<notification>. Once somebody looks at that page, the portal is told
// that the notification was read. A page that is only fetched ahead, or in a tab that nobody has opened, tells nothing.
import { csrfToken } from './csrf.js';

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One less at the bell, until the next page (or a live change) counts anew. */
function countDown() {
  for (const count of document.querySelectorAll('.bell-count')) {
    const unread = Number(count.textContent) - 1; // NaN for "99+", which stays
    if (unread > 0) count.textContent = String(unread);
    else if (unread === 0) count.remove();
  }
}

async function tellRead(id) {
  const body = new URLSearchParams({ csrf: csrfToken() });
  const headers = { Accept: 'application/json' };
  const answer = await fetch(`/notifications/${id}/read`, { method: 'POST', body, headers, keepalive: true });
  if (answer.ok) countDown();
}

/** Resolves when the page is in sight. */
function seen() {
  if (!document.prerendering && document.visibilityState === 'visible') return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (document.prerendering || document.visibilityState !== 'visible') return;
      document.removeEventListener('visibilitychange', look);
      document.removeEventListener('prerenderingchange', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    document.addEventListener('prerenderingchange', look);
  });
}

export async function enableNotifications() {
  const here = new URL(location.href);
  const id = here.searchParams.get('n');
  if (!id || !ID.test(id) || !csrfToken()) return;
  here.searchParams.delete('n');
  history.replaceState(history.state, '', here);
  await seen();
  await tellRead(id);
}
